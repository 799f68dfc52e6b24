//! Admission: who calls, how often, and what a caller over the limit may still send. Knows no HTTP.
//!
//! [`Callers`] turns a credential and an address into a [`Client`]; [`Limiter`] gives each client its token bucket, shared by all
//! replicas where there is a Redis, and its key's [`Account`] with the LLM; [`SafetyLane`] is the bounded door through which a
//! message over the limit still reaches the local model, because a safety report is never refused for being one message too many.
//! Nothing here fails a request: it admits or refuses.

mod buckets;
mod budget;
mod callers;
mod fleet;
mod key;
pub mod keys_file;
mod limiter;
mod link;
mod new_key;
mod operator_key;
mod rate;
mod safety_lane;
mod spending;

use std::sync::Arc;

pub use budget::{Account, Unsaved};
pub use callers::{Callers, Client, ClientId, Refused};
pub use key::{DailyBudget, Key, Permission};
pub use limiter::{Backend, Decision, Limiter};
pub use link::{BackendState, BackendStatus};
pub use new_key::{NoRandomBytes, new_key};
pub use rate::{Allowance, Rate};
pub use safety_lane::{LaneFull, LanePlace, SafetyLane};

/// All that decides whether a request gets in.
#[derive(Debug)]
pub struct Admission {
    /// Who calls.
    pub callers: Arc<Callers>,
    /// How often.
    pub limiter: Limiter,
    /// What gets in all the same.
    pub safety_lane: SafetyLane,
}
