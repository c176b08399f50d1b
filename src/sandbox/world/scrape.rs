//! The scraper: reads `/metrics` over HTTP once a second of world time.

use std::collections::HashSet;
use std::fmt::Write;
use std::time::Duration;

use jiff::Timestamp;

use super::alert::{AlertSender, Counters};
use super::telemetry::Telemetry;
use crate::settings::Clock;

/// The time between two scrapes, in world time.
const EVERY: Duration = Duration::from_secs(1);

/// Scrapes `checkout`, keeps the samples and has them evaluated.
#[derive(Debug)]
pub(super) struct Scraper {
    pub(super) url: String,
    pub(super) clock: Clock,
    pub(super) client: reqwest::Client,
    pub(super) telemetry: Telemetry,
    pub(super) alerts: AlertSender,
}

impl Scraper {
    /// Scrapes for as long as it is polled.
    pub(super) async fn run(mut self) {
        let mut described = HashSet::new();
        let mut due = self.clock.now();
        loop {
            let exposition = self.exposition().await;
            let at = self.clock.now();
            self.telemetry.scrape(stamped(exposition.as_deref(), at, &mut described));
            self.alerts.evaluate(at, exposition.as_deref().map(Counters::read));
            due = due.checked_add(EVERY).unwrap_or(Timestamp::MAX).max(at);
            let early = Duration::try_from(due.duration_since(self.clock.now()));
            self.clock.sleep(early.unwrap_or_default()).await;
        }
    }

    /// The exposition, or nothing if the target is down.
    async fn exposition(&self) -> Option<String> {
        let answer = self.client.get(format!("{}/metrics", self.url)).send().await.ok()?;
        if answer.status().is_success() { answer.text().await.ok() } else { None }
    }
}

/// Adds the time to every sample, and `up`; a description is kept only the first time it appears.
fn stamped(exposition: Option<&str>, at: Timestamp, described: &mut HashSet<String>) -> String {
    let seconds = format!("{}.{:03}", at.as_second(), at.subsec_millisecond());
    let mut samples = String::new();
    let up = u8::from(exposition.is_some());
    for line in exposition.unwrap_or_default().lines().filter(|line| *line != "# EOF") {
        if line.starts_with('#') {
            if described.insert(line.to_owned()) {
                samples.push_str(line);
                samples.push('\n');
            }
        } else if writeln!(samples, "{line} {seconds}").is_err() {
            return samples;
        }
    }
    if described.insert("up".to_owned()) {
        samples.push_str("# HELP up Whether the scrape succeeded.\n# TYPE up gauge\n");
    }
    samples + &format!("up{{job=\"checkout\"}} {up} {seconds}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_stamped_and_described_once() {
        let (at, mut described) = (Timestamp::UNIX_EPOCH, HashSet::new());
        let exposition = "# HELP a A.\n# TYPE a counter\na_total 1\n# EOF\n";
        let first = stamped(Some(exposition), at, &mut described);
        assert!(first.contains("# TYPE a counter\na_total 1 0.000\n"), "{first}");
        let second = stamped(Some(exposition), at, &mut described);
        assert_eq!(second, "a_total 1 0.000\nup{job=\"checkout\"} 1 0.000\n");
        assert_eq!(stamped(None, at, &mut described), "up{job=\"checkout\"} 0 0.000\n");
    }
}
