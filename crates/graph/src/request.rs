//! One request to Graph, asked again until it is answered or patience ends. There is no other place that asks again.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use idscore_secrets::Secret;
use jiff::Timestamp;
use reqwest::Url;
use reqwest::header::{AUTHORIZATION, DATE, HeaderMap, HeaderValue, RETRY_AFTER};
use serde::Deserialize;
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout, timeout_at};

use crate::cloud::Hosts;
use crate::error::{CollectError, deepest};
use crate::pace::{Class, Pace, Pacer};
use crate::retry::{Patience, from_now, http_date, retry_after};
use crate::sign_in::Tokens;
use crate::watch::Watch;

/// The most bytes of one answer. The largest that is known, PIM's rules of all roles, is some ten million.
const MOST: usize = 256 << 20;
/// A new token is asked for so often for one request; one that is refused even then is refused.
const RENEWALS: u32 = 2;

/// What is asked.
#[derive(Debug, Clone)]
pub(crate) struct Ask<'a> {
    pub(crate) data_set: &'static str,
    pub(crate) url: &'a str,
    /// The body of a POST; a GET has none.
    pub(crate) body: Option<&'a str>,
    pub(crate) class: Class,
    pub(crate) units: u32,
    /// Counting needs a level of consistency of its own.
    pub(crate) eventual: bool,
    /// When the data set is given up.
    pub(crate) deadline: Instant,
}

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum Fault {
    /// Graph says no, and would say it again.
    Refused(Refusal),
    /// Patience ended.
    GaveUp {
        code: String,
        message: String,
        /// Nobody ever answered this request.
        unreachable: Option<Box<CollectError>>,
    },
    /// Nothing else will work either.
    Stop(Box<CollectError>),
}

/// Graph's reason.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) message: String,
}

impl From<CollectError> for Fault {
    fn from(error: CollectError) -> Self {
        Self::Stop(Box::new(error))
    }
}

#[derive(Deserialize)]
struct ErrorBody {
    error: ErrorOf,
}

#[derive(Deserialize, Default)]
struct ErrorOf {
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    message: Option<String>,
}

impl Refusal {
    /// What an answer that is no success says.
    pub(crate) fn read(status: u16, body: &[u8]) -> Self {
        let said = serde_json::from_slice::<ErrorBody>(body).map(|body| body.error).unwrap_or_default();
        let short = |text: String| text.chars().take(500).collect::<String>();
        Self {
            status,
            code: said.code.map(short).filter(|code| !code.is_empty()).unwrap_or_else(|| status.to_string()),
            message: said
                .message
                .map(short)
                .filter(|message| !message.is_empty())
                .unwrap_or_else(|| format!("Graph answered {status}")),
        }
    }
}

/// Whether the same request may be answered better later.
pub(crate) fn is_passing(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 500 | 502 | 503 | 504 | 509)
}

/// An answer's status, headers and bytes.
struct Raw {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

/// The only one who speaks to Graph.
pub(crate) struct Graph {
    http: reqwest::Client,
    pub(crate) hosts: Hosts,
    pub(crate) tokens: Tokens,
    pub(crate) pacer: Pacer,
    permits: [Semaphore; 4],
    pub(crate) patience: Patience,
    /// When the whole collection is given up.
    end: Instant,
    /// Graph's clock, and when we heard it.
    date: Mutex<Option<(Timestamp, Instant)>>,
    answered: AtomicBool,
}

impl Graph {
    /// At most eight requests are on their way: five to the directory, one to each other class.
    pub(crate) fn new(http: reqwest::Client, hosts: Hosts, tokens: Tokens, pace: Pace, patience: Patience) -> Self {
        Self {
            http,
            hosts,
            tokens,
            pacer: Pacer::new(pace),
            permits: [5, 1, 1, 1].map(Semaphore::new),
            patience,
            end: from_now(patience.whole),
            date: Mutex::new(None),
            answered: AtomicBool::new(false),
        }
    }

    /// When a data set that begins now is given up.
    pub(crate) fn deadline(&self) -> Instant {
        from_now(self.patience.deadline).min(self.end)
    }

    /// The instant by Graph's clock, once it was heard.
    pub(crate) fn now(&self) -> Option<Timestamp> {
        let heard = *self.date.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        heard.and_then(|(date, at)| date.checked_add(jiff::SignedDuration::try_from(at.elapsed()).ok()?).ok())
    }

    /// Asks until there is an answer that `read` can use. `read` says of one that it can't, why.
    pub(crate) async fn ask<T>(
        &self,
        ask: &Ask<'_>,
        watch: &dyn Watch,
        read: impl Fn(Vec<u8>) -> Result<T, String>,
    ) -> Result<T, Fault> {
        let url = self.checked(ask.url)?;
        let (mut attempt, mut renewals) = (0_u32, 0_u32);
        loop {
            let (outcome, bearer) = self.once(ask, &url, watch).await?;
            let (mut asked, mut throttled) = (None, false);
            let mut unreachable = None;
            let (code, mut message) = match outcome {
                Ok(raw) if (200..300).contains(&raw.status) => match read(raw.body) {
                    Ok(answer) => return Ok(answer),
                    Err(why) => ("unusableAnswer".to_owned(), why),
                },
                Ok(raw) if raw.status == 401 && renewals < RENEWALS => {
                    // Used up before its time; asking again is no attempt.
                    renewals = renewals.saturating_add(1);
                    self.tokens.refused(&bearer).await;
                    continue;
                }
                Ok(raw) => {
                    let mut refusal = Refusal::read(raw.status, &raw.body);
                    refusal.message = self.tokens.scrubbed(&refusal.message).await;
                    // Tokens that keep expiring are the service's trouble, not a missing permission.
                    let expired = raw.status == 401 && refusal.code.eq_ignore_ascii_case("InvalidAuthenticationToken");
                    if expired {
                        self.tokens.refused(&bearer).await;
                    } else if !is_passing(raw.status) {
                        return Err(Fault::Refused(refusal));
                    }
                    let header = |name| raw.headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
                    asked = header(RETRY_AFTER).and_then(|after| retry_after(after, header(DATE)));
                    throttled = raw.status == 429;
                    (refusal.code, refusal.message)
                }
                Err((error, reached)) => {
                    let message = deepest(&error);
                    if !reached {
                        unreachable = Some(Box::new(CollectError::unreachable(self.hosts.graph_host(), &error)));
                    }
                    ("noAnswer".to_owned(), message)
                }
            };
            attempt = attempt.saturating_add(1);
            let (wait, cut) = self.patience.wait(asked, attempt);
            if let Some(cut) = cut {
                watch.notes(&format!("`{}`: {message}; {cut}", ask.data_set));
                message = format!("{message}; {cut}");
            }
            let until = from_now(wait);
            if throttled {
                self.pacer.hold(ask.class, until);
            }
            let too_late = until >= ask.deadline;
            if attempt >= self.patience.attempts || too_late {
                let why = if too_late && attempt < self.patience.attempts {
                    "and the time for this data set is over".to_owned()
                } else {
                    format!("and so {attempt} times in a row")
                };
                return Err(Fault::GaveUp { code, message: format!("{message}, {why}"), unreachable });
            }
            tracing::debug!(data_set = ask.data_set, %code, attempt, ?wait, "asks again");
            watch.waits(ask.data_set, wait, &message);
            tokio::time::sleep(wait).await;
        }
    }

    /// Whether nobody at Graph has answered anything yet.
    pub(crate) fn never_answered(&self) -> bool {
        !self.answered.load(Ordering::Relaxed)
    }

    /// An address that may be asked with our token.
    fn checked(&self, text: &str) -> Result<Url, Fault> {
        let url = Url::parse(text).ok().filter(|url| self.hosts.is_graph(url));
        url.ok_or_else(|| {
            Fault::Refused(Refusal {
                status: 0,
                code: "foreignAddress".to_owned(),
                message: "Graph named a next page on another host, which would get our token; it was not asked"
                    .to_owned(),
            })
        })
    }

    async fn once(
        &self,
        ask: &Ask<'_>,
        url: &Url,
        watch: &dyn Watch,
    ) -> Result<(Result<Raw, (reqwest::Error, bool)>, Arc<Secret>), Fault> {
        let [directory, reports, protection, security] = &self.permits;
        let permits = match ask.class {
            Class::Directory => directory,
            Class::Reports => reports,
            Class::Protection => protection,
            Class::Security => security,
        };
        let late = || Fault::GaveUp {
            code: "deadline".to_owned(),
            message: "the time for this data set is over".to_owned(),
            unreachable: None,
        };
        let in_turn = async {
            // Whoever waits for its turn holds its place, so that requests leave in the pace that was worked out.
            let permit = permits.acquire().await;
            self.pacer.take(ask.class, ask.units).await;
            permit
        };
        // Pages that come at once, one after the other for ever, end here too.
        if Instant::now() >= ask.deadline {
            return Err(late());
        }
        let _permit = timeout_at(ask.deadline, in_turn).await.map_err(|_| late())?;
        let bearer = self.tokens.bearer(watch).await?;
        let sent = timeout(self.patience.answer, self.send(ask, url, &bearer)).await;
        match sent {
            Ok(outcome) => Ok((outcome, bearer)),
            Err(_) => Ok((Ok(Raw { status: 504, headers: HeaderMap::new(), body: SLOW.as_bytes().to_vec() }), bearer)),
        }
    }

    async fn send(&self, ask: &Ask<'_>, url: &Url, bearer: &Secret) -> Result<Raw, (reqwest::Error, bool)> {
        let mut request = match ask.body {
            Some(body) => self.http.post(url.clone()).header("content-type", "application/json").body(body.to_owned()),
            None => self.http.get(url.clone()),
        };
        if let Ok(mut authorization) = HeaderValue::from_str(&format!("Bearer {}", bearer.reveal())) {
            authorization.set_sensitive(true);
            request = request.header(AUTHORIZATION, authorization);
        }
        request = request
            .header("accept", "application/json")
            .header("prefer", "include-unknown-enum-members")
            .header("client-request-id", request_id());
        if ask.eventual {
            request = request.header("consistencylevel", "eventual");
        }
        let mut answer = request.send().await.map_err(|error| (error.without_url(), false))?;
        self.answered.store(true, Ordering::Relaxed);
        self.pacer.answered(ask.class);
        self.note_date(answer.headers());
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| (error.without_url(), true))? {
            if body.len().saturating_add(chunk.len()) > MOST {
                return Ok(Raw { status: 413, headers, body: LARGE.as_bytes().to_vec() });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Raw { status, headers, body })
    }

    fn note_date(&self, headers: &HeaderMap) {
        // Signing in has shown that the clocks are less than a day apart: another date is none.
        let is_today = |date: &Timestamp| date.duration_since(self.tokens.now()).as_hours().abs() < 24;
        let date = headers.get(DATE).and_then(|date| date.to_str().ok()).and_then(http_date);
        if let Some(date) = date.filter(is_today) {
            *self.date.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some((date, Instant::now()));
        }
    }
}

const SLOW: &str = r#"{"error":{"code":"slowAnswer","message":"the answer did not end in time"}}"#;
const LARGE: &str =
    r#"{"error":{"code":"largeAnswer","message":"the answer is larger than any that Graph is known to give"}}"#;

/// What Microsoft's support asks for when a request is to be found.
fn request_id() -> String {
    let mut bytes = [0_u8; 16];
    let _ = getrandom::fill(&mut bytes);
    let number = u128::from_ne_bytes(bytes);
    let hex = format!("{number:032x}");
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default().to_owned();
    format!("{}-{}-4{}-a{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
}

/// The HTTP client of a collection: encrypted or within this machine, no redirects, proxies as the environment says.
pub(crate) fn client(hosts: &Hosts, patience: &Patience) -> Result<reqwest::Client, CollectError> {
    // Whoever came first is as good: there is one provider of cryptography in the program.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(20))
        .read_timeout(patience.silence)
        .gzip(true)
        .http2_adaptive_window(true)
        .user_agent(concat!("idscore/", env!("CARGO_PKG_VERSION")));
    if hosts.scope("").starts_with("http://") {
        // What is meant for this machine is no business of a proxy.
        client = client.no_proxy();
    }
    client.build().map_err(|error| CollectError::unreachable(hosts.graph_host(), &error))
}
