//! The score over time beside that of others, with what happened.

use std::collections::BTreeSet;

use idscore_charts::{Level, Marker};
use idscore_history::comparison::{Comparison, Point, Series, Source};
use idscore_history::instants::date_of;
use idscore_history::{Cause, Mark, SetNumbers, TrendPoint};
use idscore_score::{Set, Zones};
use idscore_words::moves;
use idscore_words::texts::Texts;
use jiff::civil::Date;

use super::super::chart::{Between, Column, Figure, Middle, Wanted};
use super::others::has_others;

/// The fewest days of a chart.
const SHORTEST: i64 = 7;

/// What a chart is asked to show.
#[derive(Debug, Clone, Copy)]
pub(in crate::dashboard) struct Asked {
    /// Which percentage; others stand beside the core set only.
    pub(in crate::dashboard) set: Set,
    /// Where the zones begin.
    pub(in crate::dashboard) zones: Zones,
    /// The first day.
    pub(in crate::dashboard) first: i64,
    /// The last.
    pub(in crate::dashboard) last: i64,
    /// Whether Microsoft's own days are drawn too.
    pub(in crate::dashboard) microsoft: bool,
}

/// The chart of the last days; none where there is nothing to draw.
pub(super) fn figure(
    t: Texts,
    points: &[TrendPoint],
    comparison: &Comparison,
    zones: Zones,
    days: i64,
) -> Option<Figure> {
    let last = points.last()?.day;
    let asked = Asked { set: Set::Core, zones, first: last - days, last, microsoft: false };
    figure_of(t, points, comparison, asked)
}

/// The chart of any days; none where there is nothing to draw.
pub(in crate::dashboard) fn figure_of(
    t: Texts,
    points: &[TrendPoint],
    comparison: &Comparison,
    asked: Asked,
) -> Option<Figure> {
    let drawn = |point: &&TrendPoint| asked.microsoft || point.cause != Cause::Microsoft;
    // A history that is shorter than the range fills the chart all the same, from a week on.
    let oldest = points.iter().find(drawn)?.day.min(asked.last - SHORTEST);
    let (first, last) = (date_of(oldest.max(asked.first))?, date_of(asked.last)?);
    let scored = points.iter().filter(|point| point.day <= asked.last && point.of_set(asked.set).max_score > 0.0);
    let of = |theirs: bool, percent: fn(SetNumbers) -> f64| {
        let wanted = scored.clone().filter(|point| (point.cause == Cause::Microsoft) == theirs);
        let point = |point: &TrendPoint| Some((date_of(point.day)?, percent(point.of_set(asked.set))));
        wanted.filter_map(point).collect::<Vec<(Date, f64)>>()
    };
    let own = of(false, |numbers| numbers.percent);
    let compat = of(false, |numbers| numbers.compat_percent);
    let theirs = if asked.microsoft { of(true, |numbers| numbers.percent) } else { vec![] };
    let peers = peers(comparison).filter(|_| asked.set == Set::Core);
    let quartiles: Vec<_> = peers.iter().flat_map(|series| &series.points).collect();
    let quartiles = quartiles.iter().filter_map(|point| Some((point.day, point.quartiles?)));
    let band: Vec<_> = quartiles.clone().map(|(day, quartiles)| (day, quartiles.p25, quartiles.p75)).collect();
    let median: Vec<_> = quartiles.map(|(day, quartiles)| (day, quartiles.median)).collect();

    let proven = proven(points, asked);
    let mut bands = Vec::new();
    if peers.is_some() {
        let name = t.say("overview-trend-band");
        bands.push(Between { name, class: "band", points: &band, steps: false, unknown: &[], none: String::new() });
    }
    if let Some((points, unknown)) = &proven {
        let (name, none) = (t.say("overview-trend-proven"), t.say("overview-trend-not-known"));
        bands.push(Between { name, class: "proven", points, steps: true, unknown, none });
    }
    let mut columns = Vec::new();
    if let Some(series) = peers {
        let name = t.with("overview-trend-median", &[("group", (&series.group).into())]);
        columns.push(Column { name, class: Some("median"), points: &median, steps: false });
    }
    if theirs.iter().any(|(day, _)| *day >= first) {
        let name = t.say("overview-trend-microsoft");
        columns.push(Column { name, class: Some("served"), points: &theirs, steps: false });
    }
    // Others are compared under compat: where that is not the headline, the line that may stand beside theirs is drawn too.
    if compat != own {
        let name = t.say("overview-trend-compat");
        columns.push(Column { name, class: Some("compat"), points: &compat, steps: true });
    }
    columns.push(Column { name: t.say("overview-trend-own"), class: Some("own"), points: &own, steps: true });
    let seen: Vec<_> = own.iter().filter(|(day, _)| *day >= first).collect();
    let from = own.iter().rev().find(|(day, _)| *day <= first).or(seen.first().copied());
    let ends = [
        ("first", first.to_string()),
        ("last", last.to_string()),
        ("from", percent(from.copied())),
        ("to", percent(own.last().copied())),
    ];
    let ends: Vec<_> = ends.iter().map(|(name, text)| (*name, text.into())).collect();
    let wanted = Wanted {
        id: "trend-chart",
        title: t.say("overview-trend-title"),
        description: t.with("overview-trend-described", &ends),
        first,
        last,
        bands,
        columns,
        markers: markers(points, asked.set, first, last),
        days: days(&seen, &theirs, first),
    };
    let level =
        |key: &str, from: u8| Level { percent: from.into(), label: t.with(key, &[("from", u64::from(from).into())]) };
    let levels = [level("zone-okay-from", asked.zones.okay()), level("zone-good-from", asked.zones.good())];
    Some(Figure::new(&wanted).with_levels(&wanted, &levels))
}

/// What is proven and what is possible, day by day, and the days of which that is not known; none where the two are one on
/// every day, or never known.
fn proven(points: &[TrendPoint], asked: Asked) -> Option<(Vec<Middle>, Vec<Date>)> {
    let own = points.iter().filter(|point| point.cause != Cause::Microsoft && point.day <= asked.last);
    let (mut known, mut unknown, mut open) = (Vec::new(), Vec::new(), false);
    for point in own {
        let (day, numbers) = (date_of(point.day)?, point.of_set(asked.set));
        open |= moves::is_open(&numbers);
        match numbers.percent_at_least.zip(numbers.percent_at_most) {
            Some((at_least, at_most)) => known.push((day, at_least, at_most)),
            None => unknown.push(day),
        }
    }
    open.then_some((known, unknown))
}

/// The days of both, in order.
fn days(own: &[&(Date, f64)], theirs: &[(Date, f64)], first: Date) -> Vec<Date> {
    let theirs = theirs.iter().map(|(day, _)| *day).filter(|day| *day >= first);
    own.iter().map(|(day, _)| *day).chain(theirs).collect::<BTreeSet<_>>().into_iter().collect()
}

fn percent(point: Option<(Date, f64)>) -> String {
    point.map(|(_, percent)| moves::percent(percent)).unwrap_or_default()
}

/// The narrowest group of this store that has quartiles: the same industry before the same size before all.
fn peers(comparison: &Comparison) -> Option<&Series> {
    let known = |series: &&Series| {
        let drawn = |point: &Point| point.quartiles.is_some() && has_others(point);
        series.source == Source::Store && series.points.last().is_some_and(drawn)
    };
    let all = || comparison.series.iter().filter(known);
    all().find(|series| series.group.starts_with("industry")).or_else(|| all().next_back())
}

/// What moved points besides the tenant.
fn markers(points: &[TrendPoint], set: Set, first: Date, last: Date) -> Vec<Marker> {
    let before = std::iter::once(None).chain(points.iter().map(Some));
    let of = |(point, before): (&TrendPoint, Option<&TrendPoint>)| {
        let marks = point.marks(before, set);
        // A fall is to be seen in the line itself.
        let said: Vec<_> = marks
            .into_iter()
            .filter(|mark| !matches!(mark, Mark::Regression | Mark::Microsoft))
            .map(moves::mark)
            .collect();
        let day = date_of(point.day).filter(|day| (first..=last).contains(day) && !said.is_empty())?;
        Some(Marker { day, label: said.join(", ") })
    };
    points.iter().zip(before).filter_map(of).collect()
}
