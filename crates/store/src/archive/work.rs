//! Work on files that may take a while. It is done away from the threads that answer requests, and only so much at a time: whoever
//! asks for more waits, and everybody else is answered meanwhile.

use std::io;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread::{Builder, available_parallelism};

use tokio::runtime::Handle;
use tokio::sync::{Semaphore, oneshot};
use tokio::task::spawn_blocking;

use crate::error::HistoryError;

/// Looks into files at a time, of each core.
const LOOKS: usize = 2;
/// How far behind others the threads of long work stand: whoever answers comes first.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 10;

/// The places for such work.
#[derive(Debug, Clone)]
pub(crate) struct Work {
    looks: Arc<Semaphore>,
    readings: Arc<Semaphore>,
    judgements: Arc<Semaphore>,
}

/// How long work takes.
#[derive(Debug, Clone, Copy)]
pub enum Length {
    /// Milliseconds: a page of evidence, a list of files.
    Look,
    /// Seconds, and somebody waits for the answer: a kept snapshot is read whole.
    Reading,
    /// Seconds of all cores: an export is read, judged and kept.
    Judgement,
}

impl Work {
    pub(crate) fn new() -> Self {
        let cores = available_parallelism().map_or(1, NonZeroUsize::get);
        let places = |places: usize| Arc::new(Semaphore::new(places.max(1)));
        // A judgement uses several cores by itself.
        Self { looks: places(cores * LOOKS), readings: places(cores / 2), judgements: places(cores / 2) }
    }

    /// Does it once there is a place for it, and to its end also where nobody waits for it any more.
    ///
    /// # Errors
    /// When it panics, or the system has no thread for it.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        length: Length,
        what: &'static str,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, HistoryError> {
        let places = match length {
            Length::Look => &self.looks,
            Length::Reading => &self.readings,
            Length::Judgement => &self.judgements,
        };
        let panicked = || HistoryError::Panicked { what };
        let place = Arc::clone(places).acquire_owned().await.map_err(|_| panicked())?;
        let held = move || {
            let _place = place;
            work()
        };
        match length {
            Length::Look => spawn_blocking(held).await.map_err(|_| panicked()),
            Length::Reading | Length::Judgement => {
                let done = behind_others(held).map_err(|source| HistoryError::NoThread { what, source })?;
                // A panic tells nothing.
                done.await.map_err(|_| panicked())
            }
        }
    }
}

/// Does it on a thread of its own that others don't wait for, nor for the threads that it starts.
fn behind_others<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> io::Result<oneshot::Receiver<T>> {
    let (told, heard) = oneshot::channel();
    let runtime = Handle::current();
    Builder::new().name("work on files".to_owned()).spawn(move || {
        // What it does in the database runs where everything else does.
        let _entered = runtime.enter();
        // Where it may not stand back, it stands beside the others.
        #[cfg(target_os = "linux")]
        let _ = rustix::process::nice(NICENESS);
        // Whoever asked may have gone.
        let _ = told.send(work());
    })?;
    Ok(heard)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn so_much_is_done_at_a_time_and_a_panic_gives_its_place_back() {
        let work = Work::new();
        let places = work.judgements.available_permits();
        let panicked = work.run(Length::Judgement, "a test", || panic!("on purpose")).await;
        assert!(panicked.is_err_and(|error: HistoryError| matches!(error, HistoryError::Panicked { what: "a test" })));
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let all: Vec<_> = (0..places * 4)
            .map(|_| {
                let (work, now, most) = (work.clone(), Arc::clone(&now), Arc::clone(&most));
                tokio::spawn(async move {
                    let busy = move || {
                        most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        std::thread::sleep(Duration::from_millis(5));
                        now.fetch_sub(1, Ordering::SeqCst);
                    };
                    work.run(Length::Judgement, "a test", busy).await.unwrap();
                })
            })
            .collect();
        for one in all {
            one.await.unwrap();
        }
        assert_eq!((most.load(Ordering::SeqCst), work.judgements.available_permits()), (places, places));
    }
}
