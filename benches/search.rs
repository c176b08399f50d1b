//! Searching a journal of a million entries, the newest fifty hits with their incident's title.

use std::cell::OnceCell;

use criterion::Criterion;
use fastrand::Rng;
use tempfile::TempDir;
use wheelhouse::incident::Query;
use wheelhouse::journal::{History, Journal, Record};

use crate::history::{self, MILLION};

/// How many entries each incident has, the first of which is its alert.
const PER_INCIDENT: u32 = 1000;

/// How many entries are recorded by one call.
const TOGETHER: u32 = 5000;

/// A journal that goes away at the end of the run.
struct Kept {
    history: History,
    _folder: TempDir,
}

/// Records a million entries: half a minute on two cores.
fn kept() -> Kept {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open(folder.path()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for first in (0..MILLION).step_by(TOGETHER as usize) {
        let entries = (first..first + TOGETHER).map(|n| {
            let opener = n - n % PER_INCIDENT;
            let of = history::incident(opener);
            Record::entry(if n == opener { history::alert(n) } else { history::entry(n, of) })
        });
        runtime.block_on(journal.append(entries.collect())).unwrap();
    }
    // The writer merges the search index and moves the log before it ends.
    drop(journal);
    Kept { history: Journal::open_readonly(folder.path()).unwrap(), _folder: folder }
}

/// What is asked, and how many hits it must have at least.
type Question = (&'static str, fn(&mut Rng) -> String, usize);

const QUESTIONS: [Question; 5] = [
    ("unique id", |rng| history::unique(rng.u32(0..MILLION)), 1),
    ("rare word", |rng| format!("pod-{:x}", rng.u32(0..20_000)), 50),
    ("common word", |rng| history::common(rng).to_owned(), 50),
    ("two words", |rng| format!("{} {}", history::common(rng), history::common(rng)), 50),
    ("phrase", |_rng| format!("\"{}\"", history::PHRASE), 50),
];

pub(crate) fn measure(criterion: &mut Criterion) {
    let made = OnceCell::new();
    let mut group = criterion.benchmark_group("search");
    for (name, ask, least) in QUESTIONS {
        group.bench_function(name, |bencher| {
            let history = &made.get_or_init(kept).history;
            let mut rng = Rng::with_seed(7);
            bencher.iter(|| {
                let query = Query { text: ask(&mut rng), ..Query::default() };
                let hits = history.search(&query).unwrap();
                assert!(hits.len() >= least, "{} hits for {}", hits.len(), query.text);
                hits
            });
        });
    }
    group.finish();
}
