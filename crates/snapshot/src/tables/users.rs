//! The table `users`: the user object, joined with what three other data sets say about the user.

use std::collections::{BTreeSet, HashMap};

use arrow::array::RecordBatch;
use idscore_catalogue::logic::all;
use idscore_catalogue::properties::properties_of;
use serde::{Deserialize, Deserializer};

use crate::ReadError;
use crate::derive::licences::{Licences, entra_licenses_only, mailbox_license};
use crate::derive::registration::{phishing_resistant_registered, resists_phishing};
use crate::derive::users::{
    TenantDomains, external_kind, is_agent, is_external, last_success, newest_attempt, password_never_expires,
    upn_on_initial_domain, user_type,
};
use crate::graph::{ActivityRow, Registration, Requirement, RiskDetection, SignInActivity, User};
use crate::ids::{Id, IdMap, is_guid, normal};
use crate::instant::{Instant, micros};
use crate::json::{Absences, Caseless, Elements, Presence};
use crate::tables::builder::TableBuilder;
use crate::tables::table;

/// What is joined to a user's row. None: the data set was not read.
#[derive(Default)]
pub(crate) struct UserContext {
    pub(crate) tenant_id: String,
    pub(crate) domains: TenantDomains,
    pub(crate) licences: Option<Licences>,
    pub(crate) activity: Option<IdMap<Activity>>,
    pub(crate) registration: Option<Registrations>,
    pub(crate) requirements: Option<IdMap<MfaState>>,
    pub(crate) leaked: Option<LeakedRows>,
    pub(crate) names: bool,
}

/// Sign-in activity in 24 bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Activity {
    successful: i64,
    interactive: i64,
    non_interactive: i64,
}

const NONE: i64 = i64::MIN;
/// Graph did not say when the last sign-in succeeded, not even that none did.
const NOT_CARRIED: i64 = NONE + 1;

impl Activity {
    fn of(activity: &SignInActivity) -> Self {
        Self {
            successful: match activity.last_successful_sign_in_date_time {
                Presence::Absent => NOT_CARRIED,
                Presence::Null => NONE,
                Presence::Is(at) => micros(Some(at)).unwrap_or(NONE),
            },
            interactive: micros(activity.last_sign_in_date_time).unwrap_or(NONE),
            non_interactive: micros(activity.last_non_interactive_sign_in_date_time).unwrap_or(NONE),
        }
    }
    fn unpacked(self) -> SignInActivity {
        let instant = |micros: i64| Some(Instant((micros != NONE).then_some(micros)));
        SignInActivity {
            last_sign_in_date_time: instant(self.interactive),
            last_non_interactive_sign_in_date_time: instant(self.non_interactive),
            last_successful_sign_in_date_time: match self.successful {
                NOT_CARRIED => Presence::Absent,
                NONE => Presence::Null,
                at => Presence::Is(Instant(Some(at))),
            },
        }
    }
    fn newest(self) -> Option<i64> {
        Some(self.successful.max(self.interactive).max(self.non_interactive)).filter(|at| *at > NOT_CARRIED)
    }
}

/// The activity of a user who never signed in.
const NEVER: SignInActivity = SignInActivity {
    last_sign_in_date_time: None,
    last_non_interactive_sign_in_date_time: None,
    last_successful_sign_in_date_time: Presence::Null,
};

/// Rows of `signInActivity`.
#[derive(Default)]
pub(crate) struct ActivityRows {
    pub(crate) rows: Vec<(Id, Activity)>,
    pub(crate) newest: Option<i64>,
}

impl Elements for ActivityRows {
    fn element<'de, D: Deserializer<'de>>(&mut self, deserializer: D) -> Result<(), D::Error> {
        let row = ActivityRow::deserialize(Caseless(deserializer))?;
        // Without any activity a user never signed in: then Graph leaves out all of it.
        let activity = Activity::of(&row.sign_in_activity.unwrap_or(NEVER));
        self.newest = self.newest.max(activity.newest());
        self.rows.push((Id::of(&row.id), activity));
        Ok(())
    }
}

/// A registration row in 16 bytes: six flags of two bits, a set of methods, an instant.
#[derive(Debug, Clone, Copy)]
struct Packed {
    flags: u16,
    /// The number of the set of methods plus one; 0 for NULL.
    methods: u32,
    updated: i64,
}

impl Packed {
    fn flag(self, number: u16) -> Option<bool> {
        match (self.flags >> (2 * number)) & 3 {
            1 => Some(false),
            2 => Some(true),
            _ => None,
        }
    }
}

fn packed_flag(number: u16, value: Option<bool>) -> u16 {
    let bits = match value {
        None => 0,
        Some(false) => 1,
        Some(true) => 2,
    };
    bits << (2 * number)
}

/// Rows of `userRegistrationDetails`.
#[derive(Default)]
pub(crate) struct RegistrationRows {
    rows: Vec<(Id, Packed)>,
    sets: MethodSets,
    pub(crate) newest: Option<i64>,
    pub(crate) absent: Absences,
}

impl RegistrationRows {
    pub(crate) fn new() -> Self {
        Self { absent: Absences::of(properties_of("userRegistrationDetails")), ..Self::default() }
    }
}

/// Distinct sets of methods: there are few, whatever the number of users.
#[derive(Default)]
struct MethodSets {
    sets: Vec<Vec<String>>,
    places: HashMap<String, u32>,
}

impl MethodSets {
    fn place<T: AsRef<str>>(&mut self, methods: &[T], key: &mut String) -> u32 {
        key.clear();
        for method in methods {
            key.push_str(method.as_ref());
            key.push('\u{1f}');
        }
        if let Some(place) = self.places.get(key.as_str()) {
            return *place;
        }
        self.sets.push(methods.iter().map(|method| method.as_ref().to_owned()).collect());
        let place = u32::try_from(self.sets.len()).unwrap_or(u32::MAX);
        self.places.insert(key.clone(), place);
        place
    }
    fn get(&self, place: u32) -> Option<&[String]> {
        let at = usize::try_from(place.checked_sub(1)?).ok()?;
        self.sets.get(at).map(Vec::as_slice)
    }
}

impl Elements for RegistrationRows {
    fn element<'de, D: Deserializer<'de>>(&mut self, deserializer: D) -> Result<(), D::Error> {
        let row: Registration = self.absent.read(deserializer)?;
        let flags = [
            row.is_mfa_registered,
            row.is_mfa_capable,
            row.is_sspr_enabled,
            row.is_sspr_registered,
            row.is_sspr_capable,
            row.is_passwordless_capable,
        ];
        let flags = (0..).zip(flags).fold(0, |all, (number, flag)| all | packed_flag(number, flag));
        let mut key = String::new();
        let methods = row.methods_registered.as_ref().map_or(0, |methods| {
            let methods: Vec<&str> = methods.iter().map(|method| &**method).collect();
            self.sets.place(&methods, &mut key)
        });
        let updated = micros(row.last_updated_date_time);
        self.newest = self.newest.max(updated);
        self.rows.push((Id::of(&row.id), Packed { flags, methods, updated: updated.unwrap_or(NONE) }));
        Ok(())
    }
}

/// The registration report by user.
#[derive(Default)]
pub(crate) struct Registrations {
    rows: IdMap<Packed>,
    sets: MethodSets,
}

impl Registrations {
    /// Adds rows of later pages; gives back how many users were there before.
    pub(crate) fn add(&mut self, rows: RegistrationRows) -> u64 {
        let mut key = String::new();
        let places: Vec<u32> = rows.sets.sets.iter().map(|methods| self.sets.place(methods, &mut key)).collect();
        self.rows.reserve(rows.rows.len());
        let mut duplicates = 0;
        for (id, row) in rows.rows {
            let at = row.methods.checked_sub(1).and_then(|at| usize::try_from(at).ok());
            let methods = at.and_then(|at| places.get(at).copied()).unwrap_or(0);
            duplicates += u64::from(self.rows.insert(id, Packed { methods, ..row }).is_some());
        }
        duplicates
    }

    /// Methods whose name we have never seen.
    pub(crate) fn unseen_methods(&self) -> BTreeSet<&str> {
        let all = self.sets.sets.iter().flatten().map(String::as_str);
        all.filter(|method| resists_phishing(method).is_none()).collect()
    }
}

/// Per-user MFA: `disabled`, `enabled`, `enforced`, or a word never seen, which stays unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MfaState {
    Disabled,
    Enabled,
    Enforced,
    Unknown,
}

impl MfaState {
    fn of(text: Option<&str>) -> Self {
        match text.unwrap_or_default().to_ascii_lowercase().as_str() {
            "disabled" => Self::Disabled,
            "enabled" => Self::Enabled,
            "enforced" => Self::Enforced,
            _ => Self::Unknown,
        }
    }
    fn text(self) -> Option<&'static str> {
        match self {
            Self::Disabled => Some("disabled"),
            Self::Enabled => Some("enabled"),
            Self::Enforced => Some("enforced"),
            Self::Unknown => None,
        }
    }
}

/// Rows of `requirements`, each named by the owner of its page.
#[derive(Default)]
pub(crate) struct RequirementRows {
    pub(crate) owner: Option<String>,
    pub(crate) rows: Vec<(Id, MfaState)>,
    pub(crate) absent: Absences,
}

impl Elements for RequirementRows {
    fn element<'de, D: Deserializer<'de>>(&mut self, deserializer: D) -> Result<(), D::Error> {
        let row: Requirement = self.absent.read(deserializer)?;
        if let Some(id) = self.owner.as_deref().or(row.id.as_deref()) {
            self.rows.push((Id::of(id), MfaState::of(row.per_user_mfa_state.as_deref())));
        }
        Ok(())
    }
}

/// Kinds of risk that are known and no leaked credentials; a kind never seen may be anything.
const OTHER_RISKS: &[&str] = &[
    "unlikelyTravel",
    "anonymizedIPAddress",
    "maliciousIPAddress",
    "maliciousIPAddressValidCredentialsBlockedIP",
    "unfamiliarFeatures",
    "malwareInfectedIPAddress",
    "suspiciousIPAddress",
    "investigationsThreatIntelligence",
    "generic",
    "adminConfirmedUserCompromised",
    "passwordSpray",
    "impossibleTravel",
    "newCountry",
    "anomalousToken",
    "tokenIssuerAnomaly",
    "suspiciousBrowser",
    "riskyIPAddress",
    "mcasImpossibleTravel",
    "mcasFinSuspiciousFileAccess",
    "mcasSuspiciousInboxManipulationRules",
    "suspiciousInboxForwarding",
    "anomalousUserActivity",
    "attemptedPrtAccess",
    "attackerinTheMiddle",
    "suspiciousAPITraffic",
    "suspiciousSendingPatterns",
    "userReportedSuspiciousActivity",
    "nationStateIP",
];

fn is_leak(kind: Option<&str>) -> Option<bool> {
    let kind = kind?;
    if kind.eq_ignore_ascii_case("leakedCredentials") {
        return Some(true);
    }
    OTHER_RISKS.iter().any(|known| known.eq_ignore_ascii_case(kind)).then_some(false)
}

fn is_open(state: Option<&str>) -> Option<bool> {
    match state?.to_ascii_lowercase().as_str() {
        "atrisk" | "confirmedcompromised" => Some(true),
        "confirmedsafe" | "remediated" | "dismissed" | "none" => Some(false),
        _ => None,
    }
}

/// What the risk detections say about leaked credentials of one user.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Leaked {
    open: bool,
    unknown: bool,
    detected: Option<i64>,
}

/// Rows of `riskDetections`.
#[derive(Default)]
pub(crate) struct LeakedRows {
    users: IdMap<Leaked>,
    /// A leak that may be open does not say whose it is.
    anybody: bool,
    pub(crate) newest: Option<i64>,
    pub(crate) absent: Absences,
}

impl LeakedRows {
    pub(crate) fn new() -> Self {
        Self { absent: Absences::of(properties_of("riskDetections")), ..Self::default() }
    }

    fn of(&self, user: &Id) -> Leaked {
        let mut leaked = self.users.get(user).copied().unwrap_or_default();
        leaked.unknown |= self.anybody;
        leaked
    }
}

impl Elements for LeakedRows {
    fn element<'de, D: Deserializer<'de>>(&mut self, deserializer: D) -> Result<(), D::Error> {
        let row: RiskDetection = self.absent.read(deserializer)?;
        let detected = micros(row.detected_date_time);
        self.newest = self.newest.max(detected);
        let open = all([is_leak(row.risk_event_type.as_deref()), is_open(row.risk_state.as_deref())]);
        match (open, row.user_id.as_deref().filter(|user| is_guid(user))) {
            (Some(false), _) => {}
            (_, None) => self.anybody = true,
            (open, Some(user)) => {
                let id = Id::of(user);
                let mut found = self.users.get(&id).copied().unwrap_or_default();
                if open == Some(true) {
                    found.open = true;
                    found.detected = found.detected.max(detected);
                } else {
                    found.unknown = true;
                }
                self.users.insert(id, found);
            }
        }
        Ok(())
    }
}

/// Rows of one chunk of `users`.
pub(crate) struct UserRows<'c> {
    context: &'c UserContext,
    builder: TableBuilder,
    pub(crate) ids: Vec<Id>,
    pub(crate) newest: Option<i64>,
    /// A user carried its own sign-in activity.
    pub(crate) embedded_activity: bool,
    pub(crate) absent: Absences,
    /// Users that are left out because they are deleted.
    pub(crate) deleted: u64,
}

impl<'c> UserRows<'c> {
    pub(crate) fn new(context: &'c UserContext) -> Result<Self, ReadError> {
        let builder = TableBuilder::new(table("users")?);
        let absent = Absences::of(properties_of("users"));
        Ok(Self { context, builder, ids: Vec::new(), newest: None, embedded_activity: false, absent, deleted: 0 })
    }

    pub(crate) fn finish(&mut self) -> Result<RecordBatch, ReadError> {
        self.builder.finish()
    }

    fn push(&mut self, user: &User) {
        let context = self.context;
        let key = Id::of(&user.id);
        let (kind, assumed) = user_type(user);
        let row = &mut self.builder;
        row.text("tenant_id", Some(&context.tenant_id));
        row.text("id", Some(&normal(&user.id)));
        row.text("user_principal_name", user.user_principal_name.as_deref().filter(|_| context.names));
        row.text("display_name", user.display_name.as_deref().filter(|_| context.names));
        let external = is_external(user, &context.domains);
        row.text("user_type", kind);
        row.boolean("user_type_assumed", Some(assumed));
        row.text("external_kind", external_kind(kind, external));
        row.boolean("is_external", external);
        row.boolean("account_enabled", user.account_enabled.or_null(true));
        row.boolean("is_agent", is_agent(user));
        let (created, changed) = (micros(user.created_date_time), micros(user.last_password_change_date_time));
        row.timestamp("created_date_time", created);
        row.boolean("on_premises_sync_enabled", user.on_premises_sync_enabled.or_null(false));
        row.text("external_user_state", user.external_user_state.as_deref().filter(|state| !state.is_empty()));
        row.timestamp("last_password_change_date_time", changed);
        row.boolean("password_never_expires", password_never_expires(user));
        row.timestamp("employee_hire_date", micros(user.employee_hire_date));
        let licenses = user.assigned_licenses.as_deref();
        row.text_list(
            "assigned_license_sku_ids",
            licenses
                .filter(|licenses| licenses.iter().all(|license| license.sku_id.is_some()))
                .map(|licenses| licenses.iter().filter_map(|license| license.sku_id.as_deref().map(normal))),
        );
        row.boolean("upn_on_initial_domain", upn_on_initial_domain(user, &context.domains));
        row.boolean("entra_licenses_only", entra_licenses_only(licenses, context.licences.as_ref()));
        row.boolean("mailbox_license", mailbox_license(licenses, context.licences.as_ref()));

        let registration = context.registration.as_ref();
        let packed = registration.and_then(|registration| registration.rows.get(&key)).copied();
        let methods = packed.and_then(|packed| registration.and_then(|all| all.sets.get(packed.methods)));
        for (number, column) in (0..).zip(REGISTRATION_FLAGS) {
            row.boolean(column, packed.and_then(|packed| packed.flag(number)));
        }
        row.text_list("methods_registered", methods);
        row.boolean("phishing_resistant_registered", methods.and_then(phishing_resistant_registered));
        row.timestamp(
            "registration_last_updated_date_time",
            packed.map(|packed| packed.updated).filter(|updated| *updated != NONE),
        );

        let own = match &user.sign_in_activity {
            Presence::Absent => None,
            Presence::Null => Some(NEVER),
            Presence::Is(activity) => Some(*activity),
        };
        self.embedded_activity |= own.is_some();
        let read = context.activity.as_ref().map(|all| all.get(&key).map(|activity| activity.unpacked()));
        let activity = read.flatten().or(own);
        let seen = activity.unwrap_or_default();
        row.timestamp("last_successful_sign_in_date_time", last_success(&seen));
        row.timestamp("last_sign_in_date_time", micros(seen.last_sign_in_date_time));
        row.timestamp("last_non_interactive_sign_in_date_time", micros(seen.last_non_interactive_sign_in_date_time));
        row.timestamp("last_seen", last_success(&seen));
        row.boolean(
            "last_successful_sign_in_carried",
            activity.map(|activity| activity.last_successful_sign_in_date_time != Presence::Absent),
        );
        row.boolean("sign_in_activity_read", (read.is_some() || own.is_some()).then_some(activity.is_some()));

        let state = context.requirements.as_ref().and_then(|states| states.get(&key));
        row.text("per_user_mfa_state", state.and_then(|state| state.text()));
        let leaked = context.leaked.as_ref().map(|all| all.of(&key));
        row.boolean(
            "leaked_credentials_open",
            leaked.and_then(|leaked| if leaked.open { Some(true) } else { (!leaked.unknown).then_some(false) }),
        );
        row.timestamp("leaked_credentials_detected_date_time", leaked.and_then(|leaked| leaked.detected));
        row.end_row();
        self.newest = self.newest.max(created).max(changed).max(newest_attempt(&seen));
        self.ids.push(key);
    }
}

const REGISTRATION_FLAGS: [&str; 6] =
    ["mfa_registered", "mfa_capable", "sspr_enabled", "sspr_registered", "sspr_capable", "passwordless_capable"];

impl Elements for UserRows<'_> {
    fn element<'de, D: Deserializer<'de>>(&mut self, deserializer: D) -> Result<(), D::Error> {
        let user: User = self.absent.read(deserializer)?;
        if micros(user.deleted_date_time).is_some() {
            self.absent.forget_last();
            self.deleted += 1;
        } else if user.removed.is_some() {
            self.absent.forget_last();
        } else {
            self.push(&user);
        }
        Ok(())
    }
}
