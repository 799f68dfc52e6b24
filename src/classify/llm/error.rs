//! Everything that can go wrong with one question to the LLM, as data.
//!
//! Each variant has a stable [`code`](LlmError::code) for metrics, and answers the two questions that the layers ask:
//! may another attempt help, and what does it say about the health of the service. No variant holds text that came
//! from the model, the customer or the provider's error message, and none holds a URL: an error may be logged as it is.

use std::sync::Arc;
use std::time::Duration;

/// Why there is no verdict.
#[derive(Debug, Clone, thiserror::Error)]
pub enum LlmError {
    /// An attempt took longer than it may.
    #[error("no answer within {after:?}")]
    Timeout {
        /// How long it was given.
        after: Duration,
    },
    /// The caller's time ran out before the service had a fair chance.
    #[error("no time left")]
    Deadline,
    /// No connection: name lookup, TCP or TLS failed.
    #[error("cannot connect")]
    Connect(#[source] Arc<hyper_util::client::legacy::Error>),
    /// The connection broke before the reply was whole.
    #[error("connection broke")]
    Reset(#[source] Arc<dyn std::error::Error + Send + Sync>),
    /// 5xx, 408 or 409.
    #[error("the service answered {status}")]
    ServerError {
        /// The HTTP status.
        status: u16,
        /// How long the service asks us to wait.
        retry_after: Option<Duration>,
    },
    /// 429.
    #[error("rate limited")]
    RateLimited {
        /// How long the service asks us to wait.
        retry_after: Option<Duration>,
    },
    /// 401 or 403: the key is wrong, missing or not allowed to do this.
    #[error("the service refused the key with {status}")]
    Auth {
        /// The HTTP status.
        status: u16,
    },
    /// The account has no credit left.
    #[error("the account's quota is exhausted")]
    Quota,
    /// The service does not accept the request: any other 4xx, or a redirect.
    #[error("the service rejected the request with {status}")]
    Rejected {
        /// The HTTP status.
        status: u16,
    },
    /// The model declined to answer.
    #[error("the model refused")]
    Refused,
    /// The reply ended at the token cap.
    #[error("the reply was cut off at the token cap")]
    Truncated,
    /// The provider's content filter stopped the request or the reply.
    #[error("stopped by the content filter")]
    ContentFilter,
    /// The reply is not what was asked for.
    #[error("bad reply: {0}")]
    BadReply(#[from] BadReply),
    /// The reply names a category that does not exist.
    #[error("the reply names an unknown category")]
    UnknownCategory,
    /// The breaker is open.
    #[error("the breaker is open")]
    BreakerOpen {
        /// When probes will be let through.
        retry_after: Duration,
    },
    /// Too many calls are under way or waiting.
    #[error("too many calls under way")]
    Overloaded,
}

/// What is wrong with a reply. Deliberately without the parser's own message, which may quote the reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadReply {
    /// The content type is not JSON.
    #[error("not JSON by its content type")]
    ContentType,
    /// The body is not the JSON that the API promises.
    #[error("the body is malformed")]
    Body,
    /// There is no choice, or no text in it.
    #[error("nothing in it")]
    Empty,
    /// The model's text is not the JSON object asked for.
    #[error("the verdict has the wrong shape")]
    Verdict,
    /// The confidence is missing or not from 0 to 1.
    #[error("the confidence is not from 0 to 1")]
    Confidence,
    /// The body is longer than is read.
    #[error("the body is too large")]
    TooLarge,
}

/// What an outcome says about the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// It works (even if it declined this request).
    Up,
    /// It failed.
    Failing,
    /// It will fail until somebody changes something: the key, the account.
    Dead,
    /// Nothing: the call never got to it, or was not given enough time.
    Unknown,
}

impl LlmError {
    /// A stable name for metrics and logs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Timeout { .. } => "timeout",
            Self::Deadline => "deadline",
            Self::Connect(_) => "connect",
            Self::Reset(_) => "reset",
            Self::ServerError { .. } => "server_error",
            Self::RateLimited { .. } => "rate_limited",
            Self::Auth { .. } => "auth",
            Self::Quota => "quota",
            Self::Rejected { .. } => "rejected",
            Self::Refused => "refused",
            Self::Truncated => "truncated",
            Self::ContentFilter => "content_filter",
            Self::BadReply(_) => "bad_reply",
            Self::UnknownCategory => "unknown_category",
            Self::BreakerOpen { .. } => "breaker_open",
            Self::Overloaded => "overloaded",
        }
    }

    /// What this says about the service; the breaker asks.
    #[must_use]
    pub const fn health(&self) -> Health {
        match self {
            Self::Timeout { .. }
            | Self::Connect(_)
            | Self::Reset(_)
            | Self::ServerError { .. }
            | Self::RateLimited { .. } => Health::Failing,
            Self::Auth { .. } | Self::Quota => Health::Dead,
            Self::Rejected { .. }
            | Self::Refused
            | Self::Truncated
            | Self::ContentFilter
            | Self::BadReply(_)
            | Self::UnknownCategory => Health::Up,
            Self::Deadline | Self::BreakerOpen { .. } | Self::Overloaded => Health::Unknown,
        }
    }

    /// Whether another attempt may help, and the shortest wait before it that the service asks for.
    #[must_use]
    pub const fn retry(&self) -> Option<Duration> {
        match self {
            Self::Timeout { .. } | Self::Connect(_) | Self::Reset(_) => Some(Duration::ZERO),
            Self::ServerError { retry_after, .. } | Self::RateLimited { retry_after } => match retry_after {
                Some(wait) => Some(*wait),
                None => Some(Duration::ZERO),
            },
            _ => None,
        }
    }
}

/// Why the client cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum LlmSetupError {
    /// The base URL does not parse.
    #[error("llm.base_url: not a URL")]
    BaseUrl,
    /// A header value has characters that no header may have. Does not show the value.
    #[error("{setting}: holds a character that a header cannot carry")]
    Header {
        /// The setting.
        setting: &'static str,
    },
    /// The CA file cannot be read.
    #[error("llm.connection.ca_file: cannot read certificates from it")]
    CaFile(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The proxy's URL does not parse, or has another scheme than `http`. Does not show it: it may hold a password.
    #[error("llm.connection.proxy: not the URL of an HTTP proxy")]
    Proxy,
    /// TLS cannot be set up.
    #[error("TLS cannot be set up")]
    Tls(#[source] rustls::Error),
    /// A setting that cannot work.
    #[error(transparent)]
    Config(#[from] crate::config::InvalidSetting),
    /// A prompt cannot be rendered.
    #[error("a prompt cannot be rendered")]
    Prompt(#[source] Box<minijinja::Error>),
}
