//! Applications, service principals and what they may do.

use crate::dice::Dice;
use crate::options::Posture;

/// A secret or certificate; days count from the export's instant.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Credential {
    pub is_secret: bool,
    pub start_day: i32,
    /// `None` is the last day of 2299.
    pub end_day: Option<i32>,
}

impl Credential {
    /// Days from start to end; a credential to 2299 lasts longer than any limit.
    pub fn lifetime(&self) -> i32 {
        self.end_day.map_or(i32::MAX, |end| end - self.start_day)
    }

    /// Still valid, and valid for longer than half a year (secret) or a year (certificate).
    pub fn is_too_long(&self) -> bool {
        self.is_valid() && self.lifetime() > if self.is_secret { 180 } else { 365 }
    }

    /// Not expired.
    pub fn is_valid(&self) -> bool {
        self.end_day.is_none_or(|end| end > 0)
    }
}

/// Where a service principal's application lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Home {
    Ours,
    Foreign,
    ManagedIdentity,
}

/// One application with its service principal.
#[derive(Debug, Clone)]
pub(crate) struct Software {
    pub name: String,
    pub home: Home,
    pub credentials: Vec<Credential>,
    /// Names of application permissions of Microsoft Graph.
    pub permissions: Vec<&'static str>,
    /// Delegated permissions granted for everybody.
    pub delegated: Option<&'static str>,
    pub owners: Vec<u32>,
    pub verified: bool,
    /// Declared in `idscore.toml`.
    pub approved: bool,
}

/// Application permissions of Microsoft Graph: name, id, and whether its holder can become any administrator.
pub(crate) const PERMISSIONS: &[(&str, &str, bool)] = &[
    ("User.Read.All", "df021288-bdef-4463-88db-98f22de89214", false),
    ("AuditLog.Read.All", "b0afded3-3588-46d8-8b3d-9842eff778da", false),
    ("Mail.Send", "b633e1c5-b582-4048-a93e-9f11b44c7e96", false),
    ("Files.ReadWrite.All", "75359482-378d-4052-8f01-80520e7db3cd", false),
    ("RoleManagement.ReadWrite.Directory", "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8", true),
    ("Application.ReadWrite.All", "1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9", true),
    ("Directory.ReadWrite.All", "19dbc75e-c2e2-444c-a770-ec69d8559fc7", true),
    ("Policy.ReadWrite.ConditionalAccess", "01c0a623-fc9b-48e9-b794-0756f8e8f067", true),
];

impl Software {
    /// Holds a permission with which it can become any administrator.
    pub fn is_tier0(&self) -> bool {
        self.permissions.iter().any(|held| PERMISSIONS.iter().any(|(name, _, tier0)| name == held && *tier0))
    }
}

const NAMES: &[&str] = &[
    "Payroll",
    "Timesheets",
    "Label printer",
    "Fleet map",
    "Order desk",
    "Canteen menu",
    "Visitor badges",
    "Price list",
    "Ticket bridge",
    "Report mailer",
    "Shift planner",
    "Archive",
    "Survey",
    "Room signs",
    "Quality log",
    "Backup",
];

/// Invents the applications; the first is always the backup that reads the directory.
pub(crate) fn software(seed: u64, users: u32, posture: Posture, admins: &[u32], members: &[u32]) -> Vec<Software> {
    let mut dice = Dice::new(seed, 5);
    let count = 4 + (users / 60).min(2500);
    (0..count)
        .map(|number| {
            let name = NAMES.get(number as usize % NAMES.len()).copied().unwrap_or("Payroll");
            let round = number as usize / NAMES.len();
            let home = match number {
                0 | 1 => Home::Ours,
                2 => Home::Foreign,
                3 => Home::ManagedIdentity,
                _ if dice.chance(250) => Home::Foreign,
                _ => Home::Ours,
            };
            let credentials =
                if home == Home::Ours { draw_credentials(&mut dice, posture, number) } else { Vec::new() };
            Software {
                name: if round == 0 { name.to_owned() } else { format!("{name} {}", round + 1) },
                home,
                credentials,
                permissions: draw_permissions(&mut dice, posture, number, home),
                delegated: (home == Home::Foreign).then(|| {
                    if posture == Posture::Weak {
                        " Mail.ReadWrite Files.ReadWrite.All offline_access"
                    } else {
                        "User.Read openid profile"
                    }
                }),
                owners: draw_owners(&mut dice, home, number, admins, members),
                verified: home == Home::Foreign && dice.chance(600),
                approved: number == 0,
            }
        })
        .collect()
}

fn draw_credentials(dice: &mut Dice, posture: Posture, number: u32) -> Vec<Credential> {
    let short_secret = |dice: &mut Dice| {
        let start = -i32::try_from(dice.below(150)).unwrap_or(0);
        Credential { is_secret: true, start_day: start, end_day: Some(start + 170) }
    };
    let certificate = |dice: &mut Dice, days: i32| {
        let start = -i32::try_from(dice.below(300)).unwrap_or(0);
        Credential { is_secret: false, start_day: start, end_day: Some(start + days) }
    };
    if number == 0 {
        return vec![certificate(dice, 360)];
    }
    let long = match posture {
        Posture::Strong => 100,
        Posture::Average => 400,
        Posture::Weak => 800,
    };
    let mut list = Vec::new();
    if dice.chance(long) {
        list.push(match dice.below(4) {
            0 => Credential { is_secret: true, start_day: -1500, end_day: None },
            1 => Credential { is_secret: true, start_day: -400, end_day: Some(331) },
            2 => certificate(dice, 1095),
            _ => Credential { is_secret: true, start_day: -100, end_day: Some(265) },
        });
    } else if dice.chance(700) {
        list.push(short_secret(dice));
    }
    if dice.chance(200) {
        list.push(Credential { is_secret: true, start_day: -900, end_day: Some(-170) });
    }
    list
}

fn draw_permissions(dice: &mut Dice, posture: Posture, number: u32, home: Home) -> Vec<&'static str> {
    if number == 0 {
        return vec!["Directory.ReadWrite.All"];
    }
    let tier0 = match posture {
        Posture::Strong => 0,
        Posture::Average => 30,
        Posture::Weak => 120,
    };
    let place = if number == 1 && posture != Posture::Strong || home != Home::ManagedIdentity && dice.chance(tier0) {
        4 + dice.below(4)
    } else if dice.chance(500) {
        dice.below(4)
    } else {
        return Vec::new();
    };
    PERMISSIONS.get(place as usize).map(|(name, ..)| *name).into_iter().collect()
}

fn draw_owners(dice: &mut Dice, home: Home, number: u32, admins: &[u32], members: &[u32]) -> Vec<u32> {
    if home != Home::Ours || number == 0 {
        return Vec::new();
    }
    let from = if dice.chance(300) { admins } else { members };
    dice.pick(from).copied().into_iter().collect()
}
