//! What somebody has to look at again and again, and what somebody vouches for: when it was done, and until when it counts.

use idscore_score::{Finding, Outcome};
use jiff::civil::Date;
use serde::Serialize;

use crate::instants::{DAY, day_of, day_of_date};
use crate::kept::{KeptAssessment, KeptControl};

/// Days before its end at which a review is due.
const SOON: i64 = 2;

/// A review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Review {
    /// The control's id, `task_…`.
    pub control_id: String,
    /// Who reviewed.
    pub reviewed_by: String,
    /// When, in microseconds.
    pub reviewed_at: i64,
    /// What was found.
    pub note: String,
}

/// Something that somebody vouches for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Attestation {
    /// The control's id.
    pub control_id: String,
    /// Who vouches.
    pub owner: String,
    /// What was seen, and where.
    pub reason: String,
    /// The last day on which it counts.
    pub expires: Date,
    /// Who wrote it down.
    pub recorded_by: String,
    /// When, in microseconds.
    pub recorded_at: i64,
}

/// Where a task stands at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TaskState {
    /// It was never done.
    Never,
    /// The last review is older than the period: its points fade.
    Overdue,
    /// It counts in full, but not for long.
    Due,
    /// It counts in full.
    Done,
    /// It is not about this tenant, or could not be judged.
    NotJudged,
}

/// Work that is to be done again every so many days.
#[derive(Debug, Clone, PartialEq)]
pub struct Task<'a> {
    /// The control as it was judged.
    pub control: &'a KeptControl,
    /// The period in days.
    pub every_days: i64,
    /// When it was last done, in microseconds.
    pub last: Option<i64>,
    /// The record of that; none where the configuration says it.
    pub review: Option<&'a Review>,
    /// Until when it counts in full.
    pub due: Option<i64>,
    /// When nothing of it is left.
    pub fades_until: Option<i64>,
    /// Where it stands.
    pub state: TaskState,
}

/// The tasks of an assessment at an instant, most urgent first. `reviews` are those that were recorded, newest first.
#[must_use]
pub fn tasks<'a>(newest: &'a KeptAssessment, reviews: &'a [Review], at: i64) -> Vec<Task<'a>> {
    let of = |control: &'a KeptControl| {
        let Finding::Task { age, period } = control.judged.as_ref()?.finding else { return None };
        let review = reviews.iter().find(|review| review.control_id == control.id && review.reviewed_at <= at);
        let micros = |seconds: u64| i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(1_000_000);
        // A recorded review stands in place of the configuration's, as it does for the points.
        let configured = age.map(|age| newest.taken_at.saturating_sub(micros(age)));
        let last = review.map(|review| review.reviewed_at).or(configured);
        let due = last.map(|last| last.saturating_add(micros(period)));
        let judged = !matches!(control.outcome, Outcome::NotApplicable | Outcome::NotAssessed);
        let state = match due {
            _ if !judged => TaskState::NotJudged,
            None => TaskState::Never,
            Some(due) if due < at => TaskState::Overdue,
            Some(due) if day_of(due) - day_of(at) <= SOON => TaskState::Due,
            Some(_) => TaskState::Done,
        };
        Some(Task {
            control,
            every_days: micros(period) / DAY,
            last,
            review,
            due,
            fades_until: due.map(|due| due.saturating_add(micros(period))),
            state,
        })
    };
    let mut tasks: Vec<_> = newest.controls.iter().filter_map(of).collect();
    tasks.sort_by(|one, other| (one.state, one.due, &one.control.id).cmp(&(other.state, other.due, &other.control.id)));
    tasks
}

/// Something that Graph doesn't show, so that somebody vouches for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Vouched<'a> {
    /// The control as it was judged.
    pub control: &'a KeptControl,
    /// What was recorded; none where nothing was, or the configuration says it.
    pub recorded: Option<&'a Attestation>,
    /// Whether it stands at the instant.
    pub stands: bool,
}

/// What an assessment leaves to attestations, by title.
#[must_use]
pub fn vouched<'a>(newest: &'a KeptAssessment, attestations: &'a [Attestation], at: i64) -> Vec<Vouched<'a>> {
    let of = |control: &'a KeptControl| {
        let Finding::Attested(attested) = control.judged.as_ref()?.finding else { return None };
        let recorded = attestations.iter().find(|attestation| attestation.control_id == control.id);
        let stands = recorded.map_or(attested, |recorded| day_of(at) <= day_of_date(recorded.expires));
        Some(Vouched { control, recorded, stands })
    };
    let mut vouched: Vec<_> = newest.controls.iter().filter_map(of).collect();
    vouched.sort_by(|one, other| (&one.control.title, &one.control.id).cmp(&(&other.control.title, &other.control.id)));
    vouched
}
