//! What the description says of many routes alike: the headers of requests and answers, and the answer to a defect of ours.
//!
//! The layers give every answer these headers, so they stand here once and not at each handler.

use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{Content, OpenApi as Document, Ref, RefOr, Required, Response, ResponseBuilder};

use super::idempotency::MAX_KEY;
use super::problem::CONTENT_TYPE;

/// An answer, as far as its headers depend on it.
struct Answer<'a> {
    path: &'a str,
    status: &'a str,
    is_problem: bool,
}

impl Answer<'_> {
    fn is_of_health(&self) -> bool {
        is_of_health(self.path)
    }

    fn is_of_classify(&self) -> bool {
        self.path.ends_with("/classify")
    }

    fn is_a_record(&self) -> bool {
        self.path.contains("/records/{reference}") && !self.path.ends_with("/verbatim")
    }
}

/// A header of answers.
struct Described {
    name: &'static str,
    kind: Type,
    description: &'static str,
    /// Which answers have it.
    on: fn(&Answer<'_>) -> bool,
}

const HEADERS: [Described; 8] = [
    Described {
        name: "X-Request-ID",
        kind: Type::String,
        description: "Id of the request: the caller's, or a new one",
        on: |_| true,
    },
    Described {
        name: "X-Process-Time-Ms",
        kind: Type::Number,
        description: "Milliseconds from the request's head to this answer",
        on: |_| true,
    },
    Described {
        name: "WWW-Authenticate",
        kind: Type::String,
        description: "How to send an API key",
        on: |answer| answer.status == "401",
    },
    Described {
        name: "Retry-After",
        kind: Type::Integer,
        description: "Seconds to wait before the request is sent again",
        on: |answer| match answer.status {
            "429" | "503" => answer.is_problem,
            "409" => answer.is_of_classify(),
            _ => false,
        },
    },
    Described {
        name: "RateLimit",
        kind: Type::String,
        description: "What is left of the caller's rate (draft-ietf-httpapi-ratelimit-headers-10), where it has one: `\"client\";r=119;t=1`: so many \
                      requests may follow at once; seconds until all of the rate's `q` may, or, in a refusal, until one more may",
        on: is_limited,
    },
    Described {
        name: "RateLimit-Policy",
        kind: Type::String,
        description: "The caller's rate, where it has one: `\"client\";q=120;w=120`",
        on: is_limited,
    },
    Described {
        name: "Idempotency-Replayed",
        kind: Type::String,
        description: "`true` where this is the first answer to the Idempotency-Key again",
        on: |answer| answer.is_of_classify() && answer.status == "200",
    },
    Described {
        name: "ETag",
        kind: Type::String,
        description: "The record's version, for If-Match",
        on: |answer| answer.is_a_record() && answer.status == "200",
    },
];

fn is_limited(answer: &Answer<'_>) -> bool {
    !answer.is_of_health() && !matches!(answer.status, "401" | "403")
}

fn is_of_health(path: &str) -> bool {
    path.ends_with("/health") || path.ends_with("/ready")
}

const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

/// Headers that requests may bring: every one, but for the key, which only a message's has.
fn parameters() -> [Parameter; 3] {
    let header = |name: &str, description: &str, schema: ObjectBuilder| {
        ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Header)
            .required(Required::False)
            .description(Some(description))
            .schema(Some(schema))
            .build()
    };
    let text = || ObjectBuilder::new().schema_type(Type::String);
    [
        header(
            "X-Request-ID",
            "The caller's id of the request, 1 to 128 visible ASCII characters; anything else is replaced",
            text(),
        ),
        header(
            "traceparent",
            "The caller's trace (W3C Trace Context), which is joined",
            text(),
        ),
        header(
            IDEMPOTENCY_KEY,
            "Makes the request safe to repeat for 24 hours: the same key and body, byte for byte, get the first answer again, with the first \
             `request_id` in it. 1 to 255 visible ASCII characters. Refusals are not kept: the same key may be sent again",
            text()
                .min_length(Some(1))
                .max_length(Some(MAX_KEY))
                .pattern(Some("^[!-~]+$")),
        ),
    ]
}

/// Completes the description of every route.
pub(super) fn complete(document: &mut Document) {
    let components = document.components.get_or_insert_default();
    for Described {
        name,
        kind,
        description,
        ..
    } in &HEADERS
    {
        let header = HeaderBuilder::new()
            .schema(Some(ObjectBuilder::new().schema_type(kind.clone())))
            .description(Some(*description))
            .build();
        components.headers.insert((*name).to_owned(), header.into());
    }
    for parameter in parameters() {
        components
            .parameters
            .insert(parameter.name.clone(), parameter.into());
    }
    for (path, item) in &mut document.paths.paths {
        let operations = [&mut item.get, &mut item.post, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            if !is_of_health(path) {
                add_defect(operation);
            }
            let brought = parameters()
                .into_iter()
                .filter(|it| it.name != IDEMPOTENCY_KEY || path.ends_with("/classify"));
            let references =
                brought.map(|it| RefOr::Ref(Ref::new(format!("#/components/parameters/{}", it.name))));
            operation.parameters.get_or_insert_default().extend(references);
            for (status, response) in &mut operation.responses.responses {
                if let RefOr::T(response) = response {
                    add_headers(path, status, response);
                }
            }
        }
    }
}

fn add_defect(operation: &mut Operation) {
    let problem = Content::new(Some(Ref::from_schema_name("ProblemDocument")));
    let response = ResponseBuilder::new()
        .description("A defect of ours")
        .content(CONTENT_TYPE, problem)
        .build();
    operation
        .responses
        .responses
        .insert("500".to_owned(), response.into());
}

fn add_headers(path: &str, status: &str, response: &mut Response) {
    let answer = Answer {
        path,
        status,
        is_problem: response.content.contains_key(CONTENT_TYPE),
    };
    for described in HEADERS.iter().filter(|described| (described.on)(&answer)) {
        let reference = Ref::new(format!("#/components/headers/{}", described.name));
        response
            .headers
            .insert(described.name.to_owned(), RefOr::Ref(reference));
    }
}
