//! A filter as text. Reading the text again gives the same filter.

use std::fmt;

use super::expression::{Expression, Literal, Path, Root};

impl fmt::Display for Expression {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(literal) => literal.fmt(out),
            Self::Path(path) => path.fmt(out),
            Self::Compare(comparison, left, right) => {
                write!(out, "{} {} {}", Operand(left), comparison.word(), Operand(right))
            }
            Self::In(value, literals) => {
                write!(out, "{} in (", Operand(value))?;
                separated(out, literals, ",")?;
                out.write_str(")")
            }
            Self::And(all) => separated(out, &operands(all), " and "),
            Self::Or(all) => separated(out, &operands(all), " or "),
            Self::Not(inner) => write!(out, "not ({inner})"),
            Self::Call(function, arguments) => {
                write!(out, "{}(", function.word())?;
                separated(out, arguments, ",")?;
                out.write_str(")")
            }
            Self::Lambda { quantifier, over, predicate } => {
                write!(out, "{over}/{}(", quantifier.word())?;
                if let Some((variable, predicate)) = predicate {
                    write!(out, "{variable}:{predicate}")?;
                }
                out.write_str(")")
            }
        }
    }
}

/// An expression within another one: in parentheses unless it reads as one word.
struct Operand<'a>(&'a Expression);

impl fmt::Display for Operand<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Expression::Literal(_) | Expression::Path(_) | Expression::Call(..) | Expression::Lambda { .. } => {
                self.0.fmt(out)
            }
            compound => write!(out, "({compound})"),
        }
    }
}

fn operands(all: &[Expression]) -> Vec<Operand<'_>> {
    all.iter().map(Operand).collect()
}

fn separated(out: &mut fmt::Formatter<'_>, items: &[impl fmt::Display], by: &str) -> fmt::Result {
    for (number, item) in items.iter().enumerate() {
        if number > 0 {
            out.write_str(by)?;
        }
        item.fmt(out)?;
    }
    Ok(())
}

impl fmt::Display for Literal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => out.write_str("null"),
            Self::Boolean(value) => value.fmt(out),
            // `{}` would write out three hundred digits.
            Self::Number(number) => write!(out, "{number:?}"),
            Self::Text(text) => write!(out, "'{}'", text.replace('\'', "''")),
            Self::Instant(instant) => instant.fmt(out),
            Self::Date(date) => date.fmt(out),
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let variable = match &self.root {
            Root::Row => None,
            Root::Variable(name) => Some(name),
        };
        let names: Vec<&String> = variable.into_iter().chain(&self.segments).collect();
        separated(out, &names, "/")
    }
}
