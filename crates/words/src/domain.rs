//! What the domain calls its things, and how its numbers are written.

use idscore_assess::{EvidenceRow, Review, SetScore};
use idscore_catalogue::control::{ControlStatus, Level};
use idscore_score::{Missing, MissingKind, Outcome, Points, Profile, Scoring, Set, Status};
use serde_json::Value;

use crate::moves;

/// "Partly met".
#[must_use]
pub fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Met => "Met",
        Outcome::Partial => "Partly met",
        Outcome::NotMet => "Not met",
        Outcome::NotApplicable => "Not applicable",
        Outcome::NotAssessed => "Not assessed",
    }
}

/// The same where a part was not seen: never a bare "Met".
#[must_use]
pub fn outcome_seen(outcome: Outcome, wholly: bool) -> &'static str {
    match (outcome, wholly) {
        (Outcome::Met, false) => "Met as far as seen",
        (outcome, _) => self::outcome(outcome),
    }
}

/// The outcome as JSON spells it.
#[must_use]
pub fn outcome_key(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Met => "met",
        Outcome::Partial => "partial",
        Outcome::NotMet => "notMet",
        Outcome::NotApplicable => "notApplicable",
        Outcome::NotAssessed => "notAssessed",
    }
}

/// The status as JSON spells it.
#[must_use]
pub fn status_key(status: Status) -> &'static str {
    match status {
        Status::ToAddress => "toAddress",
        Status::Planned => "planned",
        Status::RiskAccepted => "riskAccepted",
        Status::ThirdParty => "thirdParty",
        Status::AlternateMitigation => "alternateMitigation",
        Status::Completed => "completed",
    }
}

/// "risk accepted"; nothing where nothing was decided.
#[must_use]
pub fn status(status: Status) -> Option<&'static str> {
    match status {
        // What the data say by themselves needs no second word beside the outcome.
        Status::ToAddress | Status::Completed => None,
        Status::Planned => Some("planned"),
        Status::RiskAccepted => Some("risk accepted"),
        Status::ThirdParty => Some("third party"),
        Status::AlternateMitigation => Some("alternate mitigation"),
    }
}

/// "To address": every status has a name where one is chosen or listed.
#[must_use]
pub fn status_name(status: Status) -> &'static str {
    match status {
        Status::ToAddress => "To address",
        Status::Planned => "Planned",
        Status::RiskAccepted => "Risk accepted",
        Status::ThirdParty => "Third party",
        Status::AlternateMitigation => "Alternate mitigation",
        Status::Completed => "Completed",
    }
}

/// "standard".
#[must_use]
pub fn profile(profile: Profile) -> &'static str {
    match profile {
        Profile::Compat => "compat",
        Profile::Standard => "standard",
        Profile::Strict => "strict",
    }
}

/// "core".
#[must_use]
pub fn set(set: Set) -> &'static str {
    match set {
        Set::Core => "core",
        Set::Extended => "extended",
    }
}

/// "moderate".
#[must_use]
pub fn level(level: Level) -> &'static str {
    match level {
        Level::None => "none",
        Level::Low => "low",
        Level::Moderate => "moderate",
        Level::High => "high",
    }
}

/// What would bring a missing thing: "grant `AuditLog.Read.All`".
#[must_use]
pub fn remedy(missing: &Missing) -> String {
    match missing.kind {
        MissingKind::Permission => format!("grant `{}`", missing.name),
        MissingKind::Licence => format!("needs licence {}", missing.name),
        MissingKind::Collection if missing.name.starts_with("--") => format!("collect with `{}`", missing.name),
        MissingKind::Collection if missing.name.starts_with("[[") => format!("add {}", missing.name),
        MissingKind::Collection => format!("collect `{}`", missing.data_set),
    }
}

/// Points as people write them: `36.5`, `8`, `4.33`.
#[must_use]
pub fn points(points: &Points) -> String {
    let text = points.rounded().to_string();
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Points that are proven: cut off, so that they never claim too much.
#[must_use]
pub fn floor(points: &Points) -> String {
    self::points(&points.truncated().to_points())
}

/// A percentage with two decimals, rounded.
#[must_use]
pub fn percent(percent: &Points) -> String {
    format!("{} %", percent.rounded())
}

/// The headline of a set; a score of nothing is no score.
#[must_use]
pub fn headline(score: &SetScore) -> String {
    if score.max_score.is_positive() { percent(&score.percent) } else { "no score".to_owned() }
}

/// What stands beside the headline: "proven between 58.93 and 71.43 %"; nothing where both ends are the headline.
#[must_use]
pub fn proven(score: &SetScore) -> Option<String> {
    let (at_least, at_most) = ends(score);
    moves::proven(at_least, at_most)
}

/// Only the ends: "58.93–71.43".
#[must_use]
pub fn span(score: &SetScore) -> Option<String> {
    let (at_least, at_most) = ends(score);
    moves::span(at_least, at_most)
}

/// The floor cut off, the ceiling rounded up.
fn ends(score: &SetScore) -> (Option<f64>, Option<f64>) {
    let floor = score.percent_at_least.as_ref().map(|percent| percent.truncated().to_f64());
    (floor, score.percent_at_most.as_ref().map(|percent| percent.rounded_up().to_f64()))
}

/// The headline with what is proven: "65.18 %, proven between 58.93 and 71.43 %".
#[must_use]
pub fn headline_proven(score: &SetScore) -> String {
    moves::with_proven(headline(score), proven(score))
}

/// What stands beside the points of a control: "proven between 3.33 and 10 points"; nothing where both ends are the same.
#[must_use]
pub fn proven_points(at_least: Option<&Points>, at_most: Option<&Points>) -> Option<String> {
    let (at_least, at_most) = at_least.zip(at_most)?;
    moves::proven_points(Some(at_least.to_f64()), Some(at_most.to_f64()))
}

/// A gain with two decimals, cut off, so that it never claims more than was earned.
#[must_use]
pub fn gain(percent: &Points) -> String {
    format!("{} %", percent.truncated())
}

/// Coverage as a whole percentage, cut off, so that 100 % means everything.
#[must_use]
pub fn coverage(coverage: &Points) -> String {
    let percent = coverage.times(&Points::whole(100));
    format!("{} %", percent.truncated().to_string().split('.').next().unwrap_or("0"))
}

/// "8 of 10 users", with what could not be judged: "8 of 10 users, and 3 unknown".
#[must_use]
pub fn counts(count: u64, total: u64, unknown: u64, unit: &str) -> String {
    let many = if total == 1 { "" } else { "s" };
    let mut text = format!("{} of {} {unit}{many}", thousands(count), thousands(total));
    if unknown > 0 {
        text.push_str(&format!(", and {} unknown", thousands(unknown)));
    }
    text
}

/// When the work behind a task was done and is due: "reviewed on 2026-11-18, due again by 2026-11-25".
#[must_use]
pub fn review(review: &Review) -> String {
    match (&review.last_reviewed_at, &review.due_at) {
        (Some(last), Some(due)) if review.overdue => format!("reviewed on {}, overdue since {}", day(last), day(due)),
        (Some(last), Some(due)) => format!("reviewed on {}, due again by {}", day(last), day(due)),
        _ => "no review recorded".to_owned(),
    }
}

/// The day of an instant: `2026-11-02` of `2026-11-02T08:00:00Z`.
#[must_use]
pub fn day(rfc3339: &str) -> &str {
    rfc3339.get(..10).unwrap_or(rfc3339)
}

/// What one row of a judged table is called.
#[must_use]
pub fn unit(table: &str) -> &'static str {
    match table {
        "users" => "user",
        "groups" => "group",
        "domains" => "domain",
        "role_assignments" => "assignment",
        "applications" => "application",
        "service_principals" => "service principal",
        "credentials" => "credential",
        "grants" => "grant",
        _ => "object",
    }
}

/// `1,234,567`.
#[must_use]
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The text with a capital first.
#[must_use]
pub fn first_upper(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// "1 control", "2 controls".
#[must_use]
pub fn plural(number: usize, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}

/// An instant as people read it: `2026-11-02 08:00 UTC` of `2026-11-02T08:00:00Z`.
#[must_use]
pub fn instant(rfc3339: &str) -> String {
    match (rfc3339.get(..10), rfc3339.get(11..16)) {
        (Some(date), Some(time)) => format!("{date} {time} UTC"),
        _ => rfc3339.to_owned(),
    }
}

fn is_instant(text: &str) -> bool {
    text.len() >= 20
        && text.ends_with('Z')
        && text.as_bytes().get(10) == Some(&b'T')
        && text.starts_with(|first: char| first.is_ascii_digit())
}

/// Where the instant comes from.
#[must_use]
pub fn instant_source(source: &str) -> String {
    match source {
        "argument" => "as given by --taken-at".to_owned(),
        "collection" => "start of the collection".to_owned(),
        "export" => "the export's own stamp".to_owned(),
        "data" => "newest timestamp in the data".to_owned(),
        other => other.to_owned(),
    }
}

/// A kind of declaration.
#[must_use]
pub fn declared(kind: &str) -> &str {
    match kind {
        "breakGlass" => "break-glass account",
        "service" => "service account",
        "approvedApp" => "approved app",
        "approvedGroup" => "approved group",
        "allowedAppExclusion" => "allowed app exclusion",
        "attestation" => "attestation",
        "status" => "status",
        other => other,
    }
}

/// Whether a control is in use.
#[must_use]
pub fn control_status(status: ControlStatus) -> &'static str {
    match status {
        ControlStatus::Preview => "preview",
        ControlStatus::Stable => "stable",
        ControlStatus::Deprecated => "deprecated",
    }
}

/// How points follow from rows.
#[must_use]
pub fn scoring(scoring: Scoring) -> &'static str {
    match scoring {
        Scoring::Partial => "by the share of objects that meet the rule",
        Scoring::Binary => "all or nothing",
        Scoring::Graded => "split over parts",
        Scoring::Task => "while a review is recorded in time",
        Scoring::Attested => "while an attestation stands",
    }
}

/// What became of a data set.
#[must_use]
pub fn data_set_status(status: &str) -> &str {
    match status {
        "notLicensed" => "not licensed",
        "notInCloud" => "not in this cloud",
        "lowerBound" => "only a part",
        other => other,
    }
}

/// The columns that a control shows of an object, without those that repeat its name or its reason.
#[must_use]
pub fn evidence_cells(row: &EvidenceRow) -> String {
    let cells = row.evidence.iter().filter_map(|(column, value)| {
        let text = match value {
            Value::Null => return None,
            Value::String(text) if is_instant(text) => instant(text),
            Value::String(text) => text.clone(),
            Value::Array(items) => items
                .iter()
                .map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned))
                .collect::<Vec<_>>()
                .join(", "),
            other => other.to_string(),
        };
        let told = row.name.as_ref() == Some(&text)
            || row.witness.as_ref() == Some(&text)
            || row.object_id == text
            || row.why.to_lowercase().contains(&column.replace('_', " "));
        (!told && !text.is_empty()).then(|| format!("{}: {text}", column.replace('_', " ")))
    });
    cells.collect::<Vec<_>>().join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_have_no_needless_decimals() {
        let shown = |text: &str| points(&text.parse().unwrap());
        assert_eq!([shown("36.50"), shown("8"), shown("100"), shown("4.3269")], ["36.5", "8", "100", "4.33"]);
    }

    #[test]
    fn coverage_says_100_only_when_everything_was_seen() {
        assert_eq!(coverage(&"0.9999".parse().unwrap()), "99 %");
        assert_eq!(coverage(&Points::whole(1)), "100 %");
    }

    #[test]
    fn numbers_are_grouped_by_thousands() {
        assert_eq!(
            [thousands(0), thousands(999), thousands(1_000), thousands(1_234_567)],
            ["0", "999", "1,000", "1,234,567"]
        );
    }
}
