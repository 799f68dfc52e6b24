//! Log lines as JSON: one object a line, with the fields of the event and, under `span`, those of the request around it.
//!
//! A span's fields become JSON text once, when the span is made; a line only copies them. (The formatter that
//! tracing-subscriber brings parses them again for every line.) Fields of all spans around an event are shown, the outermost
//! first, so that a line inside an inner span still carries the request id. A field cannot fail to be written; a number that
//! JSON does not know (infinity) becomes text.

use std::error::Error;
use std::fmt::{self, Write as _};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::LookupSpan;

use super::log_writer::LogWriter;
use crate::config::in_full;

/// Long enough for most lines.
const LINE_BYTES: usize = 512;

/// The layer that writes the lines.
#[derive(Debug)]
pub(super) struct JsonLines {
    writer: LogWriter,
}

impl JsonLines {
    /// Lines go to `writer`.
    pub(super) fn new(writer: LogWriter) -> Self {
        Self { writer }
    }
}

/// A span's fields: `,"key":value` each.
struct SpanFields(Json);

impl<S> Layer<S> for JsonLines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            let mut fields = Json::default();
            attributes.record(&mut fields);
            span.extensions_mut().insert(SpanFields(fields));
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(SpanFields(fields)) = span.extensions_mut().get_mut()
        {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let metadata = event.metadata();
        let mut line = Json(String::with_capacity(LINE_BYTES));
        line.0.push_str("{\"timestamp\":\"");
        // The system's clock always has a date.
        let _ = SystemTime.format_time(&mut Writer::new(&mut line.0));
        line.0.push_str("\",\"level\":\"");
        line.0.push_str(metadata.level().as_str());
        line.0.push('"');
        event.record(&mut line);
        line.text("target", metadata.target());
        if let Some(span) = context.event_span(event) {
            line.0.push_str(",\"span\":{\"name\":");
            quoted(&mut line.0, span.name());
            for outer in span.scope().from_root() {
                if let Some(SpanFields(fields)) = outer.extensions().get() {
                    line.0.push_str(&fields.0);
                }
            }
            line.0.push('}');
        }
        line.0.push_str("}\n");
        self.writer
            .write(line.0.as_bytes(), *metadata.level() <= Level::WARN);
    }
}

/// JSON under construction: each field is appended as `,"key":value`.
#[derive(Default)]
struct Json(String);

impl Json {
    fn key(&mut self, name: &str) {
        self.0.push(',');
        quoted(&mut self.0, name);
        self.0.push(':');
    }

    fn text(&mut self, name: &str, value: &str) {
        self.key(name);
        quoted(&mut self.0, value);
    }

    /// A value whose text is JSON as it stands.
    fn bare(&mut self, field: &Field, value: impl fmt::Display) {
        self.key(field.name());
        let _ = write!(self.0, "{value}");
    }
}

impl Visit for Json {
    fn record_f64(&mut self, field: &Field, value: f64) {
        if value.is_finite() {
            self.bare(field, value);
        } else {
            self.text(field.name(), &value.to_string());
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.bare(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.bare(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.bare(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field.name(), value);
    }

    /// With its causes: the first of them is only our word for what the database or the network said.
    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        let causes = std::iter::successors(Some(value), |&error| error.source());
        self.text(field.name(), &in_full(causes));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.key(field.name());
        self.0.push('"');
        let _ = write!(Escaped(&mut self.0), "{value:?}");
        self.0.push('"');
    }
}

fn quoted(out: &mut String, text: &str) {
    out.push('"');
    let _ = Escaped(out).write_str(text);
    out.push('"');
}

/// Writes text as the inside of a JSON string (RFC 8259, section 7).
struct Escaped<'a>(&'a mut String);

impl fmt::Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut plain_from = 0;
        for (at, byte) in text.bytes().enumerate() {
            if byte >= 0x20 && byte != b'"' && byte != b'\\' {
                continue;
            }
            // What is escaped is ASCII, so both ends of the slice are character boundaries.
            self.0.push_str(&text[plain_from..at]);
            plain_from = at + 1;
            match byte {
                b'"' => self.0.push_str("\\\""),
                b'\\' => self.0.push_str("\\\\"),
                b'\n' => self.0.push_str("\\n"),
                b'\r' => self.0.push_str("\\r"),
                b'\t' => self.0.push_str("\\t"),
                control => write!(self.0, "\\u{control:04x}")?,
            }
        }
        self.0.push_str(&text[plain_from..]);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};
    use tracing_subscriber::layer::SubscriberExt;

    /// The lines that `act` logs.
    fn lines(act: impl FnOnce()) -> Vec<Value> {
        let writer = LogWriter::to_memory();
        let subscriber = tracing_subscriber::registry().with(JsonLines::new(writer.clone()));
        tracing::subscriber::with_default(subscriber, act);
        let text = String::from_utf8(writer.memory()).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    #[test]
    fn a_line_has_its_fields_and_those_of_the_spans_around_it() {
        let lines = lines(|| {
            let request = tracing::info_span!("request", request_id = %"a\"b", late = tracing::field::Empty);
            let _in_request = request.enter();
            let call = tracing::info_span!("call", attempt = 2);
            request.record("late", true);
            let _in_call = call.enter();
            tracing::info!(target: "there", status = 200u16, took = 1.5, odd = f64::NAN, what = ?"x\ny", "done");
        });
        let line = lines[0].clone();
        let expected = json!({ "name": "call", "request_id": "a\"b", "late": true, "attempt": 2 });
        assert_eq!(line["span"], expected);
        let told =
            ["level", "message", "target", "status", "took", "odd", "what"].map(|key| line[key].clone());
        assert_eq!(
            Value::from(told.to_vec()),
            json!(["INFO", "done", "there", 200, 1.5, "NaN", "\"x\\ny\""])
        );
        let written: jiff::Timestamp = line["timestamp"].as_str().unwrap().parse().unwrap();
        assert!(written > jiff::Timestamp::UNIX_EPOCH);
    }

    #[test]
    fn an_error_is_told_with_its_causes() {
        #[derive(Debug, thiserror::Error)]
        #[error("the store is not available")]
        struct Ours(#[source] std::io::Error);
        let lines = lines(|| {
            let error = Ours(std::io::Error::other("no space left"));
            tracing::warn!(error = &error as &dyn Error, "write failed");
        });
        assert_eq!(lines[0]["error"], "the store is not available: no space left");
    }

    #[test]
    fn a_line_outside_of_any_span_has_none() {
        let lines = lines(|| tracing::warn!("alone"));
        assert_eq!(
            (&lines[0]["span"], &lines[0]["level"]),
            (&Value::Null, &json!("WARN"))
        );
    }

    proptest! {
        #[test]
        fn any_text_survives(text in any::<String>()) {
            let mut quoted_text = String::new();
            quoted(&mut quoted_text, &text);
            prop_assert_eq!(serde_json::from_str::<String>(&quoted_text).unwrap(), text);
        }
    }
}
