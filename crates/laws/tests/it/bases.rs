//! Whole exports, from which something is taken away.

use std::fs;
use std::path::Path;

use idscore_assess::Configuration;
use idscore_score::Profile;
use idscore_tenantsim::{Edition, Options, Posture, generate};

use crate::dice::start;
use crate::export::Export;

/// An export that nothing is missing from, and what may be declared about it.
pub struct Base {
    pub name: String,
    pub export: Export,
    /// Without declarations and with them, under every profile; the first is drawn most often.
    pub configurations: Vec<(String, Configuration)>,
}

/// The tenants that lie in the repository, drawn from more often because they were written to hold everything.
pub const WRITTEN: [&str; 4] = ["careful", "risky", "free-licence", "partial-permissions"];

/// The base of one number: first the written tenants, then invented ones without end.
pub fn base(number: usize) -> Base {
    match WRITTEN.get(number) {
        Some(name) => written(name),
        None => invented(number),
    }
}

fn written(name: &str) -> Base {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tenants").join(name);
    let declared = fs::read_to_string(folder.join("idscore.toml")).unwrap_or_default();
    Base { name: name.to_owned(), export: Export::read(&folder), configurations: configurations(&declared) }
}

fn invented(number: usize) -> Base {
    let seed = number as u64 + 1_000_000 * start();
    let folder = tempfile::tempdir().unwrap();
    let options = options(seed);
    generate(&options, folder.path()).unwrap();
    let declared = fs::read_to_string(folder.path().join("idscore.toml")).unwrap();
    let export = Export::read(folder.path());
    Base { name: format!("invented-{number}"), export, configurations: configurations(&declared) }
}

/// Small tenants of every edition and posture; optional data sets in some.
fn options(seed: u64) -> Options {
    let edition =
        [Edition::P2, Edition::P1, Edition::P2, Edition::Free, Edition::P2][usize::try_from(seed % 5).unwrap()];
    let posture = [Posture::Strong, Posture::Average, Posture::Weak][usize::try_from(seed % 3).unwrap()];
    Options {
        users: 8 + u32::try_from(seed * 7 % 30).unwrap(),
        seed: 1_000 + seed,
        edition: Some(edition),
        posture: Some(posture),
        per_user_mfa: seed % 2 == 1,
        on_premises_sync: seed % 4 < 2,
        sign_ins: seed.is_multiple_of(3),
        ..Options::default()
    }
}

/// Statuses of every kind, and the arithmetic that differs most from the usual.
const DECIDED: &str = r#"
[score]
risk_accepted_in_maximum = false
unlicensed_core_in_maximum = false

[[status]]
control = "MFARegistrationV2"
status = "riskAccepted"
owner = "Law"
reason = "tried"
expires = "2030-01-01"

[[status]]
control = "AdminMFAV2"
status = "riskAccepted"
owner = "Law"
reason = "tried"
expires = "2030-01-01"

[[status]]
control = "SelfServicePasswordReset"
status = "thirdParty"
owner = "Law"
reason = "tried"
expires = "2030-01-01"

[[status]]
control = "UserRiskPolicy"
status = "alternateMitigation"
owner = "Law"
reason = "tried"
expires = "2030-01-01"

[[status]]
control = "RoleOverlap"
status = "planned"
owner = "Law"
reason = "tried"
"#;

fn configurations(declared: &str) -> Vec<(String, Configuration)> {
    let parsed = |text: &str| Configuration::parse(text, Path::new("idscore.toml")).unwrap();
    // Decisions about controls stand beside the declarations.
    let decided = parsed(&format!("{declared}{DECIDED}"));
    let (bare, declared) = (Configuration::default(), parsed(declared));
    let under = |name: &str, configuration: &Configuration, profile: Profile| {
        (format!("{name} {profile:?}").to_lowercase(), configuration.with_profile(profile))
    };
    vec![
        under("bare", &bare, Profile::Standard),
        under("declared", &declared, Profile::Standard),
        under("bare", &bare, Profile::Compat),
        under("bare", &bare, Profile::Strict),
        under("declared", &declared, Profile::Compat),
        under("declared", &declared, Profile::Strict),
        under("decided", &decided, Profile::Standard),
    ]
}
