//! How the score came to be what it is: the graph of any days, the log of every change, and the way to any difference.

pub(super) mod difference;
mod log;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use idscore_history::instants::{date_of, day_of_date};
use idscore_history::{Cause, ChangeKind, KeptAssessment, TrendPoint};
use idscore_score::Set;
use idscore_store::Role;
use idscore_words::moves;
use idscore_words::texts::Texts;
use jiff::civil::Date;
use serde::Deserialize;

use self::log::LogEntry;
use super::address::part;
use super::chart::Figure;
use super::failure::{PageFailure, render};
use super::frame::{Frame, Place};
use super::overview::trend::{Asked as Wanted, figure_of};
use super::shown;
use super::visitor::{Asked, AtAssessed};
use crate::state::Service;

/// Ranges that a visitor may choose, in days; none is everything.
const RANGES: [(Option<i64>, &str, &str); 5] = [
    (Some(7), "7", "overview-range-7"),
    (Some(30), "30", "overview-range-30"),
    (Some(90), "90", "overview-range-90"),
    (Some(365), "365", "overview-range-365"),
    (None, "all", "history-range-all"),
];
/// The range unless asked otherwise.
const RANGE: Option<i64> = Some(90);
const SETS: [(Set, &str, &str); 2] =
    [(Set::Core, "core", "history-set-core"), (Set::Extended, "extended", "history-set-extended")];
/// What the log can be cut down to, as addresses and texts name it; the first is everything.
const KINDS: [(Option<ChangeKind>, &str, &str); 8] = [
    (None, "", "history-kind-all"),
    (Some(ChangeKind::Moved), "moved", "history-kind-moved"),
    (Some(ChangeKind::Fell), "fell", "history-kind-fell"),
    (Some(ChangeKind::Decision), "decisions", "history-kind-decisions"),
    (Some(ChangeKind::Review), "reviews", "history-kind-reviews"),
    (Some(ChangeKind::Rules), "rules", "history-kind-rules"),
    (Some(ChangeKind::Microsoft), "microsoft", "history-kind-microsoft"),
    (Some(ChangeKind::Setting), "settings", "history-kind-settings"),
];
/// Entries on a page of the log.
const ENTRIES: usize = 20;
/// Days between the two that stand in the form for a difference.
const APART: i64 = 30;

#[derive(Deserialize)]
#[serde(default)]
pub(super) struct Query {
    days: String,
    from: String,
    to: String,
    set: String,
    kind: String,
    page: usize,
}

impl Default for Query {
    fn default() -> Self {
        let none = String::new;
        Self { days: none(), from: none(), to: none(), set: none(), kind: none(), page: 1 }
    }
}

/// What the address asks for; every link of the page is another one.
#[derive(Debug, Clone, Copy, PartialEq)]
struct View {
    range: Range,
    set: Set,
    kind: Option<ChangeKind>,
    page: usize,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Range {
    Last(Option<i64>),
    Between(Option<Date>, Option<Date>),
}

impl View {
    fn of(query: &Query) -> Result<Self, PageFailure> {
        let range = match (day(&query.from)?, day(&query.to)?) {
            (None, None) => {
                Range::Last(RANGES.iter().find(|(_, word, _)| *word == query.days).map_or(RANGE, |(days, ..)| *days))
            }
            (Some(from), Some(to)) => Range::Between(Some(from.min(to)), Some(from.max(to))),
            (from, to) => Range::Between(from, to),
        };
        Ok(Self {
            range,
            set: SETS.iter().find(|(_, word, _)| *word == query.set).map_or(Set::Core, |(set, ..)| *set),
            kind: KINDS.iter().find(|(_, word, _)| *word == query.kind).and_then(|(kind, ..)| *kind),
            page: query.page.clamp(1, 1_000_000),
        })
    }

    /// The names and values of the address.
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = match self.range {
            Range::Last(days) => vec![(
                "days",
                RANGES.iter().find(|(known, ..)| *known == days).map_or("", |(_, word, _)| word).to_owned(),
            )],
            Range::Between(from, to) => {
                let day = |name, day: Option<Date>| day.map(|day| (name, day.to_string()));
                day("from", from).into_iter().chain(day("to", to)).collect()
            }
        };
        pairs.extend(SETS.iter().find(|(set, ..)| *set == self.set).map(|(_, word, _)| ("set", (*word).to_owned())));
        let kind = KINDS.iter().find(|(kind, ..)| *kind == self.kind && kind.is_some());
        pairs.extend(kind.map(|(_, word, _)| ("kind", (*word).to_owned())));
        if self.page > 1 {
            pairs.push(("page", self.page.to_string()));
        }
        pairs
    }

    fn address(&self, base: &str, place: &str) -> String {
        let pairs: Vec<String> = self.pairs().iter().map(|(name, value)| format!("{name}={value}")).collect();
        format!("{base}/history?{}#{place}", pairs.join("&"))
    }

    /// First and last day of the graph.
    fn days(&self, points: &[TrendPoint], newest: i64) -> (i64, i64) {
        let oldest = points.first().map_or(newest, |point| point.day);
        match self.range {
            Range::Last(days) => (days.map_or(oldest, |days| newest - days), newest),
            Range::Between(from, to) => (from.map_or(oldest, day_of_date), to.map_or(newest, day_of_date)),
        }
    }
}

/// A day of a form; none where it was left empty.
fn day(text: &str) -> Result<Option<Date>, PageFailure> {
    if text.is_empty() {
        return Ok(None);
    }
    let known = text.parse::<Date>().ok().filter(|day| day_of_date(*day) >= 0);
    known.map(Some).ok_or_else(|| PageFailure::Bad("A day is written as 2026-11-20.".to_owned()))
}

/// Something to choose, as a link.
struct Link {
    name: String,
    address: String,
    current: bool,
}

/// The two days of a form, and how far the history reaches.
struct Days {
    from: String,
    to: String,
    first: String,
    last: String,
}

#[derive(Template)]
#[template(path = "history.html")]
struct HistoryPage {
    frame: Frame,
    tenant: String,
    lead: String,
    base: String,
    ranges: Vec<Link>,
    sets: Vec<Link>,
    /// Fields of the form for a range, besides the days.
    kept: Vec<(&'static str, String)>,
    shown: Days,
    chart: Option<Figure>,
    apart: Days,
    kinds: Vec<Link>,
    entries: Vec<LogEntry>,
    how_many: String,
    newer: Option<String>,
    older: Option<String>,
}

/// `GET /tenants/{tenant}/history`
pub(super) async fn page(
    AtAssessed { at, newest }: AtAssessed,
    Asked(query): Asked<Query>,
    State(service): State<Service>,
) -> Result<Response, PageFailure> {
    let view = View::of(&query)?;
    let history = &service.archive.history;
    let points = history.trend(&at.tenant.id, 0, newest.day()).await?;
    let (first, last) = view.days(&points, newest.day());
    let comparison = history.comparison(&at.tenant.id, first, last).await?;
    let with_settings = at.visitor.may(&at.tenant.id, Role::Operator).is_ok();
    let skip = (view.page - 1) * ENTRIES;
    let changes = history.changes(&at.tenant.id, view.kind, with_settings, skip, ENTRIES).await?;
    let outlines = log::outlines(&service, &at.tenant.id, &changes.entries).await?;

    let title = Texts::english().say("nav-history");
    let frame = at.frame(Place::History, &title);
    let t = frame.t;
    let base = format!("/tenants/{}", part(&at.tenant.id));
    let link = |name: String, other: View, place: &str| Link {
        name,
        address: other.address(&base, place),
        current: other == view,
    };
    let written = |day: i64| date_of(day).map(|day| day.to_string()).unwrap_or_default();
    let oldest = points.first().map_or(newest.day(), |point| point.day);
    let days = |from: i64, to: i64| Days {
        from: written(from),
        to: written(to),
        first: written(oldest),
        last: written(newest.day()),
    };
    let asked = Wanted { set: view.set, zones: at.tenant.zones, first, last, microsoft: true };
    let turned = |page: usize| View { page, ..view }.address(&base, "log");
    let page = HistoryPage {
        tenant: shown::name(&at.tenant),
        lead: lead(t, &points, &newest),
        ranges: RANGES
            .iter()
            .map(|(days, _, key)| link(t.say(key), View { range: Range::Last(*days), ..view }, "graph"))
            .collect(),
        sets: SETS.iter().map(|(set, _, key)| link(t.say(key), View { set: *set, ..view }, "graph")).collect(),
        kept: view.pairs().into_iter().filter(|(name, _)| matches!(*name, "set" | "kind")).collect(),
        shown: days(first.max(oldest), last),
        chart: figure_of(t, &points, &comparison, asked),
        apart: days((newest.day() - APART).max(oldest), newest.day()),
        kinds: KINDS
            .iter()
            .filter(|(kind, ..)| with_settings || *kind != Some(ChangeKind::Setting))
            .map(|(kind, _, key)| {
                let other = View { kind: *kind, page: 1, ..view };
                Link { current: *kind == view.kind, ..link(t.say(key), other, "log") }
            })
            .collect(),
        entries: changes
            .entries
            .iter()
            .map(|change| log::entry(t, &service.catalogue, &base, change, &outlines))
            .collect(),
        how_many: how_many(t, changes.all, skip, changes.entries.len()),
        newer: (view.page > 1).then(|| turned(view.page - 1)),
        older: (skip + changes.entries.len() < changes.all).then(|| turned(view.page + 1)),
        base,
        frame,
    };
    render(&page)
}

/// Where it stands, and since when it is known.
fn lead(t: Texts, points: &[TrendPoint], newest: &KeptAssessment) -> String {
    let first = points.iter().find(|point| point.cause != Cause::Microsoft);
    let since = first.and_then(|point| date_of(point.day)).map(|day| day.to_string()).unwrap_or_default();
    let percent = moves::headline_proven(&newest.core);
    let lead = t.with("history-lead", &[("percent", (&percent).into()), ("since", (&since).into())]);
    let known = |point: &TrendPoint| point.cause == Cause::Microsoft || point.core.percent_at_least.is_some();
    if points.iter().all(known) { lead } else { format!("{lead} {}.", shown::first_upper(moves::NOT_KNOWN)) }
}

fn how_many(t: Texts, all: usize, skip: usize, shown: usize) -> String {
    if shown == 0 {
        return t.say("history-log-none");
    }
    let (from, to) = ((skip + 1) as u64, (skip + shown) as u64);
    t.with("history-log-shown", &[("from", from.into()), ("to", to.into()), ("all", (all as u64).into())])
}
