//! Carrying out a handed-over investigation: each analysis that is called for, then the conclusion.

use super::TelemetryError;
use super::ask::Commission;
use super::conclusion::{Investigation, Reports};
use super::finding::Offer;
use super::measure::{measure, survey};
use super::metrics::{Ask, Measure, MetricReport};
use super::read::Steps;
use super::selector::Selector;
use super::source::Sources;

/// Rows of each analysis.
const ROWS: usize = 5;

/// Runs the analyses in the order in which one needs the other: changes need the onset.
pub(super) fn investigate(
    sources: &Sources,
    commission: Commission,
    steps: &Steps,
) -> Result<Investigation, TelemetryError> {
    let Commission { window, plan, query, onset, selectors } = commission;
    let mut reports = Reports { not_done: plan.not_done, ..Reports::default() };
    let total = plan.run.len();
    for (index, offer) in [Offer::Metrics, Offer::Logs, Offer::Traces, Offer::Changes]
        .into_iter()
        .filter(|offer| plan.run.contains(offer))
        .enumerate()
    {
        steps.go_on()?;
        steps.say(format!("analysing {} ({} of {total})", offer.name(), index + 1));
        let done = match offer {
            Offer::Metrics => {
                metrics(sources, &selectors, window, steps).map(|found| reports.metrics = found)
            }
            Offer::Logs => sources
                .logs(window, query.clone(), ROWS, steps)
                .map(|found| reports.logs = Some(found)),
            Offer::Traces => {
                sources.spans(window, "", ROWS, steps).map(|found| reports.spans = Some(found))
            }
            Offer::Changes => {
                reports.onset = onset.or_else(|| reports.measured_onset(window));
                let around = reports.onset.unwrap_or(window.to);
                // A cause may lie before the window that its effect is looked for in.
                let wider = super::Window { from: window.preceding().from, to: window.to };
                sources
                    .changes(wider, around, ROWS, steps)
                    .map(|found| reports.changes = Some(found))
            }
        };
        match done {
            Ok(()) => {}
            Err(TelemetryError::Cancelled) => return Err(TelemetryError::Cancelled),
            // One kind of telemetry that fails must not hide what the others say.
            Err(error) => reports.not_done.push(format!("{}: failed to {error}", offer.name())),
        }
    }
    reports.onset = onset.or_else(|| reports.measured_onset(window));
    Ok(reports.conclude(window))
}

fn metrics(
    sources: &Sources,
    selectors: &[Selector],
    window: super::Window,
    steps: &Steps,
) -> Result<Vec<MetricReport>, TelemetryError> {
    if selectors.is_empty() {
        if sources.prometheus().is_some() {
            let what = "selectors in the context, which a metrics server needs";
            return Err(TelemetryError::missing(what));
        }
        return Ok(survey(sources, window, ROWS, steps)?.0);
    }
    let mut found = Vec::new();
    for selector in selectors {
        let ask = Ask {
            measure: fitting(selector),
            selector: selector.clone(),
            other: None,
            quantile: 0.95,
        };
        found.push(measure(sources, &ask, (window, 0.0), steps)?);
    }
    let size = |report: &MetricReport| report.shifts.first().map_or(0.0, |shift| shift.size.abs());
    found.sort_by(|a, b| size(b).total_cmp(&size(a)));
    Ok(found)
}

/// The measure that a metric's name calls for, by the naming customs of Prometheus.
fn fitting(selector: &Selector) -> Measure {
    match selector.name.rsplit('_').next() {
        Some("bucket") => Measure::Quantile,
        Some("total" | "count" | "sum") => Measure::Rate,
        _ => Measure::Value,
    }
}
