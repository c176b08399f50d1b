//! The hub as its principals meet it: over links, on a real journal, under a clock moved by hand.

mod deciding;
mod handing;
mod house;
mod remembering;
