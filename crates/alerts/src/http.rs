//! One POST over HTTP: encrypted or within this machine, no redirect, no answer that is read, an end to waiting.

use std::error::Error;
use std::path::Path;
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap};
use reqwest::redirect::Policy;
use reqwest::{Client, Url};

use crate::config::{checked, is_loopback};
use crate::error::SendError;
use idscore_secrets::{Secret, SettingsError};

/// Where to post. Neither `Debug` nor an error shows more of the address than its host.
#[derive(Clone)]
pub struct Target {
    client: Client,
    url: Url,
    host: String,
    patience: Duration,
}

impl Target {
    /// A target that waits so long at most; `what` names it where the file of settings is wrong about it.
    pub fn new(settings: &Path, what: &str, url: &Secret, patience: Duration) -> Result<Self, SettingsError> {
        let invalid =
            |reason: String| SettingsError::Invalid { path: settings.to_owned(), reason: format!("{what}: {reason}") };
        checked(url.reveal()).map_err(invalid)?;
        let url = Url::parse(url.reveal()).map_err(|_| invalid("the address is no URL".to_owned()))?;
        let host = url.host_str().unwrap_or_default().to_owned();
        // Whoever came first is as good: there is one provider in the program.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut client = Client::builder()
            .redirect(Policy::none())
            .timeout(patience)
            .connect_timeout(patience)
            .pool_max_idle_per_host(0)
            .user_agent(concat!("idscore/", env!("CARGO_PKG_VERSION")));
        if is_loopback(&host) {
            // What is meant for this machine is no business of a proxy.
            client = client.no_proxy();
        } else {
            client = client.https_only(true);
        }
        let client = client.build().map_err(|source| SettingsError::Tls { source: Box::new(source) })?;
        Ok(Self { client, url, host, patience })
    }

    /// The host.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Posts JSON; every answer from 200 to 299 is an arrival. The answer's body is never read, however long it is.
    pub async fn post(&self, body: Vec<u8>, headers: HeaderMap) -> Result<(), SendError> {
        let request = self.client.post(self.url.clone()).header(CONTENT_TYPE, "application/json").headers(headers);
        let host = self.host.clone();
        let status = match request.body(body).send().await {
            Ok(answer) => answer.status(),
            Err(error) if error.is_timeout() => {
                return Err(SendError::TimedOut { host, seconds: self.patience.as_secs() });
            }
            Err(error) => return Err(SendError::Unreached { host, reason: deepest(&error.without_url()) }),
        };
        match status.as_u16() {
            200..=299 => Ok(()),
            status @ 300..=399 => Err(SendError::Redirected { host, status }),
            status => Err(SendError::Refused { host, status }),
        }
    }
}

/// The cause behind all others: the system's or the certificate's, which name no address.
pub fn deepest(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}
