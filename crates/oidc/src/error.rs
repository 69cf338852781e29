//! What can go wrong. No text here holds a secret, a code or a token.

/// Why somebody was not let in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The provider can't be reached, or answers what is no OpenID Connect.
    #[error("the provider can't be used: {0}")]
    Unreached(String),
    /// The provider, or the person at its page, said no.
    #[error("the provider refused: {0}")]
    Declined(String),
    /// The provider didn't take the code.
    #[error("the provider did not take the code: {0}")]
    Code(String),
    /// The ID token is not to be believed.
    #[error("the ID token was refused: {0}")]
    Token(&'static str),
    /// The person has no role here.
    #[error("{name} has no role that is mapped")]
    NoRole {
        /// What tells them from everybody else.
        subject: String,
        /// Who.
        name: String,
    },
    /// The person is in so many groups that the token does not list them.
    #[error("the token of {name} does not list their groups, because there are too many")]
    Overage {
        /// What tells them from everybody else.
        subject: String,
        /// Who.
        name: String,
    },
}

impl Refusal {
    /// The subject and the name of whoever was refused, where they are known for certain.
    #[must_use]
    pub fn person(&self) -> Option<(&str, &str)> {
        match self {
            Self::NoRole { subject, name } | Self::Overage { subject, name } => Some((subject, name)),
            Self::Unreached(_) | Self::Declined(_) | Self::Code(_) | Self::Token(_) => None,
        }
    }
}
