//! Which of TRUE, FALSE and NULL a predicate can be, so that the lint knows which outcomes a control can give.

use std::collections::BTreeSet;

use super::{Expression, Literal, State};
use crate::columns::ColumnRef;
use crate::tables::Kind;

/// With more nullable columns than this, all combinations would be too many to look at.
const MAX_COLUMNS: usize = 10;

/// The values that a predicate can take.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Possible {
    /// It can be TRUE.
    pub truth: bool,
    /// It can be FALSE.
    pub falsehood: bool,
    /// It can be NULL.
    pub unknown: bool,
}

const TRUE: Possible = Possible { truth: true, falsehood: false, unknown: false };
const FALSE: Possible = Possible { truth: false, falsehood: true, unknown: false };
const NULL: Possible = Possible { truth: false, falsehood: false, unknown: true };
const DECIDED: Possible = Possible { truth: true, falsehood: true, unknown: false };
const ANYTHING: Possible = Possible { truth: true, falsehood: true, unknown: true };

/// For every combination of known and unknown columns that the predicates share: what each can be.
///
/// Columns are taken as independent of each other, so the answer may name a combination that never happens.
pub(crate) fn combinations(expressions: &[&Expression], columns: &[ColumnRef]) -> Vec<Vec<Possible>> {
    let named: BTreeSet<&str> = expressions.iter().flat_map(|expression| expression.columns()).collect();
    let nullable: Vec<&str> = columns
        .iter()
        .filter(|column| column.nullable && named.contains(column.name.as_str()))
        .map(|column| column.name.as_str())
        .collect();
    if nullable.len() > MAX_COLUMNS {
        return vec![expressions.iter().map(|_| ANYTHING).collect()];
    }
    (0_u32..1 << nullable.len())
        .map(|mask| {
            let unknown: BTreeSet<&str> =
                nullable.iter().enumerate().filter(|(bit, _)| mask & (1 << bit) != 0).map(|(_, name)| *name).collect();
            expressions.iter().map(|expression| possible(expression, &unknown)).collect()
        })
        .collect()
}

fn possible(expression: &Expression, unknown: &BTreeSet<&str>) -> Possible {
    match expression {
        Expression::Column { name, .. } if unknown.contains(name.as_str()) => NULL,
        Expression::Has { list, .. } | Expression::HasOnly { list, .. } if unknown.contains(list.as_str()) => NULL,
        Expression::Column { .. }
        | Expression::Has { .. }
        | Expression::HasOnly { .. }
        | Expression::TakenAt { .. } => DECIDED,
        Expression::Literal(Literal::Null) => NULL,
        Expression::Literal(Literal::Boolean(true)) => TRUE,
        Expression::Literal(Literal::Boolean(false)) => FALSE,
        Expression::Literal(_) => DECIDED,
        Expression::Not(operand) => {
            let operand = possible(operand, unknown);
            Possible { truth: operand.falsehood, falsehood: operand.truth, unknown: operand.unknown }
        }
        Expression::And(operands) => operands.iter().fold(TRUE, |all, operand| both(all, possible(operand, unknown))),
        Expression::Or(operands) => {
            negated(operands.iter().fold(TRUE, |all, operand| both(all, negated(possible(operand, unknown)))))
        }
        Expression::Comparison { left, right, .. } => {
            if is_null(left, unknown) || is_null(right, unknown) {
                NULL
            } else if has_range(left) || has_range(right) {
                ANYTHING
            } else {
                DECIDED
            }
        }
        Expression::In { operand, .. } | Expression::Like { operand, .. } => {
            if is_null(operand, unknown) {
                NULL
            } else if has_range(operand) {
                ANYTHING
            } else {
                DECIDED
            }
        }
        Expression::Is { operand, state, negated: not } => {
            let operand = if matches!(operand.as_ref(), Expression::TakenAt { .. }) {
                DECIDED
            } else {
                possible(operand, unknown)
            };
            let (holds, fails) = match state {
                State::Null => (operand.unknown, operand.truth || operand.falsehood),
                State::True => (operand.truth, operand.unknown || operand.falsehood),
                State::False => (operand.falsehood, operand.unknown || operand.truth),
            };
            let (truth, falsehood) = if *not { (fails, holds) } else { (holds, fails) };
            Possible { truth, falsehood, unknown: false }
        }
    }
}

/// Kleene's AND over two sets of values.
fn both(left: Possible, right: Possible) -> Possible {
    let not_false = |side: Possible| side.truth || side.unknown;
    Possible {
        truth: left.truth && right.truth,
        falsehood: left.falsehood || right.falsehood,
        unknown: (left.unknown && not_false(right)) || (right.unknown && not_false(left)),
    }
}

fn negated(value: Possible) -> Possible {
    Possible { truth: value.falsehood, falsehood: value.truth, unknown: value.unknown }
}

fn is_null(operand: &Expression, unknown: &BTreeSet<&str>) -> bool {
    match operand {
        Expression::Column { name, .. } => unknown.contains(name.as_str()),
        Expression::Literal(Literal::Null) => true,
        _ => possible(operand, unknown) == NULL,
    }
}

/// A range `2..5` leaves a comparison open although it isn't NULL.
fn has_range(operand: &Expression) -> bool {
    matches!(operand, Expression::Column { kind: Kind::Bounds, .. })
}
