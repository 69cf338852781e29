//! Pages: cut off, gone, or an error in their place.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Kind, Mutation};
use crate::dice::Dice;
use crate::export::{Content, Export, REPORT, data_set_of};

pub fn draw(kind: Kind, export: &Export, dice: &mut Dice) -> Option<Mutation> {
    let data_sets = export.data_sets();
    let data_set = *dice.pick(&data_sets)?;
    let pages = export.pages(data_set);
    let file = *dice.pick(&pages)?;
    let page = export.files.get(file)?;
    let (told, changes) = match kind {
        Kind::CutBody => cut_body(file, page, dice),
        Kind::ErrorBody => error_body(file, dice),
        _ => cut_pages(export, &pages, file, page, dice)?,
    };
    let data_set = data_set_of(file).to_owned();
    Some(Mutation { kind, data_set, place: told.0.to_owned(), told: format!("{file}: {}", told.1), changes })
}

type Change = ((&'static str, String), BTreeMap<String, Option<Content>>);

fn cut_body(file: &str, page: &Value, dice: &mut Dice) -> Change {
    let mut bytes = serde_json::to_vec(page).unwrap();
    bytes.truncate(dice.below(bytes.len()));
    let told = format!("the first {} bytes", bytes.len());
    (("", told), BTreeMap::from([(file.to_owned(), Some(Content::Raw(bytes)))]))
}

fn error_body(file: &str, dice: &mut Dice) -> Change {
    let codes = ["Authorization_RequestDenied", "Forbidden", "UnknownError", "neverSeenBefore", "serviceNotAvailable"];
    let code = *dice.pick(&codes).unwrap();
    let body = json!({"error": {"code": code, "message": "Insufficient privileges to complete the operation.",
        "innerError": {"date": "2026-11-20T06:00:00", "request-id": "0badcafe-0000-4000-8000-000000000001"}}});
    (("", code.to_owned()), BTreeMap::from([(file.to_owned(), Some(Content::Json(body)))]))
}

/// Rows or a whole page go, and something else still tells of them.
fn cut_pages(export: &Export, pages: &[&str], file: &str, page: &Value, dice: &mut Dice) -> Option<Change> {
    let rows = page.get("value")?.as_array()?.len();
    if rows == 0 {
        return None;
    }
    let mut shorter = page.clone();
    let kept = dice.below(rows);
    shorter["value"].as_array_mut()?.truncate(kept);
    let told = format!("{kept} of {rows} rows");
    let promised_by = match dice.below(3) {
        0 => {
            shorter["@odata.nextLink"] = json!("https://graph.microsoft.com/v1.0/next?$skiptoken=RFNwdAoAAQ");
            " a link promises more"
        }
        1 => {
            shorter["@odata.count"] = json!(rows);
            " a count promises more"
        }
        _ if reported(export, data_set_of(file)) => " the report promises more",
        _ => return None,
    };
    let changes = if kept == 0 && pages.len() > 1 && dice.chance(50) {
        BTreeMap::from([(file.to_owned(), None)])
    } else {
        BTreeMap::from([(file.to_owned(), Some(Content::Json(shorter)))])
    };
    // A page that is gone leaves no link and no count, unless the one before it has a link or the report knows it.
    if changes.values().any(Option::is_none) && !reported(export, data_set_of(file)) {
        return None;
    }
    Some(((promised_by, told), changes))
}

/// Whether the report tells how many rows the data set has.
fn reported(export: &Export, data_set: &str) -> bool {
    let known = export.files.get(REPORT).and_then(|report| report["dataSets"].as_array());
    known.into_iter().flatten().any(|known| known["name"] == data_set && known["status"] == "complete")
}
