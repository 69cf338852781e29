//! From an [`Expression`] back to text that parses to the same expression, and that DuckDB understands too.

use std::fmt::{Display, Formatter, Result};

use super::calls::UNITS;
use super::parse::TAKEN_AT;
use super::{Comparison, Expression, Literal, State};

impl Display for Expression {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> Result {
        match self {
            Self::Column { name, .. } => formatter.write_str(name),
            Self::Literal(literal) => literal.fmt(formatter),
            Self::TakenAt { offset } => taken_at(*offset, formatter),
            Self::Not(operand) => {
                formatter.write_str("NOT ")?;
                inner(operand, formatter)
            }
            Self::And(operands) => joined(operands, " AND ", formatter),
            Self::Or(operands) => joined(operands, " OR ", formatter),
            Self::Comparison { left, operator, right } => {
                compared(left, formatter)?;
                write!(formatter, " {operator} ")?;
                compared(right, formatter)
            }
            Self::Is { operand, state, negated } => {
                inner(operand, formatter)?;
                let state = match state {
                    State::Null => "NULL",
                    State::True => "TRUE",
                    State::False => "FALSE",
                };
                write!(formatter, " IS {}{state}", if *negated { "NOT " } else { "" })
            }
            Self::In { operand, list, negated } => {
                inner(operand, formatter)?;
                write!(formatter, " {}IN (", if *negated { "NOT " } else { "" })?;
                for (position, literal) in list.iter().enumerate() {
                    if position > 0 {
                        formatter.write_str(", ")?;
                    }
                    literal.fmt(formatter)?;
                }
                formatter.write_str(")")
            }
            Self::Like { operand, pattern, negated } => {
                inner(operand, formatter)?;
                write!(formatter, " {}LIKE {}", if *negated { "NOT " } else { "" }, quoted(pattern))
            }
            Self::Has { list, value } => write!(formatter, "has({list}, {})", quoted(value)),
            Self::HasOnly { list, values } => {
                write!(formatter, "has_only({list}")?;
                for value in values {
                    write!(formatter, ", {}", quoted(value))?;
                }
                formatter.write_str(")")
            }
        }
    }
}

/// An operand, in parentheses unless it cannot be misread.
fn inner(operand: &Expression, formatter: &mut Formatter<'_>) -> Result {
    match operand {
        Expression::Column { .. }
        | Expression::Literal(_)
        | Expression::TakenAt { offset: 0 }
        | Expression::Has { .. }
        | Expression::HasOnly { .. } => operand.fmt(formatter),
        _ => write!(formatter, "({operand})"),
    }
}

/// A side of a comparison: `+` and `-` bind tighter than every comparison.
fn compared(operand: &Expression, formatter: &mut Formatter<'_>) -> Result {
    match operand {
        Expression::TakenAt { .. } => operand.fmt(formatter),
        _ => inner(operand, formatter),
    }
}

fn joined(operands: &[Expression], word: &str, formatter: &mut Formatter<'_>) -> Result {
    for (position, operand) in operands.iter().enumerate() {
        if position > 0 {
            formatter.write_str(word)?;
        }
        match operand {
            Expression::And(_) | Expression::Or(_) => write!(formatter, "({operand})")?,
            _ => operand.fmt(formatter)?,
        }
    }
    Ok(())
}

fn taken_at(offset: i64, formatter: &mut Formatter<'_>) -> Result {
    formatter.write_str(TAKEN_AT)?;
    if offset == 0 {
        return Ok(());
    }
    let sign = if offset < 0 { '-' } else { '+' };
    let length = offset.unsigned_abs();
    // Weeks are read but not written: people count in days.
    let units = UNITS.iter().skip(1).map(|(name, size)| (*name, size.unsigned_abs()));
    let (name, size) = units.clone().find(|(_, size)| length.is_multiple_of(*size)).unwrap_or(("microsecond", 1));
    let amount = length / size;
    write!(formatter, " {sign} interval '{amount} {name}{}'", if amount == 1 { "" } else { "s" })
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

impl Display for Literal {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> Result {
        match self {
            Self::Null => formatter.write_str("NULL"),
            Self::Boolean(true) => formatter.write_str("TRUE"),
            Self::Boolean(false) => formatter.write_str("FALSE"),
            Self::Integer(number) => write!(formatter, "{number}"),
            Self::Number(number) => write!(formatter, "{number:?}"),
            Self::Text(text) => formatter.write_str(&quoted(text)),
        }
    }
}

impl Display for Comparison {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> Result {
        formatter.write_str(match self {
            Self::Equal => "=",
            Self::NotEqual => "<>",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        })
    }
}
