//! Our own export: `<dataSet>/<page>.json`, `<dataSet>/<ownerId>/<page>.json`, `collection.json`.

use crate::support::{Export, ORGANIZATION, REPORT, TENANT};

#[test]
fn pages_of_users_are_joined_with_what_other_data_sets_say() {
    let export = Export::of(&[
        REPORT,
        ORGANIZATION,
        (
            "users/1.json",
            r#"{"value":[{"id":"A0000000-0000-4000-8000-000000000001","userPrincipalName":"ada@example.org","userType":"Member","accountEnabled":true}],
                "@odata.nextLink":"https://graph.microsoft.com/v1.0/users?$skiptoken=x"}"#,
        ),
        ("users/2.json", r#"{"value":[{"id":"a0000000-0000-4000-8000-000000000002","accountEnabled":false}]}"#),
        (
            "userRegistrationDetails/1.json",
            r#"{"value":[{"id":"a0000000-0000-4000-8000-000000000001","isMfaRegistered":true,"methodsRegistered":["fido2SecurityKey"]}]}"#,
        ),
        (
            "signInActivity/1.json",
            r#"{"value":[{"id":"a0000000-0000-4000-8000-000000000001","signInActivity":{"lastSuccessfulSignInDateTime":"2026-11-19T22:00:00.6195833Z"}},
                {"id":"a0000000-0000-4000-8000-000000000002"}]}"#,
        ),
        ("requirements/a0000000-0000-4000-8000-000000000002/1.json", r#"{"perUserMfaState":"enforced"}"#),
    ]);
    let read = export.read().unwrap();
    assert_eq!(read.manifest.tenant_id, TENANT);
    let columns = [
        "id",
        "account_enabled",
        "mfa_registered",
        "methods_registered",
        "phishing_resistant_registered",
        "last_seen",
        "sign_in_activity_read",
        "per_user_mfa_state",
    ];
    assert_eq!(
        read.rows("users", &columns),
        [
            "a0000000-0000-4000-8000-000000000001 | true | true | [fido2SecurityKey] | true | 2026-11-19T22:00:00.619583Z | true | NULL",
            "a0000000-0000-4000-8000-000000000002 | false | NULL | NULL | NULL | NULL | true | enforced",
        ]
    );
    assert_eq!(read.status("users"), "complete 2");
    assert_eq!(read.status("groups"), "absent 0");
}
