//! Wheelhouse: the terminal cockpit from which people supervise AI agents that work an incident.
//!
//! A **primary agent** owns an incident from alert to closure and calls **partner agents** directly: the
//! fast path. What they find, do, and decide is written, append-only, into the trackers that a team
//! already has: the durable path. The cockpit shows both on one screen and lets a person decide.
//!
//! # The map
//!
//! | level | room | what lives there |
//! | --- | --- | --- |
//! | 0 | [`incident`] | the nouns, pure: entry, timeline, exchange, proposal, decision, handoff, policy, envelope |
//! | 1 | [`wire`] | what leaves the process: feed frames, commands, recordings, and the link that carries them |
//! | 1 | [`settings`] | what the user chose, and what the process finds: files, paths, secrets, clock, environment, memory |
//! | 2 | [`journal`] | SQLite: append, read, search, and what is owed |
//! | 2 | [`trackers`] | the `Tracker` trait, and one connector each |
//! | 2 | [`partner`] | speaking MCP: calling partners, and being called |
//! | 2 | [`sandbox`] | the small faulty world that the demonstration runs on, and look-alikes of the trackers |
//! | 3 | [`hub`] | the engine: feed, decisions, handoffs, alerts, delivery, and reading trackers |
//! | 3 | [`agents`] | the primary agent and the partner for telemetry |
//! | 3 | [`cockpit`] | the screen: `core` is pure, `view` draws it, `driver` turns the loop |
//! | 4 | [`cli`] | the command line, one file per subcommand, and the cockpit in lines |
//!
//! A room imports only rooms of a lower level, and only these: `wire` and `settings` the nouns;
//! `journal` also `wire`; `trackers`, `sandbox` and `partner` also `settings`; `hub` everything below it;
//! `agents` and `cockpit` the nouns, `wire` and `settings` (agents also `partner`); `cli` everything.
//! There is no cycle between any two files. `tests/tidy.rs` checks it on every run.
//!
//! # What must always be true
//!
//! 1. **Append-only.** Neither the journal nor a tracker has an update or a delete in its interface.
//! 2. **Investigate first, persist second.** No agent and no exchange awaits a tracker; only delivery
//!    writes to one.
//! 3. **Nothing is lost, nothing appears twice.** Every entry has its id before it is first sent; an
//!    unknown outcome is resolved by reading back, never by sending blindly again.
//! 4. **The screen shows the truth.** Approved is not executed, executed is not verified; every human
//!    act shows how far it is; loss, lag, and staleness are visible.
//! 5. **A verdict binds what the person saw**: a digest, once, until it expires.
//! 6. **Agents cannot decide.** Every verdict passes [`incident::decide()`]; identity is what a hub
//!    established, never what a text claims.
//! 7. **Silence never approves.** Expired is not denied.
//! 8. **Text from outside is data.** It is [`incident::Untrusted`] and cannot be drawn as it is.
//! 9. **No room knows a tracker by name**, but its own connector.
//! 10. **The cockpit cannot write to a tracker.** It sends commands to a hub.

pub mod agents;
pub mod cli;
pub mod cockpit;
pub mod hub;
pub mod incident;
pub mod journal;
pub mod partner;
pub mod sandbox;
pub mod settings;
pub mod trackers;
pub mod wire;
