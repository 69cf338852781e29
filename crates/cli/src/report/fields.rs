//! What the JSON formats of others share: our own fields beside theirs, and text that is safe to show.

use idscore_assess::EvidenceRow;
use idscore_score::Points;
use serde_json::{Map, Value, json};

use super::{Action, words};
use crate::error::CliError;

/// The fields of `--format json` and `--format csv` under the same names, for the place where a format lets a producer
/// put fields of its own.
pub fn own(action: Action<'_>) -> Value {
    let result = action.result;
    let exact = |points: &Option<Points>| points.as_ref().map(Points::to_f64);
    without_nulls(json!({
        "set": words::set(result.set),
        "outcome": words::outcome_key(result.outcome),
        "score": exact(&result.score),
        "maxScore": exact(&result.max_score),
        "scoreAtLeast": exact(&result.score_at_least),
        "scoreAtMost": exact(&result.score_at_most),
        "toWin": result.max_score.as_ref().map(|_| action.winnable().to_f64()),
        "impactPercent": result.impact_percent.as_ref().map(|percent| percent.rounded().to_f64()),
        "count": result.count,
        "total": result.total,
        "unknown": result.unknown,
        "status": words::status_key(result.status),
        "needsLicense": result.needs_license,
    }))
}

/// What a row of evidence shows besides its name and its reason.
pub fn of_row(row: &EvidenceRow) -> Value {
    let mut fields: Map<String, Value> =
        row.evidence.iter().map(|(column, value)| (column.clone(), shown(value))).collect();
    fields.insert("objectId".to_owned(), words::visible(&row.object_id).into());
    fields.insert("outcome".to_owned(), words::outcome_key(row.outcome).into());
    without_nulls(Value::Object(fields))
}

/// Why a row loses points, with the sign-in that escapes.
pub fn why(row: &EvidenceRow) -> String {
    match row.witness.as_deref().filter(|witness| !row.why.contains(*witness)) {
        Some(witness) => words::visible(&format!("{}: {witness}", row.why)),
        None => words::visible(&row.why),
    }
}

/// What a row is called: its name, else its id.
pub fn name(row: &EvidenceRow) -> String {
    words::visible(row.name.as_deref().unwrap_or(&row.object_id))
}

/// A value from a tenant with its text made visible.
fn shown(value: &Value) -> Value {
    match value {
        Value::String(text) => words::visible(text).into(),
        Value::Array(items) => items.iter().map(shown).collect(),
        other => other.clone(),
    }
}

/// The same without members that are null: published schemas want a member left out where there is nothing to say.
pub fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => members
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name, without_nulls(value)))
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(items) => items.into_iter().map(without_nulls).collect(),
        other => other,
    }
}

/// The text of a file.
pub fn pretty(value: Value) -> Result<String, CliError> {
    Ok(serde_json::to_string_pretty(&without_nulls(value))? + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_without_a_value_is_left_out_at_any_depth() {
        assert_eq!(without_nulls(json!({"a": null, "b": [{"c": null, "d": 0}]})), json!({"b": [{"d": 0}]}));
    }
}
