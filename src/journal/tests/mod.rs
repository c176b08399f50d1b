//! Tests of the journal, by what they promise.

mod claims;
mod places;
mod recording;
mod searching;
mod settings;
mod support;
