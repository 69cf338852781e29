//! Applications, service principals, their credentials and permissions.

use serde::{Deserialize, Deserializer};

use crate::ids::is_guid;
use crate::instant::Instant;
use crate::json::{List, Presence, Text};

/// A client id. A text that is none says no more than null.
fn guid<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.filter(|id| is_guid(id)))
}

/// Data set 21.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Application {
    pub(crate) id: String,
    #[serde(default, deserialize_with = "guid")]
    pub(crate) app_id: Option<String>,
    #[serde(default)]
    pub(crate) display_name: Option<String>,
    #[serde(default)]
    pub(crate) created_date_time: Option<Instant>,
    #[serde(default)]
    pub(crate) sign_in_audience: Option<String>,
    #[serde(default)]
    pub(crate) publisher_domain: Option<String>,
    #[serde(default)]
    pub(crate) password_credentials: Presence<List<PasswordCredential>>,
    #[serde(default)]
    pub(crate) key_credentials: Presence<List<KeyCredential>>,
    #[serde(default)]
    pub(crate) owners: Option<List<Named>>,
}

/// Data set 22.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ServicePrincipal {
    pub(crate) id: String,
    #[serde(default, deserialize_with = "guid")]
    pub(crate) app_id: Option<String>,
    #[serde(default)]
    pub(crate) display_name: Option<String>,
    #[serde(default)]
    pub(crate) account_enabled: Presence<bool>,
    #[serde(default)]
    pub(crate) service_principal_type: Option<String>,
    /// Null for managed identities.
    #[serde(default)]
    pub(crate) app_owner_organization_id: Presence<String>,
    #[serde(default)]
    pub(crate) verified_publisher: Presence<VerifiedPublisher>,
    #[serde(default)]
    pub(crate) password_credentials: Presence<List<PasswordCredential>>,
    #[serde(default)]
    pub(crate) key_credentials: Presence<List<KeyCredential>>,
    #[serde(default)]
    pub(crate) app_roles: List<AppRole>,
}

/// Who stands behind an application.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VerifiedPublisher {
    #[serde(default)]
    pub(crate) verified_publisher_id: Presence<String>,
}

/// A permission that an API offers to applications.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AppRole {
    #[serde(default)]
    pub(crate) id: Option<String>,
    #[serde(default)]
    pub(crate) value: Option<String>,
}

/// A secret; its text and hint are never read.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PasswordCredential {
    #[serde(default)]
    pub(crate) key_id: Option<String>,
    #[serde(default)]
    pub(crate) start_date_time: Option<Instant>,
    #[serde(default)]
    pub(crate) end_date_time: Option<Instant>,
}

/// A certificate; its key is never read.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct KeyCredential {
    #[serde(default)]
    pub(crate) key_id: Option<String>,
    #[serde(default)]
    pub(crate) start_date_time: Option<Instant>,
    #[serde(default)]
    pub(crate) end_date_time: Option<Instant>,
}

/// An object that is only named.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Named {
    #[serde(default)]
    pub(crate) id: Option<String>,
}

/// Data set 22b.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AppRoleAssignment {
    #[serde(default)]
    pub(crate) principal_id: Option<String>,
    #[serde(default)]
    pub(crate) resource_id: Option<String>,
    #[serde(default)]
    pub(crate) app_role_id: Option<String>,
}

/// Data set 23.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Grant<'a> {
    #[serde(borrow)]
    pub(crate) id: Text<'a>,
    #[serde(default, borrow)]
    pub(crate) client_id: Option<Text<'a>>,
    #[serde(default, borrow)]
    pub(crate) consent_type: Option<Text<'a>>,
    #[serde(default, borrow)]
    pub(crate) principal_id: Option<Text<'a>>,
    #[serde(default, borrow)]
    pub(crate) resource_id: Option<Text<'a>>,
    #[serde(default, borrow)]
    pub(crate) scope: Presence<Text<'a>>,
}
