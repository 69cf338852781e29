//! The way in: policies once, a directory once, then one proof per protection.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::{Answer, Bounds, Directory, Proofs, Protection, RoleHolders, Settings};

/// Which policies count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum States {
    /// Enabled ones. Report-only policies are evaluated by Entra and never enforced.
    #[default]
    Enabled,
    /// The what-if: report-only policies as if they were enabled.
    EnabledAndReportOnly,
}

/// Ids that policies name (in any state but `disabled`); GUIDs in lower case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Referenced {
    /// Users.
    pub users: BTreeSet<String>,
    /// Groups.
    pub groups: BTreeSet<String>,
    /// Role templates.
    pub roles: BTreeSet<String>,
    /// Named locations.
    pub locations: BTreeSet<String>,
    /// Authentication strengths.
    pub strengths: BTreeSet<String>,
    /// Of `strengths`, those whose combinations neither the policy nor the list of strengths carries.
    pub strengths_without_combinations: BTreeSet<String>,
    /// Apps.
    pub applications: BTreeSet<String>,
}

/// A reference that resolves to nothing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dangling {
    /// The policy's name.
    pub policy: String,
    /// `user`, `group` or `location`.
    pub kind: &'static str,
    /// The id.
    pub id: String,
    /// Whether it excludes (harmless) or includes (a hole).
    pub excluded: bool,
}

/// The Conditional Access policies of a tenant, read with certain settings.
#[derive(Debug)]
pub struct Access {
    settings: Settings,
    states: States,
}

impl Access {
    /// Reads policies, named locations and authentication strengths as Graph (or PowerShell) spells them. `None` means
    /// that the data set was not read. Nothing is refused: what can't be understood makes answers unknown, and is
    /// told by [`Access::warnings`].
    #[must_use]
    pub fn new(
        policies: &[Value],
        locations: Option<&[Value]>,
        strengths: Option<&[Value]>,
        settings: Settings,
    ) -> Access {
        let _ = (policies, locations, strengths);
        Access { settings, states: States::Enabled }
    }

    /// The same policies, counting those in other states.
    #[must_use]
    pub fn counting(mut self, states: States) -> Access {
        self.states = states;
        self
    }

    /// What policies name, to know what must be loaded.
    #[must_use]
    pub fn referenced(&self) -> Referenced {
        Referenced::default()
    }

    /// What a reader of the result should know about the policies.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &[]
    }

    /// Resolves who is in scope of which policy.
    #[must_use]
    pub fn prepare<'a>(&'a self, directory: &'a Directory) -> Prepared<'a> {
        Prepared { access: self, directory, roles: BTreeMap::new() }
    }
}

/// Policies and a directory together, ready to prove.
#[derive(Debug)]
pub struct Prepared<'a> {
    access: &'a Access,
    directory: &'a Directory,
    roles: BTreeMap<String, RoleHolders>,
}

impl Prepared<'_> {
    /// Decides one protection for every user.
    #[must_use]
    pub fn prove(&self, protection: &Protection) -> Proofs {
        let _ = (&self.access.settings, protection);
        Proofs {
            answers: vec![Answer { unknown: Some("not decided".to_owned()), ..Answer::default() }],
            answer_of_user: vec![0; self.directory.user_count as usize],
            ..Proofs::default()
        }
    }

    /// Decides one protection for external users of all six kinds and every home tenant, including those that have no
    /// user object: the second half of the guest check.
    #[must_use]
    pub fn prove_external_users(&self, protection: &Protection) -> Answer {
        let _ = protection;
        Answer { unknown: Some("not decided".to_owned()), ..Answer::default() }
    }

    /// Role template id (definition id for custom roles) → who holds it.
    #[must_use]
    pub fn role_holders(&self) -> &BTreeMap<String, RoleHolders> {
        &self.roles
    }

    /// The users in a group, directly or through other groups.
    #[must_use]
    pub fn group_members(&self, group_id: &str) -> Bounds {
        let _ = group_id;
        Bounds::default()
    }

    /// References that resolve to nothing.
    #[must_use]
    pub fn dangling(&self) -> Vec<Dangling> {
        Vec::new()
    }
}
