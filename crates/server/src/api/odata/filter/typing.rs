//! What kind of value an expression gives, so that nonsense is refused before a row is looked at.

use super::super::entity::PropertyType;
use super::super::error::ODataError;
use super::expression::{Comparison, Expression, Function, Literal};
use super::lex::date_or_instant;
use super::value::midnight;

/// The kind of value that an expression gives.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    /// An undeclared member of an open type: any kind.
    Unknown,
    Null,
    Date,
    Property(PropertyType),
}

/// An expression and its kind.
pub(crate) struct Typed {
    pub(crate) expression: Expression,
    pub(crate) kind: Kind,
}

/// The kinds that can be compared with each other.
#[derive(PartialEq, Eq)]
enum Family {
    Any,
    Boolean,
    Number,
    Text,
    Time,
    Structure,
}

impl Kind {
    pub(crate) const BOOLEAN: Self = Self::Property(PropertyType::Boolean);
    pub(crate) const TEXT: Self = Self::Property(PropertyType::String);
    pub(crate) const INTEGER: Self = Self::Property(PropertyType::Int32);
    pub(crate) const INSTANT: Self = Self::Property(PropertyType::DateTimeOffset);

    pub(crate) fn of(literal: &Literal) -> Self {
        match literal {
            Literal::Null => Self::Null,
            Literal::Boolean(_) => Self::BOOLEAN,
            Literal::Number(number) if number.fract() == 0.0 => Self::INTEGER,
            Literal::Number(_) => Self::Property(PropertyType::Double),
            Literal::Text(_) => Self::TEXT,
            Literal::Instant(_) => Self::INSTANT,
            Literal::Date(_) => Self::Date,
        }
    }

    pub(crate) fn name(&self) -> String {
        match self {
            Self::Unknown => "Edm.Untyped".to_owned(),
            Self::Null => "Edm.PrimitiveType".to_owned(),
            Self::Date => "Edm.Date".to_owned(),
            Self::Property(of) => of.name(),
        }
    }

    pub(crate) fn may_be_boolean(&self) -> bool {
        matches!(self.family(), Family::Any | Family::Boolean)
    }

    /// Whether values of this kind have an order.
    pub(crate) fn is_ordered(&self) -> bool {
        self.family() != Family::Structure
    }

    fn is_instant(&self) -> bool {
        matches!(self, Self::Property(PropertyType::DateTimeOffset))
    }

    fn family(&self) -> Family {
        match self {
            Self::Unknown | Self::Null => Family::Any,
            Self::Date => Family::Time,
            Self::Property(of) => match of {
                PropertyType::Boolean => Family::Boolean,
                PropertyType::Int32 | PropertyType::Int64 | PropertyType::Double => Family::Number,
                PropertyType::String => Family::Text,
                PropertyType::DateTimeOffset => Family::Time,
                PropertyType::Complex(_) | PropertyType::Collection(_) => Family::Structure,
            },
        }
    }
}

impl Typed {
    pub(crate) fn literal(literal: Literal) -> Self {
        Self { kind: Kind::of(&literal), expression: Expression::Literal(literal) }
    }

    /// The expression, which must be able to be true or false.
    pub(crate) fn boolean(self, operator: &str) -> Result<Expression, ODataError> {
        if self.kind.may_be_boolean() {
            return Ok(self.expression);
        }
        Err(ODataError::new(format!(
            "A binary operator with incompatible types was detected. Found operand type '{}' for operator kind '{operator}'; 'Edm.Boolean' was expected.",
            self.kind.name()
        )))
    }
}

/// `left op right`, when the two can be compared. Structures can only be held against null.
pub(crate) fn compare(comparison: Comparison, left: Typed, right: Typed) -> Result<Typed, ODataError> {
    let (mut left, mut right) = (left, right);
    read_as_instant(&mut left, right.kind);
    read_as_instant(&mut right, left.kind);
    if !comparable(&left.kind, &right.kind) {
        return Err(ODataError::new(format!(
            "A binary operator with incompatible types was detected. Found operand types '{}' and '{}' for operator kind '{}'.",
            left.kind.name(),
            right.kind.name(),
            comparison.kind()
        )));
    }
    let expression = Expression::Compare(comparison, Box::new(left.expression), Box::new(right.expression));
    Ok(Typed { expression, kind: Kind::BOOLEAN })
}

/// `value in (literals)`
pub(crate) fn within(value: Typed, literals: Vec<Literal>) -> Result<Typed, ODataError> {
    let mut read = Vec::new();
    for literal in literals {
        let mut member = Typed::literal(literal);
        read_as_instant(&mut member, value.kind);
        if !comparable(&value.kind, &member.kind) {
            return Err(ODataError::new(format!(
                "A binary operator with incompatible types was detected. Found operand types '{}' and '{}' for operator kind 'In'.",
                value.kind.name(),
                member.kind.name()
            )));
        }
        if let Expression::Literal(literal) = member.expression {
            read.push(literal);
        }
    }
    Ok(Typed { expression: Expression::In(Box::new(value.expression), read), kind: Kind::BOOLEAN })
}

fn comparable(left: &Kind, right: &Kind) -> bool {
    match (left.family(), right.family()) {
        (Family::Structure, Family::Structure) => false,
        (Family::Any, _) | (_, Family::Any) => true,
        (left, right) => left == right,
    }
}

/// Clients quote instants, though OData does not; and a date held against an instant means its midnight in UTC.
fn read_as_instant(typed: &mut Typed, other: Kind) {
    let literal = match &typed.expression {
        Expression::Literal(Literal::Text(text)) if other.is_instant() || matches!(other, Kind::Date) => {
            date_or_instant(text)
        }
        Expression::Literal(literal @ Literal::Date(_)) => Some(literal.clone()),
        _ => None,
    };
    let promoted = match literal {
        Some(Literal::Date(date)) if other.is_instant() => midnight(date).map(Literal::Instant),
        other => other,
    };
    if let Some(literal) = promoted {
        *typed = Typed::literal(literal);
    }
}

/// `function(arguments)`, when it takes them.
pub(crate) fn call(function: Function, arguments: Vec<Typed>) -> Result<Typed, ODataError> {
    let (wanted, result): (&[Family], Kind) = match function {
        Function::StartsWith | Function::EndsWith | Function::Contains => {
            (&[Family::Text, Family::Text], Kind::BOOLEAN)
        }
        Function::ToLower | Function::ToUpper => (&[Family::Text], Kind::TEXT),
        Function::Length => (&[Family::Text], Kind::INTEGER),
        Function::Year | Function::Month | Function::Day => (&[Family::Time], Kind::INTEGER),
        Function::Date => (&[Family::Time], Kind::Date),
    };
    let fits = arguments.len() == wanted.len()
        && arguments.iter().zip(wanted).all(|(argument, wanted)| {
            let family = argument.kind.family();
            family == Family::Any || family == *wanted
        });
    if !fits {
        let kinds: Vec<String> = arguments.iter().map(|argument| argument.kind.name()).collect();
        return Err(ODataError::new(format!(
            "No function signature for the function with name '{}' matches the specified arguments ({}).",
            function.word(),
            kinds.join(", ")
        )));
    }
    let arguments = arguments.into_iter().map(|argument| argument.expression).collect();
    Ok(Typed { expression: Expression::Call(function, arguments), kind: result })
}
