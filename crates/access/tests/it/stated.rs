//! What a policy states, leaves out, or states in a way that nobody knows.

use idscore_access::{Access, Settings};
use serde_json::{Value, json};

use crate::support::*;

/// Removes the member at the end of a path.
fn without(mut policy: Value, path: &str) -> Value {
    let (parent, name) = path.rsplit_once('/').unwrap();
    let parent = if parent.is_empty() { &mut policy } else { policy.pointer_mut(parent).unwrap() };
    parent.as_object_mut().unwrap().remove(name).unwrap();
    policy
}

fn with(path: &str, value: Value) -> Value {
    let mut policy = policy(json!({}));
    *policy.pointer_mut(path).unwrap() = value;
    policy
}

#[test]
fn what_graph_always_serves_is_unknown_when_it_is_absent() {
    for path in [
        "/state",
        "/conditions",
        "/grantControls",
        "/conditions/users",
        "/conditions/applications",
        "/conditions/clientAppTypes",
        "/conditions/users/includeUsers",
        "/conditions/users/excludeUsers",
        "/conditions/users/excludeGroups",
        "/conditions/users/excludeRoles",
        "/conditions/users/excludeGuestsOrExternalUsers",
        "/conditions/applications/includeApplications",
        "/conditions/applications/excludeApplications",
        "/conditions/applications/applicationFilter",
        "/conditions/applications/includeUserActions",
        "/grantControls/builtInControls",
    ] {
        let tenant = Tenant::new([without(policy(json!({})), path)]);
        assert_eq!(tenant.verdict(ANNA, MFA), None, "{path}");
    }
    let session = Tenant::new([without(policy(json!({"grantControls": null})), "/sessionControls")]);
    assert_eq!(session.verdict(ANNA, ADMIN_SESSION), None);
}

#[test]
fn an_absent_list_says_which_property_is_missing() {
    let answer = Tenant::new([without(policy(json!({})), "/conditions/users/excludeGroups")]).answer(ANNA, MFA);
    assert_eq!(answer.unknown.unwrap(), "policy “MFA for all”: `excludeGroups` was not in the export");
}

#[test]
fn an_absent_demand_or_limit_says_which_property_is_missing() {
    let unknown = |policy: Value, protection: &str| Tenant::new([policy]).answer(ANNA, protection).unknown.unwrap();
    let grant = without(policy(json!({})), "/grantControls");
    assert_eq!(unknown(grant, MFA), "policy “MFA for all”: `grantControls` was not in the export");
    let controls = without(policy(json!({})), "/grantControls/builtInControls");
    assert_eq!(unknown(controls, MFA), "policy “MFA for all”: `builtInControls` was not in the export");
    let frequency = json!({"type": "hours", "value": 4, "frequencyInterval": "timeBased"});
    let limited = policy(json!({"grantControls": null, "sessionControls": {"signInFrequency": frequency}}));
    assert_eq!(
        unknown(limited, "session = { sign_in_frequency_hours = 4 }"),
        "policy “MFA for all”: `signInFrequency.isEnabled` was not in the export"
    );
}

#[test]
fn a_part_of_nulls_from_which_a_member_is_missing_is_no_husk() {
    let session = json!({"signInFrequency": null});
    let mut limited = policy(json!({"grantControls": null}));
    limited["sessionControls"] = session;
    assert_eq!(Tenant::new([limited]).verdict(ANNA, "session = { persistent_browser = \"never\" }"), None);
}

#[test]
fn an_explicit_null_keeps_its_meaning() {
    assert_eq!(Tenant::new([with("/grantControls", Value::Null)]).verdict(ANNA, MFA), Some(false), "demands nothing");
    assert_eq!(Tenant::new([with("/conditions/users", Value::Null)]).verdict(ANNA, MFA), Some(false), "is for nobody");
    let lists = with("/conditions/users/excludeGroups", Value::Null);
    assert_eq!(Tenant::new([lists]).verdict(ANNA, MFA), Some(true), "excludes nobody");
    for nothing in [Value::Null, json!([])] {
        let clients = with("/conditions/clientAppTypes", nothing);
        assert_eq!(Tenant::new([clients]).verdict(ANNA, MFA), None, "Graph demands a value");
    }
}

#[test]
fn a_member_of_the_conditions_that_is_absent_is_not_set() {
    let mut narrowed = policy(json!({"conditions": {"platforms": {"includePlatforms": ["iOS"]}}}));
    assert_eq!(Tenant::new([narrowed.clone()]).verdict(ANNA, MFA), Some(false));
    narrowed["conditions"].as_object_mut().unwrap().remove("platforms");
    assert_eq!(Tenant::new([narrowed]).verdict(ANNA, MFA), Some(true));
}

/// A policy that leaves out every empty member.
fn sparse() -> Value {
    json!({"id": "s", "displayName": "Sparse", "state": "enabled",
        "conditions": {"users": {"includeUsers": ["All"]}, "applications": {"includeApplications": ["All"]},
            "clientAppTypes": ["all"]},
        "grantControls": {"operator": "OR", "builtInControls": ["mfa"]}})
}

#[test]
fn a_file_that_leaves_out_every_empty_member_means_not_set_by_it() {
    assert_eq!(Tenant::new([sparse()]).verdict(ANNA, MFA), Some(true));
    let mut empty_somewhere = sparse();
    empty_somewhere["conditions"]["users"]["includeRoles"] = json!([]);
    assert_eq!(Tenant::new([empty_somewhere]).verdict(ANNA, MFA), None);
    let mut other = sparse();
    other["templateId"] = Value::Null;
    other["state"] = json!("disabled");
    assert_eq!(Tenant::new([sparse(), other]).verdict(ANNA, MFA), None, "one policy with a null decides for all");
}

#[test]
fn a_draft_holds_what_its_author_wrote() {
    let draft = without(sparse(), "/id");
    let mut other = sparse();
    other["state"] = json!("disabled");
    other["templateId"] = Value::Null;
    assert_eq!(Tenant::new([draft, other]).verdict(ANNA, MFA), Some(true));
}

#[test]
fn the_parts_of_a_limit_that_are_absent_leave_the_session_unknown() {
    let session = || {
        policy(json!({"grantControls": null, "sessionControls": {
            "signInFrequency": {"isEnabled": true, "type": "hours", "value": 4, "frequencyInterval": "timeBased"},
            "persistentBrowser": {"isEnabled": true, "mode": "never"}}}))
    };
    assert_eq!(Tenant::new([session()]).verdict(ANNA, ADMIN_SESSION), Some(true));
    for path in [
        "/sessionControls/signInFrequency/isEnabled",
        "/sessionControls/signInFrequency/value",
        "/sessionControls/signInFrequency/authenticationType",
        "/sessionControls/persistentBrowser/isEnabled",
        "/sessionControls/persistentBrowser/mode",
        "/sessionControls/persistentBrowser",
    ] {
        assert_eq!(Tenant::new([without(session(), path)]).verdict(ANNA, ADMIN_SESSION), None, "{path}");
    }
}

#[test]
fn a_text_that_is_no_id_is_never_a_deleted_group() {
    for cut in ["System.Object[]", "a0000000-0000-4000-8000-000000000001 a0000000-0000-4000-8000-000000000002", "", " "]
    {
        let excluding = policy(json!({"conditions": {"users": {"excludeGroups": [cut]}}}));
        let tenant = Tenant::new([excluding]);
        assert_eq!(tenant.verdict(ANNA, MFA), None, "excluding `{cut}`");
        assert!(tenant.access().prepare(&tenant.directory).dangling().is_empty());
        let including = policy(json!({"conditions": {"users": {"includeUsers": [], "includeGroups": [cut]}}}));
        assert_eq!(Tenant::new([including]).verdict(ANNA, MFA), None, "including `{cut}`");
        let bare = with("/conditions/users/excludeGroups", json!(cut));
        assert_eq!(Tenant::new([bare]).verdict(ANNA, MFA), None, "in place of the list");
    }
}

#[test]
fn a_blank_in_a_list_of_conditions_is_unknown_and_not_no_condition() {
    for path in ["signInRiskLevels", "userRiskLevels", "insiderRiskLevels"] {
        for blank in [json!([""]), json!([" "]), json!([null]), json!("")] {
            let tenant = Tenant::new([policy(json!({"conditions": {path: blank}}))]);
            assert_eq!(tenant.verdict(ANNA, MFA), None, "{path} {blank}");
        }
    }
    let excluding = |list: &str, part: &str| policy(json!({"conditions": {part: {list: [""]}}}));
    assert_eq!(Tenant::new([excluding("excludeApplications", "applications")]).verdict(ANNA, MFA), None);
    assert_eq!(Tenant::new([excluding("excludePlatforms", "platforms")]).verdict(ANNA, MFA), None);
    assert_eq!(Tenant::new([excluding("excludeLocations", "locations")]).verdict(ANNA, MFA), None);
}

#[test]
fn a_name_in_place_of_an_id_is_resolved_where_it_is_unique_and_unknown_otherwise() {
    let of = |list: &str, name: &str| {
        let users = json!({"includeUsers": [], list: [name]});
        policy(json!({"conditions": {"users": users}}))
    };
    let mut tenant = Tenant::new([of("includeGroups", "ca-glass")]).group("g", &[ANNA], &[]);
    assert_eq!(tenant.verdict(ANNA, MFA), None, "no names were read");
    tenant.directory.group_names.add("CA-Glass", "g");
    assert_eq!(tenant.verdict(ANNA, MFA), Some(true));
    assert_eq!(tenant.verdict(BORIS, MFA), Some(false));
    tenant.directory.group_names.add("CA-Glass", "another");
    assert_eq!(tenant.verdict(ANNA, MFA), None, "two groups have the name");

    let mut tenant = Tenant::new([of("includeUsers", "Boris@contoso.example")]);
    assert_eq!(tenant.verdict(BORIS, MFA), None);
    tenant.directory.user_names.add("boris@contoso.example", BORIS);
    assert_eq!((tenant.verdict(ANNA, MFA), tenant.verdict(BORIS, MFA)), (Some(false), Some(true)));

    let mut tenant = Tenant::new([of("includeRoles", "Global Administrator")]).role(CARLA, GLOBAL_ADMINISTRATOR);
    assert_eq!(tenant.verdict(CARLA, MFA), None);
    tenant.directory.role_names.add("Global Administrator", GLOBAL_ADMINISTRATOR);
    assert_eq!((tenant.verdict(ANNA, MFA), tenant.verdict(CARLA, MFA)), (Some(false), Some(true)));
}

#[test]
fn names_of_locations_and_apps_are_resolved_too() {
    let outside = json!({"conditions": {"locations": {"includeLocations": ["All"], "excludeLocations": ["OFFICE"]}}});
    let tenant = Tenant::new([policy(outside)]);
    assert_eq!(tenant.verdict(ANNA, MFA), Some(false));
    let tenant = tenant.locations([]);
    assert_eq!(tenant.verdict(ANNA, MFA), None, "no location has the name");

    let app = "11111111-1111-1111-1111-111111111111";
    let excluding = policy(json!({"conditions": {"applications": {"excludeApplications": ["Payroll"]}}}));
    let including = policy(json!({"conditions": {"applications": {"includeApplications": [app]}}}));
    let tenant = Tenant::new([excluding, including]);
    assert_eq!(tenant.verdict(ANNA, MFA), None);
    let mut names = idscore_access::Names::default();
    names.add("Payroll", app);
    let access = tenant.access().with_app_names(&names);
    assert_eq!(access.prepare(&tenant.directory).prove(&read(MFA)).verdict(0), Some(true));
}

#[test]
fn an_id_that_is_not_found_is_unknown_where_the_users_were_not_all_read() {
    let of = |list: &str| policy(json!({"conditions": {"users": {list: [DELETED]}}}));
    let mut tenant = Tenant::new([of("excludeUsers")]);
    assert_eq!(tenant.verdict(ANNA, MFA), Some(true));
    tenant.directory.all_users_read = false;
    assert_eq!(tenant.verdict(ANNA, MFA), None);
    assert!(tenant.access().prepare(&tenant.directory).dangling().is_empty());
}

#[test]
fn an_unknown_location_of_an_export_of_v1_may_be_one_that_only_beta_serves() {
    let outside =
        policy(json!({"conditions": {"locations": {"includeLocations": ["All"], "excludeLocations": [DELETED]}}}));
    let tenant = Tenant::new([outside.clone()]).locations([]);
    assert_eq!(tenant.verdict(ANNA, MFA), Some(true), "beta knows every kind, so it was deleted");
    let access = Access::new(&[outside], tenant.locations.as_deref(), None, Settings::standard());
    let prepared = access.prepare(&tenant.directory);
    assert_eq!(prepared.prove(&read(MFA)).verdict(0), None);
    assert!(prepared.dangling().is_empty());
}

const COMPLIANT_NETWORK: &str = "3d46dbda-8382-466a-856d-eb00cbc6b910";

#[test]
fn all_but_the_compliant_network_is_a_hole_that_compat_forgives() {
    let outside =
        json!({"conditions": {"locations": {"includeLocations": ["All"], "excludeLocations": [COMPLIANT_NETWORK]}}});
    let mut tenant = Tenant::new([policy(outside)]);
    for settings in [Settings::standard(), Settings::strict()] {
        tenant.settings = settings;
        assert_eq!(tenant.verdict(ANNA, MFA), Some(false));
    }
    assert_eq!(tenant.answer(ANNA, MFA).witnesses, ["Not demanded of sign-ins through the compliant network"]);
    assert!(tenant.access().referenced().locations.is_empty(), "no data set is needed to know it");
    tenant.settings = Settings::compat();
    assert_eq!(tenant.verdict(ANNA, MFA), Some(true));
}

#[test]
fn whether_the_trusted_locations_hold_the_compliant_network_is_unknown_until_it_was_read() {
    let of = |include: &str, exclude: Value| {
        policy(json!({"conditions": {"locations": {"includeLocations": [include], "excludeLocations": exclude}}}))
    };
    let network = |trusted: Value| {
        json!({"@odata.type": "#microsoft.graph.compliantNetworkNamedLocation", "id": COMPLIANT_NETWORK,
            "displayName": "Network", "isTrusted": trusted})
    };
    let policies = || [of("All", json!([COMPLIANT_NETWORK])), of("AllTrusted", json!([]))];
    assert_eq!(Tenant::new(policies()).verdict(ANNA, MFA), None);
    let trusted = |trusted: Value| Tenant::new(policies()).locations([office(), network(trusted)]);
    assert_eq!(trusted(json!(true)).verdict(ANNA, MFA), Some(true));
    assert_eq!(trusted(json!(false)).verdict(ANNA, MFA), Some(false));
    assert_eq!(trusted(Value::Null).verdict(ANNA, MFA), None);
    let both_ways = [of("All", json!(["AllTrusted"])), of("AllTrusted", json!([]))];
    assert_eq!(Tenant::new(both_ways).verdict(ANNA, MFA), Some(true), "either way one of the two asks");
}

#[test]
fn a_compliant_network_that_is_not_trusted_suffices_for_no_registration() {
    let registering = policy(json!({"conditions": {
        "applications": {"includeApplications": [], "includeUserActions": ["urn:user:registersecurityinfo"]},
        "locations": {"includeLocations": ["All"], "excludeLocations": [COMPLIANT_NETWORK]}}}));
    let tenant = Tenant::new([registering]);
    assert_eq!(tenant.verdict(ANNA, REGISTRATION), None, "nobody read whether it is trusted");
    let network = |trusted: bool| json!({"@odata.type": "#microsoft.graph.compliantNetworkNamedLocation", "id": COMPLIANT_NETWORK, "isTrusted": trusted});
    let tenant = tenant.locations([network(false)]);
    assert_eq!(tenant.verdict(ANNA, REGISTRATION), Some(false));
    assert_eq!(tenant.locations([network(true)]).verdict(ANNA, REGISTRATION), Some(true));
}

#[test]
fn beside_another_compliant_network_one_that_does_not_say_whether_it_is_trusted_stays_unknown() {
    let registering = policy(json!({"conditions": {
        "applications": {"includeApplications": [], "includeUserActions": ["urn:user:registersecurityinfo"]},
        "locations": {"includeLocations": ["All"], "excludeLocations": [COMPLIANT_NETWORK, "AllTrusted"]}}}));
    let network = |id: &str, trusted: Value| json!({"@odata.type": "#microsoft.graph.compliantNetworkNamedLocation", "id": id, "isTrusted": trusted});
    let verdict = |trusted: Value| {
        let other = network("10c00000-0000-0000-0000-000000000003", json!(false));
        Tenant::new([registering.clone()])
            .locations([network(COMPLIANT_NETWORK, trusted), other])
            .verdict(ANNA, REGISTRATION)
    };
    assert_eq!([json!(true), json!(false), Value::Null].map(verdict), [Some(true), Some(false), None]);
}

#[test]
fn a_location_whose_parts_are_missing_is_unknown() {
    let outside =
        policy(json!({"conditions": {"locations": {"includeLocations": ["All"], "excludeLocations": ["x"]}}}));
    let inside = policy(json!({"conditions": {"locations": {"includeLocations": ["x"]}}}));
    for location in [
        json!({"@odata.type": "#microsoft.graph.ipNamedLocation", "id": "x", "isTrusted": true}),
        json!({"@odata.type": "#microsoft.graph.countryNamedLocation", "id": "x", "countriesAndRegions": ["DE"],
            "countryLookupMethod": "clientIpAddress"}),
        json!({"@odata.type": "#microsoft.graph.countryNamedLocation", "id": "x", "countriesAndRegions": ["nowhere"],
            "countryLookupMethod": "clientIpAddress", "includeUnknownCountriesAndRegions": false}),
    ] {
        let tenant = Tenant::new([outside.clone()]).locations([location.clone()]);
        assert_eq!(tenant.verdict(ANNA, MFA), None, "{location}");
        assert_eq!(Tenant::new([inside.clone()]).locations([location]).verdict(ANNA, MFA), None);
    }
}
