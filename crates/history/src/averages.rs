//! Microsoft's averages over other tenants: those that people published, and those that a tenant was served.

use std::sync::LazyLock;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Among whom an average was taken, in Microsoft's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Basis {
    /// Everybody.
    AllTenants,
    /// Tenants with about as many seats.
    TotalSeats,
    /// Tenants of the same industry; current answers hold none.
    IndustryTypes,
}

/// One of Microsoft's worldwide averages that is publicly known.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReferenceAverage {
    /// The day for which it was served.
    pub date: Date,
    /// Among whom.
    pub basis: Basis,
    /// The smallest and the largest number of seats, where the basis is the size.
    pub seats: Option<(u64, u64)>,
    /// Over all of Microsoft's categories; never to be held against an identity score.
    pub overall_percent: f64,
    /// Points of the category Identity.
    pub identity_score: f64,
    /// Points that could be earned there, on average too.
    pub identity_max: f64,
    /// Where it was published, if a page names it.
    pub source: Option<String>,
}

impl ReferenceAverage {
    /// `100 × average / maximum` of the category Identity.
    #[must_use]
    pub fn identity_percent(&self) -> f64 {
        100.0 * self.identity_score / self.identity_max
    }
}

/// Microsoft's averages that are publicly known, oldest first.
///
/// They come with the program and are dated: an old one says how the world was then, not how it is.
#[must_use]
pub fn reference_averages() -> &'static [ReferenceAverage] {
    // A test reads the same embedded text, so that it can't be damaged in a build that passed.
    static AVERAGES: LazyLock<Vec<ReferenceAverage>> = LazyLock::new(|| read(PUBLIC).unwrap_or_default());
    &AVERAGES
}

const PUBLIC: &str = include_str!("../data/public_averages.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    average: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    date: toml::value::Datetime,
    basis: Basis,
    seats: Option<(u64, u64)>,
    overall_percent: f64,
    identity_score: f64,
    identity_max: f64,
    identity_percent: f64,
    source: Option<String>,
}

/// Every row, or the first mistake.
fn read(text: &str) -> Result<Vec<ReferenceAverage>, String> {
    let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
    let mut averages = file.average.into_iter().map(checked).collect::<Result<Vec<_>, _>>()?;
    averages.sort_by_key(|average| (average.date, average.basis));
    Ok(averages)
}

fn checked(row: Row) -> Result<ReferenceAverage, String> {
    let date: Date = row.date.to_string().parse().map_err(|_| format!("{} is no day", row.date))?;
    let average = ReferenceAverage {
        date,
        basis: row.basis,
        seats: row.seats,
        overall_percent: row.overall_percent,
        identity_score: row.identity_score,
        identity_max: row.identity_max,
        source: row.source,
    };
    let percent = average.identity_percent();
    if !(0.0..=100.0).contains(&percent) || !(0.0..=100.0).contains(&average.overall_percent) {
        return Err(format!("{date}: a percentage is between 0 and 100"));
    }
    // The published percentage has one decimal.
    if (percent - row.identity_percent).abs() > 0.05 + 1e-9 {
        return Err(format!("{date}: {percent:.2} % is not the {} % that is written", row.identity_percent));
    }
    if (average.basis == Basis::TotalSeats) != average.seats.is_some_and(|(from, to)| from <= to) {
        return Err(format!("{date}: a range of seats belongs to TotalSeats, and to nothing else"));
    }
    Ok(average)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_published_average_is_read_and_its_percentage_follows_from_its_points() {
        let averages = read(PUBLIC).unwrap();
        assert_eq!(averages, reference_averages());
        assert_eq!(averages.len(), 8);
        let newest = averages.last().unwrap();
        assert_eq!((newest.date.to_string().as_str(), newest.seats), ("2026-07-17", Some((1, 100))));
        assert_eq!(format!("{:.1}", newest.identity_percent()), "66.0");
    }

    #[test]
    fn a_row_that_contradicts_itself_is_found() {
        let wrong = PUBLIC.replacen("identity_percent = 57.1", "identity_percent = 58.1", 1);
        assert_eq!(read(&wrong).unwrap_err(), "2023-01-10: 57.06 % is not the 58.1 % that is written");
        assert!(read(&PUBLIC.replacen("seats = [1, 100]", "", 1)).unwrap_err().contains("TotalSeats"));
        assert!(read(&PUBLIC.replacen("47.96", "147.96", 1)).unwrap_err().contains("between 0 and 100"));
    }
}
