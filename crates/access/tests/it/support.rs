//! Small tenants with their policies in view.

use std::collections::HashSet;

use idscore_access::{Access, Answer, Directory, GroupMembers, Protection, RoleAssignment, Settings};
use serde_json::{Value, json};

pub const MFA: &str = r#"
demands = ["mfa"]
also = ["securityDefaults", "perUserMfa"]
[sign_ins]
client_app = ["browser", "mobileAppsAndDesktopClients"]
flow = ["none"]
"#;
pub const ADMIN_MFA: &str = r#"
demands = ["mfa"]
also = ["securityDefaults", "perUserMfa"]
as_activated = true
[sign_ins]
client_app = ["browser", "mobileAppsAndDesktopClients"]
flow = ["none"]
"#;
pub const LEGACY: &str = r#"
demands = ["block"]
also = ["securityDefaults"]
[sign_ins]
client_app = ["exchangeActiveSync", "other"]
"#;
pub const SIGN_IN_RISK: &str = r#"
demands = ["mfa", "block"]
requires_condition = ["signInRisk"]
[sign_ins]
client_app = ["browser", "mobileAppsAndDesktopClients"]
sign_in_risk = ["medium", "high"]
flow = ["none"]
"#;
pub const USER_RISK: &str = r#"
demands = ["passwordChange", "riskRemediation", "block"]
requires_condition = ["userRisk"]
only_without_other_conditions = true
[sign_ins]
user_risk = ["high"]
"#;
pub const PHISHING_RESISTANT: &str = r#"
demands = ["phishingResistant"]
as_activated = true
[sign_ins]
client_app = ["browser", "mobileAppsAndDesktopClients"]
"#;
pub const DEVICE_CODE: &str = r#"
demands = ["block"]
also = ["securityDefaults"]
[sign_ins]
flow = ["deviceCodeFlow"]
"#;
pub const TRANSFER: &str = r#"
demands = ["block"]
[sign_ins]
flow = ["authenticationTransfer"]
"#;
pub const ADMIN_SESSION: &str = r#"
as_activated = true
session = { sign_in_frequency_hours = 4, persistent_browser = "never" }
[sign_ins]
client_app = ["browser", "mobileAppsAndDesktopClients"]
"#;
pub const REGISTRATION: &str = r#"
demands = ["mfa", "managedDevice"]
trusted_location_suffices = true
[sign_ins]
user_action = ["urn:user:registersecurityinfo"]
"#;
pub const MANAGED_DEVICE: &str = "demands = [\"managedDevice\"]";
pub const INSIDER_RISK: &str = r#"
demands = ["block", "mfa"]
requires_condition = ["insiderRisk"]
[sign_ins]
client_app = ["browser", "mobileAppsAndDesktopClients"]
insider_risk = ["elevated"]
flow = ["none"]
"#;
pub const AZURE_BLOCKED: &str = r#"
demands = ["block"]
[sign_ins]
resource = ["797f4846-ba00-4fd7-ba43-dac1f8f63013"]
"#;

pub const GLOBAL_ADMINISTRATOR: &str = "62e90394-69f5-4237-9190-012177145e10";
pub const SYNC_ACCOUNT: &str = "d29b2b05-8046-44ba-8758-1e26182fcf32";

/// A policy for all users and apps that demands MFA, changed by what is given.
pub fn policy(changes: Value) -> Value {
    let mut policy = json!({
        "id": "p", "displayName": "MFA for all", "state": "enabled",
        "conditions": {
            "users": {"includeUsers": ["All"]},
            "applications": {"includeApplications": ["All"]},
            "clientAppTypes": ["all"],
        },
        "grantControls": {"operator": "OR", "builtInControls": ["mfa"]},
    });
    merge(&mut policy, changes);
    policy
}

fn merge(into: &mut Value, changes: Value) {
    match (into, changes) {
        (Value::Object(into), Value::Object(changes)) => {
            for (name, value) in changes {
                merge(into.entry(name).or_insert(Value::Null), value);
            }
        }
        (into, changes) => *into = changes,
    }
}

/// An office whose addresses are trusted.
pub fn office() -> Value {
    json!({"@odata.type": "#microsoft.graph.ipNamedLocation", "id": "office", "displayName": "Office", "isTrusted": true,
        "ipRanges": [{"cidrAddress": "192.0.2.0/24"}]})
}

/// A country, by address.
pub fn country(id: &str, codes: &[&str]) -> Value {
    json!({"@odata.type": "#microsoft.graph.countryNamedLocation", "id": id, "displayName": id,
        "countriesAndRegions": codes, "includeUnknownCountriesAndRegions": false, "countryLookupMethod": "clientIpAddress"})
}

/// Three users, everything read, nothing set.
pub struct Tenant {
    pub policies: Vec<Value>,
    pub locations: Option<Vec<Value>>,
    pub strengths: Option<Vec<Value>>,
    pub directory: Directory,
    pub settings: Settings,
}

pub const ANNA: &str = "anna";
pub const BORIS: &str = "boris";
pub const CARLA: &str = "carla";

impl Tenant {
    pub fn new(policies: impl IntoIterator<Item = Value>) -> Tenant {
        Tenant {
            policies: policies.into_iter().collect(),
            locations: Some(vec![office()]),
            strengths: Some(Vec::new()),
            directory: Directory {
                user_count: 3,
                user_rows: [ANNA, BORIS, CARLA].map(str::to_owned).into_iter().zip(0..).collect(),
                known_groups: Some(HashSet::new()),
                role_assignments: Some(Vec::new()),
                eligible_assignments: Some(Vec::new()),
                security_defaults: Some(false),
                ..Directory::default()
            },
            settings: Settings::standard(),
        }
    }

    pub fn settings(mut self, settings: Settings) -> Tenant {
        self.settings = settings;
        self
    }

    pub fn locations(mut self, locations: impl IntoIterator<Item = Value>) -> Tenant {
        self.locations = Some(locations.into_iter().collect());
        self
    }

    /// A group of users and groups.
    pub fn group(mut self, id: &str, users: &[&str], groups: &[&str]) -> Tenant {
        let rows = users.iter().map(|user| self.directory.user_rows[*user]).collect();
        let groups = groups.iter().map(|id| (*id).to_owned()).collect();
        self.directory.groups.insert(id.to_owned(), GroupMembers { users: rows, groups, complete: true });
        if let Some(known) = self.directory.known_groups.as_mut() {
            known.insert(id.to_owned());
        }
        self
    }

    /// A group that exists, and whose members were refused.
    pub fn unread_group(mut self, id: &str) -> Tenant {
        if let Some(known) = self.directory.known_groups.as_mut() {
            known.insert(id.to_owned());
        }
        self
    }

    pub fn role(mut self, principal: &str, role: &str) -> Tenant {
        self.directory.role_assignments.get_or_insert_default().push(assignment(principal, role));
        self
    }

    pub fn eligible(mut self, principal: &str, role: &str) -> Tenant {
        self.directory.eligible_assignments.get_or_insert_default().push(assignment(principal, role));
        self
    }

    pub fn access(&self) -> Access {
        Access::new(&self.policies, self.locations.as_deref(), self.strengths.as_deref(), self.settings.clone())
    }

    pub fn answer(&self, user: &str, protection: &str) -> Answer {
        let access = self.access();
        let prepared = access.prepare(&self.directory);
        prepared.prove(&read(protection)).answer(self.directory.user_rows[user]).unwrap().clone()
    }

    pub fn verdict(&self, user: &str, protection: &str) -> Option<bool> {
        self.answer(user, protection).verdict
    }

    pub fn external(&self, protection: &str) -> Answer {
        self.access().prepare(&self.directory).prove_external_users(&read(protection))
    }
}

pub fn assignment(principal: &str, role: &str) -> RoleAssignment {
    RoleAssignment {
        principal_id: principal.to_owned(),
        role_template_id: role.to_owned(),
        built_in: Some(true),
        tenant_wide: true,
    }
}

pub fn read(text: &str) -> Protection {
    toml::from_str(&format!("column = \"x\"\nsays = \"x\"\n{text}")).unwrap()
}
