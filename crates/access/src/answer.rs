//! What the proofs say.

/// The answer to one protection for every user.
#[derive(Debug, Clone, Default)]
pub struct Proofs {
    /// The distinct answers.
    pub answers: Vec<Answer>,
    /// Row of a user → index into `answers`.
    pub answer_of_user: Vec<u32>,
    /// How the answers came about.
    pub statistics: Statistics,
}

impl Proofs {
    /// Whether the user has the protection; `None` when that can't be decided, and for rows that don't exist.
    #[must_use]
    pub fn verdict(&self, row: u32) -> Option<bool> {
        self.answer(row).and_then(|answer| answer.verdict)
    }

    /// The answer for one user; `None` for rows that don't exist.
    #[must_use]
    pub fn answer(&self, row: u32) -> Option<&Answer> {
        let index = *self.answer_of_user.get(usize::try_from(row).ok()?)?;
        self.answers.get(usize::try_from(index).ok()?)
    }
}

/// Whether a protection holds, and why.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Answer {
    /// `Some(true)`: every sign-in of the region is covered. `Some(false)`: one escapes. `None`: unknown.
    pub verdict: Option<bool>,
    /// When covered: the names of the policies that cover together, or `security defaults`, or `per-user MFA`.
    pub by: Vec<String>,
    /// When not: up to three sentences, each naming sign-ins that escape.
    pub witnesses: Vec<String>,
    /// When unknown: why.
    pub unknown: Option<String>,
    /// What else a reader should know, such as [`Answer::COVERED_EXCEPT_TRUSTED`].
    pub notes: Vec<String>,
}

impl Answer {
    /// The note on a gap that exists only in trusted locations.
    pub const COVERED_EXCEPT_TRUSTED: &str = "covered except from trusted locations";
    /// The note on a gap that closes when a managed device counts as a second factor.
    pub const ALTERNATIVE_MANAGED_DEVICE: &str = "alternative: managed device";
    /// The note on a risk that a remembered second factor answers.
    pub const NOT_EVERY_TIME: &str =
        "sign-in frequency is not every time, so a remembered second factor satisfies the policy";
    /// The note when the old per-user states were not read.
    pub const PER_USER_MFA_NOT_READ: &str = "per-user MFA not read";
}

/// How the answers to one protection came about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Policies that count for the protection and meet its region.
    pub relevant_policies: usize,
    /// Distinct sets of policies among the users.
    pub signatures: usize,
    /// Of them, how many needed a proof of their own.
    pub proofs: usize,
}
