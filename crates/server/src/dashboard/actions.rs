//! The improvement actions: every control, searched, filtered, grouped and sorted by the address, and changed several at once.

pub(super) mod columns;
pub(super) mod decide;
pub(super) mod export;
pub(super) mod list;
pub(super) mod query;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use idscore_catalogue::control::Level;
use idscore_history::Together;
use idscore_score::{Outcome, Set, Status};
use idscore_store::Role;
use idscore_words as words;
use idscore_words::moves;
use idscore_words::texts::Texts;
use serde::Deserialize;

use self::columns::{Cell, Column, level_word};
use self::decide::StatusChoice;
use self::list::{Group, Plan, area_name, grouped};
use self::query::Query;
use super::address::part;
use super::failure::{PageFailure, render};
use super::frame::{Frame, Place};
use super::visitor::{Asked, AtTenant};
use crate::state::Service;

/// Least impacts to choose from, in percent.
const IMPACTS: [&str; 4] = ["1", "2", "5", "10"];

/// What a form that was saved says on its way back.
#[derive(Deserialize)]
pub(super) struct Saved {
    pub(super) saved: Option<u64>,
}

#[derive(Template)]
#[template(path = "actions.html")]
struct ActionsPage {
    frame: Frame,
    base: String,
    summary: Vec<String>,
    message: Option<String>,
    search: String,
    filters: Vec<Filter>,
    impacts: Vec<Choice>,
    regressed: bool,
    /// Filters that are set, each with the address without it.
    set: Vec<(String, String)>,
    groupings: Vec<Choice>,
    sorts: Vec<Choice>,
    orders: Vec<Choice>,
    columns: Vec<Choice>,
    heads: Vec<Head>,
    groups: Vec<ShownGroup>,
    /// Cells of a row, the box to tick included.
    width: usize,
    /// The visitor may decide.
    may: bool,
    statuses: Vec<StatusChoice>,
    /// The query of this list, without its question mark.
    back: String,
}

/// Values of a filter to choose from.
struct Filter {
    legend: String,
    name: &'static str,
    choices: Vec<Choice>,
}

/// A value to choose.
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) name: String,
    pub(super) chosen: bool,
}

/// The heading of a column, which sorts by it.
struct Head {
    name: String,
    address: String,
    number: bool,
    /// For `aria-sort`; empty where the list is sorted otherwise.
    sort: &'static str,
}

struct ShownGroup {
    heading: Option<(String, String)>,
    rows: Vec<ShownRow>,
}

struct ShownRow {
    id: String,
    title: String,
    address: String,
    /// What it lost since the data before, where no column says so.
    regressed: Option<String>,
    cells: Vec<Cell>,
}

/// `GET /tenants/{tenant}/actions`
pub(super) async fn page(
    at: AtTenant,
    Asked(query): Asked<Query>,
    Asked(saved): Asked<Saved>,
    State(service): State<Service>,
) -> Result<Response, PageFailure> {
    let plan = Plan::read(&service, &at.tenant.id).await?.ok_or(PageFailure::NotAssessed)?;
    let query = query.cleaned();
    let frame = at.frame(Place::Actions, &Texts::english().say("nav-actions"));
    let t = frame.t;
    let base = format!("/tenants/{}/actions", part(&at.tenant.id));
    let shown = plan.shown(&query);
    let all = plan.newest.controls.len();
    let columns = query.columns();
    let may = at.visitor.may(&at.tenant.id, Role::Operator).is_ok();
    let name_of = |name: &str, value: &str| name_of(t, &plan, name, value);
    let page = ActionsPage {
        summary: summary(t, shown.len(), all, plan.together(&shown)),
        message: saved.saved.map(|count| t.with("actions-saved", &[("count", count.into())])),
        filters: filters(t, &plan, &query),
        impacts: impacts(t, &query),
        regressed: !query.regressed.is_empty(),
        set: query
            .set_filters()
            .iter()
            .map(|(name, value, without)| (name_of(name, value), format!("{base}{}", without.text())))
            .collect(),
        groupings: groupings(t, &query),
        sorts: sorts(t, &query),
        orders: orders(t, &query),
        columns: Column::CHOICE
            .iter()
            .map(|column| Choice {
                value: column.word().to_owned(),
                name: t.say(column.key()),
                chosen: columns.contains(column),
            })
            .collect(),
        heads: heads(t, &base, &query, &columns),
        width: columns.len() + 1 + usize::from(may),
        groups: grouped(t, shown, &query.group)
            .iter()
            .map(|group| shown_group(t, &plan, group, &columns, &base, &query))
            .collect(),
        may,
        statuses: decide::statuses(t, None),
        back: query.bare(),
        search: query.q.clone(),
        base,
        frame,
    };
    render(&page)
}

/// How many of how many, and what they would win together.
fn summary(t: Texts, shown: usize, all: usize, together: Together) -> Vec<String> {
    let mut said = vec![t.with("actions-shown", &[("shown", (shown as u64).into()), ("all", (all as u64).into())])];
    if moves::fell(together.core, 0.0) {
        let percent = moves::percent(together.core_percent);
        said.push(t.with("actions-together", &[("points", together.core.into()), ("percent", (&percent).into())]));
    }
    if moves::fell(together.extended, 0.0) {
        let percent = moves::percent(together.extended_percent);
        let numbers = [("points", together.extended.into()), ("percent", (&percent).into())];
        said.push(t.with("actions-together-extended", &numbers));
    }
    said
}

fn filters(t: Texts, plan: &Plan, query: &Query) -> Vec<Filter> {
    let filter = |key: &str, name: &'static str, wanted: &[String], values: Vec<String>| {
        // What an address asks for can be taken off although nothing has it any more.
        let odd = wanted.iter().filter(|value| !values.contains(value)).cloned().collect::<Vec<_>>();
        let choices = values.into_iter().chain(odd).map(|value| Choice {
            name: name_of_value(t, plan, name, &value),
            chosen: wanted.contains(&value),
            value,
        });
        Filter { legend: t.say(key), name, choices: choices.collect() }
    };
    let texts = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let outcomes = [Outcome::NotMet, Outcome::Partial, Outcome::Met, Outcome::NotAssessed, Outcome::NotApplicable];
    let levels =
        || [Level::None, Level::Low, Level::Moderate, Level::High].map(|level| level_word(level).to_owned()).to_vec();
    let mut owners = plan.owners();
    if !owners.is_empty() {
        owners.push("-".to_owned());
    }
    let filters = vec![
        filter("actions-column-outcome", "outcome", &query.outcome, texts(&outcomes.map(words::outcome_key))),
        filter("actions-column-status", "status", &query.status, texts(&ALL_STATUSES.map(words::status_key))),
        filter("actions-column-area", "area", &query.area, plan.areas()),
        filter("actions-column-user-impact", "user_impact", &query.user_impact, levels()),
        filter("actions-column-effort", "effort", &query.effort, levels()),
        filter("actions-column-license", "license", &query.license, texts(&["owned", "missing", "unknown", "none"])),
        filter(
            "actions-column-frameworks",
            "framework",
            &query.framework,
            plan.frameworks().into_iter().map(|(name, _)| name).collect(),
        ),
        filter("actions-column-set", "set", &query.set, texts(&[Set::Core, Set::Extended].map(words::set))),
        filter("actions-column-owner", "owner", &query.owner, owners),
        filter("actions-column-tags", "tag", &query.tag, plan.tags()),
    ];
    filters.into_iter().filter(|filter| !filter.choices.is_empty()).collect()
}

/// Every status, in the order of choosing.
pub(super) const ALL_STATUSES: [Status; 6] = [
    Status::ToAddress,
    Status::Planned,
    Status::RiskAccepted,
    Status::ThirdParty,
    Status::AlternateMitigation,
    Status::Completed,
];

/// A value of a filter as people say it.
fn name_of_value(t: Texts, plan: &Plan, name: &str, value: &str) -> String {
    let found = match name {
        "outcome" => {
            let all = [Outcome::Met, Outcome::Partial, Outcome::NotMet, Outcome::NotApplicable, Outcome::NotAssessed];
            all.into_iter().find(|one| words::outcome_key(*one) == value).map(|one| words::outcome(one).to_owned())
        }
        "status" => {
            let found = ALL_STATUSES.into_iter().find(|one| words::status_key(*one) == value);
            found.map(|one| words::status_name(one).to_owned())
        }
        "area" => Some(area_name(value)),
        "license" => match value {
            "owned" => Some(t.say("actions-license-owned")),
            "missing" => Some(t.say("actions-license-missing")),
            "unknown" => Some(t.say("actions-license-unknown")),
            "none" => Some(t.say("actions-license-none")),
            _ => None,
        },
        "framework" => plan.frameworks().into_iter().find(|(known, _)| known == value).map(|(_, full)| full),
        "owner" if value == "-" => Some(t.say("actions-nobody")),
        _ => None,
    };
    found.unwrap_or_else(|| value.to_owned())
}

/// A filter that is set, in words.
fn name_of(t: Texts, plan: &Plan, name: &str, value: &str) -> String {
    let key = match name {
        "q" => "actions-search",
        "status" => "actions-column-status",
        "outcome" => "actions-column-outcome",
        "area" => "actions-column-area",
        "user_impact" => "actions-column-user-impact",
        "effort" => "actions-column-effort",
        "license" => "actions-column-license",
        "framework" => "actions-column-frameworks",
        "owner" => "actions-column-owner",
        "tag" => "actions-column-tags",
        "set" => "actions-column-set",
        "impact" => return t.with("actions-impact-from", &[("percent", value.into())]),
        _ => return t.say("actions-column-regressed"),
    };
    format!("{}: {}", t.say(key), name_of_value(t, plan, name, value))
}

fn impacts(t: Texts, query: &Query) -> Vec<Choice> {
    let any = Choice { value: String::new(), name: t.say("actions-any"), chosen: query.impact.is_empty() };
    let other = std::iter::once(query.impact.as_str()).filter(|impact| !impact.is_empty() && !IMPACTS.contains(impact));
    let of = |impact: &str| Choice {
        value: impact.to_owned(),
        name: t.with("actions-impact-least", &[("percent", impact.into())]),
        chosen: query.impact == impact,
    };
    std::iter::once(any).chain(IMPACTS.into_iter().chain(other).map(of)).collect()
}

fn groupings(t: Texts, query: &Query) -> Vec<Choice> {
    let known = [
        ("", "actions-group-none"),
        ("area", "actions-column-area"),
        ("status", "actions-column-status"),
        ("owner", "actions-column-owner"),
        ("framework", "actions-group-framework"),
    ];
    let of =
        |(word, key): (&str, &str)| Choice { value: word.to_owned(), name: t.say(key), chosen: query.group == word };
    known.into_iter().map(of).collect()
}

fn sorts(t: Texts, query: &Query) -> Vec<Choice> {
    let ranking = Choice { value: String::new(), name: t.say("actions-sort-ranking"), chosen: query.sort.is_empty() };
    let columns = std::iter::once(Column::Title).chain(Column::CHOICE).map(|column| Choice {
        value: column.word().to_owned(),
        name: t.say(column.key()),
        chosen: query.sort == column.word(),
    });
    std::iter::once(ranking).chain(columns).collect()
}

fn orders(t: Texts, query: &Query) -> Vec<Choice> {
    let known = [("", "actions-order-usual"), ("up", "actions-order-up"), ("down", "actions-order-down")];
    let of =
        |(word, key): (&str, &str)| Choice { value: word.to_owned(), name: t.say(key), chosen: query.order == word };
    known.into_iter().map(of).collect()
}

fn heads(t: Texts, base: &str, query: &Query, columns: &[Column]) -> Vec<Head> {
    let sorted = query.sorted_by();
    let of = |column: &Column| Head {
        name: t.say(column.key()),
        address: format!("{base}{}", query.with_sort(*column).text()),
        number: column.is_number(),
        sort: match sorted {
            Some((known, true)) if known == *column => "descending",
            Some((known, false)) if known == *column => "ascending",
            _ => "",
        },
    };
    std::iter::once(&Column::Title).chain(columns).map(of).collect()
}

fn shown_group(t: Texts, plan: &Plan, group: &Group<'_>, columns: &[Column], base: &str, query: &Query) -> ShownGroup {
    let heading = group.heading.clone().map(|heading| {
        let said = summary(t, group.actions.len(), plan.newest.controls.len(), plan.together(&group.actions));
        (heading, said.join(" "))
    });
    let row = |listed: &list::Listed<'_>| ShownRow {
        id: listed.id().to_owned(),
        title: listed.action.control.title.clone(),
        address: format!("{base}/{}{}", part(listed.id()), query.text()),
        regressed: listed.regressed(t).filter(|_| !columns.contains(&Column::Regressed)),
        cells: columns.iter().map(|column| column.cell(t, listed)).collect(),
    };
    ShownGroup { heading, rows: group.actions.iter().map(row).collect() }
}
