//! Names that stand in place of ids: documentation tools write them.

use std::collections::HashMap;

/// What names mean, compared without case. A name that several objects have means none of them.
#[derive(Debug, Clone, Default)]
pub struct Names(HashMap<String, Option<String>>);

impl Names {
    /// Adds an object under one of its names.
    pub fn add(&mut self, name: &str, id: &str) {
        let known = self.0.entry(name.trim().to_lowercase()).or_insert_with(|| Some(id.to_owned()));
        if known.as_deref() != Some(id) {
            *known = None;
        }
    }

    /// The id of the one object with that name.
    #[must_use]
    pub fn id_of(&self, name: &str) -> Option<&str> {
        if self.0.is_empty() {
            return None;
        }
        self.0.get(&name.trim().to_lowercase())?.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_two_objects_means_neither_and_case_does_not_matter() {
        let mut names = Names::default();
        names.add("Glass", "1");
        names.add("glass ", "1");
        names.add("Twice", "2");
        names.add("TWICE", "3");
        assert_eq!((names.id_of("GLASS"), names.id_of("twice"), names.id_of("new")), (Some("1"), None, None));
    }
}
