//! The data sets of applications and reports.

use serde_json::{Value, json};

use crate::dice::{IdOf, guid, mix};
use crate::error::GenerateError;
use crate::export::{Asked, Export, NO_P2, NO_PREMIUM, asked};
use crate::instants::{days_before, hours_before, instant};
use crate::options::{Edition, Options};
use crate::tenant::Tenant;
use crate::workloads::{Home, PERMISSIONS, Software};

const MICROSOFT: &str = "f8cdef31-a31e-4b4a-93e4-5f571e91255a";
const APP_READ: &str = "Application.Read.All";

/// Writes applications, their rights, risk, and what Microsoft reports.
pub(crate) fn write(tenant: &Tenant, export: &mut Export, options: &Options) -> Result<(), GenerateError> {
    workloads(tenant, export)?;
    reports(tenant, export, options)
}

fn workloads(tenant: &Tenant, export: &mut Export) -> Result<(), GenerateError> {
    let seed = tenant.seed;
    let list = || tenant.software.iter().enumerate();
    let application = |(number, software): (usize, &Software)| {
        let credentials = |secret: bool| -> Vec<Value> {
            software
                .credentials
                .iter()
                .enumerate()
                .filter(|(_, credential)| credential.is_secret == secret)
                .map(|(index, credential)| {
                    let end = credential
                        .end_day
                        .map_or_else(|| "2299-12-31T00:00:00Z".to_owned(), |day| instant(i64::from(day) * 86_400));
                    let mut row = json!({"keyId": tenant.key_id(number, index), "displayName": "key",
                        "startDateTime": instant(i64::from(credential.start_day) * 86_400), "endDateTime": end});
                    if !secret {
                        row["type"] = json!("AsymmetricX509Cert");
                        row["usage"] = json!("Verify");
                    }
                    row
                })
                .collect()
        };
        let owners: Vec<Value> = software
            .owners
            .iter()
            .map(|owner| json!({"@odata.type": "#microsoft.graph.user", "id": tenant.user_id(*owner)}))
            .collect();
        json!({
            "id": guid(seed, IdOf::Application, number as u64), "appId": tenant.app_id(number), "displayName": software.name,
            "createdDateTime": days_before(1600), "signInAudience": "AzureADMyOrg", "publisherDomain": tenant.domain,
            "passwordCredentials": credentials(true), "keyCredentials": credentials(false),
            "requiredResourceAccess": [], "web": {"redirectUris": []}, "spa": {"redirectUris": []},
            "publicClient": {"redirectUris": []}, "owners": owners,
        })
    };
    export.rows(
        asked("applications", "/applications", APP_READ),
        list().filter(|(_, software)| software.home == Home::Ours).map(application),
    )?;
    let microsoft_graph = json!({
        "id": tenant.graph_id(), "appId": "00000003-0000-0000-c000-000000000000", "displayName": "Microsoft Graph",
        "accountEnabled": true, "servicePrincipalType": "Application", "appOwnerOrganizationId": MICROSOFT,
        "passwordCredentials": [], "keyCredentials": [], "tags": [], "alternativeNames": [],
        "verifiedPublisher": {"verifiedPublisherId": null},
        "appRoles": PERMISSIONS.iter().map(|(name, id, _)| json!({"id": id, "value": name, "displayName": name,
            "isEnabled": true, "allowedMemberTypes": ["Application"]})).collect::<Vec<_>>(),
    });
    let principal = |(number, software): (usize, &Software)| {
        let owner = match software.home {
            Home::Foreign => Some(guid(seed, IdOf::Tenant, 100 + number as u64)),
            Home::Ours => Some(tenant.id.clone()),
            Home::ManagedIdentity => None,
        };
        json!({
            "id": tenant.service_principal_id(number), "appId": tenant.app_id(number), "displayName": software.name,
            "accountEnabled": true, "appOwnerOrganizationId": owner,
            "servicePrincipalType": if software.home == Home::ManagedIdentity { "ManagedIdentity" } else { "Application" },
            "passwordCredentials": [], "keyCredentials": [], "appRoles": [], "tags": [], "alternativeNames": [],
            "verifiedPublisher": {"verifiedPublisherId": software.verified.then_some("6021988")},
        })
    };
    export.rows(
        asked("servicePrincipals", "/servicePrincipals", APP_READ),
        std::iter::once(microsoft_graph).chain(list().map(principal)),
    )?;
    let granted = list().flat_map(|(number, software)| {
        software.permissions.iter().enumerate().filter_map(move |(index, held)| {
            let (_, role, _) = PERMISSIONS.iter().find(|(name, ..)| name == held)?;
            Some(json!({"id": tenant.grant_id(number, index), "principalId": tenant.service_principal_id(number),
                "principalDisplayName": software.name, "principalType": "ServicePrincipal", "resourceId": tenant.graph_id(),
                "resourceDisplayName": "Microsoft Graph", "appRoleId": role, "createdDateTime": days_before(300)}))
        })
    });
    export.rows_per_owner(
        asked("appRoleAssignedTo", "/servicePrincipals/{id}/appRoleAssignedTo", APP_READ),
        std::iter::once((tenant.graph_id(), granted)),
    )?;
    let classified = tenant.settings.classified_low.iter().enumerate().map(|(number, name)| {
        let permission = match *name {
            "User.Read" => "e1fe6dd8-ba31-4d61-89e7-88639da4683d".to_owned(),
            _ => guid(seed, IdOf::Other, 600 + number as u64),
        };
        json!({"id": guid(seed, IdOf::Other, 51 + number as u64), "permissionId": permission, "permissionName": name,
            "classification": "low"})
    });
    export.rows_per_owner(
        asked(
            "delegatedPermissionClassifications",
            "/servicePrincipals/{id}/delegatedPermissionClassifications",
            APP_READ,
        ),
        std::iter::once((tenant.graph_id(), classified)),
    )?;
    let delegated = list().filter_map(|(number, software)| {
        Some(json!({"id": tenant.grant_id(number, 99), "clientId": tenant.service_principal_id(number),
            "consentType": "AllPrincipals", "principalId": null, "resourceId": tenant.graph_id(), "scope": software.delegated?}))
    });
    export.rows(asked("oauth2PermissionGrants", "/oauth2PermissionGrants", "Directory.Read.All"), delegated)
}

fn reports(tenant: &Tenant, export: &mut Export, options: &Options) -> Result<(), GenerateError> {
    let risky = asked("riskyUsers", "/identityProtection/riskyUsers", "IdentityRiskyUser.Read.All");
    let detections = asked("riskDetections", "/identityProtection/riskDetections", "IdentityRiskEvent.Read.All");
    let reviews = asked("definitions", "/identityGovernance/accessReviews/definitions", "AccessReview.Read.All");
    if tenant.edition == Edition::P2 {
        let at_risk = || tenant.numbered().filter(|(user, person)| tenant.has_leaked_credentials(*user, person));
        export.rows(risky, at_risk().map(|(user, person)| json!({
            "id": tenant.user_id(user), "userPrincipalName": tenant.user_principal_name(user, person), "riskLevel": "high",
            "riskState": "atRisk", "riskDetail": "none", "riskLastUpdatedDateTime": hours_before(300), "isDeleted": false,
        })))?;
        export.rows(
            detections,
            at_risk().map(|(user, _)| {
                json!({
                    "id": guid(tenant.seed, IdOf::Other, 1_000_000 + u64::from(user)), "userId": tenant.user_id(user),
                    "riskEventType": "leakedCredentials", "riskLevel": "high", "riskState": "atRisk",
                    "detectedDateTime": hours_before(300),
                })
            }),
        )?;
        export.rows(reviews, std::iter::empty::<Value>())?;
    } else {
        for data_set in [risky, detections, reviews] {
            export.not_licensed(data_set, NO_P2.0, NO_P2.1);
        }
    }
    let scores = tenant.hybrid.then(|| {
        let synced = if tenant.settings.password_sync { 5.0 } else { 0.0 };
        json!({
            "id": format!("{}_2026-11-19", tenant.id), "azureTenantId": tenant.id, "createdDateTime": "2026-11-19T00:00:00Z",
            "currentScore": 30.0, "maxScore": 61.0, "enabledServices": ["HasAAD"], "averageComparativeScores": [],
            "controlScores": [{"controlCategory": "Identity", "controlName": "PasswordHashSync", "score": synced,
                "scoreInPercentage": synced * 20.0, "description": "", "lastSynced": "2026-11-19T00:00:00Z"}],
        })
    });
    export.rows(asked("secureScores", "/security/secureScores", "SecurityEvents.Read.All"), scores.into_iter())?;
    let profiles =
        asked("secureScoreControlProfiles", "/security/secureScoreControlProfiles", "SecurityEvents.Read.All");
    export.rows(profiles, std::iter::empty::<Value>())?;
    export.rows(
        Asked {
            api_version: "beta",
            ..asked("recommendations", "/directory/recommendations", "DirectoryRecommendations.Read.All")
        },
        std::iter::empty::<Value>(),
    )?;
    if options.sign_ins {
        let sign_ins = asked("signIns", "/auditLogs/signIns", "AuditLog.Read.All");
        if tenant.edition == Edition::Free {
            export.not_licensed(sign_ins, NO_PREMIUM.0, NO_PREMIUM.1);
        } else {
            export.rows(sign_ins, recent_sign_ins(tenant))?;
        }
    }
    Ok(())
}

fn recent_sign_ins(tenant: &Tenant) -> impl Iterator<Item = Value> {
    tenant.numbered().filter_map(|(user, person)| {
        let hours = person.seen.hours().filter(|hours| *hours <= 24 && person.enabled)?;
        let legacy = mix(tenant.seed ^ u64::from(user)).is_multiple_of(50);
        Some(json!({
            "id": guid(tenant.seed, IdOf::Other, 5_000_000 + u64::from(user)), "createdDateTime": hours_before(hours),
            "userId": tenant.user_id(user), "userPrincipalName": tenant.user_principal_name(user, person),
            "clientAppUsed": if legacy { "IMAP4" } else { "Browser" }, "conditionalAccessStatus": "success",
            "authenticationRequirement": if legacy { "singleFactorAuthentication" } else { "multiFactorAuthentication" },
            "isInteractive": true, "status": {"errorCode": 0},
        }))
    })
}
