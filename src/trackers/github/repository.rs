//! The repository: what may be done there, and who can see it.

use serde_json::Value;

use crate::incident::{Notice, Trouble};
use crate::settings::Visibility;
use crate::trackers::Access;

/// What GitHub says about a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Repository {
    /// Who can see what is written there.
    pub(super) visibility: Visibility,
    /// What we may do there.
    pub(super) access: Access,
    /// Whether labels that we set are kept; without the right they are dropped silently.
    may_label: bool,
    is_archived: bool,
    has_issues: bool,
}

impl Repository {
    pub(super) fn read(raw: &Value) -> Self {
        let flag = |path: &str| raw.pointer(path).and_then(Value::as_bool);
        // Without a word about it, the whole world counts as reading along.
        let is_closed = match raw.get("visibility").and_then(Value::as_str) {
            Some(word) => word != "public",
            None => flag("/private").unwrap_or(false),
        };
        let may = |right: &str| flag(&format!("/permissions/{right}")) == Some(true);
        let access = if ["push", "triage", "maintain", "admin"].into_iter().any(may) {
            Access::Write
        } else {
            // These are rights to the repository. Whoever can only read it can comment all the same, and an app
            // that has none of them may write issues: what we may do with those, nothing here says.
            Access::Unknown
        };
        let is_archived = flag("/archived").unwrap_or(false);
        Self {
            visibility: if is_closed { Visibility::Internal } else { Visibility::Public },
            access: if is_archived { Access::Read } else { access },
            may_label: flag("/permissions/triage").or(flag("/permissions/push")) != Some(false),
            is_archived,
            has_issues: flag("/has_issues").unwrap_or(true),
        }
    }

    /// Why nothing of ours may be written there, if the settings did not say so.
    pub(super) fn refuses(&self, chosen: Visibility) -> Option<String> {
        let is_open = self.visibility == Visibility::Public && chosen == Visibility::Internal;
        is_open
            .then(|| "the repository is public, and the settings keep entries internal".to_owned())
    }

    /// What would surprise people later.
    pub(super) fn traps(&self, chosen: Visibility, labels: &[String]) -> Vec<Notice> {
        let mut traps = Vec::new();
        let mut trap = |what: String, hint: &str| {
            traps.push(Notice::new(Trouble::NotAllowed, what).hint(hint));
        };
        if let Some(why) = self.refuses(chosen) {
            trap(why, "name a private repository, or write visibility = \"public\"");
        }
        if self.is_archived {
            trap("the repository is archived".to_owned(), "nothing can be written there");
        }
        if !self.has_issues {
            trap("the repository has no issues".to_owned(), "turn them on in its settings");
        }
        if !labels.is_empty() && !self.may_label {
            let what = "labels of ours would be dropped silently".to_owned();
            trap(what, "give the account the right to triage, or name no labels");
        }
        traps
    }
}
