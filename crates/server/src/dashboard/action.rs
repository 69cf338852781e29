//! One improvement action: what it is, how its points came about, who loses them, and what is decided about it.

pub(super) mod evidence;
mod past;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use idscore_catalogue::control::Control;
use idscore_score::{Outcome, Status};
use idscore_store::Role;
use idscore_words as words;
use idscore_words::texts::Texts;
use idscore_words::{arithmetic, moves, prose};

use self::evidence::{Evidence, View};
use self::past::Decided;
use super::actions::Saved;
use super::actions::columns::{Column, license};
use super::actions::decide::{Decision, StatusChoice, statuses};
use super::actions::list::{Listed, Plan};
use super::actions::query::Query;
use super::address::part;
use super::chart::Figure;
use super::failure::{PageFailure, render};
use super::frame::{Frame, Place};
use super::shown;
use super::visitor::{Asked, AtTenant, Segments};
use crate::state::Service;

#[derive(Template)]
#[template(path = "action.html")]
struct ActionPage {
    frame: Frame,
    base: String,
    address: String,
    /// The list that the visitor came from.
    list: String,
    before: Option<Neighbour>,
    after: Option<Neighbour>,
    place: String,
    message: Option<String>,
    id: String,
    title: String,
    outcome: &'static str,
    outcome_class: &'static str,
    status: &'static str,
    set: &'static str,
    regressed: Option<String>,
    /// The score worked out, in sentences and as a sum.
    sentences: Vec<String>,
    sum: Option<String>,
    scoring: Option<String>,
    notes: Vec<String>,
    /// What would bring what is missing.
    missing: Vec<String>,
    facts: Vec<(String, String)>,
    texts: Option<ControlTexts>,
    evidence: Evidence,
    frameworks: Vec<Framework>,
    microsoft: Option<String>,
    chart: Option<Figure>,
    past: Vec<Decided>,
    may: bool,
    /// The data say that it is done: there is nothing to decide.
    done: bool,
    decision: Decision,
    statuses: Vec<StatusChoice>,
}

struct Neighbour {
    address: String,
    title: String,
}

/// What the control's file says, as HTML.
struct ControlTexts {
    why: String,
    fix: String,
    user_impact: String,
    limits: String,
    action_url: Option<String>,
}

struct Framework {
    name: String,
    url: String,
    sections: Vec<(String, String)>,
}

/// `GET /tenants/{tenant}/actions/{control}`
pub(super) async fn page(
    at: AtTenant,
    Segments((_, id)): Segments<(String, String)>,
    Asked(query): Asked<Query>,
    Asked(view): Asked<View>,
    Asked(saved): Asked<Saved>,
    State(service): State<Service>,
) -> Result<Response, PageFailure> {
    let plan = Plan::read(&service, &at.tenant.id).await?.ok_or(PageFailure::NotAssessed)?;
    let query = query.cleaned();
    let all = plan.all();
    let listed = all.iter().find(|listed| listed.id() == id).ok_or(PageFailure::NotFound)?;
    let (control, known) = (listed.action.control, listed.action.known);
    let frame = at.frame(Place::Actions, &control.title);
    let t = frame.t;
    let base = format!("/tenants/{}/actions", part(&at.tenant.id));
    let address = format!("{base}/{}", part(&id));
    let evidence = evidence::read(&service, t, &plan.newest, listed, &address, &query, &view).await?;
    let result = plan.newest.result(&id);
    let finding = control.judged.as_ref().map(|judged| &judged.finding);
    let (before, after, place) = neighbours(t, &plan, &all, &id, &base, &query);
    let page = ActionPage {
        list: format!("{base}{}", query.text()),
        before,
        after,
        place,
        message: saved.saved.map(|count| t.with("actions-saved", &[("count", count.into())])),
        title: control.title.clone(),
        outcome: moves::outcome(control),
        outcome_class: shown::outcome_class(control.outcome),
        status: words::status_name(listed.action.status),
        set: words::set(control.set),
        regressed: listed.regressed(t),
        sentences: result.as_ref().map(|result| arithmetic::in_words(result, known)).unwrap_or_default(),
        sum: result.as_ref().and_then(|result| arithmetic::sum(result, known, finding)),
        scoring: known.map(|known| {
            let how = words::scoring(known.scoring);
            let points = words::points(&known.points);
            t.with("action-scoring", &[("points", (&points).into()), ("how", how.into())])
        }),
        notes: control.notes.iter().map(|note| words::visible(&shown::first_upper(note))).collect(),
        missing: control
            .missing
            .iter()
            .map(|missing| shown::first_upper(&words::remedy(missing).replace('`', "")))
            .collect(),
        facts: facts(t, listed),
        texts: known.map(texts),
        evidence,
        frameworks: frameworks(&service, &id),
        microsoft: past::at_microsoft(&service, t, &at.tenant.id, &id).await?,
        chart: past::chart(&service, t, &plan.newest, control).await?,
        past: past::decisions(&service, t, &at.tenant.id, &id).await?,
        may: at.visitor.may(&at.tenant.id, Role::Operator).is_ok(),
        done: control.status == Status::Completed,
        decision: decision(listed, &query),
        statuses: statuses(t, Some(words::status_key(listed.action.status))),
        id: id.clone(),
        base,
        address,
        frame,
    };
    render(&page)
}

/// The actions before and after this one in the list that the visitor came from, else in the ranking.
fn neighbours(
    t: Texts,
    plan: &Plan,
    all: &[Listed<'_>],
    id: &str,
    base: &str,
    query: &Query,
) -> (Option<Neighbour>, Option<Neighbour>, String) {
    let shown = plan.shown(query);
    let in_list = shown.iter().any(|listed| listed.id() == id);
    let list = if in_list { shown.as_slice() } else { all };
    let at = list.iter().position(|listed| listed.id() == id).unwrap_or(0);
    let neighbour = |listed: &Listed<'_>| Neighbour {
        address: format!("{base}/{}{}", part(listed.id()), query.text()),
        title: listed.action.control.title.clone(),
    };
    let place = t.with("action-place", &[("place", (at as u64 + 1).into()), ("all", (list.len() as u64).into())]);
    let before = at.checked_sub(1).and_then(|at| list.get(at));
    (before.map(neighbour), list.get(at + 1).map(neighbour), place)
}

fn facts(t: Texts, listed: &Listed<'_>) -> Vec<(String, String)> {
    let columns = [
        Column::Win,
        Column::Points,
        Column::Impact,
        Column::People,
        Column::Effort,
        Column::UserImpact,
        Column::License,
    ];
    let mut facts: Vec<(String, String)> = columns
        .into_iter()
        .map(|column| {
            let cell = column.cell(t, listed);
            let text = if cell.small.is_empty() { cell.text } else { format!("{}, {}", cell.text, cell.small) };
            (cell.label, text)
        })
        .filter(|(_, text)| !text.is_empty())
        .collect();
    facts.push((t.say("actions-column-area"), Column::Area.cell(t, listed).text));
    if license(listed).is_none() {
        facts.retain(|(label, _)| *label != t.say("actions-column-license"));
        facts.push((t.say("actions-column-license"), t.say("actions-license-none")));
    }
    facts
}

fn texts(known: &Control) -> ControlTexts {
    let url = known.action_url.as_ref().filter(|url| url.starts_with("https://"));
    ControlTexts {
        why: prose::to_html(&known.why),
        fix: prose::to_html(&known.fix),
        user_impact: prose::to_html(&known.user_impact_text),
        limits: prose::to_html(&known.limits),
        action_url: url.cloned(),
    }
}

fn frameworks(service: &Service, id: &str) -> Vec<Framework> {
    let mut frameworks: Vec<Framework> = Vec::new();
    for (framework, section) in service.catalogue.sections_of(id) {
        let section = (section.id.clone(), section.title.clone());
        match frameworks.last_mut() {
            Some(last) if last.url == framework.url => last.sections.push(section),
            _ => frameworks.push(Framework {
                name: framework.full_name(),
                url: framework.url.clone(),
                sections: vec![section],
            }),
        }
    }
    frameworks
}

/// The form as it is filled in: what is decided now.
fn decision(listed: &Listed<'_>, query: &Query) -> Decision {
    let state = &listed.action.decided;
    let day = |day: Option<jiff::civil::Date>| day.map(|day| day.to_string()).unwrap_or_default();
    Decision {
        control: vec![listed.id().to_owned()],
        everything: String::new(),
        status: words::status_key(listed.action.status).to_owned(),
        note: state.note.clone(),
        owner: state.owner.clone(),
        tags: state.tags.join(", "),
        due: day(state.due),
        approver: state.approver.clone(),
        reason: state.reason.clone(),
        expires: day(state.expires),
        back: query.bare(),
        alone: "1".to_owned(),
    }
}

/// Points as they are shown of a control of somebody.
fn points_of(t: Texts, score: f64, max: f64) -> String {
    let (score, max) = (moves::points(score), moves::points(max));
    t.with("actions-points-of", &[("score", (&score).into()), ("max", (&max).into())])
}

/// Whether nothing is known to be lost.
fn only_unknown(outcome: Outcome) -> bool {
    outcome == Outcome::NotAssessed
}
