//! Our result beside Microsoft's own score, in words.

use idscore_assess::{
    MicrosoftSide, OurSide, ReasonKind, ReconciledControl, ReconciledTotals, Reconciliation, Sum, Verdict,
};
use idscore_score::Outcome;

/// Whose profile and which of Microsoft's days.
#[must_use]
pub fn instants(result: &Reconciliation) -> String {
    let day = result
        .created_date_time
        .map_or_else(|| "without a date".to_owned(), |day| format!("of {:.10}", day.to_string()));
    format!("Profile compat at {}, Microsoft's score {day}", crate::instant(&result.taken_at))
}

/// What the sums say.
#[must_use]
pub fn together(result: &Reconciliation) -> Vec<String> {
    let totals = &result.totals;
    let mut lines = vec![
        format!("Ours: {}, the core set under compat without insider risk.", in_points(&totals.ours)),
        format!("Microsoft's: {}, its controls of the category Identity.", in_points(&totals.microsoft)),
    ];
    if let Some(served) = &totals.microsoft_served {
        lines.push(format!("Microsoft's own sum of them (identityScore): {}.", in_points(served)));
    }
    lines.push(format!(
        "Over the core controls with points on both sides ({}): ours {}, Microsoft's {}.",
        totals.both,
        in_points(&totals.ours_of_both),
        in_points(&totals.microsoft_of_both)
    ));
    if !totals.not_assessed.is_empty() {
        lines.push(format!("Not assessed here, and in neither of our sums: {}.", totals.not_assessed.join(", ")));
    }
    if !totals.profiles_without_score.is_empty() {
        lines.push(format!(
            "Identity controls of which Microsoft has a profile and no score: {}.",
            totals.profiles_without_score.join(", ")
        ));
    }
    lines.extend(result.averages.iter().map(|average| {
        let who = match (average.basis.as_str(), average.seats_from, average.seats_to) {
            ("AllTenants", ..) => "all tenants".to_owned(),
            ("TotalSeats", Some(from), Some(to)) => format!("tenants of {from} to {to} seats"),
            ("TotalSeats", ..) => "tenants of this size".to_owned(),
            ("IndustryTypes", ..) => "tenants of this industry".to_owned(),
            (other, ..) => other.to_owned(),
        };
        format!("Microsoft's average of {who}: {}.", in_points(&average.identity))
    }));
    lines
}

/// Controls whose points differ or stand on one side, the widest gap first.
#[must_use]
pub fn by_points(result: &Reconciliation) -> Vec<&ReconciledControl> {
    let mut explained: Vec<_> = result.controls.iter().filter(|control| !control.reasons.is_empty()).collect();
    let gap = |control: &ReconciledControl| control.difference.map_or(-1.0, f64::abs);
    explained.sort_by(|one, other| gap(other).total_cmp(&gap(one)));
    explained
}

/// The likeliest reason in a few words.
#[must_use]
pub fn short(control: &ReconciledControl) -> &'static str {
    if control.verdict == Verdict::Equal {
        return "equal";
    }
    let Some(reason) = control.reasons.first() else { return "" };
    match reason.kind {
        ReasonKind::NotAssessedHere => "not assessed here",
        ReasonKind::NotApplicableHere => "does not apply here",
        ReasonKind::InsiderRisk => "in neither sum",
        ReasonKind::NoScoreAtMicrosoft => "no score at Microsoft",
        ReasonKind::NoControlHere => "no such control here",
        ReasonKind::ExtendedHere => "in our extended set",
        ReasonKind::DecidedAtMicrosoft => "decided at Microsoft",
        ReasonKind::DecidedHere => "decided in idscore.toml",
        ReasonKind::ChangedSince => "changed since",
        ReasonKind::OtherMaximum => "other maximum",
        ReasonKind::UnknownHere => "partly unknown here",
        ReasonKind::SecurityDefaults => "security defaults",
        ReasonKind::Licence => "licence not owned",
        ReasonKind::Population => "other population",
        ReasonKind::CountMeaning => "count means the rest",
        ReasonKind::DataAge => "older data",
        ReasonKind::ReportOnly => "report-only policy",
        ReasonKind::ClassicPolicy => "policy of the old kind",
        ReasonKind::TextContradicts => "text says otherwise",
        ReasonKind::OtherVerdict => "other verdict",
        ReasonKind::Unexplained => "not explained",
    }
}

/// Our points of a control.
#[must_use]
pub fn ours(control: &ReconciledControl) -> String {
    match &control.ours {
        None => "–".to_owned(),
        Some(OurSide { outcome: Outcome::NotAssessed, .. }) => "not assessed".to_owned(),
        Some(OurSide { score: Some(score), max_score, .. }) => of(*score, *max_score),
        Some(_) => "–".to_owned(),
    }
}

/// Microsoft's points of a control.
#[must_use]
pub fn microsofts(control: &ReconciledControl) -> String {
    match &control.microsoft {
        Some(MicrosoftSide { score: Some(score), max_score, .. }) => of(*score, *max_score),
        _ => "–".to_owned(),
    }
}

/// Ours minus Microsoft's.
#[must_use]
pub fn difference(control: &ReconciledControl) -> String {
    control.difference.map_or_else(|| "–".to_owned(), signed)
}

/// "5 of 8 objects here, 6 of 9 at Microsoft": objects, not points.
#[must_use]
pub fn sides(control: &ReconciledControl) -> String {
    let ours = control.ours.as_ref().filter(|ours| ours.total > 0);
    let ours = ours.map(|ours| format!("{} here", crate::counts(ours.count, ours.total, ours.unknown, "object")));
    let theirs = control.microsoft.as_ref().and_then(|side| side.count.zip(side.total));
    let theirs =
        theirs.map(|(count, total)| format!("{} of {} at Microsoft", crate::thousands(count), crate::thousands(total)));
    let sides: Vec<_> = ours.into_iter().chain(theirs).collect();
    if sides.is_empty() { String::new() } else { format!(": {}", sides.join(", ")) }
}

/// `6.25/10`, where there is little room.
#[must_use]
pub fn short_of(text: &str) -> String {
    text.replace(" of ", "/")
}

/// With a capital letter at the beginning.
#[must_use]
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The difference of the sums; none where they are over other points.
#[must_use]
pub fn all(totals: &ReconciledTotals) -> String {
    let same = totals.microsoft.max_score.is_some() && totals.ours.max_score == totals.microsoft.max_score;
    if same { signed(totals.ours.score - totals.microsoft.score) } else { "–".to_owned() }
}

/// `6.25 of 10`; the points alone where nobody says of how many.
#[must_use]
pub fn of(score: f64, max: Option<f64>) -> String {
    max.map_or_else(|| plain(score), |max| format!("{} of {}", plain(score), plain(max)))
}

fn in_points(sum: &Sum) -> String {
    let percent = sum.percent.map(|percent| format!(" ({percent:.2} %)")).unwrap_or_default();
    let unit = if sum.max_score.unwrap_or(sum.score) == 1.0 { "point" } else { "points" };
    format!("{} {unit}{percent}", of(sum.score, sum.max_score))
}

fn plain(points: f64) -> String {
    let text = format!("{points:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn signed(points: f64) -> String {
    let text = plain(points);
    match text.as_str() {
        "0" | "-0" => "0".to_owned(),
        _ if points > 0.0 => format!("+{text}"),
        _ => text.replace('-', "−"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_has_a_sign_unless_there_is_none() {
        assert_eq!([signed(1.5), signed(-2.0), signed(0.0), signed(-0.001)], ["+1.5", "−2", "0", "0"]);
    }
}
