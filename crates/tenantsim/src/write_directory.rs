//! The data sets other than those with a row per user.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::dice::{IdOf, guid, mix};
use crate::error::GenerateError;
use crate::export::{Asked, Export, NO_P2, asked};
use crate::groups::Group;
use crate::instants::{days_before, instant};
use crate::options::{Edition, Options};
use crate::people::Kind;
use crate::policy::{STRENGTHS, Who};
use crate::policy_json::{location_json, policy_json, strength_json};
use crate::roles::{Assignment, Held, Principal, ROLES, role_id};
use crate::settings::grant_policies;
use crate::tenant::Tenant;
use crate::write_people::main_sku;

const P1_PLAN: &str = "41781fb2-bc02-4b7c-bd55-b576c07bb09d";
const P2_PLAN: &str = "eec0eb4f-6444-4f95-aba0-50c24d67f998";
const EXCHANGE_PLAN: &str = "efb87545-963c-4e0d-99df-69c6916d9eb0";

const fn context(asked: Asked, context: &'static str) -> Asked {
    Asked { context, ..asked }
}

const fn beta(asked: Asked) -> Asked {
    Asked { api_version: "beta", ..asked }
}

const POLICY: &str = "Policy.Read.All";
const ROLE_READ: &str = "RoleManagement.Read.Directory";

/// Writes everything but the people.
pub(crate) fn write(tenant: &Tenant, export: &mut Export, options: &Options) -> Result<(), GenerateError> {
    organization(tenant, export, options)?;
    groups(tenant, export)?;
    roles(tenant, export)?;
    conditional_access(tenant, export)?;
    settings(tenant, export)?;
    crate::write_workloads::write(tenant, export, options)
}

fn organization(tenant: &Tenant, export: &mut Export, options: &Options) -> Result<(), GenerateError> {
    let domain = |name: &str, default: bool, initial: bool, root: bool, kind: &str| {
        let validity = if tenant.settings.passwords_expire { 90 } else { 2_147_483_647 };
        json!({
            "id": name, "authenticationType": kind, "isVerified": true, "isRoot": root, "isDefault": default,
            "isInitial": initial, "passwordNotificationWindowInDays": root.then_some(14),
            "passwordValidityPeriodInDays": (root && kind == "Managed").then_some(validity),
        })
    };
    let federated = tenant.hybrid && tenant.people.len() >= 2000;
    let mut domains = vec![
        domain(&tenant.domain, true, false, true, "Managed"),
        domain(&format!("sales.{}", tenant.domain), false, false, false, "Managed"),
        domain(&tenant.initial_domain, false, true, true, "Managed"),
    ];
    let plant = format!("plant-{}", tenant.domain);
    if federated {
        domains.push(domain(&plant, false, false, true, "Federated"));
    }
    let verified: Vec<Value> = domains
        .iter()
        .map(|domain| {
            json!({"name": domain["id"], "isDefault": domain["isDefault"], "isInitial": domain["isInitial"],
            "type": domain["authenticationType"], "capabilities": "Email, OfficeCommunicationsOnline"})
        })
        .collect();
    let plans: Vec<Value> = edition_plans(tenant.edition)
        .into_iter()
        .map(|(id, _)| json!({"servicePlanId": id, "service": "AADPremiumService", "capabilityStatus": "Enabled"}))
        .collect();
    let organization = json!({
        "id": tenant.id, "displayName": tenant.name, "tenantType": "AAD", "createdDateTime": days_before(3000),
        "onPremisesSyncEnabled": tenant.hybrid.then_some(true),
        "onPremisesLastSyncDateTime": tenant.hybrid.then(|| instant(-1140)),
        "technicalNotificationMails": [format!("it@{}", tenant.domain)],
        "verifiedDomains": verified, "assignedPlans": plans,
    });
    export.rows(asked("organization", "/organization", "Organization.Read.All"), [organization].into_iter())?;
    let (sku_id, sku) = main_sku(tenant.edition);
    let used = tenant.people.iter().filter(|person| person.licensed).count();
    let mut service_plans: Vec<Value> = edition_plans(tenant.edition)
        .into_iter()
        .map(|(id, name)| json!({"servicePlanId": id, "servicePlanName": name, "provisioningStatus": "Success", "appliesTo": "User"}))
        .collect();
    service_plans.push(json!({"servicePlanId": EXCHANGE_PLAN, "servicePlanName": "EXCHANGE_S_ENTERPRISE",
        "provisioningStatus": "Success", "appliesTo": "User"}));
    let skus = [json!({
        "id": format!("{}_{sku_id}", tenant.id), "skuId": sku_id, "skuPartNumber": sku, "capabilityStatus": "Enabled",
        "consumedUnits": used, "prepaidUnits": {"enabled": used + 10, "suspended": 0, "warning": 0, "lockedOut": 0},
        "servicePlans": service_plans,
    })];
    export.rows(asked("subscribedSkus", "/subscribedSkus", "LicenseAssignment.Read.All"), skus.into_iter())?;
    export.rows(asked("domains", "/domains", "Domain.Read.All"), domains.into_iter())?;
    let federation = federated.then(|| {
        let configuration = json!({"id": guid(tenant.seed, IdOf::Other, 41), "displayName": "Plant sign-in",
            "issuerUri": format!("http://sts.{plant}/adfs/services/trust"),
            "federatedIdpMfaBehavior": "rejectMfaByFederatedIdp", "preferredAuthenticationProtocol": "wsFed"});
        (plant.clone(), [configuration].into_iter())
    });
    export.rows_per_owner(
        asked("federationConfiguration", "/domains/{id}/federationConfiguration", "Domain-InternalFederation.Read.All"),
        federation.into_iter(),
    )?;
    if options.on_premises_sync {
        let sync = json!({"id": tenant.id, "features": {
            "passwordSyncEnabled": tenant.settings.password_sync, "passwordWritebackEnabled": tenant.settings.password_sync,
            "blockSoftMatchEnabled": true, "blockCloudObjectTakeoverThroughHardMatchEnabled": true,
            "cloudPasswordPolicyForPasswordSyncedUsersEnabled": false, "userForcePasswordChangeOnLogonEnabled": false,
        }});
        export.rows(
            asked(
                "onPremisesSynchronization",
                "/directory/onPremisesSynchronization",
                "OnPremDirectorySynchronization.Read.All (delegated)",
            ),
            [sync].into_iter(),
        )?;
    }
    Ok(())
}

fn edition_plans(edition: Edition) -> Vec<(&'static str, &'static str)> {
    match edition {
        Edition::Free => Vec::new(),
        Edition::P1 => vec![(P1_PLAN, "AAD_PREMIUM")],
        Edition::P2 => vec![(P1_PLAN, "AAD_PREMIUM"), (P2_PLAN, "AAD_PREMIUM_P2")],
    }
}

fn groups(tenant: &Tenant, export: &mut Export) -> Result<(), GenerateError> {
    let row = |group: &Group| {
        let mut types = Vec::new();
        if group.unified {
            types.push("Unified");
        }
        if group.rule.is_some() {
            types.push("DynamicMembership");
        }
        json!({
            "id": group.id, "displayName": group.name, "securityEnabled": !group.unified, "mailEnabled": group.unified,
            "groupTypes": types, "membershipRule": group.rule, "isAssignableToRole": group.role_assignable,
            "visibility": group.visibility, "onPremisesSyncEnabled": null,
        })
    };
    // The many groups that play no part here; only their rows are read.
    let others = (tenant.people.len() / 20).min(50_000) as u64;
    let idle = (0..others).map(|number| {
        json!({
            "id": guid(tenant.seed, IdOf::Group, 2_000_000 + number), "displayName": format!("Team {number:05}"),
            "securityEnabled": true, "mailEnabled": false, "groupTypes": [], "membershipRule": null,
            "isAssignableToRole": null, "visibility": null, "onPremisesSyncEnabled": tenant.hybrid.then_some(true),
        })
    });
    export.rows(asked("groups", "/groups", "GroupMember.Read.All"), tenant.groups.list.iter().map(row).chain(idle))?;

    let mut named = BTreeSet::new();
    let in_policies = tenant.policies.iter().flat_map(|policy| policy.include.iter().chain(&policy.exclude));
    for who in in_policies {
        if let Who::Group(group) = who {
            tenant.groups.reachable(*group, &mut named);
        }
    }
    for assignment in &tenant.assignments.list {
        if let Principal::Group(group) = assignment.principal {
            tenant.groups.reachable(group, &mut named);
        }
    }
    // The methods policy of the average tenant names the pilot group, and only what is named is read.
    if tenant.posture == crate::options::Posture::Average {
        named.insert(tenant.groups.pilot);
    }
    let members = named.into_iter().filter_map(|group| tenant.groups.list.get(group)).map(|group| {
        let users = group.users.iter().map(|user| member("#microsoft.graph.user", tenant.user_id(*user)));
        let nested = group.groups.iter().map(|group| member("#microsoft.graph.group", tenant.group_id(*group)));
        let others = group.others.iter().map(|(kind, id)| member(kind, id.clone()));
        (group.id.clone(), users.chain(nested).chain(others))
    });
    export.rows_per_owner(
        context(asked("members", "/groups/{id}/members", "GroupMember.Read.All"), "directoryObjects(id)"),
        members,
    )
}

fn member(kind: &str, id: String) -> Member<'_> {
    Member { kind, id }
}

#[derive(serde::Serialize)]
struct Member<'a> {
    #[serde(rename = "@odata.type")]
    kind: &'a str,
    id: String,
}

fn roles(tenant: &Tenant, export: &mut Export) -> Result<(), GenerateError> {
    let definitions = ROLES.iter().enumerate().map(|(number, role)| {
        let id = role_id(tenant.seed, number);
        json!({"id": id, "templateId": id, "displayName": role.name, "isBuiltIn": !role.template_id.is_empty(),
            "isEnabled": true, "isPrivileged": role.is_privileged,
            "rolePermissions": [{"allowedResourceActions": [role.action()], "condition": null}]})
    });
    export.rows(beta(asked("roleDefinitions", "/roleManagement/directory/roleDefinitions", ROLE_READ)), definitions)?;

    let principal = |assignment: &Assignment| match assignment.principal {
        Principal::User(user) => tenant.user_id(user),
        Principal::Group(group) => tenant.group_id(group),
        Principal::Software(number) => tenant.service_principal_id(number as usize),
    };
    let row = |number: usize, assignment: &Assignment| {
        let scope = assignment.unit.map_or_else(
            || "/".to_owned(),
            |unit| format!("/administrativeUnits/{}", guid(tenant.seed, IdOf::Unit, u64::from(unit))),
        );
        json!({
            "id": format!("{:016x}-1", mix(tenant.seed ^ (number as u64) << 20)), "principalId": principal(assignment),
            "roleDefinitionId": role_id(tenant.seed, assignment.role), "directoryScopeId": scope, "appScopeId": null,
        })
    };
    let numbered = || tenant.assignments.list.iter().enumerate();
    let active = || numbered().filter(|(_, assignment)| assignment.held != Held::Eligible);
    export.rows(
        asked("roleAssignments", "/roleManagement/directory/roleAssignments", ROLE_READ),
        active().map(|(number, assignment)| row(number, assignment)),
    )?;

    let schedule = asked(
        "roleAssignmentScheduleInstances",
        "/roleManagement/directory/roleAssignmentScheduleInstances",
        "RoleAssignmentSchedule.Read.Directory",
    );
    let eligibility = asked(
        "roleEligibilityScheduleInstances",
        "/roleManagement/directory/roleEligibilityScheduleInstances",
        "RoleEligibilitySchedule.Read.Directory",
    );
    let rules = asked("roleManagementPolicyAssignments", "/policies/roleManagementPolicyAssignments", ROLE_READ);
    let for_groups = asked(
        "eligibilityScheduleInstances",
        "/identityGovernance/privilegedAccess/group/eligibilityScheduleInstances",
        "PrivilegedEligibilitySchedule.Read.AzureADGroup",
    );
    if tenant.edition != Edition::P2 {
        for data_set in [schedule, eligibility, rules, for_groups] {
            export.not_licensed(data_set, NO_P2.0, NO_P2.1);
        }
        return Ok(());
    }
    let instance = |(number, assignment): (usize, &Assignment)| {
        let (kind, start, end) = match assignment.held {
            Held::Activated => ("Activated", instant(-1800), Some(instant(7 * 3600))),
            Held::Timed(days) => ("Assigned", days_before(100), Some(instant(i64::from(days) * 86_400))),
            _ => ("Assigned", days_before(500), None),
        };
        let mut instance = row(number, assignment);
        instance["assignmentType"] = json!(kind);
        instance["memberType"] = json!("Direct");
        instance["startDateTime"] = json!(start);
        instance["endDateTime"] = json!(end);
        instance
    };
    export.rows(schedule, active().map(instance))?;
    let eligible =
        numbered().filter(|(_, assignment)| assignment.held == Held::Eligible).map(|(number, assignment)| {
            let mut eligible = row(number, assignment);
            eligible["memberType"] = json!("Direct");
            eligible["startDateTime"] = json!(days_before(200));
            eligible["endDateTime"] = Value::Null;
            eligible
        });
    export.rows(eligibility, eligible)?;
    export.rows(rules, ROLES.iter().enumerate().take(3).map(|(number, _)| pim_rules(tenant, number)))?;
    let role_bearing = [tenant.groups.role_holders].into_iter().filter(|group| {
        tenant.assignments.list.iter().any(|assignment| assignment.principal == Principal::Group(*group))
    });
    let owners = role_bearing.map(|group| {
        let of_group = tenant.assignments.group_eligibility.iter().filter(move |(owner, _)| *owner == group);
        let rows: Vec<Value> = of_group
            .map(|(_, user)| {
                json!({"id": guid(tenant.seed, IdOf::Assignment, u64::from(*user)), "groupId": tenant.group_id(group),
                    "principalId": tenant.user_id(*user), "accessId": "member", "memberType": "direct",
                    "startDateTime": days_before(90), "endDateTime": null})
            })
            .collect();
        (tenant.group_id(group), rows.into_iter())
    });
    export.rows_per_owner(for_groups, owners)
}

fn pim_rules(tenant: &Tenant, role: usize) -> Value {
    let strong = tenant.posture == crate::options::Posture::Strong;
    let id = role_id(tenant.seed, role);
    json!({"id": format!("DirectoryRole_{id}"), "policyId": format!("DirectoryRole_{id}"), "scopeId": "/",
        "scopeType": "DirectoryRole", "roleDefinitionId": id, "policy": {"id": format!("DirectoryRole_{id}"), "rules": [
        {"@odata.type": "#microsoft.graph.unifiedRoleManagementPolicyEnablementRule", "id": "Enablement_EndUser_Assignment",
            "enabledRules": if strong { vec!["MultiFactorAuthentication", "Justification"] } else { vec!["Justification"] }},
        {"@odata.type": "#microsoft.graph.unifiedRoleManagementPolicyApprovalRule", "id": "Approval_EndUser_Assignment",
            "setting": {"isApprovalRequired": false, "approvalStages": []}},
        {"@odata.type": "#microsoft.graph.unifiedRoleManagementPolicyExpirationRule", "id": "Expiration_Admin_Assignment",
            "isExpirationRequired": strong, "maximumDuration": "P180D"},
        {"@odata.type": "#microsoft.graph.unifiedRoleManagementPolicyExpirationRule", "id": "Expiration_EndUser_Assignment",
            "isExpirationRequired": true, "maximumDuration": "PT8H"},
    ]}})
}

fn conditional_access(tenant: &Tenant, export: &mut Export) -> Result<(), GenerateError> {
    let policies = tenant.policies.iter().enumerate().map(|(number, policy)| policy_json(tenant, number, policy));
    export.rows(
        context(
            asked("policies", "/identity/conditionalAccess/policies", POLICY),
            "identity/conditionalAccess/policies",
        ),
        policies,
    )?;
    export.rows(
        context(
            beta(asked("namedLocations", "/identity/conditionalAccess/namedLocations", POLICY)),
            "identity/conditionalAccess/namedLocations",
        ),
        tenant.locations.iter().map(location_json),
    )?;
    let strengths = STRENGTHS.iter().enumerate().map(|(number, strength)| strength_json(tenant.seed, number, strength));
    export.rows(
        context(
            asked(
                "authenticationStrengthPolicies",
                "/policies/authenticationStrengthPolicies",
                "Policy.Read.AuthenticationMethod",
            ),
            "policies/authenticationStrengthPolicies",
        ),
        strengths,
    )
}

fn settings(tenant: &Tenant, export: &mut Export) -> Result<(), GenerateError> {
    let settings = &tenant.settings;
    let reviewer =
        tenant.numbered().find(|(_, person)| person.kind == Kind::Admin).map(|(user, _)| tenant.user_id(user));
    let pilot = tenant.group_id(tenant.groups.pilot);
    export.object(
        context(
            asked(
                "authenticationMethodsPolicy",
                "/policies/authenticationMethodsPolicy",
                "Policy.Read.AuthenticationMethod",
            ),
            "authenticationMethodsPolicy",
        ),
        &settings.methods_policy(&pilot),
    )?;
    export.object(
        asked(
            "identitySecurityDefaultsEnforcementPolicy",
            "/policies/identitySecurityDefaultsEnforcementPolicy",
            POLICY,
        ),
        &json!({"id": "00000000-0000-0000-0000-000000000005", "displayName": "Security Defaults",
            "isEnabled": settings.security_defaults}),
    )?;
    export.object(
        asked("authorizationPolicy", "/policies/authorizationPolicy", POLICY),
        &settings.authorization_policy(),
    )?;
    export.object(
        asked("adminConsentRequestPolicy", "/policies/adminConsentRequestPolicy", POLICY),
        &settings.admin_consent_policy(reviewer),
    )?;
    export.rows(
        asked("permissionGrantPolicies", "/policies/permissionGrantPolicies", "Policy.Read.PermissionGrant"),
        grant_policies().into_iter(),
    )?;
    export.object(
        asked("default", "/policies/crossTenantAccessPolicy/default", POLICY),
        &settings.cross_tenant_default(),
    )?;
    export
        .rows(asked("partners", "/policies/crossTenantAccessPolicy/partners", POLICY), std::iter::empty::<Value>())?;
    export.rows(
        asked("groupSettings", "/groupSettings", "GroupSettings.Read.All"),
        settings.group_settings(tenant.seed, tenant.hybrid).into_iter(),
    )?;
    export.object(
        asked("deviceRegistrationPolicy", "/policies/deviceRegistrationPolicy", "Policy.Read.DeviceConfiguration"),
        &settings.device_registration(),
    )?;
    export.object(
        asked("defaultAppManagementPolicy", "/policies/defaultAppManagementPolicy", POLICY),
        &settings.app_management(),
    )?;
    export.rows(asked("appManagementPolicies", "/policies/appManagementPolicies", POLICY), std::iter::empty::<Value>())
}
