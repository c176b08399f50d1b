//! The one clock of the process: real, running at another speed, or moved by hand in tests.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

/// Tells the time; cheap to clone, every clone tells the same.
///
/// A clock with a `speed` of 10 lets ten minutes pass in one, and [`Clock::sleep`] follows it, so that a
/// demonstration or a test runs faster without any deadline knowing about it.
#[derive(Debug, Clone)]
pub struct Clock(Arc<Source>);

#[derive(Debug)]
enum Source {
    Running { began: Beginning, speed: f64, slipped_ms: AtomicI64 },
    Held(watch::Sender<Held>),
}

/// When a clock began, by the two clocks of the system.
#[derive(Debug)]
struct Beginning {
    at: Timestamp,
    /// Never set, and stands still while the machine sleeps.
    steady: Instant,
    /// Set by people and by the network.
    wall: SystemTime,
}

/// A clock that is moved by hand.
#[derive(Debug)]
struct Held {
    now: Timestamp,
    slip: SignedDuration,
}

impl Held {
    /// What it would be without the jumps.
    fn steady(&self) -> Timestamp {
        self.now.checked_sub(self.slip).unwrap_or(self.now)
    }
}

/// How far the system's two clocks must come apart to count as a jump, in milliseconds.
const JUMP_MS: i64 = 60_000;

impl Clock {
    /// The wall clock.
    pub fn real() -> Self {
        Self::at_speed(1.0)
    }

    /// A clock that starts at the present and runs `speed` times as fast as the wall clock.
    ///
    /// A speed that is not positive and finite counts as 1.
    #[expect(clippy::disallowed_methods, reason = "this is the one clock")]
    pub fn at_speed(speed: f64) -> Self {
        let speed = if speed.is_finite() && speed > 0.0 { speed } else { 1.0 };
        let began = Timestamp::try_from(SystemTime::now()).unwrap_or(Timestamp::UNIX_EPOCH);
        let (steady, wall) = (Instant::now(), SystemTime::now());
        let began = Beginning { at: began, steady, wall };
        Self(Arc::new(Source::Running { began, speed, slipped_ms: AtomicI64::new(0) }))
    }

    /// A clock that stands still until [`Clock::advance`] moves it.
    pub fn held_at(now: Timestamp) -> Self {
        Self(Arc::new(Source::Held(watch::Sender::new(Held { now, slip: SignedDuration::ZERO }))))
    }

    /// The present.
    pub fn now(&self) -> Timestamp {
        match &*self.0 {
            Source::Running { began, speed, .. } => {
                let steady = began.steady.elapsed().as_secs_f64() * speed;
                let passed = SignedDuration::from_secs_f64(steady) + self.slip();
                began.at.checked_add(passed).unwrap_or(Timestamp::MAX)
            }
            Source::Held(held) => held.borrow().now,
        }
    }

    /// By how much, in all, the present jumped since this clock began: somebody set the system's clock, or the
    /// machine slept. Whatever had a time to be done by must be looked at anew when this changes.
    ///
    /// A clock that runs at another speed than the wall's does not jump.
    pub fn slip(&self) -> SignedDuration {
        match &*self.0 {
            Source::Running { began, speed, slipped_ms } => {
                let known = slipped_ms.load(Ordering::Relaxed);
                let is_wall = (speed - 1.0).abs() < f64::EPSILON;
                let slipped = if is_wall { followed(known, apart_ms(began)) } else { 0 };
                slipped_ms.store(slipped, Ordering::Relaxed);
                SignedDuration::from_millis(slipped)
            }
            Source::Held(held) => held.borrow().slip,
        }
    }

    /// Lets a held clock jump, as the system's does when it is set; a running clock is left alone.
    pub fn jump(&self, by: SignedDuration) {
        if let Source::Held(held) = &*self.0 {
            held.send_modify(|held| {
                held.now = held.now.checked_add(by).unwrap_or(Timestamp::MAX);
                held.slip += by;
            });
        }
    }

    /// Moves a held clock forward; a running clock is left alone.
    pub fn advance(&self, by: Duration) {
        if let Source::Held(held) = &*self.0 {
            held.send_modify(|held| {
                held.now = held.now.checked_add(by).unwrap_or(Timestamp::MAX);
            });
        }
    }

    /// How long `span` of this clock lasts on the wall.
    pub fn wall(&self, span: Duration) -> Duration {
        match &*self.0 {
            Source::Running { speed, .. } => span.div_f64(*speed),
            Source::Held(_) => span,
        }
    }

    /// Waits until `span` has passed on this clock; on one that is held, or on the wall. A jump wakes nobody.
    pub async fn sleep(&self, span: Duration) {
        let passed = tokio::time::sleep(self.wall(span));
        let Source::Held(held) = &*self.0 else { return passed.await };
        let mut moves = held.subscribe();
        let due = moves.borrow().steady().checked_add(span).unwrap_or(Timestamp::MAX);
        tokio::select! {
            () = passed => {}
            _moved = moves.wait_for(|held| held.steady() >= due) => {}
        }
    }
}

/// How far the clock that is set is ahead of the one that is not, in milliseconds.
#[expect(clippy::disallowed_methods, reason = "this is the one clock")]
fn apart_ms(began: &Beginning) -> i64 {
    let millis = |span: Duration| i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
    let wall = match SystemTime::now().duration_since(began.wall) {
        Ok(ahead) => millis(ahead),
        Err(behind) => -millis(behind.duration()),
    };
    wall.saturating_sub(millis(began.steady.elapsed()))
}

/// A small difference is how the network corrects a clock, and time never goes back for it; a large one is
/// followed at once.
fn followed(known_ms: i64, apart_ms: i64) -> i64 {
    if apart_ms.saturating_sub(known_ms).abs() > JUMP_MS { apart_ms } else { known_ms }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_held_clock_moves_only_by_hand() {
        let clock = Clock::held_at(Timestamp::UNIX_EPOCH);
        assert_eq!(clock.now(), Timestamp::UNIX_EPOCH);
        clock.clone().advance(Duration::from_secs(5));
        assert_eq!(clock.now().as_second(), 5);
    }

    #[tokio::test]
    async fn whoever_sleeps_by_a_held_clock_is_woken_by_hand() {
        let clock = Clock::held_at(Timestamp::UNIX_EPOCH);
        let sleeper = clock.clone();
        let sleep = tokio::spawn(async move { sleeper.sleep(Duration::from_hours(1)).await });
        for _ in 0..2 {
            tokio::task::yield_now().await;
            assert!(!sleep.is_finished());
            clock.jump(SignedDuration::from_hours(72));
            clock.advance(Duration::from_mins(30));
        }
        sleep.await.unwrap();
    }

    #[test]
    fn a_clock_follows_a_jump_and_no_correction() {
        assert_eq!(followed(0, 59_000), 0);
        assert_eq!(followed(0, 259_200_000), 259_200_000);
        assert_eq!(followed(259_200_000, 259_199_000), 259_200_000);
        assert_eq!(followed(259_200_000, -5), -5, "and back again");
        let held = Clock::held_at(Timestamp::UNIX_EPOCH);
        held.jump(SignedDuration::from_hours(72));
        assert_eq!((held.now().as_second(), held.slip().as_hours()), (259_200, 72));
        assert_eq!(Clock::real().slip(), SignedDuration::ZERO);
    }

    #[test]
    fn a_fast_clock_shortens_the_wait() {
        let clock = Clock::at_speed(10.0);
        assert_eq!(clock.wall(Duration::from_secs(10)), Duration::from_secs(1));
    }
}
