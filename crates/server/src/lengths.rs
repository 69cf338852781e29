//! How long the texts that a client sends may be: members of bodies, fields of forms, options of queries. The document says the
//! same.

use serde_json::Value;

/// Characters of what a query option may hold.
pub(crate) const OPTION: usize = 4_000;
/// Characters of an id in a path.
pub(crate) const ID: usize = 200;
/// Characters of a note.
const NOTE: usize = 4_000;
/// Characters of the name of a person or a thing.
const NAME: usize = 200;

/// Members and fields by name.
const LONGEST: [(&str, usize); 16] = [
    ("approver", NAME),
    ("assignedTo", NAME),
    ("by", NAME),
    ("comment", NOTE),
    ("controlId", ID),
    ("dismissReason", NOTE),
    ("domain", 253),
    ("industry", NAME),
    ("name", NAME),
    ("note", NOTE),
    ("owner", NAME),
    ("provider", NAME),
    ("reason", NOTE),
    // Each of them; a form has them in one text.
    ("tags", NAME),
    ("takenAt", 64),
    ("vendor", NAME),
];

/// Entries of lists by name.
const MOST: [(&str, usize); 3] = [("actions", 1_000), ("controlStateUpdates", 1_000), ("tags", 50)];

fn of(table: &[(&str, usize)], name: &str) -> Option<usize> {
    table.iter().find(|(known, _)| *known == name).map(|(_, limit)| *limit)
}

/// Characters that a member or field may have; none where it isn't named.
pub(crate) fn longest(name: &str) -> Option<usize> {
    of(&LONGEST, name)
}

/// Entries that a list may have; none where it isn't named.
pub(crate) fn most(name: &str) -> Option<usize> {
    of(&MOST, name)
}

/// What is too long in a body, in words.
pub(crate) fn too_long(body: &Value) -> Option<String> {
    match body {
        Value::Object(members) => members.iter().find_map(|(name, value)| member_too_long(name, value)),
        Value::Array(values) => values.iter().find_map(too_long),
        _ => None,
    }
}

fn member_too_long(name: &str, value: &Value) -> Option<String> {
    match value {
        Value::String(text) => text_too_long(name, text, longest(name)?),
        Value::Array(values) => match most(name).filter(|most| values.len() > *most) {
            Some(most) => Some(format!("`{name}` has {} entries, at most {most} are taken.", values.len())),
            None => values.iter().find_map(|value| member_too_long(name, value)),
        },
        Value::Object(_) => too_long(value),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

/// What is too long in a form, in words.
pub(crate) fn field_too_long(name: &str, text: &str) -> Option<String> {
    // Tags stand in one field, with commas between.
    let limit = if name == "tags" { Some(NOTE) } else { longest(name) };
    text_too_long(name, text, limit?)
}

/// What is too long in a query, in words.
pub(crate) fn option_too_long(query: &str) -> Option<String> {
    // Decoding makes nothing longer.
    if query.len() <= OPTION {
        return None;
    }
    let options: Vec<(String, String)> = serde_html_form::from_str(query).ok()?;
    // Those of OData have limits of their own.
    let mut own = options.iter().filter(|(name, _)| !name.starts_with('$'));
    own.find_map(|(name, text)| text_too_long(name, text, OPTION))
}

fn text_too_long(name: &str, text: &str, limit: usize) -> Option<String> {
    let length = text.chars().count();
    (length > limit).then(|| {
        let shown: String = name.chars().take(NAME).collect();
        format!("`{shown}` has {length} characters, at most {limit} are taken.")
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_note_has_four_thousand_characters_at_most_wherever_it_stands() {
        let body = |length| json!({"actions": [{"controlId": "x", "note": "ä".repeat(length)}]});
        assert_eq!(too_long(&body(4_000)), None);
        assert_eq!(too_long(&body(4_001)).unwrap(), "`note` has 4001 characters, at most 4000 are taken.");
    }

    #[test]
    fn lists_and_what_stands_in_them_have_limits() {
        assert_eq!(too_long(&json!({"tags": vec!["x"; 50]})), None);
        assert!(too_long(&json!({"tags": vec!["x"; 51]})).unwrap().contains("51 entries"));
        assert!(too_long(&json!({"tags": ["x".repeat(201)]})).unwrap().contains("201 characters"));
        assert!(too_long(&json!({"actions": vec![json!({}); 1_001]})).is_some());
    }

    #[test]
    fn members_that_are_not_read_may_be_as_long_as_the_body() {
        assert_eq!(too_long(&json!({"remediation": "x".repeat(100_000)})), None);
    }

    #[test]
    fn fields_and_options_have_limits() {
        assert!(
            field_too_long("owner", &"x".repeat(201)).is_some() && field_too_long("token", &"x".repeat(201)).is_none()
        );
        assert!(field_too_long("tags", &"x,".repeat(200)).is_none());
        assert!(option_too_long(&format!("find={}", "x".repeat(4_001))).is_some());
        assert_eq!(option_too_long("find=x&top=5"), None);
    }
}
