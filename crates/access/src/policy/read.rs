//! From Graph's JSON to a policy. What is absent is told apart from what is null or empty.

use serde_json::Value;

use super::{
    Apps, Control, DeviceFilter, Frequency, Grant, Guests, Operator, Persistence, Policy, Session, Sides, State,
    Tenants, UserSide,
};
use crate::json::{
    Said, flags, get, has_empty_member, is_guid, normal_id, object, said, says_nothing, text, texts, unknown_members,
};
use crate::strength::Strengths;

/// What it means that a part of a policy lacks a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Absent {
    /// It is not set: the policies leave out whatever is empty.
    NotSet,
    /// It got lost, because Graph serves these members even when they are empty.
    Unknown,
}

impl Absent {
    /// How the policies of a file are to be read: with one null or empty list anywhere, nothing empty was left out.
    pub(crate) fn of(policies: &[Value]) -> Absent {
        if policies.iter().any(has_empty_member) { Absent::Unknown } else { Absent::NotSet }
    }

    /// Why a member is unknown.
    fn reason(self, name: &str) -> Option<String> {
        (self == Absent::Unknown).then(|| absent_always(name))
    }

    /// The words of a list, and why it is unknown.
    fn list(self, part: &Value, name: &str) -> (Vec<String>, Option<String>) {
        match said(part, name) {
            Said::Absent => (Vec::new(), self.reason(name)),
            Said::Null => (Vec::new(), None),
            Said::Value(value) => (texts(Some(value)), None),
        }
    }
}

/// A word for a value that should be there.
const NOT_STATED: &str = "a value that was not in the export";

const CONDITIONS: &[&str] = &[
    "applications",
    "users",
    "clientApplications",
    "clientAppTypes",
    "platforms",
    "locations",
    "signInRiskLevels",
    "userRiskLevels",
    "servicePrincipalRiskLevels",
    "agentIdRiskLevels",
    "insiderRiskLevels",
    "devices",
    "deviceStates",
    "authenticationFlows",
];

fn absent_always(name: &str) -> String {
    format!("`{name}` was not in the export")
}

fn not_interpreted(name: &str) -> String {
    format!("`{name}` can't be interpreted")
}

/// A part of the conditions.
enum Part<'a> {
    /// It is not set.
    NotSet,
    /// It can't be read, for this reason.
    Unknown(String),
    Object(&'a Value),
}

fn part<'a>(of: &'a Value, name: &str) -> Part<'a> {
    if let Some(object) = object(of, name) {
        return Part::Object(object);
    }
    match said(of, name) {
        Said::Absent | Said::Null => Part::NotSet,
        Said::Value(_) => Part::Unknown(not_interpreted(name)),
    }
}

/// The same for a part that Graph always serves.
fn demanded<'a>(of: &'a Value, name: &str) -> Part<'a> {
    match said(of, name) {
        Said::Absent => Part::Unknown(absent_always(name)),
        _ => part(of, name),
    }
}

impl Policy {
    /// Reads one policy. Nothing is refused: what can't be read leaves the policy with unknown parts.
    pub(crate) fn read(value: &Value, strengths: &Strengths, absent: Absent) -> Policy {
        let id = text(value, "id").map(normal_id).unwrap_or_default();
        // What has no id yet is a draft, and those hold what its author wrote.
        let absent = if said(value, "id") == Said::Absent { Absent::NotSet } else { absent };
        let name = text(value, "displayName").map_or_else(|| id.clone(), str::to_owned);
        let nothing = Value::Null;
        let mut unknown_conditions = Vec::new();
        let conditions = match said(value, "conditions") {
            Said::Value(conditions) if conditions.is_object() => {
                unknown_conditions = unknown_members(conditions, CONDITIONS);
                conditions
            }
            _ => {
                unknown_conditions.push("conditions".to_owned());
                &nothing
            }
        };
        let lost = conditions.is_null();
        let list = |name: &str| match said(conditions, name) {
            Said::Value(value) => flags(Some(value)),
            // They may hold any of these.
            _ if lost => vec![NOT_STATED.to_owned()],
            _ => Vec::new(),
        };
        if get(value, "partialEnablementStrategy").is_some() {
            unknown_conditions.push("partialEnablementStrategy".to_owned());
        }
        let flows = read_flows(conditions, &mut unknown_conditions);
        let mut devices = Devices::default();
        devices.read(conditions, absent, &mut unknown_conditions);
        let users = demanded(conditions, "users");
        let (client_apps, unknown_client_apps) = match said(conditions, "clientAppTypes") {
            Said::Value(value) if !says_nothing(value) => (flags(Some(value)), None),
            Said::Absent => (Vec::new(), Some(absent_always("clientAppTypes"))),
            _ => (Vec::new(), Some("`clientAppTypes` is empty".to_owned())),
        };
        Policy {
            state: match text(value, "state") {
                Some(state) if state.eq_ignore_ascii_case("enabled") => State::Enabled,
                Some(state) if state.eq_ignore_ascii_case("enabledForReportingButNotEnforced") => State::ReportOnly,
                Some(state) if state.eq_ignore_ascii_case("disabled") => State::Disabled,
                _ => State::Unknown,
            },
            workloads: targets_workloads(conditions, absent),
            include: read_users(&users, "include", absent),
            exclude: read_users(&users, "exclude", absent),
            apps: read_apps(&demanded(conditions, "applications"), absent),
            client_apps,
            unknown_client_apps,
            platforms: read_sides(&part(conditions, "platforms"), "includePlatforms", "excludePlatforms", absent),
            locations: read_sides(&part(conditions, "locations"), "includeLocations", "excludeLocations", absent),
            sign_in_risk: list("signInRiskLevels"),
            user_risk: list("userRiskLevels"),
            insider_risk: list("insiderRiskLevels"),
            flows,
            devices: devices.all,
            any_device: devices.any,
            unknown_conditions,
            grant: read_grant(value, strengths, absent),
            session: read_session(value, absent),
            name,
        }
    }
}

/// Policies for service principals and agents name them in `clientApplications`, or by a risk of their own.
fn targets_workloads(conditions: &Value, absent: Absent) -> Option<bool> {
    let mut found = Some(false);
    let mut note = |told: Option<bool>| {
        if found != Some(true) && told != Some(false) {
            found = told;
        }
    };
    let named = |words: &[String]| {
        let says = |word: &&String| !word.eq_ignore_ascii_case("None");
        match words.iter().filter(says).find(|word| !word.is_empty()) {
            Some(_) => Some(true),
            None if words.iter().any(String::is_empty) => None,
            None => Some(false),
        }
    };
    match part(conditions, "clientApplications") {
        Part::NotSet => {}
        Part::Unknown(_) => note(None),
        Part::Object(part) => {
            for (key, value) in part.as_object().into_iter().flatten() {
                let key = key.to_ascii_lowercase();
                if key.contains('@') || says_nothing(value) {
                    continue;
                }
                if key.starts_with("include") {
                    note(named(&texts(Some(value))));
                } else if key.ends_with("filter") {
                    note(Some(true));
                } else if key == "additionalproperties" {
                    note(None);
                }
            }
            if said(part, "includeServicePrincipals") == Said::Absent && absent == Absent::Unknown {
                note(None);
            }
        }
    }
    for name in ["servicePrincipalRiskLevels", "agentIdRiskLevels"] {
        if let Some(value) = get(conditions, name) {
            note(named(&flags(Some(value))));
        }
    }
    found
}

fn read_users(users: &Part<'_>, side: &str, absent: Absent) -> UserSide {
    let users = match users {
        Part::NotSet => return UserSide::default(),
        Part::Unknown(reason) => return UserSide { unknown: Some(reason.clone()), ..UserSide::default() },
        Part::Object(users) => *users,
    };
    let list = |name: &str| absent.list(users, &format!("{side}{name}"));
    let ((words, lost_users), (groups, lost_groups), (roles, lost_roles)) =
        (list("Users"), list("Groups"), list("Roles"));
    let of_guests = format!("{side}GuestsOrExternalUsers");
    let (guests, lost_guests) = match said(users, &of_guests) {
        Said::Absent => (None, absent.reason(&of_guests)),
        Said::Null => (None, None),
        Said::Value(guests) => (Some(read_guests(guests, absent)), None),
    };
    let known: Vec<String> = ["include", "exclude"]
        .iter()
        .flat_map(|side| ["Users", "Groups", "Roles", "GuestsOrExternalUsers"].map(|name| format!("{side}{name}")))
        .collect();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    UserSide {
        users: words,
        groups,
        roles,
        guests,
        unknown: lost_users.or(lost_guests).or_else(|| unknown_side(users, &known, side == "exclude")),
        unknown_principals: lost_groups.or(lost_roles),
    }
}

fn read_guests(guests: &Value, absent: Absent) -> Guests {
    let kinds = match said(guests, "guestOrExternalUserTypes") {
        Said::Value(value) => flags(Some(value)),
        Said::Absent | Said::Null => vec![NOT_STATED.to_owned()],
    };
    let tenants = match said(guests, "externalTenants") {
        Said::Absent if absent == Absent::Unknown => Tenants::Unknown,
        Said::Absent | Said::Null => Tenants::All,
        Said::Value(tenants) => match text(tenants, "membershipKind") {
            Some(kind) if kind.eq_ignore_ascii_case("all") => Tenants::All,
            Some(kind) if kind.eq_ignore_ascii_case("enumerated") => {
                let members = texts(get(tenants, "members"));
                let sure = !members.is_empty() && members.iter().all(|member| is_guid(member));
                if sure { Tenants::Enumerated(members) } else { Tenants::Unknown }
            }
            _ => Tenants::Unknown,
        },
    };
    Guests { kinds, tenants }
}

/// Why the including, or excluding, side of a part is unknown: a member that we don't know.
fn unknown_side(part: &Value, known: &[&str], excluding: bool) -> Option<String> {
    unknown_members(part, known)
        .into_iter()
        .find(|name| name.to_ascii_lowercase().starts_with("exclude") == excluding)
        .map(|name| not_interpreted(&name))
}

fn read_apps(part: &Part<'_>, absent: Absent) -> Apps {
    let part = match part {
        Part::NotSet => return Apps::default(),
        Part::Unknown(reason) => {
            let reason = || Some(reason.clone());
            return Apps {
                unknown_include: reason(),
                unknown_exclude: reason(),
                unknown_actions: reason(),
                ..Apps::default()
            };
        }
        Part::Object(part) => *part,
    };
    let known = &[
        "includeApplications",
        "excludeApplications",
        "includeUserActions",
        "includeAuthenticationContextClassReferences",
        "applicationFilter",
    ];
    let (include, lost_include) = absent.list(part, "includeApplications");
    let (exclude, lost_exclude) = absent.list(part, "excludeApplications");
    let (user_actions, unknown_actions) = absent.list(part, "includeUserActions");
    let (contexts, _) = absent.list(part, "includeAuthenticationContextClassReferences");
    let (filter_includes, filter_excludes) = match said(part, "applicationFilter") {
        Said::Absent => (absent.reason("applicationFilter"), absent.reason("applicationFilter")),
        Said::Null => (None, None),
        Said::Value(filter) => {
            let mode = text(filter, "mode").unwrap_or_default().to_ascii_lowercase();
            let named = || Some("the filter over apps can't be evaluated".to_owned());
            (named().filter(|_| mode != "exclude"), named().filter(|_| mode != "include"))
        }
    };
    Apps {
        include,
        exclude,
        user_actions,
        contexts,
        unknown_include: lost_include.or(filter_includes).or_else(|| unknown_side(part, known, false)),
        unknown_exclude: lost_exclude.or(filter_excludes).or_else(|| unknown_side(part, known, true)),
        unknown_actions,
    }
}

fn read_sides(part: &Part<'_>, include: &str, exclude: &str, absent: Absent) -> Sides {
    let part = match part {
        Part::NotSet => return Sides::default(),
        Part::Unknown(reason) => {
            let reason = || Some(reason.clone());
            return Sides { unknown_include: reason(), unknown_exclude: reason(), ..Sides::default() };
        }
        Part::Object(part) => *part,
    };
    let ((included, lost_include), (excluded, lost_exclude)) = (absent.list(part, include), absent.list(part, exclude));
    Sides {
        include: included,
        exclude: excluded,
        unknown_include: lost_include.or_else(|| unknown_side(part, &[include, exclude], false)),
        unknown_exclude: lost_exclude.or_else(|| unknown_side(part, &[include, exclude], true)),
    }
}

fn read_flows(conditions: &Value, unknown: &mut Vec<String>) -> Vec<String> {
    let part = match part(conditions, "authenticationFlows") {
        Part::NotSet if conditions.is_null() => return vec![NOT_STATED.to_owned()],
        Part::NotSet => return Vec::new(),
        Part::Unknown(_) => return vec![NOT_STATED.to_owned()],
        Part::Object(part) => part,
    };
    unknown.extend(unknown_members(part, &["transferMethods"]));
    match said(part, "transferMethods") {
        Said::Absent => vec![NOT_STATED.to_owned()],
        Said::Null => Vec::new(),
        // `none` alone is how Graph writes "not configured".
        Said::Value(value) => {
            flags(Some(value)).into_iter().filter(|word| !word.eq_ignore_ascii_case("none")).collect()
        }
    }
}

/// What is asked of the device.
#[derive(Default)]
struct Devices {
    /// All of these must hold.
    all: Vec<DeviceFilter>,
    /// One of these must hold, unless there are none.
    any: Vec<DeviceFilter>,
}

impl Devices {
    fn read(&mut self, conditions: &Value, absent: Absent, unknown: &mut Vec<String>) {
        match part(conditions, "devices") {
            Part::NotSet => {}
            Part::Unknown(_) => unknown.push("devices".to_owned()),
            Part::Object(part) => {
                let pairs = [("includeDevices", "excludeDevices"), ("includeDeviceStates", "excludeDeviceStates")];
                let known: Vec<&str> =
                    pairs.iter().flat_map(|(one, other)| [*one, *other]).chain(["deviceFilter"]).collect();
                unknown.extend(unknown_members(part, &known));
                for (include, exclude) in pairs {
                    // Where Graph knows the pair at all, it serves both.
                    if said(part, include) != Said::Absent || said(part, exclude) != Said::Absent {
                        self.states(part, include, exclude, absent, unknown);
                    }
                }
                self.filter(part, absent, unknown);
            }
        }
        match part(conditions, "deviceStates") {
            Part::NotSet => {}
            Part::Unknown(_) => unknown.push("deviceStates".to_owned()),
            Part::Object(part) => {
                unknown.extend(unknown_members(part, &["includeStates", "excludeStates"]));
                self.states(part, "includeStates", "excludeStates", absent, unknown);
            }
        }
    }

    fn filter(&mut self, part: &Value, absent: Absent, unknown: &mut Vec<String>) {
        let filter = match said(part, "deviceFilter") {
            Said::Absent if absent == Absent::Unknown => return unknown.push("deviceFilter".to_owned()),
            Said::Absent | Said::Null => return,
            Said::Value(filter) => filter,
        };
        let mode = text(filter, "mode").unwrap_or_default().to_ascii_lowercase();
        match (mode.as_str(), text(filter, "rule").filter(|rule| is_rule(rule))) {
            ("include" | "exclude", Some(rule)) => {
                let rule = rule.split_whitespace().collect::<Vec<_>>().join(" ");
                self.all.push(DeviceFilter { matching: mode == "include", rule });
            }
            _ => unknown.push("deviceFilter".to_owned()),
        }
    }

    /// The states of a device in older policies. Each has a filter that says the same today.
    fn states(&mut self, part: &Value, include: &str, exclude: &str, absent: Absent, unknown: &mut Vec<String>) {
        let rule = |word: &str| match word.to_ascii_lowercase().as_str() {
            "compliant" => Some("device.isCompliant -eq True".to_owned()),
            "domainjoined" => Some("device.trustType -eq \"ServerAD\"".to_owned()),
            _ => None,
        };
        let (included, lost_include) = absent.list(part, include);
        let (excluded, lost_exclude) = absent.list(part, exclude);
        let all = |word: &String| word.eq_ignore_ascii_case("All");
        if lost_include.is_some() || included.iter().any(|word| !all(word) && rule(word).is_none()) {
            unknown.push(include.to_owned());
        } else if !included.iter().any(all) {
            // Two such parts in one policy would have to hold both.
            if !included.is_empty() && !self.any.is_empty() {
                unknown.push(include.to_owned());
            }
            let filters = included.iter().filter_map(|word| rule(word));
            self.any.extend(filters.map(|rule| DeviceFilter { matching: true, rule }));
        }
        if lost_exclude.is_some() || excluded.iter().any(|word| rule(word).is_none()) {
            unknown.push(exclude.to_owned());
        } else {
            let filters = excluded.iter().filter_map(|word| rule(word));
            self.all.extend(filters.map(|rule| DeviceFilter { matching: false, rule }));
        }
    }
}

/// Whether a text looks like a filter over devices: a property of the device and an operator.
fn is_rule(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    text.contains("device.") && text.contains(" -")
}

fn read_grant(value: &Value, strengths: &Strengths, absent: Absent) -> Grant {
    let unknown = |reason: String| Grant { operator: Operator::Unknown, controls: vec![Control::Unknown(reason)] };
    let part = match object(value, "grantControls") {
        Some(part) => part,
        None => match said(value, "grantControls") {
            Said::Absent => return unknown(absent_always("grantControls")),
            Said::Null => return Grant { operator: Operator::Or, controls: Vec::new() },
            Said::Value(_) => return unknown(not_interpreted("grantControls")),
        },
    };
    let mut controls = Vec::new();
    for (name, control) in [
        ("builtInControls", built_in as fn(&str) -> Control),
        ("termsOfUse", |_| Control::TermsOfUse),
        ("customAuthenticationFactors", |_| Control::Custom),
    ] {
        match said(part, name) {
            Said::Absent => controls.extend(absent.reason(name).map(Control::Unknown)),
            Said::Null => {}
            Said::Value(list) => controls.extend(flags(Some(list)).iter().map(|word| match word.as_str() {
                "" => Control::Unknown(format!("a blank in `{name}` can't be interpreted")),
                word => control(word),
            })),
        }
    }
    match said(part, "authenticationStrength") {
        Said::Absent => controls.extend(absent.reason("authenticationStrength").map(Control::Unknown)),
        Said::Null => {}
        // PowerShell's husk may hold an empty list.
        Said::Value(strength) if strength.is_object() && says_nothing(strength) => {}
        Said::Value(strength) => controls.push(Control::Strength(strengths.resolve(strength))),
    }
    let known = ["operator", "builtInControls", "termsOfUse", "customAuthenticationFactors", "authenticationStrength"];
    controls.extend(unknown_members(part, &known).iter().map(|name| unknown_control(name)));
    let operator = match text(part, "operator") {
        Some(word) if word.eq_ignore_ascii_case("and") => Operator::And,
        Some(word) if word.eq_ignore_ascii_case("or") => Operator::Or,
        _ => Operator::Unknown,
    };
    Grant { operator, controls }
}

fn built_in(word: &str) -> Control {
    match word.to_ascii_lowercase().as_str() {
        "mfa" => Control::Mfa,
        "block" => Control::Block,
        "passwordchange" => Control::PasswordChange,
        "riskremediation" => Control::RiskRemediation,
        "compliantdevice" => Control::CompliantDevice,
        "domainjoineddevice" => Control::DomainJoinedDevice,
        "approvedapplication" | "compliantapplication" => Control::AppProtection,
        "verifiedid" => Control::VerifiedId,
        _ => unknown_control(word),
    }
}

fn unknown_control(word: &str) -> Control {
    Control::Unknown(format!("the grant control `{word}` can't be interpreted"))
}

fn read_session(value: &Value, absent: Absent) -> Session {
    let unknown = |reason: String| Session {
        frequency: Some(Frequency::Unknown),
        persistent_browser: Some(Persistence::Unknown),
        lost: vec![reason],
    };
    let part = match object(value, "sessionControls") {
        Some(part) => part,
        None => match said(value, "sessionControls") {
            Said::Absent => return unknown(absent_always("sessionControls")),
            Said::Null => return Session::default(),
            Said::Value(_) => return unknown(not_interpreted("sessionControls")),
        },
    };
    Session {
        lost: lost_limits(part, absent),
        frequency: limit(part, "signInFrequency", absent, Frequency::Unknown, |value| read_frequency(value, absent)),
        persistent_browser: limit(part, "persistentBrowser", absent, Persistence::Unknown, |value| {
            match text(value, "mode").map(str::to_ascii_lowercase).as_deref() {
                Some("never") => Persistence::Never,
                Some("always") => Persistence::Always,
                _ => Persistence::Unknown,
            }
        }),
    }
}

/// What of the limits was not in the export.
fn lost_limits(part: &Value, absent: Absent) -> Vec<String> {
    let mut found = Vec::new();
    for (name, members) in [
        ("signInFrequency", ["isEnabled", "authenticationType", "frequencyInterval"].as_slice()),
        ("persistentBrowser", &["isEnabled", "mode"]),
    ] {
        match said(part, name) {
            Said::Absent => found.extend(absent.reason(name)),
            Said::Null => {}
            Said::Value(limit) => {
                let lost = members.iter().filter(|member| said(limit, member) == Said::Absent);
                let lost = lost.filter(|member| **member != "authenticationType" || absent == Absent::Unknown);
                found.extend(lost.map(|member| absent_always(&format!("{name}.{member}"))));
            }
        }
    }
    found
}

/// A limit that is enabled, or may be.
fn limit<T>(part: &Value, name: &str, absent: Absent, unknown: T, read: impl Fn(&Value) -> T) -> Option<T> {
    match said(part, name) {
        Said::Absent => (absent == Absent::Unknown).then_some(unknown),
        Said::Null => None,
        Said::Value(value) => match get(value, "isEnabled").map(Value::as_bool) {
            Some(Some(false)) => None,
            Some(Some(true)) => Some(read(value)),
            _ => Some(unknown),
        },
    }
}

fn read_frequency(value: &Value, absent: Absent) -> Frequency {
    // Asking for the second factor again does not end the session.
    match said(value, "authenticationType") {
        Said::Absent if absent == Absent::Unknown => return Frequency::Unknown,
        Said::Absent | Said::Null => {}
        Said::Value(kind) => match kind.as_str() {
            Some(kind) if kind.eq_ignore_ascii_case("primaryAndSecondaryAuthentication") => {}
            _ => return Frequency::Unknown,
        },
    }
    let interval = text(value, "frequencyInterval");
    if interval.is_some_and(|word| word.eq_ignore_ascii_case("everyTime")) {
        return Frequency::EveryTime;
    }
    let number = get(value, "value").and_then(Value::as_u64);
    let hours = match (number, text(value, "type").map(str::to_ascii_lowercase).as_deref()) {
        (Some(number), Some("hours")) => number,
        (Some(number), Some("days")) => number.saturating_mul(24),
        _ => return Frequency::Unknown,
    };
    // Without the interval it may be every time.
    if interval.is_some_and(|word| word.eq_ignore_ascii_case("timeBased")) {
        Frequency::Hours(hours)
    } else {
        Frequency::AtMost(hours)
    }
}
