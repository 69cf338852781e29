//! The policies that invented administrators write.

use crate::dice::{Dice, IdOf, guid};
use crate::groups::{Groups, department_name};
use crate::options::{Edition, Posture};
use crate::places::{BRANCH, EMBARGOED, FIRST_SITE, GUEST_WIFI, HEADQUARTERS, HOME_COUNTRIES};
use crate::policy::{
    ALL_EXTERNAL, AZURE_MANAGEMENT, App, Client, Control, External, Flow, Frequency, Place, Platform, Policy, Risk,
    State, Target, Who,
};
use crate::roles::{ADMIN_ROLES, DIRECTORY_SYNC, GLOBAL_ADMIN};

/// What the policies depend on.
pub(crate) struct Wanted<'a> {
    pub groups: &'a Groups,
    pub seed: u64,
    pub posture: Posture,
    pub edition: Edition,
    pub hybrid: bool,
    pub count: usize,
    /// App ids of the tenant that a policy may name.
    pub apps: &'a [String],
    pub has_break_glass: bool,
    pub sites: u32,
}

const LEGACY: [Client; 2] = [Client::ActiveSync, Client::Other];
const MODERN: [Client; 2] = [Client::Browser, Client::Modern];

/// Invents exactly `count` policies.
pub(crate) fn policies(wanted: &Wanted<'_>) -> Vec<Policy> {
    let mut list = if wanted.groups.unrelated.is_empty() { core(wanted) } else { unrelated(wanted) };
    list.truncate(wanted.count);
    let mut dice = Dice::new(wanted.seed, 4);
    let mut number = 0;
    while list.len() < wanted.count {
        list.push(filler(wanted, &mut dice, number));
        number += 1;
    }
    list
}

fn apps(include: &[App]) -> Target {
    Target::Apps { include: include.to_vec(), exclude: Vec::new() }
}

fn admin_roles() -> Vec<Who> {
    (0..ADMIN_ROLES).map(Who::Role).collect()
}

impl Wanted<'_> {
    /// The exclusions that every careful policy has.
    fn always_excluded(&self) -> Vec<Who> {
        let mut exclude = Vec::new();
        if self.has_break_glass {
            exclude.push(Who::Group(self.groups.break_glass));
        }
        if self.hybrid {
            exclude.push(Who::Role(DIRECTORY_SYNC));
        }
        exclude
    }

    fn excluding(&self, group: usize) -> Vec<Who> {
        let mut exclude = self.always_excluded();
        exclude.push(Who::Group(group));
        exclude
    }

    fn careful(&self, name: &str) -> Policy {
        Policy { exclude: self.always_excluded(), ..Policy::named(name) }
    }
}

fn core(wanted: &Wanted<'_>) -> Vec<Policy> {
    let mut list = match wanted.posture {
        Posture::Strong => strong(wanted),
        Posture::Average => average(wanted),
        Posture::Weak => weak(wanted),
    };
    if wanted.edition < Edition::P2 {
        list.retain(|policy| policy.sign_in_risk.is_empty() && policy.user_risk.is_empty() && !policy.insider_elevated);
    }
    list
}

fn strong(wanted: &Wanted<'_>) -> Vec<Policy> {
    vec![
        Policy {
            clients: MODERN.to_vec(),
            exclude: wanted.excluding(wanted.groups.mfa_exclusion),
            ..Policy::named("CA001 Require MFA for all users")
        }
        .asking(&[Control::Mfa]),
        Policy { clients: LEGACY.to_vec(), ..wanted.careful("CA002 Block legacy authentication") }
            .asking(&[Control::Block]),
        Policy {
            include: admin_roles(),
            frequency: Some(Frequency::Hours(4)),
            persistent_browser: Some("never"),
            ..wanted.careful("CA003 Administrators: phishing-resistant, four hours")
        }
        .asking(&[Control::Strength(2)]),
        Policy {
            sign_in_risk: vec![Risk::High, Risk::Medium],
            frequency: Some(Frequency::EveryTime),
            ..wanted.careful("CA004 Sign-in risk: MFA every time")
        }
        .asking(&[Control::Mfa]),
        Policy {
            user_risk: vec![Risk::High],
            frequency: Some(Frequency::EveryTime),
            ..wanted.careful("CA005 User risk: new password")
        }
        .asking_all(&[Control::Mfa, Control::PasswordChange]),
        Policy {
            flows: vec![Flow::DeviceCode, Flow::Transfer],
            ..wanted.careful("CA006 Block device code and transfer")
        }
        .asking(&[Control::Block]),
        Policy {
            target: Target::RegisterSecurityInfo,
            exclude_places: vec![Place::AllTrusted],
            ..wanted.careful("CA007 Security info: MFA outside the office")
        }
        .asking(&[Control::Mfa]),
        Policy {
            target: apps(&[App::Id(AZURE_MANAGEMENT.to_owned())]),
            exclude: wanted.always_excluded().into_iter().chain(admin_roles()).collect(),
            ..Policy::named("CA008 Azure management for administrators only")
        }
        .asking(&[Control::Block]),
        Policy { insider_elevated: true, ..wanted.careful("CA009 Insider risk: block") }.asking(&[Control::Block]),
        Policy { state: State::ReportOnly, age_days: 40, ..wanted.careful("CA010 Managed devices (trial)") }
            .asking(&[Control::CompliantDevice, Control::DomainJoinedDevice]),
        Policy {
            include: vec![Who::External { kinds: ALL_EXTERNAL.to_vec(), tenants: Vec::new() }],
            ..wanted.careful("CA011 Guests: MFA and terms of use")
        }
        .asking_all(&[Control::Mfa, Control::TermsOfUse]),
        Policy {
            persistent_browser: Some("never"),
            frequency: Some(Frequency::Hours(168)),
            ..wanted.careful("CA012 Weekly sign-in")
        },
    ]
}

fn average(wanted: &Wanted<'_>) -> Vec<Policy> {
    let groups = wanted.groups;
    let department = |number: usize| groups.departments.get(number).copied().unwrap_or(groups.pilot);
    vec![
        Policy {
            clients: MODERN.to_vec(),
            exclude: wanted
                .excluding(groups.mfa_exclusion)
                .into_iter()
                .chain([Who::Group(department(0)), Who::Group(department(1))])
                .collect(),
            ..Policy::named("CA01 MFA for all users")
        }
        .asking(&[Control::Mfa]),
        // The first department is covered by two policies together, the second only outside trusted places.
        Policy {
            include: vec![Who::Group(department(0))],
            places: vec![Place::All],
            exclude_places: vec![Place::AllTrusted],
            ..wanted.careful("CA02 First department: MFA outside")
        }
        .asking(&[Control::Mfa]),
        Policy {
            include: vec![Who::Group(department(0))],
            places: vec![Place::AllTrusted],
            ..wanted.careful("CA03 First department: passkey inside")
        }
        .asking(&[Control::Strength(1)]),
        Policy {
            include: vec![Who::Group(department(1))],
            places: vec![Place::All],
            exclude_places: vec![Place::AllTrusted],
            ..wanted.careful("CA04 Second department: MFA outside")
        }
        .asking(&[Control::Mfa]),
        Policy {
            clients: LEGACY.to_vec(),
            exclude: [
                wanted.excluding(groups.legacy_exclusion),
                vec![Who::Group(department(2)), Who::Group(groups.mfa_exclusion)],
            ]
            .concat(),
            ..Policy::named("CA05 Block legacy authentication")
        }
        .asking(&[Control::Block]),
        Policy {
            include: admin_roles().into_iter().take(8).collect(),
            frequency: Some(Frequency::Hours(4)),
            persistent_browser: Some("never"),
            ..wanted.careful("CA06 Top administrators: keys only")
        }
        .asking(&[Control::Strength(3)]),
        Policy {
            include: admin_roles().into_iter().skip(8).collect(),
            ..wanted.careful("CA07 Other administrators: strong MFA")
        }
        .asking(&[Control::Strength(4)]),
        Policy {
            include: vec![Who::Group(groups.all_departments), Who::Role(GLOBAL_ADMIN)],
            sign_in_risk: vec![Risk::Medium, Risk::High],
            exclude: wanted.excluding(groups.mfa_exclusion),
            ..Policy::named("CA08 Sign-in risk")
        }
        .asking(&[Control::Mfa]),
        Policy {
            user_risk: vec![Risk::High],
            exclude: [
                wanted.always_excluded(),
                vec![Who::External { kinds: vec![External::B2bGuest, External::InternalGuest], tenants: Vec::new() }],
            ]
            .concat(),
            ..Policy::named("CA09 User risk")
        }
        .asking_all(&[Control::Mfa, Control::PasswordChange]),
        Policy {
            state: State::ReportOnly,
            flows: vec![Flow::DeviceCode],
            age_days: 120,
            ..wanted.careful("CA10 Block device code flow")
        }
        .asking(&[Control::Block]),
        Policy { include: vec![Who::Group(groups.pilot)], ..wanted.careful("CA11 Passkey pilot") }
            .asking(&[Control::Strength(2)]),
        Policy {
            include: vec![Who::External {
                kinds: vec![External::B2bGuest],
                tenants: vec![guid(wanted.seed, IdOf::Tenant, 77)],
            }],
            ..wanted.careful("CA12 Partner: managed device")
        }
        .asking(&[Control::CompliantDevice]),
        Policy { places: vec![Place::Named(EMBARGOED)], ..wanted.careful("CA13 Embargoed countries") }
            .asking(&[Control::Block]),
        Policy {
            clients: LEGACY.to_vec(),
            template: true,
            state: State::ReportOnly,
            age_days: 60,
            ..wanted.careful("Microsoft-managed: Block legacy authentication")
        }
        .asking(&[Control::Block]),
    ]
}

fn weak(wanted: &Wanted<'_>) -> Vec<Policy> {
    let groups = wanted.groups;
    let department = |number: usize| groups.departments.get(number).copied().unwrap_or(groups.pilot);
    vec![
        Policy {
            exclude: wanted.excluding(groups.mfa_exclusion),
            exclude_places: vec![Place::AllTrusted],
            places: vec![Place::All],
            ..Policy::named("MFA or managed device")
        }
        .asking(&[Control::Mfa, Control::CompliantDevice]),
        Policy {
            clients: LEGACY.to_vec(),
            state: State::ReportOnly,
            age_days: 700,
            ..Policy::named("Legacy authentication")
        }
        .asking(&[Control::Block]),
        Policy {
            exclude: vec![Who::User(0)],
            include: vec![Who::Role(GLOBAL_ADMIN), Who::Role(6), Who::Role(10)],
            clients: vec![Client::Browser],
            ..Policy::named("MFA for admins")
        }
        .asking(&[Control::Mfa]),
        Policy {
            include: vec![Who::Group(department(0))],
            platforms: vec![Platform::Windows, Platform::MacOs, Platform::Ios, Platform::Android],
            ..Policy::named("MFA on known platforms")
        }
        .asking(&[Control::Mfa]),
        Policy { include: vec![Who::Group(department(1))], ..Policy::named("MFA for one department") }
            .asking(&[Control::Mfa]),
        Policy { sign_in_risk: vec![Risk::High], user_risk: vec![Risk::High], ..Policy::named("Both risks at once") }
            .asking(&[Control::Mfa]),
        Policy { user_risk: vec![Risk::High], ..Policy::named("User risk, or just MFA") }
            .asking(&[Control::Mfa, Control::PasswordChange]),
        Policy { include: vec![Who::Group(groups.cycle_a)], ..Policy::named("Projects") }.asking(&[Control::Mfa]),
        Policy {
            include: vec![Who::DeletedGroup(guid(wanted.seed, IdOf::Group, 999_999))],
            ..Policy::named("Old project")
        }
        .asking(&[Control::Mfa]),
        Policy { state: State::Disabled, include: vec![Who::Guests], ..Policy::named("Guests (off)") }
            .asking(&[Control::Mfa]),
        Policy { persistent_browser: Some("always"), ..Policy::named("Stay signed in") },
    ]
}

/// What larger tenants add year by year; each kind comes round again for the next department.
fn filler(wanted: &Wanted<'_>, dice: &mut Dice, number: usize) -> Policy {
    let groups = wanted.groups;
    let at = number % groups.departments.len().max(1);
    let department = groups.departments.get(at).copied().unwrap_or(groups.pilot);
    let name = department_name(u8::try_from(at).unwrap_or(0));
    let app =
        wanted.apps.get(number % wanted.apps.len().max(1)).cloned().unwrap_or_else(|| AZURE_MANAGEMENT.to_owned());
    let site = Place::Named(FIRST_SITE + number % wanted.sites.max(1) as usize);
    let age_days = dice.between(5, 1500);
    let base = |title: &str| Policy {
        include: vec![Who::Group(department)],
        age_days,
        ..wanted.careful(&format!("CA{:03} {name}: {title}", 100 + number))
    };
    let number_of_kinds = 18;
    match (number / groups.departments.len().max(1) * 5 + number) % number_of_kinds {
        0 => Policy { target: apps(&[App::Id(app)]), ..base("MFA for an app") }.asking(&[Control::Mfa]),
        1 => Policy {
            platforms: vec![Platform::Windows, Platform::MacOs],
            target: apps(&[App::Office365]),
            ..base("managed computers for Office")
        }
        .asking(&[Control::CompliantDevice, Control::DomainJoinedDevice]),
        2 => Policy {
            include: vec![Who::Group(department)],
            places: vec![Place::All],
            exclude_places: vec![Place::Named(HOME_COUNTRIES), Place::Named(HEADQUARTERS)],
            ..base("only from home countries")
        }
        .asking(&[Control::Block]),
        3 => Policy {
            platforms: vec![Platform::Android, Platform::Ios],
            clients: vec![Client::Modern],
            ..base("protected apps on phones")
        }
        .asking(&[Control::CompliantApp]),
        4 => Policy { state: State::Disabled, ..base("old rule") }.asking(&[Control::Mfa]),
        5 => Policy { state: State::ReportOnly, ..base("passkeys (trial)") }.asking(&[Control::Strength(2)]),
        6 => Policy { target: Target::AuthenticationContext("c1"), ..base("step up for contracts") }
            .asking(&[Control::Strength(2)]),
        7 => Policy {
            places: vec![Place::All],
            exclude_places: vec![site, Place::Named(GUEST_WIFI)],
            ..base("MFA outside the site")
        }
        .asking(&[Control::Mfa]),
        8 => Policy { places: vec![site, Place::Named(BRANCH)], ..base("passkeys inside the site") }
            .asking(&[Control::Strength(1)]),
        9 => Policy { device: Some((0, false)), ..base("MFA unless domain joined") }.asking(&[Control::Mfa]),
        10 => Policy {
            target: Target::AppFilter("CustomSecurityAttribute.Data_Class -contains \"secret\""),
            ..base("classified apps")
        }
        .asking(&[Control::Mfa]),
        11 => Policy {
            target: Target::Apps { include: vec![App::All], exclude: vec![App::Id(app)] },
            ..base("MFA except for an app")
        }
        .asking(&[Control::Mfa]),
        12 => Policy { places: vec![Place::Named(HOME_COUNTRIES)], ..base("MFA at home") }.asking(&[Control::Mfa]),
        13 => Policy { frequency: Some(Frequency::Hours(dice.between(1, 48))), ..base("sign in again") },
        14 => Policy {
            include: vec![Who::Group(groups.all_departments)],
            target: apps(&[App::AdminPortals]),
            ..base("MFA for the portals")
        }
        .asking(&[Control::Mfa]),
        15 => Policy { platforms: vec![Platform::Linux, Platform::Unknown], ..base("no unknown platforms") }
            .asking(&[Control::Block]),
        16 => Policy {
            device: Some((2, true)),
            target: apps(&[App::Office365]),
            ..base("long sessions on managed devices")
        },
        _ => Policy { flows: vec![Flow::DeviceCode], ..base("no device code") }.asking(&[Control::Block]),
    }
}

/// The worst case: policies that each cover a part of the sign-ins of people whom nothing else connects.
fn unrelated(wanted: &Wanted<'_>) -> Vec<Policy> {
    let mut list = vec![
        Policy { clients: LEGACY.to_vec(), ..wanted.careful("Block legacy authentication") }.asking(&[Control::Block]),
    ];
    for (number, group) in wanted.groups.unrelated.iter().enumerate() {
        let base =
            Policy { include: vec![Who::Group(*group)], ..wanted.careful(&format!("Initiative {:03}", number + 1)) };
        list.push(match number % 6 {
            0 => Policy { places: vec![Place::All], exclude_places: vec![Place::AllTrusted], ..base }
                .asking(&[Control::Mfa]),
            1 => Policy { places: vec![Place::AllTrusted], ..base }.asking(&[Control::Mfa]),
            2 => Policy {
                platforms: vec![
                    Platform::Windows,
                    Platform::MacOs,
                    Platform::Linux,
                    Platform::Unknown,
                    Platform::WindowsPhone,
                ],
                ..base
            }
            .asking(&[Control::Mfa]),
            3 => Policy { platforms: vec![Platform::Android, Platform::Ios], ..base }.asking(&[Control::Strength(0)]),
            4 => Policy { clients: vec![Client::Browser], ..base }.asking(&[Control::Mfa]),
            _ => Policy { places: vec![Place::Named(HOME_COUNTRIES), Place::Named(HEADQUARTERS)], ..base }
                .asking(&[Control::Mfa]),
        });
    }
    list
}
