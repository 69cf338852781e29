//! Who asks for a page, and what they may see.

use axum::extract::{FromRequestParts, Path, RawPathParams};
use axum::http::request::Parts;
use axum::http::uri::PathAndQuery;
use idscore_history::{KeptAssessment, Tenant};
use idscore_store::{Actor, Role, Session, now};
use serde::de::DeserializeOwned;

use super::cookies::{cookie, cookie_name};
use super::failure::PageFailure;
use super::frame::{Frame, Place};
use super::theme::Theme;
use super::token::Token;
use crate::access_log;
use crate::state::Service;
use crate::throttle::Door;

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub(crate) struct Visitor {
    /// The session.
    pub(crate) session: Session,
    secret: String,
}

impl Visitor {
    /// Refuses what the person may not do; a tenant of which they may know nothing is not there.
    pub(crate) fn may(&self, tenant_id: &str, role: Role) -> Result<(), PageFailure> {
        match self.session.person.roles.at(tenant_id) {
            None => Err(PageFailure::NotFound),
            Some(held) if held < role => Err(PageFailure::Forbidden),
            Some(_) => Ok(()),
        }
    }

    /// The person as the audit log names them.
    pub(crate) fn actor(&self) -> Actor {
        Actor::person(&self.session.person.subject, &self.session.person.name)
    }

    /// What proves that a form came from a page of this session.
    pub(super) fn token(&self) -> Token<'_> {
        Token::of(&self.secret)
    }
}

impl FromRequestParts<Service> for Visitor {
    type Rejection = PageFailure;

    async fn from_request_parts(parts: &mut Parts, service: &Service) -> Result<Self, PageFailure> {
        if let Some(known) = parts.extensions.get::<Self>() {
            return Ok(known.clone());
        }
        let name = cookie_name(&parts.headers);
        let secret = cookie(&parts.headers, &name).unwrap_or_default().to_owned();
        let session = if secret.is_empty() { None } else { service.archive.history.session_of(&secret, now()).await? };
        let Some(session) = session else {
            service.refusing(Door::Failure, &parts.extensions).map_err(PageFailure::TooOften)?;
            return Err(PageFailure::SignIn);
        };
        access_log::asked_by(&parts.extensions, "person", &session.person.subject);
        let visitor = Self { session, secret };
        parts.extensions.insert(visitor.clone());
        Ok(visitor)
    }
}

/// A page below `/tenants/{tenant}`: who asks, and the tenant, which they may look at.
#[derive(Debug, Clone)]
pub(crate) struct AtTenant {
    /// Who asks.
    pub(crate) visitor: Visitor,
    /// The tenant of the address.
    pub(crate) tenant: Tenant,
    /// Tenants that the person may look at, by name.
    tenants: Vec<Tenant>,
    theme: Theme,
    address: String,
}

impl AtTenant {
    /// What stands around a page of this tenant; `title` is of the page alone.
    pub(crate) fn frame(&self, place: Place, title: &str) -> Frame {
        Frame::of_tenant(
            &self.visitor.session,
            self.visitor.token().fresh(),
            &self.tenant,
            &self.tenants,
            place,
            self.theme,
            &self.address,
        )
        .titled(&format!("{title} · {}", super::shown::name(&self.tenant)))
    }
}

impl FromRequestParts<Service> for AtTenant {
    type Rejection = PageFailure;

    async fn from_request_parts(parts: &mut Parts, service: &Service) -> Result<Self, PageFailure> {
        let visitor = Visitor::from_request_parts(parts, service).await?;
        no_nul(parts)?;
        let segments = RawPathParams::from_request_parts(parts, service).await.map_err(|_| PageFailure::NotFound)?;
        let id = segments.iter().find(|(name, _)| *name == "tenant").map(|(_, id)| id.to_owned());
        let id = id.ok_or(PageFailure::NotFound)?;
        visitor.may(&id, Role::Reader)?;
        let mut tenants = service.archive.history.tenants().await?;
        tenants.retain(|tenant| visitor.may(&tenant.id, Role::Reader).is_ok());
        let tenant = tenants.iter().find(|tenant| tenant.id == id).cloned().ok_or(PageFailure::NotFound)?;
        let address = parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
        Ok(Self { visitor, tenant, tenants, theme: Theme::of(&parts.headers), address })
    }
}

/// A page about the newest assessment of a tenant; of one that has none it leads to the page that says how to begin.
#[derive(Debug, Clone)]
pub(crate) struct AtAssessed {
    /// The tenant, and who asks.
    pub(crate) at: AtTenant,
    /// Its newest assessment.
    pub(crate) newest: KeptAssessment,
}

impl FromRequestParts<Service> for AtAssessed {
    type Rejection = PageFailure;

    async fn from_request_parts(parts: &mut Parts, service: &Service) -> Result<Self, PageFailure> {
        let at = AtTenant::from_request_parts(parts, service).await?;
        let newest = service.archive.history.newest(&at.tenant.id).await?.ok_or(PageFailure::NotAssessed)?;
        Ok(Self { at, newest })
    }
}

/// A page of no tenant, such as settings: who asks.
#[derive(Debug, Clone)]
pub(crate) struct AtHome {
    /// Who asks.
    pub(crate) visitor: Visitor,
    theme: Theme,
    address: String,
}

impl AtHome {
    /// What stands around the page.
    pub(crate) fn frame(&self, place: Place, title: &str) -> Frame {
        Frame::of_home(&self.visitor.session, self.visitor.token().fresh(), place, self.theme, &self.address)
            .titled(title)
    }
}

impl FromRequestParts<Service> for AtHome {
    type Rejection = PageFailure;

    async fn from_request_parts(parts: &mut Parts, service: &Service) -> Result<Self, PageFailure> {
        let visitor = Visitor::from_request_parts(parts, service).await?;
        no_nul(parts)?;
        let address = parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
        Ok(Self { visitor, theme: Theme::of(&parts.headers), address })
    }
}

/// The variable segments of a path, in their order; what can't be read is a page that is not there.
pub(crate) struct Segments<T>(pub(crate) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Segments<T> {
    type Rejection = PageFailure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, PageFailure> {
        no_nul(parts)?;
        let path = Path::<T>::from_request_parts(parts, state).await;
        path.map(|Path(segments)| Self(segments)).map_err(|_| PageFailure::NotFound)
    }
}

/// What the query of an address asks for; a name may come more than once and fill a list.
pub(crate) struct Asked<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = PageFailure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, PageFailure> {
        no_nul(parts)?;
        let asked = serde_html_form::from_str(parts.uri.query().unwrap_or_default());
        asked.map(Self).map_err(|error| PageFailure::Bad(error.to_string()))
    }
}

/// PostgreSQL takes no NUL in a text, so nothing that is kept holds one.
fn no_nul(parts: &Parts) -> Result<(), PageFailure> {
    let asked = parts.uri.path_and_query().map(PathAndQuery::as_str).unwrap_or_default();
    if asked.contains("%00") { Err(PageFailure::NotFound) } else { Ok(()) }
}
