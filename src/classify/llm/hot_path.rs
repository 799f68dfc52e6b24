//! The parts that every request runs, one by one, for the benchmarks. Not an API: hidden, and free to change.

use std::time::Duration;

use bytes::Buf;

use crate::config::LlmConfig;
use crate::config::llm::{Api, BreakerConfig};
use crate::message::Channel;

use super::body::BodyTemplate;
use super::breaker::{Breaker, Report};
use super::prompt::{Nonces, Prompt};
use super::wire;

/// Builds request bodies.
#[derive(Debug)]
pub struct Bodies(BodyTemplate, Nonces);

impl Bodies {
    /// For one prompt and channel.
    ///
    /// # Errors
    /// None for a prompt that came from `Prompts`.
    pub fn new(prompt: &Prompt, channel: Channel, config: &LlmConfig) -> Result<Self, minijinja::Error> {
        Ok(Self(
            wire::body_template(prompt, channel, config)?,
            Nonces::default(),
        ))
    }

    /// The parts of the body for one text, as they are sent.
    #[must_use]
    pub fn fill(&self, text: &str) -> impl Buf + use<> {
        self.0.fill(text, &self.1.for_text(text)).into_parts()
    }
}

/// Reads a reply; true when there is a verdict in it.
#[must_use]
pub fn read(api: Api, body: &[u8]) -> bool {
    wire::read_reply(api, body).1.is_ok()
}

/// A breaker that every call passes.
pub struct Pass(Breaker);

impl Pass {
    /// With the default settings.
    #[must_use]
    pub fn new() -> Self {
        Self(Breaker::new(&BreakerConfig::default(), Box::new(|_, _, _| {})))
    }

    /// Asks, and reports a good call; true when it passed.
    #[must_use]
    pub fn once(&self, now: Duration) -> bool {
        match self.0.acquire(now) {
            Ok(permit) => {
                permit.report(Report::Good, now);
                true
            }
            Err(_) => false,
        }
    }
}

impl Default for Pass {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Pass {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pass")
    }
}
