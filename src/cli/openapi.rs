//! `switchboard openapi`: the API's description, as served at `/openapi.json`.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Context;

use super::out;
use crate::http;

/// Prints the description.
///
/// # Errors
/// When standard output cannot be written.
pub fn run() -> anyhow::Result<ExitCode> {
    let document = http::openapi()
        .to_pretty_json()
        .context("the description could not be written as JSON")?;
    writeln!(out::lock(), "{document}")?;
    Ok(ExitCode::SUCCESS)
}
