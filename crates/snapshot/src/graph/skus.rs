//! The licences of a tenant, as far as people look at them.

use crate::json::Open;

/// What is bought under one name (`subscribedSku`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OwnedSku {
    /// `skuPartNumber`, such as `SPE_E5`; else the id. None for plans of which the export does not say what brings them.
    pub name: Option<String>,
    /// `Enabled`, `Warning`, `Suspended`, `Deleted`, `LockedOut`.
    pub status: Option<String>,
    /// Seats in force or in their grace period; none where the export does not tell.
    pub seats: Option<u64>,
    /// Seats that are assigned; none where the export does not tell.
    pub consumed: Option<u64>,
    /// Names of the service plans.
    pub plans: Vec<String>,
}

impl OwnedSku {
    pub(crate) fn of(open: Open<'_>) -> Self {
        let units = open.objects("prepaidUnits").unwrap_or_default().first().copied();
        let count = |name: &str| units.and_then(|units| units.count(name));
        let seats = match (count("enabled"), count("warning")) {
            (None, None) => None,
            (enabled, warning) => Some(enabled.unwrap_or(0).saturating_add(warning.unwrap_or(0))),
        };
        let plans = open.objects("servicePlans").unwrap_or_default();
        Self {
            name: open.text("skuPartNumber").or_else(|| open.text("skuId")),
            status: open.text("capabilityStatus"),
            seats,
            consumed: open.count("consumedUnits"),
            plans: plans.into_iter().filter_map(|plan| plan.text("servicePlanName")).collect(),
        }
    }
}
