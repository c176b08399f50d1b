//! Reading a person's inputs as actions: the chord begun so far, and how quiet it was before.

use jiff::{SignedDuration, Timestamp};

use super::map::{Keymap, Meaning};
use crate::cockpit::core::{Context, Gesture, Input, Key, KeyStroke, Reading, Timed};

/// Keeps the chord that is begun and the moment of the last key or paste.
#[derive(Debug, Default)]
pub struct Reader {
    strokes: Vec<KeyStroke>,
    contexts: Vec<Context>,
    gesture: Option<Gesture>,
    last: Option<Timestamp>,
}

impl Reader {
    /// A reader that has heard nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// What `timed` means to someone in `contexts`, the innermost first.
    pub fn read(&mut self, keymap: &Keymap, contexts: &[Context], timed: Timed) -> Reading {
        let at = timed.at;
        match timed.input {
            Input::Key(stroke) => {
                let reading = self.read_key(keymap, contexts, stroke, at);
                self.last = Some(at);
                reading
            }
            paste @ Input::Paste { .. } => {
                self.forget();
                self.last = Some(at);
                Reading::Passed(paste)
            }
            other => Reading::Passed(other),
        }
    }

    /// Leaves the chord that is begun.
    pub fn forget(&mut self) {
        self.strokes.clear();
        self.gesture = None;
    }

    fn read_key(
        &mut self,
        keymap: &Keymap,
        contexts: &[Context],
        stroke: KeyStroke,
        at: Timestamp,
    ) -> Reading {
        // A chord belongs to the place it was begun in: what opens meanwhile must not complete it.
        if self.contexts != contexts {
            self.forget();
            self.contexts = contexts.to_vec();
        }
        let gesture = self.gesture_with(at);
        self.strokes.push(stroke);
        match keymap.meaning(contexts, &self.strokes) {
            Meaning::Action(action) => {
                self.forget();
                Reading::Asked { action, gesture }
            }
            Meaning::Begun(continuations) => {
                self.gesture = Some(gesture);
                Reading::Waiting(continuations)
            }
            Meaning::Nothing => self.leave(stroke),
        }
    }

    /// A stroke that leads nowhere ends the chord; alone, it is a text's.
    fn leave(&mut self, stroke: KeyStroke) -> Reading {
        let was_begun = self.strokes.len() > 1;
        self.forget();
        // Any key leaves a chord, and is spent on leaving it: it must not also act by itself.
        if was_begun || stroke.key() == Key::Esc {
            Reading::Abandoned
        } else {
            Reading::Typed(stroke)
        }
    }

    fn gesture_with(&self, at: Timestamp) -> Gesture {
        let since_last = self.last.map(|last| at.duration_since(last));
        match self.gesture {
            None => Gesture { began: at, at, quiet: since_last, pace: None },
            Some(begun) => Gesture { at, pace: shorter(begun.pace, since_last), ..begun },
        }
    }
}

fn shorter(one: Option<SignedDuration>, other: Option<SignedDuration>) -> Option<SignedDuration> {
    one.into_iter().chain(other).min()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cockpit::core::Action;
    use crate::cockpit::keymap::DEFAULT;

    const CARD: [Context; 2] = [Context::Card, Context::Anywhere];

    /// A person at the default keymap, whose every stroke comes a given time after the last.
    struct Hands {
        reader: Reader,
        keymap: Keymap,
        now: Timestamp,
    }

    impl Hands {
        fn new() -> Self {
            let keymap = Keymap::load(DEFAULT, None).unwrap();
            Self { reader: Reader::new(), keymap, now: Timestamp::UNIX_EPOCH }
        }

        fn input(&mut self, contexts: &[Context], after: i64, input: Input) -> Reading {
            self.now += SignedDuration::from_millis(after);
            self.reader.read(&self.keymap, contexts, Timed { at: self.now, input })
        }

        fn key(&mut self, contexts: &[Context], after: i64, sign: char) -> Reading {
            self.input(contexts, after, Input::Key(KeyStroke::plain(Key::Char(sign))))
        }
    }

    fn approved(reading: &Reading) -> Option<bool> {
        match reading {
            Reading::Asked { action: Action::Approve, gesture } => Some(gesture.is_deliberate()),
            _ => None,
        }
    }

    #[test]
    fn a_calm_chord_is_heard_as_deliberate() {
        let mut hands = Hands::new();
        hands.key(&CARD, 0, 'j');
        assert!(matches!(hands.key(&CARD, 900, 'a'), Reading::Waiting(_)));
        assert_eq!(approved(&hands.key(&CARD, 120, 'y')), Some(true));
    }

    #[test]
    fn bytes_after_a_forged_end_of_paste_are_not_deliberate() {
        let mut hands = Hands::new();
        hands.input(&CARD, 5000, Input::Paste { text: "log".into(), dropped: 0 });
        hands.key(&CARD, 0, 'a');
        assert_eq!(approved(&hands.key(&CARD, 0, 'y')), Some(false));
    }

    #[test]
    fn a_burst_without_brackets_is_not_deliberate() {
        let mut hands = Hands::new();
        hands.key(&CARD, 5000, 'a');
        assert_eq!(approved(&hands.key(&CARD, 1, 'y')), Some(false));
    }

    #[test]
    fn a_chord_begun_elsewhere_is_not_completed_on_the_card() {
        let mut hands = Hands::new();
        hands.key(&[Context::Replay, Context::Card], 900, 'a');
        assert_eq!(approved(&hands.key(&CARD, 100, 'y')), None);
    }

    #[test]
    fn a_paste_leaves_a_chord() {
        let mut hands = Hands::new();
        hands.key(&CARD, 900, 'a');
        hands.input(&CARD, 100, Input::Paste { text: "y".into(), dropped: 0 });
        assert_eq!(approved(&hands.key(&CARD, 100, 'y')), None);
    }

    #[test]
    fn the_key_that_leaves_a_chord_does_nothing_else() {
        let mut hands = Hands::new();
        hands.key(&CARD, 900, 'a');
        assert_eq!(hands.key(&CARD, 100, 'q'), Reading::Abandoned);
        let reading = hands.key(&CARD, 100, 'q');
        assert!(matches!(reading, Reading::Asked { action: Action::Close, .. }));
    }

    #[test]
    fn where_a_text_is_typed_letters_are_letters() {
        let mut hands = Hands::new();
        let typing = [Context::Composer, Context::Card, Context::Anywhere];
        for sign in "aquy".chars() {
            let stroke = KeyStroke::plain(Key::Char(sign));
            assert_eq!(hands.key(&typing, 90, sign), Reading::Typed(stroke));
        }
    }
}
