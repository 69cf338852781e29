//! Policies and other objects that are kept as read, in `documents.parquet`.

mod people;

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringBuilder};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use serde_json::{Map, Value};

use crate::ReadError;
use crate::ids::normal;
use crate::instant::{Instant, rfc3339};

/// Rows for `documents.parquet`.
pub(crate) struct Documents {
    kinds: StringBuilder,
    ids: StringBuilder,
    documents: StringBuilder,
    names: bool,
}

impl Documents {
    /// With `names` false, names of people are left out; names of policies stay.
    pub(crate) fn new(names: bool) -> Self {
        Self { kinds: StringBuilder::new(), ids: StringBuilder::new(), documents: StringBuilder::new(), names }
    }

    pub(crate) fn push(&mut self, kind: &str, id: &str, document: &Value) {
        self.kinds.append_value(kind);
        self.ids.append_value(normal(id));
        if self.names {
            self.documents.append_value(document.to_string());
        } else {
            let mut document = document.clone();
            people::leave_out(kind, &mut document);
            self.documents.append_value(document.to_string());
        }
    }

    pub(crate) fn finish(mut self) -> Result<RecordBatch, ReadError> {
        let text = |name| Field::new(name, DataType::Utf8, false);
        let schema: SchemaRef = Arc::new(Schema::new(vec![text("kind"), text("id"), text("json")]));
        let columns: Vec<ArrayRef> =
            vec![Arc::new(self.kinds.finish()), Arc::new(self.ids.finish()), Arc::new(self.documents.finish())];
        RecordBatch::try_new(schema, columns)
            .map_err(|error| ReadError::Table { table: "documents", reason: error.to_string() })
    }
}

/// Properties that hold a list; PowerShell collapses lists of one.
pub(crate) const LISTS: &[&str] = &[
    "includeUsers",
    "excludeUsers",
    "includeGroups",
    "excludeGroups",
    "includeRoles",
    "excludeRoles",
    "members",
    "includeApplications",
    "excludeApplications",
    "includeUserActions",
    "includeAuthenticationContextClassReferences",
    "includeLocations",
    "excludeLocations",
    "includePlatforms",
    "excludePlatforms",
    "clientAppTypes",
    "signInRiskLevels",
    "userRiskLevels",
    "servicePrincipalRiskLevels",
    "builtInControls",
    "customAuthenticationFactors",
    "termsOfUse",
    "allowedCombinations",
    "ipRanges",
    "countriesAndRegions",
    "includes",
    "excludes",
    "rules",
    "enabledRules",
    "notificationRecipients",
    "primaryApprovers",
    "approvalStages",
    "includeServicePrincipals",
    "excludeServicePrincipals",
    "includeTargets",
    "excludeTargets",
    "authenticationMethodConfigurations",
    "combinationConfigurations",
    "allowedAAGUIDs",
    "reviewers",
];

/// Other properties with capitals inside, so that any spelling finds back to Graph's.
const PROPERTIES: &[&str] = &[
    "displayName",
    "templateId",
    "createdDateTime",
    "modifiedDateTime",
    "grantControls",
    "sessionControls",
    "authenticationStrength",
    "deviceFilter",
    "applicationFilter",
    "authenticationFlows",
    "transferMethods",
    "insiderRiskLevels",
    "clientApplications",
    "servicePrincipalFilter",
    "includeGuestsOrExternalUsers",
    "excludeGuestsOrExternalUsers",
    "guestOrExternalUserTypes",
    "externalTenants",
    "membershipKind",
    "signInFrequency",
    "isEnabled",
    "authenticationType",
    "frequencyInterval",
    "persistentBrowser",
    "applicationEnforcedRestrictions",
    "cloudAppSecurity",
    "cloudAppSecurityType",
    "disableResilienceDefaults",
    "continuousAccessEvaluation",
    "secureSignInSession",
    "globalSecureAccessFilteringProfile",
    "isTrusted",
    "cidrAddress",
    "includeUnknownCountriesAndRegions",
    "countryLookupMethod",
    "policyType",
    "requirementsSatisfied",
    "isBuiltIn",
    "isPrivileged",
    "roleDefinitionId",
    "scopeId",
    "scopeType",
    "isApprovalRequired",
    "isExpirationRequired",
    "maximumDuration",
    "claimValue",
    "permissionType",
    "permissionClassification",
    "clientApplicationsFromVerifiedPublisherOnly",
    "resourceApplication",
    "clientApplicationIds",
    "clientApplicationPublisherIds",
    "clientApplicationTenantIds",
    "policyMigrationState",
    "registrationEnforcement",
    "inboundTrust",
    "isMfaAccepted",
    "isServiceDefault",
    "tenantId",
    "agentIdRiskLevels",
    "deviceStates",
    "includeDevices",
    "excludeDevices",
    "includeStates",
    "excludeStates",
];

/// The object with Graph's spelling: camelCase names, lists as lists, times as RFC 3339.
pub(crate) fn canonical(value: Value) -> Value {
    match value {
        Value::Object(properties) => {
            Value::Object(properties.into_iter().map(canonical_property).collect::<Map<_, _>>())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(canonical).collect()),
        Value::String(text) if text.starts_with("/Date(") => {
            let instant = Instant::parse(&text).map(|instant| instant.0.and_then(rfc3339));
            instant.map_or(Value::String(text), |instant| instant.map_or(Value::Null, Value::String))
        }
        other => other,
    }
}

fn canonical_property((name, value): (String, Value)) -> (String, Value) {
    let value = canonical(value);
    let (start, annotation) = name.split_once('@').map_or((name.as_str(), None), |(start, rest)| (start, Some(rest)));
    let listed = LISTS.iter().find(|known| known.eq_ignore_ascii_case(start));
    let spelled = listed.or_else(|| PROPERTIES.iter().find(|known| known.eq_ignore_ascii_case(start)));
    let start = spelled.map_or_else(|| lower_first(start), |known| (*known).to_owned());
    let value = match value {
        // PowerShell leaves null elements in otherwise empty lists.
        Value::Array(items) if listed.is_some() => {
            Value::Array(items.into_iter().filter(|item| !item.is_null()).collect())
        }
        other => other,
    };
    match annotation {
        Some(annotation) => (format!("{start}@{annotation}"), value),
        None if listed.is_some() && !matches!(value, Value::Array(_) | Value::Null) => {
            (start, Value::Array(vec![value]))
        }
        None => (start, value),
    }
}

/// `DisplayName` → `displayName`; a key that is data (an id) has no capital first letter alone.
fn lower_first(name: &str) -> String {
    let mut letters = name.chars();
    match letters.next() {
        Some(first) => first.to_ascii_lowercase().to_string() + letters.as_str(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn documents_get_graphs_spelling() {
        let read = json!({"Id": "c0", "DISPLAYNAME": "CA001", "CreatedDateTime": "/Date(1769788627239)/",
            "Conditions": {"Users": {"IncludeUsers": "All", "ExcludeUsers": []}, "UserRiskLevels": null},
            "AuthenticationStrength@odata.context": "x"});
        let expected = json!({"id": "c0", "displayName": "CA001", "createdDateTime": "2026-01-30T15:57:07.239Z",
            "conditions": {"users": {"includeUsers": ["All"], "excludeUsers": []}, "userRiskLevels": null},
            "authenticationStrength@odata.context": "x"});
        assert_eq!(canonical(read), expected);
    }
}
