//! What holds for every way through the pages of every list.

use std::cmp::Ordering;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value as Json, json};

use super::{Query, SECURE_SCORE_CONTROL_PROFILE, apply, collection, size};

const BASE: &str = "https://scores.example/v1.0/security/secureScoreControlProfiles";

#[derive(Debug, Clone)]
struct Row {
    id: String,
    title: Option<String>,
    score: Option<f64>,
    modified: Option<i64>,
}

impl Row {
    fn json(&self) -> Json {
        // The same instants in two spellings, so that they must be compared as instants.
        let modified = self.modified.map(|minute| match minute % 2 {
            0 => format!("2026-07-17T10:{minute:02}:00Z"),
            _ => format!("2026-07-17T12:{minute:02}:00.000+02:00"),
        });
        json!({"id": self.id, "title": self.title, "maxScore": self.score, "lastModifiedDateTime": modified})
    }

    fn compare(&self, other: &Self, column: &str) -> Ordering {
        match column {
            "title" => self.title.cmp(&other.title),
            "maxScore" => self.score.partial_cmp(&other.score).unwrap(),
            "lastModifiedDateTime" => self.modified.cmp(&other.modified),
            _ => self.id.cmp(&other.id),
        }
    }
}

fn rows(prefix: char, most: usize) -> impl Strategy<Value = Vec<Row>> {
    let score = prop_oneof![(0..3_i32).prop_map(f64::from), proptest::num::f64::NORMAL, Just(0.1 + 0.2), Just(-0.0)];
    let row =
        (prop::option::of("[aä'&]{0,2}"), prop::option::weighted(0.8, score), prop::option::weighted(0.8, 0..4_i64));
    prop::collection::vec(row, 0..most).prop_flat_map(move |rows| {
        let numbered = rows.into_iter().enumerate().map(move |(number, (title, score, modified))| Row {
            id: format!("{number:02}{prefix}"),
            title,
            score,
            modified,
        });
        Just(numbered.collect::<Vec<_>>()).prop_shuffle()
    })
}

fn order() -> impl Strategy<Value = Vec<(&'static str, bool)>> {
    let column = select(vec!["title", "maxScore", "lastModifiedDateTime", "id"]);
    prop::collection::vec((column, any::<bool>()), 0..3)
}

fn order_text(order: &[(&str, bool)]) -> String {
    let keys: Vec<String> =
        order.iter().map(|(column, down)| format!("{column}{}", if *down { " desc" } else { "" })).collect();
    keys.join(",")
}

/// The whole list, filtered by `maxScore ge 1` if asked for, by the plainest means.
fn expected(rows: &[Row], order: &[(&str, bool)], filtered: bool) -> Vec<String> {
    let mut rows: Vec<&Row> =
        rows.iter().filter(|row| !filtered || row.score.is_some_and(|score| score >= 1.0)).collect();
    rows.sort_by(|left, right| {
        let keys = order.iter().map(|(column, down)| {
            let order = left.compare(right, column);
            if *down { order.reverse() } else { order }
        });
        keys.fold(Ordering::Equal, Ordering::then).then_with(|| left.id.cmp(&right.id))
    });
    rows.into_iter().map(|row| row.id.clone()).collect()
}

/// Follows the links from page to page; `between` may change the rows after each page.
fn all_pages(
    raw: String,
    rows: &mut Vec<Row>,
    page_size: usize,
    mut between: impl FnMut(&mut Vec<Row>),
) -> Vec<String> {
    let (mut raw, mut seen) = (raw, Vec::new());
    for _ in 0..200 {
        let query = Query::parse(&raw, &SECURE_SCORE_CONTROL_PROFILE).unwrap_or_else(|error| panic!("{raw}: {error}"));
        let page = apply(&query, rows.iter().map(Row::json), size(page_size));
        assert!(page.value.len() <= page_size);
        seen.extend(page.value.iter().map(|row| row["id"].as_str().unwrap().to_owned()));
        let body = serde_json::json!(collection("context", page, BASE, &raw, |row| row));
        let Some(link) = body["@odata.nextLink"].as_str() else { return seen };
        raw = link.strip_prefix(BASE).and_then(|query| query.strip_prefix('?')).unwrap().to_owned();
        between(rows);
    }
    panic!("the pages do not end: {raw}")
}

fn first_query(order: &[(&str, bool)], filtered: bool) -> String {
    let filter = if filtered { "&$filter=maxScore ge 1" } else { "" };
    format!("$orderby={}{filter}", order_text(order))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn following_the_links_gives_the_whole_list_once(
        mut rows in rows('a', 30), order in order(), filtered in any::<bool>(), page_size in 1..8_usize,
        skip in prop::option::of(0..6_usize), top in prop::option::of(0..25_usize),
    ) {
        let mut raw = first_query(&order, filtered);
        skip.iter().for_each(|skip| raw += &format!("&$skip={skip}"));
        top.iter().for_each(|top| raw += &format!("&$top={top}"));
        let expected: Vec<String> = expected(&rows, &order, filtered).into_iter()
            .skip(skip.unwrap_or(0)).take(top.unwrap_or(usize::MAX)).collect();
        prop_assert_eq!(all_pages(raw, &mut rows, page_size, |_| {}), expected);
    }

    #[test]
    fn rows_inserted_between_pages_lose_and_double_no_other(
        old in rows('a', 30), new in rows('b', 10), at in any::<Index>(), order in order(), page_size in 1..8_usize,
    ) {
        let (mut rows, mut new) = (old.clone(), new);
        let seen = all_pages(first_query(&order, false), &mut rows, page_size, |rows| {
            let place = at.index(rows.len() + 1);
            rows.splice(place..place, new.pop());
        });
        let of_old: Vec<String> = seen.iter().filter(|id| id.ends_with('a')).cloned().collect();
        prop_assert_eq!(of_old, expected(&old, &order, false));
        let mut once = seen.clone();
        once.sort();
        once.dedup();
        prop_assert_eq!(once.len(), seen.len(), "a row came twice");
    }

    #[test]
    fn rows_deleted_between_pages_lose_and_double_no_other(
        old in rows('a', 30), at in any::<Index>(), order in order(), page_size in 1..8_usize,
    ) {
        let mut rows = old.clone();
        let mut deleted = Vec::new();
        let seen = all_pages(first_query(&order, false), &mut rows, page_size, |rows| {
            if !rows.is_empty() { deleted.push(rows.remove(at.index(rows.len())).id); }
        });
        let kept = |ids: Vec<String>| ids.into_iter().filter(|id| !deleted.contains(id)).collect::<Vec<_>>();
        prop_assert_eq!(kept(seen), kept(expected(&old, &order, false)));
    }

    #[test]
    fn no_query_string_makes_the_parser_panic(
        names in prop::collection::vec(select(vec!["$filter", "$select", "$orderby", "$top", "$skip", "$count",
            "$skiptoken", "$expand", "$format", "$search", "$x", "own", ""]), 0..4),
        values in prop::collection::vec(prop_oneof![any::<String>(), "[a-zA-Z%0-9/,' ()=+-]{0,20}"], 4),
        rest in any::<String>(),
    ) {
        let pairs: Vec<String> = names.iter().zip(&values).map(|(name, value)| format!("{name}={value}")).collect();
        let raw = format!("{}{rest}", pairs.join("&"));
        if let Ok(query) = Query::parse(&raw, &SECURE_SCORE_CONTROL_PROFILE) {
            apply(&query, [json!({"id": "a"}), json!(null)], size(1));
        }
        let _ = super::next_link(BASE, &raw, "token");
    }
}
