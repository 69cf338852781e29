//! The token endpoint of a tenant.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::DATE;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::refusal::{About, Refusal};
use super::{Credential, Token};
use crate::cloud::Hosts;
use crate::error::CollectError;
use crate::retry::http_date;

/// How often to ask somebody who doesn't answer. Signing in is the first thing that happens: whoever waits wants to know.
const CALLS: u32 = 3;
/// How often to ask somebody who answers with something that can't be used, or who has answered before.
const ATTEMPTS: u32 = 6;
const NO_SKEW: i64 = i64::MIN;
/// The most bytes of an answer that are read.
const MOST: usize = 1 << 20;

/// The token endpoint of a tenant.
pub(crate) struct Endpoint {
    pub(super) http: reqwest::Client,
    hosts: Hosts,
    tenant: String,
    skew: AtomicI64,
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    #[serde(default)]
    expires_in: Option<serde_json::Value>,
    #[serde(default)]
    refresh_token: Option<String>,
}

/// What the endpoint answered.
pub(super) enum Answer {
    Granted(Token),
    Refused(Refusal),
}

impl Endpoint {
    pub(crate) fn new(http: reqwest::Client, hosts: Hosts, tenant: String) -> Self {
        Self { http, hosts, tenant, skew: AtomicI64::new(NO_SKEW) }
    }

    pub(super) fn scope(&self) -> String {
        self.hosts.scope(".default")
    }

    pub(super) fn resource(&self) -> &str {
        self.hosts.resource()
    }

    pub(super) fn tenant(&self) -> &str {
        &self.tenant
    }

    /// For whom an assertion is meant.
    pub(super) fn audience(&self) -> String {
        self.hosts.login(&self.tenant, "/oauth2/v2.0/token")
    }

    pub(super) fn skew(&self) -> Option<i64> {
        Some(self.skew.load(Ordering::Relaxed)).filter(|skew| *skew != NO_SKEW)
    }

    /// A token, or the sentence that says why there is none.
    pub(super) async fn token(
        &self,
        form: &[(&str, &str)],
        credential: &Credential,
        client_id: &str,
        clock: fn() -> Timestamp,
    ) -> Result<Token, CollectError> {
        match self.ask("/oauth2/v2.0/token", form, clock).await? {
            Answer::Granted(token) => Ok(token),
            Answer::Refused(refusal) => Err(self.sentence(&refusal, credential, client_id)),
        }
    }

    pub(super) fn sentence(&self, refusal: &Refusal, credential: &Credential, client_id: &str) -> CollectError {
        refusal.sentence(&About { tenant: &self.tenant, client_id, credential, skew: self.skew() })
    }

    pub(super) async fn ask(
        &self,
        path: &str,
        form: &[(&str, &str)],
        clock: fn() -> Timestamp,
    ) -> Result<Answer, CollectError> {
        let (status, body) = self.post(path, form, clock).await?;
        if (200..300).contains(&status) {
            let granted: Granted = serde_json::from_slice(&body).map_err(|_| self.no_entra(status))?;
            let seconds = match granted.expires_in {
                Some(serde_json::Value::Number(number)) => number.as_u64(),
                Some(serde_json::Value::String(text)) => text.parse().ok(),
                _ => None,
            };
            // A token without an end is asked for again soon.
            return Ok(Answer::Granted(Token::new(
                granted.access_token,
                seconds.unwrap_or(300),
                granted.refresh_token,
            )));
        }
        serde_json::from_slice(&body).map(Answer::Refused).map_err(|_| self.no_entra(status))
    }

    /// Posts a form; whoever is busy or unreachable is asked again.
    pub(super) async fn post(
        &self,
        path: &str,
        form: &[(&str, &str)],
        clock: fn() -> Timestamp,
    ) -> Result<(u16, Vec<u8>), CollectError> {
        let url = self.hosts.login(&self.tenant, path);
        let body = serde_html_form::to_string(form).unwrap_or_default();
        let mut attempt = 1_u32;
        loop {
            let sent = self
                .http
                .post(&url)
                .header("content-type", "application/x-www-form-urlencoded")
                .header("accept", "application/json")
                .body(body.clone())
                .timeout(Duration::from_secs(60))
                .send()
                .await;
            let pause = match sent {
                Ok(mut answer) => {
                    self.note_date(&answer, clock);
                    let status = answer.status().as_u16();
                    let mut bytes = Vec::new();
                    let failed = loop {
                        match answer.chunk().await {
                            Ok(Some(chunk)) if bytes.len().saturating_add(chunk.len()) <= MOST => {
                                bytes.extend_from_slice(&chunk)
                            }
                            Ok(_) => break None,
                            Err(error) => break Some(error),
                        }
                    };
                    let usable = failed.is_none() && serde_json::from_slice::<IgnoredAny>(&bytes).is_ok();
                    if attempt >= ATTEMPTS || (usable && status != 429 && status < 500) {
                        return Ok((status, bytes));
                    }
                    Duration::from_millis(u64::from(attempt).saturating_mul(400))
                }
                Err(error) if attempt >= if self.skew().is_some() { ATTEMPTS } else { CALLS } => {
                    return Err(CollectError::unreachable(self.hosts.login_host(), &error.without_url()));
                }
                Err(_) => Duration::from_millis(u64::from(attempt).saturating_mul(500)),
            };
            tokio::time::sleep(pause).await;
            attempt = attempt.saturating_add(1);
        }
    }

    fn note_date(&self, answer: &reqwest::Response, clock: fn() -> Timestamp) {
        let date = answer.headers().get(DATE).and_then(|date| date.to_str().ok()).and_then(http_date);
        if let Some(date) = date {
            self.skew.store(clock().as_second().saturating_sub(date.as_second()), Ordering::Relaxed);
        }
    }

    fn no_entra(&self, status: u16) -> CollectError {
        CollectError::Unreachable {
            host: self.hosts.login_host().to_owned(),
            reason: format!("it answered {status} with something that Microsoft Entra ID doesn't say"),
            hint: "check --login-url, and whether a proxy or a gateway stands in between".to_owned(),
        }
    }
}
