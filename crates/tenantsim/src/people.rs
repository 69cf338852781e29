//! The people, and the accounts that are nobody.

use crate::dice::{Dice, mix};
use crate::options::Posture;

/// What kind of account a user object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Member,
    Admin,
    BreakGlass,
    SharedMailbox,
    SyncAccount,
    ServiceAccount,
    AgentUser,
    B2bGuest,
    InternalGuest,
    B2bMember,
}

impl Kind {
    /// `userType` is `Guest`.
    pub fn is_guest(self) -> bool {
        matches!(self, Self::B2bGuest | Self::InternalGuest)
    }

    /// Comes from another directory.
    pub fn is_external(self) -> bool {
        matches!(self, Self::B2bGuest | Self::B2bMember)
    }
}

/// When an account was last used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seen {
    Never,
    /// A sign-in that succeeded, so many hours before the export.
    Succeeded(u32),
    /// Only attempts are known, the last so many hours before the export; none has succeeded since that is recorded.
    Attempted(u32),
}

impl Seen {
    /// The hours since somebody was last seen, if only trying.
    pub fn hours(self) -> Option<u32> {
        match self {
            Self::Never => None,
            Self::Succeeded(hours) | Self::Attempted(hours) => Some(hours),
        }
    }
}

/// One user object; names and ids follow from its number.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Person {
    pub kind: Kind,
    pub enabled: bool,
    pub department: u8,
    pub created_hours: u32,
    pub seen: Seen,
    /// An index into [`METHOD_SETS`].
    pub methods: u8,
    pub licensed: bool,
    pub synced: bool,
    pub pending: bool,
    pub hired_later: bool,
    pub user_type_null: bool,
    pub per_user_mfa: PerUserMfa,
}

/// The state of the old per-user MFA.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PerUserMfa {
    Disabled,
    Enabled,
    Enforced,
}

/// What a set of registered methods is good for.
pub(crate) struct MethodSet {
    pub methods: &'static [&'static str],
    /// A second factor is among them.
    pub mfa: bool,
    /// A second factor other than a text message is among them.
    pub mfa_without_sms: bool,
    pub passwordless: bool,
    pub preferred: &'static str,
}

const fn methods(methods: &'static [&'static str], flags: [bool; 3], preferred: &'static str) -> MethodSet {
    let [mfa, mfa_without_sms, passwordless] = flags;
    MethodSet { methods, mfa, mfa_without_sms, passwordless, preferred }
}

/// The sets of methods that people have; `hologramScan` stands for what Graph may say one day.
pub(crate) const METHOD_SETS: &[MethodSet] = &[
    methods(&[], [false, false, false], ""),
    methods(&["microsoftAuthenticatorPush", "softwareOneTimePasscode"], [true, true, false], "push"),
    methods(&["mobilePhone"], [true, false, false], "sms"),
    methods(&["mobilePhone", "microsoftAuthenticatorPush"], [true, true, false], "push"),
    methods(&["windowsHelloForBusiness", "microsoftAuthenticatorPush"], [true, true, true], "push"),
    methods(&["fido2SecurityKey"], [true, true, true], "none"),
    methods(&["passKeyDeviceBoundAuthenticator", "microsoftAuthenticatorPush"], [true, true, true], "push"),
    methods(&["email"], [false, false, false], ""),
    methods(&["hologramScan", "mobilePhone"], [true, false, false], "sms"),
    methods(&["microsoftAuthenticatorPasswordless", "mobilePhone"], [true, true, true], "push"),
];

/// No method at all.
pub(crate) const NO_METHOD: u8 = 0;
/// A FIDO2 key alone, as break-glass accounts have.
pub(crate) const SECURITY_KEY: u8 = 5;

/// The registration report lags: it doesn't know accounts younger than this.
pub(crate) const REPORT_LAG_HOURS: u32 = 24;

impl Person {
    pub fn method_set(&self) -> &'static MethodSet {
        METHOD_SETS.get(usize::from(self.methods)).unwrap_or(&METHOD_SETS[0])
    }

    /// The registration report has a row for the account.
    pub fn is_reported(&self) -> bool {
        self.enabled && self.created_hours >= REPORT_LAG_HOURS && self.kind != Kind::AgentUser
    }

    /// No successful sign-in within 90 days, and older than 30 days.
    pub fn is_stale(&self) -> bool {
        let used = matches!(self.seen, Seen::Succeeded(hours) if hours < 90 * 24);
        self.created_hours >= 30 * 24 && !used
    }
}

/// How many accounts of each special kind a tenant has.
fn specials(users: u32, posture: Posture, hybrid: bool) -> Vec<Kind> {
    let mut kinds = vec![Kind::Admin];
    let break_glass = if posture == Posture::Weak { 0 } else { 2 };
    kinds.extend(std::iter::repeat_n(Kind::BreakGlass, break_glass));
    let admins = (5 + users / 120).min(60) as usize;
    kinds.extend(std::iter::repeat_n(Kind::Admin, admins));
    if hybrid {
        kinds.push(Kind::SyncAccount);
    }
    kinds.extend(std::iter::repeat_n(Kind::ServiceAccount, (1 + users / 400).min(30) as usize));
    kinds.extend(std::iter::repeat_n(Kind::AgentUser, (users / 150).min(25) as usize));
    // Even a tiny tenant has ordinary people.
    kinds.truncate((users as usize).div_ceil(2));
    kinds
}

/// Invents everybody.
pub(crate) fn people(users: u32, seed: u64, posture: Posture, hybrid: bool, departments: u8) -> Vec<Person> {
    let mut dice = Dice::new(seed, 1);
    let special = specials(users, posture, hybrid);
    (0..users)
        .map(|index| match special.get(index as usize) {
            Some(kind) => special_account(&mut dice, *kind, posture, departments),
            None => ordinary_account(&mut dice, posture, hybrid, departments),
        })
        .collect()
}

fn special_account(dice: &mut Dice, kind: Kind, posture: Posture, departments: u8) -> Person {
    let age = dice.between(200, 2400) * 24;
    let recent = Seen::Succeeded(dice.between(2, 20 * 24));
    let stale_admin = posture == Posture::Weak && dice.chance(250) || posture == Posture::Average && dice.chance(80);
    let (seen, methods) = match kind {
        Kind::BreakGlass => (Seen::Succeeded(dice.between(10 * 24, 80 * 24)), SECURITY_KEY),
        Kind::SyncAccount | Kind::ServiceAccount => (Seen::Succeeded(dice.between(1, 12)), NO_METHOD),
        Kind::AgentUser => (Seen::Never, NO_METHOD),
        _ if stale_admin => (Seen::Succeeded(dice.between(100 * 24, 190 * 24)), draw_methods(dice, posture)),
        _ => (recent, draw_methods(dice, if posture == Posture::Strong { Posture::Strong } else { Posture::Average })),
    };
    Person {
        kind,
        enabled: true,
        department: u8::try_from(dice.below(u32::from(departments))).unwrap_or(0),
        created_hours: age,
        seen,
        methods,
        licensed: kind == Kind::Admin && posture == Posture::Weak,
        synced: kind == Kind::Admin && posture == Posture::Weak && dice.chance(400),
        pending: false,
        hired_later: false,
        user_type_null: false,
        per_user_mfa: PerUserMfa::Disabled,
    }
}

fn ordinary_account(dice: &mut Dice, posture: Posture, hybrid: bool, departments: u8) -> Person {
    let kind = match dice.below(1000) {
        0..120 => Kind::B2bGuest,
        120..126 => Kind::InternalGuest,
        126..131 => Kind::B2bMember,
        131..160 => Kind::SharedMailbox,
        _ => Kind::Member,
    };
    let enabled = !dice.chance(if kind == Kind::Member { 70 } else { 20 });
    let created_hours = match dice.below(1000) {
        0..4 => dice.between(1, REPORT_LAG_HOURS - 2),
        4..24 => dice.between(REPORT_LAG_HOURS + 1, 29 * 24),
        _ => dice.between(31, 2500) * 24 + dice.below(24),
    };
    let methods = if kind == Kind::SharedMailbox { NO_METHOD } else { draw_methods(dice, posture) };
    let per_user_mfa = match (posture, dice.below(100)) {
        (Posture::Weak, 0..8) | (Posture::Average, 0..3) if kind == Kind::Member => PerUserMfa::Enforced,
        (Posture::Weak, 8..12) | (Posture::Average, 3..5) if kind == Kind::Member => PerUserMfa::Enabled,
        _ => PerUserMfa::Disabled,
    };
    Person {
        kind,
        enabled,
        department: u8::try_from(dice.below(u32::from(departments))).unwrap_or(0),
        created_hours,
        seen: draw_seen(dice, posture, kind, created_hours),
        methods,
        licensed: matches!(kind, Kind::Member) && !dice.chance(30),
        synced: hybrid && kind == Kind::Member && !dice.chance(50),
        pending: kind == Kind::B2bGuest && dice.chance(80),
        hired_later: kind == Kind::Member && created_hours < 29 * 24 && dice.chance(300),
        user_type_null: kind == Kind::Member && created_hours > 2400 * 24 && dice.chance(20),
        per_user_mfa,
    }
}

fn draw_seen(dice: &mut Dice, posture: Posture, kind: Kind, created_hours: u32) -> Seen {
    let stale = match posture {
        Posture::Strong => 25,
        Posture::Average => 70,
        Posture::Weak => 160,
    };
    let stale = if kind.is_guest() { stale * 3 } else { stale };
    let hours = if kind == Kind::SharedMailbox || dice.chance(12) {
        return Seen::Never;
    } else if dice.chance(stale) {
        // Never between 89 and 91 days: nobody should have to argue about the edge.
        dice.between(91, 700) * 24
    } else {
        dice.between(1, 60 * 24)
    };
    if hours >= created_hours {
        Seen::Succeeded(created_hours.div_ceil(2))
    } else if hours > 91 * 24 && dice.chance(100) {
        // Somebody tries, mostly of late.
        Seen::Attempted(hours % (100 * 24) + 25)
    } else {
        Seen::Succeeded(hours)
    }
}

fn draw_methods(dice: &mut Dice, posture: Posture) -> u8 {
    let registered = match posture {
        Posture::Strong => 975,
        Posture::Average => 810,
        Posture::Weak => 580,
    };
    if !dice.chance(registered) {
        return if dice.chance(250) { 7 } else { NO_METHOD };
    }
    let strong = match posture {
        Posture::Strong => 550,
        Posture::Average => 180,
        Posture::Weak => 40,
    };
    let set: &[u8] = if dice.chance(strong) { &[4, 5, 6] } else { &[1, 1, 1, 2, 3, 3, 8, 9] };
    dice.pick(set).copied().unwrap_or(1)
}

const FIRST: &[&str] = &[
    "Ada", "Bela", "Carla", "Dario", "Elif", "Finn", "Greta", "Hugo", "Ines", "Jonas", "Kaia", "Lars", "Mila", "Nils",
    "Olga", "Pavel", "Quinn", "Rosa", "Stefan", "Tara", "Ulf", "Vera", "Wanda", "Xaver", "Yara", "Zoe", "Amira",
    "Bruno", "Chen", "Dewi", "Emil", "Farah", "Goran", "Hana", "Igor", "Jana", "Kofi", "Leila", "Marek", "Noor",
];
const LAST: &[&str] = &[
    "Abbott", "Becker", "Costa", "Dorn", "Eriksen", "Falk", "Gruber", "Hoff", "Ivers", "Jansen", "Keller", "Lund",
    "Moos", "Nilsson", "Okoro", "Pfister", "Quist", "Roth", "Sommer", "Thorn", "Ungar", "Vogt", "Wirth", "Yilmaz",
    "Zeman", "Aydin", "Baum", "Crane", "Dahl", "Engel", "Fisk", "Gomez", "Haddad", "Ito", "Kaya", "Lindt", "Marlow",
    "Novak", "Orban", "Perez", "Rossi", "Singh", "Tanaka", "Urban", "Vargas", "Weiss",
];

/// First and last name of the user with that number.
pub(crate) fn name_of(seed: u64, index: u32) -> (&'static str, &'static str) {
    let mixed = mix(seed.rotate_left(17) ^ u64::from(index));
    let at = |list: &'static [&'static str], number: u64| {
        usize::try_from(number).ok().and_then(|number| list.get(number % list.len())).copied().unwrap_or("Ada")
    };
    (at(FIRST, mixed & 0xffff), at(LAST, (mixed >> 16) & 0xffff))
}
