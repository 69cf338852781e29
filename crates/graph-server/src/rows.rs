//! The rows of a data set as they lie in page files: where each begins, and no more, is kept in memory.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::SystemTime;

use crate::scan::{Scanner, property, text};

/// Why rows can't be served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// A file or folder can't be read.
    #[error("cannot read `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// A page is no JSON.
    #[error("`{}` is no page of Microsoft Graph: no JSON at byte {at}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where it stops being JSON.
        at: usize,
    },
    /// The report of an export is not one.
    #[error("cannot read the report `{}`", path.display())]
    Report {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: serde_json::Error,
    },
    /// A page changed after it was read for the first time.
    #[error("`{}` has changed: have the export read again", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// A page is larger than an index of 32 bits reaches.
    #[error("`{}` has more than 4 GiB", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// The folder holds no page of any data set.
    #[error("`{}` is no export: no folder in it is named like a data set of Microsoft Graph", path.display())]
    NoExport {
        /// The folder.
        path: PathBuf,
    },
}

/// A place between rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cursor {
    pub file: u32,
    pub row: u32,
}

/// Neighbouring rows of one file.
pub(crate) struct Run {
    bytes: Vec<u8>,
    /// Where each row stands in `bytes`.
    spans: Vec<(usize, usize)>,
    /// Every property that any row of the file has.
    pub keys: Vec<Box<str>>,
}

impl Run {
    /// All rows with what stands between them.
    pub fn whole(&self) -> &[u8] {
        &self.bytes
    }

    pub fn len(&self) -> usize {
        self.spans.len()
    }

    pub fn rows(&self) -> impl DoubleEndedIterator<Item = &[u8]> {
        self.spans.iter().filter_map(|(from, to)| self.bytes.get(*from..*to))
    }
}

#[derive(Debug)]
struct Index {
    /// How long the file was, and when it was written last.
    seen: (u64, Option<SystemTime>),
    starts: Vec<u32>,
    end: u32,
    keys: Vec<Box<str>>,
}

#[derive(Debug)]
struct PageFile {
    path: PathBuf,
    index: OnceLock<Index>,
}

/// The pages of one data set, or of one owner in it.
#[derive(Debug)]
pub(crate) struct Rows {
    files: Vec<PageFile>,
    /// Hash of an id, and where its row stands; sorted, made when the first row is looked up.
    ids: OnceLock<Vec<(u64, Cursor)>>,
}

impl Rows {
    /// The page files of a folder in the order of their names; none where there is no page.
    pub fn open(folder: &Path) -> Result<Option<Self>, ExportError> {
        let unread = |source| ExportError::Read { path: folder.to_owned(), source };
        let entries = match std::fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => {
                return Ok(None);
            }
            Err(error) => return Err(unread(error)),
        };
        let mut paths = Vec::new();
        for entry in entries {
            let path = entry.map_err(unread)?.path();
            if path.extension().is_some_and(|extension| extension == "json") && path.is_file() {
                paths.push(path);
            }
        }
        // `9.json` comes before `10.json`.
        paths.sort_by_key(|path| {
            let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
            (stem.parse::<u64>().unwrap_or(u64::MAX), stem)
        });
        if paths.is_empty() {
            return Ok(None);
        }
        let files = paths.into_iter().map(|path| PageFile { path, index: OnceLock::new() }).collect();
        Ok(Some(Self { files, ids: OnceLock::new() }))
    }

    /// As many rows as there are from a place on, `limit` at most, and the place behind them where more follow.
    pub fn take(&self, from: Cursor, limit: usize) -> Result<(Vec<Run>, Option<Cursor>), ExportError> {
        let (mut runs, mut left) = (Vec::new(), limit);
        let mut at = from;
        while let Some(file) = self.files.get(at.file as usize) {
            let index = file.index()?;
            let first = at.row as usize;
            let count = index.starts.len().saturating_sub(first);
            if count == 0 {
                at = Cursor { file: at.file + 1, row: 0 };
                continue;
            }
            if left == 0 {
                return Ok((runs, Some(at)));
            }
            let taken = count.min(left);
            runs.push(file.run(index, at, taken)?);
            left -= taken;
            at.row = at.row.saturating_add(u32::try_from(taken).unwrap_or(u32::MAX));
        }
        Ok((runs, None))
    }

    /// The place `rows` before another one, or the first.
    pub fn before(&self, from: Cursor, rows: usize) -> Result<Cursor, ExportError> {
        let (mut at, mut left) = (from, rows);
        loop {
            let step = left.min(at.row as usize);
            at.row -= u32::try_from(step).unwrap_or(at.row);
            left -= step;
            if left == 0 || at.file == 0 {
                return Ok(at);
            }
            at.file -= 1;
            let Some(file) = self.files.get(at.file as usize) else { return Ok(Cursor::default()) };
            at.row = u32::try_from(file.index()?.starts.len()).unwrap_or(u32::MAX);
        }
    }

    /// How many rows there are.
    pub fn count(&self) -> Result<u64, ExportError> {
        self.files.iter().try_fold(0, |sum, file| Ok(sum + file.index()?.starts.len() as u64))
    }

    /// Calls `each` with every row and its place.
    pub fn for_each(&self, mut each: impl FnMut(Cursor, &[u8])) -> Result<(), ExportError> {
        for (number, file) in self.files.iter().enumerate() {
            let index = file.index()?;
            if index.starts.is_empty() {
                continue;
            }
            let at = Cursor { file: u32::try_from(number).unwrap_or(u32::MAX), row: 0 };
            let run = file.run(index, at, index.starts.len())?;
            for (row, bytes) in (0..).zip(run.rows()) {
                each(Cursor { row, ..at }, bytes);
            }
        }
        Ok(())
    }

    /// The row at a place.
    pub fn at(&self, at: Cursor) -> Result<Option<Vec<u8>>, ExportError> {
        let Some(file) = self.files.get(at.file as usize) else { return Ok(None) };
        let index = file.index()?;
        if at.row as usize >= index.starts.len() {
            return Ok(None);
        }
        Ok(Some(file.run(index, at, 1)?.bytes))
    }

    fn ids(&self) -> Result<&[(u64, Cursor)], ExportError> {
        if let Some(ids) = self.ids.get() {
            return Ok(ids);
        }
        let mut ids = Vec::new();
        self.for_each(|at, row| {
            if let Some(id) = text(row, "id") {
                ids.push((hash(id.as_bytes()), at));
            }
        })?;
        ids.sort_unstable();
        Ok(self.ids.get_or_init(|| ids))
    }

    /// The place behind the row whose id has that hash.
    pub fn behind(&self, wanted: u64) -> Result<Option<Cursor>, ExportError> {
        let ids = self.ids()?;
        let first = ids.partition_point(|(hash, _)| *hash < wanted);
        let found = ids.get(first).filter(|(hash, _)| *hash == wanted);
        Ok(found.map(|(_, at)| Cursor { row: at.row.saturating_add(1), ..*at }))
    }

    /// The row with that id.
    pub fn find(&self, id: &str) -> Result<Option<Vec<u8>>, ExportError> {
        let ids = self.ids()?;
        let wanted = hash(id.as_bytes());
        let first = ids.partition_point(|(hash, _)| *hash < wanted);
        for (_, at) in ids.iter().skip(first).take_while(|(hash, _)| *hash == wanted) {
            if let Some(row) = self.at(*at)?
                && text(&row, "id").as_deref() == Some(id)
            {
                return Ok(Some(row));
            }
        }
        Ok(None)
    }
}

impl PageFile {
    fn index(&self) -> Result<&Index, ExportError> {
        if let Some(index) = self.index.get() {
            return Ok(index);
        }
        let seen = seen(&std::fs::metadata(&self.path).map_err(|source| self.unread(source))?);
        let bytes = std::fs::read(&self.path).map_err(|source| self.unread(source))?;
        if u32::try_from(bytes.len()).is_err() {
            return Err(ExportError::TooLarge { path: self.path.clone() });
        }
        let index = Index::of(&bytes).map_err(|error| ExportError::Damaged { path: self.path.clone(), at: error.0 })?;
        Ok(self.index.get_or_init(|| Index { seen, ..index }))
    }

    fn run(&self, index: &Index, at: Cursor, count: usize) -> Result<Run, ExportError> {
        let first = at.row as usize;
        let starts = index.starts.get(first..first + count).unwrap_or_default();
        let base = starts.first().copied().unwrap_or(index.end);
        let next = index.starts.get(first + count).copied();
        let mut bytes = self.read(index, base, next.unwrap_or(index.end))?;
        let mut spans = Vec::with_capacity(count);
        for (number, start) in starts.iter().enumerate() {
            let to = starts.get(number + 1).map_or(bytes.len(), |next| (*next - base) as usize);
            let from = (*start - base) as usize;
            spans.push((from, trimmed(&bytes, from, to)));
        }
        bytes.truncate(spans.last().map_or(0, |(_, to)| *to));
        Ok(Run { bytes, spans, keys: index.keys.clone() })
    }

    fn read(&self, index: &Index, from: u32, to: u32) -> Result<Vec<u8>, ExportError> {
        let mut bytes = vec![0; to.saturating_sub(from) as usize];
        let mut file = File::open(&self.path).map_err(|source| self.unread(source))?;
        let now = file.metadata().map_err(|source| self.unread(source))?;
        if seen(&now) != index.seen {
            return Err(ExportError::Changed { path: self.path.clone() });
        }
        file.seek(SeekFrom::Start(from.into())).map_err(|source| self.unread(source))?;
        file.read_exact(&mut bytes).map_err(|source| self.unread(source))?;
        Ok(bytes)
    }

    fn unread(&self, source: std::io::Error) -> ExportError {
        ExportError::Read { path: self.path.clone(), source }
    }
}

fn seen(data: &std::fs::Metadata) -> (u64, Option<SystemTime>) {
    (data.len(), data.modified().ok())
}

/// The end of a row without the comma and the blanks before the next.
fn trimmed(bytes: &[u8], from: usize, to: usize) -> usize {
    let row = bytes.get(from..to).unwrap_or_default();
    let kept = row.iter().rposition(|byte| !matches!(byte, b',' | b' ' | b'\n' | b'\r' | b'\t'));
    from + kept.map_or(0, |last| last + 1)
}

impl Index {
    fn of(bytes: &[u8]) -> Result<Self, super::scan::ScanError> {
        let mut index = Self { seen: (0, None), starts: Vec::new(), end: 0, keys: Vec::new() };
        let mut scanner = Scanner::new(bytes);
        if scanner.peek() == Some(b'[') {
            index.list(&mut scanner)?;
            return Ok(index);
        }
        let mut value = None;
        let whole = scanner.moved(scanner.at()).value()?;
        let mut keys = scanner.moved(scanner.at());
        keys.properties(|name, place| {
            if name == b"value" && bytes.get(place.start) == Some(&b'[') {
                value = Some(place.start);
            }
            true
        })?;
        match value {
            Some(at) => index.list(&mut scanner.moved(at))?,
            None => {
                index.starts.push(narrow(whole.start));
                index.end = narrow(whole.end);
                index.learn(&mut scanner)?;
            }
        }
        Ok(index)
    }

    fn list(&mut self, scanner: &mut Scanner<'_>) -> Result<(), super::scan::ScanError> {
        scanner.elements(|element| {
            self.starts.push(narrow(element.at()));
            self.learn(element)?;
            self.end = narrow(element.at());
            Ok(())
        })
    }

    /// Notes the properties of a row. Rows of one page mostly have the same in the same order.
    fn learn(&mut self, scanner: &mut Scanner<'_>) -> Result<(), super::scan::ScanError> {
        let mut at = 0;
        scanner.properties(|name, _| {
            let known = |key: &str| key.as_bytes() == name;
            if !self.keys.get(at).is_some_and(|key| known(key)) && !self.keys.iter().any(|key| known(key)) {
                self.keys.push(String::from_utf8_lossy(name).into());
            }
            at += 1;
            true
        })
    }
}

/// An offset; files beyond 4 GiB were refused before.
fn narrow(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

/// FNV-1a: the same on every machine, which page tokens need.
pub(crate) fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// A hash of the named properties of a row, or of all.
pub(crate) fn content_hash(row: &[u8], select: Option<&[String]>) -> u64 {
    match select {
        None => hash(row),
        Some(names) => names.iter().fold(7, |sum, name| {
            let value = property(row, name).map_or(1, hash);
            crate::chance::mix(sum ^ value)
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(pages: &[&str]) -> (tempfile::TempDir, Rows) {
        let folder = tempfile::tempdir().unwrap();
        for (number, page) in pages.iter().enumerate() {
            std::fs::write(folder.path().join(format!("{}.json", number + 1)), page).unwrap();
        }
        let rows = Rows::open(folder.path()).unwrap().unwrap();
        (folder, rows)
    }

    fn ids(runs: &[Run]) -> Vec<String> {
        runs.iter().flat_map(Run::rows).map(|row| text(row, "id").unwrap()).collect()
    }

    const PAGES: [&str; 4] = [
        "{\"@odata.context\":\"x\",\"value\":[\n{\"id\":\"a\"} ,\n{\"id\":\"b\",\"n\":[1,\"]\"]}\n],\"@odata.nextLink\":\"y\"}",
        "{\"value\":[]}",
        "[{\"id\":\"c\"}]",
        "{\"value\":[{\"id\":\"d\"},{\"id\":\"e\"}]}",
    ];

    #[test]
    fn pages_of_any_size_hold_every_row_once_and_in_order() {
        let (_folder, rows) = rows(&PAGES);
        for limit in 1..7 {
            let (mut at, mut seen) = (Some(Cursor::default()), Vec::new());
            while let Some(from) = at {
                let (runs, next) = rows.take(from, limit).unwrap();
                assert!(runs.iter().map(Run::len).sum::<usize>() <= limit);
                seen.extend(ids(&runs));
                at = next;
            }
            assert_eq!(seen, ["a", "b", "c", "d", "e"], "{limit} a page");
        }
        assert_eq!(rows.count().unwrap(), 5);
    }

    #[test]
    fn a_row_is_found_by_its_id() {
        let (_folder, rows) = rows(&PAGES);
        assert_eq!(rows.find("b").unwrap().unwrap(), br#"{"id":"b","n":[1,"]"]}"#);
        assert_eq!(rows.find("z").unwrap(), None);
    }

    #[test]
    fn going_back_crosses_empty_files_and_stops_at_the_first_row() {
        let (_folder, rows) = rows(&PAGES);
        let from = Cursor { file: 3, row: 1 };
        let first = |at: Cursor| ids(&rows.take(at, 1).unwrap().0).remove(0);
        assert_eq!(first(rows.before(from, 1).unwrap()), "d");
        assert_eq!(first(rows.before(from, 2).unwrap()), "c");
        assert_eq!(first(rows.before(from, 3).unwrap()), "b");
        assert_eq!(first(rows.before(from, 99).unwrap()), "a");
    }

    #[test]
    fn a_damaged_page_is_named_with_its_place() {
        let (_folder, rows) = rows(&["{\"value\":[{\"id\":\"a\"}"]);
        let error = rows.take(Cursor::default(), 9).err().unwrap().to_string();
        assert!(error.contains("1.json") && error.contains("at byte 20"), "{error}");
    }
}
