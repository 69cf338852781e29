//! How a control came to its points, in sentences.

use idscore_assess::{ControlResult, Review};
use idscore_catalogue::control::Control;
use idscore_score::{Finding, Outcome, Points, Scoring, Status};

use crate::domain as words;

/// The sentences, in order: the sum, what it does to the score, and what is left out.
#[must_use]
pub fn in_words(result: &ControlResult, control: Option<&Control>) -> Vec<String> {
    let (Some(score), Some(max)) = (&result.score, &result.max_score) else {
        let mut sentences = vec![match result.outcome {
            Outcome::NotApplicable => {
                if let Some(license) = &result.needs_license {
                    return vec![format!(
                        "This needs Entra ID {license}, which the tenant does not own, so it counts neither for nor against it."
                    )];
                }
                "This is not about this tenant, so it counts neither for nor against it.".to_owned()
            }
            _ => "This could not be judged, so it counts neither for nor against the tenant; coverage says so."
                .to_owned(),
        }];
        sentences.extend(proven(result));
        return sentences;
    };
    let (score, max) = (words::points(score), words::points(max));
    let (count, total) = (words::thousands(result.count), words::thousands(result.total));
    let mut sentences = vec![match (result.status, control.map(|control| control.scoring)) {
        (Status::ThirdParty | Status::AlternateMitigation, _) if result.review.is_some() => {
            format!("{score} of {} by attestation, whenever the last review was.", worth(&max))
        }
        (Status::ThirdParty | Status::AlternateMitigation, _) => {
            format!("{score} of {max} points by attestation; measured: {count} of {total}.")
        }
        _ if let Some(review) = &result.review => reviewed(review, &score, &max),
        _ if result.total == 0 => format!("There is nothing to judge here, which earns all {max} points."),
        (_, Some(Scoring::Binary)) => {
            format!("All or nothing: {count} of {total} meet the rule, which earns {score} of {max} points.")
        }
        (_, Some(Scoring::Graded)) => format!("The parts that are met earn {score} of {max} points."),
        (_, Some(Scoring::Attested)) => format!("The attestation earns {score} of {max} points."),
        _ => format!("{} × {count} of {total} that meet the rule = {}.", worth(&max), worth(&score)),
    }];
    if let (Some(impact), Some(gained)) = (&result.impact_percent, &result.gained_percent) {
        sentences.push(format!(
            "All of it is {} of the {} score; {} is earned.",
            words::percent(impact),
            words::set(result.set),
            words::gain(gained)
        ));
    }
    if result.unknown > 0 {
        sentences.push(format!("{} more could not be judged and count neither way.", words::thousands(result.unknown)));
    }
    sentences.extend(proven(result));
    sentences
}

/// The sum behind the first sentence, as somebody would write it down: `10 × 3 ÷ 41 = 0.73`; none where the sentence says it all.
#[must_use]
pub fn sum(result: &ControlResult, control: Option<&Control>, finding: Option<&Finding>) -> Option<String> {
    let (score, max) = (result.score.as_ref()?, result.max_score.as_ref()?);
    if matches!(result.status, Status::ThirdParty | Status::AlternateMitigation) || result.review.is_some() {
        return None;
    }
    let (score, max) = (words::points(score), words::points(max));
    match (control.map(|control| control.scoring), finding) {
        (_, Some(Finding::Graded(parts))) => {
            let earned = |(points, met): &(Points, Option<bool>)| match met {
                Some(true) => words::points(points),
                Some(false) => "0".to_owned(),
                None => "?".to_owned(),
            };
            let parts: Vec<String> = parts.iter().map(earned).collect();
            Some(format!("{} = {score}", parts.join(" + ")))
        }
        (Some(Scoring::Binary | Scoring::Attested | Scoring::Task), _) => None,
        _ if result.total == 0 => None,
        _ => Some(format!("{max} × {} ÷ {} = {score}", words::thousands(result.count), words::thousands(result.total))),
    }
}

/// What the last review earns, and until when.
fn reviewed(review: &Review, score: &str, max: &str) -> String {
    let max = worth(max);
    let (Some(last), Some(due), Some(end)) = (&review.last_reviewed_at, &review.due_at, &review.fades_until) else {
        return format!("No review is recorded, which earns {score} of {max}. The first one is due now.");
    };
    let (last, due, end) = (words::day(last), words::day(due), words::day(end));
    match (review.overdue, score) {
        (false, _) => format!("The review of {last} earns {score} of {max}. The next one is due by {due}."),
        (true, "0") => {
            format!("The review of {last} has faded to nothing since {end}: 0 of {max}. The next one was due by {due}.")
        }
        (true, _) => {
            format!(
                "The review of {last} still earns {score} of {max} and fades to nothing until {end}. The next one was due by {due}."
            )
        }
    }
}

/// What the points are whatever the unknown part turns out to be.
fn proven(result: &ControlResult) -> Option<String> {
    let proven = words::proven_points(result.score_at_least.as_ref(), result.score_at_most.as_ref())?;
    Some(format!("{}: what is unknown counted as not met, and as met.", words::first_upper(&proven)))
}

fn worth(points: &str) -> String {
    if points == "1" { "1 point".to_owned() } else { format!("{points} points") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_says_what_its_last_review_earns_and_when_the_next_is_due() {
        let instant = |text: &str| Some(text.to_owned());
        let mut review = Review { last_reviewed_at: None, due_at: None, fades_until: None, overdue: true };
        assert_eq!(
            reviewed(&review, "0", "1"),
            "No review is recorded, which earns 0 of 1 point. The first one is due now."
        );
        review.last_reviewed_at = instant("2026-11-10T09:00:00Z");
        review.due_at = instant("2026-11-17T09:00:00Z");
        review.fades_until = instant("2026-11-24T09:00:00Z");
        for (overdue, score, says) in [
            (false, "1", "The review of 2026-11-10 earns 1 of 1 point. The next one is due by 2026-11-17."),
            (true, "0.5", "The review of 2026-11-10 still earns 0.5 of 1 point and fades to nothing until 2026-11-24."),
            (true, "0", "The review of 2026-11-10 has faded to nothing since 2026-11-24: 0 of 1 point."),
        ] {
            review.overdue = overdue;
            let said = reviewed(&review, score, "1");
            assert!(said.starts_with(says), "{said}");
            assert!(said.contains("due by 2026-11-17"), "{said}");
        }
    }
}
