//! What moved between any two days, and why: the whole of it.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use idscore_catalogue::Catalogue;
use idscore_history::difference::{ControlMove, Difference, SetMove};
use idscore_score::Set;
use idscore_store::{HistoryError, Named, Role};
use idscore_words as words;
use idscore_words::moves;
use idscore_words::reasons::{self, Limit};
use idscore_words::texts::Texts;
use serde::Deserialize;

use super::super::address::part;
use super::super::failure::{PageFailure, render};
use super::super::frame::{Frame, Place};
use super::super::overview::changes::{Move, one};
use super::super::shown;
use super::super::visitor::{Asked, AtTenant};
use crate::state::Service;

/// Objects that a reason names, and lines of a policy; the API names all.
const NAMED: usize = 25;

#[derive(Deserialize)]
pub(in crate::dashboard) struct Query {
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
}

#[derive(Template)]
#[template(path = "history_difference.html")]
struct DifferencePage {
    frame: Frame,
    tenant: String,
    base: String,
    from: String,
    to: String,
    /// Why nothing can be told.
    problem: Option<String>,
    found: Option<Shown>,
}

/// A difference in words.
struct Shown {
    before: About,
    after: About,
    notes: Vec<String>,
    sets: Vec<OfSet>,
    around: Vec<Part>,
}

/// One of the two assessments.
struct About {
    at: String,
    facts: String,
}

/// How a set moved.
struct OfSet {
    id: &'static str,
    title: String,
    headline: String,
    /// What is proven on both sides, and whether less or more was seen.
    seen: Option<String>,
    points: String,
    sum: String,
    lists: Vec<List>,
}

/// Controls that moved alike, with the sum of what they moved.
struct List {
    heading: String,
    class: &'static str,
    sum: Option<String>,
    moves: Vec<Move>,
}

/// What lies outside the controls: a sentence, and what it names.
struct Part {
    heading: String,
    lines: Vec<(String, Vec<String>)>,
}

/// `GET /tenants/{tenant}/history/difference`
pub(in crate::dashboard) async fn page(
    at: AtTenant,
    Asked(query): Asked<Query>,
    State(service): State<Service>,
) -> Result<Response, PageFailure> {
    at.visitor.may(&at.tenant.id, Role::Reader)?;
    let archive = &service.archive;
    let found = archive.difference_between(&at.tenant.id, &query.from, &query.to, &service.catalogue).await;
    let title = Texts::english().say("difference-title");
    let frame = at.frame(Place::History, &title);
    let t = frame.t;
    let base = format!("/tenants/{}", part(&at.tenant.id));
    let (problem, found) = match found {
        Ok(found) => (None, Some(found)),
        Err(HistoryError::NoAssessment { reason }) => (Some(shown::first_upper(&reason)), None),
        Err(HistoryError::OtherMeasure) => (Some(t.say("difference-other-measure")), None),
        Err(error) => return Err(error.into()),
    };
    // What was named by an id stands in the form as its day.
    let day = |text: &str| words::day(text).to_owned();
    let days = found
        .as_ref()
        .map(|named| (day(&named.difference.before.assessed_at), day(&named.difference.after.assessed_at)));
    let (from, to) = days.unwrap_or((query.from, query.to));
    let found = found.map(|named| Shown::new(t, &service.catalogue, &base, &named));
    render(&DifferencePage { tenant: shown::name(&at.tenant), base, from, to, problem, found, frame })
}

impl Shown {
    fn new(t: Texts, catalogue: &Catalogue, base: &str, named: &Named) -> Self {
        let found = &named.difference;
        let about = |about: &idscore_history::difference::About| {
            let facts = [
                ("profile", words::profile(about.profile).to_owned()),
                ("catalogue", about.catalogue_version.clone()),
                ("configuration", about.config_hash.chars().take(12).collect()),
            ];
            let facts: Vec<_> = facts.iter().map(|(name, text)| (*name, text.into())).collect();
            let key = if about.catalogue_version.is_empty() { "difference-microsoft" } else { "difference-about" };
            About { at: words::instant(&about.assessed_at), facts: t.with(key, &facts) }
        };
        let mut notes = vec![];
        if named.swapped {
            notes.push(t.say("difference-swapped"));
        }
        if found.before.id == found.after.id {
            notes.push(t.say("difference-same"));
        }
        if found.catalogue_changed {
            notes.push(t.say("overview-changes-catalogue"));
        }
        if found.configuration_changed {
            notes.push(t.say("overview-changes-configuration"));
        }
        notes.extend(found.unread.iter().map(|file| shown::first_upper(&reasons::unread(file))));
        Self {
            before: about(&found.before),
            after: about(&found.after),
            notes,
            sets: [(Set::Core, "core", "difference-core"), (Set::Extended, "extended", "difference-extended")]
                .into_iter()
                .map(|(set, id, key)| of_set(t, catalogue, base, found, (set, id, key)))
                .collect(),
            around: around(t, found),
        }
    }
}

fn of_set(
    t: Texts,
    catalogue: &Catalogue,
    base: &str,
    found: &Difference,
    (set, id, key): (Set, &'static str, &str),
) -> OfSet {
    let moved: &SetMove = match set {
        Set::Core => &found.core,
        Set::Extended => &found.extended,
    };
    let of = |wanted: fn(&ControlMove) -> bool| {
        found.controls.iter().filter(|control| control.set == set && wanted(control)).collect::<Vec<_>>()
    };
    let lost = of(|control| moves::fell(0.0, control.points));
    let mut gained = of(|control| moves::fell(control.points, 0.0));
    gained.reverse();
    let still = of(|control| !moves::fell(0.0, control.points) && !moves::fell(control.points, 0.0));
    let sum = |controls: &[&ControlMove]| controls.iter().map(|control| control.points).sum::<f64>();
    let [before, after] = moves::points_apart(moved.before.current_score, moved.after.current_score);
    let numbers = [
        ("before", before),
        ("before_maximum", moves::points(moved.before.max_score)),
        ("after", after),
        ("after_maximum", moves::points(moved.after.max_score)),
    ];
    let numbers: Vec<_> = numbers.iter().map(|(name, text)| (*name, text.into())).collect();
    let sums = [moves::signed(sum(&lost)), moves::signed(sum(&gained)), moves::signed(moved.points)];
    let [lost_sum, gained_sum, all_sum] = &sums;
    let sums = [("lost", lost_sum.into()), ("gained", gained_sum.into()), ("sum", all_sum.into())];
    let list = |key: &str, class, sum: Option<&String>, controls: &[&ControlMove]| List {
        heading: t.with(key, &[("count", (controls.len() as u64).into())]),
        class,
        sum: sum.cloned(),
        moves: controls.iter().map(|control| one(t, catalogue, base, control, found, NAMED)).collect(),
    };
    OfSet {
        id,
        title: t.say(key),
        headline: if moved.after.max_score > 0.0 && moved.before.max_score > 0.0 {
            moves::headline_moved(moved.before.percent, moved.after.percent)
        } else {
            moves::headline(moved.after.percent, moved.after.max_score)
        },
        seen: reasons::set_seen(moved).map(|seen| shown::first_upper(&seen)),
        points: t.with("difference-points", &numbers),
        sum: t.with("difference-sum", &sums),
        lists: [
            list("difference-lost", "bad", Some(lost_sum), &lost),
            list("difference-gained", "good", Some(gained_sum), &gained),
            list("difference-still", "soft", None, &still),
        ]
        .into_iter()
        .filter(|list| !list.moves.is_empty())
        .collect(),
    }
}

fn around(t: Texts, found: &Difference) -> Vec<Part> {
    let limit = Limit { lines: NAMED, hint: "" };
    let plain =
        |lines: Vec<String>| lines.into_iter().map(|line| (shown::first_upper(&line), vec![])).collect::<Vec<_>>();
    let policies = match &found.policies {
        Some(policies) => policies.iter().map(|change| reasons::policy(change, limit)).collect(),
        None => plain(vec![t.say("difference-policies-unknown")]),
    };
    let status = |status: &Option<String>| {
        status
            .as_deref()
            .map_or_else(|| t.say("difference-data-absent"), |status| words::data_set_status(status).to_owned())
    };
    let data = found
        .data_sets
        .iter()
        .map(|change| format!("{}: {} → {}", change.name, status(&change.before), status(&change.after)));
    let parts = [
        ("difference-policies", policies),
        ("difference-declared", plain(found.declared.iter().map(reasons::declared).collect())),
        ("difference-data", plain(data.collect())),
    ];
    let filled = parts.into_iter().filter(|(_, lines)| !lines.is_empty());
    filled.map(|(key, lines)| Part { heading: t.say(key), lines }).collect()
}
