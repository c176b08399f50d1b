//! What was approved is claimed once, whatever races and crashes.

use super::support::{at, claim, comment, journal, proposal, record, remedy, step};
use crate::incident::{Digest, Entry, EntryId, Stage};
use crate::journal::{Claimed, Journal, JournalError, Record};

async fn claimed(journal: &Journal, entry: Entry) -> Result<Claimed, JournalError> {
    journal.claim(proposal(), remedy(), Record::entry(entry)).await
}

#[test]
fn of_a_thousand_claims_exactly_one_is_won() {
    let (dir, journal) = journal();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).build().unwrap();
    let claims = (0..1000_u128).map(|n| {
        let journal = journal.clone();
        let entry = Entry { id: EntryId::from_parts(at(1), n), ..claim(1) };
        runtime.spawn(async move { claimed(&journal, entry).await.unwrap() })
    });
    let claims: Vec<_> = claims.collect();
    let won = runtime.block_on(async {
        let mut won = 0;
        for claim in claims {
            match claim.await.unwrap() {
                Claimed::Won => won += 1,
                Claimed::Taken { at: when } => assert_eq!(when, at(1)),
            }
        }
        won
    });
    assert_eq!(won, 1);
    assert_eq!(journal.history().entries(None, None, 9).unwrap().entries.len(), 1);
    drop((runtime, journal));
    let journal = Journal::open(dir.path()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let again = runtime.block_on(claimed(&journal, claim(2))).unwrap();
    assert!(matches!(again, Claimed::Taken { .. }), "a restart gives no second permission");
}

#[tokio::test]
async fn a_claim_without_outcome_is_found_until_it_has_one() {
    let (_dir, journal) = journal();
    claimed(&journal, claim(1)).await.unwrap();
    assert_eq!(journal.history().claims_without_outcome().unwrap(), [proposal()]);
    let lost = step(2, Stage::Lost { detail: "the hub ended in between".into() });
    record(&journal, [lost]).await;
    assert!(journal.history().claims_without_outcome().unwrap().is_empty());
}

#[tokio::test]
async fn what_was_told_before_the_claim_is_no_outcome_of_it() {
    let (_dir, journal) = journal();
    let told = step(1, Stage::Lost { detail: "nobody had claimed it".into() });
    record(&journal, [told]).await;
    claimed(&journal, claim(2)).await.unwrap();
    assert_eq!(journal.history().claims_without_outcome().unwrap(), [proposal()]);
}

#[tokio::test]
async fn only_a_claim_claims() {
    let (_dir, journal) = journal();
    let entry = comment(1, "I claim this");
    let refused = Err(JournalError::NotAClaim { proposal: proposal() });
    assert_eq!(claimed(&journal, entry).await, refused);
    let other = Digest::of("test", &[b"something else"]);
    let record = Record::entry(claim(1));
    assert_eq!(journal.claim(proposal(), other, record).await, refused);
    assert!(journal.entries(None, None, 9).unwrap().entries.is_empty());
}

#[tokio::test]
async fn a_claim_recorded_as_an_ordinary_entry_gives_no_permission() {
    let (_dir, journal) = journal();
    record(&journal, [claim(1)]).await;
    let claimed = claimed(&journal, claim(1)).await;
    assert!(matches!(claimed, Err(JournalError::OtherContent { .. })), "{claimed:?}");
}
