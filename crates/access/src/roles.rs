//! Who is in which group and who holds which role, directly or through groups however deep.

use std::collections::{BTreeMap, HashSet};

use roaring::RoaringBitmap;

use crate::json::is_guid;
use crate::{Bounds, Directory, RoleAssignment, RoleHolders};

/// What an id of a group stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GroupState {
    Read,
    /// It exists, or may exist, and its members are not known.
    Unread,
    Deleted,
}

/// Whom an entry in a list of users stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NamedUser {
    Row(u32),
    Deleted,
    Unknown,
}

impl Directory {
    pub(crate) fn everybody(&self) -> RoaringBitmap {
        let mut all = RoaringBitmap::new();
        all.insert_range(0..self.user_count);
        all
    }

    /// What a text in place of a group's id means: an id, or the name of one group.
    pub(crate) fn group<'t>(&'t self, word: &'t str) -> &'t str {
        let is_id = self.groups.contains_key(word) || self.known_groups.as_ref().is_some_and(|ids| ids.contains(word));
        if is_id { word } else { self.group_names.id_of(word).unwrap_or(word) }
    }

    pub(crate) fn group_state(&self, id: &str) -> GroupState {
        if self.groups.contains_key(id) {
            return GroupState::Read;
        }
        match &self.known_groups {
            // Of a text that is no id nobody knows what it meant.
            Some(known) if !known.contains(id) && is_guid(id) => GroupState::Deleted,
            _ => GroupState::Unread,
        }
    }

    /// Whom a text in a list of users names.
    pub(crate) fn named_user(&self, word: &str) -> NamedUser {
        let row = |id: &str| self.user_rows.get(id).copied();
        match row(word).or_else(|| self.user_names.id_of(word).and_then(row)) {
            Some(row) => NamedUser::Row(row),
            None if is_guid(word) && self.all_users_read => NamedUser::Deleted,
            None => NamedUser::Unknown,
        }
    }

    /// The users in a group through any depth of groups; cycles end at the groups already seen. With `activated`, who
    /// may become a member (PIM for groups) is one.
    pub(crate) fn closure(&self, group: &str, activated: bool) -> Bounds {
        let mut found = Bounds::default();
        let mut complete = true;
        let mut seen = HashSet::from([group]);
        let mut waiting = vec![group];
        while let Some(id) = waiting.pop() {
            match self.groups.get(id) {
                Some(members) => {
                    found.sure |= &members.users;
                    complete &= members.complete;
                    waiting.extend(members.groups.iter().map(String::as_str).filter(|id| seen.insert(id)));
                }
                None => complete &= self.group_state(id) == GroupState::Deleted,
            }
            if activated && let Some(principals) = self.group_eligibility.get(id) {
                for principal in principals {
                    if let Some(row) = self.user_rows.get(principal) {
                        found.sure.insert(*row);
                    } else if seen.insert(principal) {
                        waiting.push(principal);
                    }
                }
            }
        }
        found.possible = if complete { found.sure.clone() } else { self.everybody() };
        found
    }

    fn principal(&self, id: &str, activated: bool) -> Bounds {
        match self.user_rows.get(id) {
            Some(row) => Bounds::exactly(RoaringBitmap::from_iter([*row])),
            None => self.closure(id, activated),
        }
    }
}

/// The holders of every role.
#[derive(Debug, Default)]
pub(crate) struct Roles {
    pub(crate) holders: BTreeMap<String, RoleHolders>,
    /// Roles that are not built in, which Conditional Access doesn't know.
    custom: HashSet<String>,
    /// Who holds a role of which no assignment was found.
    unseen: RoleHolders,
}

impl Roles {
    pub(crate) fn of(directory: &Directory) -> Roles {
        let mut roles = Roles::default();
        let open_active = directory.role_assignments.is_none() || directory.role_assignments_are_lower_bound;
        let open_eligible = directory.eligible_assignments.is_none();
        for assignment in directory.role_assignments.iter().flatten() {
            let now = directory.principal(&assignment.principal_id, false);
            let activated = directory.principal(&assignment.principal_id, true);
            let holders = roles.entry(assignment);
            holders.active_any_scope.add(&now);
            holders.activated_any_scope.add(&activated);
            if assignment.tenant_wide {
                holders.active_tenant_wide.add(&now);
                holders.activated_tenant_wide.add(&activated);
            }
        }
        for assignment in directory.eligible_assignments.iter().flatten() {
            let activated = directory.principal(&assignment.principal_id, true);
            let holders = roles.entry(assignment);
            holders.activated_any_scope.add(&activated);
            if assignment.tenant_wide {
                holders.activated_tenant_wide.add(&activated);
            }
        }
        if open_active || open_eligible {
            let everybody = directory.everybody();
            for holders in roles.holders.values_mut().chain([&mut roles.unseen]) {
                if open_active {
                    holders.active_tenant_wide.possible = everybody.clone();
                    holders.active_any_scope.possible = everybody.clone();
                }
                holders.activated_tenant_wide.possible = everybody.clone();
                holders.activated_any_scope.possible = everybody.clone();
            }
        }
        roles
    }

    fn entry(&mut self, assignment: &RoleAssignment) -> &mut RoleHolders {
        if assignment.built_in == Some(false) {
            self.custom.insert(assignment.role_template_id.clone());
        }
        self.holders.entry(assignment.role_template_id.clone()).or_default()
    }

    /// Who holds a role.
    pub(crate) fn of_role(&self, role: &str) -> &RoleHolders {
        self.holders.get(role).unwrap_or(&self.unseen)
    }

    /// Who counts as holding a role for Conditional Access: tenant-wide, and built in. Of a text that is neither the id nor
    /// the name of a role nobody knows whom it means.
    pub(crate) fn in_policies(&self, word: &str, activated: bool, directory: &Directory) -> Bounds {
        let is_id = self.holders.contains_key(word) || is_guid(word);
        let role = if is_id { Some(word) } else { directory.role_names.id_of(word) };
        let Some(role) = role else {
            return Bounds { possible: directory.everybody(), ..Bounds::default() };
        };
        if self.custom.contains(role) {
            return Bounds::default();
        }
        let holders = self.of_role(role);
        if activated { holders.activated_tenant_wide.clone() } else { holders.active_tenant_wide.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::GroupMembers;

    fn group(users: &[u32], groups: &[&str]) -> GroupMembers {
        GroupMembers {
            users: users.iter().copied().collect(),
            groups: groups.iter().map(|id| (*id).to_owned()).collect(),
            complete: true,
        }
    }

    #[test]
    fn members_are_found_through_any_depth_and_cycles_end() {
        let mut directory = Directory { user_count: 9, known_groups: Some(HashSet::new()), ..Directory::default() };
        for depth in 0..50 {
            directory.groups.insert(format!("g{depth}"), group(&[], &[&format!("g{}", depth + 1)]));
        }
        directory.groups.insert("g50".to_owned(), group(&[7], &["g0", "dddddddd-0000-4000-8000-000000000000"]));
        assert_eq!(directory.closure("g0", false), Bounds::exactly([7].into_iter().collect()));
    }

    #[test]
    fn a_nested_group_that_could_not_be_read_may_hold_anybody() {
        let mut directory = Directory { user_count: 3, ..Directory::default() };
        directory.groups.insert("g".to_owned(), group(&[1], &["unread"]));
        let members = directory.closure("g", false);
        assert_eq!((members.sure.len(), members.possible.len()), (1, 3));
    }
}
