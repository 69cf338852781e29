//! The login host: tokens for apps and for people with a device code, and who is turned away.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::assertion;
use crate::chance::{guid, mix};
use crate::clock::sign_in_date;
use crate::endpoints::ON_PREMISES;
use crate::jwt::Claims;
use crate::query::decoded;
use crate::state::State;

/// A request to the login host.
pub(crate) struct Login<'a> {
    pub tenant: &'a str,
    /// `http://127.0.0.1:1234`
    pub base: &'a str,
    pub form: HashMap<String, String>,
}

impl Login<'_> {
    fn get(&self, name: &'static str) -> Result<&str, Denied> {
        self.form.get(name).map(String::as_str).filter(|value| !value.is_empty()).ok_or_else(|| {
            Denied::new(
                400,
                "invalid_request",
                900_144,
                format!("The request body must contain the following parameter: '{name}'."),
            )
        })
    }
}

/// The fields of a form.
pub(crate) fn form(body: &[u8]) -> HashMap<String, String> {
    let text = String::from_utf8_lossy(body);
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (decoded(name).into_owned(), decoded(value).into_owned())).collect()
}

/// An error of sign-in.
pub(crate) struct Denied {
    status: u16,
    error: String,
    code: u32,
    sentence: String,
}

impl Denied {
    fn new(status: u16, error: &str, code: u32, sentence: impl Into<String>) -> Self {
        Self { status, error: error.to_owned(), code, sentence: sentence.into() }
    }

    /// What the fault script says to a token request.
    pub fn scripted(status: u16, code: Option<&str>, message: Option<&str>) -> Self {
        let number = code.and_then(|code| code.trim_start_matches("AADSTS").parse().ok()).unwrap_or(90_033);
        let error = match number {
            53_003 => "access_denied",
            90_033 => "temporarily_unavailable",
            _ => "invalid_client",
        };
        Self::new(status, error, number, message.unwrap_or("A transient error has occurred. Please try again."))
    }

    pub fn answer(self, state: &State) -> Answer {
        let now = sign_in_date(state.clock.now());
        let (trace, correlation) = (state.new_id(), state.new_id());
        let mut body = json!({
            "error": self.error,
            "error_description": format!("AADSTS{}: {} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {now}", self.code, self.sentence),
            "error_codes": [self.code], "timestamp": now, "trace_id": trace, "correlation_id": correlation,
        });
        if self.code == 0 {
            // What the device code flow says while it goes on has no number.
            body = json!({"error": self.error, "error_description": self.sentence, "error_codes": [],
                "timestamp": now, "trace_id": trace, "correlation_id": correlation});
        }
        Answer::json(self.status, body.to_string().into_bytes()).with("cache-control", "no-store, no-cache")
    }
}

/// A sign-in with a device code that is under way.
#[derive(Debug)]
struct Device {
    scope: String,
    polls: u32,
    asked: Instant,
}

/// All of them.
#[derive(Debug, Default)]
pub(crate) struct Devices(Mutex<HashMap<String, Device>>);

const DEVICE_GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Sign-ins with a device code that may be under way.
const DEVICES_AT_MOST: usize = 1_000;

/// `POST /{tenant}/oauth2/v2.0/token`
pub(crate) fn token(state: &State, login: &Login<'_>) -> Answer {
    issue(state, login).unwrap_or_else(|denied| denied.answer(state))
}

fn issue(state: &State, login: &Login<'_>) -> Result<Answer, Denied> {
    known_tenant(state, login)?;
    let grant = login.get("grant_type")?;
    let client = known_client(state, login)?;
    match grant {
        "client_credentials" => {
            authenticated(state, login, client)?;
            let scope = login.get("scope")?;
            let resource =
                scope.strip_suffix("/.default").filter(|resource| !resource.is_empty() && !resource.contains(' '));
            let resource = resource.ok_or_else(|| {
                Denied::new(400, "invalid_scope", 1_002_012, format!("The provided value for scope {scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI)."))
            })?;
            bearer(state, client, resource, None)
        }
        DEVICE_GRANT => {
            let scope = state.devices.poll(state, login.get("device_code")?)?;
            bearer(state, client, "https://graph.microsoft.com", Some(&scope))
        }
        "refresh_token" => {
            let claims = state.signer.read(login.get("refresh_token")?).filter(|claims| claims.aud == REFRESH);
            let scope = claims.and_then(|claims| claims.scp).ok_or_else(|| {
                Denied::new(400, "invalid_grant", 700_082, "The refresh token has expired due to inactivity.")
            })?;
            bearer(state, client, "https://graph.microsoft.com", Some(&scope))
        }
        other => Err(Denied::new(
            400,
            "unsupported_grant_type",
            70_003,
            format!("The app requested an unsupported grant type '{other}'."),
        )),
    }
}

const REFRESH: &str = "refresh";

fn known_tenant(state: &State, login: &Login<'_>) -> Result<(), Denied> {
    let known = &state.options.sign_in.tenants;
    if known.is_empty() || known.iter().any(|name| name.eq_ignore_ascii_case(login.tenant)) {
        return Ok(());
    }
    Err(Denied::new(
        400,
        "invalid_request",
        90_002,
        format!(
            "Tenant '{}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.",
            login.tenant
        ),
    ))
}

fn known_client<'a>(state: &State, login: &'a Login<'_>) -> Result<&'a str, Denied> {
    let client = login.get("client_id")?;
    match &state.options.sign_in.client_id {
        Some(known) if !known.eq_ignore_ascii_case(client) => Err(Denied::new(
            400,
            "unauthorized_client",
            700_016,
            format!("Application with identifier '{client}' was not found in the directory '{}'.", login.tenant),
        )),
        _ => Ok(client),
    }
}

fn authenticated(state: &State, login: &Login<'_>, client: &str) -> Result<(), Denied> {
    let sign_in = &state.options.sign_in;
    if let Some(assertion) = login.form.get("client_assertion") {
        if login.get("client_assertion_type")? != ASSERTION_TYPE {
            return Err(Denied::new(400, "invalid_request", 90_023, "The 'client_assertion_type' is not supported."));
        }
        let expected = assertion::Expected {
            client_id: client,
            tenant: login.tenant,
            base: login.base,
            now: state.clock.now(),
            certificate: sign_in.certificate.as_deref(),
        };
        return assertion::check(assertion, &expected)
            .map_err(|(code, sentence)| Denied::new(401, "invalid_client", code, sentence));
    }
    let Some(secret) = login.form.get("client_secret").filter(|secret| !secret.is_empty()) else {
        return Err(Denied::new(
            401,
            "invalid_client",
            7_000_216,
            "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.",
        ));
    };
    if sign_in.expired_secret.as_ref() == Some(secret) {
        return Err(Denied::new(
            401,
            "invalid_client",
            7_000_222,
            format!("The provided client secret keys for app '{client}' are expired."),
        ));
    }
    if sign_in.client_secret.as_ref().is_some_and(|right| right != secret) {
        return Err(Denied::new(
            401,
            "invalid_client",
            7_000_215,
            format!(
                "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{client}'."
            ),
        ));
    }
    Ok(())
}

/// A token: for an app, or with scopes for a person.
fn bearer(state: &State, client: &str, resource: &str, scope: Option<&str>) -> Result<Answer, Denied> {
    let failed = || Denied::new(500, "server_error", 90_033, "A transient error has occurred.");
    let (now, life) = (state.clock.now(), state.options.sign_in.token_life);
    let granted = state.options.granted();
    let tenant = state.tenant_id();
    let (roles, scp) = match scope {
        // No app has the permission of directory synchronisation.
        None => (granted.into_iter().filter(|permission| permission != ON_PREMISES).collect(), None),
        Some(scope) => (Vec::new(), Some(delegated(scope, &granted))),
    };
    let claims = Claims {
        aud: resource.to_owned(),
        iss: format!("https://sts.windows.net/{tenant}/"),
        iat: now,
        nbf: now,
        exp: now.saturating_add(life),
        appid: client.to_owned(),
        tid: tenant,
        oid: guid(state.seed, 1),
        roles,
        scp: scp.clone(),
        uti: state.tokens.fetch_add(1, Ordering::Relaxed) + 1,
        ver: "1.0".to_owned(),
    };
    let token = state.signer.sign(&claims).ok_or_else(failed)?;
    let mut body = json!({"token_type": "Bearer", "expires_in": life, "ext_expires_in": life, "access_token": token});
    if let Some(scp) = scp {
        let refresh = Claims { aud: REFRESH.to_owned(), scp: Some(scp.clone()), ..claims };
        body["scope"] = Value::String(scp);
        body["refresh_token"] = Value::String(state.signer.sign(&refresh).ok_or_else(failed)?);
    }
    state.counters().so_far.tokens += 1;
    Ok(Answer::json(200, body.to_string().into_bytes()).with("cache-control", "no-store, no-cache"))
}

/// The scopes that a person gets of those that are asked for.
fn delegated(scope: &str, granted: &[String]) -> String {
    let bare = |scope: &str| scope.rsplit('/').next().unwrap_or(scope).to_owned();
    let asked: Vec<String> = scope.split_whitespace().map(bare).collect();
    let everything = asked.iter().any(|scope| scope == ".default");
    let given = granted.iter().filter(|permission| everything || asked.contains(permission));
    given.cloned().collect::<Vec<_>>().join(" ")
}

impl Devices {
    /// Whether the person is done; the scopes that were asked for then.
    fn poll(&self, state: &State, code: &str) -> Result<String, Denied> {
        let sign_in = &state.options.sign_in;
        let mut devices = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let device = devices
            .get_mut(code)
            .ok_or_else(|| Denied::new(400, "bad_verification_code", 70_018, "Invalid verification code."))?;
        let interval = Duration::from_secs(sign_in.device_interval);
        let early = device.asked.elapsed() + Duration::from_millis(100) < interval;
        device.asked = Instant::now();
        if early {
            return Err(Denied::new(400, "slow_down", 0, "The client polls more often than it was told to."));
        }
        if device.polls < sign_in.device_polls {
            device.polls += 1;
            return Err(Denied::new(
                400,
                "authorization_pending",
                70_016,
                "OAuth 2.0 device flow error. Authorization is pending. Continue polling.",
            ));
        }
        let scope = device.scope.clone();
        devices.remove(code);
        if sign_in.device_declined {
            return Err(Denied::new(
                400,
                "authorization_declined",
                70_000,
                "The end user has denied the authorization request.",
            ));
        }
        Ok(scope)
    }
}

/// `POST /{tenant}/oauth2/v2.0/devicecode`
pub(crate) fn device_code(state: &State, login: &Login<'_>) -> Answer {
    let begun = || -> Result<Answer, Denied> {
        known_tenant(state, login)?;
        known_client(state, login)?;
        let scope = login.get("scope")?.to_owned();
        let number = mix(state.seed ^ state.serial());
        let code = format!("{:016x}{:016x}", number, mix(number));
        let user_code: String = format!("{number:016X}").chars().take(9).collect();
        let mut devices = state.devices.0.lock().unwrap_or_else(PoisonError::into_inner);
        if devices.len() >= DEVICES_AT_MOST {
            devices.clear();
        }
        devices.insert(code.clone(), Device { scope, polls: 0, asked: Instant::now() });
        let page = format!("{}/devicelogin", login.base);
        let message = format!(
            "To sign in, use a web browser to open the page {page} and enter the code {user_code} to authenticate."
        );
        let body = json!({"device_code": code, "user_code": user_code, "verification_uri": page, "expires_in": 900,
            "interval": state.options.sign_in.device_interval, "message": message});
        Ok(Answer::json(200, body.to_string().into_bytes()))
    };
    begun().unwrap_or_else(|denied| denied.answer(state))
}

/// `GET /{tenant}/v2.0/.well-known/openid-configuration`
pub(crate) fn configuration(state: &State, login: &Login<'_>) -> Answer {
    if let Err(denied) = known_tenant(state, login) {
        return denied.answer(state);
    }
    let at = format!("{}/{}", login.base, login.tenant);
    let body = json!({
        "issuer": format!("{}/{}/v2.0", login.base, state.tenant_id()),
        "token_endpoint": format!("{at}/oauth2/v2.0/token"),
        "device_authorization_endpoint": format!("{at}/oauth2/v2.0/devicecode"),
        "authorization_endpoint": format!("{at}/oauth2/v2.0/authorize"),
        "jwks_uri": format!("{at}/discovery/v2.0/keys"),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "response_types_supported": ["code", "id_token"], "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"], "scopes_supported": ["openid", "offline_access"],
        "tenant_region_scope": "EU", "cloud_instance_name": "localhost",
        "msgraph_host": login.base.split("://").nth(1).unwrap_or_default(),
    });
    Answer::json(200, body.to_string().into_bytes())
}
