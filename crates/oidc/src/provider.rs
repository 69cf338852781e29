//! The two steps of signing in, and leaving.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use idscore_secrets::SettingsError;
use idscore_store::{Person, Roles};
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreClientAuthMethod, CoreErrorResponseType,
    CoreGenderClaim, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreRevocableToken,
    CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AdditionalClaims, AuthType, AuthorizationCode, ClaimsVerificationError, Client, ClientId, ClientSecret, CsrfToken,
    DiscoveryError, EmptyExtraTokenFields, IdToken, IdTokenClaims, IdTokenFields, IssuerUrl, Nonce, PkceCodeChallenge,
    PkceCodeVerifier, ProviderMetadataWithLogout, RedirectUrl, RequestTokenError, Scope, StandardErrorResponse,
    StandardTokenResponse, TokenResponse,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::Mutex;

use crate::error::Refusal;
use crate::http::{Http, HttpError};
use crate::roles::Mapping;
use crate::settings::Settings;

/// Where the provider sends browsers back to, below the public address.
const ANSWER: &str = "/sign-in/answer";
/// How long what the provider says about itself is believed, in seconds; keys that are not known are asked for at once.
const FRESH: i64 = 600;
/// How far the clocks of the provider and of this machine may be apart, in seconds.
const LEEWAY: i64 = 60;
/// Characters of a name that are shown.
const LONGEST_NAME: usize = 200;

/// Signatures that are believed: made with a key that only the provider has.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// Every claim that the standard does not name.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Others {
    #[serde(flatten)]
    claims: BTreeMap<String, Value>,
}

impl AdditionalClaims for Others {}

type Claims = IdTokenClaims<Others, CoreGenderClaim>;
type Token = IdToken<Others, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;
type Fields = IdTokenFields<
    Others,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;
type OurClient<Auth, Device, Introspection, Revocation, Tokens, UserInfo> = Client<
    Others,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    StandardTokenResponse<Fields, CoreTokenType>,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    Auth,
    Device,
    Introspection,
    Revocation,
    Tokens,
    UserInfo,
>;

/// What a browser takes along to the provider, and what waits here for its return.
#[derive(Clone)]
pub struct Begun {
    /// The page of the provider.
    pub address: String,
    /// Comes back with the browser.
    pub state: String,
    /// Comes back inside the token.
    pub nonce: String,
    /// Proves that whoever brings the code began here; goes to the provider only.
    pub verifier: String,
}

/// Somebody whom the provider vouched for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Who they are and what they may do; never nobody who may do nothing.
    pub person: Person,
}

/// What the provider says about itself, and when it said it, in seconds.
struct Known {
    metadata: ProviderMetadataWithLogout,
    since: i64,
}

/// An OpenID Connect provider that vouches for people.
pub struct Provider {
    settings: Settings,
    secret: ClientSecret,
    issuer: IssuerUrl,
    redirect: RedirectUrl,
    http: Http,
    known: Mutex<Option<Arc<Known>>>,
}

impl Provider {
    /// A provider; it is asked when somebody signs in, not before, so that a service starts without it.
    ///
    /// # Errors
    /// When the secret can't be read or there is no TLS.
    pub fn open(settings: Settings, variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let invalid = |_| SettingsError::Invalid {
            path: "sign-in.toml".into(),
            reason: "`issuer` or `public_address` is no address".to_owned(),
        };
        let secret = ClientSecret::new(settings.secret.read(variable)?.reveal().to_owned());
        let issuer = IssuerUrl::new(settings.issuer.clone()).map_err(invalid)?;
        let redirect = RedirectUrl::new(format!("{}{ANSWER}", settings.public_address)).map_err(invalid)?;
        let http = Http::new(&settings.issuer)?;
        Ok(Self { settings, secret, issuer, redirect, http, known: Mutex::default() })
    }

    /// The host of the provider, for people.
    #[must_use]
    pub fn host(&self) -> String {
        self.issuer.url().host_str().unwrap_or_default().to_owned()
    }

    /// The issuer, as its tokens name it.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.settings.issuer
    }

    /// Which values of claims bring which role.
    #[must_use]
    pub fn mappings(&self) -> &[Mapping] {
        self.settings.mappings.all()
    }

    /// Begins to sign somebody in. `at` is in microseconds.
    ///
    /// # Errors
    /// When the provider can't be used.
    pub async fn begin(&self, at: i64) -> Result<Begun, Refusal> {
        let known = self.known(at, false).await?;
        let client = OurClient::from_provider_metadata(
            known.metadata.clone(),
            ClientId::new(self.settings.client_id.clone()),
            Some(self.secret.clone()),
        )
        .set_redirect_uri(self.redirect.clone());
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let asked = client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random)
            .add_scopes(self.settings.scopes.iter().cloned().map(Scope::new))
            .set_pkce_challenge(challenge);
        let (address, state, nonce) = asked.url();
        Ok(Begun {
            address: address.to_string(),
            state: state.secret().clone(),
            nonce: nonce.secret().clone(),
            verifier: verifier.secret().clone(),
        })
    }

    /// Whom a code stands for. `issuer` is what the answer said in `iss`, if it said it; `at` is in microseconds.
    ///
    /// # Errors
    /// When the provider can't be used or does not take the code, when its token is not to be believed, and when the person
    /// has no role here.
    pub async fn finish(
        &self,
        code: &str,
        issuer: Option<&str>,
        nonce: &str,
        verifier: &str,
        at: i64,
    ) -> Result<Identity, Refusal> {
        if issuer.is_some_and(|issuer| issuer != self.settings.issuer) {
            return Err(Refusal::Token("the answer is of another issuer"));
        }
        let known = self.known(at, false).await?;
        let token = self.exchange(&known, code, verifier).await?;
        let nonce = Nonce::new(nonce.to_owned());
        let claims = match self.verify(&known, &token, &nonce, at) {
            // The provider may have new keys.
            Err(ClaimsVerificationError::SignatureVerification(_)) => {
                let known = self.known(at, true).await?;
                self.verify(&known, &token, &nonce, at).map_err(|error| refused(&error))?
            }
            other => other.map_err(|error| refused(&error))?,
        };
        self.identity(claims, at)
    }

    /// Where a browser goes to sign out at the provider too; nowhere when the provider has no such page or can't be reached.
    pub async fn leave(&self, at: i64) -> Option<String> {
        let known = self.known(at, false).await.ok()?;
        let page = known.metadata.additional_metadata().end_session_endpoint.clone()?;
        let mut address = page.url().clone();
        address
            .query_pairs_mut()
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("post_logout_redirect_uri", &format!("{}/sign-in", self.settings.public_address));
        matches!(address.scheme(), "https" | "http").then(|| address.to_string())
    }

    async fn exchange(&self, known: &Known, code: &str, verifier: &str) -> Result<Token, Refusal> {
        let methods = known.metadata.token_endpoint_auth_methods_supported();
        let basic = methods.is_none_or(|methods| methods.contains(&CoreClientAuthMethod::ClientSecretBasic));
        let client = OurClient::from_provider_metadata(
            known.metadata.clone(),
            ClientId::new(self.settings.client_id.clone()),
            Some(self.secret.clone()),
        )
        .set_redirect_uri(self.redirect.clone())
        .set_auth_type(if basic { AuthType::BasicAuth } else { AuthType::RequestBody });
        let request = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|_| Refusal::Unreached("it names no token endpoint".to_owned()))?
            .set_pkce_verifier(PkceCodeVerifier::new(verifier.to_owned()));
        let answer = request.request_async(&self.http).await.map_err(|error| match error {
            // Its description may repeat what was sent.
            RequestTokenError::ServerResponse(said) => Refusal::Code(word(said.error().as_ref())),
            RequestTokenError::Request(error) => Refusal::Unreached(error.to_string()),
            RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
                Refusal::Token("the answer to the code holds none that can be read")
            }
        })?;
        answer.id_token().cloned().ok_or(Refusal::Token("there is none"))
    }

    fn verify<'t>(
        &self,
        known: &Known,
        token: &'t Token,
        nonce: &Nonce,
        at: i64,
    ) -> Result<&'t Claims, ClaimsVerificationError> {
        let now = DateTime::<Utc>::from_timestamp_micros(at).unwrap_or(DateTime::UNIX_EPOCH);
        let verifier = openidconnect::IdTokenVerifier::new_public_client(
            ClientId::new(self.settings.client_id.clone()),
            self.issuer.clone(),
            known.metadata.jwks().clone(),
        )
        .set_allowed_algs(ALGORITHMS)
        .set_time_fn(move || now)
        .set_issue_time_verifier_fn(move |issued| {
            if issued.timestamp() > now.timestamp().saturating_add(LEEWAY) {
                Err("issued in the future".to_owned())
            } else {
                Ok(())
            }
        });
        token.claims(&verifier, nonce)
    }

    fn identity(&self, claims: &Claims, at: i64) -> Result<Identity, Refusal> {
        // The library leaves this to its callers.
        if claims.authorized_party().is_some_and(|party| party.as_str() != self.settings.client_id) {
            return Err(Refusal::Token("it is for another application"));
        }
        let others = &claims.additional_claims().claims;
        let not_before = others.get("nbf").map(|nbf| nbf.as_i64().or(nbf.as_f64().map(|_| i64::MAX)));
        if not_before.is_some_and(|nbf| nbf.is_none_or(|nbf| nbf > (at / 1_000_000).saturating_add(LEEWAY))) {
            return Err(Refusal::Token("it does not hold yet"));
        }
        let name = name(claims);
        let subject = format!("{} {}", self.settings.issuer, claims.subject().as_str());
        // Entra leaves out a list that is too long, and says where else it could be asked for.
        let left_out = others.get("_claim_names").and_then(Value::as_object);
        if left_out.is_some_and(|names| names.keys().any(|claim| self.settings.mappings.reads(claim))) {
            return Err(Refusal::Overage { subject, name });
        }
        let roles = self.settings.mappings.roles(others);
        if roles == Roles::default() {
            return Err(Refusal::NoRole { subject, name });
        }
        Ok(Identity { person: Person { subject, name, roles } })
    }

    /// What the provider says about itself, asked for at most once at a time.
    async fn known(&self, at: i64, again: bool) -> Result<Arc<Known>, Refusal> {
        let now = at / 1_000_000;
        let mut known = self.known.lock().await;
        if let Some(known) = known.as_ref().filter(|known| !again && (now - known.since).abs() < FRESH) {
            return Ok(Arc::clone(known));
        }
        let metadata = ProviderMetadataWithLogout::discover_async(self.issuer.clone(), &self.http).await;
        let metadata = metadata.map_err(|error| Refusal::Unreached(undiscovered(&error)))?;
        let found = Arc::new(Known { metadata, since: now });
        *known = Some(Arc::clone(&found));
        Ok(found)
    }
}

impl Refusal {
    /// What the provider's answer says in `error`, when it sends the browser back without a code.
    #[must_use]
    pub fn declined(error: &str) -> Self {
        Self::Declined(word(error))
    }
}

fn undiscovered(error: &DiscoveryError<HttpError>) -> String {
    match error {
        DiscoveryError::Request(error) => error.to_string(),
        DiscoveryError::Response(status, ..) => format!("its discovery document or its keys: status {status}"),
        DiscoveryError::Validation(said) => said.clone(),
        _ => "its discovery document or its keys can't be read".to_owned(),
    }
}

/// Why a token is not believed. What the library says may repeat values of the token.
fn refused(error: &ClaimsVerificationError) -> Refusal {
    Refusal::Token(match error {
        ClaimsVerificationError::Expired(_) => "it has expired",
        ClaimsVerificationError::InvalidAudience(_) => "it is for another application",
        ClaimsVerificationError::InvalidIssuer(_) => "it is of another issuer",
        ClaimsVerificationError::InvalidNonce(_) => "it belongs to another attempt to sign in",
        ClaimsVerificationError::SignatureVerification(_) => "its signature is not the provider's",
        ClaimsVerificationError::InvalidSubject(_) => "it is about nobody",
        _ => "it is not as the standard asks",
    })
}

/// An error code as a provider writes it, in case it writes something else.
fn word(text: &str) -> String {
    let plain = |letter: &char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.');
    text.chars().filter(plain).take(64).collect()
}

/// A name that can be told from others and shown: what people sign in with, before what they call themselves.
fn name(claims: &Claims) -> String {
    let said = [
        claims.preferred_username().map(|name| name.as_str()),
        claims.email().map(|email| email.as_str()),
        claims.name().and_then(|name| name.get(None)).map(|name| name.as_str()),
        Some(claims.subject().as_str()),
    ];
    let shown = |text: &str| -> String {
        text.trim().chars().filter(|letter| !letter.is_control()).take(LONGEST_NAME).collect()
    };
    said.into_iter().flatten().map(shown).find(|name| !name.is_empty()).unwrap_or_default()
}
