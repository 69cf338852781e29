//! The words that files may use where only some are allowed.

use idscore_score::{License, Outcome, Profile, Scoring, Set};

use crate::control::{ControlStatus, Level};

/// A word and what it stands for.
pub(crate) type Words<T> = [(&'static str, T)];

pub(crate) const SETS: &Words<Set> = &[("core", Set::Core), ("extended", Set::Extended)];
pub(crate) const SCORINGS: &Words<Scoring> = &[
    ("partial", Scoring::Partial),
    ("binary", Scoring::Binary),
    ("graded", Scoring::Graded),
    ("task", Scoring::Task),
    ("attested", Scoring::Attested),
];
pub(crate) const STATUSES: &Words<ControlStatus> = &[
    ("preview", ControlStatus::Preview),
    ("stable", ControlStatus::Stable),
    ("deprecated", ControlStatus::Deprecated),
];
pub(crate) const LEVELS: &Words<Level> =
    &[("none", Level::None), ("low", Level::Low), ("moderate", Level::Moderate), ("high", Level::High)];
pub(crate) const LICENSES: &Words<License> = &[("P1", License::P1), ("P2", License::P2)];
pub(crate) const PROFILES: &Words<Profile> =
    &[("compat", Profile::Compat), ("standard", Profile::Standard), ("strict", Profile::Strict)];
pub(crate) const OUTCOMES: &Words<Outcome> = &[
    ("met", Outcome::Met),
    ("partial", Outcome::Partial),
    ("notMet", Outcome::NotMet),
    ("notApplicable", Outcome::NotApplicable),
    ("notAssessed", Outcome::NotAssessed),
];
/// Graph's words for a control's tier.
pub(crate) const TIERS: &Words<()> = &[("core", ()), ("defenseInDepth", ()), ("advanced", ())];
/// Graph's words for what a control protects against.
pub(crate) const THREATS: &Words<()> = &[
    ("accountBreach", ()),
    ("dataDeletion", ()),
    ("dataExfiltration", ()),
    ("dataSpillage", ()),
    ("elevationOfPrivilege", ()),
    ("maliciousInsider", ()),
    ("passwordCracking", ()),
    ("phishingOrWhaling", ()),
    ("spoofing", ()),
];

/// What a word stands for.
pub(crate) fn meaning<T: Copy>(words: &Words<T>, word: &str) -> Option<T> {
    words.iter().find(|(known, _)| *known == word).map(|(_, meaning)| *meaning)
}

/// The word for a meaning.
pub(crate) fn word<T: Copy + PartialEq>(words: &Words<T>, meaning: T) -> &'static str {
    words.iter().find(|(_, known)| *known == meaning).map_or("", |(word, _)| *word)
}
