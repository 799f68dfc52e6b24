//! Questions: answered with their source, or passed on to people.

use super::*;

#[test]
fn a_question_is_answered_with_the_passage_its_source_and_its_link() {
    let decision = decide(
        "How long does standard delivery take?",
        json!({}),
        &classification(Category::Informational),
    );
    let step = &decision.next_step;
    assert_eq!(step.action, "provide_information");
    assert_eq!(details(step)["answer"]["article_id"], "delivery-times");
    assert!(step.description.contains("3 to 5 business days"));
    assert_eq!(
        details(step)["answer"]["link"],
        "https://help.example.com/articles/delivery-times"
    );
    assert!(decision.records.is_empty() && !step.requires_human_review);
}

#[test]
fn a_question_that_no_article_answers_gets_contact_and_hours() {
    let decision = decide(
        "Who won the football match?",
        json!({}),
        &classification(Category::Informational),
    );
    assert_eq!(decision.next_step.action, "suggest_contact");
    assert!(decision.next_step.description.contains("Monday to Friday"));
    assert!(decision.records.is_empty());
}

#[test]
fn a_complaint_that_no_article_answers_goes_to_a_person() {
    let informational = classification(Category::Informational);
    let decision = decide("see you in court", json!({}), &informational);
    assert_eq!(decision.next_step.action, "escalate_to_human");
    assert_eq!(details(&decision.next_step)["reason"], "complaint");
    assert_eq!(decision.records.len(), 1);
    let asked = decide("how do I make a complaint", json!({}), &informational);
    assert_eq!(asked.next_step.action, "provide_information");
}

#[test]
fn an_answer_that_needs_a_second_look_gets_one() {
    let mut review = classification(Category::Informational);
    review.requires_human_review = true;
    let decision = decide("How long does standard delivery take?", json!({}), &review);
    assert_eq!(decision.next_step.action, "provide_information");
    assert!(decision.next_step.requires_human_review);
    assert_eq!(decision.records.len(), 1);
    assert_eq!(decision.next_step.reference.as_deref(), Some("TKT-1"));
    assert_eq!(decision.next_step.priority, decision.records[0].priority);
    assert_eq!(decision.next_step.priority, Priority::Medium);
}

/// Which workflow they come to is chance: the words are those of a question and of a complaint.
#[test]
fn a_leak_and_a_question_about_a_safety_report_go_to_a_person_whatever_they_are_taken_for() {
    let sure = classification(Category::Informational);
    let unsure = Classification {
        confidence: 0.3,
        ..sure.clone()
    };
    for (text, reason, priority) in [
        ("this is a hipaa violation", "data_leak", Priority::High),
        (
            "you mailed my HIV results to my neighbour",
            "data_leak",
            Priority::High,
        ),
        (
            "what happens with SAF-7Q2M9ZK4XWB1",
            "about_a_record",
            Priority::High,
        ),
        (
            "what happens with TKT-7Q2M9ZK4XWB1",
            "about_a_record",
            Priority::Medium,
        ),
    ] {
        for (classified, reason) in [(&sure, reason), (&unsure, "low_confidence")] {
            let decision = decide(text, json!({}), classified);
            let step = &decision.next_step;
            assert_eq!(step.action, "escalate_to_human", "{text}");
            assert_eq!(details(step)["reason"], reason, "{text}");
            let [record] = decision.records.as_slice() else {
                panic!("one ticket: {text}")
            };
            assert_eq!((step.priority, record.priority), (priority, priority), "{text}");
        }
    }
    // Where an article answers, it does.
    let asked = decide("How long does standard delivery take?", json!({}), &sure);
    assert!(asked.records.is_empty());
}

/// The agent is not told of a search that nobody made.
#[test]
fn a_hand_over_says_what_was_searched() {
    let mut review = classification(Category::Informational);
    review.requires_human_review = true;
    let tried = |text, looked_up: Option<&LookedUp>| {
        let decision = decide_after(text, looked_up, &review);
        let details = record_details(&decision.records[0]);
        details["hand_over"]["tried"][1].as_str().unwrap().to_owned()
    };
    let question = "How long does standard delivery take?";
    let searched = tried(question, None);
    assert!(
        searched.starts_with("searched the knowledge base: ") && !searched.ends_with(": 0 candidates"),
        "{searched}"
    );
    assert_eq!(
        tried(question, Some(&LookedUp::Unavailable)),
        "the help centre did not answer"
    );
    assert_eq!(
        tried("thank you so much", None),
        "nothing was searched for: a greeting or thanks"
    );
}

#[test]
fn a_request_beside_a_question_is_not_lost() {
    let informational = classification(Category::Informational);
    let decision = decide(
        "cancel my order 5551 and also what are your opening hours",
        json!({}),
        &informational,
    );
    let step = &decision.next_step;
    assert_eq!(step.action, "provide_information");
    assert!(
        step.description
            .ends_with("An agent reads what else you ask for and gets back to you.")
    );
    let [record] = decision.records.as_slice() else {
        panic!("one ticket")
    };
    assert_eq!(step.reference.as_deref(), Some(record.reference.as_str()));
    assert_eq!(
        (record.queue.as_str(), step.requires_human_review),
        ("agents", true)
    );
    let question = "can I cancel order 10093552 after it shipped?";
    let decision = decide(question, json!({}), &informational);
    assert!(decision.records.is_empty());
}
