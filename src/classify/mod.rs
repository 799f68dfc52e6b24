//! Classification: what a message is, decided by the local model, the LLM and the safety floor together.
//!
//! The local model reads every message. The LLM, where one is configured and answers in time, decides the category; in cascade mode it is
//! spared where the local model is sure and far from safety. The safety floor can only raise: whatever the LLM said, and whatever the text
//! asked it to say, a message that the local model or an urgent pattern takes for a safety report becomes one. Classification fails only
//! when the LLM is required by configuration and cannot answer.

mod classification;
pub mod label;
pub mod llm;
pub mod local;
pub mod safety_floor;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::breaker_state::BreakerState;
use crate::config::{ClassifierConfig, OnLlmFailure};
use crate::message::{Channel, MessageText};
use crate::privacy::{Redacted, Redactor};
use crate::telemetry::metrics::Metrics;
use crate::telemetry::traces;
use llm::{Asked, Call, Cascade, Health, Llm, LlmError, LlmVerdict, Usage};
use local::reading::Reading;
use local::{Evidence, LocalModel, LocalVerdict};
use safety_floor::{Raise, RaiseReason, SafetyFloor};

pub use classification::{Classification, ClassifierKind, Provenance};
pub use label::{Category, Intent, Scores, Severity};
pub use safety_floor::Emergency;

/// What is thought of a message before the LLM is asked.
#[derive(Debug, Clone, Copy)]
pub struct Opinion {
    local: LocalVerdict,
    raise: Option<Raise>,
}

impl Opinion {
    /// Whether it is a safety report, whatever the LLM may say.
    #[must_use]
    pub fn is_safety(&self) -> bool {
        self.raise.is_some() || self.local.category == Category::SafetyCompliance
    }
}

/// A message to classify.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// Verbatim, for the local model only.
    pub text: &'a MessageText,
    /// The copy that may leave, for the LLM.
    pub outbound: &'a Redacted,
    /// Where it came from.
    pub channel: Channel,
    /// Keeps one client with one prompt variant.
    pub sticky_key: &'a str,
    /// Time that is left.
    pub left: Duration,
    /// The caller's trace.
    pub traceparent: Option<&'a str>,
    /// Who pays for the LLM, where that is limited.
    pub payer: Option<&'a dyn LlmPayer>,
}

/// Whoever pays for the LLM's answers out of a budget. Returns quickly and never fails.
pub trait LlmPayer: fmt::Debug + Send + Sync {
    /// Asked before a call that would be made; false counts as a call that the budget forbade.
    fn may_ask(&self) -> bool;
    /// A question used so much, whether or not its answers were of use. Everybody who shares a call
    /// (`llm.singleflight`) and waits to its end pays all of it: nobody can say whose call it would have been.
    fn pay(&self, usage: &Usage);
}

/// Why a message could not be classified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClassifyError {
    /// `classifier.on_llm_failure` is `reject`, and the LLM cannot answer.
    #[error("the LLM cannot answer, and the configuration forbids to do without")]
    LlmRequired {
        /// When to ask again.
        retry_after: Duration,
    },
}

/// When a caller should ask again after the LLM failed, where the breaker does not say when it will let somebody ask.
const RETRY_AFTER_LLM_FAILURE: Duration = Duration::from_secs(30);

/// Local model, LLM and safety floor.
#[derive(Debug)]
pub struct Classifier {
    local: LocalModel,
    local_provenance: Provenance,
    llm: Option<Llm>,
    /// When the local model may decide without the LLM; `None` means never.
    cascade: Option<Cascade>,
    floor: SafetyFloor,
    min_confidence: f32,
    on_llm_failure: OnLlmFailure,
    /// Cleans the LLM's own words before anybody sees them.
    redactor: Arc<Redactor>,
    metrics: Arc<Metrics>,
}

impl Classifier {
    /// From its parts and the validated section. Without an LLM the local model is the classifier.
    #[must_use]
    pub fn new(
        local: LocalModel,
        llm: Option<Llm>,
        cascade: Option<Cascade>,
        config: &ClassifierConfig,
        redactor: Arc<Redactor>,
        metrics: Arc<Metrics>,
    ) -> Self {
        let version: Arc<str> = Arc::from(local.version());
        let local_provenance = Provenance {
            model: version.clone(),
            prompt_version: version,
            prompt_variant: Arc::from("local"),
            llm_wait: Duration::ZERO,
        };
        let threshold = config.safety_threshold.unwrap_or(SafetyFloor::DEFAULT_THRESHOLD);
        Self {
            local,
            local_provenance,
            llm,
            cascade,
            floor: SafetyFloor::new(threshold),
            min_confidence: config.min_confidence,
            on_llm_failure: config.on_llm_failure,
            redactor,
            metrics,
        }
    }

    /// Decides what a message is.
    ///
    /// # Errors
    /// [`ClassifyError::LlmRequired`] by configuration only, and never for a safety report.
    pub async fn classify(
        &self,
        subject: &Subject<'_>,
    ) -> Result<(Classification, Provenance), ClassifyError> {
        let opinion = self.read(subject.text, subject.channel);
        self.decide(subject, opinion).await
    }

    /// The first half of [`Self::classify`]: what the local model and the safety floor make of a message.
    #[must_use]
    pub fn read(&self, text: &MessageText, channel: Channel) -> Opinion {
        let _span = traces::span("classify.local");
        let reading = Reading::new(text.as_str(), channel);
        let local = self.local.judge(&reading);
        let raise = if Reading::is_whole(channel) {
            self.floor.check_reading(&reading, &local)
        } else {
            self.floor.check(text.as_str(), &local)
        };
        Opinion { local, raise }
    }

    /// The second half: what the LLM says, and what is decided.
    ///
    /// # Errors
    /// As [`Self::classify`].
    pub async fn decide(
        &self,
        subject: &Subject<'_>,
        opinion: Opinion,
    ) -> Result<(Classification, Provenance), ClassifyError> {
        let Opinion { local, raise } = &opinion;
        let (classification, provenance) = if let Some(llm) = self.spares_the_call(local, raise.as_ref()) {
            llm.spared();
            let mut classification = self.by_local(local, None);
            classification
                .reasoning
                .push("cascade: sure enough without the llm".to_owned());
            (classification, self.local_provenance.clone())
        } else if self.llm.is_some() && subject.payer.is_some_and(|payer| !payer.may_ask()) {
            // Never a refusal, whatever `on_llm_failure` says: a budget must not keep a customer out.
            let why = "the API key's daily budget is used up";
            (self.by_local(local, Some(why)), self.local_provenance.clone())
        } else {
            self.asked(subject, &opinion).await?
        };
        let classification = self.finish(classification, opinion, subject.channel);
        Ok((classification, provenance))
    }

    /// The LLM's word, where there is an LLM and it answers; else the local model's.
    async fn asked(
        &self,
        subject: &Subject<'_>,
        opinion: &Opinion,
    ) -> Result<(Classification, Provenance), ClassifyError> {
        let local = &opinion.local;
        let (asked, llm_wait) = self.ask_llm(subject).await;
        if let (Some(payer), Some(asked)) = (subject.payer, &asked)
            && asked.used != Usage::default()
        {
            payer.pay(&asked.used);
        }
        match asked.map(|asked| asked.result) {
            None => Ok((self.by_local(local, None), self.local_provenance.clone())),
            Some(Ok(verdict)) => {
                let provenance = Provenance {
                    model: verdict.model.clone(),
                    prompt_version: verdict.prompt_version.clone(),
                    prompt_variant: verdict.prompt_variant.clone(),
                    llm_wait,
                };
                Ok((self.by_llm(local, &verdict), provenance))
            }
            Some(Err(error)) => {
                if self.on_llm_failure == OnLlmFailure::Reject && !opinion.is_safety() {
                    let retry_after = match error {
                        LlmError::BreakerOpen { retry_after } => retry_after,
                        _ => RETRY_AFTER_LLM_FAILURE,
                    };
                    return Err(ClassifyError::LlmRequired { retry_after });
                }
                let provenance = Provenance {
                    llm_wait,
                    ..self.local_provenance.clone()
                };
                let mut classification = self.by_local(local, Some(error.code()));
                // The LLM was there and its answer was no use: that says something about the message.
                classification.requires_human_review = error.health() == Health::Up;
                Ok((classification, provenance))
            }
        }
    }

    /// [`Self::decide`] without asking the LLM; `unasked` says why it has no word in it.
    #[must_use]
    pub fn decide_unasked(
        &self,
        opinion: Opinion,
        channel: Channel,
        unasked: &str,
    ) -> (Classification, Provenance) {
        let classification = self.by_local(&opinion.local, self.llm.as_ref().map(|_| unasked));
        let classification = self.finish(classification, opinion, channel);
        (classification, self.local_provenance.clone())
    }

    /// The LLM that need not be asked, because the local model is sure and nothing points to a safety report.
    fn spares_the_call(&self, local: &LocalVerdict, raise: Option<&Raise>) -> Option<&Llm> {
        let spares = raise.is_none() && self.cascade.as_ref()?.spares_the_call(&local.scores);
        self.llm.as_ref().filter(|_| spares)
    }

    /// What came of asking the LLM, `None` where there is no LLM; and how long it was waited for.
    async fn ask_llm(&self, subject: &Subject<'_>) -> (Option<Asked>, Duration) {
        let Some(llm) = &self.llm else {
            return (None, Duration::ZERO);
        };
        let call = Call {
            text: subject.outbound,
            channel: subject.channel,
            sticky_key: subject.sticky_key,
            deadline: subject.left,
            traceparent: subject.traceparent,
        };
        let began = llm.elapsed();
        let asked = llm.ask(call).await;
        (Some(asked), llm.elapsed().saturating_sub(began))
    }

    /// The local model's word, alone (`no_llm` is `None`) or in place of the LLM's, which there is not because of `no_llm`.
    fn by_local(&self, local: &LocalVerdict, no_llm: Option<&str>) -> Classification {
        let mut reasoning = Vec::with_capacity(4);
        if let Some(why) = no_llm {
            reasoning.push(format!("llm: {why}"));
        }
        reasoning.push(format!("local model: {} {:.2}", local.category, local.confidence));
        Classification {
            category: local.category,
            confidence: rounded(local.confidence),
            severity: local.severity,
            intent: local.intent,
            scores: spread(local.category, local.confidence, &local.scores),
            classifier: ClassifierKind::Local,
            degraded: no_llm.is_some(),
            raised: None,
            emergency: None,
            also_emergency: None,
            requires_human_review: false,
            reasoning,
        }
    }

    /// The LLM's word. Severity is the higher of the two opinions: nothing in a text can talk it down.
    fn by_llm(&self, local: &LocalVerdict, verdict: &LlmVerdict) -> Classification {
        let why = self.redactor.redact(&verdict.reasoning).text;
        Classification {
            category: verdict.category,
            confidence: rounded(verdict.confidence),
            severity: verdict
                .severity
                .map_or(local.severity, |severity| severity.max(local.severity)),
            intent: verdict.intent.unwrap_or(local.intent),
            scores: spread(verdict.category, verdict.confidence, &local.scores),
            classifier: ClassifierKind::Llm,
            degraded: false,
            raised: None,
            emergency: None,
            also_emergency: None,
            requires_human_review: false,
            reasoning: vec![format!(
                "llm: {} {:.2} ({})",
                verdict.category,
                verdict.confidence,
                why.as_str()
            )],
        }
    }

    /// Applies the safety floor and the confidence bound, and counts.
    fn finish(
        &self,
        mut classification: Classification,
        Opinion { local, raise }: Opinion,
        channel: Channel,
    ) -> Classification {
        if let Some(raise) = raise {
            self.apply(raise, &local, &mut classification);
        }
        let safety = classification.category == Category::SafetyCompliance;
        if safety || !classification.is_sure(self.min_confidence) {
            classification.requires_human_review = true;
        }
        self.metrics.classification(
            classification.category.as_str(),
            classification.classifier.as_str(),
            channel.as_str(),
            classification.degraded,
            classification.confidence,
        );
        classification
    }

    /// Raises, never lowers.
    fn apply(&self, raise: Raise, local: &LocalVerdict, classification: &mut Classification) {
        let (label, why) = match raise.reason {
            RaiseReason::Pattern(name) => {
                let urgent = if raise.severity.is_some() { "urgent " } else { "" };
                ("pattern", format!("{urgent}pattern {name}"))
            }
            RaiseReason::Probability(safety) => {
                ("probability", format!("local safety probability {safety:.2}"))
            }
        };
        if let Some(severity) = raise.severity {
            classification.severity = classification.severity.max(severity);
        }
        classification.emergency = raise.emergency;
        classification.also_emergency = raise.also;
        if classification.category == Category::SafetyCompliance {
            return;
        }
        self.metrics.floor_raise(label);
        classification.reasoning.push(format!(
            "safety floor: raised from {} by {why}",
            classification.category
        ));
        classification.category = Category::SafetyCompliance;
        let safety = local.safety.max(classification.scores.safety_compliance);
        classification.scores = spread(Category::SafetyCompliance, safety, &classification.scores);
        classification.confidence = rounded(safety);
        classification.raised = Some(why);
    }

    /// The `top` features that moved the local model most.
    #[must_use]
    pub fn explain(&self, text: &str, channel: Channel, top: usize) -> Vec<Evidence> {
        self.local.explain(text, channel, top)
    }

    /// The state of the LLM's breaker, and for how long it has had it; `None` when no LLM is configured.
    #[must_use]
    pub fn llm_state(&self) -> Option<(BreakerState, Duration)> {
        let llm = self.llm.as_ref()?;
        let breaker = llm.breaker();
        let held = llm.elapsed().saturating_sub(breaker.since);
        Some((breaker.state, held))
    }

    /// Versions of the prompts that the LLM gets; `None` when no LLM is configured.
    #[must_use]
    pub fn prompt_versions(&self) -> Option<Vec<&str>> {
        self.llm.as_ref().map(Llm::prompt_versions)
    }

    /// The models that the LLM is asked for; `None` when no LLM is configured.
    #[must_use]
    pub fn llm_models(&self) -> Option<BTreeSet<&str>> {
        self.llm.as_ref().map(Llm::models)
    }

    /// Version of the local model.
    #[must_use]
    pub fn local_model_version(&self) -> &str {
        self.local.version()
    }
}

/// One category's probability is known; what is left goes to the others as `weights` has them. Together they are 1: what rounding takes
/// from the lesser one goes to the other.
fn spread(category: Category, confidence: f32, weights: &Scores) -> Scores {
    let [a, b] = match category {
        Category::Informational => [Category::ServiceAction, Category::SafetyCompliance],
        Category::ServiceAction => [Category::Informational, Category::SafetyCompliance],
        Category::SafetyCompliance => [Category::Informational, Category::ServiceAction],
    };
    let (lesser, other) = if weights.of(a) <= weights.of(b) {
        (a, b)
    } else {
        (b, a)
    };
    // Not 1 less what the known one weighs: where that is nearly 1, the difference is all rounding.
    let both = weights.of(lesser) + weights.of(other);
    let share = if both > 0.0 {
        weights.of(lesser) / both
    } else {
        0.5
    };
    let known = rounded(confidence);
    let least = rounded((1.0 - known) * share);
    let rest = rounded((1.0 - known - least).max(0.0));
    let of = |wanted| match wanted {
        _ if wanted == category => known,
        _ if wanted == lesser => least,
        _ => rest,
    };
    Scores {
        informational: of(Category::Informational),
        service_action: of(Category::ServiceAction),
        safety_compliance: of(Category::SafetyCompliance),
    }
}

/// Four digits: more would pretend to a precision that no classifier has.
fn rounded(probability: f32) -> f32 {
    (probability * 1e4).round() / 1e4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_llm_leaves_goes_to_the_others_as_the_local_model_weighs_them() {
        let local = Scores {
            informational: 0.2,
            service_action: 0.6,
            safety_compliance: 0.2,
        };
        let scores = spread(Category::ServiceAction, 0.8, &local);
        assert_eq!(
            scores,
            Scores {
                informational: 0.1,
                service_action: 0.8,
                safety_compliance: 0.1
            }
        );
        let sure = Scores {
            informational: 1.0,
            service_action: 0.0,
            safety_compliance: 0.0,
        };
        let scores = spread(Category::Informational, 0.9, &sure);
        assert_eq!(
            scores,
            Scores {
                informational: 0.9,
                service_action: 0.05,
                safety_compliance: 0.05
            }
        );
    }

    proptest::proptest! {
        #[test]
        fn scores_are_probabilities(logits in proptest::array::uniform3(-20.0f32..20.0), confidence in 0.0f32..=1.0, of in 0usize..3) {
            // As the local model makes them.
            let most = logits.iter().copied().fold(f32::MIN, f32::max);
            let parts = logits.map(|logit| (logit - most).exp());
            let all: f32 = parts.iter().sum();
            let local = Scores {
                informational: parts[0] / all,
                service_action: parts[1] / all,
                safety_compliance: parts[2] / all,
            };
            let raw = spread(Category::ALL[of], confidence, &local);
            let raised = spread(Category::SafetyCompliance, confidence, &raw);
            for scores in [raw, raised] {
                let each = Category::ALL.iter().map(|category| scores.of(*category));
                proptest::prop_assert!(each.clone().all(|score| (0.0..=1.0).contains(&score)), "{scores:?}");
                proptest::prop_assert!((each.sum::<f32>() - 1.0).abs() < 1e-4, "{scores:?}");
            }
            proptest::prop_assert_eq!(raw.of(Category::ALL[of]), rounded(confidence));
        }
    }
}
