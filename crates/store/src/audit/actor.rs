//! Who acts: people, tokens, operators and the program are kinds of their own, so that no name passes for another kind.

use std::fmt;

use serde::Serialize;

/// The kind of whoever acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ActorKind {
    /// Not known: entries of an older version of this program have a name only.
    Unknown,
    /// Somebody who signed in to the dashboard.
    Person,
    /// A token of the API.
    Token,
    /// Somebody at the command line.
    Operator,
    /// The program itself.
    System,
}

impl ActorKind {
    const ALL: [Self; 5] = [Self::Unknown, Self::Person, Self::Token, Self::Operator, Self::System];

    /// The word in the database, in JSON and on pages.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Person => "person",
            Self::Token => "token",
            Self::Operator => "operator",
            Self::System => "system",
        }
    }

    /// The kind of a word; none where it is no kind.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

impl fmt::Display for ActorKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.word())
    }
}

/// Who acts, as the log names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    kind: ActorKind,
    name: String,
    id: String,
}

impl Actor {
    /// Somebody who signed in: the subject that tells them from everybody else, and the name that they go by.
    pub fn person(subject: impl Into<String>, name: impl Into<String>) -> Self {
        Self { kind: ActorKind::Person, name: name.into(), id: subject.into() }
    }

    /// A token, by its id: its display name is whatever its maker wrote.
    #[must_use]
    pub fn token(id: &str) -> Self {
        Self { kind: ActorKind::Token, name: format!("token:{id}"), id: id.to_owned() }
    }

    /// A user of the operating system at the command line.
    pub fn operator(user: impl Into<String>) -> Self {
        let user = user.into();
        Self { kind: ActorKind::Operator, name: user.clone(), id: user }
    }

    /// The same user, who acts under a name that they gave.
    #[must_use]
    pub fn under_the_name(self, name: impl Into<String>) -> Self {
        Self { name: name.into(), ..self }
    }

    /// The program, when time passes or data arrive.
    #[must_use]
    pub fn system() -> Self {
        Self::part("System")
    }

    /// A part of the program, such as its schedule.
    #[must_use]
    pub fn part(name: &str) -> Self {
        Self { kind: ActorKind::System, name: name.to_owned(), id: String::new() }
    }

    /// The kind.
    #[must_use]
    pub fn kind(&self) -> ActorKind {
        self.kind
    }

    /// The name in the log.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What tells them from others of their kind: a person's subject, a token's id, an operator's user name; empty for the program.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_has_one_word_both_ways() {
        for kind in ActorKind::ALL {
            assert_eq!(ActorKind::of_word(kind.word()), Some(kind));
            assert_eq!(serde_json::json!(kind), kind.word());
        }
        assert_eq!(ActorKind::of_word("Person"), None);
    }
}
