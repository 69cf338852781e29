//! What holds for every filter and for every text.

use proptest::prelude::*;
use serde_json::json;

use super::generated::filter;
use super::{parse, profile};
use crate::api::odata::filter::MAX_CHARACTERS;
use crate::api::odata::types::{SECURE_SCORE, SECURE_SCORE_CONTROL_PROFILE};

/// A text with one character taken out, put in or replaced, several times over.
fn mutated(text: &str, changes: &[(prop::sample::Index, u8, char)]) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    for (place, kind, character) in changes {
        let at = place.index(characters.len() + 1);
        match kind {
            0 if at < characters.len() => drop(characters.remove(at)),
            1 if at < characters.len() => characters[at] = *character,
            2 => characters.truncate(at),
            _ => characters.insert(at, *character),
        }
    }
    characters.into_iter().collect()
}

fn characters() -> impl Strategy<Value = char> {
    prop_oneof![prop::sample::select("()',/:. -+0129eTZaonx$@".chars().collect::<Vec<_>>()), any::<char>()]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_filter_is_read_as_it_was_printed(filter in filter()) {
        let text = filter.to_string();
        prop_assume!(text.chars().count() <= MAX_CHARACTERS);
        prop_assert_eq!(parse(&text, &SECURE_SCORE_CONTROL_PROFILE), Ok(filter), "{}", text);
    }

    #[test]
    fn every_filter_answers_for_every_row(filter in filter()) {
        for row in [profile(), json!({}), json!(null), json!([1]), json!({"threats": 3, "title": ["x"], "rank": "7"})] {
            let _ = filter.matches(&row);
        }
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in any::<String>()) {
        if let Ok(filter) = parse(&text, &SECURE_SCORE) {
            let _ = filter.matches(&profile());
        }
    }

    #[test]
    fn no_damaged_filter_makes_the_parser_panic(
        filter in filter(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0..5_u8, characters()), 1..6),
    ) {
        let text = mutated(&filter.to_string(), &changes);
        match parse(&text, &SECURE_SCORE_CONTROL_PROFILE) {
            Ok(filter) => { let _ = filter.matches(&profile()); }
            Err(error) => prop_assert!(error.position.is_none_or(|at| at <= text.chars().count())),
        }
    }
}
