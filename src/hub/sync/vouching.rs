//! How a text came about, asked before it decides: not by e-mail, not changed, and not by anybody else.

use super::reader::Reader;
use super::trouble::Trouble;
use super::watch::Watched;
use crate::trackers::{ItemId, Native, TrackerError, Vouched};

impl Reader {
    /// Asks the tracker how a text came about that is to decide something.
    ///
    /// `None` if that cannot be asked now: then neither this verdict counts yet nor any below it, so that no
    /// approval overtakes a denial, and the item is read again. Whatever else stands there is taken meanwhile;
    /// who decided before it was written may have to read it first.
    pub(super) async fn vouch(
        &self,
        (item, watched): (&ItemId, &mut Watched),
        natives: &[Native],
    ) -> Option<Vouched> {
        if watched.unvouched.is_some() {
            return None;
        }
        match self.vouched(natives).await {
            Ok(vouched) => Some(vouched),
            Err(error) => {
                watched.unvouched = Some(Trouble::Unvouched { item: item.clone(), error });
                None
            }
        }
    }

    async fn vouched(&self, natives: &[Native]) -> Result<Vouched, TrackerError> {
        let mut vouched = by_themselves(natives);
        for native in natives {
            if vouched != Vouched::FirstHand {
                break;
            }
            vouched = self.call(self.source.tracker.vouch(native)).await?;
        }
        Ok(vouched)
    }
}

/// How a text came about by what its parts say themselves.
pub(super) fn by_themselves(natives: &[Native]) -> Vouched {
    let mut each = natives.iter().map(Vouched::by);
    each.find(|vouched| *vouched != Vouched::FirstHand).unwrap_or(Vouched::FirstHand)
}
