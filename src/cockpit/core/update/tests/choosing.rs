//! Finding things by name: the palette, mentions, links, bookmarks, and what was written before.

use crate::cockpit::core::fixture::{Desk, alert, comment, entry_id, incident};
use crate::cockpit::core::{
    Action, Chosen, Context, Continuation, Effect, Key, KeyStroke, Looks, Message, Overlay,
    Palette, Pane, Reading, Remembered,
};
use crate::incident::Risk;
use crate::wire::Command;

fn palette(desk: &Desk) -> &Palette {
    let Overlay::Palette(palette) = desk.top() else { panic!("{:?}", desk.top()) };
    palette
}

fn chooses(desk: &mut Desk, text: &str) -> Vec<Effect> {
    desk.press(Action::Palette);
    desk.types(text);
    desk.press(Action::Open)
}

fn written(desk: &Desk) -> String {
    let Overlay::Composer(composer) = desk.top() else { panic!("{:?}", desk.top()) };
    composer.field.text()
}

#[test]
fn a_few_letters_find_an_action_and_return_asks_for_it() {
    let mut desk = Desk::live();
    chooses(&mut desk, "go decisions");
    assert!(desk.model.overlays.is_empty());
    assert_eq!(desk.model.focus, Pane::Decisions);
}

#[test]
fn the_palette_offers_what_is_valid_where_the_person_is() {
    let offers = |desk: &Desk, action| {
        palette(desk).offered.iter().any(|offer| offer.choice == Chosen::Action(action))
    };
    let mut desk = Desk::reading(Risk::Medium);
    desk.press(Action::Palette);
    assert!(offers(&desk, Action::Deny) && !offers(&desk, Action::Bookmark));
    desk.press(Action::Close);
    desk.press(Action::Close);
    desk.press(Action::FocusTimeline);
    desk.press(Action::Palette);
    assert!(!offers(&desk, Action::Deny) && offers(&desk, Action::Bookmark));
    assert!(palette(&desk).offered.iter().any(|it| it.choice == Chosen::Incident(incident())));
}

#[test]
fn nothing_grave_is_done_from_the_palette() {
    for text in ["approve exactly", "take the work", "change the arguments"] {
        let mut desk = Desk::reading(Risk::Medium);
        chooses(&mut desk, text);
        desk.wait(10_000);
        assert!(desk.model.acts.is_empty(), "{text}");
        assert!(matches!(desk.top(), Overlay::Card(_)), "{text}");
        assert!(desk.sent().is_empty());
    }
    let mut desk = Desk::live();
    chooses(&mut desk, "park every action");
    assert!(matches!(desk.top(), Overlay::Composer(_)), "its gesture begins");
}

#[test]
fn a_paste_into_the_palette_is_text() {
    let mut desk = Desk::live();
    desk.press(Action::Palette);
    desk.pastes("quit\r");
    assert_eq!(palette(&desk).field.text(), "quit");
    assert!(!desk.effects.contains(&Effect::Quit));
}

#[test]
fn a_begun_chord_is_explained_after_a_while_and_escape_leaves_it() {
    let mut desk = Desk::live();
    let next = KeyStroke::plain(Key::Char('g'));
    let waiting = vec![Continuation { stroke: next, action: Some(Action::SelectFirst) }];
    let at = crate::cockpit::core::fixture::ms(desk.at);
    let effects = desk.tell(Message::Pressed { at, reading: Reading::Waiting(waiting) });
    assert!(desk.model.which_key().is_empty());
    let due = crate::cockpit::core::fixture::ms(desk.at + 300);
    assert!(effects.contains(&Effect::WakeAt(due)), "{effects:?}");
    desk.wait(300);
    assert_eq!(desk.model.which_key().len(), 1);
    let at = crate::cockpit::core::fixture::ms(desk.at);
    desk.tell(Message::Pressed { at, reading: Reading::Abandoned });
    assert!(desk.model.which_key().is_empty());
}

#[test]
fn an_agent_is_named_by_a_few_letters() {
    let mut desk = Desk::live();
    desk.arrives(comment(2, "agent:primary@demo", "measuring"));
    desk.press(Action::Comment);
    desk.types("ask @pri");
    desk.press(Action::FocusNext);
    desk.types("now");
    assert_eq!(written(&desk), "ask @agent:primary@demo now");
}

#[test]
fn an_entry_that_is_named_is_what_the_comment_rests_on() {
    let mut desk = Desk::live();
    desk.arrives(comment(2, "agent:primary@demo", "the pool is exhausted"));
    desk.press(Action::Comment);
    desk.types("see @exhausted");
    desk.key(Key::Enter);
    assert_eq!(written(&desk), format!("see @{} ", entry_id(2)));
    desk.wait(1000);
    desk.press(Action::Send);
    desk.wait(5000);
    let sent = desk.sent();
    let [Command::Post { draft }] = sent[..] else { panic!("{sent:?}") };
    assert_eq!(draft.refs, [entry_id(2)]);
}

#[test]
fn escape_stops_naming_before_it_stops_writing() {
    let mut desk = Desk::live();
    desk.arrives(comment(2, "agent:primary@demo", "measuring"));
    desk.press(Action::Comment);
    desk.types("@");
    desk.press(Action::Cancel);
    assert_eq!(written(&desk), "@");
    desk.press(Action::Cancel);
    assert!(desk.model.overlays.is_empty());
}

#[test]
fn what_was_sent_comes_back_and_what_stood_there_is_not_lost() {
    let mut desk = Desk::live();
    for text in ["first", "second"] {
        desk.press(Action::Comment);
        desk.types(text);
        desk.wait(1000);
        desk.press(Action::Send);
    }
    desk.press(Action::Comment);
    desk.types("third");
    for (action, expected) in [
        (Action::HistoryPrevious, "second"),
        (Action::HistoryPrevious, "first"),
        (Action::HistoryPrevious, "first"),
        (Action::HistoryNext, "second"),
        (Action::HistoryNext, "third"),
    ] {
        desk.press(action);
        assert_eq!(written(&desk), expected);
    }
    let kept = desk.effects.iter().rev().find_map(|effect| match effect {
        Effect::Remember(remembered) => Some(remembered.written.clone()),
        _ => None,
    });
    assert_eq!(kept.unwrap(), ["first", "second"]);
}

#[test]
fn in_a_text_of_several_rows_the_arrows_move_before_they_bring_back() {
    let mut desk = Desk::live();
    desk.tell(Message::Remembered(Remembered {
        written: vec!["old".into()],
        ..Remembered::default()
    }));
    desk.press(Action::Comment);
    desk.types("one");
    desk.key(Key::Enter);
    desk.types("two");
    desk.press(Action::HistoryPrevious);
    assert_eq!(written(&desk), "one\ntwo");
    desk.press(Action::HistoryPrevious);
    assert_eq!(written(&desk), "old");
}

#[test]
fn a_preview_goes_with_the_next_key() {
    let mut desk = Desk::live();
    desk.press(Action::Comment);
    desk.types("so");
    desk.press(Action::Preview);
    let looks = |desk: &Desk| match desk.top() {
        Overlay::Composer(composer) => composer.looks,
        other => panic!("{other:?}"),
    };
    assert_eq!(looks(&desk), Looks::Preview);
    desk.types("!");
    assert_eq!(looks(&desk), Looks::Source);
}

#[test]
fn a_link_is_opened_at_once_and_several_are_asked_about() {
    let mut desk = Desk::live();
    desk.arrives(comment(2, "human:bo", "see https://one.example/a"));
    desk.press(Action::FocusTimeline);
    desk.press(Action::SelectLast);
    let effects = desk.press(Action::OpenLink);
    assert!(effects.contains(&Effect::OpenLink("https://one.example/a".to_owned())));
    desk.arrives(comment(3, "human:bo", "https://one.example and https://two.example"));
    desk.press(Action::SelectLast);
    desk.press(Action::OpenLink);
    assert_eq!(palette(&desk).offered.len(), 2);
    desk.types("two");
    let effects = desk.press(Action::Open);
    assert!(effects.contains(&Effect::OpenLink("https://two.example".to_owned())));
}

#[test]
fn a_marked_entry_is_found_again() {
    let mut desk = Desk::live();
    desk.arrives(comment(2, "human:bo", "the pool is exhausted"));
    desk.arrives(comment(3, "human:bo", "later"));
    desk.press(Action::FocusTimeline);
    desk.press(Action::SelectLast);
    desk.press(Action::SelectPrevious);
    let effects = desk.press(Action::Bookmark);
    assert!(matches!(effects[0], Effect::Remember(_)));
    desk.press(Action::SelectLast);
    desk.press(Action::BookmarkNext);
    let selected = |desk: &Desk| desk.model.current().unwrap().at_entry.selected();
    assert_eq!(selected(&desk), Some(entry_id(2)));
    desk.press(Action::SelectLast);
    chooses(&mut desk, "bookmark pool");
    assert_eq!(selected(&desk), Some(entry_id(2)));
}

#[test]
fn a_search_that_was_kept_is_asked_again_from_the_palette() {
    let mut desk = Desk::empty();
    desk.arrives(alert());
    desk.press(Action::Search);
    desk.types("pool");
    desk.press(Action::SaveSearch);
    desk.press(Action::Cancel);
    let before = desk.sent().len();
    chooses(&mut desk, "search pool");
    assert_eq!(desk.model.context(), Context::Search);
    assert_eq!(desk.sent().len(), before + 1);
}
