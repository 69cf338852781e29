//! Boxes as bits: where each dimension of the space lies in the words of a box, and the arithmetic of boxes.

/// A box: for each dimension the set of atoms, side by side in words. Empty in no dimension.
pub(crate) type Cube = Vec<u64>;

/// Where each dimension lies. Dimensions of up to 64 atoms share words; larger ones have words of their own.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    slots: Vec<Slot>,
    pub(crate) words: usize,
}

#[derive(Debug, Clone, Copy)]
struct Slot {
    first: usize,
    count: usize,
    shift: u32,
    mask: u64,
    size: usize,
}

impl Layout {
    /// A layout for dimensions of these sizes.
    pub(crate) fn new(sizes: &[usize]) -> Layout {
        let mut slots = Vec::with_capacity(sizes.len());
        let mut words = 0;
        // The word that small dimensions share, and how much of it is used.
        let mut shared: Option<(usize, usize)> = None;
        for &size in sizes {
            if size <= 64 {
                let (word, used) = match shared {
                    Some((word, used)) if used + size <= 64 => (word, used),
                    _ => {
                        words += 1;
                        (words - 1, 0)
                    }
                };
                shared = Some((word, used + size));
                let shift = u32::try_from(used).unwrap_or(0);
                slots.push(Slot { first: word, count: 1, shift, mask: ones(size) << shift, size });
            } else {
                let count = size.div_ceil(64);
                slots.push(Slot { first: words, count, shift: 0, mask: u64::MAX, size });
                words += count;
            }
        }
        Layout { slots, words }
    }

    /// How many dimensions there are.
    pub(crate) fn dimensions(&self) -> usize {
        self.slots.len()
    }

    /// The whole space.
    pub(crate) fn full(&self) -> Cube {
        let mut cube = vec![0; self.words];
        for dimension in 0..self.slots.len() {
            self.fill(&mut cube, dimension, |_| true);
        }
        cube
    }

    /// Replaces one dimension by the atoms that a test accepts.
    pub(crate) fn fill(&self, cube: &mut [u64], dimension: usize, accept: impl Fn(usize) -> bool) {
        let slot = self.slots[dimension];
        for word in &mut cube[slot.first..slot.first + slot.count] {
            *word &= !slot.mask;
        }
        for atom in (0..slot.size).filter(|atom| accept(*atom)) {
            cube[slot.first + atom / 64] |= 1 << (atom % 64 + slot.shift as usize);
        }
    }

    /// The atoms of one dimension.
    pub(crate) fn atoms(&self, cube: &[u64], dimension: usize) -> Vec<usize> {
        let slot = self.slots[dimension];
        (0..slot.size)
            .filter(|atom| cube[slot.first + atom / 64] >> (atom % 64 + slot.shift as usize) & 1 == 1)
            .collect()
    }

    /// Whether two boxes agree in one dimension.
    pub(crate) fn same_in(&self, a: &[u64], b: &[u64], dimension: usize) -> bool {
        let slot = self.slots[dimension];
        (slot.first..slot.first + slot.count).all(|word| (a[word] ^ b[word]) & slot.mask == 0)
    }

    fn meets_in(&self, a: &[u64], b: &[u64], slot: Slot) -> bool {
        if slot.count == 1 {
            return a[slot.first] & b[slot.first] & slot.mask != 0;
        }
        (slot.first..slot.first + slot.count).any(|word| a[word] & b[word] != 0)
    }

    /// Whether two boxes have a point in common.
    pub(crate) fn meet(&self, a: &[u64], b: &[u64]) -> bool {
        self.slots.iter().all(|slot| self.meets_in(a, b, *slot))
    }

    /// How many points a box has.
    pub(crate) fn volume(&self, cube: &[u64]) -> f64 {
        self.slots
            .iter()
            .map(|slot| {
                (slot.first..slot.first + slot.count).map(|word| (cube[word] & slot.mask).count_ones()).sum::<u32>()
                    as f64
            })
            .product()
    }

    /// Takes a box away from another, which it meets: at most one piece per dimension is left. What was taken stays in
    /// `from`.
    pub(crate) fn subtract(&self, from: &mut [u64], take: &[u64], scratch: &mut [u64], mut piece: impl FnMut(&[u64])) {
        for slot in &self.slots {
            let words = slot.first..slot.first + slot.count;
            if words.clone().all(|word| from[word] & !take[word] & slot.mask == 0) {
                continue;
            }
            scratch.copy_from_slice(from);
            for word in words {
                scratch[word] &= !(take[word] & slot.mask);
                from[word] &= take[word] | !slot.mask;
            }
            piece(scratch);
        }
    }

    /// Grows a box, dimension by dimension, to a largest one in the region that meets none of the boxes.
    pub(crate) fn grow(&self, start: &[u64], region: &[u64], boxes: &[&[u64]], order: &[usize]) -> Cube {
        let mut cube = start.to_vec();
        let mut allowed = vec![0; self.words];
        for &dimension in order {
            let slot = self.slots[dimension];
            let words = slot.first..slot.first + slot.count;
            for word in words.clone() {
                allowed[word] = region[word] & slot.mask;
            }
            for other in boxes {
                let meets_elsewhere = self
                    .slots
                    .iter()
                    .enumerate()
                    .all(|(at, slot)| at == dimension || self.meets_in(&cube, other, *slot));
                if meets_elsewhere {
                    for word in words.clone() {
                        allowed[word] &= !other[word];
                    }
                }
            }
            for word in words {
                cube[word] = cube[word] & !slot.mask | allowed[word] & slot.mask;
            }
        }
        cube
    }
}

fn ones(size: usize) -> u64 {
    if size >= 64 { u64::MAX } else { (1 << size) - 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_of_a_box_is_disjoint_and_complete() {
        let layout = Layout::new(&[3, 70, 2]);
        let mut take = layout.full();
        layout.fill(&mut take, 0, |atom| atom == 1);
        layout.fill(&mut take, 1, |atom| atom > 65);
        let mut pieces = Vec::new();
        layout.subtract(&mut layout.full(), &take, &mut vec![0; layout.words], |piece| pieces.push(piece.to_vec()));
        assert_eq!(pieces.len(), 2);
        assert!(!layout.meet(&pieces[0], &pieces[1]));
        let volume: f64 = pieces.iter().map(|piece| layout.volume(piece)).sum();
        assert!((volume - (420.0 - 8.0)).abs() < 1e-9);
    }

    #[test]
    fn a_box_grows_until_it_touches() {
        let layout = Layout::new(&[3, 3]);
        let mut wall = layout.full();
        layout.fill(&mut wall, 0, |atom| atom == 2);
        let mut start = layout.full();
        layout.fill(&mut start, 0, |atom| atom == 0);
        layout.fill(&mut start, 1, |atom| atom == 0);
        let grown = layout.grow(&start, &layout.full(), &[&wall], &[0, 1]);
        assert_eq!(layout.atoms(&grown, 0), [0, 1]);
        assert_eq!(layout.atoms(&grown, 1), [0, 1, 2]);
    }
}
