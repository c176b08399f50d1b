//! Charts: what the agents measured as curves over time, with the actions marked on the time axis.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::symbols::Marker;
use ratatui::widgets::{Axis, Chart, Dataset, GraphType};

use super::ink::{Row, named, ours, style};
use super::lens::Lens;
use super::page::Page;
use super::pen::Pen;
use super::spark::number;
use crate::cockpit::core::Watched;
use crate::cockpit::theme::Role;
use crate::incident::{Body, Sample};

/// Most curves that stand under one another; the rest is told by name.
const MOST: usize = 3;

/// From this age on a value is not called that of now.
const FRESH: SignedDuration = SignedDuration::from_mins(1);

/// Fewest rows in which a curve can be read.
const LEAST_ROWS: u16 = 7;

/// Draws the charts into the upper part of an area, and returns what is left below for the actions.
pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, page: &Page<'_>, lens: &Lens<'_>) -> Rect {
    let curves = curves(page.watched);
    let actions = actions(page.watched);
    let below = u16::try_from(actions.len()).unwrap_or(u16::MAX).min(area.height / 3);
    let free = area.height - below;
    let fit = usize::from((free / LEAST_ROWS).max(1)).min(MOST);
    if curves.is_empty() {
        let what = "Nothing was measured yet: what the agents measure appears here as curves.";
        lens.row(frame, area, Row::of(Role::Muted, what));
        return Rect {
            y: area.y + area.height.min(2),
            height: area.height.saturating_sub(2),
            ..area
        };
    }
    let range = range(&curves, &actions);
    let shown = curves.len().min(fit);
    let height = free / u16::try_from(shown).unwrap_or(1).max(1);
    let mut y = area.y;
    let times = Times { actions: &actions, range };
    for (name, series) in curves.iter().take(fit) {
        let place = Rect { y, height, ..area };
        curve(frame, place, (name.as_str(), series.as_slice()), &times, &Look { lens, page });
        y += height;
    }
    let mut rest = Rect { y, height: area.bottom().saturating_sub(y), ..area };
    if curves.len() > shown {
        let names: Vec<&str> = curves.keys().skip(shown).map(String::as_str).collect();
        let row =
            Row::of(Role::Muted, "also measured: ").put(Role::Muted, named(&names.join(", ")));
        lens.row(frame, rest, row);
        rest = Rect { y: rest.y + 1, height: rest.height.saturating_sub(1), ..rest };
    }
    rest
}

/// The letter by which an action is marked.
pub(super) fn letter(at: usize) -> super::ink::Words {
    let letters = ('A'..='Z').chain('a'..='z');
    ours(letters.clone().nth(at % letters.count()).unwrap_or('·').to_string())
}

type Curves = BTreeMap<String, Vec<Sample>>;

/// The series of the incident by what they measure, each in the order of time; no value twice.
fn curves(watched: &Watched) -> Curves {
    let mut curves = Curves::new();
    for id in watched.links.measured() {
        let Some(entry) = watched.timeline.get(*id) else { continue };
        let Body::Evidence(evidence) = &entry.body else { continue };
        let name = evidence.measures.as_ref().unwrap_or(&evidence.reference).line().to_string();
        let finite = evidence.series.iter().filter(|sample| sample.value.is_finite());
        curves.entry(name).or_default().extend(finite.copied());
    }
    for series in curves.values_mut() {
        series.sort_by_key(|sample| sample.at);
        series.dedup_by_key(|sample| sample.at);
    }
    curves.retain(|_, series| !series.is_empty());
    curves
}

/// When each step of an action was taken.
fn actions(watched: &Watched) -> Vec<Timestamp> {
    let actions = watched.timeline.entries().filter(|entry| matches!(entry.body, Body::Action(_)));
    actions.map(|entry| entry.at).collect()
}

/// One time axis for all curves, so that what happened together stands together.
fn range(curves: &Curves, actions: &[Timestamp]) -> (Timestamp, Timestamp) {
    let samples = curves.values().flatten().map(|sample| sample.at);
    let all: Vec<Timestamp> = samples.chain(actions.iter().copied()).collect();
    let first = all.iter().min().copied().unwrap_or(Timestamp::UNIX_EPOCH);
    (first, all.iter().max().copied().unwrap_or(first))
}

/// The time axis that all curves share, and what was done on it.
struct Times<'a> {
    actions: &'a [Timestamp],
    range: (Timestamp, Timestamp),
}

/// Through what a curve is drawn.
struct Look<'a> {
    lens: &'a Lens<'a>,
    page: &'a Page<'a>,
}

fn curve(
    frame: &mut Frame<'_>,
    area: Rect,
    (name, series): (&str, &[Sample]),
    times: &Times<'_>,
    look: &Look<'_>,
) {
    let (lens, page) = (look.lens, look.page);
    let (from, to) = times.range;
    let x = |at: Timestamp| at.duration_since(from).as_secs_f64();
    let points: Vec<(f64, f64)> =
        series.iter().map(|sample| (x(sample.at), sample.value)).collect();
    let values = || points.iter().map(|(_, value)| *value);
    let low = values().fold(0.0, f64::min);
    let high = values().fold(f64::MIN_POSITIVE, f64::max);
    let marks: Vec<Vec<(f64, f64)>> =
        times.actions.iter().map(|at| vec![(x(*at), low), (x(*at), high)]).collect();
    let mut sets = vec![
        Dataset::default()
            .marker(Marker::Braille)
            .graph_type(GraphType::Line)
            .style(style(lens.theme, Role::Partner))
            .data(&points),
    ];
    sets.extend(marks.iter().map(|mark| {
        Dataset::default()
            .marker(Marker::Dot)
            .graph_type(GraphType::Line)
            .style(style(lens.theme, Role::Pending))
            .data(mark)
    }));
    let line = |row: Row| row.line(lens.theme);
    let muted = |text: String| line(Row::of(Role::Muted, ours(text)));
    let clock = |at: Timestamp| line(Row::of(Role::Muted, page.pen.clock(at)));
    let axis = style(lens.theme, Role::Faint);
    let chart = Chart::new(sets)
        .style(style(lens.theme, Role::Surface))
        .x_axis(
            Axis::default()
                .style(axis)
                .bounds([0.0, x(to).max(1.0)])
                .labels([clock(from), clock(to)]),
        )
        .y_axis(
            Axis::default()
                .style(axis)
                .bounds([low, high])
                .labels([muted(number(low)), muted(number(high))]),
        );
    let head = Rect { height: 1, ..area };
    let row = Row::of(Role::Title, named(name)).gap(2);
    lens.row(frame, head, row.join(latest(series, &page.pen)));
    let body = Rect { y: area.y + 1, height: area.height.saturating_sub(2), ..area };
    frame.render_widget(chart, body);
    let labels = number(low).len().max(number(high).len());
    letters(frame, body, times, labels, lens);
}

/// The latest value, and when it was measured if that is no longer now.
fn latest(series: &[Sample], pen: &Pen<'_>) -> Row {
    let Some(last) = series.last() else { return Row::new() };
    let row = Row::of(Role::Muted, ours(number(last.value)));
    if pen.now.duration_since(last.at) < FRESH {
        row.put(Role::Muted, " now")
    } else {
        row.put(Role::Muted, " at ").put(Role::Muted, pen.clock(last.at))
    }
}

/// The letters of the actions over their marks.
fn letters(frame: &mut Frame<'_>, area: Rect, times: &Times<'_>, labels: usize, lens: &Lens<'_>) {
    // The labels of the vertical axis and its line take the left.
    let left = u16::try_from(labels + 1).unwrap_or(0).min(area.width);
    let columns = usize::from(area.width.saturating_sub(left));
    let wanted = times.actions.iter().map(|at| super::spark::part(*at, times.range, columns));
    for (at, column) in apart(&wanted.collect::<Vec<_>>(), columns).into_iter().enumerate() {
        let x = area.x + left + u16::try_from(column).unwrap_or(0);
        let place = Rect { x, y: area.y, width: 1, height: 1 };
        lens.row(frame, place.intersection(area), Row::of(Role::Key, letter(at)));
    }
}

/// The columns of letters, none over another while there is room: what stands too far right pushes the
/// ones before it to the left.
fn apart(wanted: &[usize], columns: usize) -> Vec<usize> {
    let mut placed: Vec<usize> = Vec::with_capacity(wanted.len());
    for at in wanted {
        let free = placed.last().map_or(0, |last| last + 1);
        placed.push((*at).max(free));
    }
    let mut most = columns.saturating_sub(1);
    for at in placed.iter_mut().rev() {
        *at = (*at).min(most);
        most = at.saturating_sub(1);
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_one_moment_stand_beside_each_other() {
        assert_eq!(apart(&[3, 3, 7], 10), [3, 4, 7]);
        assert_eq!(apart(&[8, 9, 9], 10), [7, 8, 9]);
        assert_eq!(apart(&[0, 0, 0], 2), [0, 0, 1]);
    }
}
