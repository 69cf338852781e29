//! From the tenants of a month to the cells of a file.

use std::io;

use serde::{Deserialize, Serialize};

use super::file::{BINS, BenchmarkCell};
use super::noise::{DiscreteLaplace, Random};
use crate::cohorts::{SIZES, size_of};

/// Tenants that a cell must stand for.
pub const MINIMUM: i64 = 5;
/// How likely a cell of fewer tenants may be to appear.
const SLIP: f64 = 0.001;
/// The name of everybody, where a file is not divided.
pub(super) const ALL: &str = "all";
const OTHER: &str = "other";
const UNKNOWN: &str = "unknown";

/// Industries that a file may name.
///
/// The list is closed: an industry in an organisation's own words could name it, and that its cell is there at all would tell.
pub const INDUSTRIES: [&str; 17] = [
    "agriculture",
    "construction",
    "education",
    "energy and utilities",
    "financial services",
    "healthcare",
    "hospitality",
    "manufacturing",
    "media and telecommunications",
    "non-profit",
    "professional services",
    "public sector",
    "real estate",
    "retail",
    "technology",
    "transport and logistics",
    OTHER,
];

/// What divides the tenants of a file. Fewer cells hold more tenants each, and so less noise for each of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Grouping {
    /// A cell for every industry and size.
    #[default]
    IndustryAndSize,
    /// A cell for every industry.
    Industry,
    /// A cell for every size.
    Size,
    /// One cell.
    All,
}

impl Grouping {
    /// Every cell that a file may hold, whoever is in the store: (industry, seats).
    pub(super) fn domain(self) -> Vec<(&'static str, &'static str)> {
        let (by_industry, by_size) = self.divides();
        let industries = if by_industry { INDUSTRIES.to_vec() } else { vec![ALL] };
        let sizes = || SIZES.iter().map(|(_, name)| *name).chain([UNKNOWN]);
        let sizes: Vec<_> = if by_size { sizes().collect() } else { vec![ALL] };
        industries.iter().flat_map(|industry| sizes.iter().map(|size| (*industry, *size))).collect()
    }

    fn cell(self, contribution: &Contribution) -> (&'static str, &'static str) {
        let (by_industry, by_size) = self.divides();
        (
            if by_industry { industry_label(&contribution.industry) } else { ALL },
            if by_size { size_label(contribution.seats) } else { ALL },
        )
    }

    fn divides(self) -> (bool, bool) {
        (matches!(self, Self::IndustryAndSize | Self::Industry), matches!(self, Self::IndustryAndSize | Self::Size))
    }
}

/// The industry as a file names it; `other` where nobody said or the words are the organisation's own.
#[must_use]
pub fn industry_label(industry: &str) -> &'static str {
    let said = industry.trim();
    INDUSTRIES.iter().find(|known| known.eq_ignore_ascii_case(said)).copied().unwrap_or(OTHER)
}

/// The size as a file names it.
#[must_use]
pub fn size_label(seats: Option<u64>) -> &'static str {
    seats.map_or(UNKNOWN, size_of)
}

/// What one tenant puts into a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Contribution {
    /// In the organisation's words.
    pub industry: String,
    /// Seats by its licences.
    pub seats: Option<u64>,
    /// The compat percentage of its core controls.
    pub percent: f64,
}

/// The smallest noisy number of tenants with which a cell is written.
///
/// Noise could lift a cell of fewer than [`MINIMUM`] tenants over that number, so the line lies higher: such a cell appears
/// with a probability of at most 0.1 %. The line is held against the noisy number only. Held against the true one, the
/// presence of a cell would tell for certain that a fifth tenant is there, which no epsilon allows.
#[must_use]
pub fn release_from(epsilon: f64) -> i64 {
    let noise = DiscreteLaplace::new(epsilon / 2.0);
    let mut above = 1;
    while noise.tail(above) > SLIP {
        above += 1;
    }
    MINIMUM - 1 + above
}

/// The cells of a file.
///
/// A tenant that is added or removed changes one number of tenants by 1 and one bin by 1; each of the two gets half of
/// epsilon, so both together are epsilon. One that scored otherwise changes two bins by 1: epsilon again. All cells
/// that a file may hold get noise, empty ones too, and which of them are written follows from the noisy numbers alone.
///
/// # Errors
/// When there is no randomness.
pub fn cells(
    contributions: &[Contribution],
    grouping: Grouping,
    epsilon: f64,
    random: &mut dyn Random,
) -> io::Result<Vec<BenchmarkCell>> {
    let noise = DiscreteLaplace::new(epsilon / 2.0);
    let line = release_from(epsilon);
    let mut written = Vec::new();
    for (industry, seats) in grouping.domain() {
        let (mut tenants, mut bins) = (noise.sample(random)?, Vec::with_capacity(BINS));
        for _ in 0..BINS {
            bins.push(noise.sample(random)?);
        }
        for contribution in contributions.iter().filter(|one| grouping.cell(one) == (industry, seats)) {
            tenants += 1;
            if let Some(bin) = bins.get_mut(bin_of(contribution.percent)) {
                *bin += 1;
            }
        }
        if tenants >= line {
            written.push(BenchmarkCell { industry: industry.to_owned(), seats: seats.to_owned(), tenants, bins });
        }
    }
    Ok(written)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and the last bin")]
fn bin_of(percent: f64) -> usize {
    ((percent / 5.0).clamp(0.0, 19.0)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_below_the_minimum_is_seldom_lifted_over_the_line() {
        for (epsilon, line) in [(0.5, 30), (1.0, 17), (4.0, 8), (10.0, 6)] {
            assert_eq!(release_from(epsilon), line, "{epsilon}");
            assert!(DiscreteLaplace::new(epsilon / 2.0).tail(line - MINIMUM + 1) <= SLIP);
        }
    }

    #[test]
    fn own_words_for_an_industry_are_never_written() {
        assert_eq!(industry_label(" Retail "), "retail");
        assert_eq!([industry_label("Contoso's shipyards"), industry_label("")], ["other", "other"]);
        assert_eq!([size_label(None), size_label(Some(70))], ["unknown", "1-100"]);
    }

    #[test]
    fn every_percentage_has_a_bin() {
        assert_eq!([0.0, 4.99, 5.0, 97.0, 100.0, -1.0, f64::NAN].map(bin_of), [0, 0, 1, 19, 19, 0, 0]);
    }

    #[test]
    fn the_cells_that_may_appear_are_the_same_for_everybody() {
        let sizes = [Grouping::IndustryAndSize, Grouping::Industry, Grouping::Size, Grouping::All];
        assert_eq!(sizes.map(|grouping| grouping.domain().len()), [85, 17, 5, 1]);
    }
}
