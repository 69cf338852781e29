//! Text in place of a list or an object: PowerShell's `ConvertTo-Json` writes so whatever lies deeper than its `-Depth`.

use serde_json::Value;

/// Ends every reason that speaks of it, so that the error can be told from other damage.
const MARK: &str = "the export was cut at a depth";
/// What is quoted of a text.
const QUOTED: usize = 60;
/// Properties whose text people write, where anything may stand.
const FREE: &[&str] =
    &["displayName", "description", "name", "title", "notes", "comment", "message", "reason", "justification", "hint"];

/// Whether a text is what PowerShell makes of a list or an object: `System.Object[]`, `@{a=b; c=d}`, `ID1 ID2`.
pub(crate) fn shows_cut(text: &str) -> bool {
    let text = text.trim();
    let one_word = !text.contains(char::is_whitespace);
    (text.starts_with("@{") && text.ends_with('}'))
        || (one_word && ["System.", "Microsoft.Graph."].iter().any(|start| text.starts_with(start)))
        || are_ids(text)
}

/// Two ids or more, with blanks between.
fn are_ids(text: &str) -> bool {
    let mut words = text.split_ascii_whitespace();
    let is_id = |word: &str| crate::ids::is_guid(word);
    text.len() > 36 && words.clone().count() > 1 && words.all(is_id)
}

/// Whether a text that stands alone for a list of words can't be its only word.
pub(crate) fn is_no_word(text: &str) -> bool {
    shows_cut(text) || text.trim().contains(char::is_whitespace)
}

/// The reason that names the property and what stands there.
pub(crate) fn instead_of(property: &str, text: &str, expected: &str) -> String {
    let quoted: String = text.chars().take(QUOTED).collect();
    format!("`{property}` is the text \"{quoted}\", expected {expected}: {MARK}")
}

/// Whether a reason speaks of it: our own, or serde's where the text shows it.
pub(crate) fn is_cut(reason: &str) -> bool {
    if reason.ends_with(MARK) {
        return true;
    }
    let found = reason.split_once("invalid type: string \"").and_then(|(_, rest)| rest.rsplit_once("\", expected "));
    found.is_some_and(|(text, expected)| {
        ["a list", "a sequence", "a map", "struct"].iter().any(|kind| expected.starts_with(kind)) && is_no_word(text)
    })
}

/// Looks for a cut anywhere in an object: no property that holds ids or words looks like that otherwise.
pub(crate) fn find(object: &Value, lists: &[&str]) -> Option<String> {
    let named = |known: &[&str], name: &str| known.iter().any(|known| known.eq_ignore_ascii_case(name));
    match object {
        Value::Object(properties) => properties.iter().find_map(|(name, value)| match value {
            _ if name.contains('@') => None,
            Value::String(text) if named(lists, name) && is_no_word(text) => Some(instead_of(name, text, "a list")),
            Value::String(text) if !named(FREE, name) && shows_cut(text) => {
                Some(instead_of(name, text, "a list or an object"))
            }
            Value::Array(items) => items.iter().find_map(|item| match item {
                Value::String(text) if shows_cut(text) => Some(instead_of(name, text, "a list or an object")),
                other => find(other, lists),
            }),
            other => find(other, lists),
        }),
        Value::Array(items) => items.iter().find_map(|item| find(item, lists)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ONE: &str = "a0000000-0000-4000-8000-000000000001";

    #[test]
    fn what_powershell_writes_beyond_its_depth_is_told_from_words() {
        let two = format!("{ONE} {ONE}");
        for text in [
            "System.Object[]",
            "System.Collections.Hashtable",
            "Microsoft.Graph.PowerShell.Models.MicrosoftGraphConditionalAccessUsers",
            "@{includeUsers=All; excludeUsers=}",
            &two,
        ] {
            assert!(shows_cut(text), "{text}");
        }
        for text in [
            "",
            "All",
            ONE,
            "Break Glass",
            "System administrators",
            "ManagePermissionGrantsForSelf.microsoft-user-default-low",
        ] {
            assert!(!shows_cut(text), "{text}");
        }
        assert!(is_no_word("android iOS") && !is_no_word("All"));
    }

    #[test]
    fn a_cut_is_found_at_any_depth_and_names_are_left_alone() {
        let policy = |conditions: Value| json!({"displayName": "System.Object[]", "conditions": conditions});
        let lists = ["excludeGroups", "includePlatforms"];
        assert_eq!(find(&policy(json!({"users": {"excludeGroups": ["x"], "includePlatforms": "all"}})), &lists), None);
        let found = find(&policy(json!({"users": {"excludeGroups": "Sales Staff"}})), &lists).unwrap();
        assert!(found.starts_with("`excludeGroups` is the text \"Sales Staff\"") && is_cut(&found), "{found}");
        assert!(find(&policy(json!({"sessions": [{"signInFrequency": "@{value=4}"}]})), &lists).is_some());
        assert!(find(&policy(json!({"users": ["System.Object[]"]})), &lists).is_some());
    }
}
