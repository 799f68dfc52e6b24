//! Admission: who calls, how often, and what a caller over the limit may still send. Knows no HTTP.
//!
//! [`Callers`] turns a credential and an address into a [`Client`]; [`Limiter`] gives each client its token bucket;
//! [`SafetyLane`] is the bounded door through which a message over the limit still reaches the local model, because a
//! safety report is never refused for being one message too many. Nothing here fails: it admits or refuses.

mod callers;
mod limiter;

pub use callers::{Callers, Client, ClientId, Refused};
pub use limiter::{Allowance, Limiter, SafetyLane};
