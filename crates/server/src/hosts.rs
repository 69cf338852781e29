//! The names under which the service is reached.

use axum::http::header::HOST;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Request, Version};

/// Answered under any name: who watches the service asks for its address.
const ANY_NAME: [&str; 2] = ["/healthz", "/metrics"];

/// The names that are served; all where there is none.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hosts(Vec<String>);

impl Hosts {
    pub(crate) fn new(names: Vec<String>) -> Self {
        Self(names.iter().map(|name| plain(name)).collect())
    }

    /// Whether a request whose headers are settled asks for a name that is served.
    pub(crate) fn serve(&self, path: &str, headers: &HeaderMap) -> bool {
        let asked = || headers.get(HOST)?.to_str().ok()?.parse::<Authority>().ok();
        self.0.is_empty()
            || ANY_NAME.contains(&path)
            || asked().is_some_and(|asked| self.0.contains(&plain(asked.host())))
    }
}

/// A name as it is compared: in small letters, without the dot of the root.
fn plain(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

/// Whether a request says in one way for which host it is: by exactly one `Host` in HTTP/1.1, at most one before, and by one
/// `:authority` or `Host` in HTTP/2.
pub(crate) fn says_host<B>(request: &Request<B>) -> bool {
    let mut hosts = request.headers().get_all(HOST).iter();
    let (first, second) = (hosts.next(), hosts.next());
    if second.is_some() || first.is_some_and(|host| host.to_str().ok().and_then(authority).is_none()) {
        return false;
    }
    match (request.version(), first, request.uri().authority()) {
        (Version::HTTP_2, None, authority) => authority.is_some(),
        (Version::HTTP_2, Some(host), Some(authority)) => host.as_bytes() == authority.as_str().as_bytes(),
        (Version::HTTP_11, host, _) => host.is_some(),
        _ => true,
    }
}

/// A host that may stand in links.
pub(crate) fn authority(text: &str) -> Option<Authority> {
    text.parse().ok().filter(|authority: &Authority| !authority.as_str().contains('@'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_host() {
        assert_eq!(authority("score.example.org:8443").unwrap(), "score.example.org:8443");
        for odd in ["a b", "ada@evil.example", "", "a/b"] {
            assert_eq!(authority(odd), None, "{odd}");
        }
    }

    #[test]
    fn names_are_compared_without_port_case_and_last_dot() {
        let hosts = Hosts::new(vec!["Score.example.org".to_owned(), "[::1]".to_owned()]);
        let serves = |host: &str, path: &str| {
            let headers = HeaderMap::from_iter([(HOST, host.parse().unwrap())]);
            hosts.serve(path, &headers)
        };
        for host in ["score.example.org", "SCORE.example.org:8443", "score.example.org.", "[::1]:80"] {
            assert!(serves(host, "/"), "{host}");
        }
        for host in ["evil.example", "score.example.org.evil.example", "", "127.0.0.1"] {
            assert!(!serves(host, "/") && serves(host, "/healthz") && serves(host, "/metrics"), "{host}");
        }
        assert!(Hosts::default().serve("/", &HeaderMap::new()), "without names all are served");
    }

    #[test]
    fn a_request_says_its_host_once() {
        let says = |version, uri: &str, hosts: &[&str]| {
            let request = Request::builder().version(version).uri(uri);
            let request = hosts.iter().fold(request, |request, host| request.header(HOST, *host));
            says_host(&request.body(()).unwrap())
        };
        assert!(says(Version::HTTP_11, "/", &["a"]) && says(Version::HTTP_10, "/", &[]));
        assert!(!says(Version::HTTP_11, "/", &[]) && !says(Version::HTTP_11, "/", &["a", "a"]));
        assert!(!says(Version::HTTP_11, "http://a/", &[]) && !says(Version::HTTP_11, "/", &["a@b"]));
        assert!(says(Version::HTTP_2, "https://a/", &[]) && says(Version::HTTP_2, "https://a/", &["a"]));
        assert!(!says(Version::HTTP_2, "https://a/", &["b"]) && !says(Version::HTTP_2, "/", &[]));
    }
}
