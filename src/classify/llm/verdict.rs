//! What both wire protocols share: what is asked for, the verdict's JSON schema, and reading the verdict.
//!
//! Replies are read with borrowed types, straight from the received bytes; fields that we do not need are skipped, fields that we can do
//! without (usage, log-probabilities) cannot make a verdict fail.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::classify::label::{Category, Intent, Severity};
use crate::config::llm::LlmConfig;

use super::confidence::{category_probability, tokens_until};
use super::error::{BadReply, LlmError};
use super::usage::Usage;

/// The name that the schema has in requests.
pub(super) const SCHEMA_NAME: &str = "verdict";
/// Alternatives asked for per token: there are three categories, spelled by different first tokens.
pub(super) const TOP_LOGPROBS: u32 = 5;
/// Longest reasoning that is kept, in characters; it is shown to agents as one line.
pub const MAX_REASONING_CHARS: usize = 200;

/// The form of the verdict. The category comes first, so that its token probabilities do not depend on the reasoning;
/// every field is required and nothing else allowed, as OpenAI's strict mode demands. "Or null" is an `anyOf`: some servers
/// (llama-cpp-python) forget the `enum` beside a list of types.
pub(super) const SCHEMA: &str = r#"{"type":"object","additionalProperties":false,"required":["category","confidence","severity","intent","reasoning"],"properties":{"category":{"type":"string","enum":["informational","service_action","safety_compliance"]},"confidence":{"type":"number"},"severity":{"anyOf":[{"type":"string","enum":["standard","high","urgent"]},{"type":"null"}]},"intent":{"anyOf":[{"type":"string","enum":["open_ticket","track_order","request_refund","cancel_order","update_account","other"]},{"type":"null"}]},"reasoning":{"type":"string"}}}"#;

/// What the model said.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Verdict {
    pub(super) category: Category,
    pub(super) confidence: f32,
    pub(super) severity: Option<Severity>,
    pub(super) intent: Option<Intent>,
    pub(super) reasoning: String,
    /// A severity or intent that does not exist was left out.
    pub(super) unknown_label: Option<&'static str>,
    /// The model that says it answered; may be more exact than the one that was asked for.
    pub(super) model: Option<Box<str>>,
    /// Why it stopped writing, in the Chat Completions' words.
    pub(super) finish_reason: Option<&'static str>,
}

/// A message as the API wants it; `content` holds the whole user message.
pub(super) struct Envelope<'a> {
    pub(super) model: &'a str,
    pub(super) system: &'a str,
    pub(super) user: &'a str,
    pub(super) temperature: Option<f64>,
    pub(super) max_output_tokens: u32,
    pub(super) config: &'a LlmConfig,
}

/// The schema as raw JSON.
#[expect(clippy::expect_used, reason = "a constant, checked by a test")]
pub(super) fn schema() -> &'static RawValue {
    serde_json::from_str(SCHEMA).expect("the schema is valid JSON")
}

/// A reply as it was read: what it used, which is paid for also when it is of no use, and the verdict or why there is none.
pub(super) type Read = (Usage, Result<Verdict, LlmError>);

#[derive(Deserialize)]
struct Stated<'a> {
    #[serde(borrow)]
    category: Cow<'a, str>,
    #[serde(default)]
    confidence: Option<f64>,
    #[serde(borrow, default)]
    severity: Option<&'a RawValue>,
    #[serde(borrow, default)]
    intent: Option<&'a RawValue>,
    #[serde(borrow, default)]
    reasoning: Cow<'a, str>,
}

/// Reads the model's text and, where there are any, its tokens' log-probabilities (an array of tokens).
pub(super) fn read_verdict(content: &str, logprobs: Option<&RawValue>) -> Result<Verdict, LlmError> {
    let json = without_fence(content);
    let stated: Stated<'_> = serde_json::from_str(json).map_err(|_| BadReply::Verdict)?;
    let category = stated.category.parse().map_err(|_| LlmError::UnknownCategory)?;
    let measured = logprobs.and_then(|raw| {
        let Cow::Borrowed(label) = stated.category else {
            return None;
        };
        // `label` is a part of `content`: where it begins tells which tokens spell it.
        let start = (label.as_ptr() as usize).checked_sub(content.as_ptr() as usize)?;
        let tokens = tokens_until(raw.get(), start + label.len());
        category_probability(&tokens, start, category)
    });
    let confidence = match (measured, stated.confidence) {
        (Some(measured), _) => measured,
        (None, Some(number)) if (0.0..=1.0).contains(&number) => number as f32,
        (None, _) => return Err(BadReply::Confidence.into()),
    };
    // A label that does not exist must not lose the category beside it: it is left out and counted.
    let severity = optional_label(stated.severity);
    let intent = optional_label(stated.intent);
    let unknown_label = match (&severity, &intent) {
        (Err(()), _) => Some("unknown_severity"),
        (_, Err(())) => Some("unknown_intent"),
        _ => None,
    };
    Ok(Verdict {
        category,
        confidence,
        severity: severity.unwrap_or(None),
        intent: intent.unwrap_or(None),
        reasoning: clean(&stated.reasoning),
        unknown_label,
        model: None,
        finish_reason: None,
    })
}

/// `null`, the empty string and "none" are how models say that a label does not apply.
fn optional_label<L: std::str::FromStr>(raw: Option<&RawValue>) -> Result<Option<L>, ()> {
    let Some(raw) = raw else { return Ok(None) };
    let text: Option<Cow<'_, str>> = serde_json::from_str(raw.get()).map_err(|_| ())?;
    match text.as_deref() {
        None | Some("" | "none" | "null") => Ok(None),
        Some(label) => label.parse().map(Some).map_err(|_| ()),
    }
}

/// Models without schema support like to wrap JSON in a Markdown code fence.
fn without_fence(content: &str) -> &str {
    let content = content.trim();
    let fenced = content
        .strip_prefix("```json")
        .or_else(|| content.strip_prefix("```"))
        .and_then(|rest| rest.strip_suffix("```"));
    fenced.map_or(content, str::trim)
}

/// The reasoning as one line that cannot disturb a terminal, a log or a page: no control and no direction characters,
/// at most [`MAX_REASONING_CHARS`] characters.
fn clean(reasoning: &str) -> String {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
    };
    let cut: String = reasoning
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| !hidden(*c))
        .take(MAX_REASONING_CHARS)
        .collect();
    cut.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(content: &str) -> Result<Verdict, LlmError> {
        read_verdict(content, None)
    }

    #[test]
    fn the_schema_lists_exactly_the_labels_that_exist() {
        let schema: serde_json::Value = serde_json::from_str(SCHEMA).unwrap();
        let names = |all: Vec<&str>| json!(all);
        let or_null = |field: &str| schema["properties"][field]["anyOf"][0]["enum"].clone();
        let categories = Category::ALL.iter().map(|l| l.as_str()).collect();
        assert_eq!(schema["properties"]["category"]["enum"], names(categories));
        assert_eq!(
            or_null("severity"),
            names(Severity::ALL.iter().map(|l| l.as_str()).collect())
        );
        assert_eq!(
            or_null("intent"),
            names(Intent::ALL.iter().map(|l| l.as_str()).collect())
        );
    }

    #[test]
    fn a_plain_verdict_is_read_with_or_without_its_optional_fields() {
        let full = r#"{"category":"safety_compliance","confidence":0.93,"severity":"high","intent":"request_refund","reasoning":"rash"}"#;
        let verdict = read(full).unwrap();
        assert_eq!(verdict.category, Category::SafetyCompliance);
        assert_eq!(verdict.severity, Some(Severity::High));
        assert_eq!(verdict.intent, Some(Intent::RequestRefund));
        assert_eq!(verdict.confidence, 0.93, "as it was stated");
        let short = read("```json\n{\"category\":\"informational\",\"confidence\":1}\n```").unwrap();
        assert_eq!(
            (short.severity, short.intent, short.reasoning.as_str()),
            (None, None, "")
        );
    }

    #[test]
    fn nonsense_has_its_own_outcome_each() {
        let code = |content: &str| read(content).unwrap_err().to_string();
        assert!(code(r#"{"category":"billing","confidence":0.9}"#).contains("unknown category"));
        assert!(code(r#"{"category":"informational"}"#).contains("confidence"));
        assert!(code(r#"{"category":"informational","confidence":95}"#).contains("confidence"));
        assert!(code(r#"{"category":["informational"],"confidence":1}"#).contains("shape"));
        assert!(code("Sure! I would say this one is about an order").contains("shape"));
        let verdict =
            read(r#"{"category":"safety_compliance","confidence":1,"severity":"critical"}"#).unwrap();
        assert_eq!(
            (verdict.severity, verdict.unknown_label),
            (None, Some("unknown_severity"))
        );
    }

    #[test]
    fn the_reasoning_is_one_short_harmless_line() {
        let hostile = format!("a\u{1b}[31m\nb\u{202e}c{}", "x".repeat(1000));
        let content =
            json!({ "category": "informational", "confidence": 1, "reasoning": hostile }).to_string();
        let reasoning = read(&content).unwrap().reasoning;
        assert!(reasoning.starts_with("a[31m bcx"), "{reasoning}");
        assert_eq!(reasoning.chars().count(), MAX_REASONING_CHARS);
    }
}
