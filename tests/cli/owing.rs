//! `wheelhouse outbox`: what is parked is tried again, one row or all of them.

use serde_json::Value;
use wheelhouse::incident::EntryId;
use wheelhouse::journal::{Journal, Record};
use wheelhouse::wire::{Delivery, DeliveryStage};

use super::home::Home;
use super::recorded::{INCIDENT, PROPOSAL};

/// A home in which two entries are parked for `issues`, and one for `pager`.
fn home() -> Home {
    let home = Home::with_journal();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let journal = Journal::open(&home.journal_dir()).unwrap();
        let rows = [(INCIDENT, "issues"), (PROPOSAL, "issues"), (INCIDENT, "pager")];
        let records = rows.map(|(entry, tracker)| {
            let entry: EntryId = entry.parse().unwrap();
            let stage = DeliveryStage::Parked { why: "the token has expired".to_owned() };
            let delivery = Delivery { entry, tracker: tracker.to_owned(), stage };
            Record::Delivery { delivery, at: entry.minted_at() }
        });
        journal.append(records.to_vec()).await.unwrap();
    });
    home
}

fn parked(home: &Home) -> usize {
    let rows = home.run(&["outbox", "--json"]).results;
    let rows = rows.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    rows.filter(|row| row["stage"] == "parked").count()
}

#[test]
fn everything_that_is_parked_is_tried_again_at_once() {
    let home = home();
    assert_eq!(parked(&home), 3);
    let one = home.run(&["outbox", "retry", "--all", "--tracker", "pager"]);
    assert_eq!(one.code, Some(0), "{}", one.messages);
    let told = format!("✓ tried again by the next hub that runs {INCIDENT} to pager\n");
    assert_eq!((one.results, parked(&home)), (told, 2));
    let all = home.run(&["outbox", "retry", "--all", "--json"]);
    let rows = all.results.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let rows: Vec<Value> = rows.collect();
    let done = rows.iter().all(|row| row["type"] == "acted" && row["tracker"] == "issues");
    assert!(done && rows.len() == 2, "{rows:?}");
    let none = home.run(&["outbox", "retry", "--all"]);
    assert_eq!((none.code, none.results.as_str()), (Some(0), ""));
    assert!(none.messages.contains("nothing is parked"), "{}", none.messages);
}

#[test]
fn all_of_them_or_one_must_be_named() {
    let home = home();
    let ended = |arguments: &[&str]| home.run(&[&["outbox", "retry"], arguments].concat()).code;
    assert_eq!(ended(&[]), Some(2));
    assert_eq!(ended(&["3", "--all"]), Some(2));
    assert_eq!(ended(&["3", "--tracker", "issues"]), Some(2));
    assert_eq!(ended(&["--all", "--tracker", "nowhere"]), Some(3));
    assert_eq!(parked(&home), 3);
}
