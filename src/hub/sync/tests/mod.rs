//! Tests of the readers, against a tracker in which others write, edit, and remove.

mod attacks;
mod board;
mod deciding;
mod joining;
mod looking;
mod own;
mod reading;
mod stage;
mod troubles;
mod vouching;
