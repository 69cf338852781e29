//! Where something can be taken away: every property and element of an export, grouped by data set and place.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::export::{Export, REPORT, data_set_of};

/// One value in one file, by its JSON pointer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Site {
    pub file: String,
    pub pointer: String,
}

impl Site {
    /// The name of the property; none for an element of a list.
    pub fn property(&self) -> Option<&str> {
        let last = self.pointer.rsplit('/').next().unwrap();
        if last.bytes().all(|byte| byte.is_ascii_digit()) { None } else { Some(last) }
    }
}

/// Data set → place, with `*` for every number of an element → where it occurs.
pub struct Sites(BTreeMap<String, BTreeMap<String, Vec<Site>>>);

/// Microsoft's own numbers: no control rests on them.
const UNJUDGED: [&str; 3] = ["secureScores", "secureScoreControlProfiles", "recommendations"];

impl Sites {
    pub fn of(export: &Export) -> Self {
        let mut sites = Self(BTreeMap::new());
        for (file, value) in &export.files {
            let data_set = data_set_of(file);
            if data_set != REPORT && !UNJUDGED.contains(&data_set) {
                sites.walk(file, value, String::new(), String::new());
            }
        }
        sites
    }

    fn walk(&mut self, file: &str, value: &Value, pointer: String, place: String) {
        if !pointer.is_empty() {
            let places = self.0.entry(data_set_of(file).to_owned()).or_default();
            places.entry(place.clone()).or_default().push(Site { file: file.to_owned(), pointer: pointer.clone() });
        }
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    self.walk(file, member, format!("{pointer}/{name}"), format!("{place}/{name}"));
                }
            }
            Value::Array(elements) => {
                for (at, element) in elements.iter().enumerate() {
                    self.walk(file, element, format!("{pointer}/{at}"), format!("{place}/*"));
                }
            }
            _ => {}
        }
    }

    pub fn data_sets(&self) -> Vec<&str> {
        self.0.keys().map(String::as_str).collect()
    }

    /// The places of a data set, each with the values that stand there.
    pub fn places(&self, data_set: &str) -> impl Iterator<Item = (&str, &[Site])> {
        self.0.get(data_set).into_iter().flatten().map(|(place, sites)| (place.as_str(), sites.as_slice()))
    }
}
