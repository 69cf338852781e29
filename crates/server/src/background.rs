//! Work beside the requests: a panic in it is told, and the work begins again.

use std::time::Duration;

use tokio::task::{JoinHandle, JoinSet};

/// How long after a panic the work begins again.
const PAUSE: Duration = if cfg!(test) { Duration::from_millis(5) } else { Duration::from_secs(10) };

/// Work that goes on beside the requests, until it is done or this is dropped.
#[derive(Debug)]
pub struct Background(JoinHandle<()>);

impl Background {
    /// Begins the work. `name` says in the log what panicked.
    #[must_use]
    pub fn start<F>(name: &'static str, work: impl Fn() -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        Self(tokio::spawn(async move {
            // The set ends the work when this task is aborted.
            while let Some(Err(error)) = JoinSet::from_iter([work()]).join_next().await {
                tracing::error!(work = name, %error, "work in the background panicked; it begins again in {PAUSE:?}");
                tokio::time::sleep(PAUSE).await;
            }
        }))
    }

    /// Waits until the work is done.
    pub async fn done(mut self) {
        // Only dropping this aborts the task, and it has no panic of its own.
        let _ = (&mut self.0).await;
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test]
    async fn work_that_panics_begins_again_and_ends_once_it_is_done() {
        let begun = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&begun);
        let work = Background::start("a test", move || {
            let counted = Arc::clone(&counted);
            async move { assert_eq!(counted.fetch_add(1, Ordering::SeqCst), 2, "on purpose") }
        });
        work.done().await;
        assert_eq!(begun.load(Ordering::SeqCst), 3);
    }

    #[tokio::test]
    async fn work_ends_when_it_is_dropped() {
        let alive = Arc::new(());
        let held = Arc::clone(&alive);
        let work = Background::start("a test", move || {
            let held = Arc::clone(&held);
            async move {
                let _held = held;
                std::future::pending().await
            }
        });
        drop(work);
        while Arc::strong_count(&alive) > 1 {
            tokio::task::yield_now().await;
        }
    }
}
