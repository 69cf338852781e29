//! Chance, all of it from one number.

use std::sync::LazyLock;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// The start of all chance, so that another run tries other things.
static START: LazyLock<u64> =
    LazyLock::new(|| std::env::var("IDSCORE_LAWS_SEED").map_or(0, |text| text.parse().unwrap()));

/// The start that was asked for.
pub fn start() -> u64 {
    *START
}

pub struct Dice(ChaCha8Rng);

impl Dice {
    /// The chance of one mutation: the same base and number always give the same.
    pub fn new(base: &str, number: u64) -> Self {
        let story = base
            .bytes()
            .fold(7_u64.wrapping_add(start()), |hash, byte| hash.wrapping_mul(0x0100_0000_01b3) ^ u64::from(byte));
        let mut generator = ChaCha8Rng::seed_from_u64(story);
        generator.set_stream(number);
        Self(generator)
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        let product = u128::from(self.0.next_u64()) * bound as u128;
        usize::try_from(product >> 64).unwrap()
    }

    /// True in `per_cent` of a hundred cases.
    pub fn chance(&mut self, per_cent: usize) -> bool {
        self.below(100) < per_cent
    }

    /// One of the items, if there is any.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        if items.is_empty() { None } else { items.get(self.below(items.len())) }
    }
}
