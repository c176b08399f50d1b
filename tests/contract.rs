//! The published contract: the JSON shape of everything that leaves the process, pinned.
//!
//! A difference here is a change of the contract: it needs a new version and a reader for the old one.

use schemars::{JsonSchema, schema_for};
use wheelhouse::incident::{Entry, HandoffContext, HandoffResult, Hit, Policy, Query};
use wheelhouse::wire::{Command, Frame, RecordingHeader, Reply};

fn pin<T: JsonSchema>(name: &str) {
    insta::assert_json_snapshot!(name, schema_for!(T));
}

#[test]
fn entries_keep_their_shape() {
    pin::<Entry>("entry");
}

#[test]
fn the_payload_of_a_handoff_and_its_result_keep_their_shape() {
    pin::<HandoffContext>("handoff-context");
    pin::<HandoffResult>("handoff-result");
}

#[test]
fn the_feed_and_its_recordings_keep_their_shape() {
    pin::<Frame>("frame");
    pin::<RecordingHeader>("recording-header");
}

#[test]
fn commands_and_replies_keep_their_shape() {
    pin::<Command>("command");
    pin::<Reply>("reply");
}

#[test]
fn queries_and_hits_keep_their_shape() {
    pin::<Query>("query");
    pin::<Hit>("hit");
}

#[test]
fn policies_keep_their_shape() {
    pin::<Policy>("policy");
}
