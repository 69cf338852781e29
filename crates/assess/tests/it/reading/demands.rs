//! What a policy asks for, by its grant and session controls.

use serde_json::Value;

use super::claim::{Claim, all, any, known, not, open};
use super::people::members_besides;
use super::policies::is_empty;
use super::tenants::Tenant;

/// What of the profile bears on demands.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    /// "Second factor or managed device" counts as a second factor.
    pub managed_device_or_mfa: bool,
    /// What a legacy client can never do stops it.
    pub legacy_implicit: bool,
    pub custom_controls: bool,
}

/// What the sign-in is about, where that changes what counts as a block.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Client {
    Any,
    LegacyOnly,
    DeviceCodeOnly,
}

struct Control {
    word: String,
    strength: Option<Value>,
}

const GRANT: [&str; 6] =
    ["operator", "builtInControls", "termsOfUse", "customAuthenticationFactors", "authenticationStrength", "id"];

/// Whether every way through the policy's grant controls implies one of what is wanted.
pub fn grants(policy: &Value, wanted: &[&str], client: Client, reading: Reading, tenant: &Tenant) -> Claim {
    let id = policy["id"].as_str().unwrap();
    let Some(grant) = policy.get("grantControls") else { return open(format!("{id} grantControls")) };
    let controls = controls(grant, id);
    if controls.is_empty() {
        return Claim::No;
    }
    let meets = |way: &[&Control]| {
        let mut claims: Vec<Claim> = wanted.iter().map(|demand| implies(way, demand, reading, tenant)).collect();
        let blocks = wanted.contains(&"block");
        if blocks && client == Client::LegacyOnly && reading.legacy_implicit {
            claims.push(implies(way, "mfa", Reading { custom_controls: false, ..reading }, tenant));
            claims.push(known(way.iter().any(|control| control.word == "passwordChange")));
        }
        if blocks && client == Client::DeviceCodeOnly {
            claims.push(known(way.iter().any(|control| is_managed(control))));
        }
        any(claims)
    };
    let together: Vec<&Control> = controls.iter().collect();
    let and = meets(&together);
    let each: Vec<Claim> = controls.iter().map(|control| meets(&[control])).collect();
    let mut or = all(each.clone());
    if reading.managed_device_or_mfa && wanted.contains(&"mfa") {
        let loosely =
            controls.iter().zip(&each).map(|(control, claim)| any([claim.clone(), known(is_managed(control))]));
        or = any([or, all([all(loosely), any(each)])]);
    }
    match grant["operator"].as_str() {
        Some("AND") => and,
        Some("OR") => or,
        _ => {
            let is_and = open(format!("{id} operator"));
            if and == or { and } else { any([all([is_and.clone(), and]), all([not(is_and), or])]) }
        }
    }
}

fn controls(grant: &Value, policy: &str) -> Vec<Control> {
    let plain = |word: String| Control { word, strength: None };
    let mut controls = Vec::new();
    for item in grant["builtInControls"].as_array().into_iter().flatten() {
        let word = item.as_str().unwrap_or_default().trim();
        controls.push(plain(if word.is_empty() { format!("{policy} blank") } else { word.to_owned() }));
    }
    if !is_empty(&grant["termsOfUse"]) {
        controls.push(plain("termsOfUse".to_owned()));
    }
    if !is_empty(&grant["customAuthenticationFactors"]) {
        controls.push(plain("customAuthenticationFactors".to_owned()));
    }
    if !is_empty(&grant["authenticationStrength"]) {
        controls.push(Control {
            word: "authenticationStrength".to_owned(),
            strength: Some(grant["authenticationStrength"].clone()),
        });
    }
    controls.extend(members_besides(grant, &GRANT).map(|name| plain(format!("{policy} {name}"))));
    controls
}

fn is_managed(control: &Control) -> bool {
    matches!(control.word.as_str(), "compliantDevice" | "domainJoinedDevice")
}

/// Whether doing all of this together implies the demand.
fn implies(way: &[&Control], demand: &str, reading: Reading, tenant: &Tenant) -> Claim {
    any(way.iter().map(|control| match (control.word.as_str(), demand) {
        ("block", _)
        | ("mfa" | "riskRemediation", "mfa")
        | ("riskRemediation", "riskRemediation")
        | ("compliantDevice" | "domainJoinedDevice", "managedDevice") => Claim::Yes,
        // A new password alone is what a thief could set: the second factor stands beside it.
        ("passwordChange", "passwordChange") => {
            let others: Vec<&Control> = way.iter().copied().filter(|other| other.word != "passwordChange").collect();
            implies(&others, "mfa", reading, tenant)
        }
        ("authenticationStrength", "mfa" | "phishingResistant") => {
            is_strong(control.strength.as_ref().unwrap(), demand, tenant)
        }
        ("customAuthenticationFactors", "mfa") => known(reading.custom_controls),
        (
            "mfa"
            | "passwordChange"
            | "riskRemediation"
            | "compliantDevice"
            | "domainJoinedDevice"
            | "approvedApplication"
            | "compliantApplication"
            | "verifiedID"
            | "termsOfUse"
            | "customAuthenticationFactors"
            | "authenticationStrength",
            _,
        ) => Claim::No,
        (new, _) => open(format!("what {new} demands")),
    }))
}

fn is_strong(strength: &Value, demand: &str, tenant: &Tenant) -> Claim {
    let id = strength["id"].as_str().unwrap_or_default();
    if demand == "mfa" && strength["requirementsSatisfied"] == "mfa" {
        return Claim::Yes;
    }
    // Of the built-in strengths only what the question needs.
    match (&id[id.len().saturating_sub(4)..], demand, id.starts_with("00000000-")) {
        ("0002" | "0003" | "0004", "mfa", true) | ("0004", "phishingResistant", true) => return Claim::Yes,
        ("0002" | "0003", "phishingResistant", true) => return Claim::No,
        _ => {}
    }
    let read = tenant.strengths.iter().find(|strength| strength["id"] == id);
    if demand == "mfa" && read.is_some_and(|strength| strength["requirementsSatisfied"] == "mfa") {
        return Claim::Yes;
    }
    let combinations =
        strength["allowedCombinations"].as_array().or(read.and_then(|read| read["allowedCombinations"].as_array()));
    let Some(combinations) = combinations.filter(|combinations| !combinations.is_empty()) else {
        return open(format!("strength {id} is {demand}"));
    };
    all(combinations.iter().map(|combination| {
        let mut methods: Vec<&str> = combination.as_str().unwrap_or_default().split(',').map(str::trim).collect();
        methods.sort_unstable();
        match (methods.as_slice(), demand) {
            (["windowsHelloForBusiness" | "fido2" | "x509CertificateMultiFactor"], _) => Claim::Yes,
            (["deviceBasedPush"] | ["password", "sms"], "mfa") => Claim::Yes,
            (["deviceBasedPush"] | ["password", "sms"] | ["password"], _) => Claim::No,
            _ => open(format!("combination {combination} is {demand}")),
        }
    }))
}

/// Whether the policy makes everybody sign in again within so many hours.
pub fn ends_within(policy: &Value, hours: u64) -> Claim {
    let id = policy["id"].as_str().unwrap();
    let Some(session) = policy.get("sessionControls") else { return open(format!("{id} sessionControls")) };
    let frequency = &session["signInFrequency"];
    if is_empty(frequency) {
        return Claim::No;
    }
    let short = match (frequency["frequencyInterval"].as_str(), frequency["type"].as_str(), frequency["value"].as_u64())
    {
        (Some("everyTime"), _, _) => Claim::Yes,
        (Some("timeBased") | None, Some("hours"), Some(value)) => known(value <= hours),
        (Some("timeBased") | None, Some("days"), Some(value)) => known(value * 24 <= hours),
        _ => open(format!("{id} frequency")),
    };
    let both = match frequency["authenticationType"].as_str() {
        Some("primaryAndSecondaryAuthentication") => Claim::Yes,
        // It asks for the second factor again; whether it ends the session is not documented.
        _ => open(format!("{id} authenticationType")),
    };
    all([is_enabled(frequency, id, "signInFrequency"), short, both])
}

/// Whether the policy sets the browser's session to that mode.
pub fn browser_session_is(policy: &Value, mode: &str) -> Claim {
    let id = policy["id"].as_str().unwrap();
    let Some(session) = policy.get("sessionControls") else { return open(format!("{id} sessionControls {mode}")) };
    let browser = &session["persistentBrowser"];
    if is_empty(browser) {
        return Claim::No;
    }
    let is_mode = match browser["mode"].as_str() {
        Some(known_mode @ ("never" | "always")) => known(known_mode == mode),
        _ => open(format!("{id} browser is {mode}")),
    };
    all([is_enabled(browser, id, "persistentBrowser"), is_mode])
}

fn is_enabled(control: &Value, policy: &str, name: &str) -> Claim {
    match control.get("isEnabled") {
        Some(Value::Bool(enabled)) => known(*enabled),
        _ => open(format!("{policy} {name} isEnabled")),
    }
}
