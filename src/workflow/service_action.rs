//! Requests: each becomes a ticket by its template, or the question that is missing.
//!
//! Nothing is done to an order or an account here: a ticket asks an agent or a system to. Identity is never assumed.
//! Two requests in one message are both handled, in the order their templates state.

use serde_json::{Map, Value, json};

use super::templates::{ActionTemplate, TemplateValues};
use super::wording::excerpt;
use super::{
    Case, Decision, Details, Entities, NewReference, NextStep, RecordDraft, RecordKind, Workflows, object,
    own_words,
};
use crate::classify::Intent;

/// What came of one request.
struct Handled {
    intent: Intent,
    action: String,
    description: String,
    next_steps: Vec<String>,
    /// Entity -> question.
    missing: Vec<(String, String)>,
    record: Option<RecordDraft>,
}

impl Workflows {
    /// A request we are sure about.
    pub(super) fn service_action(&self, case: &Case<'_>, new_reference: NewReference<'_>) -> Decision {
        let classification = case.classification;
        let own = own_words(case.redacted.as_str());
        let entities = self.entities.read(&own, case.metadata, case.received_at);
        let second_intent = self.second_intent(case, &own);
        let mut intents = vec![classification.intent];
        intents.extend(second_intent);
        intents.sort_by_key(|intent| self.templates.of(*intent).order);
        let handled: Vec<Handled> = intents
            .iter()
            .map(|intent| self.handle(*intent, case, &entities, new_reference))
            .collect();

        let mut description: Vec<String> = handled.iter().map(|one| one.description.clone()).collect();
        description.dedup();
        if entities.order_ids_differ {
            description.push(format!(
                "Your message names order {}; the details sent with it name order {}, which we used. Tell us if that is wrong.",
                joined(&entities.order_ids_in_text),
                joined(&entities.order_ids)
            ));
        }
        let path = handled.iter().map(Handled::path_line).collect();
        let first = &handled[0];
        let template = self.templates.of(first.intent);
        let mut next_step = NextStep {
            action: first.action.clone(),
            description: description.join(" "),
            priority: handled
                .iter()
                .map(|one| self.templates.of(one.intent).priority)
                .max()
                .unwrap_or(template.priority),
            requires_human_review: classification.requires_human_review
                || handled
                    .iter()
                    .any(|one| one.record.is_some() && self.templates.of(one.intent).requires_human_review),
            external_system: handled
                .iter()
                .find_map(|one| one.record.as_ref().map(|record| record.system.clone())),
            reference: first
                .record
                .as_ref()
                .or_else(|| handled.iter().find_map(|one| one.record.as_ref()))
                .map(|record| record.reference.clone()),
            due_at: handled.iter().filter_map(|one| one.record.as_ref()?.due_at).min(),
            details: object(json!({
                "intent": classification.intent,
                "entities": entities,
                "handled_in_order": handled.iter().map(Handled::to_json).collect::<Vec<_>>(),
            })),
        };
        let missing: Vec<&str> = handled
            .iter()
            .flat_map(|one| one.missing.iter().map(|(entity, _)| entity.as_str()))
            .collect();
        if let Some(question) = handled
            .iter()
            .flat_map(|one| &one.missing)
            .map(|(_, question)| question)
            .next()
        {
            next_step
                .details
                .insert("missing".to_owned(), json!(deduplicated(missing)));
            next_step.details.insert("question".to_owned(), json!(question));
        }
        let steps: Vec<&String> = handled.iter().flat_map(|one| &one.next_steps).collect();
        next_step.details.insert("next_steps".to_owned(), json!(steps));
        if let Some(second) = second_intent {
            next_step
                .details
                .insert("second_intent".to_owned(), json!(second));
        }
        Decision {
            next_step,
            records: handled.into_iter().filter_map(|one| one.record).collect(),
            path,
        }
    }

    /// The other request of the message: the classifier's, or what the words plainly ask for besides. Beside a problem or a request
    /// for something unusual, nothing is split off by rule: an agent reads it whole.
    fn second_intent(&self, case: &Case<'_>, own: &str) -> Option<Intent> {
        let first = case.classification.intent;
        let said = case.classification.second_intent;
        let by_rule = || match first {
            Intent::OpenTicket | Intent::Other => None,
            _ => self
                .entities
                .requests(own)
                .into_iter()
                .find(|intent| *intent != first),
        };
        said.filter(|second| *second != first).or_else(by_rule)
    }

    fn handle(
        &self,
        intent: Intent,
        case: &Case<'_>,
        entities: &Entities,
        new_reference: NewReference<'_>,
    ) -> Handled {
        let template = self.templates.of(intent);
        let missing: Vec<(String, String)> = template
            .requires
            .iter()
            .filter(|entity| !has(entities, entity))
            .map(|entity| {
                (
                    entity.clone(),
                    template.questions.get(entity).cloned().unwrap_or_default(),
                )
            })
            .collect();
        if let Some((entity, question)) = missing.first() {
            return Handled {
                intent,
                action: format!("request_{entity}"),
                description: question.clone(),
                next_steps: Vec::new(),
                missing,
                record: None,
            };
        }
        let rendered = self.templates.render(intent, &values(entities, case));
        let record = self.ticket(template, &rendered.summary, case, entities, new_reference);
        Handled {
            intent,
            action: template.action.clone(),
            description: rendered.description,
            next_steps: rendered.next_steps,
            missing,
            record: Some(record),
        }
    }

    /// The ticket of one request.
    pub(super) fn ticket(
        &self,
        template: &ActionTemplate,
        summary: &str,
        case: &Case<'_>,
        entities: &Entities,
        new_reference: NewReference<'_>,
    ) -> RecordDraft {
        let mut payload: Map<String, Value> = template
            .payload
            .iter()
            .map(|(name, value)| (name.clone(), json!(value)))
            .collect();
        payload.insert("entities".to_owned(), json!(entities));
        let mut details = object(json!({
            "type": "request",
            "action": template.action,
            "channel": case.channel,
            "payload": payload,
            "message": case.redacted,
            "requires_human_review": template.requires_human_review || case.classification.requires_human_review,
        }));
        if let Some(hold_until) = &template.hold_until {
            details.insert("hold_until".to_owned(), json!(hold_until));
        }
        if entities.order_ids_differ {
            let note = "the message names another order than the metadata; the metadata was used";
            details.insert("note".to_owned(), json!(note));
        }
        RecordDraft {
            reference: new_reference(RecordKind::Ticket),
            kind: RecordKind::Ticket,
            system: self.config.tickets.system.clone(),
            queue: template.queue.clone(),
            priority: template.priority,
            severity: None,
            intent: Some(template.intent),
            due_at: Some(self.ticket_due(template.priority, case.received_at)),
            summary: format!("{summary}: {}", excerpt(case.redacted.as_str())),
            details: Details::Request(details),
            same_event: None,
        }
    }

    /// The ticket for a request that stands beside a safety report: opened whatever is missing, since nobody will ask
    /// a person who just reported harm for an order number first.
    pub(super) fn request_beside_report(
        &self,
        intent: Intent,
        report: &str,
        case: &Case<'_>,
        new_reference: NewReference<'_>,
    ) -> RecordDraft {
        let entities = self.entities.read(
            &own_words(case.redacted.as_str()),
            case.metadata,
            case.received_at,
        );
        let template = self.templates.of(intent);
        let missing: Vec<&String> = template
            .requires
            .iter()
            .filter(|entity| !has(&entities, entity))
            .collect();
        let summary = if missing.is_empty() {
            self.templates.render(intent, &values(&entities, case)).summary
        } else {
            format!(
                "{} beside a safety report, {} missing",
                intent,
                missing[0].replace('_', " ")
            )
        };
        let mut record = self.ticket(template, &summary, case, &entities, new_reference);
        if let Details::Request(details) = &mut record.details {
            details.insert("safety_report".to_owned(), json!(report));
            if !missing.is_empty() {
                details.insert("missing".to_owned(), json!(missing));
            }
        }
        record
    }
}

impl Handled {
    fn to_json(&self) -> Value {
        json!({
            "intent": self.intent,
            "action": self.action,
            "reference": self.record.as_ref().map(|record| &record.reference),
            "queue": self.record.as_ref().map(|record| &record.queue),
            "missing": self.missing.iter().map(|(entity, _)| entity).collect::<Vec<_>>(),
        })
    }

    fn path_line(&self) -> String {
        match &self.record {
            Some(record) => format!("{}: {} ({})", self.intent, self.action, record.reference),
            None => format!("{}: {}", self.intent, self.action),
        }
    }
}

fn has(entities: &Entities, entity: &str) -> bool {
    match entity {
        "order_id" => !entities.order_ids.is_empty(),
        other => unreachable!("templates were checked to require known entities only, not {other}"),
    }
}

/// What templates may see of a request.
fn values(entities: &Entities, case: &Case<'_>) -> TemplateValues {
    TemplateValues {
        order_id: joined(&entities.order_ids),
        order_ids: entities.order_ids.clone(),
        amounts: entities
            .amounts
            .iter()
            .map(|amount| format!("{} {}", amount.currency, amount.value))
            .collect(),
        products: entities.products.clone(),
        dates: entities
            .dates
            .iter()
            .filter_map(|mention| mention.date)
            .map(|date| date.to_string())
            .collect(),
        reason: entities.reason.map(|reason| reason.as_words().to_owned()),
        channel: case.channel.as_str().to_owned(),
    }
}

/// `a`, `a and b`, `a, b and c`.
fn joined(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [many @ .., last] => format!("{} and {last}", many.join(", ")),
    }
}

fn deduplicated(mut items: Vec<&str>) -> Vec<&str> {
    items.sort_unstable();
    items.dedup();
    items
}
