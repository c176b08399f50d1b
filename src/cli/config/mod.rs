//! `wheelhouse config`: what was chosen, who says so, what is wrong with it, and what it means.

mod command;
mod meaning;

pub(super) use command::{ConfigArgs, create, run};
