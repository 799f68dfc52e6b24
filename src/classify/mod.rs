//! Classification: local model, LLM and safety floor.

pub mod label;
