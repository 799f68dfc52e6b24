//! Safety reports: due times, records, the request beside a report, and what an answer says and does not say.

use jiff::SignedDuration;

use super::*;
use crate::classify::Emergency;

#[test]
fn severity_sets_the_sla_from_receipt() {
    for (severity, due_at, priority, target) in [
        (
            Severity::Urgent,
            "2026-11-22T14:15:30Z",
            Priority::Urgent,
            "safety-on-call",
        ),
        (
            Severity::High,
            "2026-11-22T16:00:30Z",
            Priority::High,
            "safety-officer",
        ),
        (
            Severity::Standard,
            "2026-11-23T14:00:30Z",
            Priority::Medium,
            "safety-review",
        ),
    ] {
        let decision = decide("about my inhaler", json!({}), &safety(severity));
        let step = &decision.next_step;
        assert_eq!(step.action, "create_compliance_record");
        assert_eq!(step.due_at, Some(due_at.parse().unwrap()));
        assert_eq!((step.priority, step.requires_human_review), (priority, true));
        assert_eq!(decision.records[0].kind, RecordKind::Compliance);
        assert_eq!(decision.records[0].queue, target);
        assert_eq!(details(step)["severity"], severity.as_str());
    }
}

#[test]
fn a_safety_report_is_recorded_at_any_confidence() {
    for confidence in [0.0, 0.3, f32::NAN, 1.0] {
        let mut unsure = safety(Severity::Standard);
        unsure.confidence = confidence;
        let decision = decide("rash", json!({}), &unsure);
        assert_eq!(decision.next_step.action, "create_compliance_record");
        assert!(decision.next_step.requires_human_review);
    }
}

#[test]
fn the_same_words_have_the_same_severity_on_every_channel() {
    for text in [
        "i cant breathe since i took the amoxicillin",
        "the pills gave me hives",
        "is it ok with milk",
    ] {
        for given in Severity::ALL.iter().copied() {
            let found: Vec<_> = Channel::ALL
                .iter()
                .map(|channel| decide_at(text, json!({}), &safety(given), *channel).records[0].severity)
                .collect();
            assert!(
                found.windows(2).all(|pair| pair[0] == pair[1]),
                "{text}: {found:?}"
            );
        }
    }
}

#[test]
fn quoted_history_does_not_make_a_report_urgent() {
    let text =
        "Thanks, is the new bottle fine?\n\nOn Tue, 3 March 2026 at 10:12, Support wrote:\n> I can't breathe";
    let decision = decide_at(text, json!({}), &safety(Severity::Standard), Channel::Mail);
    assert_eq!(decision.records[0].severity, Some(Severity::Standard));
}

#[test]
fn a_forwarded_report_is_read_below_the_signature_of_who_forwards_it() {
    let text = "Please see below\n-- \nJo\n\n---------- Forwarded message ---------\nFrom: Jo\nmy husband can't breathe after taking the amoxicillin";
    let decision = decide_at(text, json!({}), &safety(Severity::Standard), Channel::Mail);
    assert_eq!(decision.records[0].severity, Some(Severity::Urgent));
}

#[test]
fn days_are_those_where_the_operator_is() {
    let mut config = WorkflowConfig::default();
    config.safety.day_zero_utc_offset_hours = -5;
    let workflows = workflows(&config);
    let decide = |classification: &Classification| {
        let text = "the rash began today, refund order 12345";
        let at = "2026-11-23T03:00:00Z";
        decide_with(
            &workflows,
            text,
            json!({}),
            classification,
            Channel::Chat,
            at,
            None,
        )
    };
    let record = record_details(&decide(&safety(Severity::High)).records[0]);
    assert_eq!(record["regulatory"]["day_zero"], "2026-11-22");
    assert_eq!(record["onset"]["date"], "2026-11-22");
    let request = details(&decide(&service(Intent::RequestRefund)).next_step);
    assert_eq!(request["entities"]["dates"][0]["date"], "2026-11-22");
}

#[test]
fn emergencies_are_listed_the_most_specific_first() {
    let report = Classification {
        emergency: Some(Emergency::Medical),
        ..safety(Severity::Urgent)
    };
    let decision = decide("I want to kill myself", json!({}), &report);
    let record = record_details(&decision.records[0]);
    assert_eq!(record["emergencies"], json!(["self_harm", "medical"]));
}

#[test]
fn a_reporter_is_a_consumer_where_the_patient_says_so() {
    for (text, qualification) in [
        ("the pills gave me hives", json!("consumer")),
        ("my daughter has hives after amoxicillin", json!("consumer")),
        ("I'm a nurse, and got hives", json!("other_health_professional")),
        ("one of my patients has hives", Value::Null),
        ("is it safe with milk", Value::Null),
    ] {
        let decision = decide(text, json!({}), &safety(Severity::High));
        let record = record_details(&decision.records[0]);
        assert_eq!(record["reporter"]["qualification"], qualification, "{text}");
    }
}

#[test]
fn a_refund_asked_for_beside_a_report_opens_a_ticket_too() {
    let mut report = safety(Severity::High);
    report.intent = Intent::RequestRefund;
    let decision = decide("the pills gave me hives, refund order 12345", json!({}), &report);
    assert_eq!(decision.records.len(), 2);
    assert_eq!(decision.records[1].kind, RecordKind::Ticket);
    assert_eq!(decision.records[1].intent, Some(Intent::RequestRefund));
    assert_eq!(
        details(&decision.next_step)["also_opened"][0]["reference"],
        "TKT-2"
    );
    assert!(decision.next_step.description.contains("TKT-2"));
    assert_eq!(
        decide("hives, refund me", json!({}), &safety(Severity::High))
            .records
            .len(),
        2,
        "without an order id too"
    );
}

#[test]
fn two_requests_beside_a_report_are_told_of_once_and_cancel_no_order_that_only_the_refund_names() {
    let mut report = safety(Severity::High);
    report.intent = Intent::RequestRefund;
    let text = "the pills gave me hives, refund order 12345 and cancel the auto refill";
    let decision = decide(text, json!({}), &report);
    let intents: Vec<_> = decision.records.iter().map(|record| record.intent).collect();
    assert_eq!(intents, [None, Some(Intent::RequestRefund), Some(Intent::Other)]);
    let description = &decision.next_step.description;
    assert!(
        description.ends_with("Your other requests have tickets of their own, TKT-2 and TKT-3."),
        "{description}"
    );
}

#[test]
fn two_requests_beside_a_report_that_come_out_as_one_open_one_ticket() {
    let text = "The pills gave me hives. Cancel my order and refund me, I want to speak to a manager";
    let decision = decide(text, json!({}), &safety(Severity::High));
    let intents: Vec<_> = decision.records.iter().map(|record| record.intent).collect();
    assert_eq!(intents, [None, Some(Intent::OpenTicket)]);
    let description = &decision.next_step.description;
    assert!(
        description.ends_with("Your other request has its own ticket, TKT-2."),
        "{description}"
    );
}

#[test]
fn the_local_models_guess_in_another_language_gives_way_to_the_word() {
    use crate::classify::ClassifierKind;
    for (classifier, action) in [
        (ClassifierKind::Local, "track_order"),
        (ClassifierKind::Llm, "process_refund_request"),
    ] {
        let guess = Classification {
            classifier,
            ..service(Intent::RequestRefund)
        };
        let decision = decide("где мой заказ 10442981", json!({}), &guess);
        assert_eq!(decision.next_step.action, action);
    }
}

#[test]
fn a_refund_that_is_refused_beside_a_report_opens_no_ticket() {
    let mut report = safety(Severity::High);
    report.intent = Intent::RequestRefund;
    let text = "the pills gave me hives, I don't want a refund, I want somebody to look at them";
    assert_eq!(decide(text, json!({}), &report).records.len(), 1);
}

#[test]
fn no_request_is_read_into_a_report_without_words_for_one() {
    for intent in [Intent::RequestRefund, Intent::CancelOrder] {
        let mut report = safety(Severity::Urgent);
        report.intent = intent;
        for text in [
            "overdose",
            "going to kill myself tonight",
            "he stopped breathing",
            "me quiero matar",
            "my hip can't carry me any more",
        ] {
            assert_eq!(decide(text, json!({}), &report).records.len(), 1, "{text}");
        }
    }
    for (intent, text) in [
        (Intent::RequestRefund, "hives all over, i want what i paid"),
        (Intent::RequestRefund, "me dieron ronchas, quiero un reembolso"),
        (
            Intent::CancelOrder,
            "they make me dizzy, no longer need the refill",
        ),
        (Intent::CancelOrder, "stop my auto refill, it gave me hives"),
    ] {
        let mut report = safety(Severity::High);
        report.intent = intent;
        assert_eq!(decide(text, json!({}), &report).records.len(), 2, "{text}");
    }
}

#[test]
fn an_emergency_that_was_told_is_the_event_of_its_report() {
    let mut report = safety(Severity::Urgent);
    report.emergency = Some(Emergency::Poisoning);
    let decision = decide("took 40 tylenol, call 555-201-0187", json!({}), &report);
    let criteria = &details(&decision.next_step)["minimum_criteria"];
    assert_eq!(criteria["event"], true);
    assert!(!decision.next_step.description.contains("a question only"));
}

#[test]
fn a_medicine_that_harms_the_unborn_in_a_pregnancy_is_the_event_of_its_report() {
    let event = |text| {
        let step = decide(text, json!({ "customer_id": "C-1" }), &safety(Severity::Standard)).next_step;
        details(&step)["minimum_criteria"]["event"].as_bool().unwrap()
    };
    assert!(event("I just found out I'm pregnant and I'm on isotretinoin"));
    assert!(!event("is isotretinoin safe in pregnancy?"));
    assert!(!event("I'm pregnant and take a prenatal vitamin"));
    // Whoever has no insulin left is asked how she is, not whether that is a question.
    let step = decide(
        "I have run out of insulin",
        json!({ "customer_id": "C-1" }),
        &safety(Severity::Standard),
    )
    .next_step;
    let question = details(&step)["question"]["text"].as_str().unwrap().to_owned();
    assert!(question.starts_with("How is the person now"), "{question}");
}

#[test]
fn an_emergency_gets_its_numbers_first() {
    for (text, emergency, starts, numbers) in [
        (
            "i want to die",
            Some(Emergency::SelfHarm),
            "You do not have to go through this alone. Call or text 988",
            &["988", "911"][..],
        ),
        (
            "my son swallowed my pills",
            Some(Emergency::Poisoning),
            "Please call Poison Help at 1-800-222-1222",
            &["1-800-222-1222", "911"],
        ),
        (
            "my son swallowed my pills",
            None,
            "Please call Poison Help at 1-800-222-1222",
            &["1-800-222-1222", "911"],
        ),
        (
            "my dog ate my pills",
            None,
            "Please call a veterinarian or Animal Poison Control",
            &["1-888-426-4435", "1-800-222-1222", "911"],
        ),
        (
            "i can't breathe",
            None,
            "If this is happening now, please call 911",
            &["911"],
        ),
        (
            "i took 30 pills on purpose to die",
            None,
            "You do not have to go",
            &["988", "911", "1-800-222-1222"],
        ),
    ] {
        let mut report = safety(Severity::Urgent);
        report.emergency = emergency;
        let step = decide(text, json!({}), &report).next_step;
        assert!(
            step.description.starts_with(starts),
            "{text}: {}",
            step.description
        );
        let details = details(&step);
        let given: Vec<_> = details["emergency_numbers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["number"].as_str().unwrap())
            .collect();
        assert_eq!(given, numbers, "{text}");
    }
}

/// Every line that says whom to call, and what makes it another.
#[test]
fn whom_to_call_depends_on_who_is_unwell() {
    use Severity::{High, Standard, Urgent};
    const SORRY: &str = "We are very sorry for your loss.";
    const WORSE: &str = "If it gets worse, or you feel that it is an emergency, please call 911 at once.";
    const ASK: &str = "A doctor or pharmacist can say what to do about the medicine.";
    const NOW: &str = "If this is happening now, please call 911 right away.";
    const POISON: &str = "Please call Poison Help at 1-800-222-1222 now;";
    for (severity, text, lines, numbers) in [
        // A person.
        (
            Urgent,
            "i want to die",
            &["You do not have to go through this alone."][..],
            &["988", "911"][..],
        ),
        (
            Urgent,
            "my son swallowed my pills",
            &[POISON],
            &["1-800-222-1222", "911"],
        ),
        (Urgent, "i can't breathe", &[NOW], &["911"]),
        (
            Urgent,
            "nobody would miss me",
            &[
                NOW,
                "If somebody took too much of a medicine or swallowed something harmful, Poison Help is at",
            ],
            &["911", "1-800-222-1222", "988"],
        ),
        (High, "the new pills gave me hives", &[WORSE, ASK], &["911"]),
        (
            High,
            "i took a double dose of metoprolol",
            &[WORSE, "Poison Help at 1-800-222-1222 answers questions"],
            &["911", "1-800-222-1222"],
        ),
        (
            Standard,
            "is it safe with milk",
            &["A doctor or pharmacist can say what to do about the medicine; we cannot"],
            &[],
        ),
        (
            Standard,
            "the seal was broken",
            &[
                "A doctor or pharmacist can say what to do about the medicine; we cannot",
                "Please keep the package and what is in it.",
            ],
            &[],
        ),
        // An animal.
        (
            Urgent,
            "my dog ate my heart pills",
            &["Please call a veterinarian or Animal Poison Control at 1-888-426-4435 now"],
            &["1-888-426-4435", "1-800-222-1222", "911"],
        ),
        (
            Urgent,
            "my dog can't breathe since the flea drops",
            &["If this is an emergency, please call a veterinarian now; for a person, call 911."],
            &["911"],
        ),
        (
            High,
            "my dog threw up after the prednisone",
            &["If it gets worse, please call a veterinarian at once."],
            &[],
        ),
        (Standard, "is it safe for my dog", &[], &[]),
        // A person who took what is an animal's, or is allergic to one.
        (
            High,
            "I took one of my dog's heart pills by mistake and now I feel dizzy",
            &[WORSE, ASK],
            &["911"],
        ),
        (
            Urgent,
            "I have a cat allergy and my throat is swelling after the Zyrtec",
            &[NOW],
            &["911"],
        ),
        (
            Urgent,
            "I swallowed my cat's thyroid pills, chest pain now",
            &[NOW],
            &["911"],
        ),
        // Both: what a person needs comes first.
        (
            Urgent,
            "my dog and my son ate the gummies",
            &[
                POISON,
                "For an animal, please call a veterinarian or Animal Poison Control at 1-888-426-4435",
            ],
            &["1-800-222-1222", "911", "1-888-426-4435"],
        ),
        (
            High,
            "my cat scratched me, and the cream gave me a rash",
            &[WORSE, ASK, "For an animal, please call a veterinarian."],
            &["911"],
        ),
        // A death; nobody is sent for, except for whoever else is unwell.
        (Urgent, "My mother died last night", &[SORRY], &[]),
        (
            Urgent,
            "My grandmother died of this last year and now I can't breathe since I took the Lipitor",
            &[SORRY, "If somebody is unwell now, please call 911."],
            &["911"],
        ),
        (
            High,
            "My mother died of it, and now my son has hives",
            &[SORRY, "If somebody is unwell now, please call 911."],
            &["911"],
        ),
        (
            High,
            "My mother died of it, and I feel dizzy too",
            &[SORRY, "If somebody is unwell now, please call 911."],
            &["911"],
        ),
        (
            High,
            "My mother died after she had been bleeding for days",
            &[SORRY],
            &[],
        ),
        (Urgent, "My dog died after eating the flea pills", &[SORRY], &[]),
        (
            Urgent,
            "my dog had a seizure and died",
            &[
                SORRY,
                "If another animal is unwell now, please call a veterinarian; for a person, call 911.",
            ],
            &["911"],
        ),
        (
            Urgent,
            "my dog ate the whole bottle and died",
            &[
                SORRY,
                "If another animal may have swallowed something too, please call Animal Poison Control at 1-888-426-4435",
            ],
            &["1-888-426-4435", "1-800-222-1222", "911"],
        ),
    ] {
        let details = details(&decide(text, json!({}), &safety(severity)).next_step);
        let told = |list: &Value, field: Option<&str>| -> Vec<String> {
            let list = list.as_array().unwrap().iter();
            list.map(|one| field.map_or(one, |field| &one[field]))
                .map(|one| one.as_str().unwrap().to_owned())
                .collect()
        };
        let do_now = told(&details["do_now"], None);
        assert_eq!(do_now.len(), lines.len(), "{text}: {do_now:?}");
        for (line, begins) in do_now.iter().zip(lines) {
            assert!(line.starts_with(begins), "{text}: {do_now:?}");
        }
        assert_eq!(
            told(&details["emergency_numbers"], Some("number")),
            numbers,
            "{text}"
        );
    }
}

/// A classifier may see that somebody is in danger where no word of ours says from what.
#[test]
fn an_emergency_of_unknown_kind_gets_every_number_and_is_not_asked_for_a_package() {
    let answer = |text| {
        let step = decide(text, json!({ "customer_id": "C-1" }), &safety(Severity::Urgent)).next_step;
        let numbers: Vec<String> = details(&step)["emergency_numbers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["number"].as_str().unwrap().to_owned())
            .collect();
        (step.description.clone(), numbers, details(&step))
    };
    for text in [
        "nobody would miss me",
        "ya no puedo más con todo esto",
        "he drank some of it",
    ] {
        let (description, numbers, details) = answer(text);
        assert_eq!(numbers, ["911", "1-800-222-1222", "988"], "{text}");
        assert!(
            description.starts_with("If this is happening now, please call 911"),
            "{text}"
        );
        assert_eq!(
            details["question"]["text"], "What has happened, and to whom?",
            "{text}"
        );
        assert_eq!(details["side_effects_statement"], json!(null), "{text}");
    }
    let (description, numbers, details) = answer("all my amitriptyline, an hour ago");
    assert_eq!(numbers, ["911", "1-800-222-1222", "988"]);
    assert_eq!(details["question"]["text"], "What has happened, and when?");
    assert!(!description.contains("a question only"), "{description}");
    // A harm that is told says which help is needed.
    for text in [
        "my tongue is swollen since the antibiotic",
        // One that no rule finds urgent, and one that is in no list of reactions.
        "the new tablets gave me hives",
        "her lips are turning blue",
    ] {
        let (_, numbers, details) = answer(text);
        assert_eq!(numbers, ["911"], "{text}");
        assert_eq!(details["question"]["missing"], "product", "{text}");
    }
    // Nobody offers an animal the suicide line.
    let (description, numbers, _) = answer("my dog is not himself at all");
    assert_eq!(numbers, ["911"]);
    assert!(description.contains("call a veterinarian now"), "{description}");
    assert!(!description.contains("suicide"), "{description}");
    // After a death nobody is asked what has happened and to whom, nor sent for help.
    for text in [
        "my mother died last night",
        "my mother was found dead this morning",
    ] {
        let (description, numbers, details) = answer(text);
        assert_eq!(numbers, [""; 0], "{text}");
        assert!(!description.contains("right away"), "{description}");
        assert!(!description.contains("Once help is on its way"), "{description}");
        assert_eq!(details["question"]["missing"], "product", "{text}");
    }
    // Who says which product it was is past the question of what has happened.
    let (_, _, details) = answer("something is wrong since my new sleeping pills");
    assert_ne!(details["question"]["text"], "What has happened, and to whom?");
}

#[test]
fn the_answer_promises_no_contact_where_there_is_no_way_to_make_it() {
    let promise = "gets in touch with you";
    let anonymous = decide("the pills gave me hives", json!({}), &safety(Severity::High));
    assert!(!anonymous.next_step.description.contains(promise));
    assert_eq!(details(&anonymous.next_step)["question"]["missing"], "reporter");
    for metadata in [json!({ "customer_id": "C-1" }), json!({ "phone": "5550102345" })] {
        let known = decide("the pills gave me hives", metadata, &safety(Severity::High)).next_step;
        assert!(known.description.contains(promise), "{}", known.description);
        assert!(
            known
                .description
                .contains("within 2 hours, by 16:01 UTC on 22 November 2026")
        );
        assert_ne!(details(&known)["question"]["missing"], "reporter");
    }
}

/// The three promises of a safety answer, over every combination of severity, emergency and a set of texts.
#[test]
fn no_safety_answer_advises_blames_or_promises_too_much() {
    let texts = [
        "i can't breathe since i took the amoxicillin",
        "my dog ate my ibuprofen",
        "the Lipitor gave me muscle pain",
        "is it safe to take Advil with warfarin",
        "my mom died, she was on Xarelto",
        "the seal was broken",
        "i took too many pills",
        "i want to die",
        "hello",
    ];
    let emergencies = [
        None,
        Some(Emergency::SelfHarm),
        Some(Emergency::Poisoning),
        Some(Emergency::Medical),
    ];
    for text in texts {
        for severity in Severity::ALL.iter().copied() {
            for emergency in emergencies {
                let report = Classification {
                    emergency,
                    ..safety(severity)
                };
                let decision = decide(text, json!({ "customer_id": "C-1" }), &report);
                let step = &decision.next_step;
                let said = step.description.to_lowercase();
                for advice in [
                    "stop taking",
                    "keep taking",
                    "do not take",
                    "you should take",
                    "induce",
                    "drink ",
                    "lie down",
                    "dose of",
                ] {
                    assert!(!said.contains(advice), "advice {advice:?}: {said}");
                }
                for blame in [
                    "caused",
                    "because of the",
                    "due to",
                    "side effect of",
                    "allergic to",
                    "reaction to",
                ] {
                    assert!(!said.contains(blame), "causality {blame:?}: {said}");
                }
                for reassurance in [
                    "harmless",
                    "don't worry",
                    "no need to",
                    "is safe",
                    "nothing to worry",
                    "normal",
                ] {
                    assert!(!said.contains(reassurance), "reassurance {reassurance:?}: {said}");
                }
                for promise in ["immediately", "right back", "soon", "as fast as"] {
                    assert!(!said.contains(promise), "promise {promise:?}: {said}");
                }
                let minutes = details(step)["sla_minutes"].as_i64().unwrap();
                let received: Timestamp = "2026-11-22T14:00:30Z".parse().unwrap();
                assert_eq!(
                    step.due_at.unwrap(),
                    received + SignedDuration::from_mins(minutes)
                );
                assert!(
                    !step.description.contains(text),
                    "the customer's words are not repeated"
                );
            }
        }
    }
}

#[test]
fn the_side_effects_statement_is_given_for_prescription_medicines_of_people() {
    let statement = "You may report side effects to FDA at 1-800-FDA-1088.";
    for (text, given) in [
        ("the Lipitor gave me muscle pain", true),
        ("my pills gave me hives", true),
        ("the Advil gave me a stomach ache", false),
        ("Advil and Lipitor gave me cramps", true),
        ("my dog threw up after the prednisone", false),
    ] {
        let step = decide(text, json!({}), &safety(Severity::High)).next_step;
        assert_eq!(step.description.contains(statement), given, "{text}");
        assert_eq!(
            details(&step)["side_effects_statement"].is_string(),
            given,
            "{text}"
        );
    }
}

#[test]
fn a_card_number_given_as_customer_id_is_kept_nowhere() {
    let card = "4111111111111111";
    let metadata = json!({ "customer_id": card });
    for classification in [safety(Severity::High), service(Intent::RequestRefund)] {
        let decision = decide("hives, refund order 12345678", metadata.clone(), &classification);
        for record in &decision.records {
            assert!(!record.details.to_json().contains(card));
        }
        assert!(!details(&decision.next_step).to_string().contains(card));
    }
}

/// Words of a death are read as one unless they are those of a thing.
#[test]
fn nobody_is_sorry_for_the_loss_of_a_device() {
    for (text, died, situation) in [
        ("my insulin pump is dead, what now", false, Some("quality_defect")),
        (
            "the battery of my glucose meter is dead",
            false,
            Some("quality_defect"),
        ),
        (
            "my mother's insulin pump just died",
            false,
            Some("quality_defect"),
        ),
        ("my phone went dead while I had hives", false, None),
        (
            "my thermometer died. My mother died too",
            true,
            Some("quality_defect"),
        ),
        ("my uncle with the insulin pump died last night", true, None),
        (
            "my mother was found dead this morning, she was on Xarelto",
            true,
            None,
        ),
    ] {
        let step = decide(text, json!({ "customer_id": "C-1" }), &safety(Severity::High)).next_step;
        let sorry = step.description.starts_with("We are very sorry for your loss.");
        assert_eq!(sorry, died, "{text}: {}", step.description);
        let keep = step.description.contains("keep the package");
        assert_eq!(keep, situation.is_some(), "{text}: {}", step.description);
        let missing = details(&step)["minimum_criteria"]["missing"].to_string();
        assert!(!missing.contains("event"), "{text}: {missing}");
    }
}
