//! A tenant beside others: its own tenants' cohorts, Microsoft's averages, public averages, and files of other organisations.
//!
//! Only percentages of the identity controls stand beside each other, all of them under *compat*. Every series says where
//! it comes from, from which day, and how many tenants are behind it, or that nobody published that.

use jiff::civil::Date;
use serde::Serialize;

use crate::averages::{Basis, reference_averages};
use crate::benchmark::{MergedCell, Quartiles, industry_label, size_label};
use crate::cohorts::{CohortDay, RANKED_FROM};
use crate::instants::{date_of, day_of_date};
use crate::microsoft::PeerAverage;
use crate::tenant::Tenant;

/// A tenant beside others.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Comparison {
    /// Who is compared.
    pub tenant: Tenant,
    /// What every percentage here measures.
    pub measure: &'static str,
    /// The tenant day by day, oldest first.
    pub own: Vec<OwnDay>,
    /// The same day by day among groups of others.
    pub series: Vec<Series>,
}

/// The percentage of a tenant on one day.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OwnDay {
    /// The day.
    pub day: Date,
    /// The percentage under *compat*.
    pub percent: f64,
    /// Whose number it is.
    pub by: Source,
}

/// Where a number comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Source {
    /// Tenants that this store knows.
    Store,
    /// Microsoft, as it served the tenant.
    Microsoft,
    /// Microsoft, as people published what it served them.
    Published,
    /// A benchmark file of another organisation.
    File,
}

/// A group of tenants over time.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Series {
    /// Who is in it, in words.
    pub group: String,
    /// Where it comes from.
    pub source: Source,
    /// The same in words: an address, or the label of a file.
    pub origin: Option<String>,
    /// Tenants that were invented for a demonstration.
    pub invented: bool,
    /// Points in time, oldest first.
    pub points: Vec<Point>,
}

/// A group of tenants at one time.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Point {
    /// The day, or the first day of the month.
    pub day: Date,
    /// How many tenants; none where it is not published.
    pub tenants: Option<i64>,
    /// The average; where quartiles are not known.
    pub average: Option<f64>,
    /// Quartiles, where they are known; of tenants of the store none among fewer than [`RANKED_FROM`](crate::RANKED_FROM).
    pub quartiles: Option<Quartiles>,
    /// The tenant's own percentage at that time.
    pub own: Option<f64>,
    /// The share of tenants below it, in percent, half of the equal ones included; none among fewer than
    /// [`RANKED_FROM`](crate::RANKED_FROM) tenants.
    pub percentile_rank: Option<f64>,
    /// The noise of a file: what it may tell about one tenant.
    pub epsilon: Option<f64>,
}

/// What stands beside a tenant.
#[derive(Debug)]
pub struct Others {
    /// The cohorts of the tenants of this store, day by day.
    pub cohorts: Vec<(String, Vec<CohortDay>)>,
    /// Microsoft's averages as they were served to the tenant.
    pub served: Vec<PeerAverage>,
    /// Cells of other organisations' files.
    pub merged: Vec<MergedCell>,
}

impl Comparison {
    /// A tenant beside others from one day to another; `own` are its days up to the last one, oldest first, because what was
    /// before the first day still stands on it. Public averages are few and old, so that all up to the last day are there.
    #[must_use]
    pub fn of(tenant: Tenant, own: &[OwnDay], others: &Others, from: i64, to: i64) -> Self {
        let days = Own(own);
        let cohorts = others.cohorts.iter().map(|(cohort, distributions)| Series {
            group: cohort_words(cohort),
            source: Source::Store,
            origin: None,
            invented: tenant.invented,
            points: distributions.iter().filter_map(|day| of_cohort(day, &days)).collect(),
        });
        let mut series: Vec<Series> = cohorts.collect();
        series.extend(served(&others.served, &days));
        series.extend(published(tenant.seats, to, &days));
        series.extend(of_files(&others.merged, &tenant, &days));
        series.retain(|series| !series.points.is_empty());
        let own = own.iter().filter(|own| day_of_date(own.day) >= from).copied().collect();
        Self { tenant, measure: "percentage of the identity controls under compat", own, series }
    }

    /// The newest point of every series that has one.
    pub fn newest(&self) -> impl Iterator<Item = (&Series, &Point)> {
        self.series.iter().filter_map(|series| Some((series, series.points.last()?)))
    }
}

/// A tenant's own days, oldest first.
struct Own<'a>(&'a [OwnDay]);

impl Own<'_> {
    /// The last percentage of this program up to a day: it is what stands among the tenants of a store or a file.
    fn ours(&self, day: Date) -> Option<f64> {
        self.until(day).rfind(|own| own.by == Source::Store).map(|own| own.percent)
    }

    /// The last percentage up to a day, whoever's it is.
    fn any(&self, day: Date) -> Option<f64> {
        self.until(day).next_back().map(|own| own.percent)
    }

    fn until(&self, day: Date) -> impl DoubleEndedIterator<Item = &OwnDay> {
        let days = self.0.partition_point(|own| own.day <= day);
        self.0.iter().take(days)
    }
}

fn cohort_words(cohort: &str) -> String {
    match cohort.split_once(':') {
        Some(("industry", industry)) => format!("industry {industry}"),
        Some((_, seats)) => format!("{} seats", seats.replace('-', "–")),
        None => "all tenants".to_owned(),
    }
}

fn of_cohort(cohort: &CohortDay, own: &Own<'_>) -> Option<Point> {
    let day = date_of(cohort.day)?;
    let percent = own.ours(day);
    Some(Point {
        day,
        tenants: i64::try_from(cohort.tenants).ok(),
        average: None,
        // Of two tenants whoever knows one works out the other.
        quartiles: (cohort.tenants >= RANKED_FROM).then_some(Quartiles {
            p25: cohort.p25,
            median: cohort.median,
            p75: cohort.p75,
        }),
        own: percent,
        percentile_rank: percent.and_then(|percent| cohort.percentile_rank(percent)),
        epsilon: None,
    })
}

fn average_words(basis: Basis, seats: Option<(u64, u64)>) -> String {
    match (basis, seats) {
        (Basis::TotalSeats, Some((from, to))) => format!("{from}–{to} seats"),
        (Basis::TotalSeats, None) => "about as many seats".to_owned(),
        (Basis::IndustryTypes, _) => "same industry".to_owned(),
        (Basis::AllTenants, _) => "all tenants".to_owned(),
    }
}

fn average(day: Date, percent: f64, own: &Own<'_>) -> Point {
    Point {
        day,
        tenants: None,
        average: Some((percent * 100.0).round() / 100.0),
        quartiles: None,
        own: own.any(day),
        percentile_rank: None,
        epsilon: None,
    }
}

/// Puts points into the series of their group, groups in the order in which they come.
fn grouped(source: Source, points: impl Iterator<Item = (String, Option<String>, bool, Point)>) -> Vec<Series> {
    let mut series: Vec<Series> = Vec::new();
    for (group, origin, invented, point) in points {
        let same = |one: &&mut Series| one.group == group && one.origin == origin && one.invented == invented;
        match series.iter_mut().find(same) {
            Some(series) => series.points.push(point),
            None => series.push(Series { group, source, origin, invented, points: vec![point] }),
        }
    }
    series
}

fn served(averages: &[PeerAverage], own: &Own<'_>) -> Vec<Series> {
    let points = averages.iter().filter_map(|served| {
        let point = average(date_of(served.day)?, served.identity_percent()?, own);
        Some((average_words(served.basis, served.seats_from.zip(served.seats_to)), None, false, point))
    });
    grouped(Source::Microsoft, points)
}

fn published(seats: Option<u64>, to: i64, own: &Own<'_>) -> Vec<Series> {
    // An average over other sizes says nothing about this tenant.
    let fits = |range: Option<(u64, u64)>| {
        range.is_none_or(|(from, to)| seats.is_some_and(|seats| (from..=to).contains(&seats.max(1))))
    };
    let averages = reference_averages().iter().filter(|known| fits(known.seats) && day_of_date(known.date) <= to);
    let points = averages.map(|known| {
        let point = average(known.date, known.identity_percent(), own);
        (average_words(known.basis, known.seats), None, false, point)
    });
    let mut series = grouped(Source::Published, points);
    let address = reference_averages().iter().rev().find_map(|known| known.source.clone());
    series.iter_mut().for_each(|series| series.origin.clone_from(&address));
    series
}

fn of_files(merged: &[MergedCell], tenant: &Tenant, own: &Own<'_>) -> Vec<Series> {
    let (industry, seats) = (industry_label(&tenant.industry), size_label(tenant.seats));
    let is = |said: &str, own: &str| said == "all" || said == own;
    let fitting = merged.iter().filter(|one| is(&one.cell.industry, industry) && is(&one.cell.seats, seats));
    let points = fitting.filter_map(|one| {
        let month = one.month?;
        let percent = own.ours(month.last_of_month());
        let point = Point {
            day: month,
            tenants: Some(one.cell.tenants),
            average: None,
            quartiles: one.cell.quartiles(),
            own: percent,
            percentile_rank: percent
                .filter(|_| ranks(one.cell.tenants))
                .and_then(|percent| one.cell.percentile_rank(percent)),
            epsilon: Some(one.epsilon),
        };
        Some((cell_words(&one.cell.industry, &one.cell.seats), Some(one.source.clone()), one.invented, point))
    });
    grouped(Source::File, points)
}

/// Noise can leave a cell with fewer tenants than were counted.
fn ranks(tenants: i64) -> bool {
    u64::try_from(tenants).is_ok_and(|tenants| tenants >= RANKED_FROM)
}

fn cell_words(industry: &str, seats: &str) -> String {
    let size = match seats {
        "unknown" => "seats not known".to_owned(),
        seats => format!("{} seats", seats.replace('-', "–")),
    };
    match (industry, seats) {
        ("all", "all") => "all tenants".to_owned(),
        ("all", _) => size,
        (industry, "all") => format!("industry {industry}"),
        (industry, _) => format!("industry {industry}, {size}"),
    }
}
