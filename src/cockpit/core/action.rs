//! The one list of what a key can ask for, from which help, keymaps and the README are made.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where the person is, as a table of the keymap; the innermost one wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Context {
    /// Everywhere, unless a text is being typed.
    Anywhere,
    /// The list of incidents.
    Incidents,
    /// The live exchange between the agents.
    Exchange,
    /// The merged timeline.
    Timeline,
    /// The inbox of proposals.
    Decisions,
    /// An opened proposal.
    Card,
    /// Writing a comment, a reason or an answer.
    Composer,
    /// Choosing where a handoff or a question goes instead.
    Redirect,
    /// The help screen.
    Help,
    /// Typing a filter or a search.
    Search,
    /// Watching a recording.
    Replay,
    /// Typing the target's name to confirm a grave action.
    Target,
    /// Looking for something to do by its name.
    Palette,
    /// A panel: hypotheses, charts, handoffs, links.
    Panel,
    /// What trackers are still owed.
    Outbox,
}

impl Context {
    /// Every context, in the order of a key table.
    pub const ALL: [Self; 15] = [
        Self::Anywhere,
        Self::Incidents,
        Self::Exchange,
        Self::Timeline,
        Self::Decisions,
        Self::Card,
        Self::Composer,
        Self::Redirect,
        Self::Help,
        Self::Search,
        Self::Replay,
        Self::Target,
        Self::Palette,
        Self::Panel,
        Self::Outbox,
    ];

    /// The name of its table in a keymap.
    pub fn name(self) -> &'static str {
        match self {
            Self::Anywhere => "anywhere",
            Self::Incidents => "incidents",
            Self::Exchange => "exchange",
            Self::Timeline => "timeline",
            Self::Decisions => "decisions",
            Self::Card => "card",
            Self::Composer => "composer",
            Self::Redirect => "redirect",
            Self::Help => "help",
            Self::Search => "search",
            Self::Replay => "replay",
            Self::Target => "target",
            Self::Palette => "palette",
            Self::Panel => "panel",
            Self::Outbox => "outbox",
        }
    }

    /// The context of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|context| context.name() == name)
    }

    /// Whether printable keys belong to a text here, so that no key of an outer context counts.
    pub fn takes_text(self) -> bool {
        matches!(
            self,
            Self::Composer | Self::Redirect | Self::Search | Self::Target | Self::Palette
        )
    }
}

impl fmt::Display for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What an action costs if it was not meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// Only the screen changes.
    Light,
    /// Something outside changes: it is never bound to one printable key, nor to return.
    Grave,
}

/// Makes the enum and its catalogue from one list, so that none can lack a name or a description.
macro_rules! actions {
    ($( $variant:ident, $name:literal, $contexts:expr, $weight:ident, $describe:literal; )+) => {
        /// Something a key, a click or a command can ask for.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[serde(rename_all = "kebab-case")]
        pub enum Action {
            $( #[doc = $describe] $variant, )+
        }

        impl Action {
            const LIST: &'static [Self] = &[$( Self::$variant ),+];

            /// Its stable name in keymaps.
            pub fn name(self) -> &'static str {
                match self { $( Self::$variant => $name, )+ }
            }

            /// What it does, as help says it.
            pub fn describe(self) -> &'static str {
                match self { $( Self::$variant => $describe, )+ }
            }

            /// The contexts whose tables may bind it; [`Context::Anywhere`] stands for all.
            pub fn contexts(self) -> &'static [Context] {
                use Context::{Anywhere, Card, Composer, Decisions, Exchange, Outbox, Redirect};
                use Context::{Incidents, Palette, Replay, Search, Target, Timeline};
                match self { $( Self::$variant => &$contexts, )+ }
            }

            /// What it costs if it was not meant.
            pub fn weight(self) -> Weight {
                match self { $( Self::$variant => Weight::$weight, )+ }
            }
        }
    };
}

actions! {
    // --- the program
    Quit, "quit", [Anywhere], Light, "Leave the cockpit.";
    Suspend, "suspend", [Anywhere], Light, "Stop the cockpit and return to the shell.";
    Redraw, "redraw", [Anywhere], Light, "Draw the whole screen again.";
    Palette, "palette", [Anywhere], Light, "Find what can be done here by its name.";
    Help, "help", [Anywhere], Light, "Show the keys that work here.";
    ThemeNext, "theme-next", [Anywhere], Light, "Use the next theme.";
    MouseToggle, "mouse-toggle", [Anywhere], Light, "Give the mouse to the terminal, or take it.";

    // --- panes
    FocusNext, "focus-next", [Anywhere], Light, "Go to the next pane or field.";
    FocusPrevious, "focus-previous", [Anywhere], Light, "Go to the previous pane or field.";
    FocusIncidents, "focus-incidents", [Anywhere], Light, "Go to the incidents.";
    FocusExchange, "focus-exchange", [Anywhere], Light, "Go to the exchange.";
    FocusTimeline, "focus-timeline", [Anywhere], Light, "Go to the timeline.";
    FocusDecisions, "focus-decisions", [Anywhere], Light, "Go to the decisions.";
    Zoom, "zoom", [Anywhere], Light, "Give this pane the whole screen, or give it back.";
    PresetWatch, "preset-watch", [Anywhere], Light, "Lay out the panes for watching.";
    PresetCommand, "preset-command", [Anywhere], Light, "Lay out the panes for deciding.";
    PresetReview, "preset-review", [Anywhere], Light, "Lay out the panes for reading back.";
    SplitGrow, "split-grow", [Anywhere], Light, "Make this pane larger.";
    SplitShrink, "split-shrink", [Anywhere], Light, "Make this pane smaller.";

    // --- moving
    SelectNext, "select-next", [Anywhere], Light, "Select the next line.";
    SelectPrevious, "select-previous", [Anywhere], Light, "Select the previous line.";
    SelectFirst, "select-first", [Anywhere], Light, "Select the first line.";
    SelectLast, "select-last", [Anywhere], Light, "Select the last line.";
    PageDown, "page-down", [Anywhere], Light, "Go one page down.";
    PageUp, "page-up", [Anywhere], Light, "Go one page up.";
    ScrollDown, "scroll-down", [Anywhere], Light, "Scroll one line down.";
    ScrollUp, "scroll-up", [Anywhere], Light, "Scroll one line up.";
    ScrollLeft, "scroll-left", [Anywhere], Light, "Scroll to the left.";
    ScrollRight, "scroll-right", [Anywhere], Light, "Scroll to the right.";
    Follow, "follow", [Anywhere], Light, "Follow the newest line, or stop following.";
    Open, "open", [Anywhere], Light, "Open what is selected.";
    Close, "close", [Anywhere], Light, "Close this and go back; decides nothing.";

    // --- reading
    Filter, "filter", [Anywhere], Light, "Show only the lines that contain a text.";
    Search, "search", [Anywhere], Light, "Search the history of all incidents.";
    Outbox, "outbox", [Anywhere], Light, "Show what trackers are still owed, and since when.";
    Redeliver, "redeliver", [Outbox], Light, "Try again what a tracker was not given yet.";
    GiveUp, "give-up", [Outbox], Light, "Give up what a tracker is owed; asks for the reason.";
    RawJson, "raw-json", [Exchange, Timeline, Decisions, Card], Light,
        "Show the raw JSON, or the text again.";
    Unfold, "unfold", [Exchange, Timeline], Light,
        "Show all of the selected line, or its beginning.";
    FollowLink, "follow-link", [Anywhere], Light, "Go to what this rests on.";
    Back, "back", [Anywhere], Light, "Go back to where you were before.";
    Forward, "forward", [Anywhere], Light, "Go forward again after going back.";
    LastPlace, "last-place", [Anywhere], Light, "Go to the last place, and here again.";
    Hypotheses, "hypotheses", [Anywhere], Light, "Show what may be the cause, and what is out.";
    Charts, "charts", [Anywhere], Light, "Show what was measured, with the actions marked.";
    Handoffs, "handoffs", [Anywhere], Light, "Show who has the investigation.";
    Sort, "sort", [Incidents], Light, "Sort the incidents another way.";
    Pause, "pause", [Incidents, Exchange, Timeline, Decisions], Light,
        "Hold this pane still while the stream goes on.";
    SaveSearch, "save-search", [Search], Light, "Keep this search, or forget it.";
    Bookmark, "bookmark", [Timeline], Light, "Mark this entry, or remove its mark.";
    BookmarkNext, "bookmark-next", [Timeline], Light, "Go to the next entry that you marked.";
    OpenLink, "open-link", [Anywhere], Light, "Open the link in what is selected.";
    Copy, "copy", [Anywhere], Light, "Copy what is selected.";

    // --- deciding
    OpenCard, "open-card", [Anywhere], Light, "Open the proposal that waits longest.";
    Approve, "approve", [Card], Grave, "Approve exactly what the card shows.";
    BreakGlass, "break-glass", [Card], Grave,
        "Force alone what takes two people; asks for the reason.";
    EditAndApprove, "edit-and-approve", [Card], Grave, "Change the arguments, then approve them.";
    Deny, "deny", [Card], Light, "Deny the proposal; asks for the reason.";
    Respond, "respond", [Card], Light, "Answer a question, or remark on what stays open.";
    Redirect, "redirect", [Exchange, Decisions, Card], Light,
        "Send the work elsewhere; asks where.";
    TakeOver, "take-over", [Card, Redirect], Grave, "Take the work from the agent yourself.";
    Defer, "defer", [Card], Light, "Decide later; the proposal stays open.";
    Confirm, "confirm", [Target], Grave, "Confirm, once the target's name is typed.";
    Recall, "recall", [Anywhere], Light, "Take back what you sent and has not left yet.";
    Halt, "halt", [Anywhere], Grave, "Park every action of the agents; asks why.";
    Resume, "resume", [Anywhere], Grave, "Let parked actions run again; asks why.";

    // --- writing
    Comment, "comment", [Anywhere], Light, "Write a comment on this incident.";
    Send, "send", [Composer, Redirect], Grave, "Send what is written.";
    Cancel, "cancel", [Composer, Redirect, Search, Target, Palette], Light,
        "Stop writing; what is written is kept as a draft.";
    OpenEditor, "open-editor", [Composer], Light, "Go on writing in your editor.";
    Preview, "preview", [Composer], Light, "Show the text as it will be read, or go on writing.";
    HistoryPrevious, "history-previous", [Composer], Light,
        "Go one line up, then to what you sent before.";
    HistoryNext, "history-next", [Composer], Light,
        "Go one line down, then to what you sent after.";

    // --- watching a recording
    ReplayPause, "replay-pause", [Replay], Light, "Pause the recording, or go on.";
    ReplayStep, "replay-step", [Replay], Light, "Play one message.";
    ReplayFaster, "replay-faster", [Replay], Light, "Play faster.";
    ReplaySlower, "replay-slower", [Replay], Light, "Play slower.";
    ReplayNextDecision, "replay-next-decision", [Replay], Light,
        "Play up to the next decision.";
    ReplayPreviousDecision, "replay-previous-decision", [Replay], Light,
        "Go back to the decision before.";
    ReplayForward, "replay-forward", [Replay], Light, "Jump over a tenth of the recording.";
    ReplayBack, "replay-back", [Replay], Light, "Jump back by a tenth of the recording.";
}

impl Action {
    /// Every action, in the order of a key table.
    pub fn all() -> &'static [Self] {
        Self::LIST
    }

    /// The action of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::LIST.iter().copied().find(|action| action.name() == name)
    }

    /// Where it belongs first.
    pub fn context(self) -> Context {
        self.contexts().first().copied().unwrap_or(Context::Anywhere)
    }

    /// Whether a keymap may bind it in the table of `context`.
    pub fn is_valid_in(self, context: Context) -> bool {
        self.contexts().contains(&Context::Anywhere) || self.contexts().contains(&context)
    }

    /// Whether it only moves, so that a key held down may repeat it.
    pub fn is_movement(self) -> bool {
        matches!(
            self,
            Self::SelectNext
                | Self::SelectPrevious
                | Self::PageDown
                | Self::PageUp
                | Self::ScrollDown
                | Self::ScrollUp
                | Self::ScrollLeft
                | Self::ScrollRight
                | Self::SplitGrow
                | Self::SplitShrink
        )
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_name_leads_back_to_its_action() {
        let mut names = BTreeSet::new();
        for action in Action::all() {
            assert_eq!(Action::from_name(action.name()), Some(*action));
            assert!(names.insert(action.name()), "{action} is listed twice");
        }
        for context in Context::ALL {
            assert_eq!(Context::from_name(context.name()), Some(context));
        }
    }

    #[test]
    fn names_in_keymaps_and_in_recordings_are_the_same() {
        for action in Action::all() {
            let written = serde_json::to_string(action).unwrap();
            assert_eq!(written, format!("\"{}\"", action.name()));
        }
        for context in Context::ALL {
            let written = serde_json::to_string(&context).unwrap();
            assert_eq!(written, format!("\"{}\"", context.name()));
        }
    }

    #[test]
    fn every_description_is_one_sentence() {
        for action in Action::all() {
            let text = action.describe();
            assert!(text.ends_with('.') && text.len() <= 60, "{action}: {text}");
            assert!(text.starts_with(|first: char| first.is_ascii_uppercase()), "{action}");
        }
    }

    #[test]
    fn nothing_that_changes_the_world_counts_as_movement() {
        for action in Action::all().iter().filter(|action| action.weight() == Weight::Grave) {
            assert!(!action.is_movement(), "{action}");
        }
    }
}
