//! How much of the service anyone may take, and for how long.

use std::num::NonZeroU32;
use std::time::Duration;

/// File descriptors that connections leave to the database, to files and to requests of our own.
const DESCRIPTORS_KEPT: u64 = 256;
/// Connections where the system sets no lower limit.
const CONNECTIONS: usize = 4_096;

/// The limits of a service; [`Limits::default`] has those that `docs/security.md` lists.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Requests a second that a token may make without end.
    pub requests_per_second: NonZeroU32,
    /// Requests that it may make at once before that.
    pub burst: NonZeroU32,
    /// Connections at once; as many requests may come through trusted proxies.
    pub connections: usize,
    /// For a TLS handshake.
    pub handshake: Duration,
    /// For the head of a request, from its first byte; for a new connection, from its beginning.
    pub head: Duration,
    /// Between an answer and the first byte of the next request.
    pub idle: Duration,
    /// For a handler, without the time in which it waits for the body.
    pub handler: Duration,
    /// The same for uploads, which are judged before they are answered.
    pub upload: Duration,
    /// Bytes a second that a client must send of a body, and take of an answer.
    pub bytes_per_second: u32,
    /// The time over which that rate is measured, and in which nothing may arrive at most.
    pub pace: Duration,
    /// For requests that are being answered when the service is told to stop.
    pub drain: Duration,
    /// Streams at once on a connection of HTTP/2.
    pub streams: u32,
    /// Streams of HTTP/2 that a client may reset, or make us reset, before its connection is closed.
    pub resets: usize,
    /// Bytes of the head of a request.
    pub head_bytes: u32,
}

impl Default for Limits {
    fn default() -> Self {
        let ten = NonZeroU32::MIN.saturating_add(9);
        Self {
            requests_per_second: ten,
            burst: ten.saturating_mul(ten),
            connections: connections(),
            handshake: Duration::from_secs(10),
            head: Duration::from_secs(10),
            idle: Duration::from_secs(60),
            handler: Duration::from_secs(60),
            upload: Duration::from_secs(30 * 60),
            bytes_per_second: 1_024,
            pace: Duration::from_secs(15),
            drain: Duration::from_secs(8),
            streams: 64,
            resets: 32,
            head_bytes: 64 << 10,
        }
    }
}

impl Limits {
    /// Whether these bytes are enough for one measure of the rate.
    pub(crate) fn keeps_pace(&self, bytes: u64) -> bool {
        u128::from(bytes) * 1_000 >= u128::from(self.bytes_per_second) * self.pace.as_millis()
    }
}

/// As many as the process may have open files, less those that it needs itself, and never none.
fn connections() -> usize {
    let left = descriptors().map_or(u64::MAX, |most| most.saturating_sub(DESCRIPTORS_KEPT).max(most / 4));
    usize::try_from(left).unwrap_or(CONNECTIONS).clamp(1, CONNECTIONS)
}

#[cfg(unix)]
fn descriptors() -> Option<u64> {
    rustix::process::getrlimit(rustix::process::Resource::Nofile).current
}

#[cfg(not(unix))]
fn descriptors() -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_file_descriptors_for_the_database() {
        let most = descriptors().unwrap_or(u64::MAX);
        let connections = connections() as u64;
        assert!(connections >= 1 && connections <= most - (most / 2).min(DESCRIPTORS_KEPT), "{connections} of {most}");
    }

    #[test]
    fn a_rate_is_measured_over_its_time() {
        let limits = Limits { bytes_per_second: 1_000, pace: Duration::from_millis(500), ..Limits::default() };
        assert!(limits.keeps_pace(500) && !limits.keeps_pace(499));
    }
}
