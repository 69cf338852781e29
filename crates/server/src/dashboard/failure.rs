//! What goes wrong, as a small page that says the next step.

use std::error::Error;
use std::time::Duration;

use askama::Template;
use axum::extract::State;
use axum::http::header::{ACCEPT, HeaderValue, LOCATION, RETRY_AFTER};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{Html, IntoResponse, Response};
use idscore_history::FileProblem;
use idscore_store::HistoryError;

use super::address::{address_with_return, see_other};
use super::frame::Frame;
use super::theme::Theme;
use crate::failure::{BUSY_FOR, Failure, retry_after};
use crate::paths::FIRST_RUN;
use crate::state::{FromSnapshot, Service};

/// Why a page is not shown.
#[derive(Debug)]
pub(crate) enum PageFailure {
    /// Nobody is signed in: on to the page that signs in, and back.
    SignIn,
    /// The tenant has no assessment: on to the page that says how to begin.
    NotAssessed,
    /// There is no such page, tenant or thing, or it is not for this person to know.
    NotFound,
    /// The person may look but not do this.
    Forbidden,
    /// A form did not come from a page of this site, or from one of a session that has ended.
    Forged,
    /// Something in the address or the form can't be meant; says what.
    Bad(String),
    /// A kept file can't be read; the key of what is wrong with it.
    Unread(&'static str),
    /// Somebody was not signed in; the key of why.
    SignInRefused(&'static str),
    /// The database is at work for others; the cause goes to the log.
    Busy(HistoryError),
    /// The address asks too often; when to come again.
    TooOften(Duration),
    /// Something failed here; the cause goes to the log only.
    Internal(HistoryError),
    /// A page could not be written.
    Unwritten(askama::Error),
    /// A panic, which the log has already.
    Broken,
}

impl From<HistoryError> for PageFailure {
    fn from(error: HistoryError) -> Self {
        match error {
            HistoryError::NotFound { .. } => Self::NotFound,
            HistoryError::Invalid { reason } | HistoryError::NoAssessment { reason } => Self::Bad(reason),
            HistoryError::Busy { .. } => Self::Busy(error),
            HistoryError::Unread { problem, .. } => {
                // Where it lies is for whoever runs the service.
                tracing::error!(%error, "a kept file can't be read");
                Self::Unread(unread_key(problem))
            }
            other => Self::Internal(other),
        }
    }
}

/// The key of what is wrong with a file.
pub(super) fn unread_key(problem: FileProblem) -> &'static str {
    match problem {
        FileProblem::Missing => "file-missing",
        FileProblem::Damaged => "file-damaged",
        FileProblem::Unreadable => "file-unreadable",
    }
}

impl<T> FromSnapshot<T> {
    /// The key of why nothing can be said; `none` where no snapshot is kept.
    pub(super) fn nothing(&self, none: &'static str) -> Option<&'static str> {
        match self {
            Self::Known(..) => None,
            Self::NoSnapshot => Some(none),
            Self::Unread(FileProblem::Missing) => Some("snapshot-file-missing"),
            Self::Unread(FileProblem::Damaged) => Some("snapshot-file-damaged"),
            Self::Unread(FileProblem::Unreadable) => Some("snapshot-file-unreadable"),
        }
    }
}

/// A failure on its way out, before it knows what its page looks like.
#[derive(Debug, Clone)]
struct Pending {
    key: &'static str,
    said: Option<String>,
    /// Where to begin again, and the key of its words.
    back: (&'static str, &'static str),
}

impl IntoResponse for PageFailure {
    fn into_response(self) -> Response {
        let back = match self {
            Self::SignInRefused(_) | Self::TooOften(_) => ("/sign-in", "failure-back-sign-in"),
            _ => ("/", "failure-back"),
        };
        let wait = match self {
            Self::TooOften(wait) => Some(wait),
            Self::Busy(_) => Some(BUSY_FOR),
            _ => None,
        };
        let (status, key, said) = match self {
            Self::NotAssessed => return see_other(FIRST_RUN),
            Self::SignIn => (StatusCode::SEE_OTHER, "", None),
            Self::NotFound => (StatusCode::NOT_FOUND, "not-found", None),
            Self::Forbidden => (StatusCode::FORBIDDEN, "forbidden", None),
            Self::Forged => (StatusCode::FORBIDDEN, "forged", None),
            Self::Unread(key) => (StatusCode::NOT_FOUND, key, None),
            Self::SignInRefused(key @ "unreached") => (StatusCode::BAD_GATEWAY, key, None),
            Self::TooOften(_) => (StatusCode::TOO_MANY_REQUESTS, "often", None),
            Self::SignInRefused(key) => (StatusCode::FORBIDDEN, key, None),
            Self::Bad(said) => (StatusCode::BAD_REQUEST, "bad", Some(said)),
            Self::Busy(error) => {
                tracing::warn!(%error, "a page could not be shown in time");
                (StatusCode::SERVICE_UNAVAILABLE, "busy", None)
            }
            Self::Internal(error) => {
                let cause = error.source().map(ToString::to_string);
                tracing::error!(%error, cause, "a page could not be shown");
                (StatusCode::INTERNAL_SERVER_ERROR, "broken", None)
            }
            Self::Unwritten(error) => {
                tracing::error!(%error, "a page could not be written");
                (StatusCode::INTERNAL_SERVER_ERROR, "broken", None)
            }
            Self::Broken => (StatusCode::INTERNAL_SERVER_ERROR, "broken", None),
        };
        let mut response = status.into_response();
        if let Some(wait) = wait {
            retry_after(&mut response, wait);
        }
        response.extensions_mut().insert(Pending { key, said, back });
        response
    }
}

#[derive(Template)]
#[template(path = "failure.html")]
struct FailurePage {
    frame: Frame,
    heading: String,
    said: String,
    detail: Option<String>,
    back: &'static str,
    back_words: String,
}

/// Writes the page of a failure, now that its request is known.
pub(super) fn complete(mut response: Response, headers: &HeaderMap, uri: &Uri) -> Response {
    let Some(pending) = response.extensions_mut().remove::<Pending>() else { return response };
    if pending.key.is_empty() {
        let back = address_with_return(uri);
        if let Ok(address) = HeaderValue::from_str(&back) {
            response.headers_mut().insert(LOCATION, address);
        }
        return response;
    }
    let frame = Frame::alone(Theme::of(headers));
    let t = frame.t;
    let heading = t.say(&format!("failure-{}-title", pending.key));
    let page = FailurePage {
        said: t.say(&format!("failure-{}", pending.key)),
        detail: pending.said,
        back: pending.back.0,
        back_words: t.say(pending.back.1),
        frame: frame.titled(&heading),
        heading,
    };
    let text = page.render().unwrap_or_else(|_| page.heading.clone());
    let (status, again) = (response.status(), response.headers_mut().remove(RETRY_AFTER));
    let mut page = (status, Html(text)).into_response();
    if let Some(again) = again {
        page.headers_mut().insert(RETRY_AFTER, again);
    }
    page
}

/// What a panic is answered with.
pub(super) fn broken(_: Box<dyn std::any::Any + Send>) -> Response {
    PageFailure::Broken.into_response()
}

/// A path that no route serves: a page for a browser, Graph's body for a program.
pub(crate) async fn no_such_page(State(service): State<Service>, headers: HeaderMap, uri: Uri) -> Response {
    if wants_page(&service, &headers, &uri) {
        return super::dressed(complete(PageFailure::NotFound.into_response(), &headers, &uri));
    }
    crate::failure::no_such_path(uri).await.into_response()
}

/// An address that asks too often: the same.
pub(crate) fn too_often(service: &Service, wait: Duration, headers: &HeaderMap, uri: &Uri) -> Response {
    if wants_page(service, headers, uri) {
        return super::dressed(complete(PageFailure::TooOften(wait).into_response(), headers, uri));
    }
    Failure::TooManyRequests(wait).into_response()
}

fn wants_page(service: &Service, headers: &HeaderMap, uri: &Uri) -> bool {
    let of_api = ["/v1.0/", "/beta/", "/api/"].iter().any(|root| uri.path().starts_with(root));
    let accept = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    !of_api && service.web.pages && accept.contains("text/html")
}

/// A method that a path does not have.
pub(crate) async fn no_such_method() -> Failure {
    Failure::method_not_allowed()
}

/// A page as a response.
pub(super) fn render(page: &impl Template) -> Result<Response, PageFailure> {
    page.render().map(|text| Html(text).into_response()).map_err(PageFailure::Unwritten)
}
