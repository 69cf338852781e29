//! Ways to take information away from an export so that a reader can notice.
//!
//! Not among them: another valid value, another id, another name. Those are other information, and may be better.

mod cut_depth;
mod pages;
mod report;
mod values;

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use crate::dice::Dice;
use crate::export::{Content, Export};
use crate::sites::{Site, Sites};

/// What is done to an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A property of one object is left out.
    Drop,
    /// A property is left out of every object of its data set.
    DropEverywhere,
    /// A value has another type.
    OtherType,
    /// A text is a word that nobody has seen.
    UnknownWord,
    /// The same in every object.
    UnknownWordEverywhere,
    /// A text is blank.
    Blank,
    /// A reference is null.
    NullReference,
    /// A reference names an object of a data set that was not read.
    UnreadReference,
    /// A value is the text that PowerShell writes beyond its depth.
    CutDepth,
    /// The same in a whole file, from some depth on.
    CutDepthOfFile,
    /// A body ends early.
    CutBody,
    /// Pages or rows are gone that a link, a count or the report promises.
    CutPages,
    /// Graph's error stands in place of a page.
    ErrorBody,
    /// A data set is not there.
    Absent,
    /// The report says that a data set was not read to its end.
    NotRead,
    /// The report is gone, or one of its properties.
    Report,
    /// Two of these at once.
    Two,
}

impl Kind {
    /// Every kind, those more often that have more places to try.
    pub const DRAWN: [Self; 24] = [
        Self::Drop,
        Self::Drop,
        Self::Drop,
        Self::Drop,
        Self::DropEverywhere,
        Self::DropEverywhere,
        Self::DropEverywhere,
        Self::OtherType,
        Self::OtherType,
        Self::UnknownWord,
        Self::UnknownWord,
        Self::UnknownWord,
        Self::UnknownWordEverywhere,
        Self::Blank,
        Self::Blank,
        Self::NullReference,
        Self::UnreadReference,
        Self::CutDepth,
        Self::CutDepthOfFile,
        Self::CutBody,
        Self::CutPages,
        Self::ErrorBody,
        Self::Absent,
        Self::NotRead,
    ];
}

/// What was done, and the files that differ.
#[derive(Debug, Clone)]
pub struct Mutation {
    pub kind: Kind,
    pub data_set: String,
    /// Where, with `*` for numbers: what mutations of one root have in common.
    pub place: String,
    /// The files and pointers, and what stands there now.
    pub told: String,
    pub changes: BTreeMap<String, Option<Content>>,
}

impl fmt::Display for Mutation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?} {}{}: {}", self.kind, self.data_set, self.place, self.told)
    }
}

/// Every property left out, as mutations that are made when their turn comes.
pub struct Drops<'a>(Vec<(Kind, &'a str, &'a str, Vec<&'a Site>)>);

impl<'a> Drops<'a> {
    pub fn of(export: &Export, sites: &'a Sites) -> Self {
        Self(values::every_drop(export, sites))
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn get(&self, at: usize, export: &Export, dice: &mut Dice) -> Option<Mutation> {
        let (kind, data_set, place, chosen) = self.0.get(at)?;
        Some(values::change(*kind, export, data_set, place, chosen, dice))
    }
}

/// Takes something away, and in one of ten cases something else besides.
pub fn draw(export: &Export, sites: &Sites, dice: &mut Dice) -> Mutation {
    let first = draw_one(export, sites, dice);
    if !dice.chance(10) {
        return first;
    }
    let second = draw_one(export, sites, dice);
    // Pages that only the report promises are not missed where the report does not promise them any more.
    let kinds = [first.kind, second.kind];
    if kinds.contains(&Kind::Report) && kinds.contains(&Kind::CutPages) {
        return first;
    }
    // Two changes of one file would have to be made one after the other.
    if second.changes.keys().any(|file| first.changes.contains_key(file)) {
        return first;
    }
    Mutation {
        kind: Kind::Two,
        data_set: format!("{} and {}", first.data_set, second.data_set),
        place: format!(" at {} and {}", first.place, second.place),
        told: format!("{first}, and {second}"),
        changes: first.changes.into_iter().chain(second.changes).collect(),
    }
}

fn draw_one(export: &Export, sites: &Sites, dice: &mut Dice) -> Mutation {
    loop {
        let kind = if dice.chance(3) { Kind::Report } else { *dice.pick(&Kind::DRAWN).unwrap() };
        let drawn = match kind {
            Kind::CutBody | Kind::CutPages | Kind::ErrorBody => pages::draw(kind, export, dice),
            Kind::Absent | Kind::NotRead | Kind::Report => report::draw(kind, export, dice),
            Kind::CutDepthOfFile => cut_depth::draw(export, dice),
            _ => values::draw(kind, export, sites, dice),
        };
        if let Some(mutation) = drawn {
            return mutation;
        }
    }
}

/// A value as it is told, no longer than a line.
fn short(value: &Value) -> String {
    let text = value.to_string();
    if text.len() <= 90 { text } else { format!("{}…", text.chars().take(90).collect::<String>()) }
}
