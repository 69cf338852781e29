//! What must be known about users before policies can be applied to them: one scan over a few columns.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use idscore_access::{Bounds, Names, is_guid};
use idscore_snapshot::Snapshot;
use roaring::RoaringBitmap;

use crate::batch::{Booleans, Instants, Texts, list_length};
use crate::error::{AssessError, reading};

/// Users as rows, in sets.
#[derive(Debug, Default)]
pub(crate) struct UserFacts {
    /// How many there are.
    pub count: u32,
    /// Rows of the ids that policies, assignments or the configuration name.
    pub rows: HashMap<String, u32>,
    /// What is known about these.
    pub people: BTreeMap<u32, Person>,
    /// Names that policies write in place of ids.
    pub names: Names,
    pub enabled: RoaringBitmap,
    pub guests: RoaringBitmap,
    pub internal_guests: Bounds,
    pub b2b_guests: Bounds,
    pub b2b_members: Bounds,
    /// Guests and external users, whatever the kind.
    pub guests_or_external: Bounds,
    /// Users without a user type.
    pub untyped: RoaringBitmap,
    pub agents: Bounds,
    pub unlicensed: RoaringBitmap,
    /// Users whose licences were not read.
    pub perhaps_unlicensed: RoaringBitmap,
    /// Neither `Member` nor `Guest`: in no population of the one or the other.
    pub other_types: RoaringBitmap,
    pub mfa_registered: RoaringBitmap,
    pub per_user_mfa_enforced: RoaringBitmap,
    pub per_user_mfa_enabled: RoaringBitmap,
    pub per_user_mfa_known: RoaringBitmap,
}

/// One user whom somebody names.
#[derive(Debug, Clone, Default)]
pub(crate) struct Person {
    pub id: String,
    pub name: Option<String>,
    pub enabled: Option<bool>,
    pub synchronised: bool,
    pub upn_on_initial_domain: Option<bool>,
    pub phishing_resistant_registered: Option<bool>,
    pub last_successful_sign_in: Option<i64>,
    /// Graph answered the date, if with null.
    pub last_successful_sign_in_carried: Option<bool>,
    pub mailbox_license: Option<bool>,
}

const COLUMNS: &[&str] = &[
    "id",
    "user_principal_name",
    "display_name",
    "user_type",
    "external_kind",
    "is_external",
    "account_enabled",
    "is_agent",
    "on_premises_sync_enabled",
    "assigned_license_sku_ids",
    "upn_on_initial_domain",
    "mailbox_license",
    "mfa_registered",
    "phishing_resistant_registered",
    "last_successful_sign_in_date_time",
    "last_successful_sign_in_carried",
    "per_user_mfa_state",
];

impl UserFacts {
    /// Scans the users; `wanted` ids, and names in place of them, get a row number, and they and `wanted_rows` a [`Person`].
    pub(crate) fn scan(
        snapshot: &Snapshot,
        wanted: &BTreeSet<String>,
        wanted_rows: &RoaringBitmap,
    ) -> Result<Self, AssessError> {
        let mut facts = Self::default();
        let is_name = |id: &&String| !id.is_empty() && !is_guid(id);
        let names: HashSet<String> = wanted.iter().filter(is_name).map(|name| name.to_lowercase()).collect();
        for batch in reading("users", snapshot.read("users", COLUMNS))? {
            let batch = reading("users", batch)?;
            let text = |name| Texts::of(&batch, name);
            let boolean = |name| Booleans::of(&batch, name);
            let (id, user_type, external_kind, state) =
                (text("id"), text("user_type"), text("external_kind"), text("per_user_mfa_state"));
            let (enabled, agent, registered) =
                (boolean("account_enabled"), boolean("is_agent"), boolean("mfa_registered"));
            let external = boolean("is_external");
            let written = [text("user_principal_name"), text("display_name")];
            for index in 0..batch.num_rows() {
                let row = facts.count;
                facts.count = row.checked_add(1).ok_or(AssessError::TooManyUsers)?;
                let put = |set: &mut RoaringBitmap, yes: bool| {
                    if yes {
                        set.insert(row);
                    }
                };
                put(&mut facts.enabled, enabled.get(index) == Some(true));
                put(&mut facts.guests, user_type.get(index) == Some("Guest"));
                match user_type.get(index) {
                    Some("Member" | "Guest") => {}
                    Some(_) => put(&mut facts.other_types, true),
                    None => put(&mut facts.untyped, true),
                }
                put(&mut facts.agents.sure, agent.get(index) == Some(true));
                put(&mut facts.agents.possible, agent.get(index) != Some(false));
                put(&mut facts.mfa_registered, registered.get(index) == Some(true));
                let licenses = list_length(&batch, "assigned_license_sku_ids", index);
                put(&mut facts.unlicensed, licenses == Some(0));
                put(&mut facts.perhaps_unlicensed, licenses.is_none());
                match external_kind.get(index) {
                    Some("internal") => {}
                    Some(kind) => facts.put_guest(row, kind),
                    None => facts.put_untold(row, user_type.get(index), external.get(index)),
                }
                put(&mut facts.per_user_mfa_known, state.get(index).is_some());
                match state.get(index) {
                    Some("enforced") => put(&mut facts.per_user_mfa_enforced, true),
                    Some("enabled") => put(&mut facts.per_user_mfa_enabled, true),
                    _ => {}
                }
                let Some(id) = id.get(index) else { continue };
                let mut named = wanted.contains(id);
                if !names.is_empty() {
                    named |= facts.put_names(&names, id, &written, index);
                }
                if named {
                    facts.rows.insert(id.to_owned(), row);
                }
                if named || wanted_rows.contains(row) {
                    let person = Person {
                        id: id.to_owned(),
                        name: text("user_principal_name")
                            .get(index)
                            .or_else(|| text("display_name").get(index))
                            .map(str::to_owned),
                        enabled: enabled.get(index),
                        synchronised: boolean("on_premises_sync_enabled").get(index) == Some(true),
                        upn_on_initial_domain: boolean("upn_on_initial_domain").get(index),
                        phishing_resistant_registered: boolean("phishing_resistant_registered").get(index),
                        last_successful_sign_in: Instants::of(&batch, "last_successful_sign_in_date_time").get(index),
                        last_successful_sign_in_carried: boolean("last_successful_sign_in_carried").get(index),
                        mailbox_license: boolean("mailbox_license").get(index),
                    };
                    facts.people.insert(row, person);
                }
            }
        }
        Ok(facts)
    }

    fn put_guest(&mut self, row: u32, kind: &str) {
        let kind = match kind {
            "internalGuest" => &mut self.internal_guests,
            "b2bCollaborationGuest" => &mut self.b2b_guests,
            "b2bCollaborationMember" => &mut self.b2b_members,
            _ => return,
        };
        for users in [kind, &mut self.guests_or_external] {
            users.sure.insert(row);
            users.possible.insert(row);
        }
    }

    /// A user of whom the type is not known (as of one whose type was never seen), or whether the account is external.
    fn put_untold(&mut self, row: u32, user_type: Option<&str>, external: Option<bool>) {
        let (member, guest) = (user_type != Some("Guest"), user_type != Some("Member"));
        let (inside, outside) = (external != Some(true), external != Some(false));
        for (may_be, users) in [
            (guest && inside, &mut self.internal_guests),
            (guest && outside, &mut self.b2b_guests),
            (member && outside, &mut self.b2b_members),
            (guest || outside, &mut self.guests_or_external),
        ] {
            if may_be {
                users.possible.insert(row);
            }
        }
        if !member || !inside {
            self.guests_or_external.sure.insert(row);
        }
    }

    /// Notes the names of a user that are among those that policies write; whether one is.
    fn put_names(&mut self, wanted: &HashSet<String>, id: &str, names: &[Texts<'_>; 2], index: usize) -> bool {
        let mut found = false;
        for name in names.iter().filter_map(|names| names.get(index)) {
            if wanted.contains(&name.trim().to_lowercase()) {
                self.names.add(name, id);
                found = true;
            }
        }
        found
    }

    /// The name of a user that somebody names.
    pub(crate) fn name(&self, id: &str) -> Option<&str> {
        self.people.get(self.rows.get(id)?)?.name.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(user_type: Option<&str>, external: Option<bool>) -> [(bool, bool); 4] {
        let mut facts = UserFacts::default();
        facts.put_untold(0, user_type, external);
        let UserFacts { internal_guests, b2b_guests, b2b_members, guests_or_external, .. } = facts;
        [internal_guests, b2b_guests, b2b_members, guests_or_external]
            .map(|users| (users.sure.contains(0), users.possible.contains(0)))
    }

    const NO: (bool, bool) = (false, false);
    const PERHAPS: (bool, bool) = (false, true);
    const YES: (bool, bool) = (true, true);

    #[test]
    fn an_external_user_without_a_type_is_surely_external_and_perhaps_a_guest_or_a_member() {
        assert_eq!(kinds(None, Some(true)), [NO, PERHAPS, PERHAPS, YES]);
    }

    #[test]
    fn an_internal_guest_bears_no_mark_so_whoever_has_no_type_may_be_one() {
        assert_eq!(kinds(None, Some(false)), [PERHAPS, NO, NO, PERHAPS]);
        assert_eq!(kinds(Some("Robot"), Some(false)), [PERHAPS, NO, NO, PERHAPS]);
        assert_eq!(kinds(None, None), [PERHAPS, PERHAPS, PERHAPS, PERHAPS]);
    }

    #[test]
    fn a_type_without_an_origin_leaves_the_kind_open() {
        assert_eq!(kinds(Some("Guest"), None), [PERHAPS, PERHAPS, NO, YES]);
        assert_eq!(kinds(Some("Member"), None), [NO, NO, PERHAPS, PERHAPS]);
    }
}
