//! Conditional Access policies as the generator thinks of them.

/// Who a policy names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Who {
    All,
    User(u32),
    Group(usize),
    Role(usize),
    /// The old condition `GuestsOrExternalUsers`.
    Guests,
    /// The kinds of external users; a list of home tenants makes it unknown whom it means.
    External {
        kinds: Vec<External>,
        tenants: Vec<String>,
    },
    /// A group that no longer exists.
    DeletedGroup(String),
}

/// The kinds of external users.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum External {
    InternalGuest,
    B2bGuest,
    B2bMember,
    DirectConnect,
    Other,
    ServiceProvider,
}

/// All kinds of external users.
pub(crate) const ALL_EXTERNAL: [External; 6] = [
    External::InternalGuest,
    External::B2bGuest,
    External::B2bMember,
    External::DirectConnect,
    External::Other,
    External::ServiceProvider,
];

/// An app that a policy names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum App {
    All,
    Office365,
    AdminPortals,
    Id(String),
}

/// Azure management.
pub(crate) const AZURE_MANAGEMENT: &str = "797f4846-ba00-4fd7-ba43-dac1f8f63013";

/// What a policy is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    Apps {
        include: Vec<App>,
        exclude: Vec<App>,
    },
    /// Apps by an attribute that Graph doesn't show.
    AppFilter(&'static str),
    RegisterSecurityInfo,
    AuthenticationContext(&'static str),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Client {
    Browser,
    Modern,
    ActiveSync,
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Platform {
    Android,
    Ios,
    Windows,
    WindowsPhone,
    MacOs,
    Linux,
    /// A user agent that names none.
    Unknown,
}

/// A place that a policy names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    All,
    AllTrusted,
    Named(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Risk {
    None,
    Low,
    Medium,
    High,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flow {
    None,
    DeviceCode,
    Transfer,
}

/// One control of a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Control {
    Block,
    Mfa,
    CompliantDevice,
    DomainJoinedDevice,
    CompliantApp,
    PasswordChange,
    TermsOfUse,
    /// An authentication strength, by its place in [`STRENGTHS`].
    Strength(usize),
}

/// What a policy asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Grant {
    /// All controls at once; else any one of them.
    pub all: bool,
    pub controls: Vec<Control>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Frequency {
    EveryTime,
    Hours(u32),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Enabled,
    ReportOnly,
    Disabled,
}

/// One policy.
#[derive(Debug, Clone)]
pub(crate) struct Policy {
    pub name: String,
    pub state: State,
    pub include: Vec<Who>,
    pub exclude: Vec<Who>,
    pub target: Target,
    /// Empty is all.
    pub clients: Vec<Client>,
    /// Empty is all.
    pub platforms: Vec<Platform>,
    pub exclude_platforms: Vec<Platform>,
    /// Empty is all.
    pub places: Vec<Place>,
    pub exclude_places: Vec<Place>,
    /// Empty is all.
    pub sign_in_risk: Vec<Risk>,
    /// Empty is all.
    pub user_risk: Vec<Risk>,
    /// Elevated insider risk only.
    pub insider_elevated: bool,
    /// A device filter, by its place in [`DEVICE_FILTERS`], and whether it includes.
    pub device: Option<(usize, bool)>,
    /// Empty is all.
    pub flows: Vec<Flow>,
    pub grant: Option<Grant>,
    pub frequency: Option<Frequency>,
    pub persistent_browser: Option<&'static str>,
    pub age_days: u32,
    pub template: bool,
}

impl Policy {
    /// An enabled policy for all users and all apps that asks for nothing yet.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            state: State::Enabled,
            include: vec![Who::All],
            exclude: Vec::new(),
            target: Target::Apps { include: vec![App::All], exclude: Vec::new() },
            clients: Vec::new(),
            platforms: Vec::new(),
            exclude_platforms: Vec::new(),
            places: Vec::new(),
            exclude_places: Vec::new(),
            sign_in_risk: Vec::new(),
            user_risk: Vec::new(),
            insider_elevated: false,
            device: None,
            flows: Vec::new(),
            grant: None,
            frequency: None,
            persistent_browser: None,
            age_days: 400,
            template: false,
        }
    }

    /// Any one of the controls.
    pub fn asking(mut self, controls: &[Control]) -> Self {
        self.grant = Some(Grant { all: false, controls: controls.to_vec() });
        self
    }

    /// All of the controls.
    pub fn asking_all(mut self, controls: &[Control]) -> Self {
        self.grant = Some(Grant { all: true, controls: controls.to_vec() });
        self
    }
}

/// Device filters that policies use.
pub(crate) const DEVICE_FILTERS: &[&str] =
    &["device.trustType -eq \"ServerAD\"", "device.extensionAttribute1 -eq \"SAW\"", "device.isCompliant -eq True"];

/// An authentication strength.
pub(crate) struct Strength {
    /// The last digits of a built-in id; `None` is a custom one.
    pub built_in: Option<&'static str>,
    pub name: &'static str,
    pub combinations: &'static [&'static str],
    pub mfa: bool,
    pub phishing_resistant: bool,
}

/// The strengths of every invented tenant: three built in, one renamed, one with a weak combination.
pub(crate) const STRENGTHS: &[Strength] = &[
    Strength {
        built_in: Some("0002"),
        name: "Multifactor authentication",
        combinations: &[
            "windowsHelloForBusiness",
            "fido2",
            "x509CertificateMultiFactor",
            "deviceBasedPush",
            "temporaryAccessPassOneTime",
            "temporaryAccessPassMultiUse",
            "password,microsoftAuthenticatorPush",
            "password,softwareOath",
            "password,hardwareOath",
            "password,sms",
            "password,voice",
            "federatedMultiFactor",
            "microsoftAuthenticatorPush,federatedSingleFactor",
            "softwareOath,federatedSingleFactor",
            "hardwareOath,federatedSingleFactor",
            "sms,federatedSingleFactor",
            "voice,federatedSingleFactor",
        ],
        mfa: true,
        phishing_resistant: false,
    },
    Strength {
        built_in: Some("0003"),
        name: "Passwordless MFA",
        combinations: &["windowsHelloForBusiness", "fido2", "x509CertificateMultiFactor", "deviceBasedPush"],
        mfa: true,
        phishing_resistant: false,
    },
    Strength {
        built_in: Some("0004"),
        name: "Phishing-resistant MFA",
        combinations: &["windowsHelloForBusiness", "fido2", "x509CertificateMultiFactor"],
        mfa: true,
        phishing_resistant: true,
    },
    Strength {
        built_in: None,
        name: "Nur Schlüssel",
        combinations: &["fido2", "windowsHelloForBusiness"],
        mfa: true,
        phishing_resistant: true,
    },
    Strength {
        built_in: None,
        name: "Phishing resistant MFA (old)",
        combinations: &["fido2", "sms, password"],
        mfa: true,
        phishing_resistant: false,
    },
];
