//! `idscore trend`: the headline day by day, and what else changed on a day than the tenant.

mod formats;

use std::path::PathBuf;

use clap::ValueEnum;
use idscore_history::instants::{date_of, day_of_date, rfc3339};
use idscore_history::{Cause, Mark, Tenant, TrendPoint};
use idscore_score::{Set, Zone, Zones};
use jiff::civil::Date;
use serde::Serialize;

use super::Of;
use crate::error::{CliError, Exit};
use crate::terminal::Terminal;

/// The score day by day, and what changed besides the tenant.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  idscore trend --data data\n  idscore trend --data data --from 2026-10-01 --set extended --format csv --output trend.csv"
)]
pub struct Arguments {
    #[command(flatten)]
    of: Of,
    /// The first day, such as 2026-10-01.
    #[arg(long, value_name = "DAY", value_parser = super::day)]
    from: Option<Date>,
    /// The last day.
    #[arg(long, value_name = "DAY", value_parser = super::day)]
    to: Option<Date>,
    /// Which of the two sets; they never mix.
    #[arg(long, value_enum, default_value_t, value_name = "SET")]
    set: OneSet,
    /// How to print the trend.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
    /// Write to a file instead of stdout.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// One set of controls.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "camelCase")]
enum OneSet {
    /// Microsoft's controls: the headline.
    #[default]
    Core,
    /// The others.
    Extended,
}

/// How to print the trend.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a person at a terminal.
    #[default]
    Table,
    /// One object; fields are only ever added.
    Json,
    /// One row per day.
    Csv,
    /// For a wiki, an issue or a pull request.
    Markdown,
}

/// The trend of one tenant.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Trend {
    tenant_id: String,
    display_name: String,
    set: OneSet,
    /// Where the score begins to be okay and good.
    zones: Zones,
    days: Vec<Day>,
}

/// One day of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Day {
    day: String,
    assessment_id: String,
    assessed_at: String,
    cause: Cause,
    percent: f64,
    /// What it is at least; none where it was kept before this was asked, or is Microsoft's.
    percent_at_least: Option<f64>,
    /// What it is at most.
    percent_at_most: Option<f64>,
    /// What the organisation calls the percentage; none where nothing was judged.
    zone: Option<Zone>,
    current_score: f64,
    max_score: f64,
    coverage: f64,
    /// Against the day before that is there; none where that one can't be compared.
    change: Option<f64>,
    catalogue_version: String,
    config_hash: String,
    marks: Vec<Mark>,
}

/// Reads the trend and prints it.
pub fn run(arguments: &Arguments, terminal: Terminal) -> Result<Exit, CliError> {
    let last = arguments.to.map_or(i64::MAX, day_of_date);
    let (tenant, points) = super::wait(async {
        let (archive, tenant) = arguments.of.open().await?;
        // What was before the first shown day says how that day moved.
        let points = archive.history.trend(&tenant.id, 0, last).await?;
        archive.history.close().await;
        Ok((tenant, points))
    })?;
    let first = arguments.from.map_or(0, day_of_date);
    let trend = trend(&tenant, arguments.set, &points, first);
    if trend.days.is_empty() {
        return Err(CliError::call(
            "no assessment lies between these days",
            match (points.first(), points.last()) {
                (Some(first), Some(last)) => format!("there are some from {} to {}", date(first.day), date(last.day)),
                _ => "`idscore score EXPORT --data DIR` keeps one".to_owned(),
            },
        ));
    }
    let output = arguments.output.as_deref();
    let text = match arguments.format {
        Format::Table => formats::table(&trend, &arguments.of.options(), terminal.for_output(output)),
        Format::Markdown => formats::markdown(&trend),
        Format::Csv => formats::csv(&trend)?,
        Format::Json => super::json(&trend)?,
    };
    super::print(&text, output, terminal)?;
    Ok(Exit::Done)
}

fn trend(tenant: &Tenant, set: OneSet, points: &[TrendPoint], first: i64) -> Trend {
    let before = std::iter::once(None).chain(points.iter().map(Some));
    let days = points.iter().zip(before).filter(|(point, _)| point.day >= first);
    Trend {
        tenant_id: tenant.id.clone(),
        display_name: tenant.display_name.clone(),
        set,
        zones: tenant.zones,
        days: days.map(|(point, before)| day(set, tenant.zones, point, before)).collect(),
    }
}

fn day(set: OneSet, zones: Zones, point: &TrendPoint, before: Option<&TrendPoint>) -> Day {
    let set = match set {
        OneSet::Core => Set::Core,
        OneSet::Extended => Set::Extended,
    };
    let numbers = point.of_set(set);
    Day {
        day: date(point.day),
        assessment_id: point.id.clone(),
        assessed_at: rfc3339(point.assessed_at),
        cause: point.cause,
        percent: numbers.percent,
        percent_at_least: numbers.percent_at_least,
        percent_at_most: numbers.percent_at_most,
        zone: (numbers.max_score > 0.0).then(|| zones.zone_of(numbers.percent)),
        current_score: numbers.current_score,
        max_score: numbers.max_score,
        coverage: numbers.coverage,
        change: before.and_then(|before| point.change_since(before, set)),
        catalogue_version: point.catalogue_version.clone(),
        config_hash: point.config_hash.clone(),
        marks: point.marks(before, set),
    }
}

fn date(day: i64) -> String {
    date_of(day).map(|date| date.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(day: i64, cause: Cause, percent: f64, catalogue: &str) -> TrendPoint {
        TrendPoint {
            id: format!("a{day}"),
            day,
            assessed_at: day * idscore_history::instants::DAY,
            cause,
            catalogue_version: catalogue.to_owned(),
            config_hash: "c".to_owned(),
            policies: String::new(),
            sight: None,
            core: idscore_history::SetNumbers { percent, max_score: 56.0, ..Default::default() },
            extended: Default::default(),
        }
    }

    fn tenant() -> Tenant {
        Tenant {
            id: "t".into(),
            display_name: "T".into(),
            industry: String::new(),
            seats: None,
            zones: Zones::default(),
            invented: true,
        }
    }

    #[test]
    fn a_day_says_how_it_moved_and_what_changed_besides_the_tenant() {
        let points = [
            point(1, Cause::Snapshot, 50.0, "1"),
            point(2, Cause::Snapshot, 45.5, "1"),
            point(4, Cause::Decision, 60.25, "2"),
        ];
        let days = trend(&tenant(), OneSet::Core, &points, 2).days;
        let shown: Vec<_> = days.iter().map(|day| (day.day.as_str(), day.change, day.marks.clone())).collect();
        assert_eq!(
            shown,
            [
                ("1970-01-03", Some(-4.5), vec![Mark::Regression]),
                ("1970-01-05", Some(14.75), vec![Mark::CatalogueChanged, Mark::Decision]),
            ]
        );
    }

    #[test]
    fn a_day_stands_in_the_zone_of_the_organisations_own_thresholds() {
        let mut unjudged = point(3, Cause::Snapshot, 0.0, "1");
        unjudged.core.max_score = 0.0;
        let points = [point(1, Cause::Snapshot, 62.5, "1"), point(2, Cause::Snapshot, 20.0, "1"), unjudged];
        let zones = |text: &str| {
            let tenant = Tenant { zones: text.parse().unwrap(), ..tenant() };
            trend(&tenant, OneSet::Core, &points, 0).days.iter().map(|day| day.zone).collect::<Vec<_>>()
        };
        assert_eq!(zones("50,75"), [Some(Zone::Okay), Some(Zone::Bad), None]);
        assert_eq!(zones("20,60"), [Some(Zone::Good), Some(Zone::Okay), None]);
    }

    #[test]
    fn there_is_no_step_between_microsofts_number_and_ours() {
        let points = [point(1, Cause::Microsoft, 80.0, ""), point(2, Cause::Snapshot, 45.5, "1")];
        let days = trend(&tenant(), OneSet::Core, &points, 0).days;
        assert_eq!((days[0].marks.as_slice(), days[1].change), ([Mark::Microsoft].as_slice(), None));
        assert!(days[1].marks.is_empty());
    }
}
