//! What must be known about users before policies can be applied to them: one scan over a few columns.

use std::collections::{BTreeMap, BTreeSet, HashMap};

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
    pub enabled: RoaringBitmap,
    pub guests: RoaringBitmap,
    pub internal_guests: RoaringBitmap,
    pub b2b_guests: RoaringBitmap,
    pub b2b_members: RoaringBitmap,
    pub agents: RoaringBitmap,
    pub unlicensed: RoaringBitmap,
    /// Neither `Member` nor `Guest`: in no population of the one or the other.
    pub other_types: RoaringBitmap,
    pub mfa_registered: RoaringBitmap,
    pub per_user_mfa_enforced: RoaringBitmap,
    pub per_user_mfa_enabled: RoaringBitmap,
}

/// One user whom somebody names.
#[derive(Debug, Clone, Default)]
pub(crate) struct Person {
    pub id: String,
    pub name: Option<String>,
    pub enabled: bool,
    pub synchronised: bool,
    pub upn_on_initial_domain: Option<bool>,
    pub phishing_resistant_registered: Option<bool>,
    pub last_successful_sign_in: Option<i64>,
    pub sign_in_activity_read: Option<bool>,
    pub mailbox_license: Option<bool>,
}

const COLUMNS: &[&str] = &[
    "id",
    "user_principal_name",
    "display_name",
    "user_type",
    "external_kind",
    "account_enabled",
    "is_agent",
    "on_premises_sync_enabled",
    "assigned_license_sku_ids",
    "upn_on_initial_domain",
    "mailbox_license",
    "mfa_registered",
    "phishing_resistant_registered",
    "last_successful_sign_in_date_time",
    "sign_in_activity_read",
    "per_user_mfa_state",
];

impl UserFacts {
    /// Scans the users; `wanted` ids get a row number, and they and `wanted_rows` a [`Person`].
    pub(crate) fn scan(
        snapshot: &Snapshot,
        wanted: &BTreeSet<String>,
        wanted_rows: &RoaringBitmap,
    ) -> Result<Self, AssessError> {
        let mut facts = Self::default();
        for batch in reading("users", snapshot.read("users", COLUMNS))? {
            let batch = reading("users", batch)?;
            let text = |name| Texts::of(&batch, name);
            let boolean = |name| Booleans::of(&batch, name);
            let (id, user_type, external_kind, state) =
                (text("id"), text("user_type"), text("external_kind"), text("per_user_mfa_state"));
            let (enabled, agent, registered) =
                (boolean("account_enabled"), boolean("is_agent"), boolean("mfa_registered"));
            for index in 0..batch.num_rows() {
                let row = facts.count;
                facts.count = row.checked_add(1).ok_or(AssessError::TooManyUsers)?;
                let put = |set: &mut RoaringBitmap, yes: bool| {
                    if yes {
                        set.insert(row);
                    }
                };
                put(&mut facts.enabled, enabled.get(index) != Some(false));
                put(&mut facts.guests, user_type.get(index) == Some("Guest"));
                put(&mut facts.other_types, !matches!(user_type.get(index), Some("Member" | "Guest")));
                put(&mut facts.agents, agent.get(index) == Some(true));
                put(&mut facts.mfa_registered, registered.get(index) == Some(true));
                put(&mut facts.unlicensed, list_length(&batch, "assigned_license_sku_ids", index) == Some(0));
                match external_kind.get(index) {
                    Some("internalGuest") => put(&mut facts.internal_guests, true),
                    Some("b2bCollaborationGuest") => put(&mut facts.b2b_guests, true),
                    Some("b2bCollaborationMember") => put(&mut facts.b2b_members, true),
                    _ => {}
                }
                match state.get(index) {
                    Some("enforced") => put(&mut facts.per_user_mfa_enforced, true),
                    Some("enabled") => put(&mut facts.per_user_mfa_enabled, true),
                    _ => {}
                }
                let Some(id) = id.get(index) else { continue };
                let named = wanted.contains(id);
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
                        enabled: enabled.get(index) != Some(false),
                        synchronised: boolean("on_premises_sync_enabled").get(index) == Some(true),
                        upn_on_initial_domain: boolean("upn_on_initial_domain").get(index),
                        phishing_resistant_registered: boolean("phishing_resistant_registered").get(index),
                        last_successful_sign_in: Instants::of(&batch, "last_successful_sign_in_date_time").get(index),
                        sign_in_activity_read: boolean("sign_in_activity_read").get(index),
                        mailbox_license: boolean("mailbox_license").get(index),
                    };
                    facts.people.insert(row, person);
                }
            }
        }
        Ok(facts)
    }

    /// The name of a user that somebody names.
    pub(crate) fn name(&self, id: &str) -> Option<&str> {
        self.people.get(self.rows.get(id)?)?.name.as_deref()
    }
}
