//! The groups: departments, exclusions, nests and cycles.

use crate::dice::{Dice, IdOf, guid, mix};
use crate::options::Posture;
use crate::people::{Kind, Person};

/// A set of users by number.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bits(Vec<u64>);

impl Bits {
    pub fn insert(&mut self, index: u32) {
        let word = index as usize / 64;
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        if let Some(word) = self.0.get_mut(word) {
            *word |= 1 << (index % 64);
        }
    }

    pub fn contains(&self, index: u32) -> bool {
        self.0.get(index as usize / 64).is_some_and(|word| word >> (index % 64) & 1 == 1)
    }
}

/// One group.
#[derive(Debug, Clone, Default)]
pub(crate) struct Group {
    pub id: String,
    pub name: String,
    pub users: Vec<u32>,
    pub groups: Vec<usize>,
    /// Other members: a type and an id.
    pub others: Vec<(&'static str, String)>,
    pub role_assignable: bool,
    pub unified: bool,
    pub visibility: Option<&'static str>,
    pub rule: Option<String>,
}

impl Group {
    /// A Microsoft 365 group that anybody may read and join.
    pub fn is_public(&self) -> bool {
        self.unified && self.visibility == Some("Public")
    }

    /// Declared in `idscore.toml` as meant to be public.
    pub fn is_approved(&self) -> bool {
        self.is_public() && self.name == "Everybody"
    }
}

/// All groups, and the ones that play a part.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    pub list: Vec<Group>,
    pub departments: Vec<usize>,
    pub all_departments: usize,
    pub cycle_a: usize,
    pub cycle_b: usize,
    pub break_glass: usize,
    pub mfa_exclusion: usize,
    pub legacy_exclusion: usize,
    pub pilot: usize,
    pub role_holders: usize,
    /// The groups of the worst case, one for each of its policies.
    pub unrelated: Vec<usize>,
}

impl Groups {
    /// All users in a group, nests and cycles followed.
    pub fn users_of(&self, group: usize) -> Bits {
        let mut users = Bits::default();
        let mut seen = vec![false; self.list.len()];
        let mut open = vec![group];
        while let Some(next) = open.pop() {
            let (Some(seen), Some(group)) = (seen.get_mut(next), self.list.get(next)) else { continue };
            if std::mem::replace(seen, true) {
                continue;
            }
            group.users.iter().for_each(|user| users.insert(*user));
            open.extend(&group.groups);
        }
        users
    }

    /// The group and everything nested in it.
    pub fn reachable(&self, group: usize, found: &mut std::collections::BTreeSet<usize>) {
        if found.insert(group) {
            for nested in self.list.get(group).map(|group| group.groups.as_slice()).unwrap_or_default() {
                self.reachable(*nested, found);
            }
        }
    }

    fn add(&mut self, seed: u64, group: Group) -> usize {
        let index = self.list.len();
        self.list.push(Group { id: guid(seed, IdOf::Group, index as u64), ..group });
        index
    }
}

const DEPARTMENTS: &[&str] = &[
    "Finance",
    "Sales",
    "Production",
    "Logistics",
    "Human Resources",
    "Research",
    "Service",
    "Purchasing",
    "Legal",
    "Marketing",
    "Quality",
    "IT",
];
const SITES: &[&str] = &["Berlin", "Lyon", "Turin", "Gdansk", "Porto"];

/// The name of a department.
pub(crate) fn department_name(department: u8) -> String {
    let number = usize::from(department);
    let name = DEPARTMENTS.get(number % DEPARTMENTS.len()).copied().unwrap_or("Finance");
    match SITES.get(number / DEPARTMENTS.len()) {
        Some(site) if number >= DEPARTMENTS.len() => format!("{name} {site}"),
        _ => name.to_owned(),
    }
}

/// What the groups depend on.
pub(crate) struct Wanted<'a> {
    pub people: &'a [Person],
    pub seed: u64,
    pub posture: Posture,
    pub departments: u8,
    /// Users with unrelated groups, and how many such groups there are.
    pub unrelated: Option<(u32, u32)>,
}

/// Invents the groups that play a part.
pub(crate) fn groups(wanted: &Wanted<'_>) -> Groups {
    let Wanted { people, seed, posture, departments, unrelated } = *wanted;
    let mut dice = Dice::new(seed, 2);
    let mut groups = Groups::default();
    let numbers = |filter: &dyn Fn(&Person) -> bool| -> Vec<u32> {
        (0u32..).zip(people).filter(|(_, person)| filter(person)).map(|(index, _)| index).collect()
    };
    let named = |name: &str| Group { name: name.to_owned(), ..Group::default() };

    let mut by_department = vec![Vec::new(); usize::from(departments)];
    for (index, person) in (0u32..).zip(people) {
        if matches!(person.kind, Kind::Member | Kind::B2bMember)
            && let Some(members) = by_department.get_mut(usize::from(person.department))
        {
            members.push(index);
        }
    }
    for (number, users) in (0u8..).zip(by_department) {
        let name = department_name(number);
        let rule = Some(format!("(user.department -eq \"{name}\")"));
        groups.departments.push(groups.list.len());
        groups.add(seed, Group { users, rule, ..named(&format!("DEP {name}")) });
    }
    let nested = groups.departments.iter().copied().step_by(2).collect();
    groups.all_departments = groups.add(seed, Group { groups: nested, ..named("Office departments") });

    let some = |dice: &mut Dice, per_mille: u32| -> Vec<u32> {
        (0u32..)
            .zip(people)
            .filter(|(_, person)| person.kind == Kind::Member && dice.chance(per_mille))
            .map(|(index, _)| index)
            .collect()
    };
    let printer = ("#microsoft.graph.device", guid(seed, IdOf::Other, 1));
    groups.cycle_a = groups.add(seed, Group { users: some(&mut dice, 15), ..named("Project Alder") });
    groups.cycle_b = groups.add(
        seed,
        Group {
            users: some(&mut dice, 15),
            groups: vec![groups.cycle_a],
            others: vec![printer],
            ..named("Project Birch")
        },
    );
    let (cycle_a, cycle_b) = (groups.cycle_a, groups.cycle_b);
    if let Some(group) = groups.list.get_mut(cycle_a) {
        group.groups.push(cycle_b);
    }

    let break_glass = numbers(&|person| person.kind == Kind::BreakGlass);
    groups.break_glass = groups.add(seed, Group { users: break_glass, ..named("CA-Exclude-BreakGlass") });
    let excluded = match posture {
        Posture::Strong => 6,
        Posture::Average => 45,
        Posture::Weak => 170,
    };
    groups.mfa_exclusion =
        groups.add(seed, Group { users: some(&mut dice, excluded), groups: vec![cycle_b], ..named("CA-Exclude-MFA") });
    let software = numbers(&|person| matches!(person.kind, Kind::ServiceAccount));
    groups.legacy_exclusion = groups.add(seed, Group { users: software, ..named("CA-Exclude-Legacy") });
    groups.pilot = groups.add(seed, Group { users: some(&mut dice, 60), ..named("Passkey pilot") });
    let holders = numbers(&|person| person.kind == Kind::Admin).into_iter().skip(3).take(2).collect();
    groups.role_holders = groups.add(seed, Group { users: holders, role_assignable: true, ..named("Role: Helpdesk") });

    if let Some((signatures, count)) = unrelated {
        add_unrelated(&mut groups, wanted, signatures, count);
    }
    for (number, (name, visibility)) in [
        ("Everybody", "Public"),
        ("Canteen", "Public"),
        ("Board", "Private"),
        ("Works council", "HiddenMembership"),
        ("Running club", if posture == Posture::Weak { "Public" } else { "Private" }),
    ]
    .into_iter()
    .enumerate()
    {
        let users = if number == 2 { numbers(&|person| person.kind == Kind::Admin) } else { Vec::new() };
        groups.add(seed, Group { users, unified: true, visibility: Some(visibility), ..named(name) });
    }
    groups
}

/// Each signature is a handful of groups that nobody else combines; few enough members that a million users fit on a disk.
fn add_unrelated(groups: &mut Groups, wanted: &Wanted<'_>, signatures: u32, count: u32) {
    const GROUPS_PER_USER: u64 = 6;
    let mut users: Vec<Vec<u32>> = vec![Vec::new(); count as usize];
    for (index, person) in (0u32..).zip(wanted.people) {
        if person.kind != Kind::Member {
            continue;
        }
        let signature = u64::from(index % signatures.max(1));
        for draw in 0..GROUPS_PER_USER {
            let mixed = mix(mix(wanted.seed ^ (signature << 8)) ^ draw);
            let group = (mixed % u64::from(count.max(1))).try_into().unwrap_or(0usize);
            if let Some(members) = users.get_mut(group)
                && members.last() != Some(&index)
            {
                members.push(index);
            }
        }
    }
    for (number, users) in users.into_iter().enumerate() {
        let index =
            groups.add(wanted.seed, Group { users, name: format!("Initiative {:03}", number + 1), ..Group::default() });
        groups.unrelated.push(index);
    }
}
