//! Cookies and their names.

use axum::http::HeaderMap;
use axum::http::header::{COOKIE, HOST};

use crate::forwarded::https;

/// The cookie that holds the secret of a session.
pub(super) fn cookie_name(headers: &HeaderMap) -> String {
    bound_name("session", headers)
}

/// The name of a cookie of ours. Over HTTPS its prefix lets no neighbour set it; on a plain port it has the port in its
/// name, because browsers share cookies between the ports of a host.
pub(super) fn bound_name(what: &str, headers: &HeaderMap) -> String {
    if https(headers) {
        return format!("__Host-idscore_{what}");
    }
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let port = host.rsplit_once(':').map_or("80", |(_, port)| port);
    let port: String = port.chars().filter(char::is_ascii_digit).take(5).collect();
    format!("idscore_{what}_{port}")
}

/// A cookie of a request.
pub(super) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers.get_all(COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let mut pairs = all.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(known, _)| *known == name).map(|(_, value)| value)
}
