//! How numbers moved, in words.

use idscore_history::regression::{Seen, Verdict};
use idscore_history::{KeptControl, Mark, SetNumbers};
use idscore_score::decimals_apart;

use crate::domain as words;

/// Points as people write them, of a kept double: `36.5`, `8`, `4.33`.
#[must_use]
pub fn points(points: f64) -> String {
    with_decimals(points, 2)
}

/// Points before and after, told apart: `2.442` and `2.439`, where two decimals would show the same number twice.
#[must_use]
pub fn points_apart(before: f64, after: f64) -> [String; 2] {
    let decimals = decimals_apart(before, after);
    [before, after].map(|points| with_decimals(points, decimals))
}

fn with_decimals(points: f64, decimals: usize) -> String {
    let text = format!("{points:.decimals$}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A percentage with two decimals.
#[must_use]
pub fn percent(percent: f64) -> String {
    format!("{percent:.2} %")
}

/// A percentage where there is a maximum; a score of nothing is no score.
#[must_use]
pub fn headline(percent_of: f64, max: f64) -> String {
    if max > 0.0 { percent(percent_of) } else { "no score".to_owned() }
}

/// What stands beside a percentage: "proven between 58.93 and 71.43 %"; nothing where both ends are the percentage, or are
/// not known. One end was cut off and the other rounded up, so a hundredth between them is no distance.
#[must_use]
pub fn proven(at_least: Option<f64>, at_most: Option<f64>) -> Option<String> {
    ends(at_least, at_most).map(|ends| format!("proven between {ends}"))
}

/// Only the ends: "58.93 and 71.43 %".
#[must_use]
pub fn ends(at_least: Option<f64>, at_most: Option<f64>) -> Option<String> {
    let (at_least, at_most) = apart(at_least, at_most)?;
    Some(format!("{at_least:.2} and {at_most:.2} %"))
}

/// The ends for a column of a table: "58.93–71.43".
#[must_use]
pub fn span(at_least: Option<f64>, at_most: Option<f64>) -> Option<String> {
    let (at_least, at_most) = apart(at_least, at_most)?;
    Some(format!("{at_least:.2}–{at_most:.2}"))
}

fn apart(at_least: Option<f64>, at_most: Option<f64>) -> Option<(f64, f64)> {
    at_least.zip(at_most).filter(|(at_least, at_most)| at_most - at_least > 0.015)
}

/// Whether what is proven and what is possible lie apart.
#[must_use]
pub fn is_open(numbers: &SetNumbers) -> bool {
    apart(numbers.percent_at_least, numbers.percent_at_most).is_some()
}

/// The same beside what it belongs to: "65.18 %, proven between 58.93 and 71.43 %".
#[must_use]
pub fn with_proven(shown: String, proven: Option<String>) -> String {
    match proven {
        Some(proven) => format!("{shown}, {proven}"),
        None => shown,
    }
}

/// The headline of a kept assessment with what is proven.
#[must_use]
pub fn headline_proven(numbers: &SetNumbers) -> String {
    let proven = proven(numbers.percent_at_least, numbers.percent_at_most);
    with_proven(headline(numbers.percent, numbers.max_score), proven)
}

/// What stands beside points: "proven between 3.33 and 10 points"; nothing where both ends are the same, or are not known.
#[must_use]
pub fn proven_points(at_least: Option<f64>, at_most: Option<f64>) -> Option<String> {
    let (floor, ceiling) = points_ends(at_least, at_most)?;
    Some(format!("proven between {floor} and {ceiling} points"))
}

/// Only the ends: "3.33–10".
#[must_use]
pub fn points_span(at_least: Option<f64>, at_most: Option<f64>) -> Option<String> {
    let (floor, ceiling) = points_ends(at_least, at_most)?;
    Some(format!("{floor}–{ceiling}"))
}

/// Cut off and rounded up; what a double rounds is no distance.
fn points_ends(at_least: Option<f64>, at_most: Option<f64>) -> Option<(String, String)> {
    let (at_least, at_most) = at_least.zip(at_most)?;
    let (floor, ceiling) = ((at_least * 100.0 + 1e-6).floor() / 100.0, (at_most * 100.0 - 1e-6).ceil() / 100.0);
    (at_most - at_least > 1e-9).then(|| (points(floor), points(ceiling)))
}

/// The outcome of a kept control in words, never a bare "Met" where a part was not seen.
#[must_use]
pub fn outcome(control: &KeptControl) -> &'static str {
    let wholly = control.unknown == 0 && proven_points(control.score_at_least, control.score_at_most).is_none();
    words::outcome_seen(control.outcome, wholly)
}

/// What is proven of a kept assessment, with a capital: "Proven between 58.93 and 71.43 %"; that it is not known, where it was
/// kept by an earlier version; nothing where all of it was seen.
#[must_use]
pub fn proven_of(numbers: &SetNumbers) -> Option<String> {
    let said = match numbers.percent_at_least {
        Some(_) => proven(numbers.percent_at_least, numbers.percent_at_most)?,
        None => NOT_KNOWN.to_owned(),
    };
    Some(words::first_upper(&said))
}

/// "less was seen".
#[must_use]
pub fn seen(seen: Seen) -> &'static str {
    match seen {
        Seen::Less => "less was seen",
        Seen::More => "more was seen",
    }
}

/// Why a number is not comparable with the one before; nothing where it is.
#[must_use]
pub fn verdict(verdict: Verdict) -> Option<&'static str> {
    match verdict {
        Verdict::LessSeen => Some(seen(Seen::Less)),
        Verdict::MoreSeen => Some(seen(Seen::More)),
        Verdict::Regression | Verdict::Steady => None,
    }
}

/// What is said of an assessment that has no floor.
pub const NOT_KNOWN: &str = "what is proven is not known of assessments kept by an earlier version";

/// `+1.25`, `−0.84`, `±0`: rounded, with a sign; a change is never shown as none.
#[must_use]
pub fn signed(change: f64) -> String {
    let text = with_decimals(change.abs(), decimals_apart(change.abs(), 0.0));
    match text.as_str() {
        "0" => "±0".to_owned(),
        _ if change < 0.0 => format!("−{text}"),
        _ => format!("+{text}"),
    }
}

/// Whether a number is lower than before by more than a double's rounding.
#[must_use]
pub fn fell(before: f64, after: f64) -> bool {
    before - after > 1e-9
}

/// "up 4.2 points to 45.00 %".
#[must_use]
pub fn headline_moved(before: f64, after: f64) -> String {
    if fell(before, after) || fell(after, before) {
        format!("{} → {} ({})", percent(before), percent(after), signed(after - before))
    } else {
        format!("{}, as before", percent(after))
    }
}

/// An instant of the database as people read it.
#[must_use]
pub fn instant(micros: i64) -> String {
    words::instant(&idscore_history::instants::rfc3339(micros))
}

/// What a reader should know about a day.
#[must_use]
pub fn mark(mark: Mark) -> &'static str {
    match mark {
        Mark::Microsoft => "Microsoft's own number",
        Mark::Regression => "fell",
        Mark::LessSeen => "less was seen",
        Mark::MoreSeen => "more was seen",
        Mark::CatalogueChanged => "other controls",
        Mark::ConfigurationChanged => "other configuration",
        Mark::PoliciesChanged => "policies changed",
        Mark::Decision => "decision",
        Mark::Expiry => "a decision or review ended",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_has_a_sign_unless_there_is_none() {
        assert_eq!([signed(1.25), signed(-0.844), signed(0.0), signed(1e-12)], ["+1.25", "−0.84", "±0", "±0"]);
        assert_eq!(signed(-0.0031), "−0.003", "a change is never shown as none");
    }

    #[test]
    fn points_that_moved_never_look_as_before() {
        assert_eq!(points_apart(2.4426, 2.4396), ["2.443", "2.44"]);
        assert_eq!(points_apart(5.0625, 4.5), ["5.06", "4.5"]);
        assert_eq!(points_apart(8.0, 8.0), ["8", "8"]);
    }

    #[test]
    fn what_is_proven_is_said_only_where_the_ends_differ() {
        let said = |at_least, at_most| proven(Some(at_least), Some(at_most));
        assert_eq!(said(58.93, 71.43).as_deref(), Some("proven between 58.93 and 71.43 %"));
        assert_eq!([said(33.33, 33.34), said(50.0, 50.0), proven(None, Some(1.0))], [None, None, None]);
        assert_eq!(said(33.33, 33.35).as_deref(), Some("proven between 33.33 and 33.35 %"));
    }

    #[test]
    fn a_floor_of_points_is_cut_off_and_a_ceiling_rounded_up() {
        let said = |at_least, at_most| proven_points(Some(at_least), Some(at_most));
        assert_eq!(said(10.0 / 3.0, 20.0 / 3.0).as_deref(), Some("proven between 3.33 and 6.67 points"));
        assert_eq!(said(0.29, 0.57).as_deref(), Some("proven between 0.29 and 0.57 points"));
        assert_eq!(said(2.5, 2.5), None);
    }

    #[test]
    fn what_a_double_rounds_is_no_fall() {
        assert!(!fell(0.1 + 0.2, 0.3) && fell(8.0, 7.99));
    }
}
