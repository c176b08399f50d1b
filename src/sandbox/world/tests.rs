//! The whole world under test: it breaks by itself, and the remedies do what they say.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Handle;
use tokio::sync::mpsc::Receiver;
use tokio::time::timeout;

use super::network::client;
use super::telemetry::{LOGS, METRICS, SPANS};
use super::{AlertRule, Physics, Plan, World, WorldError};
use crate::settings::Clock;

const TOKEN: &str = "operator";
/// Longer than anything here takes, on the wall.
const DEADLINE: Duration = Duration::from_secs(30);
/// How often a condition is looked at again, on the wall.
const GLANCE: Duration = Duration::from_millis(20);
/// A pool that carries whatever comes at once.
const AMPLE: usize = 200;

/// A world and a client to look at it.
struct Stage {
    world: World,
    alerts: Receiver<Value>,
    client: reqwest::Client,
    dir: TempDir,
}

impl Stage {
    /// A world at speed 5 that breaks after twenty of its seconds.
    ///
    /// A third of the orders, each three times as slow: the pool of two is as much too small as with
    /// the defaults, and a machine busy with other tests does not look like a fault. Nor does one that
    /// stands still for seconds: every order that is due after that finds a connection.
    async fn faulty() -> Self {
        let physics = Physics { median: Duration::from_millis(330), ..Physics::default() };
        let alert = AlertRule { pending: Duration::from_secs(5), ..AlertRule::default() };
        Self::open(|plan| Plan {
            clock: Clock::at_speed(5.0),
            load_rps: 8.0,
            pool_max: AMPLE,
            fault_after: Duration::from_secs(20),
            physics,
            alert,
            ..plan
        })
        .await
    }

    /// A world in which nothing happens while a test looks.
    async fn calm() -> Self {
        Self::open(|plan| Plan { fault_after: Duration::MAX, ..plan }).await
    }

    async fn open(planned: impl FnOnce(Plan) -> Plan) -> Self {
        let dir = TempDir::new().expect("a directory");
        let plan = planned(Plan::new(dir.path(), 7, Clock::real(), TOKEN));
        let mut world = World::start(plan).await.expect("a world");
        let alerts = world.take_alerts().expect("the only taker");
        Self { world, alerts, client: client(DEADLINE).expect("a client"), dir }
    }

    /// The next alert; it has to be of `status`.
    async fn alert(&mut self, status: &str) -> Value {
        let alert = timeout(DEADLINE, self.alerts.recv()).await;
        let alert = alert.expect("an alert in time").expect("a living world");
        assert_eq!(alert["status"], status, "{alert}");
        alert
    }

    async fn admin(&self, path: &str, body: &Value) -> (u16, Value) {
        let url = format!("{}/admin/{path}", self.world.admin_url());
        let call = self.client.post(url).bearer_auth(TOKEN).json(body);
        let answer = call.send().await.expect("an answer");
        (answer.status().as_u16(), answer.json().await.expect("JSON"))
    }

    async fn act(&self, path: &str, body: Value) -> Value {
        let (status, effect) = self.admin(path, &body).await;
        assert_eq!(status, 200, "{effect}");
        effect
    }

    async fn state(&self) -> Value {
        let url = format!("{}/admin/config", self.world.admin_url());
        let answer = self.client.get(url).bearer_auth(TOKEN).send().await.expect("an answer");
        answer.json().await.expect("JSON")
    }

    /// The sum of a metric's samples whose line contains `label`, or nothing while `checkout` is
    /// down.
    async fn metric(&self, name: &str, label: &str) -> Option<f64> {
        let answer = self.client.get(format!("{}/metrics", self.world.url())).send().await.ok()?;
        let text = answer.text().await.ok()?;
        let samples = text.lines().filter(|line| line.starts_with(name) && line.contains(label));
        Some(samples.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum())
    }

    /// The share of failed answers of the running process, once it has answered `least`.
    async fn failed_share(&self, least: f64) -> f64 {
        let wait = async {
            loop {
                let all = self.metric("http_requests_total", "").await.unwrap_or_default();
                let failed = self.metric("http_requests_total", "status=\"5").await;
                if let (true, Some(failed)) = (all >= least, failed) {
                    return failed / all;
                }
                tokio::time::sleep(GLANCE).await;
            }
        };
        timeout(DEADLINE, wait).await.expect("enough answers in time")
    }
}

fn lines(dir: &Path, name: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(dir.join(name)).expect("a file");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

async fn all_tasks_ended() {
    let wait = async {
        while Handle::current().metrics().num_alive_tasks() > 0 {
            tokio::time::sleep(GLANCE).await;
        }
    };
    timeout(DEADLINE, wait).await.expect("no task left behind");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_fault_raises_the_alert_and_only_the_right_remedies_end_it() {
    let mut stage = Stage::faulty().await;
    let alert = stage.alert("firing").await;
    assert_eq!(alert["version"], "4");
    assert_eq!(alert["commonLabels"]["alertname"], "CheckoutErrorRateHigh");
    assert_eq!(alert["alerts"][0]["fingerprint"].as_str().map(str::len), Some(16));
    assert_eq!(stage.state().await["in_force"]["pool"]["max"], 2);

    let effect = stage.act("restart", json!({})).await;
    assert_eq!(effect["downtime"], true);
    assert!(stage.failed_share(60.0).await > 0.05, "a restart reloads the bad configuration");

    stage.act("scale", json!({ "pool_max": 20 })).await;
    stage.alert("resolved").await;
    stage.act("restart", json!({})).await;
    stage.alert("firing").await;
    let effect = stage.act("rollback", json!({ "to": "r41" })).await;
    assert_eq!(effect["diff"], json!([{ "key": "pool.max", "from": 2, "to": AMPLE }]));
    stage.alert("resolved").await;

    let Stage { world, client, dir, .. } = stage;
    drop(client);
    timeout(DEADLINE, world.shutdown()).await.expect("an end");
    all_tasks_ended().await;
    telemetry_tells_the_story(dir.path());
}

fn telemetry_tells_the_story(dir: &Path) {
    let changes = lines(dir, "changes.ndjson");
    let kinds: Vec<_> = changes.iter().filter_map(|change| change["kind"].as_str()).collect();
    let expected = ["deploy", "rollout", "rollout", "restart", "scale", "restart", "rollback"];
    assert_eq!(kinds, expected);
    assert_eq!(changes[2]["diff"], json!([{ "key": "pool.max", "from": AMPLE, "to": 2 }]));

    let logs = lines(dir, LOGS);
    let levels: BTreeSet<_> = logs.iter().filter_map(|line| line["level"].as_str()).collect();
    assert_eq!(levels, BTreeSet::from(["error", "info", "warn"]));
    let statuses: Vec<_> = logs
        .iter()
        .take_while(|line| line["fields"]["config"]["revision"] != "r42")
        .filter_map(|line| line["fields"]["status"].as_u64())
        .collect();
    let failed = statuses.iter().filter(|status| **status >= 500).count();
    assert!(statuses.len() > 20 && failed * 20 < statuses.len(), "healthy at first: {statuses:?}");
    let exhausted = |line: &&Value| {
        line["message"]
            .as_str()
            .is_some_and(|m| m.contains("timed out") && m.contains("pool max 2"))
    };
    assert!(logs.iter().filter(exhausted).count() > 20);

    let spans = lines(dir, SPANS);
    let names: BTreeSet<_> = spans
        .iter()
        .filter_map(|line| line["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array())
        .flatten()
        .filter_map(|span| span["name"].as_str())
        .collect();
    let expected = ["POST /charge", "POST /checkout", "ledger.charge", "pool.acquire"];
    assert_eq!(names, BTreeSet::from(expected));

    let metrics = std::fs::read_to_string(dir.join(METRICS)).expect("a file");
    for line in metrics.lines().filter(|line| !line.starts_with('#')) {
        let numbers: Vec<_> = line.rsplitn(3, ' ').take(2).map(str::parse::<f64>).collect();
        assert!(numbers.iter().all(Result::is_ok), "{line}");
    }
    assert!(!metrics.contains("# EOF"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dry_run_says_what_would_change_and_changes_nothing() {
    let stage = Stage::calm().await;
    stage.act("scale", json!({ "pool_max": 9 })).await;
    let configured = |state: Value| (state["configured"].clone(), state["in_force"].clone());
    let before = configured(stage.state().await);
    let effect = stage.act("scale?dry_run=true", json!({ "pool_max": 30 })).await;
    assert_eq!(effect["dry_run"], true);
    assert_eq!(effect["diff"], json!([{ "key": "pool.max", "from": 9, "to": 30 }]));
    stage.act("rollback?dry_run=true", json!({ "to": "r40" })).await;
    let effect = stage.act("restart?dry_run=true", json!({})).await;
    assert_eq!(effect["diff"][0]["to"], 20, "a restart undoes the scaling: {effect}");
    assert_eq!(configured(stage.state().await), before);
    assert_eq!(lines(stage.dir.path(), "changes.ndjson").len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_operates_the_world_without_the_token_or_out_of_range() {
    let stage = Stage::calm().await;
    let url = format!("{}/admin/scale", stage.world.admin_url());
    let call = stage.client.post(url).bearer_auth("guess").json(&json!({ "pool_max": 1 }));
    assert_eq!(call.send().await.expect("an answer").status().as_u16(), 401);
    for (path, body) in [
        ("rollback", json!({ "to": "r99" })),
        ("rollback", json!({ "to": "../changes" })),
        ("scale", json!({ "pool_max": 0 })),
        ("scale", json!({ "pool_max": 2, "force": true })),
    ] {
        let (status, answer) = stage.admin(path, &body).await;
        assert_eq!(status, 422, "{body}: {answer}");
    }
    assert_eq!(stage.state().await["in_force"]["pool"]["max"], 20);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dropped_world_leaves_no_task_behind() {
    let Stage { world, client, dir, .. } = Stage::calm().await;
    drop(client);
    let busy = async {
        while world.tally().served < 10 {
            tokio::time::sleep(GLANCE).await;
        }
    };
    timeout(DEADLINE, busy).await.expect("orders");
    drop(world);
    all_tasks_ended().await;
    assert!(!lines(dir.path(), LOGS).is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_world_refuses_the_directory_of_another() {
    let stage = Stage::calm().await;
    let plan = Plan::new(stage.dir.path(), 1, Clock::real(), TOKEN);
    assert!(matches!(World::start(plan).await, Err(WorldError::Occupied(_))));
}
