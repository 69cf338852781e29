//! Reading a big data set with two threads: chunks are parsed side by side and merged in the order of the files.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::facts::SetFacts;
use super::opening::{Aside, Heading, Opened, open};
use super::sets::Reading;
use crate::ReadError;
use crate::json::{Chunk, Elements, PageFacts, read_chunk};
use crate::layout::DataFile;

/// Threads that parse.
const WORKERS: usize = 2;
/// Chunks that wait between the threads, so that memory stays bounded.
const WAITING: usize = 4;

/// One chunk of one file, or a file that is no page.
struct Job<'f> {
    number: u64,
    file: &'f DataFile,
    work: Work,
}

enum Work {
    Chunk { chunk: Chunk, heading: Heading },
    Aside(Aside),
}

/// What became of it.
struct Parsed<'f, S> {
    file: &'f DataFile,
    outcome: Outcome<S>,
}

enum Outcome<S> {
    Page { facts: PageFacts, ends_file: bool, heading: Heading, elements: S },
    Aside(Aside),
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
        let (jobs_in, jobs_out) = sync_channel::<Numbered<Job<'_>>>(WAITING);
        let (parsed_in, parsed_out) = sync_channel::<Numbered<Parsed<'_, S>>>(WAITING);
        let (jobs_out, stopped) = (Mutex::new(jobs_out), AtomicBool::new(false));
        let (jobs_out, stopped, make, files) = (&jobs_out, &stopped, &make, &files);
        thread::scope(|scope| -> Result<(), ReadError> {
            scope.spawn(move || read_files(name, files, stopped, &jobs_in));
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
        parsed: &Receiver<Numbered<Parsed<'_, S>>>,
        facts: &mut SetFacts,
        merge: &mut impl FnMut(S) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        let mut waiting: BTreeMap<u64, Result<Parsed<'_, S>, ReadError>> = BTreeMap::new();
        let mut next = 0;
        for (number, result) in parsed {
            waiting.insert(number, result);
            while let Some(result) = waiting.remove(&next) {
                next += 1;
                let Parsed { file, outcome } = result?;
                let ends_file = match outcome {
                    Outcome::Aside(aside) => {
                        facts.aside(file, aside);
                        true
                    }
                    Outcome::Page { facts: page, ends_file, heading, elements } => {
                        facts.page(file.owner.as_deref(), page, ends_file);
                        if ends_file {
                            facts.file(name, file, heading);
                        }
                        merge(elements)?;
                        ends_file
                    }
                };
                self.advance(name, facts.rows, if ends_file { file.file.size } else { 0 })?;
            }
        }
        Ok(())
    }
}

fn read_files<'f>(name: &str, files: &'f [DataFile], stopped: &AtomicBool, jobs: &SyncSender<Numbered<Job<'f>>>) {
    let mut number = 0;
    for file in files {
        if stopped.load(Ordering::Relaxed) {
            return;
        }
        if let Err(error) = read_file(name, file, &mut number, jobs) {
            // Nobody listens any more when an earlier chunk was damaged.
            let _ = jobs.send((number, Err(error)));
            return;
        }
    }
}

fn read_file<'f>(
    name: &str,
    file: &'f DataFile,
    number: &mut u64,
    jobs: &SyncSender<Numbered<Job<'f>>>,
) -> Result<(), ReadError> {
    let mut send = |work: Work| {
        let sent = jobs.send((*number, Ok(Job { number: *number, file, work }))).is_ok();
        *number += 1;
        sent
    };
    let (mut chunks, heading) = match open(name, file)? {
        Opened::Page { chunks, heading } => (chunks, heading),
        Opened::Aside(aside) => {
            send(Work::Aside(aside));
            return Ok(());
        }
    };
    while let Some(chunk) = chunks.next_chunk()? {
        if !send(Work::Chunk { chunk, heading }) {
            return Ok(());
        }
    }
    Ok(())
}

fn parse<'f, S: Elements>(
    jobs: &Mutex<Receiver<Numbered<Job<'f>>>>,
    make: &(impl Fn(Option<&str>) -> Result<S, ReadError> + Sync),
    parsed: &SyncSender<Numbered<Parsed<'f, S>>>,
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

fn parse_one<'f, S: Elements>(
    job: Job<'f>,
    make: &impl Fn(Option<&str>) -> Result<S, ReadError>,
) -> Result<Parsed<'f, S>, ReadError> {
    let file = job.file;
    let outcome = match job.work {
        Work::Aside(aside) => Outcome::Aside(aside),
        Work::Chunk { chunk, heading } => {
            let mut elements = make(file.owner.as_deref())?;
            let facts = read_chunk(&chunk, &mut elements)?;
            Outcome::Page { facts, ends_file: chunk.ends_file, heading, elements }
        }
    };
    Ok(Parsed { file, outcome })
}
