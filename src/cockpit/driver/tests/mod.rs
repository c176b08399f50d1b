//! Keys in, screens out, through the production loop: no terminal, no sleep, a clock moved by hand.

mod bench;
mod loops;
mod stories;
