//! Light, dark, or as the system says: kept in a cookie, so that it works without scripts.

use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::form::Form;
use super::sign_in::local;
use super::visitor::cookie;
use crate::forwarded::https;

const COOKIE: &str = "idscore_theme";

/// How pages look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Theme {
    /// As the system says.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    pub(super) const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// The theme that a browser keeps.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let kept = cookie(headers, COOKIE);
        Self::ALL.into_iter().find(|theme| kept == Some(theme.word())).unwrap_or_default()
    }

    /// The word in the cookie and in the markup.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Choice {
    theme: Theme,
    #[serde(rename = "return", default)]
    back: String,
}

/// `POST /theme`
pub(super) async fn choose(headers: HeaderMap, form: Form<Choice>) -> Response {
    let secure = if https(&headers) { "; Secure" } else { "" };
    let cookie =
        format!("{COOKIE}={}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly{secure}", form.fields.theme.word());
    (StatusCode::SEE_OTHER, [(SET_COOKIE, cookie), (LOCATION, local(&form.fields.back))]).into_response()
}
