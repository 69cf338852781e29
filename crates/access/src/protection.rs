//! A protection: one statement about sign-ins that Conditional Access can prove, as its file states it.

use serde::Deserialize;

/// One statement about sign-ins, such as "every sign-in to any cloud app demands multifactor authentication".
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Protection {
    /// The column of the table `users` that holds the verdict.
    pub column: String,
    /// The statement in words.
    pub says: String,
    /// A policy counts when every way through it implies one of these.
    #[serde(default)]
    pub demands: Vec<Demand>,
    /// Ways besides Conditional Access that count.
    #[serde(default)]
    pub also: Vec<Also>,
    /// Judge administrators with their eligible roles taken (unless the settings say active only).
    #[serde(default)]
    pub as_activated: bool,
    /// A policy without these conditions does not count.
    #[serde(default)]
    pub requires_condition: Vec<Condition>,
    /// A policy with a condition besides `requires_condition`, users and resources does not count.
    #[serde(default)]
    pub only_without_other_conditions: bool,
    /// Judge as if no policy excluded any user, group or role.
    #[serde(default)]
    pub without_exclusions: bool,
    /// Being in a trusted location suffices, in every profile.
    #[serde(default)]
    pub trusted_location_suffices: bool,
    /// Limits of the session, each of which must hold for every sign-in of the region.
    #[serde(default)]
    pub session: SessionDemand,
    /// The region: which sign-ins the statement is about.
    #[serde(default)]
    pub sign_ins: SignIns,
}

impl Protection {
    /// What is wrong with the protection as a statement, in words.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let mut found = Vec::new();
        if self.demands.is_empty() && self.session == SessionDemand::default() {
            found.push("it demands nothing: give `demands` or `session`".to_owned());
        }
        if self.sign_ins.resource.is_some() && self.sign_ins.user_action.is_some() {
            found.push("`resource` and `user_action` are different kinds of sign-in: give one of them".to_owned());
        }
        let region = &self.sign_ins;
        let empty = [
            ("resource", region.resource.as_ref().map(Vec::is_empty)),
            ("user_action", region.user_action.as_ref().map(Vec::is_empty)),
            ("client_app", region.client_app.as_ref().map(Vec::is_empty)),
            ("platform", region.platform.as_ref().map(Vec::is_empty)),
            ("sign_in_risk", region.sign_in_risk.as_ref().map(Vec::is_empty)),
            ("user_risk", region.user_risk.as_ref().map(Vec::is_empty)),
            ("insider_risk", region.insider_risk.as_ref().map(Vec::is_empty)),
            ("flow", region.flow.as_ref().map(Vec::is_empty)),
        ];
        for (name, _) in empty.iter().filter(|(_, empty)| *empty == Some(true)) {
            found.push(format!("`{name}` is an empty list: leave it out to mean all of it"));
        }
        found
    }
}

/// What a policy may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Demand {
    /// Multifactor authentication.
    Mfa,
    /// Multifactor authentication that can't be phished.
    PhishingResistant,
    /// Nobody gets in.
    Block,
    /// A new password, after multifactor authentication.
    PasswordChange,
    /// Whatever heals the risk: a new password, or a fresh sign-in of a passwordless user.
    RiskRemediation,
    /// A compliant or hybrid-joined device.
    ManagedDevice,
}

/// A way besides Conditional Access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Also {
    /// Microsoft's tenant-wide switch.
    SecurityDefaults,
    /// The old state of each user.
    PerUserMfa,
}

/// A condition that a policy can carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Condition {
    /// `signInRiskLevels`.
    SignInRisk,
    /// `userRiskLevels`.
    UserRisk,
    /// `insiderRiskLevels`.
    InsiderRisk,
    /// `authenticationFlows`.
    Flow,
}

/// Limits of a session.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SessionDemand {
    /// Sign in again every time, or at least after so many hours.
    pub sign_in_frequency_hours: Option<u32>,
    /// What `persistentBrowser` must be.
    pub persistent_browser: Option<PersistentBrowser>,
}

/// Whether a browser session survives the closing of the browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PersistentBrowser {
    /// Never.
    Never,
    /// Always.
    Always,
}

/// A region of sign-ins. A dimension that is left out means all of it; for `resource` that is every cloud app.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SignIns {
    /// App ids, `Office365`, `MicrosoftAdminPortals`.
    pub resource: Option<Vec<String>>,
    /// User actions such as `urn:user:registersecurityinfo`, in place of apps.
    pub user_action: Option<Vec<String>>,
    /// The kind of client.
    pub client_app: Option<Vec<ClientApp>>,
    /// The platform of the device.
    pub platform: Option<Vec<Platform>>,
    /// The risk of the sign-in.
    pub sign_in_risk: Option<Vec<Risk>>,
    /// The risk of the user.
    pub user_risk: Option<Vec<Risk>>,
    /// The insider risk of the user.
    pub insider_risk: Option<Vec<InsiderRisk>>,
    /// How the authentication travels between devices.
    pub flow: Option<Vec<Flow>>,
}

macro_rules! atoms {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $word)] $variant,)*
        }

        impl $name {
            /// All of them.
            pub const ALL: &[$name] = &[$($name::$variant),*];

            /// Graph's word.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $($name::$variant => $word,)* }
            }

            /// By Graph's word, whatever its case.
            #[must_use]
            pub fn from_word(word: &str) -> Option<$name> {
                $name::ALL.iter().copied().find(|atom| atom.word().eq_ignore_ascii_case(word))
            }
        }
    };
}

atoms! {
    /// The kind of client.
    ClientApp {
        /// A browser.
        Browser = "browser",
        /// Modern apps.
        MobileAppsAndDesktopClients = "mobileAppsAndDesktopClients",
        /// Exchange ActiveSync.
        ExchangeActiveSync = "exchangeActiveSync",
        /// Every other legacy client.
        Other = "other",
    }
}

atoms! {
    /// The platform of the device, as the user agent claims it.
    Platform {
        /// Android.
        Android = "android",
        /// iOS and iPadOS.
        Ios = "iOS",
        /// Windows.
        Windows = "windows",
        /// Windows Phone.
        WindowsPhone = "windowsPhone",
        /// macOS.
        MacOs = "macOS",
        /// Linux.
        Linux = "linux",
        /// Ours, no Graph value: a platform that Entra doesn't recognise.
        Unknown = "unknown",
    }
}

atoms! {
    /// A level of sign-in or user risk.
    Risk {
        /// None.
        None = "none",
        /// Low.
        Low = "low",
        /// Medium.
        Medium = "medium",
        /// High.
        High = "high",
    }
}

atoms! {
    /// A level of insider risk.
    InsiderRisk {
        /// None.
        None = "none",
        /// Minor.
        Minor = "minor",
        /// Moderate.
        Moderate = "moderate",
        /// Elevated.
        Elevated = "elevated",
    }
}

atoms! {
    /// How the authentication travels between devices.
    Flow {
        /// It doesn't. (Graph's value `none` means "not configured", which is something else.)
        None = "none",
        /// A code typed in on another device.
        DeviceCode = "deviceCodeFlow",
        /// A QR code that hands the session to a phone.
        AuthenticationTransfer = "authenticationTransfer",
    }
}
