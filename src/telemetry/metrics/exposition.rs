//! The two forms a scraper may ask for: OpenMetrics 1.0, and the older Prometheus text form, which everything reads.
//!
//! The registry writes OpenMetrics. The text form differs in what a counter's family is called (with `_total`) and knows neither units nor
//! an end mark; [`to_text`] rewrites those lines and leaves the samples alone.

/// A form of the metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exposition {
    /// OpenMetrics 1.0.
    OpenMetrics,
    /// Prometheus text 0.0.4.
    Text,
}

impl Exposition {
    /// What an Accept header asks for (RFC 9110, section 12.5.1): OpenMetrics where it is named and not liked less than plain text. No
    /// header, or one that names neither, gets plain text.
    #[must_use]
    pub fn accepted(accept: &str) -> Self {
        let (mut open_metrics, mut text) = (0.0, 0.0);
        for range in accept.split(',') {
            let mut parts = range.split(';').map(str::trim);
            let kind = parts.next().unwrap_or_default().to_ascii_lowercase();
            let quality: f32 = parts
                .find_map(|parameter| parameter.strip_prefix("q=")?.parse().ok())
                .unwrap_or(1.0);
            match kind.as_str() {
                "application/openmetrics-text" => open_metrics = quality.max(open_metrics),
                "text/plain" => text = quality.max(text),
                _ => {}
            }
        }
        if open_metrics > 0.0 && open_metrics >= text {
            Self::OpenMetrics
        } else {
            Self::Text
        }
    }

    /// The form's Content-Type.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Self::Text => "text/plain; version=0.0.4; charset=utf-8",
        }
    }
}

/// OpenMetrics as Prometheus text.
pub(super) fn to_text(open_metrics: &str) -> String {
    let mut out = String::with_capacity(open_metrics.len());
    // A family's help comes before its type, which says what the family is called here.
    let mut help = "";
    for line in open_metrics.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            help = rest;
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap_or((rest, "untyped"));
            let suffix = if kind == "counter" { "_total" } else { "" };
            if let Some(text) = help.strip_prefix(name) {
                out.extend(["# HELP ", name, suffix, text, "\n"]);
            }
            out.extend(["# TYPE ", name, suffix, " ", kind, "\n"]);
        } else if !line.starts_with('#') {
            out.extend([line, "\n"]);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_is_the_one_the_scraper_likes_best() {
        let prometheus_3 = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.4,*/*;q=0.2";
        for (accept, form) in [
            (prometheus_3, Exposition::OpenMetrics),
            ("application/openmetrics-text", Exposition::OpenMetrics),
            (
                "text/plain;version=0.0.4, application/openmetrics-text;q=0.5",
                Exposition::Text,
            ),
            ("application/openmetrics-text;q=0", Exposition::Text),
            ("text/html, */*", Exposition::Text),
            ("", Exposition::Text),
        ] {
            assert_eq!(Exposition::accepted(accept), form, "{accept}");
        }
    }

    #[test]
    fn counters_are_renamed_and_units_and_the_end_left_out() {
        let open = "# HELP a_seconds Time.\n# TYPE a_seconds histogram\n# UNIT a_seconds seconds\na_seconds_sum 1.0\n\
                    # HELP b Things.\n# TYPE b counter\nb_total{c=\"# d\"} 2\n# EOF\n";
        let text = "# HELP a_seconds Time.\n# TYPE a_seconds histogram\na_seconds_sum 1.0\n\
                    # HELP b_total Things.\n# TYPE b_total counter\nb_total{c=\"# d\"} 2\n";
        assert_eq!(to_text(open), text);
    }
}
