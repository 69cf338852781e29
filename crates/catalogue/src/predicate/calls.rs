//! The two constructs with an inside of their own: `has(list, 'value')` and `interval '90 days'`.

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

pub(super) fn has(function: &Function, columns: &[ColumnRef], at: Location) -> Result<Expression, PredicateError> {
    let name = function.name.to_string();
    if !name.eq_ignore_ascii_case("has") {
        return Err(PredicateError::new(format!("unknown function `{}`", shorten(&name)), at)
            .hint("the only function is has(list, 'value')"));
    }
    let misused = || {
        PredicateError::new("`has` needs a list column and a text", at).hint("write has(methods_registered, 'fido2')")
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
    let [list, value] = arguments.args.as_slice() else { return Err(misused()) };
    let (Some(Expr::Identifier(list)), Some(Expr::Value(value)), true) = (argument(list), argument(value), plain)
    else {
        return Err(misused());
    };
    let (None, Value::SingleQuotedString(value)) = (list.quote_style, &value.value) else { return Err(misused()) };
    let column = find_list(columns, &list.value, list.span.start)?;
    Ok(Expression::Has { list: column.name.clone(), value: value.clone() })
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
