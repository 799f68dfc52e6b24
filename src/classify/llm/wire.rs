//! Which protocol is spoken: one match per request and reply. The protocols themselves are `wire_chat.rs` and `wire_responses.rs`, what they
//! share is `verdict.rs`.

use serde::Serialize;

use crate::config::llm::{Api, LlmConfig};
use crate::message::Channel;

use super::body::BodyTemplate;
use super::prompt::Prompt;
use super::verdict::{Envelope, Read};
use super::{wire_chat, wire_responses};

/// The body template of one prompt and channel.
pub(super) fn body_template(
    prompt: &Prompt,
    channel: Channel,
    config: &LlmConfig,
) -> Result<BodyTemplate, minijinja::Error> {
    let user = prompt.frame(channel)?;
    let envelope = Envelope {
        model: config.model.as_deref().unwrap_or(&prompt.model),
        system: prompt.system.trim(),
        user: &user,
        temperature: prompt.temperature,
        max_output_tokens: prompt.max_output_tokens,
        config,
    };
    let json = match config.api {
        Api::ChatCompletions => to_json(&wire_chat::Request::new(&envelope)),
        Api::Responses => to_json(&wire_responses::Request::new(&envelope)),
    };
    Ok(BodyTemplate::new(&json))
}

#[expect(
    clippy::expect_used,
    reason = "strings, numbers and checked raw JSON always serialise"
)]
fn to_json(request: &impl Serialize) -> String {
    serde_json::to_string(request).expect("a request of plain data serialises")
}

/// Reads a 200 reply.
pub(super) fn read_reply(api: Api, body: &[u8]) -> Read {
    match api {
        Api::ChatCompletions => wire_chat::read(body),
        Api::Responses => wire_responses::read(body),
    }
}

#[cfg(test)]
mod tests {
    use super::super::verdict::read_verdict;
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// No reply, however odd, makes a reader panic.
        #[test]
        fn no_reply_panics(body in proptest::collection::vec(any::<u8>(), 0..300), content in any::<String>()) {
            for api in [Api::ChatCompletions, Api::Responses] {
                let _ = read_reply(api, &body);
            }
            let _ = read_verdict(&content, None);
        }
    }
}
