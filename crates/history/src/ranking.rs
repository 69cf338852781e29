//! What to do first: the actions of an assessment by what they win, then by effort.

use std::collections::BTreeMap;

use idscore_catalogue::Catalogue;
use idscore_catalogue::control::{Control, Level};
use idscore_score::{Ownership, Set, Status};

use crate::instants::{date_of, day_of};
use crate::kept::{KeptAssessment, KeptControl};
use crate::plan::ActionState;

/// What a double rounds is nothing to win.
const ROUNDING: f64 = 1e-9;

/// One action with what is decided about it.
#[derive(Debug, Clone)]
pub struct RankedAction<'a> {
    /// The control as it was judged.
    pub control: &'a KeptControl,
    /// The control in the catalogue; none where it is not there any more.
    pub known: Option<&'a Control>,
    /// Points that it could still win.
    pub to_win: f64,
    /// The same in percent of its set: what all of it is worth less what is gained, both as they are shown.
    pub to_win_percent: f64,
    /// What all of it is worth in percent of its set.
    pub impact_percent: f64,
    /// The judged table; none where the tenant itself is judged.
    pub table: Option<&'static str>,
    /// Objects that lose the points; none where the tenant itself is judged.
    pub open: Option<u64>,
    /// Whether the licence that it needs is owned; none where it needs none or nobody knows.
    pub license_owned: Option<bool>,
    /// The status in force: what came to its end since the assessment counts no more.
    pub status: Status,
    /// What was decided; empty where nothing was.
    pub decided: ActionState,
    /// It was to be done before.
    pub overdue: bool,
}

impl RankedAction<'_> {
    /// Whether somebody should still do it: it wins points, and nobody decided otherwise.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.to_win > ROUNDING && matches!(self.status, Status::ToAddress | Status::Planned)
    }
}

/// Every control of both sets: those of [`ranked`] in its order, core before extended, then those that win nothing more.
#[must_use]
pub fn all_actions<'a>(
    newest: &'a KeptAssessment,
    decided: &BTreeMap<String, ActionState>,
    catalogue: &'a Catalogue,
    at: i64,
) -> Vec<RankedAction<'a>> {
    let sets = [Set::Core, Set::Extended].into_iter();
    let mut all: Vec<_> = sets.flat_map(|set| of_set(newest, set, decided, catalogue, at)).collect();
    all.sort_by_key(|action| !is_ranked(action));
    all
}

/// What actions would win together, set by set.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Together {
    /// Points of the headline.
    pub core: f64,
    /// The same in percent of it.
    pub core_percent: f64,
    /// Points of the extended set.
    pub extended: f64,
    /// The same in percent of it.
    pub extended_percent: f64,
}

/// What actions of an assessment would win if all of them were done.
#[must_use]
pub fn together<'a>(newest: &KeptAssessment, actions: impl Iterator<Item = &'a RankedAction<'a>> + Clone) -> Together {
    let of = |set: Set| {
        // From nothing, because an empty sum of doubles is -0.
        actions.clone().filter(|action| action.control.set == set).fold(0.0, |sum, action| sum + action.to_win)
    };
    let percent = |points: f64, maximum: f64| {
        // What a double rounds up is no percent more.
        if maximum > 0.0 { ((points * 10_000.0 / maximum + 1e-6).floor()) / 100.0 } else { 0.0 }
    };
    let (core, extended) = (of(Set::Core), of(Set::Extended));
    Together {
        core,
        core_percent: percent(core, newest.core.max_score),
        extended,
        extended_percent: percent(extended, newest.extended.max_score),
    }
}

/// The actions of a set that win something or are decided about, most points first, then least effort, owned licences,
/// fewest people without a usable method, fewest objects and by id. `at` is the instant for which decisions and due days are looked at, in microseconds.
#[must_use]
pub fn ranked<'a>(
    newest: &'a KeptAssessment,
    set: Set,
    decided: &BTreeMap<String, ActionState>,
    catalogue: &'a Catalogue,
    at: i64,
) -> Vec<RankedAction<'a>> {
    let mut actions = of_set(newest, set, decided, catalogue, at);
    actions.retain(is_ranked);
    actions
}

/// What was decided stays in the list although it wins nothing more.
fn is_ranked(action: &RankedAction<'_>) -> bool {
    action.to_win > ROUNDING || !matches!(action.status, Status::ToAddress | Status::Completed)
}

fn of_set<'a>(
    newest: &'a KeptAssessment,
    set: Set,
    decided: &BTreeMap<String, ActionState>,
    catalogue: &'a Catalogue,
    at: i64,
) -> Vec<RankedAction<'a>> {
    let day = day_of(at);
    let maximum = newest.numbers(set).max_score;
    let of = |control: &'a KeptControl| {
        let state = decided.get(&control.id).cloned().unwrap_or_default();
        let known = catalogue.control(&control.id);
        let table = known.and_then(|known| known.checks.values().next()).map(|check| check.of.name);
        let table = table.filter(|table| *table != "tenant");
        let to_win = control.max_score.unwrap_or(0.0) - control.score.unwrap_or(0.0);
        RankedAction {
            control,
            known,
            to_win,
            to_win_percent: to_win_percent(control, maximum),
            impact_percent: hundredths(control.max_score, maximum).round() / 100.0,
            table,
            open: table.map(|_| control.total.saturating_sub(control.count)),
            license_owned: match control.judged.as_ref().map(|judged| judged.license) {
                Some(Ownership::Owned) => Some(true),
                Some(Ownership::NotOwned) => Some(false),
                _ => None,
            },
            status: if state.control_id.is_empty() { control.status } else { state.in_force(day) },
            overdue: state.due.is_some_and(|due| Some(due) < date_of(day)),
            decided: state,
        }
    };
    let mut actions: Vec<_> = newest.of_set(set).map(of).collect();
    actions.sort_by(|one, other| {
        let effort = |action: &RankedAction<'_>| action.known.map_or(Level::Moderate, |known| known.effort);
        let to_buy = |action: &RankedAction<'_>| action.license_owned == Some(false);
        (other.to_win.total_cmp(&one.to_win))
            .then_with(|| effort(one).cmp(&effort(other)))
            .then_with(|| to_buy(one).cmp(&to_buy(other)))
            .then_with(|| one.control.without_method.cmp(&other.control.without_method))
            .then_with(|| one.open.cmp(&other.open))
            .then_with(|| one.control.id.cmp(&other.control.id))
    });
    actions
}

/// Points in hundredths of a percent of all that there are.
fn hundredths(points: Option<f64>, maximum: f64) -> f64 {
    if maximum > 0.0 { 10_000.0 * points.unwrap_or(0.0) / maximum } else { 0.0 }
}

/// A whole is rounded and a gain is cut off, so that it never claims more than was earned.
fn to_win_percent(control: &KeptControl, maximum: f64) -> f64 {
    // A double that stands for 4.22 may be a little less.
    (hundredths(control.max_score, maximum).round() - (hundredths(control.score, maximum) + 1e-6).floor()) / 100.0
}
