//! Why a query string cannot be answered.

/// Why a query string cannot be answered; always a 400. The message is written as Microsoft Graph writes it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ODataError {
    /// What is wrong, for the client.
    pub message: String,
    /// Where in the option's text, as a count of characters from 0, if a place is to blame.
    pub position: Option<usize>,
}

impl ODataError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), position: None }
    }

    pub(crate) fn at(position: usize, message: impl Into<String>) -> Self {
        Self { message: message.into(), position: Some(position) }
    }

    pub(crate) fn prefixed(self, prefix: &str) -> Self {
        Self { message: format!("{prefix}: {}", self.message), ..self }
    }
}
