//! What the layers pass to each other.

use std::future::Future;
use std::time::Duration;

use hyper::header::HeaderValue;

use super::body::RequestBody;
use super::error::LlmError;
use super::usage::{Tally, Usage};
use super::verdict::Verdict;

/// One question. Cheap to clone: the body is shared.
#[derive(Clone)]
pub(super) struct Ask {
    pub(super) body: RequestBody,
    /// When the caller needs the answer, in the clock's elapsed time.
    pub(super) deadline: Duration,
    pub(super) traceparent: Option<HeaderValue>,
    /// Where the client puts what its replies used.
    pub(super) tally: Tally,
}

/// One answer.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) verdict: Verdict,
    pub(super) usage: Usage,
    /// Calls that it took, retries included.
    pub(super) attempts: u32,
}

/// The answer, or why there is none.
pub(super) type Reply = Result<Answer, LlmError>;

/// The client or a layer around it.
///
/// What tower's `Service` is, for calls that may share it: a call borrows its layer and everything below, where that trait has each call
/// take a clone with it and box its future. All calls of a process pass here, from all threads.
pub(super) trait Layer: Send + Sync + 'static {
    /// Answers a question. Dropping the future ends the call.
    fn call(&self, ask: &Ask) -> impl Future<Output = Reply> + Send;
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::classify::label::Category;

    /// An answer that can be told from others by its number of attempts.
    pub(in crate::classify::llm) fn answer(attempts: u32) -> Answer {
        Answer {
            verdict: Verdict {
                category: Category::Informational,
                confidence: 1.0,
                severity: None,
                intent: None,
                reasoning: String::new(),
                unknown_label: None,
                model: None,
                finish_reason: None,
            },
            usage: Usage::default(),
            attempts,
        }
    }
}
