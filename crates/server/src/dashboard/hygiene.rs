//! Hygiene: Microsoft's recommendations without points, and our own controls of the extended set that are open.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use idscore_catalogue::data_sets::data_set;
use idscore_history::ranked;
use idscore_score::Set;
use idscore_snapshot::{DataSetStatus, MicrosoftRecommendation, OpenError, Snapshot};
use idscore_store::now;
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

/// Objects of a recommendation on a page.
const OBJECTS: usize = 50;

#[derive(Deserialize)]
pub(super) struct Query {
    /// The recommendation whose objects are turned over.
    #[serde(default)]
    of: String,
    page: Option<usize>,
}

#[derive(Template)]
#[template(path = "hygiene.html")]
struct HygienePage {
    frame: Frame,
    /// Why Microsoft's can't be shown.
    missing: Vec<String>,
    advice: Vec<Advice>,
    own: Vec<Own>,
}

struct Advice {
    id: String,
    title: String,
    status: String,
    class: &'static str,
    about: Vec<String>,
    text: Vec<String>,
    steps: Vec<String>,
    resources: Option<Resources>,
}

struct Resources {
    said: String,
    open: bool,
    rows: Vec<(String, String, String)>,
    before: Option<String>,
    after: Option<String>,
}

struct Own {
    address: String,
    title: String,
    outcome: &'static str,
    class: &'static str,
    count: String,
    points: String,
}

/// `GET /tenants/{tenant}/hygiene`
pub(super) async fn page(
    AtAssessed { at, newest }: AtAssessed,
    Asked(query): Asked<Query>,
    State(service): State<Service>,
) -> Result<Response, PageFailure> {
    let history = &service.archive.history;
    let decided = history.actions(&at.tenant.id).await?;
    let frame = at.frame(Place::Hygiene, &Texts::english().say("nav-hygiene"));
    let t = frame.t;
    let read = service.reading(&newest, unscored).await?;
    let nothing = read.nothing("hygiene-no-snapshot");
    let read = read.known().map(|(read, _)| read);
    let missing = match read.as_deref() {
        None => nothing.iter().map(|key| t.say(key)).collect(),
        Some(None) => missing(t),
        Some(Some(found)) if found.is_empty() => vec![t.say("hygiene-microsoft-none")],
        Some(Some(_)) => vec![],
    };
    let base = format!("/tenants/{}", part(&at.tenant.id));
    let found = read.iter().filter_map(|read| read.as_ref().as_ref()).flatten();
    let advice = found.map(|one| advice(t, &format!("{base}/hygiene"), one, &query)).collect();
    let own = ranked(&newest, Set::Extended, &decided, &service.catalogue, now())
        .iter()
        .filter(|action| action.is_open())
        .map(|action| {
            let control = action.control;
            let unit = words::unit(action.table.unwrap_or_default());
            Own {
                address: format!("{base}/actions/{}", part(&control.id)),
                title: control.title.clone(),
                outcome: moves::outcome(control),
                class: shown::outcome_class(control.outcome),
                count: match action.open {
                    Some(_) => words::counts(control.count, control.total, control.unknown, unit),
                    None => String::new(),
                },
                points: moves::points(action.to_win),
            }
        })
        .collect();
    render(&HygienePage { missing, advice, own, frame })
}

/// Recommendations that earn no points; none where they were not read.
fn unscored(snapshot: &Snapshot) -> Result<Option<Vec<MicrosoftRecommendation>>, OpenError> {
    let record = snapshot.manifest().data_set("recommendations");
    let found = snapshot.microsoft_recommendations()?;
    if found.is_empty() && record.is_none_or(|record| record.status != DataSetStatus::Complete) {
        return Ok(None);
    }
    let scored = |one: &MicrosoftRecommendation| {
        one.category.as_deref() == Some("identitySecureScore") || one.max_score.is_some_and(|points| points > 0.0)
    };
    let mut found: Vec<_> = found.into_iter().filter(|one| !scored(one)).collect();
    let closed = |one: &MicrosoftRecommendation| one.status.as_deref() != Some("active");
    found.sort_by(|one, other| {
        (closed(one), &one.display_name, &one.id).cmp(&(closed(other), &other.display_name, &other.id))
    });
    Ok(Some(found))
}

fn missing(t: Texts) -> Vec<String> {
    let permission = data_set("recommendations").map(|set| {
        let missing = idscore_score::Missing {
            kind: idscore_score::MissingKind::Permission,
            data_set: set.name.to_owned(),
            name: set.permission.to_owned(),
        };
        shown::first_upper(&words::remedy(&missing).replace('`', ""))
    });
    std::iter::once(t.say("hygiene-microsoft-missing")).chain(permission).collect()
}

fn advice(t: Texts, address: &str, one: &MicrosoftRecommendation, query: &Query) -> Advice {
    let status = one.status.clone().unwrap_or_default();
    let about = one.last_checked_date_time.map(|at| {
        let day = at.to_string();
        t.with("hygiene-checked", &[("day", words::day(&day).into())])
    });
    let count = match &one.impacted_resources {
        Some(all) => t.with("hygiene-resources", &[("count", (all.len() as u64).into())]),
        None => t.say("hygiene-resources-unread"),
    };
    let resources = one.impacted_resources.as_ref().filter(|all| !all.is_empty()).map(|all| {
        let open = query.of == one.id;
        let pages = all.len().div_ceil(OBJECTS);
        let number = query.page.filter(|_| open).unwrap_or(1).clamp(1, pages);
        let first = (number - 1) * OBJECTS;
        let to = |number: usize| format!("{address}?of={}&page={number}#{}", part(&one.id), anchor(&one.id));
        let last = (first + OBJECTS).min(all.len());
        Resources {
            said: t.with(
                "hygiene-resources-page",
                &[
                    ("from", (first as u64 + 1).into()),
                    ("to", (last as u64).into()),
                    ("count", (all.len() as u64).into()),
                ],
            ),
            open,
            rows: all
                .iter()
                .skip(first)
                .take(OBJECTS)
                .map(|object| {
                    let name = object.display_name.as_ref().or(object.subject_id.as_ref()).cloned();
                    let word = |word: &Option<String>| word.clone().unwrap_or_default();
                    (
                        name.unwrap_or_else(|| t.say("hygiene-unnamed")),
                        word(&object.resource_type),
                        word(&object.status),
                    )
                })
                .collect(),
            before: (number > 1).then(|| to(number - 1)),
            after: (number < pages).then(|| to(number + 1)),
        }
    });
    Advice {
        id: anchor(&one.id),
        title: one.display_name.clone().or_else(|| one.recommendation_type.clone()).unwrap_or_else(|| one.id.clone()),
        class: if status == "active" { "partial" } else { "quiet" },
        status,
        about: about.into_iter().chain([count]).collect(),
        text: one.insights.iter().chain(&one.benefits).cloned().collect(),
        steps: one.action_steps.clone(),
        resources,
    }
}

/// An id of the page: letters, digits and hyphens.
fn anchor(id: &str) -> String {
    let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '-' };
    format!("advice-{}", id.chars().map(plain).collect::<String>())
}
