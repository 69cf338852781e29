//! No bytes make the reader panic: the corpus of the fuzz targets, and every cut of it.

use std::fs;
use std::path::Path;

use idscore_snapshot::read_bytes;

fn corpus() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), fs::read(entry.path()).unwrap()))
        .collect();
    files.sort();
    files
}

include!("../../../../fuzz/names.rs");

#[test]
fn every_input_that_fuzzing_kept_is_read_or_refused() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/read");
    let mut read = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let input = fs::read(entry.unwrap().path()).unwrap();
        let (choice, bytes) = input.split_first().unwrap();
        let _ = read_bytes(NAMES[usize::from(*choice) % NAMES.len()], bytes);
        read += 1;
    }
    assert!(read > 300, "only {read} inputs: is the corpus checked in?");
}

#[test]
fn the_corpus_is_read_or_refused() {
    let outcomes: Vec<String> = corpus()
        .into_iter()
        .map(|(name, bytes)| match read_bytes(&name, &bytes) {
            Ok(manifest) => {
                format!("{name}: read, {} rows", manifest.data_sets.iter().map(|set| set.rows).sum::<u64>())
            }
            Err(error) => format!("{name}: {error}"),
        })
        .collect();
    insta::assert_snapshot!(outcomes.join("\n"));
}

#[test]
fn every_beginning_of_the_corpus_is_read_or_refused() {
    for (name, bytes) in corpus() {
        for end in (0..bytes.len()).step_by(7) {
            let _ = read_bytes(&name, &bytes[..end]);
        }
    }
}

#[test]
fn every_changed_byte_of_the_corpus_is_read_or_refused() {
    for (name, bytes) in corpus() {
        for at in (0..bytes.len()).step_by(3) {
            let mut changed = bytes.clone();
            changed[at] = changed[at].wrapping_add(b'0'.wrapping_mul(at as u8));
            let _ = read_bytes(&name, &changed);
        }
    }
}
