//! The columns of the list of actions: what each says of an action, and how it sorts.

use std::cmp::Ordering;

use idscore_catalogue::control::Level;
use idscore_score::{License, Outcome};
use idscore_words as words;
use idscore_words::moves;
use idscore_words::texts::Texts;

use super::super::shown;
use super::list::Listed;

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    Title,
    Outcome,
    Status,
    Points,
    Impact,
    Win,
    People,
    Effort,
    UserImpact,
    License,
    Regressed,
    Owner,
    Due,
    Tags,
    Frameworks,
    Area,
    Set,
}

/// What stands in a cell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Cell {
    /// The heading of its column, for screens too narrow for a table.
    pub(crate) label: String,
    pub(crate) text: String,
    /// Said less loudly, below.
    pub(crate) small: String,
    /// Class of a chip around the text; none where it is plain.
    pub(crate) chip: &'static str,
    /// Numbers stand at the right.
    pub(crate) number: bool,
    /// Written by people.
    pub(crate) name: bool,
    /// A day, which stays on one line.
    pub(crate) day: bool,
}

impl Column {
    /// Every column besides the title, in the order of showing.
    pub(crate) const CHOICE: [Self; 16] = [
        Self::Outcome,
        Self::Status,
        Self::Points,
        Self::Impact,
        Self::Win,
        Self::People,
        Self::Effort,
        Self::UserImpact,
        Self::License,
        Self::Regressed,
        Self::Owner,
        Self::Due,
        Self::Tags,
        Self::Frameworks,
        Self::Area,
        Self::Set,
    ];

    /// Those that are shown unless asked otherwise.
    pub(crate) const USUAL: [Self; 11] = [
        Self::Outcome,
        Self::Status,
        Self::Win,
        Self::Points,
        Self::Impact,
        Self::People,
        Self::Effort,
        Self::UserImpact,
        Self::License,
        Self::Owner,
        Self::Due,
    ];

    /// Its word in an address.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Outcome => "outcome",
            Self::Status => "status",
            Self::Points => "points",
            Self::Impact => "impact",
            Self::Win => "win",
            Self::People => "people",
            Self::Effort => "effort",
            Self::UserImpact => "userImpact",
            Self::License => "license",
            Self::Regressed => "regressed",
            Self::Owner => "owner",
            Self::Due => "due",
            Self::Tags => "tags",
            Self::Frameworks => "frameworks",
            Self::Area => "area",
            Self::Set => "set",
        }
    }

    /// The key of its heading.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Title => "actions-column-title",
            Self::Outcome => "actions-column-outcome",
            Self::Status => "actions-column-status",
            Self::Points => "actions-column-points",
            Self::Impact => "actions-column-impact",
            Self::Win => "actions-column-win",
            Self::People => "actions-column-people",
            Self::Effort => "actions-column-effort",
            Self::UserImpact => "actions-column-user-impact",
            Self::License => "actions-column-license",
            Self::Regressed => "actions-column-regressed",
            Self::Owner => "actions-column-owner",
            Self::Due => "actions-column-due",
            Self::Tags => "actions-column-tags",
            Self::Frameworks => "actions-column-frameworks",
            Self::Area => "actions-column-area",
            Self::Set => "actions-column-set",
        }
    }

    /// The column of a word.
    pub(crate) fn of_word(word: &str) -> Option<Self> {
        std::iter::once(Self::Title).chain(Self::CHOICE).find(|column| column.word() == word)
    }

    /// Numbers are read from the greatest on.
    pub(crate) const fn greatest_first(self) -> bool {
        matches!(self, Self::Points | Self::Impact | Self::Win | Self::People | Self::Regressed)
    }

    /// Whether it holds numbers.
    pub(crate) const fn is_number(self) -> bool {
        matches!(self, Self::Points | Self::Impact | Self::Win)
    }

    /// The order of two actions by this column. What has no value comes last in either direction.
    pub(crate) fn order(self, one: &Listed<'_>, other: &Listed<'_>, down: bool) -> Ordering {
        let numbers = |of: fn(&Listed<'_>) -> Option<f64>| present(of(one), of(other), down, f64::total_cmp);
        let texts = |of: &dyn Fn(&Listed<'_>) -> String| {
            let text = |listed: &Listed<'_>| Some(of(listed).to_lowercase()).filter(|text| !text.is_empty());
            present(text(one), text(other), down, Ord::cmp)
        };
        match self {
            Self::Title => texts(&|listed| listed.action.control.title.clone()),
            Self::Outcome => present(Some(rank(one)), Some(rank(other)), down, Ord::cmp),
            Self::Status => texts(&|listed| words::status_name(listed.action.status).to_owned()),
            Self::Points => numbers(|listed| listed.action.control.score),
            Self::Impact => numbers(|listed| listed.action.control.max_score.map(|_| listed.action.impact_percent)),
            Self::Win => numbers(|listed| listed.action.control.max_score.map(|_| listed.action.to_win)),
            Self::People => present(one.action.open, other.action.open, down, Ord::cmp),
            Self::Effort => present(one.effort(), other.effort(), down, Ord::cmp),
            Self::UserImpact => present(one.user_impact(), other.user_impact(), down, Ord::cmp),
            Self::License => texts(&|listed| license(listed).unwrap_or_default()),
            Self::Regressed => numbers(|listed| listed.lost),
            Self::Owner => texts(&|listed| listed.action.decided.owner.clone()),
            Self::Due => present(one.action.decided.due, other.action.decided.due, down, Ord::cmp),
            Self::Tags => texts(&|listed| listed.action.decided.tags.join(", ")),
            Self::Frameworks => texts(&|listed| listed.frameworks().join(", ")),
            Self::Area => texts(&|listed| listed.area()),
            Self::Set => present(Some(one.action.control.set), Some(other.action.control.set), down, Ord::cmp),
        }
    }

    /// What it says of an action.
    pub(crate) fn cell(self, t: Texts, listed: &Listed<'_>) -> Cell {
        let (action, control) = (&listed.action, listed.action.control);
        let plain = |text: String| Cell { label: t.say(self.key()), text, number: self.is_number(), ..Cell::default() };
        let named = |text: String| Cell { name: true, ..plain(text) };
        match self {
            Self::Title => named(control.title.clone()),
            Self::Outcome => Cell {
                chip: shown::outcome_class(control.outcome),
                small: listed.missing(t),
                ..plain(moves::outcome(control).to_owned())
            },
            Self::Status => Cell { small: listed.until(t), ..plain(words::status_name(action.status).to_owned()) },
            Self::Points => Cell {
                small: control
                    .score
                    .and_then(|_| moves::points_span(control.score_at_least, control.score_at_most))
                    .map(|ends| t.with("actions-points-proven", &[("ends", (&ends).into())]))
                    .unwrap_or_default(),
                ..plain(match (control.score, control.max_score) {
                    (Some(score), Some(max)) => t.with(
                        "actions-points-of",
                        &[("score", (&moves::points(score)).into()), ("max", (&moves::points(max)).into())],
                    ),
                    _ => t.say("actions-none"),
                })
            },
            Self::Impact => plain(
                control.max_score.map_or_else(|| t.say("actions-none"), |_| moves::percent(action.impact_percent)),
            ),
            Self::Win => plain(match control.max_score {
                Some(_) if moves::fell(action.to_win, 0.0) => format!("+{}", moves::points(action.to_win)),
                Some(_) => "0".to_owned(),
                None => t.say("actions-none"),
            }),
            Self::People => {
                let (text, small) = listed.people(t);
                Cell { small, ..plain(text) }
            }
            Self::Effort => plain(listed.effort().map(words::level).unwrap_or_default().to_owned()),
            Self::UserImpact => plain(listed.user_impact().map(words::level).unwrap_or_default().to_owned()),
            Self::License => Cell {
                small: owned(t, listed),
                ..plain(license(listed).unwrap_or_else(|| t.say("actions-license-none")))
            },
            Self::Regressed => plain(listed.regressed(t).unwrap_or_else(|| t.say("actions-none"))),
            Self::Owner if action.decided.owner.is_empty() => plain(t.say("actions-none")),
            Self::Owner => named(action.decided.owner.clone()),
            Self::Due => Cell {
                small: if action.overdue { t.say("actions-overdue") } else { String::new() },
                day: true,
                ..plain(action.decided.due.map_or_else(|| t.say("actions-none"), |due| due.to_string()))
            },
            Self::Tags if action.decided.tags.is_empty() => plain(t.say("actions-none")),
            Self::Tags => named(action.decided.tags.join(", ")),
            Self::Frameworks => {
                let frameworks = listed.frameworks();
                plain(if frameworks.is_empty() { t.say("actions-none") } else { frameworks.join(", ") })
            }
            Self::Area => plain(super::list::area_name(&listed.area())),
            Self::Set => plain(words::set(control.set).to_owned()),
        }
    }
}

/// What comes first when outcomes are sorted: what is worst.
fn rank(listed: &Listed<'_>) -> usize {
    match listed.action.control.outcome {
        Outcome::NotMet => 0,
        Outcome::Partial => 1,
        Outcome::NotAssessed => 2,
        Outcome::Met => 3,
        Outcome::NotApplicable => 4,
    }
}

fn present<T>(one: Option<T>, other: Option<T>, down: bool, order: impl Fn(&T, &T) -> Ordering) -> Ordering {
    match (one, other) {
        (Some(one), Some(other)) if down => order(&other, &one),
        (Some(one), Some(other)) => order(&one, &other),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    }
}

/// "Entra ID P2"; none where none is needed.
pub(crate) fn license(listed: &Listed<'_>) -> Option<String> {
    let needed = listed.action.known.and_then(|known| known.license.iter().max().copied());
    let needed = needed.map(|license| match license {
        License::P1 => "P1".to_owned(),
        License::P2 => "P2".to_owned(),
    });
    needed.or_else(|| listed.action.control.needs_license.clone()).map(|license| format!("Entra ID {license}"))
}

fn owned(t: Texts, listed: &Listed<'_>) -> String {
    if license(listed).is_none() {
        return String::new();
    }
    match listed.action.license_owned {
        Some(true) => t.say("actions-license-owned"),
        Some(false) => t.say("actions-license-missing"),
        None => t.say("actions-license-unknown"),
    }
}

/// The word of a level in an address.
pub(crate) const fn level_word(level: Level) -> &'static str {
    match level {
        Level::None => "none",
        Level::Low => "low",
        Level::Moderate => "moderate",
        Level::High => "high",
    }
}
