//! `switchboard redact`: masks identifiers in texts, from standard input or files to standard output.
//!
//! Plain mode reads everything as one text, so that a signature can be told from the line before it. `--jsonl` reads one
//! `{"text": ...}` a line and writes `{"text", "redacted", "spans"}` with offsets in Unicode code points. Fails closed: input that is not
//! UTF-8 or not JSON ends the command with an error that names the line and never shows it.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use serde::{Deserialize, Serialize};

use crate::privacy::{IdentifierKind, Redacted, Redaction, Redactor, Span};

/// Masks identifiers in texts.
#[derive(Debug, Clone, Default, Args)]
pub struct RedactArgs {
    /// Files to read; standard input when none is given or one is `-`
    pub files: Vec<PathBuf>,
    /// Read {"text": ...} (or "message") lines and write {"text", "redacted", "spans"} lines
    #[arg(long)]
    pub jsonl: bool,
    /// Mask these types only, such as SSN,EMAIL (see --list)
    #[arg(long, value_delimiter = ',', value_name = "TYPE")]
    pub types: Vec<IdentifierKind>,
    /// Number identifiers (`[EMAIL_1]`, `[EMAIL_2]`) so that two mentions of one can be told
    #[arg(long)]
    pub pseudonyms: bool,
    /// List the recognizers and the type each masks, and end
    #[arg(long)]
    pub list: bool,
}

/// Why a run ended early.
#[derive(Debug, thiserror::Error)]
pub enum RedactError {
    /// There is no such file; most likely it is the text itself. It is not repeated: it is what was to be masked.
    #[error(
        "no file has the name that was given ({count} characters): to redact a text, pipe it in, as in `echo 'some text' | switchboard redact`"
    )]
    NoSuchFile {
        /// How long the name is, in characters.
        count: usize,
    },
    /// A file could not be opened or read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file, or `-`.
        path: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// A line of `--jsonl` input has no text to redact.
    #[error("{path}, line {line}: not a JSON object with a string `text` or `message`")]
    Line {
        /// The file, or `-`.
        path: String,
        /// The line, from 1.
        line: usize,
    },
    /// A text is too large to redact, or did not settle.
    #[error("{path}: a text could not be redacted and is withheld")]
    Withheld {
        /// The file, or `-`.
        path: String,
    },
    /// The output could not be written.
    #[error("cannot write: {0}")]
    Write(#[from] io::Error),
}

/// The text is read as `classify --file` reads it: from `text`, where there is one, else from `message`.
#[derive(Deserialize)]
struct Line {
    text: Option<String>,
    message: Option<String>,
}

#[derive(Serialize)]
struct Answer<'a> {
    text: &'a str,
    redacted: &'a Redacted,
    spans: &'a [Span],
}

/// Runs the command with a redactor that holds the operator's recognizers too.
///
/// # Errors
/// [`RedactError`] at the first input that cannot be read, redacted or written.
pub fn run(
    args: &RedactArgs,
    redactor: Redactor,
    input: impl Read,
    output: impl Write,
) -> Result<(), RedactError> {
    let mut output = io::BufWriter::new(output);
    if args.list {
        for (name, label) in redactor.recognizers() {
            writeln!(output, "{label:<16} {name}")?;
        }
        return Ok(output.flush()?);
    }
    let redactor = if args.types.is_empty() {
        redactor
    } else {
        redactor.only(&args.types)
    };
    let mut input = Some(input);
    let standard = [PathBuf::from("-")];
    let files = if args.files.is_empty() {
        &standard[..]
    } else {
        &args.files[..]
    };
    for path in files {
        if path == Path::new("-") {
            // Standard input can be read once; a second `-` is empty.
            if let Some(input) = input.take() {
                one(args, &redactor, "-", input, &mut output)?;
            }
        } else {
            let name = path.display().to_string();
            let file = File::open(path).map_err(|source| match is_no_name(&source) {
                true => RedactError::NoSuchFile {
                    count: name.chars().count(),
                },
                false => RedactError::Read {
                    path: name.clone(),
                    source,
                },
            })?;
            one(args, &redactor, &name, file, &mut output)?;
        }
    }
    Ok(output.flush()?)
}

/// Whether nothing can have this name, or nothing has: a text of several lines is too long for one.
fn is_no_name(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::InvalidFilename | io::ErrorKind::InvalidInput
    )
}

fn one(
    args: &RedactArgs,
    redactor: &Redactor,
    path: &str,
    input: impl Read,
    output: &mut impl Write,
) -> Result<(), RedactError> {
    let unreadable = |source| RedactError::Read {
        path: path.to_owned(),
        source,
    };
    let redact = |text: &str| -> Result<Redaction, RedactError> {
        let redaction = if args.pseudonyms {
            redactor.pseudonymise(text)
        } else {
            redactor.redact(text)
        };
        if redaction.is_withheld() {
            Err(RedactError::Withheld {
                path: path.to_owned(),
            })
        } else {
            Ok(redaction)
        }
    };
    let mut input = BufReader::new(input);
    if !args.jsonl {
        let mut text = String::new();
        input.read_to_string(&mut text).map_err(unreadable)?;
        output.write_all(redact(&text)?.text.as_str().as_bytes())?;
        return Ok(());
    }
    let mut line = String::new();
    for number in 1.. {
        line.clear();
        if input.read_line(&mut line).map_err(unreadable)? == 0 {
            break;
        }
        // Some programs put a byte order mark in front of UTF-8.
        let json = line.strip_prefix('\u{feff}').unwrap_or(&line);
        if json.trim().is_empty() {
            continue;
        }
        let read = serde_json::from_str::<Line>(json).ok();
        let text = read.and_then(|line| line.text.or(line.message));
        let text = text.ok_or_else(|| RedactError::Line {
            path: path.to_owned(),
            line: number,
        })?;
        let redaction = redact(&text)?;
        let answer = Answer {
            text: &text,
            redacted: &redaction.text,
            spans: &redaction.spans,
        };
        serde_json::to_writer(&mut *output, &answer).map_err(io::Error::from)?;
        output.write_all(b"\n")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output(args: &RedactArgs, input: &str) -> Result<String, RedactError> {
        let mut written = Vec::new();
        run(args, Redactor::new(), input.as_bytes(), &mut written)?;
        Ok(String::from_utf8(written).unwrap())
    }

    #[test]
    fn lines_of_json_come_back_with_spans_in_code_points() {
        let args = RedactArgs {
            jsonl: true,
            ..RedactArgs::default()
        };
        let written = output(
            &args,
            "\u{feff}{\"text\":\"é ssn 123-45-6789\"}\r\n\n{\"message\":\"hi\"}\n",
        )
        .unwrap();
        let lines: Vec<serde_json::Value> = written
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(
            lines,
            [
                serde_json::json!({"text": "é ssn 123-45-6789", "redacted": "é ssn [SSN_REDACTED]",
                    "spans": [{"start": 6, "end": 17, "type": "SSN", "recognizer": "ssn_formatted", "score": 0.95}]}),
                serde_json::json!({"text": "hi", "redacted": "hi", "spans": []}),
            ]
        );
    }

    #[test]
    fn only_the_asked_types_are_masked_and_a_bad_line_is_named_but_not_shown() {
        let args = RedactArgs {
            types: vec![IdentifierKind::Email],
            ..RedactArgs::default()
        };
        assert_eq!(
            output(&args, "ssn 123-45-6789 or a@b.com\n").unwrap(),
            "ssn 123-45-6789 or [EMAIL_REDACTED]\n"
        );
        let args = RedactArgs {
            jsonl: true,
            ..RedactArgs::default()
        };
        for wrong in [
            "ssn 123-45-6789",
            "{\"id\":1}",
            "{\"text\":123456789,\"message\":\"b\"}",
        ] {
            let error = output(&args, &format!("{{\"text\":\"\"}}\n{wrong}\n")).unwrap_err();
            assert_eq!(
                error.to_string(),
                "-, line 2: not a JSON object with a string `text` or `message`"
            );
        }
    }

    #[test]
    fn a_line_with_a_text_and_a_message_is_read_by_its_text() {
        let args = RedactArgs {
            jsonl: true,
            ..RedactArgs::default()
        };
        for (line, text) in [
            ("{\"text\":\"a\",\"message\":\"b\"}", "\"text\":\"a\""),
            ("{\"message\":\"b\"}", "\"text\":\"b\""),
        ] {
            let written = output(&args, line).unwrap();
            assert!(written.contains(text), "{line}: {written}");
        }
    }
}
