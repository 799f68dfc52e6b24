//! HTTP: the router, the layers in their order, and everything that knows a status code.
//!
//! `server` accepts connections, `connections` bounds them, `linger` ends them, `unread` says when they end, `edge` frames each request,
//! `facts` is what is found out about it, `caller` identifies and admits who sent it, `received` reads it (`strict_json` its objects),
//! `idempotency` makes it safe to repeat, `classify` asks `triage`, and `problem` words every refusal. `description` completes the OpenAPI
//! document. `operator`, `health`, `pages` and `management` are what operators and browsers see.

mod caller;
mod classify;
mod connections;
mod description;
mod edge;
mod facts;
mod health;
mod idempotency;
mod linger;
pub mod management;
mod operator;
mod pages;
mod problem;
mod received;
pub mod server;
mod strict_json;
mod unread;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tower::ServiceBuilder;
use tower::layer::layer_fn;
use tower_http::cors::{AllowOrigin, CorsLayer};
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa::openapi::OpenApi as Document;
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityRequirement, SecurityScheme,
};
use utoipa::{Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::admission::Admission;
use crate::clock::Clock;
use crate::config::Config;
use crate::operator::{Operator, RecordSort};
use crate::telemetry::Telemetry;
use crate::telemetry::metrics::Metrics;
use crate::telemetry::traces::Traces;
use crate::triage::Triage;
use problem::Problem;

/// What handlers and layers share. Cheap to clone.
pub type AppState = Arc<Shared>;

/// See [`AppState`].
#[derive(Debug)]
pub struct Shared {
    /// The use case.
    triage: Triage,
    /// Time.
    clock: Clock,
    /// What the service tells about itself.
    metrics: Arc<Metrics>,
    /// Where the requests' spans go.
    traces: Traces,
    /// Cancelled when no new work should be sent here.
    draining: CancellationToken,
    /// What operators do.
    operator: Operator,
    /// Who gets in.
    admission: Admission,
    /// One for each message that is worked on, from when it has arrived: who sends slowly takes none from others.
    places: Semaphore,
    trusted_proxy_hops: usize,
    max_body_bytes: usize,
    request_timeout: Duration,
    checked: health::Checked,
}

impl Shared {
    /// What the layers need, from a validated configuration.
    #[must_use]
    pub fn new(
        config: &Config,
        triage: Triage,
        operator: Operator,
        admission: Admission,
        clock: Clock,
        Telemetry { metrics, traces }: Telemetry,
        draining: CancellationToken,
    ) -> Self {
        Self {
            triage,
            metrics,
            traces,
            draining,
            operator,
            admission,
            places: Semaphore::new(config.server.max_concurrent_requests),
            trusted_proxy_hops: config.server.trusted_proxy_hops,
            max_body_bytes: config.server.max_body_bytes,
            request_timeout: config.server.request_timeout(),
            checked: health::Checked::default(),
            clock,
        }
    }
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Switchboard",
        description = "Reads customer messages, decides what kind each is, runs that kind's workflow and answers with the next step. Any other path is answered with 404, any other method with 405, as problem documents too; only a head that is not HTTP is refused without one (400, 414, 431).",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    modifiers(&Keys),
    // Only parameters name it, whose schemas are not collected from the routes.
    components(schemas(RecordSort)),
    tags(
        (name = "classify", description = "Messages in, next steps out"),
        (name = "operator", description = "Records, deliveries and the audit trail, for people with an operator's or an auditor's key"),
        (name = "health", description = "For orchestrators and load balancers"),
    )
)]
struct Description;

const BEARER: &str = "bearer";
const API_KEY: &str = "api_key";

/// The two ways to send an API key, which are one to the service.
struct Keys;

impl Modify for Keys {
    fn modify(&self, document: &mut Document) {
        let made = "What `switchboard keys new` printed";
        let bearer = Http::builder()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some(made))
            .build();
        let header = ApiKeyValue::with_description("X-API-Key", made);
        let components = document.components.get_or_insert_default();
        components.add_security_scheme(BEARER, SecurityScheme::Http(bearer));
        components.add_security_scheme(API_KEY, SecurityScheme::ApiKey(ApiKey::Header(header)));
    }
}

/// Either of [`Keys`].
fn asks_for_key() -> [SecurityRequirement; 2] {
    [BEARER, API_KEY].map(|scheme| SecurityRequirement::new(scheme, [""; 0]))
}

/// The documented routes and their description, made from the same declarations.
fn described_routes() -> (Router<AppState>, Router<AppState>, Router<AppState>, Document) {
    let (classify, mut document) = OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(classify::classify))
        .split_for_parts();
    let (health, health_document) = OpenApiRouter::new()
        .routes(routes!(health::health))
        .routes(routes!(health::ready))
        .split_for_parts();
    document.merge(health_document);
    let (operator, mut operator_document) = operator::routes().split_for_parts();
    operator::describe_access(&mut operator_document);
    document.merge(operator_document);
    description::complete(&mut document);
    (classify, operator, health, document)
}

/// The API's description, as served at `/openapi.json`.
#[must_use]
pub fn openapi() -> Document {
    described_routes().3
}

/// The public router with all its layers.
pub fn router(state: AppState, config: &Config) -> Router {
    let (classify, operator, health, document) = described_routes();
    let operator = operator
        .layer(DefaultBodyLimit::max(state.max_body_bytes))
        .layer(from_fn_with_state(state.clone(), operator::admit));
    let health = health
        .route("/health", get(health::health))
        .route("/ready", get(health::ready));
    let docs = Router::from(utoipa_swagger_ui::SwaggerUi::new("/docs").url("/openapi.json", document)).layer(
        SetResponseHeaderLayer::if_not_present(header::CONTENT_SECURITY_POLICY, pages::DOCS_POLICY),
    );
    let (framing, guarding) = (state.clone(), state.clone());
    Router::new()
        .merge(classify)
        .merge(operator)
        .merge(health)
        .route("/", get(pages::try_page))
        .merge(docs)
        .fallback(not_found)
        .layer(
            ServiceBuilder::new()
                // Id, span, log line, headers and problem documents: outermost, so that no answer goes without.
                .layer(layer_fn(move |inner| edge::framed(framing.clone(), inner)))
                // Browsers of other origins, where configured; answers preflights itself, before any limit.
                .option_layer(cors(&config.cors.allowed_origins))
                // Deadline and panics, whose answers such a browser has to be able to read, too.
                .layer(layer_fn(move |inner| edge::guarded(guarding.clone(), inner))),
        )
        .with_state(state)
}

async fn not_found() -> Problem {
    Problem::of_status(axum::http::StatusCode::NOT_FOUND)
}

/// `None` when no origin is configured: without the headers, browsers refuse other origins. What a page needs for the whole API is let
/// through: an operator's page sends `If-Match` with the `ETag` that it read, and `DELETE` to erase a text.
fn cors(origins: &[String]) -> Option<CorsLayer> {
    let origins: Vec<HeaderValue> = origins.iter().filter_map(|origin| origin.parse().ok()).collect();
    let headers = [
        "x-request-id",
        "x-api-key",
        "idempotency-key",
        "traceparent",
        "tracestate",
    ]
    .map(HeaderName::from_static);
    let exposed = [
        "idempotency-replayed",
        "x-request-id",
        "x-process-time-ms",
        "retry-after",
        "ratelimit",
        "ratelimit-policy",
        "etag",
    ];
    (!origins.is_empty()).then(|| {
        CorsLayer::new()
            .allow_origin(AllowOrigin::list(origins))
            .allow_methods([Method::GET, Method::POST, Method::DELETE])
            .allow_headers(
                headers
                    .into_iter()
                    .chain([header::CONTENT_TYPE, header::AUTHORIZATION, header::IF_MATCH])
                    .collect::<Vec<_>>(),
            )
            .expose_headers(exposed.map(HeaderName::from_static))
            .max_age(Duration::from_secs(600))
    })
}
