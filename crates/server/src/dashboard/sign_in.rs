//! Signing in and out. Whoever vouches for a person ends in [`begin`]: the one-time link of the terminal, or the identity
//! provider (`provider`).

use askama::Template;
use axum::extract::State;
use axum::http::header::{HeaderValue, SET_COOKIE};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use idscore_store::{Actor, History, HistoryError, Person, Role, Roles, now};
use serde::Deserialize;

use super::address::{local, part, see_other};
use super::cookies::cookie_name;
use super::failure::{PageFailure, render};
use super::form::{Form, from_here};
use super::frame::Frame;
use super::theme::Theme;
use super::visitor::{Asked, Segments, Visitor};
use crate::forwarded::https;
use crate::paths::FIRST_RUN;
use crate::state::Service;

/// `GET /`: the tenant that was assessed last, of those that the person may look at.
pub(super) async fn start(visitor: Visitor, State(service): State<Service>) -> Result<Response, PageFailure> {
    let ids = service.archive.history.tenants_by_last_assessment().await?;
    let newest = ids.iter().find(|id| visitor.may(id, Role::Reader).is_ok());
    let to = newest.map_or_else(|| FIRST_RUN.to_owned(), |id| format!("/tenants/{}/overview", part(id)));
    Ok(see_other(&to))
}

#[derive(Deserialize)]
pub(super) struct Return {
    #[serde(rename = "return", default)]
    back: String,
    #[serde(default)]
    sent: bool,
    #[serde(default)]
    used: bool,
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    frame: Frame,
    /// Where the identity provider is asked, with the way back, and its host.
    provider: Option<(String, String)>,
    /// Whether a link can be asked for.
    links: bool,
    /// One was printed just now.
    sent: bool,
    /// One was tried that has been used or has ended.
    used: bool,
}

/// `GET /sign-in`
pub(super) async fn page(
    headers: HeaderMap,
    Asked(asked): Asked<Return>,
    visitor: Result<Visitor, PageFailure>,
    State(service): State<Service>,
) -> Result<Response, PageFailure> {
    match visitor {
        Ok(_) => return Ok(see_other(&local(&asked.back))),
        Err(PageFailure::SignIn) => {}
        Err(other) => return Err(other),
    }
    let frame = Frame::alone(Theme::of(&headers));
    let title = frame.t.say("sign-in-title");
    let links = service.web.announce.is_some();
    let provider = service.web.provider.as_ref();
    let provider =
        provider.map(|known| (format!("/sign-in/provider?return={}", part(&local(&asked.back))), known.host()));
    render(&SignInPage { frame: frame.titled(&title), provider, links, sent: asked.sent, used: asked.used })
}

/// `POST /sign-in/link`: prints a fresh link in the terminal of the service, for whoever reads it.
pub(super) async fn another_link(headers: HeaderMap, State(service): State<Service>) -> Result<Response, PageFailure> {
    let announce = service.web.announce.clone().ok_or(PageFailure::NotFound)?;
    if !from_here(&headers) {
        return Err(PageFailure::Forged);
    }
    service.throttle.link().map_err(PageFailure::TooOften)?;
    announce(&new_link(service.history(), &Actor::system(), &service.web.owner).await?);
    Ok(see_other("/sign-in?sent=true"))
}

/// The path of a fresh link that signs an administrator of this name in, once and within ten minutes.
///
/// # Errors
/// When the database or the operating system refuses.
pub async fn new_link(history: &History, actor: &Actor, name: &str) -> Result<String, HistoryError> {
    let roles = Roles::everywhere(Role::Administrator);
    let owner = Person { subject: "link".to_owned(), name: name.to_owned(), roles };
    let secret = history.create_link(actor, &owner, now(), &random()?).await?;
    Ok(format!("/sign-in/{secret}"))
}

/// `GET /sign-in/{secret}`
pub(super) async fn by_link(
    method: Method,
    headers: HeaderMap,
    Segments(secret): Segments<String>,
    State(service): State<Service>,
) -> Result<Response, PageFailure> {
    // Something that only looks whether the link is alive must not use it up.
    if method != Method::GET {
        return Ok(StatusCode::OK.into_response());
    }
    match service.archive.history.use_link(&secret, now()).await? {
        Some(person) => begin(&service, &headers, &person, "link", "/").await,
        None => Ok(see_other("/sign-in?used=true")),
    }
}

/// Begins a session of a person, whoever vouches for them (`origin`), and leads on to a page of this site.
pub(super) async fn begin(
    service: &Service,
    headers: &HeaderMap,
    person: &Person,
    origin: &str,
    to: &str,
) -> Result<Response, PageFailure> {
    let (_, secret) =
        service.archive.history.begin_session(person, origin, service.web.sessions, now(), &random()?).await?;
    Ok(with_cookie(see_other(&local(to)), headers, &secret))
}

#[derive(Deserialize)]
pub(super) struct Nothing {}

/// `POST /sign-out`
pub(super) async fn sign_out(
    headers: HeaderMap,
    State(service): State<Service>,
    form: Form<Nothing>,
) -> Result<Response, PageFailure> {
    let visitor = form.visitor;
    let vouched = visitor.session.origin == "oidc" && service.web.provider.is_some();
    service.archive.history.end_session(&visitor.actor(), &visitor.session.id, now()).await?;
    let to = if vouched { "/signed-out" } else { "/sign-in" };
    Ok(with_cookie(see_other(to), &headers, ""))
}

/// Sets the cookie of a session, or takes it away where the secret is empty. It ends with the browser.
fn with_cookie(mut response: Response, headers: &HeaderMap, secret: &str) -> Response {
    let secure = if https(headers) { "; Secure" } else { "" };
    let gone = if secret.is_empty() { "; Max-Age=0" } else { "" };
    let cookie = format!("{}={secret}; Path=/; HttpOnly; SameSite=Lax{secure}{gone}", cookie_name(headers));
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// 64 characters that nobody can guess.
pub(super) fn random_text() -> Result<String, HistoryError> {
    Ok(random()?.iter().map(|byte| format!("{byte:02x}")).collect())
}

pub(super) fn random() -> Result<[u8; 32], HistoryError> {
    let mut random = [0; 32];
    getrandom::fill(&mut random).map_err(|error| HistoryError::Random(std::io::Error::other(error)))?;
    Ok(random)
}
