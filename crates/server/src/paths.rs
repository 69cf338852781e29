//! Paths of routes that are named in more than one place.

/// The page of whoever has no tenant yet, which takes an export.
pub(crate) const FIRST_RUN: &str = "/first-run";
/// The page that takes an export of a tenant.
pub(crate) const UPLOAD: &str = "/tenants/{tenant}/upload";
/// The snapshots of a tenant, and the upload of an export.
pub(crate) const SNAPSHOTS: &str = "/api/v1/tenants/{tenant}/snapshots";
