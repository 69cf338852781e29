//! Bodies as Microsoft Graph writes them.

use std::num::NonZeroUsize;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_TYPE, HOST, HeaderValue};
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::odata::{EntityType, ODataError, Page, Query, collection};
use crate::failure::Failure;
use crate::forwarded::https;
use crate::lengths;

/// Graph's media type for data.
pub(super) const JSON: &str =
    "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";

impl From<ODataError> for Failure {
    fn from(error: ODataError) -> Self {
        Self::Bad(error.message)
    }
}

/// A body of JSON.
///
/// # Errors
/// When it is none, lacks a member or has one too many, or one that is too long. PostgreSQL takes no NUL in a text, so a body that holds one is
/// refused whichever database there is.
pub(crate) fn body<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    let invalid = |error: serde_json::Error| Failure::Bad(format!("The body is not valid: {error}"));
    let value: Value = serde_json::from_slice(bytes).map_err(invalid)?;
    if holds_nul(&value) {
        return Err(Failure::Bad("The body is not valid: a text holds a NUL.".to_owned()));
    }
    if let Some(said) = lengths::too_long(&value) {
        return Err(Failure::Bad(said));
    }
    serde_json::from_value(value).map_err(invalid)
}

fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(values) => values.iter().any(holds_nul),
        Value::Object(members) => members.values().any(holds_nul),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Where the client sees this resource: the scheme and host that it used, for links that it can follow.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    origin: String,
    path: String,
    /// The query as it was sent.
    pub(crate) query: String,
    /// Rows on a page that the client prefers.
    max_page_size: Option<NonZeroUsize>,
}

impl Place {
    /// `{origin}/v1.0/$metadata#{what}`
    pub(crate) fn context(&self, what: &str) -> String {
        let version = self.path.split('/').nth(1).unwrap_or("v1.0");
        format!("{}/{version}/$metadata#{what}", self.origin)
    }

    /// Rows on a page: as many as the client prefers (`Prefer: odata.maxpagesize=…`), never more than `most`.
    pub(crate) fn page_size(&self, most: NonZeroUsize) -> NonZeroUsize {
        self.max_page_size.map_or(most, |wanted| wanted.min(most))
    }

    /// The absolute address without a query.
    pub(crate) fn address(&self) -> String {
        format!("{}{}", self.origin, self.path)
    }
}

impl<S: Sync> FromRequestParts<S> for Place {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok()).map(str::to_owned);
        let host = host.or_else(|| parts.uri.authority().map(ToString::to_string)).unwrap_or_default();
        let authority: Authority =
            host.parse().map_err(|_| Failure::Bad("The header Host is not valid.".to_owned()))?;
        let scheme = if https(&parts.headers) { "https" } else { "http" };
        Ok(Self {
            origin: format!("{scheme}://{authority}"),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            max_page_size: preferences(&parts.headers).find_map(|preference| {
                let (name, size) = preference.split_once('=')?;
                let asked =
                    ["odata.maxpagesize", "maxpagesize"].iter().any(|known| name.trim().eq_ignore_ascii_case(known));
                size.trim().parse().ok().filter(|_| asked)
            }),
        })
    }
}

/// What a client prefers: the parts of all headers `Prefer`.
pub(crate) fn preferences(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let values = headers.get_all("prefer").into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split([',', ';'])).map(str::trim)
}

/// Data as Graph sends them.
pub(crate) fn data(body: &impl Serialize) -> Response {
    // `to_string` of a value would write it piece by piece through a formatter.
    let text = serde_json::to_vec(body).unwrap_or_default();
    ([(CONTENT_TYPE, HeaderValue::from_static(JSON))], text).into_response()
}

/// A page of a collection.
pub(crate) fn list(place: &Place, what: &str, page: Page) -> Response {
    list_of(place, what, page, |row| row)
}

/// A page of a collection whose rows are shown as `shown` says.
pub(crate) fn list_of<R: Serialize>(place: &Place, what: &str, page: Page, shown: impl Fn(Value) -> R) -> Response {
    data(&collection(&place.context(what), page, &place.address(), &place.query, shown))
}

/// One object with its context.
pub(crate) fn object(place: &Place, what: &str, query: &Query, row: Value) -> Response {
    let mut body = serde_json::Map::new();
    body.insert("@odata.context".to_owned(), format!("{}/$entity", place.context(what)).into());
    if let Value::Object(members) = query.shape(row) {
        body.extend(members);
    }
    data(&Value::Object(body))
}

/// The options of a request.
pub(crate) fn query(place: &Place, entity: &'static EntityType) -> Result<Query, Failure> {
    Ok(Query::parse(&place.query, entity)?)
}
