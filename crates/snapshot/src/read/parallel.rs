//! Reading a big data set with two threads: chunks are parsed side by side and merged in the order of the files.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::sets::{Reading, SetFacts};
use crate::ReadError;
use crate::json::{Chunk, Chunks, Elements, PageFacts, read_chunk};
use crate::layout::DataFile;

/// Threads that parse.
const WORKERS: usize = 2;
/// Chunks that wait between the threads, so that memory stays bounded.
const WAITING: usize = 4;

/// One chunk of one file.
struct Job {
    number: u64,
    owner: Option<String>,
    chunk: Chunk,
    /// Bytes on disk that are done with this chunk.
    bytes: u64,
}

/// What became of a chunk.
struct Parsed<S> {
    owner: Option<String>,
    facts: PageFacts,
    ends_file: bool,
    bytes: u64,
    elements: S,
}

type Numbered<T> = (u64, Result<T, ReadError>);

impl Reading<'_> {
    /// Reads all files of a data set. `make` begins a chunk, told its owner; `merge` takes the chunks in order.
    pub(crate) fn parallel<S: Elements + Send>(
        &mut self,
        name: &'static str,
        make: impl Fn(Option<&str>) -> Result<S, ReadError> + Sync,
        mut merge: impl FnMut(S) -> Result<(), ReadError>,
    ) -> Result<SetFacts, ReadError> {
        let files = self.files(name);
        let mut facts = SetFacts::default();
        let (jobs_in, jobs_out) = sync_channel::<Numbered<Job>>(WAITING);
        let (parsed_in, parsed_out) = sync_channel::<Numbered<Parsed<S>>>(WAITING);
        let (jobs_out, stopped) = (Mutex::new(jobs_out), AtomicBool::new(false));
        let (jobs_out, stopped, make, files) = (&jobs_out, &stopped, &make, &files);
        thread::scope(|scope| -> Result<(), ReadError> {
            scope.spawn(move || read_files(files, stopped, &jobs_in));
            for _ in 0..WORKERS {
                let parsed_in = parsed_in.clone();
                scope.spawn(move || parse(jobs_out, make, &parsed_in));
            }
            drop(parsed_in);
            let result = self.merge(name, &parsed_out, &mut facts, &mut merge);
            // Lets the other threads see that nobody waits for them any more.
            stopped.store(true, Ordering::Relaxed);
            drop(parsed_out);
            if result.is_err() {
                while jobs_out.lock().unwrap_or_else(PoisonError::into_inner).recv().is_ok() {}
            }
            result
        })?;
        self.record(name, &facts);
        Ok(facts)
    }

    fn merge<S>(
        &mut self,
        name: &'static str,
        parsed: &Receiver<Numbered<Parsed<S>>>,
        facts: &mut SetFacts,
        merge: &mut impl FnMut(S) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        let mut waiting: BTreeMap<u64, Result<Parsed<S>, ReadError>> = BTreeMap::new();
        let mut next = 0;
        for (number, result) in parsed {
            waiting.insert(number, result);
            while let Some(result) = waiting.remove(&next) {
                next += 1;
                let chunk = result?;
                facts.page(chunk.owner.as_deref(), chunk.facts, chunk.ends_file);
                merge(chunk.elements)?;
                self.advance(name, facts.rows, chunk.bytes)?;
            }
        }
        Ok(())
    }
}

fn read_files(files: &[DataFile], stopped: &AtomicBool, jobs: &SyncSender<Numbered<Job>>) {
    let mut number = 0;
    for file in files {
        if stopped.load(Ordering::Relaxed) {
            return;
        }
        if let Err(error) = read_file(file, &mut number, jobs) {
            // Nobody listens any more when an earlier chunk was damaged.
            let _ = jobs.send((number, Err(error)));
            return;
        }
    }
}

fn read_file(file: &DataFile, number: &mut u64, jobs: &SyncSender<Numbered<Job>>) -> Result<(), ReadError> {
    let mut chunks = Chunks::open(&file.file.name, file.file.open()?, file.file.size)?;
    while let Some(chunk) = chunks.next_chunk()? {
        let bytes = if chunk.ends_file { file.file.size } else { 0 };
        if jobs.send((*number, Ok(Job { number: *number, owner: file.owner.clone(), chunk, bytes }))).is_err() {
            return Ok(());
        }
        *number += 1;
    }
    Ok(())
}

fn parse<S: Elements>(
    jobs: &Mutex<Receiver<Numbered<Job>>>,
    make: &(impl Fn(Option<&str>) -> Result<S, ReadError> + Sync),
    parsed: &SyncSender<Numbered<Parsed<S>>>,
) {
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let sent = match job {
            Err(_) => return,
            Ok((number, Err(error))) => parsed.send((number, Err(error))),
            Ok((_, Ok(job))) => parsed.send((job.number, parse_one(job, make))),
        };
        if sent.is_err() {
            return;
        }
    }
}

fn parse_one<S: Elements>(
    job: Job,
    make: &impl Fn(Option<&str>) -> Result<S, ReadError>,
) -> Result<Parsed<S>, ReadError> {
    let mut elements = make(job.owner.as_deref())?;
    let facts = read_chunk(&job.chunk, &mut elements)?;
    Ok(Parsed { owner: job.owner, facts, ends_file: job.chunk.ends_file, bytes: job.bytes, elements })
}
