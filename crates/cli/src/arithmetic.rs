//! How a control came to its points, in sentences.

use idscore_assess::ControlResult;
use idscore_catalogue::control::Control;
use idscore_score::{Outcome, Scoring, Status};

use crate::report::words;

/// The sentences, in order: the sum, what it does to the score, and what is left out.
pub fn in_words(result: &ControlResult, control: Option<&Control>) -> Vec<String> {
    let (Some(score), Some(max)) = (&result.score, &result.max_score) else {
        return vec![match result.outcome {
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
    };
    let (score, max) = (words::points(score), words::points(max));
    let (count, total) = (words::thousands(result.count), words::thousands(result.total));
    let mut sentences = vec![match (result.status, control.map(|control| control.scoring)) {
        (Status::ThirdParty | Status::AlternateMitigation, _) => {
            format!("{score} of {max} points by attestation; measured: {count} of {total}.")
        }
        _ if result.total == 0 => format!("There is nothing to judge here, which earns all {max} points."),
        (_, Some(Scoring::Binary)) => {
            format!("All or nothing: {count} of {total} meet the rule, which earns {score} of {max} points.")
        }
        (_, Some(Scoring::Graded)) => format!("The parts that are met earn {score} of {max} points."),
        (_, Some(Scoring::Task)) => format!("The last recorded review earns {score} of {max} points."),
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
    sentences
}

fn worth(points: &str) -> String {
    if points == "1" { "1 point".to_owned() } else { format!("{points} points") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    #[test]
    fn a_partial_control_shows_its_multiplication() {
        let assessment = samples::assessment();
        let registration = assessment.controls.iter().find(|control| control.id == "MFARegistrationV2").unwrap();
        assert_eq!(
            in_words(registration, None),
            [
                "9 points × 60 of 120 that meet the rule = 4.5 points.",
                "All of it is 16.07 % of the core score; 8.03 % is earned.",
                "3 more could not be judged and count neither way.",
            ]
        );
    }
}
