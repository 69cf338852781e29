//! The tables `groups`, `domains`, `policies` and `role_assignments`.

use super::{Column, Need, Table, boolean, integer, text, text_list, timestamp};

/// Groups.
pub(super) const GROUPS: Table = Table {
    name: "groups",
    doc: "One row per group.",
    needs: &[Need::Needs("groups")],
    key: "id",
    display: "display_name",
    columns: &[
        text("tenant_id", "The tenant.").required(),
        text("id", "The object id.").required(),
        text("display_name", "The group's name; NULL with `--no-names`."),
        boolean("security_enabled", "A security group."),
        boolean("mail_enabled", "Has an address."),
        text_list("group_types", "`Unified` for Microsoft 365 groups, `DynamicMembership` for dynamic ones."),
        text("visibility", "`Public`, `Private` or `HiddenMembership`; NULL where Graph did not say."),
        boolean("is_assignable_to_role", "May hold directory roles."),
        boolean("on_premises_sync_enabled", "Synchronised from on premises."),
        boolean("approved", "Listed as an approved public group in the configuration.").required().derived(),
    ],
};

/// Domains.
pub(super) const DOMAINS: Table = Table {
    name: "domains",
    doc: "One row per domain.",
    needs: &[Need::Needs("domains")],
    key: "id",
    display: "id",
    columns: &[
        text("tenant_id", "The tenant.").required(),
        text("id", "The domain's name in lower case.").required(),
        text("authentication_type", "`Managed` or `Federated`, in this spelling."),
        boolean("is_verified", "Ownership is proven."),
        boolean("is_root", "No parent domain in this tenant."),
        boolean("is_default", "New users get it."),
        boolean("is_initial", "The first `*.onmicrosoft.com` domain."),
        text(
            "root_id",
            "The root whose password settings a sub-domain inherits; itself for a root. NULL where `isRoot` was not read and a parent \
             is there.",
        ),
        integer("password_validity_period_in_days", "As Graph says; 2147483647 is never, NULL is not set."),
        integer(
            "effective_password_validity_period_in_days",
            "Its own value on a root, the root's on a sub-domain; NULL where that says nothing, which is not known to mean never.",
        ),
        text("federated_idp_mfa_behavior", "What is trusted from the federated provider.")
            .from(&[Need::WhenNamed("federationConfiguration")]),
    ],
};

/// Conditional Access policies.
pub(super) const POLICIES: Table = Table {
    name: "policies",
    doc: "One row per Conditional Access policy.",
    needs: &[Need::Needs("policies")],
    key: "id",
    display: "display_name",
    columns: &[
        text("tenant_id", "The tenant.").required(),
        text("id", "The policy's id.").required(),
        text("display_name", "The policy's name."),
        text("state", "`enabled`, `disabled`, `enabledForReportingButNotEnforced`, or a value never seen before."),
        timestamp("created_date_time", "When it was made."),
        timestamp("modified_date_time", "When it was last changed."),
        text("template_id", "The template it was made from; Microsoft-managed policies have one."),
    ],
};

/// Role assignments.
pub(super) const ROLE_ASSIGNMENTS: Table = Table {
    name: "role_assignments",
    doc: "One row per directory role assignment, active or eligible.",
    needs: &[Need::NeedsSome("roleAssignments")],
    key: "id",
    display: "principal_name",
    columns: ROLE_ASSIGNMENT_COLUMNS,
};

const ROLE_ASSIGNMENT_COLUMNS: &[Column] = &[
    text("tenant_id", "The tenant.").required(),
    text("id", "The assignment's id.").required(),
    text("principal_id", "Who holds the role; NULL where the assignment does not say, so that anybody may."),
    text("role_definition_id", "The role; NULL where the assignment does not say, so that it may be any."),
    text("role_template_id", "The role's template id, the same in every tenant; NULL where the assignment names no role."),
    text("role_name", "The role's name; NULL where the definitions were not read and the role is not one we know."),
    boolean("is_built_in", "Microsoft's own role; NULL where the definitions were not read and the role is not one we know."),
    text("directory_scope_id", "`/` for the tenant, `/administrativeUnits/<id>`, or `/<objectId>`; NULL where it is not told."),
    text("scope", "`tenant`, `administrativeUnit` or `object`; NULL where it is not told."),
    text("state", "`active` or `eligible`.").required(),
    text("assignment_type", "`Assigned` or `Activated`; NULL where only the plain assignment was read, or one that does not say whether it ends.")
        .from(&[Need::NeedsSome("roleAssignmentScheduleInstances")]),
    text("member_type", "`Direct` or `Group`.").from(&[Need::NeedsSome("roleAssignmentScheduleInstances")]),
    timestamp("start_date_time", "Since when.").from(&[Need::NeedsSome("roleAssignmentScheduleInstances")]),
    timestamp("end_date_time", "Until when; NULL is without end.").from(&[Need::NeedsSome("roleAssignmentScheduleInstances")]),
    text("principal_kind", "`user`, `group`, `servicePrincipal`, `deleted`; NULL where the data do not tell.")
        .from(&[Need::WhenNamed("users"), Need::WhenNamed("groups"), Need::WhenNamed("servicePrincipals")]),
    text("principal_name", "The holder's name.").derived(),
    boolean("is_privileged", "One of the privileged roles: our list, and those that Graph marks (`isPrivileged`).")
        .from(&[Need::Refines("roleDefinitions")])
        .derived(),
    boolean("principal_excepted", "The holder is a declared break-glass account; NULL where the holder is not told.").derived(),
    boolean(
        "principal_enabled",
        "The holder may sign in: `account_enabled` of a user; TRUE for a group and a service principal; NULL where the holder is \
         not in the data.",
    )
    .derived(),
];
