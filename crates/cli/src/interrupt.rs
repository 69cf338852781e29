//! Ctrl-C while something passing lies on disk: the work ends at the next step and takes it away.

use std::io;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

/// While one of these lives, the first SIGINT or SIGTERM is noted and the second ends the process at once.
pub struct Interrupt(&'static Flags);

struct Flags {
    /// Whether a signal ends the process by itself.
    ends: Arc<AtomicBool>,
    came: Arc<AtomicBool>,
}

static FLAGS: OnceLock<Flags> = OnceLock::new();

impl Interrupt {
    /// Begins to note signals.
    ///
    /// # Errors
    /// When the operating system refuses the handler.
    pub fn noted() -> io::Result<Self> {
        let flags = match FLAGS.get() {
            Some(flags) => flags,
            None => {
                let flags = Flags { ends: Arc::default(), came: Arc::default() };
                for signal in [SIGINT, SIGTERM] {
                    flag::register_conditional_default(signal, Arc::clone(&flags.ends))?;
                    flag::register(signal, Arc::clone(&flags.came))?;
                    flag::register(signal, Arc::clone(&flags.ends))?;
                }
                FLAGS.get_or_init(|| flags)
            }
        };
        flags.ends.store(false, Ordering::SeqCst);
        Ok(Self(flags))
    }

    /// Whether to go on.
    pub fn check(&self) -> ControlFlow<()> {
        if self.0.came.load(Ordering::SeqCst) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

impl Drop for Interrupt {
    fn drop(&mut self) {
        self.0.ends.store(true, Ordering::SeqCst);
    }
}
