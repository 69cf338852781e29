//! Our evaluator against DuckDB's, on random predicates over random rows with NULLs.

use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::Arc;

use arrow::array::{
    Array, BooleanArray, Int64Array, ListBuilder, StringArray, StringBuilder, TimestampMicrosecondArray,
};
use idscore_catalogue::predicate::{Comparison, Expression, Literal, State};
use idscore_catalogue::tables::Kind;
use jiff::Timestamp;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};

use crate::evaluate::Evaluator;
use crate::frame::Frame;

const ROWS: usize = 120;
const PREDICATES: usize = 3000;
const TAKEN_AT: &str = "2026-11-23T00:00:00Z";
const COLUMNS: [(&str, &str); 8] = [
    ("yes", "BOOLEAN"),
    ("no", "BOOLEAN"),
    ("number", "BIGINT"),
    ("other_number", "BIGINT"),
    ("name", "VARCHAR"),
    ("seen", "TIMESTAMP"),
    ("methods", "VARCHAR[]"),
    ("taken_at", "TIMESTAMP"),
];

#[derive(Debug, Clone)]
struct Row {
    booleans: [Option<bool>; 2],
    numbers: [Option<i64>; 2],
    name: Option<String>,
    seen: Option<i64>,
    methods: Option<Vec<String>>,
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![Just(""), Just("Member"), Just("member"), Just("Gäst_1"), Just("100%"), Just("it's")]
        .prop_map(str::to_owned)
}

fn row() -> impl Strategy<Value = Row> {
    let days = -100_i64..100;
    (
        any::<[Option<bool>; 2]>(),
        [proptest::option::of(-3_i64..4), proptest::option::of(-3_i64..4)],
        proptest::option::of(text()),
        proptest::option::of(days),
        proptest::option::of(proptest::collection::vec(text(), 0..4)),
    )
        .prop_map(|(booleans, numbers, name, days, methods)| {
            let seen = days.map(|days| taken_at() + days * 86_400_000_000);
            Row { booleans, numbers, name, seen, methods }
        })
}

fn taken_at() -> i64 {
    TAKEN_AT.parse::<Timestamp>().unwrap().as_microsecond()
}

fn column(name: &str, kind: Kind) -> Expression {
    Expression::Column { name: name.to_owned(), kind }
}

fn comparison() -> impl Strategy<Value = Comparison> {
    prop_oneof![
        Just(Comparison::Equal),
        Just(Comparison::NotEqual),
        Just(Comparison::Less),
        Just(Comparison::LessOrEqual),
        Just(Comparison::Greater),
        Just(Comparison::GreaterOrEqual),
    ]
}

/// Two operands of one type.
fn operands() -> impl Strategy<Value = (Expression, Expression)> {
    let number = prop_oneof![
        Just(column("number", Kind::Integer)),
        Just(column("other_number", Kind::Integer)),
        (-3_i64..4).prop_map(|number| Expression::Literal(Literal::Integer(number))),
    ];
    let name = prop_oneof![
        Just(column("name", Kind::Text)),
        text().prop_map(|text| Expression::Literal(Literal::Text(text))),
    ];
    let instant = prop_oneof![
        Just(column("seen", Kind::Timestamp)),
        (-90_i64..90).prop_map(|days| Expression::TakenAt { offset: days * 86_400_000_000 }),
    ];
    prop_oneof![
        (Just(column("number", Kind::Integer)), number),
        (Just(column("name", Kind::Text)), name),
        (Just(column("seen", Kind::Timestamp)), instant),
        (Just(column("yes", Kind::Boolean)), Just(column("no", Kind::Boolean))),
    ]
}

fn leaf() -> impl Strategy<Value = Expression> {
    let state = prop_oneof![Just(State::Null), Just(State::True), Just(State::False)];
    let boolean = prop_oneof![Just("yes"), Just("no")].prop_map(|name| column(name, Kind::Boolean));
    let any_column = prop_oneof![
        Just(column("number", Kind::Integer)),
        Just(column("name", Kind::Text)),
        Just(column("seen", Kind::Timestamp)),
    ];
    let pattern = prop_oneof![Just("M%"), Just("_ember"), Just("%"), Just(""), Just("%b%r"), Just("G_st%")];
    prop_oneof![
        boolean.clone(),
        any::<bool>().prop_map(|value| Expression::Literal(Literal::Boolean(value))),
        (operands(), comparison()).prop_map(|((left, right), operator)| Expression::Comparison {
            left: Box::new(left),
            operator,
            right: Box::new(right)
        }),
        (boolean, state, any::<bool>()).prop_map(|(operand, state, negated)| Expression::Is {
            operand: Box::new(operand),
            state,
            negated
        }),
        (any_column, any::<bool>()).prop_map(|(operand, negated)| Expression::Is {
            operand: Box::new(operand),
            state: State::Null,
            negated
        }),
        (proptest::collection::vec(-3_i64..4, 1..4), any::<bool>()).prop_map(|(list, negated)| Expression::In {
            operand: Box::new(column("number", Kind::Integer)),
            list: list.into_iter().map(Literal::Integer).collect(),
            negated
        }),
        (proptest::collection::vec(text(), 1..4), any::<bool>()).prop_map(|(list, negated)| Expression::In {
            operand: Box::new(column("name", Kind::Text)),
            list: list.into_iter().map(Literal::Text).collect(),
            negated
        }),
        (pattern, any::<bool>()).prop_map(|(pattern, negated)| Expression::Like {
            operand: Box::new(column("name", Kind::Text)),
            pattern: pattern.to_owned(),
            negated
        }),
        text().prop_map(|value| Expression::Has { list: "methods".to_owned(), value }),
        proptest::collection::vec(text(), 1..4)
            .prop_map(|values| Expression::HasOnly { list: "methods".to_owned(), values }),
    ]
}

fn expression() -> impl Strategy<Value = Expression> {
    leaf().prop_recursive(4, 24, 3, |inner| {
        let several = proptest::collection::vec(inner.clone(), 2..4);
        let state = prop_oneof![Just(State::Null), Just(State::True), Just(State::False)];
        prop_oneof![
            several.clone().prop_map(Expression::And),
            several.prop_map(Expression::Or),
            inner.clone().prop_map(|operand| Expression::Not(Box::new(operand))),
            (inner, state, any::<bool>()).prop_map(|(operand, state, negated)| Expression::Is {
                operand: Box::new(operand),
                state,
                negated
            }),
        ]
    })
}

fn frame(rows: &[Row]) -> Frame {
    let mut frame = Frame::of_rows(rows.len());
    frame.insert_boolean("yes", rows.iter().map(|row| row.booleans[0]).collect());
    frame.insert_boolean("no", rows.iter().map(|row| row.booleans[1]).collect());
    frame.insert("number", Arc::new(rows.iter().map(|row| row.numbers[0]).collect::<Int64Array>()));
    frame.insert("other_number", Arc::new(rows.iter().map(|row| row.numbers[1]).collect::<Int64Array>()));
    frame.insert_text("name", rows.iter().map(|row| row.name.as_deref()).collect::<StringArray>());
    let seen = rows.iter().map(|row| row.seen).collect::<TimestampMicrosecondArray>();
    frame.insert("seen", Arc::new(seen.with_timezone("UTC")));
    let mut lists = ListBuilder::new(StringBuilder::new());
    for row in rows {
        for method in row.methods.iter().flatten() {
            lists.values().append_value(method);
        }
        lists.append(row.methods.is_some());
    }
    frame.insert("methods", Arc::new(lists.finish()));
    frame
}

fn as_json(position: usize, row: &Row) -> Value {
    let instant = |micros: i64| Timestamp::from_microsecond(micros).unwrap().to_string().replace('Z', "");
    json!([
        position,
        row.booleans[0],
        row.booleans[1],
        row.numbers[0],
        row.numbers[1],
        row.name,
        row.seen.map(instant),
        row.methods,
        instant(taken_at()),
    ])
}

fn ask_duckdb(rows: &[Row], predicates: &[Expression]) -> Vec<Vec<Option<bool>>> {
    let python = std::env::var("IDSCORE_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let mut child = Command::new(python)
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/src/duckdb_reference.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("this test needs Python with duckdb from PyPI; `./test` installs it");
    let asked = json!({
        "columns": COLUMNS,
        "rows": rows.iter().enumerate().map(|(position, row)| as_json(position, row)).collect::<Vec<_>>(),
        "predicates": predicates.iter().map(ToString::to_string).collect::<Vec<_>>(),
    });
    child.stdin.take().unwrap().write_all(asked.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "DuckDB did not answer");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn every_predicate_says_the_same_as_in_duckdb() {
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]));
    let rows: Vec<Row> = (0..ROWS).map(|_| row().new_tree(&mut runner).unwrap().current()).collect();
    let predicates: Vec<Expression> =
        (0..PREDICATES).map(|_| expression().new_tree(&mut runner).unwrap().current()).collect();
    let theirs = ask_duckdb(&rows, &predicates);
    let frame = frame(&rows);
    let mut evaluator = Evaluator::new(&frame, taken_at());
    let mut seen = [false; 3];
    for (predicate, theirs) in predicates.iter().zip(&theirs) {
        let ours: BooleanArray = evaluator.evaluate(predicate).unwrap();
        for (position, theirs) in theirs.iter().enumerate() {
            let ours = ours.is_valid(position).then(|| ours.value(position));
            assert_eq!(ours, *theirs, "`{predicate}` on {:?}", rows[position]);
            seen[theirs.map_or(2, usize::from)] = true;
        }
    }
    assert_eq!((theirs.len(), seen), (PREDICATES, [true; 3]), "every answer must have occurred");
}
