//! Whom a policy is for, read word by word.

use serde_json::Value;

use super::claim::{Claim, all, any, known, not, open};
use super::policies::is_empty;
use super::tenants::Tenant;

/// How a list of words is written.
pub struct Words<'v> {
    pub words: Vec<&'v str>,
    /// Something in it can't be read, or the whole list isn't there: it may hold anything.
    pub open: bool,
}

/// Reads a list. One that isn't there is unknown, unless these files leave out every empty member.
pub fn words<'v>(part: &'v Value, name: &str, empty_left_out: bool) -> Words<'v> {
    match part.get(name) {
        None => Words { words: Vec::new(), open: !empty_left_out },
        Some(Value::Null) => Words { words: Vec::new(), open: false },
        Some(Value::Array(items)) => {
            let texts: Vec<Option<&str>> =
                items.iter().map(|item| item.as_str().filter(|text| !text.trim().is_empty())).collect();
            Words { open: texts.iter().any(Option::is_none), words: texts.into_iter().flatten().collect() }
        }
        Some(_) => Words { words: Vec::new(), open: true },
    }
}

/// Whether a text has the form of an object id.
pub fn is_guid(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12]) && text.chars().all(|c| c == '-' || c.is_ascii_hexdigit())
}

/// The user, as far as policies ask.
pub struct People<'t> {
    pub tenant: &'t Tenant,
    pub empty_left_out: bool,
}

impl People<'_> {
    /// Whether the policy is for the user. `activated`: with every eligible role taken.
    pub fn in_scope(&self, policy: &Value, user: &str, activated: bool, without_exclusions: bool) -> Claim {
        let id = policy["id"].as_str().unwrap();
        let Some(conditions) = policy.get("conditions") else { return open(format!("{id} conditions")) };
        let Some(users) = conditions.get("users") else { return open(format!("{id} users")) };
        let side = |side: &str| self.side(users, side, id, user, activated);
        // Only users, groups and roles are put back in scope, not a whole kind of external users.
        let excluded = if without_exclusions { self.excluded_kinds(users, user) } else { side("exclude") };
        // A new member adds to the side that its name speaks of; one that speaks of neither may do anything.
        let new = |side: &str| members_besides(users, &USERS).any(|name| name.starts_with(side));
        let and_new = |side: &str, claim: Claim| {
            if new(side) { any([claim, open(format!("{id} users, {side} of something new"))]) } else { claim }
        };
        let named = all([and_new("include", side("include")), not(and_new("exclude", excluded))]);
        let neither =
            members_besides(users, &USERS).any(|name| !name.starts_with("include") && !name.starts_with("exclude"));
        let scope = if neither { open(format!("{id} users, with something new")) } else { named };
        all([scope, not(for_no_person(conditions, id))])
    }

    fn side(&self, users: &Value, side: &str, policy: &str, user: &str, activated: bool) -> Claim {
        let list = |name: &str| words(users, &format!("{side}{name}"), self.empty_left_out);
        let mut claims = Vec::new();
        for (name, one) in [("Users", "user"), ("Groups", "group"), ("Roles", "role")] {
            let list = list(name);
            if list.open {
                claims.push(open(format!("{policy} {side}{name} holds {user}")));
            }
            for word in list.words {
                claims.push(match one {
                    "user" => self.is_user(word, user),
                    "group" => self.in_named_group(word, user),
                    _ => self.holds(word, user, activated),
                });
            }
        }
        claims.push(self.is_guest_of(&users[format!("{side}GuestsOrExternalUsers")], user));
        any(claims)
    }

    fn excluded_kinds(&self, users: &Value, user: &str) -> Claim {
        let list = words(users, "excludeUsers", self.empty_left_out);
        let word = list.words.into_iter().find(|word| *word == "GuestsOrExternalUsers");
        let by_word = word.map_or(Claim::No, |word| self.is_user(word, user));
        let lost = if list.open {
            all([any([self.is_external(user), self.is_guest(user)]), open("the lost word excludes guests")])
        } else {
            Claim::No
        };
        any([by_word, lost, self.is_guest_of(&users["excludeGuestsOrExternalUsers"], user)])
    }

    fn is_user(&self, word: &str, user: &str) -> Claim {
        match word {
            "All" => Claim::Yes,
            "None" | "AllAgentIdUsers" => Claim::No,
            "GuestsOrExternalUsers" => any([self.is_external(user), self.is_guest(user)]),
            // Users are read whole: an id that isn't there is a deleted user.
            word if is_guid(word) => known(word == user),
            word => match unique(&self.tenant.users, "userPrincipalName", word) {
                Some(id) => known(id == user),
                None => open(format!("the user `{word}` is {user}")),
            },
        }
    }

    fn user(&self, id: &str) -> &Value {
        self.tenant.users.iter().find(|user| user["id"] == id).unwrap()
    }

    fn is_external(&self, user: &str) -> Claim {
        known(self.user(user)["userPrincipalName"].as_str().unwrap().contains("#EXT#"))
    }

    /// `userType` null is a member; absent or never seen, nobody can tell.
    fn is_guest(&self, user: &str) -> Claim {
        match self.user(user).get("userType") {
            None => open(format!("{user} is a guest")),
            Some(Value::String(word)) if word == "Guest" => Claim::Yes,
            Some(Value::String(word)) if word != "Member" => open(format!("{user} is a guest")),
            Some(_) => Claim::No,
        }
    }

    fn is_guest_of(&self, condition: &Value, user: &str) -> Claim {
        if is_empty(condition) {
            return Claim::No;
        }
        let (external, guest) = (self.is_external(user), self.is_guest(user));
        let kinds = condition["guestOrExternalUserTypes"].as_str().unwrap_or_default().split(',').map(str::trim);
        let of_kind = any(kinds.map(|kind| match kind {
            "internalGuest" => all([guest.clone(), not(external.clone())]),
            "b2bCollaborationGuest" => all([guest.clone(), external.clone()]),
            "b2bCollaborationMember" => all([not(guest.clone()), external.clone()]),
            // They have no account here.
            "b2bDirectConnectUser" | "otherExternalUser" | "serviceProvider" | "none" => Claim::No,
            new => all([any([guest.clone(), external.clone()]), open(format!("{user} is {new}"))]),
        }));
        let tenants = &condition["externalTenants"];
        let of_tenant = match tenants["membershipKind"].as_str() {
            Some("all") => Claim::Yes,
            _ => open(format!("{user} comes from {tenants}")),
        };
        all([of_kind, of_tenant])
    }

    fn in_named_group(&self, word: &str, user: &str) -> Claim {
        let id = if is_guid(word) { Some(word) } else { unique(&self.tenant.groups, "displayName", word) };
        match id {
            Some(id) => self.in_group(id, user, &mut Vec::new()),
            None => open(format!("the group `{word}` holds {user}")),
        }
    }

    fn in_group(&self, id: &str, user: &str, seen: &mut Vec<String>) -> Claim {
        if seen.iter().any(|one| one == id) || !self.tenant.groups.iter().any(|group| group["id"] == id) {
            // A circle, or a group that is deleted.
            return Claim::No;
        }
        seen.push(id.to_owned());
        let Some((_, members)) = self.tenant.members.iter().find(|(group, _)| group == id) else {
            return open(format!("{id} holds {user}"));
        };
        any(members.iter().map(|member| {
            let inner = member["id"].as_str().unwrap();
            if inner == user { Claim::Yes } else { self.in_group(inner, user, seen) }
        }))
    }

    /// Only roles that are built in, assigned for the whole tenant, count in a policy.
    fn holds(&self, word: &str, user: &str, activated: bool) -> Claim {
        let role = match word {
            "Global Administrator" => super::tenants::GLOBAL_ADMINISTRATOR,
            word if is_guid(word) => word,
            word => return open(format!("the role `{word}` is held by {user}")),
        };
        if role == super::tenants::CUSTOM_ROLE {
            return Claim::No;
        }
        let eligible = self.tenant.eligible_assignments.iter().filter(|_| activated);
        any(self.tenant.role_assignments.iter().chain(eligible).map(|assignment| {
            if assignment["roleDefinitionId"] != role || assignment["directoryScopeId"] != "/" {
                return Claim::No;
            }
            let holder = assignment["principalId"].as_str().unwrap();
            if holder == user { Claim::Yes } else { self.in_group(holder, user, &mut Vec::new()) }
        }))
    }
}

const USERS: [&str; 8] = [
    "includeUsers",
    "excludeUsers",
    "includeGroups",
    "excludeGroups",
    "includeRoles",
    "excludeRoles",
    "includeGuestsOrExternalUsers",
    "excludeGuestsOrExternalUsers",
];

/// Members that say something and that nobody has told us of.
pub fn members_besides<'v>(part: &'v Value, known: &'v [&str]) -> impl Iterator<Item = &'v String> {
    let members = part.as_object().into_iter().flatten();
    members.filter(|(name, value)| !known.contains(&name.as_str()) && !is_empty(value)).map(|(name, _)| name)
}

/// A policy that names service principals or agents is for no person.
fn for_no_person(conditions: &Value, policy: &str) -> Claim {
    let known = [
        "includeServicePrincipals",
        "excludeServicePrincipals",
        "includeAgentIdServicePrincipals",
        "excludeAgentIdServicePrincipals",
    ];
    let applications = &conditions["clientApplications"];
    let named = known.iter().any(|name| !is_empty(&applications[*name]));
    let agents = ["agentIdRiskLevels", "agents", "agentContext", "servicePrincipalRiskLevels"];
    if named || agents.iter().any(|name| !is_empty(&conditions[*name])) {
        return Claim::Yes;
    }
    any(members_besides(applications, &known).map(|name| open(format!("{policy} clientApplications {name}"))))
}

/// The id of the one object of that name.
pub fn unique<'v>(objects: &'v [Value], property: &str, name: &str) -> Option<&'v str> {
    let mut found = objects.iter().filter(|object| object[property] == name);
    let first = found.next()?;
    found.next().is_none().then(|| first["id"].as_str()).flatten()
}
