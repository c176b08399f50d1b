//! The template of a message: what stays when the parts that differ each time are masked.

use jiff::Timestamp;

/// The longest message that is looked at, in bytes; the rest is no part of the template.
const LENGTH_MAX: usize = 2048;

/// Masks numbers, identifiers, durations, addresses, instants and quoted texts.
pub(super) fn template(message: &str) -> String {
    let mut end = message.len().min(LENGTH_MAX);
    while !message.is_char_boundary(end) {
        end -= 1;
    }
    let mut rest = message.get(..end).unwrap_or_default();
    let mut out = String::with_capacity(rest.len());
    while let Some(first) = rest.chars().next() {
        let after_word = out.chars().last().is_some_and(char::is_alphanumeric);
        let taken = if matches!(first, '"' | '`') || (first == '\'' && !after_word) {
            quoted(rest, first, &mut out)
        } else if belongs(first) {
            let end = rest.find(|next| !belongs(next)).unwrap_or(rest.len());
            word(rest.get(..end).unwrap_or_default(), &mut out);
            end
        } else {
            out.push(first);
            first.len_utf8()
        };
        rest = rest.get(taken..).unwrap_or_default();
    }
    out
}

/// Whether a character can stand inside a number, an identifier or an instant.
fn belongs(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '.' | ':' | '-' | '_' | '+' | '%')
}

/// Masks a quoted text; a quote that is never closed is an ordinary character.
fn quoted(rest: &str, quote: char, out: &mut String) -> usize {
    let inside = rest.get(1..).unwrap_or_default();
    if let Some(length) = inside.find(quote) {
        out.push_str("<text>");
        return length + 2;
    }
    out.push(quote);
    1
}

fn word(word: &str, out: &mut String) {
    let bare = word.trim_end_matches(['.', ':', '-', '_']);
    let tail = word.get(bare.len()..).unwrap_or_default();
    match mask(bare) {
        Some(mask) => out.push_str(mask),
        None => digits(bare, out),
    }
    out.push_str(tail);
}

fn mask(word: &str) -> Option<&'static str> {
    let first = word.trim_start_matches(['-', '+']);
    if !word.contains(|character: char| character.is_ascii_digit()) {
        return None;
    }
    if is_uuid(word) {
        return Some("<uuid>");
    }
    if word.len() >= 19 && word.parse::<Timestamp>().is_ok() {
        return Some("<time>");
    }
    if is_address(word) {
        return Some("<address>");
    }
    let number_end = first.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(first.len());
    let (number, unit) = first.split_at(number_end);
    if number.parse::<f64>().is_ok() {
        match unit {
            "" | "%" => return Some("<n>"),
            "ns" | "us" | "µs" | "ms" | "s" | "m" | "min" | "h" | "d" => {
                return Some("<time span>");
            }
            _ => {}
        }
    }
    is_hex(word).then_some("<hex>")
}

fn is_uuid(word: &str) -> bool {
    let groups: Vec<&str> = word.split('-').collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    lengths == [8, 4, 4, 4, 12]
        && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// A long run of hexadecimal digits; six of them, so that no English word is one with its digit.
fn is_hex(word: &str) -> bool {
    let digits = word.strip_prefix("0x").unwrap_or(word);
    let long = digits.len() >= 6 || (digits.len() < word.len() && !digits.is_empty());
    long && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn is_address(word: &str) -> bool {
    word.parse::<std::net::IpAddr>().is_ok() || word.parse::<std::net::SocketAddr>().is_ok()
}

/// Masks each run of digits inside a word that is otherwise a name.
fn digits(word: &str, out: &mut String) {
    let mut inside = false;
    for character in word.chars() {
        let digit = character.is_ascii_digit();
        if digit && !inside {
            out.push_str("<n>");
        } else if !digit {
            out.push(character);
        }
        inside = digit;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_each_time_is_masked() {
        for (message, expected) in [
            ("pool exhausted: 4/10 in use", "pool exhausted: <n>/<n> in use"),
            ("waited 1503ms for a connection", "waited <time span> for a connection"),
            ("waited 1.5s, gave up", "waited <time span>, gave up"),
            ("order-8812 failed", "order-<n> failed"),
            ("trace 4bf92f3577b34da6a3ce929d0e0e4736.", "trace <hex>."),
            ("id=9c5b94b1-35ad-49bb-b118-8e8fc24abf80", "id=<uuid>"),
            ("at 0xdeadbeef", "at <hex>"),
            ("no key \"cart:7\" in `redis`", "no key <text> in <text>"),
            ("can't reach 10.0.0.7:5432", "can't reach <address>"),
            ("don't panic, it's fine", "don't panic, it's fine"),
            ("user 'ann' is gone", "user <text> is gone"),
            ("since 2026-11-20T14:03:00Z", "since <time>"),
            ("cpu at 93%", "cpu at <n>"),
            ("decade facade", "decade facade"),
            ("an open \" quote", "an open \" quote"),
        ] {
            assert_eq!(template(message), expected);
        }
    }

    #[test]
    fn a_huge_message_has_a_bounded_template() {
        assert!(template(&"ä".repeat(1 << 20)).len() <= LENGTH_MAX);
    }
}
