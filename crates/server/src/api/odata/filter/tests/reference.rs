//! The evaluator against the plainest one that can be written, over rows of three nullable columns.

use proptest::prelude::*;
use serde_json::json;

use super::parse;
use crate::api::odata::types::SECURE_SCORE_CONTROL_PROFILE;

#[derive(Debug, Clone)]
struct Row {
    rank: Option<i8>,
    title: Option<String>,
    deprecated: Option<bool>,
}

/// What can be asked, as text and as meaning.
#[derive(Debug, Clone)]
enum Asked {
    Rank(&'static str, Option<i8>),
    Title(&'static str, Option<String>),
    Deprecated,
    Contains(String),
    RankIn(Vec<i8>),
    Both(Box<Asked>, Box<Asked>),
    Either(Box<Asked>, Box<Asked>),
    Opposite(Box<Asked>),
}

fn literal(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "null".to_owned(), |value| value.to_string())
}

impl Asked {
    fn text(&self) -> String {
        match self {
            Self::Rank(word, number) => format!("rank {word} {}", literal(*number)),
            Self::Title(word, text) => {
                format!("title {word} {}", literal(text.as_ref().map(|text| format!("'{text}'"))))
            }
            Self::Deprecated => "deprecated".to_owned(),
            Self::Contains(text) => format!("contains( title , '{text}')"),
            Self::RankIn(numbers) => {
                let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
                format!("rank in ({})", numbers.join(" , "))
            }
            Self::Both(left, right) => format!("({}) and ({})", left.text(), right.text()),
            Self::Either(left, right) => format!("({}) or ({})", left.text(), right.text()),
            Self::Opposite(inner) => format!("not ({})", inner.text()),
        }
    }

    fn meaning(&self, row: &Row) -> Option<bool> {
        match self {
            Self::Rank(word, number) => Some(compare(word, row.rank, *number)),
            Self::Title(word, text) => Some(compare(word, row.title.as_deref(), text.as_deref())),
            Self::Deprecated => row.deprecated,
            Self::Contains(text) => row.title.as_ref().map(|title| title.contains(text)),
            Self::RankIn(numbers) => Some(row.rank.is_some_and(|rank| numbers.contains(&rank))),
            Self::Both(left, right) => match (left.meaning(row), right.meaning(row)) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            },
            Self::Either(left, right) => match (left.meaning(row), right.meaning(row)) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            },
            Self::Opposite(inner) => inner.meaning(row).map(|met| !met),
        }
    }
}

fn compare<T: PartialOrd>(word: &str, left: Option<T>, right: Option<T>) -> bool {
    match word {
        "eq" => left == right,
        "ne" => left != right,
        _ => match (left, right) {
            (Some(left), Some(right)) => match word {
                "gt" => left > right,
                "ge" => left >= right,
                "lt" => left < right,
                _ => left <= right,
            },
            _ => false,
        },
    }
}

fn asked() -> impl Strategy<Value = Asked> {
    let word = || prop::sample::select(vec!["eq", "ne", "gt", "ge", "lt", "le"]);
    let leaf = prop_oneof![
        (word(), prop::option::of(-2..3_i8)).prop_map(|(word, number)| Asked::Rank(word, number)),
        (word(), prop::option::of("[ab]{0,2}")).prop_map(|(word, text)| Asked::Title(word, text)),
        Just(Asked::Deprecated),
        "[ab]{1,2}".prop_map(Asked::Contains),
        prop::collection::vec(-2..3_i8, 1..3).prop_map(Asked::RankIn),
    ];
    leaf.prop_recursive(4, 12, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(left, right)| Asked::Both(left.into(), right.into())),
            (inner.clone(), inner.clone()).prop_map(|(left, right)| Asked::Either(left.into(), right.into())),
            inner.prop_map(|inner| Asked::Opposite(inner.into())),
        ]
    })
}

fn row() -> impl Strategy<Value = Row> {
    (prop::option::of(-2..3_i8), prop::option::of("[ab]{0,3}"), prop::option::of(any::<bool>()))
        .prop_map(|(rank, title, deprecated)| Row { rank, title, deprecated })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn the_evaluator_agrees_with_the_reference(asked in asked(), row in row()) {
        let filter = parse(&asked.text(), &SECURE_SCORE_CONTROL_PROFILE).unwrap();
        let json = json!({"rank": row.rank, "title": row.title, "deprecated": row.deprecated});
        prop_assert_eq!(filter.matches(&json), asked.meaning(&row) == Some(true), "{}", asked.text());
    }
}
