//! A Conditional Access policy as Graph states it, with every word kept: nothing is interpreted here.

use serde_json::Value;

use crate::json::{flags, get, normal_id, text, texts, unknown_members};
use crate::strength::{Strength, Strengths};

/// Whether Entra enforces the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Enabled,
    ReportOnly,
    Disabled,
    /// A word that we don't know: it may be enforced or not.
    Unknown,
}

/// One policy.
#[derive(Debug, Clone)]
pub(crate) struct Policy {
    pub(crate) name: String,
    pub(crate) state: State,
    /// It names service principals or agents, so it targets no user.
    pub(crate) targets_workloads: bool,
    pub(crate) include: UserSide,
    pub(crate) exclude: UserSide,
    pub(crate) apps: Apps,
    pub(crate) client_apps: Vec<String>,
    pub(crate) platforms: Sides,
    pub(crate) locations: Sides,
    pub(crate) sign_in_risk: Vec<String>,
    pub(crate) user_risk: Vec<String>,
    pub(crate) insider_risk: Vec<String>,
    pub(crate) flows: Vec<String>,
    pub(crate) device: Option<DeviceFilter>,
    /// Conditions that we can't interpret. Each narrows the policy by an unknown amount.
    pub(crate) unknown_conditions: Vec<String>,
    pub(crate) grant: Grant,
    pub(crate) session: Session,
}

/// Users that a policy includes, or excludes.
#[derive(Debug, Clone, Default)]
pub(crate) struct UserSide {
    pub(crate) users: Vec<String>,
    pub(crate) groups: Vec<String>,
    pub(crate) roles: Vec<String>,
    pub(crate) guests: Option<Guests>,
    /// A property that we don't know adds an unknown set of users.
    pub(crate) unknown: Option<String>,
}

/// Guests and other external users by kind and home tenant.
#[derive(Debug, Clone)]
pub(crate) struct Guests {
    pub(crate) kinds: Vec<String>,
    pub(crate) tenants: Tenants,
}

/// Home tenants.
#[derive(Debug, Clone)]
pub(crate) enum Tenants {
    All,
    Enumerated(Vec<String>),
    Unknown,
}

/// What a policy is about.
#[derive(Debug, Clone, Default)]
pub(crate) struct Apps {
    pub(crate) include: Vec<String>,
    pub(crate) exclude: Vec<String>,
    pub(crate) user_actions: Vec<String>,
    pub(crate) contexts: Vec<String>,
    /// A filter over apps, or another property we don't know, adds an unknown set of apps …
    pub(crate) unknown_include: Option<String>,
    /// … or removes one.
    pub(crate) unknown_exclude: Option<String>,
}

/// A condition with an include list and an exclude list.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sides {
    pub(crate) include: Vec<String>,
    pub(crate) exclude: Vec<String>,
    pub(crate) unknown_include: Option<String>,
    pub(crate) unknown_exclude: Option<String>,
}

/// A filter over devices.
#[derive(Debug, Clone)]
pub(crate) struct DeviceFilter {
    /// `true`: only devices that match. `false`: only devices that don't.
    pub(crate) matching: bool,
    pub(crate) rule: String,
}

/// How the controls of a policy are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    And,
    Or,
    Unknown,
}

/// What a policy demands.
#[derive(Debug, Clone)]
pub(crate) struct Grant {
    pub(crate) operator: Operator,
    pub(crate) controls: Vec<Control>,
}

/// One control.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Control {
    Mfa,
    Block,
    PasswordChange,
    RiskRemediation,
    CompliantDevice,
    DomainJoinedDevice,
    /// `approvedApplication`, `compliantApplication`.
    AppProtection,
    TermsOfUse,
    Custom,
    Strength(Strength),
    Unknown(String),
}

/// Limits of the session.
#[derive(Debug, Clone, Default)]
pub(crate) struct Session {
    pub(crate) frequency: Option<Frequency>,
    /// `never` or `always`, when it is enabled.
    pub(crate) persistent_browser: Option<String>,
}

/// How often a user must sign in again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Frequency {
    EveryTime,
    Hours(u64),
    Unknown,
}

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
    "authenticationFlows",
];

impl Policy {
    /// Reads one policy. Nothing is refused: what can't be read leaves the policy with unknown parts.
    pub(crate) fn read(value: &Value, strengths: &Strengths) -> Policy {
        let id = text(value, "id").map(normal_id).unwrap_or_default();
        let name = text(value, "displayName").map_or_else(|| id.clone(), str::to_owned);
        let nothing = Value::Null;
        let conditions = get(value, "conditions");
        let part = |name: &str| conditions.and_then(|conditions| get(conditions, name)).unwrap_or(&nothing);
        let list = |name: &str| flags(conditions.and_then(|conditions| get(conditions, name)));

        let mut unknown_conditions = conditions
            .map_or_else(|| vec!["conditions".to_owned()], |conditions| unknown_members(conditions, CONDITIONS));
        if get(value, "partialEnablementStrategy").is_some() {
            unknown_conditions.push("partialEnablementStrategy".to_owned());
        }
        let flow_part = part("authenticationFlows");
        unknown_conditions.extend(unknown_members(flow_part, &["transferMethods"]));
        let device = read_device(part("devices"), &mut unknown_conditions);

        Policy {
            state: match text(value, "state") {
                Some(state) if state.eq_ignore_ascii_case("enabled") => State::Enabled,
                Some(state) if state.eq_ignore_ascii_case("enabledForReportingButNotEnforced") => State::ReportOnly,
                Some(state) if state.eq_ignore_ascii_case("disabled") => State::Disabled,
                _ => State::Unknown,
            },
            targets_workloads: names_workloads(part("clientApplications"))
                || !list("servicePrincipalRiskLevels").is_empty()
                || !list("agentIdRiskLevels").is_empty(),
            include: read_users(part("users"), "include"),
            exclude: read_users(part("users"), "exclude"),
            apps: read_apps(part("applications")),
            client_apps: list("clientAppTypes"),
            platforms: read_sides(part("platforms"), "includePlatforms", "excludePlatforms"),
            locations: read_sides(part("locations"), "includeLocations", "excludeLocations"),
            sign_in_risk: list("signInRiskLevels"),
            user_risk: list("userRiskLevels"),
            insider_risk: list("insiderRiskLevels"),
            // `none` alone is how Graph writes "not configured".
            flows: flags(get(flow_part, "transferMethods"))
                .into_iter()
                .filter(|word| !word.eq_ignore_ascii_case("none"))
                .collect(),
            device,
            unknown_conditions,
            grant: read_grant(get(value, "grantControls"), strengths),
            session: read_session(get(value, "sessionControls")),
            name,
        }
    }
}

fn names_workloads(part: &Value) -> bool {
    part.as_object().is_some_and(|members| {
        members.iter().any(|(key, value)| {
            let key = key.to_ascii_lowercase();
            (key.starts_with("include") || key.ends_with("filter")) && !crate::json::is_husk(value)
        })
    })
}

fn read_users(part: &Value, side: &str) -> UserSide {
    let list = |name: &str| texts(get(part, &format!("{side}{name}")));
    let guests = get(part, &format!("{side}GuestsOrExternalUsers")).map(|guests| {
        let tenants = get(guests, "externalTenants");
        let kind = tenants.and_then(|tenants| text(tenants, "membershipKind"));
        let members = tenants.map(|tenants| texts(get(tenants, "members"))).unwrap_or_default();
        Guests {
            kinds: flags(get(guests, "guestOrExternalUserTypes")),
            tenants: match kind {
                None if members.is_empty() => Tenants::All,
                Some(kind) if kind.eq_ignore_ascii_case("all") => Tenants::All,
                Some(kind) if kind.eq_ignore_ascii_case("enumerated") => Tenants::Enumerated(members),
                _ => Tenants::Unknown,
            },
        }
    });
    let known: Vec<String> = ["include", "exclude"]
        .iter()
        .flat_map(|side| ["Users", "Groups", "Roles", "GuestsOrExternalUsers"].map(|name| format!("{side}{name}")))
        .collect();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    UserSide {
        users: list("Users"),
        groups: list("Groups"),
        roles: list("Roles"),
        guests,
        unknown: unknown_side(part, &known, side == "exclude"),
    }
}

/// The first unknown member of the including, or excluding, side.
fn unknown_side(part: &Value, known: &[&str], excluding: bool) -> Option<String> {
    unknown_members(part, known).into_iter().find(|name| name.to_ascii_lowercase().starts_with("exclude") == excluding)
}

fn read_apps(part: &Value) -> Apps {
    let known = &[
        "includeApplications",
        "excludeApplications",
        "includeUserActions",
        "includeAuthenticationContextClassReferences",
        "applicationFilter",
    ];
    let filter =
        get(part, "applicationFilter").map(|filter| text(filter, "mode").unwrap_or_default().to_ascii_lowercase());
    let filter = filter.as_deref();
    let named = || Some("the filter over apps".to_owned());
    Apps {
        include: texts(get(part, "includeApplications")),
        exclude: texts(get(part, "excludeApplications")),
        user_actions: texts(get(part, "includeUserActions")),
        contexts: texts(get(part, "includeAuthenticationContextClassReferences")),
        unknown_include: match filter {
            Some(mode) if mode != "exclude" => named(),
            _ => unknown_side(part, known, false),
        },
        unknown_exclude: match filter {
            Some(mode) if mode != "include" => named(),
            _ => unknown_side(part, known, true),
        },
    }
}

fn read_sides(part: &Value, include: &str, exclude: &str) -> Sides {
    Sides {
        include: texts(get(part, include)),
        exclude: texts(get(part, exclude)),
        unknown_include: unknown_side(part, &[include, exclude], false),
        unknown_exclude: unknown_side(part, &[include, exclude], true),
    }
}

fn read_device(part: &Value, unknown: &mut Vec<String>) -> Option<DeviceFilter> {
    let all = texts(get(part, "includeDevices"));
    if !all.iter().all(|word| word.eq_ignore_ascii_case("all")) {
        unknown.push("includeDevices".to_owned());
    }
    unknown.extend(unknown_members(part, &["deviceFilter", "includeDevices"]));
    let filter = get(part, "deviceFilter")?;
    let mode = text(filter, "mode").unwrap_or_default().to_ascii_lowercase();
    match (mode.as_str(), text(filter, "rule")) {
        ("include" | "exclude", Some(rule)) => {
            let rule = rule.split_whitespace().collect::<Vec<_>>().join(" ");
            Some(DeviceFilter { matching: mode == "include", rule })
        }
        _ => {
            unknown.push("deviceFilter".to_owned());
            None
        }
    }
}

fn read_grant(part: Option<&Value>, strengths: &Strengths) -> Grant {
    let Some(part) = part else { return Grant { operator: Operator::Or, controls: Vec::new() } };
    let mut controls: Vec<Control> = flags(get(part, "builtInControls")).iter().map(|word| built_in(word)).collect();
    controls.extend(texts(get(part, "termsOfUse")).iter().map(|_| Control::TermsOfUse));
    controls.extend(texts(get(part, "customAuthenticationFactors")).iter().map(|_| Control::Custom));
    controls.extend(get(part, "authenticationStrength").map(|value| Control::Strength(strengths.resolve(value))));
    let known = ["operator", "builtInControls", "termsOfUse", "customAuthenticationFactors", "authenticationStrength"];
    controls.extend(unknown_members(part, &known).into_iter().map(Control::Unknown));
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
        _ => Control::Unknown(word.to_owned()),
    }
}

fn read_session(part: Option<&Value>) -> Session {
    let Some(part) = part else { return Session::default() };
    let enabled =
        |name: &str| get(part, name).filter(|value| get(value, "isEnabled").and_then(Value::as_bool).unwrap_or(false));
    let frequency = enabled("signInFrequency").map(|value| {
        if text(value, "frequencyInterval").is_some_and(|word| word.eq_ignore_ascii_case("everyTime")) {
            return Frequency::EveryTime;
        }
        let number = get(value, "value").and_then(Value::as_u64);
        match (number, text(value, "type").map(str::to_ascii_lowercase).as_deref()) {
            (Some(number), Some("hours")) => Frequency::Hours(number),
            (Some(number), Some("days")) => Frequency::Hours(number.saturating_mul(24)),
            _ => Frequency::Unknown,
        }
    });
    let persistent_browser = enabled("persistentBrowser").and_then(|value| text(value, "mode")).map(str::to_owned);
    Session { frequency, persistent_browser }
}
