//! Light, dark, or as the system says: kept in a cookie, so that it works without scripts.

use axum::http::HeaderMap;
use serde::Deserialize;

use super::cookies::cookie;

/// The cookie that keeps it.
pub(super) const COOKIE: &str = "idscore_theme";

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
