//! Writes an invented tenant.

use std::path::Path;

use crate::MAX_POLICIES;
use crate::error::GenerateError;
use crate::export::{Export, write_json};
use crate::instants::instant;
use crate::options::Options;
use crate::planted::Planted;
use crate::tenant::Tenant;

/// Invents a tenant and writes it as an export, with `planted.json` and, if asked for, `idscore.toml` beside the pages.
///
/// # Errors
///
/// When more policies are asked for than a tenant can have, when `directory` isn't empty, or when writing fails.
pub fn generate(options: &Options, directory: &Path) -> Result<Planted, GenerateError> {
    if let Some(count) = options.policies.filter(|count| *count > MAX_POLICIES) {
        return Err(GenerateError::TooManyPolicies(count));
    }
    let failed = |source| GenerateError::Write { path: directory.to_owned(), source };
    std::fs::create_dir_all(directory).map_err(failed)?;
    if std::fs::read_dir(directory).map_err(failed)?.next().is_some() {
        return Err(GenerateError::NotEmpty(directory.to_owned()));
    }
    let tenant = Tenant::invent(options);
    let mut export = Export::new(directory);
    crate::write_people::write(&tenant, &mut export)?;
    crate::write_directory::write(&tenant, &mut export, options)?;
    export.finish(&tenant.id, &instant(0), &instant(221))?;
    if options.declare {
        let path = directory.join("idscore.toml");
        std::fs::write(&path, crate::configuration::text(&tenant))
            .map_err(|source| GenerateError::Write { path, source })?;
    }
    let planted = crate::plant::plant(&tenant, options);
    write_json(&directory.join("planted.json"), &planted)?;
    Ok(planted)
}
