//! What must stay fast at a million entries: merging, drawing, searching, and reading envelopes.
//!
//! `cargo bench --bench all -- <group>` runs `merge`, `frame`, `search` or `envelope`. What a group works on
//! is made once, when its first benchmark runs. `-- live` measures the binary on a terminal instead, and
//! `-- outage` the exchange while every tracker is down, and `-- hostile` what peers cost who mean harm.
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark that cannot be set up has no result"
)]

mod envelope;
mod frame;
mod history;
mod hostile;
mod live;
mod merge;
mod outage;
#[path = "../src/partner/packed.rs"]
#[expect(dead_code, reason = "the tests unpack every packing, and do more there")]
mod packed;
mod screen;
mod search;
#[path = "../tests/trackers/sandboxed/stage.rs"]
#[expect(dead_code, reason = "the tests enter the look-alikes in the same way, and do more there")]
mod stage;

use criterion::Criterion;

fn main() {
    if std::env::args().any(|argument| argument == "live") {
        return live::measure();
    }
    if std::env::args().any(|argument| argument == "outage") {
        return outage::measure();
    }
    if std::env::args().any(|argument| argument == "hostile") {
        return hostile::measure();
    }
    let mut criterion = Criterion::default().configure_from_args();
    envelope::measure(&mut criterion);
    merge::measure(&mut criterion);
    frame::measure(&mut criterion);
    search::measure(&mut criterion);
    criterion.final_summary();
}
