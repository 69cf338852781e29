//! Files bigger than memory may hold, with limits a thousand times smaller.

use std::io::Cursor;

use serde::{Deserialize, Deserializer};

use super::chunks::{ELEMENT, SINGLE, WHOLE};
use super::{Chunks, Elements, read_chunk};
use crate::ReadError;

#[derive(Default)]
struct Ids(Vec<u32>);

#[derive(Deserialize)]
struct Numbered {
    id: u32,
}

impl Elements for Ids {
    fn element<'de, D: Deserializer<'de>>(&mut self, deserializer: D) -> Result<(), D::Error> {
        self.0.push(Numbered::deserialize(super::Caseless(deserializer))?.id);
        Ok(())
    }
}

/// The ids, the number of chunks, and whether a next page is named.
fn read(name: &str, content: &str) -> Result<(Vec<u32>, usize, bool), ReadError> {
    let mut ids = Ids::default();
    let (mut chunks, mut next, mut ended) = (0, false, 0);
    let mut file = Chunks::open(name, Cursor::new(content.as_bytes().to_vec()), content.len() as u64)?;
    while let Some(chunk) = file.next_chunk()? {
        next |= read_chunk(&chunk, &mut ids)?.next_link;
        ended += usize::from(chunk.ends_file);
        chunks += 1;
    }
    assert_eq!(ended, 1);
    Ok((ids.0, chunks, next))
}

fn objects(count: u32) -> Vec<String> {
    (0..count).map(|id| format!(r#"{{"id":{id},"about":"a, ]}}\" [{{ \\","more":[[1],{{"x":"]"}}]}}"#)).collect()
}

#[test]
fn a_big_file_is_cut_without_losing_an_element() {
    let all = objects(2_000);
    let expected: Vec<u32> = (0..2_000).collect();
    for (name, content, next) in [
        ("x.json", format!(" [{}]\n", all.join(" ,\n")), false),
        (
            "x.json",
            format!(r#"{{"@odata.context":"value [","value":[{}],"@odata.nextLink":null}}"#, all.join(",")),
            false,
        ),
        ("x.json", format!(r#"{{"value" : [{}],"@odata.nextLink":"https://next"}}"#, all.join(",")), true),
        ("x.json", format!(r#"{{"@odata.nextLink":"https://next","value":[{}]}}"#, all.join(",")), true),
        ("x.ndjson", all.join("\n"), false),
        ("x.ndjson", all.join("\r\n\r\n") + "\n", false),
    ] {
        assert!(content.len() > 8 * WHOLE);
        let (ids, chunks, next_link) = read(name, &content).unwrap();
        assert!(ids == expected && chunks > 8, "{name}: {} of 2000 in {chunks} chunks", ids.len());
        assert_eq!(next_link, next);
    }
}

#[test]
fn the_place_of_an_error_is_right_far_inside() {
    let mut all = objects(2_000);
    all.push(r#"{"id":"seven"}"#.to_owned());
    for (name, content, line) in [
        ("x.json", format!("[\n{}\n]", all.join(",\n")), 2_002),
        ("x.json", format!("{{\"value\":[\n{}\n]}}", all.join(",\n")), 2_002),
        ("x.ndjson", all.join("\n"), 2_001),
    ] {
        let message = read(name, &content).unwrap_err().to_string();
        let expected = format!("`{name}`, line {line}, column 13: `id`: invalid type: string \"seven\", expected u32");
        assert_eq!(message, expected);
    }
}

#[test]
fn a_big_file_that_was_cut_off_is_refused_with_its_place() {
    let whole = format!("[\n{}\n]", objects(2_000).join(",\n"));
    for end in [whole.len() - 1, whole.len() - 20] {
        let error = read("x.json", &whole[..end]).unwrap_err();
        assert!(matches!(&error, ReadError::Damaged { line, .. } if *line >= 2_001), "{error}");
    }
    let page = format!(r#"{{"value":[{}]"#, objects(2_000).join(","));
    assert!(matches!(read("x.json", &page), Err(ReadError::Damaged { .. })));
}

#[test]
fn one_endless_element_is_refused() {
    let endless = "a".repeat(SINGLE + 1);
    for (name, content, byte, limit) in [
        ("x.json", format!("[{{\"id\":\"{endless}"), 1, ELEMENT),
        ("x.json", format!("{{\"id\":\"{endless}"), 0, SINGLE),
        ("x.json", endless.clone(), 0, WHOLE),
        ("x.json", " ".repeat(SINGLE), 0, WHOLE),
        ("x.ndjson", format!("{{\"id\":1}}\n{{\"id\":\"{endless}"), 9, ELEMENT),
    ] {
        let message = read(name, &content).unwrap_err().to_string();
        assert_eq!(message, format!("`{name}`, byte {byte}: one element is longer than {limit} bytes"));
    }
}

#[test]
fn a_thousand_levels_of_nesting_are_refused() {
    for deep in [
        format!("[{{\"id\":1,\"deep\":{}{}}}]", "[".repeat(1_000), "]".repeat(1_000)),
        format!("{{\"value\":[],\"deep\":{}{}}}", "{\"a\":".repeat(1_000), "}".repeat(1_000)),
        "[".repeat(1_000),
    ] {
        let message = read("x.json", &deep).unwrap_err().to_string();
        assert!(
            message.contains("recursion limit exceeded") || message.contains("invalid type: sequence"),
            "{message}"
        );
    }
}
