//! The trackers of the settings, opened.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use super::session::Session;
use crate::incident::{Notice, Trouble};
use crate::settings::{
    Clock, PagerdutyScheme, Secret, SecretPlace, ServicenowScheme, Settings, TrackerKind,
    TrackerPlace,
};
use crate::trackers::{
    AccountKind, GithubSetup, GithubTracker, JiraAuth, JiraSetup, JiraTracker, LocalStore,
    LocalTracker, PagerdutyAuth, PagerdutySetup, PagerdutyTracker, RoundupSetup, RoundupTracker,
    ServicenowAuth, ServicenowSetup, ServicenowTracker, Tracker,
};

/// The file of the local tracker in a data directory.
pub(super) const STORE: &str = "tracker.sqlite";

/// Opens every tracker of the settings, also those that are only read; nothing is asked of them yet.
///
/// # Errors
/// A secret cannot be fetched, or the local tracker cannot be opened.
pub(super) async fn open(
    settings: &Settings,
    session: &Session,
) -> Result<Vec<Arc<dyn Tracker>>, Notice> {
    let mut open = Vec::new();
    for (name, place) in &settings.trackers {
        open.push(connect(name, place, session, &session.clock).await?);
    }
    Ok(open)
}

/// Opens one tracker of the settings, under any clock; nothing is asked of it yet.
///
/// # Errors
/// As of [`open`].
pub(super) async fn connect(
    name: &str,
    place: &TrackerPlace,
    session: &Session,
    clock: &Clock,
) -> Result<Arc<dyn Tracker>, Notice> {
    let (clock, visibility) = (clock.clone(), place.visibility);
    let secret = async |token: &SecretPlace| token.fetch(&session.environment).await;
    Ok(match &place.kind {
        TrackerKind::Local => local(name, &session.paths()?.data, clock)?,
        TrackerKind::Github { url, repository, labels, token } => {
            let (url, repository, labels) = (url.clone(), repository.clone(), labels.clone());
            let token = secret(token).await?;
            let setup = GithubSetup { url, repository, labels, visibility, token, clock };
            Arc::new(GithubTracker::new(name, setup)?)
        }
        TrackerKind::Pagerduty { url, service, from, scheme, token } => {
            let setup = PagerdutySetup {
                url: url.clone(),
                auth: pagerduty(*scheme, secret(token).await?),
                from: from.clone(),
                service: service.clone(),
                is_record: place.is_record(),
                clock,
            };
            Arc::new(PagerdutyTracker::new(name, setup)?)
        }
        TrackerKind::Servicenow { url, user, scheme, token, filter, closed_state, close_code } => {
            let setup = ServicenowSetup {
                url: url.clone(),
                user: user.clone(),
                auth: servicenow(*scheme, secret(token).await?),
                visibility,
                filter: filter.clone(),
                closed_state: closed_state.clone(),
                close_code: close_code.clone(),
                is_record: place.is_record(),
                clock,
            };
            Arc::new(ServicenowTracker::new(name, setup)?)
        }
        TrackerKind::Jira { url, email, token, project, issue_type, filter } => {
            let token = secret(token).await?;
            let setup = JiraSetup {
                url: url.clone(),
                auth: match email.clone() {
                    Some(email) => JiraAuth::Basic { email, token },
                    None => JiraAuth::Bearer(token),
                },
                project: project.clone(),
                issue_type: issue_type.clone(),
                filter: filter.clone(),
                visibility,
                clock,
            };
            Arc::new(JiraTracker::new(name, setup)?)
        }
        TrackerKind::Roundup { url, user, password } => {
            let (url, user) = (url.clone(), user.clone());
            let setup = RoundupSetup { url, user, password: secret(password).await?, clock };
            Arc::new(RoundupTracker::new(name, setup)?)
        }
    })
}

fn pagerduty(scheme: PagerdutyScheme, token: Secret) -> PagerdutyAuth {
    match scheme {
        PagerdutyScheme::ApiKey => PagerdutyAuth::Key(token),
        PagerdutyScheme::Bearer => PagerdutyAuth::Bearer(token),
    }
}

fn servicenow(scheme: ServicenowScheme, token: Secret) -> ServicenowAuth {
    match scheme {
        ServicenowScheme::Password => ServicenowAuth::Password(token),
        ServicenowScheme::Bearer => ServicenowAuth::Bearer(token),
        ServicenowScheme::ApiKey => ServicenowAuth::Key(token),
    }
}

/// Opens the local tracker of a data directory under the account of this installation.
///
/// The account stays the same from start to start: a text counts as ours only if its author is us.
pub(super) fn local(name: &str, dir: &Path, clock: Clock) -> Result<Arc<dyn Tracker>, Notice> {
    make(dir).map_err(|error| {
        Notice::new(Trouble::Failed, format!("{} cannot be made", dir.display()))
            .detail(error.to_string())
    })?;
    let store = LocalStore::open(&dir.join(STORE), clock)?;
    let file = dir.join(format!("{name}.token"));
    let kept = std::fs::read_to_string(&file).ok();
    if let Some(token) =
        kept.filter(|token| store.authenticate(token.trim()).is_ok_and(|who| who.is_some()))
    {
        return Ok(Arc::new(LocalTracker::enter(name, store, token.trim())?));
    }
    let (_, token) = store.add_account("wheelhouse", AccountKind::Bot)?;
    keep(&file, token.reveal()).map_err(|error| {
        Notice::new(Trouble::Failed, format!("the token of the tracker {name} cannot be kept"))
            .detail(error.to_string())
            .hint("make the data directory writable")
    })?;
    Ok(Arc::new(LocalTracker::enter(name, store, token.reveal())?))
}

/// Makes a data directory that is not there yet, for its owner alone.
fn make(dir: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

fn keep(file: &Path, token: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    writeln!(options.open(file)?, "{token}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::outfit::Outfit;
    use crate::cli::session::Everywhere;
    use crate::sandbox::lookalikes::{Porch, Sandbox, SandboxPlan};
    use crate::settings::Environment;
    use crate::trackers::{ItemStatus, NewItem, Opened};

    #[tokio::test]
    async fn the_account_is_the_same_at_every_start() {
        let dir = tempfile::tempdir().unwrap();
        let who = async || {
            // Nothing has made it yet, as at the first start of all.
            let dir = dir.path().join("wheelhouse").join("data");
            let tracker = local("local", &dir, Clock::real()).unwrap();
            tracker.probe().await.unwrap().account.id
        };
        assert_eq!(who().await, who().await);
    }

    /// Opens an item, writes into it, finds what it wrote, and closes it.
    async fn play(tracker: &dyn Tracker) {
        let entry = |number: u32| {
            format!("found it\n\n[wheelhouse 1 01KAGX5T0A7Q8ZJ5N3M4P{number:05} finding agent:a@b]")
        };
        let new = NewItem { title: "checkout 5xx".to_owned(), text: entry(1) };
        let Ok(Opened::Stored { item }) = tracker.open(&new).await else { panic!("{tracker:?}") };
        tracker.append(&item, &entry(2)).await.unwrap();
        let found = tracker.find(&item, &entry(2)).await.unwrap();
        assert_eq!(found[0].author.id, tracker.probe().await.unwrap().account.id);
        tracker.set_status(&item, ItemStatus::Closed).await.unwrap();
        assert_eq!(tracker.find_item(&new).await.unwrap()[0].status, ItemStatus::Closed);
    }

    #[tokio::test]
    async fn another_tracker_or_one_more_is_another_table_of_the_settings() {
        let dir = tempfile::tempdir().unwrap();
        let clock = Clock::at_speed(100.0);
        let sandbox = Sandbox::start(SandboxPlan::new(1, clock.clone())).await.unwrap();
        let sandbox = Arc::new(sandbox);
        let porch = Porch::open(Arc::clone(&sandbox)).await.unwrap();
        let outfit = Outfit::lay_out(&sandbox, porch.key(), dir.path()).unwrap();
        let file = std::fs::read_to_string(outfit.settings_file()).unwrap();
        let local = "kind = \"local\"";
        let tables = file.split("[trackers.").skip(1).map(|table| table.split_once(']').unwrap().1);
        let tables: Vec<&str> = tables.chain([local]).collect();
        let board = |table: &str| format!("[trackers.board]\n{table}");
        let all = tables.iter().zip(0..).map(|(table, n)| format!("[trackers.t{n}]\n{table}\n"));
        for text in tables.iter().map(|table| board(table)).chain([all.collect()]) {
            let config = dir.path().join("config.toml");
            keep(&config, &text).unwrap();
            let said = Everywhere {
                config: Some(config),
                data_dir: Some(dir.path().join("data")),
                ..Everywhere::default()
            };
            let none: [(&str, &str); 0] = [];
            let mut session = Session::begin(Environment::of(none), said);
            session.clock = clock.clone();
            let settings = session.settings().unwrap();
            let trackers = open(&settings, &session).await.unwrap();
            assert_eq!(trackers.len(), text.matches("kind = ").count());
            for tracker in &trackers {
                play(&**tracker).await;
            }
        }
    }
}
