//! Deciding about actions: the effect on the score is shown first, and saved then.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use idscore_history::{ActionChange, ActionState, Effect, SetNumbers, needs_approval};
use idscore_score::Status;
use idscore_store::{HistoryError, Role, now};
use idscore_words as words;
use idscore_words::moves;
use idscore_words::texts::Texts;
use serde::Deserialize;

use super::super::address::{part, see_other};
use super::super::failure::{PageFailure, render};
use super::super::form::Form;
use super::super::frame::{Frame, Place};
use super::super::visitor::AtTenant;
use super::ALL_STATUSES;
use super::list::Plan;
use super::query::Query;
use crate::state::Service;

/// What a form says about actions.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(in super::super) struct Decision {
    /// The controls.
    pub(in super::super) control: Vec<String>,
    /// All that the list shows, ticked or not.
    pub(in super::super) everything: String,
    /// A word of [`words::status_key`]; empty for no other one.
    pub(in super::super) status: String,
    pub(in super::super) note: String,
    pub(in super::super) owner: String,
    pub(in super::super) tags: String,
    pub(in super::super) due: String,
    pub(in super::super) approver: String,
    pub(in super::super) reason: String,
    pub(in super::super) expires: String,
    /// The query of the list that it comes from.
    pub(in super::super) back: String,
    /// It comes from the page of one action, whose fields hold all that is to be.
    pub(in super::super) alone: String,
}

/// A status to choose; never *completed*, which the data say by themselves.
pub(in super::super) struct StatusChoice {
    pub(in super::super) value: &'static str,
    pub(in super::super) name: &'static str,
    pub(in super::super) hint: String,
    pub(in super::super) chosen: bool,
}

/// The statuses to choose from.
pub(in super::super) fn statuses(t: Texts, chosen: Option<&str>) -> Vec<StatusChoice> {
    let choosable = ALL_STATUSES.into_iter().filter(|status| *status != Status::Completed);
    let of = |status: Status| StatusChoice {
        value: words::status_key(status),
        name: words::status_name(status),
        hint: match status {
            Status::ToAddress | Status::Completed => t.say("decide-hint-to-address"),
            Status::Planned => t.say("decide-hint-planned"),
            Status::RiskAccepted => t.say("decide-hint-risk-accepted"),
            Status::ThirdParty => t.say("decide-hint-third-party"),
            Status::AlternateMitigation => t.say("decide-hint-alternate"),
        },
        chosen: chosen == Some(words::status_key(status)),
    };
    choosable.map(of).collect()
}

#[derive(Template)]
#[template(path = "decide.html")]
struct DecidePage {
    frame: Frame,
    base: String,
    back_to: String,
    lead: String,
    problem: Option<String>,
    /// The titles of the actions that are decided about.
    chosen: Vec<String>,
    lines: Vec<Line>,
    changed: Vec<Changed>,
    nothing: bool,
    decision: Decision,
    statuses: Vec<StatusChoice>,
}

/// A line of the score before and after.
struct Line {
    label: String,
    before: String,
    after: String,
    change: String,
    class: &'static str,
}

/// An action before and after.
struct Changed {
    title: String,
    before: String,
    after: String,
    about: String,
}

impl Decision {
    fn is_alone(&self) -> bool {
        !self.alone.is_empty()
    }

    /// Takes in everything that its list shows, where it asks for that, and nothing twice.
    fn with_everything(mut self, plan: &Plan) -> Self {
        if !self.everything.is_empty() && !self.is_alone() {
            let shown = plan.shown(&Query::of_text(&self.back));
            self.control = shown.iter().map(|listed| listed.id().to_owned()).collect();
            self.everything.clear();
        }
        let mut seen: Vec<String> = Vec::new();
        self.control.retain(|id| {
            let new = !seen.contains(id);
            seen.push(id.clone());
            new
        });
        self
    }

    /// The changes; a sentence where a field can't be meant.
    fn changes(&self, t: Texts) -> Result<Vec<ActionChange>, String> {
        if self.control.is_empty() {
            return Err(t.say("decide-none-chosen"));
        }
        let status = match self.status.as_str() {
            "" => None,
            word => {
                let known = ALL_STATUSES.into_iter().find(|status| words::status_key(*status) == word);
                Some(known.ok_or_else(|| t.say("decide-no-status"))?)
            }
        };
        let day = |text: &str| match text.trim() {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|_| t.with("decide-no-day", &[("text", text.into())])),
        };
        // On the page of one action the fields hold what is to be; in the list an empty one leaves all as they are.
        let text = |text: &str| (self.is_alone() || !text.trim().is_empty()).then(|| text.trim().to_owned());
        let said = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
        let tags = text(&self.tags).map(|tags| {
            tags.split(',').map(str::trim).filter(|tag| !tag.is_empty()).map(str::to_owned).collect::<Vec<_>>()
        });
        let due = day(&self.due)?;
        let change = ActionChange {
            control_id: String::new(),
            status,
            note: text(&self.note),
            owner: text(&self.owner),
            tags,
            due,
            clear_due: self.is_alone() && due.is_none(),
            approver: said(&self.approver),
            reason: said(&self.reason),
            expires: day(&self.expires)?,
        };
        Ok(self.control.iter().map(|id| ActionChange { control_id: id.clone(), ..change.clone() }).collect())
    }
}

/// `POST /tenants/{tenant}/actions/effect`: what would it do?
pub(in super::super) async fn effect(
    at: AtTenant,
    State(service): State<Service>,
    form: Form<Decision>,
) -> Result<Response, PageFailure> {
    form.visitor.may(&at.tenant.id, Role::Operator)?;
    let plan = Plan::read(&service, &at.tenant.id).await?.ok_or(PageFailure::NotFound)?;
    let decision = form.fields.with_everything(&plan);
    let effect = match decision.changes(Texts::english()) {
        Ok(changes) => {
            service.archive.history.effect(&at.tenant.id, &changes, now()).await.map_err(|error| said(&plan, error))
        }
        Err(problem) => Err(Ok(problem)),
    };
    shown(&at, &plan, decision, effect)
}

/// `POST /tenants/{tenant}/actions/save`
pub(in super::super) async fn save(
    at: AtTenant,
    State(service): State<Service>,
    form: Form<Decision>,
) -> Result<Response, PageFailure> {
    form.visitor.may(&at.tenant.id, Role::Operator)?;
    let plan = Plan::read(&service, &at.tenant.id).await?.ok_or(PageFailure::NotFound)?;
    let decision = form.fields.with_everything(&plan);
    let changes = match decision.changes(Texts::english()) {
        Ok(changes) => changes,
        Err(problem) => return shown(&at, &plan, decision, Err(Ok(problem))),
    };
    let actor = form.visitor.actor();
    match service.archive.history.update_actions(&actor, &at.tenant.id, &changes, now()).await {
        Ok(effect) => {
            let back = back_to(&at, &decision);
            let more = if back.contains('?') { '&' } else { '?' };
            Ok(see_other(&format!("{back}{more}saved={}", effect.changed.len())))
        }
        Err(error) => shown(&at, &plan, decision, Err(said(&plan, error))),
    }
}

/// The title of a control; its id where nothing more is known of it.
fn title(plan: &Plan, id: &str) -> String {
    plan.newest.control(id).map_or_else(|| id.to_owned(), |known| known.title.clone())
}

/// What a person can mend is told to them beside the form, in the form's own words; anything else is a failure.
fn said(plan: &Plan, error: HistoryError) -> Result<String, PageFailure> {
    match error {
        HistoryError::Invalid { mut reason } => {
            for control in plan.newest.controls.iter().filter(|control| !control.title.is_empty()) {
                reason = reason.replace(&format!("`{}`", control.id), &format!("“{}”", control.title));
            }
            for status in ALL_STATUSES {
                let name = words::status_name(status).to_lowercase();
                reason = reason.replace(&format!(": {} ", words::status_key(status)), &format!(": {name} "));
            }
            Ok(reason.replace(", `expires`", "").replace('`', ""))
        }
        other => Err(other.into()),
    }
}

/// The page that the form came from.
fn back_to(at: &AtTenant, decision: &Decision) -> String {
    let base = format!("/tenants/{}/actions", part(&at.tenant.id));
    let query = Query::of_text(&decision.back).text();
    match decision.control.first().filter(|_| decision.is_alone()) {
        Some(id) => format!("{base}/{}{query}", part(id)),
        None => format!("{base}{query}"),
    }
}

fn shown(
    at: &AtTenant,
    plan: &Plan,
    decision: Decision,
    effect: Result<Effect, Result<String, PageFailure>>,
) -> Result<Response, PageFailure> {
    let (effect, problem) = match effect {
        Ok(effect) => (Some(effect), None),
        Err(problem) => (None, Some(problem?)),
    };
    let mut frame = at.frame(Place::Actions, &Texts::english().say("decide-title"));
    let t = frame.t;
    let back_to = back_to(at, &decision);
    frame.address.clone_from(&back_to);
    let status = if problem.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let chosen = decision.control.len() as u64;
    let page = DecidePage {
        base: format!("/tenants/{}/actions", part(&at.tenant.id)),
        back_to,
        lead: t.with("decide-lead", &[("count", chosen.into())]),
        problem,
        chosen: decision.control.iter().map(|id| title(plan, id)).collect(),
        nothing: effect.as_ref().is_some_and(|effect| effect.changed.is_empty()),
        lines: effect.as_ref().map(|effect| lines(t, effect)).unwrap_or_default(),
        changed: effect.iter().flat_map(|effect| &effect.changed).map(|state| changed(t, plan, state)).collect(),
        statuses: statuses(t, Some(&decision.status)),
        decision,
        frame,
    };
    let page = render(&page)?;
    Ok((status, page).into_response())
}

fn lines(t: Texts, effect: &Effect) -> Vec<Line> {
    let mut lines = Vec::new();
    let of = |key: &str, (before, after): (f64, f64), percent: bool| {
        let [said_before, said_after] =
            if percent { [before, after].map(moves::percent) } else { moves::points_apart(before, after) };
        let change = after - before;
        Line {
            label: t.say(key),
            before: said_before,
            after: said_after,
            change: moves::signed(change),
            class: if moves::fell(0.0, change) {
                "bad"
            } else if moves::fell(change, 0.0) {
                "good"
            } else {
                "soft"
            },
        }
    };
    let both = |pair: &(SetNumbers, SetNumbers), of: fn(&SetNumbers) -> f64| (of(&pair.0), of(&pair.1));
    if let Some(core) = &effect.core {
        lines.push(of("line-now", both(core, |numbers| numbers.percent), true));
        lines.extend(proven(core).map(|(key, ends)| of(key, ends, true)));
        lines.push(of("decide-line-points", both(core, |numbers| numbers.current_score), false));
        lines.push(of("decide-line-maximum", both(core, |numbers| numbers.max_score), false));
        lines.push(of("line-planned", both(core, |numbers| numbers.planned_percent), true));
        lines.push(of("line-license", both(core, |numbers| numbers.current_license_percent), true));
        lines.push(of("line-achievable", both(core, |numbers| numbers.achievable_percent), true));
        lines.push(of("line-attested", both(core, |numbers| numbers.attested_percent), true));
        lines.push(of("decide-line-coverage", both(core, |numbers| numbers.coverage * 100.0), true));
        lines.push(of("line-compat", both(core, |numbers| numbers.compat_percent), true));
    }
    if let Some(extended) = &effect.extended {
        lines.push(of("overview-extended", both(extended, |numbers| numbers.percent), true));
        lines.push(of("decide-line-extended-planned", both(extended, |numbers| numbers.planned_percent), true));
        lines.push(of("decide-line-extended-attested", both(extended, |numbers| numbers.attested_percent), true));
    }
    lines
}

/// What is proven and what is possible before and after; nothing where all of it was seen, or that is not known.
fn proven((before, after): &(SetNumbers, SetNumbers)) -> impl Iterator<Item = (&'static str, (f64, f64))> {
    let ends = [
        ("decide-line-at-least", before.percent_at_least.zip(after.percent_at_least)),
        ("decide-line-at-most", before.percent_at_most.zip(after.percent_at_most)),
    ];
    let open = moves::is_open(before) || moves::is_open(after);
    ends.into_iter().filter_map(move |(key, ends)| Some((key, ends.filter(|_| open)?)))
}

fn changed(t: Texts, plan: &Plan, state: &ActionState) -> Changed {
    let known = plan.newest.control(&state.control_id);
    let was = plan.decided.get(&state.control_id).cloned().unwrap_or_default();
    let before = if was.control_id.is_empty() { known.map_or(was.status, |known| known.status) } else { was.status };
    let mut about: Vec<String> = Vec::new();
    let owner = (state.owner != was.owner).then_some(&state.owner);
    about.extend(owner.map(|owner| format!("{}: {}", t.say("actions-column-owner"), or_none(t, owner))));
    let due = state.due.map(|due| due.to_string()).unwrap_or_default();
    about.extend((state.due != was.due).then(|| format!("{}: {}", t.say("actions-column-due"), or_none(t, &due))));
    let tags = state.tags.join(", ");
    about.extend((state.tags != was.tags).then(|| format!("{}: {}", t.say("actions-column-tags"), or_none(t, &tags))));
    about.extend((state.note != was.note).then(|| format!("{}: {}", t.say("decide-note"), or_none(t, &state.note))));
    if needs_approval(state.status) {
        about.push(format!("{}: {}", t.say("decide-approver"), state.approver));
        about.push(format!("{}: {}", t.say("decide-reason"), state.reason));
        about.extend(state.expires.map(|day| t.with("actions-until", &[("day", (&day.to_string()).into())])));
    }
    Changed {
        title: title(plan, &state.control_id),
        before: words::status_name(before).to_owned(),
        after: words::status_name(state.status).to_owned(),
        about: about.join(" · "),
    }
}

fn or_none(t: Texts, text: &str) -> String {
    if text.is_empty() { t.say("actions-none") } else { text.to_owned() }
}
