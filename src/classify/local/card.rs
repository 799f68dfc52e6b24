//! The model card: what a model was made of, how, and what it is worth, as Markdown beside the model file.

use std::fmt::Write as _;

use minijinja::value::Serde;
use minijinja::{Environment, Value, context};
use serde::Serialize;

use super::hyperparameters::Hyperparameters;
use super::metrics::Report;

/// A file that was learnt from.
#[derive(Debug, Clone, Serialize)]
pub struct SourceLine {
    /// Its name, without its folder.
    pub name: String,
    /// Rows in it.
    pub rows: usize,
    /// How much each counts.
    pub weight: f32,
    /// Where its rows say they are from, and how many each.
    pub origins: String,
    /// Start of the file's SHA-256.
    pub sha256: String,
}

/// Everything a card says.
#[derive(Debug, Serialize)]
pub struct Card<'a> {
    /// Name and hash of the model.
    pub version: &'a str,
    /// SHA-256 of the model file, hexadecimal.
    pub sha256: &'a str,
    /// Size of the model file.
    pub bytes: usize,
    /// UTC date of the training, if the caller gave one.
    pub date: Option<&'a str>,
    /// What was learnt from.
    pub sources: &'a [SourceLine],
    /// How.
    pub hyper: &'a Hyperparameters,
    /// What the temperatures are.
    pub temperatures: [f32; 3],
    /// Which messages judged it.
    pub judged_on: &'a str,
    /// What they say.
    pub report: &'a Report,
    /// Text to append, such as licences of sources.
    pub notes: &'a str,
}

impl Card<'_> {
    /// The card as Markdown.
    ///
    /// # Errors
    /// A fault of the template.
    pub fn render(&self) -> Result<String, minijinja::Error> {
        let mut hyper = String::new();
        if let Ok(serde_json::Value::Object(values)) = serde_json::to_value(self.hyper) {
            for (name, value) in values {
                let _ = writeln!(hyper, "| {name} | {value} |");
            }
        }
        let mut environment = Environment::new();
        environment.add_filter("percent", |part: Option<f64>| {
            part.map_or("-".into(), |part| format!("{:.1} %", part * 100.0))
        });
        environment.render_str(TEMPLATE, context! { card => Value::from(Serde(self)), hyper })
    }
}

const TEMPLATE: &str = include_str!("card.md.jinja");
