//! A journal that holds one incident, with text in it that would like to act on a terminal.

use std::path::Path;

use jiff::Timestamp;
use serde_json::Value;

use wheelhouse::incident::{
    Alert, Ask, Basis, Body, CallId, Canonical, Digest, Effects, Entry, ExchangeEvent, Exchanged,
    Expectation, Finding, IncidentId, Outcome, Preview, Proposal, Remedy, Required, Risk, Severity,
    Target, Untrusted, Verification,
};
use wheelhouse::journal::{Journal, Record};

/// The moment at which the incident begins.
const BEGAN: i64 = 1_795_183_200;

/// The incident that is recorded.
pub(super) const INCIDENT: &str = "01M7WPH1G0000000000000000A";
/// The proposal that waits in it.
pub(super) const PROPOSAL: &str = "01M7WPH1G0000000000000000D";
/// What would act on a terminal if it were drawn as it is.
pub(super) const FORGED: &str = "\u{1b}]0;owned\u{7}\u{202e}live\u{9b}31m";

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(BEGAN + seconds).unwrap()
}

fn entry(id: &str, seconds: i64, actor: &str, body: Body, text: &str) -> Record {
    let entry = Entry {
        id: id.parse().unwrap(),
        incident: INCIDENT.parse().unwrap(),
        actor: actor.parse().unwrap(),
        at: at(seconds),
        first_seen: at(seconds),
        body,
        text: text.into(),
        refs: Vec::new(),
        origins: Vec::new(),
    };
    Record::Entry { entry: Box::new(entry), owed_to: vec!["local".into()], key: None }
}

fn alert() -> Body {
    Body::Alert(Alert {
        title: "checkout answers 40 % of requests with 5xx".into(),
        severity: Severity::Sev1,
        service: "checkout".into(),
        dedup_key: "checkout".into(),
        firing: true,
        labels: std::collections::BTreeMap::new(),
    })
}

fn proposal() -> Body {
    let remedy = Remedy {
        verb: "rollback".into(),
        target: Target {
            system: "deploy".into(),
            resource: "checkout".into(),
            environment: "production".into(),
        },
        args: Canonical::parse(r#"{"to":"r41"}"#).unwrap(),
        tool_schema: Digest::of("tool", &[b"rollback"]),
        preview: Preview::Diff { text: "-pool_max = 2\n+pool_max = 20\n".into() },
        effects: Effects { reversible: true, blast_radius: "every request".into(), downtime_s: 0 },
        rollback: Some("roll out r42 again".into()),
        verify: Verification {
            query: "error-ratio".into(),
            expect: Expectation::Below(0.05),
            after_s: 5,
            hold_s: 20,
        },
    };
    let ask = Ask::Action(Box::new(remedy));
    Body::Proposal(Box::new(Proposal {
        digest: ask.digest(),
        ask,
        title: "Roll back to r41".into(),
        rationale: Untrusted::from(format!("The pool shrank. {FORGED}")),
        evidence: vec!["01M7WPH1G0000000000000000B".parse().unwrap()],
        claimed_risk: Risk::Medium,
        risk: Risk::High,
        basis: Basis { rule: "risk-high".into(), text: "high risk needs one person".into() },
        required: Required {
            approvers: 1,
            roles: Vec::new(),
            not: vec!["agent:primary@eu1".parse().unwrap()],
            typed_target: true,
            break_glass: false,
        },
        respond_by: "2199-01-01T00:00:00Z".parse().unwrap(),
        expires: "2199-01-01T00:00:00Z".parse().unwrap(),
        supersedes: None,
    }))
}

fn exchanged(seconds: i64, what: Exchanged) -> Record {
    let incident: IncidentId = INCIDENT.parse().unwrap();
    Record::Exchanged(ExchangeEvent { incident, at: at(seconds), what })
}

/// Records one incident as a hub would.
pub(super) async fn record(dir: &Path) {
    let journal = Journal::open(dir).unwrap();
    let call = CallId::from_parts(at(3), 9);
    let started = Exchanged::CallStarted {
        call,
        from: "agent:primary@eu1".parse().unwrap(),
        to: "telemetry".into(),
        channel: "mcp stdio".into(),
        tool: "search_logs".into(),
        question: "Which errors are new?".into(),
        arguments: serde_json::json!({ "query": "level:error" }),
    };
    let outcome = Outcome::Answered {
        text: Untrusted::from(format!("pool exhausted {FORGED}")),
        structured: Value::Null,
    };
    let finding = Body::Finding(Finding { hypothesis: None, confidence_percent: Some(80) });
    let found = format!("The pool is exhausted. {FORGED}\nSecond line.");
    let records = vec![
        entry(INCIDENT, 0, "system:alertmanager", alert(), "Firing"),
        entry("01M7WPH1G0000000000000000B", 10, "agent:primary@eu1", finding, &found),
        entry("01M7WPH1G0000000000000000C", 20, "human:grace", Body::Comment, "Looking too."),
        entry(PROPOSAL, 30, "agent:primary@eu1", proposal(), "Roll back to r41"),
        exchanged(3, started),
        exchanged(4, Exchanged::CallEnded { call, outcome }),
    ];
    journal.append(records).await.unwrap();
}
