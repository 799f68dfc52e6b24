//! Questions: the passage that answers, or how to reach a person; and the hand-over when nobody is sure. Greetings and thanks are
//! answered as such, without a search.

use super::Workflows;
use super::decision::{Case, Decision, NewReference, NextStep, RecordDraft, RecordKind};
use super::details::{ContactDetails, EscalationDetails, HandOver, HandOverTicket, InformationDetails};
use super::details::{RecordDetails, StepDetails};
use super::look_up::LookedUp;
use super::not_asked::tells_what_to_do;
use super::pressing::{self, tells_of_a_leak};
use super::priority::Priority;
use super::small_talk::is_small_talk;
use super::without_order::{is_complaint, names_own_record};
use super::wording::excerpt;
use crate::classify::Category;
use crate::classify::safety_floor::SafetyFloor;
use crate::integrations::knowledge_base::{Alternative, SearchResult};

/// From this probability of a safety report on, the hand-over goes to the front of the agents' queue: half of the safety floor's usual
/// threshold, whatever `classifier.safety_threshold` is, so that a person soon sees those that just missed it.
const MAYBE_SAFETY: f32 = SafetyFloor::DEFAULT_THRESHOLD / 2.0;
/// Most sentences of a long message that are searched one by one.
const MAX_SENTENCES: usize = 8;
const SENTENCE_ENDS: [char; 4] = ['?', '.', '!', '\n'];

/// Why a person reads a message.
struct Why {
    /// For machines.
    code: &'static str,
    /// For the agent.
    hand_over: &'static str,
    path: String,
}

/// What an agent is told of the search for an answer.
struct Searched {
    /// Everything that was found, the answer first.
    candidates: Vec<Alternative>,
    /// Whether anything was searched, and where that failed.
    told: String,
}

impl Searched {
    fn new(found: &SearchResult, looked_up: Option<&LookedUp>) -> Self {
        let candidates = candidates(found);
        let told = match looked_up {
            Some(LookedUp::Unavailable) => "the help centre did not answer".to_owned(),
            None | Some(LookedUp::Found(_)) => {
                format!("searched the knowledge base: {} candidates", candidates.len())
            }
        };
        Self { candidates, told }
    }

    /// A greeting or thanks.
    fn nothing() -> Self {
        Self {
            candidates: Vec::new(),
            told: "nothing was searched for: a greeting or thanks".to_owned(),
        }
    }
}

impl Workflows {
    /// A question we are sure about.
    pub(super) fn informational(
        &self,
        case: &Case<'_>,
        own: &str,
        looked_up: Option<&LookedUp>,
        new_reference: NewReference<'_>,
    ) -> Decision {
        let small_talk = is_small_talk(own);
        let found = match small_talk {
            true => SearchResult::nothing(),
            false => self.found(own, looked_up),
        };
        let searched = || match small_talk {
            true => Searched::nothing(),
            false => Searched::new(&found, looked_up),
        };
        if found.answer.is_none()
            && let Some(why) = why_a_person_reads(own)
        {
            return self.escalate(case, own, searched(), &why, new_reference);
        }
        // "cancel my order 5551 and also what are your opening hours": the answer must not be all that comes of it.
        let told_to_act = tells_what_to_do(own);
        let review = case.classification.requires_human_review || told_to_act;
        let searched = review.then(searched);
        let mut path = Vec::new();
        let mut next_step = match found.answer {
            Some(answer) => {
                path.push(format!(
                    "knowledge base: {} ({:.2})",
                    answer.article_id, answer.score
                ));
                NextStep {
                    action: "provide_information".to_owned(),
                    description: answer.text.clone(),
                    priority: Priority::Low,
                    requires_human_review: false,
                    external_system: None,
                    reference: None,
                    due_at: None,
                    details: StepDetails::Information(InformationDetails {
                        answer,
                        alternatives: found.alternatives,
                    }),
                }
            }
            None if small_talk => {
                path.push("a greeting or thanks: nothing to look up".to_owned());
                self.suggest_contact(
                    "nothing_asked",
                    "Thank you for your message. If there is anything that you would like to know or have done, just tell us.",
                    found,
                )
            }
            None if matches!(looked_up, Some(LookedUp::Unavailable)) => {
                path.push("knowledge base: not available".to_owned());
                self.suggest_contact(
                    "knowledge_base_unavailable",
                    "We cannot look this up at the moment.",
                    found,
                )
            }
            None => {
                path.push("knowledge base: no article is likely enough to answer".to_owned());
                self.suggest_contact(
                    "no_article_matched",
                    "We have no article that answers this.",
                    found,
                )
            }
        };
        let mut records = Vec::new();
        if let Some(searched) = searched {
            // Somebody asked for a second look, for example because the language model's answer was unusable: then
            // somebody has to get it.
            let why = if told_to_act {
                next_step
                    .description
                    .push_str("\n\nAn agent reads what else you ask for and gets back to you.");
                "besides a question, an order is to be cancelled or refunded"
            } else {
                "the classification needs a second look"
            };
            let hand_over = self.hand_over(case, own, searched, why);
            let record = self.agent_ticket(case, own, hand_over, new_reference);
            next_step.priority = record.priority;
            next_step.requires_human_review = true;
            next_step.external_system = Some(record.system.clone());
            next_step.reference = Some(record.reference.clone());
            next_step.due_at = record.due_at;
            path.push(format!("hand-over for review: {}", record.reference));
            records.push(record);
        }
        Decision {
            next_step,
            records,
            path,
        }
    }

    fn suggest_contact(&self, reason: &'static str, apology: &str, found: SearchResult) -> NextStep {
        let ways: Vec<String> = self
            .config
            .contact
            .channels
            .iter()
            .map(|way| format!("{}: {} ({})", way.channel, way.value, way.hours))
            .collect();
        NextStep {
            action: "suggest_contact".to_owned(),
            description: format!("{apology} A person can help: {}.", ways.join("; ")),
            priority: Priority::Low,
            requires_human_review: false,
            external_system: None,
            reference: None,
            due_at: None,
            details: StepDetails::Contact(ContactDetails {
                reason,
                contact: self.config.contact.channels.clone(),
                alternatives: found.alternatives,
            }),
        }
    }

    /// A message we are not sure about: a person reads it, with everything we know.
    pub(super) fn escalate_unsure(
        &self,
        case: &Case<'_>,
        own: &str,
        looked_up: Option<&LookedUp>,
        new_reference: NewReference<'_>,
    ) -> Decision {
        let why = Why {
            code: "low_confidence",
            hand_over: "the classification is not sure enough",
            path: format!(
                "confidence {:.2} is under {:.2}: a person decides",
                case.classification.confidence, self.min_confidence
            ),
        };
        let searched = Searched::new(&self.found(own, looked_up), looked_up);
        self.escalate(case, own, searched, &why, new_reference)
    }

    fn escalate(
        &self,
        case: &Case<'_>,
        own: &str,
        searched: Searched,
        why: &Why,
        new_reference: NewReference<'_>,
    ) -> Decision {
        let hand_over = self.hand_over(case, own, searched, why.hand_over);
        let record = self.agent_ticket(case, own, hand_over.clone(), new_reference);
        let path = vec![format!("{} ({})", why.path, record.reference)];
        let next_step = NextStep {
            action: "escalate_to_human".to_owned(),
            description: "An agent reads your message and gets back to you.".to_owned(),
            priority: record.priority,
            requires_human_review: true,
            external_system: Some(record.system.clone()),
            reference: Some(record.reference.clone()),
            due_at: record.due_at,
            details: StepDetails::Escalation(Box::new(EscalationDetails {
                reason: why.code,
                queue: record.queue.clone(),
                hand_over,
                contact: self.config.contact.channels.clone(),
            })),
        };
        Decision {
            next_step,
            records: vec![record],
            path,
        }
    }

    /// Everything we know.
    fn hand_over(&self, case: &Case<'_>, own: &str, searched: Searched, reason: &'static str) -> HandOver {
        let classification = case.classification;
        let entities = self.entities.read(own, case.metadata, self.day_received(case));
        let mut tried = vec![format!(
            "classified as {} with confidence {:.2} by the {}",
            classification.category,
            classification.confidence,
            match classification.classifier {
                crate::classify::ClassifierKind::Llm => "language model",
                crate::classify::ClassifierKind::Local => "local model",
            }
        )];
        if classification.degraded {
            tried.push("the language model could not be used".to_owned());
        }
        tried.push(searched.told);
        if classification.category == Category::ServiceAction {
            tried.push(format!(
                "read the request as {}; no automatic action was taken",
                classification.intent
            ));
        }
        HandOver {
            reason,
            message: case.redacted.clone(),
            scores: classification.scores,
            may_be_a_safety_report: classification.scores.safety_compliance >= MAYBE_SAFETY,
            candidate_articles: searched.candidates,
            entities,
            tried,
        }
    }

    /// The ticket with the hand-over package.
    fn agent_ticket(
        &self,
        case: &Case<'_>,
        own: &str,
        hand_over: HandOver,
        new_reference: NewReference<'_>,
    ) -> RecordDraft {
        let classification = case.classification;
        let usual = if hand_over.may_be_a_safety_report {
            Priority::High
        } else {
            Priority::Medium
        };
        let priority = usual.max(pressing::least_priority(own));
        RecordDraft {
            reference: new_reference(RecordKind::Ticket),
            kind: RecordKind::Ticket,
            system: self.config.tickets.system.clone(),
            queue: self.config.tickets.agent_queue.clone(),
            priority,
            severity: None,
            intent: (classification.category == Category::ServiceAction).then_some(classification.intent),
            due_at: Some(self.ticket_due(priority, case.received_at)),
            summary: format!(
                "To be read by an agent, {}: {}",
                hand_over.reason,
                excerpt(case.redacted.as_str())
            ),
            details: RecordDetails::HandOver(Box::new(HandOverTicket {
                r#type: "hand_over",
                priority,
                channel: case.channel,
                hand_over,
            })),
            same_event: None,
        }
    }

    /// What the help centre found, where one was asked; otherwise what the articles here say.
    fn found(&self, own: &str, looked_up: Option<&LookedUp>) -> SearchResult {
        match looked_up {
            None => self.search(own),
            Some(LookedUp::Found(found)) => found.clone(),
            Some(LookedUp::Unavailable) => SearchResult::nothing(),
        }
    }

    /// The article that likely answers a request that is worded as a question, "can I still call off my order": a classifier may take it for
    /// either. `None` where a help centre is asked instead of the articles here: it is asked for what needs it only.
    pub(super) fn article_beside(&self, own: &str) -> Option<Alternative> {
        if self.help_centre.is_some() || !own.split_inclusive(SENTENCE_ENDS).any(is_question) {
            return None;
        }
        let found = self.search(own);
        found.answer.as_ref()?;
        candidates(&found).into_iter().next()
    }

    /// Searches for the whole message and, when it is long, for its questions; the surest answer wins.
    fn search(&self, own: &str) -> SearchResult {
        let mut best = self.knowledge_base.search(own);
        for sentence in questions(own) {
            let found = self.knowledge_base.search(sentence);
            let score = |result: &SearchResult| result.answer.as_ref().map_or(0.0, |answer| answer.score);
            if score(&found) > score(&best) {
                best = found;
            }
        }
        best
    }
}

/// Why a person reads what no article answers, if one has to.
fn why_a_person_reads(own: &str) -> Option<Why> {
    let (code, hand_over, path) = if tells_of_a_leak(own) {
        (
            "data_leak",
            "somebody's data may be in the wrong hands",
            "somebody's data may be in the wrong hands: a person reads it",
        )
    } else if names_own_record(own) {
        (
            "about_a_record",
            "a question about one of our records",
            "a question about one of our records: a person reads it",
        )
    } else if is_complaint(own) {
        (
            "complaint",
            "a complaint, or a wish for a person, that no article answers",
            "a complaint that no article answers: a person reads it",
        )
    } else {
        return None;
    };
    Some(Why {
        code,
        hand_over,
        path: path.to_owned(),
    })
}

/// Everything that was found, the answer first.
fn candidates(found: &SearchResult) -> Vec<Alternative> {
    let answer = found.answer.iter().map(|answer| Alternative {
        article_id: answer.article_id.clone(),
        title: answer.title.clone(),
        score: answer.score,
        link: answer.link.clone(),
    });
    answer.chain(found.alternatives.iter().cloned()).collect()
}

/// The questions of a message of several sentences.
fn questions(text: &str) -> impl Iterator<Item = &str> {
    let several = text
        .split_inclusive(SENTENCE_ENDS)
        .filter(|part| part.trim().len() > 1)
        .count()
        > 1;
    text.split_inclusive(SENTENCE_ENDS)
        .filter(move |sentence| several && is_question(sentence))
        .take(MAX_SENTENCES)
}

fn is_question(sentence: &str) -> bool {
    const OPENERS: &[&str] = &[
        "how", "what", "whats", "what's", "when", "where", "which", "who", "why", "can", "could", "do",
        "does", "is", "are", "will", "would", "may", "should",
    ];
    let first = sentence
        .split_whitespace()
        .next()
        .unwrap_or_default()
        .to_lowercase();
    sentence.trim_end().ends_with('?') || OPENERS.contains(&first.as_str())
}
