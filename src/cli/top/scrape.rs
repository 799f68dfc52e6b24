//! Fetches a service's metrics in the Prometheus text form, and answers questions about two readings of them.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Longest time for each step of the exchange.
const TIMEOUT: Duration = Duration::from_secs(3);
/// Most that is read; a service's metrics are some 50 KiB.
const MAX_BYTES: u64 = 8 * 1024 * 1024;

/// One reading.
#[derive(Debug, Clone, Default)]
pub(super) struct Samples(Vec<Sample>);

#[derive(Debug, Clone, PartialEq)]
struct Sample {
    name: String,
    labels: BTreeMap<String, String>,
    value: f64,
}

/// Reads the metrics of the management listener at `address`.
pub(super) fn fetch(address: SocketAddr) -> std::io::Result<Samples> {
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    write!(
        stream,
        "GET /metrics HTTP/1.1\r\nHost: {address}\r\nAccept: text/plain\r\nConnection: close\r\n\r\n"
    )?;
    let mut answer = String::new();
    stream.take(MAX_BYTES).read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    if head.split(' ').nth(1) == Some("200") {
        return Ok(Samples::parse(body));
    }
    let status = head.lines().next().unwrap_or("nothing").to_owned();
    Err(std::io::Error::other(format!("answered {status}")))
}

impl Samples {
    pub(super) fn parse(text: &str) -> Self {
        Self(text.lines().filter_map(Sample::parse).collect())
    }

    fn of<'s>(&'s self, name: &'s str, labels: &'s [(&'s str, &'s str)]) -> impl Iterator<Item = &'s Sample> {
        self.0
            .iter()
            .filter(move |sample| sample.name == name && sample.has(labels))
    }

    /// The sum over all series of this name with these labels; `None` when there are none.
    pub(super) fn sum(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        self.of(name, labels)
            .map(|sample| sample.value)
            .reduce(|a, b| a + b)
    }

    /// The first value of a label; empty when no series has it.
    pub(super) fn label<'s>(&'s self, name: &'s str, label: &'s str) -> &'s str {
        let mut values = self.of(name, &[]).filter_map(|sample| sample.labels.get(label));
        values.next().map_or("", String::as_str)
    }
}

impl Sample {
    /// `name{label="value",...} value`; `None` for a comment or a line that is none.
    fn parse(line: &str) -> Option<Self> {
        if line.starts_with('#') {
            return None;
        }
        let (series, value) = line.rsplit_once(' ')?;
        let value = value.parse().ok()?;
        let (name, labels) = match series.split_once('{') {
            None => (series, BTreeMap::new()),
            Some((name, rest)) => (name, labels(rest)),
        };
        Some(Self {
            name: name.to_owned(),
            labels,
            value,
        })
    }

    fn has(&self, labels: &[(&str, &str)]) -> bool {
        labels
            .iter()
            .all(|(name, value)| self.labels.get(*name).is_some_and(|has| has == value))
    }
}

/// `a="1",b="x\"y"}`: values may hold escaped quotes, and commas.
fn labels(text: &str) -> BTreeMap<String, String> {
    let mut labels = BTreeMap::new();
    let mut rest = text;
    while let Some((name, after)) = rest.split_once("=\"") {
        let (mut value, mut escaped, mut end) = (String::new(), false, after.len());
        for (at, c) in after.char_indices() {
            match c {
                _ if escaped => {
                    value.push(if c == 'n' { '\n' } else { c });
                    escaped = false;
                }
                '\\' => escaped = true,
                '"' => {
                    end = at + 1;
                    break;
                }
                _ => value.push(c),
            }
        }
        labels.insert(name.trim_start_matches(',').to_owned(), value);
        rest = &after[end..];
    }
    labels
}

/// Two readings and the time between them.
#[derive(Debug)]
pub(super) struct Window {
    before: Samples,
    pub(super) now: Samples,
    seconds: f64,
    /// Whether it goes back to the service's start.
    pub(super) whole: bool,
}

impl Window {
    pub(super) fn between(before: Samples, now: Samples, time: Duration) -> Self {
        Self {
            before,
            now,
            seconds: time.as_secs_f64().max(0.001),
            whole: false,
        }
    }

    /// From the start of the process, when everything was zero; `now_s` is now in seconds since 1970.
    pub(super) fn since_start(now: Samples, now_s: f64) -> Self {
        let started = now.sum("process_start_time_seconds", &[]).unwrap_or(now_s);
        Self {
            before: Samples::default(),
            now,
            seconds: (now_s - started).max(0.001),
            whole: true,
        }
    }

    /// How much a counter grew. A counter that is smaller than before began anew with its process.
    pub(super) fn growth(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let now = self.now.sum(name, labels).unwrap_or(0.0);
        let before = self.before.sum(name, labels).unwrap_or(0.0);
        if now < before { now } else { now - before }
    }

    /// How much a counter grew per second.
    pub(super) fn rate(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        self.growth(name, labels) / self.seconds
    }

    /// A counter's growth by the values of one label, in the order of the labels' names.
    pub(super) fn growth_by(&self, name: &str, label: &str) -> BTreeMap<String, f64> {
        let values = self
            .now
            .of(name, &[])
            .filter_map(|sample| sample.labels.get(label));
        values
            .map(|value| (value.clone(), self.growth(name, &[(label, value)])))
            .collect()
    }

    /// The mean of a histogram's observations; `None` when there were none.
    pub(super) fn mean(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let count = self.growth(&format!("{name}_count"), labels);
        (count > 0.0).then(|| self.growth(&format!("{name}_sum"), labels) / count)
    }

    /// A quantile of a histogram, interpolated inside its bucket as Prometheus does; `None` when nothing was observed.
    pub(super) fn quantile(&self, name: &str, labels: &[(&str, &str)], quantile: f64) -> Option<f64> {
        let name = format!("{name}_bucket");
        let mut buckets: Vec<(f64, f64)> = self.growth_by_bound(&name, labels).into_iter().collect();
        buckets.sort_by(|a, b| a.0.total_cmp(&b.0));
        let all = buckets.last()?.1;
        if all <= 0.0 {
            return None;
        }
        let wanted = quantile * all;
        let at = buckets.iter().position(|(_, count)| *count >= wanted)?;
        let (lower, below) = if at == 0 { (0.0, 0.0) } else { buckets[at - 1] };
        let (upper, count) = buckets[at];
        if upper.is_infinite() {
            return Some(lower);
        }
        Some(lower + (upper - lower) * ((wanted - below) / (count - below).max(f64::MIN_POSITIVE)))
    }

    fn growth_by_bound(&self, name: &str, labels: &[(&str, &str)]) -> Vec<(f64, f64)> {
        let mut bounds: Vec<&str> = self
            .now
            .of(name, labels)
            .filter_map(|sample| sample.labels.get("le").map(String::as_str))
            .collect();
        bounds.sort_unstable();
        bounds.dedup();
        let growth = |bound: &str| {
            let with_bound: Vec<(&str, &str)> = labels.iter().copied().chain([("le", bound)]).collect();
            self.growth(name, &with_bound)
        };
        bounds
            .into_iter()
            .filter_map(|bound| Some((bound.parse().ok()?, growth(bound))))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn series_are_read_with_their_labels() {
        let samples = Samples::parse(
            "# TYPE a counter\na{x=\"1\",y=\"p, \\\"q\\\"}\"} 2\na{x=\"2\",y=\"\"} 3.5\nb 1e3\nbroken\n",
        );
        assert_eq!(samples.sum("a", &[]), Some(5.5));
        assert_eq!(samples.sum("a", &[("x", "2")]), Some(3.5));
        assert_eq!(samples.label("a", "y"), "p, \"q\"}");
        assert_eq!(
            (samples.sum("b", &[]), samples.sum("c", &[])),
            (Some(1000.0), None)
        );
    }

    #[test]
    fn rates_are_over_the_window_and_a_restart_is_no_negative_rate() {
        let read = |value: u32| Samples::parse(&format!("n_total {value}\n"));
        let window = |before, now| Window::between(read(before), read(now), Duration::from_secs(2));
        assert_eq!(window(10, 30).rate("n_total", &[]), 10.0);
        assert_eq!(window(100, 8).rate("n_total", &[]), 4.0);
        let since_start = Window::since_start(
            Samples::parse("n_total 50\nprocess_start_time_seconds 990\n"),
            1000.0,
        );
        assert_eq!(since_start.rate("n_total", &[]), 5.0);
    }

    #[test]
    fn quantiles_are_those_that_prometheus_finds() {
        let read = |counts: [u32; 3]| {
            let [a, b, all] = counts;
            Samples::parse(&format!(
                "h_bucket{{le=\"0.1\"}} {a}\nh_bucket{{le=\"0.5\"}} {b}\nh_bucket{{le=\"+Inf\"}} {all}\nh_count {all}\nh_sum 20\n"
            ))
        };
        let window = Window::between(
            read([100, 100, 100]),
            read([150, 190, 200]),
            Duration::from_secs(1),
        );
        let of = |quantile| window.quantile("h", &[], quantile).unwrap();
        assert!((of(0.5) - 0.1).abs() < 1e-9, "{}", of(0.5));
        assert!((of(0.7) - 0.3).abs() < 1e-9, "{}", of(0.7));
        assert_eq!(of(0.99), 0.5, "beyond the last bound nothing is known");
        let still = Window::between(read([1, 1, 1]), read([1, 1, 1]), Duration::from_secs(1));
        assert_eq!(
            (still.quantile("h", &[], 0.5), still.mean("h", &[])),
            (None, None)
        );
    }
}
