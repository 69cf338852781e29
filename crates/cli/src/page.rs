//! A page of text for a terminal: paragraphs and tables that keep to its width, colour that repeats what the words say.

use std::fmt::Write;

use comfy_table::{Attribute, Cell, CellAlignment, Color, ContentArrangement, Row, Table, presets};
use idscore_score::Outcome;
use idscore_words::prose;

use crate::report::words;
use crate::terminal::Terminal;

/// How a text is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// As it is.
    Plain,
    /// The thing to see first.
    Strong,
    /// Beside the point.
    Quiet,
    /// Good news.
    Good,
    /// Half-good news.
    Half,
    /// Bad news.
    Bad,
    /// A command to copy.
    Command,
}

impl Tone {
    /// The tone of an outcome.
    pub fn of(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Met => Self::Good,
            Outcome::Partial => Self::Half,
            Outcome::NotMet => Self::Bad,
            Outcome::NotApplicable | Outcome::NotAssessed => Self::Quiet,
        }
    }
}

/// A page under construction.
pub struct Page {
    text: String,
    color: bool,
    width: u16,
}

impl Page {
    /// An empty page.
    pub fn new(terminal: Terminal) -> Self {
        Self { text: String::new(), color: terminal.color, width: terminal.width }
    }

    /// The finished page.
    pub fn into_text(self) -> String {
        self.text
    }

    /// An empty line.
    pub fn gap(&mut self) {
        self.text.push('\n');
    }

    /// A line as it is.
    pub fn line(&mut self, text: &str) {
        self.text.push_str(text.trim_end());
        self.text.push('\n');
    }

    /// The name of a part, after an empty line.
    pub fn heading(&mut self, text: &str) {
        let painted = self.paint(Tone::Strong, text);
        let _ = write!(self.text, "\n{painted}\n");
    }

    /// Text in a tone.
    pub fn paint(&self, tone: Tone, text: &str) -> String {
        let style = match tone {
            _ if !self.color => return text.to_owned(),
            Tone::Plain => return text.to_owned(),
            Tone::Strong => "1",
            Tone::Quiet => "2",
            Tone::Good => "32",
            Tone::Half => "33",
            Tone::Bad => "31",
            Tone::Command => "36",
        };
        format!("\u{1b}[{style}m{text}\u{1b}[0m")
    }

    /// A command or an address to copy, on one line however long it is.
    pub fn command(&mut self, text: &str) {
        let painted = self.paint(Tone::Command, text);
        self.line(&format!("  {painted}"));
    }

    /// Text that is broken where the page ends; its own line breaks stay.
    pub fn paragraph(&mut self, indent: u16, tone: Tone, text: &str) {
        let mut table = self.table(&[]);
        for line in text.lines().chain(text.is_empty().then_some("")) {
            table.add_row(Row::from(vec![self.cell(tone, line)]));
        }
        if let Some(column) = table.column_mut(0) {
            column.set_padding((indent, 0));
        }
        self.put(&table);
    }

    /// A text in Markdown: paragraphs, and list items whose lines hang below each other.
    pub fn prose(&mut self, indent: u16, markdown: &str) {
        for line in prose::to_text(markdown).lines() {
            let Some((marker, text)) = prose::item(line) else {
                self.paragraph(indent, Tone::Plain, &words::visible(line));
                continue;
            };
            let mut table = self.table(&[]);
            table.add_row(vec![self.cell(Tone::Plain, marker), self.cell(Tone::Plain, &words::visible(text))]);
            let depth = u16::try_from(line.len() - line.trim_start().len()).unwrap_or_default();
            for (column, padding) in table.column_iter_mut().zip([(indent + depth, 0), (1, 0)]) {
                column.set_padding(padding);
            }
            self.put(&table);
        }
    }

    /// An empty table that keeps to the page, with headings unless there are none.
    pub fn table(&self, headings: &[&str]) -> Table {
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic).set_width(self.width);
        if self.color {
            table.enforce_styling();
        } else {
            table.force_no_tty();
        }
        if !headings.is_empty() {
            table.set_header(Row::from(
                headings.iter().map(|heading| self.cell(Tone::Quiet, heading)).collect::<Vec<_>>(),
            ));
        }
        table
    }

    /// A cell in a tone.
    #[expect(clippy::unused_self, reason = "cells are made by the page so that one place knows about tones")]
    pub fn cell(&self, tone: Tone, text: &str) -> Cell {
        let cell = Cell::new(text);
        match tone {
            Tone::Plain => cell,
            Tone::Strong => cell.add_attribute(Attribute::Bold),
            Tone::Quiet => cell.add_attribute(Attribute::Dim),
            Tone::Good => cell.fg(Color::DarkGreen),
            Tone::Half => cell.fg(Color::DarkYellow),
            Tone::Bad => cell.fg(Color::DarkRed),
            Tone::Command => cell.fg(Color::DarkCyan),
        }
    }

    /// A cell for a number.
    pub fn number(&self, tone: Tone, text: &str) -> Cell {
        self.cell(tone, text).set_alignment(CellAlignment::Right)
    }

    /// Writes a table onto the page.
    pub fn put(&mut self, table: &Table) {
        for line in table.lines() {
            self.line(&line);
        }
    }
}
