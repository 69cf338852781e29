//! How long it takes to find who is in which policy, and to prove a dozen protections: a million users under usual
//! policies, 240 policies, and 100,000 users of whom no two are in the same policies.

#![expect(clippy::expect_used, reason = "a benchmark that can't go on has failed")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use idscore_access::{Access, Directory, GroupMembers, Protection, Settings};
use roaring::RoaringBitmap;
use serde_json::{Value, json};

const PROTECTIONS: [&str; 12] = [
    "demands = [\"mfa\"]\n[sign_ins]\nclient_app = [\"browser\", \"mobileAppsAndDesktopClients\"]\nflow = [\"none\"]",
    "demands = [\"mfa\"]\nas_activated = true\n[sign_ins]\nclient_app = [\"browser\", \"mobileAppsAndDesktopClients\"]\nflow = [\"none\"]",
    "demands = [\"mfa\"]\nwithout_exclusions = true\n[sign_ins]\nclient_app = [\"browser\", \"mobileAppsAndDesktopClients\"]\nflow = [\"none\"]",
    "demands = [\"block\"]\n[sign_ins]\nclient_app = [\"exchangeActiveSync\", \"other\"]",
    "demands = [\"mfa\"]\nrequires_condition = [\"signInRisk\"]\n[sign_ins]\nsign_in_risk = [\"medium\", \"high\"]\nflow = [\"none\"]",
    "demands = [\"passwordChange\", \"block\"]\nrequires_condition = [\"userRisk\"]\n[sign_ins]\nuser_risk = [\"high\"]",
    "demands = [\"phishingResistant\"]\n[sign_ins]\nclient_app = [\"browser\", \"mobileAppsAndDesktopClients\"]",
    "demands = [\"block\"]\n[sign_ins]\nflow = [\"deviceCodeFlow\"]",
    "demands = [\"block\"]\n[sign_ins]\nflow = [\"authenticationTransfer\"]",
    "demands = [\"mfa\", \"managedDevice\"]\ntrusted_location_suffices = true\n[sign_ins]\nuser_action = [\"urn:user:registersecurityinfo\"]",
    "session = { sign_in_frequency_hours = 4, persistent_browser = \"never\" }",
    "demands = [\"managedDevice\"]",
];

fn protections() -> Vec<Protection> {
    PROTECTIONS
        .iter()
        .map(|text| toml::from_str(&format!("column = \"x\"\nsays = \"x\"\n{text}")).expect("a protection"))
        .collect()
}

/// A plain generator, the same on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// Groups of departments, one in `one_in` of them in each group; departments are drawn by lot.
fn directory(user_count: u32, groups: usize, departments: u32, one_in: u64) -> Directory {
    let mut random = Random(7);
    let mut directory = Directory {
        user_count,
        known_groups: Some((0..groups).map(|number| format!("group-{number}")).collect()),
        role_assignments: Some(Vec::new()),
        eligible_assignments: Some(Vec::new()),
        security_defaults: Some(false),
        ..Directory::default()
    };
    for number in 0..groups {
        let inside: Vec<bool> = (0..departments).map(|_| random.below(one_in) == 0).collect();
        let users: RoaringBitmap = (0..user_count).filter(|user| inside[department(*user, departments)]).collect();
        let members = GroupMembers { users, groups: Vec::new(), complete: true };
        directory.groups.insert(format!("group-{number}"), members);
    }
    directory
}

fn department(user: u32, departments: u32) -> usize {
    if user < departments { user as usize } else { (user.wrapping_mul(2_654_435_761) % departments) as usize }
}

fn policy(number: usize, users: Value, extra: &[(&str, Value)], control: &str) -> Value {
    let mut conditions =
        json!({"users": users, "applications": {"includeApplications": ["All"]}, "clientAppTypes": ["all"]});
    for (name, value) in extra {
        conditions[*name] = value.clone();
    }
    json!({"id": format!("policy-{number}"), "displayName": format!("Policy {number}"), "state": "enabled",
        "conditions": conditions, "grantControls": {"operator": "OR", "builtInControls": [control]},
        "sessionControls": {}})
}

fn usual() -> Vec<Value> {
    let all = || json!({"includeUsers": ["All"], "excludeGroups": ["group-0"]});
    let legacy = ("clientAppTypes", json!(["exchangeActiveSync", "other"]));
    let outside = ("locations", json!({"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]}));
    let code = ("authenticationFlows", json!({"transferMethods": "deviceCodeFlow"}));
    vec![
        policy(0, all(), &[], "mfa"),
        policy(1, all(), &[legacy], "block"),
        policy(2, all(), &[code], "block"),
        policy(3, all(), &[("signInRiskLevels", json!(["medium", "high"]))], "mfa"),
        policy(4, all(), &[("userRiskLevels", json!(["high"]))], "block"),
        policy(5, json!({"includeGroups": ["group-1"]}), &[outside], "mfa"),
        policy(6, json!({"includeGroups": ["group-2", "group-3"]}), &[], "compliantDevice"),
    ]
}

/// Policies of unrelated groups, each of which covers a part only: an app, a place, a platform, a kind of client.
fn partial(count: usize) -> Vec<Value> {
    (0..count)
        .map(|number| {
            let users = json!({"includeGroups": [format!("group-{number}")]});
            let app = format!("aaaaaaaa-0000-0000-0000-{:012}", number / 12);
            let platform = ["windows", "macOS", "iOS", "android"][number / 6 % 4];
            let control = ["mfa", "block"][number / 120];
            let condition = match number % 6 {
                0 => ("applications", json!({"includeApplications": [app]})),
                1 => ("applications", json!({"includeApplications": ["All"], "excludeApplications": [app]})),
                2 => ("locations", json!({"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]})),
                3 => ("locations", json!({"includeLocations": ["AllTrusted"]})),
                4 => ("platforms", json!({"includePlatforms": [platform]})),
                _ => ("platforms", json!({"includePlatforms": ["all"], "excludePlatforms": [platform]})),
            };
            policy(number, users, &[condition], control)
        })
        .collect()
}

fn access(policies: &[Value]) -> Access {
    let office = json!({"@odata.type": "#microsoft.graph.ipNamedLocation", "id": "office", "displayName": "Office",
        "isTrusted": true, "ipRanges": [{"cidrAddress": "192.0.2.0/24"}]});
    Access::new(policies, Some(&[office]), None, Settings::standard())
}

fn measure(criterion: &mut Criterion, name: &str, policies: &[Value], directory: &Directory) {
    let access = access(policies);
    let protections = protections();
    let mut group = criterion.benchmark_group(name);
    group.sample_size(10);
    group.bench_function("signatures", |bencher| {
        bencher.iter(|| black_box(access.prepare(directory).prove(&protections[9])));
    });
    let prepared = access.prepare(directory);
    group.bench_function("twelve protections", |bencher| {
        bencher.iter(|| protections.iter().map(|protection| prepared.prove(protection).answers.len()).sum::<usize>());
    });
    group.finish();
}

fn benches(criterion: &mut Criterion) {
    let million = directory(1_000_000, 240, 5_000, 20);
    measure(criterion, "a million users, 7 policies", &usual(), &million);
    measure(criterion, "a million users, 240 policies", &partial(240), &million);
    measure(criterion, "100,000 users, no two alike", &partial(240), &directory(100_000, 240, 100_000, 3));
}

criterion_group!(prove, benches);
criterion_main!(prove);
