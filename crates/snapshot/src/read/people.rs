//! Reading users, groups, and who is in which group.

use std::collections::{BTreeSet, HashSet};

use idscore_catalogue::properties::properties_of;

use super::counted;
use super::sets::Reading;
use crate::ReadError;
use crate::derive::licences::Licences;
use crate::derive::users::TenantDomains;
use crate::graph::GroupEligibilityInstance;
use crate::ids::{Id, IdMap, is_guid, normal};
use crate::json::Absences;
use crate::manifest::DataSetRecord;
use crate::members::{Members, eligibility};
use crate::snapshot::{GROUP_ELIGIBILITY, GROUP_MEMBERS};
use crate::tables::builder;
use crate::tables::directory::GroupRows;
use crate::tables::table;
use crate::tables::tenant::TenantParts;
use crate::tables::users::{
    ActivityRows, LeakedRows, RegistrationRows, Registrations, RequirementRows, UserContext, UserRows,
};
use crate::write::Output;

impl Reading<'_> {
    /// Reads what is joined to the rows of users.
    pub(super) fn user_context(&mut self, parts: &TenantParts) -> Result<UserContext, ReadError> {
        let mut context = UserContext {
            tenant_id: parts.tenant_id.clone(),
            licences: parts.skus.as_deref().map(Licences::of),
            names: self.options.names,
            ..UserContext::default()
        };
        let verified = parts.organization.as_ref().map(|organization| {
            // One without a name may be any: then no issuer is certainly another tenant's.
            let names = organization.verified_domains.iter().map(|domain| domain.name.as_deref());
            names.map(|name| name.map(str::to_ascii_lowercase)).collect::<Option<HashSet<_>>>()
        });
        context.domains = TenantDomains {
            // A tenant has at least its initial domain: an empty list was not asked for.
            verified: verified.flatten().filter(|names| !names.is_empty()),
            initial: parts.initial_domain.as_deref().map(str::to_ascii_lowercase),
        };

        let (mut activity, mut newest, mut twice) = (IdMap::default(), None, 0);
        self.parallel(
            "signInActivity",
            |_| Ok(ActivityRows::default()),
            |rows: ActivityRows| {
                newest = newest.max(rows.newest);
                activity.reserve(rows.rows.len());
                for (id, row) in rows.rows {
                    twice += u64::from(activity.insert(id, row).is_some());
                }
                Ok(())
            },
        )?;
        self.happened(newest);
        self.duplicates("signInActivity", twice);
        context.activity = self.usable("signInActivity").then_some(activity);

        let (mut registrations, mut newest, mut twice) = (Registrations::default(), None, 0);
        let mut absent = Absences::default();
        self.parallel(
            "userRegistrationDetails",
            |_| Ok(RegistrationRows::new()),
            |rows: RegistrationRows| {
                newest = newest.max(rows.newest);
                absent.add(&rows.absent);
                twice += registrations.add(rows);
                Ok(())
            },
        )?;
        self.happened(newest);
        self.lacking("userRegistrationDetails", &absent);
        self.duplicates("userRegistrationDetails", twice);
        for method in registrations.unseen_methods() {
            self.warnings.push(format!(
                "`userRegistrationDetails`: method `{method}` is not known; whether it resists phishing is unknown"
            ));
        }
        context.registration = self.usable("userRegistrationDetails").then_some(registrations);

        let (mut states, mut absent) = (IdMap::default(), Absences::default());
        let begin = |owner: Option<&str>| {
            let absent = Absences::of(properties_of("requirements"));
            Ok(RequirementRows { owner: owner.map(str::to_owned), rows: Vec::new(), absent })
        };
        self.parallel("requirements", begin, |rows: RequirementRows| {
            absent.add(&rows.absent);
            for (id, state) in rows.rows {
                states.insert(id, state);
            }
            Ok(())
        })?;
        self.lacking("requirements", &absent);
        context.requirements = self.usable("requirements").then_some(states);

        let mut leaked = LeakedRows::new();
        self.each("riskDetections", &mut leaked, |_, _| Ok(()))?;
        self.lacking("riskDetections", &leaked.absent);
        self.happened(leaked.newest);
        context.leaked = self.usable("riskDetections").then_some(leaked);
        Ok(context)
    }

    /// Writes `users` and gives back the row of every user.
    pub(super) fn users(&mut self, context: &UserContext, output: &mut Output) -> Result<IdMap<u32>, ReadError> {
        let mut writer = output.table("users", &builder::schema(table("users")?))?;
        let mut index: IdMap<u32> = IdMap::default();
        let (mut rows, mut replaced, mut newest, mut embedded, mut deleted) = (0_u32, Vec::new(), None, false, 0);
        let mut absent = Absences::default();
        self.parallel(
            "users",
            |_| UserRows::new(context),
            |mut chunk: UserRows| {
                writer.write(&chunk.finish()?)?;
                newest = newest.max(chunk.newest);
                embedded |= chunk.embedded_activity;
                absent.add(&chunk.absent);
                deleted += chunk.deleted;
                index.reserve(chunk.ids.len());
                for id in chunk.ids {
                    replaced.extend(index.insert(id, rows));
                    rows = rows.checked_add(1).ok_or_else(|| ReadError::Table {
                        table: "users",
                        reason: "more than 4,294,967,295 users".to_owned(),
                    })?;
                }
                Ok(())
            },
        )?;
        self.happened(newest);
        self.lacking("users", &absent);
        for (property, unknown) in [("userType", "members or guests is"), ("accountEnabled", "enabled or disabled is")]
        {
            let users = absent.count(property);
            if users > 0 {
                let users = counted(users, "user");
                self.warnings.push(format!(
                    "`users`: without `{property}`, so that whether they are {unknown} unknown: {users}"
                ));
            }
        }
        self.deleted("users", deleted);
        output.finish_table(writer)?;
        if !replaced.is_empty() {
            // Rare, and only then is the file written twice.
            replaced.sort_unstable();
            output.rewrite("users", |row| u32::try_from(row).is_ok_and(|row| replaced.binary_search(&row).is_err()))?;
            for row in index.values_mut() {
                *row -= u32::try_from(replaced.partition_point(|gone| gone < row)).unwrap_or(0);
            }
            self.duplicates("users", replaced.len() as u64);
        }
        if embedded && !self.usable("signInActivity") {
            // The user pages brought it along.
            let users = self.records.get("users").cloned();
            if let Some(users) = users {
                self.records.insert("signInActivity", DataSetRecord { name: "signInActivity".to_owned(), ..users });
            }
        }
        Ok(index)
    }

    /// Writes `groups` and gives back their ids.
    pub(super) fn groups(&mut self, tenant_id: &str, output: &mut Output) -> Result<IdMap<()>, ReadError> {
        let mut writer = output.table("groups", &builder::schema(table("groups")?))?;
        let mut index: IdMap<usize> = IdMap::default();
        let (mut rows, mut replaced, mut deleted, mut absent) = (0_usize, Vec::new(), 0, Absences::default());
        let names = self.options.names;
        self.parallel(
            "groups",
            |_| GroupRows::new(tenant_id, names),
            |mut chunk: GroupRows| {
                writer.write(&chunk.finish()?)?;
                absent.add(&chunk.absent);
                deleted += chunk.deleted;
                for id in chunk.ids {
                    replaced.extend(index.insert(id, rows));
                    rows += 1;
                }
                Ok(())
            },
        )?;
        self.lacking("groups", &absent);
        output.finish_table(writer)?;
        self.deleted("groups", deleted);
        if !replaced.is_empty() {
            replaced.sort_unstable();
            output.rewrite("groups", |row| replaced.binary_search(&row).is_err())?;
            self.duplicates("groups", replaced.len() as u64);
        }
        Ok(index.without_values())
    }

    /// Writes `group_members`; every group that policies or roles reach is needed.
    pub(super) fn members(
        &mut self,
        users: &IdMap<u32>,
        groups: &IdMap<()>,
        named: BTreeSet<String>,
        holders: &BTreeSet<String>,
        output: &mut Output,
    ) -> Result<(), ReadError> {
        let mut members = Members::new(users, groups);
        let facts = self.each("members", &mut members, |members, file| {
            members.begin(file.owner.as_deref());
            Ok(())
        })?;
        output.write_table(GROUP_MEMBERS, &members.finish(|group| facts.complete(group))?)?;
        if members.dangling > 0 && self.is_complete("users") {
            self.warnings
                .push(format!("`members`: users that no list of users holds: {}", counted(members.dangling, "member")));
        }
        self.deleted("members", members.deleted);
        if members.ownerless > 0 {
            self.warnings.push(format!(
                "`members`: left out, because the page does not say of which group: {}",
                counted(members.ownerless, "member")
            ));
        }
        // Every group that is reachable from a policy or a role is needed.
        let known = self.is_complete("groups");
        let mut waiting: Vec<String> = named.into_iter().chain(holders.iter().cloned()).collect();
        let mut reached: HashSet<String> = HashSet::new();
        let mut unread = 0_u64;
        while let Some(group) = waiting.pop() {
            if !reached.insert(group.clone()) || (known && !groups.contains(&Id::of(&group))) {
                continue;
            }
            match members.groups.get(&group) {
                Some(direct) => waiting.extend(direct.groups.iter().cloned()),
                None => unread += 1,
            }
        }
        if unread > 0 {
            self.incomplete(
                "members",
                format!("members not read of what policies or roles reach: {}", counted(unread, "group")),
            );
        }
        Ok(())
    }

    /// Writes `group_eligibility`.
    pub(super) fn eligibility(&mut self, holders: &BTreeSet<String>, output: &mut Output) -> Result<(), ReadError> {
        let found = self.owned::<GroupEligibilityInstance>("eligibilityScheduleInstances", None)?.unwrap_or_default();
        let nameless = found
            .iter()
            .filter(|(owner, row)| {
                access(row).is_none()
                    || row.principal_id.as_deref().is_none_or(unreadable)
                    || (row.group_id.as_deref().is_none_or(unreadable) && owner.is_none())
            })
            .count();
        let rows: Vec<(String, String, String)> = found
            .into_iter()
            .filter_map(|(owner, row)| {
                let access = access(&row)?;
                let group = row.group_id.filter(|id| !unreadable(id)).or(owner)?;
                Some((normal(&group).into_owned(), row.principal_id.filter(|id| !unreadable(id))?, access.to_owned()))
            })
            .map(|(group, principal, access)| (group, normal(&principal).into_owned(), access))
            .collect();
        if nameless > 0 {
            let nameless = counted(nameless as u64, "eligibility");
            self.incomplete(
                "eligibilityScheduleInstances",
                format!("without a group, a principal or what it gives access to: {nameless}"),
            );
        }
        let read: HashSet<String> = self
            .files("eligibilityScheduleInstances")
            .iter()
            .filter_map(|file| file.owner.as_deref().map(|owner| normal(owner).into_owned()))
            .collect();
        let unread = holders.iter().filter(|group| !read.contains(*group)).count();
        // Files without owners are one answer for all groups.
        if unread > 0 && !read.is_empty() {
            self.incomplete(
                "eligibilityScheduleInstances",
                format!("not read, although it holds a role: {}", counted(unread as u64, "group")),
            );
        }
        output.write_table(GROUP_ELIGIBILITY, &eligibility(&rows)?)
    }
}

/// `member` or `owner`; what another word, or none, makes of the principal is unknown.
fn access(row: &GroupEligibilityInstance) -> Option<&'static str> {
    let word = row.access_id.as_deref()?;
    ["member", "owner"].into_iter().find(|known| known.eq_ignore_ascii_case(word))
}

/// Whether a text in place of an object's id names none.
fn unreadable(id: &str) -> bool {
    !is_guid(id)
}
