//! Hashing of keys that are numbers already: fast, and keyed so that nobody can choose ones that collide.

use std::hash::{BuildHasher, Hasher, RandomState};

/// Makes hashers with the same two secret numbers.
#[derive(Debug, Clone)]
pub(super) struct Spread {
    keys: [u64; 2],
}

impl Default for Spread {
    fn default() -> Self {
        let random = RandomState::new();
        // An odd number with many bits, whatever comes: a zero would make every product zero.
        Self { keys: [random.hash_one(0_u8) | 1, random.hash_one(1_u8) | (1 << 63) | 1] }
    }
}

impl BuildHasher for Spread {
    type Hasher = Spreading;

    fn build_hasher(&self) -> Spreading {
        Spreading { keys: self.keys, state: 0 }
    }
}

/// Folds the product of a number and a secret one onto itself.
#[derive(Debug)]
pub(super) struct Spreading {
    keys: [u64; 2],
    state: u64,
}

impl Spreading {
    fn mix(&mut self, low: u64, high: u64) {
        let [one, other] = self.keys;
        let product = u128::from(low ^ one ^ self.state) * u128::from(high ^ other);
        let [a, b] = halves(product);
        self.state = a ^ b;
    }
}

impl Hasher for Spreading {
    fn write(&mut self, bytes: &[u8]) {
        for part in bytes.chunks(8) {
            let mut word = [0; 8];
            word.iter_mut().zip(part).for_each(|(to, from)| *to = *from);
            self.mix(u64::from_le_bytes(word), part.len() as u64);
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.mix(number, 0);
    }

    fn write_u128(&mut self, number: u128) {
        let [low, high] = halves(number);
        self.mix(low, high);
    }

    fn finish(&self) -> u64 {
        self.state
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the halves are what is wanted")]
fn halves(number: u128) -> [u64; 2] {
    [number as u64, (number >> 64) as u64]
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn numbers_that_differ_little_are_spread_over_all_places() {
        let spread = Spread::default();
        let of = |n: u128| spread.hash_one(n);
        let low: HashSet<u64> = (0..4096).map(|n| of(n) & 0xfff).collect();
        let high: HashSet<u64> = (0..4096).map(|n| of(n << 80) >> 57).collect();
        // About two thirds of the places are taken if they are taken at random.
        assert!(low.len() > 2300, "{}", low.len());
        assert!(high.len() > 120, "{}", high.len());
    }

    #[test]
    fn two_makers_spread_differently() {
        let (one, other) = (Spread::default(), Spread::default());
        assert_ne!(one.hash_one(7_u64), other.hash_one(7_u64));
    }
}
