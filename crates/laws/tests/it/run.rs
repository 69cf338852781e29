//! Many mutations of many exports, each held to the law.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use idscore_assess::Assessment;
use idscore_catalogue::Catalogue;

use crate::bases::{self, Base, WRITTEN};
use crate::bench::Bench;
use crate::dice::Dice;
use crate::law::{self, Violation};
use crate::mutation::{self, Drops, Kind, Mutation};
use crate::sites::Sites;

/// Mutations without being told otherwise.
const MUTATIONS: usize = 20_000;
/// Mutations of one invented export; of a written one ten times as many.
const PER_BASE: usize = 100;
/// Of so many mutations one at least is of each kind, and is judged.
const LEAST: usize = 2_000;
/// Violations of one root that are told.
const SHOWN: usize = 4;

/// What was found about mutations of one root.
struct Found {
    times: usize,
    /// The first of them.
    line: String,
    mutation: Mutation,
    configuration: String,
    /// The control and the rule → both sides, the first time.
    violations: BTreeMap<(String, &'static str), String>,
}

/// Kind, data set and place.
type Root = (Kind, String, String);

#[derive(Default)]
struct Tally {
    /// Kind → tried, and of these judged, and of these changed.
    kinds: BTreeMap<Kind, [usize; 3]>,
    roots: BTreeMap<Root, Found>,
}

/// One base, with its results as a whole.
struct Trial<'a> {
    base: &'a Base,
    bench: Bench<'a>,
    sites: &'a Sites,
    drops: Drops<'a>,
    whole: Vec<Option<Assessment>>,
}

/// One mutation, and what came of it.
struct Tried {
    mutation: Mutation,
    /// The configuration under which it was judged, by number.
    configuration: usize,
    /// What broke the law; none where the export was refused.
    found: Option<Vec<Violation>>,
    /// Whether the result differs.
    changed: bool,
}

impl<'a> Trial<'a> {
    fn new(catalogue: &'a Catalogue, base: &'a Base, sites: &'a Sites) -> Self {
        let bench = Bench::new(catalogue, &base.export);
        let (drops, whole) = (Drops::of(&base.export, sites), vec![None; base.configurations.len()]);
        Self { base, bench, sites, drops, whole }
    }

    /// Tries the mutation of one number. Written tenants lose each of their properties first.
    fn mutate(&mut self, number: usize) -> Tried {
        let mut dice = Dice::new(&self.base.name, number as u64);
        // Standard without declarations is every second one.
        let configurations = self.base.configurations.len();
        let configuration = if dice.chance(50) { 0 } else { dice.below(configurations) };
        let drop = self.drops.get(number, &self.base.export, &mut dice).filter(|_| loses_everything(self.base));
        let mutation = drop.unwrap_or_else(|| mutation::draw(&self.base.export, self.sites, &mut dice));
        let settings = &self.base.configurations[configuration].1;
        let bench = &self.bench;
        let whole = self.whole[configuration].get_or_insert_with(|| bench.judge(&BTreeMap::new(), settings).unwrap());
        match bench.judge(&mutation.changes, settings) {
            Ok(less) => {
                let mut found = law::violations(whole, &less, settings);
                found.extend(law::headline(&less));
                let changed = !same(whole, &less);
                Tried { mutation, configuration, found: Some(found), changed }
            }
            Err(_) => Tried { mutation, configuration, found: None, changed: false },
        }
    }
}

/// The tenants that were written to hold everything.
fn loses_everything(base: &Base) -> bool {
    ["careful", "risky"].contains(&base.name.as_str())
}

fn same(whole: &Assessment, less: &Assessment) -> bool {
    let points = |assessment: &Assessment| -> Vec<_> {
        let controls = assessment.controls.iter();
        controls.map(|one| (one.outcome, one.score_at_least.clone(), one.score_at_most.clone(), one.unknown)).collect()
    };
    points(whole) == points(less)
}

/// Which base takes how many mutations, largest first.
fn plan(mutations: usize) -> Vec<(usize, usize)> {
    let mut plan: Vec<(usize, usize)> = (0..WRITTEN.len()).map(|base| (base, share(base, mutations))).collect();
    let mut left = mutations.saturating_sub(plan.iter().map(|(_, share)| share).sum());
    for base in WRITTEN.len().. {
        if left == 0 {
            return plan;
        }
        plan.push((base, left.min(PER_BASE)));
        left -= left.min(PER_BASE);
    }
    plan
}

/// How many mutations a written tenant takes: each of its properties, where it loses all, and a part by chance.
fn share(base: usize, mutations: usize) -> usize {
    let base = bases::base(base);
    let sites = Sites::of(&base.export);
    let every = if loses_everything(&base) { Drops::of(&base.export, &sites).len() } else { 0 };
    (every + mutations / 20).min(mutations / 5)
}

#[test]
fn less_information_only_widens_the_interval() {
    let mutations = std::env::var("IDSCORE_LAWS").map_or(MUTATIONS, |text| text.parse().unwrap());
    let catalogue = Catalogue::embedded().unwrap();
    if let Ok(one) = std::env::var("IDSCORE_LAW") {
        return again(&catalogue, &one);
    }
    let started = Instant::now();
    let (plan, next, tally) = (plan(mutations), AtomicUsize::new(0), Mutex::new(Tally::default()));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                while let Some((base, mutations)) = plan.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let base = bases::base(*base);
                    let sites = Sites::of(&base.export);
                    let mut trial = Trial::new(&catalogue, &base, &sites);
                    for number in 0..*mutations {
                        note(&tally, trial.mutate(number), &base, number);
                    }
                }
            });
        }
    });
    let tally = tally.into_inner().unwrap();
    println!("{mutations} mutations of {} exports in {:.1} s", plan.len(), started.elapsed().as_secs_f64());
    for (kind, [tried, judged, changed]) in &tally.kinds {
        println!("{:24} {tried:6} tried, {judged:6} judged, {changed:6} changed the result", format!("{kind:?}"));
    }
    assert_read(&tally, mutations);
    let told: Vec<String> = tally.roots.iter().map(|(root, found)| tell(root, found)).collect();
    assert!(told.is_empty(), "{} roots broke the law:\n{}", told.len(), told.join("\n"));
}

/// A kind that is always refused would show nothing. Damaged files are to be refused; any other kind is to be read.
fn assert_read(tally: &Tally, mutations: usize) {
    for kind in Kind::DRAWN.into_iter().chain([Kind::Report, Kind::Two]) {
        if [Kind::CutBody, Kind::CutDepth, Kind::CutDepthOfFile].contains(&kind) {
            continue;
        }
        let [tried, judged, _] = tally.kinds.get(&kind).copied().unwrap_or_default();
        assert!(judged >= mutations / LEAST && judged * 3 >= tried, "{kind:?}: {judged} of {tried} were judged");
    }
}

fn note(tally: &Mutex<Tally>, tried: Tried, base: &Base, number: usize) {
    let Tried { mutation, configuration, found, changed } = tried;
    let mut tally = tally.lock().unwrap();
    let kind = tally.kinds.entry(mutation.kind).or_default();
    kind[0] += 1;
    kind[1] += usize::from(found.is_some());
    kind[2] += usize::from(changed);
    let Some(violations) = found.filter(|found| !found.is_empty()) else { return };
    let root = (mutation.kind, mutation.data_set.clone(), mutation.place.clone());
    let found = tally.roots.entry(root).or_insert_with(|| Found {
        times: 0,
        line: format!("{}/{number}", base.name),
        mutation,
        configuration: base.configurations[configuration].0.clone(),
        violations: BTreeMap::new(),
    });
    found.times += 1;
    for violation in violations {
        found.violations.entry((violation.of, violation.rule)).or_insert(violation.detail);
    }
}

fn tell((kind, data_set, place): &Root, found: &Found) -> String {
    let mut text = format!(
        "{kind:?} {data_set}{place}, {} times, first IDSCORE_LAW={} under {}: {}",
        found.times, found.line, found.configuration, found.mutation.told
    );
    for ((of, rule), detail) in found.violations.iter().take(SHOWN) {
        text.push_str(&format!("\n    {of}: {rule}: {detail}"));
    }
    if found.violations.len() > SHOWN {
        text.push_str(&format!("\n    and {} more", found.violations.len() - SHOWN));
    }
    text
}

/// One mutation again, and what became of it.
fn again(catalogue: &Catalogue, one: &str) {
    let (name, number) = one.rsplit_once('/').unwrap();
    let base = match WRITTEN.iter().position(|written| *written == name) {
        Some(base) => base,
        None => name.strip_prefix("invented-").unwrap().parse().unwrap(),
    };
    let base = bases::base(base);
    let sites = Sites::of(&base.export);
    let mut trial = Trial::new(catalogue, &base, &sites);
    let Tried { mutation, configuration, found, .. } = trial.mutate(number.parse().unwrap());
    let (name, settings) = &base.configurations[configuration];
    println!("{mutation}\nunder {name}");
    match &found {
        None => println!("refused: {:?}", trial.bench.judge(&mutation.changes, settings)),
        Some(found) => found.iter().for_each(|violation| println!("{violation:?}")),
    }
    assert!(found.is_none_or(|found| found.is_empty()));
}
