//! The sandbox: the small faulty world that the demo runs on, and look-alikes of the trackers.

pub mod lookalikes;
pub mod world;
