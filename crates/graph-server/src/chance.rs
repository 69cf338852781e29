//! Chance, all of it from the seed. `tenantsim`, of which nothing here knows, mixes numbers the same way.

/// Mixes a number so that neighbours look unrelated (the finaliser of SplitMix64).
pub(crate) fn mix(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// An id in the form of a GUID, which looks like chance.
pub(crate) fn guid(seed: u64, number: u64) -> String {
    let (high, low) = (mix(seed ^ mix(number)), mix(number ^ mix(seed)));
    let part = |bits: u64| bits & 0xfff;
    format!(
        "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        part(high),
        part(low >> 48),
        low & 0xffff_ffff_ffff
    )
}
