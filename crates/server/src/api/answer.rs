//! Bodies and errors as Microsoft Graph writes them.

use std::error::Error;
use std::num::NonZeroUsize;
use std::time::Duration;

use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use idscore_history::HistoryError;
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::odata::{EntityType, ErrorBody, ErrorKind, ODataError, Page, Query, RequestTrace, collection};
use crate::forwarded::https;

/// Graph's media type for data.
const JSON: &str = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";

/// Why a request is not answered with data.
#[derive(Debug)]
pub(crate) enum Failure {
    /// 400 with a message.
    Bad(String),
    /// 400: the query options.
    Query(ODataError),
    /// 401
    InvalidToken,
    /// 403 under `/security`.
    Forbidden(&'static str),
    /// 403 under `/directory`.
    RequestDenied,
    /// 404 under `/security` and in our own API.
    NotFound(String),
    /// 404 under `/directory`.
    DirectoryNotFound(String),
    /// 404 in our own API, with a sentence of our own.
    NoAssessment(String),
    /// 405
    MethodNotAllowed,
    /// 413: the most bytes that a body may have.
    TooLarge(u64),
    /// 415: the media types that are taken.
    MediaType(&'static str),
    /// 429
    TooManyRequests(Duration),
    /// 429: others are being served.
    Busy(&'static str, Duration),
    /// 400: no route.
    NoSegment(String),
    /// 500; the cause goes to the log only.
    Internal(HistoryError),
    /// 500; the cause in words goes to the log only.
    Failed(String),
    /// 500: a panic, which the log has already.
    Broken,
}

/// An error on its way out, before it knows its request.
#[derive(Debug, Clone)]
struct Pending {
    kind: ErrorKind,
    message: Option<String>,
    scope: Option<&'static str>,
}

impl From<HistoryError> for Failure {
    fn from(error: HistoryError) -> Self {
        match error {
            HistoryError::NotFound { id, .. } => Self::NotFound(id),
            HistoryError::Invalid { reason } => Self::Bad(reason),
            HistoryError::NoAssessment { reason } => Self::NoAssessment(sentence(&reason)),
            HistoryError::OtherMeasure => Self::Bad(sentence(&error.to_string())),
            other => Self::Internal(other),
        }
    }
}

/// The text of an error as a sentence.
pub(crate) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(char::to_uppercase).into_iter().flatten();
    let end = if text.ends_with('.') { "" } else { "." };
    first.chain(letters).chain(end.chars()).collect()
}

fn is_page(response: &Response) -> bool {
    let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("text/html"))
}

impl From<ODataError> for Failure {
    fn from(error: ODataError) -> Self {
        Self::Query(error)
    }
}

impl Failure {
    pub(crate) fn method_not_allowed() -> Self {
        Self::MethodNotAllowed
    }

    fn pending(&self) -> Pending {
        let pending = |kind, message: Option<&str>| Pending { kind, message: message.map(str::to_owned), scope: None };
        match self {
            Self::Bad(message) => pending(ErrorKind::BadRequest, Some(message)),
            Self::Query(error) => pending(ErrorKind::BadRequest, Some(&error.message)),
            Self::InvalidToken => pending(ErrorKind::InvalidAuthenticationToken, None),
            Self::Forbidden(scope) => Pending { scope: Some(scope), ..pending(ErrorKind::Forbidden, None) },
            Self::RequestDenied => pending(ErrorKind::AuthorizationRequestDenied, None),
            Self::NotFound(id) => pending(ErrorKind::ResourceNotFound, Some(&ErrorBody::missing(id))),
            Self::DirectoryNotFound(id) => pending(ErrorKind::RequestResourceNotFound, Some(&ErrorBody::missing(id))),
            Self::NoAssessment(reason) => pending(ErrorKind::ResourceNotFound, Some(reason)),
            Self::MethodNotAllowed => {
                pending(ErrorKind::MethodNotAllowed, Some("The method is not supported by this resource."))
            }
            Self::TooLarge(limit) => pending(
                ErrorKind::RequestEntityTooLarge,
                Some(&format!("The export has more than {} MiB, the most that is taken here.", limit >> 20)),
            ),
            Self::MediaType(taken) => pending(
                ErrorKind::UnsupportedMediaType,
                Some(&format!("The body is of another type than is read here; Content-Type must be {taken}.")),
            ),
            Self::Busy(message, _) => pending(ErrorKind::TooManyRequests, Some(message)),
            Self::TooManyRequests(_) => {
                pending(ErrorKind::TooManyRequests, Some("Too many requests; see Retry-After."))
            }
            Self::NoSegment(segment) => {
                pending(ErrorKind::BadRequest, Some(&format!("Resource not found for the segment '{segment}'.")))
            }
            Self::Internal(_) | Self::Failed(_) | Self::Broken => pending(ErrorKind::InternalServerError, None),
        }
    }

    /// Writes the body of an error, now that its request is known. Refusals of layers get Graph's body too.
    pub(crate) async fn complete(mut response: Response, id: &str, client_id: Option<&str>) -> Response {
        let pending = match response.extensions_mut().remove::<Pending>() {
            Some(pending) => pending,
            // A page says it itself.
            None if response.status() == StatusCode::PAYLOAD_TOO_LARGE && !is_page(&response) => {
                Pending { kind: ErrorKind::BadRequest, message: Some("The body is too large.".to_owned()), scope: None }
            }
            None => return response,
        };
        let request = RequestTrace { at: Timestamp::now(), id, client_id };
        let text = pending.message.as_deref().unwrap_or_default();
        let body = match pending.kind {
            ErrorKind::InvalidAuthenticationToken => ErrorBody::invalid_token(&request),
            ErrorKind::Forbidden => ErrorBody::forbidden(pending.scope.unwrap_or_default(), &request),
            ErrorKind::AuthorizationRequestDenied => ErrorBody::request_denied(&request),
            ErrorKind::InternalServerError => ErrorBody::internal(&request),
            kind => ErrorBody::new(kind, text, &request),
        };
        let text = serde_json::to_string(&body).unwrap_or_default();
        let status = StatusCode::from_u16(pending.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        *response.status_mut() = status;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response.headers_mut().remove(CONTENT_LENGTH);
        *response.body_mut() = Body::from(text);
        response
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let pending = self.pending();
        let status = StatusCode::from_u16(pending.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        match &self {
            Self::TooManyRequests(wait) | Self::Busy(_, wait) => {
                // Whole seconds, rounded up: a client that comes again then is let in.
                let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
                response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds.max(1)));
            }
            Self::InvalidToken => {
                response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"idscore\""));
            }
            Self::Internal(error) => {
                let cause = error.source().map(ToString::to_string);
                tracing::error!(%error, cause, "a request could not be answered");
            }
            Self::Failed(cause) => tracing::error!(cause, "a request could not be answered"),
            _ => {}
        }
        response.extensions_mut().insert(pending);
        response
    }
}

/// What a panic is answered with.
pub(crate) fn broken(_: Box<dyn std::any::Any + Send>) -> Response {
    Failure::Broken.into_response()
}

/// A path that no route serves.
pub(crate) async fn no_such_path(uri: Uri) -> Failure {
    let last = uri.path().rsplit('/').find(|segment| !segment.is_empty()).unwrap_or_default();
    Failure::NoSegment(last.chars().take(80).collect())
}

/// A body of JSON.
///
/// # Errors
/// When it is none, lacks a member or has one too many. PostgreSQL takes no NUL in a text, so a body that holds one is
/// refused whichever database there is.
pub(crate) fn body<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    let invalid = |error: serde_json::Error| Failure::Bad(format!("The body is not valid: {error}"));
    let value: Value = serde_json::from_slice(bytes).map_err(invalid)?;
    if holds_nul(&value) {
        return Err(Failure::Bad("The body is not valid: a text holds a NUL.".to_owned()));
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
