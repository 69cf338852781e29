//! The data sets with one row per user.

use serde::Serialize;

use crate::dice::{IdOf, guid, mix};
use crate::error::GenerateError;
use crate::export::{Asked, Export, NO_PREMIUM, asked};
use crate::groups::department_name;
use crate::instants::hours_before;
use crate::options::Edition;
use crate::people::{Kind, PerUserMfa, Person, Seen};
use crate::tenant::Tenant;

const USERS: Asked = asked("users", "/users", "User.Read.All");
const SIGN_IN_ACTIVITY: Asked = Asked {
    context: "users(id,signInActivity)",
    page: 500,
    ..asked("signInActivity", "/users?$select=id,signInActivity", "AuditLog.Read.All")
};
const REGISTRATION: Asked =
    asked("userRegistrationDetails", "/reports/authenticationMethods/userRegistrationDetails", "AuditLog.Read.All");
const REQUIREMENTS: Asked = Asked {
    api_version: "beta",
    ..asked("requirements", "/users/{id}/authentication/requirements", "Policy.Read.All")
};

/// The SKU that people of the tenant have.
pub(crate) fn main_sku(edition: Edition) -> (&'static str, &'static str) {
    match edition {
        Edition::Free => ("3b555118-da6a-4418-894f-7df1e2096870", "O365_BUSINESS_ESSENTIALS"),
        Edition::P1 => ("05e9a617-0261-4cee-bb44-138d3ef5d965", "SPE_E3"),
        Edition::P2 => ("06ebc4ee-1bb5-47dd-8120-11324bc54e06", "SPE_E5"),
    }
}

/// Writes users, their sign-in activity, their registration and, if asked for, their per-user MFA state.
pub(crate) fn write(tenant: &Tenant, export: &mut Export) -> Result<(), GenerateError> {
    export.rows(USERS, tenant.numbered().map(|(user, person)| UserRow::new(tenant, user, person)))?;
    if tenant.edition == Edition::Free {
        export.not_licensed(SIGN_IN_ACTIVITY, NO_PREMIUM.0, NO_PREMIUM.1);
        export.not_licensed(REGISTRATION, NO_PREMIUM.0, NO_PREMIUM.1);
    } else {
        export
            .rows(SIGN_IN_ACTIVITY, tenant.numbered().map(|(user, person)| ActivityRow::new(tenant, user, person)))?;
        let reported = tenant.numbered().filter(|(_, person)| person.is_reported());
        export.rows(REGISTRATION, reported.map(|(user, person)| RegistrationRow::new(tenant, user, person)))?;
    }
    if tenant.per_user_mfa {
        let states = tenant.numbered().filter(|(_, person)| person.enabled).map(|(user, person)| {
            let state = match person.per_user_mfa {
                PerUserMfa::Disabled => "disabled",
                PerUserMfa::Enabled => "enabled",
                PerUserMfa::Enforced => "enforced",
            };
            (tenant.user_id(user), serde_json::json!({"perUserMfaState": state}))
        });
        export.objects_per_owner(REQUIREMENTS, states)?;
    }
    Ok(())
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UserRow {
    #[serde(rename = "@odata.type", skip_serializing_if = "Option::is_none")]
    odata_type: Option<&'static str>,
    id: String,
    user_principal_name: String,
    display_name: String,
    mail: Option<String>,
    user_type: Option<&'static str>,
    account_enabled: bool,
    created_date_time: String,
    creation_type: Option<&'static str>,
    external_user_state: Option<&'static str>,
    on_premises_sync_enabled: Option<bool>,
    on_premises_immutable_id: Option<String>,
    password_policies: Option<&'static str>,
    last_password_change_date_time: String,
    assigned_licenses: Vec<AssignedLicense>,
    assigned_plans: [(); 0],
    usage_location: Option<&'static str>,
    department: Option<String>,
    employee_hire_date: Option<String>,
    identities: Vec<Identity>,
    security_identifier: String,
    identity_parent_id: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AssignedLicense {
    sku_id: &'static str,
    disabled_plans: [(); 0],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Identity {
    sign_in_type: &'static str,
    issuer: String,
    issuer_assigned_id: Option<String>,
}

impl UserRow {
    fn new(tenant: &Tenant, user: u32, person: &Person) -> Self {
        let user_principal_name = tenant.user_principal_name(user, person);
        let mixed = mix(tenant.seed ^ u64::from(user));
        let mut identities = vec![Identity {
            sign_in_type: "userPrincipalName",
            issuer: tenant.initial_domain.clone(),
            issuer_assigned_id: Some(user_principal_name.clone()),
        }];
        if person.kind.is_external() {
            let issuer = if user.is_multiple_of(3) { "mail" } else { "ExternalAzureAD" };
            identities.push(Identity {
                sign_in_type: "federated",
                issuer: issuer.to_owned(),
                issuer_assigned_id: None,
            });
        }
        let password_age = person.created_hours.min(24 * 30 + u32::try_from(mixed & 0x3fff).unwrap_or(0));
        Self {
            odata_type: (person.kind == Kind::AgentUser).then_some("#microsoft.graph.agentUser"),
            id: tenant.user_id(user),
            display_name: tenant.display_name(user, person),
            mail: person.licensed.then(|| user_principal_name.clone()),
            user_principal_name,
            user_type: (!person.user_type_null).then_some(if person.kind.is_guest() { "Guest" } else { "Member" }),
            account_enabled: person.enabled,
            created_date_time: hours_before(person.created_hours),
            creation_type: person.kind.is_external().then_some("Invitation"),
            external_user_state: person.kind.is_external().then_some(if person.pending {
                "PendingAcceptance"
            } else {
                "Accepted"
            }),
            on_premises_sync_enabled: person.synced.then_some(true),
            on_premises_immutable_id: person.synced.then(|| format!("{:022x}==", mixed)),
            password_policies: matches!(person.kind, Kind::ServiceAccount | Kind::BreakGlass)
                .then_some("DisablePasswordExpiration"),
            last_password_change_date_time: hours_before(password_age),
            assigned_licenses: if person.licensed {
                vec![AssignedLicense { sku_id: main_sku(tenant.edition).0, disabled_plans: [] }]
            } else {
                Vec::new()
            },
            assigned_plans: [],
            usage_location: person.licensed.then_some("DE"),
            department: (person.kind == Kind::Member).then(|| department_name(person.department)),
            employee_hire_date: person.hired_later.then(|| "2026-12-01T00:00:00Z".to_owned()),
            identities,
            security_identifier: format!(
                "S-1-12-1-{}-{}-{}-{user}",
                mixed & 0xffff_ffff,
                mixed >> 32,
                mix(mixed) & 0xffff_ffff
            ),
            identity_parent_id: (person.kind == Kind::AgentUser)
                .then(|| guid(tenant.seed, IdOf::Other, 100_000 + u64::from(user))),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ActivityRow {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    sign_in_activity: Option<Activity>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Activity {
    last_sign_in_date_time: String,
    last_non_interactive_sign_in_date_time: Option<String>,
    last_successful_sign_in_date_time: Option<String>,
}

impl ActivityRow {
    fn new(tenant: &Tenant, user: u32, person: &Person) -> Self {
        let sign_in_activity = match person.seen {
            Seen::Never => None,
            Seen::Succeeded(hours) => Some(Activity {
                last_sign_in_date_time: hours_before(hours),
                last_non_interactive_sign_in_date_time: Some(hours_before(hours)),
                last_successful_sign_in_date_time: Some(hours_before(hours)),
            }),
            Seen::Attempted(hours) => Some(Activity {
                last_sign_in_date_time: hours_before(hours),
                last_non_interactive_sign_in_date_time: None,
                last_successful_sign_in_date_time: None,
            }),
        };
        Self { id: tenant.user_id(user), sign_in_activity }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RegistrationRow {
    id: String,
    user_principal_name: String,
    user_display_name: String,
    user_type: &'static str,
    is_admin: bool,
    is_sspr_registered: bool,
    is_sspr_enabled: bool,
    is_sspr_capable: bool,
    is_mfa_registered: bool,
    is_mfa_capable: bool,
    is_passwordless_capable: bool,
    methods_registered: &'static [&'static str],
    user_preferred_method_for_secondary_authentication: &'static str,
    last_updated_date_time: &'static str,
}

impl RegistrationRow {
    fn new(tenant: &Tenant, user: u32, person: &Person) -> Self {
        let set = person.method_set();
        let enabled = tenant.may_reset(person);
        Self {
            id: tenant.user_id(user),
            user_principal_name: tenant.user_principal_name(user, person),
            user_display_name: tenant.display_name(user, person),
            user_type: if person.kind.is_guest() { "guest" } else { "member" },
            is_admin: tenant.roles.contains_key(&user),
            is_sspr_registered: !set.methods.is_empty(),
            is_sspr_enabled: enabled,
            is_sspr_capable: enabled && !set.methods.is_empty(),
            is_mfa_registered: set.mfa,
            is_mfa_capable: tenant.is_mfa_capable(person),
            is_passwordless_capable: set.passwordless,
            methods_registered: set.methods,
            user_preferred_method_for_secondary_authentication: set.preferred,
            last_updated_date_time: "2026-11-19T22:14:07.6195833Z",
        }
    }
}
