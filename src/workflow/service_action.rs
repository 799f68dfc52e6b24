//! Requests: each becomes a ticket by its template, or the question that is missing.
//!
//! Nothing is done to an order or an account here: a ticket asks an agent or a system to. Identity is never assumed.
//! Two requests in one message are both handled, in the order their templates state. What is named and not asked for ([`not_asked`])
//! and what no order number belongs to ([`without_order`]) goes to an agent.

use super::Workflows;
use super::decision::{Case, Decision, NewReference, NextStep, RecordDraft, RecordKind};
use super::details::{HandledRequest, Payload, RequestDetails, RequestTicket};
use super::details::{RecordDetails, StepDetails};
use super::entities::Entities;
use super::priority::Priority;
use super::templates::{ActionTemplate, TemplateValues};
use super::wording::excerpt;
use super::{not_asked, other_languages, pressing, without_order};
use crate::classify::{ClassifierKind, Intent};

/// What came of one request.
struct Handled {
    intent: Intent,
    action: String,
    description: String,
    /// The ticket's, or its kind's where none was opened.
    priority: Priority,
    /// Whether a person has to agree to the ticket, as its kind asks.
    requires_human_review: bool,
    next_steps: Vec<String>,
    /// Entity -> question.
    missing: Vec<(String, String)>,
    record: Option<RecordDraft>,
}

/// What a ticket is made of, besides the message.
struct TicketContent<'a> {
    template: &'a ActionTemplate,
    summary: String,
    entities: &'a Entities,
    /// The safety report that it stands beside.
    safety_report: Option<&'a str>,
    /// Entities that are missing and were not asked for.
    missing: Vec<String>,
}

impl Workflows {
    /// A request we are sure about.
    pub(super) fn service_action(
        &self,
        case: &Case<'_>,
        own: &str,
        new_reference: NewReference<'_>,
    ) -> Decision {
        let classification = case.classification;
        let entities = self.entities.read(own, case.metadata, self.day_received(case));
        let second_intent = self.second_intent(case, own);
        let mut path = Vec::new();
        let handled: Vec<Handled> = self
            .intents(case, own, &entities, second_intent, &mut path)
            .into_iter()
            .map(|intent| {
                let entities = self.entities.for_request(intent, own, &entities);
                self.handle(intent, case, own, &entities, new_reference)
            })
            .collect();
        path.extend(handled.iter().map(Handled::path_line));

        let article = entities
            .order_ids
            .is_empty()
            .then(|| self.article_beside(own))
            .flatten();
        let mut description: Vec<String> = handled.iter().map(|one| one.description.clone()).collect();
        description.dedup();
        if entities.order_ids_differ {
            description.push(format!(
                "Your message names order {}; the details sent with it name order {}, which we used. Tell us if that is wrong.",
                joined(&entities.order_ids_in_text),
                joined(&entities.order_ids)
            ));
        }
        let missing = handled
            .iter()
            .flat_map(|one| one.missing.iter().map(|(entity, _)| entity.clone()));
        let tickets: Vec<&RecordDraft> = handled.iter().filter_map(|one| one.record.as_ref()).collect();
        let next_step = NextStep {
            action: handled[0].action.clone(),
            description: description.join(" "),
            priority: handled
                .iter()
                .map(|one| one.priority)
                .max()
                .unwrap_or(handled[0].priority),
            requires_human_review: classification.requires_human_review
                || (entities.order_ids_differ && !tickets.is_empty())
                || handled.iter().any(|one| one.requires_human_review),
            external_system: tickets.first().map(|ticket| ticket.system.clone()),
            reference: tickets.first().map(|ticket| ticket.reference.clone()),
            due_at: tickets.iter().filter_map(|ticket| ticket.due_at).min(),
            details: StepDetails::Request(Box::new(RequestDetails {
                intent: classification.intent,
                handled_in_order: handled.iter().map(Handled::summary).collect(),
                missing: deduplicated(missing.collect()),
                question: handled
                    .iter()
                    .find_map(|one| one.missing.first())
                    .map(|(_, question)| question.clone()),
                next_steps: article
                    .iter()
                    .map(|article| {
                        format!("This may already answer it: {} ({})", article.title, article.link)
                    })
                    .chain(handled.iter().flat_map(|one| one.next_steps.iter().cloned()))
                    .collect(),
                article,
                second_intent,
                entities,
            })),
        };
        Decision {
            next_step,
            records: handled.into_iter().filter_map(|one| one.record).collect(),
            path,
        }
    }

    /// What is to be handled, in the order that the templates state; never nothing. Says in `path` where that is not as classified.
    fn intents(
        &self,
        case: &Case<'_>,
        own: &str,
        entities: &Entities,
        second_intent: Option<Intent>,
        path: &mut Vec<String>,
    ) -> Vec<Intent> {
        let classified = case.classification.intent;
        let named = Self::as_named(case, own);
        if named != classified {
            path.push(format!("{classified} as named in another language: {named}"));
        }
        let mut intents: Vec<Intent> = Vec::new();
        for asked in std::iter::once(named).chain(second_intent) {
            if !not_asked::may_be_asked(asked, own) {
                path.push(format!("{asked} is named and not asked for"));
                continue;
            }
            let guessed = asked == Intent::CancelOrder
                && case.classification.classifier == ClassifierKind::Local
                && not_asked::only_guesses_a_cancellation(own);
            let intent = match guessed {
                true => Intent::Other,
                false => self.without_order(asked, own, entities),
            };
            if intent != asked {
                path.push(format!("{asked} is read as {intent}"));
            }
            if !intents.contains(&intent) {
                intents.push(intent);
            }
        }
        // "Cancel order 4471 and stop my subscription": the subscription is no order, and must not be lost.
        if intents.contains(&Intent::CancelOrder)
            && without_order::stops_something_else(own)
            && !intents.contains(&Intent::Other)
        {
            path.push(format!("something is to be stopped besides: {}", Intent::Other));
            intents.push(Intent::Other);
        }
        if intents.is_empty() {
            intents.push(Intent::OpenTicket);
        }
        intents.sort_by_key(|intent| self.templates.of(*intent).order);
        intents
    }

    /// The other request of the message, as the words plainly ask for it. Beside a problem or a request for something unusual, nothing is
    /// split off: an agent reads it whole.
    fn second_intent(&self, case: &Case<'_>, own: &str) -> Option<Intent> {
        match case.classification.intent {
            Intent::OpenTicket | Intent::Other => None,
            first => self
                .entities
                .requests(own)
                .into_iter()
                .find(|intent| *intent != first),
        }
    }

    /// `intent`, or what it is if it is about no order.
    fn without_order(&self, intent: Intent, own: &str, entities: &Entities) -> Intent {
        let template = self.templates.of(intent);
        let has_order = template.requires.iter().all(|entity| has(entities, entity));
        without_order::instead_of(intent, own, has_order).unwrap_or(intent)
    }

    /// The request as classified, unless the local model guessed and a word in another language names a different request.
    fn as_named(case: &Case<'_>, own: &str) -> Intent {
        let classified = case.classification.intent;
        let guessed = case.classification.classifier == ClassifierKind::Local
            && matches!(
                classified,
                Intent::CancelOrder | Intent::RequestRefund | Intent::TrackOrder | Intent::OpenTicket
            );
        let named = guessed.then(|| other_languages::read(own));
        match named.flatten() {
            Some(named) => named,
            None if guessed && other_languages::only_guesses(classified, own) => Intent::OpenTicket,
            None => classified,
        }
    }

    fn handle(
        &self,
        intent: Intent,
        case: &Case<'_>,
        own: &str,
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
                priority: template.priority,
                requires_human_review: false,
                next_steps: Vec::new(),
                missing,
                record: None,
            };
        }
        let rendered = self.templates.render(intent, &values(entities, case));
        let content = TicketContent {
            template,
            summary: rendered.summary,
            entities,
            safety_report: None,
            missing: Vec::new(),
        };
        let record = self.ticket(content, case, own, new_reference);
        Handled {
            intent,
            action: template.action.clone(),
            description: rendered.description,
            priority: record.priority,
            requires_human_review: template.requires_human_review,
            next_steps: rendered.next_steps,
            missing,
            record: Some(record),
        }
    }

    /// The ticket of one request.
    fn ticket(
        &self,
        content: TicketContent<'_>,
        case: &Case<'_>,
        own: &str,
        new_reference: NewReference<'_>,
    ) -> RecordDraft {
        let TicketContent {
            template,
            summary,
            entities,
            safety_report,
            missing,
        } = content;
        let priority = template.priority.max(pressing::least_priority(own));
        let note = "the message names another order than the metadata; the metadata was used";
        let details = RequestTicket {
            r#type: "request",
            action: template.action.clone(),
            priority,
            channel: case.channel,
            payload: Payload {
                fields: template.payload.clone(),
                entities: entities.clone(),
            },
            message: case.redacted.clone(),
            // Two orders named, one used: nobody cancels it unseen.
            requires_human_review: template.requires_human_review
                || case.classification.requires_human_review
                || entities.order_ids_differ,
            hold_until: template.hold_until.clone(),
            note: entities.order_ids_differ.then_some(note),
            safety_report: safety_report.map(str::to_owned),
            missing,
        };
        RecordDraft {
            reference: new_reference(RecordKind::Ticket),
            kind: RecordKind::Ticket,
            system: self.config.tickets.system.clone(),
            queue: template.queue.clone(),
            priority,
            severity: None,
            intent: Some(template.intent),
            due_at: Some(self.ticket_due(priority, case.received_at)),
            summary: format!("{summary}: {}", excerpt(case.redacted.as_str())),
            details: RecordDetails::Request(Box::new(details)),
            same_event: None,
        }
    }

    /// The tickets for requests that stand beside a safety report, one for each thing that is to be done.
    pub(super) fn tickets_beside_report(
        &self,
        asked: &[Intent],
        report: &str,
        case: &Case<'_>,
        own: &str,
        new_reference: NewReference<'_>,
    ) -> Vec<RecordDraft> {
        if asked.is_empty() {
            return Vec::new();
        }
        let all = self.entities.read(own, case.metadata, self.day_received(case));
        let mut requests: Vec<(Intent, Entities)> = Vec::new();
        for asked in asked {
            let entities = self.entities.for_request(*asked, own, &all);
            let intent = self.without_order(*asked, own, &entities);
            match requests.iter_mut().find(|(known, _)| *known == intent) {
                // Two that come out as one: an agent reads about everything that either names.
                Some((_, entities)) => entities.clone_from(&all),
                None => requests.push((intent, entities)),
            }
        }
        let mut tickets = Vec::with_capacity(requests.len());
        for (intent, entities) in requests {
            tickets.push(self.ticket_beside_report(intent, entities, report, case, own, new_reference));
        }
        tickets
    }

    /// The ticket for a request that stands beside a safety report: opened whatever is missing, since nobody will ask
    /// a person who just reported harm for an order number first.
    fn ticket_beside_report(
        &self,
        intent: Intent,
        entities: Entities,
        report: &str,
        case: &Case<'_>,
        own: &str,
        new_reference: NewReference<'_>,
    ) -> RecordDraft {
        let template = self.templates.of(intent);
        let missing = template.requires.iter().filter(|entity| !has(&entities, entity));
        let missing: Vec<String> = missing.cloned().collect();
        let summary = if missing.is_empty() {
            self.templates.render(intent, &values(&entities, case)).summary
        } else {
            format!(
                "{} beside a safety report, {} missing",
                intent,
                missing[0].replace('_', " ")
            )
        };
        let content = TicketContent {
            template,
            summary,
            entities: &entities,
            safety_report: Some(report),
            missing,
        };
        self.ticket(content, case, own, new_reference)
    }
}

impl Handled {
    fn summary(&self) -> HandledRequest {
        HandledRequest {
            intent: self.intent,
            action: self.action.clone(),
            reference: self.record.as_ref().map(|record| record.reference.clone()),
            queue: self.record.as_ref().map(|record| record.queue.clone()),
            missing: self.missing.iter().map(|(entity, _)| entity.clone()).collect(),
        }
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

fn deduplicated(mut items: Vec<String>) -> Vec<String> {
    items.sort_unstable();
    items.dedup();
    items
}
