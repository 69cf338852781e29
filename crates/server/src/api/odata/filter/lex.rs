//! The words of a filter: OData 4.01 ABNF, *Literal Data Values* and *Names and identifiers*.

use jiff::Timestamp;
use jiff::civil::Date;

use super::super::error::ODataError;
use super::expression::Literal;

/// A word and where it starts, counted in characters.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Token {
    pub(crate) lexeme: Lexeme,
    pub(crate) position: usize,
}

/// A word.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Lexeme {
    /// A name, an operator, or a literal that is a word.
    Word(String),
    /// A string, number, date or instant.
    Literal(Literal),
    /// One of `( ) , / : * =`.
    Symbol(char),
}

/// The words of a text.
pub(crate) fn tokens(text: &str) -> Result<Vec<Token>, ODataError> {
    let characters: Vec<char> = text.chars().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(&character) = characters.get(at) {
        let position = at;
        let lexeme = match character {
            ' ' | '\t' => {
                at += 1;
                continue;
            }
            '\'' => Lexeme::Literal(Literal::Text(quoted(&characters, &mut at).ok_or_else(|| {
                let message = format!("There is an unterminated string literal at position {position} in '{text}'.");
                ODataError::at(position, message)
            })?)),
            '(' | ')' | ',' | '/' | ':' | '*' | '=' => {
                at += 1;
                Lexeme::Symbol(character)
            }
            first if is_name_start(first) => Lexeme::Word(run(&characters, &mut at, is_name_part)),
            first if first.is_ascii_digit() || first == '-' => {
                let word = run(&characters, &mut at, |part| part.is_ascii_alphanumeric() || "-+.:".contains(part));
                Lexeme::Literal(number_or_time(&word).ok_or_else(|| {
                    let message = format!("Unrecognized literal '{word}' at position {position} in '{text}'.");
                    ODataError::at(position, message)
                })?)
            }
            _ => return Err(syntax_error(position, text)),
        };
        found.push(Token { lexeme, position });
    }
    Ok(found)
}

/// `Syntax error at position 5 in 'id e'.`
pub(crate) fn syntax_error(position: usize, text: &str) -> ODataError {
    ODataError::at(position, format!("Syntax error at position {position} in '{text}'."))
}

fn is_name_start(character: char) -> bool {
    character.is_alphabetic() || character == '_'
}

fn is_name_part(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

fn run(characters: &[char], at: &mut usize, belongs: impl Fn(char) -> bool) -> String {
    let word: String = characters.iter().skip(*at).take_while(|character| belongs(**character)).collect();
    *at += word.chars().count();
    word
}

/// The text between quotes, where a doubled quote stands for one; `None` when the closing quote is missing.
fn quoted(characters: &[char], at: &mut usize) -> Option<String> {
    let mut text = String::new();
    *at += 1;
    loop {
        let character = *characters.get(*at)?;
        *at += 1;
        if character != '\'' {
            text.push(character);
        } else if characters.get(*at) == Some(&'\'') {
            text.push('\'');
            *at += 1;
        } else {
            return Some(text);
        }
    }
}

fn number_or_time(word: &str) -> Option<Literal> {
    let mut characters = word.chars();
    let dated =
        characters.by_ref().take(4).all(|character| character.is_ascii_digit()) && characters.next() == Some('-');
    if dated { date_or_instant(word) } else { number(word) }
}

/// The date or the instant that a text writes; seconds may be left out.
pub(super) fn date_or_instant(word: &str) -> Option<Literal> {
    if word.chars().count() == "2026-07-17".len() {
        return word.parse::<Date>().ok().map(Literal::Date);
    }
    word.parse::<Timestamp>().ok().map(Literal::Instant)
}

fn number(word: &str) -> Option<Literal> {
    // `f64` would also read words such as `-inf`.
    let starts_with_digit = word.trim_start_matches('-').starts_with(|first: char| first.is_ascii_digit());
    let number = word.parse::<f64>().ok().filter(|number| starts_with_digit && number.is_finite())?;
    Some(Literal::Number(number))
}
