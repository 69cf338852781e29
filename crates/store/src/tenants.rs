//! The tenants of the store: what comparison needs to know about each.

pub(crate) mod collections;
pub(crate) mod configurations;
pub(crate) mod deletion;

use idscore_history::instants::NONE;
use idscore_history::{Tenant, cohorts_of};
use idscore_score::Zones;
use serde_json::json;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use crate::assessments::cohorts;
use crate::audit::{Actor, append};
use crate::database::History;
use crate::database::writer::Write;
use crate::error::{HistoryError, doing};

impl History {
    /// Makes a tenant known, or brings its name, seats and industry up to date; what is empty stays as it was. Zones are
    /// only changed by [`History::set_zones`].
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn register(&self, actor: &Actor, tenant: &Tenant) -> Result<(), HistoryError> {
        self.write("register a tenant", (actor, tenant), |write, &(actor, tenant)| {
            Box::pin(register(write, actor, tenant))
        })
        .await
    }

    /// Says the industry of a tenant, in the organisation's own words, and puts it among the others of that industry today.
    /// Days that were written stay as they were.
    ///
    /// # Errors
    /// When there is no such tenant, or the database refuses.
    pub async fn set_industry(&self, actor: &Actor, id: &str, industry: &str) -> Result<(), HistoryError> {
        self.write("change a tenant", (actor, id, industry), |write, &(actor, id, industry)| {
            Box::pin(async move {
                let failed = write.failed();
                let before = tenant(write, id).await?;
                if before.industry == industry {
                    return Ok(());
                }
                sqlx::query("UPDATE tenant SET industry = $2 WHERE id = $1")
                    .bind(id)
                    .bind(industry)
                    .execute(&mut **write)
                    .await
                    .map_err(&failed)?;
                let day: Option<i64> = sqlx::query_scalar("SELECT MAX(newest_day) FROM tenant")
                    .fetch_one(&mut **write)
                    .await
                    .map_err(&failed)?;
                if let Some(day) = day.filter(|day| *day >= 0) {
                    let cohorts: Vec<String> = [before.industry.as_str(), industry]
                        .iter()
                        .flat_map(|industry| cohorts_of(industry, None))
                        .collect();
                    cohorts::write_distributions(write, &cohorts, day).await?;
                }
                let detail = json!({"before": before.industry, "industry": industry});
                append(write, actor, id, "tenant.industry", id, &detail).await
            })
        })
        .await
    }

    /// Says where the score of a tenant begins to be okay and good. Only shown: no score and no assessment changes.
    ///
    /// # Errors
    /// When there is no such tenant, or the database refuses.
    pub async fn set_zones(&self, actor: &Actor, id: &str, zones: Zones) -> Result<(), HistoryError> {
        self.write("change a tenant", (actor, id, zones), |write, &(actor, id, zones)| {
            Box::pin(async move {
                let failed = write.failed();
                let before = tenant(write, id).await?.zones;
                if before == zones {
                    return Ok(());
                }
                sqlx::query("UPDATE tenant SET zone_okay = $2, zone_good = $3 WHERE id = $1")
                    .bind(id)
                    .bind(i64::from(zones.okay()))
                    .bind(i64::from(zones.good()))
                    .execute(&mut **write)
                    .await
                    .map_err(&failed)?;
                append(write, actor, id, "tenant.zones", id, &json!({"before": before, "zones": zones})).await
            })
        })
        .await
    }

    /// All tenants, by name, then id.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn tenants(&self) -> Result<Vec<Tenant>, HistoryError> {
        let failed = doing("list the tenants");
        let rows = sqlx::query("SELECT * FROM tenant").fetch_all(self.pool()).await.map_err(&failed)?;
        let mut tenants = rows.iter().map(of_row).collect::<Result<Vec<_>, _>>().map_err(failed)?;
        tenants.sort_by(|one, other| (&one.display_name, &one.id).cmp(&(&other.display_name, &other.id)));
        Ok(tenants)
    }

    /// The ids of the tenants that have an assessment, the one that was last assessed first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn tenants_by_last_assessment(&self) -> Result<Vec<String>, HistoryError> {
        let sql = "SELECT tenant_id FROM assessment GROUP BY tenant_id ORDER BY MAX(sequence) DESC";
        sqlx::query_scalar(sql).fetch_all(self.pool()).await.map_err(doing("list the tenants"))
    }

    /// A tenant by its id.
    ///
    /// # Errors
    /// When there is none, or the database refuses.
    pub async fn tenant(&self, id: &str) -> Result<Tenant, HistoryError> {
        tenant(&mut *self.read().await?, id).await
    }
}

/// Makes a tenant known within a write, as [`History::register`].
pub(crate) async fn register(write: &mut Write, actor: &Actor, tenant: &Tenant) -> Result<(), HistoryError> {
    let failed = write.failed();
    let known = known(write, &tenant.id).await?;
    let or = |new: &str, old: Option<&String>| {
        if new.is_empty() { old.cloned().unwrap_or_default() } else { new.to_owned() }
    };
    let merged = Tenant {
        id: tenant.id.clone(),
        display_name: or(&tenant.display_name, known.as_ref().map(|known| &known.display_name)),
        industry: or(&tenant.industry, known.as_ref().map(|known| &known.industry)),
        seats: tenant.seats.or(known.as_ref().and_then(|known| known.seats)),
        zones: known.as_ref().map(|known| known.zones).unwrap_or_default(),
        // What was invented once can't turn real by an export of it.
        invented: tenant.invented || known.as_ref().is_some_and(|known| known.invented),
    };
    if known.as_ref() == Some(&merged) {
        return Ok(());
    }
    let sql = if known.is_some() {
        "UPDATE tenant SET display_name = $2, industry = $3, seats = $4, invented = $5 WHERE id = $1"
    } else {
        "INSERT INTO tenant (id, display_name, industry, seats, invented, newest_day, newest_percent)
             VALUES ($1, $2, $3, $4, $5, -1, 0)"
    };
    sqlx::query(sql)
        .bind(&merged.id)
        .bind(&merged.display_name)
        .bind(&merged.industry)
        .bind(merged.seats.and_then(|seats| i64::try_from(seats).ok()).unwrap_or(NONE))
        .bind(i64::from(merged.invented))
        .execute(&mut **write)
        .await
        .map_err(&failed)?;
    append(write, actor, &merged.id, "tenant.register", &merged.id, &json!(merged)).await
}

/// A tenant by its id; an error where there is none.
pub(crate) async fn tenant(connection: &mut AnyConnection, id: &str) -> Result<Tenant, HistoryError> {
    known(connection, id).await?.ok_or(HistoryError::NotFound { what: "tenant", id: id.to_owned() })
}

async fn known(connection: &mut AnyConnection, id: &str) -> Result<Option<Tenant>, HistoryError> {
    let failed = doing("read a tenant");
    let row = sqlx::query("SELECT * FROM tenant WHERE id = $1").bind(id).fetch_optional(connection).await;
    row.map_err(&failed)?.as_ref().map(of_row).transpose().map_err(failed)
}

fn of_row(row: &AnyRow) -> Result<Tenant, sqlx::Error> {
    Ok(Tenant {
        id: row.try_get("id")?,
        display_name: row.try_get("display_name")?,
        industry: row.try_get("industry")?,
        seats: u64::try_from(row.try_get::<i64, _>("seats")?).ok(),
        zones: zones(row)?,
        invented: row.try_get::<i64, _>("invented")? != 0,
    })
}

fn zones(row: &AnyRow) -> Result<Zones, sqlx::Error> {
    let percent = |column| row.try_get::<i64, _>(column).map(|percent| u8::try_from(percent).unwrap_or_default());
    Zones::new(percent("zone_okay")?, percent("zone_good")?).map_err(|error| sqlx::Error::Decode(Box::new(error)))
}
