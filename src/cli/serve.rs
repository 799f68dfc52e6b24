//! `switchboard serve`: run the service until a signal ends it; SIGHUP has it read its knowledge base again.

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use secrecy::ExposeSecret as _;

use crate::app::{self, Running};
use crate::clock::Clock;
use crate::config::{ClassifierConfig, ClassifierMode, Config, Overlooked};
use crate::lifecycle::{Hangups, Signals, Stop};
use crate::telemetry::flood::FloodGate;
use crate::telemetry::logging::{self, LogWriter};

/// Runs the service. Exit 0 when everything ended within the grace period.
///
/// # Errors
/// When the service cannot start.
pub fn run(config: Config) -> anyhow::Result<ExitCode> {
    let clock = Clock::system();
    let gate = FloodGate::new(config.log.repeats_per_second, clock.clone());
    let log = logging::init(&config.log, gate.clone()).map_err(|error| match error {
        logging::LoggingError::Level(setting) => anyhow::Error::new(setting),
        twice @ logging::LoggingError::Twice(_) => twice.into(),
    })?;
    for Overlooked { variable, why } in Config::overlooked() {
        tracing::warn!(
            variable,
            why,
            "a variable of the environment looks like a setting's and sets nothing"
        );
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let ended = runtime.block_on(serve(config, clock, gate, log.clone()));
    // Also where the wait was cut short: no line may be left behind.
    log.end_batches();
    // Reading a file or looking up a name may hang for ever: what still does is nobody's any more.
    runtime.shutdown_background();
    ended
}

async fn serve(config: Config, clock: Clock, gate: FloodGate, log: LogWriter) -> anyhow::Result<ExitCode> {
    // Before anything else: a signal that comes while the service starts ends it in order, too, also as the first process of a
    // container, which a signal without a handler does not reach.
    let (mut signals, mut hangups) = (Signals::install()?, Hangups::install()?);
    let running = tokio::select! {
        running = app::start(&config, clock.clone()) => running?,
        _ = signals.next() => {
            tracing::info!("stopped");
            return Ok(ExitCode::SUCCESS);
        }
    };
    let tasks = running.tasks();
    tasks.spawn(gate.run(running.metrics().clone(), tasks.stopping().clone()));
    log.run_thread(running.metrics().clone());
    tasks.spawn(log.run_batches(clock, tasks.stopping().clone()));
    announce(&running, &config.classifier);
    let stop = loop {
        tokio::select! {
            stop = signals.next() => break stop,
            () = hangups.next() => running.reload(),
        }
    };
    let delay = match stop {
        Stop::Terminate => config.server.drain_delay(),
        Stop::Interrupt => Duration::ZERO,
    };
    // Somebody who signals again does not want to wait.
    let ended = tokio::select! {
        ended = running.stop(delay) => ended,
        _ = signals.next() => false,
    };
    Ok(if ended {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Tells a person where everything is. In one piece, and not worth ending the service for where nobody can read it.
fn announce(running: &Running, classifier: &ClassifierConfig) {
    let at = running.address;
    let mut text = format!(
        "Switchboard {} is running\n  try a message   http://{at}/\n  the API         http://{at}/api/v1/classify\n  \
         its docs        http://{at}/docs\n",
        env!("CARGO_PKG_VERSION")
    );
    if let Some(management) = running.management {
        text.push_str(&format!("  metrics         http://{management}/metrics\n"));
    }
    let model = classifier.model.as_ref().map_or_else(
        || "the embedded model".to_owned(),
        |path| format!("the model {}", path.display()),
    );
    text.push_str(&match (running.classifier, classifier.mode) {
        ("llm", _) => format!("  classifier      the LLM, with {model} behind it\n"),
        (_, ClassifierMode::Local) => format!("  classifier      {model} (classifier.mode is local)\n"),
        _ => format!("  classifier      {model} (set OPENAI_API_KEY to use an LLM)\n"),
    });
    if let Some(key) = &running.operator_key {
        let key = key.expose_secret();
        text.push_str(&format!(
            "  operator key    {key} (until it stops; `switchboard keys new --role operator` makes one to keep)\n"
        ));
    }
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
