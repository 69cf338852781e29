//! The table `tenant`: its one row.

use arrow::array::RecordBatch;

use crate::ReadError;
use crate::derive::consent::{Classifications, assigned, low_permissions, user_consent};
use crate::derive::licences::{editions, seats};
use crate::derive::settings::{admin_consent, method_state, password_rules, password_sync};
use crate::graph::{
    AdminConsentRequestPolicy, AuthenticationMethodsPolicy, AuthorizationPolicy, GroupSetting,
    OnPremisesSynchronization, Organization, PermissionGrantPolicy, SecureScore, SecurityDefaults, SubscribedSku,
};
use crate::ids::normal;
use crate::instant::micros;
use crate::json::Presence;
use crate::tables::builder::TableBuilder;
use crate::tables::table;

/// Everything that the row is made from. None: the data set was not read.
#[derive(Default)]
pub(crate) struct TenantParts {
    pub(crate) tenant_id: String,
    pub(crate) initial_domain: Option<String>,
    pub(crate) organization: Option<Organization>,
    pub(crate) skus: Option<Vec<SubscribedSku>>,
    pub(crate) security_defaults: Option<SecurityDefaults>,
    pub(crate) synchronization: Option<Vec<OnPremisesSynchronization>>,
    pub(crate) scores: Option<Vec<SecureScore>>,
    pub(crate) authorization: Option<AuthorizationPolicy>,
    pub(crate) grant_policies: Option<Vec<PermissionGrantPolicy>>,
    pub(crate) classifications: Classifications,
    pub(crate) admin_consent: Option<AdminConsentRequestPolicy>,
    pub(crate) settings: Option<Vec<GroupSetting>>,
    /// Whether the report says that a signed-in user read the data, who gets the password rules too.
    pub(crate) read_as_user: bool,
    pub(crate) methods: Option<AuthenticationMethodsPolicy>,
}

/// The row.
pub(crate) fn tenant(parts: &TenantParts) -> Result<RecordBatch, ReadError> {
    let mut row = TableBuilder::new(table("tenant")?);
    let organization = parts.organization.as_ref();
    row.text("tenant_id", Some(&parts.tenant_id));
    row.text("display_name", organization.and_then(|organization| organization.display_name.as_deref()));
    row.text("initial_domain", parts.initial_domain.as_deref());
    row.timestamp("created_date_time", organization.and_then(|organization| micros(organization.created_date_time)));
    row.boolean(
        "on_premises_sync_enabled",
        organization.and_then(|organization| match organization.on_premises_sync_enabled {
            Presence::Absent => None,
            Presence::Null => Some(false),
            Presence::Is(enabled) => Some(enabled),
        }),
    );
    let owned = parts.skus.as_deref().map(editions);
    row.boolean("has_p1", owned.and_then(|(p1, _)| p1));
    row.boolean("has_p2", owned.and_then(|(_, p2)| p2));
    row.integer("seats", parts.skus.as_deref().and_then(seats));
    row.boolean("security_defaults_enabled", parts.security_defaults.as_ref().and_then(|defaults| defaults.is_enabled));
    let sync = password_sync(parts.synchronization.as_deref(), parts.scores.as_deref());
    row.boolean("password_sync_enabled", sync.map(|(enabled, _)| enabled));
    row.text("password_sync_source", sync.map(|(_, source)| source));
    authorization(&mut row, parts);

    let consent = admin_consent(parts.admin_consent.as_ref(), parts.settings.as_deref());
    row.boolean("admin_consent_enabled", consent.enabled);
    row.integer("admin_consent_reviewer_count", consent.reviewers);
    row.boolean("admin_consent_workflow", consent.workflow);

    let rules = parts.settings.as_deref().and_then(|settings| password_rules(settings, parts.read_as_user));
    let rules = rules.as_ref();
    row.boolean("enable_banned_password_check", rules.and_then(|rules| rules.banned_check));
    row.integer("banned_password_count", rules.and_then(|rules| rules.banned_count));
    row.boolean("enable_banned_password_check_on_premises", rules.and_then(|rules| rules.on_premises_check));
    row.text("banned_password_check_on_premises_mode", rules.and_then(|rules| rules.on_premises_mode));
    row.integer("lockout_threshold", rules.and_then(|rules| rules.lockout_threshold));
    row.integer("lockout_duration_in_seconds", rules.and_then(|rules| rules.lockout_seconds));

    let methods = parts.methods.as_ref();
    for (column, id) in
        [("sms_state", "Sms"), ("voice_state", "Voice"), ("email_state", "Email"), ("fido2_state", "Fido2")]
    {
        row.text(column, methods.and_then(|methods| method_state(methods, id)));
    }
    row.text("policy_migration_state", methods.and_then(|methods| methods.policy_migration_state.as_deref()));
    row.end_row();
    row.finish()
}

fn authorization(row: &mut TableBuilder, parts: &TenantParts) {
    let policy = parts.authorization.as_ref();
    let role = policy.and_then(|policy| policy.default_user_role_permissions.as_ref());
    row.text("allow_invites_from", policy.and_then(|policy| policy.allow_invites_from.as_deref()));
    let guest_role = policy.and_then(|policy| policy.guest_user_role_id.as_deref()).map(normal);
    row.text("guest_user_role_id", guest_role.as_deref());
    row.boolean("allowed_to_use_sspr", policy.and_then(|policy| policy.allowed_to_use_sspr));
    row.boolean("allowed_to_create_apps", role.and_then(|role| role.allowed_to_create_apps));
    row.boolean("allowed_to_create_security_groups", role.and_then(|role| role.allowed_to_create_security_groups));
    row.boolean("allowed_to_create_tenants", role.and_then(|role| role.allowed_to_create_tenants));
    row.boolean("block_msol_power_shell", policy.and_then(|policy| policy.block_msol_power_shell));
    row.boolean(
        "allow_email_verified_users_to_join_organization",
        policy.and_then(|policy| policy.allow_email_verified_users_to_join_organization),
    );
    row.boolean(
        "allowed_to_sign_up_email_based_subscriptions",
        policy.and_then(|policy| policy.allowed_to_sign_up_email_based_subscriptions),
    );
    let grants = policy.and_then(assigned);
    row.text_list("permission_grant_policies_assigned", grants);
    row.text("user_consent", user_consent(grants, parts.grant_policies.as_deref(), &parts.tenant_id));
    let low = low_permissions(grants, parts.grant_policies.as_deref(), &parts.classifications);
    row.text_list("low_permissions", low.as_deref());
}
