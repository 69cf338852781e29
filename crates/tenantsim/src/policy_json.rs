//! Policies, locations and strengths as Graph spells them.

use serde_json::{Value, json};

use crate::dice::{IdOf, guid};
use crate::places::{Location, LocationKind};
use crate::policy::{
    App, Client, Control, DEVICE_FILTERS, External, Flow, Frequency, Place, Platform, Policy, Risk, STRENGTHS, State,
    Strength, Target, Who,
};
use crate::roles::role_id;
use crate::tenant::Tenant;

/// One policy.
pub(crate) fn policy_json(tenant: &Tenant, number: usize, policy: &Policy) -> Value {
    let seed = tenant.seed;
    json!({
        "id": tenant.policy_id(number),
        "displayName": policy.name,
        "state": match policy.state {
            State::Enabled => "enabled",
            State::ReportOnly => "enabledForReportingButNotEnforced",
            State::Disabled => "disabled",
        },
        "templateId": policy.template.then(|| guid(seed, IdOf::Other, 9000 + number as u64)),
        "createdDateTime": crate::instants::days_before(policy.age_days),
        "modifiedDateTime": (policy.age_days > 300).then(|| crate::instants::days_before(policy.age_days / 3)),
        "conditions": {
            "clientAppTypes": clients(&policy.clients),
            "signInRiskLevels": policy.sign_in_risk.iter().map(|risk| risk_name(*risk)).collect::<Vec<_>>(),
            "userRiskLevels": policy.user_risk.iter().map(|risk| risk_name(*risk)).collect::<Vec<_>>(),
            "servicePrincipalRiskLevels": [],
            "insiderRiskLevels": policy.insider_elevated.then_some("elevated"),
            "platforms": platforms(policy),
            "locations": locations(tenant, policy),
            "devices": policy.device.map(|(filter, include)| json!({"deviceFilter": {
                "mode": if include { "include" } else { "exclude" },
                "rule": DEVICE_FILTERS.get(filter),
            }})),
            "authenticationFlows": (!policy.flows.is_empty()).then(|| json!({"transferMethods": flows(&policy.flows)})),
            "clientApplications": null,
            "applications": applications(&policy.target),
            "users": users(tenant, policy),
        },
        "grantControls": grant(seed, policy),
        "sessionControls": session(policy),
    })
}

fn clients(clients: &[Client]) -> Vec<&'static str> {
    if clients.is_empty() {
        return vec!["all"];
    }
    let name = |client: &Client| match client {
        Client::Browser => "browser",
        Client::Modern => "mobileAppsAndDesktopClients",
        Client::ActiveSync => "exchangeActiveSync",
        Client::Other => "other",
    };
    clients.iter().map(name).collect()
}

fn risk_name(risk: Risk) -> &'static str {
    match risk {
        Risk::None => "none",
        Risk::Low => "low",
        Risk::Medium => "medium",
        Risk::High => "high",
    }
}

fn flows(flows: &[Flow]) -> String {
    let names: Vec<&str> = flows
        .iter()
        .map(|flow| match flow {
            Flow::None => "none",
            Flow::DeviceCode => "deviceCodeFlow",
            Flow::Transfer => "authenticationTransfer",
        })
        .collect();
    names.join(",")
}

fn platforms(policy: &Policy) -> Value {
    // Graph has no word for an unknown platform: naming it means all platforms without the known ones.
    let name = |platform: &Platform| match platform {
        Platform::Android => Some("android"),
        Platform::Ios => Some("iOS"),
        Platform::Windows => Some("windows"),
        Platform::WindowsPhone => Some("windowsPhone"),
        Platform::MacOs => Some("macOS"),
        Platform::Linux => Some("linux"),
        Platform::Unknown => None,
    };
    const KNOWN: [Platform; 6] =
        [Platform::Android, Platform::Ios, Platform::Windows, Platform::WindowsPhone, Platform::MacOs, Platform::Linux];
    if policy.platforms.is_empty() && policy.exclude_platforms.is_empty() {
        return Value::Null;
    }
    let mut excluded: Vec<&str> = policy.exclude_platforms.iter().filter_map(name).collect();
    if policy.platforms.is_empty() || policy.platforms.contains(&Platform::Unknown) {
        let rest = KNOWN.iter().filter(|platform| !policy.platforms.is_empty() && !policy.platforms.contains(platform));
        excluded.extend(rest.filter_map(name));
        return json!({"includePlatforms": ["all"], "excludePlatforms": excluded});
    }
    let included: Vec<&str> = policy.platforms.iter().filter_map(name).collect();
    json!({"includePlatforms": included, "excludePlatforms": excluded})
}

fn locations(tenant: &Tenant, policy: &Policy) -> Value {
    if policy.places.is_empty() && policy.exclude_places.is_empty() {
        return Value::Null;
    }
    let name = |place: &Place| match place {
        Place::All => "All".to_owned(),
        Place::AllTrusted => "AllTrusted".to_owned(),
        Place::Named(number) => tenant.locations.get(*number).map(|location| location.id.clone()).unwrap_or_default(),
    };
    let mut included: Vec<String> = policy.places.iter().map(name).collect();
    if included.is_empty() {
        included.push("All".to_owned());
    }
    let excluded: Vec<String> = policy.exclude_places.iter().map(name).collect();
    json!({"includeLocations": included, "excludeLocations": excluded})
}

fn applications(target: &Target) -> Value {
    let names = |apps: &[App]| -> Vec<String> {
        apps.iter()
            .map(|app| match app {
                App::All => "All".to_owned(),
                App::Office365 => "Office365".to_owned(),
                App::AdminPortals => "MicrosoftAdminPortals".to_owned(),
                App::Id(id) => id.clone(),
            })
            .collect()
    };
    let (mut include, mut exclude, mut actions, mut contexts, mut filter) =
        (vec![], vec![], vec![], vec![], Value::Null);
    match target {
        Target::Apps { include: included, exclude: excluded } => {
            (include, exclude) = (names(included), names(excluded))
        }
        Target::AppFilter(rule) => filter = json!({"mode": "include", "rule": rule}),
        Target::RegisterSecurityInfo => actions.push("urn:user:registersecurityinfo"),
        Target::AuthenticationContext(context) => contexts.push(*context),
    }
    json!({
        "includeApplications": include,
        "excludeApplications": exclude,
        "includeUserActions": actions,
        "includeAuthenticationContextClassReferences": contexts,
        "applicationFilter": filter,
    })
}

#[derive(Default)]
struct Named {
    users: Vec<String>,
    groups: Vec<String>,
    roles: Vec<String>,
    external: Value,
}

fn named(tenant: &Tenant, list: &[Who]) -> Named {
    let mut named = Named::default();
    for who in list {
        match who {
            Who::All => named.users.push("All".to_owned()),
            Who::Guests => named.users.push("GuestsOrExternalUsers".to_owned()),
            Who::User(user) => named.users.push(tenant.user_id(*user)),
            Who::Group(group) => {
                named.groups.extend(tenant.groups.list.get(*group).map(|group| group.id.clone()));
            }
            Who::DeletedGroup(id) => named.groups.push(id.clone()),
            Who::Role(role) => named.roles.push(role_id(tenant.seed, *role)),
            Who::External { kinds, tenants } => named.external = external(kinds, tenants),
        }
    }
    named
}

fn external(kinds: &[External], tenants: &[String]) -> Value {
    let kinds: Vec<&str> = kinds
        .iter()
        .map(|kind| match kind {
            External::InternalGuest => "internalGuest",
            External::B2bGuest => "b2bCollaborationGuest",
            External::B2bMember => "b2bCollaborationMember",
            External::DirectConnect => "b2bDirectConnectUser",
            External::Other => "otherExternalUser",
            External::ServiceProvider => "serviceProvider",
        })
        .collect();
    let tenants = if tenants.is_empty() {
        json!({"@odata.type": "#microsoft.graph.conditionalAccessAllExternalTenants", "membershipKind": "all"})
    } else {
        json!({
            "@odata.type": "#microsoft.graph.conditionalAccessEnumeratedExternalTenants",
            "membershipKind": "enumerated",
            "members": tenants,
        })
    };
    json!({"guestOrExternalUserTypes": kinds.join(","), "externalTenants": tenants})
}

fn users(tenant: &Tenant, policy: &Policy) -> Value {
    let include = named(tenant, &policy.include);
    let exclude = named(tenant, &policy.exclude);
    json!({
        "includeUsers": include.users, "excludeUsers": exclude.users,
        "includeGroups": include.groups, "excludeGroups": exclude.groups,
        "includeRoles": include.roles, "excludeRoles": exclude.roles,
        "includeGuestsOrExternalUsers": include.external,
        "excludeGuestsOrExternalUsers": exclude.external,
    })
}

fn grant(seed: u64, policy: &Policy) -> Value {
    let Some(grant) = &policy.grant else { return Value::Null };
    let (mut built_in, mut terms, mut strength) = (Vec::new(), Vec::new(), Value::Null);
    for control in &grant.controls {
        match control {
            Control::Block => built_in.push("block"),
            Control::Mfa => built_in.push("mfa"),
            Control::CompliantDevice => built_in.push("compliantDevice"),
            Control::DomainJoinedDevice => built_in.push("domainJoinedDevice"),
            Control::CompliantApp => built_in.push("compliantApplication"),
            Control::PasswordChange => built_in.push("passwordChange"),
            Control::TermsOfUse => terms.push(guid(seed, IdOf::Other, 31)),
            Control::Strength(number) => {
                strength = STRENGTHS.get(*number).map(|found| strength_json(seed, *number, found)).unwrap_or_default();
            }
        }
    }
    json!({
        "operator": if grant.all { "AND" } else { "OR" },
        "builtInControls": built_in,
        "customAuthenticationFactors": [],
        "termsOfUse": terms,
        "authenticationStrength": strength,
    })
}

fn session(policy: &Policy) -> Value {
    if policy.frequency.is_none() && policy.persistent_browser.is_none() {
        return Value::Null;
    }
    json!({
        "applicationEnforcedRestrictions": null, "cloudAppSecurity": null, "disableResilienceDefaults": null,
        "signInFrequency": policy.frequency.map(|frequency| match frequency {
            Frequency::EveryTime => json!({"isEnabled": true, "value": null, "type": null,
                "authenticationType": "primaryAndSecondaryAuthentication", "frequencyInterval": "everyTime"}),
            Frequency::Hours(hours) => json!({"isEnabled": true, "value": hours, "type": "hours",
                "authenticationType": "primaryAndSecondaryAuthentication", "frequencyInterval": "timeBased"}),
        }),
        "persistentBrowser": policy.persistent_browser.map(|mode| json!({"isEnabled": true, "mode": mode})),
    })
}

/// One authentication strength.
pub(crate) fn strength_json(seed: u64, number: usize, strength: &Strength) -> Value {
    json!({
        "id": match strength.built_in {
            Some(end) => format!("00000000-0000-0000-0000-00000000{end}"),
            None => guid(seed, IdOf::Strength, number as u64),
        },
        "displayName": strength.name,
        "description": "",
        "policyType": if strength.built_in.is_some() { "builtIn" } else { "custom" },
        "requirementsSatisfied": if strength.mfa { "mfa" } else { "none" },
        "allowedCombinations": strength.combinations,
        "combinationConfigurations": [],
    })
}

/// One named location.
pub(crate) fn location_json(location: &Location) -> Value {
    let created = crate::instants::days_before(900);
    match &location.kind {
        LocationKind::Ranges { trusted, ranges } => json!({
            "@odata.type": "#microsoft.graph.ipNamedLocation",
            "id": location.id, "displayName": location.name, "createdDateTime": created, "modifiedDateTime": null,
            "isTrusted": trusted,
            "ipRanges": ranges.iter().map(|range| json!({
                "@odata.type": if range.address.is_ipv4() { "#microsoft.graph.iPv4CidrRange" } else { "#microsoft.graph.iPv6CidrRange" },
                "cidrAddress": format!("{}/{}", range.address, range.length),
            })).collect::<Vec<_>>(),
        }),
        LocationKind::Countries { countries, unknown } => json!({
            "@odata.type": "#microsoft.graph.countryNamedLocation",
            "id": location.id, "displayName": location.name, "createdDateTime": created, "modifiedDateTime": null,
            "countriesAndRegions": countries, "includeUnknownCountriesAndRegions": unknown,
            "countryLookupMethod": "clientIpAddress",
        }),
    }
}
