//! Fills a data folder with invented tenants and an assessment each of every STEP days (1), for measuring: `fleet DIR TENANTS DAYS [STEP [DATABASE]]`.
//! Prints one token per tenant for the first hundred tenants, as `TENANT TOKEN`.

use std::path::Path;

use idscore_assess::{Configuration, Evidence, assess};
use idscore_catalogue::Catalogue;
use idscore_history::instants::DAY;
use idscore_history::{KeptAssessment, invented};
use idscore_snapshot::{ReadOptions, Snapshot, write_snapshot};
use idscore_store::{Actor, Archive, Token, now};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, tenants, days, rest @ ..] = arguments.as_slice() else {
        return Err("usage: fleet DIR TENANTS DAYS [STEP [DATABASE]]".into());
    };
    let (tenants, days): (u32, u32) = (tenants.parse()?, days.parse()?);
    let step: u32 = rest.first().map_or(Ok(1), |step| step.parse())?;
    let archive = Archive::open(Path::new(folder), rest.get(1).map(String::as_str)).await?;
    let template = template()?;
    let actor = Actor::part("fleet");
    let fleet = invented::fleet(tenants, 7);
    for tenant in &fleet {
        archive.history.register(&actor, &tenant.tenant).await?;
    }
    // In portions, so that a portion fits into memory; days of one portion follow each other.
    for portion in fleet.chunks(50) {
        let mut assessments: Vec<KeptAssessment> =
            portion.iter().flat_map(|tenant| tenant.history(&template, days, step)).collect();
        assessments.sort_by_key(|kept| kept.assessed_at);
        archive.history.keep_all(&actor, &assessments).await?;
    }
    let mut lines = String::new();
    for (number, tenant) in (0_u8..100).zip(&fleet) {
        let at = now();
        let token = Token {
            id: String::new(),
            tenant_id: tenant.tenant.id.clone(),
            name: "measuring".to_owned(),
            scopes: vec!["SecurityEvents.Read.All".to_owned(), "DirectoryRecommendations.Read.All".to_owned()],
            created_at: at,
            expires_at: at + 30 * DAY,
            last_used_at: None,
            revoked_at: None,
        };
        let secret = archive.history.create_token(&actor, &token, &[number; 32]).await?.secret;
        lines.push_str(&format!("{} {secret}\n", tenant.tenant.id));
    }
    std::fs::write(Path::new(folder).join("tokens"), lines)?;
    archive.history.close().await;
    Ok(())
}

fn template() -> Result<KeptAssessment, Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let snapshot = folder.path().join("snapshot");
    let export = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tenants/careful");
    write_snapshot(&export, &snapshot, &ReadOptions::default())?;
    let snapshot = Snapshot::open(&snapshot)?;
    let catalogue = Catalogue::embedded().map_err(|problems| format!("{problems:?}"))?;
    let judgement = assess(&snapshot, &catalogue, &Configuration::default(), &Evidence::None)?;
    Ok(KeptAssessment::of(&judgement, Configuration::default().score, ""))
}
