//! What a person sees in a browser: the page to try a message. It needs no network but the service.

use axum::http::{HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};

/// The page, whole: markup, style and script in one file.
const TRY_PAGE: &str = include_str!("../../web/index.html");

/// Only what the page itself holds may run; it talks to this service alone.
const PAGE_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; connect-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// What Swagger UI needs: its own files, inline styles, and images in the style sheet.
pub(super) const DOCS_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     connect-src 'self'; font-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// `GET /`: the page to try a message.
pub(super) async fn try_page() -> Response {
    ([(header::CONTENT_SECURITY_POLICY, PAGE_POLICY)], Html(TRY_PAGE)).into_response()
}
