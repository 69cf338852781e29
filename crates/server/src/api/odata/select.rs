//! `$select` and `$expand`: OData 4.01 Part 2 §5.1.4 and §5.1.3.

use serde_json::{Map, Value as Json};

use super::entity::EntityType;
use super::error::ODataError;
use super::filter::bind_members;
use super::options::names;

const FAILED: &str = "Parsing OData Select and Expand failed";

/// Reads `$select`; `None` is everything.
pub(crate) fn parse_select(text: &str, entity: &'static EntityType) -> Result<Option<Vec<Vec<String>>>, ODataError> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let mut paths = Vec::new();
    for item in text.split(',').map(str::trim) {
        if item == "*" {
            return Ok(None);
        }
        // Naming what `$expand` brings is allowed, and asks for nothing more.
        if expandable(item, entity).is_some() {
            continue;
        }
        let bound = names(item).and_then(|names| bind_members(&entity.structure, &names, true));
        paths.push(bound.map_err(|error| error.prefixed(FAILED))?.segments);
    }
    Ok(Some(paths))
}

/// Reads `$expand`. Options within it, such as `impactedResources($top=5)`, are not supported.
pub(crate) fn parse_expand(text: &str, entity: &'static EntityType) -> Result<Vec<&'static str>, ODataError> {
    let mut members = Vec::new();
    for item in text.split(',').map(str::trim).filter(|_| !text.trim().is_empty()) {
        let member = expandable(item, entity).ok_or_else(|| {
            let message = if item.contains('(') {
                "Options within $expand are not supported.".to_owned()
            } else {
                format!("Could not find a navigation property named '{item}' on type '{}'.", entity.structure.name)
            };
            ODataError::new(message).prefixed(FAILED)
        })?;
        if !members.contains(&member) {
            members.push(member);
        }
    }
    Ok(members)
}

fn expandable(name: &str, entity: &'static EntityType) -> Option<&'static str> {
    entity.expandable.iter().copied().find(|member| member.eq_ignore_ascii_case(name))
}

/// The row with the selected members only. Annotations about the row or about what stays, such as `@odata.type`, stay.
///
/// `id` stays only when it is selected, as Graph v1.0 answers `$select=displayName`.
pub(crate) fn project(row: Json, paths: &[&[String]]) -> Json {
    match row {
        Json::Object(members) => Json::Object(
            members
                .into_iter()
                .filter_map(|(name, value)| {
                    let kept = project_member(&name, value, paths)?;
                    Some((name, kept))
                })
                .collect::<Map<_, _>>(),
        ),
        Json::Array(elements) => Json::Array(elements.into_iter().map(|element| project(element, paths)).collect()),
        other => other,
    }
}

fn project_member(name: &str, value: Json, paths: &[&[String]]) -> Option<Json> {
    let about = name.split('@').next().unwrap_or(name);
    if about.is_empty() {
        return Some(value);
    }
    let mut within = Vec::new();
    for path in paths {
        match path {
            [first, rest @ ..] if first == about => within.push(rest),
            _ => {}
        }
    }
    if within.is_empty() {
        return None;
    }
    let whole = about != name || within.iter().any(|rest| rest.is_empty());
    Some(if whole { value } else { project(value, &within) })
}
