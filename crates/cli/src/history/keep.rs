//! `idscore score INPUT --data DIR`: keeps what was judged, and says how it moved.

use std::collections::BTreeMap;
use std::path::PathBuf;

use idscore_assess::{Assessment, EvidenceRow};
use idscore_catalogue::Catalogue;
use idscore_history::instants::{date_of, now};
use idscore_history::{Archive, Kept, KeptAssessment, KeptControl, SetNumbers};
use idscore_score::{Outcome, Set};
use idscore_snapshot::ReadError;

use super::moves;
use crate::error::CliError;
use crate::report::{Sets, words};
use crate::tenant::{Incoming, Judging};
use crate::terminal::Terminal;

/// Whether and where to keep the assessment.
#[derive(Debug, clap::Args)]
pub struct Keeping {
    /// Keep snapshot, evidence and assessment in this folder, made where there is none.
    #[arg(long, value_name = "DIR", env = "IDSCORE_DATA", hide_env_values = true, conflicts_with = "keep_snapshot")]
    data: Option<PathBuf>,
    /// The database, in place of the file `history.db` in the data folder: `postgres://USER@HOST/DATABASE`.
    #[arg(long, value_name = "URL", env = "IDSCORE_DATABASE", hide_env_values = true)]
    database: Option<String>,
    /// Exit with 1 when a shown control earns fewer points than in the assessment before, or a shown score fell.
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
        let (incoming, kept) = super::wait(async {
            let archive = Archive::open(data, self.database.as_deref()).await?;
            let kept = read_and_keep(&archive, judging, terminal).await;
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
        let catalogue = incoming.clear()?;
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
            let (was, is) = (numbers(before, *set), numbers(after, *set));
            let text = format!(
                "{} since {}: {}",
                words::set(*set),
                moves::instant(before.assessed_at),
                moves::headline_moved(was.percent, is.percent)
            );
            terminal.note(&text);
            regressed |= moves::fell(was.percent, is.percent);
        }
        if before.catalogue_version != after.catalogue_version {
            terminal.warn(&format!(
                "the controls changed from {} to {}, which can move points by itself",
                before.catalogue_version, after.catalogue_version
            ));
        }
        if before.config_hash != after.config_hash || before.profile != after.profile {
            terminal.warn("the configuration or the profile changed, which can move points by itself");
        }
        let lost: Vec<_> = regressions(before, after, sets).collect();
        for (was, is) in &lost {
            terminal.warn(&format!("{} lost points: {} → {}", is.id, earned(was), earned(is)));
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

async fn read_and_keep(archive: &Archive, judging: &Judging, terminal: Terminal) -> Result<(Incoming, Kept), CliError> {
    let incoming = Incoming::read(judging, archive, terminal)?;
    let _progress = terminal.progress("judging");
    let Incoming { catalogue, configuration, received, .. } = &incoming;
    let kept = archive.keep(&super::operator(), received.folder(), catalogue, configuration).await?;
    Ok((incoming, kept))
}

/// Leaves the failure for `serve` to tell. Whoever sits here is told by the error itself, so a second one says no more.
async fn note_failure(archive: &Archive, judging: &Judging, error: &CliError) {
    if matches!(error, CliError::Read(ReadError::Interrupted)) {
        return;
    }
    let input = judging.input.display().to_string();
    let _ = archive.note_failed_import("", &input, &error.with_causes(), now()).await;
}

fn numbers(kept: &KeptAssessment, set: Set) -> &SetNumbers {
    match set {
        Set::Core => &kept.core,
        Set::Extended => &kept.extended,
    }
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

/// Controls that earn fewer points than before. One that can't be assessed any more is none of them: unknown is not lost.
fn regressions<'a>(
    before: &'a KeptAssessment,
    after: &'a KeptAssessment,
    sets: Sets,
) -> impl Iterator<Item = (&'a KeptControl, &'a KeptControl)> {
    both(before, after, sets).filter(|(was, is)| was.score.zip(is.score).is_some_and(|(was, is)| moves::fell(was, is)))
}

fn unseen(before: &KeptControl, after: &KeptControl) -> bool {
    before.outcome != Outcome::NotAssessed && after.outcome == Outcome::NotAssessed
}

fn earned(control: &KeptControl) -> String {
    let shown = |points: Option<f64>| points.map(moves::points).unwrap_or_default();
    format!("{} of {}", shown(control.score), shown(control.max_score))
}
