//! All tenants beside each other, for whoever looks after many: the newest numbers of each, and its controls action by action.

use std::collections::BTreeMap;

use idscore_score::{Missing, Outcome, Profile, Status, Zone};
use serde::Deserialize;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::assessments::cohorts::quantile;
use crate::database::History;
use crate::database::columns::{READ, of_text, of_word, places};
use crate::error::{HistoryError, doing};
use crate::plan::needs_approval;
use crate::regression::{self, Verdict};
use crate::tenants::Tenant;

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

/// A control as a list of many tenants needs it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Seen {
    id: String,
    title: String,
    outcome: Outcome,
    score: Option<f64>,
    #[serde(default)]
    status: Status,
    #[serde(default)]
    score_at_least: Option<f64>,
    #[serde(default)]
    score_at_most: Option<f64>,
    #[serde(default)]
    unknown: u64,
    #[serde(default)]
    missing: Vec<Missing>,
}

impl Seen {
    fn cell(&self) -> HeatCell {
        let open = self.score_at_least.zip(self.score_at_most).is_some_and(|(floor, ceiling)| ceiling - floor > 1e-9);
        HeatCell { outcome: self.outcome, wholly: self.unknown == 0 && !open }
    }
}

impl<'a> From<&'a Seen> for regression::Looked<'a> {
    fn from(seen: &'a Seen) -> Self {
        Self {
            outcome: seen.outcome,
            score: seen.score,
            at_least: seen.score_at_least,
            at_most: seen.score_at_most,
            unknown: seen.unknown,
            missing: &seen.missing,
        }
    }
}

/// An assessment as such a list needs it.
struct Looked {
    rules: (String, String, Profile),
    controls: Vec<Seen>,
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

impl History {
    /// All tenants by name with their newest numbers and those of so many days before, in one query, however many there are.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn portfolio(&self, days: i64) -> Result<Portfolio, HistoryError> {
        let failed = doing(READ);
        let sql = "
            SELECT n.tenant_id, n.id, n.taken_at, n.core_percent, n.core_max, n.core_coverage,
                n.core_at_least, n.core_at_most,
                COALESCE(b.id, '') AS before_id, COALESCE(b.core_percent, 0.0) AS before_percent
            FROM tenant t
            JOIN assessment n ON n.id = (
                SELECT a.id FROM assessment a WHERE a.tenant_id = t.id AND a.cause <> 'microsoft'
                ORDER BY a.assessed_at DESC, a.sequence DESC LIMIT 1)
            LEFT JOIN assessment b ON b.id = (
                SELECT a.id FROM assessment a
                WHERE a.tenant_id = t.id AND a.newest_of_day = 1 AND a.day <= n.day - $1 AND a.cause <> 'microsoft'
                ORDER BY a.day DESC LIMIT 1)";
        let rows = sqlx::query(sql).bind(days).fetch_all(self.pool()).await.map_err(&failed)?;
        let mut standings: BTreeMap<String, Standing> =
            rows.iter().map(standing).collect::<Result<_, sqlx::Error>>().map_err(failed)?;
        let tenants = self.tenants().await?;
        let with = |tenant: Tenant| PortfolioTenant { standing: standings.remove(&tenant.id), tenant };
        Ok(Portfolio { tenants: tenants.into_iter().map(with).collect() })
    }

    /// The core controls of some tenants beside each other, and what fell at each, in one query.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn heat_map(&self, tenants: &[&PortfolioTenant]) -> Result<HeatMap, HistoryError> {
        let standings: Vec<Option<&Standing>> = tenants.iter().map(|one| one.standing.as_ref()).collect();
        let before = |standing: &'_ Standing| standing.before.as_ref().map(|(id, _)| id.clone());
        let ids: Vec<String> = standings
            .iter()
            .flatten()
            .flat_map(|standing| std::iter::once(standing.id.clone()).chain(before(standing)))
            .collect();
        let looked = self.looked(&ids).await?;
        let now: Vec<Option<&Looked>> =
            standings.iter().map(|standing| standing.and_then(|standing| looked.get(&standing.id))).collect();
        let fallen = |(standing, now): (&Option<&Standing>, &Option<&Looked>)| {
            let before = standing.and_then(before).and_then(|id| looked.get(&id))?;
            Some(fallen(before, (*now)?))
        };
        let fallen = standings.iter().zip(&now).map(fallen).collect();
        Ok(HeatMap { rows: heat_rows(&now), fallen })
    }

    async fn looked(&self, ids: &[String]) -> Result<BTreeMap<String, Looked>, HistoryError> {
        if ids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let failed = doing(READ);
        let sql = format!(
            "SELECT id, catalogue_version, config_hash, profile, core_controls FROM assessment WHERE id IN ({})",
            places(1, ids.len())
        );
        let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
        for id in ids {
            query = query.bind(id);
        }
        let said = |row: &AnyRow, column: &str| row.try_get::<String, _>(column).map_err(&failed);
        let rows = query.fetch_all(self.pool()).await.map_err(&failed)?;
        rows.iter()
            .map(|row| {
                let profile = of_word(said(row, "profile")?, "profile")?;
                let rules = (said(row, "catalogue_version")?, said(row, "config_hash")?, profile);
                let controls = of_text(&said(row, "core_controls")?, "list of controls")?;
                Ok((said(row, "id")?, Looked { rules, controls }))
            })
            .collect()
    }
}

fn standing(row: &AnyRow) -> Result<(String, Standing), sqlx::Error> {
    let before: String = row.try_get("before_id")?;
    let percent = row.try_get("before_percent")?;
    let standing = Standing {
        id: row.try_get("id")?,
        taken_at: row.try_get("taken_at")?,
        percent: row.try_get("core_percent")?,
        max_score: row.try_get("core_max")?,
        at_least: row.try_get("core_at_least")?,
        at_most: row.try_get("core_at_most")?,
        coverage: row.try_get("core_coverage")?,
        before: (!before.is_empty()).then_some((before, percent)),
    };
    Ok((row.try_get("tenant_id")?, standing))
}

/// What was not judged before or is not now is no fall: unknown is not lost.
fn fallen(before: &Looked, now: &Looked) -> Fallen {
    let fell = |is: &&Seen| {
        let Some(was) = before.controls.iter().find(|was| was.id == is.id) else { return false };
        let decided = was.status != is.status && (needs_approval(was.status) || needs_approval(is.status));
        !decided && regression::Looked::from(*is).verdict(&was.into()) == Verdict::Regression
    };
    Fallen { controls: now.controls.iter().filter(fell).count(), rules_changed: before.rules != now.rules }
}

fn heat_rows(tenants: &[Option<&Looked>]) -> Vec<HeatRow> {
    let mut titles: BTreeMap<&str, &str> = BTreeMap::new();
    for control in tenants.iter().flatten().flat_map(|looked| &looked.controls) {
        titles.entry(&control.id).or_insert(&control.title);
    }
    let of = |(id, title): (&str, &str)| {
        let cell = |looked: &Option<&Looked>| {
            let controls = looked.map(|looked| looked.controls.as_slice()).unwrap_or_default();
            controls.iter().find(|control| control.id == id).map(Seen::cell)
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
