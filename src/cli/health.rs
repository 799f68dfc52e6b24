//! `switchboard health`: asks a running service, for a container's health check. Needs no other program.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;

use crate::config::Config;

/// Which service to ask.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Address of the service (default: the configured port on this machine).
    #[arg(long, value_name = "IP:PORT")]
    address: Option<SocketAddr>,
}

/// Longest time for each step of the exchange.
const TIMEOUT: Duration = Duration::from_secs(3);

/// Exit 0 when the service answers 200.
///
/// # Errors
/// When it cannot be reached or answers otherwise.
pub fn run(args: &Args, config: &Config) -> anyhow::Result<ExitCode> {
    let address = args.address.unwrap_or_else(|| {
        let host = config.server.host;
        let reachable = if host.is_unspecified() {
            IpAddr::V4(Ipv4Addr::LOCALHOST)
        } else {
            host
        };
        SocketAddr::new(reachable, config.server.port)
    });
    let status = status_line(address).with_context(|| format!("no answer from {address}"))?;
    anyhow::ensure!(
        status.split(' ').nth(1) == Some("200"),
        "{address} answered {status}"
    );
    writeln!(std::io::stdout().lock(), "healthy")?;
    Ok(ExitCode::SUCCESS)
}

/// The first line of the answer to `GET /api/v1/health`.
fn status_line(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    write!(
        stream,
        "GET /api/v1/health HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )?;
    let mut answer = String::new();
    stream.take(64 * 1024).read_to_string(&mut answer)?;
    Ok(answer.lines().next().unwrap_or_default().to_owned())
}
