//! The operator API: records, dead deliveries and the audit trail, for people with an operator's or an auditor's key.
//!
//! An auditor reads what is redacted; changes and verbatim texts are for operators. A key with a rate of its own is held to it. `records`,
//! `deliveries` and `audit` are the routes; `request` is how they read what they are asked. Lists are pages, in
//! the order that each route's description names; `next` of one says where the following begins.

mod audit;
mod deliveries;
mod records;
mod request;

use axum::extract::{Extension, Request, State};
use axum::http::{Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use percent_encoding::percent_decode_str;
use utoipa::openapi::{Content, OpenApi as Document, Ref, ResponseBuilder};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::caller::{address_of, credential, refused};
use super::edge::RequestContext;
use super::problem::{CONTENT_TYPE, Problem};
use super::{AppState, asks_for_key};
use crate::admission::Permission;
use request::OperatorName;

/// Lets operators in, auditors where nothing is changed or verbatim, and nobody else.
pub(super) async fn admit(
    State(state): State<AppState>,
    Extension(RequestContext { facts, .. }): Extension<RequestContext>,
    mut request: Request,
    next: Next,
) -> Response {
    let callers = &state.admission.callers;
    if !callers.has_operators() {
        return Problem::operators_closed().into_response();
    }
    let address = address_of(&state, &request);
    let client = match callers.require(permission(&request), credential(request.headers()), address) {
        Ok(client) => client,
        Err(why) => return refused(&state, why, &facts, request.headers()),
    };
    request
        .extensions_mut()
        .insert(OperatorName(client.id.to_string()));
    let limited = client.key.as_ref().is_some_and(|key| key.has_rate());
    let allowance = match limited {
        true => state.admission.limiter.check(&client).await.allowance,
        false => None,
    };
    facts.admitted(&client, allowance);
    let refusal = match &allowance {
        Some(spent) if !spent.admitted => Some(Problem::rate_limited(spent.reset)),
        _ => no_name(request.uri()),
    };
    match refusal {
        Some(problem) => problem.into_response(),
        None => next.run(request).await,
    }
}

/// Refuses what is in no name that we give: an encoded NUL, which PostgreSQL takes in no text, and a path that is not UTF-8.
fn no_name(uri: &Uri) -> Option<Problem> {
    let holds = |text: &str| text.contains("%00");
    if holds(uri.path()) || percent_decode_str(uri.path()).decode_utf8().is_err() {
        return Some(Problem::of_status(StatusCode::NOT_FOUND));
    }
    let message = "must not hold a NUL character";
    holds(uri.query().unwrap_or_default()).then(|| Problem::invalid_field("query", "invalid", message))
}

/// What a request needs: reading verbatim text is as much as changing something.
fn permission(request: &Request) -> Permission {
    let verbatim = request.uri().path().ends_with("/verbatim");
    match *request.method() {
        Method::GET | Method::HEAD if !verbatim => Permission::Read,
        _ => Permission::Change,
    }
}

/// The documented routes.
pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(records::list))
        .routes(routes!(records::show))
        .routes(routes!(records::verbatim, records::erase))
        .routes(routes!(records::acknowledge))
        .routes(routes!(records::resolve))
        .routes(routes!(records::reclassify))
        .routes(routes!(deliveries::deliveries))
        .routes(routes!(deliveries::retry))
        .routes(routes!(deliveries::discard))
        .routes(routes!(audit::audit))
}

/// Says in the description of each route what [`admit`] and the store may answer instead of it, and which keys it asks for.
pub(super) fn describe_access(document: &mut Document) {
    let refusals = [
        (StatusCode::UNAUTHORIZED, "No known API key"),
        (StatusCode::FORBIDDEN, "The API key's role does not allow this"),
        (
            StatusCode::TOO_MANY_REQUESTS,
            "Over the key's rate, or too many wrong API keys",
        ),
        (StatusCode::SERVICE_UNAVAILABLE, "Not now; nothing was changed"),
    ];
    let document_of_problem = || Content::new(Some(Ref::from_schema_name("ProblemDocument")));
    let items = document.paths.paths.values_mut();
    let operations = items.flat_map(|item| [&mut item.get, &mut item.post, &mut item.delete]);
    for operation in operations.flatten() {
        operation.security = Some(asks_for_key().to_vec());
        for (status, description) in refusals {
            let response = ResponseBuilder::new()
                .description(description)
                .content(CONTENT_TYPE, document_of_problem())
                .build();
            let responses = &mut operation.responses.responses;
            responses.insert(status.as_str().to_owned(), response.into());
        }
    }
}
