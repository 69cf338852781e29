//! Conditional Access: who is protected by what, what escapes, and what each policy is there for.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use idscore_assess::{AccessOverview, Added, Cover, PolicyCover, PolicyState, ProtectionCover, Told};
use idscore_words as words;
use idscore_words::moves;
use idscore_words::texts::Texts;
use serde::Deserialize;

use super::address::part;
use super::failure::{PageFailure, render};
use super::frame::{Frame, Place};
use super::shown;
use super::visitor::{Asked, AtAssessed};
use crate::state::Service;

/// Policies on a page, and sentences that stand open under a protection.
const POLICIES: usize = 50;
const OPEN: usize = 3;

#[derive(Deserialize)]
pub(super) struct Query {
    #[serde(default)]
    search: String,
    #[serde(default)]
    state: String,
    page: Option<usize>,
}

#[derive(Template)]
#[template(path = "access.html")]
struct AccessPage {
    frame: Frame,
    as_of: String,
    /// Why nothing can be shown.
    empty: Vec<String>,
    notes: Vec<String>,
    facts: Vec<String>,
    protections: Vec<Row>,
    gaps: Vec<Gaps>,
    search: String,
    states: Vec<(&'static str, String, bool)>,
    address: String,
    policies: Vec<Policy>,
    found: String,
    before: Option<String>,
    after: Option<String>,
    excluded: Vec<String>,
    unreached: Vec<(String, bool)>,
    more_unreached: Option<String>,
}

/// A protection with the users who have it.
struct Row {
    says: String,
    cells: Vec<Option<Share>>,
}

/// Some of many.
struct Share {
    have: String,
    percent: String,
    width: String,
    unknown: Option<String>,
}

/// What escapes a protection.
struct Gaps {
    id: String,
    says: String,
    open: Vec<(String, String)>,
    folded: Vec<(String, String)>,
}

struct Policy {
    name: String,
    state: String,
    class: &'static str,
    reach: String,
    share: Option<Share>,
    adds: Vec<String>,
    excludes: Vec<String>,
}

/// `GET /tenants/{tenant}/access`
pub(super) async fn page(
    AtAssessed { at, newest }: AtAssessed,
    Asked(query): Asked<Query>,
    State(service): State<Service>,
) -> Result<Response, PageFailure> {
    let frame = at.frame(Place::Access, &Texts::english().say("nav-access"));
    let t = frame.t;
    let read = service.access_overview(&newest).await?;
    let nothing = read.nothing("access-no-snapshot");
    let (overview, other) = read.known().map_or((None, false), |(overview, other)| (Some(overview), other));
    let mut empty = Vec::new();
    match &overview {
        None => empty.extend(nothing.map(|key| t.say(key))),
        Some(overview) => empty.extend(
            overview.missing.iter().map(|missing| shown::first_upper(&words::remedy(missing).replace('`', ""))),
        ),
    }
    let nothing = AccessOverview::default();
    let overview = overview.as_deref().unwrap_or(&nothing);
    let address = format!("/tenants/{}/access", part(&at.tenant.id));
    let chosen = chosen(overview, &query);
    let pages = chosen.len().div_ceil(POLICIES).max(1);
    let number = query.page.unwrap_or(1).clamp(1, pages);
    let to = |number: usize| {
        format!("{address}?search={}&state={}&page={number}#policies", part(&query.search), part(&query.state))
    };
    let notes = other.then(|| t.say("access-other-configuration"));
    render(&AccessPage {
        as_of: moves::instant(newest.taken_at),
        notes: notes
            .into_iter()
            .chain(overview.warnings.iter().map(|warning| shown::first_upper(&warning.replace('`', ""))))
            .collect(),
        facts: if empty.is_empty() { facts(t, overview) } else { vec![] },
        protections: overview.protections.iter().map(|protection| row(t, protection)).collect(),
        gaps: overview.protections.iter().filter_map(|protection| gaps(t, protection)).collect(),
        states: [
            ("", "access-state-any"),
            ("on", "access-on"),
            ("reportOnly", "access-report-only"),
            ("off", "access-off"),
        ]
        .map(|(word, key)| (word, t.say(key), word == query.state))
        .into(),
        policies: chosen
            .iter()
            .skip((number - 1) * POLICIES)
            .take(POLICIES)
            .map(|one| policy(t, one, overview))
            .collect(),
        found: t.with(
            "access-found",
            &[
                ("count", (chosen.len() as u64).into()),
                ("page", (number as u64).into()),
                ("pages", (pages as u64).into()),
            ],
        ),
        before: (number > 1).then(|| to(number - 1)),
        after: (number < pages).then(|| to(number + 1)),
        excluded: if empty.is_empty() { excluded(t, overview) } else { vec![] },
        unreached: overview
            .unreached_named
            .iter()
            .map(|user| (user.name.clone().unwrap_or_else(|| user.id.clone()), user.excluded))
            .collect(),
        more_unreached: overview
            .unreached
            .checked_sub(overview.unreached_named.len() as u64)
            .filter(|more| *more > 0)
            .map(|more| t.with("access-unreached-more", &[("count", more.into())])),
        search: query.search,
        address,
        empty,
        frame,
    })
}

fn chosen<'a>(overview: &'a AccessOverview, query: &Query) -> Vec<&'a PolicyCover> {
    let search = query.search.trim().to_lowercase();
    let fits = |policy: &&PolicyCover| {
        let state = match query.state.as_str() {
            "on" => matches!(policy.state, PolicyState::On | PolicyState::Unknown),
            "reportOnly" => policy.state == PolicyState::ReportOnly,
            "off" => policy.state == PolicyState::Off,
            _ => true,
        };
        state && (search.is_empty() || policy.name.to_lowercase().contains(&search))
    };
    overview.policies.iter().filter(fits).collect()
}

fn facts(t: Texts, overview: &AccessOverview) -> Vec<String> {
    let of = |state: PolicyState| overview.policies.iter().filter(|policy| policy.state == state).count() as u64;
    let count = |key: &str, count: u64| t.with(key, &[("count", count.into())]);
    let defaults = match overview.security_defaults {
        Some(true) => "access-defaults-on",
        Some(false) => "access-defaults-off",
        None => "access-defaults-unknown",
    };
    vec![
        count("access-enabled", overview.enabled),
        count("access-count-on", of(PolicyState::On) + of(PolicyState::Unknown)),
        count("access-count-report-only", of(PolicyState::ReportOnly)),
        count("access-count-off", of(PolicyState::Off)),
        t.say(defaults),
    ]
}

fn row(t: Texts, protection: &ProtectionCover) -> Row {
    let others = !protection.of_administrators;
    let cell = |cover: Cover| (cover.total() > 0).then(|| share(t, cover.have, cover.total(), cover.unknown));
    Row {
        says: protection.says.clone(),
        cells: vec![
            cell(protection.members).filter(|_| others),
            cell(protection.guests).filter(|_| others),
            protection.administrators.and_then(cell),
        ],
    }
}

#[expect(clippy::cast_precision_loss, reason = "no tenant has more users than a double counts")]
fn share(t: Texts, have: u64, total: u64, unknown: u64) -> Share {
    let percent = if total == 0 { 0.0 } else { have as f64 * 100.0 / total as f64 };
    Share {
        have: t.with("access-of", &[("have", have.into()), ("total", total.into())]),
        // All is said only of all.
        percent: format!("{:.0} %", if have < total { percent.floor() } else { percent }),
        width: shown::width(percent),
        unknown: (unknown > 0).then(|| t.with("access-unknown", &[("count", unknown.into())])),
    }
}

fn gaps(t: Texts, protection: &ProtectionCover) -> Option<Gaps> {
    let sentence = |told: &Told, key: &str| {
        (t.with(key, &[("count", told.users.into())]), shown::first_upper(&told.sentence.replace('`', "")))
    };
    let mut all: Vec<_> = protection.gaps.iter().map(|told| sentence(told, "access-users")).collect();
    all.extend(protection.unknown.iter().map(|told| sentence(told, "access-users-unknown")));
    if all.is_empty() {
        return None;
    }
    let folded = all.split_off(all.len().min(OPEN));
    Some(Gaps { id: protection.column.replace('_', "-"), says: protection.says.clone(), open: all, folded })
}

fn policy(t: Texts, policy: &PolicyCover, overview: &AccessOverview) -> Policy {
    let (state, class) = match policy.state {
        PolicyState::On => ("access-on", "met"),
        PolicyState::ReportOnly => ("access-report-only", "partial"),
        PolicyState::Off => ("access-off", "quiet"),
        PolicyState::Unknown => ("access-state-unknown", "quiet"),
    };
    let says = |column: &str| {
        let known = overview.protections.iter().find(|protection| protection.column == column);
        known.map_or_else(|| column.to_owned(), |protection| protection.says.clone())
    };
    let adds = |added: &Added| {
        let key = if added.lost > 0 { "access-adds" } else { "access-adds-unsure" };
        let users = if added.lost > 0 { added.lost } else { added.unsure };
        t.with(key, &[("count", users.into()), ("says", (&says(&added.column)).into())])
    };
    let mut excludes = Vec::new();
    if policy.excluded > 0 {
        excludes.push(t.with("access-excludes", &[("count", policy.excluded.into())]));
    }
    if policy.excluded_users > 0 {
        excludes.push(t.with("access-excludes-users", &[("count", policy.excluded_users.into())]));
    }
    excludes.extend(policy.excluded_groups.iter().map(|group| {
        let name = group.name.as_ref().unwrap_or(&group.id);
        match group.users {
            Some(users) => t.with("access-excludes-group", &[("name", name.into()), ("count", users.into())]),
            None => t.with("access-excludes-group-unread", &[("name", name.into())]),
        }
    }));
    excludes.extend(policy.excluded_roles.iter().map(|role| t.with("access-excludes-role", &[("name", role.into())])));
    if policy.excludes_guests {
        excludes.push(t.say("access-excludes-guests"));
    }
    let reach = if policy.targets_workloads {
        t.say("access-reach-workloads")
    } else if policy.maybe > 0 {
        t.with("access-reach-maybe", &[("count", policy.maybe.into())])
    } else {
        String::new()
    };
    Policy {
        name: policy.name.clone(),
        state: t.say(state),
        class,
        reach,
        share: (!policy.targets_workloads).then(|| share(t, policy.users, overview.enabled, 0)),
        adds: policy.adds.iter().map(adds).collect(),
        excludes,
    }
}

fn excluded(t: Texts, overview: &AccessOverview) -> Vec<String> {
    [
        ("access-escape-by-exclusion", overview.escape_by_exclusion),
        ("access-unreached", overview.unreached),
        ("access-excluded-from-all", overview.excluded_from_all),
    ]
    .into_iter()
    .filter(|(_, count)| *count > 0)
    .map(|(key, count)| t.with(key, &[("count", count.into())]))
    .collect()
}
