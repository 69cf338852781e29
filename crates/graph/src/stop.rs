//! Stopping a collection from outside.

use std::sync::Arc;

use tokio::sync::watch;

/// Stops a collection at the next step; what was read stays.
#[derive(Debug, Clone)]
pub struct Stop(Arc<watch::Sender<bool>>);

impl Default for Stop {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }
}

impl Stop {
    /// Asks to stop.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }

    /// Comes when somebody asked.
    pub async fn asked(&self) {
        let mut receiver = self.0.subscribe();
        // The sender lives as long as this: waiting ends by being asked only.
        let _ = receiver.wait_for(|asked| *asked).await;
    }
}
