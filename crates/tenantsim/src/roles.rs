//! Directory roles, and who holds them how.

use crate::dice::{Dice, IdOf, guid};
use crate::groups::Groups;
use crate::options::{Edition, Posture};
use crate::people::{Kind, Person};

/// A directory role.
pub(crate) struct Role {
    pub name: &'static str,
    pub template_id: &'static str,
    /// On the published list of privileged roles.
    pub listed: bool,
    /// What Graph's beta says in `isPrivileged`.
    pub is_privileged: bool,
}

impl Role {
    /// One of the actions that it allows.
    pub fn action(&self) -> &'static str {
        if self.is_privileged {
            "microsoft.directory/users/password/update"
        } else {
            "microsoft.directory/users/standard/read"
        }
    }
}

const fn role(name: &'static str, template_id: &'static str, listed: bool, is_privileged: bool) -> Role {
    Role { name, template_id, listed, is_privileged }
}

/// Global Administrator's place in [`ROLES`].
pub(crate) const GLOBAL_ADMIN: usize = 0;
/// Global Reader's place in [`ROLES`].
pub(crate) const GLOBAL_READER: usize = 15;
/// Directory Synchronization Accounts' place in [`ROLES`].
pub(crate) const DIRECTORY_SYNC: usize = 16;
const HELPDESK: usize = 11;
const APPLICATION_ADMIN: usize = 3;
const DIRECTORY_READERS: usize = 17;
const REPORTS_READER: usize = 18;
/// How many of [`ROLES`], from the start, are administrator roles that policies name.
pub(crate) const ADMIN_ROLES: usize = 16;
/// The number that stands for the tenant's custom role.
pub(crate) const CUSTOM_ROLE: usize = 20;

/// The roles of every invented tenant.
pub(crate) const ROLES: &[Role] = &[
    role("Global Administrator", "62e90394-69f5-4237-9190-012177145e10", true, true),
    role("Cloud Application Administrator", "158c047a-c907-4556-b7ef-446551a6b5f7", true, true),
    role("Privileged Role Administrator", "e8611ab8-c189-46e8-94e1-60213ab1f814", true, true),
    role("Application Administrator", "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3", true, true),
    role("Privileged Authentication Administrator", "7be44c8a-adaf-4e2a-84d6-ab2649e08a13", true, true),
    role("Hybrid Identity Administrator", "8ac3fc64-6eca-42ea-9e69-59f4c7b60eb2", true, true),
    role("Security Administrator", "194ae4cb-b126-40b2-bd5b-6091b380977d", true, true),
    role("Conditional Access Administrator", "b1be1c3e-b65d-4f19-8427-f6fa0d97feb9", true, true),
    role("User Administrator", "fe930be7-5e62-47db-91af-98c3a49a38b1", true, true),
    role("Authentication Administrator", "c4e39bd9-1100-46d3-8c65-fb160da0071f", true, true),
    role("Exchange Administrator", "29232cdf-9323-42fd-ade2-1d097af3e4de", true, false),
    role("Helpdesk Administrator", "729827e3-9c14-49f7-bb1b-9608f156bbb8", true, true),
    role("SharePoint Administrator", "f28a1f50-f6e7-4571-818b-6a12f2af6b6c", true, false),
    role("Password Administrator", "966707d0-3269-4727-9be2-8c3a10f19b9d", true, true),
    role("Billing Administrator", "b0f54661-2d74-4c50-afa3-1ec803f12efe", true, false),
    role("Global Reader", "f2ef992c-3afb-46b9-b7cf-a126ee74c451", true, true),
    role("Directory Synchronization Accounts", "d29b2b05-8046-44ba-8758-1e26182fcf32", false, true),
    role("Directory Readers", "88d8e3e3-8f55-4a1e-953a-9b9898b8876b", false, false),
    role("Reports Reader", "4a5d8f65-41da-4de4-8968-e035b65339cf", false, false),
    role("Intune Administrator", "3a2c62db-5318-420d-8d74-23affee5d9d5", false, true),
    role("Desk rota (ours)", "", false, false),
];

/// Who holds a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Principal {
    User(u32),
    Group(usize),
    /// The number of a service principal.
    Software(u32),
}

/// Since when and until when a role is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Held {
    /// For good.
    Permanent,
    /// Until so many days after the export.
    Timed(u32),
    /// Taken this morning by somebody eligible.
    Activated,
    /// May be taken.
    Eligible,
}

/// One assignment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Assignment {
    pub principal: Principal,
    pub role: usize,
    /// An administrative unit, by number; `None` is the whole tenant.
    pub unit: Option<u32>,
    pub held: Held,
}

/// All assignments, and the PIM eligibility for groups.
#[derive(Debug, Default)]
pub(crate) struct Assignments {
    pub list: Vec<Assignment>,
    /// Users that may become members of a role-bearing group.
    pub group_eligibility: Vec<(usize, u32)>,
}

/// What one user holds.
#[derive(Debug, Clone, Default)]
pub(crate) struct RolesOfUser {
    /// Roles held tenant-wide that Conditional Access sees: built-in ones.
    pub active_tenant: Vec<usize>,
    /// The same with everything eligible taken.
    pub activated_tenant: Vec<usize>,
    /// Roles held now in any scope.
    pub active_any: Vec<usize>,
    /// Roles that could be taken, in any scope.
    pub eligible_any: Vec<usize>,
}

impl RolesOfUser {
    /// Holds a privileged role, or could take one.
    pub fn is_privileged(&self) -> bool {
        self.active_any.iter().chain(&self.eligible_any).any(|role| is_privileged(*role))
    }
}

/// The role counts as privileged; the synchronisation roles are exempt.
pub(crate) fn is_privileged(role: usize) -> bool {
    role != DIRECTORY_SYNC && ROLES.get(role).is_some_and(|role| role.listed || role.is_privileged)
}

/// The id of a role's definition.
pub(crate) fn role_id(seed: u64, role: usize) -> String {
    match ROLES.get(role) {
        Some(known) if !known.template_id.is_empty() => known.template_id.to_owned(),
        _ => guid(seed, IdOf::Other, 500 + role as u64),
    }
}

/// Invents who holds what.
pub(crate) fn assignments(
    seed: u64,
    people: &[Person],
    groups: &Groups,
    posture: Posture,
    edition: Edition,
) -> Assignments {
    let mut dice = Dice::new(seed, 3);
    let mut assignments = Assignments::default();
    let of_kind =
        |kind: Kind| (0u32..).zip(people).filter(move |(_, person)| person.kind == kind).map(|(index, _)| index);
    let pim = edition == Edition::P2;
    let mut add = |principal, role, unit, held| assignments.list.push(Assignment { principal, role, unit, held });

    for user in of_kind(Kind::BreakGlass) {
        add(Principal::User(user), GLOBAL_ADMIN, None, Held::Permanent);
    }
    let permanent_globals = match posture {
        Posture::Strong => 0,
        Posture::Average => 2,
        Posture::Weak => 6,
    };
    let eligible_share = match posture {
        Posture::Strong => 1000,
        Posture::Average => 500,
        Posture::Weak => 100,
    };
    let has_break_glass = of_kind(Kind::BreakGlass).next().is_some();
    for (number, user) in of_kind(Kind::Admin).enumerate() {
        let holder = Principal::User(user);
        let eligible = pim && dice.chance(eligible_share);
        let role = if number <= permanent_globals { GLOBAL_ADMIN } else { 1 + (number * 7) % (ADMIN_ROLES - 1) };
        if number == 0 && !(has_break_glass && pim && posture == Posture::Strong) {
            add(holder, GLOBAL_ADMIN, None, Held::Permanent);
        } else if eligible {
            add(holder, role, None, Held::Eligible);
            if number % 4 == 1 {
                add(holder, role, None, Held::Activated);
            }
        } else {
            add(holder, role, None, if pim && number % 5 == 2 { Held::Timed(60) } else { Held::Permanent });
        }
    }
    for user in of_kind(Kind::SyncAccount) {
        add(Principal::User(user), DIRECTORY_SYNC, None, Held::Permanent);
    }
    if of_kind(Kind::Admin).nth(3).is_some() && edition != Edition::Free {
        add(Principal::Group(groups.role_holders), HELPDESK, None, Held::Permanent);
    }
    let members: Vec<u32> = of_kind(Kind::Member).take(40).collect();
    if let [scoped, custom, reader, .., joiner] = members.as_slice() {
        add(Principal::User(*scoped), HELPDESK, Some(1), Held::Permanent);
        add(Principal::User(*custom), CUSTOM_ROLE, None, Held::Permanent);
        add(Principal::User(*reader), REPORTS_READER, None, Held::Permanent);
        if pim && of_kind(Kind::Admin).nth(3).is_some() {
            assignments.group_eligibility.push((groups.role_holders, *joiner));
        }
    }
    let mut add = |principal, role, unit, held| assignments.list.push(Assignment { principal, role, unit, held });
    if posture == Posture::Weak
        && let Some(guest) = of_kind(Kind::B2bGuest).next()
    {
        add(Principal::User(guest), 10, None, Held::Permanent);
    }
    add(Principal::Software(0), DIRECTORY_READERS, None, Held::Permanent);
    if posture != Posture::Strong {
        add(Principal::Software(1), APPLICATION_ADMIN, None, Held::Permanent);
    }
    assignments
}

/// What each user holds who holds anything.
pub(crate) fn roles_of_users(
    assignments: &Assignments,
    groups: &Groups,
    users: u32,
) -> std::collections::BTreeMap<u32, RolesOfUser> {
    let mut of_users: std::collections::BTreeMap<u32, RolesOfUser> = std::collections::BTreeMap::new();
    let mut hold = |user: u32, assignment: &Assignment, eligible: bool| {
        let roles = of_users.entry(user).or_default();
        let seen_by_policies = assignment.unit.is_none() && assignment.role != CUSTOM_ROLE;
        if eligible {
            roles.eligible_any.push(assignment.role);
        } else {
            roles.active_any.push(assignment.role);
            if seen_by_policies {
                roles.active_tenant.push(assignment.role);
            }
        }
        if seen_by_policies {
            roles.activated_tenant.push(assignment.role);
        }
    };
    for assignment in &assignments.list {
        let eligible = assignment.held == Held::Eligible;
        match assignment.principal {
            Principal::User(user) => hold(user, assignment, eligible),
            Principal::Group(group) => {
                let members = groups.users_of(group);
                (0..users).filter(|user| members.contains(*user)).for_each(|user| hold(user, assignment, eligible));
                for (_, user) in assignments.group_eligibility.iter().filter(|(owner, _)| *owner == group) {
                    hold(*user, assignment, true);
                }
            }
            Principal::Software(_) => {}
        }
    }
    of_users
}
