//! The disk after a power cut: what was synced by then is there, of the rest anything or nothing.
//!
//! A file has the bytes of its last sync, and any choice of the writes after it. A folder has the names of its last sync, and
//! each name that came or went after it may have done so or not. That is what POSIX promises; real file systems keep more.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// What happened on the disk, or was told to whoever called.
pub enum Record {
    Create {
        inode: u64,
        folder: u64,
        is_folder: bool,
        name: String,
    },
    Write {
        inode: u64,
        at: usize,
        bytes: Vec<u8>,
    },
    Truncate {
        inode: u64,
        length: usize,
    },
    Rename {
        inode: u64,
        from: (u64, String),
        to: (u64, String),
    },
    Remove {
        folder: u64,
        name: String,
    },
    Sync {
        inode: u64,
    },
    /// The program said that it was done.
    Acknowledged(String),
}

/// The bytes of a record that says what was acknowledged; the test adds it to the log itself.
pub fn acknowledgement(said: &str) -> Vec<u8> {
    let mut bytes = vec![b'A'];
    bytes.extend([0; 24]);
    bytes.extend(0_u32.to_ne_bytes());
    bytes.extend(u32::try_from(said.len()).unwrap().to_ne_bytes());
    bytes.extend(said.bytes());
    bytes
}

/// Reads what power_cut.c and [`acknowledgement`] wrote.
pub fn read_log(log: &Path) -> Vec<Record> {
    let bytes = fs::read(log).unwrap();
    let mut rest = bytes.as_slice();
    let mut records = Vec::new();
    while let Some((head, after)) = rest.split_at_checked(33) {
        let number = |at: usize| u64::from_ne_bytes(head[at..at + 8].try_into().unwrap());
        let length = |at: usize| u32::from_ne_bytes(head[at..at + 4].try_into().unwrap()) as usize;
        let (one, after) = after.split_at(length(25));
        let (two, after) = after.split_at(length(29));
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let (a, b, c) = (number(1), number(9), number(17));
        records.push(match head[0] {
            b'C' => Record::Create { inode: a, folder: b, is_folder: c == 1, name: text(one) },
            b'W' => Record::Write { inode: a, at: usize::try_from(b).unwrap(), bytes: two.to_vec() },
            b'T' => Record::Truncate { inode: a, length: usize::try_from(b).unwrap() },
            b'R' => Record::Rename { inode: a, from: (b, text(one)), to: (c, text(two)) },
            b'U' => Record::Remove { folder: b, name: text(one) },
            b'S' => Record::Sync { inode: a },
            b'A' => Record::Acknowledged(text(two)),
            other => panic!("a record of the unknown kind {other}"),
        });
        rest = after;
    }
    assert!(rest.is_empty(), "the log is cut short");
    records
}

/// Random numbers that are the same for the same seed.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn next(&mut self) -> u64 {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end.max(1)).unwrap()).unwrap()
    }
}

/// What survives of what was not synced.
#[derive(Debug, Clone, Copy)]
pub enum Survives {
    Nothing,
    Everything,
    /// Each write and each name by the throw of a coin.
    Some,
}

enum Change {
    Write(usize, Vec<u8>),
    Truncate(usize),
}

#[derive(Default)]
struct File {
    synced: Vec<u8>,
    changes: Vec<Change>,
}

#[derive(Default)]
struct Folder {
    synced: BTreeMap<String, usize>,
    now: BTreeMap<String, usize>,
}

enum Object {
    File(File),
    Folder(Folder),
}

/// The disk while the records are played.
pub struct Disk {
    objects: Vec<Object>,
    /// Which object a number of the file system means now; it may mean another one later.
    inodes: BTreeMap<u64, usize>,
}

impl Disk {
    /// A disk with an empty folder on it.
    pub fn new(root: u64) -> Self {
        Self { objects: vec![Object::Folder(Folder::default())], inodes: BTreeMap::from([(root, 0)]) }
    }

    fn folder(&mut self, inode: u64) -> Option<&mut Folder> {
        match &mut self.objects[*self.inodes.get(&inode)?] {
            Object::Folder(folder) => Some(folder),
            Object::File(_) => None,
        }
    }

    fn file(&mut self, inode: u64) -> Option<&mut File> {
        match &mut self.objects[*self.inodes.get(&inode)?] {
            Object::File(file) => Some(file),
            Object::Folder(_) => None,
        }
    }

    /// Plays a record; `hears` says of a sync whether the disk hears it.
    pub fn play(&mut self, record: &Record, hears: bool) {
        match record {
            Record::Create { inode, folder, is_folder, name } => {
                let object = if *is_folder { Object::Folder(Folder::default()) } else { Object::File(File::default()) };
                self.objects.push(object);
                let id = self.objects.len() - 1;
                self.inodes.insert(*inode, id);
                self.folder(*folder).unwrap().now.insert(name.clone(), id);
            }
            Record::Write { inode, at, bytes } => {
                self.file(*inode).unwrap().changes.push(Change::Write(*at, bytes.clone()));
            }
            Record::Truncate { inode, length } => self.file(*inode).unwrap().changes.push(Change::Truncate(*length)),
            Record::Rename { inode, from, to } => {
                let id = self.inodes[inode];
                self.folder(from.0).unwrap().now.remove(&from.1);
                self.folder(to.0).unwrap().now.insert(to.1.clone(), id);
            }
            Record::Remove { folder, name } => {
                self.folder(*folder).unwrap().now.remove(name);
            }
            Record::Sync { inode } if hears => match self.inodes.get(inode).map(|id| &mut self.objects[*id]) {
                Some(Object::File(file)) => {
                    let changes = std::mem::take(&mut file.changes);
                    changes.iter().for_each(|change| apply(&mut file.synced, change));
                }
                Some(Object::Folder(folder)) => folder.synced = folder.now.clone(),
                None => {}
            },
            Record::Sync { .. } | Record::Acknowledged(_) => {}
        }
    }

    /// The path of a number, as the files lie now.
    pub fn path(&self, inode: u64) -> Option<String> {
        let wanted = *self.inodes.get(&inode)?;
        let mut open = vec![(0, String::new())];
        while let Some((id, path)) = open.pop() {
            if id == wanted {
                return Some(path);
            }
            if let Object::Folder(folder) = &self.objects[id] {
                open.extend(folder.now.iter().map(|(name, id)| (*id, format!("{path}/{name}"))));
            }
        }
        None
    }

    /// Writes what is on the disk after the cut into a folder.
    pub fn cut(&self, survives: Survives, random: &mut Random, target: &Path) {
        let mut survive = || match survives {
            Survives::Nothing => false,
            Survives::Everything => true,
            Survives::Some => random.next() >> 63 == 1,
        };
        let mut open = vec![(0, target.to_owned())];
        while let Some((id, path)) = open.pop() {
            match &self.objects[id] {
                Object::File(file) => {
                    let mut bytes = file.synced.clone();
                    file.changes.iter().filter(|_| survive()).for_each(|change| apply(&mut bytes, change));
                    fs::write(path, bytes).unwrap();
                }
                Object::Folder(folder) => {
                    fs::create_dir(&path).unwrap();
                    let mut names = folder.synced.clone();
                    let changed: Vec<&String> = folder.synced.keys().chain(folder.now.keys()).collect();
                    for name in changed {
                        if folder.synced.get(name) != folder.now.get(name) && survive() {
                            match folder.now.get(name) {
                                Some(id) => names.insert(name.clone(), *id),
                                None => names.remove(name),
                            };
                        }
                    }
                    // The index of SQLite's log is in mapped memory, and made anew.
                    names.retain(|name, _| !name.ends_with("-shm"));
                    open.extend(names.into_iter().map(|(name, id)| (id, path.join(name))));
                }
            }
        }
    }
}

fn apply(bytes: &mut Vec<u8>, change: &Change) {
    match change {
        Change::Write(at, written) => {
            let end = at + written.len();
            bytes.resize(bytes.len().max(end), 0);
            bytes[*at..end].copy_from_slice(written);
        }
        Change::Truncate(length) => bytes.resize(*length, 0),
    }
}
