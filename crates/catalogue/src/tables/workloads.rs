//! The tables `applications`, `service_principals`, `credentials` and `grants`.

use super::{Need, Table, UNCOUNTED, boolean, integer, text, text_list, timestamp};

const PERMISSIONS: &[Need] = &[Need::OneOf(&["appRoleAssignedTo", "appRoleAssignments"])];
const OWNERS: &[Need] = &[Need::Needs("applications")];

/// Applications.
pub(super) const APPLICATIONS: Table = Table {
    name: "applications",
    doc: "One row per application registered in the tenant.",
    needs: &[Need::Needs("applications")],
    key: "id",
    display: "display_name",
    columns: &[
        text("tenant_id", "The tenant.").required(),
        text("id", "The object id.").required(),
        text("app_id", "The client id."),
        text("display_name", "The application's name."),
        timestamp("created_date_time", "When it was registered."),
        text("sign_in_audience", "Who may sign in to it."),
        text("publisher_domain", "The domain it claims."),
        text_list("owner_ids", "The object ids of its owners; NULL where they were not read."),
    ],
};

/// Service principals.
pub(super) const SERVICE_PRINCIPALS: Table = Table {
    name: "service_principals",
    doc: "One row per service principal: an application's identity in this tenant.",
    needs: &[Need::Needs("servicePrincipals")],
    key: "id",
    display: "display_name",
    columns: &[
        text("tenant_id", "The tenant.").required(),
        text("id", "The object id.").required(),
        text("app_id", "The client id of its application."),
        text("display_name", "Its name."),
        boolean(
            "account_enabled",
            "Tokens are issued to it. Graph's null counts as enabled; NULL where the object carries no `accountEnabled`.",
        ),
        text("service_principal_type", "`Application`, `ManagedIdentity`, `Legacy` or `SocialIdp`."),
        text("app_owner_organization_id", "The tenant that owns the application; a managed identity has none."),
        boolean(
            "is_first_party",
            "Owned by Microsoft's tenant `f8cdef31-a31e-4b4a-93e4-5f571e91255a`; NULL where `appOwnerOrganizationId` was not read.",
        ),
        boolean("verified_publisher", "The publisher is verified."),
        integer(
            "password_credential_count",
            "Secrets of the service principal and of its application; NULL where one of the two lists was not read.",
        ),
        integer(
            "key_credential_count",
            "Certificates of the service principal and of its application; NULL where one of the two lists was not read.",
        ),
        text_list("application_permissions", "Names of the application permissions it holds.").from(PERMISSIONS),
        text_list("tier0_permissions", "Held permissions with which it can become or take over any administrator.")
            .from(PERMISSIONS),
        text_list("tier1_permissions", "Held permissions of wide reach, or a step to tier 0.").from(PERMISSIONS),
        boolean(
            "holds_tier0_permission",
            "`tier0_permissions` is not empty; NULL where a held app role has no name in the export.",
        )
        .from(PERMISSIONS),
        integer(
            "owner_count",
            "Owners of its application; 0 for an application of another tenant; NULL where they were not read, or nothing says which \
             application it is.",
        )
        .from(OWNERS),
        boolean(
            "owned_by_admins_only",
            "No owner, or only holders of a privileged role; NULL where owners were not read.",
        )
        .from(&[Need::Needs("applications"), Need::Needs("roleAssignments"), Need::WhenNamed("members")])
        .derived(),
        boolean(
            "approved",
            "Listed as an approved app in the configuration; NULL where apps are listed and this one's `appId` was not read.",
        )
        .derived(),
    ],
};

/// Credentials.
pub(super) const CREDENTIALS: Table = Table {
    name: "credentials",
    doc: "One row per secret or certificate of an application or service principal; one row (`uncounted`) for the secrets or the \
          certificates of an object that does not say which it has.",
    needs: &[Need::Needs("applications"), Need::Needs("servicePrincipals")],
    key: "key_id",
    display: "object_display_name",
    columns: &[
        text("tenant_id", "The tenant.").required(),
        text("key_id", "The credential's id.").required(),
        text("object_id", "The application or service principal that has it.").required(),
        text("object_kind", "`application` or `servicePrincipal`.").required(),
        text("object_display_name", "Its name."),
        text("type", "`secret` or `certificate`.").required(),
        timestamp("start_date_time", "Valid from."),
        timestamp("end_date_time", "Valid until."),
        integer("lifetime_in_days", "From start to end, in whole days rounded up."),
        boolean(
            UNCOUNTED,
            "The row stands for any number of rows: the object does not carry the list, so that nobody knows what is in it.",
        ),
    ],
};

/// Delegated permission grants.
pub(super) const GRANTS: Table = Table {
    name: "grants",
    doc: "One row per delegated permission grant.",
    needs: &[Need::Needs("oauth2PermissionGrants")],
    key: "id",
    display: "client_display_name",
    columns: &[
        text("tenant_id", "The tenant.").required(),
        text("id", "The grant's id.").required(),
        text("client_id", "The service principal that may act; NULL where the grant does not say."),
        text("client_display_name", "Its name; NULL where the service principals were not read."),
        text("consent_type", "`AllPrincipals` or `Principal`."),
        text("principal_id", "The user who consented; NULL for all."),
        text("resource_id", "The service principal of the API."),
        text_list("scopes", "The delegated permissions."),
    ],
};
