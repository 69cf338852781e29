//! What must hold between the result of a whole export and that of the same export with something taken away.

use idscore_assess::{Assessment, Configuration, ControlResult, SetScore};
use idscore_score::{Interval, Outcome, Points, Status};

/// One way in which less information claimed more.
#[derive(Debug, Clone)]
pub struct Violation {
    /// The control, or the set.
    pub of: String,
    pub rule: &'static str,
    /// Both sides, in numbers.
    pub detail: String,
}

/// Everything that the result of less information claims and the whole one does not allow.
pub fn violations(whole: &Assessment, less: &Assessment, configuration: &Configuration) -> Vec<Violation> {
    let mut found = Vec::new();
    for (of, whole, less) in [("core", &whole.core, &less.core), ("extended", &whole.extended, &less.extended)] {
        set(of, whole, less, &mut found);
    }
    for control in &whole.controls {
        match less.controls.iter().find(|other| other.id == control.id) {
            Some(other) => {
                interval(control, other, &mut found);
                if !full_by_status(configuration, &control.id) {
                    certainty(control, other, &mut found);
                }
            }
            None => found.push(Violation { of: control.id.clone(), rule: "a control is gone", detail: String::new() }),
        }
    }
    found
}

/// What a result alone must hold: the headline lies between what is proven and what is possible.
pub fn headline(assessment: &Assessment) -> Vec<Violation> {
    let mut found = Vec::new();
    for (of, set) in [("core", &assessment.core), ("extended", &assessment.extended)] {
        let (least, most) = bounds(set);
        if set.max_score != Points::zero() && !(least <= set.percent && set.percent <= most) {
            let detail = format!("{} is not within {} to {}", set.percent.to_f64(), least.to_f64(), most.to_f64());
            found.push(Violation { of: of.to_owned(), rule: "the headline lies outside", detail });
        }
    }
    for control in &assessment.controls {
        let (Some(interval), Some(score)) = (interval_of(control), &control.score) else { continue };
        if !(interval.at_least <= *score && *score <= interval.at_most) {
            let rule = "the headline lies outside";
            found.push(Violation { of: control.id.clone(), rule, detail: told(control) });
        }
    }
    found
}

fn bounds(set: &SetScore) -> (Points, Points) {
    (set.percent_at_least.clone().unwrap(), set.percent_at_most.clone().unwrap())
}

fn set(of: &str, whole: &SetScore, less: &SetScore, found: &mut Vec<Violation>) {
    let ((least, most), (lesser_least, lesser_most)) = (bounds(whole), bounds(less));
    if lesser_least > least || lesser_most < most {
        let [least, most, lesser_least, lesser_most] =
            [least, most, lesser_least, lesser_most].map(|points| points.to_f64());
        let detail = format!("{least:.2} to {most:.2} %, with less {lesser_least:.2} to {lesser_most:.2} %");
        found.push(Violation { of: of.to_owned(), rule: "the set's interval is no wider", detail });
    }
}

fn interval_of(control: &ControlResult) -> Option<Interval> {
    Some(Interval { at_least: control.score_at_least.clone()?, at_most: control.score_at_most.clone()? })
}

fn interval(whole: &ControlResult, less: &ControlResult, found: &mut Vec<Violation>) {
    let rule = match (interval_of(whole), interval_of(less)) {
        (Some(whole), Some(less)) if less.at_least > whole.at_least => "the floor rises",
        (Some(whole), Some(less)) if less.at_most < whole.at_most => "the ceiling falls",
        (Some(_), None) => "it leaves the sums",
        // From nothing to the maximum, whatever that is: the ceiling is more than nothing.
        (None, Some(less)) if !less.at_least.is_zero() => "it enters the sums with a floor",
        (None, Some(less)) if less.at_most.is_zero() => "it enters the sums with a ceiling of nothing",
        _ => return,
    };
    found.push(Violation { of: whole.id.clone(), rule, detail: both(whole, less) });
}

/// What is said of rows, beyond what floor and ceiling say.
///
/// Refining data that was not read leaves the headline as it is, so that rows may be counted otherwise than before, and only
/// floor and ceiling hold them open. Rows are compared where floor and ceiling of both sides follow from them.
fn certainty(whole: &ControlResult, less: &ControlResult, found: &mut Vec<Violation>) {
    let decided = matches!(less.outcome, Outcome::Met | Outcome::Partial | Outcome::NotMet);
    let not_met = |control: &ControlResult| control.total - control.count;
    let rows_decide = follows_from_rows(whole) && follows_from_rows(less);
    let rule = if whole.outcome == Outcome::NotAssessed && decided {
        "what was not assessed is decided"
    } else if rows_decide && whole.outcome == Outcome::Met && matches!(less.outcome, Outcome::Partial | Outcome::NotMet)
    {
        "it fails for certain"
    } else if rows_decide && less.count > whole.count {
        "more rows are met"
    } else if rows_decide && not_met(less) > not_met(whole) {
        "more rows are not met"
    } else if rows_decide && less.total + less.unknown < whole.total + whole.unknown {
        "rows are gone"
    } else {
        return;
    };
    found.push(Violation { of: whole.id.clone(), rule, detail: both(whole, less) });
}

/// Whether a declared status gives full points whatever the rows say, in floor and ceiling too.
fn full_by_status(configuration: &Configuration, control: &str) -> bool {
    let of_control = configuration.status.iter().filter(|declared| declared.control == control);
    of_control.into_iter().any(|one| matches!(one.status, Status::ThirdParty | Status::AlternateMitigation))
}

/// Whether floor and ceiling are the shares of the counted rows: met, and met or unknown.
fn follows_from_rows(control: &ControlResult) -> bool {
    let rows = control.total + control.unknown;
    let (Some(max), Some(interval)) = (&control.max_score, interval_of(control)) else { return false };
    rows > 0
        && interval.at_least == max.share(control.count, rows)
        && interval.at_most == max.share(control.count + control.unknown, rows)
}

fn both(whole: &ControlResult, less: &ControlResult) -> String {
    format!("{}; with less {}", told(whole), told(less))
}

pub fn told(control: &ControlResult) -> String {
    let number =
        |points: &Option<Points>| points.as_ref().map_or("–".to_owned(), |points| format!("{:.2}", points.to_f64()));
    format!(
        "{:?} {} [{}, {}], {} of {}, {} unknown",
        control.outcome,
        number(&control.score),
        number(&control.score_at_least),
        number(&control.score_at_most),
        control.count,
        control.total,
        control.unknown
    )
}
