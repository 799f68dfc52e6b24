//! Switchboard reads every message that customers send to a contact centre, decides what kind it is, runs that kind's
//! workflow and answers with what happens next. A safety report is never lost, late or leaked.
//!
//! # The way of a request
//!
//! 1. **transport**, [`http`]: request id, deadline, body limit, access log.
//! 2. **admission**, [`admission`]: who calls, how often; over the limit, a lane for safety reports.
//! 3. **privacy**, [`privacy`]: the redacted copy, the only one that leaves.
//! 4. **classify**, [`classify`]: local model, LLM, safety floor.
//! 5. **workflow**, [`workflow`]: informational, service action, safety and compliance.
//! 6. **commit**, [`store`]: what the answer promises is on disk first.
//! 7. **answer**, [`http`] again.
//!
//! [`triage`] is steps 3 to 6 as code. Imports point down that list; `tests/it/architecture.rs` holds them to it.
//!
//! # The other rooms
//!
//! [`delivery`] takes to outside systems what is stored, [`integrations`] has one file for each of those; [`operator`] is what people do with
//! the records. [`app`] puts the parts together, [`cli`] has the commands, [`config`] every setting, [`lifecycle`] the tasks and the end of
//! the process, [`telemetry`] logs, metrics and traces. [`clock`], [`message`] and [`mod@reference`], [`trust`], [`retry_after`],
//! [`breaker_state`] are the leaves that everything may use; [`cohort`] lets messages pass the stages together, [`lanes`] are the threads that serve
//! connections.

#[macro_use]
mod closed_set;

pub mod admission;
pub mod app;
pub mod breaker_state;
pub mod classify;
pub mod cli;
pub mod clock;
mod cohort;
pub mod config;
pub mod delivery;
pub mod http;
pub mod integrations;
mod lanes;
pub mod lifecycle;
pub mod mail;
pub mod message;
pub mod operator;
pub mod privacy;
pub mod reference;
mod retry_after;
pub mod store;
pub mod telemetry;
pub mod triage;
mod trust;
pub mod workflow;
