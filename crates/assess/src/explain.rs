//! Says in words why a row does not meet a rule.

use arrow::array::Array;
use idscore_catalogue::control::{Check, Rule};
use idscore_catalogue::predicate::{Comparison, Expression, Literal};
use idscore_catalogue::tables::Kind;
use serde_json::Value;

use crate::evaluate::{EvaluateError, Evaluator};
use crate::frame::Frame;
use crate::view::joined;

/// One sentence: which parts of the rule fail, or are unknown, for a row.
///
/// # Errors
/// When a column has another type than the catalogue declares.
pub fn why<'a>(
    check: &'a Check,
    frame: &Frame,
    row: usize,
    evaluator: &mut Evaluator<'_, 'a>,
) -> Result<String, EvaluateError> {
    let mut reasons = Vec::new();
    if answer(&check.filter.expression, row, evaluator)?.is_none() {
        collect(&check.filter.expression, true, frame, row, evaluator, &mut reasons)?;
        return Ok(format!("Not known whether this is judged: {}", sentence(&reasons)));
    }
    match &check.rule {
        Rule::Met(met) => collect(&met.expression, true, frame, row, evaluator, &mut reasons)?,
        Rule::Parts(parts) => {
            for part in parts {
                match answer(&part.met.expression, row, evaluator)? {
                    Some(true) => {}
                    Some(false) => reasons.push(format!("{}: no", part.title)),
                    None => reasons.push(format!("{}: not known", part.title)),
                }
            }
        }
        Rule::Task { .. } | Rule::Attested => {}
    }
    Ok(sentence(&reasons))
}

/// One sentence that lists what a row behind a number shows.
#[must_use]
pub fn listed(columns: &[String], frame: &Frame, row: usize) -> String {
    let known = columns.iter().filter_map(|column| {
        let value = frame.value(column, row);
        (!value.is_null()).then(|| format!("{} {}", words(column), shown(&value)))
    });
    sentence(&known.collect::<Vec<_>>())
}

fn answer<'a>(
    expression: &'a Expression,
    row: usize,
    evaluator: &mut Evaluator<'_, 'a>,
) -> Result<Option<bool>, EvaluateError> {
    let answers = evaluator.evaluate(expression)?;
    Ok(answers.is_valid(row).then(|| answers.value(row)))
}

/// Collects the parts that keep an expression from being what is wanted.
fn collect<'a>(
    expression: &'a Expression,
    wanted: bool,
    frame: &Frame,
    row: usize,
    evaluator: &mut Evaluator<'_, 'a>,
    reasons: &mut Vec<String>,
) -> Result<(), EvaluateError> {
    if answer(expression, row, evaluator)? == Some(wanted) {
        return Ok(());
    }
    match expression {
        Expression::Or(operands) if wanted => {
            for operand in about_this_row(operands, row, evaluator)? {
                collect(operand, wanted, frame, row, evaluator, reasons)?;
            }
        }
        Expression::And(operands) | Expression::Or(operands) => {
            for operand in operands {
                collect(operand, wanted, frame, row, evaluator, reasons)?;
            }
        }
        // The rule itself says that the answer is open; what made it say so stands beside.
        Expression::Literal(Literal::Null) => {}
        Expression::Not(operand) => collect(operand, !wanted, frame, row, evaluator, reasons)?,
        Expression::Is { operand, .. } if !matches!(**operand, Expression::Column { .. }) => {
            collect(operand, wanted, frame, row, evaluator, reasons)?;
        }
        // A column that joins two others says nothing by itself.
        Expression::Column { name, .. } if joined(name).is_some() => {
            let parts = joined(name).into_iter().flatten();
            let open = parts.filter(|part| frame.boolean(part, row) != Some(wanted));
            put(reasons, open.map(|part| format!("{}: {}", words(part), shown(&frame.value(part, row)))));
        }
        leaf => put(reasons, [reason(leaf, frame, row)]),
    }
    Ok(())
}

/// The alternatives of an OR that say something about a row: `type = 'secret' AND …` says nothing about a certificate,
/// and `… AND NULL` nothing where it does not apply.
fn about_this_row<'a>(
    operands: &'a [Expression],
    row: usize,
    evaluator: &mut Evaluator<'_, 'a>,
) -> Result<Vec<&'a Expression>, EvaluateError> {
    let mut about = Vec::new();
    for operand in operands {
        let Expression::And(parts) = operand else {
            about.push(operand);
            continue;
        };
        let open = parts.contains(&Expression::Literal(Literal::Null));
        let mut applies = true;
        for part in parts.iter().filter(|part| open || names_a_kind(part)) {
            applies &= answer(part, row, evaluator)? != Some(false);
        }
        if applies {
            about.push(operand);
        }
    }
    Ok(if about.is_empty() { operands.iter().collect() } else { about })
}

/// `column = 'word'`
fn names_a_kind(expression: &Expression) -> bool {
    matches!(expression, Expression::Comparison { left, operator: Comparison::Equal, right }
        if matches!((&**left, &**right), (Expression::Column { .. }, Expression::Literal(Literal::Text(_)))))
}

fn put(reasons: &mut Vec<String>, new: impl IntoIterator<Item = String>) {
    for reason in new {
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
}

fn reason(leaf: &Expression, frame: &Frame, row: usize) -> String {
    match leaf {
        Expression::Column { name, .. } => format!("{}: {}", words(name), shown(&frame.value(name, row))),
        Expression::Comparison { left, operator, right } => {
            format!(
                "{} {}, not {} {}",
                operand(left),
                value(left, frame, row),
                phrase(*operator),
                value(right, frame, row)
            )
        }
        Expression::Is { operand: inner, .. }
        | Expression::In { operand: inner, .. }
        | Expression::Like { operand: inner, .. } => {
            format!("{}: {}", operand(inner), value(inner, frame, row))
        }
        Expression::Has { list, value } => {
            format!("{}: {}, looked for {value}", words(list), shown(&frame.value(list, row)))
        }
        Expression::HasOnly { list, values } => {
            format!("{}: {}, only {} may be among them", words(list), shown(&frame.value(list, row)), values.join(", "))
        }
        other => format!("does not hold: {other}"),
    }
}

fn operand(expression: &Expression) -> String {
    match expression {
        Expression::Column { name, .. } => words(name),
        _ => "value".to_owned(),
    }
}

fn value(expression: &Expression, frame: &Frame, row: usize) -> String {
    match expression {
        // An instant or a name that is not there is none; a yes or no that is not there is unknown.
        Expression::Column { name, kind } if *kind != Kind::Boolean && frame.value(name, row).is_null() => {
            "none".to_owned()
        }
        Expression::Column { name, .. } => shown(&frame.value(name, row)),
        Expression::Literal(Literal::Text(text)) => text.clone(),
        Expression::Literal(Literal::Integer(number)) => number.to_string(),
        Expression::Literal(Literal::Number(number)) => number.to_string(),
        Expression::Literal(Literal::Boolean(value)) => shown(&Value::Bool(*value)),
        Expression::TakenAt { offset } => moved(*offset),
        _ => "unknown".to_owned(),
    }
}

fn moved(offset: i64) -> String {
    const DAY: i64 = 86_400_000_000;
    let days = |days: u64| if days == 1 { "1 day".to_owned() } else { format!("{days} days") };
    match offset / DAY {
        0 => "the instant of the snapshot".to_owned(),
        before if before < 0 => format!("{} before the snapshot", days(before.unsigned_abs())),
        after => format!("{} after the snapshot", days(after.unsigned_abs())),
    }
}

fn phrase(operator: Comparison) -> &'static str {
    match operator {
        Comparison::Equal => "equal to",
        Comparison::NotEqual => "other than",
        Comparison::Less => "below",
        Comparison::LessOrEqual => "at most",
        Comparison::Greater => "above",
        Comparison::GreaterOrEqual => "at least",
    }
}

/// `mfa_registered` as a person would say it.
#[must_use]
pub fn words(column: &str) -> String {
    let spaced = column.replace('_', " ");
    spaced
        .split(' ')
        .map(|word| match word {
            "mfa" | "sspr" | "upn" | "id" => word.to_uppercase(),
            word => word.to_owned(),
        })
        .collect::<Vec<_>>()
        .join(" ")
}

/// A value as a person would say it.
#[must_use]
pub fn shown(value: &Value) -> String {
    match value {
        Value::Null => "unknown".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(text) if text.is_empty() => "empty".to_owned(),
        Value::String(text) => text.strip_suffix("T00:00:00Z").unwrap_or(text).to_owned(),
        Value::Array(items) if items.is_empty() => "none".to_owned(),
        Value::Number(number) if number.as_f64().is_some_and(|value| value.fract() == 0.0) => {
            number.to_string().trim_end_matches(".0").to_owned()
        }
        Value::Array(items) => items.iter().map(shown).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

fn sentence(reasons: &[String]) -> String {
    let text = reasons.join("; ");
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
