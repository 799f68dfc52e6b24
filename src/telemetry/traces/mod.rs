//! Traces: one span per step of a request, one per delivery, sent to an OpenTelemetry collector.
//!
//! A root span ([`Traces::request`], [`Traces::delivery`]) is made where work begins and [`within`] it the work runs; each step opens its
//! own with [`span`], wherever it is in the code, and ends it by dropping it. What calls somebody else takes the `traceparent` to send
//! along from [`Span::traceparent`] or [`traceparent`], so that their spans hang under ours.
//!
//! Costs: with traces off there is no root, and a step's span is one look at a task-local that is not there. A request that the
//! sampler leaves out has a root, for its ids, and no steps. Spans carry names, numbers, codes and references, never text of a
//! customer. Nothing here fails: what the collector does not take is dropped and counted by [`export`].

mod export;
mod queue;

use std::borrow::Cow;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use opentelemetry::propagation::{Extractor, TextMapPropagator as _};
use opentelemetry::trace::{
    Span as _, SpanBuilder, SpanContext, SpanKind, Status, TraceContextExt as _, Tracer as _,
};
use opentelemetry::{Array, Context, KeyValue, StringValue, Value};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider, Span as SdkSpan};

use super::metrics::Metrics;
use crate::config::{InvalidSetting, OtelConfig};

tokio::task_local! {
    /// The root span that the current task works for.
    static CURRENT: Root;
}

/// Where root spans come from. Cheap to clone; off by default.
#[derive(Debug, Clone, Default)]
pub struct Traces(Option<Arc<Exporting>>);

#[derive(Debug)]
struct Exporting {
    provider: SdkTracerProvider,
    tracer: SdkTracer,
}

impl Traces {
    /// Traces as configured: off without an endpoint. Makes no connection yet.
    ///
    /// # Errors
    /// [`InvalidSetting`] when something the exporter needs is wrong.
    pub fn start(config: &OtelConfig, metrics: &Arc<Metrics>) -> Result<Self, InvalidSetting> {
        let Some(provider) = export::provider(config, metrics)? else {
            return Ok(Self::default());
        };
        let tracer = export::tracer(&provider);
        Ok(Self(Some(Arc::new(Exporting { provider, tracer }))))
    }

    /// The root span of a request, as a child of the caller's span where it brought a `traceparent`. `None` when traces are off.
    #[must_use]
    pub fn request(&self, traceparent: Option<&str>, tracestate: Option<&str>) -> Option<Root> {
        let exporting = self.0.as_ref()?;
        let parent = match traceparent {
            None => Context::new(),
            Some(_) => {
                let headers = Headers {
                    traceparent,
                    tracestate,
                };
                TraceContextPropagator::new().extract_with_context(&Context::new(), &headers)
            }
        };
        Some(exporting.root("request", SpanKind::Server, &parent))
    }

    /// The root span of a try to deliver something to an outside system. `None` when traces are off.
    #[must_use]
    pub fn delivery(&self) -> Option<Root> {
        let exporting = self.0.as_ref()?;
        Some(exporting.root("deliver", SpanKind::Client, &Context::new()))
    }

    /// Sends what is still here, at most `within`, and ends the exporter. Later spans are dropped.
    pub async fn shut_down(&self, within: Duration) {
        let Some(exporting) = self.0.clone() else {
            return;
        };
        let ended = tokio::task::spawn_blocking(move || exporting.provider.shutdown_with_timeout(within));
        if !matches!(ended.await, Ok(Ok(()))) {
            tracing::warn!("the last spans were not sent: the trace collector took too long or refused them");
        }
    }
}

impl Exporting {
    fn root(&self, name: &'static str, kind: SpanKind, parent: &Context) -> Root {
        let builder = SpanBuilder::from_name(name).with_kind(kind);
        let span = self.tracer.build_with_context(builder, parent);
        Root {
            tracer: self.tracer.clone(),
            recording: span.is_recording(),
            context: Context::new().with_span(span),
        }
    }
}

/// The caller's trace context (W3C Trace Context).
struct Headers<'h> {
    traceparent: Option<&'h str>,
    tracestate: Option<&'h str>,
}

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        match key {
            "traceparent" => self.traceparent,
            "tracestate" => self.tracestate,
            _ => None,
        }
    }

    fn keys(&self) -> Vec<&str> {
        Vec::new()
    }
}

/// A span that others hang under. Ends when its last clone is dropped.
#[derive(Debug, Clone)]
pub struct Root {
    tracer: SdkTracer,
    context: Context,
    recording: bool,
}

impl Root {
    /// Whether the sampler took it: attributes of one that it left out need not be made.
    #[must_use]
    pub const fn is_recording(&self) -> bool {
        self.recording
    }

    /// The trace's id, 32 hexadecimal digits.
    #[must_use]
    pub fn trace_id(&self) -> String {
        self.context.span().span_context().trace_id().to_string()
    }

    /// Names the span, once it is known what it was.
    pub fn rename(&self, name: String) {
        self.context.span().update_name(name);
    }

    /// Adds an attribute.
    pub fn set(&self, key: &'static str, value: impl Into<Value>) {
        self.context.span().set_attribute(KeyValue::new(key, value));
    }

    /// Marks it as failed, with a stable code.
    pub fn fail(&self, code: impl Into<Cow<'static, str>>) {
        let (span, code) = (self.context.span(), code.into());
        span.set_attribute(KeyValue::new("error.type", code.clone()));
        span.set_status(Status::error(code));
    }
}

/// Runs `work` for `root`: the spans that it opens hang under it.
pub async fn within<F: Future>(root: Option<&Root>, work: F) -> F::Output {
    match root {
        None => work.await,
        Some(root) => CURRENT.scope(root.clone(), work).await,
    }
}

/// A step of what the current task works for.
pub fn span(name: &'static str) -> Span {
    step(name, SpanKind::Internal)
}

/// A step that waits for somebody else.
pub fn client_span(name: &'static str) -> Span {
    step(name, SpanKind::Client)
}

fn step(name: &'static str, kind: SpanKind) -> Span {
    let step = CURRENT.try_with(|root| {
        root.recording.then(|| {
            let builder = SpanBuilder::from_name(name).with_kind(kind);
            root.tracer.build_with_context(builder, &root.context)
        })
    });
    Span(step.ok().flatten())
}

/// The `traceparent` of what the current task works for; `None` when that has no trace.
#[must_use]
pub fn traceparent() -> Option<String> {
    CURRENT
        .try_with(|root| written(root.context.span().span_context()))
        .ok()
}

/// A step. Ends when it is dropped. Does nothing when nobody traces it.
#[derive(Debug)]
#[must_use = "a span ends when it is dropped"]
pub struct Span(Option<SdkSpan>);

impl Span {
    /// Whether anybody will see it: attributes of one that nobody does need not be made.
    #[must_use]
    pub const fn is_recording(&self) -> bool {
        self.0.is_some()
    }

    /// Adds an attribute.
    pub fn set(&mut self, key: &'static str, value: impl Into<Value>) {
        if let Some(span) = &mut self.0 {
            span.set_attribute(KeyValue::new(key, value));
        }
    }

    /// Adds an attribute that is a list.
    pub fn set_list(&mut self, key: &'static str, values: &[&'static str]) {
        let values: Vec<StringValue> = values.iter().map(|value| StringValue::from(*value)).collect();
        self.set(key, Value::Array(Array::String(values)));
    }

    /// Marks it as failed, with a stable code.
    pub fn fail(&mut self, code: &'static str) {
        if let Some(span) = &mut self.0 {
            span.set_attribute(KeyValue::new("error.type", code));
            span.set_status(Status::error(code));
        }
    }

    /// What to send to whom this step calls: this span's id; its root's when it is not recorded, so that the callee does not record either.
    /// `None` when traces are off.
    #[must_use]
    pub fn traceparent(&self) -> Option<String> {
        match &self.0 {
            Some(span) => Some(written(span.span_context())),
            None => traceparent(),
        }
    }
}

/// W3C Trace Context, version 00.
fn written(context: &SpanContext) -> String {
    format!(
        "00-{}-{}-{:02x}",
        context.trace_id(),
        context.span_id(),
        context.trace_flags().to_u8()
    )
}

/// The trace id in a caller's `traceparent`; `None` when it is not one (W3C Trace Context, section 3.2.2): such a header is passed on to
/// nobody, whatever its sender put there.
#[must_use]
pub fn trace_id_of(traceparent: &str) -> Option<&str> {
    let mut parts = traceparent.split('-');
    let mut next = |digits: usize| {
        let hexadecimal = |text: &&str| text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        parts
            .next()
            .filter(|part| part.len() == digits)
            .filter(hexadecimal)
    };
    let (version, trace_id, span_id, _flags) = (next(2)?, next(32)?, next(16)?, next(2)?);
    let real = |id: &str| id.bytes().any(|b| b != b'0');
    (version != "ff" && real(trace_id) && real(span_id) && parts.next().is_none()).then_some(trace_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_id_is_taken_only_from_a_real_traceparent() {
        let id = "4bf92f3577b34da6a3ce929d0e0e4736";
        let good = format!("00-{id}-00f067aa0ba902b7-01");
        assert_eq!(trace_id_of(&good), Some(id));
        for odd in [
            "",
            "00-4bf92f3577b34da6a3ce929d0e0e4736",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473\n-00f067aa0ba902b7-01",
            "my face is swelling",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-my face",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-Jane Doe",
            "Ja-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ] {
            assert_eq!(trace_id_of(odd), None, "{odd:?}");
        }
    }

    #[tokio::test]
    async fn without_traces_there_are_no_spans_and_no_ids() {
        let root = Traces::default().request(
            Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
            None,
        );
        assert!(root.is_none());
        let seen = within(root.as_ref(), async {
            let step = span("step");
            (step.is_recording(), step.traceparent(), traceparent())
        });
        assert_eq!(seen.await, (false, None, None));
    }
}
