//! Files against the store: what goes out and what it cost, what came in.

use idscore_history::benchmark::{
    BenchmarkCell, BenchmarkFile, Contribution, EPSILON, Grouping, MergedCell, Random, cells, month_name,
};
use idscore_history::instants::{date_of, day_of_date};
use idscore_history::word;
use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::json;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::audit::{Actor, append};
use crate::database::History;
use crate::database::columns::{of_text, text};
use crate::database::writer::Write;
use crate::error::{HistoryError, doing};

/// What is to be written for other organisations.
#[derive(Debug, Clone)]
pub struct ExportRequest {
    /// A day of the month; none for the month of the newest assessment.
    pub month: Option<Date>,
    /// What divides the tenants.
    pub grouping: Grouping,
    /// What the file may tell about one tenant.
    pub epsilon: f64,
    /// Invented tenants in place of real ones; they never mix.
    pub invented: bool,
    /// Although the month was written before.
    pub again: bool,
    /// Who writes it; none for a random label.
    pub source: Option<String>,
    /// Today.
    pub written_on: Date,
}

/// A file that may be given away.
#[derive(Debug)]
pub struct Exported {
    /// The file.
    pub file: BenchmarkFile,
    /// Epsilon of all files of this month together, this one included.
    pub spent_on_month: f64,
    /// Epsilon of all files of all months.
    pub spent: f64,
}

impl History {
    /// Makes a file of one month, and notes what it may tell. A month is written once: the noise of two files of it would
    /// average out, and they protect a tenant with the sum of their epsilons only.
    ///
    /// # Errors
    /// When epsilon or label are out of bounds, there is nothing in the month, it was written before, or the database
    /// refuses.
    pub async fn export_benchmark(
        &self,
        actor: &Actor,
        request: &ExportRequest,
        random: &mut dyn Random,
        at: i64,
    ) -> Result<Exported, HistoryError> {
        let invalid = |reason: String| HistoryError::Invalid { reason };
        if !(EPSILON.0..=EPSILON.1).contains(&request.epsilon) {
            return Err(invalid(format!("epsilon is between {} and {}", EPSILON.0, EPSILON.1)));
        }
        let month = match request.month {
            Some(day) => day.first_of_month(),
            None => self.newest_month(request.invented).await?.ok_or_else(|| {
                let whose = if request.invented { "an invented" } else { "a real" };
                invalid(format!("the store has no assessment of {whose} tenant"))
            })?,
        };
        let contributions = self.contributions(month, request.invented).await?;
        let source = match &request.source {
            Some(label) => label.trim().to_owned(),
            None => format!("store-{:012x}", random.next().map_err(HistoryError::Random)? >> 16),
        };
        let mut file = BenchmarkFile::new(source, request.written_on, month);
        (file.invented, file.grouped_by, file.epsilon) = (request.invented, request.grouping, request.epsilon);
        file.cells = cells(&contributions, request.grouping, request.epsilon, random).map_err(HistoryError::Random)?;
        // What this program would refuse to read it does not write either.
        BenchmarkFile::parse(text(&file)?.as_bytes())?;

        let noted = self.write(
            "note an export",
            (actor, request, &file, month, at),
            |write, &(actor, request, file, month, at)| {
                Box::pin(async move {
                    let (before_month, before) = spent(write, month, request.invented).await?;
                    if before_month > 0.0 && !request.again {
                        return Err(HistoryError::Written { month: month_name(month), epsilon: before_month });
                    }
                    note(write, request, month, at).await?;
                    let detail = json!({"month": file.month, "epsilon": file.epsilon, "groupedBy": file.grouped_by,
            "invented": file.invented, "cells": file.cells.len()});
                    append(write, actor, "", "benchmark.export", &file.source, &detail).await?;
                    Ok((before_month + file.epsilon, before + file.epsilon))
                })
            },
        );
        let (spent_on_month, spent) = noted.await?;
        Ok(Exported { file, spent_on_month, spent })
    }

    /// Keeps the cells of files, all or none; each comes with the hash of its bytes. A file that is there already is left
    /// alone. Says how many are new.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn merge_benchmarks(
        &self,
        actor: &Actor,
        files: &[(String, BenchmarkFile)],
    ) -> Result<usize, HistoryError> {
        self.write(MERGE, (actor, files), |write, &(actor, files)| {
            Box::pin(async move {
                let mut new = 0;
                for (hash, file) in files {
                    let known: Option<i64> = sqlx::query_scalar("SELECT COUNT(*) FROM benchmark_cell WHERE file = $1")
                        .bind(hash)
                        .fetch_one(&mut **write)
                        .await
                        .map_err(doing(MERGE))?;
                    if known.unwrap_or(0) > 0 {
                        continue;
                    }
                    for cell in &file.cells {
                        keep(write, hash, file, cell).await?;
                    }
                    let detail = json!({"file": hash, "month": file.month, "cells": file.cells.len()});
                    append(write, actor, "", "benchmark.merge", &file.source, &detail).await?;
                    new += 1;
                }
                Ok(new)
            })
        })
        .await
    }

    /// Cells that were merged, of months that begin between two days, oldest month first, then by source.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn merged_cells(&self, from: i64, to: i64) -> Result<Vec<MergedCell>, HistoryError> {
        let sql = "SELECT * FROM benchmark_cell WHERE month >= $1 AND month <= $2";
        let rows = sqlx::query(sql).bind(from).bind(to).fetch_all(self.pool()).await.map_err(doing(READ))?;
        let mut merged = rows.iter().map(merged).collect::<Result<Vec<_>, _>>()?;
        merged.sort_by(|one, other| {
            let key = |cell: &MergedCell| (cell.month, cell.source.clone(), cell.written_on);
            let of = |cell: &MergedCell| (cell.cell.industry.clone(), cell.cell.seats.clone());
            (key(one), of(one)).cmp(&(key(other), of(other)))
        });
        Ok(merged)
    }

    async fn newest_month(&self, invented: bool) -> Result<Option<Date>, HistoryError> {
        let sql = "SELECT MAX(newest_day) FROM tenant WHERE invented = $1";
        let day: Option<i64> =
            sqlx::query_scalar(sql).bind(i64::from(invented)).fetch_one(self.pool()).await.map_err(doing(READ))?;
        Ok(day.and_then(date_of).map(Date::first_of_month))
    }

    /// The last assessment of each tenant in a month; one that scored nothing has nothing to say.
    async fn contributions(&self, month: Date, invented: bool) -> Result<Vec<Contribution>, HistoryError> {
        let failed = doing(READ);
        let next = month.checked_add(1.month()).map_or(i64::MAX, day_of_date);
        let rows = sqlx::query(
            "SELECT a.tenant_id, a.core_compat, t.industry, t.seats FROM assessment a
             JOIN tenant t ON t.id = a.tenant_id
             WHERE t.invented = $1 AND a.cause <> 'microsoft' AND a.core_max > 0 AND a.day >= $2 AND a.day < $3
             ORDER BY a.assessed_at, a.sequence",
        )
        .bind(i64::from(invented))
        .bind(day_of_date(month))
        .bind(next)
        .fetch_all(self.pool())
        .await
        .map_err(&failed)?;
        let mut last = std::collections::BTreeMap::new();
        for row in &rows {
            let contribution = Contribution {
                industry: row.try_get("industry").map_err(&failed)?,
                seats: u64::try_from(row.try_get::<i64, _>("seats").map_err(&failed)?).ok(),
                percent: row.try_get("core_compat").map_err(&failed)?,
            };
            last.insert(row.try_get::<String, _>("tenant_id").map_err(&failed)?, contribution);
        }
        Ok(last.into_values().collect())
    }
}

const MERGE: &str = "merge benchmark files";
const READ: &str = "read benchmarks";

/// Epsilon of the month, and of all months.
async fn spent(write: &mut Write, month: Date, invented: bool) -> Result<(f64, f64), HistoryError> {
    let failed = doing(READ);
    let rows = sqlx::query("SELECT month, epsilon FROM benchmark_export WHERE invented = $1")
        .bind(i64::from(invented))
        .fetch_all(&mut **write)
        .await
        .map_err(&failed)?;
    let (mut of_month, mut all) = (0.0, 0.0);
    for row in &rows {
        let epsilon: f64 = row.try_get("epsilon").map_err(&failed)?;
        all += epsilon;
        if row.try_get::<i64, _>("month").map_err(&failed)? == day_of_date(month) {
            of_month += epsilon;
        }
    }
    Ok((of_month, all))
}

async fn note(write: &mut Write, request: &ExportRequest, month: Date, at: i64) -> Result<(), HistoryError> {
    sqlx::query(
        "INSERT INTO benchmark_export (sequence, month, invented, grouped_by, epsilon, written_at)
         VALUES ((SELECT COALESCE(MAX(sequence), 0) + 1 FROM benchmark_export), $1, $2, $3, $4, $5)",
    )
    .bind(day_of_date(month))
    .bind(i64::from(request.invented))
    .bind(word(&request.grouping))
    .bind(request.epsilon)
    .bind(at)
    .execute(&mut **write)
    .await
    .map_err(doing("note an export"))?;
    Ok(())
}

async fn keep(write: &mut Write, hash: &str, file: &BenchmarkFile, cell: &BenchmarkCell) -> Result<(), HistoryError> {
    sqlx::query(
        "INSERT INTO benchmark_cell (file, source, written_on, month, invented, epsilon, industry, seats, tenants, bins)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(hash)
    .bind(&file.source)
    .bind(day_of_date(file.written_on))
    .bind(file.first_day().map_or(0, day_of_date))
    .bind(i64::from(file.invented))
    .bind(file.epsilon)
    .bind(&cell.industry)
    .bind(&cell.seats)
    .bind(cell.tenants)
    .bind(text(&cell.bins)?)
    .execute(&mut **write)
    .await
    .map_err(doing(MERGE))?;
    Ok(())
}

fn merged(row: &AnyRow) -> Result<MergedCell, HistoryError> {
    let failed = doing(READ);
    let said = |column: &str| row.try_get::<String, _>(column).map_err(&failed);
    let number = |column: &str| row.try_get::<i64, _>(column).map_err(&failed);
    Ok(MergedCell {
        source: said("source")?,
        written_on: date_of(number("written_on")?),
        month: date_of(number("month")?),
        invented: number("invented")? != 0,
        epsilon: row.try_get("epsilon").map_err(&failed)?,
        cell: BenchmarkCell {
            industry: said("industry")?,
            seats: said("seats")?,
            tenants: number("tenants")?,
            bins: of_text(&said("bins")?, "histogram")?,
        },
    })
}
