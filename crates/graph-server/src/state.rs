//! What a running server knows.

use std::collections::{HashSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use crate::chance::guid;
use crate::clock::Clock;
use crate::delta::Memory;
use crate::folder::Folder;
use crate::jwt::Signer;
use crate::login::Devices;
use crate::options::Options;
use crate::rows::ExportError;
use crate::statistics::Counters;
use crate::throttle::Throttle;

/// The first number of a request; smaller ones are of other things.
const FIRST_ID: u64 = 1_000_000_000;
/// Exports that replicas may still answer from.
const REMEMBERED: usize = 3;

/// The export, and those that were served before it.
struct Folders {
    current: Arc<Folder>,
    /// The newest first.
    before: VecDeque<Arc<Folder>>,
}

/// The state that all requests share.
pub(crate) struct State {
    pub options: Options,
    pub seed: u64,
    pub clock: Clock,
    pub signer: Signer,
    /// Tokens issued so far.
    pub tokens: AtomicU64,
    /// Tokens up to this one have ended.
    pub ended: AtomicU64,
    pub devices: Devices,
    pub delta: Memory,
    serial: AtomicU64,
    counters: Mutex<Counters>,
    throttle: Option<Mutex<Throttle>>,
    folders: RwLock<Folders>,
    upcoming: Mutex<VecDeque<PathBuf>>,
    deleted: RwLock<HashSet<String>>,
}

impl State {
    pub fn new(options: Options, export: &Path) -> Result<Self, ExportError> {
        let folder = Folder::open(export, 1)?;
        // A folder that can't be served is better told of now than in the middle of a test.
        for next in &options.next {
            Folder::open(next, 0)?;
        }
        let throttle = options.throttle.map(|scale| Mutex::new(Throttle::new(folder.users(), scale)));
        Ok(Self {
            seed: options.seed,
            clock: Clock::skewed(options.clock_skew_seconds),
            signer: Signer::new(options.seed),
            tokens: AtomicU64::new(0),
            ended: AtomicU64::new(0),
            devices: Devices::default(),
            delta: Memory::default(),
            serial: AtomicU64::new(0),
            counters: Mutex::default(),
            throttle,
            folders: RwLock::new(Folders { current: Arc::new(folder), before: VecDeque::new() }),
            upcoming: Mutex::new(options.next.iter().cloned().collect()),
            deleted: RwLock::default(),
            options,
        })
    }

    /// The export as it is now.
    pub fn folder(&self) -> Arc<Folder> {
        self.replica(0)
    }

    /// The export, or one that was served before it; the oldest where there is none so old.
    pub fn replica(&self, behind: usize) -> Arc<Folder> {
        let folders = self.folders.read().unwrap_or_else(PoisonError::into_inner);
        let older = behind.checked_sub(1).and_then(|at| folders.before.get(at).or(folders.before.back()));
        Arc::clone(older.unwrap_or(&folders.current))
    }

    /// Serves another export from now on, or the same folder as it is now.
    pub fn change_to(&self, export: &Path) -> Result<u32, ExportError> {
        let mut folders = self.folders.write().unwrap_or_else(PoisonError::into_inner);
        let generation = folders.current.generation + 1;
        let folder = Arc::new(Folder::open(export, generation)?);
        let old = std::mem::replace(&mut folders.current, folder);
        folders.before.push_front(old);
        // Of a folder that is read again nothing is left as it was.
        folders.before.retain(|before| before.root() != export);
        folders.before.truncate(REMEMBERED);
        drop(folders);
        self.deleted.write().unwrap_or_else(PoisonError::into_inner).clear();
        Ok(generation)
    }

    /// Serves the export that comes next; the same folder again where none does.
    pub fn next_export(&self) -> Result<u32, ExportError> {
        let next = self.upcoming.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        let next = next.unwrap_or_else(|| self.folder().root().to_owned());
        self.change_to(&next)
    }

    pub fn tenant_id(&self) -> String {
        self.folder().tenant_id()
    }

    /// Takes an object out of every answer from now on.
    pub fn delete(&self, id: String) {
        self.deleted.write().unwrap_or_else(PoisonError::into_inner).insert(id);
    }

    /// The objects that were taken out.
    pub fn deleted(&self) -> HashSet<String> {
        self.deleted.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn counters(&self) -> MutexGuard<'_, Counters> {
        self.counters.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn throttle(&self) -> Option<MutexGuard<'_, Throttle>> {
        self.throttle.as_ref().map(|throttle| throttle.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A number that nobody had before.
    pub fn serial(&self) -> u64 {
        self.serial.fetch_add(1, Ordering::Relaxed)
    }

    /// An id for a request or a trace.
    pub fn new_id(&self) -> String {
        guid(self.seed, self.serial().saturating_add(FIRST_ID))
    }
}
