//! One timeline out of what four trackers tell.

use std::cell::OnceCell;

use criterion::{BatchSize, Criterion, Throughput};
use wheelhouse::incident::{Entry, Timeline};

use crate::history::{self, MILLION, TRACKERS};

/// How many entries each tracker tells.
const EACH: u32 = MILLION / 4;

/// Four lists, each in order; their moments interleave.
fn distinct() -> Vec<Vec<Entry>> {
    let of = history::incident(0);
    (0..4).map(|list| (0..EACH).map(|n| history::entry(4 * n + list, of)).collect()).collect()
}

/// Four times the same entries, each tracker with its own copy of them.
fn copies() -> Vec<Vec<Entry>> {
    let of = history::incident(0);
    let copy = |tracker: &str, n: u32| Entry {
        origins: vec![history::origin(n, tracker)],
        ..history::entry(n, of)
    };
    TRACKERS.iter().map(|tracker| (0..EACH).map(|n| copy(tracker, n)).collect()).collect()
}

/// The lists are made once, in some seconds each; copying them for every run is not measured.
pub(crate) fn measure(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("merge");
    group.sample_size(10).throughput(Throughput::Elements(MILLION.into()));
    for (name, make, left) in [
        ("4 x 250k distinct", distinct as fn() -> Vec<Vec<Entry>>, MILLION),
        ("4 x 250k copies", copies, EACH),
    ] {
        let made = OnceCell::new();
        group.bench_function(name, |bencher| {
            let lists = made.get_or_init(&make);
            let merge =
                |lists: Vec<Vec<Entry>>| -> Timeline { lists.into_iter().flatten().collect() };
            bencher.iter_batched(
                || lists.clone(),
                |lists| {
                    let merged = merge(lists);
                    assert_eq!(merged.len(), left as usize);
                    merged
                },
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}
