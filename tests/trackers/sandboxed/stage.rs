//! A connector in front of its look-alike, under a clock that stands still.

use std::sync::Arc;

use jiff::Timestamp;

use wheelhouse::incident::{
    Actor, ActorKind, ClaimedActor, Details, EntryId, Kind, Trailer, Untrusted, encode, encode_with,
};
use wheelhouse::sandbox::lookalikes::{Sandbox, SandboxPlan, Vendor};
use wheelhouse::settings::{Clock, Environment, Secret, SecretPlace, Visibility};
use wheelhouse::trackers::{
    Appended, Cursor, GithubSetup, GithubTracker, Item, ItemId, JiraAuth, JiraSetup, JiraTracker,
    Native, NewItem, Opened, PagerdutyAuth, PagerdutySetup, PagerdutyTracker, ServicenowAuth,
    ServicenowSetup, ServicenowTracker, Tracker,
};

/// The vendors whose connectors keep the contract.
pub(crate) const VENDORS: [Vendor; 4] = Vendor::ALL;

/// A look-alike and the connector to it.
pub(crate) struct Stage {
    pub(crate) sandbox: Sandbox,
    pub(crate) tracker: Arc<dyn Tracker>,
    pub(crate) vendor: Vendor,
    pub(crate) clock: Clock,
}

/// A secret, by the one way that there is to it.
pub(crate) async fn secret(text: String) -> Secret {
    let environment = Environment::of([("TOKEN", text)]);
    SecretPlace::Variable("TOKEN".into()).fetch(&environment).await.unwrap()
}

impl Stage {
    pub(crate) async fn of(vendor: Vendor) -> Self {
        Self::seen_by(vendor, Visibility::Internal, "wheelhouse").await
    }

    /// Enters as somebody, and writes for somebody.
    pub(crate) async fn seen_by(vendor: Vendor, visibility: Visibility, login: &str) -> Self {
        Self::planned((vendor, visibility, login), |plan| plan).await
    }

    /// Enters a look-alike of another plan.
    pub(crate) async fn planned(
        (vendor, visibility, login): (Vendor, Visibility, &str),
        other: impl FnOnce(SandboxPlan) -> SandboxPlan,
    ) -> Self {
        let clock = Clock::held_at("2026-11-20T11:00:00Z".parse::<Timestamp>().unwrap());
        let plan = other(SandboxPlan::new(1, clock.clone()));
        let sandbox = Sandbox::start(plan).await.unwrap();
        let token = sandbox.token(vendor, login).unwrap();
        let whose = (vendor, visibility, login);
        let tracker = entering((sandbox.base(vendor), &token), &clock, whose).await;
        Self { sandbox, tracker, vendor, clock }
    }

    /// Enters again, as a hub does that was started anew.
    pub(crate) async fn restarted(self) -> Self {
        let token = self.sandbox.token(self.vendor, "wheelhouse").unwrap();
        let whose = (self.vendor, Visibility::Internal, "wheelhouse");
        let tracker = entering((self.sandbox.base(self.vendor), &token), &self.clock, whose).await;
        Self { tracker, ..self }
    }

    /// Opens an item.
    pub(crate) async fn item(&self) -> ItemId {
        self.item_of(0).await
    }

    /// Opens an item with entry number `number`.
    pub(crate) async fn item_of(&self, number: u128) -> ItemId {
        match self.tracker.open(&self.new_item(number)).await {
            Ok(Opened::Stored { item }) => item,
            other => panic!("{other:?}"),
        }
    }

    /// What opens an item with entry number `number`.
    pub(crate) fn new_item(&self, number: u128) -> NewItem {
        let text = self.entry(number, "error rate 21 %");
        NewItem { title: "checkout fails".to_owned(), text }
    }

    /// A text in the envelope that this tracker carries.
    pub(crate) fn entry(&self, number: u128, text: &str) -> String {
        let trailer = trailer(number);
        let text = Untrusted::from(text);
        let sealed = if self.tracker.capabilities().carrier.hides_details() {
            let incident = trailer.id.into();
            let details = Details { incident, at: Timestamp::UNIX_EPOCH, refs: Vec::new() };
            encode_with(&text, &trailer, &details)
        } else {
            encode(&text, &trailer)
        };
        sealed.for_storage().to_owned()
    }

    /// Writes an entry, which must not be refused.
    pub(crate) async fn write(&self, item: &ItemId, number: u128, text: &str) -> String {
        let text = self.entry(number, text);
        match self.tracker.append(item, &text).await {
            Ok(Appended::Stored { .. } | Appended::Accepted) => text,
            other => panic!("{other:?}"),
        }
    }

    /// Reads everything from a place on, and says where it ended.
    pub(crate) async fn read(&self, item: &ItemId, from: &Cursor) -> (Vec<Native>, Cursor) {
        let (mut found, mut from) = (Vec::new(), from.clone());
        loop {
            let page = self.tracker.entries(item, &from).await.unwrap();
            found.extend(page.found);
            from = page.next;
            if page.complete {
                return (found, from);
            }
        }
    }

    /// Reads every item from a place on, and says where it ended.
    pub(crate) async fn items(&self, from: &Cursor) -> (Vec<Item>, Cursor) {
        let (mut found, mut from) = (Vec::new(), from.clone());
        loop {
            let page = self.tracker.incidents(&from).await.unwrap();
            found.extend(page.found);
            from = page.next;
            if page.complete {
                return (found, from);
            }
        }
    }

    /// What the tracker's own page calls the only item.
    pub(crate) fn name(&self) -> String {
        self.sandbox.items(self.vendor)[0].name.clone()
    }
}

/// The last line of entry number `number`.
pub(crate) fn trailer(number: u128) -> Trailer {
    let actor = Actor::new(ActorKind::Agent, "primary", Some("eu1")).unwrap();
    let id = EntryId::from_parts(Timestamp::UNIX_EPOCH, number + 1);
    Trailer { id, kind: Kind::Finding, actor: ClaimedActor::from(&actor), part: None }
}

/// What delivery looks for to know what became of entry number `number`.
pub(crate) fn mark(number: u128) -> String {
    trailer(number).id.to_string()
}

/// Enters a look-alike at an address, with a token.
pub(crate) async fn entering(
    (url, token): (&str, &str),
    clock: &Clock,
    (vendor, visibility, login): (Vendor, Visibility, &str),
) -> Arc<dyn Tracker> {
    let token = secret(token.to_owned()).await;
    let (name, url, clock) = (vendor.word(), url.to_owned(), clock.clone());
    let email = format!("{login}@sandbox.invalid");
    match vendor {
        Vendor::Github => {
            let (repository, labels) = (("wheelhouse".into(), "sandbox".into()), Vec::new());
            let setup = GithubSetup { url, repository, labels, visibility, token, clock };
            Arc::new(GithubTracker::new(name, setup).unwrap())
        }
        Vendor::Pagerduty => {
            let service = "PSANDBOX".to_owned();
            let (auth, from, is_record) = (PagerdutyAuth::Key(token), email, true);
            let setup = PagerdutySetup { url, auth, from, service, is_record, clock };
            Arc::new(PagerdutyTracker::new(name, setup).unwrap())
        }
        Vendor::Servicenow => {
            let setup = ServicenowSetup {
                url,
                user: login.to_owned(),
                auth: ServicenowAuth::Password(token),
                visibility,
                filter: None,
                closed_state: "6".to_owned(),
                close_code: Some("Solved (Permanently)".to_owned()),
                is_record: true,
                clock,
            };
            Arc::new(ServicenowTracker::new(name, setup).unwrap())
        }
        Vendor::Jira => {
            let setup = JiraSetup { visibility, ..jira((url, &email, token), clock) };
            Arc::new(JiraTracker::new(name, setup).unwrap())
        }
    }
}

/// Enters the Jira look-alike as ourselves with a filter, which what we open may not pass.
pub(crate) async fn filtered_jira(sandbox: &Sandbox, clock: &Clock, filter: &str) -> JiraTracker {
    let token = secret(sandbox.token(Vendor::Jira, "wheelhouse").unwrap()).await;
    let url = sandbox.base(Vendor::Jira).to_owned();
    let setup = jira((url, "wheelhouse@sandbox.invalid", token), clock.clone());
    JiraTracker::new("jira", JiraSetup { filter: Some(filter.to_owned()), ..setup }).unwrap()
}

fn jira((url, email, token): (String, &str, Secret), clock: Clock) -> JiraSetup {
    JiraSetup {
        url,
        auth: JiraAuth::Basic { email: email.to_owned(), token },
        project: "OPS".to_owned(),
        issue_type: "Task".to_owned(),
        filter: None,
        visibility: Visibility::Internal,
        clock,
    }
}
