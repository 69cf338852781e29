//! What templates show besides words: names, and the state of things as classes of the style sheet.

use idscore_history::Tenant;
use idscore_score::Outcome;
pub(crate) use idscore_words::first_upper;
use jiff::Unit;
use jiff::civil::Date;

/// A tenant's name, or its id where it has none.
pub(crate) fn name(tenant: &Tenant) -> String {
    if tenant.display_name.is_empty() { tenant.id.clone() } else { tenant.display_name.clone() }
}

/// The class of an outcome: colour repeats what the word beside it says.
pub(crate) const fn outcome_class(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Met => "met",
        Outcome::Partial => "partial",
        Outcome::NotMet => "not-met",
        Outcome::NotApplicable | Outcome::NotAssessed => "quiet",
    }
}

/// A day at an axis: as short as the span allows and still the same in every language.
pub(crate) fn short_day(day: Date, first: Date, last: Date) -> String {
    // A year apart, the month alone would stand there twice.
    let long = first.until((Unit::Day, last)).map_or(0, |span| span.get_days()) > 120;
    if long { day.strftime("%Y-%m").to_string() } else { day.strftime("%m-%d").to_string() }
}

/// The width of a bar of 100, of a percentage.
pub(crate) fn width(percent: f64) -> String {
    format!("{:.2}", percent.clamp(0.0, 100.0))
}
