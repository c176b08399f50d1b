//! The accounts of a kind of tracker: what their ids look like, and what it proves of who writes there.

use super::tracker::TrackerKind;

impl TrackerKind {
    /// The word that the settings name it by.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Github { .. } => "github",
            Self::Pagerduty { .. } => "pagerduty",
            Self::Servicenow { .. } => "servicenow",
            Self::Jira { .. } => "jira",
            Self::Roundup { .. } => "roundup",
        }
    }

    /// Why nothing that is typed there can decide, if so.
    pub fn doubt(&self) -> Option<&'static str> {
        match self {
            // Whoever holds a general-access key writes under any name.
            Self::Pagerduty { .. } => Some("it does not prove who wrote something"),
            Self::Roundup { .. } => Some("it does not say which accounts are people"),
            Self::Local | Self::Github { .. } | Self::Servicenow { .. } | Self::Jira { .. } => None,
        }
    }

    /// On what it depends that what is typed there decides, if on anything.
    pub fn proviso(&self) -> Option<&'static str> {
        match self {
            Self::Servicenow { .. } => {
                Some("our user may read in sys_user that no integration enters under that name")
            }
            Self::Local
            | Self::Github { .. }
            | Self::Pagerduty { .. }
            | Self::Jira { .. }
            | Self::Roundup { .. } => None,
        }
    }

    /// What the ids of accounts look like there, and where people find them, if a text is none: a login is
    /// easily written where an id belongs.
    pub(super) fn strange_account(&self, id: &str) -> Option<(&'static str, &'static str)> {
        let all = |fits: fn(&u8) -> bool| id.bytes().all(|byte| fits(&byte));
        let (is_sound, looks, found) = match self {
            Self::Local => return None,
            Self::Github { .. } => (
                all(u8::is_ascii_digit),
                "a number",
                "`id` at https://api.github.com/users/LOGIN says it",
            ),
            Self::Pagerduty { .. } => (
                id.len() >= 6 && all(|it| it.is_ascii_uppercase() || it.is_ascii_digit()),
                "capital letters and digits, like PABC123",
                "the address of the user's page ends with it",
            ),
            Self::Servicenow { .. } => (
                id.len() == 32 && all(u8::is_ascii_hexdigit),
                "32 hexadecimal digits",
                "it is the sys_id of the user's record: Copy sys_id in the menu of the form says it",
            ),
            Self::Jira { .. } => (
                id.len() >= 10
                    && all(|it| it.is_ascii_alphanumeric() || b":-_".contains(it))
                    && id.bytes().any(|byte| byte.is_ascii_digit()),
                "an accountId, like 5b10a2844c20165700ede21c or 712020:…",
                "the address of the person's profile ends with it",
            ),
            Self::Roundup { .. } => (
                all(u8::is_ascii_digit),
                "a number",
                "the address of the user's page ends with it: user3",
            ),
        };
        (!is_sound).then_some((looks, found))
    }
}
