//! The table `users`.

use super::{Column, Need, Table, boolean, text, text_list, timestamp};

const REGISTRATION: &[Need] = &[Need::Needs("userRegistrationDetails")];
const SIGN_IN_ACTIVITY: &[Need] = &[Need::Needs("signInActivity")];
/// Who holds which role now.
const ACTIVE_ROLES: &[Need] =
    &[Need::Needs("roleAssignments"), Need::WhenNamed("members"), Need::Refines("roleDefinitions")];
/// Who holds a role, or may take it.
const ALL_ROLES: &[Need] = &[
    Need::Needs("roleAssignments"),
    Need::IfLicensed("roleEligibilityScheduleInstances"),
    Need::IfLicensed("eligibilityScheduleInstances"),
    Need::WhenNamed("members"),
    Need::Refines("roleDefinitions"),
];

/// Who holds a role under the profile.
const ROLES_OF_PROFILE: &[Need] = &[
    Need::Needs("roleAssignments"),
    Need::WhenEligible("roleEligibilityScheduleInstances"),
    Need::WhenEligible("eligibilityScheduleInstances"),
    Need::WhenNamed("members"),
    Need::Refines("roleDefinitions"),
];

/// One row per user object, guests and disabled accounts included.
pub(super) const USERS: Table = Table {
    name: "users",
    doc: "One row per user object, guests and disabled accounts included.",
    needs: &[Need::Needs("users")],
    key: "id",
    display: "user_principal_name",
    columns: COLUMNS,
};

const COLUMNS: &[Column] = &[
    text("tenant_id", "The tenant.").required(),
    text("id", "The object id; GUIDs in lower case.").required(),
    text("user_principal_name", "The name to sign in with; NULL with `--no-names`."),
    text("display_name", "The name that people see; NULL with `--no-names`."),
    text(
        "user_type",
        "`Member` or `Guest`. Graph's null counts as `Member`; NULL where the object carries no `userType`.",
    ),
    boolean("user_type_assumed", "Graph gave no `userType` and `Member` was assumed.").required(),
    text(
        "external_kind",
        "`internal`, `internalGuest`, `b2bCollaborationGuest` or `b2bCollaborationMember`: `is_external` and `user_type` \
         together; NULL where one of them is unknown.",
    ),
    boolean(
        "is_external",
        "Signs in elsewhere: `#EXT#` in the UPN, `creationType` `Invitation`, an `externalUserState`, or an issuer in \
         `identities` that is no verified domain. NULL where no UPN says that it isn't so, or an issuer could not be told.",
    ),
    boolean(
        "account_enabled",
        "May sign in. Graph's null counts as enabled; NULL where the object carries no `accountEnabled`.",
    ),
    boolean(
        "is_agent",
        "An agent user (`identityParentId` is set): can have neither password nor MFA method. NULL where the parent is no \
         id, or the object's type was never seen.",
    ),
    timestamp("created_date_time", "When the object was created."),
    boolean("on_premises_sync_enabled", "TRUE synchronised; FALSE never was (Graph's null) or no longer is; NULL where it was not read."),
    text("external_user_state", "`PendingAcceptance` or `Accepted` for invited guests."),
    timestamp("last_password_change_date_time", "When the password was last changed."),
    boolean("password_never_expires", "`passwordPolicies` holds `DisablePasswordExpiration`."),
    timestamp("employee_hire_date", "The first day at work; may lie in the future."),
    text_list("assigned_license_sku_ids", "The SKU ids of `assignedLicenses`; NULL where the list, or an id in it, was not read."),
    boolean(
        "upn_on_initial_domain",
        "The UPN ends in the tenant's initial `*.onmicrosoft.com` domain (or any such domain).",
    ),
    boolean(
        "entra_licenses_only",
        "No assigned licence brings anything beyond Microsoft Entra ID P1 or P2 and Intune; TRUE without any licence.",
    )
    .from(&[Need::Needs("subscribedSkus")]),
    boolean("mailbox_license", "An assigned licence brings an Exchange mailbox.")
        .from(&[Need::Needs("subscribedSkus")]),
    // The registration report.
    boolean(
        "mfa_registered",
        "`isMfaRegistered`: has a method for a second factor. NULL when the report has no such user.",
    )
    .from(REGISTRATION),
    boolean("mfa_capable", "`isMfaCapable`: has a method, and the methods policy allows it.").from(REGISTRATION),
    boolean("sspr_enabled", "`isSsprEnabled`: self-service password reset is on for this user.").from(REGISTRATION),
    boolean("sspr_registered", "`isSsprRegistered`.").from(REGISTRATION),
    boolean("sspr_capable", "`isSsprCapable`: enabled, allowed and registered.").from(REGISTRATION),
    boolean("passwordless_capable", "`isPasswordlessCapable`.").from(REGISTRATION),
    text_list("methods_registered", "`methodsRegistered`, as Graph spells them.").from(REGISTRATION),
    boolean(
        "phishing_resistant_registered",
        "A passkey, FIDO2 key, Windows Hello for Business or certificate is among the registered methods; NULL where none is and \
         one has a name never seen.",
    )
    .from(REGISTRATION),
    timestamp("registration_last_updated_date_time", "The age of this user's row in the registration report.")
        .from(REGISTRATION),
    // Sign-in activity.
    timestamp("last_successful_sign_in_date_time", "The last sign-in that succeeded; the only proof of use.")
        .from(SIGN_IN_ACTIVITY),
    timestamp("last_sign_in_date_time", "The last interactive attempt.").from(SIGN_IN_ACTIVITY),
    timestamp("last_non_interactive_sign_in_date_time", "The last non-interactive attempt.").from(SIGN_IN_ACTIVITY),
    timestamp("last_seen", "The last successful sign-in, as `last_successful_sign_in_date_time`; attempts prove no use.")
        .from(SIGN_IN_ACTIVITY),
    boolean(
        "last_successful_sign_in_carried",
        "Graph answered `lastSuccessfulSignInDateTime`, if with null, or has no sign-in activity of this user at all; FALSE where \
         the activity came without it; NULL where the user's activity was not read.",
    )
    .from(SIGN_IN_ACTIVITY),
    boolean("sign_in_activity_read", "This user's row was in the sign-in activity data set, even when it was empty.")
        .from(SIGN_IN_ACTIVITY),
    // Per-user MFA and risk.
    text("per_user_mfa_state", "`disabled`, `enabled` or `enforced`; NULL when not read.")
        .from(&[Need::Refines("requirements")]),
    boolean(
        "leaked_credentials_open",
        "A risk detection `leakedCredentials` for this user is still `atRisk` or `confirmedCompromised`. NULL where one that may be \
         does not say whose it is, of which kind, or how it stands.",
    )
    .from(&[Need::IfLicensed("riskDetections")]),
    timestamp("leaked_credentials_detected_date_time", "The newest open detection of leaked credentials.")
        .from(&[Need::IfLicensed("riskDetections")]),
    // Derived when assessed.
    boolean(
        "never_signed_in",
        "No sign-in has succeeded since Microsoft began to record them on 2023-12-01, and the snapshot is at least 90 days younger \
         than that; FALSE where a date is recorded, NULL where Graph did not answer.",
    )
    .from(SIGN_IN_ACTIVITY)
    .derived(),
    boolean(
        "excepted",
        "Left out of populations: declared break-glass accounts that pass the monitored rule (standard), agent users \
         (every profile), directory-sync accounts (standard).",
    )
    .required()
    .derived(),
    text("exception_kind", "`breakGlass`, `service`, `agent` or `directorySync`; NULL for everybody else.").derived(),
    text_list("active_roles", "Names of the directory roles held now, directly or through a group, in any scope.")
        .from(ACTIVE_ROLES)
        .derived(),
    text_list("eligible_roles", "Names of the directory roles that can be activated.").from(ALL_ROLES).derived(),
    boolean(
        "is_privileged",
        "Holds a privileged role in tenant or administrative-unit scope, active or (standard, strict) eligible.",
    )
    .from(ROLES_OF_PROFILE)
    .derived(),
    boolean("is_global_admin", "Holds Global Administrator tenant-wide now.").from(ACTIVE_ROLES).derived(),
    boolean("is_global_admin_or_eligible", "Holds Global Administrator tenant-wide, or may activate it.")
        .from(ALL_ROLES)
        .derived(),
    boolean("is_directory_sync_account", "Holds one of the two directory synchronisation roles.")
        .from(ACTIVE_ROLES)
        .derived(),
    boolean(
        "break_glass_ok",
        "A declared break-glass account that passes the monitored rule; NULL where it can't be checked.",
    )
    .from(&[
        Need::Needs("roleAssignments"),
        Need::Needs("signInActivity"),
        Need::Needs("userRegistrationDetails"),
        Need::Needs("policies"),
    ])
    .derived(),
    text("break_glass_failures", "Which points of the monitored rule fail, in words.").derived(),
    boolean(
        "admin_mfa",
        "Multifactor authentication is demanded of the account as an administrator, and it is registered.",
    )
    .from(&[Need::Needs("userRegistrationDetails"), Need::Needs("policies")])
    .derived(),
    boolean("mfa_ready", "Multifactor authentication is demanded, and a usable method is registered.")
        .from(&[Need::Needs("userRegistrationDetails"), Need::Needs("policies")])
        .derived(),
    boolean(
        "mfa_escapes_by_exclusion",
        "Escapes multifactor authentication only because a policy excludes users, groups or roles.",
    )
    .from(super::ACCESS_NEEDS)
    .derived(),
];
