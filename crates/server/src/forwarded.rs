//! How the client reached us: over HTTPS or not, under which host, from where. What proxies say of it is believed only where
//! the proxy is trusted.
//!
//! After [`settle`] the headers `Host` and `X-Forwarded-Proto` say what is true, whatever the client sent; the rest of the
//! service reads those.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{Request, State};
use axum::http::header::{FORWARDED, HOST, HeaderName, HeaderValue, STRICT_TRANSPORT_SECURITY};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use ipnet::IpNet;

use crate::access_log;
use crate::hosts::{authority, says_host};
use crate::state::Service;

const FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const SAID_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const OTHERS: [HeaderName; 3] = [
    HeaderName::from_static("x-forwarded-port"),
    HeaderName::from_static("x-forwarded-prefix"),
    HeaderName::from_static("x-forwarded-server"),
];
/// Answered in clear even where everything else wants HTTPS: whoever watches the service asks from beside it.
const IN_CLEAR: [&str; 2] = ["/healthz", "/readyz"];

/// The other end of a connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer {
    pub(crate) address: SocketAddr,
    pub(crate) encrypted: bool,
}

/// Where a request comes from, as far as it can be known.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Origin {
    /// The client's address.
    pub(crate) address: Option<IpAddr>,
    /// A trusted proxy passed it on.
    pub(crate) proxied: bool,
}

/// Whose word about clients is taken.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trust {
    /// The proxies.
    pub(crate) proxies: Vec<IpNet>,
    /// Every request arrives over HTTPS, whatever it says.
    pub(crate) https: bool,
    /// What does not arrive over HTTPS is not answered.
    pub(crate) https_only: bool,
}

/// What proxies say.
#[derive(Debug, Default, PartialEq, Eq)]
struct Said {
    client: Option<IpAddr>,
    https: Option<bool>,
    host: Option<String>,
}

impl Trust {
    pub(crate) fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.proxies.iter().any(|net| net.contains(&address))
    }

    /// The nearest address that is not a proxy's, from the right: what stands further left anybody may have written.
    fn client(&self, chain: &[Option<IpAddr>]) -> Option<IpAddr> {
        let mut client = None;
        for hop in chain.iter().rev() {
            let Some(address) = *hop else { break };
            client = Some(address.to_canonical());
            if !self.trusts(address) {
                break;
            }
        }
        client
    }

    /// What the headers say. `X-Forwarded-…` come first: proxies that set those often pass a client's `Forwarded` on.
    fn said(&self, headers: &HeaderMap) -> Said {
        if [FOR, PROTO, SAID_HOST].iter().any(|name| headers.contains_key(name)) {
            let chain: Vec<Option<IpAddr>> = parts(headers, &FOR).map(address).collect();
            let proto = parts(headers, &PROTO).next_back();
            return Said {
                client: self.client(&chain),
                https: proto.map(|proto| proto.eq_ignore_ascii_case("https")),
                host: parts(headers, &SAID_HOST).next_back().map(str::to_owned),
            };
        }
        let elements: Vec<&str> = parts(headers, &FORWARDED).collect();
        let chain: Vec<Option<IpAddr>> =
            elements.iter().map(|element| pair(element, "for").as_deref().and_then(address)).collect();
        let nearest = elements.last().copied().unwrap_or_default();
        Said {
            client: self.client(&chain),
            https: pair(nearest, "proto").map(|proto| proto.eq_ignore_ascii_case("https")),
            host: pair(nearest, "host"),
        }
    }
}

/// The parts of a header that is a list, over all its lines.
fn parts<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl DoubleEndedIterator<Item = &'a str> {
    let lines: Vec<&str> = headers.get_all(name).iter().filter_map(|line| line.to_str().ok()).collect();
    lines.into_iter().flat_map(|line| line.split(',')).map(str::trim)
}

/// A value of an element of `Forwarded`.
fn pair(element: &str, wanted: &str) -> Option<String> {
    let mut pairs = element.split(';').filter_map(|pair| pair.trim().split_once('='));
    let (_, value) = pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case(wanted))?;
    Some(value.trim().trim_matches('"').to_owned())
}

/// `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]:4711`.
fn address(text: &str) -> Option<IpAddr> {
    let plain = text.trim().trim_matches('"');
    let bare = plain.trim_start_matches('[').trim_end_matches(']');
    bare.parse().ok().or_else(|| plain.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

/// Writes down what is true about the client, and takes away what it said about itself. Refuses what has no one host, and a host
/// that is not served.
pub(crate) async fn settle(State(service): State<Service>, mut request: Request, next: Next) -> Response {
    if !says_host(&request) {
        return (StatusCode::BAD_REQUEST, "A request needs exactly one valid Host.\n").into_response();
    }
    let trust = &service.web.trust;
    let peer = request.extensions().get::<Peer>().copied();
    let proxied = peer.is_some_and(|peer| trust.trusts(peer.address.ip()));
    let said = if proxied { trust.said(request.headers()) } else { Said::default() };
    let https = trust.https || peer.is_some_and(|peer| peer.encrypted) || said.https == Some(true);
    if trust.https_only && !https && !IN_CLEAR.contains(&request.uri().path()) {
        return (StatusCode::FORBIDDEN, "This service answers over HTTPS only, through its proxy.\n").into_response();
    }
    let host = said.host.as_deref().and_then(authority);
    // HTTP/2 and absolute addresses have the host in the address.
    let host = host.or_else(|| {
        let absent = !request.headers().contains_key(HOST);
        request.uri().authority().filter(|_| absent).and_then(|host| authority(host.as_str()))
    });
    let address = said.client.or(peer.map(|peer| peer.address.ip().to_canonical()));
    let headers = request.headers_mut();
    for name in [FOR, SAID_HOST, FORWARDED].iter().chain(&OTHERS) {
        headers.remove(name);
    }
    headers.insert(PROTO, HeaderValue::from_static(if https { "https" } else { "http" }));
    if let Some(host) = host.and_then(|host| HeaderValue::from_str(host.as_str()).ok()) {
        headers.insert(HOST, host);
    }
    if !service.web.hosts.serve(request.uri().path(), request.headers()) {
        return (StatusCode::MISDIRECTED_REQUEST, "This host is not served here.\n").into_response();
    }
    let origin = Origin { address, proxied };
    access_log::asked_from(request.extensions(), origin);
    request.extensions_mut().insert(origin);
    let mut response = next.run(request).await;
    if https {
        response.headers_mut().insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    response
}

/// Whether the client came over HTTPS, of a request that was settled.
pub(crate) fn https(headers: &HeaderMap) -> bool {
    headers.get(PROTO).is_some_and(|proto| proto == "https")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trust() -> Trust {
        let proxies = ["10.0.0.0/8", "2001:db8:1::/48"].map(|net| net.parse().unwrap()).to_vec();
        Trust { proxies, ..Trust::default() }
    }

    fn said(lines: &[(&'static str, &str)]) -> Said {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().unwrap());
        }
        trust().said(&headers)
    }

    fn ip(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn the_client_is_the_nearest_that_is_no_proxy() {
        for (line, client) in [
            ("192.0.2.7", ip("192.0.2.7")),
            ("203.0.113.9, 192.0.2.7, 10.1.1.1", ip("192.0.2.7")),
            ("192.0.2.7:4711, 10.1.1.1", ip("192.0.2.7")),
            ("::ffff:192.0.2.7", ip("192.0.2.7")),
            ("10.0.0.1, 10.0.0.2", ip("10.0.0.1")),
            ("192.0.2.7, nonsense, 10.1.1.1", ip("10.1.1.1")),
            ("nonsense", None),
        ] {
            assert_eq!(said(&[("x-forwarded-for", line)]).client, client, "{line}");
        }
        let two_lines = said(&[("x-forwarded-for", "203.0.113.9"), ("x-forwarded-for", "192.0.2.7, 10.0.0.2")]);
        assert_eq!(two_lines.client, ip("192.0.2.7"));
    }

    #[test]
    fn the_nearest_proxy_says_scheme_and_host_in_either_way() {
        let expected = Said { client: ip("192.0.2.7"), https: Some(true), host: Some("score.example.org".to_owned()) };
        let own = [
            ("x-forwarded-for", "192.0.2.7"),
            ("x-forwarded-proto", "http, https"),
            ("x-forwarded-host", "score.example.org"),
        ];
        assert_eq!(said(&own), expected);
        let standard =
            "for=203.0.113.9;proto=http;host=evil.example, FOR=192.0.2.7;Proto=HTTPS;host=\"score.example.org\"";
        assert_eq!(said(&[("forwarded", standard)]), expected);
        assert_eq!(said(&[("forwarded", "for=\"[2001:db8:2::1]:47011\"")]).client, ip("2001:db8:2::1"));
        let both = [own[0], own[1], own[2], ("forwarded", "for=203.0.113.9;proto=http;host=evil.example")];
        assert_eq!(said(&both), expected, "a client's own word is not taken where the proxy speaks the older way");
        assert_eq!(said(&[]), Said::default());
    }
}
