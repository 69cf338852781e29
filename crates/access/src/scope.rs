//! Who is in scope of which policy: included and not excluded, as bitmaps with two bounds.

use roaring::RoaringBitmap;

use crate::json::is_guid;
use crate::policy::{Guests, Policy, Tenants, UserSide};
use crate::roles::{GroupState, NamedUser, Roles};
use crate::{Bounds, Directory};

/// Which users a policy is judged for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct View {
    /// Eligible roles are taken.
    pub(crate) activated: bool,
    /// No policy excludes any user, group or role.
    pub(crate) without_exclusions: bool,
}

/// The users in scope of one policy.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scope {
    pub(crate) users: Bounds,
    /// Why the bounds differ.
    pub(crate) reasons: Vec<String>,
}

/// The kinds of external users.
pub(crate) const EXTERNAL_KINDS: [&str; 6] = [
    "internalGuest",
    "b2bCollaborationGuest",
    "b2bCollaborationMember",
    "b2bDirectConnectUser",
    "otherExternalUser",
    "serviceProvider",
];

impl Scope {
    pub(crate) fn of(policy: &Policy, directory: &Directory, roles: &Roles, view: View) -> Scope {
        if policy.workloads == Some(true) {
            return Scope::default();
        }
        let mut reasons = Vec::new();
        let included = side(&policy.include, directory, roles, view, true, &mut reasons);
        let excluded = side(&policy.exclude, directory, roles, view, !view.without_exclusions, &mut reasons);
        let mut users =
            Bounds { sure: included.sure - &excluded.possible, possible: included.possible - &excluded.sure };
        if policy.workloads.is_none() {
            users.sure.clear();
            reasons.push("it may be about service principals only".to_owned());
        }
        if users.is_exact() {
            reasons.clear();
        }
        Scope { users, reasons }
    }
}

/// Users whom a policy includes and excludes again.
pub(crate) fn excluded(policy: &Policy, directory: &Directory, roles: &Roles, view: View) -> Bounds {
    if policy.workloads == Some(true) {
        return Bounds::default();
    }
    let included = side(&policy.include, directory, roles, view, true, &mut Vec::new());
    let excluded = side(&policy.exclude, directory, roles, view, true, &mut Vec::new());
    Bounds { sure: included.sure & excluded.sure, possible: included.possible & excluded.possible }
}

/// Whether a word means all guests and external users, in the old form of the condition.
pub(crate) fn is_all_guests(word: &str) -> bool {
    word.eq_ignore_ascii_case("GuestsOrExternalUsers")
}

/// Whether a word of a user list is one of the keywords that we know.
pub(crate) fn is_user_keyword(word: &str) -> bool {
    is_all_guests(word) || word.eq_ignore_ascii_case("All") || is_nobody(word)
}

/// Whether a word of a user list means no person: nobody, or the users that agents sign in as.
pub(crate) fn is_nobody(word: &str) -> bool {
    word.eq_ignore_ascii_case("None") || word.eq_ignore_ascii_case("AllAgentIdUsers")
}

fn side(
    side: &UserSide,
    directory: &Directory,
    roles: &Roles,
    view: View,
    with_principals: bool,
    reasons: &mut Vec<String>,
) -> Bounds {
    let mut found = Bounds::default();
    for word in &side.users {
        if is_all_guests(word) {
            if !directory.guests_or_external.is_exact() {
                reasons.push(GUESTS_NOT_TOLD_APART.to_owned());
            }
            found.add(&directory.guests_or_external);
        } else if is_nobody(word) {
        } else if word.eq_ignore_ascii_case("All") {
            if with_principals {
                found.add(&Bounds::exactly(directory.everybody()));
            }
        } else {
            match directory.named_user(word) {
                NamedUser::Row(row) if with_principals => {
                    found.add(&Bounds::exactly(RoaringBitmap::from_iter([row])));
                }
                NamedUser::Row(_) | NamedUser::Deleted => {}
                NamedUser::Unknown if with_principals => {
                    found.possible = directory.everybody();
                    reasons.push(format!("whom `{word}` means is not known"));
                }
                // A user, or a word that means guests.
                NamedUser::Unknown if is_guid(word) => {}
                NamedUser::Unknown => {
                    found.possible |= &directory.guests_or_external.possible;
                    reasons.push(format!("whom `{word}` means is not known"));
                }
            }
        }
    }
    if with_principals {
        for group in side.groups.iter().map(|word| directory.group(word)) {
            if directory.group_state(group) == GroupState::Deleted {
                continue;
            }
            let members = directory.closure(group, false);
            if !members.is_exact() {
                reasons.push(format!("the members of group {group} could not be read"));
            }
            found.add(&members);
        }
        for role in &side.roles {
            let holders = roles.in_policies(role, view.activated, directory);
            if !holders.is_exact() {
                reasons.push(format!("who holds role {role} could not be read"));
            }
            found.add(&holders);
        }
    }
    if let Some(guests) = &side.guests {
        add_guests(guests, directory, &mut found, reasons);
    }
    for reason in side.unknown.iter().chain(side.unknown_principals.iter().filter(|_| with_principals)) {
        found.possible = directory.everybody();
        reasons.push(reason.clone());
    }
    found
}

fn add_guests(guests: &Guests, directory: &Directory, found: &mut Bounds, reasons: &mut Vec<String>) {
    let nobody = Bounds::default();
    for kind in &guests.kinds {
        let position = EXTERNAL_KINDS.iter().position(|known| known.eq_ignore_ascii_case(kind));
        let users = match position {
            Some(0) => &directory.internal_guests,
            Some(1) => &directory.b2b_guests,
            Some(2) => &directory.b2b_members,
            // The other kinds have no user object.
            Some(_) => &nobody,
            None if kind.eq_ignore_ascii_case("none") => &nobody,
            None => {
                found.possible |= &directory.guests_or_external.possible;
                reasons.push(format!("the kind of guest `{kind}` can't be interpreted"));
                &nobody
            }
        };
        if matches!(guests.tenants, Tenants::All) {
            found.sure |= &users.sure;
        } else if !users.possible.is_empty() {
            reasons.push("the home tenant of a guest is not in Graph".to_owned());
        }
        if !users.is_exact() {
            reasons.push(GUESTS_NOT_TOLD_APART.to_owned());
        }
        found.possible |= &users.possible;
    }
    all_kinds(guests, directory, found);
}

const GUESTS_NOT_TOLD_APART: &str = "which user is a guest or external was not in the export";

/// A user of whom only the kind is unknown is in all three kinds together.
fn all_kinds(guests: &Guests, directory: &Directory, found: &mut Bounds) {
    let names = |at: usize| guests.kinds.iter().any(|kind| kind.eq_ignore_ascii_case(EXTERNAL_KINDS[at]));
    if matches!(guests.tenants, Tenants::All) && (0..3).all(names) {
        found.sure |= &directory.guests_or_external.sure;
    }
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

/// References of a policy that resolve to nothing.
pub(crate) fn dangling(policy: &Policy, directory: &Directory) -> Vec<Dangling> {
    let mut found = Vec::new();
    for (side, excluded) in [(&policy.include, false), (&policy.exclude, true)] {
        let mut push = |kind: &'static str, id: &String| {
            found.push(Dangling { policy: policy.name.clone(), kind, id: id.clone(), excluded });
        };
        for id in &side.users {
            if !is_user_keyword(id) && directory.named_user(id) == NamedUser::Deleted {
                push("user", id);
            }
        }
        for id in side.groups.iter().filter(|id| directory.group_state(id) == GroupState::Deleted) {
            push("group", id);
        }
    }
    found
}
