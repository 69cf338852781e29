use proptest::prelude::*;

use super::*;
use crate::columns::ColumnRef;
use crate::tables::{TABLES, table};

fn columns(name: &str) -> Vec<ColumnRef> {
    table(name).unwrap().columns.iter().map(ColumnRef::from).collect()
}

fn users(source: &str) -> Result<Expression, PredicateError> {
    parse(source, &columns("users")).map(|predicate| predicate.expression)
}

fn refusal(source: &str) -> (String, usize) {
    let error = users(source).expect_err(source);
    (error.message, error.column)
}

#[test]
fn a_predicate_of_every_construct_is_read_and_printed_back() {
    for (source, printed) in [
        ("account_enabled", "account_enabled"),
        ("Not excepted and user_type = 'Member'", "NOT excepted AND user_type = 'Member'"),
        ("mfa_registered IS NOT TRUE or mfa_capable is unknown", "mfa_registered IS NOT TRUE OR mfa_capable IS NULL"),
        ("user_type in ('Member', 'it''s')", "user_type IN ('Member', 'it''s')"),
        ("user_principal_name not like '%#EXT#\\_%'", "user_principal_name NOT LIKE '%#EXT#\\_%'"),
        ("HAS(methods_registered, 'fido2')", "has(methods_registered, 'fido2')"),
        ("Has_Only(methods_registered, 'a','it''s')", "has_only(methods_registered, 'a', 'it''s')"),
        ("last_seen >= taken_at - interval '12 weeks'", "last_seen >= taken_at - interval '84 days'"),
        ("last_seen >= taken_at - interval '1' day", "last_seen >= taken_at - interval '1 day'"),
        ("methods_registered IS NULL", "methods_registered IS NULL"),
        (
            "(mfa_registered OR excepted) AND NOT (is_agent AND excepted)",
            "(mfa_registered OR excepted) AND NOT (is_agent AND excepted)",
        ),
        ("TRUE", "TRUE"),
    ] {
        assert_eq!(users(source).unwrap_or_else(|error| panic!("{source}: {error}")).to_string(), printed);
    }
    let tenant = |source| parse(source, &columns("tenant")).unwrap().expression.to_string();
    assert_eq!(
        tenant("global_admin_counted between 2 and 4"),
        "global_admin_counted >= 2 AND global_admin_counted <= 4"
    );
    assert_eq!(
        tenant("mfa_excluded_share not between -1 and 2.50"),
        "mfa_excluded_share < -1 OR mfa_excluded_share > 2.5"
    );
}

#[test]
fn a_chain_of_hundreds_of_operands_is_wide_and_not_deep() {
    let source = vec!["TRUE"; 300].join(" AND ");
    assert!(matches!(users(&source), Ok(Expression::And(operands)) if operands.len() == 300));
}

#[test]
fn every_column_of_every_table_can_be_named() {
    for table in TABLES {
        let columns: Vec<ColumnRef> = table.columns.iter().map(ColumnRef::from).collect();
        for column in &columns {
            assert_ne!(column.name, "taken_at", "the instant has this name");
            let source = format!("{} IS NULL", column.name);
            assert!(parse(&source, &columns).is_ok(), "{}.{source}", table.name);
        }
    }
}

#[test]
fn what_the_language_does_not_have_is_refused_at_its_place() {
    for (source, message, column) in [
        ("", "the predicate is empty", 1),
        ("shoe_size = 3", "unknown column `shoe_size`", 1),
        ("excepted AND mfa_registred", "unknown column `mfa_registred`", 14),
        ("excepted AND user_type", "`user_type` is a text, but a condition is needed here", 14),
        ("user_type = NULL", "a comparison with NULL is never true", 13),
        ("user_type = 3", "`user_type` is a text and `3` is a number: they cannot be compared", 1),
        ("user_type = \"Member\"", "`\"Member\"` is outside the predicate language", 13),
        (
            "last_seen < '2026-01-01'",
            "`last_seen` is an instant and `'2026-01-01'` is a text: they cannot be compared",
            1,
        ),
        ("last_seen < taken_at - interval '3 months'", "`INTERVAL '3 months'` is no interval of exact length", 33),
        ("last_seen + interval '3 days' < taken_at", "only `taken_at` can be moved by an interval", 1),
        ("has(user_type, 'x')", "`has` asks about a list, but `user_type` is a text", 5),
        ("has(methods_registered, 3)", "`has` needs a list column and a text", 1),
        ("has(methods_registered, 'a', 'b')", "`has` needs a list column and a text", 1),
        ("has_only(methods_registered)", "`has_only` needs a list column and the texts that may be in it", 1),
        ("has_only(methods_registered, 'a', 3)", "`has_only` needs a list column and the texts that may be in it", 1),
        ("length(user_type) > 3", "unknown function `length`", 1),
        ("methods_registered = 'x'", "a list cannot be compared", 1),
        ("excepted excepted", "`excepted` comes after the end of the predicate", 10),
        ("excepted AND (is_agent", "not a predicate: Expected: ), found: EOF", 23),
        ("user_type IN (SELECT 1)", "`user_type IN (SELECT 1)` is outside the predicate language", 1),
        ("user_type IN ('a', NULL)", "`NULL` is NULL, but the column is a text", 20),
        ("user_type LIKE '%\\'", "`\\` in a pattern must stand before `%`, `_` or `\\`", 16),
        ("1 = 1", "the comparison names no column", 1),
        ("users.excepted", "`users.excepted` is outside the predicate language", 1),
    ] {
        let (found, at) = refusal(source);
        assert_eq!((found.as_str(), at), (message, column), "{source}");
    }
}

#[test]
fn untrusted_depth_and_length_are_refused_and_do_not_overflow() {
    let sources = [250, 599, 5_000].into_iter().flat_map(|times| {
        [
            "(".repeat(times),
            format!("{}TRUE{}", "(".repeat(times / 2), ")".repeat(times / 2)),
            format!("{}TRUE", "NOT ".repeat(times)),
            format!("{}1", "- ".repeat(times)),
            format!("1{}", "+1".repeat(times / 2)),
            format!("excepted{}", " IS NULL".repeat(times / 2)),
            format!("excepted{}", "[1]".repeat(times / 3)),
            format!("excepted = {}1", "a[".repeat(times / 2)),
            format!("{}1", "CASE WHEN ".repeat(times / 2)),
            format!("{}1", "interval ".repeat(times)),
            format!("{}1", "has(".repeat(times / 2)),
            format!("{}1", "excepted IN (".repeat(times / 3)),
            format!("{}1", "excepted = ANY (".repeat(times / 4)),
            format!("{}1", "excepted = EXISTS(SELECT ".repeat(times / 5)),
            format!("{}1", "1 BETWEEN ".repeat(times / 2)),
            format!("1{}", "::int".repeat(times / 2)),
            format!("CAST(1 AS {}", "array<".repeat(times / 2)),
            format!("1 = {}", "'a' || ".repeat(times / 2)),
        ]
    });
    for source in sources {
        assert!(users(&source).is_err(), "{}", &source[..40]);
    }
}

#[test]
fn a_predicate_knows_what_it_can_be() {
    let can_be = |source: &str| {
        let columns = columns("users");
        let expression = parse(source, &columns).unwrap().expression;
        combinations(&[&expression], &columns).into_iter().flatten().fold(Possible::default(), |all, one| Possible {
            truth: all.truth || one.truth,
            falsehood: all.falsehood || one.falsehood,
            unknown: all.unknown || one.unknown,
        })
    };
    let as_letters = |possible: Possible| {
        [(possible.truth, 'T'), (possible.falsehood, 'F'), (possible.unknown, 'N')]
            .iter()
            .filter(|(can, _)| *can)
            .map(|(_, letter)| *letter)
            .collect::<String>()
    };
    for (source, letters) in [
        ("TRUE", "T"),
        ("excepted", "TF"),
        ("mfa_registered", "TFN"),
        ("mfa_registered IS TRUE", "TF"),
        ("last_seen IS NULL OR last_seen < taken_at", "TF"),
        ("excepted AND mfa_registered", "TFN"),
        ("mfa_registered OR TRUE", "T"),
        ("NOT (last_seen IS NOT NULL AND NULL)", "TN"),
    ] {
        assert_eq!(as_letters(can_be(source)), letters, "{source}");
    }
}

fn literal_of(kind: &'static str) -> BoxedStrategy<String> {
    match kind {
        "text" => "[ -~é]{0,8}".prop_map(|text| format!("'{}'", text.replace('\'', "''"))).boxed(),
        "number" => prop_oneof![
            any::<i64>().prop_map(|number| number.to_string()),
            (-1.0e9..1.0e9_f64).prop_map(|number| format!("{number:?}")),
            Just("1e300".to_owned()),
        ]
        .boxed(),
        _ => (any::<bool>(), 0_u32..5_000, 0_usize..6)
            .prop_map(|(after, amount, unit)| {
                let unit = ["week", "days", "hour", "minutes", "second", "microseconds"][unit];
                format!("taken_at {} interval '{amount} {unit}'", if after { '+' } else { '-' })
            })
            .boxed(),
    }
}

/// Source text of a valid predicate over a few columns of every type.
fn source() -> impl Strategy<Value = String> {
    let operator = prop::sample::select(vec!["=", "<>", "!=", "<", "<=", ">", ">="]);
    let word = prop::sample::select(vec!["", "NOT "]);
    let leaf = prop_oneof![
        Just("flag".to_owned()),
        Just("TRUE".to_owned()),
        Just("NULL".to_owned()),
        "[a-z%_]{0,5}".prop_map(|value| format!("has(list, '{value}')")),
        "[a-z%_]{0,5}".prop_map(|value| format!("has_only(list, '{value}', 'b')")),
        (operator.clone(), literal_of("text")).prop_map(|(operator, text)| format!("name {operator} {text}")),
        (operator.clone(), literal_of("number")).prop_map(|(operator, number)| format!("{number} {operator} range")),
        (operator, literal_of("instant")).prop_map(|(operator, instant)| format!("at {operator} {instant}")),
        (word.clone(), literal_of("number"), literal_of("number"))
            .prop_map(|(not, low, high)| format!("count {not}BETWEEN {low} AND {high}")),
        (word.clone(), prop::collection::vec(literal_of("text"), 1..4))
            .prop_map(|(not, list)| format!("name {not}IN ({})", list.join(", "))),
        (word.clone(), "[a-z%_']{0,6}")
            .prop_map(|(not, pattern)| format!("name {not}LIKE '{}'", pattern.replace('\'', "''"))),
        (word.clone(), prop::sample::select(vec!["flag", "count", "range", "name", "at", "list"]))
            .prop_map(|(not, column)| format!("{column} IS {not}NULL")),
    ];
    leaf.prop_recursive(4, 24, 3, move |inner| {
        prop_oneof![
            inner.clone().prop_map(|inner| format!("NOT ({inner})")),
            prop::collection::vec(inner.clone(), 2..4).prop_map(|all| format!("({})", all.join(") AND ("))),
            prop::collection::vec(inner.clone(), 2..4).prop_map(|all| all.join(" OR ")),
            (inner.clone(), word.clone(), prop::sample::select(vec!["TRUE", "FALSE"]))
                .prop_map(|(inner, not, state)| format!("(flag OR ({inner})) IS {not}{state}")),
            inner.prop_map(|inner| format!("flag <> (({inner}) OR flag)")),
        ]
    })
}

fn few_columns() -> Vec<ColumnRef> {
    use crate::tables::{Kind, Stage};
    [
        ("flag", Kind::Boolean),
        ("count", Kind::Integer),
        ("range", Kind::Bounds),
        ("name", Kind::Text),
        ("at", Kind::Timestamp),
        ("list", Kind::TextList),
    ]
    .map(|(name, kind)| ColumnRef {
        name: name.to_owned(),
        kind,
        nullable: true,
        stage: Stage::Snapshot,
        needs: &[],
        doc: String::new(),
    })
    .to_vec()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn printing_a_predicate_and_reading_it_again_changes_nothing(source in source()) {
        let columns = few_columns();
        let first = parse(&source, &columns).map_err(|error| TestCaseError::fail(format!("{error}: {source}")))?;
        let printed = first.expression.to_string();
        let second = parse(&printed, &columns).map_err(|error| TestCaseError::fail(format!("{error}: {printed}")))?;
        prop_assert_eq!(first.expression, second.expression);
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in any::<String>()) {
        let _ = parse(&text, &few_columns());
    }

    #[test]
    fn no_jumble_of_the_languages_own_words_makes_the_parser_panic(
        words in prop::collection::vec(prop::sample::select(vec![
            "(", ")", "AND", "OR", "NOT", "IS", "NULL", "TRUE", "=", "<", "-", "+", "IN", "BETWEEN", "LIKE", "has", "flag",
            "list", "name", "at", "taken_at", "interval", "'1 day'", "'x'", "1", "1e999", ",", "day", "CASE", "SELECT", "::",
            "[", "]", "{", "\"", "'", "--", "/*", ".", "ANY", "EXISTS", "CAST",
        ]), 0..24)
    ) {
        let _ = parse(&words.join(" "), &few_columns());
    }
}
