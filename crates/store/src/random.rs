//! The operating system's randomness.

use std::io;

use idscore_history::benchmark::Random;

/// The operating system's randomness: noise that somebody could compute again would hide nothing.
#[derive(Debug)]
pub struct OsRandom {
    buffer: [u8; 4_096],
    used: usize,
}

impl Default for OsRandom {
    fn default() -> Self {
        Self { buffer: [0; 4_096], used: 4_096 }
    }
}

impl Random for OsRandom {
    fn next(&mut self) -> io::Result<u64> {
        if self.used == self.buffer.len() {
            getrandom::fill(&mut self.buffer).map_err(|error| io::Error::other(error.to_string()))?;
            self.used = 0;
        }
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&self.buffer[self.used..self.used + 8]);
        self.used += 8;
        Ok(u64::from_le_bytes(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_operating_system_gives_other_numbers_every_time() {
        let mut random = OsRandom::default();
        let numbers: std::collections::BTreeSet<u64> = (0..2_000).map(|_| random.next().unwrap()).collect();
        assert_eq!(numbers.len(), 2_000);
    }
}
