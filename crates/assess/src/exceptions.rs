//! Who is left out of populations, and whether a declared break-glass account deserves it.

use std::collections::{BTreeMap, BTreeSet};

use idscore_access::Prepared;
use idscore_catalogue::roles::GLOBAL_ADMINISTRATOR;
use jiff::Timestamp;
use roaring::RoaringBitmap;
use serde_json::Value;

use crate::configuration::{Configuration, DeclaredObject, stands};
use crate::directory::Assignment;
use crate::facts::{Person, UserFacts};
use crate::roles::RoleSets;

/// The most break-glass accounts that standard leaves out.
const MOST_BREAK_GLASS_ACCOUNTS: usize = 4;
/// Within this time before the snapshot a break-glass account must have been tested.
const TESTED_WITHIN_DAYS: i64 = 90;
const DAY: i64 = 86_400_000_000;

/// Users that are left out of populations, by the reason.
#[derive(Debug, Default)]
pub(crate) struct Exceptions {
    pub excepted: RoaringBitmap,
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
            ground.roles.directory_sync.sure.clone(),
            !configuration.directory_sync_in_population(),
        );
        if configuration.settings.exclude_unlicensed == Some(true) {
            exceptions.put("unlicensed", ground.facts.unlicensed.clone(), true);
        }
        exceptions.service_accounts(ground);
        exceptions.break_glass(ground);
        exceptions
    }

    fn put(&mut self, kind: &'static str, users: RoaringBitmap, left_out: bool) {
        if left_out {
            self.excepted |= &users;
        }
        *self.kinds.entry(kind).or_default() |= users;
    }

    fn service_accounts(&mut self, ground: &Ground<'_>) {
        let left_out = !ground.configuration.service_accounts_in_population();
        for declared in &ground.configuration.service_account {
            let Some(rows) = self.standing(declared, ground) else { continue };
            let effect = effect(rows.len(), left_out);
            self.put("service", rows, left_out);
            self.effects.insert(declared.id.clone(), effect);
        }
    }

    fn break_glass(&mut self, ground: &Ground<'_>) {
        let mut accounts = RoaringBitmap::new();
        let mut by_declaration = Vec::new();
        for declared in &ground.configuration.break_glass {
            if let Some(rows) = self.standing(declared, ground) {
                accounts |= &rows;
                by_declaration.push((declared, rows));
            }
        }
        let too_many = accounts.len() > MOST_BREAK_GLASS_ACCOUNTS as u64;
        for row in &accounts {
            let mut result = ground.monitored(row);
            if too_many {
                result.failures.push(format!("{} accounts are declared, at most 4 can be", accounts.len()));
            }
            self.break_glass.insert(row, result);
        }
        let stays = ground.configuration.break_glass_in_population();
        for (declared, rows) in by_declaration {
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
        *self.kinds.entry("breakGlass").or_default() |= accounts;
    }

    /// The users that a declaration names, itself or as a group; `None` (and an effect) when it has expired or names nobody.
    fn standing(&mut self, declared: &DeclaredObject, ground: &Ground<'_>) -> Option<RoaringBitmap> {
        if !stands(declared.expires, ground.taken_at) {
            self.effects.insert(declared.id.clone(), format!("none: expired on {}", declared.expires));
            return None;
        }
        let id = declared.id.to_ascii_lowercase();
        let mut rows = ground.prepared.group_members(&id).sure;
        rows.extend(ground.facts.rows.get(&id));
        if rows.is_empty() {
            self.effects.insert(declared.id.clone(), "none: no such user or group".to_owned());
            return None;
        }
        Some(rows)
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
            self.policies_read.then(|| self.excluded_from_a_blocking_policy(row, person)),
            "is excluded from no blocking policy",
            "the Conditional Access policies were not read",
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
        let holds = |assignment: &&Assignment| {
            assignment.active
                && assignment.scope == "tenant"
                && assignment.role_template_id == GLOBAL_ADMINISTRATOR
                && (assignment.principal_id == person.id
                    || self.prepared.group_members(&assignment.principal_id).sure.contains(row))
        };
        let mut unknown = false;
        for assignment in self.assignments.iter().filter(holds) {
            match assignment.permanent {
                Some(true) => return Some(true),
                Some(false) => {}
                None => unknown = true,
            }
        }
        if unknown { None } else { Some(false) }
    }

    fn tested(&self, person: &Person) -> Option<bool> {
        if person.sign_in_activity_read != Some(true) {
            return None;
        }
        let since = self.taken_at.as_microsecond().saturating_sub(TESTED_WITHIN_DAYS * DAY);
        Some(person.last_successful_sign_in.is_some_and(|at| at >= since))
    }

    fn excluded_from_a_blocking_policy(&self, row: u32, person: &Person) -> bool {
        let texts = |value: Option<&Value>| -> Vec<String> {
            let items = value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            items.iter().filter_map(Value::as_str).map(str::to_ascii_lowercase).collect()
        };
        self.policies.iter().any(|policy| {
            let at = |pointer: &str| texts(policy.pointer(pointer));
            policy.get("state").and_then(Value::as_str) == Some("enabled")
                && at("/grantControls/builtInControls").iter().any(|control| control == "block")
                && (at("/conditions/users/excludeUsers").contains(&person.id)
                    || at("/conditions/users/excludeGroups")
                        .iter()
                        .any(|group| self.prepared.group_members(group).sure.contains(row)))
        })
    }
}
