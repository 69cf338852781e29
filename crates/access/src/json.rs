//! Reading Graph's JSON whatever its spelling: property names without case, husks, collections of one, comma strings.

use serde_json::Value;

/// Where the PowerShell SDK puts properties that its version doesn't know.
const ADDITIONAL: &str = "AdditionalProperties";

/// A property by name, whatever its case. Husks count as absent.
pub(crate) fn get<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    member(value, name).or_else(|| member(member(value, ADDITIONAL)?, name))
}

fn member<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let object = value.as_object()?;
    let found = object
        .get(name)
        .or_else(|| object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))?;
    (!is_husk(found)).then_some(found)
}

/// Whether a value says nothing. PowerShell writes an object with every member null for each part that is absent.
pub(crate) fn is_husk(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(_) | Value::Number(_) => false,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.iter().all(is_husk),
        Value::Object(members) => members.iter().all(|(key, value)| key.contains('@') || is_husk(value)),
    }
}

/// A text property.
pub(crate) fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    get(value, name)?.as_str().map(str::trim)
}

/// A list of texts; a bare text is a list of one. Anything else in it is a word that nobody knows.
pub(crate) fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        None => Vec::new(),
        Some(Value::Array(items)) => items.iter().filter(|item| !is_husk(item)).map(one_text).collect(),
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
    texts(value)
        .iter()
        .flat_map(|text| text.split(','))
        .map(str::trim)
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// An id as we compare it: GUIDs in lower case, all else as it is.
pub(crate) fn normal_id(id: &str) -> String {
    let id = id.trim();
    if is_guid(id) { id.to_ascii_lowercase() } else { id.to_owned() }
}

fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Whether a word in a list of ids is a keyword (which are letters only) rather than an id.
pub(crate) fn is_keyword(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// The names of members that say something and are not among the known ones.
pub(crate) fn unknown_members(value: &Value, known: &[&str]) -> Vec<String> {
    let own = value.as_object().into_iter().flatten();
    let additional = member(value, ADDITIONAL).and_then(Value::as_object).into_iter().flatten();
    own.filter(|(key, _)| !key.eq_ignore_ascii_case(ADDITIONAL))
        .chain(additional)
        .filter(|(key, value)| {
            !key.contains('@') && !is_husk(value) && !known.iter().any(|name| key.eq_ignore_ascii_case(name))
        })
        .map(|(key, _)| key.clone())
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_object_whose_members_are_all_null_is_a_husk() {
        assert!(is_husk(&json!({"Mode": null, "Rule": null, "@odata.type": "#x"})));
        assert!(is_husk(&json!({"externalTenants": {"membershipKind": null}, "list": []})));
        assert!(!is_husk(&json!({"isEnabled": false})));
    }

    #[test]
    fn property_names_are_compared_without_case_and_lists_of_one_may_be_bare() {
        let value = json!({"IncludeUsers": "All"});
        assert_eq!(texts(get(&value, "includeUsers")), ["All"]);
        assert_eq!(flags(Some(&json!("minor, moderate,elevated"))), ["minor", "moderate", "elevated"]);
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
