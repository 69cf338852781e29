//! What is *not* less information: absence that the catalogue's table says is an answer, and texts that are as good as any other.

use idscore_catalogue::properties::absent_answer;
use serde_json::Value;

use crate::export::Export;

/// Whether dropping what stands at this place says something: then the law does not speak of it.
pub fn absence_is_an_answer(export: &Export, data_set: &str, place: &str) -> bool {
    let property = place.strip_prefix("/value/*/").unwrap_or(place).replace('/', ".");
    absent_answer(data_set, &property).is_some()
        || (data_set == "policies" && is_list_of_a_part(place) && leaves_out_empty_members(export))
}

/// `include…` and `exclude…` of users, applications, platforms and locations.
fn is_list_of_a_part(place: &str) -> bool {
    let property = place.rsplit('/').next().unwrap();
    place.contains("/conditions/") && (property.starts_with("include") || property.starts_with("exclude"))
}

/// Whether no policy carries a null or an empty list: then an absent list is one that is not set.
fn leaves_out_empty_members(export: &Export) -> bool {
    fn none_empty(value: &Value) -> bool {
        match value {
            Value::Null => false,
            Value::Array(elements) => !elements.is_empty() && elements.iter().all(none_empty),
            Value::Object(members) => members.values().all(none_empty),
            _ => true,
        }
    }
    let pages = export.files.iter().filter(|(file, _)| file.starts_with("policies/"));
    pages.flat_map(|(_, page)| page["value"].as_array().into_iter().flatten()).all(none_empty)
}

/// Texts that people choose, and ids by which an object is known: another one is another object, not an unreadable one.
const CHOSEN: &[&str] = &[
    "id",
    "displayName",
    "description",
    "userPrincipalName",
    "mail",
    "mailNickname",
    "name",
    "permissionName",
    "onPremisesImmutableId",
    "securityIdentifier",
    "issuer",
    "issuerAssignedId",
    "usageLocation",
    "membershipRule",
    "publisherName",
    "homepage",
    "cidrAddress",
    "ipAddress",
    "customKeyIdentifier",
    "hint",
    "rule",
    "skuPartNumber",
    "servicePlanName",
    "keyId",
    "@odata.context",
    "@odata.nextLink",
    "@odata.id",
    "loginUrl",
];

/// Whether another text at this place is other information, not less.
pub fn is_chosen_text(data_set: &str, place: &str) -> bool {
    let property = place.rsplit('/').find(|step| *step != "*").unwrap();
    CHOSEN.contains(&property)
        // The names of countries and of banned passwords are as good as any other.
        || property == "countriesAndRegions"
        || (data_set == "groupSettings" && property == "value")
        // Every API names its own permissions.
        || place.ends_with("/appRoles/*/value")
}

#[test]
fn what_may_be_left_out_is_what_the_table_names() {
    let export = Export::default();
    let answers = |data_set, place| absence_is_an_answer(&export, data_set, place);
    assert!(answers("users", "/value/*/creationType") && answers("policies", "/value/*/conditions/devices"));
    assert!(!answers("policies", "/value/*/conditions/users") && !answers("users", "/value/*/userType"));
}
