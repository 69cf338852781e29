//! The tenant's switches, and their documents.

use serde_json::{Value, json};

use crate::dice::{IdOf, guid, mix};
use crate::options::{Edition, Posture};

/// What the switches are set to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settings {
    pub posture: Posture,
    pub security_defaults: bool,
    pub password_sync: bool,
    /// SMS, voice and e-mail codes, in this order, are switched off.
    pub weak_methods_off: [bool; 3],
    pub consent: Consent,
    /// Permissions of Microsoft Graph that the tenant classified as low.
    pub classified_low: &'static [&'static str],
    pub admin_consent: bool,
    pub banned_passwords: u32,
    pub guest_role: &'static str,
    pub users_create_apps: bool,
    pub passwords_expire: bool,
    /// The share of users who may reset their own password: all, the first departments, nobody.
    pub reset: Reset,
}

/// What users may consent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Consent {
    Low,
    Recommended,
    Legacy,
}

/// Who may reset the own password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reset {
    Everybody,
    SomeDepartments,
    Nobody,
}

/// The restricted level of guest access.
pub(crate) const GUEST_RESTRICTED: &str = "2af84b1e-32c8-42b7-82bc-daa82404023b";
/// The default level of guest access.
pub(crate) const GUEST_LIMITED: &str = "10dae51f-b6af-4016-8d66-8c2a99b929b3";
const GUEST_LIKE_MEMBERS: &str = "a0b1b346-4d3e-4e8b-98f8-753987be4970";

impl Settings {
    pub fn of(seed: u64, posture: Posture, edition: Edition, has_policies: bool) -> Self {
        let by = |strong, average, weak| match posture {
            Posture::Strong => strong,
            Posture::Average => average,
            Posture::Weak => weak,
        };
        Self {
            posture,
            security_defaults: edition == Edition::Free && !has_policies,
            password_sync: posture != Posture::Weak,
            weak_methods_off: match posture {
                Posture::Strong => [true, true, true],
                Posture::Average => [false, true, false],
                Posture::Weak => [false, false, false],
            },
            consent: match posture {
                Posture::Strong => Consent::Low,
                Posture::Average => Consent::Recommended,
                Posture::Weak => Consent::Legacy,
            },
            classified_low: match (posture, seed % 11) {
                (Posture::Strong, 5) => &["User.Read", "Mail.Read"],
                (Posture::Strong, _) => &["User.Read", "openid", "offline_access"],
                _ => &["User.Read"],
            },
            admin_consent: posture == Posture::Strong,
            banned_passwords: if edition == Edition::Free { 0 } else { by(12, 3, 0) },
            guest_role: match posture {
                Posture::Strong => GUEST_RESTRICTED,
                Posture::Average => GUEST_LIMITED,
                Posture::Weak => GUEST_LIKE_MEMBERS,
            },
            users_create_apps: posture != Posture::Strong,
            passwords_expire: posture == Posture::Weak || posture == Posture::Average && mix(seed).is_multiple_of(2),
            reset: match posture {
                Posture::Strong => Reset::Everybody,
                Posture::Average => Reset::SomeDepartments,
                Posture::Weak => Reset::Nobody,
            },
        }
    }

    fn strong(&self) -> bool {
        self.posture == Posture::Strong
    }

    /// Users may not consent to more than signing in and what Microsoft recommends.
    pub fn consent_is_narrow(&self) -> bool {
        let signing_in = ["openid", "profile", "email", "offline_access", "User.Read"];
        match self.consent {
            Consent::Low => self.classified_low.iter().all(|permission| signing_in.contains(permission)),
            Consent::Recommended => true,
            Consent::Legacy => false,
        }
    }

    pub fn authorization_policy(&self) -> Value {
        let mut grants = match self.consent {
            Consent::Low => vec!["ManagePermissionGrantsForSelf.microsoft-user-default-low"],
            // Since January 2026 every new tenant has both.
            Consent::Recommended => vec![
                "ManagePermissionGrantsForSelf.microsoft-user-default-recommended",
                "ManagePermissionGrantsForSelf.microsoft-user-default-allow-consent-apps",
            ],
            Consent::Legacy => vec!["managePermissionGrantsForSelf.microsoft-user-default-legacy"],
        };
        grants.push("ManagePermissionGrantsForOwnedResource.microsoft-dynamically-managed-permissions-for-team");
        json!({
            "id": "authorizationPolicy", "displayName": "Authorization Policy",
            "allowInvitesFrom": if self.strong() { "adminsAndGuestInviters" } else { "everyone" },
            "guestUserRoleId": self.guest_role,
            "allowedToUseSSPR": !self.strong(),
            "allowEmailVerifiedUsersToJoinOrganization": self.posture == Posture::Weak,
            "allowedToSignUpEmailBasedSubscriptions": !self.strong(),
            "allowUserConsentForRiskyApps": false,
            "blockMsolPowerShell": self.posture != Posture::Weak,
            "defaultUserRolePermissions": {
                "allowedToCreateApps": self.users_create_apps,
                "allowedToCreateSecurityGroups": !self.strong(),
                "allowedToCreateTenants": self.posture == Posture::Weak,
                "allowedToReadBitlockerKeysForOwnedDevice": true,
                "allowedToReadOtherUsers": true,
                "permissionGrantPoliciesAssigned": grants,
            },
        })
    }

    pub fn admin_consent_policy(&self, reviewer: Option<String>) -> Value {
        let reviewers: Vec<Value> = reviewer
            .filter(|_| self.admin_consent)
            .map(|id| json!({"query": format!("/v1.0/users/{id}"), "queryType": "MicrosoftGraph", "queryRoot": null}))
            .into_iter()
            .collect();
        json!({
            "id": "adminConsentRequestPolicy", "isEnabled": self.admin_consent, "notifyReviewers": self.admin_consent,
            "remindersEnabled": self.admin_consent, "requestDurationInDays": 30, "version": 1, "reviewers": reviewers,
        })
    }

    pub fn methods_policy(&self, pilot: &str) -> Value {
        let [sms, voice, email] = self.weak_methods_off.map(|off| if off { "disabled" } else { "enabled" });
        let everybody = json!([{"id": "all_users", "targetType": "group", "isRegistrationRequired": false}]);
        let keys_for = if self.posture == Posture::Average {
            json!([{"id": pilot, "targetType": "group", "isRegistrationRequired": false}])
        } else {
            everybody.clone()
        };
        let method = |kind: &str, id: &str, state: &str, targets: &Value| {
            json!({
                "@odata.type": format!("#microsoft.graph.{kind}AuthenticationMethodConfiguration"),
                "id": id, "state": state, "excludeTargets": [], "includeTargets": targets,
            })
        };
        let mut authenticator = method("microsoftAuthenticator", "MicrosoftAuthenticator", "enabled", &everybody);
        authenticator["isSoftwareOathEnabled"] = json!(true);
        let shown = |state: &str| json!({"state": state, "includeTarget": {"targetType": "group", "id": "all_users"}});
        authenticator["featureSettings"] = json!({
            "displayAppInformationRequiredState": shown(if self.strong() { "enabled" } else { "default" }),
            "displayLocationInformationRequiredState": shown(if self.strong() { "enabled" } else { "default" }),
        });
        let mut pass = method("temporaryAccessPass", "TemporaryAccessPass", "enabled", &everybody);
        pass["isUsableOnce"] = json!(self.strong());
        json!({
            "id": "authenticationMethodsPolicy", "displayName": "Authentication Methods Policy", "policyVersion": "1.5",
            "policyMigrationState": if self.strong() { "migrationComplete" } else { "migrationInProgress" },
            "registrationEnforcement": {"authenticationMethodsRegistrationCampaign": {
                "state": "enabled", "snoozeDurationInDays": 1, "excludeTargets": [],
                "includeTargets": [{"id": "all_users", "targetType": "group", "targetedAuthenticationMethod": "microsoftAuthenticator"}],
            }},
            "authenticationMethodConfigurations": [
                method("fido2", "Fido2", if self.posture == Posture::Weak { "disabled" } else { "enabled" }, &keys_for),
                authenticator,
                method("sms", "Sms", sms, &everybody),
                pass,
                method("softwareOath", "SoftwareOath", "enabled", &everybody),
                method("voice", "Voice", voice, &everybody),
                method("email", "Email", email, &everybody),
                method("x509Certificate", "X509Certificate", "disabled", &everybody),
            ],
        })
    }

    pub fn group_settings(&self, seed: u64, hybrid: bool) -> Vec<Value> {
        // Without the object nothing would be known of what an application read, so that it is there with Microsoft's defaults too.
        let words: Vec<String> = (0..self.banned_passwords).map(|number| format!("company{number}")).collect();
        let on = |value: bool| if value { "True" } else { "False" };
        let value = |name: &str, value: &str| json!({"name": name, "value": value});
        vec![json!({
            "id": guid(seed, IdOf::Other, 61), "displayName": "Password Rule Settings",
            "templateId": "5cf42378-d67d-4f36-ba46-e8b86229381d",
            "values": [
                value("EnableBannedPasswordCheck", on(self.banned_passwords > 0)),
                value("BannedPasswordList", &words.join("\t")),
                value("EnableBannedPasswordCheckOnPremises", on(hybrid)),
                value("BannedPasswordCheckOnPremisesMode", if self.strong() { "Enforce" } else { "Audit" }),
                value("LockoutThreshold", "10"),
                value("LockoutDurationInSeconds", "60"),
            ],
        })]
    }

    pub fn device_registration(&self) -> Value {
        let everybody = json!({"@odata.type": "#microsoft.graph.allDeviceRegistrationMembership"});
        json!({
            "id": "deviceRegistrationPolicy", "displayName": "Device Registration Policy",
            "multiFactorAuthConfiguration": if self.strong() { "required" } else { "notRequired" },
            "userDeviceQuota": if self.strong() { 10 } else { 50 },
            "azureADJoin": {"isAdminConfigurable": true, "allowedToJoin": everybody},
            "azureADRegistration": {"isAdminConfigurable": false, "allowedToRegister": everybody},
            "localAdminPassword": {"isEnabled": self.strong()},
        })
    }

    pub fn app_management(&self) -> Value {
        let limit = |kind: &str, lifetime: Option<&str>| {
            json!({"restrictionType": kind, "state": "enabled", "maxLifetime": lifetime,
                "restrictForAppsCreatedAfterDateTime": "2020-01-01T00:00:00Z"})
        };
        let restrictions = if self.strong() {
            json!({
                "passwordCredentials": [limit("passwordAddition", None), limit("passwordLifetime", Some("P180D"))],
                "keyCredentials": [limit("asymmetricKeyLifetime", Some("P365D"))],
            })
        } else {
            json!({"passwordCredentials": [], "keyCredentials": []})
        };
        json!({
            "id": "00000000-0000-0000-0000-000000000000", "displayName": "Default app management tenant policy",
            "isEnabled": self.strong(), "applicationRestrictions": restrictions, "servicePrincipalRestrictions": restrictions,
        })
    }

    pub fn cross_tenant_default(&self) -> Value {
        json!({
            "isServiceDefault": self.posture != Posture::Average,
            "inboundTrust": {"isMfaAccepted": self.posture == Posture::Average, "isCompliantDeviceAccepted": false,
                "isHybridAzureADJoinedDeviceAccepted": false},
            "b2bCollaborationInbound": {"usersAndGroups": {"accessType": "allowed",
                "targets": [{"target": "AllUsers", "targetType": "user"}]}},
        })
    }
}

/// The built-in grant policies.
pub(crate) fn grant_policies() -> Vec<Value> {
    let all = |classification: &str, verified: bool| {
        json!({"id": "00000000-0000-0000-0000-000000000000", "permissionType": "delegated",
            "permissionClassification": classification, "clientApplicationsFromVerifiedPublisherOnly": verified})
    };
    vec![
        json!({"id": "microsoft-user-default-legacy", "includes": [all("all", false)], "excludes": []}),
        json!({"id": "microsoft-user-default-low", "includes": [all("low", true)], "excludes": []}),
        json!({"id": "microsoft-user-default-recommended", "includes": [all("all", false)], "excludes": [all("high", false)]}),
        json!({"id": "microsoft-user-default-allow-consent-apps", "includes": [all("all", false)], "excludes": []}),
    ]
}
