//! `switchboard prompts list|render`: which prompts there are, and exactly what the model would be sent.
//!
//! `render` takes a text, redacts it as the service does for the LLM (`[PHONE_1]`), and prints system and user message, or with `--json` the request
//! body. Nothing is sent. Output goes to the writer that the caller hands in, so a test reads it.

use std::io::{self, Write};

use clap::{Args, Subcommand};

use crate::classify::llm::{Nonces, Prompt, PromptError, Prompts, request_body};
use crate::config::LlmConfig;
use crate::message::{Channel, MessageText, TextError};
use crate::privacy::Redactor;

/// Arguments of `prompts`.
#[derive(Debug, Args)]
pub struct PromptsArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Every prompt version, with a mark on those in use.
    List {
        /// Print JSON instead of a table.
        #[arg(long)]
        json: bool,
    },
    /// What the model would be sent for a text.
    Render {
        /// The customer's text.
        text: String,
        /// Where it comes from: chat, voice, mail or api.
        #[arg(long, default_value = "chat")]
        channel: Channel,
        /// A version other than the active one.
        #[arg(long)]
        version: Option<String>,
        /// Print the request body instead of the two messages.
        #[arg(long)]
        json: bool,
    },
}

/// Why the command failed.
#[derive(Debug, thiserror::Error)]
pub enum PromptsCommandError {
    /// The prompts cannot be loaded.
    #[error(transparent)]
    Prompts(#[from] PromptError),
    /// There is no such version.
    #[error("there is no prompt version {0}; see `switchboard prompts list`")]
    UnknownVersion(String),
    /// The text is not a message.
    #[error("the text {0}")]
    Text(#[from] TextError),
    /// The template fails.
    #[error("the prompt cannot be rendered")]
    Render(#[from] minijinja::Error),
    /// The output cannot be written.
    #[error("cannot write")]
    Write(#[from] io::Error),
}

impl PromptsCommandError {
    /// Whether a setting or an argument is at fault.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::Prompts(_) | Self::UnknownVersion(_) | Self::Text(_))
    }
}

/// Runs the command with a redactor that holds the operator's recognizers too.
///
/// # Errors
/// [`PromptsCommandError`]; nothing but output is left behind.
pub fn run(
    args: &PromptsArgs,
    config: &LlmConfig,
    redactor: &Redactor,
    out: &mut impl Write,
) -> Result<(), PromptsCommandError> {
    let prompts = Prompts::load(&config.prompts)?;
    match &args.command {
        Command::List { json: true } => list_json(&prompts, out),
        Command::List { json: false } => list(&prompts, out),
        Command::Render {
            text,
            channel,
            version,
            json,
        } => {
            let prompt = match version {
                Some(version) => {
                    let found = prompts.all().iter().find(|prompt| prompt.version == *version);
                    found.ok_or_else(|| PromptsCommandError::UnknownVersion(version.clone()))?
                }
                None => &prompts.variants()[0].prompt,
            };
            let text = MessageText::parse(text)?;
            // What the LLM gets: two mentions of one number are one placeholder.
            let redacted = redactor.pseudonymise(text.as_str()).text;
            if *json {
                let body = request_body(prompt, *channel, config, redacted.as_str())?;
                writeln!(out, "{}", String::from_utf8_lossy(&body))?;
            } else {
                render(prompt, *channel, redacted.as_str(), out)?;
            }
            Ok(())
        }
    }
}

fn list(prompts: &Prompts, out: &mut impl Write) -> Result<(), PromptsCommandError> {
    writeln!(
        out,
        "{:<10} {:<10} {:<16} {:<24} DESCRIPTION",
        "VERSION", "ID", "MODEL", "IN USE AS"
    )?;
    for prompt in prompts.all() {
        let Prompt {
            version,
            id,
            model,
            description,
            ..
        } = prompt;
        writeln!(
            out,
            "{version:<10} {id:<10} {model:<16} {:<24} {description}",
            names(prompts, prompt).join(", ")
        )?;
    }
    Ok(())
}

/// `name (share)` of every variant that uses this prompt.
fn names(prompts: &Prompts, prompt: &Prompt) -> Vec<String> {
    let total: u32 = prompts.variants().iter().map(|variant| variant.weight).sum();
    let using = prompts
        .variants()
        .iter()
        .filter(|variant| variant.prompt.version == prompt.version);
    using
        .map(|variant| {
            let percent = f64::from(variant.weight) * 100.0 / f64::from(total.max(1));
            format!("{} ({percent:.0} %)", variant.name)
        })
        .collect()
}

fn list_json(prompts: &Prompts, out: &mut impl Write) -> Result<(), PromptsCommandError> {
    let rows: Vec<_> = prompts
        .all()
        .iter()
        .map(|prompt| {
            serde_json::json!({ "version": prompt.version, "id": prompt.id, "model": prompt.model,
                "description": prompt.description, "in_use_as": names(prompts, prompt) })
        })
        .collect();
    writeln!(out, "{}", serde_json::Value::from(rows))?;
    Ok(())
}

fn render(
    prompt: &Prompt,
    channel: Channel,
    text: &str,
    out: &mut impl Write,
) -> Result<(), PromptsCommandError> {
    let user = prompt.render(channel, &Nonces::default(), text)?;
    writeln!(
        out,
        "--- system ({} {}, {}) ---",
        prompt.id, prompt.version, prompt.model
    )?;
    writeln!(out, "{}", prompt.system.trim())?;
    writeln!(out, "--- user ---")?;
    writeln!(out, "{user}")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: PromptsArgs,
    }

    fn output(words: &[&str]) -> Result<String, PromptsCommandError> {
        let line = Line::parse_from([&["prompts"], words].concat());
        let mut out = Vec::new();
        let redactor: Redactor = Default::default();
        run(&line.args, &LlmConfig::default(), &redactor, &mut out)?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn list_marks_the_prompt_in_use() {
        let table = output(&["list"]).unwrap();
        assert!(
            table.contains("1.0.0") && table.contains("active (100 %)"),
            "{table}"
        );
        let rows: serde_json::Value = serde_json::from_str(&output(&["list", "--json"]).unwrap()).unwrap();
        assert_eq!(rows[0]["in_use_as"][0], "active (100 %)");
    }

    #[test]
    fn render_shows_both_messages_or_the_body() {
        let asked = "Where is \"it\"? Call 212-555-0134, not 212-555-0177; 212-555-0134!";
        let text = output(&["render", asked, "--channel", "mail"]).unwrap();
        let sent = "\nWhere is \"it\"? Call [PHONE_1], not [PHONE_2]; [PHONE_1]!\n</message-";
        assert!(text.contains("Channel: mail") && text.contains(sent), "{text}");
        let body: serde_json::Value =
            serde_json::from_str(&output(&["render", "Where is \"it\"?", "--json"]).unwrap()).unwrap();
        let user = body["messages"][1]["content"].as_str().unwrap();
        assert!(user.contains("\nWhere is \"it\"?\n"), "{user}");
    }

    #[test]
    fn mistakes_are_explained() {
        let error = output(&["render", "x", "--version", "9.0.0"])
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("9.0.0") && error.contains("prompts list"),
            "{error}"
        );
        assert!(output(&["render", "  "]).unwrap_err().is_usage());
    }
}
