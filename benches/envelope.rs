//! Reading what stands in trackers: envelopes of ours, commands of people, and hostile texts.

use criterion::{Criterion, Throughput};
use wheelhouse::incident::{
    Details, Kind, Trailer, Untrusted, decode, encode, encode_with, typed_command,
};

use crate::history;

/// How long the hostile texts are, in bytes.
const HOSTILE: usize = 10 << 20;

/// A finding of some paragraphs.
fn finding() -> Untrusted {
    let of = history::incident(0);
    let lines = (0..8).map(|n| history::entry(n, of).text.for_storage().to_owned());
    lines.collect::<Vec<_>>().join("\n\n").into()
}

fn trailer() -> Trailer {
    let actor = "agent:primary@eu1".parse().unwrap();
    Trailer { id: history::id(1), kind: Kind::Finding, actor, part: None }
}

fn hidden() -> Untrusted {
    let refs = (0..8).map(history::id).collect();
    let details = Details { incident: history::incident(0), at: history::start(), refs };
    encode_with(&finding(), &trailer(), &details)
}

/// Ten megabytes of one line over and over, and at the end a trailer in the open.
fn hostile(line: &str) -> Untrusted {
    format!("{}\n\n{}", line.repeat(HOSTILE / line.len()), trailer()).into()
}

pub(crate) fn measure(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("envelope");
    let approve = format!("Looks right to me.\n\n/approve {}\n", history::id(1)).into();
    let hostiles = [
        ("hostile trailers", hostile(&format!("{}\n", trailer()))),
        ("hostile fences", hostile("```\n~~~ <!-- x -->\n```\n")),
        ("hostile brackets", hostile("[wheelhouse <!-- [quote <pre {code")),
    ];
    for (name, text) in [("trailer", encode(&finding(), &trailer())), ("hidden JSON", hidden())] {
        group.throughput(Throughput::Bytes(text.for_storage().len() as u64));
        assert!(decode(&text).is_some_and(|decoded| decoded.doubts.is_empty()));
        group.bench_function(name, |bencher| bencher.iter(|| decode(&text)));
    }
    for (name, text) in [("/approve", approve), ("no command", finding())] {
        group.throughput(Throughput::Bytes(text.for_storage().len() as u64));
        let is_command = name == "/approve";
        assert_eq!(
            typed_command(&text, history::start()).is_some_and(|read| read.is_ok()),
            is_command
        );
        let read = || typed_command(&text, history::start());
        group.bench_function(name, |bencher| bencher.iter(read));
    }
    group.sample_size(10);
    for (name, text) in &hostiles {
        group.throughput(Throughput::Bytes(text.for_storage().len() as u64));
        let read = || (decode(text), typed_command(text, history::start()));
        group.bench_function(*name, |bencher| bencher.iter(read));
    }
    group.finish();
}
