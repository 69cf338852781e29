//! Managed identity and the Azure CLI, through Microsoft's own library, which speaks over our HTTP client.

use std::sync::Arc;

use async_trait::async_trait;
use azure_core::credentials::{AccessToken, TokenCredential};
use azure_core::error::ErrorKind;
use azure_core::http::headers::{HeaderName, HeaderValue, Headers};
use azure_core::http::request::Body;
use azure_core::http::{AsyncRawResponse, ClientOptions, HttpClient, Request, Transport};
use azure_identity::{
    AzureCliCredential, AzureCliCredentialOptions, ManagedIdentityCredential, ManagedIdentityCredentialOptions,
    UserAssignedId,
};

use super::Token;
use super::endpoint::Endpoint;
use crate::error::CollectError;

/// The identity of the Azure machine or service that this runs on.
pub(super) async fn managed_identity(endpoint: &Endpoint, client_id: &str) -> Result<Token, CollectError> {
    // The metadata service of a machine answers without TLS on a link-local address, past every proxy.
    let http = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(|error| CollectError::unreachable("169.254.169.254", &error))?;
    let options = ManagedIdentityCredentialOptions {
        user_assigned_id: (!client_id.is_empty()).then(|| UserAssignedId::ClientId(client_id.to_owned())),
        client_options: ClientOptions {
            transport: Some(Transport::new(Arc::new(Client(http)))),
            ..ClientOptions::default()
        },
    };
    let failed = |error: azure_core::Error| {
        CollectError::sign_in(
            format!("there is no managed identity here: {}", first_line(&error)),
            "managed identities exist on Azure machines and services only; --client-id chooses one that was assigned to them",
        )
    };
    let credential = ManagedIdentityCredential::new(Some(options)).map_err(failed)?;
    token(credential.as_ref(), endpoint).await.map_err(failed)
}

/// Whoever is signed in to the Azure CLI.
pub(super) async fn cli(endpoint: &Endpoint) -> Result<Token, CollectError> {
    let failed = |error: azure_core::Error| {
        CollectError::sign_in(
            format!("the Azure CLI gives no token: {}", first_line(&error)),
            "install it if it is missing, and sign in: az login --tenant TENANT --allow-no-subscriptions",
        )
    };
    let options = AzureCliCredentialOptions {
        tenant_id: Some(endpoint.tenant().to_owned()),
        ..AzureCliCredentialOptions::default()
    };
    let credential = AzureCliCredential::new(Some(options)).map_err(failed)?;
    token(credential.as_ref(), endpoint).await.map_err(failed)
}

async fn token(credential: &dyn TokenCredential, endpoint: &Endpoint) -> azure_core::Result<Token> {
    let scope = format!("{}/.default", endpoint.resource());
    let AccessToken { token, expires_on, .. } = credential.get_token(&[&scope], None).await?;
    let now = azure_core::time::OffsetDateTime::now_utc();
    let seconds = expires_on.unix_timestamp().saturating_sub(now.unix_timestamp());
    Ok(Token::new(token.secret().to_owned(), u64::try_from(seconds).unwrap_or(0), None))
}

fn first_line(error: &azure_core::Error) -> String {
    error.to_string().lines().next().unwrap_or_default().chars().take(300).collect()
}

/// Our client, as Microsoft's library wants one.
#[derive(Debug)]
struct Client(reqwest::Client);

#[async_trait]
impl HttpClient for Client {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let wrong = |error: reqwest::Error| {
            let kind = if error.is_connect() { ErrorKind::Connection } else { ErrorKind::Io };
            azure_core::Error::with_error(kind, error.without_url(), "no answer")
        };
        let method = reqwest::Method::from_bytes(request.method().as_ref().as_bytes()).unwrap_or(reqwest::Method::GET);
        let mut asked = self.0.request(method, request.url().clone());
        for (name, value) in request.headers().iter() {
            asked = asked.header(name.as_str(), value.as_str());
        }
        if let Body::Bytes(bytes) = request.body() {
            asked = asked.body(bytes.clone());
        }
        let answer = asked.send().await.map_err(wrong)?;
        let status = answer.status().as_u16();
        let mut headers = Headers::new();
        for (name, value) in answer.headers() {
            if let Ok(value) = value.to_str() {
                headers.insert(HeaderName::from(name.as_str().to_owned()), HeaderValue::from(value.to_owned()));
            }
        }
        let body = answer.bytes().await.map_err(wrong)?;
        Ok(AsyncRawResponse::from_bytes(status.into(), headers, body))
    }
}
