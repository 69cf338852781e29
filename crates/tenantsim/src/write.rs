//! Writes an invented tenant.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::export::{Asked, Export, write_json};
use crate::options::Options;
use crate::planted::Planted;
use crate::tenant::Tenant;
use crate::{MAX_POLICIES, TAKEN_AT_SECOND};

/// Why a tenant can't be invented.
#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    /// More policies than Microsoft allows.
    #[error("a tenant has at most {MAX_POLICIES} Conditional Access policies, not {0}; ask for fewer")]
    TooManyPolicies(u32),
    /// The folder has something in it already, and mixing two tenants would ruin both.
    #[error("the folder `{}` isn't empty; name a new one", .0.display())]
    NotEmpty(PathBuf),
    /// A file or folder can't be written.
    #[error("cannot write `{}`", path.display())]
    Write {
        /// Where.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
}

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

/// An instant, so many seconds after the export's.
pub(crate) fn instant(seconds: i64) -> String {
    Timestamp::from_second(TAKEN_AT_SECOND + seconds).unwrap_or_default().to_string()
}

/// An instant, so many days before the export's.
pub(crate) fn days_before(days: u32) -> String {
    instant(-i64::from(days) * 86_400)
}

/// An instant, so many hours before the export's.
pub(crate) fn hours_before(hours: u32) -> String {
    instant(-i64::from(hours) * 3600)
}

/// A data set of v1.0 with pages of a thousand rows.
pub(crate) const fn asked(name: &'static str, endpoint: &'static str, permission: &'static str) -> Asked {
    Asked { name, endpoint, api_version: "v1.0", permission, context: name, page: 999 }
}

/// What Graph says to a tenant without the licence for sign-in reports.
pub(crate) const NO_PREMIUM: (&str, &str) = (
    "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
    "Neither tenant is B2C or tenant doesn't have premium license",
);

/// What Graph says to a tenant without P2.
pub(crate) const NO_P2: (&str, &str) = (
    "AadPremiumLicenseRequired",
    "The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance license.",
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_instant_of_every_invented_tenant_is_fixed() {
        assert_eq!(instant(0), "2026-11-20T06:00:00Z");
        assert_eq!(days_before(1), "2026-11-19T06:00:00Z");
    }
}
