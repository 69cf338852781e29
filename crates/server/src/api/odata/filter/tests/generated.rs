//! Filters made at random, as the parser would make them.

use jiff::Timestamp;
use jiff::civil::date;
use proptest::prelude::*;
use proptest::sample::select;

use crate::api::odata::filter::{Comparison, Expression, Function, Literal, Path, Quantifier, Root};

fn path(root: Root, members: &str, is_instant: bool) -> Expression {
    Expression::Path(Path { root, segments: members.split('/').map(str::to_owned).collect(), is_instant })
}

fn over(root: Root, member: &str) -> Path {
    Path { root, segments: vec![member.to_owned()], is_instant: false }
}

fn compared(value: impl Strategy<Value = Expression> + Clone + 'static) -> impl Strategy<Value = Expression> {
    (select(Comparison::ALL.to_vec()), value.clone(), value)
        .prop_map(|(comparison, left, right)| Expression::Compare(comparison, Box::new(left), Box::new(right)))
}

fn literal_text() -> impl Strategy<Value = Literal> {
    prop_oneof!["[a-c' ]{0,5}", any::<String>().prop_map(|text| text.chars().take(8).collect())].prop_map(Literal::Text)
}

fn text() -> impl Strategy<Value = Expression> + Clone {
    let leaf = prop_oneof![
        select(vec!["title", "id", "vendorInformation/vendor"]).prop_map(|members| path(Root::Row, members, false)),
        literal_text().prop_map(Expression::Literal),
        Just(Expression::Literal(Literal::Null)),
    ];
    let changed = leaf.clone();
    prop_oneof![
        3 => leaf,
        1 => (select(vec![Function::ToLower, Function::ToUpper]), changed)
            .prop_map(|(function, text)| Expression::Call(function, vec![text])),
    ]
    .boxed()
}

fn number() -> impl Strategy<Value = Expression> + Clone {
    let literal = prop_oneof![
        (-100..100_i32).prop_map(f64::from),
        proptest::num::f64::NORMAL | proptest::num::f64::SUBNORMAL | proptest::num::f64::ZERO
    ];
    prop_oneof![
        select(vec!["maxScore", "rank"]).prop_map(|members| path(Root::Row, members, false)),
        literal.prop_map(|number| Expression::Literal(Literal::Number(number))),
        text().prop_map(|text| Expression::Call(Function::Length, vec![text])),
        Just(Expression::Call(Function::Year, vec![path(Root::Row, "lastModifiedDateTime", true)])),
    ]
    .boxed()
}

fn time() -> impl Strategy<Value = Expression> + Clone {
    let instant = (-62_135_596_800..253_402_207_200_i64, 0..1_000_000_000_i32)
        .prop_map(|(second, nanosecond)| Literal::Instant(Timestamp::new(second, nanosecond).unwrap()));
    prop_oneof![Just(path(Root::Row, "lastModifiedDateTime", true)), instant.prop_map(Expression::Literal),].boxed()
}

fn day() -> impl Strategy<Value = Expression> {
    (1..10_000_i16, 1..13_i8, 1..29_i8, select(Comparison::ALL.to_vec())).prop_map(|(year, month, day, comparison)| {
        let of = Expression::Call(Function::Date, vec![path(Root::Row, "lastModifiedDateTime", true)]);
        let day = Expression::Literal(Literal::Date(date(year, month, day)));
        Expression::Compare(comparison, Box::new(of), Box::new(day))
    })
}

fn lambda() -> impl Strategy<Value = Expression> {
    let quantifier = select(vec![Quantifier::Any, Quantifier::All]);
    let element = Expression::Path(Path { root: Root::Variable("t".to_owned()), segments: vec![], is_instant: false });
    let of_threats = text().prop_map(move |text| {
        let equal = Expression::Compare(Comparison::Equal, Box::new(element.clone()), Box::new(text));
        (over(Root::Row, "threats"), ("t".to_owned(), Box::new(equal)))
    });
    let inner = quantifier.clone().prop_map(|quantifier| {
        let c = || Root::Variable("c".to_owned());
        let name = Box::new(path(Root::Variable("n".to_owned()), "name", false));
        let named = Expression::Compare(Comparison::Less, name, Box::new(path(c(), "certificationName", false)));
        let within = Expression::Lambda {
            quantifier,
            over: over(c(), "certificationControls"),
            predicate: Some(("n".to_owned(), Box::new(named))),
        };
        (over(Root::Row, "complianceInformation"), ("c".to_owned(), Box::new(within)))
    });
    prop_oneof![
        (quantifier, prop_oneof![of_threats, inner]).prop_map(|(quantifier, (over, predicate))| Expression::Lambda {
            quantifier,
            over,
            predicate: Some(predicate)
        }),
        Just(Expression::Lambda { quantifier: Quantifier::Any, over: over(Root::Row, "threats"), predicate: None }),
    ]
}

/// A filter over control profiles.
pub(crate) fn filter() -> impl Strategy<Value = Expression> {
    let functions = vec![Function::StartsWith, Function::EndsWith, Function::Contains];
    let leaf = prop_oneof![
        compared(text()),
        compared(number()),
        compared(time()),
        day(),
        lambda(),
        Just(path(Root::Row, "deprecated", false)),
        Just(Expression::Literal(Literal::Boolean(true))),
        (text(), prop::collection::vec(literal_text(), 1..4))
            .prop_map(|(text, literals)| Expression::In(Box::new(text), literals)),
        (select(functions), text(), text())
            .prop_map(|(function, text, part)| Expression::Call(function, vec![text, part])),
    ];
    leaf.prop_recursive(4, 16, 3, |inner| {
        let several = prop::collection::vec(inner.clone(), 2..4);
        prop_oneof![
            several.clone().prop_map(Expression::And),
            several.prop_map(Expression::Or),
            inner.clone().prop_map(|inner| Expression::Not(Box::new(inner))),
            (inner.clone(), inner).prop_map(|(left, right)| Expression::Compare(
                Comparison::Equal,
                Box::new(left),
                Box::new(right)
            )),
        ]
    })
}
