//! The texts that fuzzing found worth keeping, read again on every run.

use std::fs;
use std::path::Path;

use idscore_catalogue::Catalogue;
use idscore_catalogue::predicate::parse;
use idscore_catalogue::tables::TABLES;

#[test]
fn every_kept_text_is_refused_or_read_the_same_when_printed() {
    let catalogue = Catalogue::embedded().unwrap();
    let columns: Vec<_> = TABLES.iter().flat_map(|table| catalogue.columns(table.name)).cloned().collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/predicate");
    let (mut read, mut refused) = (0, 0);
    for entry in fs::read_dir(folder).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        let Ok(source) = String::from_utf8(bytes) else { continue };
        match parse(&source, &columns) {
            Ok(predicate) => {
                read += 1;
                let again = parse(&predicate.expression.to_string(), &columns).unwrap();
                assert_eq!(predicate.expression, again.expression, "{source}");
            }
            Err(_) => refused += 1,
        }
    }
    assert!(read > 30 && refused > 5, "{read} read, {refused} refused: is the corpus there?");
}
