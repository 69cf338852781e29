//! A tenant written as Graph JSON in a test, read and judged like any other.

use std::collections::BTreeMap;
use std::path::Path;

use idscore_assess::{Configuration, Evidence, Judgement, assess};
use idscore_catalogue::Catalogue;
use idscore_snapshot::{ReadOptions, Snapshot, write_snapshot};
use serde_json::{Value, json};

/// The tenant's id.
pub const TENANT: &str = "11111111-0000-4000-8000-000000000001";
/// Global Administrator.
pub const GLOBAL_ADMINISTRATOR: &str = "62e90394-69f5-4237-9190-012177145e10";

/// Data sets that are read once per owner.
const OWNED: [&str; 5] = [
    "members",
    "eligibilityScheduleInstances",
    "appRoleAssignedTo",
    "requirements",
    "delegatedPermissionClassifications",
];

/// A tenant as data sets; starts with a cloud-only P2 tenant without users or policies, everything read.
#[derive(Clone)]
pub struct Tenant {
    data_sets: BTreeMap<String, Vec<Value>>,
    refused: BTreeMap<String, String>,
    /// Data sets that another endpoint than v1.0 served.
    versions: BTreeMap<String, String>,
    configuration: String,
}

impl Default for Tenant {
    fn default() -> Self {
        let mut tenant = Self {
            data_sets: BTreeMap::new(),
            refused: BTreeMap::new(),
            versions: BTreeMap::new(),
            configuration: String::new(),
        };
        for empty in [
            "users",
            "signInActivity",
            "groups",
            "roleAssignments",
            "roleAssignmentScheduleInstances",
            "roleEligibilityScheduleInstances",
            "policies",
            "namedLocations",
            "authenticationStrengthPolicies",
            "userRegistrationDetails",
            "groupSettings",
            "applications",
            "servicePrincipals",
            "riskDetections",
            "oauth2PermissionGrants",
            "permissionGrantPolicies",
            "appRoleAssignedTo",
            "members",
            "eligibilityScheduleInstances",
            "requirements",
        ] {
            tenant.data_sets.insert(empty.to_owned(), Vec::new());
        }
        tenant
            .with("organization", json!({"id": TENANT, "displayName": "Contoso", "onPremisesSyncEnabled": null,
                "createdDateTime": "2019-01-01T00:00:00Z",
                "verifiedDomains": [{"name": "contoso.onmicrosoft.com", "isInitial": true, "isDefault": true}]}))
            .with("subscribedSkus", json!({"skuId": "84a661c4-e949-4bd2-a560-ed7766fcaf2b", "skuPartNumber": "AAD_PREMIUM_P2",
                "capabilityStatus": "Enabled", "servicePlans": [{"servicePlanId": "eec0eb4f-6444-4f95-aba0-50c24d67f998",
                "servicePlanName": "AAD_PREMIUM_P2", "provisioningStatus": "Success", "appliesTo": "User"}]}))
            .with("domains", json!({"id": "contoso.onmicrosoft.com", "authenticationType": "Managed", "isVerified": true,
                "isRoot": true, "isInitial": true, "isDefault": true, "passwordValidityPeriodInDays": 2_147_483_647}))
            .with("roleDefinitions", json!({"id": GLOBAL_ADMINISTRATOR, "templateId": GLOBAL_ADMINISTRATOR,
                "displayName": "Global Administrator", "isBuiltIn": true, "isEnabled": true, "isPrivileged": true}))
            .with("identitySecurityDefaultsEnforcementPolicy", json!({"id": "00000000-0000-0000-0000-000000000005", "isEnabled": false}))
            .with("authorizationPolicy", json!({"id": "authorizationPolicy", "allowInvitesFrom": "everyone",
                "guestUserRoleId": "10dae51f-b6af-4016-8d66-8c2a99b929b3", "allowedToUseSSPR": true,
                "defaultUserRolePermissions": {"allowedToCreateApps": true,
                "permissionGrantPoliciesAssigned": ["ManagePermissionGrantsForSelf.microsoft-user-default-low"]}}))
            .with("adminConsentRequestPolicy", json!({"isEnabled": false, "reviewers": []}))
            .with("authenticationMethodsPolicy", json!({"policyMigrationState": "migrationComplete",
                "authenticationMethodConfigurations": [{"id": "Sms", "state": "disabled"}, {"id": "Voice", "state": "disabled"}]}))
    }
}

impl Tenant {
    /// Adds an object to a data set.
    pub fn with(mut self, data_set: &str, object: Value) -> Self {
        self.data_sets.entry(data_set.to_owned()).or_default().push(object);
        self
    }

    /// Replaces a data set.
    pub fn with_only(mut self, data_set: &str, object: Value) -> Self {
        self.data_sets.insert(data_set.to_owned(), vec![object]);
        self
    }

    /// Leaves a data set out, as if it had not been asked for.
    pub fn without(mut self, data_set: &str) -> Self {
        self.data_sets.remove(data_set);
        self
    }

    /// Leaves a data set out, as Graph does without the permission.
    pub fn refused(mut self, data_set: &str, permission: &str) -> Self {
        self.data_sets.remove(data_set);
        self.refused.insert(data_set.to_owned(), permission.to_owned());
        self
    }

    /// Says which version of Graph served a data set.
    pub fn served_by(mut self, data_set: &str, version: &str) -> Self {
        self.versions.insert(data_set.to_owned(), version.to_owned());
        self
    }

    /// Adds an enabled member with a registered second factor and a fresh sign-in; `changes` replace properties of the user.
    pub fn user(self, name: &str, changes: Value) -> Self {
        let id = id(name);
        let mut user = json!({"id": id, "userPrincipalName": format!("{name}@contoso.onmicrosoft.com"), "userType": "Member",
            "accountEnabled": true, "createdDateTime": "2021-01-01T00:00:00Z", "assignedLicenses": [],
            "identities": [{"signInType": "userPrincipalName", "issuer": "contoso.onmicrosoft.com"}]});
        merge(&mut user, changes);
        self.with("users", user)
    }

    /// Adds a user's row in the registration report.
    pub fn registered(self, name: &str, registered: bool, capable: bool, methods: &[&str]) -> Self {
        self.with(
            "userRegistrationDetails",
            json!({"id": id(name), "isMfaRegistered": registered, "isMfaCapable": capable,
            "isSsprEnabled": true, "isSsprRegistered": true, "isSsprCapable": true, "methodsRegistered": methods}),
        )
    }

    /// Adds a user's last successful sign-in.
    pub fn signed_in(self, name: &str, at: &str) -> Self {
        self.with(
            "signInActivity",
            json!({"id": id(name), "signInActivity": {"lastSuccessfulSignInDateTime": at,
            "lastSignInDateTime": at, "lastNonInteractiveSignInDateTime": null}}),
        )
    }

    /// Gives a user or group a role for the whole tenant, permanently.
    pub fn role(self, name: &str, role: &str) -> Self {
        self.role_in(name, role, "/")
    }

    /// Gives a role in a scope.
    pub fn role_in(self, name: &str, role: &str, scope: &str) -> Self {
        let assignment = json!({"id": format!("{name}-{role}"), "principalId": id(name), "roleDefinitionId": role,
            "directoryScopeId": scope});
        let mut schedule = assignment.clone();
        merge(
            &mut schedule,
            json!({"assignmentType": "Assigned", "memberType": "Direct", "startDateTime": null, "endDateTime": null}),
        );
        self.with("roleAssignments", assignment).with("roleAssignmentScheduleInstances", schedule)
    }

    /// Adds a policy for all users and apps that demands multifactor authentication; `changes` replace properties.
    pub fn policy(self, name: &str, changes: Value) -> Self {
        let mut policy = json!({"id": id(name), "displayName": name, "state": "enabled",
            "conditions": {"clientAppTypes": ["all"], "applications": {"includeApplications": ["All"]},
                "users": {"includeUsers": ["All"]}},
            "grantControls": {"operator": "OR", "builtInControls": ["mfa"]}});
        merge(&mut policy, changes);
        self.with("policies", policy)
    }

    /// Declares something in `idscore.toml`.
    pub fn configured(mut self, toml: &str) -> Self {
        self.configuration.push_str(toml);
        self.configuration.push('\n');
        self
    }

    /// Writes the export, reads it and judges it with all evidence.
    pub fn judge(&self) -> Judgement {
        let folder = tempfile::tempdir().unwrap();
        self.write(&folder.path().join("export"));
        let snapshot = folder.path().join("snapshot");
        write_snapshot(&folder.path().join("export"), &snapshot, &ReadOptions::default()).unwrap();
        let configuration = Configuration::parse(&self.configuration, Path::new("idscore.toml")).unwrap();
        let catalogue = Catalogue::embedded().unwrap();
        assess(&Snapshot::open(&snapshot).unwrap(), &catalogue, &configuration, &Evidence::First(100)).unwrap()
    }

    fn version(&self, data_set: &str) -> &str {
        self.versions.get(data_set).map_or("v1.0", String::as_str)
    }

    /// Writes the export.
    pub fn write(&self, folder: &Path) {
        let report = |name: &String, status: &str, permission: Option<&String>| json!({"name": name, "endpoint": "", "apiVersion": self.version(name), "pages": 1, "rows": 0, "status": status, "permission": permission});
        let read =
            self.data_sets.keys().filter(|name| !name.starts_with('@')).map(|name| report(name, "complete", None));
        let refused = self.refused.iter().map(|(name, permission)| report(name, "refused", Some(permission)));
        let collection = json!({"formatVersion": 1, "tenantId": TENANT, "startedAt": "2026-11-23T00:00:00Z",
            "finishedAt": "2026-11-23T00:01:00Z", "cloud": "global", "dataSets": read.chain(refused).collect::<Vec<_>>()});
        let mut collection = collection;
        if let Some(access) = self.data_sets.get("@access").and_then(|words| words.first()) {
            collection["access"] = access.clone();
        }
        write_json(&folder.join("collection.json"), &collection);
        // A data set named under `@nextLink` is cut off after its only page.
        let cut_off = self.data_sets.get("@nextLink").and_then(|names| names[0].as_str()).unwrap_or_default();
        for (name, objects) in self.data_sets.iter().filter(|(name, _)| !name.starts_with('@')) {
            // Members are written per group: {"groupId": …, "value": […]}.
            if OWNED.contains(&name.as_str()) {
                for object in objects {
                    let owner = object["owner"].as_str().unwrap();
                    let page = object.get("single").cloned().unwrap_or_else(|| json!({"value": object["value"]}));
                    write_json(&folder.join(name).join(owner).join("1.json"), &page);
                }
            } else {
                let mut page = json!({"value": objects});
                if self.versions.contains_key(name) {
                    let version = self.version(name);
                    page["@odata.context"] = json!(format!("https://graph.microsoft.com/{version}/$metadata#{name}"));
                }
                if name == cut_off {
                    page["@odata.nextLink"] = json!("https://graph.microsoft.com/v1.0/next");
                }
                write_json(&folder.join(name).join("1.json"), &page);
            }
        }
    }
}

/// What Graph answers about one user, where it answers a single object.
pub fn user_page(user: &str, object: Value) -> Value {
    json!({"owner": user, "single": object})
}

/// The object id that a test knows by a name.
pub fn id(name: &str) -> String {
    let number = name.bytes().fold(0_u64, |number, byte| number.wrapping_mul(31).wrapping_add(u64::from(byte)));
    format!("a0000000-0000-4000-8000-{:012x}", number & 0xffff_ffff_ffff)
}

fn merge(target: &mut Value, changes: Value) {
    match (target, changes) {
        (Value::Object(target), Value::Object(changes)) => {
            for (key, value) in changes {
                merge(target.entry(key).or_insert(Value::Null), value);
            }
        }
        (target, changes) => *target = changes,
    }
}

fn write_json(path: &Path, value: &Value) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, serde_json::to_vec_pretty(value).unwrap()).unwrap();
}

/// What a control said.
pub fn outcome(judgement: &Judgement, control: &str) -> String {
    let result = judgement.assessment.controls.iter().find(|result| result.id == control).unwrap();
    let word = serde_json::to_value(result.outcome).unwrap();
    format!("{} {} of {} unknown {}", word.as_str().unwrap(), result.count, result.total, result.unknown)
}

/// What a control's points are at least and at most.
pub fn interval(judgement: &Judgement, control: &str) -> String {
    let result = judgement.assessment.controls.iter().find(|result| result.id == control).unwrap();
    let [least, most] = [&result.score_at_least, &result.score_at_most]
        .map(|points| points.as_ref().map_or_else(|| "none".to_owned(), |points| points.rounded().to_string()));
    format!("{least} to {most}")
}
