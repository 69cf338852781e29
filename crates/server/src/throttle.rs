//! How often anyone may ask: a token, and an address where no token or session is needed. What is refused is told when to come
//! again.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::num::NonZeroU32;
use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::http::Extensions;
use axum::middleware::Next;
use axum::response::Response;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::dashboard;
use crate::forwarded::Origin;
use crate::limits::Limits;
use crate::peers::network;
use crate::state::Service;

/// What anyone may do who is not signed in. Each has a limit of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Door {
    /// Health and metrics.
    Probe,
    /// Files, documents, and addresses that are not there.
    File,
    /// Pages about signing in.
    SignInPage,
    /// Using a one-time link.
    Link,
    /// Asking for another link.
    LinkRequest,
    /// Leaving for the identity provider.
    Provider,
    /// Coming back from it.
    Answer,
    /// A token or a session that is none.
    Failure,
}

impl Door {
    const ALL: [Self; 8] = [
        Self::Probe,
        Self::File,
        Self::SignInPage,
        Self::Link,
        Self::LinkRequest,
        Self::Provider,
        Self::Answer,
        Self::Failure,
    ];

    /// The door of a route; none where only a token or a session leads on.
    pub(crate) fn of(route: Option<&str>) -> Option<Self> {
        match route {
            Some("/healthz" | "/readyz" | "/metrics") => Some(Self::Probe),
            None | Some("/assets/{file}") => Some(Self::File),
            Some(path) if path == "/api/v1/openapi.json" || path.starts_with("/api/v1/docs") => Some(Self::File),
            Some("/sign-in" | "/signed-out") => Some(Self::SignInPage),
            Some("/sign-in/{secret}") => Some(Self::Link),
            Some("/sign-in/link") => Some(Self::LinkRequest),
            Some("/sign-in/provider") => Some(Self::Provider),
            Some("/sign-in/answer") => Some(Self::Answer),
            Some(_) => None,
        }
    }

    /// Requests of one address: so many at once, and so many a minute after that.
    const fn limit(self) -> (u32, u32) {
        match self {
            Self::Probe | Self::File => (1_000, 6_000),
            Self::SignInPage | Self::Failure => (300, 300),
            Self::Link | Self::Provider | Self::Answer => (30, 30),
            Self::LinkRequest => (6, 6),
        }
    }

    fn quota(self) -> Quota {
        let (burst, per_minute) = self.limit();
        let at_least_one = |count| NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN);
        Quota::per_minute(at_least_one(per_minute)).allow_burst(at_least_one(burst))
    }
}

/// Addresses share so many buckets, so that the memory is bounded whoever asks; who shares with whom nobody can know.
const BUCKETS: u64 = 1 << 14;

/// Buckets of requests.
pub(crate) struct Throttle {
    tokens: DefaultKeyedRateLimiter<String>,
    doors: [DefaultKeyedRateLimiter<u64>; Door::ALL.len()],
    /// Links in the terminal, whoever asks: nobody fills it.
    links: DefaultDirectRateLimiter,
    hasher: RandomState,
    clock: DefaultClock,
}

impl Throttle {
    pub(crate) fn new(limits: Limits) -> Self {
        let tokens = Quota::per_second(limits.requests_per_second).allow_burst(limits.burst);
        Self {
            tokens: RateLimiter::keyed(tokens),
            doors: Door::ALL.map(|door| RateLimiter::keyed(door.quota())),
            links: RateLimiter::direct(Door::LinkRequest.quota()),
            hasher: RandomState::new(),
            clock: DefaultClock::default(),
        }
    }

    /// Takes one request from a token's bucket.
    ///
    /// # Errors
    /// How long to wait.
    pub(crate) fn token(&self, token: &str) -> Result<(), Duration> {
        self.tokens.check_key(&token.to_owned()).map_err(|until| until.wait_time_from(self.clock.now()))
    }

    /// Takes one request of an address at a door.
    ///
    /// # Errors
    /// How long to wait.
    pub(crate) fn door(&self, door: Door, origin: Origin) -> Result<(), Duration> {
        // What came over no connection, as in tests, is nobody's.
        let Some(address) = origin.address else { return Ok(()) };
        let bucket = self.hasher.hash_one(network(address)) % BUCKETS;
        self.doors[door as usize].check_key(&bucket).map_err(|until| until.wait_time_from(self.clock.now()))
    }

    /// Takes one link for the terminal.
    ///
    /// # Errors
    /// How long to wait.
    pub(crate) fn link(&self) -> Result<(), Duration> {
        self.links.check().map_err(|until| until.wait_time_from(self.clock.now()))
    }
}

/// Limits what needs neither a token nor a session.
pub(crate) async fn at_the_door(State(service): State<Service>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    if let Some(door) = Door::of(route)
        && let Err(wait) = service.refusing(door, request.extensions())
    {
        return dashboard::too_often(&service, wait, request.headers(), request.uri());
    }
    next.run(request).await
}

impl Service {
    /// Takes one request at a door, of whoever sent it.
    ///
    /// # Errors
    /// How long to wait.
    pub(crate) fn refusing(&self, door: Door, of: &Extensions) -> Result<(), Duration> {
        let origin = of.get::<Origin>().copied().unwrap_or_default();
        self.throttle.door(door, origin).inspect_err(|_| self.metrics.throttled())
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use axum::body::Body;
    use axum::http::{Method, StatusCode};
    use idscore_catalogue::Catalogue;
    use idscore_store::Archive;
    use tower::ServiceExt;

    use super::*;

    fn origin(number: u32) -> Origin {
        Origin { address: Some(Ipv4Addr::from(number).into()), proxied: false }
    }

    #[test]
    fn an_address_that_asks_too_often_waits_and_others_do_not() {
        let throttle = Throttle::new(Limits::default());
        for door in Door::ALL {
            let (burst, _) = door.limit();
            assert!((0..burst).all(|_| throttle.door(door, origin(1)).is_ok()), "{door:?}");
            let wait = (0..burst).find_map(|_| throttle.door(door, origin(1)).err());
            assert!(wait.is_some_and(|wait| wait <= Duration::from_secs(10)), "{door:?}: {wait:?}");
            // Two addresses may share a bucket by chance; twenty don't.
            assert!((2..22).any(|number| throttle.door(door, origin(number)).is_ok()), "{door:?}");
        }
    }

    #[tokio::test]
    async fn a_route_has_a_limit_of_its_own_or_wants_a_token_or_a_session() {
        let folder = tempfile::tempdir().unwrap();
        let archive = Archive::open(folder.path(), None).await.unwrap();
        let router = crate::router(Service::new(archive, Catalogue::embedded().unwrap(), Limits::default()));
        let pages = crate::page_paths().into_iter().map(str::to_owned);
        for route in crate::paths().into_iter().chain(pages).filter(|route| Door::of(Some(route)).is_none()) {
            for method in [Method::GET, Method::POST, Method::PATCH] {
                let request = Request::builder().method(&method).uri(route.replace(['{', '}'], "")).header("host", "a");
                let answer = router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
                let leads_to = answer.headers().get("location").map_or("", |to| to.to_str().unwrap());
                let refused = match answer.status() {
                    StatusCode::UNAUTHORIZED | StatusCode::METHOD_NOT_ALLOWED => true,
                    StatusCode::SEE_OTHER => leads_to.starts_with("/sign-in"),
                    _ => false,
                };
                assert!(refused, "{method} {route} is open to anyone: give it a door");
            }
        }
    }

    #[test]
    fn addresses_without_end_take_no_memory_without_end() {
        let throttle = Throttle::new(Limits::default());
        for number in (0..3 * BUCKETS).filter_map(|number| u32::try_from(number).ok()) {
            let _ = throttle.door(Door::Link, origin(number));
        }
        assert!(throttle.doors[Door::Link as usize].len() as u64 <= BUCKETS);
    }
}
