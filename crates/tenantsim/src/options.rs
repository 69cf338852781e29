//! What to invent.

use serde::{Deserialize, Serialize};

/// The edition of Microsoft Entra ID that a tenant owns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Edition {
    /// Microsoft Entra ID Free: security defaults, no Conditional Access.
    Free,
    /// Microsoft Entra ID P1: Conditional Access.
    P1,
    /// Microsoft Entra ID P2: risk and Privileged Identity Management besides.
    P2,
}

/// How much care the invented administrators take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Posture {
    /// Alternatives, exclusions, report-only policies, old administrators.
    Weak,
    /// The usual policies, each with a hole.
    Average,
    /// Nearly all right.
    Strong,
}

/// What to invent; two equal options give the same bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// How many user objects, guests and special accounts included.
    pub users: u32,
    /// The source of all chance.
    pub seed: u64,
    /// The edition; `None` lets size and seed choose.
    pub edition: Option<Edition>,
    /// How many Conditional Access policies, at most [`crate::MAX_POLICIES`]; `None` lets size and seed choose.
    pub policies: Option<u32>,
    /// Whether users are synchronised from on premises; `None` lets the seed choose.
    pub hybrid: Option<bool>,
    /// How careful the administrators are; `None` lets the seed choose.
    pub posture: Option<Posture>,
    /// Write the data set `requirements`, one page per enabled user, as `collect --per-user-mfa` does.
    pub per_user_mfa: bool,
    /// Write the data set `onPremisesSynchronization`, as `collect --on-premises-sync` does.
    pub on_premises_sync: bool,
    /// Write the data set `signIns`, as `collect --sign-ins` does.
    pub sign_ins: bool,
    /// The worst case for proofs: about that many users with sets of policies of their own.
    pub distinct_signatures: Option<u32>,
    /// The organisation's name; `None` lets the seed choose.
    pub name: Option<String>,
    /// Write `idscore.toml`, which declares break-glass and service accounts, into the export's folder.
    pub declare: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            users: 200,
            seed: 7,
            edition: None,
            policies: None,
            hybrid: None,
            posture: None,
            per_user_mfa: false,
            on_premises_sync: false,
            sign_ins: false,
            distinct_signatures: None,
            name: None,
            declare: true,
        }
    }
}

/// The tenant of the demonstration: a company of 480 accounts with P2 that has begun to tidy up.
#[must_use]
pub fn demo_options() -> Options {
    Options {
        users: 480,
        seed: 2027,
        edition: Some(Edition::P2),
        policies: Some(26),
        hybrid: Some(true),
        posture: Some(Posture::Average),
        name: Some("Northwind Mills".to_owned()),
        ..Options::default()
    }
}
