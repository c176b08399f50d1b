//! The model: everything that the cockpit knows.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::Timestamp;

use super::super::action::Context;
use super::super::keys::Continuation;
use super::acts::{Act, ActStage, AskId};
use super::card::{Card, Step};
use super::compose::DraftKey;
use super::connection::{Connection, Deliveries};
use super::layout::{Arrangement, Layout, Pane, Screen, Zoom};
use super::measured::Measured;
use super::overlay::Overlay;
use super::place::Place;
use super::pointing::{Clicked, Pointing};
use super::remembered::Remembered;
use super::replaying::{Mark, Replaying};
use super::sight::Sight;
use super::sorting::Sorting;
use super::surroundings::{Mice, Progress};
use super::trail::Trail;
use super::traits;
use super::watched::Watched;
use crate::incident::{
    Actor, Decision, DecisionState, Decisions, Entry, ExchangeEvent, Handoff, HandoffId,
    IncidentId, Notice, ProposalId, RunId, Untrusted,
};
use crate::wire::Gates;

/// How long a chord must have been begun before what it may go on with is shown.
pub const WHICH_KEY: std::time::Duration = std::time::Duration::from_millis(300);

/// Everything that the cockpit knows.
#[derive(Debug, Clone)]
pub struct Model {
    /// The hub's time: what stands on the screen as a time or a duration is reckoned from it.
    pub now: Timestamp,
    /// The person's time; equal to `now` unless a demonstration or a recording runs faster.
    pub wall: Timestamp,
    /// Who sits here, as the hub knows them.
    pub me: Actor,

    // --- the hub
    /// How the cockpit stands with its hub.
    pub connection: Connection,
    /// How many frames are missing, for whatever reason.
    pub missed: u64,
    /// How many frames were folded: those told twice count once.
    pub folded: u64,
    /// How many frames are missing in the recording.
    pub unrecorded: u64,
    /// What the hub says about itself.
    pub gates: Gates,
    /// How the recording plays, if this is one; nothing can be sent then.
    pub replaying: Option<Replaying>,
    /// Where in the recording something is that people look for, in order.
    pub marks: Vec<Mark>,

    // --- what is watched
    /// What is about to happen, for as long as nothing has.
    pub coming: Option<&'static str>,
    /// The incidents.
    pub incidents: BTreeMap<IncidentId, Watched>,
    /// The decisions of all incidents.
    pub decisions: Decisions,
    /// The handoffs of all incidents.
    pub handoffs: BTreeMap<HandoffId, Handoff>,
    /// How far entries are on their way to trackers.
    pub deliveries: Deliveries,
    /// Who parked every dispatch last, or let it go on.
    pub parking: Option<Parking>,

    // --- where the person is
    /// The size of the screen.
    pub screen: Screen,
    /// Whether the terminal's window is active.
    pub attended: bool,
    /// Who has the mouse.
    pub mice: Mice,
    /// How the panes are laid out.
    pub layout: Layout,
    /// The pane that has the keys when nothing lies over the panes.
    pub focus: Pane,
    /// Where the person is among the incidents; its selection is the incident that is shown.
    pub at_incident: Place<IncidentId>,
    /// The order of the incidents.
    pub sorting: Sorting,
    /// Where the person is among the decisions.
    pub at_decision: Place<ProposalId>,
    /// How many columns long lines are scrolled to the side in the focused pane.
    pub across: u16,
    /// Whether panes show the raw JSON.
    pub raw: bool,
    /// Where the person was before they jumped.
    pub trail: Trail,
    /// What lies over the panes, the uppermost last.
    pub overlays: Vec<Overlay>,
    /// What a begun chord may go on with; empty when none is begun.
    pub pending: Vec<Continuation>,
    /// Since when, on the wall clock; a popup shows it only after a while.
    pub pending_since: Option<Timestamp>,
    /// What the view measured of the uppermost overlay.
    pub measured: Measured,
    /// What stood on the screen when it was drawn last.
    pub sight: Sight,
    /// What the mouse is about to do, while its button is down.
    pub pointing: Option<Pointing>,
    /// What was clicked last.
    pub clicked: Option<Clicked>,

    // --- what the person does
    /// What the person sent, oldest first; those long over are forgotten.
    pub acts: Vec<Act>,
    /// What the person keeps from one run to the next.
    pub remembered: Remembered,
    /// Unfinished texts.
    pub drafts: BTreeMap<DraftKey, String>,
    /// What the person is told, oldest first.
    pub banners: Vec<Banner>,

    // --- the order of the feed
    /// How far the feed was folded.
    pub(in super::super) feed: FeedPosition,
    /// What arrived before the alert that opens its incident.
    pub(in super::super) orphans: BTreeMap<IncidentId, Orphans>,

    // --- what was asked of the driver last, so that it is asked once
    /// The number of the latest question.
    pub(in super::super) asked: u64,
    /// The title of the window.
    pub(in super::super) title: String,
    /// What the tab shows.
    pub progress: Progress,
    /// The wake-up that is due next.
    pub(in super::super) woken_at: Option<Timestamp>,
}

/// Who parked every dispatch or let it go on, and what they wrote about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parking {
    /// Who.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
    /// In which words.
    pub text: Untrusted,
}

/// A run of a hub: its name, or the number and time of its first frame where it has none.
pub(in super::super) type RunKnownBy = (Option<RunId>, Option<(u64, Timestamp)>);

/// How far the feed was folded, so that a frame told twice counts once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in super::super) struct FeedPosition {
    /// The run of the hub: by its name, or by the number and time of its first frame.
    pub run: Option<RunKnownBy>,
    /// The number of the latest frame.
    pub last: u64,
    /// Whether the feed has just begun again, perhaps that of another run.
    pub begins: bool,
}

/// What arrived before the alert that opens its incident.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Orphans {
    /// Entries, in the order of arrival.
    pub entries: Vec<Entry>,
    /// Events of the exchange, in the order of arrival.
    pub events: Vec<ExchangeEvent>,
}

/// Whether what the person is told is good news.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Something is wrong, or was not done.
    Trouble,
    /// What the person asked for was done.
    Done,
}

/// Something that the person is told, for a while or until they close it.
#[derive(Debug, Clone, PartialEq)]
pub struct Banner {
    /// What.
    pub notice: Notice,
    /// Whether it is good news.
    pub tone: Tone,
    /// Since when, on the wall clock.
    pub since: Timestamp,
    /// When it goes by itself, on the wall clock.
    pub until: Option<Timestamp>,
    /// How often it was told again since.
    pub repeated: u32,
}

impl Model {
    /// The model before anything happened.
    pub fn new(wall: Timestamp, screen: Screen, me: Actor) -> Self {
        Self {
            now: wall,
            wall,
            me,
            connection: Connection::Connecting { since: wall },
            missed: 0,
            folded: 0,
            unrecorded: 0,
            gates: Gates::default(),
            replaying: None,
            marks: Vec::new(),
            incidents: BTreeMap::new(),
            decisions: Decisions::default(),
            handoffs: BTreeMap::new(),
            deliveries: Deliveries::default(),
            parking: None,
            screen,
            attended: true,
            coming: None,
            mice: Mice::default(),
            layout: Layout::default(),
            focus: Pane::default(),
            at_incident: Place::still(),
            sorting: Sorting::default(),
            at_decision: Place::still(),
            across: 0,
            raw: false,
            trail: Trail::default(),
            overlays: Vec::new(),
            pending: Vec::new(),
            pending_since: None,
            measured: Measured::default(),
            sight: Sight::default(),
            pointing: None,
            clicked: None,
            acts: Vec::new(),
            remembered: Remembered::default(),
            drafts: BTreeMap::new(),
            banners: Vec::new(),
            feed: FeedPosition::default(),
            orphans: BTreeMap::new(),
            asked: 0,
            title: String::new(),
            progress: Progress::default(),
            woken_at: None,
        }
    }

    /// Lays the panes out as the last run left them.
    pub fn lay_out(&mut self, layout: Layout) {
        if layout.zoom == Zoom::On {
            self.focus = layout.zoomed;
        }
        self.layout = layout;
    }

    /// Where the person is, the innermost first, for the keymap.
    pub fn contexts(&self) -> Vec<Context> {
        let inner = self.context();
        let replay = self.replaying.is_some() && self.overlays.is_empty();
        let replay = replay.then_some(Context::Replay);
        replay.into_iter().chain([inner, Context::Anywhere]).collect()
    }

    /// The innermost place where the person is.
    pub fn context(&self) -> Context {
        match self.overlays.last() {
            Some(Overlay::Card(card)) => match card.step {
                Step::Typing { .. } => Context::Target,
                Step::Reading | Step::AskedAgain { .. } => Context::Card,
            },
            Some(Overlay::Composer(_)) => Context::Composer,
            Some(Overlay::Redirect(_)) => Context::Redirect,
            Some(Overlay::Search(_) | Overlay::Filter(_)) => Context::Search,
            Some(Overlay::Palette(_)) => Context::Palette,
            Some(Overlay::Panel(_)) => Context::Panel,
            Some(Overlay::Help(_)) => Context::Help,
            Some(Overlay::Outbox(_)) => Context::Outbox,
            Some(Overlay::Opened(_)) | None => match self.focus {
                Pane::Incidents => Context::Incidents,
                Pane::Exchange => Context::Exchange,
                Pane::Timeline => Context::Timeline,
                Pane::Decisions => Context::Decisions,
            },
        }
    }

    /// The rectangles of this frame.
    pub fn arrangement(&self) -> Arrangement {
        let bar = if self.is_halted() { 1 + u16::from(self.screen.rows >= 24) } else { 0 };
        self.layout.arrange(self.screen, self.focus, bar)
    }

    /// The incident that is shown.
    pub fn current(&self) -> Option<&Watched> {
        self.incidents.get(&self.at_incident.selected()?)
    }

    /// The incidents as listed: those that go on before those that are over, the worst first, then
    /// the newest.
    pub fn listed_incidents(&self) -> Vec<&Watched> {
        let filter = &self.at_incident.filter;
        let matches = |watched: &&Watched| {
            let incident = &watched.incident;
            let waits = || self.waiting_in(incident.id) > 0;
            filter.is_empty() || filter.passes(&traits::of_incident(incident, waits()))
        };
        let mut listed: Vec<_> = self.incidents.values().filter(matches).collect();
        listed.sort_by_key(|watched| {
            let incident = &watched.incident;
            let newest_first = Reverse(incident.opened);
            let asked = match self.sorting {
                Sorting::Severity => None,
                Sorting::Waiting => Some((self.waiting_in(incident.id) == 0, None)),
                Sorting::Newest => Some((false, Some(newest_first))),
                Sorting::Latest => Some((false, Some(Reverse(incident.latest)))),
            };
            (incident.status.is_over(), asked, incident.severity, newest_first, incident.id)
        });
        listed
    }

    /// The decisions as listed: those that wait for people first, each group oldest first.
    pub fn listed_decisions(&self) -> Vec<&Decision> {
        let filter = &self.at_decision.filter;
        let matches = |decision: &&Decision| {
            filter.is_empty() || filter.passes(&traits::of_decision(decision))
        };
        let (mut waiting, over): (Vec<_>, Vec<_>) =
            self.decisions.iter().filter(matches).partition(|decision| decision.state.is_open());
        waiting.extend(over);
        waiting
    }

    /// How many decisions wait for people and can still be answered.
    pub fn waiting(&self) -> usize {
        self.decisions.open_ones().filter(|decision| !decision.is_past(self.now)).count()
    }

    /// What a begun chord may go on with, once it was begun long enough ago to be asked for.
    pub fn which_key(&self) -> &[Continuation] {
        let due = self.pending_since.and_then(|since| since.checked_add(WHICH_KEY).ok());
        if due.is_some_and(|due| due <= self.wall) { &self.pending } else { &[] }
    }

    /// Whether every dispatch is parked.
    pub fn is_halted(&self) -> bool {
        self.gates.halted || self.decisions.is_halted()
    }

    /// What was approved and waits for the halt to end, oldest first.
    pub fn parked(&self) -> impl Iterator<Item = &Decision> {
        let halted = self.is_halted();
        self.decisions.iter().filter(move |decision| {
            halted
                && matches!(decision.state, DecisionState::Approved { .. })
                && !decision.is_past(self.now)
        })
    }

    /// How many decisions of one incident wait for people and can still be answered.
    pub fn waiting_in(&self, id: IncidentId) -> usize {
        let open = self.decisions.open_ones();
        open.filter(|decision| decision.incident == id && !decision.is_past(self.now)).count()
    }

    /// The card that is open, whatever lies over it.
    pub fn card(&self) -> Option<&Card> {
        self.overlays.iter().rev().find_map(|overlay| match overlay {
            Overlay::Card(card) => Some(&**card),
            _ => None,
        })
    }

    /// The acts that can still be taken back, oldest first.
    pub fn held(&self) -> impl Iterator<Item = &Act> {
        self.acts.iter().filter(|act| matches!(act.stage, ActStage::Held { .. }))
    }

    /// The latest act about a proposal.
    pub fn sent_about(&self, proposal: ProposalId) -> Option<&Act> {
        self.acts.iter().rev().find(|act| act.proposal == Some(proposal))
    }

    /// Forgets what the feed told, to hear it again from its beginning; the person stays where they are.
    pub(in super::super) fn forget(&mut self) {
        let fresh = Self::new(self.wall, self.screen, self.me.clone());
        self.incidents = fresh.incidents;
        self.decisions = fresh.decisions;
        self.handoffs = fresh.handoffs;
        self.deliveries = fresh.deliveries;
        self.gates = fresh.gates;
        self.orphans = fresh.orphans;
        self.feed = FeedPosition { begins: true, ..fresh.feed };
        self.missed = 0;
        // What lies over the panes may show what has not happened yet.
        self.overlays.clear();
    }

    /// A new number for a question.
    pub(in super::super) fn next_ask(&mut self) -> AskId {
        self.asked += 1;
        AskId(self.asked)
    }
}
