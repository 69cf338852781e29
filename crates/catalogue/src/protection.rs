//! Reads protection files: statements about sign-ins that Conditional Access can prove.

use std::collections::BTreeSet;
use std::path::Path;

use idscore_access::Protection;

use crate::document::Document;
use crate::problem::{Place, Problems};
use crate::tables::table;

/// The protection of a file, when its meaning is clear.
pub(crate) fn read(path: &Path, text: &str, problems: &mut Problems) -> Option<Protection> {
    let document = Document::new(text, 1);
    let table = document.parse(problems);
    if problems.refused() {
        return None;
    }
    let protection = match toml::from_str::<Protection>(text) {
        Ok(protection) => protection,
        Err(error) => {
            let at = error.span().map_or(Place::from(1), |span| document.place(span.start));
            problems.refuse(at, error.message().replace('\n', " "));
            return None;
        }
    };
    let place_of = |key: &str| table.get(key).map_or(Place::from(1), |value| document.place(value.span().start));
    check(&protection, path, place_of, problems);
    (!problems.refused()).then_some(protection)
}

fn check(protection: &Protection, path: &Path, place_of: impl Fn(&str) -> Place, problems: &mut Problems) {
    let column = protection.column.as_str();
    let is_name = column.starts_with(|first: char| first.is_ascii_lowercase())
        && column.len() <= 60
        && column.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if !is_name || column == "taken_at" {
        problems
            .refuse(place_of("column"), format!("`{column}` cannot name a column"))
            .hint("small letters, digits and `_`, beginning with a letter");
    }
    if path.file_stem().and_then(|stem| stem.to_str()) != Some(column) {
        problems
            .refuse(place_of("column"), format!("the column `{column}` and the file's name differ"))
            .hint(format!("name the file {column}.toml"));
    }
    let users = table("users").map_or(&[][..], |users| users.columns);
    let taken: BTreeSet<&str> = users.iter().map(|column| column.name).collect();
    for name in names(column) {
        if taken.contains(name.as_str()) {
            problems.refuse(place_of("column"), format!("the table `users` already has a column `{name}`"));
        }
    }
    if protection.says.trim().is_empty() {
        problems.refuse(place_of("says"), "`says` is empty").hint("the statement in words");
    }
    let session =
        protection.session.sign_in_frequency_hours.is_some() || protection.session.persistent_browser.is_some();
    if protection.demands.is_empty() && !session {
        problems.refuse(1, "the protection demands nothing").hint("give `demands` or `session`");
    }
    if protection.session.sign_in_frequency_hours == Some(0) {
        problems.refuse(place_of("session"), "a sign-in frequency of 0 hours cannot be demanded");
    }
    let region = &protection.sign_ins;
    if region.resource.is_some() && region.user_action.is_some() {
        problems
            .refuse(place_of("sign_ins"), "`resource` and `user_action` exclude each other")
            .hint("a sign-in is for an app or for a user action");
    }
    let lists = [
        ("resource", region.resource.as_ref().map(Vec::len)),
        ("user_action", region.user_action.as_ref().map(Vec::len)),
        ("client_app", region.client_app.as_ref().map(Vec::len)),
        ("platform", region.platform.as_ref().map(Vec::len)),
        ("sign_in_risk", region.sign_in_risk.as_ref().map(Vec::len)),
        ("user_risk", region.user_risk.as_ref().map(Vec::len)),
        ("insider_risk", region.insider_risk.as_ref().map(Vec::len)),
        ("flow", region.flow.as_ref().map(Vec::len)),
    ];
    for (dimension, length) in lists {
        if length == Some(0) {
            problems
                .refuse(place_of("sign_ins"), format!("`{dimension}` is empty, so no sign-in is meant"))
                .hint("leave the dimension out to mean all of it");
        }
    }
}

/// The columns that a protection adds to `users`.
pub(crate) fn names(column: &str) -> [String; 3] {
    [column.to_owned(), format!("{column}_gap"), format!("{column}_by")]
}
