//! Invented policies, directories and protections, made from a stream of choices so that failures shrink: choice 0 is
//! always the plainest.

use std::collections::{HashMap, HashSet};

use idscore_access::{
    AppExclusions, BaselineScopes, Directory, GroupMembers, HighRisk, Protection, RoleAssignment, Settings,
};
use serde_json::{Value, json};

/// Everything that one proof takes.
#[derive(Debug)]
pub struct Case {
    pub policies: Vec<Value>,
    pub locations: Option<Vec<Value>>,
    pub directory: Directory,
    pub protection: Protection,
    pub settings: Settings,
}

pub const USERS: u32 = 6;
const GROUPS: [&str; 4] = ["grp-0", "grp-1", "grp-2", "grp-3"];
const ROLES: [&str; 2] = ["62e90394-69f5-4237-9190-012177145e10", "b1be1c3e-b65d-4f19-8427-f6fa0d97feb9"];
const APPS: [&str; 4] = [
    "11111111-1111-1111-1111-111111111111",
    "797f4846-ba00-4fd7-ba43-dac1f8f63013",
    "00000002-0000-0ff1-ce00-000000000000",
    "00000002-0000-0000-c000-000000000000",
];
const PLATFORMS: [&str; 6] = ["android", "iOS", "windows", "windowsPhone", "macOS", "linux"];
const CIDRS: [&str; 7] =
    ["10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "192.0.2.0/24", "2001:db8::/32", "2001:db8:1::/48", "0.0.0.0/1"];

/// A stream of choices. When it runs dry every choice is the plainest.
pub struct Choices<'c> {
    stream: std::slice::Iter<'c, u16>,
    /// Whether facts may be unknown.
    unknowns: bool,
}

impl<'c> Choices<'c> {
    pub fn new(stream: &'c [u16], unknowns: bool) -> Choices<'c> {
        Choices { stream: stream.iter(), unknowns }
    }

    fn pick(&mut self, below: usize) -> usize {
        self.stream.next().map_or(0, |choice| usize::from(*choice) % below)
    }

    /// True once in so many times.
    fn one_in(&mut self, times: usize) -> bool {
        self.pick(times) == times - 1
    }

    fn unknown_one_in(&mut self, times: usize) -> bool {
        let chosen = self.one_in(times);
        chosen && self.unknowns
    }

    fn one<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.pick(from.len())].clone()
    }

    /// Some of them, often few.
    fn some<T: Clone>(&mut self, from: &[T]) -> Vec<T> {
        let bits = self.pick(1 << from.len());
        from.iter().enumerate().filter(|(at, _)| bits >> at & 1 == 1).map(|(_, item)| item.clone()).collect()
    }

    pub fn case(&mut self) -> Case {
        let protection = self.protection();
        let settings = self.settings();
        let directory = self.directory();
        let locations = self.locations();
        let count = 1 + self.pick(6);
        let mut policies: Vec<Value> = (0..count).map(|number| self.policy(number, &protection)).collect();
        if self.one_in(2) {
            policies.extend(self.parts(&protection));
        }
        Case { policies, locations, directory, protection, settings }
    }

    fn protection(&mut self) -> Protection {
        let text = self.one(&PROTECTIONS);
        let mut protection: Protection =
            toml::from_str(&format!("column = \"x\"\nsays = \"x\"\n{text}")).expect("a protection of this file");
        protection.as_activated = self.one_in(3);
        protection.without_exclusions = self.one_in(8);
        protection
    }

    fn settings(&mut self) -> Settings {
        let mut settings = match self.pick(4) {
            0 | 1 => Settings::strict(),
            2 => Settings::standard(),
            _ => Settings::compat(),
        };
        if self.one_in(5) {
            settings.baseline_scopes = BaselineScopes::Legacy;
        }
        if self.one_in(5) {
            settings.app_exclusions_allowed = AppExclusions::Listed;
            settings.allowed_app_exclusions.insert(APPS[0].to_owned());
        }
        if self.one_in(3) {
            settings.high_risk_requires = HighRisk::Remediation;
        }
        settings
    }

    fn directory(&mut self) -> Directory {
        let mut directory = Directory {
            user_count: USERS,
            user_rows: (0..USERS).map(|row| (format!("usr-{row}"), row)).collect(),
            known_groups: Some(HashSet::from(GROUPS.map(str::to_owned))),
            ..Directory::default()
        };
        directory.internal_guests.insert(3);
        directory.b2b_guests.insert(4);
        directory.b2b_members.insert(5);
        for id in GROUPS {
            if self.one_in(12) {
                // Deleted.
                directory.known_groups.as_mut().map(|known| known.remove(id));
                continue;
            }
            if self.unknown_one_in(12) {
                continue;
            }
            let users = self.pick(1 << USERS);
            let members = GroupMembers {
                users: (0..USERS).filter(|row| users >> row & 1 == 1).collect(),
                groups: if self.one_in(3) {
                    self.some(&GROUPS).into_iter().map(str::to_owned).collect()
                } else {
                    Vec::new()
                },
                complete: !self.unknown_one_in(12),
            };
            directory.groups.insert(id.to_owned(), members);
        }
        if self.unknown_one_in(12) {
            directory.known_groups = None;
        }
        directory.role_assignments = if self.unknown_one_in(20) { None } else { Some(self.assignments()) };
        directory.eligible_assignments = if self.unknown_one_in(20) { None } else { Some(self.assignments()) };
        directory.role_assignments_are_lower_bound = self.unknown_one_in(20);
        if self.one_in(4) {
            directory.group_eligibility =
                HashMap::from([(self.one(&GROUPS).to_owned(), vec![self.principal(), self.principal()])]);
        }
        directory
    }

    fn principal(&mut self) -> String {
        if self.one_in(3) { self.one(&GROUPS).to_owned() } else { format!("usr-{}", self.pick(USERS as usize)) }
    }

    fn assignments(&mut self) -> Vec<RoleAssignment> {
        (0..self.pick(4))
            .map(|_| RoleAssignment {
                principal_id: self.principal(),
                role_template_id: self.one(&ROLES).to_owned(),
                built_in: Some(true),
                tenant_wide: !self.one_in(4),
            })
            .collect()
    }

    fn locations(&mut self) -> Option<Vec<Value>> {
        if self.unknown_one_in(10) {
            return None;
        }
        Some((0..4).map(|number| self.location(number)).collect())
    }

    fn location(&mut self, number: usize) -> Value {
        let id = format!("loc-{number}");
        let known = if self.unknowns { 10 } else { 9 };
        match self.pick(known) {
            0..=4 => {
                let mut ranges: Vec<Value> =
                    self.some(&CIDRS).into_iter().map(|range| json!({"cidrAddress": range})).collect();
                if self.unknown_one_in(15) {
                    ranges.push(json!({"cidrAddress": "unreadable"}));
                }
                let mut value = json!({"@odata.type": "#microsoft.graph.ipNamedLocation", "id": id, "displayName": id,
                    "isTrusted": self.one_in(2), "ipRanges": ranges});
                if self.unknown_one_in(15) {
                    value["isTrusted"] = Value::Null;
                }
                value
            }
            5..=7 => json!({"@odata.type": "#microsoft.graph.countryNamedLocation", "id": id, "displayName": id,
                "countriesAndRegions": self.some(&["DE", "FR", "US"]),
                "includeUnknownCountriesAndRegions": self.one_in(3),
                "countryLookupMethod": self.one(&["clientIpAddress", "clientIpAddress", "authenticatorAppGps"])}),
            8 => json!({"@odata.type": "#microsoft.graph.compliantNetworkNamedLocation", "id": id, "displayName": id,
                "isTrusted": self.one_in(4)}),
            _ => json!({"@odata.type": "#microsoft.graph.futureNamedLocation", "id": id, "displayName": id}),
        }
    }

    fn policy(&mut self, number: usize, protection: &Protection) -> Value {
        let states = ["enabled", "enabled", "enabled", "enabled", "enabledForReportingButNotEnforced", "disabled"];
        let mut conditions = json!({"users": self.users(), "applications": self.applications(protection)});
        let set = |conditions: &mut Value, name: &str, value: Value| conditions[name] = value;
        if self.one_in(5) {
            let mut clients = self.some(&["browser", "mobileAppsAndDesktopClients", "exchangeActiveSync", "other"]);
            if self.unknown_one_in(6) {
                clients.push("easSupported");
            }
            set(&mut conditions, "clientAppTypes", json!(clients));
        } else {
            set(&mut conditions, "clientAppTypes", json!(["all"]));
        }
        if self.one_in(5) {
            let mut include = if self.one_in(3) { self.some(&PLATFORMS) } else { vec!["all"] };
            if self.unknown_one_in(8) {
                include.push("unknownFutureValue");
            }
            let mut exclude = self.some(&PLATFORMS[..4]);
            if self.unknown_one_in(8) {
                exclude.push("unknownFutureValue");
            }
            set(&mut conditions, "platforms", json!({"includePlatforms": include, "excludePlatforms": exclude}));
        }
        if self.one_in(3) {
            set(&mut conditions, "locations", self.places());
        }
        let risk = protection.sign_ins.sign_in_risk.is_some() || self.one_in(8);
        if risk && !self.one_in(4) {
            let levels =
                if self.one_in(3) { self.some(&["none", "low", "medium", "high"]) } else { vec!["medium", "high"] };
            set(&mut conditions, "signInRiskLevels", json!(levels));
        }
        let risk = protection.sign_ins.user_risk.is_some() || self.one_in(10);
        if risk && !self.one_in(4) {
            let mut levels = if self.one_in(4) { self.some(&["none", "low", "medium", "high"]) } else { vec!["high"] };
            if self.unknown_one_in(8) {
                levels.push("hidden");
            }
            set(&mut conditions, "userRiskLevels", json!(levels));
        }
        if self.one_in(10) {
            let levels = self.some(&["minor", "moderate", "elevated"]).join(",");
            set(&mut conditions, "insiderRiskLevels", json!(levels));
        }
        if self.one_in(8) {
            let flows = self.some(&["deviceCodeFlow", "authenticationTransfer"]).join(",");
            set(&mut conditions, "authenticationFlows", json!({"transferMethods": flows}));
        }
        if self.one_in(6) {
            let rule = self.one(&["device.isCompliant -eq True", "device.trustType -eq \"ServerAD\""]);
            let mode = self.one(&["include", "exclude"]);
            set(&mut conditions, "devices", json!({"deviceFilter": {"mode": mode, "rule": rule}}));
        }
        if self.unknown_one_in(25) {
            set(&mut conditions, "somethingNew", json!({"level": 3}));
        }
        json!({
            "id": format!("policy-{number}"), "displayName": format!("policy {number}"), "state": self.one(&states),
            "conditions": conditions, "grantControls": self.grant(protection), "sessionControls": self.session(protection),
        })
    }

    /// Policies that together do what one would do: a policy cut in two along some condition, again and again.
    fn parts(&mut self, protection: &Protection) -> Vec<Value> {
        let apps = match &protection.sign_ins.user_action {
            Some(actions) => json!({"includeUserActions": actions}),
            None => json!({"includeApplications": ["All"]}),
        };
        let mut conditions =
            json!({"users": {"includeUsers": ["All"]}, "applications": apps, "clientAppTypes": ["all"]});
        if protection.sign_ins.sign_in_risk.is_some() {
            conditions["signInRiskLevels"] = json!(["medium", "high"]);
        }
        if protection.sign_ins.user_risk.is_some() {
            conditions["userRiskLevels"] = json!(["high"]);
        }
        let mut parts = vec![conditions];
        for _ in 0..self.pick(5) {
            let at = self.pick(parts.len());
            let mut other = parts[at].clone();
            let (name, one, two) = self.cut();
            if parts[at].get(name).is_none_or(|value| name == "clientAppTypes" && *value == json!(["all"])) {
                parts[at][name] = one;
                other[name] = two;
            }
            if self.one_in(8) {
                other["users"]["excludeGroups"] = json!([self.one(&GROUPS)]);
            }
            parts.push(other);
        }
        let block = protection.session.sign_in_frequency_hours.is_some() || !protection.demands.is_empty();
        let control = if block && self.one_in(2) { "block" } else { "mfa" };
        let grant = json!({"operator": "OR", "builtInControls": [control]});
        parts
            .into_iter()
            .enumerate()
            .map(|(number, conditions)| {
                json!({"id": format!("part-{number}"), "displayName": format!("part {number}"), "state": "enabled",
                    "conditions": conditions, "grantControls": grant})
            })
            .collect()
    }

    /// A condition and its opposite.
    fn cut(&mut self) -> (&'static str, Value, Value) {
        match self.pick(5) {
            0 => {
                let place = self.one(&["AllTrusted", "loc-0", "loc-1", "loc-2", "loc-3"]);
                let outside = json!({"includeLocations": ["All"], "excludeLocations": [place]});
                ("locations", outside, json!({"includeLocations": [place]}))
            }
            1 => {
                let some = [self.one(&PLATFORMS), self.one(&PLATFORMS)];
                let others = json!({"includePlatforms": ["all"], "excludePlatforms": some});
                ("platforms", others, json!({"includePlatforms": some}))
            }
            2 => (
                "clientAppTypes",
                json!(["browser", "other"]),
                json!(["mobileAppsAndDesktopClients", "exchangeActiveSync"]),
            ),
            3 => {
                let filter =
                    |mode: &str| json!({"deviceFilter": {"mode": mode, "rule": "device.isCompliant -eq True"}});
                ("devices", filter("include"), filter("exclude"))
            }
            _ => ("insiderRiskLevels", json!("none,minor"), json!("moderate,elevated")),
        }
    }

    fn users(&mut self) -> Value {
        let mut value = match self.pick(6) {
            0..=2 => json!({"includeUsers": ["All"]}),
            3 => {
                let users = self.some(&["usr-0", "usr-1", "usr-2", "usr-9", "GuestsOrExternalUsers"]);
                json!({"includeUsers": users, "includeGroups": self.some(&GROUPS)})
            }
            4 => {
                json!({"includeUsers": ["None"], "includeGroups": self.some(&GROUPS), "includeRoles": self.some(&ROLES)})
            }
            _ => {
                json!({"includeUsers": [], "includeRoles": [ROLES[0], ROLES[1]], "includeGuestsOrExternalUsers": self.guests()})
            }
        };
        match self.pick(6) {
            0..=2 => {}
            3 => value["excludeGroups"] = json!(self.some(&GROUPS)),
            4 => {
                value["excludeUsers"] = json!(self.some(&["usr-0", "usr-4", "GuestsOrExternalUsers"]));
                value["excludeRoles"] = json!(self.some(&ROLES));
            }
            _ => value["excludeGuestsOrExternalUsers"] = self.guests(),
        }
        if self.unknown_one_in(20) {
            value["includeUsers"] = json!(["AllAgentIdUsers"]);
        }
        value
    }

    fn guests(&mut self) -> Value {
        let kinds = ["internalGuest", "b2bCollaborationGuest", "b2bCollaborationMember", "serviceProvider"];
        let mut kinds = self.some(&kinds);
        if self.unknown_one_in(10) {
            kinds.push("unknownFutureValue");
        }
        let tenants = if self.unknown_one_in(4) {
            json!({"membershipKind": "enumerated", "members": ["tenant-a"]})
        } else {
            json!({"membershipKind": "all"})
        };
        json!({"guestOrExternalUserTypes": kinds.join(","), "externalTenants": tenants})
    }

    fn applications(&mut self, protection: &Protection) -> Value {
        if (protection.sign_ins.user_action.is_some() && !self.one_in(4)) || self.one_in(20) {
            return json!({"includeUserActions": ["urn:user:registersecurityinfo"]});
        }
        if self.one_in(25) {
            return json!({"includeApplications": ["None"], "includeAuthenticationContextClassReferences": ["c1"]});
        }
        let mut words: Vec<&str> = vec!["Office365", "MicrosoftAdminPortals"];
        words.extend(APPS);
        let mut include = if self.one_in(4) { self.some(&words) } else { vec!["All"] };
        let mut exclude = if self.one_in(4) { self.some(&words) } else { Vec::new() };
        if include.is_empty() && !self.unknowns {
            include.push("None");
        }
        if self.unknown_one_in(20) {
            include.push("AllFutureThings");
        }
        if self.unknown_one_in(20) {
            exclude.push("unknownFutureValue");
        }
        let mut value = json!({"includeApplications": include, "excludeApplications": exclude});
        if self.unknown_one_in(20) {
            value["applicationFilter"] = json!({"mode": self.one(&["include", "exclude"]), "rule": "x -eq 1"});
        }
        value
    }

    fn places(&mut self) -> Value {
        let words = ["AllTrusted", "loc-0", "loc-1", "loc-2", "loc-3", "loc-9", "00000000-0000-0000-0000-000000000000"];
        let include = if self.one_in(3) { self.some(&words) } else { vec!["All"] };
        let exclude = if self.one_in(2) { self.some(&words) } else { vec!["AllTrusted"] };
        json!({"includeLocations": include, "excludeLocations": exclude})
    }

    fn grant(&mut self, protection: &Protection) -> Value {
        if protection.session.sign_in_frequency_hours.is_some() && !self.one_in(4) {
            return Value::Null;
        }
        let mut controls = match self.pick(8) {
            0..=2 => vec!["mfa"],
            3 | 4 => vec!["block"],
            5 => vec!["mfa", "compliantDevice"],
            6 => vec!["passwordChange", "mfa"],
            _ => self.some(&["compliantDevice", "domainJoinedDevice", "riskRemediation", "approvedApplication"]),
        };
        if self.unknown_one_in(15) {
            controls.push("unknownFutureValue");
        }
        let operator = self.one(&["OR", "AND"]);
        let mut value = json!({"operator": operator, "builtInControls": controls});
        if self.one_in(5) {
            value["builtInControls"] = json!(self.some(&["compliantDevice"]));
            value["authenticationStrength"] = match self.pick(4) {
                0 => json!({"id": "00000000-0000-0000-0000-000000000004"}),
                1 => json!({"id": "s1", "allowedCombinations": ["fido2", "windowsHelloForBusiness"]}),
                2 => json!({"id": "s2", "allowedCombinations": ["fido2", "password,sms"]}),
                _ if self.unknowns => json!({"id": "s3"}),
                _ => json!({"id": "s4", "allowedCombinations": ["password"]}),
            };
        }
        if self.one_in(10) {
            value["termsOfUse"] = json!(["terms"]);
        }
        if self.one_in(10) {
            value["customAuthenticationFactors"] = json!(["duo"]);
        }
        value
    }

    fn session(&mut self, protection: &Protection) -> Value {
        if protection.session.sign_in_frequency_hours.is_none() {
            return Value::Null;
        }
        let mut value = json!({});
        if !self.one_in(3) {
            value["signInFrequency"] = match self.pick(4) {
                0 | 1 => json!({"isEnabled": true, "type": "hours", "value": 4, "frequencyInterval": "timeBased"}),
                2 => json!({"isEnabled": true, "frequencyInterval": "everyTime"}),
                _ => json!({"isEnabled": true, "type": "days", "value": 1, "frequencyInterval": "timeBased"}),
            };
        }
        if !self.one_in(3) {
            value["persistentBrowser"] = json!({"isEnabled": true, "mode": self.one(&["never", "never", "always"])});
        }
        value
    }
}

const PROTECTIONS: [&str; 11] = [
    "demands = [\"mfa\"]\n[sign_ins]\nclient_app = [\"browser\", \"mobileAppsAndDesktopClients\"]\nflow = [\"none\"]",
    "demands = [\"mfa\"]\n[sign_ins]\nflow = [\"none\"]\nresource = [\"Office365\"]",
    "demands = [\"block\"]\n[sign_ins]\nclient_app = [\"exchangeActiveSync\", \"other\"]",
    "demands = [\"mfa\"]\nrequires_condition = [\"signInRisk\"]\n[sign_ins]\nsign_in_risk = [\"medium\", \"high\"]\nflow = [\"none\"]",
    "demands = [\"passwordChange\", \"riskRemediation\", \"block\"]\nrequires_condition = [\"userRisk\"]\n[sign_ins]\nuser_risk = [\"high\"]",
    "demands = [\"phishingResistant\"]\n[sign_ins]\nclient_app = [\"browser\", \"mobileAppsAndDesktopClients\"]",
    "demands = [\"block\"]\n[sign_ins]\nflow = [\"deviceCodeFlow\"]",
    "demands = [\"mfa\", \"managedDevice\"]\ntrusted_location_suffices = true\n[sign_ins]\nuser_action = [\"urn:user:registersecurityinfo\"]",
    "session = { sign_in_frequency_hours = 4, persistent_browser = \"never\" }",
    "demands = [\"block\"]\n[sign_ins]\nresource = [\"797f4846-ba00-4fd7-ba43-dac1f8f63013\"]",
    "demands = [\"managedDevice\"]",
];
