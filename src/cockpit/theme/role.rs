//! The roles: what a view may ask a theme for, instead of a colour.

use std::fmt;

/// Makes the enum and its catalogue from one list.
macro_rules! roles {
    ($( $variant:ident, $name:literal, $describe:literal; )+) => {
        /// What a piece of the screen means; a theme says how that looks.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Role {
            $( #[doc = $describe] $variant, )+
        }

        impl Role {
            /// Every role, in the order of a theme file.
            pub const ALL: &'static [Self] = &[$( Self::$variant ),+];

            /// Its name in theme files.
            pub fn name(self) -> &'static str {
                match self { $( Self::$variant => $name, )+ }
            }

            /// What it is for.
            pub fn describe(self) -> &'static str {
                match self { $( Self::$variant => $describe, )+ }
            }
        }
    };
}

roles! {
    Text, "text", "Ordinary text.";
    Muted, "muted", "Text that can be skipped: times, ids, origins.";
    Faint, "faint", "Marks that carry no text: rulers, empty gauges.";
    Surface, "surface", "The ground under everything; a plain colour is its background.";
    Border, "border", "The frame of a pane.";
    Focus, "focus", "The frame of the pane that hears the keys.";
    Title, "title", "The name of a pane.";
    Human, "human", "What a person did.";
    Primary, "primary", "What the primary agent did.";
    Partner, "partner", "What a partner agent did.";
    System, "system", "What the product itself did.";
    Pending, "pending", "Waits for a person.";
    Approved, "approved", "A person allowed it.";
    Refused, "refused", "A person denied it, or its time ran out.";
    Owed, "owed", "Not yet written to its tracker.";
    Ok, "ok", "It worked, and that was measured.";
    Failed, "failed", "It failed, or was lost.";
    Warn, "warn", "It works, but look at it.";
    Severity1, "severity-1", "The gravest incident.";
    Severity2, "severity-2", "A grave incident.";
    Severity3, "severity-3", "An ordinary incident.";
    Severity4, "severity-4", "A slight incident.";
    Added, "added", "A line that a change adds.";
    Removed, "removed", "A line that a change removes.";
    Key, "key", "A key to press.";
    Code, "code", "Code, commands, identifiers.";
    Link, "link", "Something that can be opened.";
    Found, "found", "What a filter or a search found.";
    Selection, "selection", "The selected line.";
    Badge, "badge", "A count or a label on a frame.";
    Hostile, "hostile", "A character made visible because it would have hidden something.";
}

impl Role {
    /// The role of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|role| role.name() == name)
    }

    /// Whether a plain colour in a theme file means its background.
    pub fn is_ground(self) -> bool {
        self == Self::Surface
    }

    /// Whether people read text in it, so that it must stand out from its ground.
    pub fn is_read(self) -> bool {
        !matches!(self, Self::Faint | Self::Surface | Self::Border | Self::Selection)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
