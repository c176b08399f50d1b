//! What was moved or removed: told from a tracker that has moved as a whole.

use super::peer::Peer;
use crate::trackers::TrackerError;
use crate::trackers::transport::Request;

#[tokio::test]
async fn a_thing_that_has_moved_is_not_there_and_a_tracker_that_has_moved_is_for_a_person() {
    let peer = Peer::saying("301 Moved", "location: /elsewhere\r\n", "{}").await;
    let (transport, asked) = (peer.transport().await, Request::get(&["things", "7"]));
    let moved = transport.read(&asked).await;
    assert!(matches!(moved, Err(TrackerError::Refused { .. })), "{moved:?}");
    let gone = transport.read(&asked.of_one_thing()).await;
    let what = "GET things/7".to_owned();
    assert_eq!(gone.unwrap_err(), TrackerError::NotFound { what });
    let passing = Peer::saying("307 Elsewhere", "location: /elsewhere\r\n", "{}").await;
    let asked = Request::get(&["things", "7"]).of_one_thing();
    let read = passing.transport().await.read(&asked).await;
    assert!(matches!(read, Err(TrackerError::Refused { .. })), "{read:?}");
}
