//! A policy as boxes. The *sure* boxes hold what the policy applies to whatever the unknown facts are, the *possible*
//! boxes what it may apply to.

use crate::layout::Cube;
use crate::location::{Found, Kind, MFA_TRUSTED_IPS};
use crate::policy::{DeviceFilter, Policy, Sides, State};
use crate::resource::{AZURE_MANAGEMENT, AppWord, Suite, is_known_action};
use crate::space::{
    CLIENT, COMPLIANT_NETWORK, COUNTRY, Client, DEVICE, FLOW, GPS, INSIDER_RISK, IP, MFA_TRUSTED, PLATFORM, RESOURCE,
    SIGN_IN_RISK, Space, USER_RISK, is_all_trusted,
};
use crate::{AppExclusions, BaselineScopes, Flow, InsiderRisk, Platform, Risk, Settings};

/// The boxes of one policy.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Boxes {
    pub(crate) sure: Vec<Cube>,
    pub(crate) possible: Vec<Cube>,
}

/// Two bounds of a set of atoms.
struct Part {
    sure: Vec<bool>,
    possible: Vec<bool>,
}

/// The boxes of a policy within a region, and what of it can't be interpreted.
pub(crate) fn boxes(policy: &Policy, space: &Space<'_>, region: &[u64], settings: &Settings) -> (Boxes, Vec<String>) {
    let mut reasons: Vec<String> =
        policy.unknown_conditions.iter().map(|name| format!("the condition `{name}` can't be interpreted")).collect();
    if policy.state == State::Unknown {
        reasons.push("its state can't be interpreted".to_owned());
    }
    let narrowed = !reasons.is_empty();

    let mut sure = region.to_vec();
    let mut possible = region.to_vec();
    let mut apply = |dimension: usize, part: Part| {
        for (cube, set) in [(&mut sure, &part.sure), (&mut possible, &part.possible)] {
            let before = space.layout.atoms(cube, dimension);
            space.layout.fill(cube, dimension, |atom| set[atom] && before.contains(&atom));
        }
    };
    apply(RESOURCE, resources(policy, space, settings, &mut reasons));
    apply(CLIENT, clients(policy, &mut reasons));
    apply(PLATFORM, platforms(&policy.platforms, &mut reasons));
    let none = |word: &str| Err::<Risk, _>(word.to_owned());
    let risk = |word: &str| Risk::from_word(word).map_or_else(|| none(word), Ok);
    apply(SIGN_IN_RISK, listed(&policy.sign_in_risk, Risk::ALL, risk, &mut reasons));
    apply(USER_RISK, listed(&policy.user_risk, Risk::ALL, risk, &mut reasons));
    let insider = |word: &str| InsiderRisk::from_word(word).ok_or_else(|| word.to_owned());
    apply(INSIDER_RISK, listed(&policy.insider_risk, InsiderRisk::ALL, insider, &mut reasons));
    let flow = |word: &str| Flow::from_word(word).ok_or_else(|| word.to_owned());
    apply(FLOW, listed(&policy.flows, Flow::ALL, flow, &mut reasons));
    let hold = |cube: &mut Cube, device: &DeviceFilter| {
        if let Some(at) = space.devices.iter().position(|rule| *rule == device.rule) {
            let before = space.layout.atoms(cube, DEVICE + at);
            space.layout.fill(cube, DEVICE + at, |atom| (atom == 1) == device.matching && before.contains(&atom));
        }
    };
    for device in &policy.devices {
        hold(&mut sure, device);
        hold(&mut possible, device);
    }

    let include = location_sets(space, &policy.locations, true, &mut reasons);
    let exclude = location_sets(space, &policy.locations, false, &mut reasons);
    let located = |cube: &Cube, include: &LocationSet, exclude: &LocationSet| -> Vec<Cube> {
        let boxes = located(space, cube, include, exclude);
        if policy.any_device.is_empty() {
            return boxes;
        }
        let mut found = Vec::new();
        for device in &policy.any_device {
            for mut cube in boxes.clone() {
                hold(&mut cube, device);
                found.push(cube);
            }
        }
        found.retain(|cube| space.layout.meet(cube, cube));
        found
    };
    let sure = if narrowed { Vec::new() } else { located(&sure, &include.for_sure, &exclude.for_sure) };
    let possible = located(&possible, &include.for_possible, &exclude.for_possible);
    (Boxes { sure, possible }, reasons)
}

fn exactly(set: Vec<bool>) -> Part {
    Part { sure: set.clone(), possible: set }
}

/// A condition that only lists words. None listed means no condition.
fn listed<T: PartialEq>(
    words: &[String],
    all: &[T],
    read: impl Fn(&str) -> Result<T, String>,
    reasons: &mut Vec<String>,
) -> Part {
    if words.is_empty() {
        return exactly(vec![true; all.len()]);
    }
    let mut sure = vec![false; all.len()];
    let mut unknown = false;
    for word in words {
        match read(word) {
            Ok(found) => all.iter().zip(&mut sure).filter(|(atom, _)| **atom == found).for_each(|(_, set)| *set = true),
            Err(word) => {
                unknown = true;
                reasons.push(not_interpreted(&word));
            }
        }
    }
    let possible = sure.iter().map(|set| *set || unknown).collect();
    Part { sure, possible }
}

fn clients(policy: &Policy, reasons: &mut Vec<String>) -> Part {
    reasons.extend(policy.unknown_client_apps.clone());
    let open = policy.unknown_client_apps.is_some();
    let mut part = Part { sure: vec![false; Client::ALL.len()], possible: vec![open; Client::ALL.len()] };
    for word in &policy.client_apps {
        let mut unknown = false;
        for (atom, client) in Client::ALL.iter().enumerate() {
            let meant = client.is_meant_by(word);
            part.sure[atom] |= meant == Some(true);
            part.possible[atom] |= meant != Some(false);
            unknown |= meant.is_none();
        }
        if unknown {
            reasons.push(not_interpreted(word));
        }
    }
    part
}

/// Why a word says nothing to us.
fn not_interpreted(word: &str) -> String {
    if word.is_empty() {
        "a blank value can't be interpreted".to_owned()
    } else {
        format!("`{word}` can't be interpreted")
    }
}

fn platforms(sides: &Sides, reasons: &mut Vec<String>) -> Part {
    // Ours is no word of Graph's.
    let platform = |word: &str| Platform::from_word(word).filter(|platform| *platform != Platform::Unknown);
    let mut side = |words: &[String], unknown: &Option<String>| {
        let whole = words.iter().any(|word| word.eq_ignore_ascii_case("all"));
        let mut sure = vec![whole; Platform::ALL.len()];
        let mut open = unknown.is_some();
        reasons.extend(unknown.clone());
        for word in words.iter().filter(|word| !word.eq_ignore_ascii_case("all")) {
            match platform(word) {
                Some(found) => {
                    Platform::ALL
                        .iter()
                        .zip(&mut sure)
                        .filter(|(atom, _)| **atom == found)
                        .for_each(|(_, set)| *set = true);
                }
                None => {
                    open = true;
                    reasons.push(format!("the platform `{word}` can't be interpreted"));
                }
            }
        }
        let possible: Vec<bool> = sure.iter().map(|set| *set || open).collect();
        Part { sure, possible }
    };
    let include = if sides.include.is_empty() && sides.unknown_include.is_none() {
        exactly(vec![true; Platform::ALL.len()])
    } else {
        side(&sides.include, &sides.unknown_include)
    };
    let exclude = side(&sides.exclude, &sides.unknown_exclude);
    minus(include, &exclude)
}

fn minus(include: Part, exclude: &Part) -> Part {
    let less = |of: Vec<bool>, less: &[bool]| of.iter().zip(less).map(|(of, less)| *of && !*less).collect();
    Part { sure: less(include.sure, &exclude.possible), possible: less(include.possible, &exclude.sure) }
}

/// Whether a profile forgives that an app is excluded.
pub(crate) fn forgives_exclusion(settings: &Settings, word: &str) -> bool {
    match settings.app_exclusions_allowed {
        AppExclusions::Any => true,
        AppExclusions::None => false,
        AppExclusions::Listed => match AppWord::of(word) {
            AppWord::Id(id) => {
                id != AZURE_MANAGEMENT
                    && Suite::ALL.iter().all(|suite| suite.holds(id) != Some(true))
                    && settings.allowed_app_exclusions.iter().any(|allowed| allowed.eq_ignore_ascii_case(id))
            }
            _ => false,
        },
    }
}

fn resources(policy: &Policy, space: &Space<'_>, settings: &Settings, reasons: &mut Vec<String>) -> Part {
    let apps = &policy.apps;
    let everything = apps.include.iter().any(|word| AppWord::of(word) == AppWord::All);
    let forgiving_all = everything && settings.app_exclusions_allowed == AppExclusions::Any;
    for reason in [&apps.unknown_include, &apps.unknown_exclude, &apps.unknown_actions].into_iter().flatten() {
        if !reasons.contains(reason) {
            reasons.push(reason.clone());
        }
    }
    let actions = Actions::of(policy, reasons);
    let mut unknown_words = |words: &[String]| {
        let unknown: Vec<&String> =
            words.iter().filter(|word| matches!(AppWord::of(word), AppWord::Unknown(_))).collect();
        reasons.extend(unknown.iter().map(|word| format!("the resource `{word}` can't be interpreted")));
        !unknown.is_empty()
    };
    let open_include = unknown_words(&apps.include) || apps.unknown_include.is_some();
    let open_exclude = (unknown_words(&apps.exclude) || apps.unknown_exclude.is_some()) && !forgiving_all;
    let unforgiven = |everything: bool| -> Vec<&String> {
        apps.exclude.iter().filter(|word| !(everything && forgives_exclusion(settings, word))).collect()
    };
    // What may include everything may also be forgiven what it excludes.
    let may_be_everything = everything || open_include;
    let (excluded, surely_excluded) = (unforgiven(everything), unforgiven(may_be_everything));
    let legacy = may_be_everything && !forgiving_all && settings.baseline_scopes == BaselineScopes::Legacy;
    let may_lose_baseline = legacy && (!apps.exclude.is_empty() || apps.unknown_exclude.is_some());
    let loses_baseline = legacy && everything && !apps.exclude.is_empty();

    let mut sure = Vec::new();
    let mut possible = Vec::new();
    for resource in &space.resources {
        use crate::resource::ResourceKind::{App, Context, UserAction};
        match &resource.kind {
            UserAction(action) => {
                let named = apps.user_actions.iter().any(|own| own.eq_ignore_ascii_case(action));
                sure.push(named);
                possible.push(named || actions.open);
                continue;
            }
            Context(context) => {
                let named = apps.contexts.contains(context);
                sure.push(named);
                possible.push(named);
                continue;
            }
            _ => {}
        }
        let named = apps.include.iter().any(|word| resource.matches(&AppWord::of(word)));
        let baseline = matches!(&resource.kind, App(id) if id == crate::resource::BASELINE);
        let among = |words: &[&String]| words.iter().any(|word| resource.matches(&AppWord::of(word)));
        let removed = among(&surely_excluded) || (loses_baseline && baseline);
        let may_be_removed = among(&excluded) || open_exclude || (may_lose_baseline && baseline);
        sure.push(named && actions.none == Some(true) && !removed && !may_be_removed);
        possible.push((named && actions.none != Some(false) || open_include || actions.words_open) && !removed);
    }
    Part { sure, possible }
}

/// The user actions of a policy.
struct Actions {
    /// Whether there are none. A policy with user actions has no app in scope.
    none: Option<bool>,
    /// Whether they may be any.
    open: bool,
    /// Whether a word among them may mean anything.
    words_open: bool,
}

impl Actions {
    fn of(policy: &Policy, reasons: &mut Vec<String>) -> Actions {
        let words = &policy.apps.user_actions;
        let lost = policy.apps.unknown_actions.is_some();
        let unknown: Vec<&String> = words.iter().filter(|word| !is_known_action(word)).collect();
        reasons.extend(unknown.iter().map(|word| not_interpreted(word)));
        let none = if words.len() > unknown.len() {
            Some(false)
        } else if unknown.is_empty() && !lost {
            Some(true)
        } else {
            None
        };
        Actions { none, open: lost || !unknown.is_empty(), words_open: !unknown.is_empty() }
    }
}

/// A union of cylinders: a location restricts one dimension only.
#[derive(Debug, Clone, Default)]
struct LocationSet {
    all: bool,
    ip: Vec<bool>,
    country: Vec<bool>,
    gps: Vec<bool>,
    mfa_trusted: bool,
    /// By the atoms of that dimension.
    compliant: [bool; 3],
}

/// The locations of one side, as the sure and as the possible boxes take them.
struct Located {
    for_sure: LocationSet,
    for_possible: LocationSet,
}

fn location_sets(space: &Space<'_>, sides: &Sides, including: bool, reasons: &mut Vec<String>) -> Located {
    let (words, unknown) =
        if including { (&sides.include, &sides.unknown_include) } else { (&sides.exclude, &sides.unknown_exclude) };
    let empty = || LocationSet {
        ip: vec![false; space.cells.len()],
        country: vec![false; space.countries.len()],
        gps: vec![false; space.gps_countries.len()],
        ..LocationSet::default()
    };
    let (mut sure, mut possible) = (empty(), empty());
    let mut all_trusted = false;
    if including && words.is_empty() && unknown.is_none() {
        sure.all = true;
        possible.all = true;
    }
    if let Some(reason) = unknown {
        possible.all = true;
        reasons.push(reason.clone());
    }
    for word in words {
        if word.eq_ignore_ascii_case("all") {
            sure.all = true;
            possible.all = true;
        } else if is_all_trusted(word) {
            all_trusted = true;
            for set in [&mut sure, &mut possible] {
                set.mfa_trusted = true;
            }
            for (index, location) in space.locations.list.iter().enumerate() {
                match location.trusted {
                    _ if matches!(location.kind, Kind::CompliantNetwork) => {}
                    Some(false) => {}
                    Some(true) => add(space, &mut sure, &mut possible, index),
                    None => {
                        add(space, &mut empty(), &mut possible, index);
                        reasons.push(format!("whether the location “{}” is trusted is not stated", location.name));
                    }
                }
            }
        } else if word == MFA_TRUSTED_IPS {
            possible.mfa_trusted = true;
            // Without the named locations that dimension means any trusted address.
            sure.mfa_trusted |= space.locations.known;
        } else {
            match space.locations.find(word) {
                Found::At(index) => {
                    add(space, &mut sure, &mut possible, index);
                    let location = &space.locations.list[index];
                    if matches!(location.kind, Kind::Unknown | Kind::Ip { complete: false, .. }) {
                        reasons.push(format!("the location “{}” can't be interpreted", location.name));
                    }
                }
                // It holds no address.
                Found::Deleted => {}
                Found::Unknown => {
                    possible.all = true;
                    reasons.push(format!("the location {word} is not known"));
                }
            }
        }
    }
    let (mut for_sure, mut for_possible) = if including { (sure, possible) } else { (possible, sure) };
    if all_trusted {
        // Both tenants that it may be are in the space, so that the sure boxes are exact in each of them. A sign-in of
        // which only one is real is never said to escape.
        for_sure.compliant[2] = true;
        let open = space.locations.compliant_network_trusted().is_none();
        for_possible.compliant[2] |= including || !open;
        for_possible.compliant[1] |= including && open;
    }
    Located { for_sure, for_possible }
}

fn add(space: &Space<'_>, sure: &mut LocationSet, possible: &mut LocationSet, index: usize) {
    for (set, is_sure) in [(sure, true), (possible, false)] {
        match &space.locations.list[index].kind {
            Kind::Ip { complete, .. } => {
                for (atom, within) in space.cells.iter().enumerate() {
                    set.ip[atom] |= within.contains(&index);
                }
                set.all |= !is_sure && !complete;
            }
            Kind::Country { gps, .. } => {
                let (atoms, bits) =
                    if *gps { (&space.gps_countries, &mut set.gps) } else { (&space.countries, &mut set.country) };
                for (atom, bit) in atoms.iter().zip(bits) {
                    *bit |= Space::country_within(atom, index);
                }
            }
            Kind::CompliantNetwork => set.compliant = [false, true, true],
            Kind::Unknown => set.all |= !is_sure,
        }
    }
}

/// A box cut to the included locations, less the excluded ones: one box per included cylinder.
fn located(space: &Space<'_>, cube: &[u64], include: &LocationSet, exclude: &LocationSet) -> Vec<Cube> {
    if exclude.all {
        return Vec::new();
    }
    let layout = &space.layout;
    let mut rest = cube.to_vec();
    let cut = |cube: &mut Cube, dimension: usize, accept: &dyn Fn(usize) -> bool| {
        let before = layout.atoms(cube, dimension);
        layout.fill(cube, dimension, |atom| accept(atom) && before.contains(&atom));
    };
    cut(&mut rest, IP, &|atom| !exclude.ip[atom]);
    cut(&mut rest, COUNTRY, &|atom| !exclude.country[atom]);
    cut(&mut rest, GPS, &|atom| !exclude.gps[atom]);
    cut(&mut rest, MFA_TRUSTED, &|atom| atom == 0 || !exclude.mfa_trusted);
    cut(&mut rest, COMPLIANT_NETWORK, &|atom| !exclude.compliant[atom]);
    let mut found = Vec::new();
    let mut push = |dimension: usize, accept: &dyn Fn(usize) -> bool| {
        let mut cube = rest.clone();
        cut(&mut cube, dimension, accept);
        if layout.meet(&cube, &cube) && !found.contains(&cube) {
            found.push(cube);
        }
    };
    if include.all {
        push(IP, &|_| true);
    } else {
        push(IP, &|atom| include.ip[atom]);
        push(COUNTRY, &|atom| include.country[atom]);
        push(GPS, &|atom| include.gps[atom]);
        push(MFA_TRUSTED, &|atom| atom == 1 && include.mfa_trusted);
        push(COMPLIANT_NETWORK, &|atom| include.compliant[atom]);
    }
    found
}
