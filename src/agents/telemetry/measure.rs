//! Taking a measure from whichever source has it, and surveying everything a folder measures.

use super::TelemetryError;
use super::finding::Coverage;
use super::metrics::{Ask, Measure, MetricReport};
use super::openmetrics::{Exposition, Kind, Series};
use super::rates::{Grid, INSTANTS_MAX, quantiles, rates, ratios, values};
use super::read::Steps;
use super::selector::{Labels, Selector};
use super::shift::{Point, shifts};
use super::source::Sources;
use super::window::Window;
use super::wording::report;

/// How far before the window samples are read, in seconds: enough to begin with a rate.
const BACK: f64 = 300.0;

/// Shortest step that is chosen for a metrics server, in seconds: four scrapes at the usual 15 s.
const SERVER_STEP: f64 = 60.0;

/// Most series that a survey looks at.
const SURVEYED_MAX: usize = 400;

/// Steps into which a window is divided when the caller names none.
const STEPS: f64 = 60.0;

/// Takes a measure; `step` of 0 lets the step be chosen.
pub(super) fn measure(
    sources: &Sources,
    ask: &Ask,
    (window, step): (Window, f64),
    steps: &Steps,
) -> Result<MetricReport, TelemetryError> {
    let Some(server) = sources.prometheus() else {
        return from_folders(sources, ask, (window, step), steps);
    };
    let grid = grid(window, step, SERVER_STEP);
    let runtime = tokio::runtime::Handle::current();
    let points = runtime.block_on(async {
        let asked = async {
            let points = server.range(&ask.promql(grid.step), grid).await?;
            if points.is_empty() {
                let known = server.series(&ask.selector.to_string(), grid, 5).await?;
                if known.is_empty() {
                    let what = format!("any series of {} in {window}", ask.selector);
                    return Err(TelemetryError::missing(what));
                }
            }
            Ok(points)
        };
        tokio::select! {
            points = asked => points,
            () = steps.stopped() => Err(TelemetryError::Cancelled),
        }
    })?;
    Ok(report(ask, grid, &points, Coverage::default()))
}

fn from_folders(
    sources: &Sources,
    ask: &Ask,
    (window, step): (Window, f64),
    steps: &Steps,
) -> Result<MetricReport, TelemetryError> {
    let only = std::iter::once(&ask.selector).chain(&ask.other).cloned().collect();
    let (mut exposition, coverage) = sources.series(only, window, BACK.max(step), steps)?;
    suits(ask, &exposition)?;
    let series = exposition.series();
    let taken = |selector: &Selector| -> Vec<Series> {
        series.iter().filter(|one| selector.takes(&one.name, &one.labels)).cloned().collect()
    };
    let selected = taken(&ask.selector);
    if selected.is_empty() && !matches!(ask.measure, Measure::Ratio) {
        let names: Vec<&str> = exposition.names.iter().map(String::as_str).take(20).collect();
        let what =
            format!("any series of {} in {window}; there are {}", ask.selector, names.join(", "));
        return Err(TelemetryError::missing(what));
    }
    let grid = grid(window, step, 2.5 * interval(&series));
    let points = match (ask.measure, &ask.other) {
        (Measure::Value, _) => values(&selected, grid),
        (Measure::Ratio, Some(other)) => ratios(&selected, &taken(other), grid),
        (Measure::Rate | Measure::Ratio, _) => rates(&selected, grid),
        (Measure::Quantile, _) => quantiles(&selected, ask.quantile, grid),
    };
    Ok(report(ask, grid, &points, coverage))
}

/// Refuses a measure that would say nothing of this kind of metric.
fn suits(ask: &Ask, exposition: &Exposition) -> Result<(), TelemetryError> {
    let name = &ask.selector.name;
    if !exposition.names.contains(name) {
        return Ok(());
    }
    let use_instead = |why: String| Err(TelemetryError::unclear("measure", why));
    match (ask.measure, exposition.kind(name)) {
        (Measure::Rate | Measure::Ratio, Kind::Gauge) => {
            use_instead(format!("{name} goes up and down; use value"))
        }
        (Measure::Value, Kind::Counter | Kind::Histogram) => {
            use_instead(format!("{name} only grows; use rate"))
        }
        (Measure::Quantile, kind) if kind != Kind::Histogram || !name.ends_with("_bucket") => {
            use_instead(format!("{name} has no buckets; select a metric ending in _bucket"))
        }
        _ => Ok(()),
    }
}

fn grid(window: Window, step: f64, shortest: f64) -> Grid {
    let span = window.span().as_secs_f64();
    let chosen = if step > 0.0 { step } else { (span / STEPS).max(shortest) };
    Grid { window, step: chosen.max(span / f64::from(INSTANTS_MAX)) }
}

/// The median time between two samples, in seconds.
fn interval(series: &[Series]) -> f64 {
    let gaps = series.iter().take(20).flat_map(|one| {
        one.samples
            .iter()
            .zip(one.samples.iter().skip(1))
            .map(|(earlier, later)| later.0 - earlier.0)
    });
    let mut gaps: Vec<f64> = gaps.take(2000).collect();
    gaps.sort_by(f64::total_cmp);
    gaps.get(gaps.len() / 2).copied().unwrap_or(0.0)
}

/// Everything that changed its level, strongest first, and how much was looked at.
pub(super) fn survey(
    sources: &Sources,
    window: Window,
    limit: usize,
    steps: &Steps,
) -> Result<(Vec<MetricReport>, usize), TelemetryError> {
    let (mut exposition, coverage) = sources.series(Vec::new(), window, BACK, steps)?;
    let series = exposition.series();
    let grid = grid(window, 0.0, 2.5 * interval(&series));
    let mut found: Vec<(f64, Ask, Vec<Point>)> = Vec::new();
    let mut looked = 0;
    for (ask, points) in candidates(&series, &exposition, grid).take(SURVEYED_MAX) {
        steps.go_on()?;
        looked += 1;
        if let Some(shift) = shifts(&points).first() {
            found.push((shift.size.abs(), ask, points));
        }
    }
    steps.say(format!("looked at {looked} measures for a change of level"));
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    found.truncate(limit);
    let reports = found.iter().map(|(_, ask, points)| report(ask, grid, points, coverage.clone()));
    Ok((reports.collect(), looked))
}

/// Whether a metric tells an instant or a name, whose value has no level.
fn is_label(name: &str) -> bool {
    ["_time_seconds", "_timestamp_seconds", "_created", "_info"]
        .iter()
        .any(|ending| name.ends_with(ending))
}

/// One sensible measure for each series, and one for each histogram.
fn candidates<'a>(
    series: &'a [Series],
    exposition: &'a Exposition,
    grid: Grid,
) -> impl Iterator<Item = (Ask, Vec<Point>)> + 'a {
    let telling = series.iter().enumerate().filter(|(_, one)| !is_label(&one.name));
    telling.filter_map(move |(index, one)| {
        let all = std::slice::from_ref(one);
        let ask = |measure, selector| Ask { measure, selector, other: None, quantile: 0.95 };
        let exact = || Selector::exactly(&one.name, &one.labels);
        match exposition.kind(&one.name) {
            Kind::Gauge => Some((ask(Measure::Value, exact()), values(all, grid))),
            Kind::Counter => Some((ask(Measure::Rate, exact()), rates(all, grid))),
            Kind::Histogram => {
                let before = index.checked_sub(1).and_then(|before| series.get(before));
                let is_first = before.is_none_or(|before| before.name != one.name);
                if !is_first || !one.name.ends_with("_bucket") {
                    return None;
                }
                let family: Vec<Series> =
                    series.iter().filter(|other| other.name == one.name).cloned().collect();
                let selector = Selector::exactly(&one.name, &Labels::new());
                Some((ask(Measure::Quantile, selector), quantiles(&family, 0.95, grid)))
            }
        }
    })
}
