//! The sandbox itself: four look-alikes on the loopback interface, and what people do in them.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::act::{SandboxAct, SandboxDone, SandboxItem, SandboxNote};
use super::ask::Asked;
use super::cast::{CAST, SandboxAccount, Tokens, of_login};
use super::cut::{Breakable, Scissors};
use super::door::{Door, written_in};
use super::error::SandboxError;
use super::fault::{FaultLine, Faults};
use super::happening::Happening;
use super::hooks::deliver;
use super::item::{Act, Item, Note, SeenBy, Way};
use super::jira;
use super::plan::SandboxPlan;
use super::store::{Memory, NewNote, Store};
use super::vendor::Vendor;
use crate::settings::Clock;

/// How many happenings may wait for their webhook.
const WAITING: usize = 1024;

/// A running sandbox; it ends when dropped.
#[derive(Debug)]
pub struct Sandbox {
    memory: Memory,
    clock: Clock,
    bases: BTreeMap<Vendor, String>,
    happened: mpsc::Sender<Happening>,
    _tasks: JoinSet<()>,
}

impl Sandbox {
    /// Starts all look-alikes.
    ///
    /// # Errors
    /// A port is taken.
    pub async fn start(plan: SandboxPlan) -> Result<Self, SandboxError> {
        let SandboxPlan { seed, clock, port, faults, hooks, most_rows } = plan;
        let mut script = Faults::seeded(seed);
        for (vendor, line) in faults {
            script.add(vendor, line);
        }
        let memory = Memory::new(Tokens::draw(|| fastrand::u128(..)), script, most_rows);
        let (happened, hearing) = mpsc::channel(WAITING);
        let mut tasks = JoinSet::new();
        let mut bases = BTreeMap::new();
        for (vendor, number) in Vendor::ALL.into_iter().zip(0..) {
            let port = port.map_or(0, |first| first.saturating_add(number));
            let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
            let failed = |source| SandboxError::Listen { address: address.to_string(), source };
            let listener = TcpListener::bind(address).await.map_err(failed)?;
            let base = format!("http://{}", listener.local_addr().map_err(failed)?);
            bases.insert(vendor, base.clone());
            let (memory, clock, happened) = (memory.clone(), clock.clone(), happened.clone());
            let door = Door { vendor, memory, clock, base, happened };
            tasks.spawn(serve(door, listener));
        }
        tasks.spawn(deliver(hearing, hooks, bases.clone()));
        Ok(Self { memory, clock, bases, happened, _tasks: tasks })
    }

    /// Where a look-alike listens, without a slash at the end.
    pub fn base(&self, vendor: Vendor) -> &str {
        self.bases.get(&vendor).map_or("", String::as_str)
    }

    /// Everybody who has an account, in every look-alike.
    pub fn accounts() -> &'static [SandboxAccount] {
        &CAST
    }

    /// The token of an account.
    ///
    /// # Errors
    /// Nobody has that login.
    pub fn token(&self, vendor: Vendor, login: &str) -> Result<String, SandboxError> {
        let token = self.memory.with(|store| store.tokens.of(vendor, login).map(str::to_owned));
        token.ok_or_else(|| nobody(login))
    }

    /// Adds a line to the fault script of a look-alike.
    pub fn fault(&self, vendor: Vendor, line: FaultLine) {
        self.memory.with(|store| store.faults.add(vendor, line));
    }

    /// The lines of a fault script that still meet something.
    pub fn faults(&self, vendor: Vendor) -> Vec<FaultLine> {
        self.memory.with(|store| store.faults.lines(vendor).copied().collect())
    }

    /// Lets nothing go wrong any more.
    pub fn mend(&self, vendor: Vendor) {
        self.memory.with(|store| store.faults.clear(vendor));
    }

    /// The latest requests that a look-alike got, oldest first; up to four thousand are remembered.
    pub fn asked(&self, vendor: Vendor) -> Vec<Asked> {
        self.memory.with(|store| store.asked(vendor))
    }

    /// Everything that a look-alike holds, oldest first.
    pub fn items(&self, vendor: Vendor) -> Vec<SandboxItem> {
        self.memory.with(|store| store.items(vendor).map(listed).collect())
    }

    /// Writes a comment, as somebody types it into the tracker's own page; says its number.
    ///
    /// # Errors
    /// Nobody has that login, or there is no such item.
    pub async fn comment(
        &self,
        vendor: Vendor,
        item: &str,
        (login, text): (&str, &str),
    ) -> Result<u64, SandboxError> {
        self.write(vendor, item, (self.act(login)?, text)).await
    }

    /// Writes a comment, as somebody answers the mail that told of the item; says its number. Only GitHub
    /// tells that it came like this.
    ///
    /// # Errors
    /// Nobody has that login, or there is no such item.
    pub async fn mail(
        &self,
        vendor: Vendor,
        item: &str,
        (login, text): (&str, &str),
    ) -> Result<u64, SandboxError> {
        let act = Act { way: Way::Mail, ..self.act(login)? };
        self.write(vendor, item, (act, text)).await
    }

    async fn write(
        &self,
        vendor: Vendor,
        item: &str,
        (act, text): (Act, &str),
    ) -> Result<u64, SandboxError> {
        let seen_by = if vendor == Vendor::Github { SeenBy::Everybody } else { SeenBy::Team };
        let (body, properties) = (written_in(vendor, text), BTreeMap::new());
        let new = NewNote { body, seen_by, properties };
        let note = self.memory.with(|store| {
            let number = store.items(vendor).find(|it| it.name() == item)?.number;
            store.note((vendor, number), act, new)
        });
        self.tell().await;
        let note = note.ok_or_else(|| SandboxError::Missing(format!("item {item} of {vendor}")))?;
        Ok(note.number)
    }

    /// Changes a comment, as somebody with enough rights can.
    ///
    /// # Errors
    /// Nobody has that login, or there is no such comment.
    pub async fn edit(&self, note: u64, (login, text): (&str, &str)) -> Result<(), SandboxError> {
        let act = self.act(login)?;
        let done = self.memory.with(|store| {
            let vendor = store.vendor_of(note)?;
            store.edit(note, act, written_in(vendor, text))
        });
        self.tell().await;
        done.ok_or_else(|| SandboxError::Missing(format!("comment {note}")))
    }

    /// Removes a comment, as somebody with enough rights can.
    ///
    /// # Errors
    /// Nobody has that login, or there is no such comment.
    pub async fn remove(&self, note: u64, login: &str) -> Result<(), SandboxError> {
        let act = self.act(login)?;
        let done = self.memory.with(|store| store.remove(note, act));
        self.tell().await;
        done.ok_or_else(|| SandboxError::Missing(format!("comment {note}")))
    }

    /// Moves an item to a state, in the tracker's own word for it.
    ///
    /// # Errors
    /// Nobody has that login, or there is no such item.
    pub async fn move_to(
        &self,
        vendor: Vendor,
        item: &str,
        (login, state): (&str, &str),
    ) -> Result<(), SandboxError> {
        let act = self.act(login)?;
        let done = self.memory.with(|store| {
            let number = store.items(vendor).find(|it| it.name() == item)?.number;
            store.move_to((vendor, number), act, state)
        });
        self.tell().await;
        done.ok_or_else(|| SandboxError::Missing(format!("item {item} of {vendor}")))
    }

    /// Does something, as it is said to the door.
    ///
    /// # Errors
    /// What it names is not there.
    pub async fn perform(&self, act: SandboxAct) -> Result<SandboxDone, SandboxError> {
        match act {
            SandboxAct::Items { vendor } => {
                return Ok(SandboxDone::Items { items: self.items(vendor) });
            }
            SandboxAct::Comment { vendor, item, login, text } => {
                let note = self.comment(vendor, &item, (&login, &text)).await?;
                return Ok(SandboxDone::Written { note });
            }
            SandboxAct::Mail { vendor, item, login, text } => {
                let note = self.mail(vendor, &item, (&login, &text)).await?;
                return Ok(SandboxDone::Written { note });
            }
            SandboxAct::Edit { note, login, text } => self.edit(note, (&login, &text)).await?,
            SandboxAct::Remove { note, login } => self.remove(note, &login).await?,
            SandboxAct::Move { vendor, item, login, state } => {
                self.move_to(vendor, &item, (&login, &state)).await?;
            }
            SandboxAct::Fault { vendor, line } => self.fault(vendor, line),
            SandboxAct::Mend { vendor } => self.mend(vendor),
        }
        Ok(SandboxDone::Done)
    }

    fn act(&self, login: &str) -> Result<Act, SandboxError> {
        let by = of_login(login).ok_or_else(|| nobody(login))?;
        Ok(Act { by, at: self.clock.now(), way: Way::Direct })
    }

    async fn tell(&self) {
        for happening in self.memory.with(Store::take_happened) {
            if self.happened.send(happening).await.is_err() {
                tracing::debug!("nobody tells the webhooks any more");
            }
        }
    }
}

async fn serve(door: Door, listener: TcpListener) {
    let vendor = door.vendor;
    let service = door.router().into_make_service_with_connect_info::<Scissors>();
    if let Err(error) = axum::serve(Breakable(listener), service).await {
        tracing::error!(%vendor, %error, "a look-alike ended");
    }
}

fn nobody(login: &str) -> SandboxError {
    let logins: Vec<&str> = CAST.iter().map(|account| account.login).collect();
    let login = login.escape_debug();
    SandboxError::Missing(format!("the account {login}; there are: {}", logins.join(", ")))
}

fn listed(item: &Item) -> SandboxItem {
    let note = |note: &Note| SandboxNote {
        number: note.number,
        by: note.author.login.to_owned(),
        text: note.body.as_str().map_or_else(|| jira::text_of(&note.body), str::to_owned),
        is_internal: note.seen_by == SeenBy::Team,
    };
    SandboxItem {
        vendor: item.vendor,
        name: item.name(),
        title: item.title.clone(),
        state: item.state.clone(),
        notes: item.notes.iter().map(note).collect(),
    }
}
