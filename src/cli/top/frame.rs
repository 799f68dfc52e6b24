//! Draws one frame of `switchboard top`: what an operator asks first, first.

use std::net::SocketAddr;

use jiff::Timestamp;

use super::scrape::Window;

/// Whether to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// ANSI colours.
    Colour,
    /// Text only.
    Plain,
}

impl Style {
    fn paint(self, code: &str, text: &str) -> String {
        match self {
            Self::Colour => format!("\x1b[{code}m{text}\x1b[0m"),
            Self::Plain => text.to_owned(),
        }
    }

    fn heading(self, text: &str) -> String {
        self.paint("1;36", &format!("{text:<11}"))
    }

    fn bad(self, is_bad: bool, text: &str) -> String {
        if is_bad {
            self.paint("1;31", text)
        } else {
            text.to_owned()
        }
    }

    fn odd(self, is_odd: bool, text: &str) -> String {
        if is_odd {
            self.paint("33", text)
        } else {
            text.to_owned()
        }
    }
}

const REQUESTS: &str = "switchboard_http_request_duration_seconds";
const CATEGORIES: &str = "switchboard_classifications_total";
const CONFIDENCE: &str = "switchboard_classification_confidence";
const LLM: &str = "switchboard_llm_call_duration_seconds";
const TOKENS: &str = "switchboard_llm_tokens_total";
const DECISIONS: &str = "switchboard_rate_limit_decisions_total";
const CLASSIFY: [(&str, &str); 1] = [("route", "/api/v1/classify")];
/// Beyond so many seconds a clock is another than the database's, as the alert has it.
const CLOCK_WRONG_S: f64 = 5.0;
/// Width of a bar, in characters.
const BAR: usize = 20;

/// The frame's lines.
pub(super) fn draw(window: &Window, address: SocketAddr, now: &Timestamp, style: Style) -> Vec<String> {
    let mut lines = vec![title(window, address, now, style), String::new()];
    lines.extend(requests(window, style));
    lines.extend(categories(window, style));
    lines.extend(llm(window, style));
    lines.extend(safety(window, style));
    lines.extend(deliveries(window, style));
    lines.push(store(window, style));
    lines.push(limits(window, style));
    lines
}

fn title(window: &Window, address: SocketAddr, now: &Timestamp, style: Style) -> String {
    let of = |name| window.now.sum(name, &[]);
    let version = window.now.label("switchboard_build_info", "version");
    let now_s = now.as_duration().as_secs_f64();
    let up = of("process_start_time_seconds").map_or_else(|| "-".to_owned(), |start| span(now_s - start));
    let over = if window.whole { "since the start" } else { "now" };
    let name = style.paint("1", &format!("Switchboard {version}"));
    format!(
        "{name}  {address}  up {up}  cpu {:.0} %  memory {:.0} MB  fds {:.0}  threads {:.0}  ({over})",
        window.rate("process_cpu_seconds_total", &[]) * 100.0,
        of("process_resident_memory_bytes").unwrap_or(0.0) / 1e6,
        of("process_open_fds").unwrap_or(0.0),
        of("process_threads").unwrap_or(0.0),
    )
}

fn requests(window: &Window, style: Style) -> Vec<String> {
    let count = format!("{REQUESTS}_count");
    let by_status = window.growth_by(&count, "status");
    let all: f64 = by_status.values().sum();
    let share = |class: char| {
        let of_class = by_status.iter().filter(|(status, _)| status.starts_with(class));
        percent(of_class.map(|(_, growth)| growth).sum::<f64>(), all)
    };
    let failing = by_status
        .iter()
        .any(|(status, growth)| status.starts_with('5') && *growth > 0.0);
    let first = format!(
        "{}{:>9}/s   in flight {:.0}   2xx {}   4xx {}   {}",
        style.heading("REQUESTS"),
        number(window.rate(&count, &[])),
        window
            .now
            .sum("switchboard_http_requests_in_flight", &[])
            .unwrap_or(0.0),
        share('2'),
        share('4'),
        style.bad(failing, &format!("5xx {}", share('5'))),
    );
    let latency = percentiles(window, REQUESTS, &CLASSIFY);
    let overhead = percentiles(window, "switchboard_classify_overhead_seconds", &[]);
    vec![
        first,
        format!("{:11}classify {latency}", ""),
        format!("{:11}of it ours {overhead}", ""),
        String::new(),
    ]
}

fn categories(window: &Window, style: Style) -> Vec<String> {
    let by_category = window.growth_by(CATEGORIES, "category");
    let all: f64 = by_category.values().sum();
    let mut lines = Vec::new();
    for (at, category) in ["informational", "service_action", "safety_compliance"]
        .into_iter()
        .enumerate()
    {
        let heading = if at == 0 { "MESSAGES" } else { "" };
        let growth = by_category.get(category).copied().unwrap_or(0.0);
        let labels = [("category", category)];
        let confidence = window.mean(CONFIDENCE, &labels);
        lines.push(format!(
            "{}{category:<18}{:>9}/s  {}  {:>6}   confidence {}",
            style.heading(heading),
            number(window.rate(CATEGORIES, &labels)),
            bar(growth, all),
            percent(growth, all),
            confidence.map_or_else(|| "-".to_owned(), |mean| format!("{mean:.2}")),
        ));
    }
    let people = window.rate("switchboard_escalations_total", &[]);
    let raised = window.rate("switchboard_safety_floor_raises_total", &[]);
    lines.push(format!(
        "{:11}to a person {}/s   raised by the safety floor {}/s",
        "",
        number(people),
        number(raised)
    ));
    lines.push(String::new());
    lines
}

fn llm(window: &Window, style: Style) -> Vec<String> {
    let state = ["open", "half_open", "closed"]
        .into_iter()
        .find(|state| window.now.sum("switchboard_breaker_state", &[("state", state)]) == Some(1.0));
    let Some(state) = state else {
        return vec![
            format!("{}not configured: the local model decides", style.heading("LLM")),
            String::new(),
        ];
    };
    let count = format!("{LLM}_count");
    let all = window.growth(&count, &[]);
    let failed = all - window.growth(&count, &[("outcome", "ok")]);
    let degraded = window.growth(CATEGORIES, &[("degraded", "true")]);
    let messages = window.growth(CATEGORIES, &[]);
    // What was cached (`input_cached`) is a part of the input.
    let tokens = ["input", "output"].map(|direction| window.rate(TOKENS, &[("direction", direction)]));
    vec![
        format!(
            "{}breaker {}   {}/s   {}   {}   tokens {}/s",
            style.heading("LLM"),
            style.bad(state != "closed", &state.to_uppercase()),
            number(window.rate(&count, &[])),
            style.odd(failed > 0.0, &format!("failed {}", percent(failed, all))),
            style.odd(
                degraded > 0.0,
                &format!("degraded {}", percent(degraded, messages))
            ),
            number(tokens.iter().sum()),
        ),
        format!("{:11}call {}", "", percentiles(window, LLM, &[("outcome", "ok")])),
        String::new(),
    ]
}

fn safety(window: &Window, style: Style) -> Vec<String> {
    let mut lines = Vec::new();
    for (at, severity) in ["urgent", "high", "standard"].into_iter().enumerate() {
        let labels = [("severity", severity)];
        let open = window.now.sum("switchboard_safety_records_open", &labels);
        let due = window
            .now
            .sum("switchboard_safety_record_nearest_due_seconds", &labels);
        let when = match due {
            None => String::new(),
            Some(due) if due < 0.0 => style.bad(true, &format!("OVERDUE for {}", span(-due))),
            Some(due) => style.odd(due < 600.0, &format!("due in {}", span(due))),
        };
        let open = open.map_or_else(|| "-".to_owned(), |open| format!("{open:.0}"));
        lines.push(format!(
            "{}{severity:<10}{open:>5} open   {when}",
            style.heading(if at == 0 { "SAFETY" } else { "" }),
        ));
    }
    lines.push(String::new());
    lines
}

fn deliveries(window: &Window, style: Style) -> Vec<String> {
    let mut lines = Vec::new();
    for (at, target) in ["ticketing", "compliance"].into_iter().enumerate() {
        // Not there while the store cannot be read: a nought would say that all is well.
        let jobs = |state| {
            let labels = [("target", target), ("state", state)];
            window.now.sum("switchboard_outbox_jobs", &labels)
        };
        let count = |jobs: Option<f64>| jobs.map_or_else(|| "-".to_owned(), |jobs| format!("{jobs:.0}"));
        let oldest = window
            .now
            .sum("switchboard_outbox_oldest_job_age_seconds", &[("target", target)]);
        let age = oldest.map_or_else(|| "-".to_owned(), span);
        let dead = jobs("dead");
        let deliveries = "switchboard_delivery_duration_seconds_count";
        let done = window.rate(deliveries, &[("target", target), ("outcome", "done")]);
        lines.push(format!(
            "{}{target:<12}{:>5} waiting   {}   {}   delivered {}/s",
            style.heading(if at == 0 { "DELIVERIES" } else { "" }),
            count(jobs("pending")),
            style.odd(oldest > Some(900.0), &format!("oldest {age}")),
            style.bad(dead > Some(0.0), &format!("given up {}", count(dead))),
            number(done),
        ));
    }
    lines.push(String::new());
    lines
}

fn store(window: &Window, style: Style) -> String {
    let of = |name| window.now.sum(name, &[]);
    let state = match (
        of("switchboard_store_writable"),
        of("switchboard_store_table_locked"),
    ) {
        (_, Some(1.0)) => style.bad(true, "TABLE LOCKED"),
        (Some(0.0), _) => style.bad(true, "NOT WRITABLE"),
        _ => "writable".to_owned(),
    };
    let name = "switchboard_store_operation_duration_seconds";
    format!(
        "{}{state}   commit {}   waiting {:.0}   {}",
        style.heading("STORE"),
        percentiles(window, name, &[("operation", "commit")]),
        of("switchboard_store_queued_writes").unwrap_or(0.0),
        clock(window, style),
    )
}

/// How far the service's clock is from its database's.
fn clock(window: &Window, style: Style) -> String {
    let of = |name| window.now.sum(name, &[]).unwrap_or(0.0);
    let ahead = of("switchboard_clock_skew_seconds");
    if of("switchboard_sla_marks_held") > 0.0 {
        return style.bad(
            true,
            &format!("clock {} ahead: NOTHING IS MARKED AS DUE", span(ahead)),
        );
    }
    match ahead {
        _ if ahead > CLOCK_WRONG_S => style.odd(true, &format!("clock {} ahead", span(ahead))),
        _ if ahead < -CLOCK_WRONG_S => style.odd(true, &format!("clock {} behind", span(-ahead))),
        _ => "clock as the database's".to_owned(),
    }
}

fn limits(window: &Window, style: Style) -> String {
    let limited = window.rate(DECISIONS, &[("decision", "limited")]);
    let lane = window.rate("switchboard_safety_lane_total", &[("outcome", "accepted")]);
    let redis = match window
        .now
        .sum("switchboard_rate_limit_backend_up", &[("backend", "redis")])
    {
        None => "per replica".to_owned(),
        Some(0.0) => format!("per replica, {}", style.bad(true, "Redis AWAY")),
        Some(_) => "in Redis".to_owned(),
    };
    let keys_valid = window.now.sum("switchboard_keys_file_valid", &[]) != Some(0.0);
    let keys = if keys_valid { "" } else { "   KEYS FILE WRONG" };
    format!(
        "{}counted {redis}   {}   safety lane {}/s{}",
        style.heading("LIMITS"),
        style.odd(limited > 0.0, &format!("limited {}/s", number(limited))),
        number(lane),
        style.bad(!keys_valid, keys),
    )
}

fn percentiles(window: &Window, name: &str, labels: &[(&str, &str)]) -> String {
    let of = |quantile| {
        let seconds = window.quantile(name, labels, quantile);
        seconds.map_or_else(|| "-".to_owned(), brief)
    };
    format!("p50 {}   p95 {}   p99 {}", of(0.5), of(0.95), of(0.99))
}

/// A part of a whole.
fn percent(part: f64, whole: f64) -> String {
    if whole <= 0.0 {
        return "-".to_owned();
    }
    // An empty sum is minus zero.
    format!("{:.1} %", (part / whole * 100.0).abs())
}

fn bar(part: f64, whole: f64) -> String {
    let share = if whole > 0.0 { part / whole } else { 0.0 };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a positive whole, times 20"
    )]
    let full = ((share * BAR as f64).round() as usize).min(BAR);
    format!("{}{}", "█".repeat(full), "░".repeat(BAR - full))
}

/// A rate: one digit after the point while it is small.
fn number(value: f64) -> String {
    match value {
        _ if value >= 1e6 => format!("{:.1}M", value / 1e6),
        _ if value >= 1e4 => format!("{:.1}k", value / 1e3),
        _ if value >= 100.0 => format!("{value:.0}"),
        _ if value >= 0.1 || value == 0.0 => format!("{value:.1}"),
        _ => format!("{value:.3}"),
    }
}

/// A duration below a minute.
fn brief(seconds: f64) -> String {
    match seconds {
        _ if seconds < 0.01 => format!("{:.2} ms", seconds * 1e3),
        _ if seconds < 1.0 => format!("{:.0} ms", seconds * 1e3),
        _ => format!("{seconds:.2} s"),
    }
}

/// A duration of seconds to days, in its two largest units.
fn span(seconds: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "whole seconds of a positive duration"
    )]
    let s = seconds.max(0.0) as u64;
    match s {
        0..60 => format!("{s} s"),
        60..3600 => format!("{} min {:02} s", s / 60, s % 60),
        3600..86_400 => format!("{} h {:02} min", s / 3600, s % 3600 / 60),
        _ => format!("{} d {:02} h", s / 86_400, s % 86_400 / 3600),
    }
}

#[cfg(test)]
mod tests {
    use super::super::scrape::Samples;
    use super::*;

    #[test]
    fn a_frame_shows_what_an_operator_asks_for() {
        let samples = Samples::parse(
            "switchboard_build_info{version=\"0.1.0\"} 1\nprocess_start_time_seconds 1772441700\nprocess_cpu_seconds_total 30\n\
             process_resident_memory_bytes 92000000\nprocess_open_fds 41\nprocess_threads 5\nswitchboard_http_requests_in_flight 3\n\
             switchboard_http_request_duration_seconds_count{route=\"/api/v1/classify\",method=\"POST\",status=\"200\"} 2970\n\
             switchboard_http_request_duration_seconds_count{route=\"/api/v1/classify\",method=\"POST\",status=\"503\"} 30\n\
             switchboard_http_request_duration_seconds_bucket{route=\"/api/v1/classify\",le=\"0.005\"} 2700\n\
             switchboard_http_request_duration_seconds_bucket{route=\"/api/v1/classify\",le=\"+Inf\"} 3000\n\
             switchboard_classifications_total{category=\"informational\",degraded=\"false\"} 2000\n\
             switchboard_classifications_total{category=\"safety_compliance\",degraded=\"true\"} 500\n\
             switchboard_classification_confidence_sum{category=\"informational\"} 1800\n\
             switchboard_classification_confidence_count{category=\"informational\"} 2000\n\
             switchboard_breaker_state{state=\"closed\"} 0\nswitchboard_breaker_state{state=\"open\"} 1\n\
             switchboard_llm_call_duration_seconds_count{outcome=\"ok\"} 90\nswitchboard_llm_call_duration_seconds_count{outcome=\"timeout\"} 10\n\
             switchboard_safety_records_open{severity=\"urgent\"} 2\nswitchboard_safety_record_nearest_due_seconds{severity=\"urgent\"} -75\n\
             switchboard_safety_records_open{severity=\"high\"} 1\nswitchboard_safety_record_nearest_due_seconds{severity=\"high\"} 5400\n\
             switchboard_outbox_jobs{target=\"ticketing\",state=\"pending\"} 4\nswitchboard_outbox_jobs{target=\"ticketing\",state=\"dead\"} 1\n\
             switchboard_outbox_oldest_job_age_seconds{target=\"ticketing\"} 1000\nswitchboard_store_writable 0\n\
             switchboard_llm_tokens_total{direction=\"input\"} 6000\nswitchboard_llm_tokens_total{direction=\"input_cached\"} 3000\n\
             switchboard_llm_tokens_total{direction=\"output\"} 600\nswitchboard_clock_skew_seconds 1200.25\n\
             switchboard_sla_marks_held 1\nswitchboard_keys_file_valid 0\nswitchboard_rate_limit_backend_up{backend=\"redis\"} 0\n",
        );
        let window = Window::since_start(samples, 1_772_442_000.0);
        let now: Timestamp = "2026-03-02T09:00:00Z".parse().unwrap();
        let draw = |style| draw(&window, "127.0.0.1:9464".parse().unwrap(), &now, style).join("\n");
        insta::assert_snapshot!(draw(Style::Plain));
        assert!(draw(Style::Colour).contains("\x1b[1;31mOVERDUE for 1 min 15 s\x1b[0m"));
    }

    #[test]
    fn the_store_line_tells_of_a_lock_and_of_a_clock_that_is_wrong() {
        let line = |samples: &str| store(&Window::since_start(Samples::parse(samples), 0.0), Style::Plain);
        let well = line("switchboard_store_writable 1\nswitchboard_clock_skew_seconds -0.004\n");
        assert!(
            well.contains("STORE      writable ") && well.ends_with("   clock as the database's"),
            "{well}"
        );
        let locked = line("switchboard_store_writable 0\nswitchboard_store_table_locked 1\n");
        assert!(locked.contains("STORE      TABLE LOCKED "), "{locked}");
        for (skew, told) in [
            ("7.5\n", "   clock 7 s ahead"),
            ("-90\n", "   clock 1 min 30 s behind"),
            (
                "90\nswitchboard_sla_marks_held 1\n",
                "   clock 1 min 30 s ahead: NOTHING IS MARKED AS DUE",
            ),
            (
                "3\nswitchboard_sla_marks_held 1\n",
                "   clock 3 s ahead: NOTHING IS MARKED AS DUE",
            ),
        ] {
            let line = line(&format!("switchboard_clock_skew_seconds {skew}"));
            assert!(line.ends_with(told), "{line}");
        }
    }

    #[test]
    fn durations_are_written_for_people() {
        let spans: Vec<String> = [0.0, 59.9, 61.0, 3_720.0, 90_000.0].map(span).into();
        assert_eq!(spans, ["0 s", "59 s", "1 min 01 s", "1 h 02 min", "1 d 01 h"]);
        assert_eq!([0.000_42, 0.042, 4.2].map(brief), ["0.42 ms", "42 ms", "4.20 s"]);
    }
}
