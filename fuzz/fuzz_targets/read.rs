//! The readers of exports: the first byte chooses a file name, the rest is the file.
//!
//! `cargo +nightly fuzz run read -- -max_total_time=600`; findings go to `fuzz/corpus/read`, which a test of `crates/snapshot` reads.

#![no_main]

use libfuzzer_sys::fuzz_target;

include!("../names.rs");

fuzz_target!(|data: &[u8]| {
    if let Some((choice, bytes)) = data.split_first()
        && let Some(name) = NAMES.get(usize::from(*choice) % NAMES.len())
    {
        let _ = idscore_snapshot::read_bytes(name, bytes);
    }
});
