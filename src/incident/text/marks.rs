//! Which characters deceive a reader, and the marks that make them visible.

use std::sync::LazyLock;

use regex::Regex;

/// Opens a mark: `⟨U+202E⟩`. The only visible character, next to the control pictures, that is
/// itself written as a mark, so that a mark can be told from text that looks like one.
pub(super) const OPEN: char = '⟨';
/// Closes a mark.
pub(super) const CLOSE: char = '⟩';

/// Scalars in one grapheme cluster that are drawn: the base and what is stacked on it.
pub(super) const STACK: usize = 9;
/// The same for an emoji sequence, whose longest standard form has ten scalars.
pub(super) const EMOJI_STACK: usize = 12;

/// Scalars that a reader cannot see or that reorder their neighbours: format characters, default
/// ignorables, fillers, line and paragraph separators, C1, private use and noncharacters.
///
/// Sorted and disjoint. Source: Unicode 16 `DerivedGeneralCategory` and `DerivedCoreProperties`,
/// compared with the tables of the `regex` crate in a test, plus two glyphs without ink
/// (braille blank U+2800, null notehead U+1D159).
const HIDDEN: &[(u32, u32)] = &[
    (0x0080, 0x009F),
    (0x00AD, 0x00AD),
    (0x034F, 0x034F),
    (0x0600, 0x0605),
    (0x061C, 0x061C),
    (0x06DD, 0x06DD),
    (0x070F, 0x070F),
    (0x0890, 0x0891),
    (0x08E2, 0x08E2),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x200B, 0x200F),
    (0x2028, 0x202E),
    (0x2060, 0x206F),
    (0x2800, 0x2800),
    (0x3164, 0x3164),
    (0xE000, 0xF8FF),
    (0xFDD0, 0xFDEF),
    (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFFB),
    (0xFFFE, 0xFFFF),
    (0x1_10BD, 0x1_10BD),
    (0x1_10CD, 0x1_10CD),
    (0x1_3430, 0x1_343F),
    (0x1_BCA0, 0x1_BCA3),
    (0x1_D159, 0x1_D159),
    (0x1_D173, 0x1_D17A),
    (0xE_0000, 0xE_0FFF),
    (0xF_0000, 0x10_FFFF),
];

/// Whether `c` cannot be seen where it stands, or changes how its neighbours are read.
pub(super) fn is_hidden(c: char) -> bool {
    let code = u32::from(c);
    if code < 0x80 {
        return c.is_ascii_control();
    }
    // The last two scalars of every plane are noncharacters.
    code & 0xFFFE == 0xFFFE
        || HIDDEN
            .binary_search_by(|&(first, last)| {
                if last < code {
                    std::cmp::Ordering::Less
                } else if first > code {
                    std::cmp::Ordering::Greater
                } else {
                    std::cmp::Ordering::Equal
                }
            })
            .is_ok()
}

/// Whether `c` is a space that is not U+0020 but looks like it.
pub(super) const fn is_odd_space(c: char) -> bool {
    matches!(
        c,
        '\u{A0}' | '\u{1680}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}'
    )
}

/// The control picture of an ASCII control: `␛` for ESC.
pub(super) fn picture(c: char) -> Option<char> {
    match c {
        '\u{7F}' => Some('␡'),
        '\0'..='\u{1F}' => char::from_u32(0x2400 + u32::from(c)),
        _ => None,
    }
}

/// The ASCII control that a control picture stands for.
pub(super) fn unpicture(c: char) -> Option<char> {
    match c {
        '␡' => Some('\u{7F}'),
        '\u{2400}'..='\u{241F}' => char::from_u32(u32::from(c) - 0x2400),
        _ => None,
    }
}

/// Whether `c` is visible but means something in shown text, and so is written as a mark.
pub(super) fn is_reserved(c: char) -> bool {
    c == OPEN || unpicture(c).is_some()
}

/// Whether `c` is a pictograph, the only base on which joiners and emoji presentation are drawn.
pub(super) fn is_pictograph(c: char) -> bool {
    static PICTOGRAPH: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"\A\p{Extended_Pictographic}\z").ok());
    let mut utf8 = [0; 4];
    PICTOGRAPH.as_ref().is_some_and(|class| class.is_match(c.encode_utf8(&mut utf8)))
}

/// Whether the joiner or variation selector at `index` of a cluster belongs to an emoji.
///
/// U+FE0F counts directly after a pictograph, or in a keycap (`1`, U+FE0F, U+20E3). A joiner
/// counts between two pictographs, the first of which may carry a skin tone or U+FE0F.
pub(super) fn is_emoji_joint(cluster: &[char], index: usize) -> bool {
    let before = cluster.get(..index).unwrap_or_default();
    let after = cluster.get(index + 1).copied();
    match cluster.get(index) {
        Some('\u{FE0F}') => match before.last() {
            Some('0'..='9' | '#' | '*') => after == Some('\u{20E3}'),
            Some(&base) => is_pictograph(base),
            None => false,
        },
        Some('\u{200D}') => {
            let base = before
                .iter()
                .rev()
                .find(|&&c| !matches!(c, '\u{FE0F}' | '\u{1F3FB}'..='\u{1F3FF}'));
            base.is_some_and(|&c| is_pictograph(c)) && after.is_some_and(is_pictograph)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_and_ignorable_character_of_unicode_is_hidden() {
        let class = Regex::new(r"\A[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}\p{DI}]\z").unwrap();
        let missed: Vec<char> = ('\0'..=char::MAX)
            .filter(|c| class.is_match(&c.to_string()) && !is_hidden(*c))
            .collect();
        assert_eq!(missed, Vec::<char>::new());
    }

    #[test]
    fn nothing_but_blank_glyphs_and_unassigned_scalars_is_hidden_besides() {
        let class = Regex::new(r"\A[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{DI}]\z").unwrap();
        let extra: Vec<char> = ('\0'..=char::MAX)
            .filter(|c| is_hidden(*c) && !class.is_match(&c.to_string()))
            .collect();
        assert_eq!(extra, ['\u{2800}', '\u{1D159}']);
    }

    #[test]
    fn every_space_but_the_plain_one_is_odd() {
        let class = Regex::new(r"\A\p{Zs}\z").unwrap();
        for c in '\0'..=char::MAX {
            assert_eq!(is_odd_space(c), c != ' ' && class.is_match(&c.to_string()), "{c:?}");
        }
    }
}
