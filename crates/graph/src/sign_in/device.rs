//! Signing in with a code that a person types into a browser, on this machine or another.

use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;

use super::endpoint::{Answer, Endpoint};
use super::refusal::Refusal;
use super::{Credential, Token};
use crate::error::CollectError;
use crate::watch::Watch;

#[derive(Deserialize)]
struct Code {
    device_code: String,
    user_code: String,
    #[serde(alias = "verification_url")]
    verification_uri: String,
    #[serde(default = "fifteen_minutes")]
    expires_in: u64,
    #[serde(default = "five_seconds")]
    interval: u64,
}

/// A code is waited for no longer than an hour, and asked about once a minute at least.
const LONGEST: u64 = 3600;
const RAREST: u64 = 60;

fn fifteen_minutes() -> u64 {
    900
}

fn five_seconds() -> u64 {
    5
}

/// Shows the code and waits until somebody has typed it.
pub(super) async fn sign_in(
    endpoint: &Endpoint,
    client_id: &str,
    credential: &Credential,
    clock: fn() -> Timestamp,
    watch: &dyn Watch,
) -> Result<Token, CollectError> {
    let scope = format!("{} offline_access", endpoint.scope());
    let (status, body) =
        endpoint.post("/oauth2/v2.0/devicecode", &[("client_id", client_id), ("scope", &scope)], clock).await?;
    let code: Code = match serde_json::from_slice(&body) {
        Ok(code) if (200..300).contains(&status) => code,
        _ => {
            let refusal: Refusal = serde_json::from_slice(&body).unwrap_or_default();
            return Err(endpoint.sentence(&refusal, credential, client_id));
        }
    };
    watch.device_code(&code.verification_uri, &code.user_code);
    let form = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("client_id", client_id),
        ("device_code", &code.device_code),
    ];
    let mut interval = code.interval.clamp(1, RAREST);
    let mut waited = 0_u64;
    while waited < code.expires_in.min(LONGEST) {
        tokio::time::sleep(Duration::from_secs(interval)).await;
        waited = waited.saturating_add(interval);
        match endpoint.ask("/oauth2/v2.0/token", &form, clock).await? {
            Answer::Granted(token) => return Ok(token),
            Answer::Refused(refusal) => match refusal.error.as_str() {
                "authorization_pending" => {}
                "slow_down" => interval = interval.saturating_add(5).min(RAREST),
                "authorization_declined" | "access_denied" => {
                    return Err(CollectError::sign_in(
                        "whoever got the code declined",
                        "run it again and agree, or sign in another way",
                    ));
                }
                "expired_token" | "code_expired" => break,
                _ => return Err(endpoint.sentence(&refusal, credential, client_id)),
            },
        }
    }
    Err(CollectError::sign_in("nobody typed the code in time", "run it again for a new code"))
}
