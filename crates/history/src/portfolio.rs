//! All tenants beside each other, for whoever looks after many: the newest numbers of each, and its controls action by action.

use std::collections::BTreeMap;

use idscore_score::{Outcome, Profile, Zone};

use crate::cohorts::quantile;
use crate::plan::needs_approval;
use crate::regression::{Looked, Verdict};
use crate::tenant::Tenant;
use crate::trend::CoreControl;

/// The newest numbers of a tenant.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// The assessment.
    pub id: String,
    /// The instant of its data, in microseconds.
    pub taken_at: i64,
    /// The headline.
    pub percent: f64,
    /// Points that could be earned; a score of nothing is no score.
    pub max_score: f64,
    /// What the headline is at least; none where it was kept before this was asked.
    pub at_least: Option<f64>,
    /// What it is at most.
    pub at_most: Option<f64>,
    /// From 0 to 1: how much of what applies was seen.
    pub coverage: f64,
    /// The assessment that changes are counted from, and its headline; none where none is old enough.
    pub before: Option<(String, f64)>,
}

/// A tenant with its newest numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct PortfolioTenant {
    /// The tenant.
    pub tenant: Tenant,
    /// Its numbers; none before the first assessment.
    pub standing: Option<Standing>,
}

impl PortfolioTenant {
    /// The headline; none where there is no score.
    #[must_use]
    pub fn percent(&self) -> Option<f64> {
        self.standing.as_ref().filter(|standing| standing.max_score > 0.0).map(|standing| standing.percent)
    }

    /// What its own thresholds call it.
    #[must_use]
    pub fn zone(&self) -> Option<Zone> {
        self.percent().map(|percent| self.tenant.zones.zone_of(percent))
    }

    /// Percentage less the one before; none where none is old enough.
    #[must_use]
    pub fn change(&self) -> Option<f64> {
        let (_, before) = self.standing.as_ref()?.before.as_ref()?;
        // Both have two decimals; their difference has no more.
        self.percent().map(|percent| ((percent - before) * 100.0).round() / 100.0)
    }

    fn name(&self) -> &str {
        if self.tenant.display_name.is_empty() { &self.tenant.id } else { &self.tenant.display_name }
    }
}

/// By what tenants are put in order; tenants without the number come last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PortfolioOrder {
    /// By name.
    Name,
    /// Lowest score first.
    Score,
    /// What fell most first.
    Change,
    /// Least seen first.
    Coverage,
    /// Oldest data first.
    Age,
    /// Most seats first.
    Size,
}

/// Several tenants.
#[derive(Debug, Clone, PartialEq)]
pub struct Portfolio {
    /// The tenants.
    pub tenants: Vec<PortfolioTenant>,
}

/// Many tenants in a few numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct PortfolioSummary<'a> {
    /// Tenants that have a score.
    pub scored: usize,
    /// The mean of their percentages.
    pub average: f64,
    /// Half of them are below.
    pub median: f64,
    /// The highest.
    pub best: &'a PortfolioTenant,
    /// The lowest.
    pub worst: &'a PortfolioTenant,
    /// How many are in each zone: bad, okay, good.
    pub zones: [usize; 3],
}

impl Portfolio {
    /// Tenants in their order with what is known of each by its id.
    #[must_use]
    pub fn of(tenants: Vec<Tenant>, mut standings: BTreeMap<String, Standing>) -> Self {
        let with = |tenant: Tenant| PortfolioTenant { standing: standings.remove(&tenant.id), tenant };
        Self { tenants: tenants.into_iter().map(with).collect() }
    }

    /// The same in a few numbers; none where no tenant has a score.
    #[must_use]
    pub fn summary(&self) -> Option<PortfolioSummary<'_>> {
        let mut scored: Vec<(f64, &PortfolioTenant)> =
            self.tenants.iter().filter_map(|one| Some((one.percent()?, one))).collect();
        scored.sort_by(|one, other| one.0.total_cmp(&other.0));
        let percents: Vec<f64> = scored.iter().map(|(percent, _)| *percent).collect();
        let in_zone = |zone| scored.iter().filter(|(_, one)| one.zone() == Some(zone)).count();
        Some(PortfolioSummary {
            scored: scored.len(),
            average: percents.iter().sum::<f64>() / percents.len() as f64,
            median: quantile(&percents, 0.5),
            best: scored.last()?.1,
            worst: scored.first()?.1,
            zones: [Zone::Bad, Zone::Okay, Zone::Good].map(in_zone),
        })
    }

    /// Those whose name, id or industry holds a text, of a zone or of all, in an order or its reverse.
    #[must_use]
    pub fn found(&self, text: &str, zone: Option<Zone>, order: PortfolioOrder, reverse: bool) -> Vec<&PortfolioTenant> {
        let text = text.trim().to_lowercase();
        let holds = |one: &PortfolioTenant| {
            let tenant = &one.tenant;
            [&tenant.display_name, &tenant.id, &tenant.industry].iter().any(|said| said.to_lowercase().contains(&text))
        };
        let mut found: Vec<_> =
            self.tenants.iter().filter(|one| (zone.is_none() || one.zone() == zone) && holds(one)).collect();
        let standing = |one: &PortfolioTenant, of: fn(&Standing) -> f64| one.standing.as_ref().map(of);
        let number = |one: &PortfolioTenant| match order {
            PortfolioOrder::Name => None,
            PortfolioOrder::Score => one.percent(),
            PortfolioOrder::Change => one.change(),
            PortfolioOrder::Coverage => standing(one, |standing| standing.coverage),
            PortfolioOrder::Age => standing(one, |standing| standing.taken_at as f64),
            PortfolioOrder::Size => one.tenant.seats.map(|seats| -(seats as f64)),
        };
        found.sort_by(|one, other| {
            let numbers = match (number(one), number(other)) {
                (Some(one), Some(other)) if reverse => other.total_cmp(&one),
                (Some(one), Some(other)) => one.total_cmp(&other),
                // None is smaller than some, and comes last whatever the order.
                (one, other) => other.is_some().cmp(&one.is_some()),
            };
            let names =
                || (one.name().to_lowercase(), &one.tenant.id).cmp(&(other.name().to_lowercase(), &other.tenant.id));
            let turned = reverse && order == PortfolioOrder::Name;
            numbers.then_with(|| if turned { names().reverse() } else { names() })
        });
        found
    }
}

/// The core controls of an assessment, and by what they were judged.
#[derive(Debug, Clone, PartialEq)]
pub struct CoreControls {
    /// The version of the controls, the hash of the configuration and the profile.
    pub rules: (String, String, Profile),
    /// The controls.
    pub controls: Vec<CoreControl>,
}

impl CoreControl {
    fn cell(&self) -> HeatCell {
        let open = self.score_at_least.zip(self.score_at_most).is_some_and(|(floor, ceiling)| ceiling - floor > 1e-9);
        HeatCell { outcome: self.outcome, wholly: self.unknown == 0 && !open }
    }
}

/// Core controls that lost points, rather than went out of sight.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Fallen {
    /// How many, without those that a decision took.
    pub controls: usize,
    /// Controls, configuration or profile are others, which moves points by itself.
    pub rules_changed: bool,
}

/// What a control says of one tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeatCell {
    /// The outcome.
    pub outcome: Outcome,
    /// Whether all of it was seen.
    pub wholly: bool,
}

/// One action over several tenants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeatRow {
    /// The control.
    pub id: String,
    /// What it asks for.
    pub title: String,
    /// Tenants that meet it.
    pub met: usize,
    /// Tenants of which it could be judged and to which it applies.
    pub judged: usize,
    /// What it says of each tenant, in their order; none where it is not there.
    pub cells: Vec<Option<HeatCell>>,
}

/// The core controls of several tenants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeatMap {
    /// The actions, those that fewest tenants meet first.
    pub rows: Vec<HeatRow>,
    /// What fell at each tenant, in their order; none where there is nothing to count from.
    pub fallen: Vec<Option<Fallen>>,
}

impl HeatMap {
    /// The ids of the assessments that a map of some tenants is made from.
    #[must_use]
    pub fn assessments(tenants: &[&PortfolioTenant]) -> Vec<String> {
        let standings = tenants.iter().filter_map(|one| one.standing.as_ref());
        let ids = |standing: &Standing| {
            let before = standing.before.as_ref().map(|(id, _)| id.clone());
            std::iter::once(standing.id.clone()).chain(before)
        };
        standings.flat_map(ids).collect()
    }

    /// The core controls of some tenants beside each other, from those of their assessments by id, and what fell at each.
    #[must_use]
    pub fn of(tenants: &[&PortfolioTenant], assessments: &BTreeMap<String, CoreControls>) -> Self {
        let of = |one: &&PortfolioTenant| {
            let standing = one.standing.as_ref()?;
            let before = standing.before.as_ref().and_then(|(id, _)| assessments.get(id));
            Some((before, assessments.get(&standing.id)?))
        };
        let both: Vec<Option<(Option<&CoreControls>, &CoreControls)>> = tenants.iter().map(of).collect();
        let now: Vec<Option<&CoreControls>> = both.iter().map(|both| both.map(|(_, now)| now)).collect();
        let fallen = both.iter().map(|both| both.and_then(|(before, now)| Some(fallen(before?, now)))).collect();
        Self { rows: heat_rows(&now), fallen }
    }
}

/// What was not judged before or is not now is no fall: unknown is not lost.
fn fallen(before: &CoreControls, now: &CoreControls) -> Fallen {
    let fell = |is: &&CoreControl| {
        let Some(was) = before.controls.iter().find(|was| was.id == is.id) else { return false };
        let decided = was.status != is.status && (needs_approval(was.status) || needs_approval(is.status));
        !decided && Looked::from(*is).verdict(&was.into()) == Verdict::Regression
    };
    Fallen { controls: now.controls.iter().filter(fell).count(), rules_changed: before.rules != now.rules }
}

fn heat_rows(tenants: &[Option<&CoreControls>]) -> Vec<HeatRow> {
    let mut titles: BTreeMap<&str, &str> = BTreeMap::new();
    for control in tenants.iter().flatten().flat_map(|looked| &looked.controls) {
        titles.entry(&control.id).or_insert(&control.title);
    }
    let of = |(id, title): (&str, &str)| {
        let cell = |looked: &Option<&CoreControls>| {
            let controls = looked.map(|looked| looked.controls.as_slice()).unwrap_or_default();
            controls.iter().find(|control| control.id == id).map(CoreControl::cell)
        };
        let cells: Vec<Option<HeatCell>> = tenants.iter().map(cell).collect();
        let saying = |wanted: &[Outcome]| cells.iter().flatten().filter(|cell| wanted.contains(&cell.outcome)).count();
        HeatRow {
            id: id.to_owned(),
            title: title.to_owned(),
            met: saying(&[Outcome::Met]),
            judged: saying(&[Outcome::Met, Outcome::Partial, Outcome::NotMet]),
            cells,
        }
    };
    let mut rows: Vec<HeatRow> = titles.into_iter().map(of).collect();
    // The share that meets it, as whole numbers: met · judged of the other.
    rows.sort_by(|one, other| {
        let none = |row: &HeatRow| row.judged == 0;
        (none(one).cmp(&none(other)))
            .then_with(|| (one.met * other.judged).cmp(&(other.met * one.judged)))
            .then_with(|| one.title.cmp(&other.title))
    });
    rows
}
