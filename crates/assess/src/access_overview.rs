//! Conditional Access of a snapshot at a glance: who has which protection, what each policy reaches and alone adds, what
//! escapes, and who is excluded.

use std::collections::{BTreeMap, BTreeSet};

use idscore_access::{PolicyScope, PolicyState, Proofs};
use idscore_catalogue::Catalogue;
use idscore_catalogue::roles::role_name;
use idscore_score::Missing;
use idscore_snapshot::Snapshot;
use jiff::Timestamp;
use roaring::RoaringBitmap;

use crate::assess::Documents;
use crate::batch::Texts;
use crate::configuration::Configuration;
use crate::data_sets::DataSets;
use crate::directory::{self, TenantFacts};
use crate::error::{AssessError, reading};
use crate::facts::UserFacts;
use crate::object_columns;
use crate::roles::{self, RoleSets};
use crate::view::{WITHOUT_EXCLUSIONS, gap};

/// Sentences that are kept of a protection, and people who are named.
const GAPS: usize = 20;
const NAMED: usize = 200;

/// Users with, without, and of whom it is not known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cover {
    /// Have it at every sign-in.
    pub have: u64,
    /// Lack it at some sign-in.
    pub lack: u64,
    /// It can't be decided.
    pub unknown: u64,
}

impl Cover {
    /// All of them.
    #[must_use]
    pub fn total(self) -> u64 {
        self.have + self.lack + self.unknown
    }
}

/// A sentence, and how many enabled users it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// A sign-in that escapes, or why it can't be decided.
    pub sentence: String,
    /// How many users.
    pub users: u64,
}

/// A protection over the enabled users.
#[derive(Debug, Clone)]
pub struct ProtectionCover {
    /// The column that holds its verdict.
    pub column: String,
    /// The statement in words.
    pub says: String,
    /// It is about administrators with their eligible roles taken; of others it tells nothing.
    pub of_administrators: bool,
    /// Enabled members.
    pub members: Cover,
    /// Enabled guests.
    pub guests: Cover,
    /// Enabled holders of a privileged role; none where roles were not read.
    pub administrators: Option<Cover>,
    /// What escapes, what concerns most users first.
    pub gaps: Vec<Told>,
    /// Why it can't be decided, likewise.
    pub unknown: Vec<Told>,
}

/// What a policy alone adds to a protection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Added {
    /// The protection, by its column.
    pub column: String,
    /// Enabled users who would lack it without the policy.
    pub lost: u64,
    /// Enabled users of whom it would be unknown.
    pub unsure: u64,
}

/// A group that a policy excludes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExcludedGroup {
    /// Its id.
    pub id: String,
    /// Its name, where it is kept.
    pub name: Option<String>,
    /// Users in it, directly or through other groups; none where they could not be read.
    pub users: Option<u64>,
}

/// One policy.
#[derive(Debug, Clone)]
pub struct PolicyCover {
    /// Its name.
    pub name: String,
    /// Whether it is enforced.
    pub state: PolicyState,
    /// It is about service principals or agents.
    pub targets_workloads: bool,
    /// Enabled users in scope for sure; of a policy that is not on, those whom it would reach.
    pub users: u64,
    /// Enabled users who may be in scope besides.
    pub maybe: u64,
    /// Enabled users whom it includes and excludes again.
    pub excluded: u64,
    /// Users that it excludes one by one.
    pub excluded_users: u64,
    /// Groups that it excludes.
    pub excluded_groups: Vec<ExcludedGroup>,
    /// Names of roles that it excludes.
    pub excluded_roles: Vec<String>,
    /// It excludes some kind of guests.
    pub excludes_guests: bool,
    /// What it alone adds; empty for one that is not on.
    pub adds: Vec<Added>,
}

/// Somebody whom no policy reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreached {
    /// The user's id.
    pub id: String,
    /// The name people know them by.
    pub name: Option<String>,
    /// Some policy would reach them and excludes them.
    pub excluded: bool,
}

/// Conditional Access of a tenant.
#[derive(Debug, Clone, Default)]
pub struct AccessOverview {
    /// What would have to be read before anything can be said; everything else is empty then.
    pub missing: Vec<Missing>,
    /// Enabled users without agents: those about whom all of it is.
    pub enabled: u64,
    /// The protections, in the order of their files.
    pub protections: Vec<ProtectionCover>,
    /// The policies: on, report-only, off; within that the widest first.
    pub policies: Vec<PolicyCover>,
    /// Enabled users whom no policy that is on reaches for sure or perhaps.
    pub unreached: u64,
    /// Of them, those whom some policy excludes.
    pub excluded_from_all: u64,
    /// The first of them by name.
    pub unreached_named: Vec<Unreached>,
    /// Enabled users who would have multifactor authentication if no policy excluded anybody.
    pub escape_by_exclusion: u64,
    /// Microsoft's tenant-wide switch; none where it was not read.
    pub security_defaults: Option<bool>,
    /// What a reader should know about the policies.
    pub warnings: Vec<String>,
}

/// Looks at the Conditional Access of a snapshot, read by a configuration as an assessment reads it.
///
/// # Errors
/// When the snapshot can't be read.
pub fn access_overview(
    snapshot: &Snapshot,
    catalogue: &Catalogue,
    configuration: &Configuration,
) -> Result<AccessOverview, AssessError> {
    let manifest = snapshot.manifest();
    let taken_at: Timestamp =
        manifest.taken_at.parse().map_err(|_| AssessError::Instant { text: manifest.taken_at.clone() })?;
    let tenant = TenantFacts::read(snapshot)?.with_whole_licences(manifest);
    let data_sets = DataSets::new(manifest, tenant.has_p1, tenant.has_p2);
    let missing: Vec<Missing> = ["policies", "users"].iter().filter_map(|name| data_sets.missing(name)).collect();
    if !missing.is_empty() {
        return Ok(AccessOverview { missing, ..AccessOverview::default() });
    }
    let documents = Documents::read(snapshot, &data_sets)?;
    let assignments = directory::assignments(snapshot, &data_sets)?;
    let groups = directory::groups(snapshot)?;
    let owners = object_columns::owners(snapshot)?;
    let access = documents.access(configuration, taken_at, owners.keys());
    let data_sets = data_sets.without_names(documents.not_named(configuration, Some(&access), &assignments));
    let mut wanted = directory::named_principals(snapshot, &assignments)?;
    wanted.extend(access.referenced().users);
    let facts = UserFacts::scan(snapshot, &wanted, &RoaringBitmap::new())?;
    let directory =
        directory::directory(snapshot, &data_sets, &facts, &assignments, &tenant, groups, &access.referenced())?;
    let prepared = access.prepare(&directory);
    let roles = RoleSets::of(&prepared, &roles::privileged_roles(snapshot)?, &assignments);
    let enabled = &facts.enabled - &facts.agents.sure;
    let kinds = Kinds {
        members: &enabled - &facts.guests - &facts.untyped,
        guests: &enabled & &facts.guests,
        administrators: data_sets
            .some("roleAssignments")
            .then(|| &enabled & &roles.privileged(configuration.eligible_admins()).sure),
    };

    let mut escape = (None, None);
    let mut protections = Vec::new();
    let mut adds: BTreeMap<usize, Vec<Added>> = BTreeMap::new();
    for protection in &catalogue.protections {
        let proofs = prepared.prove(protection);
        let lacking = |verdict: bool| {
            enabled.iter().filter(|row| proofs.verdict(*row) == Some(verdict)).collect::<RoaringBitmap>()
        };
        match protection.column.as_str() {
            // It asks what would be, and so is nobody's protection.
            WITHOUT_EXCLUSIONS => {
                escape.1 = Some(lacking(true));
                continue;
            }
            "mfa_required" => escape.0 = Some(lacking(false)),
            _ => {}
        }
        let about = kinds.about(protection.as_activated, &enabled);
        for alone in prepared.alone(protection, about) {
            let added = Added { column: protection.column.clone(), lost: alone.lost, unsure: alone.unsure };
            adds.entry(alone.policy).or_default().push(added);
        }
        protections.push(cover(protection, &proofs, &kinds, about));
    }
    let scopes = prepared.policy_scopes();
    let names = group_names(snapshot, &scopes)?;
    let group = |id: &String| {
        let members = prepared.group_members(id);
        let users = members.is_exact().then(|| members.sure.len());
        ExcludedGroup { id: id.clone(), name: names.get(id).cloned(), users }
    };
    let mut reached = RoaringBitmap::new();
    let mut excluded = RoaringBitmap::new();
    for scope in scopes.iter().filter(|scope| matches!(scope.state, PolicyState::On | PolicyState::Unknown)) {
        reached |= &scope.users.possible;
        excluded |= &scope.excluded.sure;
    }
    let mut policies: Vec<PolicyCover> = scopes
        .iter()
        .enumerate()
        .map(|(at, scope)| PolicyCover {
            name: scope.name.clone(),
            state: scope.state,
            targets_workloads: scope.targets_workloads,
            users: scope.users.sure.intersection_len(&enabled),
            maybe: (&scope.users.possible - &scope.users.sure).intersection_len(&enabled),
            excluded: scope.excluded.sure.intersection_len(&enabled),
            excluded_users: scope.excluded_users.len() as u64,
            excluded_groups: scope.excluded_groups.iter().map(group).collect(),
            excluded_roles: scope
                .excluded_roles
                .iter()
                .map(|id| role_name(id).map_or_else(|| id.clone(), str::to_owned))
                .collect(),
            excludes_guests: scope.excludes_guests,
            adds: adds.remove(&at).unwrap_or_default(),
        })
        .collect();
    policies.sort_by(|one, other| {
        (one.state.cmp(&other.state)).then(other.users.cmp(&one.users)).then_with(|| one.name.cmp(&other.name))
    });
    let unreached = &enabled - &reached;
    let mut warnings = access.warnings().to_vec();
    warnings.extend(prepared.warnings());
    Ok(AccessOverview {
        missing,
        enabled: enabled.len(),
        protections,
        policies,
        unreached: unreached.len(),
        excluded_from_all: unreached.intersection_len(&excluded),
        unreached_named: named(snapshot, &unreached, &excluded)?,
        escape_by_exclusion: escape.0.zip(escape.1).map_or(0, |(lack, would)| lack.intersection_len(&would)),
        security_defaults: tenant.security_defaults,
        warnings,
    })
}

/// Enabled users by kind.
struct Kinds {
    members: RoaringBitmap,
    guests: RoaringBitmap,
    administrators: Option<RoaringBitmap>,
}

impl Kinds {
    /// About whom a protection is.
    fn about<'a>(&'a self, of_administrators: bool, enabled: &'a RoaringBitmap) -> &'a RoaringBitmap {
        if of_administrators { self.administrators.as_ref().unwrap_or(enabled) } else { enabled }
    }
}

fn cover(
    protection: &idscore_access::Protection,
    proofs: &Proofs,
    kinds: &Kinds,
    about: &RoaringBitmap,
) -> ProtectionCover {
    let count = |users: &RoaringBitmap| {
        let mut cover = Cover::default();
        for row in users {
            match proofs.verdict(row) {
                Some(true) => cover.have += 1,
                Some(false) => cover.lack += 1,
                None => cover.unknown += 1,
            }
        }
        cover
    };
    let mut users_of = vec![0_u64; proofs.answers.len()];
    for row in about {
        let answer = proofs.answer_of_user.get(row as usize).and_then(|at| users_of.get_mut(*at as usize));
        if let Some(users) = answer {
            *users += 1;
        }
    }
    let told = |verdict: Option<bool>| {
        let mut sentences: BTreeMap<String, u64> = BTreeMap::new();
        for (answer, users) in proofs.answers.iter().zip(&users_of) {
            if answer.verdict == verdict && *users > 0 {
                *sentences.entry(gap(answer).unwrap_or_default()).or_default() += users;
            }
        }
        let mut told: Vec<Told> = sentences.into_iter().map(|(sentence, users)| Told { sentence, users }).collect();
        told.sort_by_key(|told| std::cmp::Reverse(told.users));
        told.truncate(GAPS);
        told
    };
    ProtectionCover {
        column: protection.column.clone(),
        says: protection.says.clone(),
        of_administrators: protection.as_activated,
        members: count(&kinds.members),
        guests: count(&kinds.guests),
        administrators: kinds.administrators.as_ref().map(count),
        gaps: told(Some(false)),
        unknown: told(None),
    }
}

/// Names of the groups that policies exclude.
fn group_names(snapshot: &Snapshot, scopes: &[PolicyScope]) -> Result<BTreeMap<String, String>, AssessError> {
    let wanted: BTreeSet<&String> = scopes.iter().flat_map(|scope| &scope.excluded_groups).collect();
    let mut names = BTreeMap::new();
    if wanted.is_empty() {
        return Ok(names);
    }
    for batch in reading("groups", snapshot.read("groups", &["id", "display_name"]))? {
        let batch = reading("groups", batch)?;
        let (id, name) = (Texts::of(&batch, "id"), Texts::of(&batch, "display_name"));
        for row in 0..batch.num_rows() {
            if let Some((id, name)) = id.get(row).zip(name.get(row))
                && wanted.contains(&id.to_owned())
            {
                names.insert(id.to_owned(), name.to_owned());
            }
        }
    }
    Ok(names)
}

/// The first of some users, those who are excluded first, by name.
fn named(snapshot: &Snapshot, users: &RoaringBitmap, excluded: &RoaringBitmap) -> Result<Vec<Unreached>, AssessError> {
    let (of_excluded, others) = (users & excluded, users - excluded);
    let chosen: RoaringBitmap = of_excluded.iter().chain(&others).take(NAMED).collect();
    let mut found = Vec::new();
    let mut start = 0_u32;
    for batch in reading("users", snapshot.read("users", &["id", "user_principal_name", "display_name"]))? {
        let batch = reading("users", batch)?;
        let text = |name| Texts::of(&batch, name);
        let (id, principal, display) = (text("id"), text("user_principal_name"), text("display_name"));
        let end = start.saturating_add(u32::try_from(batch.num_rows()).unwrap_or(u32::MAX));
        for row in chosen.range(start..end) {
            let at = (row - start) as usize;
            found.push(Unreached {
                id: id.get(at).unwrap_or_default().to_owned(),
                name: principal.get(at).or_else(|| display.get(at)).map(str::to_owned),
                excluded: excluded.contains(row),
            });
        }
        start = end;
    }
    found.sort_by(|one, other| (!one.excluded, &one.name, &one.id).cmp(&(!other.excluded, &other.name, &other.id)));
    Ok(found)
}
