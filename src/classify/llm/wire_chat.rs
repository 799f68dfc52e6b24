//! Chat Completions: `POST {base_url}/chat/completions`.
//!
//! Field names and meanings are OpenAI's API reference, "Create chat completion". `store` is always false: nothing of a
//! customer is kept by the provider beyond what its contract says.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::config::llm::{OutputFormat, TokenLimitField};

use super::error::{BadReply, LlmError};
use super::usage::Usage;
use super::verdict::{Envelope, Read, SCHEMA_NAME, TOP_LOGPROBS, Verdict, read_verdict, schema};

#[derive(Serialize)]
pub(super) struct Request<'a> {
    model: &'a str,
    messages: [Message<'a>; 2],
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_effort: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    logprobs: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_logprobs: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_format: Option<ResponseFormat>,
    store: bool,
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'a str,
    content: &'a str,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum ResponseFormat {
    JsonSchema {
        json_schema: JsonSchema,
    },
    JsonObject {
        #[serde(skip_serializing_if = "Option::is_none")]
        schema: Option<&'static RawValue>,
    },
}

#[derive(Serialize)]
struct JsonSchema {
    name: &'static str,
    strict: bool,
    schema: &'static RawValue,
}

impl<'a> Request<'a> {
    pub(super) fn new(envelope: &Envelope<'a>) -> Self {
        let config = envelope.config;
        let cap = Some(envelope.max_output_tokens);
        let older = config.token_limit_field == TokenLimitField::MaxTokens;
        Self {
            model: envelope.model,
            messages: [
                Message {
                    role: "system",
                    content: envelope.system,
                },
                Message {
                    role: "user",
                    content: envelope.user,
                },
            ],
            temperature: envelope.temperature,
            max_completion_tokens: if older { None } else { cap },
            max_tokens: if older { cap } else { None },
            reasoning_effort: config.reasoning_effort.as_deref(),
            logprobs: config.logprobs.then_some(true),
            top_logprobs: config.logprobs.then_some(TOP_LOGPROBS),
            response_format: match config.output_format {
                OutputFormat::JsonSchema => Some(ResponseFormat::JsonSchema {
                    json_schema: JsonSchema {
                        name: SCHEMA_NAME,
                        strict: true,
                        schema: schema(),
                    },
                }),
                OutputFormat::JsonObjectSchema => Some(ResponseFormat::JsonObject {
                    schema: Some(schema()),
                }),
                OutputFormat::JsonObject => Some(ResponseFormat::JsonObject { schema: None }),
                OutputFormat::None => None,
            },
            store: false,
        }
    }
}

#[derive(Deserialize)]
struct Reply<'a> {
    #[serde(borrow)]
    choices: Vec<Choice<'a>>,
    #[serde(borrow, default)]
    model: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    usage: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Choice<'a> {
    #[serde(borrow)]
    message: Answer<'a>,
    #[serde(default)]
    finish_reason: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    logprobs: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(default)]
    content: Option<Cow<'a, str>>,
    #[serde(default)]
    refusal: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Logprobs<'a> {
    #[serde(borrow)]
    content: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Tokens {
    #[serde(default)]
    prompt_tokens: u32,
    #[serde(default)]
    completion_tokens: u32,
    #[serde(default)]
    prompt_tokens_details: Option<Details>,
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
    let choice = reply.choices.first().ok_or(BadReply::Empty)?;
    if choice
        .message
        .refusal
        .as_deref()
        .is_some_and(|text| !text.is_empty())
    {
        return Err(LlmError::Refused);
    }
    match choice.finish_reason.as_deref() {
        Some("length") => return Err(LlmError::Truncated),
        Some("content_filter") => return Err(LlmError::ContentFilter),
        _ => {}
    }
    let content = choice
        .message
        .content
        .as_deref()
        .filter(|text| !text.trim().is_empty());
    let logprobs = choice
        .logprobs
        .and_then(|raw| serde_json::from_str::<Logprobs<'_>>(raw.get()).ok()?.content);
    let verdict = read_verdict(content.ok_or(BadReply::Empty)?, logprobs)?;
    Ok(Verdict {
        model: reply.model.as_deref().map(Box::from),
        finish_reason: match choice.finish_reason.as_deref() {
            Some("stop") => Some("stop"),
            Some("tool_calls" | "function_call") => Some("tool_calls"),
            _ => None,
        },
        ..verdict
    })
}

fn usage(raw: Option<&RawValue>) -> Usage {
    let tokens = raw.and_then(|raw| serde_json::from_str::<Tokens>(raw.get()).ok());
    tokens.map_or_else(Usage::default, |tokens| Usage {
        input_tokens: tokens.prompt_tokens,
        cached_tokens: tokens
            .prompt_tokens_details
            .and_then(|d| d.cached_tokens)
            .unwrap_or(0),
        output_tokens: tokens.completion_tokens,
        cost: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::label::Category;
    use serde_json::{Value, json};

    const VERDICT: &str = r#"{"category":"service_action","confidence":0.9,"severity":null,"intent":"track_order","reasoning":"asks where"}"#;

    fn reply(change: impl FnOnce(&mut Value)) -> Result<Verdict, LlmError> {
        reply_and_usage(change).1
    }

    fn reply_and_usage(change: impl FnOnce(&mut Value)) -> Read {
        let mut body = json!({
            "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "gpt-4.1-mini-2025-04-14",
            "choices": [{ "index": 0, "finish_reason": "stop", "logprobs": null,
                "message": { "role": "assistant", "content": VERDICT, "refusal": null, "annotations": [] } }],
            "usage": { "prompt_tokens": 900, "completion_tokens": 40, "total_tokens": 940,
                "prompt_tokens_details": { "cached_tokens": 640, "audio_tokens": 0 } },
        });
        change(&mut body);
        read(body.to_string().as_bytes())
    }

    #[test]
    fn a_verdict_and_its_usage_are_read() {
        let (usage, verdict) = reply_and_usage(|_| {});
        assert_eq!(verdict.unwrap().category, Category::ServiceAction);
        assert_eq!(
            (usage.input_tokens, usage.cached_tokens, usage.output_tokens),
            (900, 640, 40)
        );
    }

    #[test]
    fn the_confidence_comes_from_the_tokens_where_there_are_any() {
        let verdict = reply(|body| {
            body["choices"][0]["logprobs"] = json!({ "refusal": null, "content": [
                { "token": "{\"category\":\"", "logprob": 0.0, "bytes": null, "top_logprobs": [] },
                { "token": "service", "logprob": -0.223_143_55, "bytes": null, "top_logprobs": [
                    { "token": "service", "logprob": -0.223_143_55, "bytes": null },
                    { "token": "inform", "logprob": -1.609_437_9, "bytes": null } ] } ] });
        })
        .unwrap();
        assert!((verdict.confidence - 0.8).abs() < 1e-4, "{}", verdict.confidence);
    }

    #[test]
    fn every_way_not_to_answer_is_told_apart() {
        let code = |change: &dyn Fn(&mut Value)| reply(change).unwrap_err().code();
        assert_eq!(
            code(&|b| b["choices"][0]["message"]["refusal"] = json!("I cannot")),
            "refused"
        );
        assert_eq!(
            code(&|b| b["choices"][0]["finish_reason"] = json!("length")),
            "truncated"
        );
        assert_eq!(
            code(&|b| b["choices"][0]["finish_reason"] = json!("content_filter")),
            "content_filter"
        );
        assert_eq!(code(&|b| b["choices"] = json!([])), "bad_reply");
        assert_eq!(
            code(&|b| b["choices"][0]["message"]["content"] = json!(null)),
            "bad_reply"
        );
        assert_eq!(
            code(&|b| *b = json!({ "error": { "message": "overloaded" } })),
            "bad_reply"
        );
        let (usage, verdict) = reply_and_usage(|b| b["usage"] = json!("lots"));
        assert_eq!(usage, Usage::default());
        assert!(verdict.is_ok(), "an odd usage does not lose the verdict");
        let (usage, _) = reply_and_usage(|b| b["choices"][0]["message"]["refusal"] = json!("I cannot"));
        assert_eq!(usage.output_tokens, 40, "a refusal is paid for, too");
    }
}
