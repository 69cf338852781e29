//! A box that escapes, as a sentence: only the dimensions in which it is narrower than the region are mentioned.

use std::collections::BTreeSet;

use crate::demand::Requirement;
use crate::prover::OpenBox;
use crate::question::Question;
use crate::resource::{AZURE_MANAGEMENT, BASELINE, Resource, ResourceKind, Suite};
use crate::space::{
    CLIENT, COMPLIANT_NETWORK, COUNTRY, Client, Countries, DEVICE, FLOW, GPS, INSIDER_RISK, IP, MFA_TRUSTED, PLATFORM,
    RESOURCE, SIGN_IN_RISK, USER_RISK,
};
use crate::{ClientApp, Condition, Demand, Flow, InsiderRisk, PersistentBrowser, Platform, Risk};

/// The sentence for a box.
pub(crate) fn sentence(question: &Question<'_>, open: &OpenBox) -> String {
    let words = Words { question, cube: &open.cube };
    let mut details = words.place();
    details.extend(words.listed(PLATFORM, "on", Platform::ALL, platform));
    details.extend(words.clients());
    details.extend(words.listed(FLOW, "by", Flow::ALL, flow));
    let mut tail = Vec::new();
    tail.extend(words.resources());
    tail.extend(words.listed(SIGN_IN_RISK, "at sign-in risk", Risk::ALL, |risk| risk.word().to_owned()));
    tail.extend(words.listed(USER_RISK, "at user risk", Risk::ALL, |risk| risk.word().to_owned()));
    tail.extend(words.listed(INSIDER_RISK, "at insider risk", InsiderRisk::ALL, |risk| risk.word().to_owned()));
    tail.extend(words.devices());
    let any = details.is_empty() && tail.is_empty();
    if let Requirement::Grant { at: Some((condition, levels)), .. } = &question.requirement {
        let (dimension, of) =
            if *condition == Condition::UserRisk { (USER_RISK, "user") } else { (SIGN_IN_RISK, "sign-in") };
        if words.narrowed(dimension).is_none() {
            let levels: Vec<String> = levels.iter().map(|level| level.word().to_owned()).collect();
            tail.push(format!("at {of} risk {}", either(&levels)));
        }
    }
    let mut text = match &question.requirement {
        Requirement::Grant { demands, .. } if demands.iter().all(|demand| *demand == Demand::Block) => {
            if any { "No sign-in is blocked" } else { "Sign-ins are not blocked" }.to_owned()
        }
        Requirement::Grant { .. } => {
            if any { "Not demanded of any sign-in" } else { "Not demanded of sign-ins" }.to_owned()
        }
        Requirement::SignInFrequency(hours) => format!("Sign-in frequency is not limited to {hours} hours"),
        Requirement::PersistentBrowser(PersistentBrowser::Never) => "Browser sessions may persist".to_owned(),
        Requirement::PersistentBrowser(PersistentBrowser::Always) => "Browser sessions need not persist".to_owned(),
    };
    if any && !matches!(question.requirement, Requirement::Grant { .. }) {
        text.push_str(" for any sign-in");
    }
    for detail in &details {
        text.push(' ');
        text.push_str(detail);
    }
    for detail in &tail {
        text.push_str(", ");
        text.push_str(detail);
    }
    if open.either_way {
        text.push_str(" (and in another way if a suite of apps holds the app)");
    }
    text
}

struct Words<'q> {
    question: &'q Question<'q>,
    cube: &'q [u64],
}

impl Words<'_> {
    /// The atoms of the box and of the region; `None` when the box is as wide as the region.
    fn narrowed(&self, dimension: usize) -> Option<(Vec<usize>, Vec<usize>)> {
        let layout = &self.question.space.layout;
        if layout.same_in(self.cube, &self.question.region, dimension) {
            return None;
        }
        Some((layout.atoms(self.cube, dimension), layout.atoms(&self.question.region, dimension)))
    }

    fn listed<T: Copy>(&self, dimension: usize, by: &str, all: &[T], word: impl Fn(T) -> String) -> Option<String> {
        let (atoms, _) = self.narrowed(dimension)?;
        let words: Vec<String> = atoms.iter().map(|atom| word(all[*atom])).collect();
        Some(format!("{by} {}", either(&words)).trim().to_owned())
    }

    /// Both halves of Exchange ActiveSync are one client.
    fn clients(&self) -> Option<String> {
        let (atoms, _) = self.narrowed(CLIENT)?;
        let halves = |atom: &&usize| matches!(Client::ALL[**atom], Client::EasSupported | Client::EasUnsupported);
        let whole = atoms.iter().filter(halves).count() == 2;
        let mut words: Vec<String> = atoms
            .iter()
            .map(|atom| match Client::ALL[*atom] {
                Client::EasSupported if !whole => "over Exchange ActiveSync on supported platforms".to_owned(),
                Client::EasUnsupported if !whole => "over Exchange ActiveSync on unsupported platforms".to_owned(),
                atom => client(atom.app()),
            })
            .collect();
        words.dedup();
        Some(either(&words))
    }

    fn place(&self) -> Vec<String> {
        let space = &self.question.space;
        let flag = |dimension: usize| self.narrowed(dimension).map(|(atoms, _)| atoms.contains(&1));
        // Whether the trusted locations hold the compliant network may be open; either way it is one place.
        let compliant = self.narrowed(COMPLIANT_NETWORK).map(|(atoms, _)| atoms);
        let mfa_trusted = flag(MFA_TRUSTED);
        let mut found = Vec::new();
        let mut outside_trusted = false;
        if let Some((atoms, region)) = self.narrowed(IP) {
            let trusted: Vec<usize> = region
                .iter()
                .copied()
                .filter(|atom| {
                    space.cells[*atom].iter().any(|location| space.locations.list[*location].trusted == Some(true))
                })
                .collect();
            outside_trusted = !trusted.is_empty() && atoms == less(&region, &trusted);
            if atoms == trusted {
                found.push("from trusted locations".to_owned());
            } else if outside_trusted {
                found.push("from outside trusted locations".to_owned());
            } else {
                found.push(self.addresses(&atoms, &region));
            }
        }
        match mfa_trusted {
            Some(true) if space.locations.known => {
                found.push("from the trusted IPs of multifactor authentication".to_owned());
            }
            Some(true) => found.push("from trusted locations".to_owned()),
            Some(false) if outside_trusted => {}
            Some(false) if space.locations.known => {
                found.push("from outside the trusted IPs of multifactor authentication".to_owned());
            }
            Some(false) => found.push("from outside trusted locations".to_owned()),
            None => {}
        }
        match compliant.as_deref() {
            Some([0]) => found.push("outside the compliant network".to_owned()),
            Some([first, ..]) if *first > 0 => found.push("through the compliant network".to_owned()),
            _ => {}
        }
        if let Some((atoms, _)) = self.narrowed(COUNTRY) {
            found.push(format!("from {}", countries(&space.countries, &atoms)));
        }
        if let Some((atoms, _)) = self.narrowed(GPS) {
            found.push(format!("with GPS in {}", countries(&space.gps_countries, &atoms)));
        }
        found
    }

    fn addresses(&self, atoms: &[usize], region: &[usize]) -> String {
        let space = &self.question.space;
        let name = |location: &usize| format!("“{}”", space.locations.list[*location].name);
        let named: BTreeSet<usize> = space.cells.iter().flatten().copied().collect();
        for location in &named {
            let inside: Vec<usize> =
                region.iter().copied().filter(|atom| space.cells[*atom].contains(location)).collect();
            if atoms == inside {
                return format!("from {}", name(location));
            }
            if atoms == less(region, &inside) {
                return format!("from outside {}", name(location));
            }
        }
        let cell = |atom: &usize| {
            let within: Vec<String> = space.cells[*atom].iter().map(name).collect();
            if within.is_empty() { "no named location".to_owned() } else { within.join(" and ") }
        };
        let (shown, outside) = (atoms, less(region, atoms));
        if outside.len() < shown.len() {
            return format!("from addresses but those in {}", either(&outside.iter().map(cell).collect::<Vec<_>>()));
        }
        format!("from addresses in {}", either(&shown.iter().map(cell).collect::<Vec<_>>()))
    }

    fn resources(&self) -> Option<String> {
        let (atoms, region) = self.narrowed(RESOURCE)?;
        let all = &self.question.space.resources;
        let names = |atoms: &[usize]| {
            let mut groups = BTreeSet::new();
            let words: Vec<String> = atoms
                .iter()
                .filter(|atom| groups.insert(all[**atom].group))
                .map(|atom| resource(&all[*atom]))
                .collect();
            either(&words)
        };
        let outside: Vec<usize> = less(&region, &atoms)
            .into_iter()
            .filter(|atom| !atoms.iter().any(|kept| all[*kept].group == all[*atom].group))
            .collect();
        if outside.len() < atoms.len() && !outside.is_empty() && atoms.len() > 1 {
            return Some(format!("for all apps but {}", names(&outside)));
        }
        Some(format!("for {}", names(&atoms)))
    }

    fn devices(&self) -> Vec<String> {
        let space = &self.question.space;
        let mut found = Vec::new();
        for (at, rule) in space.devices.iter().enumerate() {
            if let Some((atoms, _)) = self.narrowed(DEVICE + at) {
                let verb = if atoms.contains(&1) { "matches" } else { "does not match" };
                found.push(format!("on a device that {verb} the filter `{rule}`"));
            }
        }
        if found.len() > 1
            && let Some(last) = found.last_mut()
        {
            // Each filter is free by itself; whether one device can do all of it, nobody has looked.
            last.push_str(" (if one device can be both)");
        }
        found
    }
}

fn less(all: &[usize], taken: &[usize]) -> Vec<usize> {
    all.iter().copied().filter(|atom| !taken.contains(atom)).collect()
}

/// "a", "a or b", "a, b or c"; long lists end in a number.
fn either(words: &[String]) -> String {
    const SHOWN: usize = 6;
    if words.len() > SHOWN + 1 {
        return format!("{} or {} others", words[..SHOWN].join(", "), words.len() - SHOWN);
    }
    match words {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

fn platform(platform: Platform) -> String {
    match platform {
        Platform::Android => "Android",
        Platform::Windows => "Windows",
        Platform::WindowsPhone => "Windows Phone",
        Platform::Linux => "Linux",
        Platform::Unknown => "an unrecognised platform",
        Platform::Ios | Platform::MacOs => platform.word(),
    }
    .to_owned()
}

fn client(client: ClientApp) -> String {
    match client {
        ClientApp::Browser => "in a browser",
        ClientApp::MobileAppsAndDesktopClients => "in mobile apps and desktop clients",
        ClientApp::ExchangeActiveSync => "over Exchange ActiveSync",
        ClientApp::Other => "over other legacy clients",
    }
    .to_owned()
}

fn flow(flow: Flow) -> String {
    match flow {
        Flow::None => "an ordinary flow",
        Flow::DeviceCode => "device code flow",
        Flow::AuthenticationTransfer => "authentication transfer",
    }
    .to_owned()
}

fn countries(all: &[Countries], atoms: &[usize]) -> String {
    let (inside, outside): (Vec<_>, Vec<_>) = all.iter().enumerate().partition(|(at, _)| atoms.contains(at));
    let words = |parts: &[(usize, &Countries)]| {
        let mut words: Vec<String> = parts.iter().flat_map(|(_, part)| part.codes.clone()).collect();
        words.sort();
        words.extend(parts.iter().any(|(_, part)| part.unknown).then(|| "an unknown country".to_owned()));
        words
    };
    if inside.iter().any(|(_, part)| part.other) {
        format!("countries other than {}", either(&words(&outside)))
    } else {
        either(&words(&inside))
    }
}

fn resource(resource: &Resource) -> String {
    match &resource.kind {
        ResourceKind::App(id) if id == AZURE_MANAGEMENT => "Azure management".to_owned(),
        ResourceKind::App(id) if id == BASELINE => "sign-ins that ask only for baseline scopes".to_owned(),
        ResourceKind::App(id) => format!("app {id}"),
        ResourceKind::Suite(Suite::Office365) => "Office 365".to_owned(),
        ResourceKind::Suite(Suite::AdminPortals) => "the Microsoft admin portals".to_owned(),
        ResourceKind::Agents => "agents".to_owned(),
        ResourceKind::OtherApp => "apps that no policy names".to_owned(),
        ResourceKind::UserAction(action) => match action.as_str() {
            "urn:user:registersecurityinfo" => "registering security information".to_owned(),
            "urn:user:registerdevice" => "registering a device".to_owned(),
            _ => action.clone(),
        },
        ResourceKind::Context(context) => format!("authentication context {context}"),
    }
}
