//! The constructs with an inside of their own: `has(list, 'value')`, `has_only(list, 'value', …)` and `interval '90 days'`.

use sqlparser::ast::{DateTimeField, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Interval, Value};
use sqlparser::tokenizer::Location;

use super::names::{find_list, shorten};
use super::{Expression, PredicateError};
use crate::columns::ColumnRef;

/// The units of an interval. Months and years have no fixed length, so they are not among them.
pub(super) const UNITS: &[(&str, i64)] = &[
    ("week", 7 * 86_400_000_000),
    ("day", 86_400_000_000),
    ("hour", 3_600_000_000),
    ("minute", 60_000_000),
    ("second", 1_000_000),
    ("microsecond", 1),
];

/// A thousand years in microseconds: far beyond any use, and safe to add to any instant of this age.
const LONGEST: i64 = 1_000 * 366 * 86_400_000_000;

/// `has(list, 'value')` or `has_only(list, 'value', …)`.
pub(super) fn list_function(
    function: &Function,
    columns: &[ColumnRef],
    at: Location,
) -> Result<Expression, PredicateError> {
    let name = function.name.to_string();
    let only = name.eq_ignore_ascii_case("has_only");
    if !only && !name.eq_ignore_ascii_case("has") {
        return Err(PredicateError::new(format!("unknown function `{}`", shorten(&name)), at)
            .hint("the functions are has(list, 'value') and has_only(list, 'value', …)"));
    }
    let misused = || {
        if only {
            PredicateError::new("`has_only` needs a list column and the texts that may be in it", at)
                .hint("write has_only(methods_registered, 'fido2', 'windowsHelloForBusiness')")
        } else {
            PredicateError::new("`has` needs a list column and a text", at)
                .hint("write has(methods_registered, 'fido2')")
        }
    };
    let FunctionArguments::List(arguments) = &function.args else { return Err(misused()) };
    let plain = function.parameters == FunctionArguments::None
        && function.within_group.is_empty()
        && function.filter.is_none()
        && function.over.is_none()
        && function.null_treatment.is_none()
        && !function.uses_odbc_syntax
        && arguments.duplicate_treatment.is_none()
        && arguments.clauses.is_empty();
    let [list, values @ ..] = arguments.args.as_slice() else { return Err(misused()) };
    let (Some(Expr::Identifier(list)), true) = (argument(list), plain && !values.is_empty()) else {
        return Err(misused());
    };
    let values: Option<Vec<String>> = values.iter().map(text).collect();
    let (None, Some(mut values)) = (list.quote_style, values) else { return Err(misused()) };
    let column = find_list(columns, &list.value, list.span.start)?;
    let list = column.name.clone();
    if only {
        return Ok(Expression::HasOnly { list, values });
    }
    match (values.pop(), values.is_empty()) {
        (Some(value), true) => Ok(Expression::Has { list, value }),
        _ => Err(misused()),
    }
}

/// A text in single quotes.
fn text(argument_of: &FunctionArg) -> Option<String> {
    match argument(argument_of) {
        Some(Expr::Value(value)) => match &value.value {
            Value::SingleQuotedString(text) => Some(text.clone()),
            _ => None,
        },
        _ => None,
    }
}

fn argument(argument: &FunctionArg) -> Option<&Expr> {
    match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr),
        _ => None,
    }
}

/// The length of an interval in microseconds.
pub(super) fn interval(interval: &Interval, at: Location) -> Result<i64, PredicateError> {
    let wrong = |text: &str| {
        PredicateError::new(format!("`{}` is no interval of exact length", shorten(text)), at)
            .hint("write interval '90 days'; units are weeks, days, hours, minutes, seconds and microseconds")
    };
    let text = interval.to_string();
    if interval.leading_precision.is_some()
        || interval.last_field.is_some()
        || interval.fractional_seconds_precision.is_some()
    {
        return Err(wrong(&text));
    }
    let Expr::Value(value) = interval.value.as_ref() else { return Err(wrong(&text)) };
    let amount = match &value.value {
        Value::SingleQuotedString(amount) | Value::Number(amount, false) => amount.trim(),
        _ => return Err(wrong(&text)),
    };
    let (amount, unit) = match &interval.leading_field {
        None => amount.split_once(' ').ok_or_else(|| wrong(&text))?,
        Some(DateTimeField::Week(None)) => (amount, "week"),
        Some(DateTimeField::Day) => (amount, "day"),
        Some(DateTimeField::Hour) => (amount, "hour"),
        Some(DateTimeField::Minute) => (amount, "minute"),
        Some(_) => return Err(wrong(&text)),
    };
    if amount.is_empty() || !amount.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong(&text));
    }
    let unit = unit.trim().to_ascii_lowercase();
    let unit = unit.strip_suffix('s').unwrap_or(&unit);
    let (_, length) = UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(|| wrong(&text))?;
    let length = amount.parse::<i64>().ok().and_then(|amount| amount.checked_mul(*length));
    match length {
        Some(length) if length <= LONGEST => Ok(length),
        _ => Err(PredicateError::new("the interval is too long", at)),
    }
}
