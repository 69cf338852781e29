//! ScubaGear's provider settings, turned into the data sets that they stand for.

use serde_json::{Map, Value, json};

use crate::documents::canonical;

/// What a ScubaGear file holds.
#[derive(Debug, Default)]
pub(crate) struct ScubaExport {
    pub(crate) sets: Vec<ScubaSet>,
    /// Data sets whose command failed.
    pub(crate) failed: Vec<&'static str>,
    /// `timestamp_zulu`.
    pub(crate) stamp: Option<String>,
    /// Users that are known although there is no user list: id and what is said about them.
    pub(crate) users: Vec<(String, Value)>,
    /// Service principals likewise.
    pub(crate) service_principals: Vec<(String, Value)>,
}

/// One data set inside.
#[derive(Debug)]
pub(crate) struct ScubaSet {
    pub(crate) data_set: &'static str,
    /// The key in ScubaGear's file.
    pub(crate) key: &'static str,
    pub(crate) elements: Vec<Value>,
    /// Why there may be more than what is here.
    pub(crate) lower_bound: Option<String>,
}

/// Commands of ScubaGear without their prefix, and what they bring.
const COMMANDS: &[(&str, &[&str])] = &[
    ("identityconditionalaccesspolicy", &["policies"]),
    ("subscribedsku", &["subscribedSkus"]),
    ("privilegedrole", &["roleAssignments", "roleAssignmentScheduleInstances", "roleManagementPolicyAssignments"]),
    ("policyauthorizationpolicy", &["authorizationPolicy"]),
    ("directorysetting", &["groupSettings"]),
    ("policyauthenticationmethodpolicy", &["authenticationMethodsPolicy"]),
    ("domain", &["domains"]),
    ("organization", &["organization"]),
];

/// Reads the parts about Entra ID; those on other products are not ours.
pub(crate) fn convert(export: &Value) -> ScubaExport {
    let mut found = ScubaExport { stamp: text(export, "timestamp_zulu"), ..ScubaExport::default() };
    let succeeded = commands(export, "aad_successful_commands");
    let failed = commands(export, "aad_unsuccessful_commands");
    let listed = get(export, "aad_successful_commands").is_some();
    // A data set whose command is in neither list was not collected.
    let collected = |data_set: &str| !listed || succeeded.contains(&data_set) || data_set == "organization";
    let mut add = |data_set: &'static str, key: &'static str, elements: Vec<Value>, lower_bound| {
        if collected(data_set) && get(export, key).is_some() {
            found.sets.push(ScubaSet { data_set, key, elements, lower_bound });
        }
    };
    let organization = organization(export);
    if !organization.is_empty() {
        add("organization", "tenant_details", organization, None);
    }
    add("policies", "conditional_access_policies", items(export, "conditional_access_policies"), None);
    add("authorizationPolicy", "authorization_policies", items(export, "authorization_policies"), None);
    add("groupSettings", "directory_settings", items(export, "directory_settings"), None);
    add("domains", "domain_settings", items(export, "domain_settings"), None);
    add("authenticationMethodsPolicy", "authentication_method", methods(export), None);
    add("subscribedSkus", "service_plans", skus(export), None);
    let (assignments, rules) = roles(export);
    let some_roles = || Some(format!("ScubaGear reads some roles only: {}", role_names(export).join(", ")));
    add("roleAssignments", "privileged_roles", assignments.clone(), some_roles());
    add("roleAssignmentScheduleInstances", "privileged_roles", assignments, some_roles());
    add("roleManagementPolicyAssignments", "privileged_roles", rules, some_roles());
    found.failed = failed;
    found.users = principals(export, "privileged_users");
    found.service_principals = principals(export, "privileged_service_principals");
    found
}

fn get<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let object = value.as_object()?;
    object.get(name).or_else(|| object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

fn text(value: &Value, name: &str) -> Option<String> {
    get(value, name).and_then(Value::as_str).map(str::to_owned)
}

/// The elements of a collection; one that was collapsed is its only element, null is none.
fn items(value: &Value, name: &str) -> Vec<Value> {
    match get(value, name) {
        Some(Value::Array(items)) => items.iter().filter(|item| !item.is_null()).cloned().collect(),
        None | Some(Value::Null) => Vec::new(),
        Some(one) => vec![one.clone()],
    }
}

fn commands(export: &Value, list: &str) -> Vec<&'static str> {
    let names = items(export, list);
    let names = names.iter().filter_map(Value::as_str).map(|name| {
        let name = name.to_ascii_lowercase();
        ["get-mgbeta", "get-mg", "get-"].iter().find_map(|start| name.strip_prefix(start)).unwrap_or(&name).to_owned()
    });
    names
        .filter_map(|name| COMMANDS.iter().find(|(known, _)| *known == name))
        .flat_map(|(_, sets)| sets.iter().copied())
        .collect()
}

fn organization(export: &Value) -> Vec<Value> {
    let details = items(export, "tenant_details");
    let Some(details) = details.first() else { return Vec::new() };
    let mut data = items(details, "AADAdditionalData").into_iter().next().unwrap_or_else(|| Value::Object(Map::new()));
    if let (Some(object), Some(id)) = (data.as_object_mut(), get(details, "TenantId")) {
        object.retain(|name, _| !name.eq_ignore_ascii_case("id"));
        object.insert("id".to_owned(), id.clone());
        if !object.keys().any(|name| name.eq_ignore_ascii_case("displayName")) {
            object.insert("displayName".to_owned(), get(details, "DisplayName").cloned().unwrap_or(Value::Null));
        }
        return vec![data];
    }
    Vec::new()
}

/// The head of the methods policy with its configurations.
fn methods(export: &Value) -> Vec<Value> {
    let parts = items(export, "authentication_method");
    let Some(part) = parts.first() else { return Vec::new() };
    let head = get(part, "authentication_method_policy").filter(|head| head.is_object());
    let mut policy = head.cloned().unwrap_or_else(|| json!({}));
    if let Some(object) = policy.as_object_mut() {
        object.retain(|name, _| !name.eq_ignore_ascii_case("authenticationMethodConfigurations"));
        let settings = items(part, "authentication_method_feature_settings");
        object.insert("authenticationMethodConfigurations".to_owned(), Value::Array(settings));
    }
    vec![policy]
}

/// The SKUs, whose plans are not told apart, and one more that holds all plans in force.
fn skus(export: &Value) -> Vec<Value> {
    let units =
        |sku: &Value, name: &str| get(sku, "PrepaidUnits").and_then(|units| get(units, name)).and_then(Value::as_i64);
    let mut skus: Vec<Value> = items(export, "license_information")
        .iter()
        .map(|sku| {
            let status = match (units(sku, "Enabled"), units(sku, "Warning")) {
                (Some(1..), _) => "Enabled",
                (_, Some(1..)) => "Warning",
                _ => "Suspended",
            };
            json!({"skuId": get(sku, "SkuId"), "skuPartNumber": get(sku, "SkuPartNumber"), "capabilityStatus": status})
        })
        .collect();
    let plans: Vec<Value> = items(export, "service_plans")
        .into_iter()
        .filter(|plan| text(plan, "ProvisioningStatus").is_none_or(|status| status.eq_ignore_ascii_case("Success")))
        .collect();
    skus.push(json!({"skuId": null, "capabilityStatus": "Enabled", "servicePlans": plans}));
    skus
}

/// Assignments in force, and the rules of PIM per role. The rules may stand there twice.
fn roles(export: &Value) -> (Vec<Value>, Vec<Value>) {
    let (mut assignments, mut rules) = (Vec::new(), Vec::new());
    for role in items(export, "privileged_roles") {
        let template = get(&role, "RoleTemplateId").cloned().unwrap_or(Value::Null);
        for mut assignment in items(&role, "Assignments") {
            if let Some(object) = assignment.as_object_mut()
                && !object.keys().any(|name| name.eq_ignore_ascii_case("roleDefinitionId"))
            {
                object.insert("roleDefinitionId".to_owned(), template.clone());
            }
            assignments.push(assignment);
        }
        let mut seen: Vec<String> = Vec::new();
        let mut distinct = Vec::new();
        for rule in items(&role, "Rules") {
            let id = text(&rule, "Id").unwrap_or_default();
            if !seen.contains(&id) {
                seen.push(id);
                distinct.push(rule);
            }
        }
        if !distinct.is_empty() {
            let id = format!("DirectoryRole_{}", template.as_str().unwrap_or_default());
            rules.push(json!({"id": id, "scopeId": "/", "scopeType": "DirectoryRole", "roleDefinitionId": template,
                "policy": {"rules": distinct}}));
        }
    }
    (assignments, rules)
}

/// The roles whose assignments are in the file, by name, else by template id.
fn role_names(export: &Value) -> Vec<String> {
    let roles = items(export, "privileged_roles");
    roles.iter().filter_map(|role| text(role, "DisplayName").or_else(|| text(role, "RoleTemplateId"))).collect()
}

fn principals(export: &Value, key: &str) -> Vec<(String, Value)> {
    let map = get(export, key).and_then(Value::as_object);
    map.into_iter().flatten().map(|(id, said)| (id.clone(), canonical(said.clone()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set<'a>(export: &'a ScubaExport, name: &str) -> Option<&'a ScubaSet> {
        export.sets.iter().find(|set| set.data_set == name)
    }

    #[test]
    fn a_data_set_whose_command_is_in_neither_list_was_not_collected() {
        let export = convert(&json!({
            "aad_successful_commands": ["Get-MgBetaDirectorySetting"],
            "aad_unsuccessful_commands": "Get-MgBetaDomain",
            "directory_settings": [], "domain_settings": {"Id": "x"}, "conditional_access_policies": []}));
        assert!(set(&export, "groupSettings").is_some_and(|set| set.elements.is_empty()));
        assert!(set(&export, "domains").is_none() && set(&export, "policies").is_none());
        assert_eq!(export.failed, ["domains"]);
    }

    #[test]
    fn collapsed_collections_and_doubled_rules_are_undone() {
        let export = convert(&json!({"privileged_roles": {"RoleTemplateId": "r", "Assignments": {"PrincipalId": "a"},
            "Rules": [{"Id": "Approval"}, {"Id": "Approval"}]}}));
        let assignments = set(&export, "roleAssignments").unwrap();
        assert_eq!(assignments.elements, [json!({"PrincipalId": "a", "roleDefinitionId": "r"})]);
        assert!(assignments.lower_bound.is_some());
        let rules = set(&export, "roleManagementPolicyAssignments").unwrap();
        assert_eq!(rules.elements[0]["policy"]["rules"].as_array().unwrap().len(), 1);
    }

    #[test]
    fn plans_in_force_decide_the_edition() {
        let export = convert(
            &json!({"license_information": {"SkuId": "s", "PrepaidUnits": {"Enabled": 0, "Warning": 3}},
            "service_plans": [{"ServicePlanId": "p", "ProvisioningStatus": "Success"}, {"ServicePlanId": "q", "ProvisioningStatus": "Disabled"}]}),
        );
        let skus = &set(&export, "subscribedSkus").unwrap().elements;
        assert_eq!(skus[0]["capabilityStatus"], "Warning");
        assert_eq!(skus[1]["servicePlans"].as_array().unwrap().len(), 1);
    }
}
