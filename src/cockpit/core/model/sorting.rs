//! The order in which incidents are listed.

/// The order in which incidents are listed; those that are over always come last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sorting {
    /// The worst first, then the newest.
    #[default]
    Severity,
    /// Those in which something waits for people first, then the worst.
    Waiting,
    /// The newest first.
    Newest,
    /// Those with the latest entry first.
    Latest,
}

impl Sorting {
    /// The order after this one.
    pub fn next(self) -> Self {
        match self {
            Self::Severity => Self::Waiting,
            Self::Waiting => Self::Newest,
            Self::Newest => Self::Latest,
            Self::Latest => Self::Severity,
        }
    }

    /// The order in words.
    pub fn word(self) -> &'static str {
        match self {
            Self::Severity => "the worst first",
            Self::Waiting => "what waits for people first",
            Self::Newest => "the newest first",
            Self::Latest => "the latest news first",
        }
    }
}
