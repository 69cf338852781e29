//! What of a row is shown: chosen properties, related objects, and what only some clients or versions see.

use serde_json::{Value, json};

use crate::query::Expand;
use crate::scan::Scanner;

/// Related objects that the directory shows at most.
const RELATED_AT_MOST: usize = 20;

/// How rows of one answer are shaped.
#[derive(Debug, Default)]
pub(crate) struct Shape {
    /// The properties that are shown; all where nothing chooses.
    pub select: Option<Vec<String>>,
    /// Properties that are not shown.
    pub hidden: Vec<&'static str>,
    /// What has to look into a row.
    pub edits: Vec<Edit>,
}

/// A change of a row that needs its values.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Edit {
    /// Enum members newer than `unknownFutureValue` are shown as that.
    MaskEnums,
    /// Related objects with their own choice, 20 at most in the directory.
    Expanded { expand: Vec<Expand>, capped: bool },
    /// Settings of methods that beta alone shows.
    MethodsOfV1,
    /// Beta has the list of grant policies at the top.
    GrantListOfBeta,
    /// A member that the app may not read: its id, and nulls.
    OnlyIds,
    /// Properties that the app may not read are null.
    Nulls(&'static [&'static str]),
    /// The schedule behind an instance of eligibility.
    Schedule,
    /// A property that nobody has heard of.
    Extra,
    /// Null is left out.
    DropNulls,
    /// The property at a path has another value.
    Set(Vec<String>, Value),
}

impl Shape {
    /// Whether rows with these properties are shown as they are.
    pub fn is_whole(&self, keys: &[Box<str>]) -> bool {
        self.edits.is_empty() && keys.iter().all(|key| self.shows(key))
    }

    fn shows(&self, key: &str) -> bool {
        if let Some(select) = &self.select
            && !key.starts_with('@')
        {
            let property = key.split('@').next().unwrap_or(key);
            return select.iter().any(|selected| selected == property);
        }
        // The context of a page, where a row is a page of its own.
        key != "@odata.context" && !self.hidden.contains(&key)
    }

    /// Appends a row.
    pub fn write(&self, row: &[u8], out: &mut Vec<u8>) {
        if self.edits.is_empty() {
            self.chosen(row, out);
            return;
        }
        let mut chosen = Vec::with_capacity(row.len());
        self.chosen(row, &mut chosen);
        let Ok(mut value) = serde_json::from_slice::<Value>(&chosen) else {
            out.extend_from_slice(&chosen);
            return;
        };
        for edit in &self.edits {
            edit.apply(&mut value);
        }
        out.extend_from_slice(value.to_string().as_bytes());
    }

    fn chosen(&self, row: &[u8], out: &mut Vec<u8>) {
        out.push(b'{');
        let mut first = true;
        // The row was scanned when its page was indexed.
        let _ = Scanner::new(row).properties(|name, value| {
            if self.shows(&String::from_utf8_lossy(name)) {
                if !first {
                    out.push(b',');
                }
                first = false;
                out.push(b'"');
                out.extend_from_slice(name);
                out.extend_from_slice(b"\":");
                out.extend_from_slice(row.get(value).unwrap_or(b"null"));
            }
            true
        });
        out.push(b'}');
    }
}

/// Enum members that came after the sentinel, in the properties that may hold them.
const MASKED: [(&str, &[&str]); 5] = [
    ("includePlatforms", &["linux"]),
    ("excludePlatforms", &["linux"]),
    ("builtInControls", &["riskRemediation"]),
    ("allowedCombinations", &["qrCodePin"]),
    (
        "riskDetail",
        &[
            "m365DAdminDismissedDetection",
            "adminConfirmedServicePrincipalCompromised",
            "adminDismissedAllRiskForServicePrincipal",
            "userChangedPasswordOnPremises",
            "adminDismissedRiskForSignIn",
            "adminConfirmedAccountSafe",
            "microsoftRevokedSessions",
        ],
    ),
];

/// The data sets with such properties.
pub(crate) const MASKED_SETS: [&str; 4] =
    ["policies", "authenticationStrengthPolicies", "riskyUsers", "riskDetections"];

impl Edit {
    fn apply(&self, row: &mut Value) {
        match self {
            Self::MaskEnums => mask(row),
            Self::Expanded { expand, capped } => expanded(row, expand, *capped),
            Self::MethodsOfV1 => {
                let methods = row.get_mut("authenticationMethodConfigurations").and_then(Value::as_array_mut);
                for method in methods.into_iter().flatten() {
                    if let Some(features) = method.get_mut("featureSettings").and_then(Value::as_object_mut) {
                        features.remove("companionAppAllowedState");
                        features.remove("numberMatchingRequiredState");
                    }
                }
            }
            Self::GrantListOfBeta => {
                let permissions = row.get_mut("defaultUserRolePermissions").and_then(Value::as_object_mut);
                let list = permissions.and_then(|all| all.remove("permissionGrantPoliciesAssigned"));
                if let (Some(list), Some(properties)) = (list, row.as_object_mut()) {
                    properties.insert("permissionGrantPolicyIdsAssignedToDefaultUserRole".to_owned(), list);
                }
            }
            Self::OnlyIds => {
                for (name, value) in row.as_object_mut().into_iter().flatten() {
                    if name != "id" && !name.starts_with('@') {
                        *value = Value::Null;
                    }
                }
            }
            Self::Nulls(names) => {
                for (name, value) in row.as_object_mut().into_iter().flatten() {
                    if names.contains(&name.as_str()) {
                        *value = Value::Null;
                    }
                }
            }
            Self::Schedule => schedule(row),
            Self::Extra => {
                if let Some(properties) = row.as_object_mut() {
                    let value = json!({"since": "tomorrow", "values": [1, null, "x"]});
                    properties.insert("neverHeardOf".to_owned(), value);
                }
            }
            Self::DropNulls => drop_nulls(row),
            Self::Set(path, value) => set(row, path, value),
        }
    }
}

fn mask(value: &mut Value) {
    match value {
        Value::Array(elements) => elements.iter_mut().for_each(mask),
        Value::Object(properties) => {
            for (name, value) in properties {
                match MASKED.iter().find(|(property, _)| property == name) {
                    Some((_, newer)) => mask_texts(value, newer),
                    None => mask(value),
                }
            }
        }
        _ => {}
    }
}

/// Flags are one text with commas.
fn mask_texts(value: &mut Value, newer: &[&str]) {
    match value {
        Value::Array(elements) => elements.iter_mut().for_each(|element| mask_texts(element, newer)),
        Value::String(text) if text.split(',').any(|flag| newer.contains(&flag.trim())) => {
            let shown =
                text.split(',').map(|flag| if newer.contains(&flag.trim()) { "unknownFutureValue" } else { flag });
            *text = shown.collect::<Vec<_>>().join(",");
        }
        _ => {}
    }
}

fn expanded(row: &mut Value, expand: &[Expand], capped: bool) {
    for wanted in expand {
        let Some(related) = row.get_mut(&wanted.name) else { continue };
        match related {
            Value::Array(elements) => {
                if capped {
                    elements.truncate(RELATED_AT_MOST);
                }
                elements.iter_mut().for_each(|element| one(element, wanted));
            }
            other => one(other, wanted),
        }
    }
}

fn one(related: &mut Value, wanted: &Expand) {
    if let (Some(select), Some(properties)) = (&wanted.select, related.as_object_mut()) {
        properties.retain(|name, _| {
            name.starts_with('@') || select.contains(name) || wanted.expand.iter().any(|inner| inner.name == *name)
        });
    }
    expanded(related, &wanted.expand, false);
}

fn schedule(row: &mut Value) {
    let Some(properties) = row.as_object_mut() else { return };
    let start = properties.remove("startDateTime").unwrap_or_default();
    let expiration = match properties.remove("endDateTime").unwrap_or_default() {
        Value::Null => json!({"type": "noExpiration", "endDateTime": null, "duration": null}),
        end => json!({"type": "afterDateTime", "endDateTime": end, "duration": null}),
    };
    properties.remove("roleEligibilityScheduleId");
    properties.insert("status".to_owned(), json!("Provisioned"));
    let info = json!({"startDateTime": start, "recurrence": null, "expiration": expiration});
    properties.insert("scheduleInfo".to_owned(), info);
}

fn drop_nulls(value: &mut Value) {
    match value {
        Value::Array(elements) => elements.iter_mut().for_each(drop_nulls),
        Value::Object(properties) => {
            properties.retain(|_, value| !value.is_null());
            properties.values_mut().for_each(drop_nulls);
        }
        _ => {}
    }
}

fn set(value: &mut Value, path: &[String], wanted: &Value) {
    let Some((name, rest)) = path.split_first() else {
        *value = wanted.clone();
        return;
    };
    match value {
        Value::Array(elements) => elements.iter_mut().for_each(|element| set(element, path, wanted)),
        Value::Object(properties) => {
            if let Some(inner) = properties.get_mut(name) {
                set(inner, rest, wanted);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shaped(shape: &Shape, row: &Value) -> Value {
        let mut out = Vec::new();
        shape.write(row.to_string().as_bytes(), &mut out);
        serde_json::from_slice(&out).unwrap()
    }

    #[test]
    fn chosen_properties_keep_their_annotations() {
        let shape = Shape { select: Some(vec!["id".to_owned(), "members".to_owned()]), ..Shape::default() };
        let row = json!({"@odata.type": "#t", "id": 1, "name": "x", "members@delta": [], "gone": null});
        assert_eq!(shaped(&shape, &row), json!({"@odata.type": "#t", "id": 1, "members@delta": []}));
    }

    #[test]
    fn newer_enum_members_are_masked_only_where_they_are_enums() {
        let shape = Shape { edits: vec![Edit::MaskEnums], ..Shape::default() };
        let row = json!({"displayName": "linux", "conditions": {"platforms": {"includePlatforms": ["linux", "iOS"]}},
            "grantControls": {"builtInControls": ["riskRemediation", "mfa"]}, "allowedCombinations": ["password,qrCodePin"]});
        let masked = json!({"displayName": "linux", "conditions": {"platforms": {"includePlatforms": ["unknownFutureValue", "iOS"]}},
            "grantControls": {"builtInControls": ["unknownFutureValue", "mfa"]}, "allowedCombinations": ["password,unknownFutureValue"]});
        assert_eq!(shaped(&shape, &row), masked);
    }

    #[test]
    fn a_related_collection_ends_after_twenty() {
        let expand = vec![Expand { name: "owners".to_owned(), select: Some(vec!["id".to_owned()]), expand: vec![] }];
        let shape = Shape { edits: vec![Edit::Expanded { expand, capped: true }], ..Shape::default() };
        let owners: Vec<Value> = (0..25).map(|id| json!({"id": id, "mail": "x", "@odata.type": "#u"})).collect();
        let shown = shaped(&shape, &json!({"owners": owners}));
        assert_eq!(shown["owners"].as_array().unwrap().len(), 20);
        assert_eq!(shown["owners"][3], json!({"id": 3, "@odata.type": "#u"}));
    }
}
