//! Random tenants: users of every kind, groups and roles with their oddities, named locations, strengths, and one to six
//! policies. Everything is Graph JSON, as an export holds it.

use serde_json::{Value, json};

use super::policies;

/// Numbers by chance, the same for the same seed.
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Chance {
        // Mixed, so that neighbouring seeds don't walk along the same numbers.
        Chance(mixed(seed ^ 0x1234_5678_9abc_def1))
    }

    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        usize::try_from(mixed(self.0) >> 33).unwrap() % bound
    }

    pub fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }

    /// One or more of them, in their order.
    pub fn some<T: Clone>(&mut self, of: &[T]) -> Vec<T> {
        let sure = self.below(of.len());
        let chosen: Vec<bool> = (0..of.len()).map(|at| at == sure || self.one_in(3)).collect();
        of.iter().zip(chosen).filter(|(_, chosen)| *chosen).map(|(item, _)| item.clone()).collect()
    }
}

fn mixed(mut number: u64) -> u64 {
    number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

pub const GLOBAL_ADMINISTRATOR: &str = "62e90394-69f5-4237-9190-012177145e10";
pub const CONDITIONAL_ACCESS_ADMINISTRATOR: &str = "b1be1c3e-b65d-4f19-8427-f6fa0d97feb9";
pub const CUSTOM_ROLE: &str = "c5700000-0000-4000-8000-000000000001";
pub const OWN_APP: &str = "0a990000-0000-4000-8000-000000000001";
pub const UNKNOWN_APP: &str = "11111111-1111-4111-8111-111111111111";
pub const DELETED: &str = "dead0000-0000-4000-8000-000000000001";
pub const COMPLIANT_NETWORK: &str = "3d46dbda-8382-466a-856d-eb00cbc6b910";
pub const MFA_TRUSTED_ADDRESSES: &str = "00000000-0000-0000-0000-000000000000";
const CIDRS: [&str; 7] =
    ["10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "192.0.2.0/24", "2001:db8::/32", "2001:db8:1::/48", "0.0.0.0/2"];

pub fn user_id(number: usize) -> String {
    format!("a0000000-0000-4000-8000-{number:012x}")
}

pub fn group_id(number: usize) -> String {
    format!("90000000-0000-4000-8000-{number:012x}")
}

pub fn location_id(number: usize) -> String {
    format!("10c00000-0000-4000-8000-{number:012x}")
}

/// One tenant as an export holds it.
#[derive(Debug)]
pub struct Tenant {
    pub users: Vec<Value>,
    pub registered: Vec<Value>,
    /// The old per-user state of some users.
    pub states: Vec<(String, &'static str)>,
    pub groups: Vec<Value>,
    /// Group → its direct members. A group that isn't here could not be read.
    pub members: Vec<(String, Vec<Value>)>,
    pub role_assignments: Vec<Value>,
    pub eligible_assignments: Vec<Value>,
    /// `None`: refused.
    pub locations: Option<Vec<Value>>,
    /// `v1.0` or `beta`: which endpoint served the locations.
    pub locations_version: &'static str,
    pub strengths: Vec<Value>,
    pub policies: Vec<Value>,
    /// An app whose exclusion is allowed by the configuration.
    pub allowed_app: Option<&'static str>,
}

pub fn tenant(seed: u64) -> Tenant {
    let chance = &mut Chance::new(seed);
    let users: Vec<Value> = (0..6).map(|number| user(number, chance)).collect();
    let mut states = Vec::new();
    for number in 0..users.len() {
        if chance.one_in(8) {
            states.push((user_id(number), chance.one(&["enforced", "enabled"])));
        }
    }
    let registered = (0..users.len()).map(|number| {
        json!({"id": user_id(number), "isMfaRegistered": number % 2 == 0, "isMfaCapable": number % 2 == 0,
            "isSsprEnabled": true, "isSsprRegistered": true, "isSsprCapable": true, "methodsRegistered": []})
    });
    let (groups, members) = groups(chance);
    let locations_version = chance.one(&["v1.0", "beta"]);
    let locations = (!chance.one_in(8)).then(|| locations(chance, locations_version));
    let policies = policies::policies(chance);
    Tenant {
        registered: registered.collect(),
        users,
        states,
        groups,
        members,
        role_assignments: assignments(chance, "active"),
        eligible_assignments: assignments(chance, "eligible"),
        locations,
        locations_version,
        strengths: vec![
            json!({"id": "57000000-0000-4000-8000-000000000001", "displayName": "Keys only", "policyType": "custom",
                "requirementsSatisfied": "mfa", "allowedCombinations": ["fido2", "windowsHelloForBusiness"]}),
            json!({"id": "57000000-0000-4000-8000-000000000002", "displayName": "Keys or texts", "policyType": "custom",
                "requirementsSatisfied": "mfa", "allowedCombinations": ["fido2", "sms, password"]}),
        ],
        policies,
        allowed_app: chance.one_in(3).then_some(UNKNOWN_APP),
    }
}

/// A member, an internal guest, an invited guest, an invited member, and accounts of which this can't be told.
fn user(number: usize, chance: &mut Chance) -> Value {
    let kind = if number < 2 { 0 } else { chance.below(8) };
    let invited = matches!(kind, 2 | 3 | 5);
    let name = if invited { format!("user{number}_example.org#EXT#") } else { format!("user{number}") };
    let mut user = json!({"id": user_id(number), "userPrincipalName": format!("{name}@contoso.onmicrosoft.com"),
        "displayName": format!("User {number}"), "userType": "Member", "accountEnabled": true, "assignedLicenses": [],
        "createdDateTime": "2021-01-01T00:00:00Z", "creationType": if invited { json!("Invitation") } else { Value::Null }});
    match kind {
        1 | 2 => user["userType"] = json!("Guest"),
        4 | 5 => {
            user.as_object_mut().unwrap().remove("userType");
        }
        6 => user["userType"] = Value::Null,
        7 => user["userType"] = json!("Alien"),
        _ => {}
    }
    user
}

/// Five groups: nested, perhaps in a circle, one of them perhaps unreadable.
fn groups(chance: &mut Chance) -> (Vec<Value>, Vec<(String, Vec<Value>)>) {
    let mut groups = Vec::new();
    let mut members = Vec::new();
    for number in 0..4 {
        // The last two may bear the same name: then it tells neither.
        let name = if number == 3 && chance.one_in(3) { "Group 2".to_owned() } else { format!("Group {number}") };
        groups.push(json!({"id": group_id(number), "displayName": name, "groupTypes": [], "securityEnabled": true,
            "mailEnabled": false, "membershipRule": null, "isAssignableToRole": number == 0, "visibility": "Private"}));
        if chance.one_in(6) {
            continue;
        }
        let mut inside: Vec<Value> = Vec::new();
        for user in 0..6 {
            if chance.one_in(3) {
                inside.push(json!({"@odata.type": "#microsoft.graph.user", "id": user_id(user)}));
            }
        }
        if number > 0 && chance.one_in(3) {
            inside.push(json!({"@odata.type": "#microsoft.graph.group", "id": group_id(chance.below(4))}));
        }
        members.push((group_id(number), inside));
    }
    (groups, members)
}

fn assignments(chance: &mut Chance, kind: &str) -> Vec<Value> {
    (0..chance.below(4))
        .map(|number| {
            let principal = if chance.one_in(4) { group_id(0) } else { user_id(chance.below(6)) };
            let roles = [GLOBAL_ADMINISTRATOR, CONDITIONAL_ACCESS_ADMINISTRATOR, GLOBAL_ADMINISTRATOR, CUSTOM_ROLE];
            let scope =
                if chance.one_in(5) { "/administrativeUnits/aa000000-0000-4000-8000-000000000001" } else { "/" };
            json!({"id": format!("{kind}-{number}"), "principalId": principal, "roleDefinitionId": chance.one(&roles),
                "directoryScopeId": scope, "assignmentType": "Assigned", "memberType": "Direct",
                "startDateTime": null, "endDateTime": null})
        })
        .collect()
}

fn locations(chance: &mut Chance, version: &str) -> Vec<Value> {
    let mut list: Vec<Value> = (0..3).map(|number| location(number, chance)).collect();
    if version == "beta" && chance.one_in(2) {
        list.push(json!({"@odata.type": "#microsoft.graph.compliantNetworkNamedLocation", "id": COMPLIANT_NETWORK,
            "displayName": "All Compliant Network locations", "compliantNetworkType": "allTenantCompliantNetworks",
            "isTrusted": chance.one_in(2)}));
    }
    list
}

fn location(number: usize, chance: &mut Chance) -> Value {
    let (id, name) = (location_id(number), format!("Place {number}"));
    match chance.below(9) {
        0..=4 => {
            let mut ranges: Vec<Value> = chance.some(&CIDRS).into_iter().map(range).collect();
            if chance.one_in(15) {
                ranges.push(json!({"@odata.type": "#microsoft.graph.iPv4CidrRange", "cidrAddress": "unreadable"}));
            }
            let mut place = json!({"@odata.type": "#microsoft.graph.ipNamedLocation", "id": id, "displayName": name,
                "isTrusted": chance.one_in(2), "ipRanges": ranges});
            for (member, times) in [("isTrusted", 15), ("ipRanges", 20)] {
                if chance.one_in(times) {
                    place.as_object_mut().unwrap().remove(member);
                }
            }
            place
        }
        5..=7 => {
            let mut place = json!({"@odata.type": "#microsoft.graph.countryNamedLocation", "id": id, "displayName": name,
                "countriesAndRegions": chance.some(&["DE", "FR", "US"]),
                "includeUnknownCountriesAndRegions": chance.one_in(3),
                "countryLookupMethod": chance.one(&["clientIpAddress", "clientIpAddress", "authenticatorAppGps"])});
            if chance.one_in(12) {
                let member =
                    chance.one(&["countriesAndRegions", "includeUnknownCountriesAndRegions", "countryLookupMethod"]);
                place.as_object_mut().unwrap().remove(member);
            }
            place
        }
        _ => json!({"@odata.type": "#microsoft.graph.futureNamedLocation", "id": id, "displayName": name}),
    }
}

fn range(cidr: &str) -> Value {
    let kind = if cidr.contains(':') { "iPv6CidrRange" } else { "iPv4CidrRange" };
    json!({"@odata.type": format!("#microsoft.graph.{kind}"), "cidrAddress": cidr})
}
