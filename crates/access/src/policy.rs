//! A Conditional Access policy as Graph states it, with every word kept: nothing is interpreted here. What is not stated
//! is kept as unknown, never as a harmless answer.

use crate::strength::Strength;

mod read;
pub(crate) use read::Absent;

/// Whether Entra enforces the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Enabled,
    ReportOnly,
    Disabled,
    /// A word that we don't know: it may be enforced or not.
    Unknown,
}

/// One policy.
#[derive(Debug, Clone)]
pub(crate) struct Policy {
    pub(crate) name: String,
    pub(crate) state: State,
    /// Whether it names service principals or agents, and so targets no user; `None`: it may.
    pub(crate) workloads: Option<bool>,
    pub(crate) include: UserSide,
    pub(crate) exclude: UserSide,
    pub(crate) apps: Apps,
    pub(crate) client_apps: Vec<String>,
    /// Why the client apps are not known. Graph demands a value.
    pub(crate) unknown_client_apps: Option<String>,
    pub(crate) platforms: Sides,
    pub(crate) locations: Sides,
    pub(crate) sign_in_risk: Vec<String>,
    pub(crate) user_risk: Vec<String>,
    pub(crate) insider_risk: Vec<String>,
    pub(crate) flows: Vec<String>,
    /// Filters over devices, all of which must hold.
    pub(crate) devices: Vec<DeviceFilter>,
    /// Filters of which one must hold, unless there are none.
    pub(crate) any_device: Vec<DeviceFilter>,
    /// Conditions that we can't interpret. Each narrows the policy by an unknown amount.
    pub(crate) unknown_conditions: Vec<String>,
    pub(crate) grant: Grant,
    pub(crate) session: Session,
}

/// Users that a policy includes, or excludes.
#[derive(Debug, Clone, Default)]
pub(crate) struct UserSide {
    pub(crate) users: Vec<String>,
    pub(crate) groups: Vec<String>,
    pub(crate) roles: Vec<String>,
    pub(crate) guests: Option<Guests>,
    /// Why it holds an unknown set of users, with or without an account here.
    pub(crate) unknown: Option<String>,
    /// Why it holds an unknown set of users by group or role.
    pub(crate) unknown_principals: Option<String>,
}

/// Guests and other external users by kind and home tenant.
#[derive(Debug, Clone)]
pub(crate) struct Guests {
    pub(crate) kinds: Vec<String>,
    pub(crate) tenants: Tenants,
}

/// Home tenants.
#[derive(Debug, Clone)]
pub(crate) enum Tenants {
    All,
    Enumerated(Vec<String>),
    Unknown,
}

/// What a policy is about.
#[derive(Debug, Clone, Default)]
pub(crate) struct Apps {
    pub(crate) include: Vec<String>,
    pub(crate) exclude: Vec<String>,
    pub(crate) user_actions: Vec<String>,
    pub(crate) contexts: Vec<String>,
    /// Why it holds an unknown set of apps, such as a filter over apps …
    pub(crate) unknown_include: Option<String>,
    /// … or leaves one out.
    pub(crate) unknown_exclude: Option<String>,
    /// Why it is not known which user actions it holds.
    pub(crate) unknown_actions: Option<String>,
}

/// A condition with an include list and an exclude list.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sides {
    pub(crate) include: Vec<String>,
    pub(crate) exclude: Vec<String>,
    /// Why it includes an unknown set …
    pub(crate) unknown_include: Option<String>,
    /// … or excludes one.
    pub(crate) unknown_exclude: Option<String>,
}

/// A filter over devices.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DeviceFilter {
    /// `true`: only devices that match. `false`: only devices that don't.
    pub(crate) matching: bool,
    pub(crate) rule: String,
}

/// How the controls of a policy are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    And,
    Or,
    Unknown,
}

/// What a policy demands.
#[derive(Debug, Clone)]
pub(crate) struct Grant {
    pub(crate) operator: Operator,
    pub(crate) controls: Vec<Control>,
}

/// One control.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Control {
    Mfa,
    Block,
    PasswordChange,
    RiskRemediation,
    CompliantDevice,
    DomainJoinedDevice,
    /// `approvedApplication`, `compliantApplication`.
    AppProtection,
    TermsOfUse,
    Custom,
    Strength(Strength),
    /// `verifiedID`: no sign-in method, so it proves nothing.
    VerifiedId,
    /// A word that we don't know, or a control that may be there: why, in words.
    Unknown(String),
}

/// Limits of the session.
#[derive(Debug, Clone, Default)]
pub(crate) struct Session {
    pub(crate) frequency: Option<Frequency>,
    pub(crate) persistent_browser: Option<Persistence>,
    /// What of it was not in the export, in words.
    pub(crate) lost: Vec<String>,
}

/// How often a user must sign in again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Frequency {
    EveryTime,
    Hours(u64),
    /// After so many hours, or earlier.
    AtMost(u64),
    Unknown,
}

/// Whether a browser session survives the closing of the browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Persistence {
    Never,
    Always,
    Unknown,
}
