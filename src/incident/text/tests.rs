//! What showing promises: nothing acts, nothing vanishes, everything is bounded.

use proptest::prelude::*;
use unicode_segmentation::UnicodeSegmentation;

use super::marks::{EMOJI_STACK, is_hidden};
use super::show::{show, unshow};
use super::{Blanks, Lines, Manner, Safe};

fn exact(raw: &str) -> String {
    show(raw, &Manner::EXACT.uncut()).to_string()
}

/// Text in which almost every scalar is out to deceive.
fn hostile() -> impl Strategy<Value = String> {
    let scalar = prop_oneof![
        4 => prop::sample::select(vec![
            '⟨', '⟩', '×', 'U', '+', '0', '␛', '␊', '␡', '␉', '\n', '\r', '\t', '\u{1b}', '\u{7f}',
            '\u{9b}', '\u{202e}', '\u{2066}', '\u{200b}', '\u{200d}', '\u{fe0f}', '\u{feff}',
            '\u{301}', '\u{20e3}', '\u{e0041}', '\u{3164}', '\u{a0}', '\u{2028}', '\u{e000}',
            '\u{1f468}', '\u{1f3fd}', '\u{1f1e9}', '\u{1100}', '\u{1161}', '\u{600}', '#', '1', '👩',
            '\u{fffe}', '\u{fffd}', '\u{0e33}', '\u{093f}', '\u{94d}', '\u{915}',
        ]),
        1 => any::<char>(),
        1 => prop::char::range(' ', '~'),
    ];
    let run = (scalar, prop_oneof![8 => Just(1_usize), 1 => 2_usize..40]);
    prop::collection::vec(run, 0..60)
        .prop_map(|runs| runs.iter().flat_map(|&(c, n)| std::iter::repeat_n(c, n)).collect())
}

fn manner() -> impl Strategy<Value = Manner> {
    let lines = prop_oneof![Just(Lines::One), Just(Lines::Many)];
    let blanks = prop_oneof![Just(Blanks::Plain), Just(Blanks::Marked)];
    let cap = prop_oneof![Just(usize::MAX), 0_usize..80];
    (lines, blanks, cap).prop_map(|(lines, blanks, cap)| Manner { lines, blanks, cap })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn what_was_shown_exactly_can_be_read_back(raw in hostile(), lines in manner()) {
        let manner = Manner { blanks: Blanks::Marked, ..lines }.uncut();
        prop_assert_eq!(unshow(&show(&raw, &manner)), Some(raw));
    }

    #[test]
    fn any_text_can_be_read_back(raw in any::<String>()) {
        prop_assert_eq!(unshow(&show(&raw, &Manner::EXACT.uncut())), Some(raw));
    }

    #[test]
    fn two_different_texts_never_look_the_same(one in hostile(), other in hostile()) {
        prop_assert_eq!(one == other, exact(&one) == exact(&other));
    }

    #[test]
    fn nothing_shown_acts_on_a_terminal(raw in hostile(), manner in manner()) {
        let shown = show(&raw, &manner);
        for c in shown.chars() {
            let kept = (c == '\n' && manner.lines == Lines::Many) || matches!(c, '\u{200d}' | '\u{fe0f}');
            prop_assert!(kept || !is_hidden(c), "{:?} in {:?}", c, shown.as_str());
        }
    }

    #[test]
    fn no_cell_grows_beyond_its_stack(raw in hostile(), manner in manner()) {
        for cluster in show(&raw, &manner).graphemes(true) {
            prop_assert!(cluster.chars().count() <= EMOJI_STACK + 1, "{:?}", cluster);
        }
    }

    #[test]
    fn the_cap_bounds_the_output_and_counts_the_rest(raw in hostile(), manner in manner()) {
        let shown = show(&raw, &manner);
        let read = raw.len() - shown.cut();
        prop_assert!(read <= manner.cap);
        prop_assert!(raw.len() <= manner.cap || manner.cap - read < 4);
        prop_assert!(shown.len() <= read * 12 + 40);
    }
}

#[test]
fn plain_text_stays_as_it_is() {
    let text = "Grüße, 你好, नमस्ते, สวัสดี, שלום — p99 = 1.2 s\nsecond line";
    assert_eq!(exact(text), text);
    assert_eq!(show(text, &Manner::BLOCK).hidden(), 0);
}

#[test]
fn escapes_stand_as_pictures_and_are_counted() {
    let shown = show("\u{1b}[31mred\u{7f}\u{9b}1m\u{7}", &Manner::LINE);
    assert_eq!(shown.as_str(), "␛[31mred␡⟨U+009B⟩1m␇");
    assert_eq!(shown.hidden(), 4);
}

#[test]
fn arguments_that_terminals_would_merge_are_told_apart() {
    assert_eq!(exact("--replicas=1\r0 deploy"), "--replicas=1␍0 deploy");
    assert_eq!(exact("rm -rf /tmp/a\t/"), "rm -rf /tmp/a␉/");
    assert_eq!(exact("logs\u{200b}_old"), "logs⟨U+200B⟩_old");
    assert_eq!(exact("a\u{a0}b"), "a⟨U+00A0⟩b");
    assert_eq!(exact("\u{202e}cba"), "⟨U+202E⟩cba");
}

#[test]
fn marks_typed_by_others_are_marked_themselves() {
    assert_eq!(exact("⟨U+202E⟩"), "⟨U+27E8⟩U+202E⟩");
    assert_eq!(exact("␛"), "⟨U+241B⟩");
    assert_eq!(show("⟨␛", &Manner::LINE).hidden(), 0);
}

#[test]
fn emoji_sequences_survive_and_stray_joiners_do_not() {
    for emoji in ["👩🏽‍❤️‍💋‍👨🏿", "👨‍👩‍👧‍👦", "❤️", "1️⃣", "🏳️‍🌈", "🇩🇪", "👍🏽"]
    {
        assert_eq!(exact(emoji), emoji);
    }
    assert_eq!(exact("a\u{200d}b"), "a⟨U+200D⟩b");
    assert_eq!(exact("a\u{fe0f}"), "a⟨U+FE0F⟩");
    assert_eq!(exact("1\u{fe0f}"), "1⟨U+FE0F⟩");
    assert_eq!(exact("❤\u{fe0f}\u{fe0f}"), "❤\u{fe0f}⟨U+FE0F⟩");
    assert_eq!(exact("👩\u{200d}"), "👩⟨U+200D⟩");
}

#[test]
fn a_tower_of_marks_is_cut_down_and_counted() {
    let tower = format!("e{}", "\u{301}".repeat(1_000));
    let shown = show(&tower, &Manner::LINE.uncut());
    assert_eq!(shown.as_str(), format!("e{}⟨U+0301×992⟩", "\u{301}".repeat(8)));
    assert_eq!(shown.hidden(), 992);
    assert_eq!(
        exact("\u{301}"),
        "⟨U+0301⟩",
        "a mark without a base would stain the cell before it"
    );
}

#[test]
fn line_breaks_follow_the_policy() {
    assert_eq!(show("a\r\nb\nc", &Manner::BLOCK).as_str(), "a\nb\nc");
    assert_eq!(show("a\r\nb\nc", &Manner::LINE).as_str(), "a␊b␊c");
    assert_eq!(exact("a\r\nb"), "a␍\nb");
    assert_eq!(show("a\tb", &Manner::LINE).as_str(), "a    b");
}

#[test]
fn ten_megabytes_cost_no_more_than_the_cap() {
    for unit in
        ["7", "\u{1b}", "\n", "\u{301}", "word ", "\u{1100}", "👩\u{200d}", "🇩", "\u{915}\u{94d}"]
    {
        let raw = unit.repeat(10 * 1024 * 1024 / unit.len());
        let shown = show(&raw, &Manner::LINE.capped(4096));
        assert!(shown.len() <= 4096 * 12, "{} bytes", shown.len());
        assert!(shown.cut() > 10_000_000);
        assert!(shown.ends_with(&format!("⟨+{} bytes⟩", shown.cut())));
        assert_eq!(unshow(&shown), None, "a cut text is not the original");
    }
}

#[test]
fn only_an_exact_text_is_read_back() {
    assert_eq!(unshow(&show("a\tb", &Manner::BLOCK)), None);
    assert_eq!(unshow(&Safe::constant("a")), None);
}

#[test]
fn joined_texts_add_up_their_counts() {
    let parts = [
        show("\u{1b}a", &Manner::LINE),
        Safe::constant("b"),
        show("cd\u{202e}", &Manner::LINE.capped(2)),
    ];
    let joined = Safe::join(parts, " · ");
    assert_eq!(joined.as_str(), "␛a · b · cd⟨+3 bytes⟩");
    assert_eq!((joined.hidden(), joined.cut()), (1, 3));
}
