//! Reading an export: megabytes a second from JSON on disk to Parquet on disk.
//!
//! `cargo bench -p idscore-snapshot`

#![expect(clippy::expect_used, reason = "a benchmark that cannot be set up has nothing to report")]

use std::fmt::Write as _;
use std::fs;
use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use idscore_snapshot::{ReadOptions, write_snapshot};

const USERS: u32 = 50_000;
const PAGE: u32 = 999;

/// An export of one data set's worth of everything that is read per user.
fn generate(root: &Path) -> u64 {
    let mut bytes = 0;
    let mut page = |data_set: &str, number: u32, elements: &str| {
        let folder = root.join(data_set);
        fs::create_dir_all(&folder).expect("a folder for the pages");
        let text = format!(
            "{{\"@odata.context\":\"https://graph.microsoft.com/v1.0/$metadata#{data_set}\",\"value\":[{}]}}",
            elements.trim_end_matches(',')
        );
        bytes += text.len() as u64;
        fs::write(folder.join(format!("{number}.json")), text).expect("a page");
    };
    let id = |user: u32| {
        let mixed = user.wrapping_mul(2_654_435_761);
        format!("{mixed:08x}-0000-4000-8000-{user:012x}")
    };
    for (number, first) in (1..).zip((0..USERS).step_by(PAGE as usize)) {
        let (mut users, mut activity, mut registration) = (String::new(), String::new(), String::new());
        for user in first..(first + PAGE).min(USERS) {
            let id = id(user);
            write!(
                users,
                "{{\"id\":\"{id}\",\"userPrincipalName\":\"person.{user}@example.org\",\"displayName\":\"Person {user}\",\
                 \"mail\":\"person.{user}@example.org\",\"userType\":\"Member\",\"accountEnabled\":{},\
                 \"createdDateTime\":\"2021-02-03T08:00:00Z\",\"creationType\":null,\"externalUserState\":null,\
                 \"onPremisesSyncEnabled\":true,\"onPremisesImmutableId\":\"AAAAAAAAAAAAAAAAAAAAAA==\",\
                 \"passwordPolicies\":\"None\",\"lastPasswordChangeDateTime\":\"2025-01-01T00:00:00Z\",\
                 \"assignedLicenses\":[{{\"disabledPlans\":[],\"skuId\":\"06ebc4ee-1bb5-47dd-8120-11324bc54e06\"}}],\
                 \"usageLocation\":\"DE\",\"employeeHireDate\":null,\"identities\":[{{\"signInType\":\"userPrincipalName\",\
                 \"issuer\":\"example.onmicrosoft.com\",\"issuerAssignedId\":\"person.{user}@example.org\"}}],\
                 \"securityIdentifier\":\"S-1-12-1-1111111111-2222222222-3333333333-{user}\"}},",
                user % 20 != 0
            )
            .expect("text");
            write!(
                activity,
                "{{\"id\":\"{id}\",\"signInActivity\":{{\"lastSignInDateTime\":\"2026-11-19T07:00:00Z\",\
                 \"lastNonInteractiveSignInDateTime\":\"2026-11-20T01:00:00Z\",\"lastSuccessfulSignInDateTime\":\"2026-11-20T01:00:00Z\"}}}},"
            )
            .expect("text");
            write!(
                registration,
                "{{\"id\":\"{id}\",\"userPrincipalName\":\"person.{user}@example.org\",\"userDisplayName\":\"Person {user}\",\
                 \"userType\":\"member\",\"isAdmin\":false,\"isSsprRegistered\":true,\"isSsprEnabled\":true,\"isSsprCapable\":true,\
                 \"isMfaRegistered\":true,\"isMfaCapable\":true,\"isPasswordlessCapable\":false,\
                 \"methodsRegistered\":[\"microsoftAuthenticatorPush\",\"softwareOneTimePasscode\"],\
                 \"isSystemPreferredAuthenticationMethodEnabled\":true,\"lastUpdatedDateTime\":\"2026-11-19T22:00:00.6195833Z\"}},"
            )
            .expect("text");
        }
        page("users", number, &users);
        page("signInActivity", number, &activity);
        page("userRegistrationDetails", number, &registration);
    }
    page(
        "organization",
        1,
        "{\"id\":\"t1\",\"verifiedDomains\":[{\"name\":\"example.org\"},{\"name\":\"example.onmicrosoft.com\",\"isInitial\":true}]}",
    );
    page(
        "subscribedSkus",
        1,
        "{\"skuId\":\"06ebc4ee-1bb5-47dd-8120-11324bc54e06\",\"capabilityStatus\":\"Enabled\",\"servicePlans\":[]}",
    );
    fs::write(root.join("collection.json"), "{\"startedAt\":\"2026-11-20T06:00:00Z\"}").expect("a report");
    bytes
}

fn read(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder");
    let export = folder.path().join("export");
    let bytes = generate(&export);
    let mut group = criterion.benchmark_group("read");
    group.throughput(Throughput::Bytes(bytes)).sample_size(10);
    group.bench_function(format!("{USERS} users"), |bencher| {
        bencher.iter(|| {
            let out = folder.path().join("snapshot");
            black_box(write_snapshot(&export, &out, &ReadOptions::default()).expect("a snapshot"))
        });
    });
    group.finish();
}

criterion_group!(benches, read);
criterion_main!(benches);
