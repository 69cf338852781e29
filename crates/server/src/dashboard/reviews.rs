//! What somebody looks at again and again, and what somebody vouches for: where each stands, and recording it.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use idscore_catalogue::Catalogue;
use idscore_history::instants::{date_of, day_of, day_of_date};
use idscore_history::{Attestation, KeptAssessment, Review, Task, TaskState, Vouched, tasks, vouched};
use idscore_store::{Role, now};
use idscore_words::moves;
use idscore_words::texts::Texts;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::Value;

use super::address::{part, see_other};
use super::failure::{PageFailure, render};
use super::form::Form;
use super::frame::{Frame, Place};
use super::overview::address_of;
use super::shown;
use super::visitor::{Asked, AtAssessed, Segments, Visitor};
use crate::state::Service;

/// Recorded reviews that are listed.
const LISTED: usize = 50;
/// Days that an attestation counts, as the form proposes.
const PROPOSED: i64 = 90;

#[derive(Deserialize)]
pub(super) struct Query {
    /// What was recorded just now.
    #[serde(default)]
    recorded: String,
}

#[derive(Template)]
#[template(path = "reviews.html")]
struct ReviewsPage {
    frame: Frame,
    tenant: String,
    lead: Vec<String>,
    said: Option<String>,
    base: String,
    /// Whether the visitor may record something.
    may_record: bool,
    /// Who fills in the form.
    visitor: String,
    today: String,
    proposed: String,
    tasks: Vec<Work>,
    vouched: Vec<Voucher>,
    log: Vec<Done>,
    more: Option<String>,
}

/// A task in words.
struct Work {
    id: String,
    title: String,
    address: String,
    state: String,
    class: &'static str,
    every: String,
    facts: Vec<(String, String)>,
    /// What was found last.
    note: String,
    /// Where to look, in Microsoft Entra.
    link: Option<String>,
}

/// Something that is vouched for, in words.
struct Voucher {
    id: String,
    title: String,
    address: String,
    state: String,
    class: &'static str,
    facts: Vec<(String, String)>,
}

/// A review that was recorded.
struct Done {
    when: String,
    title: String,
    address: String,
    who: String,
    note: String,
}

/// `GET /tenants/{tenant}/reviews`
pub(super) async fn page(
    AtAssessed { at, newest }: AtAssessed,
    Asked(query): Asked<Query>,
    State(service): State<Service>,
) -> Result<Response, PageFailure> {
    let history = &service.archive.history;
    let reviews = history.reviews(&at.tenant.id).await?;
    let attestations = history.attestations(&at.tenant.id).await?;
    let instant = now();

    let title = Texts::english().say("nav-reviews");
    let frame = at.frame(Place::Reviews, &title);
    let t = frame.t;
    let base = format!("/tenants/{}", part(&at.tenant.id));
    let all = tasks(&newest, &reviews, instant);
    let written = |day: i64| date_of(day).map(|day| day.to_string()).unwrap_or_default();
    let left = reviews.len().saturating_sub(LISTED) as u64;
    let page = ReviewsPage {
        tenant: shown::name(&at.tenant),
        lead: lead(t, &all),
        said: match query.recorded.as_str() {
            "review" => Some(t.say("reviews-recorded")),
            "attestation" => Some(t.say("reviews-attested")),
            _ => None,
        },
        may_record: at.visitor.may(&at.tenant.id, Role::Operator).is_ok(),
        visitor: at.visitor.actor().name().to_owned(),
        today: written(day_of(instant)),
        proposed: written(day_of(instant) + PROPOSED),
        tasks: all.iter().map(|task| work(t, &service.catalogue, &base, task)).collect(),
        vouched: vouched(&newest, &attestations, instant).iter().map(|one| voucher(t, &base, &newest, one)).collect(),
        log: reviews.iter().take(LISTED).map(|review| done(&service.catalogue, &newest, &base, review)).collect(),
        more: (left > 0).then(|| t.with("reviews-log-more", &[("count", left.into())])),
        base,
        frame,
    };
    render(&page)
}

fn lead(t: Texts, all: &[Task<'_>]) -> Vec<String> {
    let of = |wanted: &[TaskState]| all.iter().filter(|task| wanted.contains(&task.state)).count() as u64;
    let judged = all.len() as u64 - of(&[TaskState::NotJudged]);
    if judged == 0 {
        return vec![];
    }
    let (open, due) = (of(&[TaskState::Never, TaskState::Overdue]), of(&[TaskState::Due]));
    let mut lead = vec![t.with("reviews-lead", &[("done", (judged - open).into()), ("all", judged.into())])];
    lead.extend((open > 0).then(|| t.with("reviews-lead-open", &[("count", open.into())])));
    lead.extend((due > 0).then(|| t.with("reviews-lead-due", &[("count", due.into())])));
    lead
}

fn work(t: Texts, catalogue: &Catalogue, base: &str, task: &Task<'_>) -> Work {
    let (state, class) = match task.state {
        TaskState::Never => ("reviews-state-never", "not-met"),
        TaskState::Overdue => ("reviews-state-overdue", "not-met"),
        TaskState::Due => ("reviews-state-due", "partial"),
        TaskState::Done => ("reviews-state-done", "met"),
        TaskState::NotJudged => ("reviews-state-not-judged", "quiet"),
    };
    let control = task.control;
    let points = control.score.zip(control.max_score).map_or_else(
        || t.say("reviews-points-none"),
        |(earned, maximum)| {
            let (earned, maximum) = (moves::points(earned), moves::points(maximum));
            t.with("reviews-points-of", &[("earned", (&earned).into()), ("maximum", (&maximum).into())])
        },
    );
    let last = match (task.last.map(moves::instant), task.review) {
        (None, _) => t.say("reviews-last-never"),
        (Some(day), None) => t.with("reviews-last-configured", &[("day", (&day).into())]),
        (Some(day), Some(review)) => {
            t.with("reviews-last-by", &[("day", (&day).into()), ("who", (&review.reviewed_by).into())])
        }
    };
    let mut facts = vec![(t.say("reviews-points"), points), (t.say("reviews-last"), last)];
    if task.state != TaskState::NotJudged {
        facts.push((t.say("reviews-due"), task.due.map_or_else(|| t.say("reviews-due-now"), moves::instant)));
        facts.extend(task.fades_until.map(|until| (t.say("reviews-fades"), moves::instant(until))));
    }
    Work {
        id: control.id.clone(),
        title: control.title.clone(),
        address: address_of(base, &control.id),
        state: t.say(state),
        class,
        every: t.with("reviews-every", &[("days", u64::try_from(task.every_days).unwrap_or(0).into())]),
        facts,
        note: task.review.map(|review| review.note.clone()).unwrap_or_default(),
        link: catalogue.control(&control.id).and_then(|known| known.action_url.clone()),
    }
}

fn voucher(t: Texts, base: &str, newest: &KeptAssessment, one: &Vouched<'_>) -> Voucher {
    let control = one.control;
    let declared = newest.details.declared.as_array().into_iter().flatten();
    let said = |item: &Value, key: &str| item.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    // What the configuration vouches for, where nothing was recorded in its place.
    let configured = declared
        .filter(|_| one.recorded.is_none())
        .find(|item| said(item, "kind") == "attestation" && said(item, "id") == control.id)
        .map(|item| {
            (said(item, "owner"), said(item, "reason"), said(item, "expires"), t.say("reviews-attest-configured"))
        });
    let recorded = one.recorded.map(|recorded| {
        let by = [("day", moves::instant(recorded.recorded_at)), ("who", recorded.recorded_by.clone())];
        let by: Vec<_> = by.iter().map(|(name, text)| (*name, text.into())).collect();
        (recorded.owner.clone(), recorded.reason.clone(), recorded.expires.to_string(), t.with("reviews-last-by", &by))
    });
    let (state, class) = match (one.stands, recorded.is_some() || configured.is_some()) {
        (true, _) => ("reviews-attest-stands", "met"),
        (false, true) => ("reviews-attest-ended", "not-met"),
        (false, false) => ("reviews-attest-missing", "quiet"),
    };
    let facts = recorded.or(configured).map(|(owner, reason, expires, by)| {
        vec![
            (t.say("reviews-attest-owner"), owner),
            (t.say("reviews-attest-reason"), reason),
            (t.say("reviews-attest-expires"), expires),
            (t.say("reviews-attest-recorded"), by),
        ]
    });
    Voucher {
        id: control.id.clone(),
        title: control.title.clone(),
        address: address_of(base, &control.id),
        state: t.say(state),
        class,
        facts: facts.unwrap_or_default(),
    }
}

fn done(catalogue: &Catalogue, newest: &KeptAssessment, base: &str, review: &Review) -> Done {
    let id = &review.control_id;
    let title = newest.control(id).map(|control| control.title.clone());
    let title = title.or_else(|| catalogue.control(id).map(|control| control.title.clone()));
    Done {
        when: moves::instant(review.reviewed_at),
        title: title.unwrap_or_else(|| id.clone()),
        address: address_of(base, id),
        who: review.reviewed_by.clone(),
        note: review.note.clone(),
    }
}

#[derive(Deserialize)]
pub(super) struct NewReview {
    control: String,
    day: String,
    /// Who reviewed; whoever fills in the form, where it says nothing.
    #[serde(default)]
    by: String,
    #[serde(default)]
    note: String,
}

/// `POST /tenants/{tenant}/reviews`
pub(super) async fn record(
    Segments(tenant): Segments<String>,
    State(service): State<Service>,
    form: Form<NewReview>,
) -> Result<Response, PageFailure> {
    let NewReview { control, day, by, note } = form.fields;
    let newest = writable(&service, &form.visitor, &tenant).await?;
    let instant = now();
    if !tasks(&newest, &[], instant).iter().any(|task| task.control.id == control) {
        return Err(PageFailure::NotFound);
    }
    let day = written(&day)?;
    // Of an earlier day only its beginning is sure.
    let reviewed_at =
        if day_of_date(day) == day_of(instant) { instant } else { day_of_date(day) * idscore_history::instants::DAY };
    let actor = form.visitor.actor();
    let by = by.trim();
    let reviewed_by = if by.is_empty() { actor.name() } else { by }.to_owned();
    let review = Review { control_id: control, reviewed_by, reviewed_at, note };
    service.archive.history.record_review(&actor, &tenant, &review, instant).await?;
    service.archive.history.settle(&tenant, instant).await?;
    Ok(see_other(&format!("/tenants/{}/reviews?recorded=review", part(&tenant))))
}

#[derive(Deserialize)]
pub(super) struct NewAttestation {
    control: String,
    owner: String,
    reason: String,
    expires: String,
}

/// `POST /tenants/{tenant}/attestations`
pub(super) async fn attest(
    Segments(tenant): Segments<String>,
    State(service): State<Service>,
    form: Form<NewAttestation>,
) -> Result<Response, PageFailure> {
    let NewAttestation { control, owner, reason, expires } = form.fields;
    let newest = writable(&service, &form.visitor, &tenant).await?;
    let instant = now();
    if !vouched(&newest, &[], instant).iter().any(|one| one.control.id == control) {
        return Err(PageFailure::NotFound);
    }
    let expires = written(&expires)?;
    if day_of_date(expires) < day_of(instant) {
        return Err(PageFailure::Bad(format!("The attestation would have ended on {expires} already.")));
    }
    let actor = form.visitor.actor();
    let recorded_by = actor.name().to_owned();
    let attestation = Attestation { control_id: control, owner, reason, expires, recorded_by, recorded_at: instant };
    service.archive.history.attest(&actor, &tenant, &attestation).await?;
    service.archive.history.settle(&tenant, instant).await?;
    Ok(see_other(&format!("/tenants/{}/reviews?recorded=attestation#attestations", part(&tenant))))
}

/// The newest assessment of a tenant of which the visitor may record something.
async fn writable(service: &Service, visitor: &Visitor, tenant: &str) -> Result<KeptAssessment, PageFailure> {
    visitor.may(tenant, Role::Operator)?;
    service.archive.history.newest(tenant).await?.ok_or(PageFailure::NotFound)
}

fn written(day: &str) -> Result<Date, PageFailure> {
    let known = day.parse::<Date>().ok().filter(|day| day_of_date(*day) >= 0);
    known.ok_or_else(|| PageFailure::Bad("A day is written as 2026-11-20.".to_owned()))
}
