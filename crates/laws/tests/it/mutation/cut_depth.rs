//! What PowerShell's `ConvertTo-Json` writes beyond its depth: a text in place of a list or an object.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Kind, Mutation};
use crate::dice::Dice;
use crate::export::{Content, Export, REPORT, data_set_of};

/// A whole file that was converted with too little depth.
pub fn draw(export: &Export, dice: &mut Dice) -> Option<Mutation> {
    let files: Vec<&String> = export.files.keys().filter(|file| *file != REPORT).collect();
    let file = *dice.pick(&files)?;
    let depth = 1 + dice.below(6);
    let before = export.files.get(file)?;
    let mut after = before.clone();
    cut(&mut after, depth);
    if after == *before {
        return None;
    }
    Some(Mutation {
        kind: Kind::CutDepthOfFile,
        data_set: data_set_of(file).to_owned(),
        place: format!(" from depth {depth}"),
        told: file.clone(),
        changes: BTreeMap::from([(file.clone(), Some(Content::Json(after)))]),
    })
}

fn cut(value: &mut Value, depth: usize) {
    let cut_inside = |inner: &mut Value| match inner {
        Value::Array(_) | Value::Object(_) if depth == 0 => *inner = Value::String(text(inner)),
        _ => cut(inner, depth.saturating_sub(1)),
    };
    match value {
        Value::Array(elements) => elements.iter_mut().for_each(cut_inside),
        Value::Object(members) => members.values_mut().for_each(cut_inside),
        _ => {}
    }
}

/// A value as text: elements with blanks between, objects as `@{name=value; …}`.
pub fn text(value: &Value) -> String {
    match value {
        Value::Array(elements) => elements.iter().map(text).collect::<Vec<_>>().join(" "),
        Value::Object(members) => {
            let members: Vec<String> =
                members.iter().map(|(name, value)| format!("{name}={}", inside(value))).collect();
            format!("@{{{}}}", members.join("; "))
        }
        _ => inside(value),
    }
}

fn inside(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::Array(_) => "System.Object[]".to_owned(),
        Value::Object(_) => String::new(),
    }
}
