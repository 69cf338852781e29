//! The score as JUnit XML, for the test page of a pipeline.
//!
//! There is no standard; the elements are those that [testmoapp/junitxml](https://github.com/testmoapp/junitxml) lists and
//! Jenkins, GitLab and Azure DevOps read. A set is a test suite, a control a test case.

use idscore_score::{Outcome, Set};
use idscore_words::prose;
use quick_junit::{NonSuccessKind, Property, TestCase, TestCaseStatus, TestSuite};

use super::{Action, Report, fields, words};
use crate::error::CliError;

/// The controls of the shown sets as JUnit XML.
///
/// # Errors
/// When the XML can't be written.
pub fn write_junit(report: &Report<'_>) -> Result<String, CliError> {
    let mut junit = quick_junit::Report::new("idscore");
    for set in report.sets.list() {
        junit.add_test_suite(suite(report, *set));
    }
    Ok(junit.to_string()?)
}

fn suite(report: &Report<'_>, set: Set) -> TestSuite {
    let assessment = report.assessment;
    let score = report.score(set);
    let mut suite = TestSuite::new(words::set(set));
    // The instant that was judged: the same export gives the same bytes on any day.
    suite.timestamp = assessment.taken_at.parse().ok();
    suite.add_properties([
        Property::new("tenant", text(report.tenant())),
        Property::new("tenantId", assessment.tenant_id.as_str()),
        Property::new("profile", words::profile(assessment.profile)),
        Property::new("score", words::headline_proven(score)),
        Property::new(
            "points",
            format!("{} of {}", words::points(&score.current_score), words::points(&score.max_score)),
        ),
        Property::new("coverage", words::coverage(&score.coverage)),
    ]);
    suite.add_test_cases(report.of(set).map(|action| case(report, action)));
    suite
}

fn case(report: &Report<'_>, action: Action<'_>) -> TestCase {
    let result = action.result;
    let mut case = TestCase::new(text(&format!("{}: {}", result.id, result.title)), status(report, action));
    let set = words::set(result.set);
    if result.outcome == Outcome::Met && action.outcome() != words::outcome(Outcome::Met) {
        // A test that passes has no message; what was not seen must not be lost with it.
        case.set_system_out(text(&action.message()));
    }
    case.set_classname(action.control.map_or_else(|| set.to_owned(), |control| format!("{set}.{}", control.area)));
    case
}

/// Lost points fail; what is not about the tenant, or could not be judged, is skipped with its reason.
fn status(report: &Report<'_>, action: Action<'_>) -> TestCaseStatus {
    let outcome = action.result.outcome;
    let mut status = match outcome {
        Outcome::Met => return TestCaseStatus::success(),
        Outcome::Partial | Outcome::NotMet => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_description(text(&description(report, action)));
            status
        }
        Outcome::NotApplicable | Outcome::NotAssessed => TestCaseStatus::skipped(),
    };
    status.set_type(words::outcome_key(outcome)).set_message(text(&action.message()));
    status
}

/// Who loses the points and why, how to see the rest, and how to fix it.
fn description(report: &Report<'_>, action: Action<'_>) -> String {
    let id = &action.result.id;
    let rows = report.rows(id);
    let mut lines: Vec<_> = rows
        .iter()
        .map(|row| match &row.name {
            Some(_) => format!("{} ({}): {}", fields::name(row), row.object_id, fields::why(row)),
            None => format!("{}: {}", fields::name(row), fields::why(row)),
        })
        .collect();
    let more = action.beyond(rows);
    if more > 0 {
        lines.push(format!("and {} more: {}", words::thousands(more), report.explain_command(id)));
    }
    if let Some(control) = action.control {
        lines.push(format!("\nHow to fix it:\n{}", prose::to_text(control.fix.trim())));
    }
    lines.join("\n")
}

/// Text that XML 1.0 can hold: control characters and the two code points that are no characters are made visible.
fn text(text: &str) -> String {
    words::visible_lines(text).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use idscore_assess::EvidenceRow;

    use super::super::{Call, Sets, samples};
    use super::*;

    fn junit() -> (String, quick_junit::Report) {
        let assessment = samples::assessment();
        let mut report = Report::new(&assessment, &[], Sets::All, Call::of("contoso"));
        let row = EvidenceRow {
            object_id: "7b0c".into(),
            name: Some("</failure><script>\u{1}\u{ffff}]]>".into()),
            outcome: Outcome::NotMet,
            why: "no policy demands it".into(),
            witness: Some("any app & any browser".into()),
            evidence: BTreeMap::new(),
            urgency: idscore_assess::Urgency::default(),
        };
        report.evidence.insert("AdminMFAV2".to_owned(), vec![row]);
        let text = write_junit(&report).unwrap();
        let read = quick_junit::Report::deserialize_from_str(&text).unwrap();
        (text, read)
    }

    fn case_of(id: &str) -> TestCase {
        let cases = junit().1.test_suites.into_iter().flat_map(|suite| suite.test_cases);
        cases.into_iter().find(|case| case.name.as_str().starts_with(&format!("{id}: "))).unwrap()
    }

    #[test]
    fn a_set_is_a_suite_and_a_control_a_case() {
        let counts: Vec<_> = junit()
            .1
            .test_suites
            .iter()
            .map(|suite| (suite.name.as_str().to_owned(), suite.tests, suite.failures, suite.skipped))
            .collect();
        assert_eq!(counts, [("core".to_owned(), 5, 3, 1), ("extended".to_owned(), 3, 1, 2)]);
    }

    #[test]
    fn a_case_that_fails_says_who_loses_the_points() {
        let TestCaseStatus::NonSuccess { message, description, .. } = case_of("AdminMFAV2").status else { panic!() };
        assert_eq!(message.unwrap().as_str(), "Partly met: 8 of 10 objects. 2 of 10 points to win.");
        let description = description.unwrap();
        assert!(description.as_str().contains("(7b0c): no policy demands it: any app & any browser\nand 1 more: "));
    }

    #[test]
    fn a_case_that_is_skipped_says_why() {
        let TestCaseStatus::Skipped { message, .. } = case_of("SelfServicePasswordReset").status else { panic!() };
        assert_eq!(message.unwrap().as_str(), "Not assessed: grant `AuditLog.Read.All`.");
        let TestCaseStatus::Skipped { message, .. } = case_of("password_hash_sync").status else { panic!() };
        assert_eq!(message.unwrap().as_str(), "Not applicable: not about this tenant.");
    }

    #[test]
    fn a_name_cannot_break_the_xml() {
        let (text, _) = junit();
        assert!(!text.contains("<script>") && !text.contains('\u{1}') && !text.contains('\u{ffff}'), "{text}");
    }

    #[test]
    fn the_only_instant_is_that_of_the_tenant() {
        let (text, _) = junit();
        assert!(text.contains("timestamp=\"2026-11-02T08:00:00"), "{text}");
        assert!(!text.contains("uuid"));
    }
}
