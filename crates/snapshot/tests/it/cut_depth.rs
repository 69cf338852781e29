//! Lists and objects that PowerShell wrote as one text, because they lay deeper than `ConvertTo-Json` was told to go.

use idscore_snapshot::ReadError;
use serde_json::{Value, json};

use crate::support::{Export, ORGANIZATION, REPORT, careful};

const ID: &str = "a0000000-0000-4000-8000-000000000001";

#[track_caller]
fn cut(path: &str, content: &str, property: &str) {
    let error = Export::of(&[ORGANIZATION, REPORT, (path, content)]).read().err().expect(content);
    assert!(matches!(&error, ReadError::CutDepth { file, .. } if file == path), "{error:?}");
    assert!(error.to_string().contains(property), "{error}");
    assert!(error.hint().unwrap().contains("-Depth 20"));
}

#[test]
fn a_policy_that_was_cut_at_any_depth_is_refused_with_file_property_and_hint() {
    let ids = format!("{ID} {ID}");
    for (pointer, text) in [
        ("/conditions", "@{users=; applications=}"),
        ("/conditions/users", "@{includeUsers=System.Object[]}"),
        ("/conditions/users/excludeGroups", &ids),
        ("/conditions/users/excludeGroups", "System.Object[]"),
        ("/conditions/users/includeGuestsOrExternalUsers", "System.Collections.Hashtable"),
        ("/conditions/platforms/includePlatforms", "android iOS"),
        ("/conditions/locations", "Microsoft.Graph.PowerShell.Models.MicrosoftGraphConditionalAccessLocations"),
        ("/grantControls", "System.Collections.Hashtable"),
        ("/grantControls/builtInControls", "mfa compliantDevice"),
        ("/sessionControls/signInFrequency", "@{value=4; type=hours; isEnabled=True}"),
        ("/somethingNew/inside", "System.Object[]"),
    ] {
        let mut policy = json!({"id": "c1", "state": "enabled"});
        let mut place = &mut policy;
        for name in pointer.split('/').skip(1) {
            place = &mut place[name];
        }
        *place = Value::String(text.to_owned());
        cut("policies/1.json", &json!({"value": [policy]}).to_string(), pointer.rsplit('/').next().unwrap());
    }
}

#[test]
fn typed_lists_and_objects_of_every_data_set_are_checked_too() {
    for (path, content, property) in [
        ("users/1.json", r#"{"value":[{"id":"a1","assignedLicenses":"System.Object[]"}]}"#, "assignedLicenses"),
        ("users/1.json", r#"{"value":[{"id":"a1","signInActivity":"@{lastSignInDateTime=}"}]}"#, "signInActivity"),
        ("groups/1.json", r#"{"value":[{"id":"b1","groupTypes":"Unified DynamicMembership"}]}"#, "groupTypes"),
        (
            "userRegistrationDetails/1.json",
            r#"{"value":[{"id":"a1","methodsRegistered":"System.Object[]"}]}"#,
            "methodsRegistered",
        ),
        ("applications/1.json", r#"{"value":[{"id":"e1","passwordCredentials":"@{keyId=x}"}]}"#, "passwordCredentials"),
        ("subscribedSkus/1.json", r#"{"value":[{"skuId":"s","servicePlans":"System.Object[]"}]}"#, "servicePlans"),
        ("namedLocations/1.json", r#"{"value":[{"id":"d1","ipRanges":"System.Object[]"}]}"#, "ipRanges"),
        (
            "authorizationPolicy/1.json",
            r#"{"defaultUserRolePermissions":"@{allowedToCreateApps=True}"}"#,
            "defaultUserRolePermissions",
        ),
        ("default/1.json", r#"{"inboundTrust":"System.Collections.Hashtable"}"#, "inboundTrust"),
        ("groupSettings/1.json", r#"{"value":[{"id":"j","values":"System.Object[]"}]}"#, "values"),
        ("users/1.json", r#"{"value":"System.Object[]"}"#, "value"),
    ] {
        cut(path, content, property);
    }
}

#[test]
fn a_single_word_stays_a_collapsed_list_and_a_name_stays_a_name() {
    let policies = json!({"value": [{"id": "c1", "displayName": "System.Object[] is a name", "state": "enabled",
        "conditions": {"users": {"includeUsers": "All", "excludeUsers": ID, "excludeGroups": ["Break Glass", ""]}}}]});
    let read = Export::of(&[ORGANIZATION, REPORT, ("policies/1.json", &policies.to_string())]).read().unwrap();
    let (_, policy) = read.snapshot.documents("conditionalAccessPolicy").unwrap().remove(0);
    assert_eq!(policy["conditions"]["users"]["excludeUsers"], json!([ID]));
    assert_eq!(policy["conditions"]["users"]["excludeGroups"], json!(["Break Glass", ""]));
}

/// Writes everything that lies deeper than `depth` as PowerShell does.
fn cut_at(value: &Value, depth: usize) -> Value {
    match value {
        Value::Object(properties) if depth == 0 => {
            let inside: Vec<String> =
                properties.iter().map(|(name, value)| format!("{name}={}", words(value))).collect();
            Value::String(format!("@{{{}}}", inside.join("; ")))
        }
        Value::Array(_) if depth == 0 => Value::String(words(value)),
        Value::Object(properties) => {
            properties.iter().map(|(name, value)| (name.clone(), cut_at(value, depth - 1))).collect()
        }
        Value::Array(items) => items.iter().map(|item| cut_at(item, depth - 1)).collect(),
        other => other.clone(),
    }
}

fn words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(words).collect::<Vec<_>>().join(" "),
        Value::Null => String::new(),
        Value::Object(_) => "System.Object".to_owned(),
        other => other.to_string(),
    }
}

/// Whether something was cut that is not the same as before: a list of one word is, and a blank text is unknown.
fn is_lost(whole: &Value, cut: &Value) -> bool {
    match (whole, cut) {
        (Value::Object(_), Value::String(_)) => true,
        (Value::Array(items), Value::String(_)) => items.len() > 1 || items.iter().any(Value::is_object),
        (Value::Object(whole), Value::Object(cut)) => whole.iter().any(|(name, value)| is_lost(value, &cut[name])),
        (Value::Array(whole), Value::Array(cut)) => whole.iter().zip(cut).any(|(whole, cut)| is_lost(whole, cut)),
        _ => false,
    }
}

#[test]
fn a_whole_tenant_that_was_cut_where_something_lay_is_refused_or_loses_nothing() {
    let mut refused = 0;
    let whole = careful();
    for page in
        whole.pages().into_iter().filter(|page| page.starts_with("policies/") || page.starts_with("namedLocations/"))
    {
        let read: Value = serde_json::from_slice(&std::fs::read(whole.path().join(&page)).unwrap()).unwrap();
        for depth in 2..7 {
            let cut = cut_at(&read, depth);
            let export = careful();
            export.add(&page, cut.to_string().as_bytes());
            match export.read() {
                Err(ReadError::CutDepth { file, .. }) => {
                    refused += 1;
                    assert_eq!(file, page);
                }
                Err(error) => panic!("{page} at {depth}: {error}"),
                Ok(_) => assert!(!is_lost(&read, &cut), "{page} at {depth}"),
            }
        }
    }
    assert!(refused > 4);
}
