//! How numbers moved, in words.

use idscore_history::Mark;

use crate::domain as words;

/// Points as people write them, of a kept double: `36.5`, `8`, `4.33`.
#[must_use]
pub fn points(points: f64) -> String {
    let text = format!("{points:.2}");
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

/// `+1.25`, `−0.84`, `±0`: rounded, with a sign.
#[must_use]
pub fn signed(change: f64) -> String {
    let text = points(change.abs());
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
        assert_eq!([signed(1.25), signed(-0.844), signed(0.0), signed(-0.001)], ["+1.25", "−0.84", "±0", "±0"]);
    }

    #[test]
    fn what_a_double_rounds_is_no_fall() {
        assert!(!fell(0.1 + 0.2, 0.3) && fell(8.0, 7.99));
    }
}
