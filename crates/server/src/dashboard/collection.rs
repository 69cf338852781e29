//! Collecting from Microsoft Graph: connecting a tenant, how far a run is, and what became of the runs before.

use askama::Template;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::REFRESH;
use axum::response::Response;
use idscore_schedule::{Collecting, Progress, Step};
use idscore_store::{CollectionRun, Connected, HistoryError, Role, RunOutcome, now};
use idscore_words as words;
use idscore_words::moves;
use idscore_words::texts::Texts;
use serde::Deserialize;

use super::address::{part, see_other};
use super::failure::{PageFailure, render};
use super::form::Form;
use super::frame::{Frame, Place};
use super::shown;
use super::visitor::{Asked, AtTenant};
use crate::state::Service;

pub(super) mod connect;

/// Runs that are listed.
const RUNS: u32 = 30;
/// Seconds between two looks, for who keeps the page up to date.
const AGAIN: HeaderValue = HeaderValue::from_static("5");

#[derive(Deserialize)]
pub(super) struct Query {
    /// Whether the page loads itself again while a run is at work.
    #[serde(default)]
    live: String,
}

#[derive(Template)]
#[template(path = "collection.html")]
struct CollectionPage {
    frame: Frame,
    tenant: String,
    base: String,
    /// Whether this service collects at all.
    collects: bool,
    facts: Option<Vec<(String, String)>>,
    paused: bool,
    /// Whether the visitor may ask for a run, and pause.
    may_ask: bool,
    /// Whether they may connect and disconnect.
    may_connect: bool,
    at_work: Option<AtWork>,
    live: bool,
    runs: Vec<Run>,
}

/// A run that is at work.
struct AtWork {
    said: String,
    waits: Option<String>,
    sets: Vec<(String, String, String)>,
}

/// A run that has ended.
struct Run {
    began: String,
    state: String,
    class: &'static str,
    took: String,
    read: String,
    reason: String,
    kept: Option<String>,
}

/// `GET /tenants/{tenant}/collection`
pub(super) async fn page(
    at: AtTenant,
    Asked(query): Asked<Query>,
    State(service): State<Service>,
) -> Result<Response, PageFailure> {
    let history = &service.archive.history;
    let connection = history.connection(&at.tenant.id).await?;
    let progress = service.collecting.as_ref().and_then(|collecting| collecting.progress(&at.tenant.id));
    let runs = history.runs(&at.tenant.id, RUNS).await?;
    let title = Texts::english().say("collection-title");
    let frame = at.frame(Place::Elsewhere, &title);
    let t = frame.t;
    let base = format!("/tenants/{}", part(&at.tenant.id));
    let may_ask = at.visitor.may(&at.tenant.id, Role::Operator).is_ok();
    let at_work = at_work(t, progress.as_ref(), runs.first());
    let live = query.live == "1" && at_work.is_some();
    let page = CollectionPage {
        tenant: shown::name(&at.tenant),
        collects: service.collecting.is_some(),
        paused: connection.as_ref().is_some_and(|connected| connected.paused),
        facts: connection.map(|connected| facts(t, &connected, at_work.is_some())),
        may_ask,
        may_connect: connect::may(&at.visitor),
        at_work,
        live,
        runs: runs.iter().map(|run| shown_of(t, &base, may_ask, run)).collect(),
        base,
        frame,
    };
    let mut response = render(&page)?;
    if live {
        response.headers_mut().insert(REFRESH, AGAIN);
    }
    Ok(response)
}

fn facts(t: Texts, connected: &Connected, at_work: bool) -> Vec<(String, String)> {
    let hours = u64::try_from(connected.every / 3_600_000_000).unwrap_or(0);
    let next = match (connected.paused, connected.next_at <= now()) {
        (true, _) => t.say("collection-next-paused"),
        (false, true) if at_work => t.say("collection-next-at-work"),
        (false, true) => t.say("collection-next-now"),
        (false, false) => moves::instant(connected.next_at),
    };
    let mut facts = vec![
        (t.say("collection-domain"), connected.domain.clone()),
        (t.say("collection-application"), connected.credential.clone()),
        (t.say("collection-every"), t.with("collection-hours", &[("hours", hours.into())])),
        (t.say("collection-next"), next),
    ];
    if connected.failures > 0 {
        facts.push((t.say("collection-failures"), connected.failures.to_string()));
    }
    facts
}

fn at_work(t: Texts, progress: Option<&Progress>, newest: Option<&CollectionRun>) -> Option<AtWork> {
    let Some(progress) = progress else {
        // Another process has it.
        let elsewhere = newest.filter(|run| run.outcome == RunOutcome::Running)?;
        let said = t.with("collection-elsewhere", &[("instant", (&moves::instant(elsewhere.started_at)).into())]);
        return Some(AtWork { said, waits: None, sets: vec![] });
    };
    let step = match progress.step {
        Step::SigningIn => "collection-step-signing-in",
        Step::Reading => "collection-step-reading",
        Step::Judging => "collection-step-judging",
    };
    let sets = progress.data_sets.iter().map(|(name, set)| {
        let rows = match set.expected {
            Some(expected) if set.status.is_none() => {
                t.with("collection-rows-of", &[("rows", set.rows.into()), ("expected", expected.into())])
            }
            _ => t.with("collection-rows", &[("count", set.rows.into())]),
        };
        let state = set.status.map_or_else(
            || t.say("collection-set-reading"),
            |status| shown::first_upper(words::data_set_status(status.word())),
        );
        (name.clone(), rows, state)
    });
    Some(AtWork { said: t.say(step), waits: progress.waits.clone(), sets: sets.collect() })
}

fn shown_of(t: Texts, base: &str, may_ask: bool, run: &CollectionRun) -> Run {
    let (state, class) = match run.outcome {
        RunOutcome::Running => ("collection-run-running", "quiet"),
        RunOutcome::Kept => ("collection-run-kept", "met"),
        RunOutcome::Failed => ("collection-run-failed", "not-met"),
        RunOutcome::Interrupted => ("collection-run-interrupted", "partial"),
    };
    let complete = run.data_sets.iter().filter(|set| set.status == "complete").count() as u64;
    let rows: u64 = run.data_sets.iter().map(|set| set.rows).sum();
    let read = if run.data_sets.is_empty() {
        String::new()
    } else {
        t.with(
            "collection-run-read",
            &[("complete", complete.into()), ("all", (run.data_sets.len() as u64).into()), ("rows", rows.into())],
        )
    };
    let seconds = run.finished_at.and_then(|at| u64::try_from((at - run.started_at) / 1_000_000).ok());
    Run {
        began: moves::instant(run.started_at),
        state: t.say(state),
        class,
        took: seconds.map_or_else(String::new, |seconds| t.with("collection-run-took", &[("seconds", seconds.into())])),
        read,
        reason: run.reason.clone(),
        kept: run.assessment_id.as_ref().filter(|_| may_ask).map(|id| format!("{base}/upload?kept={}", part(id))),
    }
}

#[derive(Deserialize)]
pub(super) struct Fields {
    /// `now`, `pause`, `resume`, `disconnect`.
    r#do: String,
}

/// `POST /tenants/{tenant}/collection`: asks for a run, pauses and goes on, disconnects.
pub(super) async fn change(
    at: AtTenant,
    State(service): State<Service>,
    form: Form<Fields>,
) -> Result<Response, PageFailure> {
    at.visitor.may(&at.tenant.id, Role::Operator)?;
    let (history, actor, id) = (&service.archive.history, form.visitor.actor(), at.tenant.id.as_str());
    let base = format!("/tenants/{}/collection", part(id));
    let changed = match form.fields.r#do.as_str() {
        "now" => history.collect_now(&actor, id, now()).await,
        "pause" => history.pause_collection(&actor, id, true).await,
        "resume" => history.pause_collection(&actor, id, false).await,
        "disconnect" if connect::may(&at.visitor) => history.disconnect(&actor, id).await,
        "disconnect" => return Err(PageFailure::Forbidden),
        _ => return Err(PageFailure::Bad("The form asks for something that there is not.".to_owned())),
    };
    match changed {
        // Somebody else disconnected it meanwhile: the page says so.
        Ok(()) | Err(HistoryError::NotFound { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    service.collecting.iter().for_each(Collecting::wake);
    Ok(see_other(&if form.fields.r#do == "now" { format!("{base}?live=1") } else { base }))
}
