//! Settings files, good and bad.

use std::path::Path;

use super::{Environment, Loaded, Settings};
use crate::incident::{Mode, Notice, Risk, Trouble};

fn parse(text: &str) -> Result<Loaded, Notice> {
    Settings::parse(Path::new("config.toml"), text)
}

fn refusal(text: &str) -> String {
    parse(text).unwrap_err().to_string()
}

#[test]
fn an_empty_file_is_as_good_as_none() {
    let loaded = parse("").unwrap();
    assert_eq!(loaded.settings, Settings::default());
    assert!(loaded.warnings.list().is_empty());
}

#[test]
fn a_full_file_says_everything() {
    let loaded = parse(
        r#"
        [ui]
        theme = "night"
        keymap = "vim"
        mouse = false
        [people]
        me = "ada"
        roles = ["on-call"]
        [policy]
        mode = "review"
        [policy.tiers.medium]
        approvers = 2
        escalate_s = 60
        valid_s = 600
        [[policy.rules]]
        name = "no-restarts"
        text = "Restarts lose carts."
        verb = "restart"
        effect = "deny"
        [[policy.rules]]
        name = "careful"
        text = "Production is asked about."
        environment = "production"
        effect = { ask = "high" }
        [partners.telemetry]
        command = ["/usr/bin/partner", "--stdio"]
        pass = ["PATH"]
        [partners.far]
        url = "https://partner.example/mcp"
        token = "env:PARTNER_TOKEN"
        [trackers.local]
        kind = "local"
        "#,
    )
    .unwrap();
    assert!(loaded.warnings.list().is_empty(), "{}", loaded.warnings);
    let settings = loaded.settings;
    assert_eq!(settings.ui.theme.as_deref(), Some("night"));
    assert_eq!((settings.policy.mode, settings.policy.ceiling), (Mode::Review, Risk::Low));
    assert_eq!(settings.policy.tiers[&Risk::Medium].approvers, 2);
    assert_eq!(settings.policy.tiers[&Risk::Critical].approvers, 2);
    assert_eq!(settings.policy.rules.len(), 2);
    assert_eq!(settings.partners.len(), 2);
    let person = settings.person(&Environment::default()).unwrap();
    assert_eq!(
        (person.actor.to_string(), person.roles),
        ("human:ada".into(), vec!["on-call".into()])
    );
}

#[test]
fn one_key_of_a_tier_changes_that_key_alone() {
    let settings = parse("[policy.tiers.high]\nvalid_s = 60\n").unwrap().settings;
    let tier = &settings.policy.tiers[&Risk::High];
    assert_eq!((tier.valid_s, tier.approvers, tier.typed_target), (60, 1, true));
}

#[test]
fn a_value_that_cannot_stand_there_names_its_key_and_what_may_have_been_meant() {
    let told = refusal("[ui]\nnotify = [\"decison\"]\n");
    assert!(told.contains("config.toml:2: ui.notify: unknown variant `decison`"), "{told}");
    assert!(told.contains("did you mean \"decision\"?"), "{told}");
    assert!(refusal("[policy]\nmode = \"reveiw\"\n").contains("did you mean \"review\"?"));
    let told = refusal("[policy.tiers.high]\napprovers = -1\n");
    assert!(!told.contains("missing field"), "{told}");
    assert!(told.contains("policy.tiers.high.approvers"), "{told}");
}

#[test]
fn an_unknown_key_warns_and_keeps_the_rest() {
    let loaded = parse("[ui]\nthme = \"night\"\nmouse = false\n").unwrap();
    assert!(!loaded.settings.ui.mouse);
    assert_eq!(
        loaded.warnings.to_string(),
        "config.toml:2: unknown key \"thme\" in [ui]; did you mean \"theme\"?"
    );
}

#[test]
fn an_unknown_key_at_an_endpoint_is_an_error() {
    let told = refusal("[partners.far]\nurl = \"https://x/\"\ntokn = \"env:T\"\n");
    assert!(told.contains("config.toml:3: unknown key \"tokn\" in [partners.far]"), "{told}");
    assert!(told.contains("did you mean \"token\"?"), "{told}");
    assert!(refusal("[policy]\nmodus = \"review\"\n").contains("config.toml:2"));
    assert!(refusal("[trackers.t]\nkind = \"local\"\nurl = \"x\"\n").contains("config.toml:3"));
}

#[test]
fn a_literal_secret_is_refused_and_never_repeated() {
    for literal in ["\"ghp_hunter2\"", "90210"] {
        let told = refusal(&format!("[partners.far]\nurl = \"https://x/\"\ntoken = {literal}\n"));
        assert!(
            told.contains("config.toml:3: partners.far.token: a secret is named by where"),
            "{told}"
        );
        assert!(told.contains("token = \"file:/path\""), "{told}");
        assert!(!told.contains("hunter2") && !told.contains("90210"), "{told}");
    }
    assert!(!refusal("[partners.far]\ntoken = ghp_hunter2\n").contains("hunter2"));
}

#[test]
fn every_syntax_error_is_told_with_its_line() {
    let notice = parse("[ui]\ntheme = \n[people]\nme == 1\n").unwrap_err();
    assert_eq!(notice.trouble, Trouble::Usage);
    assert!(notice.what.starts_with("config.toml:2:"), "{notice}");
    assert!(notice.detail.unwrap().contains("config.toml:4:"));
}

#[test]
fn a_partner_that_is_both_or_neither_is_refused_at_its_table() {
    assert!(refusal("\n[partners.x]\n").contains("config.toml:2: a partner needs a command"));
    let both = "[partners.x]\nurl = \"https://x/\"\ncommand = [\"x\"]\n";
    assert!(refusal(both).contains("not both"));
    assert!(refusal("[trackers.x]\nkind = \"otrs\"\n").contains("there are: local, github"));
}

#[test]
fn the_account_names_the_person_unless_the_settings_do() {
    let settings = Settings::default();
    let person = |user: &str| settings.person(&Environment::of([("USER", user)]));
    assert_eq!(person("ada").unwrap().actor.to_string(), "human:ada");
    assert!(person("a b").unwrap_err().hint.unwrap().contains("[people]"));
}

#[test]
fn a_door_is_on_this_machine_and_somebody_may_come_in() {
    let good = "[door]\nlisten = \"127.0.0.1:7420\"\ntoken = \"env:T\"\n";
    assert!(parse(good).unwrap().settings.door.token.is_some());
    assert!(refusal("[door]\nlisten = \"0.0.0.0:7420\"\ntoken = \"env:T\"\n").contains("alone"));
    assert!(refusal("[door]\nlisten = \"127.0.0.1:7420\"\n").contains("nobody may come in"));
    let hosts = |names: &str| format!("{good}hosts = [{names}]\n");
    assert!(parse(&hosts("\"hooks.example.org\", \"2001-db8\"")).is_ok());
    for odd in ["\"https://hooks\"", "\"hooks:443\"", "\"\"", "\"a b\"", "\"*.org\""] {
        assert!(refusal(&hosts(odd)).contains("no name of a host"), "{odd}");
    }
    let other = "[door.webhooks]\nlocall = \"env:T\"\n";
    assert!(refusal(other).contains("there is no tracker"));
    assert!(refusal("[door]\nlissten = \"127.0.0.1:1\"\n").contains("unknown key"));
}
