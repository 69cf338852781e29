//! The way through: snapshot → directory → views under profiles → one scan → result.

use std::collections::{BTreeMap, BTreeSet};

use idscore_access::{Access, Names, Prepared};
use idscore_catalogue::Catalogue;
use idscore_catalogue::control::{Control, ControlStatus};
use idscore_score::{MissingKind, Outcome, Scoring, Set};
use idscore_snapshot::Snapshot;
use jiff::Timestamp;
use roaring::RoaringBitmap;
use serde_json::Value;

use crate::assessment::{Assessment, ControlResult, DataSetState, EvidenceRow, UserCounts};
use crate::configuration::Configuration;
use crate::data_sets::DataSets;
use crate::declared::declared;
use crate::directory::{self, Assignment, TenantFacts};
use crate::error::{AssessError, reading};
use crate::exceptions::{self, Exceptions};
use crate::facts::UserFacts;
use crate::judge::{EvidenceLimit, Running};
use crate::object_columns::{self, ObjectColumns};
use crate::rescore::JudgedControl;
use crate::result::{Ground, set_score, totals};
use crate::roles::{self, RoleSets};
use crate::scan::{EvidenceSink, HandOn, Pass, Scan, used_columns};
use crate::tenant_columns::TenantColumns;
use crate::view::{ReadData, View};

/// Rows of each control that stay in memory when all of them are handed on: more than any report shows.
const SAMPLE: usize = 100;

/// What to keep besides the counts.
#[derive(Debug, Clone, Default)]
pub enum Evidence {
    /// Nothing.
    #[default]
    None,
    /// The first rows of every control.
    First(usize),
    /// The first rows of every control, and whoever is privileged beyond them.
    Foremost(usize),
    /// Rows of one control, all of them or the first so many.
    Control {
        /// The control's id.
        id: String,
        /// At most so many rows.
        limit: Option<usize>,
    },
}

/// A judged tenant, with the evidence that was asked for.
#[derive(Debug, Clone)]
pub struct Judgement {
    /// The result.
    pub assessment: Assessment,
    /// Every control as it was judged, so that a later decision needs no second look at the tenant.
    pub judged: Vec<JudgedControl>,
    /// Control id → rows that lose points or are unknown.
    pub evidence: BTreeMap<String, Vec<EvidenceRow>>,
    /// How the Conditional Access proofs went, by protection, under the profile in force.
    pub proofs: BTreeMap<String, idscore_access::Statistics>,
}

/// Judges a snapshot by the controls of a catalogue.
///
/// # Errors
/// When the snapshot can't be read, or the configuration names a control that doesn't exist.
pub fn assess(
    snapshot: &Snapshot,
    catalogue: &Catalogue,
    configuration: &Configuration,
    evidence: &Evidence,
) -> Result<Judgement, AssessError> {
    judge(snapshot, catalogue, configuration, evidence, &mut None)
}

/// The same, with rows of evidence handed to somebody who keeps them, because they may be more than memory should hold: the
/// first `rows` of each control, and whoever is privileged beyond them. Only a sample of them is in the judgement; a control
/// that is not there was blocked or does not apply, and its rows say nothing. Rows behind a number of the tenant are not
/// handed on and stand whole in the judgement.
///
/// # Errors
/// As [`assess`], and when rows can't be kept.
pub fn assess_keeping(
    snapshot: &Snapshot,
    catalogue: &Catalogue,
    configuration: &Configuration,
    rows: usize,
    sink: &mut EvidenceSink<'_>,
) -> Result<Judgement, AssessError> {
    // A closure of its own, because a mutable reference does not shorten the life of what it holds.
    let mut pass_on = |id: &str, rows: Vec<EvidenceRow>| sink(id, rows);
    let mut hand_on = Some(HandOn { sink: &mut pass_on, sample: SAMPLE });
    judge(snapshot, catalogue, configuration, &Evidence::Foremost(rows), &mut hand_on)
}

fn judge(
    snapshot: &Snapshot,
    catalogue: &Catalogue,
    configuration: &Configuration,
    evidence: &Evidence,
    hand_on: &mut Option<HandOn<'_>>,
) -> Result<Judgement, AssessError> {
    known_controls(catalogue, configuration)?;
    let manifest = snapshot.manifest();
    let taken_at: Timestamp =
        manifest.taken_at.parse().map_err(|_| AssessError::Instant { text: manifest.taken_at.clone() })?;
    let tenant = TenantFacts::read(snapshot)?.with_whole_licences(manifest);
    let data_sets = DataSets::new(manifest, tenant.has_p1, tenant.has_p2);
    let documents = Documents::read(snapshot, &data_sets)?;
    let assignments = directory::assignments(snapshot, &data_sets)?;
    let groups = directory::groups(snapshot)?;
    let owners = object_columns::owners(snapshot)?;

    let compat = configuration.as_compat();
    let mut configurations = vec![configuration];
    if *configuration != compat {
        configurations.push(&compat);
    }
    let accesses: Vec<Access> =
        configurations.iter().map(|configuration| documents.access(configuration, taken_at, owners.keys())).collect();

    let data_sets = data_sets.without_names(documents.not_named(configuration, accesses.first(), &assignments));
    let mut wanted = directory::named_principals(snapshot, &assignments)?;
    wanted.extend(accesses.iter().flat_map(|access| access.referenced().users));
    wanted.extend(owners.values().flatten().flatten().cloned());
    let declared_ids = declared_accounts(configuration);
    wanted.extend(declared_ids.iter().map(|id| id.to_ascii_lowercase()));
    let wanted_rows = directory::members_of_declared_groups(&groups, &declared_ids);
    let facts = UserFacts::scan(snapshot, &wanted, &wanted_rows)?;
    let named = accesses.first().map(Access::referenced).unwrap_or_default();
    let directory = directory::directory(snapshot, &data_sets, &facts, &assignments, &tenant, groups, &named)?;

    let privileged_roles = roles::privileged_roles(snapshot)?;
    let controls = judged_controls(catalogue);
    let columns = used_user_columns(&controls, &configurations);
    let ground =
        Shared { facts: &facts, assignments: &assignments, documents: &documents, data_sets: &data_sets, taken_at };
    let prepared: Vec<Prepared<'_>> = accesses.iter().map(|access| access.prepare(&directory)).collect();
    let views: Vec<View<'_>> = configurations
        .iter()
        .zip(&prepared)
        .map(|(configuration, prepared)| {
            let roles = RoleSets::of(prepared, &privileged_roles, &assignments);
            let exceptions = ground.exceptions(configuration, prepared, &roles);
            let without_per_user_mfa = ground.without_per_user_mfa();
            let read = ReadData { roles: ground.roles_read(), without_per_user_mfa };
            View::new(configuration, prepared, &catalogue.protections, &columns, roles, read, exceptions)
        })
        .collect();

    // Evidence is of the profile in force, which comes first.
    let of = |at: usize| if at == 0 { evidence } else { &Evidence::None };
    let mut passes: Vec<Pass<'_>> = views.iter().enumerate().map(|(at, view)| pass(view, &controls, of(at))).collect();
    let principals: BTreeSet<String> = assignments.iter().map(|assignment| assignment.principal_id.clone()).collect();
    let principal_names = object_columns::principal_names(snapshot, &principals)?;
    let privileged_principals: BTreeSet<String> = assignments
        .iter()
        .filter(|assignment| privileged_roles.sure.contains(&assignment.role_template_id))
        .map(|assignment| assignment.principal_id.clone())
        .collect();
    let tenant_columns =
        TenantColumns { data_sets: &data_sets, facts: &facts, assignments: &assignments, roles: &privileged_roles };
    let objects = ObjectColumns {
        facts: &facts,
        privileged_roles: &privileged_roles,
        principal_names: &principal_names,
        owners: &owners,
        privileged_principals: &privileged_principals,
        holders_whole: data_sets.whole("users") && tenant_columns.all_assignments_known(),
        taken_at,
    };
    let scan = Scan { snapshot, taken_at: taken_at.as_microsecond(), objects: &objects, tenant: &tenant_columns };
    scan.run(&mut passes, hand_on)?;

    let result_ground =
        Ground { catalogue, data_sets: &data_sets, has_p1: tenant.has_p1, has_p2: tenant.has_p2, taken_at };
    let scored: Vec<_> = passes.iter().map(|pass| result_ground.score(pass)).collect();
    let (Some(in_force), Some(compat_scored), Some(view)) = (scored.first(), scored.last(), views.first()) else {
        return Err(AssessError::Instant { text: manifest.taken_at.clone() });
    };
    let by_set =
        BTreeMap::from([(Set::Core, totals(in_force, Set::Core)), (Set::Extended, totals(in_force, Set::Extended))]);
    let results: Vec<ControlResult> = in_force.iter().map(|scored| scored.result(&by_set)).collect();
    let mut warnings = manifest.warnings.clone();
    warnings.extend(accesses.first().into_iter().flat_map(|access| access.warnings().to_vec()));
    let dangling = prepared.first().into_iter().flat_map(Prepared::dangling);
    // Without the list of users nobody can say that a user doesn't exist.
    let dangling = dangling.filter(|dangling| dangling.kind != "user" || data_sets.whole("users"));
    warnings.extend(dangling.map(|dangling| {
        let side = if dangling.excluded { "excludes" } else { "includes" };
        format!("policy `{}` {side} {} `{}`, which doesn't exist", dangling.policy, dangling.kind, dangling.id)
    }));
    warnings.extend(documents.warnings(&tenant));
    if !facts.other_types.is_empty() {
        warnings.push(format!(
            "`users`: neither Member nor Guest by `userType`, and in no population of either: {}",
            facts.other_types.len()
        ));
    }
    let assessment = Assessment {
        tenant_id: manifest.tenant_id.clone(),
        display_name: manifest.display_name.clone(),
        taken_at: manifest.taken_at.clone(),
        taken_at_source: word(&manifest.taken_at_source),
        profile: configuration.profile,
        catalogue_version: catalogue.version.clone(),
        config_hash: configuration.hash(),
        core: set_score(in_force, compat_scored, Set::Core),
        extended: set_score(in_force, compat_scored, Set::Extended),
        declared: declared(configuration, &view.exceptions, &facts, taken_at),
        data_sets: data_set_states(&data_sets, snapshot, &results),
        controls: results,
        warnings,
        users: user_counts(&facts, &view.exceptions),
    };
    let proofs = view.proofs.iter().map(|(column, proofs)| (column.clone(), proofs.statistics)).collect();
    let first = passes.into_iter().next();
    let rows = first.into_iter().flat_map(|pass| pass.running);
    let evidence = rows
        .filter(|running| !running.evidence.is_empty())
        .filter(|running| counts_evidence(&assessment, &running.control.id))
        .map(|running| {
            let outcome = outcome_behind(&assessment, &running.control.id);
            let behind_a_number = running.check().evidence_rows.is_some();
            let mut rows = running.evidence;
            // Rows behind a number share its outcome.
            for row in rows.iter_mut().filter(|_| behind_a_number) {
                row.outcome = outcome;
            }
            (running.control.id.clone(), rows)
        })
        .collect();
    let judged = in_force.iter().zip(compat_scored).map(|(scored, compat)| JudgedControl::of(scored, compat)).collect();
    Ok(Judgement { assessment, judged, evidence, proofs })
}

/// Rows of a control that was blocked by missing data, or does not apply, say nothing.
fn counts_evidence(assessment: &Assessment, id: &str) -> bool {
    let result = assessment.controls.iter().find(|result| result.id == id);
    result.is_some_and(|result| {
        let open = result.total - result.count.min(result.total) + result.unknown;
        result.outcome != Outcome::NotApplicable && open > 0
    })
}

/// Not met, or not assessed where nothing is known to be lost.
fn outcome_behind(assessment: &Assessment, id: &str) -> Outcome {
    let result = assessment.controls.iter().find(|result| result.id == id);
    match result.map(|result| result.outcome) {
        Some(Outcome::NotAssessed) => Outcome::NotAssessed,
        _ => Outcome::NotMet,
    }
}

/// What deciding about exceptions takes, the same for every profile.
struct Shared<'a> {
    facts: &'a UserFacts,
    assignments: &'a [Assignment],
    documents: &'a Documents,
    data_sets: &'a DataSets<'a>,
    taken_at: Timestamp,
}

impl Shared<'_> {
    fn roles_read(&self) -> bool {
        self.data_sets.some("roleAssignments")
    }

    /// Users whose per-user MFA is not known.
    fn without_per_user_mfa(&self) -> RoaringBitmap {
        let mut users = RoaringBitmap::new();
        users.insert_range(0..self.facts.count);
        if self.data_sets.whole("requirements") { users - &self.facts.per_user_mfa_known } else { users }
    }

    fn exceptions(&self, configuration: &Configuration, prepared: &Prepared<'_>, roles: &RoleSets) -> Exceptions {
        Exceptions::decide(&exceptions::Ground {
            configuration,
            facts: self.facts,
            roles,
            roles_read: self.roles_read(),
            assignments: self.assignments,
            policies: &self.documents.policies,
            policies_read: self.data_sets.whole("policies"),
            prepared,
            taken_at: self.taken_at,
        })
    }
}

/// Conditional Access as read.
pub(crate) struct Documents {
    policies: Vec<Value>,
    locations: Option<Vec<Value>>,
    strengths: Option<Vec<Value>>,
    /// The locations were read where every kind of them is served.
    every_kind_of_location: bool,
    /// Names that policies may write in place of app ids.
    app_names: Names,
}

impl Documents {
    pub(crate) fn read(snapshot: &Snapshot, data_sets: &DataSets<'_>) -> Result<Self, AssessError> {
        let of_kind = |kind: &str| -> Result<Vec<Value>, AssessError> {
            Ok(reading(kind, snapshot.documents(kind))?.into_iter().map(|(_, document)| document).collect())
        };
        let if_read = |data_set: &str, kind: &str| -> Result<Option<Vec<Value>>, AssessError> {
            if data_sets.whole(data_set) { of_kind(kind).map(Some) } else { Ok(None) }
        };
        let policies = of_kind("conditionalAccessPolicy")?;
        Ok(Self {
            app_names: directory::app_names(snapshot, data_sets, &policies)?,
            policies,
            locations: if_read("namedLocations", "namedLocation")?,
            strengths: if_read("authenticationStrengthPolicies", "authenticationStrengthPolicy")?,
            every_kind_of_location: snapshot
                .manifest()
                .data_set("namedLocations")
                .is_some_and(|record| record.api_version.as_deref() == Some("beta")),
        })
    }

    /// Data sets of which no policy, no assignment and no declaration names anything.
    pub(crate) fn not_named(
        &self,
        configuration: &Configuration,
        access: Option<&Access>,
        assignments: &[Assignment],
    ) -> BTreeSet<&'static str> {
        let referenced = access.map(Access::referenced).unwrap_or_default();
        let holders_are_users = assignments.iter().all(|assignment| {
            matches!(assignment.principal_kind.as_deref(), Some("user" | "servicePrincipal" | "deleted"))
        });
        let mut not_named = BTreeSet::new();
        let mut none = |nothing: bool, data_set: &'static str| {
            if nothing {
                not_named.insert(data_set);
            }
        };
        none(referenced.groups.is_empty() && holders_are_users, "members");
        // PIM for groups tells who may join a group; only a group that holds a role makes administrators of them.
        none(holders_are_users, "eligibilityScheduleInstances");
        none(referenced.groups.is_empty(), "groups");
        none(referenced.locations.is_empty(), "namedLocations");
        none(referenced.strengths_without_combinations.is_empty(), "authenticationStrengthPolicies");
        none(referenced.roles.is_empty(), "roleAssignments");
        // Security defaults can't be on beside an enabled policy.
        none(self.enabled(), "identitySecurityDefaultsEnforcementPolicy");
        for data_set in ["signInActivity", "userRegistrationDetails"] {
            none(configuration.break_glass.is_empty(), data_set);
        }
        not_named
    }

    fn enabled(&self) -> bool {
        self.policies.iter().any(|policy| policy.get("state").and_then(Value::as_str) == Some("enabled"))
    }

    /// Contradictions between policies and the rest of the tenant.
    fn warnings(&self, tenant: &TenantFacts) -> Vec<String> {
        let enabled = self.enabled();
        let mut warnings = Vec::new();
        if enabled && tenant.security_defaults == Some(true) {
            warnings.push(
                "security defaults and Conditional Access policies are both reported as on, which Microsoft rules out; \
                 the policies are taken to be in force"
                    .to_owned(),
            );
        }
        if enabled && tenant.has_p1 == Some(false) {
            warnings.push(
                "Conditional Access policies are enabled, but Entra ID P1 is not owned: they stay in force and can no longer \
                 be changed"
                    .to_owned(),
            );
        }
        warnings
    }

    /// `own_apps` are registered in the tenant, and so in none of Microsoft's suites.
    pub(crate) fn access<'a>(
        &self,
        configuration: &Configuration,
        taken_at: Timestamp,
        own_apps: impl Iterator<Item = &'a String>,
    ) -> Access {
        Access::new(
            &self.policies,
            self.locations.as_deref(),
            self.strengths.as_deref(),
            configuration.access_settings(Some(taken_at)),
        )
        .with_apps_outside_suites(own_apps.cloned())
        .with_every_kind_of_location(self.every_kind_of_location)
        .with_app_names(&self.app_names)
    }
}

fn known_controls(catalogue: &Catalogue, configuration: &Configuration) -> Result<(), AssessError> {
    let known: BTreeSet<&str> = catalogue.controls.iter().map(|control| control.id.as_str()).collect();
    let attested = configuration.attestation.iter().map(|attestation| &attestation.control);
    let decided = configuration.status.iter().map(|status| &status.control);
    let reviewed = configuration.review.iter().map(|review| &review.control);
    if let Some(control) = attested.chain(decided).chain(reviewed).find(|control| !known.contains(control.as_str())) {
        return Err(AssessError::UnknownControl { control: control.clone() });
    }
    let measured = |id: &str, scoring: Scoring| {
        catalogue.controls.iter().find(|control| control.id == id).is_some_and(|control| control.scoring != scoring)
    };
    let attested = configuration.attestation.iter().map(|attestation| (&attestation.control, Scoring::Attested));
    let reviewed = configuration.review.iter().map(|review| (&review.control, Scoring::Task));
    match attested.chain(reviewed).find(|(control, scoring)| measured(control, *scoring)) {
        Some((control, _)) => Err(AssessError::Measured { control: control.clone() }),
        None => Ok(()),
    }
}

fn declared_accounts(configuration: &Configuration) -> Vec<&str> {
    let declared = configuration.break_glass.iter().chain(&configuration.service_account);
    declared.map(|object| object.id.as_str()).collect()
}

/// Core first, then extended, each by id; retired controls are judged no more.
fn judged_controls(catalogue: &Catalogue) -> Vec<&Control> {
    let mut controls: Vec<&Control> =
        catalogue.controls.iter().filter(|control| control.status != ControlStatus::Deprecated).collect();
    controls.sort_by(|left, right| (left.set, &left.id).cmp(&(right.set, &right.id)));
    controls
}

/// The user columns that any check uses, and the tenant columns that count over users.
fn used_user_columns(controls: &[&Control], configurations: &[&Configuration]) -> BTreeSet<String> {
    let mut columns = BTreeSet::new();
    for configuration in configurations {
        for check in controls.iter().filter_map(|control| control.checks.get(&configuration.profile)) {
            let mut used = used_columns(check);
            columns.extend(used.remove("users").unwrap_or_default());
            columns.extend(used.remove("tenant").unwrap_or_default());
        }
        let notes = controls.iter().flat_map(|control| &control.notes);
        columns.extend(notes.flat_map(|note| note.when.expression.columns()).map(str::to_owned));
    }
    columns
}

fn pass<'a>(view: &'a View<'a>, controls: &[&'a Control], evidence: &Evidence) -> Pass<'a> {
    let running = controls.iter().filter_map(|control| {
        let check = control.checks.get(&view.configuration.profile)?;
        let limit = match evidence {
            Evidence::First(rows) => EvidenceLimit::First(*rows),
            Evidence::Foremost(rows) => EvidenceLimit::Foremost(*rows),
            Evidence::Control { id, limit } if *id == control.id => {
                limit.map_or(EvidenceLimit::All, EvidenceLimit::First)
            }
            Evidence::None | Evidence::Control { .. } => EvidenceLimit::Count,
        };
        Some(Running::new(control, check, view.configuration.profile, limit))
    });
    Pass::new(view, running.collect())
}

fn user_counts(facts: &UserFacts, exceptions: &Exceptions) -> UserCounts {
    let left_out =
        exceptions.kinds.iter().map(|(kind, users)| ((*kind).to_owned(), (users & &exceptions.excepted).len()));
    UserCounts {
        total: u64::from(facts.count),
        enabled_members: (&facts.enabled - &facts.guests - &facts.untyped).len(),
        enabled_guests: (&facts.enabled & &facts.guests).len(),
        agents: facts.agents.sure.len(),
        excepted: left_out.filter(|(_, users)| *users > 0).collect(),
    }
}

fn data_set_states(data_sets: &DataSets<'_>, snapshot: &Snapshot, results: &[ControlResult]) -> Vec<DataSetState> {
    let records = snapshot.manifest().data_sets.iter();
    let states = records.map(|record| {
        let costs = results.iter().filter(|result| {
            result.outcome == Outcome::NotAssessed
                && result.missing.iter().any(|missing| missing.data_set == record.name)
        });
        let excused = data_sets.empty_without_license(&record.name);
        let missing = data_sets.missing(&record.name);
        DataSetState {
            name: record.name.clone(),
            status: word(&record.status),
            rows: record.rows,
            missing: missing.filter(|missing| !(excused && missing.kind == MissingKind::Collection)),
            costs: costs.map(|result| result.id.clone()).collect(),
        }
    });
    states.collect()
}

fn word<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_value(value).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}
