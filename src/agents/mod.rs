//! The agents that come with the product.

pub mod primary;
pub mod telemetry;
