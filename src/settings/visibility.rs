//! Who can see what is written into a tracker.

/// Who can see an entry in a tracker.
///
/// Where a tracker has both, writing for everybody takes an explicit setting: what agents find is for
/// the team, and what a customer once read cannot be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Visibility {
    /// The team that works in the tracker.
    #[default]
    Internal,
    /// Also customers, stakeholders, or the whole world.
    Public,
}

impl Visibility {
    /// The word written in the settings, and shown.
    pub fn word(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::Public => "public",
        }
    }
}
