//! Switchboard.

pub mod classify;
pub mod clock;
pub mod message;
pub mod privacy;
