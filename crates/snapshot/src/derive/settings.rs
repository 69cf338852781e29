//! Settings of the tenant that more than one data set can tell, or that have defaults.

use crate::graph::{
    AdminConsentRequestPolicy, AuthenticationMethodsPolicy, GroupSetting, OnPremisesSynchronization, SecureScore,
};
use crate::ids::is_guid;
use crate::json::{Flag, Presence};

/// *Password Rule Settings*.
const PASSWORD_RULES: &str = "5cf42378-d67d-4f36-ba46-e8b86229381d";
/// *Consent Policy Settings*.
const CONSENT: &str = "dffd5d46-495d-40a9-8e21-954ff55e198a";

/// What an object of a template says under a name. Null: nothing, so that Microsoft's default holds. Absent: it is not known, because
/// an object that may be the one in question does not say of which template it is, or what is in it.
fn value<'a>(settings: &'a [GroupSetting], template: &str, name: &str) -> Presence<&'a str> {
    let mut found = Presence::Null;
    for setting in settings {
        // A text that is no id says no more than none.
        let known = setting.template_id.as_deref().filter(|id| is_guid(id));
        let is_it = known.map(|id| id.eq_ignore_ascii_case(template));
        match is_it {
            Some(false) => {}
            Some(true) => match in_values(setting, name) {
                Presence::Is(text) => return Presence::Is(text),
                Presence::Null => {}
                Presence::Absent => found = Presence::Absent,
            },
            None => found = Presence::Absent,
        }
    }
    found
}

fn in_values<'a>(setting: &'a GroupSetting, name: &str) -> Presence<&'a str> {
    let Some(values) = &setting.values else { return Presence::Absent };
    let named = values.iter().find(|value| value.name.as_deref().is_some_and(|known| known.eq_ignore_ascii_case(name)));
    match named.map(|value| &value.value) {
        Some(Presence::Is(text)) => Presence::Is(text),
        Some(Presence::Null) => Presence::Null,
        Some(Presence::Absent) => Presence::Absent,
        None if values.iter().any(|value| value.name.is_none()) => Presence::Absent,
        None => Presence::Null,
    }
}

/// A switch that is text; Microsoft's default where the object or value is absent, NULL where the text is no boolean.
fn switch(settings: &[GroupSetting], template: &str, name: &str, default: bool) -> Option<bool> {
    match value(settings, template, name) {
        Presence::Absent => None,
        Presence::Null | Presence::Is("") => Some(default),
        Presence::Is(text) => Flag::parse(text.trim()),
    }
}

fn number(settings: &[GroupSetting], template: &str, name: &str, default: i64) -> Option<i64> {
    match value(settings, template, name) {
        Presence::Absent => None,
        Presence::Null | Presence::Is("") => Some(default),
        Presence::Is(text) => text.trim().parse().ok(),
    }
}

/// The password rules in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PasswordRules {
    pub(crate) banned_check: Option<bool>,
    /// Entries of the custom list; the list itself is never kept.
    pub(crate) banned_count: Option<i64>,
    pub(crate) on_premises_check: Option<bool>,
    /// `Audit`, `Enforce`, or a word never seen, which stays unknown.
    pub(crate) on_premises_mode: Option<&'static str>,
    pub(crate) lockout_threshold: Option<i64>,
    pub(crate) lockout_seconds: Option<i64>,
}

/// The rules of the settings object. Graph returns it to a user only: there its absence means Microsoft's defaults, not "off",
/// while from what an application read, or who knows who, nothing follows.
pub(crate) fn password_rules(settings: &[GroupSetting], read_as_user: bool) -> Option<PasswordRules> {
    let is_it = |setting: &GroupSetting| {
        setting.template_id.as_deref().is_some_and(|template| template.eq_ignore_ascii_case(PASSWORD_RULES))
    };
    if !read_as_user && !settings.iter().any(is_it) {
        return None;
    }
    let entries = |list: &str| list.split(['\t', '\n', '\r']).filter(|entry| !entry.trim().is_empty()).count();
    let mode = value(settings, PASSWORD_RULES, "BannedPasswordCheckOnPremisesMode").or_null("").map(str::trim);
    Some(PasswordRules {
        banned_check: switch(settings, PASSWORD_RULES, "EnableBannedPasswordCheck", false),
        banned_count: value(settings, PASSWORD_RULES, "BannedPasswordList")
            .or_null("")
            .map(|list| i64::try_from(entries(list)).unwrap_or(i64::MAX)),
        on_premises_check: switch(settings, PASSWORD_RULES, "EnableBannedPasswordCheckOnPremises", true),
        on_premises_mode: mode.and_then(|mode| match mode.to_ascii_lowercase().as_str() {
            "" | "audit" | "audited" => Some("Audit"),
            "enforce" | "enforced" => Some("Enforce"),
            _ => None,
        }),
        lockout_threshold: number(settings, PASSWORD_RULES, "LockoutThreshold", 10),
        lockout_seconds: number(settings, PASSWORD_RULES, "LockoutDurationInSeconds", 60),
    })
}

/// Whether users may ask administrators for consent, and who answers.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct AdminConsent {
    pub(crate) enabled: Option<bool>,
    /// NULL where only the group setting was read.
    pub(crate) reviewers: Option<i64>,
    /// On and, where the policy was read, reviewers are named.
    pub(crate) workflow: Option<bool>,
}

/// From the request policy; else from what the group setting `EnableAdminConsentRequests` says. Its default says nothing of
/// a policy that was not read.
pub(crate) fn admin_consent(
    policy: Option<&AdminConsentRequestPolicy>,
    settings: Option<&[GroupSetting]>,
) -> AdminConsent {
    if let Some(policy) = policy {
        let reviewers = policy.reviewers.as_ref().map(|reviewers| i64::try_from(reviewers.len()).unwrap_or(i64::MAX));
        let workflow = match (policy.is_enabled, reviewers) {
            (Some(false), _) | (_, Some(0)) => Some(false),
            (Some(true), Some(_)) => Some(true),
            _ => None,
        };
        return AdminConsent { enabled: policy.is_enabled, reviewers, workflow };
    }
    let enabled = settings.and_then(|settings| match value(settings, CONSENT, "EnableAdminConsentRequests") {
        Presence::Is(text) => Flag::parse(text.trim()),
        Presence::Absent | Presence::Null => None,
    });
    AdminConsent { enabled, reviewers: None, workflow: enabled }
}

/// `password_sync_enabled` and who said so: the synchronisation features, else Microsoft's verdict in the newest score.
pub(crate) fn password_sync(
    synchronization: Option<&[OnPremisesSynchronization]>,
    scores: Option<&[SecureScore]>,
) -> Option<(bool, &'static str)> {
    let own = synchronization
        .and_then(|objects| objects.iter().find_map(|object| object.features.as_ref()?.password_sync_enabled));
    if let Some(enabled) = own {
        return Some((enabled, "onPremisesSynchronization"));
    }
    let newest = scores?.iter().max_by_key(|score| score.created_date_time)?;
    let verdict = newest.control_scores.iter().find(|score| {
        score.control_name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case("PasswordHashSync"))
    })?;
    let percent = verdict.score_in_percentage.and_then(|percent| percent.0).map(|percent| percent >= 100.0);
    // No points are a clear answer; some points may be all of them or not.
    let nothing = || verdict.score.and_then(|score| score.0).filter(|score| *score <= 0.0).map(|_| false);
    let enabled = percent.or_else(nothing).or_else(|| verdict.on.and_then(|on| on.0))?;
    Some((enabled, "secureScores"))
}

/// The state of a method (`Sms`, `Voice`, `Email`, `Fido2`); NULL where the policy doesn't list it.
pub(crate) fn method_state<'a>(policy: &'a AuthenticationMethodsPolicy, id: &str) -> Option<&'a str> {
    let method = policy
        .authentication_method_configurations
        .iter()
        .find(|method| method.id.as_deref().is_some_and(|known| known.eq_ignore_ascii_case(id)))?;
    match method.state.as_deref()? {
        state if state.eq_ignore_ascii_case("enabled") => Some("enabled"),
        state if state.eq_ignore_ascii_case("disabled") => Some("disabled"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(json: &str) -> Vec<GroupSetting> {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn absent_password_rules_mean_microsofts_defaults_to_a_user_and_nothing_to_an_application() {
        let expected = PasswordRules {
            banned_check: Some(false),
            banned_count: Some(0),
            on_premises_check: Some(true),
            on_premises_mode: Some("Audit"),
            lockout_threshold: Some(10),
            lockout_seconds: Some(60),
        };
        assert_eq!(password_rules(&[], true), Some(expected));
        assert_eq!(password_rules(&[], false), None);
        let other = settings(r#"[{"templateId":"dffd5d46-495d-40a9-8e21-954ff55e198a","values":[]}]"#);
        assert_eq!(password_rules(&other, false), None);
    }

    #[test]
    fn setting_values_are_text_and_the_banned_list_is_only_counted() {
        let rules = password_rules(
            &settings(
                r#"[{"templateId":"5CF42378-d67d-4f36-ba46-e8b86229381d","values":[
                {"name":"EnableBannedPasswordCheck","value":"True"},{"name":"BannedPasswordList","value":"example\tcontoso\t"},
                {"name":"EnableBannedPasswordCheckOnPremises","value":"false"},
                {"name":"BannedPasswordCheckOnPremisesMode","value":"Enforced"},
                {"name":"LockoutThreshold","value":"5"},{"name":"LockoutDurationInSeconds","value":"soon"}]}]"#,
            ),
            false,
        );
        let expected = PasswordRules {
            banned_check: Some(true),
            banned_count: Some(2),
            on_premises_check: Some(false),
            on_premises_mode: Some("Enforce"),
            lockout_threshold: Some(5),
            lockout_seconds: None,
        };
        assert_eq!(rules, Some(expected));
    }

    #[test]
    fn an_object_that_does_not_say_what_it_is_or_holds_leaves_everything_open_that_could_be_in_it() {
        let unknown = PasswordRules {
            banned_check: None,
            banned_count: None,
            on_premises_check: None,
            on_premises_mode: None,
            lockout_threshold: None,
            lockout_seconds: None,
        };
        for json in [
            r#"[{"templateId":"5cf42378-d67d-4f36-ba46-e8b86229381d"}]"#,
            r#"[{"values":[{"name":"EnableBannedPasswordCheck","value":"True"}]}]"#,
            r#"[{"id":"x"}]"#,
        ] {
            assert_eq!(password_rules(&settings(json), true), Some(unknown.clone()), "{json}");
            assert_eq!(admin_consent(None, Some(&settings(json))).workflow, None, "{json}");
        }
        let consent = settings(r#"[{"templateId":"dffd5d46-495d-40a9-8e21-954ff55e198a"}]"#);
        assert_eq!(admin_consent(None, Some(&consent)), AdminConsent::default());
        assert_eq!(password_rules(&consent, true).unwrap().lockout_threshold, Some(10));
    }

    #[test]
    fn what_an_object_of_the_template_says_holds_whatever_others_leave_out() {
        let rules = password_rules(
            &settings(
                r#"[{"values":[]},{"templateId":"5cf42378-d67d-4f36-ba46-e8b86229381d","values":[
                {"name":"LockoutThreshold","value":"5"},{"name":"LockoutDurationInSeconds"},
                {"name":"BannedPasswordCheckOnPremisesMode","value":"Future"}]}]"#,
            ),
            false,
        )
        .unwrap();
        assert_eq!((rules.lockout_threshold, rules.lockout_seconds, rules.on_premises_mode), (Some(5), None, None));
    }

    #[test]
    fn the_consent_workflow_needs_reviewers_where_the_policy_was_read() {
        let policy = |json: &str| serde_json::from_str::<AdminConsentRequestPolicy>(json).unwrap();
        for (json, enabled, reviewers, workflow) in [
            (r#"{"isEnabled":true,"reviewers":[{"query":"/v1.0/users/a"}]}"#, Some(true), Some(1), Some(true)),
            (r#"{"isEnabled":true,"reviewers":[]}"#, Some(true), Some(0), Some(false)),
            (r#"{"isEnabled":false,"reviewers":[{}]}"#, Some(false), Some(1), Some(false)),
            (r#"{"isEnabled":true}"#, Some(true), None, None),
        ] {
            assert_eq!(
                admin_consent(Some(&policy(json)), None),
                AdminConsent { enabled, reviewers, workflow },
                "{json}"
            );
        }
    }

    #[test]
    fn without_the_policy_the_group_setting_tells_and_its_absence_means_off() {
        let on = settings(
            r#"[{"templateId":"dffd5d46-495d-40a9-8e21-954ff55e198a","values":[{"name":"EnableAdminConsentRequests","value":"true"}]}]"#,
        );
        assert_eq!(
            admin_consent(None, Some(&on)),
            AdminConsent { enabled: Some(true), reviewers: None, workflow: Some(true) }
        );
        assert_eq!(admin_consent(None, Some(&[])).workflow, None);
        assert_eq!(admin_consent(None, None), AdminConsent::default());
    }

    #[test]
    fn password_sync_comes_from_the_features_else_from_microsofts_newest_score() {
        let features: Vec<OnPremisesSynchronization> =
            serde_json::from_str(r#"[{"id":"t","features":{"passwordSyncEnabled":false}}]"#).unwrap();
        let scores: Vec<SecureScore> = serde_json::from_str(
            r#"[{"createdDateTime":"2026-07-16T00:00:00Z","controlScores":[{"controlName":"PasswordHashSync","score":0}]},
                {"createdDateTime":"2026-07-17T00:00:00Z","controlScores":[{"controlName":"PasswordHashSync","score":5.0,"scoreInPercentage":100.0}]}]"#,
        )
        .unwrap();
        assert_eq!(password_sync(Some(&features), Some(&scores)), Some((false, "onPremisesSynchronization")));
        assert_eq!(password_sync(Some(&[]), Some(&scores)), Some((true, "secureScores")));
        assert_eq!(password_sync(None, None), None);
        let verdict = |json: &str| {
            let scores = format!(r#"[{{"controlScores":[{{"controlName":"PasswordHashSync",{json}}}]}}]"#);
            password_sync(None, Some(&serde_json::from_str::<Vec<SecureScore>>(&scores).unwrap())).map(|(on, _)| on)
        };
        assert_eq!(verdict(r#""score":2.5,"scoreInPercentage":50"#), Some(false));
        assert_eq!(verdict(r#""score":2.5"#), None);
        assert_eq!(verdict(r#""score":0"#), Some(false));
    }

    #[test]
    fn method_states_are_found_by_id_and_unseen_words_are_unknown() {
        let policy: AuthenticationMethodsPolicy = serde_json::from_str(
            r#"{"authenticationMethodConfigurations":[{"id":"Sms","state":"disabled"},{"id":"FIDO2","state":"Enabled"},{"id":"Voice","state":"unknownFutureValue"}]}"#,
        )
        .unwrap();
        let states: Vec<_> = ["sms", "Fido2", "Voice", "Email"].map(|id| method_state(&policy, id)).into();
        assert_eq!(states, [Some("disabled"), Some("enabled"), None, None]);
    }
}
