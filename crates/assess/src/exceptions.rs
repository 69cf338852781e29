//! Who is left out of populations, and whether a declared break-glass account deserves it.

use std::collections::{BTreeMap, BTreeSet};

use idscore_access::logic::{all, any};
use idscore_access::{Bounds, Prepared, is_guid};
use idscore_catalogue::roles::GLOBAL_ADMINISTRATOR;
use jiff::Timestamp;
use roaring::RoaringBitmap;
use serde_json::Value;

use crate::configuration::{Configuration, DeclaredObject, stands};
use crate::directory::Assignment;
use crate::facts::{Person, UserFacts};
use crate::roles::RoleSets;
use crate::sign_ins::never_signed_in;

/// The most break-glass accounts that standard leaves out.
const MOST_BREAK_GLASS_ACCOUNTS: usize = 4;
/// Within this time before the snapshot a break-glass account must have been tested.
const TESTED_WITHIN_DAYS: i64 = 90;
const DAY: i64 = 86_400_000_000;

/// Users that are left out of populations, by the reason.
#[derive(Debug, Default)]
pub(crate) struct Exceptions {
    pub excepted: RoaringBitmap,
    /// Users who would be left out too, if what was not read turned out so. They stay in: floor and ceiling count them as
    /// unknown.
    pub perhaps_excepted: RoaringBitmap,
    /// Users who may be among the declared break-glass accounts.
    pub perhaps_break_glass: RoaringBitmap,
    /// `breakGlass`, `service`, `agent`, `directorySync`, `unlicensed`: every user of that kind, left out or not.
    pub kinds: BTreeMap<&'static str, RoaringBitmap>,
    /// The result of the monitored rule for each declared break-glass account.
    pub break_glass: BTreeMap<u32, BreakGlass>,
    /// Declared object id → what it did to this result.
    pub effects: BTreeMap<String, String>,
}

/// What the monitored rule says of one account.
#[derive(Debug, Clone, Default)]
pub(crate) struct BreakGlass {
    pub failures: Vec<String>,
    pub unknown: Vec<String>,
    pub warnings: Vec<String>,
}

impl BreakGlass {
    /// TRUE passes, FALSE fails, `None` can't be checked.
    pub(crate) fn ok(&self) -> Option<bool> {
        match (self.failures.is_empty(), self.unknown.is_empty()) {
            (false, _) => Some(false),
            (true, true) => Some(true),
            (true, false) => None,
        }
    }

    /// What fails or can't be checked, in words.
    pub(crate) fn words(&self) -> Option<String> {
        let all = self.failures.iter().chain(&self.unknown).chain(&self.warnings).cloned().collect::<Vec<_>>();
        (!all.is_empty()).then(|| all.join("; "))
    }
}

/// What deciding about exceptions needs.
pub(crate) struct Ground<'a> {
    pub configuration: &'a Configuration,
    pub facts: &'a UserFacts,
    pub roles: &'a RoleSets,
    pub roles_read: bool,
    pub assignments: &'a [Assignment],
    pub policies: &'a [Value],
    pub policies_read: bool,
    pub prepared: &'a Prepared<'a>,
    pub taken_at: Timestamp,
}

impl Exceptions {
    pub(crate) fn decide(ground: &Ground<'_>) -> Self {
        let mut exceptions = Self::default();
        let configuration = ground.configuration;
        exceptions.put("agent", ground.facts.agents.clone(), true);
        exceptions.put(
            "directorySync",
            ground.roles.directory_sync.clone(),
            !configuration.directory_sync_in_population(),
        );
        if configuration.settings.exclude_unlicensed == Some(true) {
            let possible = &ground.facts.unlicensed | &ground.facts.perhaps_unlicensed;
            exceptions.put("unlicensed", Bounds { sure: ground.facts.unlicensed.clone(), possible }, true);
        }
        exceptions.service_accounts(ground);
        exceptions.break_glass(ground);
        exceptions.perhaps_excepted -= &exceptions.excepted;
        exceptions
    }

    fn put(&mut self, kind: &'static str, users: Bounds, left_out: bool) {
        if left_out {
            self.excepted |= &users.sure;
            self.perhaps_excepted |= &users.possible;
        }
        *self.kinds.entry(kind).or_default() |= users.sure;
    }

    fn service_accounts(&mut self, ground: &Ground<'_>) {
        let left_out = !ground.configuration.service_accounts_in_population();
        for declared in &ground.configuration.service_account {
            let Some(users) = self.standing(declared, ground) else { continue };
            if !users.sure.is_empty() {
                self.effects.insert(declared.id.clone(), effect(users.sure.len(), left_out));
            }
            self.put("service", users, left_out);
        }
    }

    fn break_glass(&mut self, ground: &Ground<'_>) {
        let mut declared_users = Bounds::default();
        let mut by_declaration = Vec::new();
        for declared in &ground.configuration.break_glass {
            if let Some(users) = self.standing(declared, ground) {
                declared_users.add(&users);
                by_declaration.push((declared, users.sure));
            }
        }
        let Bounds { sure: accounts, possible: perhaps } = declared_users;
        let too_many = |accounts: &RoaringBitmap| accounts.len() > MOST_BREAK_GLASS_ACCOUNTS as u64;
        for row in &accounts {
            let mut result = ground.monitored(row);
            if too_many(&accounts) {
                result.failures.push(format!("{} accounts are declared, at most 4 can be", accounts.len()));
            } else if too_many(&perhaps) {
                result.unknown.push(
                    "the members of a declared group were not read, and at most 4 accounts can be declared".to_owned(),
                );
            }
            self.break_glass.insert(row, result);
        }
        self.perhaps_break_glass = &perhaps - &accounts;
        let stays = ground.configuration.break_glass_in_population();
        for (declared, rows) in by_declaration.into_iter().filter(|(_, rows)| !rows.is_empty()) {
            let left_out: RoaringBitmap =
                rows.iter().filter(|row| self.break_glass.get(row).and_then(BreakGlass::ok) == Some(true)).collect();
            let effect = if stays {
                effect(rows.len(), false)
            } else {
                let reasons: BTreeSet<String> = (&rows - &left_out)
                    .iter()
                    .filter_map(|row| self.break_glass.get(&row).and_then(BreakGlass::words))
                    .collect();
                let reasons = reasons.into_iter().collect::<Vec<_>>().join("; ");
                match (left_out.len(), rows.len()) {
                    (all, of) if all == of => effect(all, true),
                    (some, of) => format!("{some} of {of} left out of the populations; stays in because {reasons}"),
                }
            };
            self.effects.insert(declared.id.clone(), effect);
            if !stays {
                self.excepted |= left_out;
            }
        }
        if !stays {
            let unchecked = self.break_glass.iter().filter(|(_, result)| result.ok().is_none());
            let unchecked: RoaringBitmap = unchecked.map(|(row, _)| *row).collect();
            self.perhaps_excepted |= &self.perhaps_break_glass | &unchecked;
        }
        *self.kinds.entry("breakGlass").or_default() |= accounts;
    }

    /// The users that a declaration names, itself or as a group; `None` (and an effect) when it has expired or names nobody.
    fn standing(&mut self, declared: &DeclaredObject, ground: &Ground<'_>) -> Option<Bounds> {
        if !stands(declared.expires, ground.taken_at) {
            self.effects.insert(declared.id.clone(), format!("none: expired on {}", declared.expires));
            return None;
        }
        let id = declared.id.to_ascii_lowercase();
        let users = match ground.facts.rows.get(&id) {
            Some(row) => Bounds::exactly(RoaringBitmap::from_iter([*row])),
            None => ground.prepared.group_members(&id),
        };
        if users.sure.is_empty() {
            let effect = if users.possible.is_empty() {
                "none: no such user or group"
            } else {
                "none yet: no such user, and no group whose members were read"
            };
            self.effects.insert(declared.id.clone(), effect.to_owned());
        }
        (!users.possible.is_empty()).then_some(users)
    }
}

fn effect(accounts: u64, left_out: bool) -> String {
    let what = if accounts == 1 { "1 account".to_owned() } else { format!("{accounts} accounts") };
    if left_out { format!("{what} left out of the populations") } else { format!("{what}, counted like any other") }
}

impl Ground<'_> {
    /// The monitored rule: cloud-only, on the initial domain, permanently active Global Administrator, a key or
    /// certificate registered, tested within 90 days, excluded from at least one blocking policy.
    fn monitored(&self, row: u32) -> BreakGlass {
        let mut result = BreakGlass::default();
        let Some(person) = self.facts.people.get(&row) else {
            result.unknown.push("its user object was not read".to_owned());
            return result;
        };
        if person.synchronised {
            result.failures.push("is synchronised from on premises".to_owned());
        }
        let mut ask = |answer: Option<bool>, failure: &str, unknown: &str| match answer {
            Some(true) => {}
            Some(false) => result.failures.push(failure.to_owned()),
            None => result.unknown.push(unknown.to_owned()),
        };
        ask(
            person.upn_on_initial_domain,
            "does not sign in on the `onmicrosoft.com` domain",
            "it is not known on which domain it signs in",
        );
        ask(
            self.permanent_global_admin(row, person),
            "is not permanently Global Administrator",
            "it is not known whether it is permanently Global Administrator",
        );
        ask(
            person.phishing_resistant_registered,
            "has no security key, passkey or certificate registered",
            "its registered methods were not read",
        );
        ask(
            self.tested(person),
            "was not tested (no successful sign-in) in the last 90 days",
            "its sign-in activity was not read",
        );
        ask(
            if self.policies_read { self.excluded_from_a_blocking_policy(row, person) } else { None },
            "is excluded from no blocking policy",
            "it is not known whether a blocking policy excludes it",
        );
        if person.mailbox_license == Some(true) {
            result.warnings.push("has a licence with a mailbox".to_owned());
        }
        result
    }

    fn permanent_global_admin(&self, row: u32, person: &Person) -> Option<bool> {
        if !self.roles_read {
            return None;
        }
        let global_admin = self.assignments.iter().filter(|assignment| {
            assignment.active && assignment.scope == "tenant" && assignment.role_template_id == GLOBAL_ADMINISTRATOR
        });
        let permanently = global_admin.map(|assignment| match self.is_held_by(assignment, row, person) {
            Some(true) => assignment.permanent,
            Some(false) => Some(false),
            None => assignment.permanent.filter(|permanent| !permanent),
        });
        let holds_some = any(permanently);
        // An assignment that was not read may be one.
        let perhaps = &self.roles.global_admins.possible - &self.roles.global_admins.sure;
        if holds_some == Some(false) && perhaps.contains(row) { None } else { holds_some }
    }

    fn is_held_by(&self, assignment: &Assignment, row: u32, person: &Person) -> Option<bool> {
        if assignment.principal_id == person.id {
            return Some(true);
        }
        contains(&self.prepared.group_members(&assignment.principal_id), row)
    }

    fn tested(&self, person: &Person) -> Option<bool> {
        let taken_at = self.taken_at.as_microsecond();
        let since = taken_at.saturating_sub(TESTED_WITHIN_DAYS * DAY);
        match (person.last_successful_sign_in, person.last_successful_sign_in_carried) {
            (Some(at), _) => Some(at >= since),
            (None, carried) => never_signed_in(None, carried, taken_at).map(|never| !never),
        }
    }

    fn excluded_from_a_blocking_policy(&self, row: u32, person: &Person) -> Option<bool> {
        any(self.policies.iter().map(|policy| {
            let enabled = policy.get("state").and_then(Value::as_str).and_then(is_enabled);
            let blocks = texts(policy, "/grantControls/builtInControls").and_then(|controls| is_block(&controls));
            let by_id =
                texts(policy, "/conditions/users/excludeUsers").and_then(|users| names_user(&users, &person.id));
            let by_group = texts(policy, "/conditions/users/excludeGroups")
                .and_then(|groups| any(groups.iter().map(|group| contains(&self.prepared.group_members(group), row))));
            all([enabled, blocks, any([by_id, by_group])])
        }))
    }
}

/// The texts of a list in lower case; NULL where the list is not there.
fn texts(policy: &Value, pointer: &str) -> Option<Vec<String>> {
    let parent = pointer.rsplit_once('/').map(|(parent, _)| parent).unwrap_or_default();
    match policy.pointer(pointer) {
        Some(Value::Array(items)) => {
            Some(items.iter().filter_map(Value::as_str).map(str::to_ascii_lowercase).collect())
        }
        Some(Value::Null) => Some(Vec::new()),
        // Where Graph says that there is no part, there is no list in it.
        None if policy.pointer(parent).is_some_and(Value::is_null) => Some(Vec::new()),
        _ => None,
    }
}

/// Whether a policy with these controls blocks; NULL where a word never seen, or a blank, may say so.
fn is_block(controls: &[String]) -> Option<bool> {
    const OTHER: [&str; 7] = [
        "approvedapplication",
        "compliantapplication",
        "compliantdevice",
        "domainjoineddevice",
        "mfa",
        "passwordchange",
        "riskremediation",
    ];
    any(controls.iter().map(|control| match control.as_str() {
        "block" => Some(true),
        other => OTHER.contains(&other).then_some(false),
    }))
}

/// Whether a list of users names one; NULL where a text in it is neither an id nor a word.
fn names_user(users: &[String], id: &str) -> Option<bool> {
    any(users.iter().map(|user| match user.as_str() {
        "none" | "guestsorexternalusers" | "allagentidusers" => Some(false),
        user if user == id => Some(true),
        user => is_guid(user).then_some(false),
    }))
}

fn is_enabled(state: &str) -> Option<bool> {
    match state.to_ascii_lowercase().as_str() {
        "enabled" => Some(true),
        "disabled" | "enabledforreportingbutnotenforced" => Some(false),
        _ => None,
    }
}

fn contains(users: &Bounds, row: u32) -> Option<bool> {
    if users.sure.contains(row) { Some(true) } else { (!users.possible.contains(row)).then_some(false) }
}
