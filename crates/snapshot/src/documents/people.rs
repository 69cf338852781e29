//! Names of people in documents, for those who don't want them kept.

use serde_json::{Map, Value};

/// Properties that name or describe a person, wherever they stand.
const PERSONAL: &[&str] = &["userPrincipalName", "mail", "email", "emailAddress", "givenName", "surname"];
/// Objects that are people, with their names.
const PEOPLE: &[&str] = &[
    "createdBy",
    "lastModifiedBy",
    "modifiedBy",
    "principal",
    "user",
    "primaryApprovers",
    "escalationApprovers",
    "reviewers",
];
/// In Microsoft's control profiles: user principal names, and free text about a decision.
const DECIDED: &[&str] = &["assignedTo", "updatedBy", "comment"];
/// What stays of an object that a recommendation is about and that may be a person.
const OF_A_PERSON: &[&str] = &[
    "id",
    "subjectId",
    "recommendationId",
    "resourceType",
    "rank",
    "status",
    "addedDateTime",
    "lastModifiedDateTime",
    "postponeUntilDateTime",
];
/// What goes of an object that is an application, whose own name stays.
const OF_AN_APPLICATION: &[&str] = &["owner", "lastModifiedBy"];

/// Leaves names of people out of a document of a kind; names of policies and applications stay.
pub(super) fn leave_out(kind: &str, document: &mut Value) {
    leave_out_people(document);
    match kind {
        "secureScoreControlProfile" => {
            each(document, "controlStateUpdates", |update| update.retain(|name, _| !any_case(DECIDED, name)));
        }
        "recommendation" => {
            each(document, "impactedResources", leave_out_subject);
            leave_out_texts(document, "lastModifiedBy");
        }
        _ => {}
    }
}

fn leave_out_people(value: &mut Value) {
    match value {
        Value::Object(properties) => {
            properties.retain(|name, _| !any_case(PERSONAL, name));
            for (name, value) in properties.iter_mut() {
                if name == "notificationRecipients" {
                    // Whether there are any is judged; who they are is not.
                    for recipient in value.as_array_mut().into_iter().flatten() {
                        *recipient = Value::String("left out".to_owned());
                    }
                } else if any_case(PEOPLE, name) {
                    leave_out_names(value);
                }
                leave_out_people(value);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(leave_out_people),
        _ => {}
    }
}

fn leave_out_names(value: &mut Value) {
    match value {
        Value::Object(properties) => {
            properties.retain(|name, _| !any_case(&["displayName", "description"], name));
            properties.values_mut().for_each(leave_out_names);
        }
        Value::Array(items) => items.iter_mut().for_each(leave_out_names),
        _ => {}
    }
}

/// Whoever is not plainly an application may be a person.
fn leave_out_subject(subject: &mut Map<String, Value>) {
    let kind = subject.iter().find(|(name, _)| name.eq_ignore_ascii_case("resourceType"));
    let kind = kind.and_then(|(_, kind)| kind.as_str()).unwrap_or_default();
    if any_case(&["app", "application", "servicePrincipal"], kind) {
        subject.retain(|name, _| !any_case(OF_AN_APPLICATION, name));
    } else {
        subject.retain(|name, _| any_case(OF_A_PERSON, name));
    }
}

/// Takes a property away where its text holds more than an id: a user principal name.
fn leave_out_texts(document: &mut Value, property: &str) {
    let Some(object) = document.as_object_mut() else { return };
    object.retain(|name, value| {
        !name.eq_ignore_ascii_case(property) || !value.as_str().is_some_and(|text| text.contains('@'))
    });
}

/// Does something to every object of a list, or to the object that stands for a list of one.
fn each(document: &mut Value, list: &str, change: impl Fn(&mut Map<String, Value>)) {
    let Some(object) = document.as_object_mut() else { return };
    for (_, value) in object.iter_mut().filter(|(name, _)| name.eq_ignore_ascii_case(list)) {
        match value {
            Value::Array(items) => items.iter_mut().filter_map(Value::as_object_mut).for_each(&change),
            Value::Object(one) => change(one),
            _ => {}
        }
    }
}

fn any_case(names: &[&str], name: &str) -> bool {
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_of_people_are_left_out_and_names_of_policies_stay() {
        let mut document = json!({"displayName": "CA001", "createdBy": {"user": {"displayName": "Ada", "id": "a0"}},
            "policy": {"rules": [{"notificationRecipients": ["ada@example.org"],
                "setting": {"approvalStages": [{"primaryApprovers": [{"description": "Ada", "userId": "a0"}]}]}}]}});
        leave_out("conditionalAccessPolicy", &mut document);
        let expected = json!({"displayName": "CA001", "createdBy": {"user": {"id": "a0"}},
            "policy": {"rules": [{"notificationRecipients": ["left out"],
                "setting": {"approvalStages": [{"primaryApprovers": [{"userId": "a0"}]}]}}]}});
        assert_eq!(document, expected);
    }

    #[test]
    fn a_decision_keeps_its_state_and_instant_only() {
        let mut document = json!({"id": "AdminMFAV2", "controlStateUpdates": [{"assignedTo": "ada@example.org", "comment": "Ada",
            "state": "Ignored", "updatedBy": "ada@example.org", "updatedDateTime": "2026-11-01T08:00:00Z"}]});
        leave_out("secureScoreControlProfile", &mut document);
        let kept = json!([{"state": "Ignored", "updatedDateTime": "2026-11-01T08:00:00Z"}]);
        assert_eq!(document["controlStateUpdates"], kept);
    }

    #[test]
    fn people_behind_a_recommendation_keep_their_ids_and_applications_their_names() {
        let mut document = json!({"id": "r", "displayName": "MFA", "lastModifiedBy": "ada@example.org", "ImpactedResources": [
            {"subjectId": "a0", "resourceType": "user", "displayName": "Ada", "owner": "Bob", "portalUrl": "https://x/ada",
                "additionalDetails": [{"key": "UPN", "value": "ada@example.org"}]},
            {"subjectId": "e0", "ResourceType": "App", "displayName": "Till", "owner": "Ada"},
            {"subjectId": "a1", "displayName": "Eve"}]});
        leave_out("recommendation", &mut document);
        let kept = json!({"id": "r", "displayName": "MFA", "ImpactedResources": [
            {"subjectId": "a0", "resourceType": "user"},
            {"subjectId": "e0", "ResourceType": "App", "displayName": "Till"}, {"subjectId": "a1"}]});
        assert_eq!(document, kept);
    }
}
