//! Signing in, in the ways that Microsoft Entra ID knows for software and for a person at a terminal.

mod azure;
mod certificate;
mod device;
mod endpoint;
mod refusal;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use idscore_secrets::{Secret, read_private};
use jiff::Timestamp;
use serde::Deserialize;
use tokio::sync::Mutex;
use tokio::time::Instant;

pub use certificate::Certificate;
pub(crate) use endpoint::Endpoint;

use crate::error::CollectError;
use crate::retry::from_now;
use crate::watch::Watch;

/// How to prove who we are.
#[derive(Debug, Clone)]
pub enum Credential {
    /// A client secret of the application.
    ClientSecret(Secret),
    /// A certificate of the application, with its key.
    Certificate(Certificate),
    /// A token that another identity provider renews in a file: workload identity federation.
    Federated {
        /// The file.
        token_file: PathBuf,
    },
    /// A person types a code into a browser.
    DeviceCode,
    /// The identity of the Azure machine or service that this runs on.
    ManagedIdentity,
    /// Whoever is signed in to the Azure CLI.
    AzureCli,
}

impl Credential {
    /// Whether a person signs in, so that delegated permissions apply.
    #[must_use]
    pub fn is_delegated(&self) -> bool {
        matches!(self, Self::DeviceCode | Self::AzureCli)
    }
}

/// What a token says about itself; ours to use, never ours to check.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Claims {
    #[serde(default)]
    pub(crate) tid: Option<String>,
    #[serde(default)]
    pub(crate) roles: Vec<String>,
    #[serde(default)]
    pub(crate) scp: Option<String>,
}

impl Claims {
    fn of(token: &str) -> Self {
        let payload = token.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part.trim_end_matches('=')).ok());
        payload.and_then(|payload| serde_json::from_slice(&payload).ok()).unwrap_or_default()
    }

    /// Whether a person signed in: only then does a token carry scopes.
    pub(crate) fn is_delegated(&self) -> bool {
        self.scp.as_deref().is_some_and(|scopes| !scopes.trim().is_empty())
    }

    /// The permissions that the token carries, of an application or of a person.
    pub(crate) fn granted(&self) -> Vec<String> {
        let scopes = self.scp.iter().flat_map(|scopes| scopes.split(' ')).map(str::to_owned);
        let mut granted: Vec<String> = self.roles.iter().cloned().chain(scopes).collect();
        granted.sort();
        granted.dedup();
        granted
    }
}

/// A token is asked for anew after a day, however long it says that it is good.
const LONGEST: u64 = 24 * 3600;

/// A token and how long it is good.
#[derive(Clone)]
pub(crate) struct Token {
    bearer: Arc<Secret>,
    until: Instant,
    refresh: Option<Arc<Secret>>,
}

impl Token {
    /// A token is renewed while it is still good: a request on its way must not meet its end.
    pub(crate) fn new(bearer: String, seconds: u64, refresh: Option<String>) -> Self {
        let seconds = seconds.min(LONGEST);
        let early = (seconds / 10).min(300);
        Self {
            bearer: Arc::new(Secret::new(bearer)),
            until: from_now(Duration::from_secs(seconds.saturating_sub(early))),
            refresh: refresh.map(|token| Arc::new(Secret::new(token))),
        }
    }
}

/// Gives out tokens, and asks for a new one when the old one is used up.
pub(crate) struct Tokens {
    credential: Credential,
    client_id: String,
    endpoint: Endpoint,
    clock: fn() -> Timestamp,
    token: Mutex<Option<Token>>,
}

impl Tokens {
    pub(crate) fn new(credential: Credential, client_id: String, endpoint: Endpoint, clock: fn() -> Timestamp) -> Self {
        Self { credential, client_id, endpoint, clock, token: Mutex::new(None) }
    }

    /// A token that is good for a while.
    pub(crate) async fn bearer(&self, watch: &dyn Watch) -> Result<Arc<Secret>, CollectError> {
        let mut held = self.token.lock().await;
        if let Some(token) = held.as_ref().filter(|token| token.until > Instant::now()) {
            return Ok(Arc::clone(&token.bearer));
        }
        let refresh = held.as_ref().and_then(|token| token.refresh.clone());
        let token = self.obtain(refresh.as_deref(), watch).await?;
        let bearer = Arc::clone(&token.bearer);
        *held = Some(token);
        Ok(bearer)
    }

    /// The token was refused: the next one is a new one. Whoever comes second finds it renewed already.
    pub(crate) async fn refused(&self, bearer: &Arc<Secret>) {
        let mut held = self.token.lock().await;
        if let Some(token) = held.as_mut().filter(|token| Arc::ptr_eq(&token.bearer, bearer)) {
            token.until = Instant::now();
        }
    }

    pub(crate) async fn claims(&self, watch: &dyn Watch) -> Result<Claims, CollectError> {
        Ok(Claims::of(self.bearer(watch).await?.reveal()))
    }

    /// This machine's clock.
    pub(crate) fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// How far this machine's clock is ahead of Microsoft's, in seconds, as far as it is known.
    pub(crate) fn skew(&self) -> Option<i64> {
        self.endpoint.skew()
    }

    /// A text without any secret that an answer may have echoed.
    pub(crate) async fn scrubbed(&self, text: &str) -> String {
        let mut clean = text.to_owned();
        if let Some(token) = self.token.lock().await.as_ref() {
            clean = clean.replace(token.bearer.reveal(), "***");
        }
        if let Credential::ClientSecret(secret) = &self.credential {
            clean = clean.replace(secret.reveal(), "***");
        }
        clean
    }

    async fn obtain(&self, refresh: Option<&Secret>, watch: &dyn Watch) -> Result<Token, CollectError> {
        let scope = self.endpoint.scope();
        let client = ("client_id", self.client_id.as_str());
        let grant = ("grant_type", "client_credentials");
        match &self.credential {
            Credential::ClientSecret(secret) => {
                let form = [client, grant, ("scope", &scope), ("client_secret", secret.reveal())];
                self.endpoint.token(&form, &self.credential, &self.client_id, self.clock).await
            }
            Credential::Certificate(certificate) => {
                let now = (self.clock)();
                certificate.valid_at(now)?;
                let assertion = certificate.assertion(&self.client_id, &self.endpoint.audience(), now)?;
                self.with_assertion(assertion.reveal()).await
            }
            Credential::Federated { token_file } => {
                // Read each time: whoever writes it renews it.
                let text = String::from_utf8(read_private_or_mounted(token_file)?).unwrap_or_default();
                self.with_assertion(text.trim()).await
            }
            Credential::DeviceCode => match refresh {
                Some(refresh) => {
                    let scope = format!("{scope} offline_access");
                    let form = [
                        client,
                        ("grant_type", "refresh_token"),
                        ("scope", &scope),
                        ("refresh_token", refresh.reveal()),
                    ];
                    self.endpoint.token(&form, &self.credential, &self.client_id, self.clock).await
                }
                None => device::sign_in(&self.endpoint, &self.client_id, &self.credential, self.clock, watch).await,
            },
            Credential::ManagedIdentity => azure::managed_identity(&self.endpoint, &self.client_id).await,
            Credential::AzureCli => azure::cli(&self.endpoint).await,
        }
    }

    async fn with_assertion(&self, assertion: &str) -> Result<Token, CollectError> {
        let scope = self.endpoint.scope();
        let form = [
            ("client_id", self.client_id.as_str()),
            ("grant_type", "client_credentials"),
            ("scope", &scope),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", assertion),
        ];
        self.endpoint.token(&form, &self.credential, &self.client_id, self.clock).await
    }
}

/// A federated token is short-lived and mounted by the platform with permissions that nobody chose.
fn read_private_or_mounted(path: &std::path::Path) -> Result<Vec<u8>, CollectError> {
    match read_private(path) {
        Err(idscore_secrets::SecretError::Readable { .. }) => {
            std::fs::read(path).map_err(|source| CollectError::file("read", path, source))
        }
        read => Ok(read?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_tells_its_tenant_and_permissions_and_anything_else_tells_nothing() {
        let payload =
            URL_SAFE_NO_PAD.encode(r#"{"tid":"t1","roles":["User.Read.All","Policy.Read.All"],"scp":"openid"}"#);
        let claims = Claims::of(&format!("e30.{payload}.x"));
        assert_eq!(claims.tid.as_deref(), Some("t1"));
        assert_eq!(claims.granted(), ["Policy.Read.All", "User.Read.All", "openid"]);
        for opaque in ["", "abc", "a.b.c", "a.!!.c"] {
            assert!(Claims::of(opaque).tid.is_none());
        }
    }
}
