//! Ids in the shapes that the trackers give them, the same in every run.

/// The digits of ids that are counted in base 36.
const DIGITS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// A letter and seven digits of base 36, such as PagerDuty gives.
pub(super) fn short_id(letter: char, number: u64) -> String {
    let mut rest = spread(number ^ u64::from(u32::from(letter)) << 40);
    let mut id = String::from(letter);
    for _ in 0..7 {
        let digit = usize::try_from(rest % 36).unwrap_or_default();
        id.push(DIGITS.get(digit).map_or('0', |digit| char::from(*digit)));
        rest /= 36;
    }
    id
}

/// Thirty-two hexadecimal digits, such as ServiceNow gives.
pub(super) fn sys_id(table: &str, number: u64) -> String {
    let of_table = table.bytes().fold(0_u64, |sum, byte| spread(sum ^ u64::from(byte)));
    format!("{:016x}{:016x}", spread(of_table ^ number), spread(of_table.rotate_left(9) ^ number))
}

/// An account's id, such as Atlassian gives.
pub(super) fn account_id(number: u64) -> String {
    format!("712020{:018x}", spread(number ^ 0xA71A))
}

/// Bytes in hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xF)]).collect()
}

/// Spreads a number over all 64 bits (the finaliser of `SplitMix64`).
pub(super) fn spread(number: u64) -> u64 {
    let z = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_have_the_shape_of_their_tracker_and_do_not_meet() {
        assert!(short_id('P', 7).starts_with('P') && short_id('P', 7).len() == 8);
        assert_eq!(sys_id("incident", 1).len(), 32);
        let many: BTreeSet<_> = (0..10_000).map(|n| short_id('P', n)).collect();
        assert_eq!(many.len(), 10_000);
        assert_ne!(sys_id("incident", 1), sys_id("sys_user", 1));
    }
}
