//! What changed in policies and the things they name, from the documents of both snapshots.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// One policy, or one thing that policies name, that is not as it was.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PolicyChange {
    /// The kind of document, such as `conditionalAccessPolicy`.
    pub document: String,
    /// Its id.
    pub id: String,
    /// Its name, the newer one.
    pub name: String,
    /// What became of it.
    pub change: Changed,
    /// The properties that differ; none where it was added or removed.
    pub fields: Vec<FieldChange>,
}

/// What became of a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Changed {
    /// It was not there before.
    Added,
    /// It is not there any more.
    Removed,
    /// It was switched on, off, or to report-only, and nothing else.
    Switched,
    /// Its properties differ.
    Changed,
}

/// One property that differs. A list says what came and what went, in whatever order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FieldChange {
    /// The property, such as `conditions.users.excludeUsers`.
    pub path: String,
    /// What was there and is not.
    pub removed: Vec<String>,
    /// What is there and was not.
    pub added: Vec<String>,
}

/// Properties that change without changing what a policy does.
const STAMPS: &[&str] = &["modifiedDateTime", "createdDateTime", "deletedDateTime"];

/// Lays two lists of documents of one kind beside each other, by id.
#[must_use]
pub fn policy_changes(document: &str, before: &[(String, Value)], after: &[(String, Value)]) -> Vec<PolicyChange> {
    let by_id = |list: &'_ [(String, Value)]| -> BTreeMap<String, Value> { list.iter().cloned().collect() };
    let (before, after) = (by_id(before), by_id(after));
    let ids: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let change = |id: &String| {
        let (change, fields, shown) = match (before.get(id), after.get(id)) {
            (Some(was), Some(is)) => {
                let fields = fields(was, is);
                let switched = fields.iter().all(|field| matches!(field.path.as_str(), "state" | "isEnabled"));
                (if switched { Changed::Switched } else { Changed::Changed }, fields, is)
            }
            (Some(was), None) => (Changed::Removed, vec![], was),
            (None, Some(is)) => (Changed::Added, vec![], is),
            (None, None) => return None,
        };
        if fields.is_empty() && matches!(change, Changed::Switched) {
            return None;
        }
        let name = shown.get("displayName").and_then(Value::as_str).unwrap_or(id).to_owned();
        Some(PolicyChange { document: document.to_owned(), id: id.clone(), name, change, fields })
    };
    ids.into_iter().filter_map(change).collect()
}

/// A text that is the same as long as no document differs in what it does, in whatever order they and their lists are; 16
/// characters.
#[must_use]
pub fn digest(documents: &[(String, Value)]) -> String {
    let by_id: BTreeMap<&String, _> = documents.iter().map(|(id, document)| (id, flat(document))).collect();
    let mut hash = Sha256::new();
    for (id, properties) in by_id {
        // Lengths stand before texts, so that no two lists are written alike.
        let mut put = |text: &str| hash.update(format!("{}:{text}", text.len()));
        put(id);
        for (path, values) in properties {
            put(&path);
            put(&values.len().to_string());
            values.iter().for_each(|value| put(value));
        }
        put("");
    }
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

fn fields(before: &Value, after: &Value) -> Vec<FieldChange> {
    let (was, is) = (flat(before), flat(after));
    let paths: BTreeSet<&String> = was.keys().chain(is.keys()).collect();
    let none = BTreeSet::new();
    let differs = |path: &String| {
        let (was, is) = (was.get(path).unwrap_or(&none), is.get(path).unwrap_or(&none));
        (was != is).then(|| FieldChange {
            path: path.clone(),
            removed: was.difference(is).cloned().collect(),
            added: is.difference(was).cloned().collect(),
        })
    };
    paths.into_iter().filter_map(differs).collect()
}

/// Every property by its path, with its values; what is empty is as if it were not there.
fn flat(document: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let mut found = BTreeMap::new();
    let mut open = vec![(String::new(), document)];
    while let Some((path, value)) = open.pop() {
        match value {
            Value::Object(properties) => {
                let known =
                    properties.iter().filter(|(name, _)| !name.contains('@') && !STAMPS.contains(&name.as_str()));
                open.extend(known.map(|(name, value)| {
                    (if path.is_empty() { name.clone() } else { format!("{path}.{name}") }, value)
                }));
            }
            Value::Array(items) => {
                for item in items {
                    found.entry(path.clone()).or_insert_with(BTreeSet::new).insert(text(item));
                }
            }
            Value::Null => {}
            other => {
                found.entry(path).or_insert_with(BTreeSet::new).insert(text(other));
            }
        }
    }
    found
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn changes(before: Value, after: Value) -> Vec<(Changed, Vec<FieldChange>)> {
        let list = |value: Value| {
            let items = value.as_array().cloned().unwrap_or_default();
            items.into_iter().map(|item| (item["id"].as_str().unwrap().to_owned(), item)).collect::<Vec<_>>()
        };
        let found = policy_changes("conditionalAccessPolicy", &list(before), &list(after));
        found.into_iter().map(|change| (change.change, change.fields)).collect()
    }

    #[test]
    fn a_policy_is_added_removed_or_switched() {
        let before = json!([{"id": "a", "state": "enabled"}, {"id": "b", "state": "enabled"}]);
        let after = json!([{"id": "b", "state": "disabled"}, {"id": "c", "state": "enabled"}]);
        let kinds: Vec<_> = changes(before, after).into_iter().map(|(kind, _)| kind).collect();
        assert_eq!(kinds, [Changed::Removed, Changed::Switched, Changed::Added]);
    }

    #[test]
    fn a_list_says_what_came_and_what_went_in_whatever_order() {
        let users = |list: Value| json!([{"id": "a", "conditions": {"users": {"excludeUsers": list}}}]);
        assert_eq!(
            changes(users(json!(["x", "y"])), users(json!(["z", "x"]))),
            [(
                Changed::Changed,
                vec![FieldChange {
                    path: "conditions.users.excludeUsers".to_owned(),
                    removed: vec!["y".to_owned()],
                    added: vec!["z".to_owned()],
                }]
            )]
        );
        assert!(changes(users(json!(["x", "y"])), users(json!(["y", "x"]))).is_empty());
    }

    #[test]
    fn a_digest_differs_where_a_policy_does() {
        let of = |value: Value| {
            let items = value.as_array().cloned().unwrap_or_default();
            digest(&items.into_iter().map(|item| (item["id"].as_str().unwrap().to_owned(), item)).collect::<Vec<_>>())
        };
        let (a, b) = (json!({"id": "a", "state": "enabled", "users": ["x", "y"]}), json!({"id": "b"}));
        let was = of(json!([a, b]));
        assert_eq!(was.len(), 16);
        let stamped =
            json!({"id": "a", "state": "enabled", "users": ["y", "x"], "modifiedDateTime": "2026", "grant": null});
        assert_eq!(of(json!([b, stamped])), was);
        for other in [
            json!([a]),
            json!([]),
            json!([{"id": "a", "state": "disabled", "users": ["x", "y"]}, b]),
            json!([{"id": "a", "state": "enabled", "users": ["x"]}, b]),
            json!([{"id": "a", "state": "enabled", "users": ["x", "y", "z"]}, b]),
        ] {
            assert_ne!(of(other.clone()), was, "{other}");
        }
    }

    #[test]
    fn stamps_and_empty_properties_are_no_change() {
        let before = json!([{"id": "a", "modifiedDateTime": null, "conditions": {"platforms": null}}]);
        let after =
            json!([{"id": "a", "modifiedDateTime": "2026-11-20T06:00:00Z", "conditions": {"userRiskLevels": []}}]);
        assert!(changes(before, after).is_empty());
    }
}
