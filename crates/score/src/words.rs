//! The words of the domain, spelled the same everywhere: JSON, control files, terminal, pages.

use serde::{Deserialize, Serialize};

/// What a control says about a tenant, or about one judged object (which is never `Partial`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// Every judged object meets the rule.
    Met,
    /// Some judged objects meet the rule.
    Partial,
    /// No judged object meets the rule, or one fails a binary control.
    NotMet,
    /// The tenant or the object is not what the control is about.
    NotApplicable,
    /// The data do not tell.
    NotAssessed,
}

/// Why something is not assessed: what the reader has to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum MissingKind {
    /// Microsoft Graph refused: a permission is not granted.
    Permission,
    /// The tenant does not own the edition that brings the data.
    Licence,
    /// The data set was not collected, was cut off, or failed.
    Collection,
}

/// One thing that was not there, and what would bring it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Missing {
    /// What kind of thing to change.
    pub kind: MissingKind,
    /// The data set, by the last segment of its endpoint (`userRegistrationDetails`).
    pub data_set: String,
    /// The permission, licence or option that would bring it (`AuditLog.Read.All`, `P1`, `--per-user-mfa`).
    pub name: String,
}

/// Which of the two percentages a control counts towards. They never mix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Set {
    /// Microsoft's identity score, with Microsoft's ids and points: the headline.
    Core,
    /// Everything else.
    Extended,
}

/// How strictly a tenant is read where honest readers differ.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Profile {
    /// As Microsoft seems to count; the only one laid beside Microsoft's numbers.
    Compat,
    /// The default.
    #[default]
    Standard,
    /// Nothing is forgiven.
    Strict,
}

/// How points follow from judged rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Scoring {
    /// The share of rows that meet the rule.
    Partial,
    /// All points, or none when any row fails.
    Binary,
    /// Points split over listed parts.
    Graded,
    /// Work that people do; met while a review is recorded in time.
    Task,
    /// A setting that Graph does not show; met while an attestation stands.
    Attested,
}

/// What the organisation has decided about an action.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Status {
    /// Nothing decided; what is measured counts.
    #[default]
    ToAddress,
    /// Work is planned; counts towards the planned score only.
    Planned,
    /// The open part is accepted and earns nothing.
    RiskAccepted,
    /// Another product does it: full points, shown as attested.
    ThirdParty,
    /// Another measure does it: full points, shown as attested.
    AlternateMitigation,
    /// Confirmed by the data; set by the system only.
    Completed,
}

/// An edition that brings data or makes a control possible. P2 includes P1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum License {
    /// Microsoft Entra ID P1.
    P1,
    /// Microsoft Entra ID P2.
    P2,
}
