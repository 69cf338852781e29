//! TOML with places: a table that knows where each value stands and which keys nobody asked for.

use std::collections::BTreeSet;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::columns::ColumnRef;
use crate::nearest;
use crate::predicate::{Predicate, PredicateError, parse};
use crate::problem::{MAX_PER_FILE, Place, Problems};
use crate::words::{Words, meaning};

/// A TOML text, which may begin somewhere inside a file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Document<'t> {
    text: &'t str,
    first_line: usize,
}

impl<'t> Document<'t> {
    /// `first_line` is the line of the file that the text begins on, from 1.
    pub(crate) fn new(text: &'t str, first_line: usize) -> Self {
        Self { text, first_line }
    }

    /// Parses as much as can be parsed and notes every mistake.
    pub(crate) fn parse(&self, problems: &mut Problems) -> DeTable<'t> {
        let (table, errors) = DeTable::parse_recoverable(self.text);
        for error in errors.into_iter().take(MAX_PER_FILE + 1) {
            let at = error.span().map_or(Place::from(self.first_line), |span| self.place(span.start));
            problems.refuse(at, format!("not TOML: {}", error.message().replace('\n', " ")));
        }
        table.into_inner()
    }

    /// The place of a byte.
    pub(crate) fn place(&self, offset: usize) -> Place {
        let before = self.text.get(..offset).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + self.first_line;
        Place { line, column: before.get(line_start..).map(|line| line.chars().count() + 1) }
    }

    /// The place of a character inside a string value, where the string is written without escapes; else of the value.
    fn place_inside(&self, value: &Text, line: usize, column: usize) -> Place {
        let raw = self.text.get(value.start..value.end).unwrap_or_default();
        let found = raw.find(&value.text).and_then(|skipped| {
            let line_start: usize = value.text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
            let rest = value.text.get(line_start..)?;
            let in_line: usize = rest.chars().take(column.saturating_sub(1)).map(char::len_utf8).sum();
            Some(value.start + skipped + line_start + in_line)
        });
        self.place(found.unwrap_or(value.start))
    }

    fn predicate_error(&self, value: &Text, error: PredicateError, problems: &mut Problems) {
        let at = self.place_inside(value, error.line, error.column);
        problems.refuse(at, error.message).maybe_hint(error.hint);
    }
}

/// A string value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Text {
    pub(crate) text: String,
    start: usize,
    end: usize,
}

/// One table of a document: its values are taken key by key, and what is left over is unknown.
pub(crate) struct Section<'a, 't> {
    document: Document<'t>,
    table: &'a DeTable<'t>,
    /// Where the table begins.
    start: usize,
    /// What it is called in messages, such as `[check]`.
    name: String,
    taken: BTreeSet<&'static str>,
}

impl<'a, 't> Section<'a, 't> {
    pub(crate) fn root(document: Document<'t>, table: &'a DeTable<'t>) -> Self {
        Self { document, table, start: 0, name: "the file".to_owned(), taken: BTreeSet::new() }
    }

    /// Where the section begins.
    pub(crate) fn place(&self) -> Place {
        self.document.place(self.start)
    }

    pub(crate) fn place_of(&self, text: &Text) -> Place {
        self.document.place(text.start)
    }

    fn take(&mut self, key: &'static str) -> Option<&'a Spanned<DeValue<'t>>> {
        self.taken.insert(key);
        self.table.get(key)
    }

    fn wrong_type(&self, key: &str, value: &Spanned<DeValue<'t>>, wanted: &str, problems: &mut Problems) {
        let at = self.document.place(value.span().start);
        problems.refuse(at, format!("`{key}` must be {wanted}, not {}", value.get_ref().type_str()));
    }

    /// Where the key's value stands, or the section.
    pub(crate) fn place_of_key(&self, key: &str) -> Place {
        self.table.get(key).map_or(self.place(), |value| self.document.place(value.span().start))
    }

    fn missing(&self, key: &str, problems: &mut Problems) {
        problems.refuse(self.place(), format!("{} lacks `{key}`", self.name));
    }

    /// A string that may be left out.
    pub(crate) fn text(&mut self, key: &'static str, problems: &mut Problems) -> Option<Text> {
        let value = self.take(key)?;
        match value.get_ref() {
            DeValue::String(text) if !text.trim().is_empty() => {
                Some(Text { text: text.to_string(), start: value.span().start, end: value.span().end })
            }
            DeValue::String(_) => {
                problems.refuse(self.document.place(value.span().start), format!("`{key}` is empty"));
                None
            }
            _ => {
                self.wrong_type(key, value, "a string", problems);
                None
            }
        }
    }

    /// A string that must be there.
    pub(crate) fn required_text(&mut self, key: &'static str, problems: &mut Problems) -> Option<Text> {
        if !self.table.contains_key(key) {
            self.missing(key, problems);
        }
        self.text(key, problems)
    }

    /// A number that must be there, as it is written.
    pub(crate) fn required_number(&mut self, key: &'static str, problems: &mut Problems) -> Option<Text> {
        let Some(value) = self.take(key) else {
            self.missing(key, problems);
            return None;
        };
        let text = match value.get_ref() {
            DeValue::Integer(number) if number.radix() == 10 => number.as_str().to_owned(),
            DeValue::Float(number) => number.as_str().to_owned(),
            _ => {
                self.wrong_type(key, value, "a number", problems);
                return None;
            }
        };
        Some(Text { text, start: value.span().start, end: value.span().end })
    }

    /// A list of strings that may be left out.
    pub(crate) fn texts(&mut self, key: &'static str, problems: &mut Problems) -> Option<Vec<Text>> {
        let value = self.take(key)?;
        let Some(items) = value.get_ref().as_array() else {
            self.wrong_type(key, value, "a list of strings", problems);
            return None;
        };
        let mut texts = Vec::new();
        for item in items.iter() {
            match item.get_ref() {
                DeValue::String(text) => {
                    let text = Text { text: text.to_string(), start: item.span().start, end: item.span().end };
                    if texts.iter().any(|known: &Text| known.text == text.text) {
                        problems.refuse(self.place_of(&text), format!("`{}` stands twice in `{key}`", text.text));
                    }
                    texts.push(text);
                }
                _ => self.wrong_type(key, item, "a list of strings", problems),
            }
        }
        Some(texts)
    }

    /// One of some words.
    pub(crate) fn word<T: Copy>(&mut self, key: &'static str, words: &Words<T>, problems: &mut Problems) -> Option<T> {
        let text = self.text(key, problems)?;
        self.known(key, &text, words, problems)
    }

    /// Any of some words.
    pub(crate) fn words<T: Copy>(
        &mut self,
        key: &'static str,
        words: &Words<T>,
        problems: &mut Problems,
    ) -> Vec<(Text, T)> {
        let texts = self.texts(key, problems).unwrap_or_default();
        texts
            .into_iter()
            .filter_map(|text| {
                let known = self.known(key, &text, words, problems)?;
                Some((text, known))
            })
            .collect()
    }

    fn known<T: Copy>(&self, key: &str, text: &Text, words: &Words<T>, problems: &mut Problems) -> Option<T> {
        let known = meaning(words, &text.text);
        if known.is_none() {
            let hint = nearest::hint(&text.text, words.iter().map(|(word, _)| *word));
            problems.refuse(self.place_of(text), format!("unknown word `{}` for `{key}`", text.text)).maybe_hint(hint);
        }
        known
    }

    /// Like [`Self::word`], noting the mistake when the key is left out.
    pub(crate) fn required_word<T: Copy>(
        &mut self,
        key: &'static str,
        words: &Words<T>,
        problems: &mut Problems,
    ) -> Option<T> {
        let text = self.required_text(key, problems)?;
        self.known(key, &text, words, problems)
    }

    /// A table inside this one.
    pub(crate) fn section(&mut self, key: &'static str, problems: &mut Problems) -> Option<Section<'a, 't>> {
        let value = self.take(key)?;
        match value.get_ref() {
            DeValue::Table(table) => Some(self.inner(table, value.span().start, format!("[{}]", self.path(key)))),
            _ => {
                self.wrong_type(key, value, "a table", problems);
                None
            }
        }
    }

    /// A list of tables inside this one.
    pub(crate) fn sections(&mut self, key: &'static str, problems: &mut Problems) -> Option<Vec<Section<'a, 't>>> {
        let value = self.take(key)?;
        let Some(items) = value.get_ref().as_array() else {
            self.wrong_type(key, value, "a list of tables", problems);
            return None;
        };
        let mut sections = Vec::new();
        for item in items.iter() {
            match item.get_ref() {
                DeValue::Table(table) => {
                    sections.push(self.inner(table, item.span().start, format!("[[{}]]", self.path(key))));
                }
                _ => self.wrong_type(key, item, "a list of tables", problems),
            }
        }
        Some(sections)
    }

    fn inner(&self, table: &'a DeTable<'t>, start: usize, name: String) -> Section<'a, 't> {
        Section { document: self.document, table, start, name, taken: BTreeSet::new() }
    }

    fn path(&self, key: &str) -> String {
        match self.name.strip_prefix('[').and_then(|name| name.strip_suffix(']')) {
            Some(name) => format!("{}.{key}", name.trim_matches(['[', ']'])),
            None => key.to_owned(),
        }
    }

    /// A predicate over these columns.
    pub(crate) fn predicate(&self, text: &Text, columns: &[ColumnRef], problems: &mut Problems) -> Option<Predicate> {
        match parse(&text.text, columns) {
            Ok(predicate) => Some(predicate),
            Err(error) => {
                self.document.predicate_error(text, error, problems);
                None
            }
        }
    }

    /// Notes every key that nobody asked for.
    pub(crate) fn finish(self, problems: &mut Problems) {
        for key in self.table.keys() {
            let name: &str = key.get_ref();
            if !self.taken.contains(name) {
                let at = self.document.place(key.span().start);
                let hint = nearest::hint(name, self.taken.iter().copied());
                problems.refuse(at, format!("unknown key `{name}` in {}", self.name)).maybe_hint(hint);
            }
        }
    }
}
