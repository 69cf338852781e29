//! Single values: left out, of another type, unreadable.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Kind, Mutation, cut_depth, short};
use crate::dice::Dice;
use crate::documented::{absence_is_an_answer, is_chosen_text};
use crate::export::{Content, Export, REPORT, data_set_of};
use crate::sites::{Site, Sites};

/// What to write in place of a value; `None`: nothing.
type Replacement = Option<Value>;

/// Changes one value, or the values at one place of all objects.
pub fn draw(kind: Kind, export: &Export, sites: &Sites, dice: &mut Dice) -> Option<Mutation> {
    let data_set = *dice.pick(&sites.data_sets())?;
    let fitting = fitting(kind, export, sites, data_set);
    let (place, found) = dice.pick(&fitting)?;
    let everywhere = matches!(kind, Kind::DropEverywhere | Kind::UnknownWordEverywhere);
    let chosen = if everywhere { found.clone() } else { vec![*dice.pick(found)?] };
    Some(change(kind, export, data_set, place, &chosen, dice))
}

/// Every property left out: of each object alone, and of all of them.
pub fn every_drop<'a>(export: &Export, sites: &'a Sites) -> Vec<(Kind, &'a str, &'a str, Vec<&'a Site>)> {
    let mut drops = Vec::new();
    for data_set in sites.data_sets() {
        for (place, found) in fitting(Kind::Drop, export, sites, data_set) {
            if found.len() > 1 {
                drops.push((Kind::DropEverywhere, data_set, place, found.clone()));
            }
            drops.extend(found.into_iter().map(|site| (Kind::Drop, data_set, place, vec![site])));
        }
    }
    drops
}

/// The places of a data set with the values that can be changed this way.
fn fitting<'a>(kind: Kind, export: &Export, sites: &'a Sites, data_set: &str) -> Vec<(&'a str, Vec<&'a Site>)> {
    let places = sites.places(data_set).map(|(place, found)| {
        let fits = |site: &&Site| fits(kind, export, data_set, place, site, at(export, site));
        (place, found.iter().filter(fits).collect::<Vec<_>>())
    });
    places.filter(|(_, found)| !found.is_empty()).collect()
}

fn at<'a>(export: &'a Export, site: &Site) -> &'a Value {
    export.files[&site.file].pointer(&site.pointer).unwrap()
}

/// Changes the chosen values, all of one place.
pub fn change(kind: Kind, export: &Export, data_set: &str, place: &str, chosen: &[&Site], dice: &mut Dice) -> Mutation {
    let mut files: BTreeMap<String, Value> = BTreeMap::new();
    let mut told = Vec::new();
    for site in chosen {
        let replacement = replacement(kind, at(export, site), dice);
        let now = replacement.as_ref().map_or_else(|| "left out".to_owned(), short);
        told.push(format!("{}{} was {}, now {now}", site.file, site.pointer, short(at(export, site))));
        let file = files.entry(site.file.clone()).or_insert_with(|| export.files[&site.file].clone());
        replace(file, &site.pointer, replacement);
    }
    let mut changes: BTreeMap<String, Option<Content>> =
        files.into_iter().map(|(file, value)| (file, Some(Content::Json(value)))).collect();
    if kind == Kind::UnreadReference {
        // The data sets that would say what is named there.
        let unread = referenced(place).unwrap();
        let gone = export.files.keys().filter(|file| unread.contains(&data_set_of(file)));
        changes.extend(gone.map(|file| (file.clone(), None)));
        changes.insert(REPORT.to_owned(), Some(Content::Json(super::report::without(export, unread))));
    }
    told.truncate(3);
    Mutation { kind, data_set: data_set.to_owned(), place: place.to_owned(), told: told.join("; "), changes }
}

fn fits(kind: Kind, export: &Export, data_set: &str, place: &str, site: &Site, value: &Value) -> bool {
    let text = value.as_str().filter(|_| !is_chosen_text(data_set, place));
    match kind {
        Kind::Drop | Kind::DropEverywhere => {
            site.property().is_some() && !absence_is_an_answer(export, data_set, place)
        }
        // Any type may be the right one in place of null.
        Kind::OtherType => !value.is_null(),
        Kind::UnknownWord | Kind::UnknownWordEverywhere => text.is_some(),
        Kind::Blank => text.is_some_and(|text| !text.is_empty()),
        Kind::NullReference => site.property().is_some_and(|name| is_reference(data_set, name)) && value.is_string(),
        Kind::UnreadReference => data_set == "policies" && referenced(place).is_some() && text.is_some_and(is_guid),
        Kind::CutDepth => value.is_array() || value.is_object(),
        _ => false,
    }
}

/// References that Graph may serve as null.
const REFERENCES: &[&str] = &[
    "appId",
    "appOwnerOrganizationId",
    "appRoleId",
    "clientId",
    "directoryScopeId",
    "groupId",
    "policyId",
    "principalId",
    "resourceAppId",
    "resourceId",
    "roleDefinitionId",
    "roleTemplateId",
    "scopeId",
    "servicePlanId",
    "skuId",
    "userId",
];

/// Whether null at this place leaves open what is referred to. A consent for all principals names none.
fn is_reference(data_set: &str, property: &str) -> bool {
    REFERENCES.contains(&property) && (data_set, property) != ("oauth2PermissionGrants", "principalId")
}

/// The data sets without which nothing can be said about what a policy names here.
///
/// Roles, users and apps are not among them: an id that no assignment and no user has says that nobody has it.
fn referenced(place: &str) -> Option<&'static [&'static str]> {
    match place.rsplit('/').nth(1)? {
        "includeGroups" | "excludeGroups" => Some(&["groups", "members", "eligibilityScheduleInstances"]),
        "includeLocations" | "excludeLocations" => Some(&["namedLocations"]),
        _ => None,
    }
}

fn is_guid(text: &str) -> bool {
    text.len() == 36 && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

fn replacement(kind: Kind, value: &Value, dice: &mut Dice) -> Replacement {
    let any = |dice: &mut Dice, values: &[Value]| dice.pick(values).cloned();
    match kind {
        Kind::Drop | Kind::DropEverywhere => None,
        Kind::UnknownWord | Kind::UnknownWordEverywhere => {
            any(dice, &[json!("neverSeenBefore"), json!("unknownFutureValue")])
        }
        Kind::Blank => any(dice, &[json!(""), json!(" ")]),
        Kind::NullReference => Some(Value::Null),
        Kind::UnreadReference => Some(json!("0badcafe-0000-4000-8000-00000000dead")),
        Kind::CutDepth => Some(Value::String(cut_depth::text(value))),
        _ => match value {
            // A list of one may be collapsed to its element, so that an object or a text is an element here.
            Value::Array(_) => any(dice, &[json!(42), json!(true)]),
            Value::Object(_) => any(dice, &[json!(42), json!(true), json!("neverSeenBefore")]),
            Value::String(_) => any(dice, &[json!(42), json!(true), json!({"neverSeen": 1}), json!([1, 2])]),
            Value::Bool(_) => any(dice, &[json!(42), json!("neverSeenBefore"), json!({"neverSeen": 1}), json!([])]),
            Value::Number(_) => any(dice, &[json!("neverSeenBefore"), json!(true), json!({"neverSeen": 1}), json!([])]),
            Value::Null => any(dice, &[json!(42), json!("neverSeenBefore"), json!({"neverSeen": 1})]),
        },
    }
}

fn replace(file: &mut Value, pointer: &str, replacement: Replacement) {
    match replacement {
        Some(value) => *file.pointer_mut(pointer).unwrap() = value,
        None => {
            let (parent, name) = pointer.rsplit_once('/').unwrap();
            file.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name);
        }
    }
}
