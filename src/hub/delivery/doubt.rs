//! Doubt that outlives its stage: what was parked or given up while nobody knew whether it had arrived.

use std::time::Duration;

use jiff::Timestamp;

use crate::journal::Owed;
use crate::wire::DeliveryStage;

/// When the absence of an entry that is owed again can be believed; `None` if nobody doubts that it is absent.
///
/// The stages are those that it went through, oldest first.
pub(super) fn settles_at(stages: &[Owed], settle: Duration) -> Option<Timestamp> {
    let mut was_parked = false;
    for Owed { delivery, at, .. } in stages.iter().rev() {
        match &delivery.stage {
            DeliveryStage::Ambiguous { settle_at } => return Some(*settle_at),
            // Parked right after it was sent, it was refused; given up, the answer was still to come.
            DeliveryStage::Sending { .. } if was_parked => return None,
            DeliveryStage::Sending { .. } => {
                return Some(at.checked_add(settle).unwrap_or(Timestamp::MAX));
            }
            DeliveryStage::Parked { .. } => was_parked = true,
            DeliveryStage::Dropped { .. } | DeliveryStage::Owed { retry_at: None, why: None } => {}
            DeliveryStage::Owed { .. } | DeliveryStage::Written { .. } => return None,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::EntryId;
    use crate::wire::Delivery;

    #[test]
    fn only_what_was_refused_or_looked_for_is_surely_absent() {
        let second = |at| Timestamp::from_second(at).unwrap();
        let owed =
            |why: Option<&str>| DeliveryStage::Owed { retry_at: None, why: why.map(str::to_owned) };
        let parked = || DeliveryStage::Parked { why: String::new() };
        let dropped = || DeliveryStage::Dropped { why: String::new() };
        let unclear = || DeliveryStage::Ambiguous { settle_at: second(7) };
        let doubted = |stages: Vec<DeliveryStage>| {
            let entry = EntryId::from_parts(second(0), 1);
            let owed = |stage| {
                let delivery = Delivery { entry, tracker: "local".to_owned(), stage };
                Owed { incident: entry.into(), delivery, at: second(1) }
            };
            let stages: Vec<Owed> = stages.into_iter().map(owed).collect();
            settles_at(&stages, Duration::from_secs(4)).map(Timestamp::as_second)
        };
        let sending = DeliveryStage::Sending { text: None };
        assert_eq!(doubted(vec![owed(None)]), None);
        assert_eq!(doubted(vec![owed(None), sending.clone(), parked(), owed(None)]), None);
        assert_eq!(doubted(vec![sending.clone(), unclear(), parked(), owed(None)]), Some(7));
        assert_eq!(doubted(vec![sending.clone(), unclear(), dropped(), owed(None)]), Some(7));
        assert_eq!(doubted(vec![sending.clone(), dropped(), owed(None)]), Some(5));
        assert_eq!(doubted(vec![sending.clone(), parked(), dropped(), owed(None)]), None);
        let absent = owed(Some("it did not arrive"));
        assert_eq!(doubted(vec![sending, unclear(), absent, dropped(), owed(None)]), None);
    }
}
