//! Whether a user has a protection, by looking at every sign-in that can be told apart from others.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use super::claim::{Claim, all, any, known, not, open};
use super::demands::{Client, Reading, browser_session_is, ends_within, grants};
use super::people::People;
use super::policies::is_empty;
use super::sign_ins::{Apps, Coordinate, DIMENSIONS, Dimension, SignIns, new_conditions};
use super::tenants::Tenant;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    Compat,
    Standard,
    Strict,
}

impl Profile {
    pub fn word(self) -> &'static str {
        match self {
            Profile::Compat => "compat",
            Profile::Standard => "standard",
            Profile::Strict => "strict",
        }
    }
}

/// A protection as its file states it.
#[derive(Debug)]
pub struct Protection {
    pub column: String,
    text: toml::Table,
}

impl Protection {
    pub fn read_all() -> Vec<Protection> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../protections");
        let files =
            std::fs::read_dir(folder).unwrap().map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap());
        let mut protections: Vec<Protection> = files
            .map(|text| {
                let text: toml::Table = text.parse().unwrap();
                Protection { column: text["column"].as_str().unwrap().to_owned(), text }
            })
            .collect();
        protections.sort_by(|one, other| one.column.cmp(&other.column));
        protections
    }

    fn says(&self, name: &str) -> bool {
        self.text.get(name).and_then(toml::Value::as_bool).unwrap_or(false)
    }

    fn list(&self, name: &str) -> Vec<&str> {
        self.text
            .get(name)
            .and_then(toml::Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(toml::Value::as_str)
            .collect()
    }

    /// The values of a dimension that the statement is about; `None`: all.
    fn region(&self, name: &str) -> Option<Vec<&str>> {
        let list = self.text.get("sign_ins")?.get(name)?.as_array()?;
        Some(list.iter().filter_map(toml::Value::as_str).collect())
    }

    fn is_about(&self, dimension: Dimension, value: &Coordinate) -> bool {
        let name = match dimension {
            Dimension::Client => "client_app",
            Dimension::Platform => "platform",
            Dimension::SignInRisk => "sign_in_risk",
            Dimension::UserRisk => "user_risk",
            Dimension::InsiderRisk => "insider_risk",
            Dimension::Flow => "flow",
            Dimension::Target | Dimension::Place | Dimension::Device => "",
        };
        match value {
            Coordinate::Action(action) => {
                self.region("user_action").is_some_and(|actions| actions.contains(&action.as_str()))
            }
            Coordinate::App { id, .. } => {
                let apps = self.region("resource").is_none_or(|ids| id.as_deref().is_some_and(|id| ids.contains(&id)));
                self.region("user_action").is_none() && apps
            }
            Coordinate::Word(word) => self.region(name).is_none_or(|words| {
                words.contains(word) || word.starts_with("eas") && words.contains(&"exchangeActiveSync")
            }),
            Coordinate::Place(_) | Coordinate::Device { .. } => true,
        }
    }
}

/// What the naive reading says of one user and protection.
pub struct Verdicts<'a> {
    pub protection: String,
    pub user: String,
    pub independently: Option<bool>,
    pub exactly: Box<dyn Fn() -> Option<bool> + 'a>,
}

/// What can differ between two sign-ins.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Situation {
    /// By policy: whether it is about the sign-in.
    about: Vec<Claim>,
    trusted: Claim,
    compliant_network: bool,
    platform_recognised: bool,
    high_sign_in_risk: bool,
    browser: bool,
}

fn sign_ins(tenant: &Tenant, profile: Profile) -> SignIns<'_> {
    let apps = match profile {
        Profile::Compat => Apps { any_exclusion: true, listed: None },
        Profile::Standard => Apps { any_exclusion: false, listed: tenant.allowed_app },
        Profile::Strict => Apps { any_exclusion: false, listed: None },
    };
    SignIns { tenant, empty_left_out: leaves_out_empty(tenant), apps }
}

/// Whether no policy has a null or an empty list: then a list that isn't there is one that isn't set.
fn leaves_out_empty(tenant: &Tenant) -> bool {
    fn has_empty(value: &Value) -> bool {
        match value {
            Value::Null => true,
            Value::Array(items) => items.is_empty() || items.iter().any(has_empty),
            Value::Object(members) => members.values().any(has_empty),
            _ => false,
        }
    }
    !tenant.policies.iter().any(has_empty)
}

/// How many sign-ins there are to look at, over all protections.
pub fn contexts(tenant: &Tenant, protections: &[Protection]) -> usize {
    let sign_ins = sign_ins(tenant, Profile::Standard);
    let table = Table::new(&sign_ins);
    protections.iter().map(|protection| table.distinct(protection).iter().map(Vec::len).product::<usize>()).sum()
}

/// A dimension: its values, by policy whether the policy is about each, and whether each is trusted.
type Dimensional = (Vec<Coordinate>, Vec<Vec<Claim>>, Vec<Claim>);

/// All dimensions.
struct Table {
    dimensions: Vec<Dimensional>,
}

impl Table {
    fn new(sign_ins: &SignIns<'_>) -> Table {
        let dimensions = DIMENSIONS.iter().map(|dimension| {
            let mut values = sign_ins.values(*dimension);
            let mut about: Vec<Vec<Claim>> = Vec::new();
            let mut trusted = Vec::new();
            let mut kept = Vec::new();
            for value in values.drain(..) {
                let row: Vec<Claim> = sign_ins
                    .tenant
                    .policies
                    .iter()
                    .map(|policy| sign_ins.is_about(policy, *dimension, &value))
                    .collect();
                let is_trusted = match &value {
                    Coordinate::Place(place) => sign_ins.is_trusted(place),
                    _ => Claim::No,
                };
                about.push(row);
                trusted.push(is_trusted);
                kept.push(value);
            }
            (kept, about, trusted)
        });
        Table { dimensions: dimensions.collect() }
    }

    /// By dimension: values in the protection's region, one of each that nothing tells apart.
    fn distinct(&self, protection: &Protection) -> Vec<Vec<usize>> {
        let each = DIMENSIONS.iter().zip(&self.dimensions).map(|(dimension, (values, about, trusted))| {
            let mut seen = BTreeSet::new();
            let mut kept = Vec::new();
            for (at, value) in values.iter().enumerate() {
                if protection.is_about(*dimension, value) {
                    let marks = (about[at].clone(), trusted[at].clone(), marks(value));
                    if seen.insert(marks) {
                        kept.push(at);
                    }
                }
            }
            kept
        });
        each.collect()
    }

    fn situations(&self, protection: &Protection) -> BTreeSet<Situation> {
        let distinct = self.distinct(protection);
        let mut situations = BTreeSet::new();
        let mut at = vec![0; distinct.len()];
        if distinct.iter().any(Vec::is_empty) {
            return situations;
        }
        loop {
            let chosen: Vec<usize> = at.iter().zip(&distinct).map(|(at, values)| values[*at]).collect();
            situations.insert(self.situation(&chosen));
            let Some(next) = (0..at.len()).find(|dimension| at[*dimension] + 1 < distinct[*dimension].len()) else {
                break;
            };
            at[..next].fill(0);
            at[next] += 1;
        }
        situations
    }

    fn situation(&self, chosen: &[usize]) -> Situation {
        let policies = self.dimensions[0].1.first().map_or(0, Vec::len);
        let about = (0..policies).map(|policy| {
            all(self.dimensions.iter().zip(chosen).map(|((_, about, _), at)| about[*at][policy].clone()))
        });
        let value = |dimension: Dimension| {
            let index = DIMENSIONS.iter().position(|one| *one == dimension).unwrap();
            (&self.dimensions[index].0[chosen[index]], &self.dimensions[index].2[chosen[index]])
        };
        let (place, trusted) = value(Dimension::Place);
        Situation {
            about: about.collect(),
            trusted: trusted.clone(),
            compliant_network: matches!(place, Coordinate::Place(place) if place.compliant_network()),
            platform_recognised: *value(Dimension::Platform).0 != Coordinate::Word("unrecognised"),
            high_sign_in_risk: *value(Dimension::SignInRisk).0 == Coordinate::Word("high"),
            browser: *value(Dimension::Client).0 == Coordinate::Word("browser"),
        }
    }
}

/// What profiles and protections look at besides policies.
fn marks(value: &Coordinate) -> u8 {
    match value {
        Coordinate::Word("unrecognised" | "high" | "browser") => 1,
        Coordinate::Place(place) => u8::from(place.compliant_network()),
        _ => 0,
    }
}

/// What each user has, by the naive reading.
pub fn verdicts<'a>(tenant: &'a Tenant, protections: &'a [Protection], profile: Profile) -> Vec<Verdicts<'a>> {
    let sign_ins = sign_ins(tenant, profile);
    let table = Table::new(&sign_ins);
    let people = People { tenant, empty_left_out: sign_ins.empty_left_out };
    let mut verdicts = Vec::new();
    for protection in protections {
        let rules: Vec<Rule> =
            tenant.policies.iter().map(|policy| Rule::of(policy, protection, profile, &sign_ins, &table)).collect();
        let situations = table.situations(protection);
        let activated = protection.says("as_activated") && profile != Profile::Compat;
        for user in tenant.users.iter().map(|user| user["id"].as_str().unwrap()) {
            let scopes: Vec<Claim> = tenant
                .policies
                .iter()
                .map(|policy| people.in_scope(policy, user, activated, protection.says("without_exclusions")))
                .collect();
            let besides = known(has_besides(tenant, protection, profile, user));
            let claims: BTreeSet<Claim> = situations
                .iter()
                .map(|situation| any([besides.clone(), protected(situation, &rules, &scopes, protection, profile)]))
                .collect();
            let each: Vec<Option<bool>> = claims.iter().map(Claim::independently).collect();
            let independently = over(&each);
            let exactly = move || over(&claims.iter().map(Claim::exactly).collect::<Vec<_>>());
            let (protection, user) = (protection.column.clone(), user.to_owned());
            verdicts.push(Verdicts { protection, user, independently, exactly: Box::new(exactly) });
        }
    }
    verdicts
}

/// Everywhere, or somewhere not.
fn over(each: &[Option<bool>]) -> Option<bool> {
    if each.contains(&Some(false)) { Some(false) } else { each.iter().all(Option::is_some).then_some(true) }
}

/// The old per-user state, where the protection and the profile count it.
fn has_besides(tenant: &Tenant, protection: &Protection, profile: Profile, user: &str) -> bool {
    let registered = tenant.registered.iter().any(|row| row["id"] == user && row["isMfaRegistered"] == true);
    let counts = protection.list("also").contains(&"perUserMfa") && profile != Profile::Strict;
    let state = tenant.states.iter().find(|(id, _)| id == user).map(|(_, state)| *state);
    counts && (state == Some("enforced") || state == Some("enabled") && registered)
}

/// What one policy does for a protection, apart from whom and which sign-ins it is for.
struct Rule {
    counts: Claim,
    grants: Claim,
    grants_at_high_risk: Claim,
    blocks: Claim,
    ends: Claim,
    never_stays: Claim,
    always_stays: Claim,
}

impl Rule {
    fn of(policy: &Value, protection: &Protection, profile: Profile, sign_ins: &SignIns<'_>, table: &Table) -> Rule {
        let reading = Reading {
            managed_device_or_mfa: profile == Profile::Compat,
            legacy_implicit: profile == Profile::Standard,
            custom_controls: profile == Profile::Compat,
        };
        let client = if protection.region("client_app").as_deref() == Some(&["exchangeActiveSync", "other"]) {
            Client::LegacyOnly
        } else if protection.region("flow").as_deref() == Some(&["deviceCodeFlow"]) {
            Client::DeviceCodeOnly
        } else {
            Client::Any
        };
        let wanted = protection.list("demands");
        let required = protection.list("requires_condition");
        let about_user_risk = required.contains(&"userRisk");
        let usually: Vec<&str> = match profile {
            Profile::Strict if about_user_risk => vec!["block"],
            Profile::Compat if about_user_risk => {
                wanted.iter().copied().filter(|one| *one != "riskRemediation").collect()
            }
            _ => wanted,
        };
        let at_high_risk = if profile == Profile::Strict && required.contains(&"signInRisk") {
            vec!["block"]
        } else {
            usually.clone()
        };
        let grants = |wanted: &[&str]| grants(policy, wanted, client, reading, sign_ins.tenant);
        let session = protection.text.get("session");
        let hours =
            session.and_then(|session| session.get("sign_in_frequency_hours")).and_then(toml::Value::as_integer);
        let hours = hours.and_then(|hours| u64::try_from(hours).ok());
        Rule {
            counts: counts(policy, protection, profile, sign_ins, table),
            grants: grants(&usually),
            grants_at_high_risk: grants(&at_high_risk),
            blocks: grants(&["block"]),
            ends: hours.map_or(Claim::Yes, |hours| ends_within(policy, hours)),
            never_stays: browser_session_is(policy, "never"),
            always_stays: browser_session_is(policy, "always"),
        }
    }
}

/// Whether the policy is in force, and of a kind that the protection counts.
fn counts(policy: &Value, protection: &Protection, profile: Profile, sign_ins: &SignIns<'_>, table: &Table) -> Claim {
    let required = protection.list("requires_condition");
    let forgiven = Coordinate::Word(if profile == Profile::Compat { "unrecognised" } else { "" });
    let id = policy["id"].as_str().unwrap();
    let state = match policy["state"].as_str() {
        Some("enabled") => Claim::Yes,
        Some("disabled" | "enabledForReportingButNotEnforced") => Claim::No,
        _ => open(format!("{id} is in force")),
    };
    let Some(conditions) = policy.get("conditions") else { return all([state, open(format!("{id} conditions"))]) };
    let new = new_conditions(conditions).map(|name| open(format!("{id} {name}")));
    let named = required.iter().map(|condition| {
        known(!is_empty(match *condition {
            "signInRisk" => &conditions["signInRiskLevels"],
            "userRisk" => &conditions["userRiskLevels"],
            "insiderRisk" => &conditions["insiderRiskLevels"],
            _ => &conditions["authenticationFlows"],
        }))
    });
    let mut narrow = Vec::new();
    if protection.says("only_without_other_conditions") {
        for (dimension, (values, _, _)) in DIMENSIONS.iter().zip(&table.dimensions) {
            if !matches!(dimension, Dimension::Target | Dimension::UserRisk) {
                narrow.push(sign_ins.is_whole(policy, *dimension, values, &forgiven));
            }
        }
    }
    all([state].into_iter().chain(new).chain(named).chain(narrow))
}

fn protected(
    situation: &Situation,
    rules: &[Rule],
    scopes: &[Claim],
    protection: &Protection,
    profile: Profile,
) -> Claim {
    let with = |demand: &dyn Fn(&Rule) -> Claim| {
        any(rules
            .iter()
            .zip(scopes)
            .zip(&situation.about)
            .map(|((rule, scope), about)| all([rule.counts.clone(), scope.clone(), about.clone(), demand(rule)])))
    };
    let demanded = if protection.text.contains_key("session") {
        let browser = if situation.browser {
            let never = with(&|rule| rule.never_stays.clone());
            let always = with(&|rule| rule.always_stays.clone());
            all([never, any([not(always), open("never wins over always")])])
        } else {
            Claim::Yes
        };
        any([with(&|rule| rule.blocks.clone()), all([with(&|rule| rule.ends.clone()), browser])])
    } else if situation.high_sign_in_risk {
        with(&|rule| rule.grants_at_high_risk.clone())
    } else {
        with(&|rule| rule.grants.clone())
    };
    let mut enough = vec![demanded];
    if protection.says("trusted_location_suffices") || profile == Profile::Compat {
        enough.push(situation.trusted.clone());
    }
    if profile == Profile::Compat {
        enough.push(known(situation.compliant_network || !situation.platform_recognised));
    }
    any(enough)
}
