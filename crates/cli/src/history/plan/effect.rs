//! What decisions do to every line of the score, now and after.

use idscore_history::{ActionState, Effect, SetNumbers};

use super::super::moves;
use crate::page::{Page, Tone};
use crate::report::words;
use crate::terminal::Terminal;

/// The page that stands before the question whether to save.
pub fn in_words(effect: &Effect, terminal: Terminal) -> String {
    let mut page = Page::new(terminal);
    if !effect.changed.is_empty() {
        page.line(&page.paint(Tone::Strong, "Decisions"));
        for state in &effect.changed {
            page.paragraph(2, Tone::Plain, &words::visible(&decision(state)));
        }
    }
    for (title, numbers) in [("Identity Secure Score", effect.core), ("Extended set", effect.extended)] {
        let Some((before, after)) = numbers else { continue };
        page.heading(title);
        let mut table = page.table(&["", "now", "after", "change"]);
        let open = moves::is_open(&before) || moves::is_open(&after);
        for (label, of) in LINES {
            let Some((was, is)) = of(&before, open).zip(of(&after, open)) else { continue };
            let tone = match is - was {
                change if change > 0.0 => Tone::Good,
                change if change < 0.0 => Tone::Bad,
                _ => Tone::Quiet,
            };
            table.add_row(vec![
                page.cell(Tone::Plain, label),
                page.number(Tone::Plain, &moves::percent(was)),
                page.number(Tone::Plain, &moves::percent(is)),
                page.number(tone, &moves::signed(is - was)),
            ]);
        }
        page.put(&table);
    }
    if effect.core.is_none() {
        page.line("There is no assessment yet that this could change.");
    }
    page.gap();
    page.into_text()
}

/// A number, by whether anything was not seen; none where there is nothing to say.
type Line = (&'static str, fn(&SetNumbers, bool) -> Option<f64>);

const LINES: [Line; 7] = [
    ("score", |numbers, _| Some(numbers.percent)),
    ("proven at least", |numbers, open| numbers.percent_at_least.filter(|_| open)),
    ("possible at most", |numbers, open| numbers.percent_at_most.filter(|_| open)),
    ("with what is planned", |numbers, _| Some(numbers.planned_percent)),
    ("within the owned licences", |numbers, _| Some(numbers.current_license_percent)),
    ("and without accepted risks", |numbers, _| Some(numbers.achievable_percent)),
    ("earned by attestation only", |numbers, _| Some(numbers.attested_percent)),
];

/// "AdminMFAV2: planned, Nora Stein, due 2027-01-31".
pub fn decision(state: &ActionState) -> String {
    let mut parts = vec![words::status(state.status).unwrap_or("to address").to_owned()];
    parts.extend((!state.owner.is_empty()).then(|| state.owner.clone()));
    parts.extend(state.due.map(|due| format!("due {due}")));
    parts.extend((!state.approver.is_empty()).then(|| format!("approved by {}", state.approver)));
    parts.extend((!state.reason.is_empty()).then(|| state.reason.clone()));
    parts.extend(state.expires.map(|expires| format!("until {expires}")));
    parts.extend((!state.note.is_empty()).then(|| state.note.clone()));
    parts.extend(
        (!state.tags.is_empty()).then(|| state.tags.iter().map(|tag| format!("#{tag}")).collect::<Vec<_>>().join(" ")),
    );
    format!("{}: {}", state.control_id, parts.join(", "))
}
