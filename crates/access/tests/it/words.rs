//! Words that are documented, were, or will be.

use serde_json::{Value, json};

use crate::support::*;

fn grant(controls: &[&str], operator: &str) -> Value {
    json!({"grantControls": {"operator": operator, "builtInControls": controls}})
}

#[test]
fn the_users_of_agents_are_no_persons_included_or_excluded() {
    let agents = json!({"conditions": {"users": {"includeUsers": ["AllAgentIdUsers"]}}});
    assert_eq!(Tenant::new([policy(agents)]).verdict(ANNA, MFA), Some(false));
    let but_agents = json!({"conditions": {"users": {"excludeUsers": ["AllAgentIdUsers"]}}});
    let tenant = Tenant::new([policy(but_agents)]);
    assert_eq!(tenant.verdict(ANNA, MFA), Some(true));
    assert_eq!(tenant.external(MFA).verdict, Some(true));
    assert!(tenant.access().referenced().users.is_empty());
}

#[test]
fn agents_as_the_resource_are_no_other_app_and_all_has_them() {
    let of = |include: Value, exclude: Value| {
        policy(
            json!({"conditions": {"applications": {"includeApplications": include, "excludeApplications": exclude}}}),
        )
    };
    let agents = "AllAgentIdResources";
    assert_eq!(Tenant::new([of(json!([agents]), json!([]))]).verdict(ANNA, MFA), Some(false));
    assert_eq!(Tenant::new([of(json!(["All"]), json!([]))]).verdict(ANNA, MFA), Some(true));
    let but_agents = || of(json!(["All"]), json!([agents]));
    assert_eq!(Tenant::new([but_agents()]).answer(ANNA, MFA).witnesses, ["Not demanded of sign-ins, for agents"]);
    assert_eq!(Tenant::new([but_agents(), of(json!([agents]), json!([]))]).verdict(ANNA, MFA), Some(true));
    let compat = idscore_access::Settings::compat();
    assert_eq!(Tenant::new([but_agents()]).settings(compat).verdict(ANNA, MFA), Some(true), "like any other exclusion");
}

#[test]
fn modern_means_mobile_apps_and_desktop_clients() {
    let of = |clients: Value| policy(json!({"conditions": {"clientAppTypes": clients}}));
    assert_eq!(Tenant::new([of(json!(["browser", "modern"]))]).verdict(ANNA, MFA), Some(true));
    assert_eq!(Tenant::new([of(json!(["modern"]))]).verdict(ANNA, MFA), Some(false));
}

#[test]
fn one_half_of_activesync_covers_it_for_nobody_and_both_together_do() {
    let blocking = |clients: Value| {
        let mut policy = policy(grant(&["block"], "OR"));
        policy["conditions"]["clientAppTypes"] = clients;
        policy
    };
    for half in ["easSupported", "easUnsupported"] {
        let answer = Tenant::new([blocking(json!(["other", half]))]).answer(ANNA, LEGACY);
        assert_eq!(answer.verdict, Some(false), "{half}");
        assert!(answer.witnesses[0].contains("over Exchange ActiveSync on"), "{:?}", answer.witnesses);
    }
    let whole = blocking(json!(["other", "easSupported", "easUnsupported"]));
    assert_eq!(Tenant::new([whole]).verdict(ANNA, LEGACY), Some(true));
    let two = [blocking(json!(["other", "easSupported"])), blocking(json!(["easUnsupported"]))];
    assert_eq!(Tenant::new(two).verdict(ANNA, LEGACY), Some(true), "over two policies");
}

#[test]
fn states_of_a_device_in_older_policies_leave_out_the_devices_in_that_state() {
    let of = |states: Value| policy(json!({"conditions": {"deviceStates": states}}));
    let but_managed = || of(json!({"includeStates": ["All"], "excludeStates": ["Compliant", "DomainJoined"]}));
    let answer = Tenant::new([but_managed()]).answer(ANNA, MFA);
    assert_eq!(answer.verdict, Some(false));
    let rest = of(json!({"includeStates": ["Compliant", "DomainJoined"], "excludeStates": []}));
    assert_eq!(Tenant::new([but_managed(), rest]).verdict(ANNA, MFA), Some(true));
    assert_eq!(
        Tenant::new([of(json!({"includeStates": ["All"], "excludeStates": []}))]).verdict(ANNA, MFA),
        Some(true)
    );
    let unheard = of(json!({"includeStates": ["All"], "excludeStates": ["Borrowed"]}));
    assert_eq!(Tenant::new([unheard]).verdict(ANNA, MFA), None);
    let devices = |part: Value| policy(json!({"conditions": {"devices": part}}));
    let excluding = json!({"includeDevices": ["All"], "excludeDevices": ["Compliant"], "deviceFilter": null});
    assert_eq!(Tenant::new([devices(excluding)]).verdict(ANNA, MFA), Some(false));
    let all = json!({"includeDevices": ["All"], "excludeDevices": [], "deviceFilter": null});
    assert_eq!(Tenant::new([devices(all)]).verdict(ANNA, MFA), Some(true));
}

#[test]
fn a_policy_for_agents_is_never_read_as_one_for_people() {
    let nobody = || json!({"includeUsers": ["None"]});
    for condition in [
        json!({"users": nobody(), "clientApplications": {"includeServicePrincipals": [], "includeAgentIdServicePrincipals": ["All"]}}),
        json!({"users": nobody(), "agents": {"includeAgentUsers": ["All"], "excludeAgentUsers": [], "agentFilter": null}}),
        json!({"agentIdRiskLevels": "high"}),
        json!({"servicePrincipalRiskLevels": ["high"]}),
    ] {
        let tenant = Tenant::new([policy(json!({"conditions": condition}))]);
        assert_eq!(tenant.verdict(ANNA, MFA), Some(false), "{condition}");
    }
    let contexts =
        json!({"agentContext": {"includeAgentContexts": ["allAgentAssistedFlows"], "excludeAgentContexts": []}});
    let tenant = Tenant::new([policy(json!({"conditions": contexts}))]);
    assert_eq!(tenant.verdict(ANNA, MFA), None, "how far it narrows is not known");
}

#[test]
fn a_verified_id_proves_nothing_and_lets_in_under_or() {
    assert_eq!(Tenant::new([policy(grant(&["mfa", "verifiedID"], "OR"))]).verdict(ANNA, MFA), Some(false));
    assert_eq!(Tenant::new([policy(grant(&["mfa", "verifiedID"], "AND"))]).verdict(ANNA, MFA), Some(true));
    assert_eq!(Tenant::new([policy(grant(&["verifiedID"], "OR"))]).verdict(ANNA, MFA), Some(false));
}

#[test]
fn a_network_profile_is_a_session_control_that_changes_no_sign_in() {
    let profile =
        json!({"sessionControls": {"globalSecureAccessFilteringProfile": {"isEnabled": true, "profileId": "p"}}});
    assert_eq!(Tenant::new([policy(profile)]).verdict(ANNA, MFA), Some(true));
}

#[test]
fn a_policy_that_names_no_resource_action_or_context_covers_nothing() {
    let nothing = json!({"conditions": {"applications": {"includeApplications": []}}});
    assert_eq!(Tenant::new([policy(nothing)]).verdict(ANNA, MFA), Some(false));
}

#[test]
fn a_word_that_nobody_has_seen_may_cover_nothing_or_all() {
    for conditions in [
        json!({"applications": {"includeApplications": ["AllOfThem"]}}),
        json!({"clientAppTypes": ["anything"]}),
        json!({"platforms": {"includePlatforms": ["fridge"], "excludePlatforms": []}}),
        json!({"users": {"includeUsers": ["Everyone"]}}),
        json!({"signInRiskLevels": ["extreme"]}),
        json!({"authenticationFlows": {"transferMethods": "pigeon"}}),
        json!({"applications": {"includeApplications": [], "includeUserActions": ["urn:user:new"]}}),
    ] {
        let tenant = Tenant::new([policy(json!({"conditions": conditions}))]);
        assert_eq!(tenant.verdict(ANNA, MFA), None, "{conditions}");
    }
}

#[test]
fn what_both_readings_of_a_word_agree_on_is_sure() {
    let clients = json!({"conditions": {"clientAppTypes": ["browser", "mobileAppsAndDesktopClients", "anything"]}});
    let tenant = Tenant::new([policy(clients)]);
    assert_eq!(tenant.verdict(ANNA, MFA), Some(true), "covered with the word and without");
    let narrowed = json!({"conditions": {"clientAppTypes": ["anything"], "platforms": {"includePlatforms": ["iOS"], "excludePlatforms": []}}});
    let tenant = Tenant::new([policy(narrowed)]);
    assert_eq!(tenant.verdict(ANNA, MFA), Some(false), "open with the word and without");
}

#[test]
fn guests_whose_type_was_not_read_are_told_apart_as_far_as_possible() {
    let mut tenant = Tenant::new([]);
    let row = |row: u32| [row].into_iter().collect::<roaring::RoaringBitmap>();
    // Boris is external, Carla is not, and the type of neither was read.
    tenant.directory.guests_or_external.sure = row(1);
    tenant.directory.guests_or_external.possible = row(1) | row(2);
    tenant.directory.internal_guests.possible = row(2);
    tenant.directory.b2b_guests.possible = row(1);
    tenant.directory.b2b_members.possible = row(1);
    let mut verdicts = |users: Value| {
        tenant.policies = vec![policy(json!({"conditions": {"users": users}}))];
        [ANNA, BORIS, CARLA].map(|user| tenant.verdict(user, MFA))
    };
    let kinds = |kinds: &str| json!({"guestOrExternalUserTypes": kinds, "externalTenants": {"membershipKind": "all"}});
    let (yes, no) = (Some(true), Some(false));
    assert_eq!(verdicts(json!({"includeUsers": ["GuestsOrExternalUsers"]})), [no, yes, None]);
    assert_eq!(verdicts(json!({"excludeUsers": ["GuestsOrExternalUsers"]})), [yes, no, None]);
    let guests = kinds("b2bCollaborationGuest");
    assert_eq!(verdicts(json!({"includeUsers": [], "includeGuestsOrExternalUsers": guests})), [no, None, no]);
    let all = kinds("internalGuest,b2bCollaborationGuest,b2bCollaborationMember");
    assert_eq!(verdicts(json!({"includeUsers": [], "includeGuestsOrExternalUsers": all})), [no, yes, None]);
}
