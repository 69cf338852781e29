//! The tenant beside others: every group with its source, its day and its number of tenants, and one of them over time.

use std::collections::BTreeSet;

pub(super) mod microsoft;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use idscore_history::RANKED_FROM;
use idscore_history::comparison::{Comparison, OwnDay, Point, Series, Source};
use idscore_history::instants::date_of;
use idscore_words::comparison::{about, source, standing};
use idscore_words::moves;
use idscore_words::texts::Texts;
use jiff::civil::Date;
use serde::Deserialize;

use super::address::part;
use super::chart::{Between, Column, Figure, Middle, Wanted};
use super::failure::{PageFailure, render};
use super::frame::{Frame, Place};
use super::shown;
use super::visitor::{Asked, AtAssessed};
use crate::state::Service;

/// Ranges that a visitor may choose, in days; none is everything.
const RANGES: [(Option<i64>, &str, &str); 4] = [
    (Some(30), "30", "overview-range-30"),
    (Some(90), "90", "overview-range-90"),
    (Some(365), "365", "overview-range-365"),
    (None, "all", "history-range-all"),
];
/// The range unless asked otherwise.
const RANGE: Option<i64> = Some(90);

#[derive(Deserialize)]
pub(super) struct Query {
    #[serde(default)]
    days: String,
    /// The key of a group.
    #[serde(default)]
    beside: String,
}

#[derive(Template)]
#[template(path = "comparison.html")]
struct ComparisonPage {
    frame: Frame,
    tenant: String,
    lead: Vec<String>,
    base: String,
    own: Option<Row>,
    rows: Vec<Row>,
    notes: Vec<String>,
    ranges: Vec<Link>,
    days: &'static str,
    groups: Vec<Choice>,
    chart: Option<Figure>,
}

/// A group at its newest day.
struct Row {
    group: String,
    source: String,
    /// Where it was published.
    origin: Option<String>,
    day: String,
    tenants: String,
    middle: String,
    spread: String,
    own: String,
    standing: String,
}

struct Link {
    name: String,
    address: String,
    current: bool,
}

struct Choice {
    key: String,
    name: String,
    current: bool,
}

/// `GET /tenants/{tenant}/comparison`
pub(super) async fn page(
    AtAssessed { at, newest }: AtAssessed,
    Asked(query): Asked<Query>,
    State(service): State<Service>,
) -> Result<Response, PageFailure> {
    let history = &service.archive.history;
    let (range, days, _) = RANGES.iter().find(|(_, word, _)| *word == query.days).copied().unwrap_or_else(usual);
    let from = range.map_or(0, |range| newest.day() - range);
    let comparison = history.comparison(&at.tenant.id, from, newest.day()).await?;

    let title = Texts::english().say("nav-comparison");
    let frame = at.frame(Place::Comparison, &title);
    let t = frame.t;
    let base = format!("/tenants/{}", part(&at.tenant.id));
    let asked = comparison.series.iter().filter(drawn).find(|series| key(series) == query.beside);
    let beside = asked.or_else(|| nearest(&comparison));
    let chosen = beside.map(key);
    let also = chosen.as_deref().filter(|_| asked.is_some()).map(|key| format!("&beside={}", part(key)));
    let page = ComparisonPage {
        tenant: shown::name(&at.tenant),
        lead: lead(t, &comparison),
        own: comparison.own.last().map(|own| own_row(t, own)),
        rows: comparison.newest().map(|(series, point)| row(t, series, point)).collect(),
        notes: notes(t, &comparison),
        ranges: RANGES
            .iter()
            .map(|(known, word, key)| Link {
                name: t.say(key),
                address: format!("{base}/comparison?days={word}{}#trend", also.as_deref().unwrap_or_default()),
                current: *known == range,
            })
            .collect(),
        days,
        groups: comparison
            .series
            .iter()
            .filter(drawn)
            .map(|series| Choice {
                name: format!("{}: {}", source(series), series.group),
                current: chosen == Some(key(series)),
                key: key(series),
            })
            .collect(),
        chart: beside.and_then(|series| figure(t, &comparison, series, from, newest.day())),
        base,
        frame,
    };
    render(&page)
}

fn usual() -> (Option<i64>, &'static str, &'static str) {
    RANGES.iter().find(|(range, ..)| *range == RANGE).copied().unwrap_or((None, "all", "history-range-all"))
}

/// What tells a group from the others, the same from day to day.
fn key(series: &Series) -> String {
    let source = match series.source {
        Source::Store => "store",
        Source::Microsoft => "microsoft",
        Source::Published => "published",
        Source::File => "file",
    };
    let origin = series.origin.as_deref().filter(|_| series.source == Source::File).unwrap_or_default();
    format!("{source} {} {origin}", series.group).trim_end().to_owned()
}

/// The group that is most like the tenant and large enough to rank: the same industry before similar size before all.
fn nearest(comparison: &Comparison) -> Option<&Series> {
    let ranked = |series: &&Series| series.points.last().is_some_and(|point| point.percentile_rank.is_some());
    let ours = || comparison.series.iter().filter(|series| series.source == Source::Store);
    let alike = ours().filter(ranked).find(|series| series.group.starts_with("industry"));
    alike.or_else(|| ours().rfind(ranked)).or_else(|| comparison.series.iter().find(drawn))
}

/// Whether a group has numbers that a chart can draw: too few tenants have none.
fn drawn(series: &&Series) -> bool {
    series.points.iter().any(|point| point.quartiles.is_some() || point.average.is_some())
}

fn lead(t: Texts, comparison: &Comparison) -> Vec<String> {
    let Some(own) = comparison.own.last() else { return vec![t.say("comparison-lead-none")] };
    let (percent, day) = (moves::percent(own.percent), own.day.to_string());
    let mut lead = vec![t.with("comparison-lead", &[("percent", (&percent).into()), ("day", (&day).into())])];
    if let Some((series, point)) = nearest(comparison)
        .and_then(|series| Some((series, series.points.last()?)))
        .filter(|(_, point)| point.percentile_rank.is_some())
    {
        let standing = standing(point);
        let said = [("group", (&series.group).into()), ("standing", (&standing).into())];
        lead.push(t.with("comparison-lead-rank", &said));
    }
    lead
}

fn own_row(t: Texts, own: &OwnDay) -> Row {
    let by = if own.by == Source::Microsoft { "comparison-own-microsoft" } else { "comparison-own-source" };
    Row {
        group: t.say("comparison-own"),
        source: t.say(by),
        origin: None,
        day: own.day.to_string(),
        tenants: "1".to_owned(),
        middle: String::new(),
        spread: String::new(),
        own: moves::percent(own.percent),
        standing: String::new(),
    }
}

fn row(t: Texts, series: &Series, point: &Point) -> Row {
    let about = about(point);
    let mean =
        || point.average.map(|average| t.with("comparison-mean", &[("percent", (&moves::percent(average)).into())]));
    let middle = point.quartiles.map(|quartiles| format!("{about}{}", moves::percent(quartiles.median))).or_else(mean);
    let file = series.source == Source::File;
    Row {
        group: shown::first_upper(&series.group),
        source: source(series),
        origin: series.origin.clone().filter(|_| !file),
        day: if file { point.day.strftime("%Y-%m").to_string() } else { point.day.to_string() },
        tenants: point.tenants.map_or_else(|| t.say("comparison-unpublished"), |tenants| format!("{about}{tenants}")),
        middle: middle.unwrap_or_default(),
        spread: point
            .quartiles
            .map(|quartiles| format!("{about}{:.2}–{:.2} %", quartiles.p25, quartiles.p75))
            .unwrap_or_default(),
        own: point.own.map(moves::percent).unwrap_or_default(),
        standing: standing(point),
    }
}

fn notes(t: Texts, comparison: &Comparison) -> Vec<String> {
    let mut notes = vec![t.say("comparison-how"), t.with("comparison-how-few", &[("count", RANKED_FROM.into())])];
    if comparison.newest().any(|(_, point)| point.epsilon.is_some()) {
        notes.push(t.say("comparison-how-noise"));
    }
    if comparison.series.iter().any(|series| series.invented) {
        notes.push(t.say("comparison-how-invented"));
    }
    if comparison.tenant.industry.is_empty() {
        notes.push(t.say("comparison-industry-none"));
    }
    notes
}

/// The middle half of a group.
fn quartiles(t: Texts, band: &[Middle]) -> Between<'_> {
    Between {
        name: t.say("overview-trend-band"),
        class: "band",
        points: band,
        steps: false,
        unknown: &[],
        none: String::new(),
    }
}

/// The tenant and one group over time.
fn figure(t: Texts, comparison: &Comparison, beside: &Series, from: i64, to: i64) -> Option<Figure> {
    let last = date_of(to)?;
    let days: BTreeSet<Date> =
        comparison.own.iter().map(|own| own.day).chain(beside.points.iter().map(|point| point.day)).collect();
    let first = (*days.first()?).max(date_of(from.max(0))?).min(last.checked_sub(jiff::Span::new().days(7)).ok()?);
    let own: Vec<(Date, f64)> = comparison.own.iter().map(|own| (own.day, own.percent)).collect();
    let middle =
        |point: &Point| Some((point.day, point.quartiles.map(|quartiles| quartiles.median).or(point.average)?));
    let middle: Vec<(Date, f64)> = beside.points.iter().filter_map(middle).collect();
    let band = |point: &Point| point.quartiles.map(|quartiles| (point.day, quartiles.p25, quartiles.p75));
    let band: Vec<Middle> = beside.points.iter().filter_map(band).collect();
    let group = [("group", (&beside.group).into())];
    let name =
        if band.is_empty() { t.with("comparison-trend-mean", &group) } else { t.with("overview-trend-median", &group) };
    let ends = [("group", beside.group.clone()), ("first", first.to_string()), ("last", last.to_string())];
    let ends: Vec<_> = ends.iter().map(|(name, text)| (*name, text.into())).collect();
    Some(Figure::new(&Wanted {
        id: "comparison-chart",
        title: t.say("comparison-trend"),
        description: t.with("comparison-trend-described", &ends),
        first,
        last,
        bands: (!band.is_empty()).then(|| quartiles(t, &band)).into_iter().collect(),
        columns: vec![
            Column { name, class: Some("median"), points: &middle, steps: false },
            Column { name: t.say("comparison-trend-own"), class: Some("own"), points: &own, steps: true },
        ],
        markers: vec![],
        days: days.into_iter().filter(|day| *day >= first).collect(),
    }))
}
