//! Switchboard.

pub mod admission;
pub mod classify;
pub mod clock;
pub mod config;
pub mod lifecycle;
pub mod message;
pub mod privacy;
