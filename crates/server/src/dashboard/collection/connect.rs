//! Connecting a tenant: with which application, and whether it signs in there.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use idscore_graph::{CollectError, Trial};
use idscore_schedule::{Collecting, ConnectError};
use idscore_store::{Role, with_causes};
use idscore_words as words;
use idscore_words::texts::Texts;
use serde::Deserialize;

use crate::dashboard::address::{part, see_other};
use crate::dashboard::failure::{PageFailure, render};
use crate::dashboard::form::Form;
use crate::dashboard::frame::{Frame, Place};
use crate::dashboard::shown;
use crate::dashboard::visitor::{AtHome, Visitor};
use crate::state::Service;

#[derive(Template)]
#[template(path = "connect.html")]
struct ConnectPage {
    frame: Frame,
    /// Whether there is a collect.toml.
    collects: bool,
    applications: Vec<Choice>,
    domain: String,
    refused: Option<(String, Option<String>)>,
    tried: Option<Tried>,
}

/// An application to choose.
struct Choice {
    name: String,
    client_id: String,
    cloud: &'static str,
    /// Where an administrator of the tenant agrees to what it may read.
    consent: String,
    chosen: bool,
}

/// What a trial has shown.
struct Tried {
    said: String,
    readable: Vec<String>,
    /// What can't be read: name, state, reason and permission.
    missing: Vec<(String, String, String, String)>,
}

#[derive(Deserialize)]
pub(in crate::dashboard) struct Fields {
    #[serde(default)]
    domain: String,
    #[serde(default)]
    application: String,
    /// `try` or `connect`.
    #[serde(default)]
    r#do: String,
}

/// Whether somebody may bring a tenant: only who may do everything.
pub(super) fn may(visitor: &Visitor) -> bool {
    visitor.session.person.roles.everywhere_role() == Some(Role::Administrator)
}

fn allowed(visitor: &Visitor) -> Result<(), PageFailure> {
    if may(visitor) { Ok(()) } else { Err(PageFailure::Forbidden) }
}

/// `GET /connect`
pub(in crate::dashboard) async fn page(at: AtHome, State(service): State<Service>) -> Result<Response, PageFailure> {
    allowed(&at.visitor)?;
    render(&shown_to(&at, &service, "", ""))
}

fn shown_to(at: &AtHome, service: &Service, domain: &str, application: &str) -> ConnectPage {
    let frame = at.frame(Place::Elsewhere, &Texts::english().say("connect-title"));
    let known = service.collecting.as_ref().map_or(&[][..], Collecting::applications);
    let tenant = if domain.is_empty() { "organizations" } else { domain };
    let choice = |one: &idscore_schedule::Application| Choice {
        consent: one.hosts.admin_consent(tenant, &one.client_id),
        name: one.name.clone(),
        client_id: one.client_id.clone(),
        cloud: one.cloud.name(),
        chosen: one.name == application,
    };
    ConnectPage {
        collects: service.collecting.is_some(),
        applications: known.iter().map(choice).collect(),
        domain: domain.to_owned(),
        refused: None,
        tried: None,
        frame,
    }
}

/// `POST /connect`: tries an application in a tenant, or connects the tenant with it.
pub(in crate::dashboard) async fn send(
    at: AtHome,
    State(service): State<Service>,
    form: Form<Fields>,
) -> Result<Response, PageFailure> {
    allowed(&form.visitor)?;
    let Fields { domain, application, r#do } = &form.fields;
    let Some(collecting) = &service.collecting else {
        // Nobody can be connected; the page says what to write for that.
        return render(&shown_to(&at, &service, "", ""));
    };
    let refusal = match r#do.as_str() {
        "connect" => match collecting.connect(&form.visitor.actor(), domain, application).await {
            Ok(tenant) => return Ok(see_other(&format!("/tenants/{}/collection?live=1", part(&tenant)))),
            Err(refusal) => refusal,
        },
        _ => match collecting.try_out(domain, application).await {
            Ok(trial) => {
                let page = shown_to(&at, &service, domain.trim(), application);
                let tried = tried(page.frame.t, &trial);
                return render(&ConnectPage { tried: Some(tried), ..page });
            }
            Err(refusal) => refusal,
        },
    };
    if let ConnectError::History(error) = refusal {
        return Err(error.into());
    }
    let asked = if matches!(refusal, ConnectError::Domain(_)) { "" } else { domain.trim() };
    let page = shown_to(&at, &service, asked, application);
    let hint = match &refusal {
        ConnectError::Collect(error) => error.hint(),
        _ => None,
    };
    let status = match &refusal {
        ConnectError::Collect(CollectError::Unreachable { .. } | CollectError::ClockSkew { .. }) => {
            StatusCode::BAD_GATEWAY
        }
        _ => StatusCode::BAD_REQUEST,
    };
    let said = shown::first_upper(&with_causes(&refusal).replace('`', ""));
    let refused = Some((said, hint.map(|hint| shown::first_upper(&hint.replace('`', "")))));
    Ok((status, render(&ConnectPage { refused, ..page })?).into_response())
}

fn tried(t: Texts, trial: &Trial) -> Tried {
    let readable = trial.data_sets.iter().filter(|set| set.status.word() == "complete");
    let readable: Vec<String> = readable.map(|set| set.name.clone()).collect();
    let missing = trial.data_sets.iter().filter(|set| set.status.word() != "complete");
    let missing = missing.map(|set| {
        let state = shown::first_upper(words::data_set_status(set.status.word()));
        (set.name.clone(), state, set.message.clone().unwrap_or_default(), set.permission.clone())
    });
    let counts = [
        ("tenant", trial.tenant_id.as_deref().unwrap_or("?").into()),
        ("readable", (readable.len() as u64).into()),
        ("all", (trial.data_sets.len() as u64).into()),
    ];
    Tried { said: t.with("connect-tried", &counts), readable, missing: missing.collect() }
}
