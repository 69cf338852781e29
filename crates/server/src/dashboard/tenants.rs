//! All tenants that a visitor may look at: how they are, who fell, who is best and worst, and every action beside every tenant.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use idscore_history::instants::DAY;
use idscore_history::{Fallen, HeatCell, HeatMap, Portfolio, PortfolioOrder, PortfolioSummary, PortfolioTenant};
use idscore_score::Zone;
use idscore_store::{Role, now};
use idscore_words as words;
use idscore_words::moves;
use idscore_words::texts::Texts;
use serde::Deserialize;

use super::address::part;
use super::failure::{PageFailure, render};
use super::frame::{Frame, Place};
use super::overview::{class_of, coverage};
use super::shown;
use super::visitor::{Asked, AtHome};
use crate::state::Service;

/// Tenants on a page: as many columns as a heat map can be read with.
const ON_PAGE: usize = 25;
/// Days over which a change is counted.
const DAYS: i64 = 30;
/// What the list can be ordered by, as addresses and headings name it.
const ORDERS: [(PortfolioOrder, &str, &str); 6] = [
    (PortfolioOrder::Name, "name", "tenants-head-name"),
    (PortfolioOrder::Score, "score", "tenants-head-score"),
    (PortfolioOrder::Change, "change", "tenants-head-change"),
    (PortfolioOrder::Coverage, "coverage", "tenants-head-coverage"),
    (PortfolioOrder::Age, "age", "tenants-head-age"),
    (PortfolioOrder::Size, "size", "tenants-head-size"),
];
const ZONES: [(Zone, &str, &str); 3] =
    [(Zone::Bad, "bad", "not-met"), (Zone::Okay, "okay", "partial"), (Zone::Good, "good", "met")];

#[derive(Deserialize)]
pub(super) struct Query {
    #[serde(default)]
    q: String,
    #[serde(default)]
    zone: String,
    /// An order, with `-` before it the other way round.
    #[serde(default)]
    sort: String,
    #[serde(default = "first")]
    page: usize,
}

const fn first() -> usize {
    1
}

/// What the address asks for; every link of the page is another one.
#[derive(Debug, Clone, PartialEq)]
struct View {
    text: String,
    zone: Option<Zone>,
    order: PortfolioOrder,
    reverse: bool,
    page: usize,
}

impl View {
    fn of(query: &Query) -> Self {
        let (reverse, word) = query.sort.strip_prefix('-').map_or((false, query.sort.as_str()), |word| (true, word));
        let order = ORDERS.iter().find(|(_, known, _)| *known == word).map(|(order, ..)| *order);
        Self {
            text: query.q.chars().take(200).collect(),
            zone: ZONES.iter().find(|(_, word, _)| *word == query.zone).map(|(zone, ..)| *zone),
            order: order.unwrap_or(PortfolioOrder::Score),
            reverse: reverse && order.is_some(),
            page: query.page.clamp(1, 1_000_000),
        }
    }

    fn sort(&self) -> String {
        let word = ORDERS.iter().find(|(order, ..)| *order == self.order).map_or("", |(_, word, _)| word);
        format!("{}{word}", if self.reverse { "-" } else { "" })
    }

    fn zone(&self) -> &'static str {
        ZONES.iter().find(|(zone, ..)| Some(*zone) == self.zone).map_or("", |(_, word, _)| word)
    }

    fn address(&self) -> String {
        let mut address = format!("/tenants?sort={}", self.sort());
        if !self.text.is_empty() {
            address.push_str(&format!("&q={}", part(&self.text)));
        }
        if self.zone.is_some() {
            address.push_str(&format!("&zone={}", self.zone()));
        }
        if self.page > 1 {
            address.push_str(&format!("&page={}", self.page));
        }
        address
    }
}

#[derive(Template)]
#[template(path = "tenants.html")]
struct TenantsPage {
    frame: Frame,
    lead: String,
    numbers: Vec<Number>,
    zones: Vec<ZoneLink>,
    everything: String,
    text: String,
    zone: &'static str,
    sort: String,
    how_many: String,
    heads: Vec<Head>,
    rows: Vec<Row>,
    before: Option<String>,
    after: Option<String>,
    columns: Vec<Column>,
    actions: Vec<Action>,
}

/// A number of all of them; the tenant that it is of, with its page.
struct Number {
    label: String,
    value: String,
    of: Option<(String, String)>,
}

struct ZoneLink {
    name: &'static str,
    class: &'static str,
    count: String,
    address: String,
    current: bool,
}

/// A heading that the list can be ordered by.
struct Head {
    name: String,
    address: String,
    /// For `aria-sort`.
    sorted: &'static str,
    right: bool,
}

/// A tenant.
struct Row {
    name: String,
    address: String,
    invented: bool,
    score: String,
    proven: Option<String>,
    zone: Option<(&'static str, &'static str)>,
    change: String,
    change_class: &'static str,
    coverage: String,
    age: String,
    fallen: String,
    industry: String,
    size: String,
}

/// A tenant over its column.
struct Column {
    name: String,
    address: String,
}

/// An action beside every tenant.
struct Action {
    title: String,
    met: String,
    cells: Vec<(&'static str, &'static str)>,
}

/// `GET /tenants`
pub(super) async fn page(
    at: AtHome,
    Asked(query): Asked<Query>,
    State(service): State<Service>,
) -> Result<Response, PageFailure> {
    let view = View::of(&query);
    let history = &service.archive.history;
    let Portfolio { tenants } = history.portfolio(DAYS).await?;
    let seen = |one: &PortfolioTenant| at.visitor.may(&one.tenant.id, Role::Reader).is_ok();
    let portfolio = Portfolio { tenants: tenants.into_iter().filter(seen).collect() };
    let found = portfolio.found(&view.text, view.zone, view.order, view.reverse);
    let skip = (view.page - 1) * ON_PAGE;
    let shown: Vec<&PortfolioTenant> = found.iter().skip(skip).take(ON_PAGE).copied().collect();
    let map = history.heat_map(&shown).await?;

    let title = Texts::english().say("nav-tenants");
    let frame = at.frame(Place::Tenants, &title);
    let t = frame.t;
    let summary = portfolio.summary();
    let turned = |page: usize| View { page, ..view.clone() }.address();
    let instant = now();
    let page = TenantsPage {
        lead: t.with("tenants-lead", &[("count", (portfolio.tenants.len() as u64).into())]),
        numbers: summary.as_ref().map(|summary| numbers(t, summary)).unwrap_or_default(),
        zones: summary.as_ref().map(|summary| zones(&view, summary)).unwrap_or_default(),
        everything: View { text: String::new(), zone: None, page: 1, ..view.clone() }.address(),
        how_many: how_many(t, found.len(), skip, shown.len()),
        heads: ORDERS.iter().map(|order| head(t, &view, *order)).collect(),
        rows: shown.iter().zip(&map.fallen).map(|(one, fallen)| row(t, one, *fallen, instant)).collect(),
        before: (view.page > 1).then(|| turned(view.page - 1)),
        after: (skip + shown.len() < found.len()).then(|| turned(view.page + 1)),
        columns: shown.iter().map(|one| Column { name: shown::name(&one.tenant), address: overview(one) }).collect(),
        actions: actions(t, &map),
        zone: view.zone(),
        sort: view.sort(),
        text: view.text,
        frame,
    };
    render(&page)
}

fn overview(one: &PortfolioTenant) -> String {
    format!("/tenants/{}/overview", part(&one.tenant.id))
}

fn numbers(t: Texts, summary: &PortfolioSummary<'_>) -> Vec<Number> {
    let of = |one: &PortfolioTenant| Some((shown::name(&one.tenant), overview(one)));
    let percent = |one: &PortfolioTenant| one.percent().map(moves::percent).unwrap_or_default();
    let number = |key: &str, value: String, of| Number { label: t.say(key), value, of };
    vec![
        number("tenants-average", moves::percent(summary.average), None),
        number("tenants-median", moves::percent(summary.median), None),
        number("tenants-best", percent(summary.best), of(summary.best)),
        number("tenants-worst", percent(summary.worst), of(summary.worst)),
    ]
}

fn zones(view: &View, summary: &PortfolioSummary<'_>) -> Vec<ZoneLink> {
    let link = |((zone, _, class), count): (&(Zone, &'static str, &'static str), usize)| ZoneLink {
        name: zone.words(),
        class,
        count: words::thousands(count as u64),
        address: View { zone: Some(*zone), page: 1, ..view.clone() }.address(),
        current: view.zone == Some(*zone),
    };
    ZONES.iter().zip(summary.zones).map(link).collect()
}

fn how_many(t: Texts, all: usize, skip: usize, shown: usize) -> String {
    if shown == 0 {
        return t.say("tenants-none");
    }
    let (from, to) = ((skip + 1) as u64, (skip + shown) as u64);
    t.with("tenants-shown", &[("from", from.into()), ("to", to.into()), ("all", (all as u64).into())])
}

fn head(t: Texts, view: &View, (order, _, key): (PortfolioOrder, &str, &str)) -> Head {
    let current = order == view.order;
    // What goes up by itself: a name from A, a score from the lowest; data and sizes begin with the oldest and the largest.
    let falls = matches!(order, PortfolioOrder::Size | PortfolioOrder::Age);
    let sorted = match (current, view.reverse == falls) {
        (false, _) => "none",
        (true, true) => "ascending",
        (true, false) => "descending",
    };
    let other = View { order, reverse: current && !view.reverse, page: 1, ..view.clone() };
    Head { name: t.say(key), address: other.address(), sorted, right: order != PortfolioOrder::Name }
}

fn row(t: Texts, one: &PortfolioTenant, fallen: Option<Fallen>, instant: i64) -> Row {
    let change = one.change();
    let class = |zone: Zone| ZONES.iter().find(|(known, ..)| *known == zone).map_or("", |(_, _, class)| class);
    let standing = one.standing.as_ref();
    let name = shown::name(&one.tenant);
    Row {
        // Tenants of a demonstration say it in their names.
        invented: one.tenant.invented && !name.contains("(invented)"),
        name,
        address: overview(one),
        score: match (one.percent(), standing) {
            (Some(percent), _) => moves::percent(percent),
            (None, Some(_)) => t.say("tenants-no-score"),
            (None, None) => t.say("tenants-not-assessed"),
        },
        proven: standing.and_then(|standing| moves::proven(standing.at_least, standing.at_most)),
        zone: one.zone().map(|zone| (zone.words(), class(zone))),
        change: change.map(moves::signed).unwrap_or_default(),
        change_class: change.map_or("soft", class_of),
        coverage: standing.map(|standing| coverage(standing.coverage)).unwrap_or_default(),
        age: standing
            .map(|standing| {
                let days = u64::try_from((instant - standing.taken_at) / DAY).unwrap_or(0);
                t.with("tenants-age", &[("days", days.into())])
            })
            .unwrap_or_default(),
        fallen: fallen
            .map(|fallen| {
                let key =
                    if fallen.rules_changed && fallen.controls > 0 { "tenants-fallen-rules" } else { "tenants-fallen" };
                t.with(key, &[("count", (fallen.controls as u64).into())])
            })
            .unwrap_or_default(),
        industry: one.tenant.industry.clone(),
        size: one.tenant.seats.map(|seats| t.with("tenants-seats", &[("seats", seats.into())])).unwrap_or_default(),
    }
}

fn actions(t: Texts, map: &HeatMap) -> Vec<Action> {
    let cell = |cell: &Option<HeatCell>| {
        let said =
            |cell: HeatCell| (words::outcome_seen(cell.outcome, cell.wholly), shown::outcome_class(cell.outcome));
        cell.map_or(("", ""), said)
    };
    map.rows
        .iter()
        .map(|row| {
            let counts = [("met", (row.met as u64).into()), ("judged", (row.judged as u64).into())];
            Action {
                title: row.title.clone(),
                met: t.with("tenants-met", &counts),
                cells: row.cells.iter().map(cell).collect(),
            }
        })
        .collect()
}
