//! What the directory tells about users, groups and roles: the input that policies are applied to.

use std::collections::{HashMap, HashSet};

use roaring::RoaringBitmap;

use crate::Names;

/// The users, groups and roles of one tenant. Users are rows `0..user_count`; ids of GUID form are in lower case.
#[derive(Debug, Clone, Default)]
pub struct Directory {
    /// How many users there are.
    pub user_count: u32,
    /// Object id → row, at least for every id that policies and assignments name.
    pub user_rows: HashMap<String, u32>,
    /// Whether all users were read. If not, an id that is not found is unknown rather than deleted.
    pub all_users_read: bool,
    /// Names of users in place of ids; empty where not all users were read.
    pub user_names: Names,
    /// Names of groups in place of ids; empty where not all groups were read.
    pub group_names: Names,
    /// Names of roles in place of template ids; empty where not all roles were read.
    pub role_names: Names,
    /// Guests whose account is this tenant's own.
    pub internal_guests: Bounds,
    /// Invited users of type Guest.
    pub b2b_guests: Bounds,
    /// Invited users of type Member.
    pub b2b_members: Bounds,
    /// Guests and external users as a whole. It may be sure of a user of whom the kind is not.
    pub guests_or_external: Bounds,
    /// Direct members of the groups that were asked for. A group that is not here could not be read, or does not exist.
    pub groups: HashMap<String, GroupMembers>,
    /// Every group id of the tenant. `None`: not read, so an id that is not found is unknown rather than deleted.
    pub known_groups: Option<HashSet<String>>,
    /// Active role assignments. `None`: not read.
    pub role_assignments: Option<Vec<RoleAssignment>>,
    /// The active or eligible assignments are only some of them: who is there holds the role, who is not there may.
    pub role_assignments_are_lower_bound: bool,
    /// Roles that can be activated. `None`: not read.
    pub eligible_assignments: Option<Vec<RoleAssignment>>,
    /// PIM for groups: group id → ids of users and groups that may become members.
    pub group_eligibility: HashMap<String, Vec<String>>,
    /// Whether security defaults are on. `None`: not read.
    pub security_defaults: Option<bool>,
    /// Whether the tenant was created on or after 2026-07-01, when security defaults began to block the device code flow.
    pub tenant_created_after_2026_07_01: Option<bool>,
    /// The old per-user MFA states. `None`: not read, and judged without.
    pub per_user_mfa: Option<PerUserMfa>,
    /// Users with a registered second factor. `None`: not read.
    pub mfa_registered: Option<RoaringBitmap>,
}

/// The direct members of one group.
#[derive(Debug, Clone, Default)]
pub struct GroupMembers {
    /// Users, as rows.
    pub users: RoaringBitmap,
    /// Groups, as ids.
    pub groups: Vec<String>,
    /// Whether all members were read.
    pub complete: bool,
}

/// A role held by, or open to, a user or group.
#[derive(Debug, Clone)]
pub struct RoleAssignment {
    /// The user or group.
    pub principal_id: String,
    /// The template id of the role (its definition id for a custom role).
    pub role_template_id: String,
    /// Whether the role is built in; `None` when the definitions were not read. Conditional Access knows no custom role.
    pub built_in: Option<bool>,
    /// Whether it is assigned for the whole tenant (`directoryScopeId` is `/`).
    pub tenant_wide: bool,
}

/// The old per-user MFA states.
#[derive(Debug, Clone, Default)]
pub struct PerUserMfa {
    /// Users in the state `enforced`.
    pub enforced: RoaringBitmap,
    /// Users in the state `enabled`.
    pub enabled: RoaringBitmap,
}

/// A set of users between two bounds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Bounds {
    /// Users that are in it for sure.
    pub sure: RoaringBitmap,
    /// Users that are or may be in it; a superset of `sure`.
    pub possible: RoaringBitmap,
}

impl Bounds {
    /// A set that is fully known.
    #[must_use]
    pub fn exactly(users: RoaringBitmap) -> Bounds {
        Bounds { possible: users.clone(), sure: users }
    }

    /// Whether the bounds agree.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.sure == self.possible
    }

    /// Adds the users of another set.
    pub fn add(&mut self, other: &Bounds) {
        self.sure |= &other.sure;
        self.possible |= &other.possible;
    }
}

/// Who holds one role.
#[derive(Debug, Clone, Default)]
pub struct RoleHolders {
    /// Holders now, of tenant-wide assignments.
    pub active_tenant_wide: Bounds,
    /// Holders now, in any scope.
    pub active_any_scope: Bounds,
    /// Holders when everything eligible is activated, tenant-wide; includes the active ones.
    pub activated_tenant_wide: Bounds,
    /// Holders when everything eligible is activated, in any scope; includes the active ones.
    pub activated_any_scope: Bounds,
}
