//! What comparison needs to know about a tenant.

use idscore_score::Zones;
use serde::Serialize;

/// A tenant.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Tenant {
    /// Its id in Microsoft Entra.
    pub id: String,
    /// The organisation's name; empty where it is not known or not kept.
    pub display_name: String,
    /// Its industry, in the organisation's own words; empty where nobody said.
    pub industry: String,
    /// Seats by its licences.
    pub seats: Option<u64>,
    /// Where its score begins to be okay and good.
    pub zones: Zones,
    /// Invented for a demonstration.
    pub invented: bool,
}
