//! What a settings file may say, before it is laid over what holds without it.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use schemars::JsonSchema;
use serde::Deserialize;

use super::secret::SecretPlace;
use crate::incident::{Mode, Policy, Risk, Rule, Tier};

/// A whole file; everything may be missing.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct Layer {
    pub(super) ui: Ui,
    pub(super) people: People,
    pub(super) policy: PolicyLayer,
    pub(super) door: DoorPlace,
    pub(super) partners: BTreeMap<String, PartnerLayer>,
    /// What may stand in a tracker's table depends on its kind, so it is read by itself.
    #[schemars(with = "BTreeMap<String, BTreeMap<String, serde_json::Value>>")]
    pub(super) trackers: BTreeMap<String, toml::Table>,
}

/// How the cockpit looks and is steered.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Ui {
    /// The theme; `auto` or absent, the one for the ground of the terminal.
    pub theme: Option<String>,
    /// The theme that `auto` takes on a dark ground, or where the ground is not known.
    pub theme_dark: Option<String>,
    /// The theme that `auto` takes on a light ground.
    pub theme_light: Option<String>,
    /// The keymap; the cockpit's own choice if absent.
    pub keymap: Option<String>,
    /// With which signs the cockpit draws.
    pub glyphs: Glyphs,
    /// Whether the cockpit takes the mouse.
    pub mouse: bool,
    /// How a person is called who looks elsewhere.
    pub notifications: Notifications,
    /// What a person is called for.
    pub notify: Vec<Notify>,
    /// Whether a parent process gives the terminal back if the cockpit is killed.
    pub guard: bool,
}

/// With which signs the cockpit draws.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Glyphs {
    /// ASCII where the locale names another charset than UTF-8.
    #[default]
    Auto,
    /// Everything that a terminal of today has.
    Unicode,
    /// ASCII alone.
    Ascii,
}

/// How a person is called who looks elsewhere.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Notifications {
    /// As the terminal is known to do it; with a bell if nothing is known.
    #[default]
    Auto,
    /// By the sequence of iTerm2, `WezTerm` and Windows Terminal.
    Osc9,
    /// By the sequence of urxvt, foot and Ghostty.
    Osc777,
    /// By the sequence of kitty.
    Osc99,
    /// With a bell alone.
    Bell,
    /// Not at all.
    Off,
}

/// What a person is called for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Notify {
    /// A proposal waits for people.
    Decision,
    /// An incident begins.
    Severity,
    /// An action failed or did not help.
    Failure,
    /// The hub cannot be reached any more.
    Lost,
}

impl Default for Ui {
    fn default() -> Self {
        Self {
            theme: None,
            theme_dark: None,
            theme_light: None,
            keymap: None,
            glyphs: Glyphs::Auto,
            mouse: true,
            notifications: Notifications::Auto,
            notify: vec![Notify::Decision, Notify::Severity, Notify::Failure, Notify::Lost],
            guard: true,
        }
    }
}

/// Who sits here.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default)]
pub struct People {
    /// The name that verdicts and comments carry; the name of the account if absent.
    pub me: Option<String>,
    /// The roles that policy asks for.
    pub roles: Vec<String>,
}

/// Where other systems tell the hub something over HTTP.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default)]
pub struct DoorPlace {
    /// The address to listen on, on this machine; nobody comes in if absent.
    #[schemars(with = "Option<String>")]
    pub listen: Option<SocketAddr>,
    /// The names under which a proxy in front of it is called, if it passes them on.
    pub hosts: Vec<String>,
    /// What senders of alerts show; nobody sends alerts if absent.
    pub token: Option<SecretPlace>,
    /// What trackers sign their webhooks with, by the name of the tracker.
    pub webhooks: BTreeMap<String, SecretPlace>,
}

/// Changes to the policy that holds without a file.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct PolicyLayer {
    mode: Option<Mode>,
    ceiling: Option<Risk>,
    tiers: BTreeMap<Risk, TierLayer>,
    rules: Vec<Rule>,
}

/// Changes to what one level of risk takes.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
struct TierLayer {
    approvers: Option<u8>,
    roles: Option<Vec<String>>,
    typed_target: Option<bool>,
    break_glass: Option<bool>,
    escalate_s: Option<u64>,
    valid_s: Option<u64>,
}

impl TierLayer {
    fn over(self, tier: Tier) -> Tier {
        Tier {
            approvers: self.approvers.unwrap_or(tier.approvers),
            roles: self.roles.unwrap_or(tier.roles),
            typed_target: self.typed_target.unwrap_or(tier.typed_target),
            break_glass: self.break_glass.unwrap_or(tier.break_glass),
            escalate_s: self.escalate_s.unwrap_or(tier.escalate_s),
            valid_s: self.valid_s.unwrap_or(tier.valid_s),
        }
    }
}

impl PolicyLayer {
    pub(super) fn over(self, mut policy: Policy) -> Policy {
        policy.mode = self.mode.unwrap_or(policy.mode);
        policy.ceiling = self.ceiling.unwrap_or(policy.ceiling);
        for (risk, layer) in self.tiers {
            let tier = policy.tier(risk);
            policy.tiers.insert(risk, layer.over(tier));
        }
        policy.rules.extend(self.rules);
        policy
    }
}

/// A partner as it is written; what belongs together is checked afterwards.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct PartnerLayer {
    pub(super) command: Option<Vec<String>>,
    pub(super) pass: Vec<String>,
    pub(super) url: Option<String>,
    pub(super) token: Option<SecretPlace>,
}

/// What may stand in a table, by the path of the table; `*` is any name.
pub(super) fn known(table: &[&str]) -> &'static [&'static str] {
    match table {
        [] => &["ui", "people", "policy", "door", "partners", "trackers"],
        ["ui"] => &[
            "theme",
            "theme_dark",
            "theme_light",
            "keymap",
            "glyphs",
            "mouse",
            "notifications",
            "notify",
            "guard",
        ],
        ["door"] => &["listen", "hosts", "token", "webhooks"],
        ["people"] => &["me", "roles"],
        ["policy"] => &["mode", "ceiling", "tiers", "rules"],
        ["policy", "tiers"] => &["read", "low", "medium", "high", "critical"],
        ["policy", "tiers", _] => {
            &["approvers", "roles", "typed_target", "break_glass", "escalate_s", "valid_s"]
        }
        ["partners", _] => &["command", "pass", "url", "token"],
        _ => &[],
    }
}

/// Whether an unknown key in this table is an error: a misread policy, endpoint or credential is
/// dangerous, a misread colour is not.
pub(super) fn is_strict(path: &[&str]) -> bool {
    matches!(path.first(), Some(&("policy" | "door" | "partners")))
}
