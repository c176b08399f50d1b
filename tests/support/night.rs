//! One night with the `checkout` service, as a story for screens.

use jiff::Timestamp;
use serde_json::json;
use wheelhouse::cockpit::core::Action as Asks;
use wheelhouse::incident::{
    Action, Alert, Alike, Answer, Body, CallId, EntryId, Evidence, EvidenceSource, Exchanged,
    Finding, Handed, HandoffContext, HandoffResult, HandoffStep, Helped, Hypothesis,
    IncidentStatus, Precedent, Preview, ProposalId, Resolution, Risk, Sample, Settlement, Severity,
    Stage, Standing, Status, Verdict,
};
use wheelhouse::wire::DeliveryStage;

use super::story::{Asked, PRIMARY, Story, actor, moment};

const PARTNER: &str = "agent:telemetry@eu1";
const CHANGES: &str = "agent:changes@eu1";
const ON_CALL: &str = "human:on-call";
const HUB: &str = "system:wheelhouse";

/// The night so far: a first remedy did not help, a partner is asked, the next remedy waits.
pub(crate) fn checkout() -> Story {
    let mut story = Story::new("13:31:10");
    earlier(&mut story);
    alarm(&mut story);
    first_questions(&mut story);
    let restart = first_remedy(&mut story);
    did_not_help(&mut story, restart);
    handing_over(&mut story);
    let returned = handed_back(&mut story);
    second_remedy(&mut story, returned);
    still_asking(&mut story);
    story
}

/// The same night a little earlier: a part of it is with another agent, and can be redirected.
pub(crate) fn with_another() -> Story {
    let mut story = Story::new("14:00:10");
    alarm(&mut story);
    first_questions(&mut story);
    let restart = first_remedy(&mut story);
    did_not_help(&mut story, restart);
    handing_over(&mut story);
    story.at("14:04:41");
    story
}

/// An incident from before, over.
fn earlier(story: &mut Story) {
    story.written(
        "system:alertmanager",
        alert("p99 of POST /checkout above 1.5 s", Severity::Sev3),
        "p99 of POST /checkout is 1.9 s, the limit is 1.5 s.",
    );
    story.at("13:44:02");
    story.written(
        PRIMARY,
        Body::Resolution(Resolution {
            cause: "a burst of retries from one client".into(),
            by: None,
            verified: true,
        }),
        "A burst of retries from one client; p99 is back at 420 ms for five minutes.",
    );
}

fn alert(title: &str, severity: Severity) -> Body {
    Body::Alert(Alert {
        title: title.into(),
        severity,
        service: "checkout".into(),
        dedup_key: title.into(),
        firing: true,
        labels: std::collections::BTreeMap::new(),
    })
}

fn alarm(story: &mut Story) {
    story.at("14:01:40");
    story.written(
        "system:alertmanager",
        alert("18 % of checkout requests fail", Severity::Sev1),
        "18.2 % of POST /checkout answered 503 over the last minute; the limit is 2 %.",
    );
    for asks in [Asks::FocusIncidents, Asks::SelectFirst, Asks::FocusExchange] {
        story.presses(asks);
    }
    story.at("14:01:41");
    story.written(
        PRIMARY,
        Body::Status(Status::Incident { to: IncidentStatus::Investigating }),
        "I have it. First the errors, then where the time goes.",
    );
    story.says(
        PRIMARY,
        "The service answers its health check and its CPU is idle, yet 18 % of \
        requests fail after two seconds: it is waiting for something. I will ask what the errors \
        have in common.",
    );
}

fn first_questions(story: &mut Story) {
    story.at("14:01:46");
    let logs = story.calls(
        "telemetry",
        "search_logs",
        "Which errors dominate since 14:00, and what \
        do they have in common?",
        json!({ "query": "level:error service:checkout", "window": "10m", "top": 5 }),
    );
    story.at("14:01:47");
    story.progress(logs, 0.4, "read 9 200 of 23 000 lines");
    story.at("14:01:48");
    story.answers(
        logs,
        "3 signatures cover 98 % of 1 412 errors:\n\
        - 1 206 × timed out after 2 s waiting for a database connection\n\
        - 171 × client closed the request\n\
        - 35 × retry budget exhausted",
        json!({ "errors": 1412, "signatures": [
            { "count": 1206, "text": "timed out after 2 s waiting for a database connection" },
            { "count": 171, "text": "client closed the request" }] }),
    );
    story.at("14:01:55");
    let rate = story.calls(
        "telemetry",
        "query_metrics",
        "Since when does the pool have no free \
        connection, and did the traffic change?",
        json!({ "query": "checkout_pool_in_use", "window": "30m" }),
    );
    story.at("14:01:58");
    story.moved(Exchanged::CallRetried { call: rate, reason: "connection reset".into() });
    story.at("14:02:01");
    story.answers(
        rate,
        "In use went from 11 of 64 to 4 of 4 at 13:58:20 and stays there.\n\
        Traffic is flat at 42 requests a second.",
        json!({ "change_point": "13:58:20", "before": 64, "after": 4 }),
    );
    story.at("14:02:09");
    story.says(
        PRIMARY,
        "The pool of connections is full. Either something holds them, or there are too few.",
    );
    measured(story);
    let pool = story.written(
        PARTNER,
        metric(
            "checkout_pool_in_use{pod=~\"checkout-.*\"} 13:30–14:02",
            "connections in use",
            Some(rate),
            pool_in_use(),
        ),
        "Pool size fell from 64 to 4 at 13:58:20.",
    );
    story.rests_on(&[pool]);
    story.written(
        PRIMARY,
        finding("stuck-connections", STUCK, Standing::Strengthened, 70),
        "Requests time out waiting for a database connection: 1 206 of 1 412 errors. All 4 \
        connections of the pool have been in use since 13:58:20 while traffic is flat.",
    );
    story.rests_on(&[pool]);
    story.written(
        PRIMARY,
        finding("surge", SURGE, Standing::Weakened, 4),
        "Traffic is flat at 42 requests a second.",
    );
}

const STUCK: &str = "Connections are stuck, and requests wait for the few that are left";
const SURGE: &str = "More requests arrive than the pool was sized for";
const ROLLOUT: &str = "A configuration rollout shrank the connection pool";

fn finding(name: &str, claim: &str, standing: Standing, percent: u8) -> Body {
    Body::Finding(Finding {
        hypothesis: Some(Hypothesis { name: name.into(), claim: claim.into(), standing }),
        confidence_percent: Some(percent),
    })
}

fn metric(reference: &str, measures: &str, call: Option<CallId>, series: Vec<Sample>) -> Body {
    Body::Evidence(Evidence {
        source: EvidenceSource::Metric,
        reference: reference.into(),
        call,
        measures: Some(measures.into()),
        series,
    })
}

/// What the agent measures itself, up to now.
fn measured(story: &mut Story) {
    let failing = |at: Timestamp| if at < moment("13:58:20") { 0.4 } else { 18.0 };
    let slow = |at: Timestamp| if at < moment("13:58:20") { 0.31 } else { 2.0 };
    let (errors, p95) = (series(story, failing), series(story, slow));
    story.written(
        PRIMARY,
        metric("http_requests_total{status=~\"5..\"}", "requests that fail, in %", None, errors),
        "18 % of requests fail, from one moment to the next.",
    );
    story.entry(
        PRIMARY,
        metric("http_request_duration_seconds_bucket", "p95 latency in seconds", None, p95),
        "Those that fail do so after 2 s: a time-out.",
    );
}

/// A sample every twenty seconds since 13:50, a little uneven, as measurements are.
fn series(story: &Story, value: impl Fn(Timestamp) -> f64) -> Vec<Sample> {
    let start = moment("13:50:00");
    let steps = story.now().duration_since(start).as_secs() / 20;
    let sample = |step: i64| {
        let at = start + jiff::SignedDuration::from_secs(step * 20);
        let uneven = 1.0 + (step * 7 % 5 - 2) as f64 / 25.0;
        Sample { at, value: value(at) * uneven }
    };
    (0..=steps).map(sample).collect()
}

/// Eleven connections in use, then all four that are left.
fn pool_in_use() -> Vec<Sample> {
    let start = moment("13:50:20");
    let at = |minute: i64| start + jiff::SignedDuration::from_secs(minute * 40);
    let value = |minute: i64| if minute < 12 { 11.0 + (minute % 3) as f64 } else { 4.0 };
    (0..18).map(|minute| Sample { at: at(minute), value: value(minute) }).collect()
}

/// Asks for a restart and has it approved; returns the proposal.
fn first_remedy(story: &mut Story) -> ProposalId {
    story.at("14:02:20");
    let id = story.propose(&Asked {
        title: "Restart checkout to free stuck connections",
        rationale: "Connections may be held by requests that never end; a restart frees them.",
        verb: "restart",
        resource: "checkout",
        args: json!({ "grace_s": 10, "one_by_one": true }),
        preview: Preview::DryRun { text: "3 pods would restart one after the other".into() },
        risk: Risk::Medium,
        claimed: Risk::Medium,
        evidence: Vec::new(),
    });
    let digest = story.digest_of(id);
    story.at("14:02:52");
    let verdict = Verdict {
        proposal: id,
        digest,
        answer: Answer::Approve,
        acknowledged: Vec::new(),
        typed_target: None,
    };
    story.written(ON_CALL, Body::Verdict(verdict), "Approved: quick to try, and it hurts nobody.");
    let to = Settlement::Approved { by: vec![actor(ON_CALL)], digest, args: None };
    story.written(HUB, Body::Status(Status::Decision { proposal: id, to }), "1 of 1 approved.");
    id
}

fn did_not_help(story: &mut Story, id: ProposalId) {
    let digest = story.digest_of(id);
    story.at("14:02:53");
    story.written(PRIMARY, act(id, Stage::Claimed { digest }), "Claimed the restart of checkout.");
    story.at("14:03:21");
    story.written(
        PRIMARY,
        act(id, Stage::Executed { ok: true, output: "3 of 3 ready".into() }),
        "Restarted: 3 of 3 pods ready after 28 s.",
    );
    story.at("14:04:25");
    story.written(
        PRIMARY,
        act(id, Stage::Verified { helped: Helped::No, measured: "17.9 %".into() }),
        "It did not help: 17.9 % of requests still fail a minute later.",
    );
    measured(story);
    story.written(
        PRIMARY,
        finding("stuck-connections", STUCK, Standing::RuledOut, 0),
        "Fresh connections are as few as the old ones were: nothing was stuck.",
    );
}

fn act(proposal: ProposalId, stage: Stage) -> Body {
    Body::Action(Action { proposal, stage })
}

fn handing_over(story: &mut Story) {
    story.at("14:04:30");
    story.says(
        PRIMARY,
        "The restart changed nothing, so the connections are not stuck: there are \
        too few. Something set the pool to 4 at 13:58. I hand that question to those who see the \
        changes.",
    );
    let offered = HandoffStep::Offered { to: "changes".into(), context: Box::new(context(story)) };
    story.entry(PRIMARY, handed(offered), "What changed for checkout between 13:30 and 13:58:20?");
    story.at("14:04:33");
    story.written(CHANGES, handed(HandoffStep::Accepted), "Looking at deploys and configuration.");
}

/// The step of the one handoff of this night.
fn handed(step: HandoffStep) -> Body {
    let handoff = EntryId::from_parts(moment("14:04:30"), 4_242).into();
    Body::Handoff(Handed { handoff, step })
}

fn handed_back(story: &mut Story) -> EntryId {
    story.at("14:05:02");
    let result = HandoffResult {
        conclusion: "configuration r42 set pool.size to 4 at 13:58:20".into(),
        findings: vec!["r42 set pool.size = 4".into()],
        recommended: vec!["roll back to r41".into()],
        confidence_percent: 95,
        link: None,
    };
    story.written(
        CHANGES,
        handed(HandoffStep::Returned { result: Box::new(result) }),
        "Configuration r42 was rolled out at 13:58:20 and set pool.size from 64 to 4. Nothing else \
         changed in that hour.",
    )
}

fn context(story: &Story) -> HandoffContext {
    HandoffContext {
        version: 1,
        incident: story.incident.unwrap(),
        title: "18 % of checkout requests fail".into(),
        summary: "the pool has 4 connections since 13:58:20".into(),
        severity: Severity::Sev1,
        resources: vec!["checkout".into()],
        evidence: Vec::new(),
        tried: vec!["restart: did not help".into()],
        open_questions: vec!["who set the pool to 4".into()],
        question: "What changed for checkout between 13:30 and 13:58:20?".into(),
        constraints: vec!["read only".into()],
        path: vec!["primary@eu1".into()],
        return_to: "primary@eu1".into(),
    }
}

fn second_remedy(story: &mut Story, returned: EntryId) {
    story.at("14:05:10");
    let seen_late = moment("14:02:40");
    let late = story.late_entry(
        ON_CALL,
        Body::Comment,
        "Deploys are frozen since noon, but configuration rollouts are not.",
        seen_late,
    );
    story.stage(late, "pagerduty", DeliveryStage::Written { remote: "2417730012".into() });
    story.rests_on(&[returned]);
    let finding = story.written(
        PRIMARY,
        finding("config-rollout", ROLLOUT, Standing::Strengthened, 95),
        "Configuration r42 shrank the pool from 64 to 4 connections in the second in which the \
        errors began. That explains all of them.",
    );
    story.at("14:05:18");
    let id = story.propose(&Asked {
        title: "Roll the configuration of checkout back to r41",
        rationale: "r42 is the only change in the hour before, the moment fits to the second, and \
            the pool size in it explains every error. Rolling back restores 64 connections. I \
            measured nothing that speaks against it.",
        verb: "rollback",
        resource: "checkout/config",
        args: json!({ "to_revision": "r41", "restart": "rolling", "reason": "pool.size 4 exhausts connections" }),
        preview: Preview::Diff { text: "--- checkout/config r42\n+++ checkout/config r41\n@@ pool @@\n \
            [pool]\n-size = 4\n+size = 64\n timeout_ms = 2000".into() },
        risk: Risk::High,
        claimed: Risk::Medium,
        evidence: vec![finding],
    });
    let why = Some("pagerduty answered 502".into());
    let retry_at = Some(moment("14:07:30"));
    story.stage(id.into(), "github", DeliveryStage::Written { remote: "31".into() });
    story.stage(id.into(), "pagerduty", DeliveryStage::Owed { retry_at, why });
}

fn still_asking(story: &mut Story) {
    story.at("14:06:12");
    story.says(
        PRIMARY,
        "While this waits for a person I check that nothing else would keep the \
        errors up.",
    );
    story.at("14:06:20");
    let spans = story.calls(
        "telemetry",
        "analyse_spans",
        "Is there any slow operation on the \
        critical path of POST /checkout besides waiting for a connection?",
        json!({ "operation": "POST /checkout", "window": "10m" }),
    );
    story.at("14:06:24");
    story.progress(spans, 0.25, "read 5 800 of 23 000 spans");
    for poll in ["14:06:26", "14:06:29"] {
        story.at(poll);
        story.moved(Exchanged::CallPolled { call: spans });
    }
    story.at("14:06:31");
    story.progress(spans, 0.62, "read 14 300 of 23 000 spans");
    story.at("14:06:34");
}

/// What the hub remembers of earlier nights.
pub(crate) fn before() -> Vec<Precedent> {
    let earlier = |n: u128, alike, outcome: &str, reason: Option<&str>| Precedent {
        proposal: EntryId::from_parts(moment("09:12:00"), n).into(),
        incident: EntryId::from_parts(moment("09:10:00"), n).into(),
        incident_title: "checkout answers slowly after a rollout".into(),
        at: moment("09:12:00"),
        alike,
        verb: "rollback".into(),
        resource: "checkout/config".into(),
        outcome: outcome.into(),
        by: vec![actor("human:commander")],
        reason: reason.map(Into::into),
    };
    vec![
        earlier(1, Alike::Both, "verified", None),
        earlier(2, Alike::Both, "denied", Some("r41 has the old certificate: roll forward")),
    ]
}
