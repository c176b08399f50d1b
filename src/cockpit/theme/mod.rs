//! Themes: roles instead of colours, from TOML files that a person can replace.
//!
//! A theme file has `[roles]` (see [`Role`]), a `[palette]` of its own colour names, `appearance`,
//! and may say `inherits`. A role is a colour in quotes, or a table such as
//! `{ fg = "amber", bg = "night", bold = true }`. A missing role is inherited, at last from `ansi`;
//! an unknown one is a mistake, and all mistakes are reported at once.

mod colour;
#[cfg(test)]
mod legible_tests;
mod load;
mod paint;
mod role;
#[cfg(test)]
mod tests;
mod themes;

pub use colour::{Depth, contrast};
pub use load::{Appearance, DEFAULT, DEFAULT_LIGHT, Theme};
pub use role::Role;
pub use themes::Themes;
