//! Sets of small numbers as words of bits.

/// An empty set with room for `size` numbers.
pub(crate) fn none(size: usize) -> Vec<u64> {
    vec![0; size.div_ceil(64)]
}

/// The set of all numbers below `size`.
pub(crate) fn all(size: usize) -> Vec<u64> {
    let mut set = vec![u64::MAX; size.div_ceil(64)];
    if !size.is_multiple_of(64)
        && let Some(last) = set.last_mut()
    {
        *last = (1 << (size % 64)) - 1;
    }
    set
}

/// Adds a number.
pub(crate) fn set(set: &mut [u64], number: usize) {
    set[number / 64] |= 1 << (number % 64);
}

/// Whether a number is in the set.
pub(crate) fn has(set: &[u64], number: usize) -> bool {
    set[number / 64] >> (number % 64) & 1 == 1
}

/// The numbers, ascending.
pub(crate) fn each(set: &[u64]) -> impl Iterator<Item = usize> + '_ {
    set.iter().enumerate().flat_map(|(at, word)| {
        let mut word = *word;
        std::iter::from_fn(move || {
            if word == 0 {
                return None;
            }
            let bit = word.trailing_zeros() as usize;
            word &= word - 1;
            Some(at * 64 + bit)
        })
    })
}

/// Whether all of `inner` is in `outer`.
pub(crate) fn within(inner: &[u64], outer: &[u64]) -> bool {
    inner.iter().zip(outer).all(|(inner, outer)| inner & !outer == 0)
}

/// Whether two sets have nothing in common.
pub(crate) fn disjoint(a: &[u64], b: &[u64]) -> bool {
    a.iter().zip(b).all(|(a, b)| a & b == 0)
}

/// How many numbers are in the set.
pub(crate) fn count(set: &[u64]) -> u32 {
    set.iter().map(|word| word.count_ones()).sum()
}

/// Whether the set is empty.
pub(crate) fn is_none(set: &[u64]) -> bool {
    set.iter().all(|word| *word == 0)
}
