//! Chance, all of it from one seed.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A stream of chance; the same seed and story always give the same stream.
pub(crate) struct Dice(ChaCha8Rng);

impl Dice {
    /// The stream of one story, so that a change in one story leaves the others as they were.
    pub fn new(seed: u64, story: u64) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        generator.set_stream(story);
        Self(generator)
    }

    /// A number from 0 to `bound - 1`; 0 where the bound is 0.
    pub fn below(&mut self, bound: u32) -> u32 {
        // The upper half of a 64-bit product: no modulo bias worth naming at these bounds.
        let product = u64::from(self.0.next_u32()) * u64::from(bound);
        u32::try_from(product >> 32).unwrap_or(0)
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: u32, high: u32) -> u32 {
        low + self.below(high.saturating_sub(low).saturating_add(1))
    }

    /// True in `per_mille` of 1,000 cases.
    pub fn chance(&mut self, per_mille: u32) -> bool {
        self.below(1000) < per_mille
    }

    /// One of the items.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        let bound = u32::try_from(items.len()).unwrap_or(u32::MAX);
        items.get(self.below(bound) as usize)
    }
}

/// Mixes a number so that neighbours look unrelated (the finaliser of SplitMix64).
pub(crate) fn mix(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// What an object id is for; it keeps the ids of different kinds apart.
#[derive(Debug, Clone, Copy)]
pub(crate) enum IdOf {
    User = 1,
    Group,
    Policy,
    Location,
    Strength,
    Application,
    AppId,
    ServicePrincipal,
    Key,
    Assignment,
    Unit,
    Tenant,
    Other,
}

/// An object id in the form of a GUID: looks like chance, and never repeats within a kind.
pub(crate) fn guid(seed: u64, of: IdOf, number: u64) -> String {
    let high = mix(seed ^ ((of as u64) << 56) ^ mix(number));
    // An odd factor makes this a permutation of the 48-bit numbers, so two numbers never meet.
    let low = number.wrapping_mul(0x5851_f42d_4c95).wrapping_add(mix(seed ^ (of as u64))) & 0xffff_ffff_ffff;
    format!(
        "{:08x}-{:04x}-4{:03x}-8{:03x}-{low:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        (high >> 4) & 0xfff,
        high & 0xfff
    )
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_of_one_kind_never_repeat() {
        let ids: HashSet<String> = (0..20_000).map(|n| guid(7, IdOf::User, n)).collect();
        assert_eq!(ids.len(), 20_000);
    }

    #[test]
    fn the_same_seed_and_story_give_the_same_stream() {
        let stream = |seed, story| {
            let mut dice = Dice::new(seed, story);
            (0..8).map(|_| dice.below(1000)).collect::<Vec<_>>()
        };
        assert_eq!(stream(7, 1), stream(7, 1));
        assert_ne!(stream(7, 1), stream(7, 2));
        assert_ne!(stream(7, 1), stream(8, 1));
    }

    #[test]
    fn a_bound_of_zero_gives_zero() {
        assert_eq!(Dice::new(1, 1).below(0), 0);
    }
}
