//! The trackers of the demonstration: look-alikes behind the real connectors, or the local one.

use std::path::Path;
use std::sync::Arc;

use super::outfit::Outfit;
use super::session::Session;
use super::tracking;
use crate::incident::Notice;
use crate::sandbox::lookalikes::{Porch, Sandbox, SandboxPlan};
use crate::settings::{Clock, Paths, Settings};
use crate::trackers::Tracker;

/// A tracker of the demonstration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum DemoTracker {
    /// Look-alikes of GitHub, PagerDuty, ServiceNow and Jira, spoken to as if they were real.
    Sandbox,
    /// The tracker that comes with the product.
    Local,
}

/// The trackers of the demonstration.
pub(super) struct Props {
    /// What entries are written to, and read from.
    pub trackers: Vec<Arc<dyn Tracker>>,
    /// What is known about the trackers: who is who there, and where people may decide.
    pub settings: Settings,
    _sandbox: Option<Pitch>,
}

/// A sandbox, its door, and what reaches it; all of it goes when this is dropped.
type Pitch = (Arc<Sandbox>, Porch, Outfit);

impl Props {
    /// Sets up what was asked for.
    pub(super) async fn set(
        wanted: &[DemoTracker],
        (dir, clock, seed): (&Path, &Clock, u64),
        session: &Session,
    ) -> Result<Self, Notice> {
        let mut trackers = Vec::new();
        if wanted.contains(&DemoTracker::Local) {
            trackers.push(tracking::local("local", dir, clock.clone())?);
        }
        if !wanted.contains(&DemoTracker::Sandbox) {
            return Ok(Self { trackers, settings: Settings::default(), _sandbox: None });
        }
        let (pitch, settings) = pitch((clock, seed), session).await?;
        for (name, place) in &settings.trackers {
            trackers.push(tracking::connect(name, place, session, clock).await?);
        }
        Ok(Self { trackers, settings, _sandbox: Some(pitch) })
    }
}

/// Starts the look-alikes, and reads the settings that they come with.
async fn pitch(
    (clock, seed): (&Clock, u64),
    session: &Session,
) -> Result<(Pitch, Settings), Notice> {
    let sandbox = Arc::new(Sandbox::start(SandboxPlan::new(seed, clock.clone())).await?);
    let porch = Porch::open(Arc::clone(&sandbox)).await?;
    let paths = session.paths()?;
    // Not beside the story: `wheelhouse sandbox comment` shall find it without being told where.
    let outfit = Outfit::lay_out(&sandbox, porch.key(), &paths.data.join("sandbox"))?;
    let settings = Settings::load(&Paths { config: outfit.settings_file(), ..paths })?.settings;
    Ok(((sandbox, porch, outfit), settings))
}
