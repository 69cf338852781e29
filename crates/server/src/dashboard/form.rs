//! Forms, let in only when a page of this session sent them.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_TYPE, HOST, ORIGIN};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::failure::PageFailure;
use super::visitor::Visitor;
use crate::lengths;
use crate::state::Service;

/// What a form of a page holds, and who sent it. Every form has `{{ frame.token_field()|safe }}` in it.
///
/// A name may come more than once and fill a list. Fields that `T` does not have are passed over.
pub(crate) struct Form<T> {
    /// Who sent it.
    pub(crate) visitor: Visitor,
    /// What it holds.
    pub(crate) fields: T,
}

#[derive(Deserialize)]
struct Sent {
    #[serde(default)]
    token: String,
}

impl<T: DeserializeOwned> FromRequest<Service> for Form<T> {
    type Rejection = PageFailure;

    async fn from_request(request: Request, service: &Service) -> Result<Self, PageFailure> {
        let (mut parts, body) = request.into_parts();
        let visitor = Visitor::from_request_parts(&mut parts, service).await?;
        if !from_here(&parts.headers) {
            return Err(PageFailure::Forged);
        }
        let kind = parts.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if !kind.starts_with("application/x-www-form-urlencoded") {
            return Err(PageFailure::Bad("The form is of an unknown kind.".to_owned()));
        }
        let request = Request::from_parts(parts, body);
        let bytes = Bytes::from_request(request, service).await;
        let bytes = bytes.map_err(|_| PageFailure::Bad("The form is too large.".to_owned()))?;
        let sent: Sent = serde_html_form::from_bytes(&bytes).map_err(|_| PageFailure::Forged)?;
        if !visitor.token().fits(&sent.token) {
            return Err(PageFailure::Forged);
        }
        if bytes.windows(3).any(|three| three == b"%00") || bytes.contains(&0) {
            return Err(PageFailure::Bad("A text holds a NUL.".to_owned()));
        }
        let written: Vec<(String, String)> = serde_html_form::from_bytes(&bytes).unwrap_or_default();
        if let Some(said) = written.iter().find_map(|(name, text)| lengths::field_too_long(name, text)) {
            return Err(PageFailure::Bad(said));
        }
        let fields = serde_html_form::from_bytes(&bytes).map_err(|error| PageFailure::Bad(error.to_string()))?;
        Ok(Self { visitor, fields })
    }
}

/// Whether a browser says that a page of this very site sends the request. Every browser says it with a form.
pub(super) fn from_here(headers: &HeaderMap) -> bool {
    let said = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    // A browser says where it comes from only where it trusts the connection.
    if let Some(site) = said("sec-fetch-site") {
        return site == "same-origin";
    }
    let origin = said(ORIGIN.as_str()).and_then(|origin| origin.split_once("://")).map(|(_, host)| host);
    origin.is_some() && origin == said(HOST.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_comes_from_here_when_the_browser_says_so() {
        let says = |pairs: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.insert(*name, value.parse().unwrap());
            }
            from_here(&headers)
        };
        assert!(says(&[("sec-fetch-site", "same-origin"), ("host", "a:1")]));
        assert!(says(&[("origin", "http://a:1"), ("host", "a:1")]));
        assert!(!says(&[("sec-fetch-site", "same-site"), ("origin", "http://a:1"), ("host", "a:1")]));
        assert!(!says(&[("origin", "http://b"), ("host", "a:1")]));
        assert!(!says(&[("origin", "null"), ("host", "a:1")]));
        assert!(!says(&[("host", "a:1")]) && !says(&[]));
    }
}
