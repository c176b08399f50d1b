//! The socket of a hub: other processes of the same account ask and follow through it.
//!
//! JSON lines over a Unix-domain socket in the data directory, readable for its owner alone; the hub
//! also asks the system whose process is at the other end, and hears no other account. Who is speaking is
//! what the hub established when it began to listen, whatever a line says. The first line is the hub's:
//! whom it takes the other end for. Then:
//!
//! ```text
//! → {"ask":1,"command":{"command":"search","query":{"text":"pool"}}}
//! ← {"ask":1,"reply":{"reply":"found","hits":[]}}
//! → {"follow":true}
//! ← {"frame":{"seq":1,…}}   what there was
//! ← {"live":true}
//! ← {"frame":{"seq":2,…}}   what comes
//! ```

mod attach;
mod line;
mod listen;
#[cfg(test)]
mod tests;

pub use attach::attach;
pub use listen::Socket;
