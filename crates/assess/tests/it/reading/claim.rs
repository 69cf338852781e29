//! What is known of one statement: it holds, it doesn't, or it hangs on questions that the export leaves open.

use std::collections::BTreeSet;

/// A statement over open questions.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Claim {
    Yes,
    No,
    /// Nobody can tell; the same text is the same question.
    Open(String),
    All(Vec<Claim>),
    Any(Vec<Claim>),
    Not(Box<Claim>),
}

/// More questions than this are not tried out one by one.
const QUESTIONS: usize = 12;

pub fn known(holds: bool) -> Claim {
    if holds { Claim::Yes } else { Claim::No }
}

pub fn open(question: impl Into<String>) -> Claim {
    Claim::Open(question.into())
}

pub fn all(claims: impl IntoIterator<Item = Claim>) -> Claim {
    let mut rest = Vec::new();
    for claim in claims {
        match claim {
            Claim::No => return Claim::No,
            Claim::Yes => {}
            claim if rest.contains(&claim) => {}
            claim => rest.push(claim),
        }
    }
    match rest.len() {
        0 => Claim::Yes,
        1 => rest.remove(0),
        _ => Claim::All(rest),
    }
}

pub fn any(claims: impl IntoIterator<Item = Claim>) -> Claim {
    let mut rest = Vec::new();
    for claim in claims {
        match claim {
            Claim::Yes => return Claim::Yes,
            Claim::No => {}
            claim if rest.contains(&claim) => {}
            claim => rest.push(claim),
        }
    }
    match rest.len() {
        0 => Claim::No,
        1 => rest.remove(0),
        _ => Claim::Any(rest),
    }
}

pub fn not(claim: Claim) -> Claim {
    match claim {
        Claim::Yes => Claim::No,
        Claim::No => Claim::Yes,
        Claim::Not(inner) => *inner,
        claim => Claim::Not(Box::new(claim)),
    }
}

impl Claim {
    /// Each open question by itself could be answered either way: what is left is sure. (Kleene's logic.)
    pub fn independently(&self) -> Option<bool> {
        match self {
            Claim::Yes => Some(true),
            Claim::No => Some(false),
            Claim::Open(_) => None,
            Claim::Not(claim) => claim.independently().map(|holds| !holds),
            Claim::All(claims) => {
                let each: Vec<_> = claims.iter().map(Claim::independently).collect();
                if each.contains(&Some(false)) { Some(false) } else { each.iter().all(Option::is_some).then_some(true) }
            }
            Claim::Any(claims) => {
                let each: Vec<_> = claims.iter().map(Claim::independently).collect();
                if each.contains(&Some(true)) { Some(true) } else { each.iter().all(Option::is_some).then_some(false) }
            }
        }
    }

    /// Every answer to the open questions is tried: the same question gets the same answer wherever it stands.
    pub fn exactly(&self) -> Option<bool> {
        let mut questions = BTreeSet::new();
        self.questions(&mut questions);
        if questions.len() > QUESTIONS {
            return self.independently();
        }
        let questions: Vec<&str> = questions.into_iter().collect();
        let first = self.under(&questions, 0);
        (1..1_usize << questions.len()).all(|answers| self.under(&questions, answers) == first).then_some(first)
    }

    fn questions<'c>(&'c self, into: &mut BTreeSet<&'c str>) {
        match self {
            Claim::Yes | Claim::No => {}
            Claim::Open(question) => {
                into.insert(question);
            }
            Claim::Not(claim) => claim.questions(into),
            Claim::All(claims) | Claim::Any(claims) => claims.iter().for_each(|claim| claim.questions(into)),
        }
    }

    fn under(&self, questions: &[&str], answers: usize) -> bool {
        match self {
            Claim::Yes => true,
            Claim::No => false,
            Claim::Open(question) => {
                questions.iter().position(|one| one == question).is_some_and(|at| answers >> at & 1 == 1)
            }
            Claim::Not(claim) => !claim.under(questions, answers),
            Claim::All(claims) => claims.iter().all(|claim| claim.under(questions, answers)),
            Claim::Any(claims) => claims.iter().any(|claim| claim.under(questions, answers)),
        }
    }
}

#[test]
fn what_hangs_on_one_question_twice_is_sure_only_when_answers_are_tried_out() {
    let (asked, other) = (open("member of the group"), open("another"));
    let either = any([asked.clone(), not(asked.clone())]);
    assert_eq!((either.independently(), either.exactly()), (None, Some(true)));
    let both = all([asked.clone(), not(asked.clone())]);
    assert_eq!((both.independently(), both.exactly()), (None, Some(false)));
    assert_eq!(any([asked, other]).exactly(), None);
    assert_eq!(all([open("x"), Claim::No]), Claim::No);
}
