//! The small tenants of the repository, judged.

use std::path::Path;

use idscore_assess::{Configuration, Evidence, Judgement, assess};
use idscore_catalogue::Catalogue;
use idscore_history::KeptAssessment;
use idscore_snapshot::{ReadOptions, Snapshot, write_snapshot};

/// A small tenant of the repository, judged.
pub fn judged(name: &str, configuration: &Configuration) -> Judgement {
    let folder = tempfile::tempdir().unwrap();
    let export = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tenants").join(name);
    let snapshot = folder.path().join("snapshot");
    write_snapshot(&export, &snapshot, &ReadOptions::default()).unwrap();
    let snapshot = Snapshot::open(&snapshot).unwrap();
    assess(&snapshot, &Catalogue::embedded().unwrap(), configuration, &Evidence::None).unwrap()
}

/// The same as an assessment of the tenant `id`, kept at an instant.
pub fn kept(id: &str, name: &str, at: &str) -> KeptAssessment {
    let judgement = judged(name, &Configuration::default());
    let kept = KeptAssessment::of(&judgement, idscore_score::ScoreSettings::default(), "");
    let at = idscore_history::instants::micros(at).unwrap();
    KeptAssessment { tenant_id: id.to_owned(), assessed_at: at, taken_at: at, ..kept }
}
