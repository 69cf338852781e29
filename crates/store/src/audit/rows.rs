//! Reads entries as they lie in the database, and believes no column before its type was looked at: a column of SQLite holds whatever
//! was written into it.

use sqlx::Row;
use sqlx::any::AnyRow;

use super::{ActorKind, AuditEntry};
use crate::database::Kind;

const NUMBERS: [&str; 3] = ["sequence", "at", "format"];
const TEXTS: [&str; 10] = [
    "actor_kind",
    "actor",
    "actor_id",
    "tenant_id",
    "action",
    "subject",
    "detail",
    "detail_hash",
    "previous_hash",
    "hash",
];

/// The columns of a statement whose rows [`read`] reads: texts as bytes, and in SQLite their types besides.
pub(crate) fn columns(kind: Kind) -> String {
    let numbers = NUMBERS.iter();
    let texts = TEXTS.iter();
    match kind {
        Kind::Sqlite => {
            let of = |name: &str| format!("typeof({name})");
            let types: Vec<String> = NUMBERS.iter().chain(&TEXTS).map(|name| of(name)).collect();
            let numbers =
                numbers.map(|name| format!("CASE typeof({name}) WHEN 'integer' THEN {name} ELSE 0 END AS {name}"));
            let texts = texts.map(|name| format!("CAST(COALESCE({name}, '') AS BLOB) AS {name}"));
            let columns: Vec<String> = numbers.chain(texts).collect();
            format!("{} AS types, {}", types.join(" || ' ' || "), columns.join(", "))
        }
        Kind::Postgres => {
            let texts = texts.map(|name| format!("convert_to({name}, 'UTF8') AS {name}"));
            let columns: Vec<String> = numbers.map(|name| (*name).to_owned()).chain(texts).collect();
            format!("'' AS types, {}", columns.join(", "))
        }
    }
}

/// An entry, or what is wrong with its row.
pub(crate) fn read(row: &AnyRow) -> Result<Result<AuditEntry, String>, sqlx::Error> {
    let types: String = row.try_get("types")?;
    let expected = NUMBERS.iter().map(|name| (name, "integer")).chain(TEXTS.iter().map(|name| (name, "text")));
    if let Some((name, found)) = types
        .split_whitespace()
        .zip(expected)
        .find_map(|(found, (name, expected))| (found != expected).then_some((name, found)))
    {
        return Ok(Err(format!("its row is damaged: `{name}` holds a value of type {found}")));
    }
    match texts(row)? {
        Err(name) => Ok(Err(format!("its row is damaged: `{name}` is no text"))),
        Ok([kind, actor, actor_id, tenant_id, action, subject, detail, detail_hash, previous_hash, hash]) => {
            let Some(actor_kind) = ActorKind::of_word(&kind) else {
                return Ok(Err("its row is damaged: `actor_kind` is no kind of actor".to_owned()));
            };
            Ok(Ok(AuditEntry {
                sequence: row.try_get("sequence")?,
                at: row.try_get("at")?,
                format: row.try_get("format")?,
                actor_kind,
                actor,
                actor_id,
                tenant_id,
                action,
                subject,
                detail,
                detail_hash,
                previous_hash,
                hash,
            }))
        }
    }
}

fn texts(row: &AnyRow) -> Result<Result<[String; TEXTS.len()], &'static str>, sqlx::Error> {
    let mut texts = [const { String::new() }; TEXTS.len()];
    for (text, name) in texts.iter_mut().zip(TEXTS) {
        match String::from_utf8(row.try_get(name)?) {
            Ok(found) => *text = found,
            Err(_) => return Ok(Err(name)),
        }
    }
    Ok(Ok(texts))
}
