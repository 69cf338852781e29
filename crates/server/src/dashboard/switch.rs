//! What every page can switch: its tenant and its theme.

use axum::http::header::{LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use idscore_store::Role;
use serde::Deserialize;

use super::address::{local, part, see_other};
use super::failure::PageFailure;
use super::form::Form;
use super::frame::Place;
use super::theme::{self, Theme};
use super::visitor::{Asked, Visitor};
use crate::forwarded::https;

#[derive(Deserialize)]
pub(super) struct TenantChoice {
    tenant: String,
    #[serde(default)]
    page: String,
}

/// `GET /switch`: the same page of another tenant.
pub(super) async fn tenant(visitor: Visitor, Asked(asked): Asked<TenantChoice>) -> Result<Response, PageFailure> {
    visitor.may(&asked.tenant, Role::Reader)?;
    let known = Place::OF_TENANT.iter().find(|place| place.word() == asked.page).unwrap_or(&Place::Overview);
    Ok(see_other(&format!("/tenants/{}/{}", part(&asked.tenant), known.word())))
}

#[derive(Deserialize)]
pub(super) struct ThemeChoice {
    theme: Theme,
    #[serde(rename = "return", default)]
    back: String,
}

/// `POST /theme`
pub(super) async fn theme(headers: HeaderMap, form: Form<ThemeChoice>) -> Response {
    let secure = if https(&headers) { "; Secure" } else { "" };
    let cookie = format!(
        "{}={}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly{secure}",
        theme::COOKIE,
        form.fields.theme.word()
    );
    (StatusCode::SEE_OTHER, [(SET_COOKIE, cookie), (LOCATION, local(&form.fields.back))]).into_response()
}
