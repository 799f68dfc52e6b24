//! Messages in files: JSON Lines in, checked rows out.
//!
//! A line is `{"text", "id"?, "channel"?}`, a labelled one has `"category"` and may have `"severity"`, `"intent"`, `"source"`, `"hard"`
//! and `"soft"`; other fields are ignored. Severity counts for safety messages, intent for the others that have one; a missing one teaches
//! that head nothing. A line that is not of that shape is refused with its number and its field: a silently skipped row would be a
//! silently worse model. No error holds a value: what stands in a wrong field may be a customer's words.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value};

use super::heads::OUTPUTS;
use crate::classify::label::{Category, Intent, Severity};
use crate::message::{Channel, MessageText};

/// One message of a file.
#[derive(Debug, Clone)]
pub struct Line {
    /// Name of the message, a string or a number as it stands in the file; else null.
    pub id: Value,
    /// The customer's words, also as `message`.
    pub text: String,
    /// Where it came from, if that is told.
    pub channel: Option<Channel>,
}

/// One labelled message.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Map<String, Value>")]
pub struct Row {
    /// Name of the row, for predictions; see [`Line::id`].
    pub id: Value,
    /// The customer's words.
    pub text: String,
    /// What it is.
    pub category: Category,
    /// How urgent a safety message is.
    pub severity: Option<Severity>,
    /// What is wanted.
    pub intent: Option<Intent>,
    /// Where it came from.
    pub channel: Channel,
    /// Where the row is from, as the model card counts them.
    pub source: String,
    /// Probability of each of the 12 outputs, where a larger model was asked instead of a person.
    pub soft: Option<[f32; OUTPUTS]>,
    /// Whether the row was written to be hard to decide.
    pub hard: bool,
}

/// A field that is missing or wrong, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{field}` {problem}")]
pub struct BadField {
    /// Which.
    pub field: &'static str,
    /// Continues the sentence.
    pub problem: Cow<'static, str>,
}

/// Why a line is no message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadLine {
    /// Another encoding, such as the UTF-16 of some spreadsheets.
    #[error("not UTF-8; save the file as UTF-8")]
    Encoding,
    /// Not JSON: a table, or one object over several lines.
    #[error("not JSON ({problem}, column {column}); a line is one object such as {{\"text\": \"...\"}}")]
    Json {
        /// What the parser says.
        problem: String,
        /// From 1.
        column: usize,
    },
    /// JSON, but a list or a bare value.
    #[error(
        "not a JSON object; a line is one object such as {{\"text\": \"...\"}}, without a list around them"
    )]
    Shape,
    /// A field is missing or wrong.
    #[error(transparent)]
    Field(#[from] BadField),
}

/// Why messages were refused.
#[derive(Debug, thiserror::Error)]
pub enum DatasetError {
    /// The file could not be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A line is not a message.
    #[error("{}, line {line}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// What is wrong with it.
        #[source]
        source: BadLine,
    },
    /// A file without a single row.
    #[error("{} holds no labelled message", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
}

/// Every labelled message of a file, at least one; blank lines are skipped.
///
/// # Errors
/// [`DatasetError`] naming the file, the line and the field.
pub fn read(path: &Path) -> Result<Vec<Row>, DatasetError> {
    let bytes = std::fs::read(path).map_err(|source| DatasetError::Read {
        path: path.to_owned(),
        source,
    })?;
    let rows: Vec<Row> = parse(path, &bytes)?;
    if rows.is_empty() {
        return Err(DatasetError::Empty {
            path: path.to_owned(),
        });
    }
    Ok(rows)
}

/// Every message of JSON Lines, as [`Line`]s or [`Row`]s; blank lines are skipped, and so is the byte order mark that some programs put
/// in front. `path` is for errors.
///
/// # Errors
/// [`DatasetError::Line`] for the first line that is none.
pub fn parse<T>(path: &Path, bytes: &[u8]) -> Result<Vec<T>, DatasetError>
where
    T: TryFrom<Map<String, Value>, Error = BadField>,
{
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let lines = bytes.split(|byte| *byte == b'\n').enumerate();
    lines
        .filter(|(_, line)| !line.trim_ascii().is_empty())
        .map(|(index, line)| {
            let row = object(line).and_then(|object| Ok(T::try_from(object)?));
            row.map_err(|source| DatasetError::Line {
                path: path.to_owned(),
                line: index + 1,
                source,
            })
        })
        .collect()
}

fn object(line: &[u8]) -> Result<Map<String, Value>, BadLine> {
    let line = str::from_utf8(line).map_err(|_| BadLine::Encoding)?;
    match serde_json::from_str(line) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(BadLine::Shape),
        Err(error) => {
            let told = error.to_string();
            // The parser counts lines, too: always the first one here.
            let problem = told.split(" at line ").next().unwrap_or_default().to_owned();
            let column = error.column();
            Err(BadLine::Json { problem, column })
        }
    }
}

impl TryFrom<Map<String, Value>> for Line {
    type Error = BadField;

    fn try_from(mut line: Map<String, Value>) -> Result<Self, BadField> {
        let id = line.remove("id").unwrap_or_default();
        if !matches!(id, Value::Null | Value::String(_) | Value::Number(_)) {
            return Err(wrong("id", "must be a string or a number"));
        }
        let text = line.remove("text").or_else(|| line.remove("message"));
        let text = match text {
            Some(Value::String(text)) => text,
            Some(_) => return Err(wrong("text", "must be a string")),
            None => return Err(wrong("text", "is missing: the customer's words, a string")),
        };
        // What the service refuses, nobody has to judge a model by.
        if let Err(refused) = MessageText::parse(&text) {
            return Err(wrong("text", refused.to_string()));
        }
        let channel = label(
            &mut line,
            "channel",
            "chat, voice, mail (or email) or api",
            |name| name.parse().ok(),
        )?;
        Ok(Self { id, text, channel })
    }
}

impl TryFrom<Map<String, Value>> for Row {
    type Error = BadField;

    fn try_from(mut row: Map<String, Value>) -> Result<Self, BadField> {
        const CATEGORIES: &str = "informational, service_action or safety_compliance";
        let category = label(&mut row, "category", CATEGORIES, Category::parse)?
            .ok_or_else(|| wrong("category", format!("is missing: {CATEGORIES}")))?;
        let severity = label(&mut row, "severity", "standard, high or urgent", Severity::parse)?;
        let intent = label(&mut row, "intent", &Intent::SPELLINGS.join(", "), Intent::parse)?;
        let source = match row.remove("source") {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(source)) => source,
            Some(_) => return Err(wrong("source", "must be a string")),
        };
        let hard = match row.remove("hard") {
            None | Some(Value::Null) => false,
            Some(Value::Bool(hard)) => hard,
            Some(_) => return Err(wrong("hard", "must be true or false")),
        };
        let soft = match row.remove("soft") {
            None | Some(Value::Null) => None,
            Some(soft) => Some(
                probabilities(soft)
                    .ok_or_else(|| wrong("soft", format!("must be {OUTPUTS} numbers from 0 to 1")))?,
            ),
        };
        let Line { id, text, channel } = row.try_into()?;
        Ok(Self {
            id,
            text,
            category,
            severity,
            intent,
            channel: channel.unwrap_or_default(),
            source,
            soft,
            hard,
        })
    }
}

fn wrong(field: &'static str, problem: impl Into<Cow<'static, str>>) -> BadField {
    BadField {
        field,
        problem: problem.into(),
    }
}

/// The label of a field, `None` where there is none.
fn label<T>(
    row: &mut Map<String, Value>,
    field: &'static str,
    known: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, BadField> {
    match row.remove(field) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match value.as_str().and_then(parse) {
            None => Err(wrong(field, format!("must be {known}"))),
            label => Ok(label),
        },
    }
}

fn probabilities(soft: Value) -> Option<[f32; OUTPUTS]> {
    let soft: [f32; OUTPUTS] = serde_json::from_value(soft).ok()?;
    let sound = soft.iter().all(|part| (0.0..=1.0).contains(part));
    sound.then_some(soft)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Result<Vec<Row>, String> {
        parse(Path::new("f.jsonl"), text.as_bytes()).map_err(|error| {
            let source = std::error::Error::source(&error).unwrap();
            format!("{error}: {source}")
        })
    }

    #[test]
    fn a_mark_in_front_crlf_blank_lines_and_numbered_rows_are_read() {
        let rows = rows(concat!(
            "\u{feff}{\"id\": 7, \"text\": \"hello\", \"category\": \"informational\", \"severity\": null}\r\n\r\n",
            "{\"id\": \"b\", \"message\": \"where is it\", \"category\": \"service_action\", \"intent\": \"track_order\", \"channel\": \"email\"}",
        ))
        .unwrap();
        assert_eq!(rows.len(), 2);
        assert_eq!((&rows[0].id, rows[0].channel), (&7.into(), Channel::Chat));
        assert_eq!((&rows[1].id, rows[1].channel), (&"b".into(), Channel::Mail));
        assert_eq!(rows[1].text, "where is it");
    }

    #[test]
    fn a_wrong_row_is_refused_by_line_and_field_and_its_values_are_not_shown() {
        let sound = "{\"text\": \"Jo Park\", \"category\": \"informational\"";
        let cases = [
            ("id,text,category", "not JSON"),
            ("{\"text\": \"Jo Park\"", "not JSON"),
            ("[{\"text\": \"Jo Park\"}]", "not a JSON object"),
            ("{\"category\": \"informational\"}", "`text` is missing"),
            (
                "{\"text\": \"Jo Park\"}",
                "`category` is missing: informational, service_action",
            ),
            (
                "{\"text\": 5, \"category\": \"informational\"}",
                "`text` must be a string",
            ),
            (
                "{\"text\": \" \\n\", \"category\": \"informational\"}",
                "`text` must not be empty",
            ),
            (
                "{\"text\": \"x\", \"category\": \"Jo Park\"}",
                "`category` must be informational, ",
            ),
            (
                &format!("{sound}, \"severity\": \"Jo Park\"}}"),
                "`severity` must be standard, high",
            ),
            (
                &format!("{sound}, \"intent\": \"Jo Park\"}}"),
                "`intent` must be open_ticket, ",
            ),
            (
                &format!("{sound}, \"channel\": \"Jo Park\"}}"),
                "`channel` must be chat, voice",
            ),
            (
                &format!("{sound}, \"id\": [\"Jo Park\"]}}"),
                "`id` must be a string or a number",
            ),
            (
                &format!("{sound}, \"hard\": \"Jo Park\"}}"),
                "`hard` must be true or false",
            ),
            (
                &format!("{sound}, \"soft\": [0.5, 0.5]}}"),
                "`soft` must be 12 numbers",
            ),
            (
                &format!("{sound}, \"soft\": [9,0,0,0,0,0,0,0,0,0,0,0]}}"),
                "`soft` must be 12 numbers",
            ),
        ];
        for (line, told) in cases {
            let error = rows(&format!("{sound}}}\n\n{line}\n")).unwrap_err();
            assert!(error.starts_with("f.jsonl, line 3: "), "{line}: {error}");
            assert!(error.contains(told) && !error.contains("Jo"), "{line}: {error}");
        }
        let long = format!(
            "{{\"text\": \"{}\", \"category\": \"informational\"}}",
            "x".repeat(5001)
        );
        assert!(
            rows(&long)
                .unwrap_err()
                .contains("`text` must be at most 5000 characters")
        );
        let utf16 = parse::<Row>(Path::new("f.jsonl"), b"\xff\xfe{\0").unwrap_err();
        let DatasetError::Line {
            line: 1,
            source: BadLine::Encoding,
            ..
        } = utf16
        else {
            panic!("{utf16:?}")
        };
    }
}
