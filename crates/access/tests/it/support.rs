//! Small tenants with their policies in view.

use std::collections::HashSet;

use idscore_access::{Access, Answer, Bounds, Directory, GroupMembers, Protection, RoleAssignment, Settings};
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

/// An id that no data set holds.
pub const DELETED: &str = "dddddddd-0000-4000-8000-000000000000";

pub const GLOBAL_ADMINISTRATOR: &str = "62e90394-69f5-4237-9190-012177145e10";
pub const SYNC_ACCOUNT: &str = "d29b2b05-8046-44ba-8758-1e26182fcf32";

/// A policy for all users and apps that demands MFA, changed by what is given; what it doesn't say is empty, as Graph
/// serves it.
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
    served(policy)
}

/// A policy as Graph serves it: with whatever is empty.
pub fn served(mut policy: Value) -> Value {
    fn fill(into: Option<&mut Value>, defaults: Value) {
        let (Some(Value::Object(into)), Value::Object(defaults)) = (into, defaults) else { return };
        for (name, value) in defaults {
            into.entry(name).or_insert(value);
        }
    }
    fill(Some(&mut policy), json!({"sessionControls": null, "templateId": null}));
    let users = json!({"includeUsers": [], "excludeUsers": [], "includeGroups": [], "excludeGroups": [],
        "includeRoles": [], "excludeRoles": [],
        "includeGuestsOrExternalUsers": null, "excludeGuestsOrExternalUsers": null});
    let applications = json!({"includeApplications": [], "excludeApplications": [], "includeUserActions": [],
        "includeAuthenticationContextClassReferences": [], "applicationFilter": null});
    fill(policy.pointer_mut("/conditions/users"), users);
    fill(policy.pointer_mut("/conditions/applications"), applications);
    let platforms = json!({"includePlatforms": [], "excludePlatforms": []});
    fill(policy.pointer_mut("/conditions/platforms"), platforms);
    let locations = json!({"includeLocations": [], "excludeLocations": []});
    fill(policy.pointer_mut("/conditions/locations"), locations);
    let grant = json!({"builtInControls": [], "termsOfUse": [], "customAuthenticationFactors": [],
        "authenticationStrength": null});
    fill(policy.pointer_mut("/grantControls"), grant);
    fill(policy.pointer_mut("/sessionControls"), json!({"signInFrequency": null, "persistentBrowser": null}));
    let frequency = json!({"authenticationType": "primaryAndSecondaryAuthentication"});
    fill(policy.pointer_mut("/sessionControls/signInFrequency"), frequency);
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

pub fn internal_guest(directory: &mut Directory) -> &mut Bounds {
    &mut directory.internal_guests
}

pub fn b2b_guest(directory: &mut Directory) -> &mut Bounds {
    &mut directory.b2b_guests
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
                all_users_read: true,
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

    /// Makes a user a guest or external user of one kind.
    pub fn guest(mut self, user: &str, kind: fn(&mut Directory) -> &mut Bounds) -> Tenant {
        let row = self.directory.user_rows[user];
        let exactly = Bounds::exactly([row].into_iter().collect());
        kind(&mut self.directory).add(&exactly);
        self.directory.guests_or_external.add(&exactly);
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
            .with_every_kind_of_location(true)
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
