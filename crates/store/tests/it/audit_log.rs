//! The audit log as a table that anybody with the file can edit, and what they need to know to chain its entries anew: written after
//! decision 25, apart from the program.

use serde_json::json;
use sha2::{Digest, Sha256};
use sqlx::any::{AnyPoolOptions, AnyRow};
use sqlx::{AnyPool, AssertSqlSafe, Column, Row};

/// What a column of a row holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Number(i64),
    Text(String),
    /// Neither, which SQLite takes all the same: a literal of its.
    Literal(String),
}

impl Cell {
    fn literal(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => format!("'{}'", text.replace('\'', "''")),
            Self::Literal(literal) => literal.clone(),
        }
    }
}

/// A table of entries.
#[derive(Debug, Clone, PartialEq)]
pub struct Log {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<Cell>>,
}

pub async fn connect(url: &str) -> AnyPool {
    let pool = AnyPoolOptions::new().max_connections(1).connect(url).await.unwrap();
    if url.starts_with("sqlite") {
        // Nothing here has to survive a loss of power.
        sqlx::raw_sql("PRAGMA synchronous = OFF").execute(&pool).await.unwrap();
    }
    pool
}

impl Log {
    pub async fn read(pool: &AnyPool) -> Self {
        let rows = sqlx::query("SELECT * FROM audit ORDER BY sequence").fetch_all(pool).await.unwrap();
        let columns = rows[0].columns().iter().map(|column| column.name().to_owned()).collect();
        let cell = |row: &AnyRow, at: usize| match row.try_get::<i64, _>(at) {
            Ok(number) => Cell::Number(number),
            Err(_) => Cell::Text(row.get(at)),
        };
        let rows = rows.iter().map(|row| (0..row.len()).map(|at| cell(row, at)).collect()).collect();
        Self { columns, rows }
    }

    /// Puts this in place of what the table holds.
    pub async fn write(&self, pool: &AnyPool) {
        let row = |row: &Vec<Cell>| format!("({})", row.iter().map(Cell::literal).collect::<Vec<_>>().join(", "));
        let rows: Vec<String> = self.rows.iter().map(row).collect();
        let insert = format!("INSERT INTO audit ({}) VALUES {}", self.columns.join(", "), rows.join(", "));
        let insert = if rows.is_empty() { String::new() } else { insert };
        let sql = format!("BEGIN; DELETE FROM audit; {insert}; COMMIT");
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await.unwrap();
    }

    pub fn column(&self, name: &str) -> usize {
        self.columns.iter().position(|column| column == name).unwrap()
    }

    pub fn has(&self, name: &str) -> bool {
        self.columns.iter().any(|column| column == name)
    }

    pub fn text(&self, row: usize, name: &str) -> String {
        let cell = &self.rows[row][self.column(name)];
        if let Cell::Text(text) = cell { Some(text.clone()) } else { None }.expect(name)
    }

    pub fn number(&self, row: usize, name: &str) -> i64 {
        let cell = &self.rows[row][self.column(name)];
        if let Cell::Number(number) = cell { Some(*number) } else { None }.expect(name)
    }

    pub fn set(&mut self, row: usize, name: &str, text: impl Into<String>) {
        let column = self.column(name);
        self.rows[row][column] = Cell::Text(text.into());
    }

    /// Rows whose detail was emptied.
    pub fn emptied(&self) -> Vec<usize> {
        (0..self.rows.len()).filter(|row| self.text(*row, "detail").is_empty()).collect()
    }

    /// Numbers the entries from 1 again.
    pub fn renumber(&mut self) {
        let column = self.column("sequence");
        for (place, row) in self.rows.iter_mut().enumerate() {
            row[column] = Cell::Number(i64::try_from(place).unwrap() + 1);
        }
    }

    /// Makes the chain whole again from a row on, as somebody does who knows how; what is emptied keeps the hash of its detail.
    pub fn chain(&mut self, from: usize) {
        for row in from..self.rows.len() {
            let before = if row == 0 { "0".repeat(64) } else { self.text(row - 1, "hash") };
            let detail = self.text(row, "detail");
            self.set(row, "previous_hash", before);
            if self.has("format") && self.number(row, "format") == 2 {
                if self.text(row, "action") == "log.seal" {
                    self.set(row, "detail", json!({"entries": row, "digest": self.digest(row)}).to_string());
                }
                let detail = self.text(row, "detail");
                if !detail.is_empty() {
                    self.set(row, "detail_hash", sha256(&detail));
                }
                self.set(row, "hash", self.second_hash(row));
            } else {
                if self.has("detail_hash") && !detail.is_empty() {
                    self.set(row, "detail_hash", sha256(&detail));
                }
                if !detail.is_empty() {
                    self.set(row, "hash", self.first_hash(row));
                }
            }
        }
    }

    pub fn first_hash(&self, row: usize) -> String {
        let text = |name: &str| self.text(row, name);
        let number = |name: &str| self.number(row, name);
        let fields = json!([
            number("sequence"),
            number("at"),
            text("actor"),
            text("tenant_id"),
            text("action"),
            text("subject"),
            text("detail"),
            text("previous_hash"),
        ]);
        sha256(&fields.to_string())
    }

    fn second_hash(&self, row: usize) -> String {
        let text = |name: &str| self.text(row, name);
        let number = |name: &str| self.number(row, name);
        let fields = json!([
            "idscore audit 2",
            number("sequence"),
            number("at"),
            [text("actor_kind"), text("actor"), text("actor_id")],
            text("tenant_id"),
            text("action"),
            text("subject"),
            text("detail_hash"),
            text("previous_hash"),
        ]);
        sha256(&fields.to_string())
    }

    fn digest(&self, rows: usize) -> String {
        let mut all = String::new();
        for row in 0..rows {
            let text = |name: &str| self.text(row, name);
            let number = |name: &str| self.number(row, name);
            let fields = json!([
                number("sequence"),
                number("at"),
                [text("actor_kind"), text("actor"), text("actor_id")],
                text("tenant_id"),
                text("action"),
                text("subject"),
                [
                    json!(text("detail_hash")),
                    json!(text("previous_hash")),
                    json!(text("hash")),
                    json!(number("format"))
                ],
            ]);
            all.push_str(&fields.to_string());
            all.push('\n');
        }
        sha256(&all)
    }
}

pub fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}
