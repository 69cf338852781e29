//! Signing in with an identity provider: there, back, and out again.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::header::{HeaderName, HeaderValue, SET_COOKIE};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use idscore_oidc::{Provider, Refusal};
use idscore_store::{Actor, Attempted, now};
use serde::Deserialize;

use super::address::{local, see_other};
use super::cookies::{bound_name, cookie};
use super::failure::{PageFailure, render};
use super::frame::Frame;
use super::sign_in::{begin, random_text};
use super::theme::Theme;
use super::visitor::Asked;
use crate::forwarded::https;
use crate::state::Service;

/// Sends a browser on without a form: those may lead to this site only.
const REFRESH: HeaderName = HeaderName::from_static("refresh");
/// What holds the browser's side of an attempt.
const COOKIE: &str = "sign_in";
/// The most characters of a code or of a state.
const LONGEST: usize = 4_096;

#[derive(Deserialize)]
pub(super) struct Return {
    #[serde(rename = "return", default)]
    back: String,
}

/// `GET /sign-in/provider`: on to the provider.
pub(super) async fn leave(
    method: Method,
    headers: HeaderMap,
    Asked(asked): Asked<Return>,
    State(service): State<Service>,
) -> Result<Response, PageFailure> {
    let provider = provider(&service)?;
    if method != Method::GET {
        return Ok(StatusCode::OK.into_response());
    }
    let begun = provider.begin(now()).await.map_err(|refusal| told(&refusal))?;
    let browser = random_text()?;
    let waits = Attempted { nonce: begun.nonce, verifier: begun.verifier, back: local(&asked.back) };
    service.archive.history.begin_attempt(&begun.state, &browser, &waits, now()).await?;
    Ok(with_attempt(see_other(&begun.address), &headers, &browser))
}

#[derive(Deserialize)]
pub(super) struct Answer {
    code: Option<String>,
    state: Option<String>,
    iss: Option<String>,
    error: Option<String>,
}

/// `GET /sign-in/answer`: back from the provider, with a code or without.
pub(super) async fn arrive(
    method: Method,
    headers: HeaderMap,
    Asked(answer): Asked<Answer>,
    State(service): State<Service>,
) -> Result<Response, PageFailure> {
    let provider = provider(&service)?;
    // Something that only looks must not use the attempt up.
    if method != Method::GET {
        return Ok(StatusCode::OK.into_response());
    }
    let stale = || PageFailure::SignInRefused("stale");
    let state = answer.state.as_deref().filter(|state| state.len() <= LONGEST).ok_or_else(stale)?;
    let browser = cookie(&headers, &bound_name(COOKIE, &headers)).ok_or_else(stale)?;
    let waits = service.archive.history.take_attempt(state, browser, now()).await?.ok_or_else(stale)?;
    let found = match (answer.error.as_deref(), answer.code.as_deref()) {
        (Some(error), _) => Err(Refusal::declined(error)),
        (None, Some(code)) if code.len() <= LONGEST => {
            provider.finish(code, answer.iss.as_deref(), &waits.nonce, &waits.verifier, now()).await
        }
        (None, _) => Err(Refusal::declined("no code")),
    };
    match found {
        Ok(identity) => {
            let response = begin(&service, &headers, &identity.person, "oidc", &waits.back).await?;
            Ok(with_attempt(response, &headers, ""))
        }
        Err(refusal) => {
            let who = refusal.person().map_or_else(Actor::system, |(subject, name)| Actor::person(subject, name));
            service.archive.history.refuse_sign_in(&who, &refusal.to_string()).await?;
            Err(told(&refusal))
        }
    }
}

#[derive(Template)]
#[template(path = "signed_out.html")]
struct SignedOutPage {
    frame: Frame,
    /// The provider's own page for signing out.
    address: String,
    host: String,
}

/// `GET /signed-out`: signed out here, and on to the provider, if it has a page for that.
pub(super) async fn left(headers: HeaderMap, State(service): State<Service>) -> Result<Response, PageFailure> {
    let provider = provider(&service)?;
    let Some(address) = provider.leave(now()).await else { return Ok(see_other("/sign-in")) };
    let frame = Frame::alone(Theme::of(&headers));
    let title = frame.t.say("signed-out-title");
    let on = HeaderValue::from_str(&format!("0; url={address}"));
    let page = SignedOutPage { frame: frame.titled(&title), host: provider.host(), address };
    let mut response = render(&page)?;
    if let Ok(on) = on {
        response.headers_mut().insert(REFRESH, on);
    }
    Ok(response)
}

fn provider(service: &Service) -> Result<Arc<Provider>, PageFailure> {
    service.web.provider.clone().ok_or(PageFailure::NotFound)
}

/// The page of a refusal; its cause goes to the log, which holds neither code nor token.
fn told(refusal: &Refusal) -> PageFailure {
    tracing::warn!(%refusal, "somebody was not signed in");
    PageFailure::SignInRefused(match refusal {
        Refusal::Unreached(_) => "unreached",
        Refusal::Declined(_) => "declined",
        Refusal::NoRole { .. } => "no-role",
        Refusal::Overage { .. } => "overage",
        _ => "not-believed",
    })
}

/// Binds an attempt to a browser, or lets it go where the text is empty. Browsers send it along when the provider leads back.
fn with_attempt(mut response: Response, headers: &HeaderMap, browser: &str) -> Response {
    let secure = if https(headers) { "; Secure" } else { "" };
    let life = if browser.is_empty() { 0 } else { 600 };
    let name = bound_name(COOKIE, headers);
    let cookie = format!("{name}={browser}; Path=/; HttpOnly; SameSite=Lax{secure}; Max-Age={life}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}
