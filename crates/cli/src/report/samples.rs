//! A small assessment made by hand, for the tests of the formats.

use std::collections::BTreeMap;

use idscore_assess::{Assessment, ControlResult, DataSetState, Declared, SetScore, UserCounts};
use idscore_score::{Missing, MissingKind, Outcome, Points, Profile, Set, Status};

fn points(text: &str) -> Points {
    text.parse().unwrap()
}

fn control(id: &str, set: Set, title: &str, max: &str, judged: (u64, u64, u64), of: &str) -> ControlResult {
    let (count, total, unknown) = judged;
    let max = points(max);
    let score = max.share(count, total);
    let outcome = match count {
        0 => Outcome::NotMet,
        _ if count == total => Outcome::Met,
        _ => Outcome::Partial,
    };
    let impact = max.percent_of(&points(of));
    ControlResult {
        id: id.into(),
        set,
        title: title.into(),
        outcome,
        score_in_percentage: Some(score.percent_of(&max)),
        gained_percent: Some(impact.share(count, total)),
        score_at_least: Some(max.share(count, total + unknown)),
        score_at_most: Some(max.share(count + unknown, total + unknown)),
        score: Some(score),
        max_score: Some(max),
        impact_percent: Some(impact),
        count,
        total,
        unknown,
        without_method: None,
        status: Status::ToAddress,
        missing: vec![],
        notes: vec![],
        needs_license: None,
        review: None,
    }
}

fn not_assessed(id: &str, set: Set, title: &str, missing: &Missing) -> ControlResult {
    ControlResult {
        outcome: Outcome::NotAssessed,
        score: None,
        max_score: None,
        score_in_percentage: None,
        impact_percent: None,
        gained_percent: None,
        missing: vec![missing.clone()],
        ..control(id, set, title, "1", (0, 0, 20), "1")
    }
}

fn missing(kind: MissingKind, data_set: &str, name: &str) -> Missing {
    Missing { kind, data_set: data_set.into(), name: name.into() }
}

/// A tenant with something of everything, and a hostile name.
pub fn assessment() -> Assessment {
    let unread = missing(MissingKind::Permission, "userRegistrationDetails", "AuditLog.Read.All");
    let mut registration = control(
        "MFARegistrationV2",
        Set::Core,
        "Ensure all users can complete multifactor authentication",
        "9",
        (60, 120, 3),
        "56",
    );
    registration.missing = vec![missing(MissingKind::Collection, "requirements", "--per-user-mfa")];
    registration.notes = vec!["per-user MFA not read".into()];
    let mut legacy = control(
        "BlockLegacyAuthentication",
        Set::Core,
        "Enable policies to block legacy authentication",
        "8",
        (0, 120, 0),
        "56",
    );
    legacy.status = Status::Planned;
    legacy.needs_license = Some("P1".into());
    let admin = control(
        "AdminMFAV2",
        Set::Core,
        "Ensure multifactor authentication is enabled for all users in administrative roles",
        "10",
        (8, 10, 0),
        "56",
    );
    let age = control(
        "PWAgePolicyNew",
        Set::Core,
        "Ensure the password expiration policy is set to never expire",
        "8",
        (3, 3, 0),
        "56",
    );
    let guests =
        control("guest_mfa", Set::Extended, "Demand multifactor authentication of guests", "5", (1, 4, 0), "20");
    let mut sync = control("password_hash_sync", Set::Extended, "Synchronise password hashes", "5", (0, 0, 0), "20");
    sync.outcome = Outcome::NotApplicable;
    (sync.score, sync.max_score, sync.impact_percent, sync.gained_percent, sync.score_in_percentage) =
        Default::default();
    let controls = vec![
        admin,
        legacy,
        registration,
        age,
        not_assessed("SelfServicePasswordReset", Set::Core, "Enable self-service password reset", &unread),
        guests,
        sync,
        not_assessed("sms_voice_email_off", Set::Extended, "Turn off SMS, voice calls and e-mail codes", &unread),
    ];
    Assessment {
        tenant_id: "3f2a9a52-6c5c-4f0e-9d1e-0d6a8a1b2c3d".into(),
        display_name: Some("Contoso <script>alert(1)</script>".into()),
        taken_at: "2026-11-02T08:00:00Z".into(),
        taken_at_source: "collection".into(),
        profile: Profile::Standard,
        catalogue_version: "0.1.0".into(),
        config_hash: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into(),
        core: SetScore {
            percent: points("58.57"),
            percent_at_least: Some(points("54.11")),
            percent_at_most: Some(points("63.52")),
            current_score: points("20.5"),
            max_score: points("35"),
            coverage: points("0.966"),
            compat_percent: points("55.12"),
            planned_percent: points("81.43"),
            current_license_percent: points("77.14"),
            achievable_percent: points("77.14"),
            attested_percent: points("0"),
        },
        extended: SetScore {
            percent: points("25"),
            percent_at_least: Some(points("20")),
            percent_at_most: Some(points("40")),
            current_score: points("1.25"),
            max_score: points("5"),
            coverage: points("0.5"),
            compat_percent: points("25"),
            planned_percent: points("25"),
            current_license_percent: points("100"),
            achievable_percent: points("100"),
            attested_percent: points("0"),
        },
        controls,
        declared: vec![Declared {
            kind: "breakGlass".into(),
            id: "11111111-2222-3333-4444-555555555555".into(),
            name: Some("=HYPERLINK(\"http://evil\")".into()),
            owner: "Dana Fox".into(),
            reason: "emergency access, sealed".into(),
            expires: Some("2027-06-30".into()),
            effect: "left out of 3 populations".into(),
        }],
        data_sets: vec![
            DataSetState { name: "users".into(), status: "complete".into(), rows: 130, missing: None, costs: vec![] },
            DataSetState {
                name: "userRegistrationDetails".into(),
                status: "refused".into(),
                rows: 0,
                missing: Some(unread),
                costs: vec!["SelfServicePasswordReset".into(), "sms_voice_email_off".into()],
            },
        ],
        warnings: vec!["policy `Block old clients` names group 42 that does not exist".into()],
        users: UserCounts {
            total: 130,
            enabled_members: 120,
            enabled_guests: 4,
            agents: 0,
            excepted: BTreeMap::from([("declared break-glass account".to_owned(), 1)]),
        },
    }
}
