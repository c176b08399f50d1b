//! The one integration test binary; `tidy` fails when a file in `tests/` is not one of its modules.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod attacks;
mod bites;
mod cli;
mod contract;
mod crash;
mod deliveries;
mod gestures;
mod peers;
#[cfg(target_os = "linux")]
mod power;
mod readme;
mod support;
mod terminal;
mod tidy;
mod trackers;
mod views;
