//! `$filter`: the expressions that Graph's data sets take.
//!
//! A row that doesn't have the property at all (the export was made without it) is kept: nothing shows that it shouldn't be.

use serde_json::Value;

/// A condition on rows.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Filter {
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
    Not(Box<Self>),
    Compare(Vec<String>, Operator, Value),
    In(Vec<String>, Vec<Value>),
    Text(Function, Vec<String>, String),
    /// `groupTypes/any(t:t eq 'Unified')`, on the elements as a value of their own.
    Any(Vec<String>, Box<Self>),
}

/// `eq`, `ne` …
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Eq,
    Ne,
    Gt,
    Ge,
    Lt,
    Le,
}

/// `startsWith` …
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Function {
    StartsWith,
    EndsWith,
    Contains,
}

/// Why a filter can't be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BadFilter(pub String);

const DEEPEST: usize = 32;

impl Filter {
    /// Reads an expression.
    pub fn parse(text: &str) -> Result<Self, BadFilter> {
        let tokens = tokens(text)?;
        let mut parser = Parser { tokens, at: 0, depth: 0, text };
        let filter = parser.or()?;
        if parser.at < parser.tokens.len() { Err(parser.wrong()) } else { Ok(filter) }
    }

    /// Whether the directory answers it only to those who accept an eventually consistent answer.
    pub fn is_advanced(&self) -> bool {
        match self {
            Self::And(left, right) | Self::Or(left, right) => left.is_advanced() || right.is_advanced(),
            Self::Not(_) => true,
            Self::Compare(_, operator, _) => *operator == Operator::Ne,
            Self::Text(function, ..) => *function != Function::StartsWith,
            Self::In(..) | Self::Any(..) => false,
        }
    }

    /// The text that a property has to be equal to in every row, where the expression says so.
    pub fn demanded(&self, property: &str) -> Option<&str> {
        match self {
            Self::And(left, right) => left.demanded(property).or_else(|| right.demanded(property)),
            Self::Compare(path, Operator::Eq, Value::String(text)) if path.as_slice() == [property] => Some(text),
            _ => None,
        }
    }

    /// Whether the row is among those that are asked for.
    pub fn keeps(&self, row: &Value) -> bool {
        self.judge(row) != Some(false)
    }

    fn judge(&self, row: &Value) -> Option<bool> {
        match self {
            Self::And(left, right) => match (left.judge(row), right.judge(row)) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            },
            Self::Or(left, right) => match (left.judge(row), right.judge(row)) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            },
            Self::Not(inner) => inner.judge(row).map(|kept| !kept),
            Self::Compare(path, operator, wanted) => {
                let found = at(row, path)?;
                let ordering = compare(found, wanted);
                Some(match operator {
                    Operator::Eq => ordering == Some(std::cmp::Ordering::Equal),
                    Operator::Ne => ordering != Some(std::cmp::Ordering::Equal),
                    Operator::Gt => ordering == Some(std::cmp::Ordering::Greater),
                    Operator::Ge => ordering.is_some_and(std::cmp::Ordering::is_ge),
                    Operator::Lt => ordering == Some(std::cmp::Ordering::Less),
                    Operator::Le => ordering.is_some_and(std::cmp::Ordering::is_le),
                })
            }
            Self::In(path, wanted) => {
                let found = at(row, path)?;
                Some(wanted.iter().any(|value| compare(found, value) == Some(std::cmp::Ordering::Equal)))
            }
            Self::Text(function, path, wanted) => {
                let found = at(row, path)?.as_str().unwrap_or_default().to_lowercase();
                let wanted = wanted.to_lowercase();
                Some(match function {
                    Function::StartsWith => found.starts_with(&wanted),
                    Function::EndsWith => found.ends_with(&wanted),
                    Function::Contains => found.contains(&wanted),
                })
            }
            Self::Any(path, condition) => {
                let elements = at(row, path)?.as_array()?;
                Some(elements.iter().any(|element| condition.judge(element) == Some(true)))
            }
        }
    }
}

fn at<'a>(row: &'a Value, path: &[String]) -> Option<&'a Value> {
    let mut found = row;
    for name in path {
        if found.is_null() {
            return Some(found);
        }
        found = found.get(name)?;
    }
    Some(found)
}

/// Texts without case, as the directory compares them; instants written alike sort as texts.
fn compare(found: &Value, wanted: &Value) -> Option<std::cmp::Ordering> {
    match (found, wanted) {
        (Value::String(found), Value::String(wanted)) => Some(found.to_lowercase().cmp(&wanted.to_lowercase())),
        (Value::Number(found), Value::Number(wanted)) => found.as_f64()?.partial_cmp(&wanted.as_f64()?),
        (Value::Bool(found), Value::Bool(wanted)) => Some(found.cmp(wanted)),
        (Value::Null, Value::Null) => Some(std::cmp::Ordering::Equal),
        _ => None,
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Open,
    Close,
    Comma,
    Colon,
    Word(String),
    Text(String),
}

fn tokens(text: &str) -> Result<Vec<Token>, BadFilter> {
    let mut tokens = Vec::new();
    let mut rest = text.char_indices().peekable();
    while let Some((at, character)) = rest.next() {
        match character {
            ' ' | '\t' | '\n' => {}
            '(' => tokens.push(Token::Open),
            ')' => tokens.push(Token::Close),
            ',' => tokens.push(Token::Comma),
            ':' => tokens.push(Token::Colon),
            '\'' => {
                let mut value = String::new();
                loop {
                    match rest.next() {
                        // A quote in a text is written twice.
                        Some((_, '\'')) if rest.next_if(|(_, next)| *next == '\'').is_some() => value.push('\''),
                        Some((_, '\'')) => break,
                        Some((_, other)) => value.push(other),
                        None => {
                            return Err(BadFilter(format!(
                                "There is an unterminated string literal at position {at} in '{text}'."
                            )));
                        }
                    }
                }
                tokens.push(Token::Text(value));
            }
            _ => {
                let mut word = String::from(character);
                // Instants hold colons.
                let instant = |word: &str, next: char| {
                    next == ':' && word.contains('T') && word.starts_with(|first: char| first.is_ascii_digit())
                };
                while let Some((_, next)) = rest
                    .next_if(|(_, next)| !matches!(next, ' ' | '(' | ')' | ',' | '\'' | ':') || instant(&word, *next))
                {
                    word.push(next);
                }
                tokens.push(Token::Word(word));
            }
        }
    }
    Ok(tokens)
}

struct Parser<'a> {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    text: &'a str,
}

impl Parser<'_> {
    fn wrong(&self) -> BadFilter {
        BadFilter(format!("Invalid filter clause: Syntax error at term {} in '{}'.", self.at, self.text))
    }

    fn next(&mut self) -> Result<Token, BadFilter> {
        let token = self.tokens.get(self.at).cloned().ok_or_else(|| self.wrong())?;
        self.at += 1;
        Ok(token)
    }

    fn word(&mut self, wanted: &str) -> bool {
        let found = matches!(self.tokens.get(self.at), Some(Token::Word(word)) if word.eq_ignore_ascii_case(wanted));
        self.at += usize::from(found);
        found
    }

    fn symbol(&mut self, wanted: &Token) -> Result<(), BadFilter> {
        if self.tokens.get(self.at) == Some(wanted) {
            self.at += 1;
            return Ok(());
        }
        Err(self.wrong())
    }

    fn or(&mut self) -> Result<Filter, BadFilter> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(BadFilter("The filter is nested too deep.".to_owned()));
        }
        let mut left = self.and()?;
        while self.word("or") {
            left = Filter::Or(Box::new(left), Box::new(self.and()?));
        }
        self.depth -= 1;
        Ok(left)
    }

    fn and(&mut self) -> Result<Filter, BadFilter> {
        let mut left = self.term()?;
        while self.word("and") {
            left = Filter::And(Box::new(left), Box::new(self.term()?));
        }
        Ok(left)
    }

    fn term(&mut self) -> Result<Filter, BadFilter> {
        if self.word("not") {
            self.depth += 1;
            if self.depth > DEEPEST {
                return Err(BadFilter("The filter is nested too deep.".to_owned()));
            }
            return Ok(Filter::Not(Box::new(self.term()?)));
        }
        match self.next()? {
            Token::Open => {
                let inner = self.or()?;
                self.symbol(&Token::Close)?;
                Ok(inner)
            }
            Token::Word(word) if self.tokens.get(self.at) == Some(&Token::Open) => self.function(&word),
            Token::Word(word) => self.comparison(&word),
            _ => Err(self.wrong()),
        }
    }

    fn function(&mut self, name: &str) -> Result<Filter, BadFilter> {
        self.symbol(&Token::Open)?;
        if let Some(collection) = name.strip_suffix("/any") {
            let Token::Word(variable) = self.next()? else { return Err(self.wrong()) };
            self.symbol(&Token::Colon)?;
            let inner = self.or()?;
            self.symbol(&Token::Close)?;
            return Ok(Filter::Any(path(collection), Box::new(within(inner, &variable))));
        }
        let function = match name.to_ascii_lowercase().as_str() {
            "startswith" => Function::StartsWith,
            "endswith" => Function::EndsWith,
            "contains" => Function::Contains,
            _ => {
                return Err(BadFilter(format!(
                    "Invalid filter clause: An unknown function with name '{name}' was found."
                )));
            }
        };
        let Token::Word(property) = self.next()? else { return Err(self.wrong()) };
        self.symbol(&Token::Comma)?;
        let Token::Text(text) = self.next()? else { return Err(self.wrong()) };
        self.symbol(&Token::Close)?;
        Ok(Filter::Text(function, path(&property), text))
    }

    fn comparison(&mut self, property: &str) -> Result<Filter, BadFilter> {
        let Token::Word(operator) = self.next()? else { return Err(self.wrong()) };
        let operator = match operator.to_ascii_lowercase().as_str() {
            "eq" => Operator::Eq,
            "ne" => Operator::Ne,
            "gt" => Operator::Gt,
            "ge" => Operator::Ge,
            "lt" => Operator::Lt,
            "le" => Operator::Le,
            "in" => {
                self.symbol(&Token::Open)?;
                let mut values = vec![self.literal()?];
                while self.symbol(&Token::Comma).is_ok() {
                    values.push(self.literal()?);
                }
                self.symbol(&Token::Close)?;
                return Ok(Filter::In(path(property), values));
            }
            _ => return Err(self.wrong()),
        };
        Ok(Filter::Compare(path(property), operator, self.literal()?))
    }

    fn literal(&mut self) -> Result<Value, BadFilter> {
        Ok(match self.next()? {
            Token::Text(text) => Value::String(text),
            Token::Word(word) => match word.as_str() {
                "true" => Value::Bool(true),
                "false" => Value::Bool(false),
                "null" => Value::Null,
                // Instants and GUIDs stand without quotes.
                _ => serde_json::from_str(&word)
                    .ok()
                    .filter(|value: &Value| value.is_number())
                    .unwrap_or(Value::String(word)),
            },
            _ => return Err(self.wrong()),
        })
    }
}

fn path(text: &str) -> Vec<String> {
    text.split('/').map(str::to_owned).collect()
}

/// The condition of `any` without its variable.
fn within(filter: Filter, variable: &str) -> Filter {
    let short = |mut path: Vec<String>| {
        if path.first().is_some_and(|first| first == variable) {
            path.remove(0);
        }
        path
    };
    let inner = |filter: Box<Filter>| Box::new(within(*filter, variable));
    match filter {
        Filter::And(left, right) => Filter::And(inner(left), inner(right)),
        Filter::Or(left, right) => Filter::Or(inner(left), inner(right)),
        Filter::Not(one) => Filter::Not(inner(one)),
        Filter::Compare(path, operator, value) => Filter::Compare(short(path), operator, value),
        Filter::In(path, values) => Filter::In(short(path), values),
        Filter::Text(function, path, text) => Filter::Text(function, short(path), text),
        Filter::Any(path, condition) => Filter::Any(short(path), condition),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_filters_of_the_data_sets_choose_their_rows() {
        let row = json!({"riskState": "atRisk", "scopeId": "/", "scopeType": "DirectoryRole", "groupTypes": ["Unified"],
            "createdDateTime": "2026-11-20T06:00:00Z", "n": 5, "off": null, "owner": {"name": "O'Neil"}});
        for (text, kept) in [
            ("riskState eq 'atRisk' or riskState eq 'confirmedCompromised'", true),
            ("riskState eq 'confirmedCompromised'", false),
            ("scopeId eq '/' and scopeType eq 'DirectoryRole'", true),
            ("scopeId eq '/' and not (scopeType eq 'directoryrole')", false),
            ("createdDateTime ge 2026-11-19T00:00:00Z", true),
            ("createdDateTime lt 2026-11-19T00:00:00Z", false),
            ("n in (1,5)", true),
            ("n gt 5", false),
            ("off eq null", true),
            ("off/inner eq 'x'", false),
            ("groupTypes/any(c:c eq 'Unified')", true),
            ("groupTypes/any(c:c eq 'DynamicMembership')", false),
            ("startswith(owner/name,'o''n')", true),
            ("endsWith(owner/name,'X') or contains(owner/name,'nei')", true),
            ("missing eq 'x'", true),
            ("missing eq 'x' and n eq 6", false),
        ] {
            assert_eq!(Filter::parse(text).unwrap().keeps(&row), kept, "{text}");
        }
    }

    #[test]
    fn what_must_hold_is_known_from_the_expression() {
        let filter = Filter::parse("groupId eq 'b1' and accessId eq 'member'").unwrap();
        assert_eq!((filter.demanded("groupId"), filter.demanded("accessId")), (Some("b1"), Some("member")));
        assert_eq!(Filter::parse("groupId eq 'b1' or groupId eq 'b2'").unwrap().demanded("groupId"), None);
    }

    #[test]
    fn what_is_no_expression_is_refused() {
        let deep = "(".repeat(10_000);
        let long = "not ".repeat(10_000);
        for text in
            ["", "a", "a eq", "a eq 'x", "a zz 'x'", "(a eq 1", "a eq 1)", "f(a,'b')", "a/any(b eq 1)", &deep, &long]
        {
            assert!(Filter::parse(text).is_err(), "{text}");
        }
    }
}
