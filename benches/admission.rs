//! What admission costs one request in this process: who calls, and whether that client has a token left.

use std::net::{IpAddr, Ipv4Addr};

use divan::Bencher;
use futures_util::FutureExt as _;
use ring::digest::{SHA256, digest};
use switchboard::admission::{Callers, Limiter};
use switchboard::clock::Clock;
use switchboard::config::{Config, KeyConfig};
use switchboard::telemetry::metrics::Metrics;

fn main() {
    divan::main();
}

fn config(keys: usize) -> Config {
    let mut config = Config::default();
    config.rate_limit.burst = 1_000_000;
    config.auth.keys = (0..keys)
        .map(|n| {
            KeyConfig::new(
                format!("client-{n}"),
                hex::encode(digest(&SHA256, secret(n).as_bytes())),
            )
        })
        .collect();
    config
}

fn secret(n: usize) -> String {
    format!("swb_{n:043}")
}

/// The whole of it, for a key among 10 and among 100, and without one.
#[divan::bench(args = [0, 10, 100])]
fn identify_and_take(bencher: Bencher<'_, '_>, keys: usize) {
    let (clock, _hand) = Clock::manual(jiff::Timestamp::UNIX_EPOCH);
    let config = config(keys);
    let known = config.auth.known(&config.operator);
    let callers = Callers::new(&config.auth, &known, &[], clock.clone());
    let limiter =
        Limiter::new(&config, clock, &Metrics::default().admission).expect("no Redis to name wrongly");
    let secret = (keys > 0).then(|| secret(keys / 2));
    let mut n = 0_u32;
    bencher.bench_local(|| {
        n = n.wrapping_add(1) % 10_000;
        let address = IpAddr::V4(Ipv4Addr::from_bits(n));
        let client = callers
            .sender(secret.as_deref().map(str::as_bytes), address)
            .expect("nobody has to bring a key");
        limiter
            .check(&client)
            .now_or_never()
            .expect("nothing to wait for")
    });
}
