//! `switchboard top`: a live view of a running service on the terminal, read from its management listener.
//!
//! [`scrape`] fetches and reads the metrics, [`frame`] draws them. Rates and percentiles are over the time between two readings; `--once`
//! prints one frame, over the time since the service started, for scripts. While the service does not answer the view says so and goes
//! on asking; with `--once` that is an error.

mod frame;
mod scrape;

use std::io::{IsTerminal as _, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;

use crate::clock::Clock;
use crate::config::Config;
use crate::lifecycle::Signals;
use frame::Style;
use scrape::{Samples, Window};

/// What to show, and how often.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Address of the management listener (default: the configured one on this machine).
    #[arg(long, value_name = "IP:PORT")]
    address: Option<SocketAddr>,
    /// Seconds between two readings.
    #[arg(long, value_name = "SECONDS", default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=3600))]
    interval: u64,
    /// Print one frame, over the time since the service started, and end.
    #[arg(long)]
    once: bool,
}

/// Another screen, so that the terminal is as it was afterwards, and no cursor.
const ENTER: &str = "\x1b[?1049h\x1b[?25l";
const LEAVE: &str = "\x1b[?25h\x1b[?1049l";
/// To the upper left corner; what follows overwrites the last frame without flickering.
const HOME: &str = "\x1b[H";
const REST_OF_LINE: &str = "\x1b[K";
const REST_OF_SCREEN: &str = "\x1b[J";

/// Shows the service until interrupted.
///
/// # Errors
/// When the terminal cannot be written to; with `--once` also when the service does not answer.
pub fn run(args: &Args, config: &Config) -> anyhow::Result<ExitCode> {
    let address = args.address.unwrap_or_else(|| {
        let mut address = config.management.addr;
        if address.ip().is_unspecified() {
            address.set_ip(IpAddr::V4(Ipv4Addr::LOCALHOST));
        }
        address
    });
    let clock = Clock::system();
    let terminal = std::io::stdout().is_terminal();
    let style = if terminal { Style::Colour } else { Style::Plain };
    if args.once {
        let samples = scrape::fetch(address).with_context(|| format!("no answer from {address}"))?;
        let window = Window::since_start(samples, seconds_of(&clock));
        let lines = frame::draw(&window, address, &clock.now(), style);
        let mut out = std::io::stdout().lock();
        writeln!(out, "{}", lines.join("\n"))?;
        return Ok(ExitCode::SUCCESS);
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut signals = Signals::install()?;
        show(ENTER)?;
        let shown = tokio::select! {
            shown = live(address, Duration::from_secs(args.interval), &clock, style) => shown,
            _ = signals.next() => Ok(()),
        };
        show(LEAVE)?;
        shown.map(|()| ExitCode::SUCCESS).map_err(anyhow::Error::new)
    })
}

async fn live(address: SocketAddr, interval: Duration, clock: &Clock, style: Style) -> std::io::Result<()> {
    let mut before: Option<(Samples, Duration)> = None;
    loop {
        let at = clock.elapsed();
        let lines = match scrape::fetch(address) {
            Err(error) => {
                before = None;
                vec![format!(
                    "{address} does not answer ({error}); asking again every {} s",
                    interval.as_secs()
                )]
            }
            Ok(now) => {
                let window = match before.take() {
                    Some((before, then)) => Window::between(before, now.clone(), at.saturating_sub(then)),
                    None => Window::since_start(now.clone(), seconds_of(clock)),
                };
                before = Some((now, at));
                frame::draw(&window, address, &clock.now(), style)
            }
        };
        let mut text = String::from(HOME);
        for line in lines {
            text.extend([line.as_str(), REST_OF_LINE, "\r\n"]);
        }
        text.push_str(REST_OF_SCREEN);
        show(&text)?;
        clock.sleep(interval).await;
    }
}

fn show(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Now, in seconds since 1970, as metrics say it.
fn seconds_of(clock: &Clock) -> f64 {
    clock.now().as_duration().as_secs_f64()
}
