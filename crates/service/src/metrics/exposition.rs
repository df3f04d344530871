//! The text format of Prometheus, version 0.0.4: what there is to be measured, and how its values are written.

use std::fmt::Write as _;

/// Every name, its type, and what it counts.
const FAMILIES: [(&str, &str, &str); 15] = [
    (
        "comptoir_http_requests_total",
        "counter",
        "Answers by service, method, route and class of status.",
    ),
    (
        "comptoir_http_request_duration_seconds",
        "histogram",
        "Time from the arrival of a request to its answer.",
    ),
    (
        "comptoir_events_total",
        "counter",
        "Events that a consumer has taken: orders, payments, alerts of stock.",
    ),
    (
        "comptoir_limiter_decisions_total",
        "counter",
        "Requests that met a policy of the limiter, and what became of them.",
    ),
    (
        "comptoir_breaker_decisions_total",
        "counter",
        "Calls that a circuit did not simply let pass, and changes of circuits.",
    ),
    (
        "comptoir_job_runs_total",
        "counter",
        "Runs of jobs, and whether they ended well.",
    ),
    (
        "comptoir_job_done_total",
        "counter",
        "What jobs have done, in things of each job's own.",
    ),
    (
        "comptoir_job_last_run_seconds",
        "gauge",
        "When a job ran last, in seconds since 1970.",
    ),
    (
        "comptoir_job_last_duration_seconds",
        "gauge",
        "How long the last run of a job took.",
    ),
    (
        "comptoir_job_last_done",
        "gauge",
        "What the last run of a job has done.",
    ),
    (
        "comptoir_job_left",
        "gauge",
        "What the last run of a job has left, at least.",
    ),
    (
        "comptoir_events_waiting",
        "gauge",
        "Events that a consumer has not taken yet, those set aside among them.",
    ),
    (
        "comptoir_events_waiting_oldest_seconds",
        "gauge",
        "How long the oldest of them has waited.",
    ),
    (
        "comptoir_events_set_aside",
        "gauge",
        "Events that a consumer has refused: they wait, and later ones of their aggregates.",
    ),
    (
        "comptoir_events_set_aside_oldest_seconds",
        "gauge",
        "How long the oldest of those has waited.",
    ),
];

/// The document, from the fields and values that are kept. What no family has is of another release.
pub fn write(pairs: &[[String; 2]]) -> String {
    let mut samples: Vec<(&str, &str)> = pairs
        .iter()
        .map(|[series, value]| (series.as_str(), value.as_str()))
        .collect();
    // The classes of a histogram stand in their order, the last of which is the only one that is no number.
    samples.sort_by_cached_key(|(series, _)| series.replace("+Inf", "~"));
    let mut text = String::new();
    for (family, kind, help) in FAMILIES {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "# HELP {family} {help}\n# TYPE {family} {kind}");
        let own = samples.iter().filter(|(series, _)| is_of(series, family));
        for (series, value) in own {
            let _ = writeln!(text, "{series} {}", number(series, value));
        }
    }
    text
}

fn is_of(series: &str, family: &str) -> bool {
    let name = series.split('{').next().unwrap_or_default();
    let rest = name.strip_prefix(family);
    rest.is_some_and(|rest| matches!(rest, "" | "_bucket" | "_count" | "_sum"))
}

/// Seconds are kept in microseconds.
fn number(series: &str, value: &str) -> String {
    let is_time = series
        .split('{')
        .next()
        .is_some_and(|name| name.ends_with("_seconds_sum") || name.ends_with("_seconds"));
    match value.parse::<u64>() {
        Ok(microseconds) if is_time => {
            format!(
                "{}.{:06}",
                microseconds / 1_000_000,
                microseconds % 1_000_000
            )
        }
        _ => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_stand_in_their_order_and_sums_are_in_seconds() {
        let name = "comptoir_http_request_duration_seconds";
        let pairs = [
            (format!("{name}_sum{{route=\"/\"}}"), "1500000"),
            (format!("{name}_bucket{{route=\"/\",le=\"+Inf\"}}"), "2"),
            (format!("{name}_bucket{{route=\"/\",le=\"0.5\"}}"), "1"),
            ("of_another_release".to_owned(), "7"),
        ];
        let pairs = pairs.map(|(series, value)| [series, value.to_owned()]);
        let text = write(&pairs);
        let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(
            lines,
            [
                format!("{name}_bucket{{route=\"/\",le=\"0.5\"}} 1"),
                format!("{name}_bucket{{route=\"/\",le=\"+Inf\"}} 2"),
                format!("{name}_sum{{route=\"/\"}} 1.500000"),
            ]
        );
    }
}
