//! Archives: unpacked into a temporary folder, with every entry checked before it is written.

use std::fs::{self, File};
use std::io::{self, BufReader, Read, Seek};
use std::path::{Component, Path, PathBuf};
use std::time::{Duration, Instant};

use flate2::read::MultiGzDecoder;
use tar::{Entry, EntryType, PaxExtensions};
use tempfile::TempDir;

use super::MAX_DEPTH;
use crate::ReadError;

/// The most that an archive may unpack to, against its own size; small archives may always unpack to `FREE`.
const MAX_RATIO: u64 = 200;
const FREE: u64 = if cfg!(test) { 1 << 16 } else { 64 << 20 };
/// The most bytes in which a tar may say the name of one member.
const MAX_DESCRIPTION: u64 = 64 << 10;
/// The size of the header of a tar's member.
const TAR_HEADER: u64 = 512;
const TOO_MUCH: &str = "the archive unpacks to far more than it weighs, or than may be unpacked";

const TOO_SLOW: &str = "unpacking takes longer than it may";
const TWICE: &str = "two files in it have the same name";

/// How far an archive may be unpacked, and where.
#[derive(Debug, Clone, Copy)]
pub struct Unpacking<'a> {
    /// The folder in which it is unpacked; the system's folder for temporary files where none is named.
    pub folder: Option<&'a Path>,
    /// The most bytes that it may unpack to, whatever its own size.
    pub bytes: u64,
    /// The most entries that it may have. The directory of a zip is in memory: 300 MB for as many as the default.
    pub entries: usize,
    /// How long unpacking may take.
    pub time: Duration,
}

impl Default for Unpacking<'_> {
    fn default() -> Self {
        Self { folder: None, bytes: 64 << 30, entries: 500_000, time: Duration::from_secs(30 * 60) }
    }
}

/// Unpacks `.zip`, `.tar`, `.tar.gz`; None when the file is no archive.
pub(super) fn unpack(archive: &Path, allowed: &Unpacking<'_>) -> Result<Option<TempDir>, ReadError> {
    let failed = |source| ReadError::io("read archive", archive, source);
    let mut file = File::open(archive).map_err(failed)?;
    let size = file.metadata().map_err(failed)?.len();
    let mut head = Vec::new();
    (&mut file).take(TAR_HEADER).read_to_end(&mut head).map_err(failed)?;
    file.rewind().map_err(failed)?;
    let name = archive.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    let is_zip = head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06");
    let is_tar = head.get(257..262) == Some(b"ustar") || is_old_tar(&head);
    let is_tgz = head.starts_with(&[0x1f, 0x8b]) && (name.ends_with(".tar.gz") || name.ends_with(".tgz"));
    if !(is_zip || is_tar || is_tgz) {
        if [".zip", ".tar", ".tgz", ".tar.gz"].iter().any(|end| name.ends_with(end)) {
            return Err(refused(archive, "", "it is no such archive, or its beginning is damaged"));
        }
        return Ok(None);
    }
    let mut passing = tempfile::Builder::new();
    let passing = passing.prefix("idscore-export-");
    let folder = match allowed.folder {
        Some(parent) => passing.tempdir_in(parent),
        None => passing.tempdir(),
    };
    let folder = folder.map_err(failed)?;
    let budget = size.saturating_mul(MAX_RATIO).max(FREE).min(allowed.bytes);
    let mut unpacker = Unpacker {
        archive,
        root: folder.path(),
        budget,
        entries: 0,
        max_entries: allowed.entries,
        until: Instant::now().checked_add(allowed.time),
    };
    if is_zip {
        unpacker.zip(file)?;
    } else if is_tgz {
        // What is skipped is unpacked too.
        unpacker.tar(Limited { reader: MultiGzDecoder::new(BufReader::new(file)), left: budget })?;
    } else {
        unpacker.tar(BufReader::new(file))?;
    }
    Ok(Some(folder))
}

/// Whether the header is one of the tar of Unix version 7, which has no mark but its checksum.
fn is_old_tar(header: &[u8]) -> bool {
    const CHECKSUM: std::ops::Range<usize> = 148..156;
    let Some(stored) = header.get(CHECKSUM).filter(|_| header.len() as u64 == TAR_HEADER) else { return false };
    let text = String::from_utf8_lossy(stored);
    let stored = u64::from_str_radix(text.trim_matches(['\0', ' ']), 8);
    // The sum is taken with blanks in place of itself.
    let byte = |(at, byte): (usize, &u8)| u64::from(if CHECKSUM.contains(&at) { b' ' } else { *byte });
    stored == Ok(header.iter().enumerate().map(byte).sum())
}

fn refused(archive: &Path, entry: &str, reason: impl Into<String>) -> ReadError {
    ReadError::Archive { archive: archive.display().to_string(), entry: entry.to_owned(), reason: reason.into() }
}

/// How many entries the directory of a zip may have at most: each begins with the same mark. Counts to one more than `enough`.
fn headers(file: &mut File, enough: usize) -> io::Result<usize> {
    const MARK: &[u8] = b"PK\x01\x02";
    let least = 46;
    if file.metadata()?.len() / least <= enough as u64 {
        return Ok(0);
    }
    let (mut found, mut part) = (0, Vec::new());
    while found <= enough {
        // A mark may lie across two parts.
        let kept = part.len().min(MARK.len() - 1);
        part.drain(..part.len() - kept);
        if file.take(1 << 20).read_to_end(&mut part)? == 0 {
            break;
        }
        found += part.windows(MARK.len()).filter(|window| *window == MARK).count();
    }
    file.rewind()?;
    Ok(found)
}

/// Ends with an error after so many bytes.
struct Limited<R> {
    reader: R,
    left: u64,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.left = self.left.checked_sub(read as u64).ok_or_else(|| io::Error::other(TOO_MUCH))?;
        Ok(read)
    }
}

/// Ends with an error at an instant.
struct Timed<R> {
    reader: R,
    until: Option<Instant>,
}

impl<R: Read> Read for Timed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.until.is_some_and(|until| Instant::now() > until) {
            return Err(io::Error::other(TOO_SLOW));
        }
        self.reader.read(buffer)
    }
}

/// How many files the directory of a zip says that it has; None where no directory is found.
fn files_of_zip(file: &mut File) -> io::Result<Option<u64>> {
    const MARK: &[u8] = b"PK\x05\x06";
    const MARK_64: &[u8] = b"PK\x06\x06";
    const LONGEST: u64 = 22 + 0xffff + 20 + 56;
    let size = file.metadata()?.len();
    file.seek(io::SeekFrom::Start(size.saturating_sub(LONGEST)))?;
    let mut end = Vec::new();
    file.take(LONGEST).read_to_end(&mut end)?;
    file.rewind()?;
    let find = |mark: &[u8]| end.windows(mark.len()).rposition(|window| window == mark);
    let number = |at: usize, length: usize| {
        let bytes = end.get(at..at.checked_add(length)?)?;
        Some(bytes.iter().rev().fold(0_u64, |number, byte| number << 8 | u64::from(*byte)))
    };
    let files = find(MARK).and_then(|at| number(at + 10, 2));
    Ok(if files == Some(0xffff) { find(MARK_64).and_then(|at| number(at + 32, 8)) } else { files })
}

/// What a tar says about the member that comes next, beside its header.
#[derive(Default)]
struct Described {
    name: Option<String>,
}

impl Described {
    /// Whether this is such a description, which is read then; a name of any length would fill the memory.
    fn read(&mut self, kind: EntryType, entry: &mut Entry<'_, impl Read>) -> io::Result<bool> {
        if kind.is_gnu_longlink() || kind.is_pax_global_extensions() {
            return Ok(true);
        }
        if !(kind.is_gnu_longname() || kind.is_pax_local_extensions()) {
            return Ok(false);
        }
        let mut bytes = Vec::new();
        entry.take(MAX_DESCRIPTION + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > MAX_DESCRIPTION {
            return Err(io::Error::other("the name of a member is longer than any name"));
        }
        if kind.is_gnu_longname() {
            let name = bytes.strip_suffix(b"\0").unwrap_or(&bytes);
            self.name = Some(String::from_utf8_lossy(name).into_owned());
            return Ok(true);
        }
        for extension in PaxExtensions::new(&bytes) {
            let extension = extension?;
            let key = extension.key().unwrap_or_default();
            if key == "path" {
                self.name = Some(String::from_utf8_lossy(extension.value_bytes()).into_owned());
            } else if key == "size" || key.starts_with("GNU.sparse.") {
                return Err(io::Error::other("files of more than 8 GiB and files with holes are not allowed"));
            }
        }
        Ok(true)
    }
}

struct Unpacker<'a> {
    archive: &'a Path,
    root: &'a Path,
    /// Bytes that may still be written.
    budget: u64,
    entries: usize,
    max_entries: usize,
    until: Option<Instant>,
}

impl Unpacker<'_> {
    fn zip(&mut self, mut file: File) -> Result<(), ReadError> {
        let damaged = |entry: &str, error: &dyn std::fmt::Display| refused(self.archive, entry, error.to_string());
        // The whole directory is read into memory below.
        if headers(&mut file, self.max_entries).map_err(|error| damaged("", &error))? > self.max_entries {
            return Err(self.too_many(""));
        }
        let said = files_of_zip(&mut file).map_err(|error| damaged("", &error))?;
        let mut zip = zip::ZipArchive::new(BufReader::new(file)).map_err(|error| damaged("", &error))?;
        // The reader knows one file of each name.
        if said.is_some_and(|said| said != zip.len() as u64) {
            return Err(refused(self.archive, "", TWICE));
        }
        for index in 0..zip.len() {
            let mut entry =
                zip.by_index(index).map_err(|error| refused(self.archive, &format!("#{index}"), error.to_string()))?;
            let name = entry
                .name()
                .map_err(|error| refused(self.archive, &format!("#{index}"), error.to_string()))?
                .into_owned();
            let is_file = !entry.is_dir();
            if entry.is_symlink() {
                return Err(refused(self.archive, &name, "links are not allowed"));
            }
            self.count(&name)?;
            self.entry(&name, is_file, &mut entry)?;
        }
        Ok(())
    }

    fn tar(&mut self, reader: impl Read) -> Result<(), ReadError> {
        let mut tar = tar::Archive::new(reader);
        let archive = self.archive;
        let damaged = |error: &io::Error| refused(archive, "", error.to_string());
        let mut described = Described::default();
        for entry in tar.entries().map_err(|error| damaged(&error))?.raw(true) {
            let mut entry = entry.map_err(|error| damaged(&error))?;
            let kind = entry.header().entry_type();
            self.count("")?;
            if described.read(kind, &mut entry).map_err(|error| damaged(&error))? {
                continue;
            }
            let name = match std::mem::take(&mut described).name {
                Some(name) => name,
                None => entry.path().map_err(|error| damaged(&error))?.to_string_lossy().into_owned(),
            };
            if kind.is_symlink() || kind.is_hard_link() {
                return Err(refused(archive, &name, "links are not allowed"));
            }
            if kind.is_block_special() || kind.is_character_special() || kind.is_fifo() {
                return Err(refused(archive, &name, "devices and pipes are not allowed"));
            }
            if kind.is_gnu_sparse() {
                return Err(refused(archive, &name, "files with holes are not allowed"));
            }
            if kind.is_file() || kind.is_dir() || kind.is_contiguous() {
                self.entry(&name, !kind.is_dir(), &mut entry)?;
            }
        }
        Ok(())
    }

    fn count(&mut self, name: &str) -> Result<(), ReadError> {
        self.entries += 1;
        if self.entries > self.max_entries { Err(self.too_many(name)) } else { Ok(()) }
    }

    fn too_many(&self, name: &str) -> ReadError {
        refused(self.archive, name, format!("it has more than {} entries", self.max_entries))
    }

    fn entry(&mut self, name: &str, is_file: bool, content: &mut dyn Read) -> Result<(), ReadError> {
        let Some(path) = inside(name) else {
            return Err(refused(self.archive, name, "its path leaves the folder"));
        };
        if !is_file || path.as_os_str().is_empty() {
            return Ok(());
        }
        if path.components().count() > MAX_DEPTH + 1 {
            return Err(refused(self.archive, name, format!("folders lie more than {MAX_DEPTH} deep")));
        }
        let target = self.root.join(path);
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent).map_err(|error| self.not_written(name, &target, error))?;
        }
        let mut file = File::create_new(&target).map_err(|error| self.not_written(name, &target, error))?;
        let timed = Timed { reader: content, until: self.until };
        let mut bounded = timed.take(self.budget.saturating_add(1));
        let written = io::copy(&mut bounded, &mut file).map_err(|error| match error.raw_os_error() {
            Some(_) => self.not_written(name, &target, error),
            None => refused(self.archive, name, error.to_string()),
        })?;
        self.budget = self.budget.checked_sub(written).ok_or_else(|| refused(self.archive, name, TOO_MUCH))?;
        Ok(())
    }

    /// A file that can't be made: because of its name, or because the disk refuses.
    fn not_written(&self, name: &str, target: &Path, error: io::Error) -> ReadError {
        use io::ErrorKind::{AlreadyExists, InvalidFilename, InvalidInput, IsADirectory, NotADirectory};
        match error.kind() {
            AlreadyExists if target.is_file() => refused(self.archive, name, TWICE),
            AlreadyExists | InvalidFilename | InvalidInput | IsADirectory | NotADirectory => {
                refused(self.archive, name, format!("no file can have this name here: {error}"))
            }
            _ => ReadError::io("unpack", target, error),
        }
    }
}

/// The relative path of an entry; None when it is absolute or climbs out.
fn inside(name: &str) -> Option<PathBuf> {
    let name = name.replace('\\', "/");
    if name.starts_with('/') || name.as_bytes().get(1) == Some(&b':') || name.contains('\0') {
        return None;
    }
    let mut path = PathBuf::new();
    for component in Path::new(&name).components() {
        match component {
            Component::Normal(part) => path.push(part),
            Component::CurDir => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(path)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    /// What unpacking these bytes is refused with.
    #[track_caller]
    fn refusal(name: &str, bytes: &[u8], allowed: &Unpacking<'_>) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        let within = Unpacking { folder: Some(folder.path()), ..*allowed };
        let error = unpack(&path, &within).err().unwrap();
        assert!(matches!(error, ReadError::Archive { .. }), "{error:?}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing unpacked is left");
        error.to_string()
    }

    fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
        for (name, content) in files {
            zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(content).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    fn gz(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn member(kind: EntryType, name: &str, content: &[u8]) -> Vec<u8> {
        let mut header = tar::Header::new_gnu();
        header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(kind);
        header.set_size(content.len() as u64);
        header.set_cksum();
        let mut bytes = header.as_bytes().to_vec();
        bytes.extend_from_slice(content);
        bytes.resize(bytes.len().next_multiple_of(512), 0);
        bytes
    }

    #[test]
    fn an_archive_that_unpacks_to_far_more_than_it_weighs_is_refused() {
        let much = vec![b' '; 1 << 20];
        let all = Unpacking::default();
        assert!(refusal("bomb.zip", &zipped(&[("users.json", &much)]), &all).contains(TOO_MUCH));
        let skipped = gz(&member(EntryType::XGlobalHeader, "g", &much));
        assert!(refusal("bomb.tar.gz", &skipped, &all).contains(TOO_MUCH), "what is skipped counts too");
    }

    #[test]
    fn an_archive_that_unpacks_to_more_than_is_allowed_is_refused_whatever_its_size() {
        let allowed = Unpacking { bytes: 10, ..Unpacking::default() };
        assert!(refusal("a.zip", &zipped(&[("a.json", b"123456"), ("b.json", b"12345")]), &allowed).contains(TOO_MUCH));
    }

    #[test]
    fn more_entries_than_are_allowed_are_refused() {
        let allowed = Unpacking { entries: 2, ..Unpacking::default() };
        let three = [("1.json", b"".as_slice()), ("2.json", b""), ("3.json", b"")];
        let zip = zipped(&three);
        assert!(refusal("a.zip", &zip, &allowed).contains("more than 2 entries"));
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.zip"), &zip).unwrap();
        let count = |enough| headers(&mut File::open(folder.path().join("a.zip")).unwrap(), enough).unwrap();
        assert_eq!((count(2), count(1_000)), (3, 0), "before the directory is read");
        let members = three.map(|(name, content)| member(EntryType::Regular, name, content)).concat();
        assert!(refusal("a.tar.gz", &gz(&members), &allowed).contains("more than 2 entries"));
    }

    #[test]
    fn two_files_of_one_name_are_refused() {
        let two = [("1.json", b"{}".as_slice()), ("2.json", b"[]")];
        let members = [("1.json", b"{}".as_slice()), ("1.json", b"[]")];
        let members = members.map(|(name, content)| member(EntryType::Regular, name, content)).concat();
        // No writer of zip files writes a name twice.
        let mut zip = zipped(&two);
        let places: Vec<usize> =
            zip.windows(6).enumerate().filter(|(_, name)| name == b"2.json").map(|(at, _)| at).collect();
        places.into_iter().for_each(|at| zip[at] = b'1');
        for (name, bytes) in [("twice.zip", zip), ("twice.tar", members)] {
            let said = refusal(name, &bytes, &Unpacking::default());
            assert!(said.contains(TWICE), "{name}: {said}");
        }
    }

    #[test]
    fn unpacking_that_takes_too_long_is_refused() {
        let allowed = Unpacking { time: Duration::ZERO, ..Unpacking::default() };
        assert!(refusal("slow.zip", &zipped(&[("users.json", b"{}")]), &allowed).contains(TOO_SLOW));
    }

    #[test]
    fn a_zip_of_more_files_than_two_bytes_count_says_how_many() {
        let mut zip = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
        for number in 0..70_000 {
            zip.start_file(number.to_string(), zip::write::SimpleFileOptions::default()).unwrap();
        }
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("many.zip"), zip.finish().unwrap().into_inner()).unwrap();
        let mut file = File::open(folder.path().join("many.zip")).unwrap();
        assert_eq!(files_of_zip(&mut file).unwrap(), Some(70_000));
    }

    #[test]
    fn a_name_that_would_fill_the_memory_is_refused() {
        for kind in [EntryType::GNULongName, EntryType::XHeader] {
            let bytes = member(kind, "long", &vec![b'a'; usize::try_from(MAX_DESCRIPTION).unwrap() + 1]);
            assert!(refusal("long.tar", &bytes, &Unpacking::default()).contains("longer than any name"), "{kind:?}");
        }
    }

    #[test]
    fn a_name_that_no_file_can_have_is_refused() {
        let all = Unpacking::default();
        let long = "a".repeat(300);
        let deep = "a/".repeat(MAX_DEPTH + 1) + "x.json";
        for (files, reason) in [
            (vec![(long.as_str(), b"".as_slice())], "no file can have this name"),
            (vec![("a", b""), ("a/b.json", b"")], "no file can have this name"),
            (vec![("a/b.json", b""), ("a", b"")], "no file can have this name"),
            (vec![(deep.as_str(), b"")], "more than 32 deep"),
            (vec![("../x.json", b"")], "leaves the folder"),
        ] {
            assert!(refusal("names.zip", &zipped(&files), &all).contains(reason), "{files:?}");
        }
        let described = [member(EntryType::GNULongName, "l", b"../../x.json\0"), member(EntryType::Regular, "x", b"")];
        assert!(refusal("names.tar", &described.concat(), &all).contains("leaves the folder"));
        let extended = [member(EntryType::XHeader, "l", b"16 path=/x.json\n"), member(EntryType::Regular, "x", b"")];
        assert!(refusal("names.tar", &extended.concat(), &all).contains("leaves the folder"));
    }

    #[test]
    fn files_with_holes_are_refused() {
        let bytes = member(EntryType::GNUSparse, "users.json", b"");
        assert!(refusal("holes.tar", &bytes, &Unpacking::default()).contains("holes"));
    }

    #[test]
    fn long_names_of_both_kinds_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("long.tar");
        let long = format!("members/{}/1.json", "b".repeat(120));
        let record = format!(" path={long}\n");
        let length = record.len() + (record.len() + 3).to_string().len();
        let bytes = [
            member(EntryType::GNULongName, "l", format!("{long}\0").as_bytes()),
            member(EntryType::Regular, "x", b"[]"),
            member(EntryType::XHeader, "l", format!("{length}{record}").replace("members", "Members").as_bytes()),
            member(EntryType::Regular, "x", b"[]"),
        ];
        fs::write(&path, bytes.concat()).unwrap();
        let unpacked = unpack(&path, &Unpacking::default()).unwrap().unwrap();
        assert!(unpacked.path().join(&long).is_file());
        assert!(unpacked.path().join(long.replace("members", "Members")).is_file());
    }

    #[test]
    fn only_paths_inside_are_unpacked() {
        for bad in ["../x.json", "a/../../x", "/etc/passwd", "C:/x", "..\\x.json", "\\x"] {
            assert_eq!(inside(bad), None, "{bad}");
        }
        assert_eq!(inside("./users/1.json"), Some(PathBuf::from("users/1.json")));
    }
}
