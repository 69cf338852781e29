//! What a person sees of an assessment: the same selection, order and words in every format.

mod csv;
mod fields;
mod html;
mod junit;
mod markdown;
mod ocsf;
mod sarif;
mod table;
pub mod words;
mod xlsx;

use std::collections::BTreeMap;

use idscore_assess::{Assessment, ControlResult, EvidenceRow, SetScore};
use idscore_catalogue::control::{Control, Level, Rule};
use idscore_catalogue::framework::{Framework, Section};
use idscore_score::{Outcome, Points, Set};
use jiff::Timestamp;

pub use self::csv::write_csv;
pub use self::html::write_html;
pub use self::junit::write_junit;
pub use self::markdown::write_markdown;
pub use self::ocsf::write_ocsf;
pub use self::sarif::write_sarif;
pub use self::table::write_table;
pub use self::xlsx::write_xlsx;
use crate::error::CliError;

/// Which of the two sets are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Sets {
    /// Microsoft's controls only: the headline.
    Core,
    /// The others only.
    Extended,
    /// Both, apart from each other.
    #[default]
    All,
}

impl Sets {
    /// The sets to show, the headline first.
    pub fn list(self) -> &'static [Set] {
        match self {
            Self::Core => &[Set::Core],
            Self::Extended => &[Set::Extended],
            Self::All => &[Set::Core, Set::Extended],
        }
    }
}

/// An assessment together with the controls that explain it.
pub struct Report<'a> {
    /// The result.
    pub assessment: &'a Assessment,
    controls: BTreeMap<&'a str, &'a Control>,
    /// What is shown.
    pub sets: Sets,
    /// How the tenant was called, for the command that comes next.
    pub call: Call,
    /// The first rows of evidence by control id; table, JSON, CSV and Markdown do without.
    pub evidence: BTreeMap<String, Vec<EvidenceRow>>,
    /// The published catalogues that controls speak to; only SARIF and OCSF name them.
    pub frameworks: &'a [Framework],
}

/// How a tenant was called: the input, and the options that change the result.
#[derive(Debug, Clone, Default)]
pub struct Call {
    /// The input, ready for a shell.
    pub input: String,
    /// The options, ready for a shell.
    pub options: Vec<String>,
}

impl Call {
    /// An input without options.
    #[cfg(test)]
    pub fn of(input: &str) -> Self {
        Self { input: words::shell_word(input), options: vec![] }
    }

    /// A command about the same tenant, read the same way.
    pub fn command(&self, name: &str, more: &[&str]) -> String {
        let program = words::program();
        let mut parts = vec![program.as_str(), name, self.input.as_str()];
        parts.extend(more);
        parts.extend(self.options.iter().map(String::as_str));
        parts.join(" ")
    }
}

/// One improvement action: a result, its control, and what is left to win.
#[derive(Clone, Copy)]
pub struct Action<'a> {
    /// What the control says about the tenant.
    pub result: &'a ControlResult,
    /// The control's file; none when the result comes from elsewhere.
    pub control: Option<&'a Control>,
}

impl Action<'_> {
    /// Points that are not earned yet.
    pub fn winnable(self) -> Points {
        match (&self.result.max_score, &self.result.score) {
            (Some(max), Some(score)) => max - score,
            (Some(max), None) => max.clone(),
            _ => Points::zero(),
        }
    }

    /// What the outcome rests on: "324 of 393 users, 3 unknown", for a task "no review recorded"; nothing where the tenant
    /// itself is the one judged object, because the outcome says it.
    pub fn counts(&self) -> Option<String> {
        let result = self.result;
        if let Some(review) = &result.review {
            return Some(words::review(review));
        }
        let check = self.control.and_then(|control| control.checks.values().next());
        match check {
            Some(check) if matches!(check.rule, Rule::Parts(_)) => {
                Some(words::counts(result.count, result.total, result.unknown, "part"))
            }
            Some(check) if check.of.name == "tenant" => None,
            Some(check) => Some(words::counts(result.count, result.total, result.unknown, words::unit(check.of.name))),
            None => Some(words::counts(result.count, result.total, result.unknown, "object")),
        }
    }

    /// What is proven and what is possible: "proven between 5 and 10 points"; nothing where all of it was seen.
    pub fn proven(&self) -> Option<String> {
        words::proven_points(self.result.score_at_least.as_ref(), self.result.score_at_most.as_ref())
    }

    /// The outcome in words, never a bare "Met" where a part was not seen.
    pub fn outcome(&self) -> &'static str {
        words::outcome_seen(self.result.outcome, self.result.unknown == 0 && self.proven().is_none())
    }

    /// "Partly met: 324 of 393 users".
    pub fn verdict(&self) -> String {
        let outcome = self.outcome();
        self.counts().map_or_else(|| outcome.to_owned(), |counts| format!("{outcome}: {counts}"))
    }

    /// The whole of it on one line: "Partly met: 1 of 8 users. 8.75 of 10 points to win."
    pub fn message(self) -> String {
        let result = self.result;
        let mut sentences = match (result.outcome, &result.max_score) {
            (Outcome::NotApplicable | Outcome::NotAssessed, _) | (_, None) => {
                vec![format!("{}: {}", words::outcome(result.outcome), self.reasons().join("; "))]
            }
            (_, Some(max)) => {
                let mut sentences = vec![self.verdict()];
                if self.winnable().is_positive() {
                    let (left, max) = (words::points(&self.winnable()), words::points(max));
                    sentences.push(format!("{left} of {max} points to win"));
                }
                sentences.extend(self.proven().map(|proven| words::first_upper(&proven)));
                let notes = self.reasons();
                if !notes.is_empty() {
                    sentences.push(format!("Note: {}", notes.join("; ")));
                }
                sentences
            }
        };
        sentences.extend(words::status(result.status).map(|status| format!("Status: {status}")));
        sentences.iter().map(|sentence| format!("{}.", sentence.trim_end_matches('.'))).collect::<Vec<_>>().join(" ")
    }

    /// Why there is no verdict, or what a reader of it should know: what is missing, then the notes.
    pub fn reasons(&self) -> Vec<String> {
        let result = self.result;
        let mut reasons: Vec<_> = result.missing.iter().map(words::remedy).collect();
        reasons.extend(result.notes.iter().cloned());
        reasons.dedup();
        if reasons.is_empty() {
            match result.outcome {
                Outcome::NotAssessed => reasons.push("no object could be judged".to_owned()),
                Outcome::NotApplicable => reasons.push("not about this tenant".to_owned()),
                _ => {}
            }
        }
        reasons
    }

    /// How bad it is when the control isn't met, by what it is worth.
    pub fn severity(&self) -> Severity {
        let worth = self.result.max_score.as_ref().or(self.control.map(|control| &control.points));
        match worth {
            Some(worth) if *worth >= Points::whole(5) => Severity::High,
            Some(worth) if *worth >= Points::whole(2) => Severity::Medium,
            _ => Severity::Low,
        }
    }

    /// What one row of the evidence is called.
    pub fn evidence_unit(&self) -> &'static str {
        let Some(check) = self.control.and_then(|control| control.checks.values().next()) else { return "object" };
        let table = check.evidence_rows.as_ref().map_or(check.of.name, |rows| rows.of.name);
        if table == "tenant" { "tenant" } else { words::unit(table) }
    }

    /// Objects that lose points or could not be judged and are not among so many rows.
    pub fn beyond(&self, rows: &[EvidenceRow]) -> u64 {
        // A tenant's parts are one row, and the rows behind its number are all there.
        if self.control.is_some_and(|control| control.checks.values().all(|check| check.of.name == "tenant")) {
            return 0;
        }
        let losing = self.result.total.saturating_sub(self.result.count) + self.result.unknown;
        losing.saturating_sub(rows.len() as u64)
    }

    fn effort(&self) -> Level {
        self.control.map_or(Level::Moderate, |control| control.effort)
    }
}

/// How bad it is when a control isn't met: by its worth, so that one more object changes nothing from run to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Five points or more.
    High,
    /// Two points or more.
    Medium,
    /// Less.
    Low,
}

/// One thing that is missing, and the controls it costs.
pub struct Missed<'a> {
    /// What to do, in words: "grant AuditLog.Read.All".
    pub remedy: String,
    /// The controls that are not assessed, or not wholly, for want of it.
    pub controls: Vec<&'a str>,
}

impl<'a> Report<'a> {
    /// Puts an assessment beside the controls it was made with.
    pub fn new(assessment: &'a Assessment, controls: &'a [Control], sets: Sets, call: Call) -> Self {
        let controls = controls.iter().map(|control| (control.id.as_str(), control)).collect();
        Self { assessment, controls, sets, call, evidence: BTreeMap::new(), frameworks: &[] }
    }

    /// The numbers of a set.
    pub fn score(&self, set: Set) -> &'a SetScore {
        match set {
            Set::Core => &self.assessment.core,
            Set::Extended => &self.assessment.extended,
        }
    }

    /// The actions of a set with points left to win, most points first, then least effort.
    pub fn open(&self, set: Set) -> Vec<Action<'a>> {
        let mut open: Vec<_> =
            self.of(set).filter(|action| judged(action.result.outcome) && action.winnable().is_positive()).collect();
        open.sort_by(|one, other| {
            other
                .winnable()
                .cmp(&one.winnable())
                .then_with(|| one.effort().cmp(&other.effort()))
                .then_with(|| one.result.id.cmp(&other.result.id))
        });
        open
    }

    /// The actions of a set with nothing left to win.
    pub fn done(&self, set: Set) -> Vec<Action<'a>> {
        self.of(set).filter(|action| judged(action.result.outcome) && !action.winnable().is_positive()).collect()
    }

    /// The actions of a set that say this.
    pub fn saying(&self, set: Set, outcome: Outcome) -> Vec<Action<'a>> {
        self.of(set).filter(|action| action.result.outcome == outcome).collect()
    }

    /// The action to start with: the most points of the headline, else of the rest.
    pub fn next(&self) -> Option<Action<'a>> {
        self.sets.list().iter().find_map(|set| self.open(*set).first().copied())
    }

    /// What was not there, by what would bring it; the remedy that helps most controls first.
    pub fn missed(&self) -> Vec<Missed<'a>> {
        let mut by_remedy: BTreeMap<String, Vec<&'a str>> = BTreeMap::new();
        for result in self.assessment.controls.iter().filter(|result| self.sets.list().contains(&result.set)) {
            if result.outcome != Outcome::NotAssessed && result.unknown == 0 {
                continue;
            }
            for missing in &result.missing {
                let controls = by_remedy.entry(words::remedy(missing)).or_default();
                if controls.last() != Some(&result.id.as_str()) {
                    controls.push(&result.id);
                }
            }
            if result.missing.is_empty() && result.outcome == Outcome::NotAssessed {
                let reason = result.notes.first().cloned().unwrap_or_else(|| "no object could be judged".to_owned());
                by_remedy.entry(reason).or_default().push(&result.id);
            }
        }
        let mut missed: Vec<_> = by_remedy.into_iter().map(|(remedy, controls)| Missed { remedy, controls }).collect();
        missed.sort_by(|one, other| {
            other.controls.len().cmp(&one.controls.len()).then_with(|| one.remedy.cmp(&other.remedy))
        });
        missed
    }

    /// The result with the controls of the shown sets only, as `--format json` prints it.
    pub fn shown(&self) -> Assessment {
        let mut shown = self.assessment.clone();
        shown.controls.retain(|result| self.sets.list().contains(&result.set));
        shown
    }

    /// Every control of the shown sets, in the order of the result.
    pub fn actions(&self) -> impl Iterator<Item = Action<'a>> {
        self.sets.list().iter().flat_map(|set| self.of(*set))
    }

    /// The rows of evidence that are at hand for a control.
    pub fn rows(&self, id: &str) -> &[EvidenceRow] {
        self.evidence.get(id).map(Vec::as_slice).unwrap_or_default()
    }

    /// The sections of frameworks that a control speaks to.
    pub fn sections(&self, id: &str) -> impl Iterator<Item = (&'a Framework, &'a Section)> {
        self.frameworks
            .iter()
            .flat_map(|framework| framework.sections.iter().map(move |section| (framework, section)))
            .filter(move |(_, section)| section.controls.iter().any(|control| control == id))
    }

    /// The instant of the snapshot.
    ///
    /// # Errors
    /// When the result's instant is none.
    pub fn taken_at(&self) -> Result<Timestamp, CliError> {
        let text = &self.assessment.taken_at;
        text.parse().map_err(|source| CliError::Instant { text: text.clone(), source })
    }

    /// The organisation's name, or the tenant's id.
    pub fn tenant(&self) -> &'a str {
        self.assessment.display_name.as_deref().unwrap_or(&self.assessment.tenant_id)
    }

    /// The command that shows the evidence of a control.
    pub fn explain_command(&self, id: &str) -> String {
        self.call.command("explain", &[id])
    }

    fn of(&self, set: Set) -> impl Iterator<Item = Action<'a>> {
        self.assessment
            .controls
            .iter()
            .filter(move |result| result.set == set)
            .map(|result| Action { result, control: self.controls.get(result.id.as_str()).copied() })
    }
}

/// Whether the control has a score.
fn judged(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Met | Outcome::Partial | Outcome::NotMet)
}

#[cfg(test)]
pub mod samples;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_with_most_points_to_win_come_first() {
        let assessment = samples::assessment();
        let report = Report::new(&assessment, &[], Sets::All, Call::of("contoso"));
        let ids: Vec<_> = report.open(Set::Core).iter().map(|action| action.result.id.as_str()).collect();
        assert_eq!(ids, ["BlockLegacyAuthentication", "MFARegistrationV2", "AdminMFAV2"]);
    }

    #[test]
    fn what_is_missing_is_grouped_by_what_would_bring_it() {
        let assessment = samples::assessment();
        let report = Report::new(&assessment, &[], Sets::All, Call::of("contoso"));
        let missed: Vec<_> = report.missed().into_iter().map(|missed| (missed.remedy, missed.controls)).collect();
        assert_eq!(
            missed,
            [
                ("grant `AuditLog.Read.All`".to_owned(), vec!["SelfServicePasswordReset", "sms_voice_email_off"]),
                ("collect with `--per-user-mfa`".to_owned(), vec!["MFARegistrationV2"]),
            ]
        );
    }

    #[test]
    fn only_the_asked_set_is_shown() {
        let assessment = samples::assessment();
        let report = Report::new(&assessment, &[], Sets::Extended, Call::of("contoso"));
        assert_eq!(report.next().map(|action| action.result.id.as_str()), Some("guest_mfa"));
    }

    #[test]
    fn a_partial_control_shows_its_multiplication() {
        let assessment = samples::assessment();
        let registration = assessment.controls.iter().find(|control| control.id == "MFARegistrationV2").unwrap();
        assert_eq!(
            idscore_words::arithmetic::in_words(registration, None),
            [
                "9 points × 60 of 120 that meet the rule = 4.5 points.",
                "All of it is 16.07 % of the core score; 8.03 % is earned.",
                "3 more could not be judged and count neither way.",
                "Proven between 4.39 and 4.61 points: what is unknown counted as not met, and as met.",
            ]
        );
    }
}
