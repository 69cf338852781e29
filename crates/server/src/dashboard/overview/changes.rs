//! What moved over a number of days, and why, as the history's difference says it.

use std::sync::Arc;

use idscore_catalogue::Catalogue;
use idscore_history::difference::{ControlMove, ControlState, Difference, Reason};
use idscore_history::{Cause, KeptAssessment, TrendPoint, days_before};
use idscore_score::{Outcome, Set};
use idscore_words as words;
use idscore_words::moves;
use idscore_words::reasons::{self, Limit};
use idscore_words::texts::Texts;

use super::super::failure::PageFailure;
use super::address_of;
use crate::state::Service;

/// Controls that are named of each kind, and people of each reason.
const CONTROLS: usize = 5;
const NAMED: usize = 3;

/// What moved.
pub(super) struct Changes {
    /// Percentage before and after.
    pub(super) headline: String,
    /// The two days.
    pub(super) between: String,
    /// Other controls or another configuration: points can move without the tenant.
    pub(super) cautions: Vec<String>,
    /// Lost points, then gained ones; without empty lists.
    pub(super) lists: Vec<Moves>,
    /// Those that are not named.
    pub(super) more: Option<String>,
}

/// Controls that moved alike.
pub(super) struct Moves {
    pub(super) heading: String,
    pub(super) class: &'static str,
    pub(super) controls: Vec<Move>,
}

/// How one control moved.
pub(in crate::dashboard) struct Move {
    pub(in crate::dashboard) address: String,
    pub(in crate::dashboard) title: String,
    pub(in crate::dashboard) points: String,
    /// Its class.
    pub(in crate::dashboard) class: &'static str,
    pub(in crate::dashboard) state: String,
    /// A sentence, and what it names.
    pub(in crate::dashboard) reasons: Vec<(String, Vec<String>)>,
}

/// The difference between the newest assessment and the last one before so many days; none where there is none.
pub(super) async fn over(
    service: &Service,
    tenant_id: &str,
    points: &[TrendPoint],
    newest: &KeptAssessment,
    days: i64,
) -> Result<Option<Arc<Difference>>, PageFailure> {
    // A tenant that is known for a shorter time is laid beside its beginning.
    let beginning = || points.iter().find(|point| point.cause != Cause::Microsoft && point.id != newest.id);
    let Some(before) = days_before(points, days).or_else(beginning) else { return Ok(None) };
    Ok(Some(service.difference(tenant_id, &before.id, newest).await?))
}

impl Changes {
    pub(super) fn new(t: Texts, catalogue: &Catalogue, base: &str, found: &Difference) -> Self {
        let core = |wanted: fn(&ControlMove) -> bool| {
            found.controls.iter().filter(move |control| control.set == Set::Core && wanted(control))
        };
        let lost: Vec<_> = core(|control| moves::fell(0.0, control.points)).collect();
        let mut gained: Vec<_> = core(|control| moves::fell(control.points, 0.0)).collect();
        gained.reverse();
        let left = lost.len().saturating_sub(CONTROLS) + gained.len().saturating_sub(CONTROLS);
        let shown = |controls: &[&ControlMove]| {
            controls
                .iter()
                .take(CONTROLS)
                .map(|control| one(t, catalogue, base, control, found, NAMED))
                .collect::<Vec<_>>()
        };
        let day = |text: &str| idscore_words::day(text).to_owned();
        let (from, to) = (day(&found.before.assessed_at), day(&found.after.assessed_at));
        let mut cautions = Vec::new();
        if found.catalogue_changed {
            cautions.push(t.say("overview-changes-catalogue"));
        }
        if found.configuration_changed {
            cautions.push(t.say("overview-changes-configuration"));
        }
        cautions.extend(found.unread.iter().map(|file| super::shown::first_upper(&reasons::unread(file))));
        cautions.extend(reasons::set_seen(&found.core).map(|seen| super::shown::first_upper(&seen)));
        Self {
            headline: moves::headline_moved(found.core.before.percent, found.core.after.percent),
            between: t.with("overview-changes-between", &[("from", (&from).into()), ("to", (&to).into())]),
            cautions,
            lists: [
                ("overview-changes-lost", "bad", shown(&lost)),
                ("overview-changes-gained", "good", shown(&gained)),
            ]
            .into_iter()
            .filter(|(_, _, controls)| !controls.is_empty())
            .map(|(key, class, controls)| Moves { heading: t.say(key), class, controls })
            .collect(),
            more: (left > 0).then(|| t.with("overview-changes-more", &[("count", (left as u64).into())])),
        }
    }
}

/// How one control moved, and why; of each reason so many objects are named.
pub(in crate::dashboard) fn one(
    t: Texts,
    catalogue: &Catalogue,
    base: &str,
    control: &ControlMove,
    found: &Difference,
    named: usize,
) -> Move {
    let limit = Limit { lines: named, hint: "" };
    let state = match (control.before, control.after) {
        (Some(before), Some(after)) if reasons::outcome(&before) != reasons::outcome(&after) => {
            format!("{} → {}", reasons::outcome(&before), reasons::outcome(&after))
        }
        (_, Some(state)) | (Some(state), None) => reasons::outcome(&state).to_owned(),
        (None, None) => String::new(),
    };
    let counts = counts(t, catalogue, control);
    // Counts that moved tell more than that nothing else was kept.
    let told = |reason: &&Reason| counts.is_none() || **reason != Reason::NotKept;
    let said = control.reasons.iter().filter(told).map(|reason| {
        let (said, below) = reasons::in_words(reason, found, limit);
        (super::shown::first_upper(&said), below)
    });
    let seen = reasons::seen(control).map(|seen| super::shown::first_upper(&seen));
    let reasons = counts.clone().into_iter().chain(seen).map(|said| (said, vec![])).chain(said).collect();
    Move {
        address: address_of(base, &control.id),
        title: control.title.clone(),
        points: moves::signed(control.points),
        class: super::class_of(control.points),
        state,
        reasons,
    }
}

/// How many objects met the rule before and after; none where that did not move, one side was not assessed, or the tenant itself
/// is judged.
fn counts(t: Texts, catalogue: &Catalogue, control: &ControlMove) -> Option<String> {
    let (before, after) = (control.before?, control.after?);
    let table = catalogue.control(&control.id)?.checks.values().next()?.of.name;
    let of = |state: ControlState| words::counts(state.count, state.total, state.unknown, words::unit(table));
    let unseen = |state: ControlState| state.outcome == Outcome::NotAssessed;
    if table == "tenant" || unseen(before) || unseen(after) || of(before) == of(after) {
        return None;
    }
    let same = (before.total, before.unknown) == (after.total, after.unknown);
    let was = if same { words::thousands(before.count) } else { of(before) };
    Some(t.with("overview-changes-counts", &[("before", (&was).into()), ("after", (&of(after)).into())]))
}
