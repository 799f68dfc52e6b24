//! The use case: what happens to one message, in order.
//!
//! 1. **privacy**: redact; only the redacted copy leaves, as text for people or as pseudonyms for the LLM.
//! 2. **classify**: local model, LLM, safety floor. The local model, which is cheap and keeps nothing, reads the message even before it is
//!    redacted: what it takes for a safety report waits behind no other message.
//! 3. **workflow**: decide what happens next; effects come back as data.
//! 4. **commit**: every record the answer names is on disk before the answer exists.
//!
//! It fails in two ways only: the store cannot take the record (nothing was promised), or the LLM is required by
//! configuration and cannot answer.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use secrecy::SecretString;

use crate::breaker_state::BreakerState;
use crate::classify::{Classification, Classifier, ClassifyError, Opinion, Provenance, Subject};
use crate::clock::Clock;
use crate::cohort::{Cohort, Turn};
use crate::config::server::KEPT_FOR_COMMIT;
use crate::message::{Channel, Message, MessageText, Metadata};
use crate::privacy::{Redacted, Redactor};
use crate::store::{self, NewRecord, Routes, SameEvent, Store, Unit};
use crate::telemetry::traces;
use crate::workflow::duplicates::Lookup;
use crate::workflow::{Case, Decision, RecordDraft, Workflows};

// What an answer is made of, for whoever words it, and what becomes of a request that was sent before.
pub use crate::classify::label::{Category, Scores};
pub use crate::classify::llm::Usage;
pub use crate::classify::{ClassifierKind, LlmPayer};
pub use crate::store::{Held, Hold, StoreError, Taken};
pub use crate::workflow::NextStep;

/// One message to handle.
#[derive(Debug)]
pub struct Submission {
    /// What the customer sent.
    pub message: Message,
    /// Id of the request, kept with every record.
    pub request_id: String,
    /// Who sent it, kept with every record.
    pub client_id: String,
    /// Time that is left for all of it, from when it is handed over.
    pub left: Duration,
    /// The caller's trace, passed on to what is called.
    pub traceparent: Option<String>,
    /// The request's idempotency key, where it brought one.
    pub idempotent: Option<Idempotent>,
    /// Who pays for the LLM, where that is limited.
    pub payer: Option<Arc<dyn LlmPayer>>,
}

/// What was thought of a message that is a safety report whatever the LLM may say; only [`Triage::safety_report`] makes one.
#[derive(Debug, Clone, Copy)]
pub struct SafetyReport(Opinion);

/// Words an answer as the bytes that are kept and sent.
pub type Wording = Arc<dyn Fn(&Answer) -> Vec<u8> + Send + Sync>;

/// A request that may be repeated: its hold on the key, and how its answer is worded for whoever repeats it.
pub struct Idempotent {
    /// The hold.
    pub hold: Hold,
    /// A number kept beside the answer as it is, for whoever repeats it.
    pub status: u16,
    /// Words the answer as it is kept and sent.
    pub word: Wording,
}

impl std::fmt::Debug for Idempotent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Idempotent(..)")
    }
}

/// What came of it.
#[derive(Debug, Clone)]
pub struct Answer {
    /// When the message was received: day zero of a compliance record.
    pub received_at: Timestamp,
    /// What the message is.
    pub classification: Classification,
    /// Which model and prompt said so.
    pub provenance: Provenance,
    /// How category and next step came about, in one line.
    pub decision_path: String,
    /// What happens next.
    pub next_step: NextStep,
}

/// A message that was handled.
#[derive(Debug)]
pub struct Handled {
    /// What came of it.
    pub answer: Answer,
    /// The answer as it is kept for the request's idempotency key, where it brought one: what has to be sent.
    pub kept: Option<Vec<u8>>,
}

/// Why a message was not handled. Nothing was promised then.
#[derive(Debug, thiserror::Error)]
pub enum TriageError {
    /// The record could not be stored.
    #[error("the record could not be stored")]
    Store(#[from] StoreError),
    /// The LLM cannot answer, and the configuration forbids to do without.
    #[error("the classifier is not available")]
    ClassifierUnavailable {
        /// When to ask again.
        retry_after: Duration,
    },
}

impl Answer {
    /// Says which earlier reports may tell of the same event.
    fn note_linked(&mut self, earlier: &[String]) {
        if earlier.is_empty() {
            return;
        }
        self.decision_path += &format!(" > may be the same event as {}", earlier.join(", "));
        self.next_step.details.note_linked(earlier);
    }
}

impl From<ClassifyError> for TriageError {
    fn from(error: ClassifyError) -> Self {
        let ClassifyError::LlmRequired { retry_after } = error;
        Self::ClassifierUnavailable { retry_after }
    }
}

/// Everything a message meets on its way.
#[derive(Debug)]
pub struct Triage {
    redactor: Arc<Redactor>,
    classifier: Classifier,
    workflows: Workflows,
    store: Store,
    routes: Routes,
    clock: Clock,
    cohort: Cohort,
}

impl Triage {
    /// From its parts, each already checked.
    #[must_use]
    pub fn new(
        redactor: Arc<Redactor>,
        classifier: Classifier,
        workflows: Workflows,
        store: Store,
        clock: Clock,
    ) -> Self {
        Self {
            redactor,
            classifier,
            workflows,
            store,
            routes: Routes::default(),
            clock,
            cohort: Cohort::default(),
        }
    }

    /// With outside systems that new records are delivered to.
    #[must_use]
    pub fn with_routes(self, routes: Routes) -> Self {
        Self { routes, ..self }
    }

    /// Takes a caller's idempotency key, or says what became of the request that has it. `fingerprint` is the body's SHA-256.
    ///
    /// # Errors
    /// What the store said.
    pub async fn hold(&self, client_id: &str, key: &str, fingerprint: [u8; 32]) -> Result<Held, TriageError> {
        Ok(self.store.hold(client_id, key, fingerprint).await?)
    }

    /// Handles a message, whatever it is.
    ///
    /// # Errors
    /// [`TriageError`]; nothing was promised then.
    pub async fn handle(&self, mut submission: Submission) -> Result<Handled, TriageError> {
        let received_at = self.received_at();
        let began = self.clock.elapsed();
        let mut turn = self.cohort.enter();
        // First, because it is cheap beside the rest: a safety report waits behind nobody from here on.
        let opinion = self.read(&turn, &submission.message).await;
        if opinion.is_safety() {
            turn.hurry();
        }
        let leave = turn.to_redact(submission.message.text.as_str()).await;
        let span = traces::span("privacy");
        let (redacted, outbound) = self.redactor.redact_both(submission.message.text.as_str());
        drop((span, leave));
        turn.gather().await;
        // What went by behind other messages is the LLM's loss: the end of the request is where it was.
        let waited = self.clock.elapsed().saturating_sub(began);
        let kept = KEPT_FOR_COMMIT + self.workflows.look_up_limit();
        let subject = Subject {
            text: &submission.message.text,
            outbound: &outbound.text,
            channel: submission.message.channel,
            sticky_key: &submission.client_id,
            left: submission.left.saturating_sub(waited + kept),
            traceparent: submission.traceparent.as_deref(),
            payer: submission.payer.as_deref(),
        };
        let (classification, provenance) = self.classifier.decide(&subject, opinion).await?;
        turn.gather().await;
        self.route(
            &mut submission,
            redacted.text,
            received_at,
            classification,
            provenance,
            &turn,
        )
        .await
    }

    /// What the local model and the safety floor make of a message, where either takes it for a safety report.
    pub async fn safety_report(&self, message: &Message) -> Option<SafetyReport> {
        let turn = self.cohort.enter();
        let opinion = self.read(&turn, message).await;
        opinion.is_safety().then_some(SafetyReport(opinion))
    }

    /// What the local model and the safety floor make of a message, when it is its turn: of a thousand long ones that come at once the thread
    /// must not read all before it looks at anything else.
    async fn read(&self, turn: &Turn<'_>, message: &Message) -> Opinion {
        let _leave = turn.to_read(message.text.as_str()).await;
        self.classifier.read(&message.text, message.channel)
    }

    /// Handles a message that was read as a safety report; the LLM is not asked, and the decision path says why (`unasked`).
    ///
    /// # Errors
    /// [`TriageError::Store`]; nothing was promised then.
    pub async fn handle_report(
        &self,
        mut submission: Submission,
        SafetyReport(opinion): SafetyReport,
        unasked: &str,
    ) -> Result<Handled, TriageError> {
        let received_at = self.received_at();
        let mut turn = self.cohort.enter();
        turn.hurry();
        let channel = submission.message.channel;
        let (classification, provenance) = self.classifier.decide_unasked(opinion, channel, unasked);
        let span = traces::span("privacy");
        let redacted = self.redactor.redact(submission.message.text.as_str()).text;
        drop(span);
        self.route(
            &mut submission,
            redacted,
            received_at,
            classification,
            provenance,
            &turn,
        )
        .await
    }

    /// Now, in milliseconds: what answers show, and both databases keep exactly.
    fn received_at(&self) -> Timestamp {
        let now = self.clock.now();
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }

    /// Runs a made-up message through redaction and each workflow, keeping nothing: patterns that are compiled at their first use are
    /// compiled now, so that no customer waits for it.
    pub fn rehearse(&self) {
        let text = MessageText::parse("I feel fine. Where is order 10093-552, my name is Ada?")
            .expect("a short text");
        let redacted = self.redactor.redact(text.as_str()).text;
        for category in Category::ALL {
            let classification = Classification::certain(*category);
            let case = Case {
                classification: &classification,
                redacted: &redacted,
                channel: Channel::Chat,
                metadata: &Metadata::default(),
                received_at: self.received_at(),
            };
            let _ = self
                .workflows
                .decide(&case, &mut |kind| store::new_reference(kind, case.received_at));
        }
    }

    /// Workflow and commit.
    async fn route(
        &self,
        submission: &mut Submission,
        redacted: Redacted,
        received_at: Timestamp,
        classification: Classification,
        provenance: Provenance,
        turn: &Turn<'_>,
    ) -> Result<Handled, TriageError> {
        let case = Case {
            classification: &classification,
            redacted: &redacted,
            channel: submission.message.channel,
            metadata: &submission.message.metadata,
            received_at,
        };
        let span = traces::span("workflow");
        let looked_up = self.workflows.look_up(&case).await;
        let decision = self
            .workflows
            .decide_after(&case, looked_up.as_ref(), &mut |kind| {
                store::new_reference(kind, received_at)
            });
        drop(span);
        turn.gather().await;
        let Decision {
            next_step,
            records,
            path,
        } = decision;
        let record = |draft| self.record(draft, submission, &classification, &redacted, received_at);
        let records: Vec<NewRecord> = records.into_iter().map(record).collect();
        let mut answer = Answer {
            received_at,
            decision_path: decision_path(&classification, &path),
            classification,
            provenance,
            next_step,
        };
        let kept = self
            .keep(records, submission.idempotent.take(), &mut answer)
            .await?;
        Ok(Handled { answer, kept })
    }

    /// Everything the answer promises, on disk before it exists; nothing to do for one that promises nothing. Gives
    /// [`Handled::kept`] back.
    async fn keep(
        &self,
        records: Vec<NewRecord>,
        idempotent: Option<Idempotent>,
        answer: &mut Answer,
    ) -> Result<Option<Vec<u8>>, TriageError> {
        let mut unit = Unit {
            records,
            ..Unit::default()
        };
        let (mut kept, mut held) = (None, None);
        if let Some(Idempotent { hold, status, word }) = idempotent {
            let body = word(answer);
            unit.idempotency = Some(hold.answer(status, body.clone()));
            if unit.records.iter().any(|record| record.same_event.is_some()) {
                let answer = answer.clone();
                unit.reword = Some(Box::new(move |linked| {
                    let mut answer = answer.clone();
                    answer.note_linked(linked);
                    word(&answer)
                }));
            }
            kept = Some(body);
            held = Some(hold);
        }
        if !unit.records.is_empty() || unit.idempotency.is_some() {
            let mut span = traces::span("commit");
            let committed = self
                .store
                .commit(unit)
                .await
                .inspect_err(|error| span.fail(error.code()))?;
            answer.note_linked(&committed.linked);
            kept = committed.reworded.or(kept);
        }
        if let Some(hold) = held {
            hold.answered();
        }
        Ok(kept)
    }

    fn record(
        &self,
        draft: RecordDraft,
        submission: &Submission,
        classification: &Classification,
        redacted: &Redacted,
        received_at: Timestamp,
    ) -> NewRecord {
        let kind = draft.kind;
        NewRecord {
            reference: draft.reference,
            kind,
            queue: draft.queue,
            received_at,
            due_at: draft.due_at,
            severity: draft.severity.map(|severity| severity.as_str()),
            category: classification.category.as_str(),
            intent: draft.intent.map(|intent| intent.as_str()),
            channel: submission.message.channel.as_str(),
            request_id: submission.request_id.clone(),
            client_id: submission.client_id.clone(),
            summary: draft.summary,
            redacted_text: redacted.as_str().to_owned(),
            verbatim: SecretString::from(submission.message.text.as_str()),
            details: draft.details.to_json(),
            jobs: self.routes.jobs(kind),
            same_event: draft.same_event.map(|lookup| same_event(lookup, received_at)),
        }
    }

    /// The state of the LLM's breaker, and for how long it has had it; `None` when no LLM is configured.
    #[must_use]
    pub fn llm_state(&self) -> Option<(BreakerState, Duration)> {
        self.classifier.llm_state()
    }

    /// Versions of the prompts that the LLM gets; `None` when no LLM is configured.
    #[must_use]
    pub fn prompt_versions(&self) -> Option<Vec<&str>> {
        self.classifier.prompt_versions()
    }

    /// The models that the LLM is asked for; `None` when no LLM is configured.
    #[must_use]
    pub fn llm_models(&self) -> Option<BTreeSet<&str>> {
        self.classifier.llm_models()
    }

    /// Version of the local model.
    #[must_use]
    pub fn local_model_version(&self) -> &str {
        self.classifier.local_model_version()
    }
}

/// What the store needs to find records of the same event.
fn same_event(mut lookup: Lookup, received_at: Timestamp) -> SameEvent {
    SameEvent {
        facts: std::mem::take(&mut lookup.facts),
        named: lookup.named.clone(),
        since: lookup.since(received_at),
        compare: Arc::new(move |earlier| serde_json::to_value(lookup.same_event(earlier)?).ok()),
    }
}

/// One line: how the category came about, then what the workflow made of it.
fn decision_path(classification: &Classification, workflow: &[String]) -> String {
    let steps: Vec<&str> = classification
        .reasoning
        .iter()
        .chain(workflow)
        .map(String::as_str)
        .collect();
    steps.join(" > ")
}
