//! What owned licences still win, and what others would bring.

use std::collections::BTreeMap;

use idscore_catalogue::Catalogue;
use idscore_score::{License, Set};

use crate::kept::{KeptAssessment, KeptControl};
use crate::plan::ActionState;
use crate::ranking::{RankedAction, ranked};

/// One edition: what it wins where it is owned, or what it would bring.
#[derive(Debug)]
pub struct LicenceUse<'a> {
    /// The edition.
    pub license: License,
    /// Whether it is owned; none where that was not read.
    pub owned: Option<bool>,
    /// Open actions that need it and whose edition is owned: paid for and not used; most points first, core before extended.
    pub unused: Vec<RankedAction<'a>>,
    /// Points of the core set that they win, and the same in percent of it.
    pub unused_core: f64,
    /// See `unused_core`.
    pub unused_core_percent: f64,
    /// Points of the extended set that they win.
    pub unused_extended: f64,
    /// Controls that count only once it is owned, with their points, most points first.
    pub locked: Vec<(&'a KeptControl, f64)>,
    /// Points of the core set that could then be earned: they raise the maximum too.
    pub locked_core: f64,
    /// Points of the extended set.
    pub locked_extended: f64,
}

/// The editions that controls ask for, P1 before P2; a control belongs to the largest that it asks for.
#[must_use]
pub fn licence_use<'a>(
    newest: &'a KeptAssessment,
    decided: &BTreeMap<String, ActionState>,
    catalogue: &'a Catalogue,
    at: i64,
) -> Vec<LicenceUse<'a>> {
    let sum = |numbers: &mut dyn Iterator<Item = f64>| numbers.fold(0.0, |sum, number| sum + number);
    let of = |license: License| {
        let needs = |id: &str| catalogue.control(id).and_then(|known| known.license.iter().max().copied());
        let open = |set: Set| -> Vec<RankedAction<'a>> {
            let actions = ranked(newest, set, decided, catalogue, at).into_iter();
            let ours = |action: &RankedAction<'_>| needs(&action.control.id) == Some(license);
            actions.filter(|action| action.is_open() && action.license_owned == Some(true) && ours(action)).collect()
        };
        let (core, extended) = (open(Set::Core), open(Set::Extended));
        let mut locked: Vec<(&KeptControl, f64)> = newest
            .controls
            .iter()
            .filter(|control| control.needs_license.is_some() && needs(&control.id) == Some(license))
            .filter_map(|control| Some((control, catalogue.control(&control.id)?.points.to_f64())))
            .collect();
        locked.sort_by(|one, other| {
            (one.0.set.cmp(&other.0.set)).then(other.1.total_cmp(&one.1)).then_with(|| one.0.id.cmp(&other.0.id))
        });
        let of_set = |set: Set| sum(&mut locked.iter().filter(|(one, _)| one.set == set).map(|(_, points)| *points));
        LicenceUse {
            license,
            owned: match license {
                License::P1 => newest.has_p1,
                License::P2 => newest.has_p2,
            },
            unused_core: sum(&mut core.iter().map(|action| action.to_win)),
            unused_core_percent: sum(&mut core.iter().map(|action| action.to_win_percent)),
            unused_extended: sum(&mut extended.iter().map(|action| action.to_win)),
            unused: core.into_iter().chain(extended).collect(),
            locked_core: of_set(Set::Core),
            locked_extended: of_set(Set::Extended),
            locked,
        }
    };
    [License::P1, License::P2].map(of).into_iter().collect()
}
