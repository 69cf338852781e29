//! Deciding one question for many sets of policies: a covered set covers its supersets, a gap holds for its subsets.

use std::collections::BTreeMap;

use crate::bits;
use crate::layout::{Cube, Layout};
use crate::proof::{TooComplex, first_open, open_boxes};
use crate::question::Question;
use crate::space::RESOURCE;

/// What was found for one set of classes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Decision {
    /// These classes cover together; none of them can be left out.
    Covered(Vec<usize>),
    /// Boxes that nothing covers.
    Gap(Vec<OpenBox>),
    /// It depends on what is unknown.
    Unknown,
    /// The region fell into too many pieces.
    Complex,
}

/// A box that nothing covers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct OpenBox {
    pub(crate) cube: Cube,
    /// An app of the box escapes in one way if a suite holds it and in another if not; the box shows one of them.
    pub(crate) either_way: bool,
}

/// Sets decided one by one, with witnesses of their own, before witnesses of others are taken over.
pub(crate) const DECIDED_ALONE: usize = 256;
/// Covers of more classes than this are not thinned out.
const THINNED: usize = 24;

/// Decides one question for set after set.
#[derive(Debug)]
pub(crate) struct Prover<'q> {
    question: &'q Question<'q>,
    /// Every box with its class, largest first: sure ones, possible ones.
    sure: Vec<(usize, &'q [u64])>,
    possible: Vec<(usize, &'q [u64])>,
    /// The region without atoms of which only one is real; it is `None` when nothing is left.
    definite: Option<Cube>,
    /// Atoms of which only one is real, by app.
    either: BTreeMap<usize, Vec<usize>>,
    /// Minimal covers, and the decision of each.
    covers: Vec<(Vec<u64>, usize)>,
    /// Classes that take something from the witnesses of a gap, and the decision.
    gaps: Vec<(Vec<u64>, usize)>,
    pub(crate) decisions: Vec<Decision>,
    pub(crate) proofs: usize,
    decided_alone: usize,
}

impl<'q> Prover<'q> {
    pub(crate) fn new(question: &'q Question<'q>, decided_alone: usize) -> Prover<'q> {
        let layout = &question.space.layout;
        let sorted = |sure: bool| {
            let mut all: Vec<(usize, &[u64])> = Vec::new();
            for (index, class) in question.classes.iter().enumerate() {
                let cubes = if sure { &class.boxes.sure } else { &class.boxes.possible };
                all.extend(cubes.iter().map(|cube| (index, cube.as_slice())));
            }
            all.sort_by(|a, b| layout.volume(b.1).total_cmp(&layout.volume(a.1)));
            all
        };
        let mut either: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (atom, resource) in question.space.resources.iter().enumerate().filter(|(_, atom)| atom.hypothetical) {
            either.entry(resource.group).or_default().push(atom);
        }
        let mut definite = question.region.clone();
        let kept = layout.atoms(&definite, RESOURCE);
        layout
            .fill(&mut definite, RESOURCE, |atom| kept.contains(&atom) && !question.space.resources[atom].hypothetical);
        Prover {
            question,
            sure: sorted(true),
            possible: sorted(false),
            definite: layout.meet(&definite, &definite).then_some(definite),
            either,
            covers: Vec::new(),
            gaps: Vec::new(),
            decisions: Vec::new(),
            proofs: 0,
            decided_alone,
        }
    }

    fn layout(&self) -> &'q Layout {
        &self.question.space.layout
    }

    /// Whether one class covers the region by itself.
    pub(crate) fn covers_alone(&mut self, class: usize) -> bool {
        let mut only = bits::none(self.question.classes.len());
        bits::set(&mut only, class);
        let (boxes, _) = self.chosen(true, &only);
        self.proofs += 1;
        first_open(self.layout(), &self.question.region, &boxes, |_| {}) == Ok(None)
    }

    /// Decides for the users who are in these classes for sure, and possibly in those. The number of a decision.
    pub(crate) fn decide(&mut self, sure: &[u64], possible: &[u64]) -> usize {
        if let Some(at) = self.covers.iter().position(|(cover, _)| bits::within(cover, sure)) {
            let decision = self.covers[at].1;
            self.covers.swap(at, at / 2);
            return decision;
        }
        if self.proofs >= self.decided_alone
            && let Some(at) = self.gaps.iter().position(|(takers, _)| bits::disjoint(takers, possible))
        {
            let decision = self.gaps[at].1;
            self.gaps.swap(at, at / 2);
            return decision;
        }
        self.proofs += 1;
        let decision = self.prove(sure, possible);
        let number = match self.decisions.iter().position(|known| *known == decision) {
            Some(known) => known,
            None => {
                self.decisions.push(decision);
                self.decisions.len() - 1
            }
        };
        match &self.decisions[number] {
            Decision::Covered(classes) => {
                let mut cover = bits::none(self.question.classes.len());
                classes.iter().for_each(|class| bits::set(&mut cover, *class));
                self.covers.push((cover, number));
            }
            Decision::Gap(open) if !open.iter().any(|open| open.either_way) => {
                let mut takers = bits::none(self.question.classes.len());
                for (class, cube) in &self.possible {
                    if open.iter().any(|open| self.layout().meet(cube, &open.cube)) {
                        bits::set(&mut takers, *class);
                    }
                }
                if !self.gaps.iter().any(|(known, _)| *known == takers) {
                    self.gaps.push((takers, number));
                }
            }
            _ => {}
        }
        number
    }

    /// The boxes of a set of classes, what is forgiven first, and the class of each.
    fn chosen(&self, sure: bool, classes: &[u64]) -> (Vec<&'q [u64]>, Vec<Option<usize>>) {
        let (all, forgiven) =
            if sure { (&self.sure, &self.question.forgiven) } else { (&self.possible, &self.question.maybe_forgiven) };
        let mut boxes: Vec<&[u64]> = forgiven.iter().map(Vec::as_slice).collect();
        let mut owners: Vec<Option<usize>> = boxes.iter().map(|_| None).collect();
        for (class, cube) in all.iter().filter(|(class, _)| bits::has(classes, *class)) {
            boxes.push(cube);
            owners.push(Some(*class));
        }
        (boxes, owners)
    }

    fn prove(&mut self, sure: &[u64], possible: &[u64]) -> Decision {
        let gap = self.gap(possible);
        if let Ok(Some(open)) = gap {
            return Decision::Gap(open);
        }
        let (boxes, owners) = self.chosen(true, sure);
        let mut used = vec![false; boxes.len()];
        match first_open(self.layout(), &self.question.region, &boxes, |index| used[index] = true) {
            Ok(None) => {}
            Ok(Some(_)) if gap.is_err() => return Decision::Complex,
            Ok(Some(_)) => return Decision::Unknown,
            Err(TooComplex) => return Decision::Complex,
        }
        let mut classes: Vec<usize> =
            owners.iter().zip(&used).filter(|(_, used)| **used).filter_map(|(owner, _)| *owner).collect();
        classes.sort_unstable();
        classes.dedup();
        Decision::Covered(self.thinned(classes))
    }

    /// A cover without classes that can be left out; the narrowest are tried first.
    fn thinned(&self, mut classes: Vec<usize>) -> Vec<usize> {
        if classes.len() > THINNED || classes.len() < 2 {
            return classes;
        }
        let layout = self.layout();
        let widest = |class: &usize| -> f64 {
            self.question.classes[*class].boxes.sure.iter().map(|cube| layout.volume(cube)).sum()
        };
        let mut tried = classes.clone();
        tried.sort_by(|a, b| widest(a).total_cmp(&widest(b)).then(b.cmp(a)));
        for class in tried {
            let mut without = bits::none(self.question.classes.len());
            classes.iter().filter(|kept| **kept != class).for_each(|kept| bits::set(&mut without, *kept));
            let (boxes, _) = self.chosen(true, &without);
            if first_open(layout, &self.question.region, &boxes, |_| {}) == Ok(None) {
                classes.retain(|kept| *kept != class);
            }
        }
        classes
    }

    /// What escapes even if everything unknown turns out well.
    fn gap(&self, possible: &[u64]) -> Result<Option<Vec<OpenBox>>, TooComplex> {
        let layout = self.layout();
        let (boxes, _) = self.chosen(false, possible);
        if let Some(definite) = &self.definite
            && let Some(start) = first_open(layout, definite, &boxes, |_| {})?
        {
            let open = open_boxes(layout, definite, &boxes, &start, 3);
            return Ok(Some(open.into_iter().map(|cube| self.widened(cube, &boxes)).collect()));
        }
        for atoms in self.either.values() {
            if let Some(open) = self.gap_of_app(atoms, &boxes)? {
                return Ok(Some(vec![open]));
            }
        }
        Ok(None)
    }

    /// Adds the apps that escape in the same way whether a suite holds them or not.
    fn widened(&self, mut cube: Cube, boxes: &[&[u64]]) -> OpenBox {
        let layout = self.layout();
        let region = layout.atoms(&self.question.region, RESOURCE);
        for atoms in self.either.values() {
            let mut apart = cube.clone();
            layout.fill(&mut apart, RESOURCE, |atom| atoms.contains(&atom));
            if atoms.iter().all(|atom| region.contains(atom)) && boxes.iter().all(|other| !layout.meet(&apart, other)) {
                let before = layout.atoms(&cube, RESOURCE);
                layout.fill(&mut cube, RESOURCE, |atom| before.contains(&atom) || atoms.contains(&atom));
            }
        }
        OpenBox { cube, either_way: false }
    }

    fn gap_of_app(&self, atoms: &[usize], boxes: &[&[u64]]) -> Result<Option<OpenBox>, TooComplex> {
        let layout = self.layout();
        let region_atoms = layout.atoms(&self.question.region, RESOURCE);
        if !atoms.iter().all(|atom| region_atoms.contains(atom)) {
            return Ok(None);
        }
        let mut one_way = None;
        for atom in atoms {
            let mut region = self.question.region.clone();
            layout.fill(&mut region, RESOURCE, |other| other == *atom);
            match first_open(layout, &region, boxes, |_| {})? {
                None => return Ok(None),
                Some(start) => one_way = Some((region, start)),
            }
        }
        let Some((region, start)) = one_way else { return Ok(None) };
        // It escapes either way; best is a box that escapes both ways alike.
        let last = layout.atoms(&region, RESOURCE);
        let alike: Vec<Cube> = boxes
            .iter()
            .map(|cube| {
                let mut cube = cube.to_vec();
                let held = layout.atoms(&cube, RESOURCE);
                let takes = held.iter().any(|atom| atoms.contains(atom));
                layout.fill(&mut cube, RESOURCE, |atom| held.contains(&atom) || (takes && last.contains(&atom)));
                cube
            })
            .collect();
        let alike: Vec<&[u64]> = alike.iter().map(Vec::as_slice).collect();
        if let Some(start) = first_open(layout, &region, &alike, |_| {})?
            && let Some(mut cube) = open_boxes(layout, &region, &alike, &start, 1).pop()
        {
            layout.fill(&mut cube, RESOURCE, |atom| atoms.contains(&atom));
            return Ok(Some(OpenBox { cube, either_way: false }));
        }
        let cube = open_boxes(layout, &region, boxes, &start, 1).pop();
        Ok(cube.map(|cube| OpenBox { cube, either_way: true }))
    }
}
