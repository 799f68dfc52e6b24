//! The service's promises, one file each, held against the real app over HTTP, on real databases, with a fake LLM that answers or
//! misbehaves as scripted.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "the lints' exception for tests covers test functions, not what they share"
)]

mod access;
mod architecture;
mod browser;
mod budgets;
mod canary;
mod clock_skew;
mod contract;
mod crash;
mod database;
mod delivery;
mod duplicate_reports;
mod fleet_limits;
mod harness;
mod help_centre;
mod idempotency;
mod knowledge_reload;
mod limits;
mod llm;
mod llm_app;
mod llm_connections;
mod llm_faults;
mod llm_live;
mod llm_prompt;
mod logs;
mod metrics;
mod model_commands;
mod operations;
mod operators;
mod outside;
mod outside_systems;
mod overload;
mod pages;
mod postgres;
mod process;
mod ready;
mod record_commands;
mod redaction;
mod redis;
mod replicas;
mod request_tracker;
mod settings;
mod stalling_proxy;
mod store_audit;
mod store_failures;
mod store_idempotency;
mod store_links;
mod store_outbox;
mod store_records;
mod store_upgrade;
mod traces;
mod unread_bodies;
mod upstream;
mod validation;
mod workflows;
