//! Sending an export by a form: what was read of it, what was not, and what that costs.

mod sent;

use std::time::Duration;

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use idscore_history::KeptAssessment;
use idscore_score::{Missing, Set};
use idscore_store::Role;
use idscore_words as words;
use idscore_words::moves;
use idscore_words::texts::Texts;
use serde::Deserialize;

use self::sent::Form;
use super::address::{part, see_other};
use super::failure::{PageFailure, render};
use super::frame::{Frame, Place};
use super::shown;
use super::visitor::{Asked, AtHome, AtTenant, Visitor};
use crate::failure::Failure;
use crate::paths::FIRST_RUN;
use crate::state::Service;
use crate::uploads::keep::{Sender, counted, keep};

#[derive(Template)]
#[template(path = "upload.html")]
struct UploadPage {
    frame: Frame,
    title: String,
    /// Nothing was assessed yet.
    first: bool,
    /// Where the form goes; none where the visitor may not send one.
    action: Option<String>,
    limit: String,
    refused: Option<String>,
    kept: Option<Kept>,
}

/// What a kept export held.
struct Kept {
    said: String,
    score: String,
    overview: String,
    missing: Vec<Part>,
    read: Vec<Part>,
    warnings: Vec<String>,
}

/// A data set of the export.
struct Part {
    name: String,
    state: String,
    about: String,
    costs: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct Query {
    kept: Option<String>,
}

/// `GET /tenants/{tenant}/upload`: the form, and what became of an export that was sent.
pub(super) async fn page(
    at: AtTenant,
    Asked(query): Asked<Query>,
    State(service): State<Service>,
) -> Result<Response, PageFailure> {
    at.visitor.may(&at.tenant.id, Role::Operator)?;
    let kept = match &query.kept {
        Some(id) => Some(service.archive.history.assessment(&at.tenant.id, id).await?),
        None => None,
    };
    render(&of_tenant(&at, &service, kept.as_ref(), None))
}

/// `POST /tenants/{tenant}/upload`
pub(super) async fn send(
    at: AtTenant,
    State(service): State<Service>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, PageFailure> {
    let allowed = at.visitor.may(&at.tenant.id, Role::Operator);
    match received(&service, &at.visitor, allowed, Some(&at.tenant.id), &headers, body).await? {
        Ok(to) => Ok(to),
        Err(refusal) => refused(&of_tenant(&at, &service, None, Some(&refusal)), &refusal),
    }
}

/// `GET /first-run`: how to begin.
pub(super) async fn first(at: AtHome, State(service): State<Service>) -> Result<Response, PageFailure> {
    render(&of_home(&at, &service, None))
}

/// `POST /first-run`: the first export of a tenant that nobody knows yet. Only who may do everything brings a new one.
pub(super) async fn send_first(
    at: AtHome,
    State(service): State<Service>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, PageFailure> {
    let allowed = if brings_tenants(&at.visitor) { Ok(()) } else { Err(PageFailure::Forbidden) };
    match received(&service, &at.visitor, allowed, None, &headers, body).await? {
        Ok(to) => Ok(to),
        Err(refusal) => refused(&of_home(&at, &service, Some(&refusal)), &refusal),
    }
}

fn brings_tenants(visitor: &Visitor) -> bool {
    visitor.session.person.roles.everywhere_role() == Some(Role::Administrator)
}

fn of_tenant(at: &AtTenant, service: &Service, kept: Option<&KeptAssessment>, refusal: Option<&Failure>) -> UploadPage {
    let title = Texts::english().say("upload-title");
    let frame = at.frame(Place::Elsewhere, &title);
    let base = format!("/tenants/{}", part(&at.tenant.id));
    UploadPage {
        kept: kept.map(|kept| shown_of(frame.t, &base, &shown::name(&at.tenant), kept)),
        action: Some(format!("{base}/upload")),
        limit: limit(frame.t, service),
        refused: refusal.map(|refusal| said(frame.t, refusal)),
        first: false,
        title,
        frame,
    }
}

fn of_home(at: &AtHome, service: &Service, refusal: Option<&Failure>) -> UploadPage {
    let title = Texts::english().say("first-run-title");
    let frame = at.frame(Place::Elsewhere, &title);
    UploadPage {
        kept: None,
        action: brings_tenants(&at.visitor).then(|| FIRST_RUN.to_owned()),
        limit: limit(frame.t, service),
        refused: refusal.map(|refusal| said(frame.t, refusal)),
        first: true,
        title,
        frame,
    }
}

fn limit(t: Texts, service: &Service) -> String {
    t.with("upload-limit", &[("mebibytes", (service.upload_rules.max_bytes >> 20).into())])
}

/// Keeps what is sent. A refusal comes when the rest has been read: browsers look for the answer only then.
async fn received(
    service: &Service,
    visitor: &Visitor,
    allowed: Result<(), PageFailure>,
    tenant: Option<&str>,
    headers: &HeaderMap,
    body: Body,
) -> Result<Result<Response, Failure>, PageFailure> {
    let mut form = Form::new(headers, body)?;
    let admitted = match allowed {
        Ok(()) => form.admitted(visitor, headers).await,
        Err(refusal) => Err(refusal),
    };
    if let Err(refusal) = admitted {
        form.drain().await;
        return Err(refusal);
    }
    let kept = async {
        let (name, taken_at, bytes) = form.file().await?;
        let sender = Sender {
            actor: visitor.actor(),
            tenant: tenant.map(str::to_owned),
            opens: "this page takes those of",
            say_when: "say when it was collected in the form",
        };
        keep(service, sender, name, taken_at, bytes, &mut form).await
    };
    match counted(service, kept.await) {
        Ok(kept) => {
            let to = format!("/tenants/{}/upload?kept={}", part(&kept.tenant_id), part(&kept.id));
            Ok(Ok(see_other(&to)))
        }
        Err(refusal) => {
            form.drain().await;
            Ok(Err(refusal))
        }
    }
}

/// The form again, with why the export was not kept.
fn refused(page: &UploadPage, refusal: &Failure) -> Result<Response, PageFailure> {
    let status = match refusal {
        Failure::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
        Failure::Busy(..) => StatusCode::TOO_MANY_REQUESTS,
        Failure::Bad(_) | Failure::MediaType(_) => StatusCode::BAD_REQUEST,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    Ok((status, render(page)?).into_response())
}

fn said(t: Texts, refusal: &Failure) -> String {
    match refusal {
        Failure::TooLarge(limit) => t.with("upload-refused-size", &[("mebibytes", (limit >> 20).into())]),
        Failure::Busy(_, again) => t.with("upload-refused-busy", &[("seconds", again.as_secs().into())]),
        Failure::MediaType(_) => t.say("upload-refused-kind"),
        Failure::Bad(reason) => reason.clone(),
        other => {
            tracing::error!(cause = ?other, "an export could not be kept");
            t.say("upload-refused-here")
        }
    }
}

/// A data set as the assessment keeps it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DataSet {
    name: String,
    status: String,
    rows: u64,
    missing: Option<Missing>,
    costs: Vec<String>,
}

fn shown_of(t: Texts, base: &str, tenant: &str, kept: &KeptAssessment) -> Kept {
    let sets: Vec<DataSet> = serde_json::from_value(kept.details.data_sets.clone()).unwrap_or_default();
    let title = |id: &String| kept.control(id).map_or_else(|| id.clone(), |control| control.title.clone());
    let part = |set: &DataSet| Part {
        name: set.name.clone(),
        state: shown::first_upper(words::data_set_status(&set.status)),
        about: match &set.missing {
            Some(missing) => shown::first_upper(&words::remedy(missing).replace('`', "")),
            None => t.with("upload-rows", &[("count", set.rows.into())]),
        },
        costs: set.costs.iter().map(title).collect(),
    };
    let (missing, read): (Vec<_>, Vec<_>) = sets.iter().partition(|set| set.missing.is_some() || !set.costs.is_empty());
    let mut missing: Vec<Part> = missing.into_iter().map(part).collect();
    missing.sort_by_key(|part| std::cmp::Reverse(part.costs.len()));
    let judged = kept.of_set(Set::Core).filter(|control| control.score.is_some()).count() as u64;
    Kept {
        said: t.with("upload-kept", &[("tenant", tenant.into()), ("instant", (&moves::instant(kept.taken_at)).into())]),
        score: t.with(
            "upload-score",
            &[("percent", (&moves::headline_proven(&kept.core)).into()), ("count", judged.into())],
        ),
        overview: format!("{base}/overview"),
        missing,
        read: read.into_iter().filter(|set| set.status == "complete" || set.status == "lowerBound").map(part).collect(),
        warnings: kept.details.warnings.iter().map(|said| shown::first_upper(&said.replace('`', ""))).collect(),
    }
}

/// How long what is left of a refused form is read.
const DRAINING: Duration = Duration::from_secs(10);
