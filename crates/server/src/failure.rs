//! Why a request is not answered with data, and how a program is told: errors as Microsoft Graph writes them.

mod body;

use std::error::Error;
use std::time::Duration;

use axum::body::Body;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use idscore_store::HistoryError;
use jiff::Timestamp;

use body::{ErrorBody, ErrorKind, RequestTrace};

/// When whoever found the database busy may come again.
pub(crate) const BUSY_FOR: Duration = Duration::from_secs(5);
/// When to come again after a moment in which there was too much to do.
const AGAIN: Duration = Duration::from_secs(10);

/// Why a request is not answered with data.
#[derive(Debug)]
pub(crate) enum Failure {
    /// 400 with a message.
    Bad(String),
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
    /// 408: the body came too slowly.
    Late,
    /// 413: the most bytes that a body may have.
    TooLarge(u64),
    /// 415: the media types that are taken.
    MediaType(&'static str),
    /// 429
    TooManyRequests(Duration),
    /// 429: others are being served.
    Busy(&'static str, Duration),
    /// 429: all places are taken, and the client holds more of them than others.
    Crowded,
    /// 400: no route.
    NoSegment(String),
    /// 500; the cause goes to the log only.
    Internal(HistoryError),
    /// 500; the cause in words goes to the log only.
    Failed(String),
    /// 500: a panic, which the log has already.
    Broken,
    /// 503: the database is at work for others; the cause goes to the log.
    Unavailable(HistoryError),
    /// 503: the handler took too long.
    Overdue,
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
            HistoryError::Busy { .. } => Self::Unavailable(error),
            HistoryError::Unread { file, problem, .. } => {
                // Where it lies is for whoever runs the service.
                tracing::error!(%error, "a kept file can't be read");
                let (file, problem) = (file.name(), problem.name());
                Self::NoAssessment(format!(
                    "The {file} of this assessment is {problem}; it has to be brought back from a backup."
                ))
            }
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

impl Failure {
    pub(crate) fn method_not_allowed() -> Self {
        Self::MethodNotAllowed
    }

    fn pending(&self) -> Pending {
        let pending = |kind, message: Option<&str>| Pending { kind, message: message.map(str::to_owned), scope: None };
        match self {
            Self::Bad(message) => pending(ErrorKind::BadRequest, Some(message)),
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
            Self::Late => pending(ErrorKind::RequestTimeout, Some("The body arrived too slowly.")),
            Self::Crowded => pending(
                ErrorKind::TooManyRequests,
                Some("There are too many requests from this address at once; see Retry-After."),
            ),
            Self::Overdue => pending(ErrorKind::ServiceUnavailable, Some("The answer took too long; see Retry-After.")),
            Self::Unavailable(_) => pending(
                ErrorKind::ServiceUnavailable,
                Some("The service is busy; nothing was changed. See Retry-After."),
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
            Self::TooManyRequests(wait) | Self::Busy(_, wait) => retry_after(&mut response, *wait),
            Self::Crowded => retry_after(&mut response, AGAIN),
            Self::Unavailable(error) => {
                tracing::warn!(%error, "a request was not answered in time");
                retry_after(&mut response, BUSY_FOR);
            }
            Self::Overdue => {
                tracing::error!("a request was given up because its answer took too long");
                retry_after(&mut response, AGAIN);
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

/// Says when to come again: whole seconds, rounded up, so that a client that obeys is let in.
pub(crate) fn retry_after(response: &mut Response, wait: Duration) {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds.max(1)));
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
