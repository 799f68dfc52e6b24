//! Switchboard.

pub mod classify;
pub mod clock;
pub mod config;
pub mod message;
pub mod privacy;
