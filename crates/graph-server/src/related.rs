//! Related objects that lie in other data sets than the row that `$expand` brings them into.

use serde_json::Value;

use crate::collection::broken;
use crate::failure::Failure;
use crate::folder::Folder;
use crate::query::Expand;
use crate::rows::Cursor;
use crate::scan::text;

/// Members that a group shows at most.
const MEMBERS_AT_MOST: usize = 20;

/// Which rows hold no related objects of their own: they are looked up.
pub(crate) fn looks_up(set: &str) -> bool {
    matches!(set, "groups" | "roleAssignments" | "roleAssignmentScheduleInstances" | "roleEligibilityScheduleInstances")
}

/// The row with the related objects that are asked for.
pub(crate) fn with_related(folder: &Folder, set: &str, expand: &[Expand], row: &[u8]) -> Result<Vec<u8>, Failure> {
    let mut whole = row.strip_suffix(b"}").unwrap_or(row).to_vec();
    for wanted in expand {
        let value = match (set, wanted.name.as_str()) {
            ("groups", "members") => members(folder, row)?,
            (_, "principal") => found(folder, row, "principalId", &["users", "groups", "servicePrincipals"])?,
            (_, "roleDefinition") => found(folder, row, "roleDefinitionId", &["roleDefinitions"])?,
            _ => continue,
        };
        whole.extend_from_slice(format!(",\"{}\":", wanted.name).as_bytes());
        whole.extend_from_slice(&value);
    }
    whole.push(b'}');
    Ok(whole)
}

fn members(folder: &Folder, group: &[u8]) -> Result<Vec<u8>, Failure> {
    let Some(id) = text(group, "id") else { return Ok(b"[]".to_vec()) };
    let Some(rows) = folder.rows_of("members", &id).map_err(broken)? else { return Ok(b"[]".to_vec()) };
    let (runs, _) = rows.take(Cursor::default(), MEMBERS_AT_MOST).map_err(broken)?;
    let members: Vec<&[u8]> = runs.iter().flat_map(|run| run.rows()).collect();
    Ok([b"[", members.join(&b',').as_slice(), b"]"].concat())
}

fn found(folder: &Folder, row: &[u8], reference: &str, sets: &[&'static str]) -> Result<Vec<u8>, Failure> {
    let Some(id) = text(row, reference) else { return Ok(b"null".to_vec()) };
    for set in sets {
        let rows = folder.rows(set).map_err(broken)?;
        let Some(found) = rows.map(|rows| rows.find(&id)).transpose().map_err(broken)?.flatten() else { continue };
        let kind = match *set {
            "users" => "user",
            "groups" => "group",
            "servicePrincipals" => "servicePrincipal",
            _ => return Ok(found),
        };
        let mut object: Value = serde_json::from_slice(&found).unwrap_or_default();
        if let Some(properties) = object.as_object_mut() {
            properties.insert("@odata.type".to_owned(), format!("#microsoft.graph.{kind}").into());
        }
        return Ok(object.to_string().into_bytes());
    }
    Ok(b"null".to_vec())
}
