//! Who asks, and what they may do. A token opens one tenant; its scopes have the names of Graph's permissions.

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use idscore_store::{Actor, Token, now};

use crate::access_log;
use crate::failure::Failure;
use crate::state::Service;
use crate::throttle::Door;

/// What a request needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Read scores and profiles.
    SecurityEventsRead,
    /// Change what is decided about a control.
    SecurityEventsReadWrite,
    /// Read recommendations.
    DirectoryRecommendationsRead,
    /// Change recommendations.
    DirectoryRecommendationsReadWrite,
}

impl Scope {
    /// The permission as Graph names it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SecurityEventsRead => "SecurityEvents.Read.All",
            Self::SecurityEventsReadWrite => "SecurityEvents.ReadWrite.All",
            Self::DirectoryRecommendationsRead => "DirectoryRecommendations.Read.All",
            Self::DirectoryRecommendationsReadWrite => "DirectoryRecommendations.ReadWrite.All",
        }
    }

    /// The permission that includes this one.
    pub(crate) const fn wider(self) -> Self {
        match self {
            Self::SecurityEventsRead | Self::SecurityEventsReadWrite => Self::SecurityEventsReadWrite,
            Self::DirectoryRecommendationsRead | Self::DirectoryRecommendationsReadWrite => {
                Self::DirectoryRecommendationsReadWrite
            }
        }
    }

    const fn is_directory(self) -> bool {
        matches!(self, Self::DirectoryRecommendationsRead | Self::DirectoryRecommendationsReadWrite)
    }
}

/// The names of all scopes that a token may have.
#[must_use]
pub fn scope_names() -> [&'static str; 4] {
    [
        Scope::SecurityEventsRead.name(),
        Scope::SecurityEventsReadWrite.name(),
        Scope::DirectoryRecommendationsRead.name(),
        Scope::DirectoryRecommendationsReadWrite.name(),
    ]
}

/// Whoever sent a valid token, within the limits.
pub(crate) struct Caller(Token);

impl Caller {
    /// The tenant that the token opens.
    pub(crate) fn tenant_id(&self) -> &str {
        &self.0.tenant_id
    }

    /// The token as the audit log names it.
    pub(crate) fn actor(&self) -> Actor {
        Actor::token(&self.0.id)
    }

    /// Refuses where the token lacks a scope.
    pub(crate) fn may(&self, scope: Scope) -> Result<(), Failure> {
        let holds = |scope: Scope| self.0.scopes.iter().any(|held| held == scope.name());
        if holds(scope) || holds(scope.wider()) {
            Ok(())
        } else if scope.is_directory() {
            Err(Failure::RequestDenied)
        } else {
            Err(Failure::Forbidden(scope.name()))
        }
    }
}

impl FromRequestParts<Service> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, service: &Service) -> Result<Self, Failure> {
        let header = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let secret = header.and_then(|header| {
            let (scheme, secret) = header.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then_some(secret.trim())
        });
        let token = match secret {
            Some(secret) => service.archive.history.token_of(secret, now()).await?,
            None => None,
        };
        let Some(token) = token else {
            service.refusing(Door::Failure, &parts.extensions).map_err(Failure::TooManyRequests)?;
            return Err(Failure::InvalidToken);
        };
        access_log::asked_by(&parts.extensions, "token", &token.id);
        service.throttle.token(&token.id).map_err(|wait| {
            service.metrics.throttled();
            Failure::TooManyRequests(wait)
        })?;
        Ok(Self(token))
    }
}
