//! Chance that comes back the same.

/// Uniform numbers from a seed, in place of the operating system's.
pub struct Seeded(pub rand_chacha::ChaCha8Rng);

impl Seeded {
    pub fn from(seed: u64) -> Self {
        Self(rand::SeedableRng::seed_from_u64(seed))
    }
}

impl idscore_history::benchmark::Random for Seeded {
    fn next(&mut self) -> std::io::Result<u64> {
        Ok(rand::Rng::next_u64(&mut self.0))
    }
}
