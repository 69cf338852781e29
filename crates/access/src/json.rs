//! Reading Graph's JSON whatever its spelling: property names without case, husks, collections of one, comma strings.

use serde_json::{Map, Value, json};

/// Where the PowerShell SDK puts properties that its version doesn't know.
const ADDITIONAL: &str = "AdditionalProperties";

/// What an object says of a property.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Said<'a> {
    /// The object doesn't carry it.
    Absent,
    /// It is null. PowerShell writes an object with every member null in place of it.
    Null,
    /// It has a value, which may be an empty list.
    Value(&'a Value),
}

/// What an object says of a property, by its name whatever the case.
pub(crate) fn said<'a>(value: &'a Value, name: &str) -> Said<'a> {
    let of = |value: &'a Value| match member(value, name) {
        None => Said::Absent,
        Some(found) if is_husk(found) => Said::Null,
        Some(found) => Said::Value(found),
    };
    match of(value) {
        own @ Said::Value(_) => own,
        own => match member(value, ADDITIONAL).map_or(Said::Absent, of) {
            Said::Absent => own,
            additional => additional,
        },
    }
}

/// A property that is an object, be it a husk: another member of it may be absent.
pub(crate) fn object<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let own = member(value, name).filter(|found| !found.is_null());
    own.or_else(|| member(member(value, ADDITIONAL)?, name)).filter(|found| found.is_object())
}

/// The value of a property that says something.
pub(crate) fn get<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    match said(value, name) {
        Said::Value(found) if !says_nothing(found) => Some(found),
        _ => None,
    }
}

fn member<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let object = value.as_object()?;
    object.get(name).or_else(|| object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

/// The members of an object, but for annotations and the PowerShell SDK's place for what it doesn't know, which is often empty.
fn own_members(members: &Map<String, Value>) -> impl Iterator<Item = &Value> {
    let is_spare = |key: &str, value: &Value| key.eq_ignore_ascii_case(ADDITIONAL) && *value == json!({});
    members.iter().filter(move |(key, value)| !key.contains('@') && !is_spare(key, value)).map(|(_, value)| value)
}

/// Whether a value is null, or an object with members all of which are. An object without members is none: whatever
/// could stand in it is absent.
pub(crate) fn is_husk(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Object(members) => own_members(members).next().is_some() && own_members(members).all(is_husk),
        _ => false,
    }
}

/// Whether there is nothing in a value: null, an empty list, or an object with members all of which are such.
pub(crate) fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => own_members(members).next().is_some() && own_members(members).all(says_nothing),
    }
}

/// Whether a null or an empty list stands anywhere in a value.
pub(crate) fn has_empty_member(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
        Value::Array(items) => items.is_empty() || items.iter().any(has_empty_member),
        Value::Object(members) => members.values().any(has_empty_member),
    }
}

/// A text property that is not blank.
pub(crate) fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    get(value, name)?.as_str().map(str::trim).filter(|text| !text.is_empty())
}

/// A list of texts; a bare text is a list of one. A blank text stays, and so does a value of another type: as a word that
/// nobody knows.
pub(crate) fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        None => Vec::new(),
        Some(Value::Array(items)) => items.iter().map(one_text).collect(),
        Some(other) => vec![one_text(other)],
    }
}

/// A word that stands for a value of the wrong type.
const WRONG_TYPE: &str = "unknownFutureValue";

fn one_text(value: &Value) -> String {
    value.as_str().map_or_else(|| WRONG_TYPE.to_owned(), normal_id)
}

/// The words of an enumeration with flags: a comma string, or a list.
pub(crate) fn flags(value: Option<&Value>) -> Vec<String> {
    texts(value).iter().flat_map(|text| text.split(',')).map(str::trim).map(str::to_owned).collect()
}

/// An id as we compare it: GUIDs in lower case, all else as it is.
pub(crate) fn normal_id(id: &str) -> String {
    let id = id.trim();
    if is_guid(id) { id.to_ascii_lowercase() } else { id.to_owned() }
}

/// Whether a text has the form of Microsoft's ids, and so is no name. Only of such a text it can be said that what it means was
/// deleted.
#[must_use]
pub fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// The names of members that say something and are not among the known ones.
pub(crate) fn unknown_members(value: &Value, known: &[&str]) -> Vec<String> {
    let own = value.as_object().into_iter().flatten();
    let additional = member(value, ADDITIONAL).and_then(Value::as_object).into_iter().flatten();
    own.filter(|(key, _)| !key.eq_ignore_ascii_case(ADDITIONAL))
        .chain(additional)
        .filter(|(key, value)| {
            !key.contains('@') && !says_nothing(value) && !known.iter().any(|name| key.eq_ignore_ascii_case(name))
        })
        .map(|(key, _)| key.clone())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_member_that_holds_nothing_at_all_is_set() {
        let set = |value: Value| !unknown_members(&json!({"somethingNew": value}), &["users"]).is_empty();
        assert!([json!({}), json!({"part": {}}), json!(false), json!("")].into_iter().all(set));
        assert!(![json!(null), json!([]), json!({"level": null, "list": []})].into_iter().any(set));
    }

    #[test]
    fn an_object_whose_members_are_all_null_is_a_husk() {
        assert!(is_husk(&json!({"Mode": null, "Rule": null, "@odata.type": "#x"})));
        assert!(is_husk(&json!({"externalTenants": {"membershipKind": null}, "list": null})));
        assert!(!is_husk(&json!({"isEnabled": false})));
        assert!(!is_husk(&json!({"list": []})), "another list may be absent");
        assert!(!is_husk(&json!({})), "everything is absent");
        assert!(is_husk(&json!({"Mode": null, "AdditionalProperties": {}})));
        assert!(!is_husk(&json!({"Mode": null, "AdditionalProperties": {"level": "low"}})));
    }

    #[test]
    fn absent_null_and_empty_are_told_apart() {
        let value = json!({"Null": null, "Empty": [], "AdditionalProperties": {"More": null, "Null": true}});
        assert_eq!(said(&value, "absent"), Said::Absent);
        assert_eq!(said(&value, "more"), Said::Null);
        assert_eq!(said(&value, "empty"), Said::Value(&json!([])));
        assert_eq!(said(&value, "null"), Said::Value(&json!(true)));
    }

    #[test]
    fn property_names_are_compared_without_case_and_lists_of_one_may_be_bare() {
        let value = json!({"IncludeUsers": "All"});
        assert_eq!(texts(get(&value, "includeUsers")), ["All"]);
        assert_eq!(flags(Some(&json!("minor, moderate,elevated"))), ["minor", "moderate", "elevated"]);
    }

    #[test]
    fn a_blank_text_or_a_null_in_a_list_stays_as_a_word_that_nobody_knows() {
        assert_eq!(texts(Some(&json!(["", null, "a"]))), ["", WRONG_TYPE, "a"]);
        assert_eq!(flags(Some(&json!(" "))), [""]);
    }

    #[test]
    fn properties_that_the_powershell_sdk_does_not_know_are_found_where_it_puts_them() {
        let value = json!({"Id": "x", "AdditionalProperties": {"@odata.type": "#t", "isTrusted": true, "new": 1}});
        assert_eq!(get(&value, "isTrusted"), Some(&json!(true)));
        assert_eq!(unknown_members(&value, &["id", "isTrusted"]), ["new"]);
    }

    #[test]
    fn guids_are_compared_in_lower_case() {
        assert_eq!(normal_id(" 797F4846-BA00-4FD7-BA43-DAC1F8F63013 "), "797f4846-ba00-4fd7-ba43-dac1f8f63013");
        assert_eq!(normal_id("Office365"), "Office365");
    }
}
