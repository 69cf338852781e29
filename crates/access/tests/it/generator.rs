//! Invented policies, directories and protections, made from a stream of choices so that failures shrink: choice 0 is
//! always the plainest.

use std::collections::{HashMap, HashSet};

use idscore_access::{
    AppExclusions, BaselineScopes, Bounds, Directory, GroupMembers, HighRisk, Protection, RoleAssignment, Settings,
};
use roaring::RoaringBitmap;
use serde_json::{Value, json};

use crate::support::served;

/// Everything that one proof takes.
#[derive(Debug)]
pub struct Case {
    pub policies: Vec<Value>,
    pub locations: Option<Vec<Value>>,
    /// The locations are of every kind.
    pub beta: bool,
    pub directory: Directory,
    pub protection: Protection,
    pub settings: Settings,
}

pub const USERS: u32 = 6;
const GROUPS: [&str; 4] = [
    "66666666-0000-0000-0000-000000000000",
    "66666666-0000-0000-0000-000000000001",
    "66666666-0000-0000-0000-000000000002",
    "66666666-0000-0000-0000-000000000003",
];
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

/// Ids of locations: where one of them is no id, a policy may mean it by any.
const PLACES: [&str; 4] = [
    "10c00000-0000-0000-0000-000000000000",
    "10c00000-0000-0000-0000-000000000001",
    "10c00000-0000-0000-0000-000000000002",
    "10c00000-0000-0000-0000-000000000003",
];

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
        let beta = !self.unknown_one_in(8);
        let count = 1 + self.pick(6);
        let mut policies: Vec<Value> = (0..count).map(|number| self.policy(number, &protection)).collect();
        if self.one_in(2) {
            policies.extend(self.parts(&protection));
        }
        let mut policies: Vec<Value> = policies.into_iter().map(served).collect();
        if self.unknown_one_in(3) {
            for _ in 0..1 + self.pick(3) {
                let at = self.pick(policies.len());
                self.lose_a_member(&mut policies[at]);
            }
        }
        Case { policies, locations, beta, directory, protection, settings }
    }

    /// Drops a property that Graph always serves.
    fn lose_a_member(&mut self, policy: &mut Value) {
        const SERVED: [&str; 20] = [
            "/state",
            "/conditions",
            "/grantControls",
            "/sessionControls",
            "/conditions/users",
            "/conditions/applications",
            "/conditions/clientAppTypes",
            "/conditions/users/includeUsers",
            "/conditions/users/excludeUsers",
            "/conditions/users/includeGroups",
            "/conditions/users/excludeGroups",
            "/conditions/users/excludeRoles",
            "/conditions/users/includeGuestsOrExternalUsers",
            "/conditions/applications/includeApplications",
            "/conditions/applications/excludeApplications",
            "/conditions/applications/includeUserActions",
            "/conditions/locations/includeLocations",
            "/conditions/locations/excludeLocations",
            "/conditions/platforms/excludePlatforms",
            "/grantControls/builtInControls",
        ];
        let (parent, name) = self.one(&SERVED).rsplit_once('/').expect("a path");
        let parent = if parent.is_empty() { Some(policy) } else { policy.pointer_mut(parent) };
        parent.and_then(Value::as_object_mut).map(|members| members.remove(name));
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
        directory.all_users_read = !self.unknown_one_in(12);
        self.guests_of(&mut directory);
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
        } else {
            directory.group_names.add("Glass", GROUPS[1]);
        }
        if directory.all_users_read {
            directory.user_names.add("glass", "usr-1");
        }
        directory.security_defaults = if self.unknown_one_in(6) { None } else { Some(self.one_in(4)) };
        directory.role_assignments = if self.unknown_one_in(20) { None } else { Some(self.assignments()) };
        directory.eligible_assignments = if self.unknown_one_in(20) { None } else { Some(self.assignments()) };
        directory.role_assignments_are_lower_bound = self.unknown_one_in(20);
        if self.one_in(4) {
            directory.group_eligibility =
                HashMap::from([(self.one(&GROUPS).to_owned(), vec![self.principal(), self.principal()])]);
        }
        directory
    }

    /// One user of each kind, some of whom may not be told apart.
    fn guests_of(&mut self, directory: &mut Directory) {
        let one = |row: u32| Bounds::exactly([row].into_iter().collect());
        let rows = |rows: &[u32]| rows.iter().copied().collect::<RoaringBitmap>();
        (directory.internal_guests, directory.b2b_guests, directory.b2b_members) = (one(3), one(4), one(5));
        directory.guests_or_external = Bounds::exactly(rows(&[3, 4, 5]));
        if self.unknown_one_in(6) {
            // Without user types: who is external is known, and nothing else.
            let none = RoaringBitmap::new();
            directory.internal_guests = Bounds { sure: none.clone(), possible: rows(&[0, 1, 2, 3]) };
            directory.b2b_guests = Bounds { sure: none.clone(), possible: rows(&[4, 5]) };
            directory.b2b_members = Bounds { sure: none, possible: rows(&[4, 5]) };
            directory.guests_or_external = Bounds { sure: rows(&[4, 5]), possible: rows(&[0, 1, 2, 3, 4, 5]) };
        }
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
        let mut locations: Vec<Value> = (0..4).map(|number| self.location(number)).collect();
        if !self.unknowns || self.one_in(2) {
            locations.push(json!({"@odata.type": "#microsoft.graph.compliantNetworkNamedLocation",
                "id": "3d46dbda-8382-466a-856d-eb00cbc6b910", "displayName": "Network", "isTrusted": self.one_in(2)}));
        }
        Some(locations)
    }

    fn location(&mut self, number: usize) -> Value {
        let (id, name) = (PLACES[number], format!("place {number}"));
        let id = if self.unknown_one_in(20) { Value::Null } else { json!(id) };
        let known = if self.unknowns { 10 } else { 9 };
        match self.pick(known) {
            0..=4 => {
                let mut ranges: Vec<Value> =
                    self.some(&CIDRS).into_iter().map(|range| json!({"cidrAddress": range})).collect();
                if self.unknown_one_in(15) {
                    ranges.push(json!({"cidrAddress": "unreadable"}));
                }
                let mut value = json!({"@odata.type": "#microsoft.graph.ipNamedLocation", "id": id, "displayName": name,
                    "isTrusted": self.one_in(2), "ipRanges": ranges});
                if self.unknown_one_in(15) {
                    value["isTrusted"] = Value::Null;
                }
                value
            }
            5..=7 => json!({"@odata.type": "#microsoft.graph.countryNamedLocation", "id": id, "displayName": name,
                "countriesAndRegions": self.some(&["DE", "FR", "US"]),
                "includeUnknownCountriesAndRegions": self.one_in(3),
                "countryLookupMethod": self.one(&["clientIpAddress", "clientIpAddress", "authenticatorAppGps"])}),
            8 => json!({"@odata.type": "#microsoft.graph.compliantNetworkNamedLocation", "id": id, "displayName": name,
                "isTrusted": self.one_in(4)}),
            _ => json!({"@odata.type": "#microsoft.graph.futureNamedLocation", "id": id, "displayName": name}),
        }
    }

    fn policy(&mut self, number: usize, protection: &Protection) -> Value {
        let states = ["enabled", "enabled", "enabled", "enabled", "enabledForReportingButNotEnforced", "disabled"];
        let mut conditions = json!({"users": self.users(), "applications": self.applications(protection)});
        let set = |conditions: &mut Value, name: &str, value: Value| conditions[name] = value;
        if self.one_in(5) {
            let mut clients = self.some(&["browser", "mobileAppsAndDesktopClients", "exchangeActiveSync", "other"]);
            if self.one_in(4) {
                clients.extend(self.some(&["modern", "easSupported", "easUnsupported"]));
            }
            if clients.is_empty() && !self.unknowns {
                clients.push("all");
            }
            if self.unknown_one_in(6) {
                clients.push(self.one(&["", "unknownFutureValue"]));
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
            let levels = self.some(&["minor", "moderate", "elevated"]);
            let levels = if levels.is_empty() { "elevated".to_owned() } else { levels.join(",") };
            set(&mut conditions, "insiderRiskLevels", json!(levels));
        }
        if self.one_in(8) {
            let flows = self.some(&["deviceCodeFlow", "authenticationTransfer"]);
            let flows = if flows.is_empty() { "none".to_owned() } else { flows.join(",") };
            set(&mut conditions, "authenticationFlows", json!({"transferMethods": flows}));
        }
        if self.one_in(6) {
            let rule = self.one(&["device.isCompliant -eq True", "device.trustType -eq \"ServerAD\""]);
            let mode = self.one(&["include", "exclude"]);
            set(&mut conditions, "devices", json!({"deviceFilter": {"mode": mode, "rule": rule}}));
        }
        if self.one_in(12) {
            let include =
                self.one(&[json!(["All"]), json!(["Compliant"]), json!(["Compliant", "DomainJoined"]), json!([])]);
            let mut exclude = self.some(&["Compliant", "DomainJoined"]);
            if self.unknown_one_in(8) {
                exclude.push("Borrowed");
            }
            set(&mut conditions, "deviceStates", json!({"includeStates": include, "excludeStates": exclude}));
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
                let place = self.one(&["AllTrusted", PLACES[0], PLACES[1], PLACES[2], PLACES[3]]);
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
                let users = self.some(&[
                    "usr-0",
                    "usr-1",
                    "usr-2",
                    "99999999-0000-0000-0000-000000000000",
                    "GuestsOrExternalUsers",
                ]);
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
        if self.one_in(20) {
            value["includeUsers"] = json!(["AllAgentIdUsers"]);
        }
        if self.one_in(20) {
            value["excludeUsers"] = json!(["AllAgentIdUsers"]);
        }
        if self.unknown_one_in(20) {
            // A name, a blank, a text that a cut depth left, an id of a data set that may not be whole.
            let list = self.one(&["includeUsers", "excludeUsers", "includeGroups", "excludeGroups", "excludeRoles"]);
            let odd = ["Glass", "Nobody by this name", "", "a b", "99999999-0000-0000-0000-000000000000"];
            value[list] = json!([self.one(&odd)]);
        }
        value
    }

    fn guests(&mut self) -> Value {
        let kinds = ["internalGuest", "b2bCollaborationGuest", "b2bCollaborationMember", "serviceProvider"];
        let mut kinds = self.some(&kinds);
        if self.unknown_one_in(10) {
            kinds.push("unknownFutureValue");
        }
        if kinds.is_empty() {
            kinds.push("none");
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
            let action = if self.unknown_one_in(10) { "urn:user:new" } else { "urn:user:registersecurityinfo" };
            return json!({"includeUserActions": [action]});
        }
        if self.one_in(25) {
            return json!({"includeApplications": ["None"], "includeAuthenticationContextClassReferences": ["c1"]});
        }
        let mut words: Vec<&str> = vec!["Office365", "MicrosoftAdminPortals", "AllAgentIdResources"];
        words.extend(APPS);
        let mut include = if self.one_in(4) { self.some(&words) } else { vec!["All"] };
        let mut exclude = if self.one_in(4) { self.some(&words) } else { Vec::new() };
        if self.unknown_one_in(20) {
            include.push(self.one(&["AllFutureThings", "", "An app by name"]));
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
        const NETWORK: &str = "3d46dbda-8382-466a-856d-eb00cbc6b910";
        let odd = self.unknown_one_in(12);
        let words = [
            NETWORK,
            "AllTrusted",
            PLACES[0],
            PLACES[1],
            PLACES[2],
            PLACES[3],
            "99999999-0000-0000-0000-000000000000",
            "00000000-0000-0000-0000-000000000000",
        ];
        let mut include = if self.one_in(3) { self.some(&words) } else { vec!["All"] };
        let mut exclude = if self.one_in(2) { self.some(&words) } else { vec!["AllTrusted"] };
        if odd {
            let odd = self.one(&["Place 1", "No such place", ""]);
            if self.one_in(2) { include = vec![odd] } else { exclude.push(odd) }
        }
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
            controls.push(self.one(&["unknownFutureValue", ""]));
        }
        if self.one_in(12) {
            controls.push("verifiedID");
        }
        let operator = if self.unknown_one_in(15) { "XOR" } else { self.one(&["OR", "AND"]) };
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
            value["signInFrequency"] = match self.pick(if self.unknowns { 6 } else { 4 }) {
                4 => json!({"isEnabled": true, "type": "hours", "value": 4, "frequencyInterval": "timeBased",
                    "authenticationType": "secondaryAuthentication"}),
                5 => json!({"type": "hours", "value": 4}),
                0 | 1 => json!({"isEnabled": true, "type": "hours", "value": 4, "frequencyInterval": "timeBased"}),
                2 => json!({"isEnabled": true, "frequencyInterval": "everyTime"}),
                _ => json!({"isEnabled": true, "type": "days", "value": 1, "frequencyInterval": "timeBased"}),
            };
        }
        let modes: &[&str] =
            if self.unknowns { &["never", "never", "never", "always", "sometimes"] } else { &["never"] };
        if !self.one_in(3) {
            value["persistentBrowser"] = json!({"isEnabled": true, "mode": self.one(modes)});
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
