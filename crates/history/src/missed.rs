//! What could not be read, by what would bring it, and what that costs.

use idscore_catalogue::Catalogue;
use idscore_score::{Missing, Outcome};

use crate::kept::{KeptAssessment, KeptControl};

/// One thing that was not there.
#[derive(Debug, Clone)]
pub struct Missed<'a> {
    /// What would bring it; none where the assessment only says why in words.
    pub missing: Option<&'a Missing>,
    /// Why, in the words of the assessment; empty where `missing` says it.
    pub note: &'a str,
    /// The controls that are not judged, or not wholly, without it.
    pub controls: Vec<&'a KeptControl>,
    /// Points of those that are not judged at all: they count neither way.
    pub points: f64,
}

/// What was not there; what costs most points first, then most controls.
#[must_use]
pub fn missed<'a>(newest: &'a KeptAssessment, catalogue: &Catalogue) -> Vec<Missed<'a>> {
    let mut all: Vec<Missed<'a>> = Vec::new();
    let mut add = |missing: Option<&'a Missing>, note: &'a str, control: &'a KeptControl| {
        let at = match all.iter().position(|one| one.missing == missing && one.note == note) {
            Some(at) => at,
            None => {
                all.push(Missed { missing, note, controls: vec![], points: 0.0 });
                all.len() - 1
            }
        };
        if let Some(one) = all.get_mut(at)
            && one.controls.last().is_none_or(|last| last.id != control.id)
        {
            one.controls.push(control);
            if control.outcome == Outcome::NotAssessed {
                one.points += catalogue.control(&control.id).map_or(0.0, |known| known.points.to_f64());
            }
        }
    };
    for control in newest.controls.iter().filter(|one| one.outcome == Outcome::NotAssessed || one.unknown > 0) {
        for missing in &control.missing {
            add(Some(missing), "", control);
        }
        if control.missing.is_empty() && control.outcome == Outcome::NotAssessed {
            add(None, control.notes.first().map_or("", String::as_str), control);
        }
    }
    all.sort_by(|one, other| {
        (other.points.total_cmp(&one.points)).then_with(|| other.controls.len().cmp(&one.controls.len()))
    });
    all
}
