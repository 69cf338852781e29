//! `idscore score INPUT --data DIR`: keeps what was judged, and says how it moved.

use std::collections::BTreeMap;
use std::path::PathBuf;

use idscore_assess::{Assessment, EvidenceRow};
use idscore_catalogue::Catalogue;
use idscore_history::events::set_verdict;
use idscore_history::instants::date_of;
use idscore_history::regression::{self, Verdict};
use idscore_history::{KeptAssessment, KeptControl};
use idscore_score::Outcome;
use idscore_secrets::Secret;
use idscore_snapshot::ReadError;
use idscore_store::{Archive, Kept, now};

use super::moves;
use crate::catalogue;
use crate::database::Database;
use crate::error::CliError;
use crate::report::{Sets, words};
use crate::tenant::{self, Judging};
use crate::terminal::Terminal;

/// Whether and where to keep the assessment.
#[derive(Debug, clap::Args)]
pub struct Keeping {
    /// Keep snapshot, evidence and assessment in this folder, made where there is none.
    #[arg(long, value_name = "DIR", env = "IDSCORE_DATA", hide_env_values = true, conflicts_with = "keep_snapshot")]
    data: Option<PathBuf>,
    #[command(flatten)]
    database: Database,
    /// Exit with 1 when a shown control or score regressed since the assessment before: it is lower although as much was seen,
    /// or can't be what it was. Where less was seen, it is only told.
    #[arg(long)]
    fail_on_regression: bool,
}

/// A score that was kept.
pub struct KeptScore {
    /// As it was kept, decisions included.
    pub shown: Assessment,
    /// The first rows of evidence by control id.
    pub evidence: BTreeMap<String, Vec<EvidenceRow>>,
    /// What it was judged by.
    pub catalogue: Catalogue,
    /// Whether the gate of `--fail-on-regression` failed.
    pub regressed: bool,
}

impl Keeping {
    /// Whether anything about keeping was asked for.
    pub fn is_asked(&self) -> bool {
        self.data.is_some() || self.fail_on_regression
    }

    /// Judges the input and keeps it; says on stderr what was kept and how it moved.
    pub fn keep(&self, judging: &Judging, sets: Sets, terminal: Terminal) -> Result<KeptScore, CliError> {
        let Some(data) = &self.data else {
            return Err(CliError::call(
                "--fail-on-regression compares with the assessment before, and none is kept",
                "add --data DIR, the folder that keeps assessments",
            ));
        };
        let database = self.database.address()?;
        let catalogue = catalogue::load(&judging.controls)?;
        let kept = super::wait(async {
            let archive = Archive::open(data, database.as_ref().map(Secret::reveal)).await?;
            archive.writable("keep an assessment")?;
            let kept = tenant::take_in(judging, &archive, &super::operator(), &catalogue, terminal).await;
            if let Err(error) = &kept {
                note_failure(&archive, judging, error).await;
            }
            archive.history.close().await;
            kept
        })?;
        let program = words::program();
        let place = words::shell_word(&data.to_string_lossy());
        terminal.note(&format!("kept in `{}` as {}", data.display(), kept.assessment.id));
        let regressed = self.moved(&kept, sets, terminal);
        if let Some(before) = &kept.previous {
            let [was, is] = names(before, &kept.assessment);
            terminal.note(&format!("what moved, and why: `{program} diff {was} {is} --data {place}`"));
        }
        let shown = kept.shown();
        Ok(KeptScore { shown, evidence: kept.judgement.evidence, catalogue, regressed })
    }

    fn moved(&self, kept: &Kept, sets: Sets, terminal: Terminal) -> bool {
        let Some(before) = &kept.previous else {
            terminal.note("this is the first assessment of the tenant; there is none before to compare with");
            return false;
        };
        let after = &kept.assessment;
        let mut regressed = false;
        for set in sets.list() {
            let (was, is) = (before.numbers(*set), after.numbers(*set));
            let verdict = set_verdict(before, after, *set);
            let text = format!(
                "{} since {}: {}{}",
                words::set(*set),
                moves::instant(before.assessed_at),
                moves::with_proven(
                    moves::headline_moved(was.percent, is.percent),
                    moves::proven(is.percent_at_least, is.percent_at_most)
                ),
                moves::verdict(verdict).map(|seen| format!("; {seen}")).unwrap_or_default(),
            );
            terminal.note(&text);
            regressed |= verdict == Verdict::Regression;
        }
        if before.catalogue_version != after.catalogue_version {
            terminal.warn(&format!(
                "the controls changed from {} to {}, which can move points by itself",
                before.catalogue_version, after.catalogue_version
            ));
        }
        // Said before it was kept, where it is another one than the last.
        let other = before.config_hash != after.config_hash || before.profile != after.profile;
        if other && kept.configuration_change.is_none() {
            terminal.warn("the configuration or the profile changed, which can move points by itself");
        }
        let lost: Vec<_> = regressions(before, after, sets).collect();
        for (was, is) in &lost {
            let [was, is_now] = earned(was, is);
            terminal.warn(&format!("{} lost points: {was} → {is_now}", is.id));
        }
        for (was, is, seen) in lower_by_sight(before, after, sets) {
            let [before, after] = earned(was, is);
            terminal.note(&format!("{}: {seen}, {before} → {after}", is.id));
        }
        for (_, is) in both(before, after, sets).filter(|(was, is)| unseen(was, is)) {
            terminal.warn(&format!("{} was assessed before and is not any more", is.id));
        }
        self.fail_on_regression && (regressed || !lost.is_empty())
    }
}

/// How a person names two assessments: by their days, or by their ids where the days are the same.
fn names(before: &KeptAssessment, after: &KeptAssessment) -> [String; 2] {
    let day = |kept: &KeptAssessment| date_of(kept.day()).map(|date| date.to_string()).unwrap_or_default();
    if before.day() == after.day() { [before, after].map(|kept| kept.id.clone()) } else { [before, after].map(day) }
}

/// Leaves the failure for `serve` to tell. Whoever sits here is told by the error itself, so a second one says no more.
async fn note_failure(archive: &Archive, judging: &Judging, error: &CliError) {
    if matches!(error, CliError::Read(ReadError::Interrupted)) {
        return;
    }
    let input = judging.input.display().to_string();
    let _ = archive.note_failed_import("", &input, &error.with_causes(), now()).await;
}

/// The controls that are in both assessments.
fn both<'a>(
    before: &'a KeptAssessment,
    after: &'a KeptAssessment,
    sets: Sets,
) -> impl Iterator<Item = (&'a KeptControl, &'a KeptControl)> {
    let shown = after.controls.iter().filter(move |control| sets.list().contains(&control.set));
    shown.filter_map(|control| Some((before.control(&control.id)?, control)))
}

/// Controls that lost points. One that can't be assessed any more is none of them: unknown is not lost.
fn regressions<'a>(
    before: &'a KeptAssessment,
    after: &'a KeptAssessment,
    sets: Sets,
) -> impl Iterator<Item = (&'a KeptControl, &'a KeptControl)> {
    both(before, after, sets).filter(|(was, is)| regression::of_control(was, is) == Verdict::Regression)
}

/// Controls whose points are fewer because less, or more, was seen of them.
fn lower_by_sight<'a>(
    before: &'a KeptAssessment,
    after: &'a KeptAssessment,
    sets: Sets,
) -> impl Iterator<Item = (&'a KeptControl, &'a KeptControl, &'static str)> {
    both(before, after, sets).filter_map(|(was, is)| {
        let fell = was.score.zip(is.score).is_some_and(|(was, is)| moves::fell(was, is));
        moves::verdict(regression::of_control(was, is)).filter(|_| fell).map(|seen| (was, is, seen))
    })
}

fn unseen(before: &KeptControl, after: &KeptControl) -> bool {
    before.outcome != Outcome::NotAssessed && after.outcome == Outcome::NotAssessed
}

/// Points of both, with as many decimals as tell them apart, and what is proven of each.
fn earned(was: &KeptControl, is: &KeptControl) -> [String; 2] {
    let [before, after] = moves::points_apart(was.score.unwrap_or_default(), is.score.unwrap_or_default());
    let of = |shown: String, control: &KeptControl| {
        let points = format!("{shown} of {}", control.max_score.map(moves::points).unwrap_or_default());
        moves::with_proven(points, moves::proven_points(control.score_at_least, control.score_at_most))
    };
    [of(before, was), of(after, is)]
}
