//! The service's promises, one file each, held against the real app over HTTP, on real databases, with a fake LLM that answers or
//! misbehaves as scripted.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "the lints' exception for tests covers test functions, not what they share"
)]

mod architecture;
mod canary;
mod contract;
mod crash;
mod database;
mod delivery;
mod harness;
mod idempotency;
mod limits;
mod llm;
mod llm_app;
mod llm_connections;
mod llm_faults;
mod llm_live;
mod llm_prompt;
mod operators;
mod outside;
mod outside_systems;
mod overload;
mod postgres;
mod process;
mod record_commands;
mod redaction;
mod replicas;
mod store_audit;
mod store_failures;
mod store_idempotency;
mod store_outbox;
mod store_records;
mod store_upgrade;
mod upstream;
mod validation;
mod workflows;
