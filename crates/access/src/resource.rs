//! What a sign-in goes to: apps, suites of apps, user actions and authentication contexts, as atoms.

use std::collections::BTreeSet;

use crate::policy::Apps;

/// *Windows Azure Active Directory*: what a sign-in goes to that asks only for baseline scopes.
pub(crate) const BASELINE: &str = "00000002-0000-0000-c000-000000000000";
/// Azure management.
pub(crate) const AZURE_MANAGEMENT: &str = "797f4846-ba00-4fd7-ba43-dac1f8f63013";
const MICROSOFT_GRAPH: &str = "00000003-0000-0000-c000-000000000000";

/// A suite of Microsoft apps, whose published list of members grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Suite {
    Office365,
    AdminPortals,
}

/// Members of Office 365 that we are sure of.
const OFFICE: [&str; 9] = [
    "00000002-0000-0ff1-ce00-000000000000", // Exchange Online
    "00000003-0000-0ff1-ce00-000000000000", // SharePoint Online
    "00000004-0000-0ff1-ce00-000000000000", // Skype for Business Online
    "00000005-0000-0ff1-ce00-000000000000", // Yammer
    "cc15fd57-2c6c-4117-a88c-83b1d56b4bbe", // Teams
    "09abbdfd-ed23-44ee-a2d9-a627aa1c90f3", // Planner
    "c9a559d2-7aab-4f13-a6ed-e7e9c52aec87", // Forms
    "905fcf26-4eb7-48a0-9ff0-8dcc7194b5ba", // Sway
    "2634dd23-5e5a-431c-81ca-11710d9079f4", // Stream
];

/// The Azure portal, the one member of the admin portals that we are sure of.
const AZURE_PORTAL: &str = "c44b4083-3bb0-49c1-b47d-974e53cbdf3c";

impl Suite {
    pub(crate) const ALL: [Suite; 2] = [Suite::Office365, Suite::AdminPortals];

    /// Graph's keyword.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Suite::Office365 => "Office365",
            Suite::AdminPortals => "MicrosoftAdminPortals",
        }
    }

    fn from_word(word: &str) -> Option<Suite> {
        Suite::ALL.into_iter().find(|suite| suite.word().eq_ignore_ascii_case(word))
    }

    /// Whether an app belongs to the suite, where that is known.
    pub(crate) fn holds(self, app: &str) -> Option<bool> {
        let home = match app {
            BASELINE | AZURE_MANAGEMENT | MICROSOFT_GRAPH => None,
            AZURE_PORTAL => Some(Suite::AdminPortals),
            _ if OFFICE.contains(&app) => Some(Suite::Office365),
            _ => return None,
        };
        Some(home == Some(self))
    }
}

/// A word of `includeApplications` or `excludeApplications`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AppWord<'a> {
    All,
    None,
    Suite(Suite),
    /// `AllAgentIdResources`: agents as what is signed in to, and no other app.
    Agents,
    Id(&'a str),
    /// A word that we don't know.
    Unknown(&'a str),
}

impl AppWord<'_> {
    pub(crate) fn of(word: &str) -> AppWord<'_> {
        if word.eq_ignore_ascii_case("All") {
            AppWord::All
        } else if word.eq_ignore_ascii_case("None") {
            AppWord::None
        } else if let Some(suite) = Suite::from_word(word) {
            AppWord::Suite(suite)
        } else if word.eq_ignore_ascii_case("AllAgentIdResources") {
            AppWord::Agents
        } else if crate::json::is_guid(word) {
            AppWord::Id(word)
        } else {
            AppWord::Unknown(word)
        }
    }
}

/// Whether a user action is one that we know.
pub(crate) fn is_known_action(action: &str) -> bool {
    ["urn:user:registersecurityinfo", "urn:user:registerdevice"].iter().any(|known| known.eq_ignore_ascii_case(action))
}

/// One atom of the dimension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Resource {
    pub(crate) kind: ResourceKind,
    /// Suites that hold it.
    pub(crate) suites: Vec<Suite>,
    /// Atoms of one app that differ only in suites that may or may not hold it have the same number.
    pub(crate) group: usize,
    /// It is one of several such atoms: one of them is real, and nobody knows which.
    pub(crate) hypothetical: bool,
}

/// What an atom stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ResourceKind {
    App(String),
    /// The members of a suite that are not named themselves.
    Suite(Suite),
    /// Agents.
    Agents,
    /// Every app that is not named.
    OtherApp,
    UserAction(String),
    Context(String),
}

impl Resource {
    pub(crate) fn is_app(&self) -> bool {
        matches!(
            self.kind,
            ResourceKind::App(_) | ResourceKind::Suite(_) | ResourceKind::Agents | ResourceKind::OtherApp
        )
    }

    /// Whether a word of an app list that is understood means this atom.
    pub(crate) fn matches(&self, word: &AppWord<'_>) -> bool {
        match word {
            AppWord::All => self.is_app(),
            AppWord::Suite(suite) => self.suites.contains(suite),
            AppWord::Agents => self.kind == ResourceKind::Agents,
            AppWord::Id(id) => matches!(&self.kind, ResourceKind::App(own) if own == id),
            AppWord::None | AppWord::Unknown(_) => false,
        }
    }
}

/// The atoms that policies (and the region) tell apart.
/// `outside_suites` are apps that no suite holds.
pub(crate) fn atoms<'a>(
    policies: impl Iterator<Item = &'a Apps>,
    region: &[String],
    actions: &[String],
    outside_suites: &BTreeSet<String>,
) -> Vec<Resource> {
    let mut ids = BTreeSet::from([BASELINE.to_owned()]);
    let mut suites = BTreeSet::new();
    let mut user_actions: BTreeSet<String> = actions.iter().map(|action| action.to_ascii_lowercase()).collect();
    let mut contexts = BTreeSet::new();
    let mut agents = false;
    let mut name = |word: &str| match AppWord::of(word) {
        AppWord::Suite(suite) => {
            suites.insert(suite);
        }
        AppWord::Id(id) => {
            ids.insert(id.to_owned());
        }
        AppWord::Agents => agents = true,
        AppWord::All | AppWord::None | AppWord::Unknown(_) => {}
    };
    region.iter().for_each(|word| name(word));
    for apps in policies {
        apps.include.iter().chain(&apps.exclude).for_each(|word| name(word));
        user_actions.extend(apps.user_actions.iter().map(|action| action.to_ascii_lowercase()));
        contexts.extend(apps.contexts.iter().cloned());
    }

    let mut found = Vec::new();
    let mut group = 0;
    let mut push = |kind: ResourceKind, variants: Vec<Vec<Suite>>| {
        let hypothetical = variants.len() > 1;
        found.extend(variants.into_iter().map(|suites| Resource { kind: kind.clone(), suites, group, hypothetical }));
        group += 1;
    };
    for id in ids {
        let mut variants = vec![Vec::new()];
        for suite in &suites {
            let with = |mut held: Vec<Suite>| {
                held.push(*suite);
                held
            };
            match suite.holds(&id) {
                _ if outside_suites.contains(&id) => {}
                Some(false) => {}
                Some(true) => variants = variants.into_iter().map(with).collect(),
                None => variants.extend(variants.clone().into_iter().map(with).collect::<Vec<_>>()),
            }
        }
        push(ResourceKind::App(id), variants);
    }
    for suite in suites {
        push(ResourceKind::Suite(suite), vec![vec![suite]]);
    }
    if agents {
        push(ResourceKind::Agents, vec![Vec::new()]);
    }
    push(ResourceKind::OtherApp, vec![Vec::new()]);
    for action in user_actions {
        push(ResourceKind::UserAction(action), vec![Vec::new()]);
    }
    for context in contexts {
        push(ResourceKind::Context(context), vec![Vec::new()]);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_that_may_belong_to_a_suite_is_tried_both_ways() {
        let apps = Apps {
            include: vec!["Office365".to_owned(), "11111111-1111-1111-1111-111111111111".to_owned()],
            ..Apps::default()
        };
        let found = atoms([&apps].into_iter(), &[], &[], &BTreeSet::new());
        let tried: Vec<usize> = found.iter().filter(|atom| atom.hypothetical).map(|atom| atom.suites.len()).collect();
        assert_eq!(tried, [0, 1]);
    }

    #[test]
    fn azure_management_and_exchange_are_not_guessed_about() {
        assert_eq!(Suite::Office365.holds(AZURE_MANAGEMENT), Some(false));
        assert_eq!(Suite::Office365.holds("00000002-0000-0ff1-ce00-000000000000"), Some(true));
        assert_eq!(Suite::AdminPortals.holds("11111111-1111-1111-1111-111111111111"), None);
    }
}
