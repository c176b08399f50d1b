//! Parts: a text that is longer than a tracker takes, cut where it can be put together again.

use unicode_segmentation::UnicodeSegmentation;

use super::blocks::Blocks;

/// Fewest characters that a piece may be allowed.
const LEAST: usize = 16;

/// Cuts a text into pieces of at most so many characters; `None` if that is too few to cut at all.
///
/// A piece ends with a line where possible, else with a word, else with a grapheme. A code fence or an
/// HTML comment that a cut goes through is closed in one piece and opened again in the next.
pub fn into_pieces(text: &str, most: usize) -> Option<Vec<String>> {
    if most < LEAST {
        return None;
    }
    let (mut pieces, mut rest, mut lead) = (Vec::new(), text, String::new());
    while lead.chars().count() + rest.chars().count() > most {
        let (piece, taken) = piece(&lead, rest, most)?;
        lead = match closed_by_force(&piece) {
            Some((_, "-->")) => "<!--\n".to_owned(),
            Some((_, fence)) => format!("{fence}\n"),
            None => String::new(),
        };
        pieces.push(piece);
        rest = rest.get(taken..)?;
    }
    pieces.push(lead + rest);
    Some(pieces)
}

/// Puts the pieces of a text together again.
pub fn from_pieces<'a>(pieces: impl IntoIterator<Item = &'a str>) -> String {
    let mut whole = String::new();
    let (mut pieces, mut reopens) = (pieces.into_iter().peekable(), false);
    while let Some(piece) = pieces.next() {
        let forced = closed_by_force(piece).filter(|_| pieces.peek().is_some());
        let body = forced.map_or(piece, |(body, _)| body);
        let opened = body.split_once('\n').filter(|_| reopens);
        whole.push_str(opened.map_or(body, |(_, after)| after));
        reopens = forced.is_some();
    }
    whole
}

/// The next piece, and how many bytes of the text are in it.
///
/// A block whose fence would take too much of the piece stays open: the text matters more than its looks.
fn piece(lead: &str, rest: &str, most: usize) -> Option<(String, usize)> {
    let closed = |body: &str| match Blocks::after(body).closer() {
        Some(closer) if closer.chars().count() > most / 4 => None,
        Some(closer) => Some(format!("{body}\n{closer}")),
        None => Some(body.to_owned()),
    };
    let left_open = |body: &str| Some(body.to_owned());
    fitting(lead, rest, most, closed).or_else(|| fitting(lead, rest, most, left_open))
}

/// The longest piece that fits once its end is made, and that says by itself what of it is the text.
fn fitting(
    lead: &str,
    rest: &str,
    most: usize,
    end: impl Fn(&str) -> Option<String>,
) -> Option<(String, usize)> {
    let mut room = most.checked_sub(lead.chars().count())?;
    while room > 0 {
        let taken = cut(rest, room);
        let chunk = rest.get(..taken)?;
        let body = format!("{lead}{chunk}");
        // A block of the text's own that ends right here would be taken for one that was cut.
        let is_clear = |piece: &str| closed_by_force(piece).map_or(piece, |(body, _)| body) == body;
        let piece = end(&body).filter(|it| is_clear(it) && it.chars().count() <= most);
        if let Some(piece) = piece {
            return Some((piece, taken));
        }
        room = chunk.chars().count().saturating_sub(1);
    }
    None
}

/// Where to cut so that at most so many characters stand before, in bytes.
fn cut(text: &str, most: usize) -> usize {
    let (mut line, mut word, mut grapheme) = (0, 0, 0);
    let mut chars = 0;
    for (at, cluster) in text.grapheme_indices(true) {
        chars += cluster.chars().count();
        if chars > most {
            break;
        }
        grapheme = at + cluster.len();
        if cluster.ends_with('\n') {
            line = grapheme;
        } else if cluster.ends_with(char::is_whitespace) {
            word = grapheme;
        }
    }
    // A short piece is worse than a cut line.
    let good = |place: usize| place > grapheme / 2;
    let inside = || text.char_indices().nth(most).map_or(text.len(), |(at, _)| at);
    match (line, word, grapheme) {
        (line, _, _) if good(line) => line,
        (_, word, _) if good(word) => word,
        (_, _, 0) => inside(),
        (_, _, grapheme) => grapheme,
    }
}

/// A piece without the last line that closes what the cut left open, and that line.
fn closed_by_force(piece: &str) -> Option<(&str, &str)> {
    let (body, last) = piece.rsplit_once('\n')?;
    let closer = Blocks::after(body).closer()?;
    (closer == last).then_some((body, last))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cut_up(text: &str, most: usize) -> Vec<String> {
        into_pieces(text, most).unwrap()
    }

    #[test]
    fn a_text_is_cut_at_the_end_of_a_line_or_of_a_word() {
        assert_eq!(cut_up("short", 16), ["short"]);
        assert_eq!(
            cut_up("one two three\nfour five six", 16),
            ["one two three\n", "four five six"]
        );
        assert_eq!(cut_up("one two three four", 16), ["one two three ", "four"]);
        assert_eq!(cut_up(&"é".repeat(40), 16).len(), 3);
    }

    #[test]
    fn a_grapheme_is_not_cut_unless_it_is_longer_than_a_piece() {
        let family = "👨‍👩‍👧‍👦";
        for piece in cut_up(&family.repeat(9), 16) {
            assert_eq!(piece.chars().count() % family.chars().count(), 0, "{piece}");
        }
        let marks = format!("a{}", "\u{301}".repeat(60));
        assert_eq!(from_pieces(cut_up(&marks, 16).iter().map(String::as_str)), marks);
    }

    #[test]
    fn code_that_is_cut_is_closed_and_opened_again() {
        let pieces = cut_up("```json\n1111111111\n2222222222\n3333333333\n```\nend", 28);
        assert_eq!(pieces[0], "```json\n1111111111\n\n```");
        assert!(pieces[1].starts_with("```\n2222222222\n"), "{pieces:?}");
    }

    #[test]
    fn a_fence_as_long_as_a_piece_keeps_no_text_from_being_cut() {
        let fence = "~".repeat(40);
        let text = format!("{fence}\n{}\n{fence}\nend", "word ".repeat(20));
        assert_eq!(from_pieces(cut_up(&text, 20).iter().map(String::as_str)), text);
    }

    #[test]
    fn too_little_room_is_refused() {
        assert_eq!(into_pieces("x", 3), None);
    }

    proptest! {
        #[test]
        fn what_was_cut_is_put_together_again(
            text in "(```|~~~|<!--|-->|\n|[a-z]{1,9}| |\u{301}|👩‍🚀|> ){0,80}",
            most in 20_usize..60,
        ) {
            let pieces = cut_up(&text, most);
            prop_assert!(pieces.iter().all(|piece| piece.chars().count() <= most));
            prop_assert_eq!(from_pieces(pieces.iter().map(String::as_str)), text);
        }
    }
}
