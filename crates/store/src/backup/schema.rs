//! Whether a database from elsewhere holds what this program makes, and nothing that would run by itself.

use std::collections::BTreeMap;
use std::path::Path;
use std::str::FromStr;

use sqlx::any::AnyConnectOptions;
use sqlx::{AnyConnection, Connection, Executor, Row};

use crate::database::migrations::newest;
use crate::database::{History, address_of, install_drivers};
use crate::error::{HistoryError, doing};

/// Why a database is not restored.
pub(super) enum Foreign {
    /// What is wrong with it.
    Refused(String),
    /// It can't be read.
    History(HistoryError),
}

impl From<HistoryError> for Foreign {
    fn from(error: HistoryError) -> Self {
        Self::History(error)
    }
}

/// Compares every table, index, view and trigger with those of a new database of the same version, which is made in `beside`.
/// `pages` says whether the pages have to be looked through too, because nothing else vouches for them.
pub(super) async fn check(file: &Path, beside: &Path, pages: bool) -> Result<(), Foreign> {
    let (version, found) = objects(file, pages).await?;
    let Some(version) = version else {
        return Err(Foreign::Refused("it is no database of this program".to_owned()));
    };
    if version > newest() {
        return Err(Foreign::Refused("a newer version of this program wrote it".to_owned()));
    }
    let model = beside.join("model.db");
    History::open_with_schema(&address_of(&model)?, version).await?.close().await;
    let (_, ours) = objects(&model, false).await?;
    for (object, text) in &found {
        match ours.get(object) {
            None => return Err(Foreign::Refused(format!("it holds {object}, which is not of this program"))),
            Some(ours) if ours != text => {
                return Err(Foreign::Refused(format!("its {object} is not as this program makes it")));
            }
            Some(_) => {}
        }
    }
    match ours.keys().find(|object| !found.contains_key(*object)) {
        Some(missing) => Err(Foreign::Refused(format!("it lacks {missing}"))),
        None => Ok(()),
    }
}

/// The version of a database, and what it is made of: kind and name with the statement that makes it.
async fn objects(file: &Path, pages: bool) -> Result<(Option<i64>, BTreeMap<String, String>), Foreign> {
    install_drivers();
    let failed = doing("say what it holds");
    let address = format!("{}?mode=ro&immutable=1", address_of(file)?);
    let options = AnyConnectOptions::from_str(&address).map_err(&failed)?;
    let mut connection = AnyConnection::connect_with(&options).await.map_err(&failed)?;
    // Nothing that the file brings along runs while it is looked at.
    connection.execute("PRAGMA trusted_schema = OFF").await.map_err(&failed)?;
    let rows = sqlx::query("SELECT type, name, tbl_name, COALESCE(sql, '') AS sql FROM sqlite_master")
        .fetch_all(&mut connection)
        .await
        .map_err(&failed)?;
    let mut found = BTreeMap::new();
    for row in rows {
        let text = |column: &str| row.try_get::<String, _>(column).map_err(&failed);
        let (kind, name, table, sql) = (text("type")?, text("name")?, text("tbl_name")?, text("sql")?);
        // What the planner of queries noted for itself.
        if !name.starts_with("sqlite_stat") {
            found.insert(format!("the {kind} `{name}` of `{table}`"), plain(&sql));
        }
    }
    if pages {
        let said: String =
            sqlx::query_scalar("PRAGMA integrity_check(1)").fetch_one(&mut connection).await.map_err(&failed)?;
        if said != "ok" {
            return Err(Foreign::Refused(format!("it is damaged: {said}")));
        }
    }
    let version: Result<Option<i64>, _> =
        sqlx::query_scalar("SELECT MAX(version) FROM _sqlx_migrations").fetch_one(&mut connection).await;
    connection.close().await.map_err(&failed)?;
    Ok((version.ok().flatten(), found))
}

/// A statement without blanks and quotes, which differ between versions of SQLite that changed a table.
fn plain(sql: &str) -> String {
    sql.chars().filter(|letter| !letter.is_whitespace() && !matches!(letter, '"' | '`' | '[' | ']')).collect()
}
