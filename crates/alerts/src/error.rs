//! What can go wrong while alerts are configured or sent. No text here holds a secret, nor an address beyond its host.

/// Why a message did not arrive.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// Nobody answered.
    #[error("cannot reach {host}: {reason}")]
    Unreached {
        /// The host.
        host: String,
        /// Why.
        reason: String,
    },
    /// No answer in time.
    #[error("{host} did not answer within {seconds} seconds")]
    TimedOut {
        /// The host.
        host: String,
        /// How long was waited.
        seconds: u64,
    },
    /// It answered with another address, which is not followed.
    #[error("{host} answered {status}, a redirect, which is not followed: write the final address")]
    Redirected {
        /// The host.
        host: String,
        /// The status.
        status: u16,
    },
    /// It answered, and did not take the message.
    #[error("{host} answered {status}")]
    Refused {
        /// The host.
        host: String,
        /// The status, of HTTP or of SMTP.
        status: u16,
    },
    /// The message can't be written as this channel needs it.
    #[error("cannot write the message: {reason}")]
    Message {
        /// Why.
        reason: String,
    },
}
