//! A thousand edits of the log by somebody who has the database: each is found by following the chain and looking for a head that was
//! kept elsewhere, which is what `audit verify --head` does.

use idscore_score::Zones;
use idscore_store::{Archive, History, HistoryError, Person, Role, Roles, SessionLimits, Token};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use sqlx::AnyPool;
use tempfile::TempDir;

use crate::audit_log::{Cell, Log, connect, sha256};
use crate::support::{Store, actor, tenant};

/// Edits of all logs together.
const EDITS: u64 = 1_000;

/// A log to edit, and the head that somebody kept.
struct Edited {
    history: History,
    pool: AnyPool,
    log: Log,
    /// What entries said before they were emptied.
    said: Vec<(i64, String)>,
    head: String,
    folder: TempDir,
    _store: TempDir,
}

/// What people do to a tenant.
async fn busy(history: &History, id: &str, at: i64) {
    history.register(&actor(), &tenant(id)).await.unwrap();
    history.set_industry(&actor(), id, "Retail").await.unwrap();
    history.set_zones(&actor(), id, "40,60".parse::<Zones>().unwrap()).await.unwrap();
    let person = Person {
        subject: "https://id.example 7".to_owned(),
        name: "Ada".to_owned(),
        roles: Roles::everywhere(Role::Reader),
    };
    history
        .begin_session(&person, "oidc", SessionLimits::default(), at, &[u8::try_from(at % 200).unwrap(); 32])
        .await
        .unwrap();
    let token = Token {
        id: String::new(),
        tenant_id: id.to_owned(),
        name: "portal".to_owned(),
        scopes: vec![],
        created_at: 0,
        expires_at: i64::MAX,
        last_used_at: None,
        revoked_at: None,
    };
    history.create_token(&actor(), &token, &[u8::try_from(at % 200).unwrap() + 1; 32]).await.unwrap();
}

/// How a log came about.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Past {
    NothingDeleted,
    TenantsDeleted,
    /// Written by version 0.1, with a deletion; then brought up to date, with another one.
    BroughtUpToDate,
}

impl Edited {
    async fn of(past: Past) -> Self {
        let (url, folder) = Store::address().await;
        let files = tempfile::tempdir().unwrap();
        if past == Past::BroughtUpToDate {
            of_the_first_format(&url).await;
        }
        let archive = Archive::open(files.path(), Some(&url)).await.unwrap();
        let history = archive.history.clone();
        let pool = connect(&url).await;
        for (number, id) in ["a", "b", "c", "d"].iter().enumerate() {
            busy(&history, id, 2 * i64::try_from(number).unwrap()).await;
        }
        let before = Log::read(&pool).await;
        if past != Past::NothingDeleted {
            archive.delete_tenant(&actor(), "b").await.unwrap();
            busy(&history, "b", 20).await;
            archive.delete_tenant(&actor(), "b").await.unwrap();
            archive.delete_tenant(&actor(), "d").await.unwrap();
            busy(&history, "d", 22).await;
            history.set_industry(&actor(), "a", "Banking").await.unwrap();
        }
        let head = history.verify_audit().await.unwrap().head;
        let log = Log::read(&pool).await;
        let said =
            (0..before.rows.len()).map(|row| (before.number(row, "sequence"), before.text(row, "detail"))).collect();
        Self { history, pool, log, said, head, folder, _store: files }
    }

    /// Whether an edit is found.
    async fn is_found(&self, edited: &Log) -> Result<bool, HistoryError> {
        edited.write(&self.pool).await;
        match self.history.verify_audit().await {
            Ok(_) => Ok(self.history.audit_sequence(&self.head).await?.is_none()),
            Err(HistoryError::Audit { .. }) => Ok(true),
            Err(other) => Err(other),
        }
    }
}

/// A database of schema 12 with a log that the program of that time wrote, and emptied in part.
async fn of_the_first_format(url: &str) {
    History::open_with_schema(url, 12).await.unwrap().close().await;
    let pool = connect(url).await;
    let columns = ["sequence", "at", "actor", "tenant_id", "action", "subject", "detail", "previous_hash", "hash"];
    let mut log = Log { columns: columns.map(str::to_owned).to_vec(), rows: Vec::new() };
    let mut add = |tenant: &str, action: &str, detail: &str| {
        let number = i64::try_from(log.rows.len()).unwrap() + 1;
        let texts = ["ada", tenant, action, tenant, detail, "", ""].map(|text| Cell::Text(text.to_owned()));
        log.rows.push([Cell::Number(number), Cell::Number(number * 1_000)].into_iter().chain(texts).collect());
    };
    for id in ["x", "a", "b", "y"] {
        add(id, "tenant.register", &format!("{{\"displayName\":\"{id}\"}}"));
        add(id, "tenant.zones", "{}");
    }
    add("x", "tenant.delete", "{\"emptiedEntries\":2}");
    add("a", "tenant.industry", "{}");
    log.chain(0);
    for row in [0, 1] {
        log.set(row, "detail", "");
    }
    log.write(&pool).await;
    pool.close().await;
}

/// Somebody else's letter in place of one, one more or one less.
fn byte(text: &str, dice: &mut ChaCha8Rng) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    let letter = char::from(dice.random_range(b' '..=b'~'));
    let place = dice.random_range(0..=letters.len());
    match dice.random_range(0..4) {
        _ if place == letters.len() => letters.push(letter),
        0 => letters.insert(place, letter),
        1 => drop(letters.remove(place)),
        _ => letters[place] = letter,
    }
    letters.into_iter().collect()
}

/// A cell that holds what its column is not for; PostgreSQL refuses it, so that a byte is changed there.
fn another_type(cell: &Cell, sqlite: bool, dice: &mut ChaCha8Rng) -> Cell {
    let bytes = |text: &str| text.bytes().map(|byte| format!("{byte:02X}")).collect::<String>();
    match cell {
        Cell::Text(text) if !sqlite => Cell::Text(byte(text, dice)),
        Cell::Number(number) if !sqlite => Cell::Number(number ^ (1 << dice.random_range(0..63))),
        Cell::Text(text) if dice.random_bool(0.5) => Cell::Literal(format!("X'{}'", bytes(text))),
        Cell::Text(text) => Cell::Literal(format!("CAST(X'{}FF' AS TEXT)", bytes(text))),
        Cell::Number(number) if dice.random_bool(0.5) => Cell::Literal(format!("{number}.5")),
        Cell::Number(number) => Cell::Literal(format!("'{number}a'")),
        Cell::Literal(_) => cell.clone(),
    }
}

/// One edit; its name is told where it is not found.
fn edit(of: &Edited, dice: &mut ChaCha8Rng, sqlite: bool) -> (&'static str, Log) {
    let mut log = of.log.clone();
    let count = log.rows.len();
    let row = dice.random_range(0..count);
    let column = dice.random_range(0..log.columns.len());
    let emptied = log.emptied();
    let name = match dice.random_range(0..20) {
        0..=3 => {
            log.rows[row][column] = match &log.rows[row][column] {
                Cell::Text(text) => Cell::Text(byte(text, dice)),
                Cell::Number(number) => Cell::Number(number ^ (1 << dice.random_range(0..63))),
                literal => literal.clone(),
            };
            "a byte"
        }
        4 => {
            log.rows[row][column] = another_type(&log.rows[row][column], sqlite, dice);
            "a value of another type"
        }
        5 | 6 if !emptied.is_empty() => {
            let row = emptied[dice.random_range(0..emptied.len())];
            log.rows[row][column] = match &log.rows[row][column] {
                Cell::Text(text) => Cell::Text(byte(text, dice)),
                Cell::Number(number) => Cell::Number(number ^ (1 << dice.random_range(0..63))),
                literal => literal.clone(),
            };
            "a byte of an emptied entry"
        }
        7 if !emptied.is_empty() => {
            let row = emptied[dice.random_range(0..emptied.len())];
            let number = log.number(row, "sequence");
            let said = of.said.iter().find(|(sequence, said)| *sequence == number && !said.is_empty());
            log.set(row, "detail", said.map_or("{}", |(_, said)| said));
            "what an emptied entry said, put back"
        }
        8 => {
            let other = dice.random_range(0..count);
            log.rows.swap(row, other);
            if dice.random_bool(0.5) {
                log.renumber();
            } else {
                let sequence = log.column("sequence");
                let (one, two) = (log.rows[row][sequence].clone(), log.rows[other][sequence].clone());
                (log.rows[row][sequence], log.rows[other][sequence]) = (two, one);
                let all_but = dice.random_range(0..log.columns.len());
                let cell = log.rows[row][all_but].clone();
                log.rows[row][all_but] = log.rows[other][all_but].clone();
                log.rows[other][all_but] = cell;
            }
            "two entries swapped"
        }
        9 => {
            log.rows.remove(row);
            if dice.random_bool(0.5) {
                log.renumber();
            }
            "an entry removed"
        }
        10 => {
            log.rows.truncate(row);
            "the end cut off"
        }
        11 => {
            let copy = log.rows[row].clone();
            log.rows.insert(dice.random_range(0..=count), copy);
            log.renumber();
            "an entry put in between"
        }
        12 => {
            let mut copy = log.rows[row].clone();
            copy[log.column("sequence")] = Cell::Number([0, -1, i64::MIN, i64::MAX][dice.random_range(0..4)]);
            log.rows.push(copy);
            "an entry with a number that none has"
        }
        13 => {
            log.set(row, "detail", "");
            if dice.random_bool(0.5) && log.has("detail_hash") {
                log.set(row, "detail_hash", sha256(""));
            }
            "an entry emptied"
        }
        14 => {
            let detail = byte(&log.text(row, "detail"), dice);
            if log.has("detail_hash") {
                log.set(row, "detail_hash", sha256(&detail));
            }
            log.set(row, "detail", detail);
            "what was said, with its hash"
        }
        15 => {
            // A tenant.delete of the tenant, in its place in the chain, of which the tenant itself knows nothing.
            let tenant = ["a", "c"][dice.random_range(0..2)];
            let victims: Vec<usize> = (0..count).filter(|row| log.text(*row, "tenant_id") == tenant).collect();
            let victim = victims[dice.random_range(0..victims.len())];
            deletion(&mut log, tenant, victim);
            "an entry emptied, and a deletion that says so"
        }
        16 => {
            // An entry that is there turns into a deletion.
            let victim = dice.random_range(0..count - 1);
            let turned = dice.random_range(victim + 1..count);
            log.set(victim, "detail", "");
            let tenant = log.text(victim, "tenant_id");
            log.set(turned, "action", "tenant.delete");
            log.set(turned, "tenant_id", tenant);
            log.set(turned, "detail", format!("{{\"emptiedEntries\":1,\"emptied\":[[{0},{0}]]}}", victim + 1));
            if dice.random_bool(0.5) {
                log.chain(turned);
            }
            "an entry turned into a deletion"
        }
        17 => {
            // A deletion that names one entry more.
            let deletions: Vec<usize> = (0..count).filter(|row| log.text(*row, "action") == "tenant.delete").collect();
            let Some(last) = deletions.last() else { return edit(of, dice, sqlite) };
            let victim = dice.random_range(0..*last);
            log.set(victim, "detail", "");
            log.set(*last, "detail", format!("{{\"emptiedEntries\":1,\"emptied\":[[{0},{0}]]}}", victim + 1));
            if dice.random_bool(0.5) {
                log.chain(*last);
            }
            "a deletion that names another entry"
        }
        _ => {
            let column = ["actor", "subject", "tenant_id", "action"][dice.random_range(0..4)];
            let text = byte(&log.text(row, column), dice);
            log.set(row, column, text);
            log.chain(row);
            "an entry changed, and the chain made whole"
        }
    };
    let sequence = log.column("sequence");
    let repeated =
        (1..log.rows.len()).any(|row| log.rows[..row].iter().any(|one| one[sequence] == log.rows[row][sequence]));
    // No database takes a number twice; and what is as before is no edit.
    if repeated || log.rows == of.log.rows { edit(of, dice, sqlite) } else { (name, log) }
}

/// Empties an entry, and appends a deletion that names it.
fn deletion(log: &mut Log, tenant: &str, victim: usize) {
    let number = log.number(victim, "sequence");
    log.set(victim, "detail", "");
    let last = log.rows.len();
    log.rows.push(log.rows[last - 1].clone());
    log.renumber();
    log.set(last, "tenant_id", tenant);
    log.set(last, "subject", tenant);
    log.set(last, "action", "tenant.delete");
    log.set(last, "detail", format!("{{\"emptiedEntries\":1,\"emptied\":[[{number},{number}]]}}"));
    log.chain(last);
}

#[tokio::test]
async fn every_edit_of_the_log_is_found() {
    let pasts = [Past::NothingDeleted, Past::TenantsDeleted, Past::BroughtUpToDate];
    let mut missed = Vec::new();
    for (number, past) in pasts.into_iter().enumerate() {
        let of = Edited::of(past).await;
        let sqlite = !cfg!(feature = "postgres");
        let share = EDITS / 3 + u64::from(number == 0) * (EDITS % 3);
        for seed in 0..share {
            let mut dice: ChaCha8Rng = rand::SeedableRng::seed_from_u64(seed);
            let (name, edited) = edit(&of, &mut dice, sqlite);
            match of.is_found(&edited).await {
                Ok(true) => {}
                Ok(false) => missed.push(format!("{past:?} {seed}: {name}")),
                Err(error) => missed.push(format!("{past:?} {seed}: {name}: {error:?}")),
            }
        }
        of.log.write(&of.pool).await;
        assert_eq!(of.history.verify_audit().await.unwrap().head, of.head, "the log itself is whole");
        of.history.close().await;
        of.pool.close().await;
    }
    assert!(missed.is_empty(), "{} of {EDITS} were not found:\n{}", missed.len(), missed.join("\n"));
}

/// Where the rows of the log lie in a file of SQLite: from the first byte of a row's head to its last.
#[cfg(not(feature = "postgres"))]
fn places(file: &[u8], log: &Log) -> Vec<usize> {
    let mut places = Vec::new();
    for row in 0..log.rows.len() {
        let hash = log.text(row, "hash");
        let length: usize = [
            "actor_kind",
            "actor",
            "actor_id",
            "tenant_id",
            "action",
            "subject",
            "detail",
            "detail_hash",
            "previous_hash",
        ]
        .iter()
        .map(|name| log.text(row, name).len())
        .sum();
        // The last place: what was the root of the tree once keeps bytes that belong to no row.
        let detail_hash = log.text(row, "detail_hash");
        let end = file
            .windows(192)
            .rposition(|bytes| bytes.starts_with(detail_hash.as_bytes()) && bytes.ends_with(hash.as_bytes()));
        let end = end.unwrap() + 192;
        // Two numbers and the head of the row are ahead of the texts; the format is behind them.
        places.extend(end - 192 + 64 - length + 64 - 24..end + 1);
    }
    places
}

#[cfg(not(feature = "postgres"))]
#[tokio::test]
async fn every_byte_of_the_file_that_holds_the_log_counts() {
    let of = Edited::of(Past::TenantsDeleted).await;
    of.history.close().await;
    // No page holds what lies elsewhere now.
    sqlx::raw_sql("VACUUM").execute(&of.pool).await.unwrap();
    of.pool.close().await;
    let path = of.folder.path().join("history.db");
    let whole = std::fs::read(&path).unwrap();
    let untouched = of.folder.path().join("untouched.db");
    std::fs::write(&untouched, &whole).unwrap();
    let history = History::open(&format!("sqlite:{}", untouched.display())).await.unwrap();
    assert!(history.verify_audit().await.is_ok() && history.audit_sequence(&of.head).await.unwrap().is_some());
    history.close().await;
    let places = places(&whole, &of.log);
    let mut missed = Vec::new();
    for seed in 0..100 {
        let mut dice: ChaCha8Rng = rand::SeedableRng::seed_from_u64(seed);
        let place = places[dice.random_range(0..places.len())];
        let mut edited = whole.clone();
        edited[place] ^= 1 << dice.random_range(0..8);
        let copy = of.folder.path().join(format!("{seed}.db"));
        std::fs::write(&copy, edited).unwrap();
        let Ok(history) = History::open(&format!("sqlite:{}", copy.display())).await else { continue };
        if history.verify_audit().await.is_ok() && history.audit_sequence(&of.head).await.unwrap().is_some() {
            missed.push(place);
        }
        history.close().await;
        std::fs::remove_file(&copy).unwrap();
    }
    assert!(missed.is_empty(), "{missed:?}");
}
