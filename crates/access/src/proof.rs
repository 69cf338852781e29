//! Whether boxes cover a region, by taking one after the other away from what is left.

use crate::layout::{Cube, Layout};
use crate::space::{
    CLIENT, COMPLIANT_NETWORK, COUNTRY, DEVICE, FLOW, GPS, INSIDER_RISK, IP, MFA_TRUSTED, PLATFORM, RESOURCE,
    SIGN_IN_RISK, USER_RISK,
};

/// More pieces than this are given up.
const MAX_FRAGMENTS: usize = 10_000;

/// The region fell into too many pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooComplex;

/// Some piece of the region that no box meets; `None` when the boxes cover the region. Largest boxes first is fastest.
/// `used` is told which boxes took something away.
pub(crate) fn first_open(
    layout: &Layout,
    region: &[u64],
    boxes: &[&[u64]],
    mut used: impl FnMut(usize),
) -> Result<Option<Cube>, TooComplex> {
    if !layout.meet(region, region) {
        return Ok(None);
    }
    let mut pieces = region.to_vec();
    let mut next = vec![0_usize];
    let mut made = 0;
    let mut current = vec![0; region.len()];
    let mut scratch = current.clone();
    while let Some(start) = next.pop() {
        current.copy_from_slice(&pieces[pieces.len() - region.len()..]);
        pieces.truncate(pieces.len() - region.len());
        let Some(found) = (start..boxes.len()).find(|index| layout.meet(&current, boxes[*index])) else {
            return Ok(Some(current));
        };
        used(found);
        layout.subtract(&mut current, boxes[found], &mut scratch, |piece| {
            pieces.extend_from_slice(piece);
            next.push(found + 1);
            made += 1;
        });
        if made > MAX_FRAGMENTS {
            return Err(TooComplex);
        }
    }
    Ok(None)
}

/// Up to `most` largest boxes of the region that no box meets, one of them around `start`.
pub(crate) fn open_boxes(layout: &Layout, region: &[u64], boxes: &[&[u64]], start: &[u64], most: usize) -> Vec<Cube> {
    let order = growing_order(layout);
    let mut found: Vec<Cube> = vec![layout.grow(start, region, boxes, &order)];
    while found.len() < most {
        let mut all = boxes.to_vec();
        all.extend(found.iter().map(Vec::as_slice));
        match first_open(layout, region, &all, |_| {}) {
            Ok(Some(piece)) => {
                let grown = layout.grow(&piece, region, boxes, &order);
                found.push(grown);
            }
            Ok(None) | Err(TooComplex) => break,
        }
    }
    found
}

/// Details that a sentence can do without grow first, so that they fill up and need no mention.
fn growing_order(layout: &Layout) -> Vec<usize> {
    let named = [
        INSIDER_RISK,
        USER_RISK,
        SIGN_IN_RISK,
        FLOW,
        CLIENT,
        PLATFORM,
        RESOURCE,
        COMPLIANT_NETWORK,
        MFA_TRUSTED,
        GPS,
        COUNTRY,
        IP,
    ];
    (DEVICE..layout.dimensions()).chain(named).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pairs of switches, a box where both of a pair are off, and at last one that covers everything.
    fn pairs(count: usize) -> (Layout, Vec<Cube>) {
        let layout = Layout::new(&vec![2; 2 * count]);
        let mut boxes: Vec<Cube> = (0..count)
            .map(|pair| {
                let mut cube = layout.full();
                layout.fill(&mut cube, 2 * pair, |atom| atom == 0);
                layout.fill(&mut cube, 2 * pair + 1, |atom| atom == 0);
                cube
            })
            .collect();
        boxes.push(layout.full());
        (layout, boxes)
    }

    #[test]
    fn too_many_pieces_are_given_up() {
        for (count, expected) in [(8, Ok(None)), (20, Err(TooComplex))] {
            let (layout, boxes) = pairs(count);
            let boxes: Vec<&[u64]> = boxes.iter().map(Vec::as_slice).collect();
            assert_eq!(first_open(&layout, &layout.full(), &boxes, |_| {}), expected);
            let widest_first: Vec<&[u64]> = boxes.iter().rev().copied().collect();
            assert_eq!(first_open(&layout, &layout.full(), &widest_first, |_| {}), Ok(None));
        }
    }

    #[test]
    fn an_empty_region_is_covered_by_nothing() {
        let layout = Layout::new(&[2, 2]);
        let mut region = layout.full();
        layout.fill(&mut region, 1, |_| false);
        assert_eq!(first_open(&layout, &region, &[], |_| {}), Ok(None));
        assert_eq!(first_open(&layout, &layout.full(), &[], |_| {}), Ok(Some(layout.full())));
    }
}
