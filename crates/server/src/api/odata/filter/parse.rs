//! From text to meaning. One function per rule of the grammar, loosest first.
//!
//! OData 4.01 Part 2 §5.1.1.16 *Operator Precedence*: `or`, `and`, comparisons and `in`, then `not`, calls and paths.

use super::super::entity::{EntityType, PropertyType};
use super::super::error::ODataError;
use super::expression::{Comparison, Expression, Function, Literal, Path, Quantifier, Root};
use super::lex::{Lexeme, Token, syntax_error, tokens};
use super::path::bind;
use super::typing::{Kind, Typed, call, compare, within};
use super::{MAX_CHARACTERS, MAX_NESTING};

/// Reads a filter over rows of this type.
///
/// # Errors
///
/// When the text is no filter, names what the type doesn't have, or compares what can't be compared.
pub fn parse(text: &str, entity: &'static EntityType) -> Result<Expression, ODataError> {
    expression(text, entity).map_err(|error| error.prefixed("Invalid filter clause"))
}

fn expression(text: &str, entity: &'static EntityType) -> Result<Expression, ODataError> {
    if text.chars().count() > MAX_CHARACTERS {
        return Err(ODataError::new(format!("The filter is longer than {MAX_CHARACTERS} characters.")));
    }
    let tokens = tokens(text)?;
    let mut parser = Parser { text, tokens, at: 0, nesting: 0, entity, variables: Vec::new() };
    let typed = parser.either()?;
    if parser.peek().is_some() {
        return Err(parser.unexpected());
    }
    if !typed.kind.may_be_boolean() {
        return Err(ODataError::at(0, "The $filter expression must evaluate to a single boolean value."));
    }
    Ok(typed.expression)
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    at: usize,
    nesting: usize,
    entity: &'static EntityType,
    /// The elements that the lambdas around this place look at, innermost last.
    variables: Vec<(String, Kind)>,
}

impl Parser<'_> {
    /// `a or b or c`
    fn either(&mut self) -> Result<Typed, ODataError> {
        self.chain("or", "Or", Self::all, Expression::Or)
    }

    /// `a and b and c`
    fn all(&mut self) -> Result<Typed, ODataError> {
        self.chain("and", "And", Self::comparison, Expression::And)
    }

    fn chain(
        &mut self,
        word: &str,
        kind: &str,
        operand: fn(&mut Self) -> Result<Typed, ODataError>,
        join: fn(Vec<Expression>) -> Expression,
    ) -> Result<Typed, ODataError> {
        let first = operand(self)?;
        if !self.is_word(word) {
            return Ok(first);
        }
        let mut operands = vec![self.located(first.boolean(kind))?];
        while self.take_word(word) {
            let next = operand(self)?;
            operands.push(self.located(next.boolean(kind))?);
        }
        Ok(Typed { expression: join(operands), kind: Kind::BOOLEAN })
    }

    /// `a eq b`, `a in (b, c)`, or a value alone.
    fn comparison(&mut self) -> Result<Typed, ODataError> {
        let left = self.operand()?;
        if let Some(comparison) = Comparison::ALL.into_iter().find(|comparison| self.is_word(comparison.word())) {
            self.at += 1;
            let right = self.operand()?;
            return self.located(compare(comparison, left, right));
        }
        if self.take_word("in") {
            let literals = self.list()?;
            return self.located(within(left, literals));
        }
        Ok(left)
    }

    /// `(a)`, `not a`, a literal, a call, or a path.
    fn operand(&mut self) -> Result<Typed, ODataError> {
        self.nesting += 1;
        if self.nesting > MAX_NESTING {
            let message = format!("The filter is nested deeper than {MAX_NESTING} levels.");
            return Err(ODataError::at(self.position(), message));
        }
        let operand = self.operand_within();
        self.nesting -= 1;
        operand
    }

    fn operand_within(&mut self) -> Result<Typed, ODataError> {
        if self.take_symbol('(') {
            let inner = self.either()?;
            self.expect_symbol(')')?;
            return Ok(inner);
        }
        let Some(Lexeme::Word(word)) = self.peek() else {
            return self.literal().map(Typed::literal);
        };
        let word = word.clone();
        // A name before `/` or `:` is never an operator, and one before `(` is a call, save for `not`.
        if word.eq_ignore_ascii_case("not") && !self.is_symbol_ahead('/') {
            self.at += 1;
            let inner = self.comparison()?;
            let inner = self.located(inner.boolean("Not"))?;
            return Ok(Typed { expression: Expression::Not(Box::new(inner)), kind: Kind::BOOLEAN });
        }
        if self.is_symbol_ahead('(') {
            return self.call(&word);
        }
        if word_literal(&word).is_some() && !self.is_symbol_ahead('/') && !self.is_variable(&word) {
            return self.literal().map(Typed::literal);
        }
        self.path()
    }

    /// `contains(title,'x')`
    fn call(&mut self, word: &str) -> Result<Typed, ODataError> {
        let start = self.position();
        let Some(function) = Function::ALL.into_iter().find(|function| function.word().eq_ignore_ascii_case(word))
        else {
            let message = format!(
                "An unknown function with name '{word}' was found. This may also be a function import or a key lookup on a navigation property, which is not allowed."
            );
            return Err(ODataError::at(start, message));
        };
        self.at += 1;
        self.expect_symbol('(')?;
        let mut arguments = Vec::new();
        while !self.take_symbol(')') {
            if !arguments.is_empty() {
                self.expect_symbol(',')?;
            }
            arguments.push(self.operand()?);
        }
        call(function, arguments).map_err(|error| ODataError { position: Some(start), ..error })
    }

    /// `a/b`, or `a/b/any(…)`
    fn path(&mut self) -> Result<Typed, ODataError> {
        let start = self.position();
        let located = |error: ODataError| ODataError { position: Some(start), ..error };
        let mut names = vec![self.name()?];
        let mut quantifier = None;
        while self.take_symbol('/') {
            quantifier = self.quantifier();
            if quantifier.is_some() {
                break;
            }
            names.push(self.name()?);
        }
        let variable = names.first().and_then(|first| self.variables.iter().find(|(name, _)| name == first)).cloned();
        let (root, bound) = match variable {
            Some((name, kind)) => (Root::Variable(name), bind(kind, names.get(1..).unwrap_or_default(), false)),
            None => {
                let row = Kind::Property(PropertyType::Complex(&self.entity.structure));
                (Root::Row, bind(row, &names, false))
            }
        };
        let bound = bound.map_err(located)?;
        if !bound.filterable {
            let name = names.last().map_or("", String::as_str);
            return Err(ODataError::at(
                start,
                format!("The property '{name}' cannot be used in the $filter query option."),
            ));
        }
        let is_instant = matches!(bound.kind, Kind::Property(PropertyType::DateTimeOffset));
        let path = Path { root, segments: bound.segments, is_instant };
        match quantifier {
            Some(quantifier) => self.lambda(quantifier, path, bound.kind, start),
            None => Ok(Typed { expression: Expression::Path(path), kind: bound.kind }),
        }
    }

    /// `any(`, `all(`
    fn quantifier(&mut self) -> Option<Quantifier> {
        let quantifiers = [Quantifier::Any, Quantifier::All];
        let found = quantifiers.into_iter().find(|quantifier| self.is_word(quantifier.word()))?;
        if !self.is_symbol_ahead('(') {
            return None;
        }
        self.at += 2;
        Some(found)
    }

    /// What follows `any(`: OData 4.01 Part 2 §5.1.1.13 *Lambda Operators*.
    fn lambda(&mut self, quantifier: Quantifier, over: Path, kind: Kind, start: usize) -> Result<Typed, ODataError> {
        let element = match kind {
            Kind::Property(PropertyType::Collection(of)) => Kind::Property(*of),
            Kind::Unknown => Kind::Unknown,
            _ => return Err(ODataError::at(start, "Any/All may only be used following a collection.")),
        };
        // Else a short filter could walk the product of a list with itself many times over.
        if let Some((innermost, _)) = self.variables.last()
            && !matches!(&over.root, Root::Variable(name) if name == innermost)
        {
            let message = format!("Any/All within Any/All must follow a collection of '{innermost}'.");
            return Err(ODataError::at(start, message));
        }
        let lambda =
            |predicate| Typed { expression: Expression::Lambda { quantifier, over, predicate }, kind: Kind::BOOLEAN };
        if quantifier == Quantifier::Any && self.take_symbol(')') {
            return Ok(lambda(None));
        }
        let declared = self.position();
        let variable = self.name()?;
        if self.is_variable(&variable) {
            let message = format!("The range variable '{variable}' has already been declared.");
            return Err(ODataError::at(declared, message));
        }
        self.expect_symbol(':')?;
        self.variables.push((variable.clone(), element));
        let predicate = self.either()?;
        self.variables.pop();
        let predicate = self.located(predicate.boolean(quantifier.word()))?;
        self.expect_symbol(')')?;
        Ok(lambda(Some((variable, Box::new(predicate)))))
    }

    /// `(literal, literal)`
    fn list(&mut self) -> Result<Vec<Literal>, ODataError> {
        self.expect_symbol('(')?;
        let mut literals = vec![self.literal()?];
        while self.take_symbol(',') {
            literals.push(self.literal()?);
        }
        self.expect_symbol(')')?;
        Ok(literals)
    }

    fn literal(&mut self) -> Result<Literal, ODataError> {
        let literal = match self.peek() {
            Some(Lexeme::Literal(literal)) => Some(literal.clone()),
            Some(Lexeme::Word(word)) => word_literal(word),
            _ => None,
        };
        let literal = literal.ok_or_else(|| self.unexpected())?;
        self.at += 1;
        Ok(literal)
    }

    fn name(&mut self) -> Result<String, ODataError> {
        let Some(Lexeme::Word(word)) = self.peek() else { return Err(self.unexpected()) };
        let word = word.clone();
        self.at += 1;
        Ok(word)
    }

    fn peek(&self) -> Option<&Lexeme> {
        self.tokens.get(self.at).map(|token| &token.lexeme)
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Some(Lexeme::Word(found)) if found.eq_ignore_ascii_case(word))
    }

    fn is_variable(&self, word: &str) -> bool {
        self.variables.iter().any(|(name, _)| name == word)
    }

    fn is_symbol_ahead(&self, symbol: char) -> bool {
        self.tokens.get(self.at + 1).is_some_and(|token| token.lexeme == Lexeme::Symbol(symbol))
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        self.at += usize::from(found);
        found
    }

    fn take_symbol(&mut self, symbol: char) -> bool {
        let found = self.peek() == Some(&Lexeme::Symbol(symbol));
        self.at += usize::from(found);
        found
    }

    fn expect_symbol(&mut self, symbol: char) -> Result<(), ODataError> {
        if self.take_symbol(symbol) { Ok(()) } else { Err(self.unexpected()) }
    }

    /// The place that is being read; the end of the text after the last word.
    fn position(&self) -> usize {
        self.tokens.get(self.at).map_or_else(|| self.text.chars().count(), |token| token.position)
    }

    fn unexpected(&self) -> ODataError {
        syntax_error(self.position(), self.text)
    }

    /// An error of meaning, at the place that was read last.
    fn located<T>(&self, result: Result<T, ODataError>) -> Result<T, ODataError> {
        let last = self.at.checked_sub(1).and_then(|last| self.tokens.get(last)).map(|token| token.position);
        result.map_err(|error| ODataError { position: error.position.or(last), ..error })
    }
}

fn word_literal(word: &str) -> Option<Literal> {
    match word.to_ascii_lowercase().as_str() {
        "null" => Some(Literal::Null),
        "true" => Some(Literal::Boolean(true)),
        "false" => Some(Literal::Boolean(false)),
        _ => None,
    }
}
