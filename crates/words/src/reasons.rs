//! Why a control moved, in sentences.

use idscore_history::difference::{
    Changed, ControlMove, ControlState, DeclarationChange, Difference, Object, PolicyChange, Reason, SetMove,
};
use idscore_history::regression::Seen;
use idscore_history::{KeptFile, SetNumbers, UnreadFile, Which};
use idscore_score::Missing;
use serde_json::Value;

use crate::domain as words;
use crate::moves;

/// How many objects and fields of a reason are named, and where a reader finds the rest.
#[derive(Debug, Clone, Copy)]
pub struct Limit<'a> {
    /// Lines at most.
    pub lines: usize,
    /// What to do to see all; may be empty.
    pub hint: &'a str,
}

/// The outcome of one side in words, never a bare "Met" where a part was not seen.
#[must_use]
pub fn outcome(state: &ControlState) -> &'static str {
    let wholly = state.unknown == 0 && moves::proven_points(state.score_at_least, state.score_at_most).is_none();
    words::outcome_seen(state.outcome, wholly)
}

/// What is proven of a set on both sides, and whether less or more was seen: "less was seen: proven 65.18 % → between 58.93 and
/// 71.43 %"; nothing where all of it was seen on both.
#[must_use]
pub fn set_seen(moved: &SetMove) -> Option<String> {
    let open = |numbers: &SetNumbers| moves::ends(numbers.percent_at_least, numbers.percent_at_most);
    if open(&moved.before).is_none() && open(&moved.after).is_none() {
        return None;
    }
    let said = |numbers: &SetNumbers| match (numbers.percent_at_least, open(numbers)) {
        (None, _) => "not known".to_owned(),
        (Some(_), Some(ends)) => format!("between {ends}"),
        (Some(_), None) => moves::percent(numbers.percent),
    };
    Some(format!("{}proven {} → {}", prefix(moved.seen), said(&moved.before), said(&moved.after)))
}

/// A file that could not be read, and what is therefore not said: "the evidence of the assessment before is missing: …".
#[must_use]
pub fn unread(file: &UnreadFile) -> String {
    let of = match file.of {
        Which::Before => "before",
        Which::After => "after",
    };
    let unsaid = match file.file {
        KeptFile::Evidence => "who came and went can't be said",
        KeptFile::Snapshot => "what changed in its policies can't be said",
    };
    format!(
        "the {} of the assessment {of} is {}: {unsaid} until it is brought back from a backup",
        file.file.name(),
        file.problem.name()
    )
}

/// The same of a control; nothing where as much was seen as before.
#[must_use]
pub fn seen(control: &ControlMove) -> Option<String> {
    let (before, after) = control.before.as_ref().zip(control.after.as_ref())?;
    let said = |state: &ControlState| match state.score_at_least.zip(state.score_at_most) {
        Some((at_least, at_most)) => moves::proven_points(Some(at_least), Some(at_most))
            .and_then(|said| said.strip_prefix("proven ").map(str::to_owned))
            .unwrap_or_else(|| format!("{} points", moves::points(at_least))),
        None => "not known".to_owned(),
    };
    control.seen?;
    Some(format!("{}proven {} → {}", prefix(control.seen), said(before), said(after)))
}

fn prefix(seen: Option<Seen>) -> String {
    seen.map(|seen| format!("{}: ", moves::seen(seen))).unwrap_or_default()
}

/// The sentence of a reason, and below it what it names.
#[must_use]
pub fn in_words(reason: &Reason, all: &Difference, limit: Limit<'_>) -> (String, Vec<String>) {
    let plain = |text: String| (text, vec![]);
    match reason {
        Reason::LosesPoints { objects, complete } => {
            (counted("loses points now", objects, *complete), named(objects, limit))
        }
        Reason::NoLongerLoses { objects, complete } => {
            (counted("no longer loses points", objects, *complete), named(objects, limit))
        }
        Reason::NoLongerKnown { objects, complete } => {
            (counted("can't be judged any more", objects, *complete), named(objects, limit))
        }
        Reason::Population { before, after } => {
            plain(format!("{} instead of {} are judged", objects_of(*after), words::thousands(*before)))
        }
        Reason::Policies { ids } => {
            let policies = all.policies.iter().flatten().filter(|policy| ids.contains(&policy.id));
            let names: Vec<_> = policies.map(|policy| policy.name.clone()).collect();
            (format!("rests on policies, and {} changed, see above", names.len()), vec![])
        }
        Reason::Decision { before, after, by, reason, expires } => {
            let status = |status| words::status(status).unwrap_or("to address");
            let mut text = format!("status: {} → {}", status(*before), status(*after));
            if !by.is_empty() {
                text.push_str(&format!(", decided by {by}"));
            }
            if !reason.is_empty() {
                text.push_str(&format!(": {reason}"));
            }
            text.push_str(&expires.map(|day| format!(", until {day}")).unwrap_or_default());
            plain(text)
        }
        Reason::Review { age_before, age_after } => {
            let age = |age: &Option<u64>| age.map_or("none".to_owned(), |age| format!("{} days old", age / 86_400));
            plain(format!("last review: {} → {}", age(age_before), age(age_after)))
        }
        Reason::Attestation { after, .. } => {
            plain(if *after { "an attestation stands now" } else { "its attestation ended" }.to_owned())
        }
        Reason::Licence { before, after } => plain(match (before, after) {
            (_, Some(lacking)) => format!("licence {lacking} is needed and not owned now"),
            (Some(had), None) => format!("licence {had} is owned now"),
            (None, None) => "the owned licences changed".to_owned(),
        }),
        Reason::Data { lost, found } => {
            let list = |missing: &[Missing]| missing.iter().map(words::remedy).collect::<Vec<_>>().join(", ");
            let mut parts = vec![];
            if !lost.is_empty() {
                parts.push(format!("data that were there are missing: {}", list(lost)));
            }
            if !found.is_empty() {
                parts.push(format!("data are there that were missing: {}", list(found)));
            }
            plain(parts.join("; "))
        }
        Reason::Declared => plain("declarations changed, and with them who is judged".to_owned()),
        Reason::Catalogue { before, after } => plain(match (before, after) {
            (None, Some(_)) => "the control is new".to_owned(),
            (Some(_), None) => "the control is judged no more".to_owned(),
            (Some(before), Some(after)) => {
                format!("it is worth {} points instead of {}", moves::points(*after), moves::points(*before))
            }
            (None, None) => "the control is in one assessment only".to_owned(),
        }),
        Reason::CatalogueVersion => plain("the controls are of another version; its rule may differ".to_owned()),
        Reason::Configuration => plain("the configuration or profile is another".to_owned()),
        Reason::Applicability => plain("whether it is about this tenant is answered differently".to_owned()),
        Reason::NotKept => plain("what was kept doesn't tell why".to_owned()),
    }
}

fn objects_of(number: u64) -> String {
    if number == 1 { "1 object".to_owned() } else { format!("{} objects", words::thousands(number)) }
}

fn counted(what: &str, objects: &[Object], complete: bool) -> String {
    let more = if complete { "" } else { ", perhaps more: not all evidence was kept" };
    format!("{what} ({}{more}):", words::thousands(objects.len() as u64))
}

fn named(objects: &[Object], limit: Limit<'_>) -> Vec<String> {
    let line = |object: &Object| format!("{}: {}", object.name.as_deref().unwrap_or(&object.id), object.why);
    cut(objects.iter().map(line).collect(), limit)
}

/// The first lines, and how many more there are.
#[must_use]
pub fn cut(mut lines: Vec<String>, limit: Limit<'_>) -> Vec<String> {
    if lines.len() > limit.lines {
        let more = lines.len() - limit.lines;
        lines.truncate(limit.lines);
        let hint = if limit.hint.is_empty() { String::new() } else { format!("; {}", limit.hint) };
        lines.push(format!("and {more} more{hint}"));
    }
    lines
}

/// A policy that changed, and below it its properties.
#[must_use]
pub fn policy(change: &PolicyChange, limit: Limit<'_>) -> (String, Vec<String>) {
    let kind = match change.document.as_str() {
        "namedLocation" => "location ",
        "authenticationStrengthPolicy" => "authentication strength ",
        _ => "",
    };
    let first = |list: &[String]| list.first().cloned().unwrap_or_else(|| "nothing".to_owned());
    match change.change {
        Changed::Added => (format!("{kind}{}: added", change.name), vec![]),
        Changed::Removed => (format!("{kind}{}: removed", change.name), vec![]),
        Changed::Switched => {
            let moved = change.fields.first();
            let text = moved.map(|field| format!("{} → {}", first(&field.removed), first(&field.added)));
            (format!("{kind}{}: switched {}", change.name, text.unwrap_or_default()), vec![])
        }
        Changed::Changed => {
            let fields = change.fields.iter().map(|field| {
                let part = |sign: &str, list: &[String]| {
                    let shown = list.iter().take(limit.lines).cloned().collect::<Vec<_>>().join(", ");
                    let more = list.len().saturating_sub(limit.lines);
                    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
                    if list.is_empty() { String::new() } else { format!(" {sign}{shown}{more}") }
                };
                format!("{}:{}{}", field.path, part("−", &field.removed), part("+", &field.added))
            });
            (format!("{kind}{}: changed", change.name), cut(fields.collect(), limit))
        }
    }
}

/// A declaration that came, went or changed.
#[must_use]
pub fn declared(change: &DeclarationChange) -> String {
    let said = |value: &Option<Value>, key: &str| {
        value.as_ref().and_then(|value| value.get(key)?.as_str().map(str::to_owned)).unwrap_or_default()
    };
    let what = match (&change.before, &change.after) {
        (None, _) => "declared",
        (_, None) => "declared no more",
        _ => "declared otherwise",
    };
    let of = if change.after.is_some() { &change.after } else { &change.before };
    let name = change.name.as_deref().unwrap_or(&change.id);
    format!("{} {name}: {what} ({}: {})", words::declared(&change.kind), said(of, "owner"), said(of, "reason"))
}
