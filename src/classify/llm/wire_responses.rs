//! Responses: `POST {base_url}/responses`, OpenAI's newer protocol.
//!
//! Field names and meanings are OpenAI's API reference, "Create a model response". `store` is always false.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::config::llm::OutputFormat;

use super::error::{BadReply, LlmError};
use super::usage::Usage;
use super::verdict::{Envelope, Read, SCHEMA_NAME, TOP_LOGPROBS, Verdict, read_verdict, schema};

#[derive(Serialize)]
pub(super) struct Request<'a> {
    model: &'a str,
    instructions: &'a str,
    input: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    max_output_tokens: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning: Option<Reasoning<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    include: Option<[&'static str; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_logprobs: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<Text>,
    store: bool,
}

#[derive(Serialize)]
struct Reasoning<'a> {
    effort: &'a str,
}

#[derive(Serialize)]
struct Text {
    format: Format,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Format {
    JsonSchema {
        name: &'static str,
        strict: bool,
        schema: &'static RawValue,
    },
    JsonObject,
}

impl<'a> Request<'a> {
    pub(super) fn new(envelope: &Envelope<'a>) -> Self {
        let config = envelope.config;
        let format = match config.output_format {
            OutputFormat::JsonSchema => Some(Format::JsonSchema {
                name: SCHEMA_NAME,
                strict: true,
                schema: schema(),
            }),
            OutputFormat::JsonObject | OutputFormat::JsonObjectSchema => Some(Format::JsonObject),
            OutputFormat::None => None,
        };
        Self {
            model: envelope.model,
            instructions: envelope.system,
            input: envelope.user,
            temperature: envelope.temperature,
            max_output_tokens: envelope.max_output_tokens,
            reasoning: config
                .reasoning_effort
                .as_deref()
                .map(|effort| Reasoning { effort }),
            include: config.logprobs.then_some(["message.output_text.logprobs"]),
            top_logprobs: config.logprobs.then_some(TOP_LOGPROBS),
            text: format.map(|format| Text { format }),
            store: false,
        }
    }
}

#[derive(Deserialize)]
struct Reply<'a> {
    #[serde(default)]
    status: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    model: Option<Cow<'a, str>>,
    #[serde(default)]
    incomplete_details: Option<Incomplete<'a>>,
    #[serde(borrow)]
    output: Vec<Item<'a>>,
    #[serde(borrow, default)]
    usage: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Incomplete<'a> {
    #[serde(default)]
    reason: Option<Cow<'a, str>>,
}

/// A message or something else (reasoning, a tool call), which has no `content` of ours.
#[derive(Deserialize)]
struct Item<'a> {
    #[serde(borrow, rename = "type", default)]
    kind: Cow<'a, str>,
    #[serde(borrow, default)]
    content: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Part<'a> {
    #[serde(borrow, rename = "type", default)]
    kind: Cow<'a, str>,
    #[serde(borrow, default)]
    text: Cow<'a, str>,
    #[serde(borrow, default)]
    logprobs: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Tokens {
    #[serde(default)]
    input_tokens: u32,
    #[serde(default)]
    output_tokens: u32,
    #[serde(default)]
    input_tokens_details: Option<Details>,
}

#[derive(Deserialize)]
struct Details {
    #[serde(default)]
    cached_tokens: Option<u32>,
}

/// Reads a reply.
pub(super) fn read(body: &[u8]) -> Read {
    match serde_json::from_slice::<Reply<'_>>(body) {
        Ok(reply) => (usage(reply.usage), verdict(&reply)),
        Err(_) => (Usage::default(), Err(BadReply::Body.into())),
    }
}

fn verdict(reply: &Reply<'_>) -> Result<Verdict, LlmError> {
    if reply.status.as_deref() == Some("incomplete") {
        let details = reply.incomplete_details.as_ref();
        return Err(match details.and_then(|details| details.reason.as_deref()) {
            Some("content_filter") => LlmError::ContentFilter,
            _ => LlmError::Truncated,
        });
    }
    if reply.status.as_deref() == Some("failed") {
        // The request was accepted and the model behind it failed: the service's fault, as a 500 is.
        return Err(LlmError::ServerError {
            status: 200,
            retry_after: None,
        });
    }
    let message = reply.output.iter().find(|item| item.kind == "message");
    let content = message
        .and_then(|message| message.content)
        .ok_or(BadReply::Empty)?;
    let parts: Vec<Part<'_>> = serde_json::from_str(content.get()).map_err(|_| BadReply::Body)?;
    if parts.iter().any(|part| part.kind == "refusal") {
        return Err(LlmError::Refused);
    }
    let text = parts
        .iter()
        .find(|part| part.kind == "output_text" && !part.text.trim().is_empty())
        .ok_or(BadReply::Empty)?;
    let logprobs = text.logprobs.filter(|raw| raw.get() != "[]");
    let verdict = read_verdict(&text.text, logprobs)?;
    Ok(Verdict {
        model: reply.model.as_deref().map(Box::from),
        finish_reason: (reply.status.as_deref() == Some("completed")).then_some("stop"),
        ..verdict
    })
}

fn usage(raw: Option<&RawValue>) -> Usage {
    let tokens = raw.and_then(|raw| serde_json::from_str::<Tokens>(raw.get()).ok());
    tokens.map_or_else(Usage::default, |tokens| Usage {
        input_tokens: tokens.input_tokens,
        cached_tokens: tokens
            .input_tokens_details
            .and_then(|d| d.cached_tokens)
            .unwrap_or(0),
        output_tokens: tokens.output_tokens,
        cost: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::label::{Category, Severity};
    use serde_json::{Value, json};

    fn reply(change: impl FnOnce(&mut Value)) -> Result<Verdict, LlmError> {
        let verdict = r#"{"category":"safety_compliance","confidence":0.97,"severity":"urgent","intent":null,"reasoning":"chest pain"}"#;
        let mut body = json!({
            "id": "resp_1", "object": "response", "status": "completed", "error": null, "incomplete_details": null,
            "output": [
                { "type": "reasoning", "id": "rs_1", "summary": [] },
                { "type": "message", "id": "msg_1", "status": "completed", "role": "assistant", "content": [
                    { "type": "output_text", "text": verdict, "annotations": [], "logprobs": [] } ] } ],
            "usage": { "input_tokens": 910, "input_tokens_details": { "cached_tokens": 768 }, "output_tokens": 42 },
        });
        change(&mut body);
        let (usage, verdict) = read(body.to_string().as_bytes());
        if verdict.is_ok() {
            assert_eq!((usage.input_tokens, usage.cached_tokens), (910, 768));
        }
        verdict
    }

    #[test]
    fn a_verdict_is_read_from_the_first_message() {
        let verdict = reply(|_| {}).unwrap();
        assert_eq!(
            (verdict.category, verdict.severity),
            (Category::SafetyCompliance, Some(Severity::Urgent))
        );
    }

    #[test]
    fn every_way_not_to_answer_is_told_apart() {
        let code = |change: &dyn Fn(&mut Value)| reply(change).unwrap_err().code();
        let incomplete = |reason: &'static str| {
            move |b: &mut Value| {
                b["status"] = json!("incomplete");
                b["incomplete_details"] = json!({ "reason": reason });
            }
        };
        assert_eq!(code(&incomplete("max_output_tokens")), "truncated");
        assert_eq!(code(&incomplete("content_filter")), "content_filter");
        assert_eq!(code(&|b| b["status"] = json!("failed")), "server_error");
        assert_eq!(
            code(&|b| b["output"][1]["content"] = json!([{ "type": "refusal", "refusal": "no" }])),
            "refused"
        );
        assert_eq!(code(&|b| b["output"] = json!([])), "bad_reply");
        assert_eq!(code(&|b| b["output"] = json!(null)), "bad_reply");
    }
}
