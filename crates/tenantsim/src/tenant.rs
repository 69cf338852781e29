//! The whole invention, before it is written.

use std::collections::BTreeMap;

use crate::MAX_POLICIES;
use crate::dice::{Dice, IdOf, guid, mix};
use crate::groups::{self, Groups};
use crate::options::{Edition, Options, Posture};
use crate::people::{self, Kind, Person};
use crate::places::{self, Location};
use crate::policies;
use crate::policy::{App, Policy, Target};
use crate::roles::{self, Assignments, RolesOfUser};
use crate::settings::{Reset, Settings};
use crate::workloads::{self, Software};

/// An invented tenant.
pub(crate) struct Tenant {
    pub seed: u64,
    pub id: String,
    pub name: String,
    pub domain: String,
    pub initial_domain: String,
    pub edition: Edition,
    pub posture: Posture,
    pub hybrid: bool,
    pub people: Vec<Person>,
    pub groups: Groups,
    pub assignments: Assignments,
    /// Only of users who hold anything.
    pub roles: BTreeMap<u32, RolesOfUser>,
    pub locations: Vec<Location>,
    pub policies: Vec<Policy>,
    pub software: Vec<Software>,
    pub settings: Settings,
    pub per_user_mfa: bool,
    pub declared: bool,
    /// An app that policies may exclude, by declaration.
    pub forgiven_app: Option<String>,
}

const NAMES: &[&str] =
    &["Adatum Mills", "Fourth Coffee", "Lamna Works", "Proseware Tools", "Trey Instruments", "Wingtip Rail"];

impl Tenant {
    /// Self-service password reset is on for the user.
    pub(crate) fn may_reset(&self, person: &Person) -> bool {
        match self.settings.reset {
            Reset::Everybody => true,
            Reset::SomeDepartments => person.department.is_multiple_of(2),
            Reset::Nobody => false,
        }
    }

    /// Has a second factor that the methods policy allows.
    pub(crate) fn is_mfa_capable(&self, person: &Person) -> bool {
        let set = person.method_set();
        if self.settings.weak_methods_off[0] { set.mfa_without_sms } else { set.mfa }
    }

    /// Invents a tenant.
    pub fn invent(options: &Options) -> Self {
        let seed = options.seed;
        let users = options.users;
        let mut dice = Dice::new(seed, 0);
        let draw = [dice.below(100), dice.below(100), dice.below(100), dice.below(100)];
        let posture = options.posture.unwrap_or(match draw[0] {
            0..25 => Posture::Weak,
            25..75 => Posture::Average,
            _ => Posture::Strong,
        });
        let edition = options.edition.unwrap_or(match draw[1] {
            0..20 if users <= 300 => Edition::Free,
            0..45 if users <= 5000 => Edition::P1,
            _ => Edition::P2,
        });
        let hybrid = options.hybrid.unwrap_or(edition != Edition::Free && draw[2] < 60);
        let count = options.policies.unwrap_or_else(|| match (edition, users) {
            (Edition::Free, _) => 0,
            (_, 0..100) => 5 + draw[3] % 8,
            (_, 100..5000) => 10 + draw[3] % 40,
            _ => 60 + draw[3],
        });
        let count =
            if options.distinct_signatures.is_some() { options.policies.unwrap_or(MAX_POLICIES) } else { count };
        let departments = u8::try_from((users / 30).clamp(3, 60)).unwrap_or(60);
        let name = options.name.clone().unwrap_or_else(|| {
            let number = usize::try_from(seed).unwrap_or(0) % NAMES.len();
            NAMES.get(number).copied().unwrap_or("Adatum Mills").to_owned()
        });
        let short: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();

        let people = people::people(users, seed, posture, hybrid, departments);
        let unrelated = options.distinct_signatures.map(|signatures| (signatures, count.saturating_sub(1)));
        let groups = groups::groups(&groups::Wanted { people: &people, seed, posture, departments, unrelated });
        let assignments = roles::assignments(seed, &people, &groups, posture, edition);
        let roles = roles::roles_of_users(&assignments, &groups, users);
        let of_kind = |kind: Kind| -> Vec<u32> {
            (0u32..).zip(&people).filter(|(_, person)| person.kind == kind).map(|(index, _)| index).take(500).collect()
        };
        let software = workloads::software(seed, users, posture, &of_kind(Kind::Admin), &of_kind(Kind::Member));
        let sites = (users / 200).min(16) + 1;
        let app_ids: Vec<String> =
            (0..software.len().min(12)).map(|number| guid(seed, IdOf::AppId, number as u64)).collect();
        let policies = policies::policies(&policies::Wanted {
            groups: &groups,
            seed,
            posture,
            edition,
            hybrid,
            count: count as usize,
            apps: &app_ids,
            has_break_glass: people.iter().any(|person| person.kind == Kind::BreakGlass),
            sites,
        });
        let excluded_app = |policy: &Policy| match &policy.target {
            Target::Apps { exclude, .. } => exclude.iter().find_map(|app| match app {
                App::Id(id) => Some(id.clone()),
                _ => None,
            }),
            _ => None,
        };
        let forgiven_app = policies.iter().find_map(excluded_app).filter(|_| options.declare);
        Self {
            seed,
            id: guid(seed, IdOf::Tenant, 0),
            domain: format!("{short}.example"),
            initial_domain: format!("{short}-example.onmicrosoft.com"),
            name,
            edition,
            posture,
            hybrid,
            settings: Settings::of(seed, posture, edition, !policies.is_empty()),
            people,
            groups,
            assignments,
            roles,
            locations: places::locations(seed, sites),
            policies,
            software,
            per_user_mfa: options.per_user_mfa,
            declared: options.declare,
            forgiven_app,
        }
    }

    pub fn user_id(&self, user: u32) -> String {
        guid(self.seed, IdOf::User, u64::from(user))
    }

    pub fn policy_id(&self, number: usize) -> String {
        guid(self.seed, IdOf::Policy, number as u64)
    }

    pub fn app_id(&self, software: usize) -> String {
        guid(self.seed, IdOf::AppId, software as u64)
    }

    /// The object id of an application's service principal.
    pub fn service_principal_id(&self, software: usize) -> String {
        guid(self.seed, IdOf::ServicePrincipal, software as u64)
    }

    /// The service principal of Microsoft Graph in this tenant.
    pub fn graph_id(&self) -> String {
        guid(self.seed, IdOf::ServicePrincipal, 1_000_000_000)
    }

    pub fn group_id(&self, group: usize) -> String {
        self.groups.list.get(group).map(|group| group.id.clone()).unwrap_or_default()
    }

    /// Users with their numbers.
    pub fn numbered(&self) -> impl Iterator<Item = (u32, &Person)> {
        (0u32..).zip(&self.people)
    }

    /// The sign-in name.
    pub fn user_principal_name(&self, user: u32, person: &Person) -> String {
        let (first, last) = people::name_of(self.seed, user);
        let (first, last) = (first.to_ascii_lowercase(), last.to_ascii_lowercase());
        let (domain, initial) = (&self.domain, &self.initial_domain);
        match person.kind {
            Kind::Member => format!("{first}.{last}{user}@{domain}"),
            Kind::Admin => format!("adm-{first}.{last}{user}@{initial}"),
            Kind::BreakGlass => format!("emergency-{user}@{initial}"),
            Kind::SharedMailbox => format!("mailbox-{user}@{domain}"),
            Kind::SyncAccount => format!("sync_{user:06}@{initial}"),
            Kind::ServiceAccount => format!("svc-{user}@{domain}"),
            Kind::AgentUser => format!("agent-{user}@{domain}"),
            Kind::B2bGuest => format!("{first}.{last}{user}_partner{}.example#EXT#@{initial}", user % 40),
            Kind::B2bMember => format!("{first}.{last}{user}_affiliate.example#EXT#@{initial}"),
            Kind::InternalGuest => format!("guest-{first}{user}@{domain}"),
        }
    }

    /// The name that people see.
    pub fn display_name(&self, user: u32, person: &Person) -> String {
        let (first, last) = people::name_of(self.seed, user);
        match person.kind {
            Kind::Admin => format!("{first} {last} (admin)"),
            Kind::BreakGlass => format!("Emergency access {user}"),
            Kind::SharedMailbox => format!("Shared mailbox {user}"),
            Kind::SyncAccount => "On-Premises Directory Synchronization Service Account".to_owned(),
            Kind::ServiceAccount => format!("Service account {user}"),
            Kind::AgentUser => format!("Agent {user}"),
            _ => format!("{first} {last}"),
        }
    }

    /// The id of an application's credential.
    pub fn key_id(&self, software: usize, credential: usize) -> String {
        guid(self.seed, IdOf::Key, software as u64 * 10 + credential as u64)
    }

    /// The id of a permission that an application was granted.
    pub fn grant_id(&self, software: usize, number: usize) -> String {
        guid(self.seed, IdOf::Assignment, 1_000_000 + software as u64 * 100 + number as u64)
    }

    /// A risk detection for the user's leaked password is open; only P2 shows it.
    pub fn has_leaked_credentials(&self, user: u32, person: &Person) -> bool {
        self.edition == Edition::P2
            && self.posture != Posture::Strong
            && person.kind == Kind::Member
            && mix(self.seed.rotate_left(9) ^ u64::from(user)) % 400 == 3
    }
}
