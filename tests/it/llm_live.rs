//! A real server, when somebody has one: not part of the usual run.
//!
//! `SWITCHBOARD_LIVE_LLM=llm.toml cargo test --test it -- --ignored --nocapture real_server`, where the file holds the keys of
//! the `[llm]` section. Prints what comes back; fails when the server cannot be spoken to.

use std::sync::Arc;
use std::time::Duration;

use switchboard::classify::llm::{Call, Health, Llm, NoEvents, Prompts};
use switchboard::clock::Clock;
use switchboard::config::LlmConfig;
use switchboard::message::Channel;
use switchboard::privacy::Redactor;

#[tokio::test]
#[ignore = "needs a real server: see the top of this file"]
#[expect(
    clippy::disallowed_methods,
    reason = "run by hand, and told by the environment what to ask"
)]
async fn a_real_server_can_be_spoken_to() {
    let path = std::env::var("SWITCHBOARD_LIVE_LLM").expect("SWITCHBOARD_LIVE_LLM names a file");
    let config: LlmConfig = toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let prompts = Prompts::load(&config.prompts).unwrap();
    let llm = Llm::new(&config, prompts, Clock::system(), Arc::new(NoEvents)).unwrap();
    let redactor: Redactor = Default::default();
    for text in [
        "What are your opening hours?",
        "My throat is swelling since I took the \"new\" tablets.",
    ] {
        let redacted = redactor.redact(text).text;
        let call = Call {
            text: &redacted,
            channel: Channel::Chat,
            sticky_key: "live",
            deadline: Duration::from_secs(600),
            traceparent: None,
        };
        let result = llm.classify(call).await;
        println!("{text}\n  {result:?}");
        // A small model may talk nonsense; the server must have taken the request and answered.
        let spoken = result.as_ref().map_or_else(
            |error| error.health() == Health::Up && error.code() != "rejected",
            |_| true,
        );
        assert!(spoken, "{result:?}");
    }
}
