//! Tables of trackers, good and bad.

use std::collections::BTreeSet;

use toml::Table;

use super::{PagerdutyScheme, TrackerKind, TrackerPlace, Visibility};

fn read(text: &str) -> Result<TrackerPlace, String> {
    let table: Table = text.parse().unwrap();
    TrackerPlace::read(&table).map_err(|flaws| {
        let told: Vec<String> = flaws.iter().map(|flaw| format!("{flaw:?}")).collect();
        told.join("\n")
    })
}

#[test]
fn a_full_table_says_everything() {
    let place = read(
        r#"
        kind = "github"
        repository = "octo/hello.world"
        token = "env:TOKEN"
        labels = ["incident"]
        roles = ["alerts", "record"]
        verdicts = true
        visibility = "public"
        approvers = ["ada"]
        people = { ada = 583231, grace = "1024025" }
        agents = { primary = "9919" }
        "#,
    )
    .unwrap();
    let TrackerKind::Github { url, repository, .. } = &place.kind else { panic!("{place:?}") };
    assert_eq!(url, "https://api.github.com");
    assert_eq!(repository, &("octo".to_owned(), "hello.world".to_owned()));
    assert!(place.is_record() && place.verdicts && place.visibility == Visibility::Public);
    assert_eq!(place.accounts.people["583231"], "ada");
    assert_eq!(place.accounts.approvers, BTreeSet::from(["583231".to_owned()]));
    assert_eq!(place.accounts.agents["9919"], "primary");
}

#[test]
fn a_short_table_is_internal_and_decides_nothing() {
    let place = read("kind = \"github\"\nrepository = \"a/b\"\ntoken = \"env:T\"").unwrap();
    assert!(place.is_record() && !place.verdicts && place.visibility == Visibility::Internal);
    assert_eq!(read("kind = \"local\"").unwrap(), TrackerPlace::local());
}

#[test]
fn everything_that_is_wrong_is_told_at_once_with_a_way_on() {
    let told = read(
        r#"
        kind = "github"
        repository = "only-a-name"
        token = "ghp_0123456789abcdef"
        url = "http://tracker.example/api"
        reposetory = "a/b"
        roles = ["recrd"]
        visibility = "pubic"
        verdicts = "yes"
        people = { ada = "1" }
        approvers = ["adda"]
        "#,
    )
    .unwrap_err();
    for part in [
        "owner/name",
        "a secret is named by where it is kept",
        "https://",
        "repository\\\"",
        "did you mean \\\"record\\\"",
        "internal, public",
        "true or false",
        "did you mean \\\"ada\\\"",
    ] {
        assert!(told.contains(part), "{part} is missing:\n{told}");
    }
    assert!(!told.contains("ghp_"), "{told}");
}

#[test]
fn contradictions_are_refused() {
    let told = |text: &str| read(&format!("kind = \"local\"\n{text}")).unwrap_err();
    assert!(told("roles = [\"record\", \"read-only\"]").contains("not read-only"));
    let nowhere = told("roles = [\"read-only\"]\nverdicts = true");
    assert!(nowhere.contains("nobody decides where nothing is written"), "{nowhere}");
    assert!(told("people = { a = 1, b = 1 }").contains("two people"));
    assert!(told("people = { a = 1 }\nagents = { b = 1 }").contains("account of its own"));
    assert!(told("token = \"env:T\"").contains("unknown key"));
    assert!(read("kind = \"gitub\"").unwrap_err().contains("github"));
    assert!(read("repository = \"a/b\"").unwrap_err().contains("needs a kind"));
    let keyring = "kind = \"github\"\nrepository = \"a/b\"\ntoken = \"keyring:x/y\"";
    assert!(read(keyring).is_ok());
}

#[test]
fn every_kind_says_what_it_needs_and_what_holds_without_it() {
    for (kind, needs) in [
        ("pagerduty", ["service", "from", "token"]),
        ("servicenow", ["url", "user", "token"]),
        ("jira", ["url", "project", "token"]),
    ] {
        let told = read(&format!("kind = {kind:?}")).unwrap_err();
        let has = |key: &&str| told.contains(&format!("it needs a {key}"));
        assert!(needs.iter().all(has), "{kind}:\n{told}");
    }
    let jira = "kind = \"jira\"\nurl = \"https://a.example\"\nproject = \"OPS\"\ntoken = \"env:T\"";
    let TrackerKind::Jira { issue_type, email, .. } = read(jira).unwrap().kind else { panic!() };
    assert_eq!((issue_type.as_str(), email), ("Task", None));
    let scheme = "kind = \"servicenow\"\nurl = \"https://a.example\"\nuser = \"w\"\n\
                  token = \"env:T\"\nscheme = \"basic\"";
    assert!(read(scheme).unwrap_err().contains("password, bearer, api-key"));
    let pagerduty = |scheme: &str| {
        let own = "service = \"P1\"\nfrom = \"w@a.example\"\ntoken = \"env:T\"";
        read(&format!("kind = \"pagerduty\"\n{own}\n{scheme}"))
    };
    for (text, expected) in
        [("", PagerdutyScheme::ApiKey), ("scheme = \"bearer\"", PagerdutyScheme::Bearer)]
    {
        let TrackerKind::Pagerduty { scheme, .. } = pagerduty(text).unwrap().kind else { panic!() };
        assert_eq!(scheme, expected);
    }
    assert!(pagerduty("scheme = \"token\"").unwrap_err().contains("api-key, bearer"));
}

#[test]
fn a_login_where_an_id_belongs_is_told_with_where_the_id_is_found() {
    let kinds = [
        ("kind = \"github\"\nrepository = \"a/b\"", "583231", "api.github.com/users"),
        ("kind = \"pagerduty\"\nservice = \"P1\"\nfrom = \"a@b.c\"", "PABC123", "user's page"),
        (
            "kind = \"servicenow\"\nurl = \"https://a.example\"\nuser = \"w\"",
            "62826bf03710200044e0bfc8bcbe5df1",
            "sys_id",
        ),
        (
            "kind = \"jira\"\nurl = \"https://a.example\"\nproject = \"OPS\"",
            "712020:3d5a4f2e-0b1c-4d8e-9a77-5c1f0e2b6d43",
            "profile",
        ),
    ];
    for (kind, id, found) in kinds {
        let with = |key: &str, id: &str| {
            read(&format!("{kind}\ntoken = \"env:T\"\n{key} = {{ ada = {id:?} }}"))
        };
        for key in ["people", "agents"] {
            assert!(with(key, id).is_ok(), "{id}: {:?}", with(key, id));
            for login in ["ada", "ada.lovelace@example.com", "Ada Lovelace", "ada-lovelace"] {
                let told = with(key, login).unwrap_err();
                assert!(told.contains(found) && told.contains("a login is no id"), "{told}");
                assert!(told.contains(&format!("{login:?}").replace('"', "\\\"")), "{told}");
            }
        }
    }
    let jira = kinds[3].0;
    let classic =
        format!("{jira}\ntoken = \"env:T\"\npeople = {{ ada = \"5b10a2844c20165700ede21c\" }}");
    assert!(read(&classic).is_ok());
    assert!(read("kind = \"local\"\npeople = { ada = \"ada\" }").is_ok());
}
