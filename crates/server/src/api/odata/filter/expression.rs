//! The meaning of a filter.

use jiff::Timestamp;
use jiff::civil::Date;

/// An expression over a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Expression {
    /// A constant.
    Literal(Literal),
    /// A member of the row, or of the value that a lambda looks at.
    Path(Path),
    /// `left eq right`
    Compare(Comparison, Box<Self>, Box<Self>),
    /// `value in (a, b)`
    In(Box<Self>, Vec<Literal>),
    /// All of them; at least two.
    And(Vec<Self>),
    /// One of them; at least two.
    Or(Vec<Self>),
    /// The opposite.
    Not(Box<Self>),
    /// `function(arguments)`
    Call(Function, Vec<Self>),
    /// `collection/any(x:predicate)`
    Lambda {
        /// Whether one or every element must meet the predicate.
        quantifier: Quantifier,
        /// The collection.
        over: Path,
        /// The name of an element and what is asked of it; `None` in `any()`, which asks for an element at all.
        predicate: Option<(String, Box<Self>)>,
    },
}

/// A constant.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// `null`
    Null,
    /// `true`
    Boolean(bool),
    /// `12.5`; compared as a double, as JSON's readers do.
    Number(f64),
    /// `'text'`
    Text(String),
    /// `2026-07-17T00:00:00Z`
    Instant(Timestamp),
    /// `2026-07-17`
    Date(Date),
}

/// A way to a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// Where it starts.
    pub root: Root,
    /// The members on the way; none when a lambda asks about the element itself.
    pub segments: Vec<String>,
    /// Whether the member is declared as a `DateTimeOffset`, so that its text is compared as an instant.
    pub is_instant: bool,
}

/// Where a path starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Root {
    /// At the row.
    Row,
    /// At the element that a lambda of this variable looks at.
    Variable(String),
}

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Comparison {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

/// A function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "OData's names say it")]
pub enum Function {
    StartsWith,
    EndsWith,
    Contains,
    ToLower,
    ToUpper,
    Length,
    Year,
    Month,
    Day,
    Date,
}

/// What a lambda asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Quantifier {
    Any,
    All,
}

impl Expression {
    /// Whether it looks at this member of the row.
    pub(crate) fn reads(&self, member: &str) -> bool {
        let on_the_way =
            |path: &Path| path.root == Root::Row && path.segments.first().is_some_and(|first| first == member);
        match self {
            Self::Literal(_) => false,
            Self::Path(path) => on_the_way(path),
            Self::Compare(_, left, right) => left.reads(member) || right.reads(member),
            Self::In(value, _) => value.reads(member),
            Self::And(all) | Self::Or(all) | Self::Call(_, all) => all.iter().any(|inner| inner.reads(member)),
            Self::Not(inner) => inner.reads(member),
            Self::Lambda { over, predicate, .. } => {
                on_the_way(over) || predicate.as_ref().is_some_and(|(_, predicate)| predicate.reads(member))
            }
        }
    }
}

impl Comparison {
    pub(crate) const ALL: [Self; 6] =
        [Self::Equal, Self::NotEqual, Self::Greater, Self::GreaterOrEqual, Self::Less, Self::LessOrEqual];

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Equal => "eq",
            Self::NotEqual => "ne",
            Self::Greater => "gt",
            Self::GreaterOrEqual => "ge",
            Self::Less => "lt",
            Self::LessOrEqual => "le",
        }
    }

    /// The name of the operator in Graph's messages.
    pub(crate) const fn kind(self) -> &'static str {
        match self {
            Self::Equal => "Equal",
            Self::NotEqual => "NotEqual",
            Self::Greater => "GreaterThan",
            Self::GreaterOrEqual => "GreaterThanOrEqual",
            Self::Less => "LessThan",
            Self::LessOrEqual => "LessThanOrEqual",
        }
    }
}

impl Function {
    pub(crate) const ALL: [Self; 10] = [
        Self::StartsWith,
        Self::EndsWith,
        Self::Contains,
        Self::ToLower,
        Self::ToUpper,
        Self::Length,
        Self::Year,
        Self::Month,
        Self::Day,
        Self::Date,
    ];

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::StartsWith => "startswith",
            Self::EndsWith => "endswith",
            Self::Contains => "contains",
            Self::ToLower => "tolower",
            Self::ToUpper => "toupper",
            Self::Length => "length",
            Self::Year => "year",
            Self::Month => "month",
            Self::Day => "day",
            Self::Date => "date",
        }
    }
}

impl Quantifier {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::All => "all",
        }
    }
}
