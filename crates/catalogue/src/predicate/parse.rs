//! From text to a type-checked [`Expression`]. The grammar is sqlparser's; what we don't know is refused here.

use sqlparser::ast::{BinaryOperator, Expr, InTarget, Spanned, UnaryOperator, Value};
use sqlparser::dialect::Dialect;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Location, Token, Tokenizer};

use super::calls::{interval, list_function};
use super::names::{find, shorten};
use super::{Comparison, Expression, Literal, Predicate, PredicateError, State};
use crate::columns::ColumnRef;
use crate::tables::Kind;

/// The longest predicate, in bytes; the longest of ours has about 300.
const MAX_LENGTH: usize = 4_096;
/// The most words and signs; ours have about 60. Bounds the depth of what sqlparser builds, whatever the grammar.
const MAX_TOKENS: usize = 600;
/// The deepest nesting of parentheses and operators that we follow.
const MAX_DEPTH: usize = 32;
/// sqlparser spends a few levels per parenthesis.
const PARSER_DEPTH: usize = 80;

/// The name that stands for the snapshot's instant.
pub(super) const TAKEN_AT: &str = "taken_at";

/// ANSI SQL, except that `interval '90 days'` carries its unit inside the quotes, as DuckDB and PostgreSQL write it.
#[derive(Debug)]
struct Predicates;

impl Dialect for Predicates {
    fn is_identifier_start(&self, character: char) -> bool {
        character.is_ascii_alphabetic() || character == '_'
    }
    fn is_identifier_part(&self, character: char) -> bool {
        character.is_ascii_alphanumeric() || character == '_'
    }
}

/// Reads a predicate over a table with these columns.
///
/// # Errors
/// When the text is no SQL expression, uses more of SQL than the language has, names an unknown column, compares
/// what can't be compared, isn't Boolean, or is longer or deeper than a person would write.
pub fn parse(source: &str, columns: &[ColumnRef]) -> Result<Predicate, PredicateError> {
    if source.len() > MAX_LENGTH {
        let message = format!("the predicate has {} bytes, more than {MAX_LENGTH}", source.len());
        return Err(PredicateError::new(message, START).hint("derive a column and ask for that"));
    }
    if source.trim().is_empty() {
        return Err(PredicateError::new("the predicate is empty", START).hint("write `TRUE` for every row"));
    }
    let tokens = Tokenizer::new(&Predicates, source)
        .tokenize_with_location()
        .map_err(|error| PredicateError::new(error.message, error.location))?;
    if tokens.iter().filter(|token| !matches!(token.token, Token::Whitespace(_))).count() > MAX_TOKENS {
        let message = format!("the predicate has more than {MAX_TOKENS} words and signs");
        return Err(PredicateError::new(message, START).hint("derive a column and ask for that"));
    }
    let end = tokens.last().map_or(START, |token| token.span.end);
    let mut parser = Parser::new(&Predicates).with_recursion_limit(PARSER_DEPTH).with_tokens_with_locations(tokens);
    let parsed = parser.parse_expr().map_err(|error| syntax_error(&error, parser.peek_token().span.start, end))?;
    let rest = parser.peek_token();
    if rest.token != Token::EOF {
        let message = format!("`{}` comes after the end of the predicate", shorten(&rest.token.to_string()));
        return Err(PredicateError::new(message, rest.span.start).hint("join conditions with AND or OR"));
    }
    let expression = Translator { columns }.boolean(&parsed, 0)?;
    Ok(Predicate { source: source.to_owned(), expression })
}

pub(super) const START: Location = Location { line: 1, column: 1 };

fn syntax_error(error: &ParserError, stopped_at: Location, end: Location) -> PredicateError {
    match error {
        ParserError::RecursionLimitExceeded => too_deep(stopped_at),
        ParserError::TokenizerError(text) | ParserError::ParserError(text) => {
            // sqlparser writes the place into the text only.
            let (message, place) = text.rsplit_once(" at Line: ").unwrap_or((text, ""));
            let place = place
                .split_once(", Column: ")
                .and_then(|(line, column)| Some(Location { line: line.parse().ok()?, column: column.parse().ok()? }));
            // The end has no place of its own in sqlparser.
            let place = if message.ends_with("found: EOF") { end } else { place.unwrap_or(stopped_at) };
            PredicateError::new(format!("not a predicate: {message}"), place)
        }
    }
}

fn too_deep(at: Location) -> PredicateError {
    PredicateError::new("the predicate is nested too deeply", at).hint("derive a column and ask for that")
}

/// Where an expression begins, or the start of the predicate where sqlparser doesn't know.
pub(super) fn place(expr: &Expr) -> Location {
    let start = expr.span().start;
    if start.line == 0 { START } else { start }
}

/// What may be compared with what.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Type {
    Boolean,
    Number,
    Text,
    Instant,
    List,
    Null,
}

impl Type {
    fn of(expression: &Expression) -> Self {
        match expression {
            Expression::Column { kind, .. } => match kind {
                Kind::Boolean => Self::Boolean,
                Kind::Integer | Kind::Bounds => Self::Number,
                Kind::Text => Self::Text,
                Kind::Timestamp => Self::Instant,
                Kind::TextList => Self::List,
            },
            Expression::Literal(literal) => Self::of_literal(literal),
            Expression::TakenAt { .. } => Self::Instant,
            _ => Self::Boolean,
        }
    }

    fn of_literal(literal: &Literal) -> Self {
        match literal {
            Literal::Null => Self::Null,
            Literal::Boolean(_) => Self::Boolean,
            Literal::Integer(_) | Literal::Number(_) => Self::Number,
            Literal::Text(_) => Self::Text,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Boolean => "a boolean",
            Self::Number => "a number",
            Self::Text => "a text",
            Self::Instant => "an instant",
            Self::List => "a list",
            Self::Null => "NULL",
        }
    }
}

struct Translator<'a> {
    columns: &'a [ColumnRef],
}

impl Translator<'_> {
    /// An operand of AND, OR, NOT, or the predicate itself.
    fn boolean(&self, expr: &Expr, depth: usize) -> Result<Expression, PredicateError> {
        let expression = self.operand(expr, depth)?;
        match Type::of(&expression) {
            Type::Boolean | Type::Null => Ok(expression),
            other => {
                let message =
                    format!("`{}` is {}, but a condition is needed here", shorten(&expr.to_string()), other.name());
                let hint = match other {
                    Type::List => "ask `has(list, 'value')`",
                    _ => "compare it with something, or ask `IS NOT NULL`",
                };
                Err(PredicateError::new(message, place(expr)).hint(hint))
            }
        }
    }

    fn operand(&self, expr: &Expr, depth: usize) -> Result<Expression, PredicateError> {
        if depth > MAX_DEPTH {
            return Err(too_deep(place(expr)));
        }
        let deeper = depth + 1;
        match expr {
            Expr::Nested(inner) => self.operand(inner, deeper),
            Expr::Identifier(name) if name.quote_style.is_none() => self.name(&name.value, place(expr)),
            Expr::Value(value) => literal(&value.value, expr).map(Expression::Literal),
            Expr::UnaryOp { op: UnaryOperator::Minus, .. } => constant(expr).map(Expression::Literal),
            Expr::UnaryOp { op: UnaryOperator::Not, expr: inner } => {
                Ok(Expression::Not(Box::new(self.boolean(inner, deeper)?)))
            }
            Expr::BinaryOp { op: BinaryOperator::And, .. } => {
                Ok(Expression::And(self.chain(expr, &BinaryOperator::And, deeper)?))
            }
            Expr::BinaryOp { op: BinaryOperator::Or, .. } => {
                Ok(Expression::Or(self.chain(expr, &BinaryOperator::Or, deeper)?))
            }
            Expr::BinaryOp { left, op: op @ (BinaryOperator::Plus | BinaryOperator::Minus), right } => {
                self.moved_instant(expr, left, op, right, deeper)
            }
            Expr::BinaryOp { left, op, right } => match comparison(op) {
                Some(operator) => self.compare(left, operator, right, deeper),
                None => Err(outside(expr)),
            },
            Expr::IsNull(inner) | Expr::IsUnknown(inner) => self.is(inner, State::Null, false, deeper),
            Expr::IsNotNull(inner) | Expr::IsNotUnknown(inner) => self.is(inner, State::Null, true, deeper),
            Expr::IsTrue(inner) => self.is(inner, State::True, false, deeper),
            Expr::IsNotTrue(inner) => self.is(inner, State::True, true, deeper),
            Expr::IsFalse(inner) => self.is(inner, State::False, false, deeper),
            Expr::IsNotFalse(inner) => self.is(inner, State::False, true, deeper),
            Expr::In { expr: operand, target: InTarget::List(list), negated, global: false } => {
                self.in_list(operand, list, *negated, deeper)
            }
            Expr::Between { expr: operand, negated, low, high } => {
                let (first, second) = if *negated {
                    (Comparison::Less, Comparison::Greater)
                } else {
                    (Comparison::GreaterOrEqual, Comparison::LessOrEqual)
                };
                let ends =
                    vec![self.compare(operand, first, low, deeper)?, self.compare(operand, second, high, deeper)?];
                Ok(if *negated { Expression::Or(ends) } else { Expression::And(ends) })
            }
            Expr::Like { negated, any: false, expr: operand, pattern, escape_char: None } => {
                self.like(operand, pattern, *negated, deeper)
            }
            Expr::Function(function) => list_function(function, self.columns, place(expr)),
            _ => Err(outside(expr)),
        }
    }

    fn name(&self, name: &str, at: Location) -> Result<Expression, PredicateError> {
        if name == TAKEN_AT {
            return Ok(Expression::TakenAt { offset: 0 });
        }
        let column = find(self.columns, name, at)?;
        Ok(Expression::Column { name: column.name.clone(), kind: column.kind })
    }

    /// `a AND b AND c` as one list; a chain of a thousand is wide, not deep.
    fn chain(&self, expr: &Expr, operator: &BinaryOperator, depth: usize) -> Result<Vec<Expression>, PredicateError> {
        let mut operands = Vec::new();
        let mut rest = expr;
        while let Expr::BinaryOp { left, op, right } = rest
            && op == operator
        {
            operands.push(right.as_ref());
            rest = left;
        }
        operands.push(rest);
        operands.iter().rev().map(|operand| self.boolean(operand, depth)).collect()
    }

    fn moved_instant(
        &self,
        whole: &Expr,
        left: &Expr,
        operator: &BinaryOperator,
        right: &Expr,
        depth: usize,
    ) -> Result<Expression, PredicateError> {
        let Expr::Interval(moved_by) = right else { return Err(outside(whole)) };
        let Expression::TakenAt { offset } = self.operand(left, depth)? else {
            return Err(PredicateError::new("only `taken_at` can be moved by an interval", place(left))
                .hint("write `created_date_time < taken_at - interval '30 days'`"));
        };
        let moved_by = interval(moved_by, place(right))?;
        let moved = match operator {
            BinaryOperator::Minus => offset.checked_sub(moved_by),
            _ => offset.checked_add(moved_by),
        };
        let offset = moved.ok_or_else(|| PredicateError::new("the interval is too long", place(right)))?;
        Ok(Expression::TakenAt { offset })
    }

    fn compare(
        &self,
        left: &Expr,
        operator: Comparison,
        right: &Expr,
        depth: usize,
    ) -> Result<Expression, PredicateError> {
        let (left_operand, right_operand) = (self.operand(left, depth)?, self.operand(right, depth)?);
        let (left_type, right_type) = (Type::of(&left_operand), Type::of(&right_operand));
        for (side, of) in [(left, left_type), (right, right_type)] {
            match of {
                Type::Null => {
                    return Err(PredicateError::new("a comparison with NULL is never true", place(side))
                        .hint("write `IS NULL` or `IS NOT NULL`"));
                }
                Type::List => {
                    return Err(
                        PredicateError::new("a list cannot be compared", place(side)).hint("ask `has(list, 'value')`")
                    );
                }
                _ => {}
            }
        }
        if left_type != right_type {
            let message = format!(
                "`{}` is {} and `{}` is {}: they cannot be compared",
                shorten(&left.to_string()),
                left_type.name(),
                shorten(&right.to_string()),
                right_type.name()
            );
            let hint = match (left_type, right_type) {
                (Type::Instant, _) | (_, Type::Instant) => {
                    Some("compare an instant with `taken_at - interval '90 days'`")
                }
                (Type::Boolean, Type::Text) => Some("write TRUE or FALSE without quotes"),
                _ => None,
            };
            let error = PredicateError::new(message, place(left));
            return Err(match hint {
                Some(hint) => error.hint(hint),
                None => error,
            });
        }
        if left_operand.columns().is_empty() && right_operand.columns().is_empty() {
            return Err(PredicateError::new("the comparison names no column", place(left)).hint("write TRUE or FALSE"));
        }
        Ok(Expression::Comparison { left: Box::new(left_operand), operator, right: Box::new(right_operand) })
    }

    fn is(&self, inner: &Expr, state: State, negated: bool, depth: usize) -> Result<Expression, PredicateError> {
        let operand = match state {
            State::Null => self.operand(inner, depth)?,
            State::True | State::False => self.boolean(inner, depth)?,
        };
        if operand.columns().is_empty() {
            return Err(PredicateError::new("`IS` asks about a constant", place(inner)).hint("ask about a column"));
        }
        Ok(Expression::Is { operand: Box::new(operand), state, negated })
    }

    /// The operand of IN and LIKE: a column.
    fn column(&self, expr: &Expr, depth: usize) -> Result<Expression, PredicateError> {
        match self.operand(expr, depth)? {
            column @ Expression::Column { .. } => Ok(column),
            _ => Err(PredicateError::new(format!("`{}` is no column", shorten(&expr.to_string())), place(expr))
                .hint("IN and LIKE ask about a column")),
        }
    }

    fn in_list(
        &self,
        operand: &Expr,
        list: &[Expr],
        negated: bool,
        depth: usize,
    ) -> Result<Expression, PredicateError> {
        let column = self.column(operand, depth)?;
        let wanted = Type::of(&column);
        if wanted == Type::List {
            return Err(PredicateError::new("a list cannot be looked up in a list", place(operand))
                .hint("ask `has(list, 'value')`"));
        }
        let mut constants = Vec::with_capacity(list.len());
        for item in list {
            let constant = constant(item)?;
            let found = Type::of_literal(&constant);
            if found != wanted {
                let text = shorten(&item.to_string());
                let message = format!("`{text}` is {}, but the column is {}", found.name(), wanted.name());
                return Err(PredicateError::new(message, place(item)));
            }
            constants.push(constant);
        }
        if constants.is_empty() {
            return Err(PredicateError::new("the list after IN is empty", place(operand)));
        }
        Ok(Expression::In { operand: Box::new(column), list: constants, negated })
    }

    fn like(&self, operand: &Expr, pattern: &Expr, negated: bool, depth: usize) -> Result<Expression, PredicateError> {
        let column = self.column(operand, depth)?;
        if Type::of(&column) != Type::Text {
            return Err(PredicateError::new("LIKE asks about a text column", place(operand)));
        }
        let Literal::Text(pattern_text) = constant(pattern)? else {
            return Err(PredicateError::new("LIKE needs a pattern in single quotes", place(pattern)));
        };
        let mut characters = pattern_text.chars();
        while let Some(character) = characters.next() {
            if character == '\\' && !matches!(characters.next(), Some('%' | '_' | '\\')) {
                return Err(PredicateError::new(r"`\` in a pattern must stand before `%`, `_` or `\`", place(pattern)));
            }
        }
        Ok(Expression::Like { operand: Box::new(column), pattern: pattern_text, negated })
    }
}

fn comparison(operator: &BinaryOperator) -> Option<Comparison> {
    Some(match operator {
        BinaryOperator::Eq => Comparison::Equal,
        BinaryOperator::NotEq => Comparison::NotEqual,
        BinaryOperator::Lt => Comparison::Less,
        BinaryOperator::LtEq => Comparison::LessOrEqual,
        BinaryOperator::Gt => Comparison::Greater,
        BinaryOperator::GtEq => Comparison::GreaterOrEqual,
        _ => return None,
    })
}

/// A constant, with its sign.
fn constant(expr: &Expr) -> Result<Literal, PredicateError> {
    match expr {
        Expr::Value(value) => literal(&value.value, expr),
        Expr::UnaryOp { op: UnaryOperator::Minus, expr: inner } => match inner.as_ref() {
            Expr::Value(value) => match &value.value {
                Value::Number(digits, false) => number(&format!("-{digits}"), expr),
                _ => Err(outside(expr)),
            },
            _ => Err(outside(expr)),
        },
        _ => Err(PredicateError::new(format!("`{}` is no constant", shorten(&expr.to_string())), place(expr))
            .hint("write a number, or a text in single quotes")),
    }
}

fn literal(value: &Value, expr: &Expr) -> Result<Literal, PredicateError> {
    match value {
        Value::Null => Ok(Literal::Null),
        Value::Boolean(value) => Ok(Literal::Boolean(*value)),
        Value::SingleQuotedString(text) => Ok(Literal::Text(text.clone())),
        Value::Number(digits, false) => number(digits, expr),
        _ => Err(outside(expr)),
    }
}

fn number(digits: &str, expr: &Expr) -> Result<Literal, PredicateError> {
    if let Ok(integer) = digits.parse() {
        return Ok(Literal::Integer(integer));
    }
    // A whole number too large for 64 bits would be rounded silently as a decimal one.
    let decimal = digits.contains(['.', 'e', 'E']).then(|| digits.parse::<f64>().ok()).flatten();
    match decimal {
        Some(value) if value.is_finite() => Ok(Literal::Number(value)),
        _ => Err(PredicateError::new(format!("`{}` is too large a number", shorten(digits)), place(expr))),
    }
}

fn outside(expr: &Expr) -> PredicateError {
    let message = format!("`{}` is outside the predicate language", shorten(&expr.to_string()));
    let hint = match expr {
        Expr::Identifier(_) => "texts stand in single quotes, column names in none",
        Expr::CompoundIdentifier(_) => "name a column of the table without a prefix; other tables cannot be reached",
        Expr::ILike { .. } | Expr::Like { .. } => "use LIKE without ESCAPE; `\\` escapes",
        Expr::Interval(_) => "write `taken_at - interval '90 days'`",
        Expr::Subquery(_) | Expr::In { .. } | Expr::Exists { .. } | Expr::Case { .. } => {
            "derive a column and ask for that"
        }
        _ => {
            "it has AND, OR, NOT, comparison, IS, IN, BETWEEN, LIKE, has(list, 'value') and taken_at - interval '90 days'"
        }
    };
    PredicateError::new(message, place(expr)).hint(hint)
}
