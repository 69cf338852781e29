//! The parsed, type-checked form of a predicate. The evaluator in `crates/assess` knows only this.

use crate::tables::Kind;

/// A type-checked expression over one judged table.
#[derive(Debug, Clone, PartialEq)]
pub enum Expression {
    /// A column of the table.
    Column {
        /// Its name, which exists in the table.
        name: String,
        /// Its type.
        kind: Kind,
    },
    /// A constant.
    Literal(Literal),
    /// `taken_at`, moved by an interval in microseconds (negative: before).
    TakenAt {
        /// Microseconds to add.
        offset: i64,
    },
    /// Kleene NOT.
    Not(Box<Expression>),
    /// Kleene AND over at least two.
    And(Vec<Expression>),
    /// Kleene OR over at least two.
    Or(Vec<Expression>),
    /// A comparison of two operands of the same type; NULL when either is NULL.
    Comparison {
        /// Left operand.
        left: Box<Expression>,
        /// Which comparison.
        operator: Comparison,
        /// Right operand.
        right: Box<Expression>,
    },
    /// `IS [NOT] NULL`, `IS [NOT] TRUE`, `IS [NOT] FALSE`; never NULL itself.
    Is {
        /// What is asked.
        operand: Box<Expression>,
        /// The state asked for.
        state: State,
        /// `IS NOT`.
        negated: bool,
    },
    /// `IN` over constants of the operand's type, none of them NULL.
    In {
        /// What is looked for.
        operand: Box<Expression>,
        /// Where.
        list: Vec<Literal>,
        /// `NOT IN`.
        negated: bool,
    },
    /// `LIKE` with `%`, `_` and the escape `\`, case-sensitive.
    Like {
        /// The text.
        operand: Box<Expression>,
        /// The pattern.
        pattern: String,
        /// `NOT LIKE`.
        negated: bool,
    },
    /// `has(list, value)`: NULL when the list is NULL.
    Has {
        /// A column of type [`Kind::TextList`].
        list: String,
        /// The text looked for, compared exactly.
        value: String,
    },
    /// `has_only(list, value, …)`: every text of the list is among the values; NULL when the list is NULL.
    HasOnly {
        /// A column of type [`Kind::TextList`].
        list: String,
        /// The texts that may be in it, compared exactly.
        values: Vec<String>,
    },
}

/// A constant.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// `NULL`, of any type.
    Null,
    /// `TRUE` or `FALSE`.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A number with decimals; only compared with [`Kind::Bounds`] or integers.
    Number(f64),
    /// A text in single quotes.
    Text(String),
}

/// The six comparisons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `<>` or `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// What `IS` asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Unknown.
    Null,
    /// True.
    True,
    /// False.
    False,
}

impl Expression {
    /// The names of all columns it uses, in order of appearance, each once.
    #[must_use]
    pub fn columns(&self) -> Vec<&str> {
        let mut names = Vec::new();
        self.collect_columns(&mut names);
        names
    }

    fn collect_columns<'a>(&'a self, names: &mut Vec<&'a str>) {
        match self {
            Self::Column { name, .. } | Self::Has { list: name, .. } | Self::HasOnly { list: name, .. } => {
                if !names.contains(&name.as_str()) {
                    names.push(name);
                }
            }
            Self::Literal(_) | Self::TakenAt { .. } => {}
            Self::Not(operand) | Self::Is { operand, .. } | Self::In { operand, .. } | Self::Like { operand, .. } => {
                operand.collect_columns(names)
            }
            Self::And(operands) | Self::Or(operands) => {
                for operand in operands {
                    operand.collect_columns(names);
                }
            }
            Self::Comparison { left, right, .. } => {
                left.collect_columns(names);
                right.collect_columns(names);
            }
        }
    }
}
