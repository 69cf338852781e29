//! Requests to the provider: encrypted or within this machine, no redirect, answers of a sane size, an end to waiting.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use idscore_secrets::SettingsError;
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use reqwest::redirect::Policy;

use crate::settings::is_loopback;

/// How long the provider has for one answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// The most bytes of an answer; Entra's keys are some 30 kB.
const MOST: usize = 1 << 20;

/// What went wrong on the way, without the address.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HttpError {
    /// Nobody answered, or not in time.
    #[error("{0}")]
    Unreached(String),
    /// An answer that goes on for ever.
    #[error("the answer is larger than {MOST} bytes")]
    Large,
    /// An answer that can't be passed on.
    #[error("the answer can't be read")]
    Unreadable,
}

/// A client for one provider.
#[derive(Debug, Clone)]
pub(crate) struct Http {
    client: reqwest::Client,
}

impl Http {
    pub(crate) fn new(issuer: &str) -> Result<Self, SettingsError> {
        // Whoever came first is as good: there is one provider of cryptography in the program.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut client = reqwest::Client::builder()
            .redirect(Policy::none())
            .timeout(PATIENCE)
            .connect_timeout(PATIENCE)
            .user_agent(concat!("idscore/", env!("CARGO_PKG_VERSION")));
        let host = reqwest::Url::parse(issuer).ok().and_then(|url| url.host_str().map(str::to_owned));
        if host.is_some_and(|host| is_loopback(&host)) {
            // What is meant for this machine is no business of a proxy.
            client = client.no_proxy();
        } else {
            client = client.https_only(true);
        }
        let client = client.build().map_err(|source| SettingsError::Tls { source: Box::new(source) })?;
        Ok(Self { client })
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let unreached = |error: reqwest::Error| HttpError::Unreached(deepest(&error.without_url()));
        let request = reqwest::Request::try_from(request).map_err(unreached)?;
        let mut answer = self.client.execute(request).await.map_err(unreached)?;
        let mut made = http::Response::builder().status(answer.status());
        for (name, value) in answer.headers() {
            made = made.header(name, value);
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(unreached)? {
            if body.len() + chunk.len() > MOST {
                return Err(HttpError::Large);
            }
            body.extend_from_slice(&chunk);
        }
        made.body(body).map_err(|_| HttpError::Unreadable)
    }
}

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = HttpError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

/// The cause behind all others: the system's or the certificate's, which name no address.
fn deepest(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}
