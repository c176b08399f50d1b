//! The door of the settings, opened: alerts and webhooks from other systems.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::session::Session;
use crate::hub::{Caller, Door, Doorstep, Hint};
use crate::incident::{Notice, Trouble};
use crate::partner::{Patience, Token};
use crate::settings::Settings;
use crate::trackers::Tracker;
use crate::wire::Link;

/// Opens the door, if the settings have one; `monitor` is in whose name alerts are taken.
///
/// # Errors
/// A secret cannot be fetched, a tracker signs nothing, or somebody else listens there.
pub(super) async fn open(
    settings: &Settings,
    session: &Session,
    trackers: &[Arc<dyn Tracker>],
    (monitor, hint): (Link, Hint),
) -> Result<Option<Door>, Notice> {
    let Some(address) = settings.door.listen else { return Ok(None) };
    let alerts = match &settings.door.token {
        None => None,
        Some(place) => {
            let secret = place.fetch(&session.environment).await?;
            let token = Token::new(secret.reveal()).ok_or_else(|| {
                Notice::new(Trouble::Usage, "the token of the door cannot stand in a header")
                    .hint("draw one with `openssl rand -hex 32`")
            })?;
            Some((token, monitor))
        }
    };
    let mut callers = BTreeMap::new();
    for (name, place) in &settings.door.webhooks {
        let tracker = trackers.iter().find(|tracker| tracker.name() == name);
        let signing = tracker.and_then(|tracker| tracker.signing()).ok_or_else(|| {
            Notice::new(Trouble::Usage, format!("the tracker {name} does not sign what it sends"))
                .hint("remove it from [door.webhooks]; it is read now and then all the same")
        })?;
        let secret = place.fetch(&session.environment).await?;
        callers.insert(name.clone(), Caller { signing, secret });
    }
    let (patience, hosts) = (Patience::default(), settings.door.hosts.clone());
    Ok(Some(Door::open(Doorstep { address, hosts, alerts, callers, hint, patience }).await?))
}
