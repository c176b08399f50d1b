//! What surrounds the screen: the mouse, and what the terminal's tab shows.

/// What the terminal's tab shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Progress {
    /// Nothing is going on.
    #[default]
    Idle,
    /// Agents work.
    Working,
    /// A proposal waits for a person.
    Waiting,
    /// The hub cannot be reached.
    Broken,
}

/// Who has the mouse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mice {
    /// The cockpit.
    #[default]
    Captured,
    /// The terminal, for selecting text in its own way.
    Released,
}

/// What may call a person who looks elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// A proposal waits for people.
    Decision,
    /// An incident became graver, or began.
    Severity,
    /// An action failed, did not help, or was lost sight of.
    Failure,
    /// The hub cannot be reached any more.
    Lost,
}
