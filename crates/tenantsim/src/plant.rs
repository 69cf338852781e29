//! Works out what was planted, user by user and sign-in by sign-in.

use std::collections::{BTreeMap, HashMap};

use crate::evaluate::{Imagine, Question, Verdict, World};
use crate::ground::{Ground, Judged};
use crate::options::Options;
use crate::people::{Kind, PerUserMfa, Person};
use crate::planted::{Names, Planted, PlantedProtection, PlantedRegistration, Populations, Tally, Tenancy};
use crate::policy::{Control, External, Policy, State, Who};
use crate::protections::{STATEMENTS, SecurityDefaults, Statement};
use crate::roles::{GLOBAL_ADMIN, Held, RolesOfUser};
use crate::space::{Answer, Mask, Space};
use crate::tenant::Tenant;
use crate::{expect, options::Edition};

/// Up to this many users every id is listed.
const LIST_ALL: usize = 20_000;
const SAMPLE: usize = 1000;

/// Which policies have a user in scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Scope {
    sure: Mask,
    possible: Mask,
    /// In scope if nobody were excluded.
    included: Mask,
}

impl Names {
    pub(crate) fn add(&mut self, list_all: bool, id: impl FnOnce() -> String) {
        self.count += 1;
        if list_all || self.ids.len() < SAMPLE {
            self.ids.push(id());
        }
        self.complete = self.ids.len() as u64 == self.count;
    }

    fn none() -> Self {
        Self { complete: true, ..Self::default() }
    }
}

/// What the tenant knows about itself.
pub(crate) fn plant(tenant: &Tenant, options: &Options) -> Planted {
    let mut ground = Ground {
        tenant,
        closures: HashMap::new(),
        judged: Vec::with_capacity(tenant.people.len()),
        list_all: tenant.people.len() <= LIST_ALL,
    };
    for who in tenant.policies.iter().flat_map(|policy| policy.include.iter().chain(&policy.exclude)) {
        if let Who::Group(group) = who {
            ground.closures.entry(*group).or_insert_with(|| tenant.groups.users_of(*group));
        }
    }
    let mut populations = Populations { users: u64::from(options.users), ..Populations::default() };
    ground.judge(&mut populations);
    let scopes = ground.scopes();
    let space = Space::new(&tenant.policies, &tenant.locations, tenant.forgiven_app.as_deref());
    let world = World { space: &space, policies: &tenant.policies };
    let mut protections = BTreeMap::new();
    let mut admin_mfa = BTreeMap::new();
    let mut by_exclusion = Names::none();
    for statement in STATEMENTS {
        let answers = ground.answers(&world, statement, &scopes);
        if statement.name == "mfa_required" {
            by_exclusion = ground.escapes_by_exclusion(&answers);
        }
        if statement.name == "admin_mfa_required" {
            admin_mfa = ground.admins().map(|user| (user, answers.of(user))).collect();
        }
        protections.insert(statement.name.to_owned(), ground.protection(statement, &answers, &scopes));
    }
    let mut planted = Planted {
        format_version: 1,
        tenant: Tenancy {
            tenant_id: tenant.id.clone(),
            display_name: tenant.name.clone(),
            taken_at: crate::instants::instant(0),
            seed: tenant.seed,
            edition: tenant.edition,
            posture: tenant.posture,
            hybrid: tenant.hybrid,
            policies: tenant.policies.len() as u64,
        },
        populations,
        registration: ground.registration(),
        protections,
        distinct_signatures: scopes.distinct(),
        mfa_escapes_by_exclusion: by_exclusion,
        stale_users: ground.users(|_, person, judged| judged.member && !judged.excepted && person.is_stale()),
        global_admins_active: ground.holders(|roles| &roles.active_tenant),
        global_admins_active_or_eligible: ground.holders(|roles| &roles.activated_tenant),
        credentials_too_long: Names::none(),
        tier0_holders: Names::none(),
        public_groups: Names::none(),
        controls: BTreeMap::new(),
    };
    expect::fill(&ground, &mut planted, &admin_mfa, options);
    planted
}

impl Ground<'_> {
    fn judge(&mut self, populations: &mut Populations) {
        let tenant = self.tenant;
        let break_glass_stands = self.break_glass_stands();
        for (user, person) in tenant.numbered() {
            let roles = tenant.roles.get(&user);
            let excepted = match person.kind {
                Kind::AgentUser => Some(&mut populations.agents),
                Kind::SyncAccount => Some(&mut populations.directory_sync),
                Kind::ServiceAccount if tenant.declared => Some(&mut populations.service_accounts),
                Kind::BreakGlass if break_glass_stands => Some(&mut populations.break_glass),
                _ => None,
            };
            let is_excepted = excepted.is_some();
            if let Some(count) = excepted {
                *count += 1;
            }
            let member = person.enabled && !person.kind.is_guest();
            let admin = person.enabled && roles.is_some_and(RolesOfUser::is_privileged);
            populations.enabled += u64::from(person.enabled);
            populations.break_glass_declared += u64::from(person.kind == Kind::BreakGlass && tenant.declared);
            if person.enabled && !is_excepted {
                populations.members_and_guests += 1;
                populations.members += u64::from(member);
                populations.guests += u64::from(!member);
                populations.admins += u64::from(admin);
            }
            self.judged.push(Judged { excepted: is_excepted, member, admin });
        }
    }

    /// All break-glass accounts are made alike: declared, cloud-only, permanent, with a key, tested. What differs is
    /// whether a blocking policy leaves them out, and whether registration and sign-ins could be read.
    fn break_glass_stands(&self) -> bool {
        let tenant = self.tenant;
        let left_out = tenant.policies.iter().any(|policy| {
            policy.state == State::Enabled
                && policy.grant.as_ref().is_some_and(|grant| grant.controls.contains(&Control::Block))
                && policy.exclude.contains(&Who::Group(tenant.groups.break_glass))
        });
        let permanent = tenant.assignments.list.iter().all(|assignment| {
            assignment.role != GLOBAL_ADMIN
                || assignment.held == Held::Permanent
                || !self.is_break_glass(assignment.principal)
        });
        tenant.declared && tenant.edition != Edition::Free && left_out && permanent
    }

    fn is_break_glass(&self, principal: crate::roles::Principal) -> bool {
        match principal {
            crate::roles::Principal::User(user) => {
                self.tenant.people.get(user as usize).is_some_and(|person| person.kind == Kind::BreakGlass)
            }
            _ => false,
        }
    }

    fn scopes(&self) -> Scopes {
        let mut scopes = Scopes::default();
        let none = RolesOfUser::default();
        for (user, person) in self.tenant.numbered() {
            let roles = self.tenant.roles.get(&user).unwrap_or(&none);
            let now = scopes.add(self.scope(user, person, &roles.active_tenant));
            scopes.now.push(now);
            if roles.activated_tenant.len() != roles.active_tenant.len() {
                let activated = scopes.add(self.scope(user, person, &roles.activated_tenant));
                scopes.activated.insert(user, activated);
            }
        }
        scopes
    }

    fn scope(&self, user: u32, person: &Person, roles: &[usize]) -> Scope {
        let mut scope = Scope { sure: Mask::default(), possible: Mask::default(), included: Mask::default() };
        for (number, policy) in self.tenant.policies.iter().enumerate() {
            if policy.state == State::Disabled {
                continue;
            }
            let named =
                |list: &[Who]| list.iter().map(|who| self.names(who, user, person, roles)).max().unwrap_or(Answer::No);
            let (included, excluded) = (named(&policy.include), named(&policy.exclude));
            if included == Answer::Yes {
                scope.included.insert(number);
            }
            if included == Answer::Yes && excluded == Answer::No {
                scope.sure.insert(number);
            }
            if included != Answer::No && excluded != Answer::Yes {
                scope.possible.insert(number);
            }
        }
        scope
    }

    fn names(&self, who: &Who, user: u32, person: &Person, roles: &[usize]) -> Answer {
        let yes = |answer: bool| if answer { Answer::Yes } else { Answer::No };
        match who {
            Who::All => Answer::Yes,
            Who::User(named) => yes(*named == user),
            Who::Group(group) => yes(self.closures.get(group).is_some_and(|users| users.contains(user))),
            Who::DeletedGroup(_) => Answer::No,
            Who::Role(role) => yes(roles.contains(role)),
            Who::Guests => yes(person.kind.is_guest() || person.kind.is_external()),
            Who::External { kinds, tenants } => {
                let kind = match person.kind {
                    Kind::InternalGuest => External::InternalGuest,
                    Kind::B2bGuest => External::B2bGuest,
                    Kind::B2bMember => External::B2bMember,
                    _ => return Answer::No,
                };
                match (kinds.contains(&kind), tenants.is_empty()) {
                    (false, _) => Answer::No,
                    (true, true) => Answer::Yes,
                    // Graph doesn't say from which tenant a guest comes.
                    (true, false) => Answer::Maybe,
                }
            }
        }
    }

    fn answers(&self, world: &World<'_>, statement: &Statement, scopes: &Scopes) -> Answers {
        let ask = |imagine| Question::new(world, statement, imagine);
        let question = ask(Imagine::Nothing);
        let others: Vec<(Question, &'static str)> = [
            (Imagine::ReportOnlyEnforced, "reportOnly"),
            (Imagine::ManagedDeviceIsMfa, "managedDeviceAlternative"),
            (Imagine::NoTrustedPlaces, "trustedLocation"),
            (Imagine::NoUnlistedPlatforms, "platform"),
            (Imagine::NoExcludedApps, "application"),
            (Imagine::NoDeviceFilters, "deviceFilter"),
            (Imagine::OnlyBrowsers, "clientApp"),
        ]
        .into_iter()
        .map(|(imagine, word)| (ask(imagine), word))
        .collect();
        let relevant = others.iter().fold(question.relevant(), |relevant, (other, _)| relevant.or(other.relevant()));
        let mut known: HashMap<Scope, (Verdict, &'static str)> = HashMap::new();
        let of_scope = scopes
            .list
            .iter()
            .map(|scope| {
                let scope = Scope {
                    sure: scope.sure.and(relevant),
                    possible: scope.possible.and(relevant),
                    included: scope.included.and(relevant),
                };
                *known.entry(scope).or_insert_with(|| {
                    let verdict = question.ask(scope.sure, scope.possible);
                    let why = if verdict != Verdict::Escapes {
                        ""
                    } else if question.ask(scope.included, scope.included) == Verdict::Covered {
                        "excluded"
                    } else if let Some((_, word)) =
                        others.iter().find(|(other, _)| other.ask(scope.sure, scope.possible) == Verdict::Covered)
                    {
                        word
                    } else if scope.possible.and(question.relevant()).is_empty() {
                        "noPolicy"
                    } else {
                        "several"
                    };
                    (verdict, why)
                })
            })
            .collect();
        let mut answers = Answers { of_scope, of_user: Vec::with_capacity(self.tenant.people.len()) };
        for (user, person) in self.tenant.numbered() {
            let scope = scopes.of(user, statement.as_activated);
            let (mut verdict, why) = answers.of_scope.get(scope as usize).copied().unwrap_or((Verdict::Unknown, ""));
            if statement.per_user_mfa && verdict != Verdict::Covered {
                verdict = match self.per_user_mfa_protects(person) {
                    Answer::Yes => Verdict::Covered,
                    Answer::Maybe => Verdict::Unknown,
                    Answer::No => verdict,
                };
            }
            if self.tenant.settings.security_defaults {
                match statement.security_defaults {
                    SecurityDefaults::Protect => verdict = Verdict::Covered,
                    SecurityDefaults::Unclear if verdict != Verdict::Covered => verdict = Verdict::Unknown,
                    _ => {}
                }
            }
            answers.of_user.push((verdict, why));
        }
        answers
    }

    /// `enforced` protects, `enabled` only those who have registered.
    fn per_user_mfa_protects(&self, person: &Person) -> Answer {
        if !self.tenant.per_user_mfa || !person.enabled {
            return Answer::No;
        }
        let is_reported = person.is_reported() && self.tenant.edition != Edition::Free;
        match person.per_user_mfa {
            PerUserMfa::Disabled => Answer::No,
            PerUserMfa::Enforced => Answer::Yes,
            PerUserMfa::Enabled if !is_reported => Answer::Maybe,
            PerUserMfa::Enabled if person.method_set().mfa => Answer::Yes,
            PerUserMfa::Enabled => Answer::No,
        }
    }

    fn protection(&self, statement: &Statement, answers: &Answers, scopes: &Scopes) -> PlantedProtection {
        let mut planted =
            PlantedProtection { escaping: Names::none(), unknown: Names::none(), ..PlantedProtection::default() };
        for (user, person) in self.tenant.numbered() {
            let Some(judged) = self.judged.get(user as usize) else { continue };
            if !person.enabled || judged.excepted {
                continue;
            }
            let (verdict, why) = answers.of_user.get(user as usize).copied().unwrap_or((Verdict::Unknown, ""));
            for (belongs, tally) in [
                (judged.member, &mut planted.members),
                (true, &mut planted.members_and_guests),
                (judged.admin, &mut planted.admins),
            ] {
                if belongs {
                    tally.add(verdict);
                }
            }
            match verdict {
                Verdict::Covered => {}
                Verdict::Unknown => planted.unknown.add(self.list_all, || self.tenant.user_id(user)),
                Verdict::Escapes => {
                    let why = if why == "excluded" { self.exclusion(statement, scopes, user, person) } else { why };
                    *planted.how.entry(why.to_owned()).or_default() += 1;
                    planted.escaping.add(self.list_all, || self.tenant.user_id(user));
                }
            }
        }
        planted
    }

    /// By what the first policy leaves the user out that would otherwise count.
    fn exclusion(&self, statement: &Statement, scopes: &Scopes, user: u32, person: &Person) -> &'static str {
        let roles = self.tenant.roles.get(&user).map(|roles| {
            if statement.as_activated { roles.activated_tenant.as_slice() } else { roles.active_tenant.as_slice() }
        });
        let scope = scopes.list.get(scopes.of(user, statement.as_activated) as usize);
        let counts = |policy: &Policy| statement.demands.iter().any(|demand| statement.counts(*demand, policy, false));
        self.tenant
            .policies
            .iter()
            .enumerate()
            .filter(|(number, policy)| {
                policy.state == State::Enabled
                    && scope.is_some_and(|scope| scope.included.contains(*number) && !scope.sure.contains(*number))
                    && counts(policy)
            })
            .flat_map(|(_, policy)| &policy.exclude)
            .find(|who| self.names(who, user, person, roles.unwrap_or_default()) != Answer::No)
            .map_or("several", |who| match who {
                Who::Group(_) => "excludedByGroup",
                Who::Role(_) => "excludedByRole",
                Who::External { .. } | Who::Guests => "excludedByKind",
                _ => "excludedByUser",
            })
    }

    fn escapes_by_exclusion(&self, answers: &Answers) -> Names {
        self.users(|user, person, judged| {
            let excluded =
                answers.of_user.get(user as usize).is_some_and(|answer| *answer == (Verdict::Escapes, "excluded"));
            excluded && person.enabled && judged.member && !judged.excepted
        })
    }

    /// The ids of the users for whom the test is true.
    pub(crate) fn users(&self, test: impl Fn(u32, &Person, &Judged) -> bool) -> Names {
        let mut names = Names::none();
        for ((user, person), judged) in self.tenant.numbered().zip(&self.judged) {
            if test(user, person, judged) {
                names.add(self.list_all, || self.tenant.user_id(user));
            }
        }
        names
    }

    fn admins(&self) -> impl Iterator<Item = u32> {
        (0u32..).zip(&self.judged).filter(|(_, judged)| judged.admin && !judged.excepted).map(|(user, _)| user)
    }

    fn holders(&self, roles_of: impl Fn(&RolesOfUser) -> &Vec<usize>) -> Names {
        self.users(|user, _, _| {
            self.tenant.roles.get(&user).is_some_and(|roles| roles_of(roles).contains(&GLOBAL_ADMIN))
        })
    }

    fn registration(&self) -> PlantedRegistration {
        let readable = self.tenant.edition != Edition::Free;
        let of = |reported: bool, registered: bool| {
            self.users(|_, person, judged| {
                let is_reported = readable && person.is_reported();
                judged.member
                    && !judged.excepted
                    && is_reported == reported
                    && (!reported || person.method_set().mfa == registered)
            })
        };
        PlantedRegistration {
            registered: of(true, true),
            not_registered: of(true, false),
            not_reported: of(false, false),
        }
    }
}

impl Tally {
    fn add(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Covered => self.covered += 1,
            Verdict::Escapes => self.escaping += 1,
            Verdict::Unknown => self.unknown += 1,
        }
    }
}

/// The answers to one statement.
struct Answers {
    of_scope: Vec<(Verdict, &'static str)>,
    of_user: Vec<(Verdict, &'static str)>,
}

impl Answers {
    fn of(&self, user: u32) -> Verdict {
        self.of_user.get(user as usize).map_or(Verdict::Unknown, |(verdict, _)| *verdict)
    }
}

/// The distinct scopes, and whose they are.
#[derive(Default)]
struct Scopes {
    list: Vec<Scope>,
    numbers: HashMap<Scope, u32>,
    now: Vec<u32>,
    /// Only where eligible roles make a difference.
    activated: HashMap<u32, u32>,
}

impl Scopes {
    fn add(&mut self, scope: Scope) -> u32 {
        let next = u32::try_from(self.list.len()).unwrap_or(u32::MAX);
        *self.numbers.entry(scope).or_insert_with(|| {
            self.list.push(scope);
            next
        })
    }

    fn of(&self, user: u32, as_activated: bool) -> u32 {
        let now = self.now.get(user as usize).copied().unwrap_or(0);
        if as_activated { self.activated.get(&user).copied().unwrap_or(now) } else { now }
    }

    fn distinct(&self) -> u64 {
        self.list.len() as u64
    }
}
