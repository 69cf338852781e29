//! The way in: policies once, a directory once, then one proof per protection.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use serde_json::Value;

use crate::also::SecurityDefaults;
use crate::location::{Found, Locations};
use crate::logic::any;
use crate::policy::{Absent, Control, Policy, State};
use crate::resource::AppWord;
use crate::roles::Roles;
use crate::scope::{Dangling, Scope, View};
use crate::signature::Signatures;
use crate::strength::Strengths;
use crate::{Bounds, Directory, EligibleAdmins, Names, Protection, RoleHolders, Settings};

/// Which policies count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum States {
    /// Enabled ones. Report-only policies are evaluated by Entra and never enforced.
    #[default]
    Enabled,
    /// The what-if: report-only policies as if they were enabled.
    EnabledAndReportOnly,
}

/// Ids that policies name (in any state but `disabled`), or names in place of them; GUIDs in lower case.
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

/// The Conditional Access policies of a tenant, read with certain settings.
#[derive(Debug)]
pub struct Access {
    settings: Settings,
    states: States,
    policies: Vec<Policy>,
    names: Vec<String>,
    locations: Locations,
    warnings: Vec<String>,
    outside_suites: BTreeSet<String>,
}

impl Access {
    /// Reads policies, named locations and authentication strengths as Graph (or PowerShell) spells them. `None` means
    /// that the data set was not read. Nothing is refused: what can't be understood makes answers unknown, and is
    /// told by [`Access::warnings`].
    ///
    /// Members that one policy lacks are read by what the others carry: with one null or empty list anywhere, nothing empty
    /// was left out, so what is absent is unknown.
    #[must_use]
    pub fn new(
        policies: &[Value],
        locations: Option<&[Value]>,
        strengths: Option<&[Value]>,
        settings: Settings,
    ) -> Access {
        let strengths = Strengths::read(strengths.unwrap_or_default());
        let absent = Absent::of(policies);
        let policies: Vec<Policy> = policies.iter().map(|value| Policy::read(value, &strengths, absent)).collect();
        Access {
            settings,
            states: States::Enabled,
            names: policies.iter().map(|policy| policy.name.clone()).collect(),
            locations: Locations::read(locations),
            warnings: policies.iter().filter(|policy| policy.state != State::Disabled).flat_map(warnings_of).collect(),
            outside_suites: BTreeSet::new(),
            policies,
        }
    }

    /// The same policies, with locations from an endpoint that serves every kind of them. Elsewhere an id that is not found
    /// may be of a kind that only beta serves.
    #[must_use]
    pub fn with_every_kind_of_location(mut self, every_kind: bool) -> Access {
        self.locations.every_kind = every_kind;
        self
    }

    /// The same policies, knowing names of apps that may stand in place of their ids.
    #[must_use]
    pub fn with_app_names(mut self, names: &Names) -> Access {
        for policy in &mut self.policies {
            for word in policy.apps.include.iter_mut().chain(&mut policy.apps.exclude) {
                if let AppWord::Unknown(name) = AppWord::of(word)
                    && let Some(id) = names.id_of(name)
                {
                    *word = id.to_owned();
                }
            }
        }
        self
    }

    /// Words in place of app ids that mean nothing by themselves; they may be names.
    #[must_use]
    pub fn unknown_apps(&self) -> BTreeSet<String> {
        let words = self.policies.iter().flat_map(|policy| policy.apps.include.iter().chain(&policy.apps.exclude));
        words.filter(|word| matches!(AppWord::of(word), AppWord::Unknown(_))).cloned().collect()
    }

    /// The same policies, knowing apps that are not Microsoft's, such as those registered in the tenant: Office 365 and the
    /// admin portals don't hold them. Of other apps that policies name it is often unknown.
    #[must_use]
    pub fn with_apps_outside_suites(mut self, app_ids: impl IntoIterator<Item = String>) -> Access {
        self.outside_suites.extend(app_ids.into_iter().map(|id| crate::json::normal_id(&id)));
        self
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
        let mut found = Referenced::default();
        for policy in self.policies.iter().filter(|policy| policy.state != State::Disabled) {
            for side in [&policy.include, &policy.exclude] {
                found.users.extend(side.users.iter().filter(|id| !crate::scope::is_user_keyword(id)).cloned());
                found.groups.extend(side.groups.iter().cloned());
                found.roles.extend(side.roles.iter().cloned());
            }
            let places = policy.locations.include.iter().chain(&policy.locations.exclude);
            found.locations.extend(places.filter(|id| !crate::space::is_location_keyword(id)).cloned());
            let apps = policy.apps.include.iter().chain(&policy.apps.exclude);
            found.applications.extend(apps.filter(|id| matches!(AppWord::of(id), AppWord::Id(_))).cloned());
            for control in &policy.grant.controls {
                if let Control::Strength(strength) = control {
                    found.strengths.insert(strength.id.clone());
                    if strength.phishing_resistant.is_none() {
                        found.strengths_without_combinations.insert(strength.id.clone());
                    }
                }
            }
        }
        found
    }

    /// What a reader of the result should know about the policies.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Resolves who is in scope of which policy.
    #[must_use]
    pub fn prepare<'a>(&'a self, directory: &'a Directory) -> Prepared<'a> {
        Prepared { roles: Roles::of(directory), access: self, directory, views: [const { OnceLock::new() }; 4] }
    }

    fn counts(&self, policy: &Policy) -> bool {
        match policy.state {
            State::Enabled | State::Unknown => true,
            State::ReportOnly => self.states == States::EnabledAndReportOnly,
            State::Disabled => false,
        }
    }
}

/// What a policy should say and doesn't.
fn missing_of(policy: &Policy) -> impl Iterator<Item = &String> {
    let Policy { include, exclude, apps, platforms, locations, .. } = policy;
    let parts = [
        &policy.unknown_client_apps,
        &include.unknown,
        &include.unknown_principals,
        &exclude.unknown,
        &exclude.unknown_principals,
        &apps.unknown_include,
        &apps.unknown_exclude,
        &apps.unknown_actions,
        &platforms.unknown_include,
        &platforms.unknown_exclude,
        &locations.unknown_include,
        &locations.unknown_exclude,
    ];
    let lost = parts.into_iter().flatten().filter(|reason| reason.ends_with("in the export"));
    lost.collect::<BTreeSet<_>>().into_iter()
}

fn warnings_of(policy: &Policy) -> Vec<String> {
    let mut found: Vec<String> = policy
        .unknown_conditions
        .iter()
        .map(|name| format!("policy “{}”: the condition `{name}` can't be interpreted", policy.name))
        .collect();
    if policy.state == State::Unknown {
        found.push(format!("policy “{}”: its state can't be interpreted", policy.name));
    }
    found.extend(missing_of(policy).map(|reason| format!("policy “{}”: {reason}", policy.name)));
    found.extend(policy.grant.controls.iter().filter_map(|control| match control {
        Control::Unknown(reason) => Some(format!("policy “{}”: {reason}", policy.name)),
        _ => None,
    }));
    found
}

/// Policies and a directory together, ready to prove.
#[derive(Debug)]
pub struct Prepared<'a> {
    access: &'a Access,
    directory: &'a Directory,
    roles: Roles,
    /// Users as they are, as activated, and both without exclusions; each is made when it is first asked for.
    views: [OnceLock<Viewed>; 4],
}

/// Who is in scope of which policy, seen in one way.
#[derive(Debug)]
pub(crate) struct Viewed {
    pub(crate) signatures: Signatures,
    /// Policy → why its users are not exactly known.
    pub(crate) scope_reasons: Vec<Vec<String>>,
}

impl Prepared<'_> {
    /// Role template id (definition id for custom roles) → who holds it. Roles without any assignment are not in it;
    /// see [`Prepared::holders`].
    #[must_use]
    pub fn role_holders(&self) -> &BTreeMap<String, RoleHolders> {
        &self.roles.holders
    }

    /// Who holds a role, by its template id: nobody when no assignment was found, possibly anybody when the assignments
    /// were not read.
    #[must_use]
    pub fn holders(&self, role_template_id: &str) -> &RoleHolders {
        self.roles.of_role(role_template_id)
    }

    /// The users in a group, directly or through other groups.
    #[must_use]
    pub fn group_members(&self, group_id: &str) -> Bounds {
        self.directory.closure(self.directory.group(group_id), false)
    }

    /// References of policies (in any state but `disabled`) that resolve to nothing.
    #[must_use]
    pub fn dangling(&self) -> Vec<Dangling> {
        let mut found = Vec::new();
        for policy in self.access.policies.iter().filter(|policy| policy.state != State::Disabled) {
            found.extend(crate::scope::dangling(policy, self.directory));
            for (words, excluded) in [(&policy.locations.include, false), (&policy.locations.exclude, true)] {
                for id in words.iter().filter(|id| self.is_dead_location(id)) {
                    found.push(Dangling { policy: policy.name.clone(), kind: "location", id: id.clone(), excluded });
                }
            }
        }
        found
    }

    fn is_dead_location(&self, word: &str) -> bool {
        !crate::space::is_location_keyword(word) && self.access.locations.find(word) == Found::Deleted
    }

    /// What a reader should know about policies and directory together.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let mut found = Vec::new();
        if self.directory.security_defaults == Some(true) && self.any_policy_enabled() == Some(true) {
            found.push(
                "security defaults and Conditional Access policies are both reported as on; the policies win"
                    .to_owned(),
            );
        }
        found
    }

    /// Whether some policy counts; `None` where one of unknown state may.
    fn any_policy_enabled(&self) -> Option<bool> {
        any(self.access.policies.iter().filter(|policy| self.access.counts(policy)).map(|policy| match policy.state {
            State::Unknown => None,
            _ => Some(true),
        }))
    }

    pub(crate) fn security_defaults(&self) -> SecurityDefaults {
        SecurityDefaults::of(self.directory, self.any_policy_enabled())
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.access.settings
    }

    pub(crate) fn directory(&self) -> &Directory {
        self.directory
    }

    pub(crate) fn roles(&self) -> &Roles {
        &self.roles
    }

    pub(crate) fn locations(&self) -> &Locations {
        &self.access.locations
    }

    pub(crate) fn outside_suites(&self) -> &BTreeSet<String> {
        &self.access.outside_suites
    }

    pub(crate) fn names(&self) -> &[String] {
        &self.access.names
    }

    pub(crate) fn policies(&self) -> &[Policy] {
        &self.access.policies
    }

    pub(crate) fn policy(&self, index: usize) -> &Policy {
        &self.access.policies[index]
    }

    /// The policies that count, with their indexes.
    pub(crate) fn counted(&self) -> Vec<(usize, &Policy)> {
        self.access.policies.iter().enumerate().filter(|(_, policy)| self.access.counts(policy)).collect()
    }

    /// Whether administrators are judged as activated.
    pub(crate) fn activated(&self, protection: &Protection) -> bool {
        protection.as_activated && self.access.settings.eligible_admins == EligibleAdmins::AsActivated
    }

    pub(crate) fn viewed(&self, protection: &Protection) -> &Viewed {
        let counted = self.counted();
        // Policies without roles look at everybody as they are.
        let by_role =
            counted.iter().any(|(_, policy)| !policy.include.roles.is_empty() || !policy.exclude.roles.is_empty());
        let view = View {
            activated: self.activated(protection) && by_role,
            without_exclusions: protection.without_exclusions,
        };
        let at = usize::from(view.activated) + 2 * usize::from(view.without_exclusions);
        self.views[at].get_or_init(|| {
            let scopes: Vec<Scope> = self
                .access
                .policies
                .iter()
                .map(|policy| {
                    if self.access.counts(policy) {
                        Scope::of(policy, self.directory, &self.roles, view)
                    } else {
                        Scope::default()
                    }
                })
                .collect();
            Viewed {
                signatures: Signatures::of(&scopes, self.directory.user_count),
                scope_reasons: scopes.into_iter().map(|scope| scope.reasons).collect(),
            }
        })
    }
}
