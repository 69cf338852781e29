//! Whole data sets, and what the collector's report says of them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Kind, Mutation};
use crate::dice::Dice;
use crate::export::{Content, Export, REPORT, data_set_of};

pub fn draw(kind: Kind, export: &Export, dice: &mut Dice) -> Option<Mutation> {
    let data_sets = export.data_sets();
    let data_set = *dice.pick(&data_sets)?;
    let mut changes = BTreeMap::new();
    let mut remove_files = || {
        let files = export.files.keys().filter(|file| data_set_of(file) == data_set);
        changes.extend(files.map(|file| (file.clone(), None)));
    };
    let place = match kind {
        Kind::Absent => {
            remove_files();
            if dice.chance(50) {
                changes.insert(REPORT.to_owned(), Some(Content::Json(without(export, &[data_set]))));
                String::new()
            } else {
                " of which the report tells".to_owned()
            }
        }
        Kind::NotRead => {
            let statuses = ["refused", "failed", "notLicensed", "notInCloud", "neverSeenBefore"];
            let status = *dice.pick(&statuses)?;
            if dice.chance(60) {
                remove_files();
            }
            let mut report = export.files.get(REPORT)?.clone();
            let known = report["dataSets"].as_array_mut()?.iter_mut().find(|known| known["name"] == data_set)?;
            known["status"] = json!(status);
            changes.insert(REPORT.to_owned(), Some(Content::Json(report)));
            format!(" {status}")
        }
        _ => return of_report(export, dice),
    };
    Some(Mutation { kind, data_set: data_set.to_owned(), place, told: "whole".to_owned(), changes })
}

/// The report without some data sets.
pub fn without(export: &Export, data_sets: &[&str]) -> Value {
    let mut report = export.files[REPORT].clone();
    let names = |known: &Value| known["name"].as_str().is_some_and(|name| data_sets.contains(&name));
    report["dataSets"].as_array_mut().unwrap().retain(|known| !names(known));
    report
}

/// The report is gone, or a property of it.
fn of_report(export: &Export, dice: &mut Dice) -> Option<Mutation> {
    let mutation = |place: String, told: String, content| Mutation {
        kind: Kind::Report,
        data_set: REPORT.to_owned(),
        place,
        told,
        changes: BTreeMap::from([(REPORT.to_owned(), content)]),
    };
    if dice.chance(20) {
        return Some(mutation(" gone".to_owned(), String::new(), None));
    }
    let mut report = export.files.get(REPORT)?.clone();
    let known = report["dataSets"].as_array_mut()?;
    let at = dice.below(known.len());
    let known = known.get_mut(at)?;
    let told = known["name"].to_string();
    let properties: Vec<String> = known.as_object()?.keys().cloned().collect();
    let property = dice.pick(&properties)?;
    let place = if dice.chance(50) {
        known.as_object_mut()?.remove(property);
        format!("/dataSets/*/{property} left out")
    } else {
        known[property.as_str()] = json!({"neverSeen": 1});
        format!("/dataSets/*/{property} of another type")
    };
    Some(mutation(place, told, Some(Content::Json(report))))
}
