//! The table `tenant`: one row, a column per setting and per count.

use super::{ACCESS_NEEDS, Column, Need, Table, boolean, bounds, integer, text, text_list, timestamp};

/// Who among the holders of a role is a user.
const ACTIVE_ROLES: &[Need] = &[
    Need::Needs("roleAssignments"),
    Need::WhenNamed("users"),
    Need::WhenNamed("members"),
    Need::Refines("roleDefinitions"),
];
const ALL_ROLES: &[Need] = &[
    Need::Needs("roleAssignments"),
    Need::IfLicensed("roleEligibilityScheduleInstances"),
    Need::IfLicensed("eligibilityScheduleInstances"),
    Need::WhenNamed("users"),
    Need::WhenNamed("members"),
    Need::Refines("roleDefinitions"),
];
/// Who counts as a holder under the profile.
const ROLES_OF_PROFILE: &[Need] = &[
    Need::Needs("roleAssignments"),
    Need::WhenEligible("roleEligibilityScheduleInstances"),
    Need::WhenEligible("eligibilityScheduleInstances"),
    Need::WhenNamed("users"),
    Need::WhenNamed("members"),
    Need::Refines("roleDefinitions"),
];
const ORGANIZATION: &[Need] = &[Need::Needs("organization")];
const SKUS: &[Need] = &[Need::Needs("subscribedSkus")];
const AUTHORIZATION: &[Need] = &[Need::Needs("authorizationPolicy")];
const GROUP_SETTINGS: &[Need] = &[Need::Needs("groupSettings")];
const METHODS: &[Need] = &[Need::Needs("authenticationMethodsPolicy")];
const ADMIN_CONSENT: &[Need] = &[Need::OneOf(&["adminConsentRequestPolicy", "groupSettings"])];
const ON_PREMISES: &[Need] = &[Need::OneOf(&["onPremisesSynchronization", "secureScores"])];

/// The tenant itself.
pub(super) const TENANT: Table = Table {
    name: "tenant",
    doc: "One row: the tenant's settings, and counts over the other tables.",
    needs: &[],
    key: "tenant_id",
    display: "display_name",
    columns: COLUMNS,
};

const COLUMNS: &[Column] = &[
    text("tenant_id", "The tenant.").required(),
    text("display_name", "The organisation's name.").from(ORGANIZATION),
    text("initial_domain", "The first `*.onmicrosoft.com` domain.").from(ORGANIZATION),
    timestamp("created_date_time", "When the tenant was created.").from(ORGANIZATION),
    boolean(
        "on_premises_sync_enabled",
        "Hybrid: directory synchronisation is on. FALSE where Graph says null (never) or false (no longer).",
    )
    .from(ORGANIZATION),
    boolean("has_p1", "Microsoft Entra ID P1 is owned, alone or as part of P2.").from(SKUS),
    boolean("has_p2", "Microsoft Entra ID P2 is owned.").from(SKUS),
    integer(
        "seats",
        "Units of the licences with a mailbox, in force or in their grace period, added up; where there are none, of the licence with most units.",
    )
    .from(SKUS),
    boolean("security_defaults_enabled", "Security defaults are on.")
        .from(&[Need::Needs("identitySecurityDefaultsEnforcementPolicy")]),
    boolean(
        "password_sync_enabled",
        "`features.passwordSyncEnabled`; where that can't be read, Microsoft's own verdict on `PasswordHashSync`.",
    )
    .from(ON_PREMISES),
    text("password_sync_source", "Which of the two said so: `onPremisesSynchronization` or `secureScores`.").from(ON_PREMISES),
    // Authorization policy.
    text("allow_invites_from", "Who may invite guests.").from(AUTHORIZATION),
    text("guest_user_role_id", "What guests may see, as a role template id in lower case.").from(AUTHORIZATION),
    boolean("allowed_to_use_sspr", "Administrators may reset their own password.").from(AUTHORIZATION),
    boolean("allowed_to_create_apps", "Users may register applications.").from(AUTHORIZATION),
    boolean("allowed_to_create_security_groups", "Users may create security groups.").from(AUTHORIZATION),
    boolean("allowed_to_create_tenants", "Users may create tenants.").from(AUTHORIZATION),
    boolean("block_msol_power_shell", "The old MSOnline PowerShell is blocked.").from(AUTHORIZATION),
    boolean("allow_email_verified_users_to_join_organization", "Strangers may join with a verified address.").from(AUTHORIZATION),
    boolean("allowed_to_sign_up_email_based_subscriptions", "Users may sign up for services by e-mail.").from(AUTHORIZATION),
    text_list("permission_grant_policies_assigned", "The grant policies of the default user role.").from(AUTHORIZATION),
    text(
        "user_consent",
        "The widest of the policies that users may consent by: `none`, `low`, `recommended` (Microsoft's recommended policy, or its \
         policy for mail clients), `legacy` (everything), `customWithinLow`, `customBeyond`; NULL where a custom policy could not be \
         read.",
    )
    .from(&[Need::Needs("authorizationPolicy"), Need::WhenNamed("permissionGrantPolicies")]),
    text_list(
        "low_permissions",
        "The delegated permissions that users may consent to because the tenant classified them as low, as Microsoft Graph spells \
         them; those of another API with its id in front. Empty where no assigned policy goes by that classification, NULL where \
         one does and Microsoft Graph's classifications were not read.",
    )
    .from(&[
        Need::Needs("authorizationPolicy"),
        Need::WhenNamed("permissionGrantPolicies"),
        Need::WhenNamed("delegatedPermissionClassifications"),
        Need::WhenNamed("servicePrincipals"),
    ]),
    // Admin consent.
    boolean("admin_consent_enabled", "Users may ask an administrator for consent.").from(ADMIN_CONSENT),
    integer("admin_consent_reviewer_count", "Reviewers named; NULL where only the group setting was read.").from(ADMIN_CONSENT),
    boolean("admin_consent_workflow", "Requests are on and, where the policy was read, reviewers are named.").from(ADMIN_CONSENT),
    // Group settings. Graph returns the password rules to a user only, so that without them nothing is known of what an
    // application read; to a user their absence means Microsoft's defaults.
    boolean("enable_banned_password_check", "The custom banned password list is enforced.").from(GROUP_SETTINGS),
    integer("banned_password_count", "Entries in the custom list; the list itself is never kept.").from(GROUP_SETTINGS),
    boolean("enable_banned_password_check_on_premises", "Banned passwords are checked on domain controllers.").from(GROUP_SETTINGS),
    text("banned_password_check_on_premises_mode", "`Enforce` or `Audit`; `Enforced` is written as `Enforce`.").from(GROUP_SETTINGS),
    integer("lockout_threshold", "Failed sign-ins before smart lockout.").from(GROUP_SETTINGS),
    integer("lockout_duration_in_seconds", "How long smart lockout lasts.").from(GROUP_SETTINGS),
    // Authentication methods.
    text("sms_state", "`enabled` or `disabled`.").from(METHODS),
    text("voice_state", "`enabled` or `disabled`.").from(METHODS),
    text("email_state", "`enabled` or `disabled`.").from(METHODS),
    text("fido2_state", "`enabled` or `disabled`.").from(METHODS),
    text("policy_migration_state", "How far the move from the old methods policies is.").from(METHODS),
    // Counts, derived when assessed.
    bounds("global_admin_count", "Users who hold Global Administrator tenant-wide now, enabled or not.").from(ACTIVE_ROLES).derived(),
    bounds("global_admin_or_eligible_count", "Users who hold Global Administrator tenant-wide, or may activate it.")
        .from(ALL_ROLES)
        .derived(),
    bounds(
        "global_admin_counted",
        "The Global Administrators that count under the profile: active ones in compat, active and eligible otherwise.",
    )
    .from(ROLES_OF_PROFILE)
    .derived(),
    bounds(
        "other_admin_assignment_count",
        "Active assignments of privileged roles other than Global Administrator, by template id and Graph's mark (`isPrivileged`); \
         never Global Reader and the two roles of directory synchronisation. A role that neither Graph's mark nor, where it is a \
         custom role, its permissions decide may count.",
    )
    .from(&[Need::Needs("roleAssignments"), Need::WhenNamed("roleDefinitions")])
    .derived(),
    integer("break_glass_declared_count", "Accounts declared as break-glass in the configuration.").required().derived(),
    bounds("break_glass_ok_count", "Declared break-glass accounts that pass the monitored rule.")
        .from(&[Need::WhenNamed("signInActivity"), Need::WhenNamed("userRegistrationDetails")])
        .derived(),
    bounds(
        "mfa_excluded_share",
        "Percent of enabled members who escape multifactor authentication only because a policy excludes users, groups or roles.",
    )
    .from(&[
        Need::Needs("users"),
        Need::Needs("policies"),
        Need::WhenNamed("members"),
        Need::WhenNamed("namedLocations"),
        Need::WhenNamed("authenticationStrengthPolicies"),
        Need::WhenNamed("roleAssignments"),
    ])
    .derived(),
    boolean("external_users_mfa_required", "All six kinds of external users of all tenants must use multifactor authentication.")
        .from(ACCESS_NEEDS)
        .derived(),
    text("external_users_mfa_required_gap", "The kind and sign-in that escapes.").from(ACCESS_NEEDS).derived(),
];
