//! The overview.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::failure::{PageFailure, render};
use super::frame::{Frame, Place};
use super::shown;
use super::visitor::AtTenant;
use crate::state::Service;

#[derive(Template)]
#[template(path = "overview.html")]
struct OverviewPage {
    frame: Frame,
    tenant: String,
    percent: String,
}

/// `GET /tenants/{tenant}/overview`
pub(super) async fn page(at: AtTenant, State(service): State<Service>) -> Result<Response, PageFailure> {
    let newest = service.archive.history.newest(&at.tenant.id).await?.ok_or(PageFailure::NotFound)?;
    let title = at.frame(Place::Overview, "").t.say("nav-overview");
    render(&OverviewPage {
        frame: at.frame(Place::Overview, &title),
        tenant: shown::name(&at.tenant),
        percent: idscore_words::moves::headline(newest.core.percent, newest.core.max_score),
    })
}
