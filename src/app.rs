//! The composition root: the only file that meets every concrete part.
//!
//! [`start`] builds the service from a validated configuration, in an order in which everything that can be wrong is found
//! before a port is bound, and returns it running. Its errors say which setting is wrong where one is.

mod observed;

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ring::digest;
use secrecy::SecretString;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tracing::{info, warn};

use observed::Observed;

use crate::admission::keys_file::KeysFile;
use crate::admission::{Admission, Callers, Limiter, SafetyLane, Unsaved};
use crate::breaker_state::BreakerState;
use crate::classify::Classifier;
use crate::classify::llm::{Cascade, Llm, Prompts};
use crate::classify::local::LocalModel;
use crate::clock::Clock;
use crate::config::{ClassifierMode, Config, InvalidSetting};
use crate::delivery::sla_clock::SlaClock;
use crate::delivery::upkeep::Upkeep;
use crate::delivery::{DeliveryObserver, Targets};
use crate::http::{self, Shared};
use crate::integrations::knowledge_base::{self, KnowledgeBase};
use crate::integrations::knowledge_search_http::KnowledgeSearch;
use crate::lanes::{Lanes, Late};
use crate::lifecycle::Tasks;
use crate::operator::Operator;
use crate::privacy::encryption::exposed_key_file;
use crate::privacy::{Redactor, Sealer};
use crate::store::{NewAuditEntry, Store, StoreError};
use crate::telemetry::Telemetry;
use crate::telemetry::logging;
use crate::telemetry::metrics::Metrics;
use crate::telemetry::traces::Traces;
use crate::triage::Triage;
use crate::workflow::Workflows;

/// For the last writes, where the grace period is over.
const LAST_WRITES: Duration = Duration::from_secs(1);
/// Scrapers, and people with questions.
const MANAGEMENT_CONNECTIONS: usize = 64;
/// The longest that the last spans may keep the process alive.
const LAST_EXPORT: Duration = Duration::from_secs(5);

/// Why the service did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A setting is wrong, or what it names is.
    #[error(transparent)]
    Setting(#[from] InvalidSetting),
    /// The store could not be opened.
    #[error("the store could not be opened: {place}: {source}")]
    Store {
        /// Where it is: [`StoreConfig::place`](crate::config::StoreConfig::place).
        place: String,
        /// What went wrong.
        source: StoreError,
    },
    /// The address could not be bound.
    #[error("{}{setting} {address} cannot be bound: {source}", if never_binds(source) { "configuration: " } else { "" })]
    Bind {
        /// The setting that holds the address.
        setting: &'static str,
        /// The address.
        address: SocketAddr,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// A thread could not be started.
    #[error("a thread could not be started: {0}")]
    Thread(#[source] std::io::Error),
}

impl StartError {
    /// Whether the configuration is at fault, rather than the machine.
    #[must_use]
    pub fn is_configuration(&self) -> bool {
        match self {
            Self::Setting(_) => true,
            Self::Bind { source, .. } => never_binds(source),
            Self::Store { .. } | Self::Thread(_) => false,
        }
    }
}

/// Whether an address is wrong for this machine or this user; one that is in use may be free the next time.
fn never_binds(error: &std::io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::AddrNotAvailable | ErrorKind::PermissionDenied
    )
}

/// The running service.
#[derive(Debug)]
pub struct Running {
    /// Where the public listener is bound.
    pub address: SocketAddr,
    /// Where the management listener is bound, if there is one.
    pub management: Option<SocketAddr>,
    /// What decides the category: `llm` or `local`.
    pub classifier: &'static str,
    /// The operator key that was made because none is configured.
    pub operator_key: Option<SecretString>,
    tasks: Tasks,
    unsaved: Option<Unsaved>,
    store: Store,
    metrics: Arc<Metrics>,
    traces: Traces,
    clock: Clock,
    grace: Duration,
    reload: Arc<Notify>,
}

/// A classifier as the configuration describes it.
///
/// # Errors
/// [`InvalidSetting`] when the model file or a prompt is wrong.
pub fn classifier(
    config: &Config,
    redactor: &Arc<Redactor>,
    clock: &Clock,
    metrics: &Arc<Metrics>,
) -> Result<Classifier, InvalidSetting> {
    let local = match &config.classifier.model {
        None => LocalModel::embedded(),
        Some(path) => LocalModel::load(path),
    };
    let local = local.map_err(|error| {
        let InvalidSetting { setting, problem } = InvalidSetting::caused_by("classifier.model", &error);
        let path = config
            .classifier
            .model
            .as_deref()
            .unwrap_or(Path::new("embedded"));
        InvalidSetting::new(setting, format!("({}): {problem}", path.display()))
    })?;
    let llm = llm(config, clock, metrics)?;
    let cascade = config.classifier.mode == ClassifierMode::Cascade;
    Ok(Classifier::new(
        local,
        llm,
        cascade.then(|| Cascade::new(config.llm.cascade.clone())),
        &config.classifier,
        redactor.clone(),
        metrics.clone(),
    ))
}

/// `None` when the LLM is never asked.
fn llm(config: &Config, clock: &Clock, metrics: &Arc<Metrics>) -> Result<Option<Llm>, InvalidSetting> {
    if !config.asks_llm() {
        return Ok(None);
    }
    let prompts = Prompts::load(&config.llm.prompts)
        .map_err(|error| InvalidSetting::caused_by("llm.prompts", &error))?;
    let events = Arc::new(Observed(metrics.clone()));
    let llm = Llm::new(&config.llm, prompts, clock.clone(), events)
        .map_err(|error| InvalidSetting::caused_by("llm", &error))?;
    metrics.breaker_state(llm.breaker().state.as_str(), BreakerState::SPELLINGS);
    Ok(Some(llm))
}

/// The recognizers, compiled: shared by everything that redacts.
///
/// # Errors
/// [`InvalidSetting`] when a configured recognizer is wrong.
pub fn redactor(config: &Config) -> Result<Redactor, InvalidSetting> {
    let redactor = Redactor::with_custom(&config.privacy.recognizers);
    redactor.map_err(|error| InvalidSetting::caused_by("privacy.recognizers", &error))
}

/// What the service is put together from: everything that the configuration and the files that it names describe, and nothing that is
/// bound, connected or made on disk.
struct Parts {
    redactor: Arc<Redactor>,
    classifier: Classifier,
    knowledge_base: Arc<KnowledgeBase>,
    workflows: Workflows,
    traces: Traces,
    targets: Targets,
    keys_file: KeysFile,
    operator_key: Option<SecretString>,
    admission: Admission,
}

fn parts(config: &Config, clock: &Clock, metrics: &Arc<Metrics>) -> Result<Parts, InvalidSetting> {
    let redactor = Arc::new(redactor(config)?);
    let classifier = classifier(config, &redactor, clock, metrics)?;
    let knowledge_base = KnowledgeBase::open(config.knowledge_base.clone())
        .map_err(|error| InvalidSetting::caused_by("knowledge_base", &error))?;
    let knowledge_base = Arc::new(knowledge_base);
    let min_confidence = config.classifier.min_confidence;
    let mut workflows = Workflows::new(&config.workflow, knowledge_base.clone(), min_confidence)
        .map_err(|error| InvalidSetting::caused_by("workflow", &error))?;
    let help_centre = KnowledgeSearch::new(&config.knowledge_search, clock.clone())
        .map_err(|error| InvalidSetting::caused_by("knowledge_search", &error))?;
    if let Some(help_centre) = help_centre {
        workflows = workflows.with_help_centre(help_centre, metrics.clone());
    }
    let traces = Traces::start(&config.otel, metrics)?;
    let targets = Targets::new(config, clock)?.with_traces(traces.clone());
    let keys_file = KeysFile::read(config)?;
    let (callers, operator_key) = Callers::configured(config, &keys_file, clock.clone())?;
    let admission = Admission {
        callers: Arc::new(callers),
        limiter: Limiter::new(config, clock.clone(), &metrics.admission)?,
        safety_lane: SafetyLane::new(&config.safety_lane, clock.clone()),
    };
    Ok(Parts {
        redactor,
        classifier,
        knowledge_base,
        workflows,
        traces,
        targets,
        keys_file,
        operator_key,
        admission,
    })
}

/// Whether [`start`] would take this configuration, as far as that can be known without making, binding or reaching anything.
///
/// # Errors
/// [`InvalidSetting`] for the first setting that is wrong, or names something that is.
pub fn check(config: &Config) -> Result<(), InvalidSetting> {
    logging::filter(&config.log)?;
    parts(config, &Clock::system(), &Arc::new(Metrics::off()))?;
    Sealer::existing(&config.store)?;
    Store::check(&config.store)
}

/// Builds the service and starts it.
///
/// # Errors
/// [`StartError`]; nothing is bound and no task runs then.
pub async fn start(config: &Config, clock: Clock) -> Result<Running, StartError> {
    let metrics = Arc::new(match config.management.enabled {
        true => Metrics::default(),
        // Nobody can read them: counting would only cost time.
        false => Metrics::off(),
    });
    let Parts {
        redactor,
        classifier,
        knowledge_base,
        workflows,
        traces,
        targets,
        keys_file,
        operator_key,
        admission,
    } = parts(config, &clock, &metrics)?;
    let kind = if config.asks_llm() { "llm" } else { "local" };
    let sealer = Sealer::configured(&config.store)?;
    Store::prepare(&config.store)?;
    let listener = bind("server.host and server.port", config.server.address()).await?;
    let management_listener = match config.management.enabled {
        true => Some(bind("management.addr", config.management.addr).await?),
        false => None,
    };
    let tasks = Tasks::default();
    let unopened = |source| StartError::Store {
        place: config.store.place(),
        source,
    };
    let store = Store::open(&config.store, sealer, clock.clone(), metrics.clone())
        .await
        .map_err(unopened)?;
    if let Some(key_id) = store.unknown_data_key().await.map_err(unopened)? {
        // No reason not to start: a lost key must not end the service, and what is sealed now can be read.
        tracing::error!(
            key_id,
            "texts are sealed under a data key that is not configured and cannot be read"
        );
    }
    if let Some(path) = exposed_key_file(&config.store) {
        // No reason not to start either: a restored backup has whatever mode the copying tool gave it, and reports must not wait.
        tracing::warn!(
            file = %path.display(),
            "others than its owner may read or write the data key: give its file the mode 0600"
        );
    }
    let operator = Operator::new(store.clone(), redactor.clone());
    let triage = Triage::new(redactor, classifier, workflows, store.clone(), clock.clone())
        .with_routes(targets.routes());
    triage.rehearse();
    let late: Late = Arc::new({
        let metrics = metrics.clone();
        move |delay| metrics.lane_delay(delay)
    });
    // The last steps that can fail, before any background work: the lanes, then the audit entry that says the service was started.
    let begun = async {
        let lanes = Lanes::start(config.server.lanes(), &tasks, &clock, &late).map_err(StartError::Thread)?;
        store.audit(started(config, &triage)).await.map_err(unopened)?;
        Ok::<_, StartError>(lanes)
    };
    let lanes = match begun.await {
        Ok(lanes) => lanes,
        Err(error) => {
            // Lanes that did begin have nobody left who brings them work, and end.
            tasks.finish(&clock, LAST_WRITES).await;
            return Err(error);
        }
    };
    let observer: Arc<dyn DeliveryObserver> = Arc::new(Observed(metrics.clone()));
    let interval = config.delivery.sla_interval();
    let sla_clock = SlaClock::new(
        store.clone(),
        clock.clone(),
        interval,
        targets.routes(),
        observer.clone(),
    );
    tasks.spawn(sla_clock.run(tasks.stopping().clone()));
    let lookup_window = config.workflow.safety.duplicate_window();
    let upkeep = Upkeep::new(store.clone(), clock.clone(), interval, lookup_window);
    tasks.spawn(upkeep.run(tasks.stopping().clone()));
    targets.start(&store, &clock, &config.delivery, &observer, &tasks);
    admission.limiter.start(&tasks).await;
    let unsaved = admission.limiter.unsaved();
    tasks.spawn(keys_file.watch(
        config.clone(),
        admission.callers.clone(),
        clock.clone(),
        metrics.admission.clone(),
        tasks.stopping().clone(),
    ));
    let reload = Arc::new(Notify::new());
    if config.knowledge_base.path.is_some() {
        tasks.spawn(knowledge_base::keep_current(
            knowledge_base,
            clock.clone(),
            metrics.clone(),
            config.knowledge_base.reload_check(),
            reload.clone(),
            tasks.stopping().clone(),
        ));
    }
    let shared = Shared::new(
        config,
        triage,
        operator,
        admission,
        clock.clone(),
        Telemetry {
            metrics: metrics.clone(),
            traces: traces.clone(),
        },
        tasks.draining().clone(),
    );
    let shared = Arc::new(shared);
    let management_state = http::management::Management::new(shared.clone());
    let address = local_address(&listener);
    let router = http::router(shared, config);
    let end = http::server::End {
        draining: tasks.draining().clone(),
        stopping: tasks.stopping().clone(),
    };
    let header_timeout = config.server.header_timeout();
    let serving = http::server::serve(
        listener,
        router,
        header_timeout,
        config.server.max_connections,
        clock.clone(),
        lanes,
        end.clone(),
    );
    tasks.spawn(serving);

    let management = management_listener.map(|listener| {
        let address = local_address(&listener);
        let router = http::management::router(management_state);
        tasks.spawn(http::server::serve(
            listener,
            router,
            header_timeout,
            MANAGEMENT_CONNECTIONS,
            clock.clone(),
            Lanes::none(&tasks),
            end,
        ));
        address
    });
    let grace = config.server.shutdown_grace();
    Ok(Running {
        address,
        management,
        classifier: kind,
        operator_key,
        tasks,
        unsaved,
        store,
        metrics,
        traces,
        clock,
        grace,
        reload,
    })
}

impl Running {
    /// The service's store.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// What the service counts.
    #[must_use]
    pub fn metrics(&self) -> &Arc<Metrics> {
        &self.metrics
    }

    /// The service's background tasks.
    #[must_use]
    pub fn tasks(&self) -> &Tasks {
        &self.tasks
    }

    /// Has the articles of the knowledge base read again, in the background; requests go on meanwhile.
    pub fn reload(&self) {
        self.reload.notify_one();
    }

    /// Ends the service: `ready` says 503 for `drain_delay` while requests are still taken, then the listeners close, requests in
    /// flight finish, and the store is closed. True when all of it ended within the grace period.
    pub async fn stop(self, drain_delay: Duration) -> bool {
        self.tasks.draining().cancel();
        info!(drain_delay_ms = drain_delay.as_millis() as u64, "draining");
        self.clock.sleep(drain_delay).await;
        let began = self.clock.elapsed();
        let ended = self.tasks.finish(&self.clock, self.grace).await;
        let left = |least: Duration| {
            let spent = self.clock.elapsed().saturating_sub(began);
            self.grace.saturating_sub(spent).max(least)
        };
        // Only now: what the last requests used of the LLM is spent.
        if let Some(unsaved) = &self.unsaved {
            // What Redis does not take in time is missing from the budgets: this replica's last messages.
            let _ = self.clock.timeout(left(LAST_WRITES), unsaved.save()).await;
        }
        // A database that does not answer must not keep the process: what waited for it was promised to nobody.
        let closed = self.clock.timeout(left(LAST_WRITES), self.store.close()).await;
        let ended = ended && closed.is_ok();
        self.traces.shut_down(left(Duration::ZERO).min(LAST_EXPORT)).await;
        if ended {
            info!("stopped");
        } else {
            warn!("stopped with work unfinished: the grace period is over");
        }
        ended
    }
}

/// What the trail says about a start: which program, with which settings and models, decided what follows.
fn started(config: &Config, triage: &Triage) -> NewAuditEntry {
    // Without its secrets: two configurations that differ in a key only have one digest.
    let settings = digest::digest(&digest::SHA256, config.to_toml().as_bytes());
    let detail = serde_json::json!({
        "version": env!("CARGO_PKG_VERSION"),
        "configuration_sha256": hex::encode(settings),
        "local_model": triage.local_model_version(),
        "llm": triage.llm_models(),
    });
    NewAuditEntry::new("system".into(), "service.started", "switchboard".into(), &detail)
}

async fn bind(setting: &'static str, address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address)
        .await
        .map_err(|source| StartError::Bind {
            setting,
            address,
            source,
        })
}

fn local_address(listener: &TcpListener) -> SocketAddr {
    listener.local_addr().expect("a bound listener has an address")
}
