//! The file as it is exchanged: JSON, checked whole before anything of it is used.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::cells::{Grouping, release_from};
use crate::error::Invalid;

/// Bins of a histogram, each five percentage points wide.
pub const BINS: usize = 20;
/// The smallest and the largest epsilon that a file may have.
pub const EPSILON: (f64, f64) = (0.01, 10.0);
const FORMAT: &str = "idscore-benchmark";
const VERSION: u32 = 1;
const MEASURE: &str = "compat percentage of the core controls";
/// No store is so large.
const MOST: i64 = 1_000_000_000;

/// How the tenants of one organisation did in one month, with noise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BenchmarkFile {
    format: String,
    version: u32,
    measure: String,
    /// Who wrote it, in its own words; of itself a random one.
    pub source: String,
    /// The day on which it was written.
    pub written_on: Date,
    /// The month, such as `2026-11`.
    pub month: String,
    /// Invented tenants only, or real ones only.
    pub invented: bool,
    /// What divides the tenants.
    pub grouped_by: Grouping,
    /// What the file may tell about one tenant.
    pub epsilon: f64,
    /// Cells that stand for enough tenants.
    pub cells: Vec<BenchmarkCell>,
}

/// Tenants of one industry and size.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BenchmarkCell {
    /// The industry, or `all`.
    pub industry: String,
    /// The size, or `all`.
    pub seats: String,
    /// How many tenants, with noise.
    pub tenants: i64,
    /// How many of them are from 0 to 5 %, from 5 to 10 %, …; with noise, so that some are below 0.
    pub bins: Vec<i64>,
}

/// What a histogram says about its tenants.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Quartiles {
    /// A quarter of the tenants are below.
    pub p25: f64,
    /// Half of the tenants are below.
    pub median: f64,
    /// A quarter of the tenants are above.
    pub p75: f64,
}

/// A cell of a file that was merged.
#[derive(Debug, Clone, PartialEq)]
pub struct MergedCell {
    /// Who wrote it.
    pub source: String,
    /// When.
    pub written_on: Option<Date>,
    /// The first day of its month.
    pub month: Option<Date>,
    /// Of invented tenants.
    pub invented: bool,
    /// What the file may tell about one tenant.
    pub epsilon: f64,
    /// The numbers.
    pub cell: BenchmarkCell,
}

impl BenchmarkFile {
    /// One without cells, of no epsilon that is written.
    #[must_use]
    pub fn new(source: String, written_on: Date, month: Date) -> Self {
        Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            measure: MEASURE.to_owned(),
            source,
            written_on,
            month: month_name(month),
            invented: false,
            grouped_by: Grouping::default(),
            epsilon: EPSILON.0,
            cells: Vec::new(),
        }
    }

    /// Reads a file that somebody else wrote.
    ///
    /// # Errors
    /// [`Invalid`] with the first thing that is wrong.
    pub fn parse(bytes: &[u8]) -> Result<Self, Invalid> {
        let invalid = |reason: String| Invalid::Rule { reason };
        // A later version may look different: first what it is, then what it says.
        #[derive(Deserialize)]
        struct Head {
            format: String,
            version: u32,
        }
        let head: Head =
            serde_json::from_slice(bytes).map_err(|error| invalid(format!("it is no benchmark file: {error}")))?;
        if head.format != FORMAT {
            return Err(invalid(format!("its format is not `{FORMAT}`")));
        }
        if head.version != VERSION {
            return Err(invalid(format!("it is of version {}, and this program reads {VERSION}", head.version)));
        }
        let file: Self = serde_json::from_slice(bytes).map_err(|error| invalid(error.to_string()))?;
        file.check().map_err(invalid)?;
        Ok(file)
    }

    /// The first day of its month; none where it is no month.
    #[must_use]
    pub fn first_day(&self) -> Option<Date> {
        let day: Date = format!("{}-01", self.month).parse().ok()?;
        (month_name(day) == self.month && (2_000..2_200).contains(&day.year())).then_some(day)
    }

    fn check(&self) -> Result<(), String> {
        if self.measure != MEASURE {
            return Err(format!("it measures something else than the {MEASURE}"));
        }
        let label = self.source.trim();
        if label.is_empty() || label.chars().count() > 100 || label.chars().any(char::is_control) {
            return Err("its source is no label of 1 to 100 characters on one line".to_owned());
        }
        if self.first_day().is_none() {
            return Err("its month is not written like 2026-11".to_owned());
        }
        if !(EPSILON.0..=EPSILON.1).contains(&self.epsilon) {
            return Err(format!("its epsilon is not between {} and {}", EPSILON.0, EPSILON.1));
        }
        let domain = self.grouped_by.domain();
        let mut seen = BTreeSet::new();
        for cell in &self.cells {
            let name = format!("{} / {}", cell.industry, cell.seats);
            if !domain.contains(&(cell.industry.as_str(), cell.seats.as_str())) {
                return Err(format!("it has a cell `{name}`, which a file grouped in this way can't hold"));
            }
            if !seen.insert((&cell.industry, &cell.seats)) {
                return Err(format!("it has the cell `{name}` twice"));
            }
            cell.check(self.epsilon).map_err(|reason| format!("its cell `{name}` {reason}"))?;
        }
        Ok(())
    }
}

/// `2026-11`
#[must_use]
pub fn month_name(day: Date) -> String {
    format!("{:04}-{:02}", day.year(), day.month())
}

impl BenchmarkCell {
    fn check(&self, epsilon: f64) -> Result<(), String> {
        let line = release_from(epsilon);
        if self.tenants < line {
            return Err(format!("stands for {} tenants, and with this epsilon {line} is the least", self.tenants));
        }
        if self.bins.len() != BINS {
            return Err(format!("has {} bins in place of {BINS}", self.bins.len()));
        }
        if self.tenants > MOST || self.bins.iter().any(|bin| bin.unsigned_abs() > MOST.unsigned_abs()) {
            return Err("counts more tenants than there are".to_owned());
        }
        // Noise has a standard deviation of about 1.4 times 2/epsilon; so much of it does not occur.
        let (noise, sum) = (2.0 / epsilon, self.bins.iter().sum::<i64>());
        let off = (sum - self.tenants).abs() as f64;
        if self.bins.iter().any(|bin| (*bin as f64) < -40.0 * noise - 1.0) || off > 100.0 * noise + 1.0 {
            return Err("contradicts itself: its bins and its number of tenants don't belong together".to_owned());
        }
        Ok(())
    }

    /// Quartiles as far as bins of five points and the noise allow.
    #[must_use]
    pub fn quartiles(&self) -> Option<Quartiles> {
        let shares = self.without_noise();
        let at = |share| quantile(&shares, share);
        Some(Quartiles { p25: at(0.25)?, median: at(0.5)?, p75: at(0.75)? })
    }

    /// The share of tenants below a percentage, in percent, as far as the bins tell.
    #[must_use]
    pub fn percentile_rank(&self, percent: f64) -> Option<f64> {
        let shares = self.without_noise();
        let total: f64 = shares.iter().sum();
        let below: f64 = shares
            .iter()
            .zip(0_u32..)
            .map(|(share, bin)| share * ((percent - 5.0 * f64::from(bin)) / 5.0).clamp(0.0, 1.0))
            .sum();
        (total > 0.0).then(|| 100.0 * below / total)
    }

    /// The nearest histogram that can be: no bin below 0, and as many tenants as the cell says (the projection onto the
    /// simplex). Cutting off what is below 0 would leave the noise of empty bins and draw every median towards 50.
    fn without_noise(&self) -> Vec<f64> {
        let mut falling: Vec<f64> = self.bins.iter().map(|bin| *bin as f64).collect();
        falling.sort_by(|one, other| other.total_cmp(one));
        let (mut sum, mut cut) = (0.0, f64::NEG_INFINITY);
        for (bin, number) in falling.iter().zip(1_u32..) {
            sum += bin;
            let candidate = (sum - self.tenants as f64) / f64::from(number);
            if *bin > candidate {
                cut = candidate;
            }
        }
        self.bins.iter().map(|bin| (*bin as f64 - cut).max(0.0)).collect()
    }
}

fn quantile(shares: &[f64], share: f64) -> Option<f64> {
    let total: f64 = shares.iter().sum();
    let (place, mut before) = (share * total, 0.0);
    for (tenants, bin) in shares.iter().zip(0_u32..) {
        if *tenants > 0.0 && before + tenants >= place {
            return Some(5.0 * (f64::from(bin) + ((place - before) / tenants).clamp(0.0, 1.0)));
        }
        before += tenants;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(bins: &[(usize, i64)], tenants: i64) -> BenchmarkCell {
        let mut cell =
            BenchmarkCell { industry: "all".to_owned(), seats: "all".to_owned(), tenants, bins: vec![0; BINS] };
        for (bin, count) in bins {
            cell.bins[*bin] = *count;
        }
        cell
    }

    #[test]
    fn quartiles_follow_from_bins() {
        let quartiles = cell(&[(4, 10), (8, 20), (12, 10)], 40).quartiles().unwrap();
        assert_eq!(quartiles, Quartiles { p25: 25.0, median: 42.5, p75: 45.0 });
        assert_eq!(cell(&[(4, 10), (8, 30)], 40).percentile_rank(40.0), Some(25.0));
    }

    #[test]
    fn the_noise_of_empty_bins_does_not_move_the_median() {
        let mut noisy = cell(&[(18, 100)], 100);
        for (bin, noise) in noisy.bins.iter_mut().zip([2, -1, 0, 3, -2].into_iter().cycle()) {
            *bin += noise;
        }
        let median = noisy.quartiles().unwrap().median;
        assert!((90.0..95.0).contains(&median), "{median}");
    }
}
