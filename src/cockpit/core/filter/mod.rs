//! The filter language: one line of text that says which lines of a list are shown.
//!
//! ```text
//! tool:search_logs -status:answered "connection refused" is:error
//! ```
//!
//! Terms are parted by blanks and all must hold; `-` in front turns one round. A term is a field with
//! a value, or a text that occurs anywhere in the line; capitals do not matter, and quotes keep blanks
//! and colons. What cannot be meant is said, and leaves the rest in force.
//!
//! - `field`: which fields and values there are, list by list. `language`: reading and holding.

mod field;
mod language;

pub use field::{Field, Scope};
pub use language::{Filter, Traits};
