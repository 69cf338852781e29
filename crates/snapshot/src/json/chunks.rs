//! A file as chunks of whole elements, so that a file of any size is read in little memory.

use std::io::Read;

use super::shape::Sniffed;
use super::{PageFacts, Shape, cut, sniff};
use crate::ReadError;

/// Tests have files a thousand times smaller.
const UNIT: usize = if cfg!(test) { 1 << 10 } else { 1 << 20 };
/// Files up to this size are read whole, in bytes.
pub(super) const WHOLE: usize = 8 * UNIT;
/// A bigger file is cut into chunks of about this many bytes.
const PART: usize = 4 * UNIT;
/// The most bytes that one element may have.
pub(super) const ELEMENT: usize = 64 * UNIT;
/// The most bytes of a file that holds one object: a ScubaGear export is the largest known.
pub(super) const SINGLE: usize = 512 * UNIT;
/// The most bytes that may stand before the elements of a page, or after them.
const MARGIN: usize = UNIT;

/// Whole elements of one file.
#[derive(Debug)]
pub(crate) struct Chunk {
    /// The file, as a path inside the export.
    pub(crate) file: String,
    pub(crate) shape: Shape,
    /// What the page beside these elements says.
    pub(crate) page: PageFacts,
    /// The last chunk of its file.
    pub(crate) ends_file: bool,
    /// UTF-8 without a byte order mark.
    pub(crate) bytes: Vec<u8>,
    /// Where the bytes start in the file: byte, and lines before it.
    start: (u64, u64),
    /// Bytes at the beginning that stand in no file (the bracket of a cut array).
    added: u64,
}

impl Chunk {
    pub(crate) fn text(&self) -> Result<&str, ReadError> {
        std::str::from_utf8(&self.bytes).map_err(|error| ReadError::NotUtf8 {
            file: self.file.clone(),
            byte: self.start.0 + (error.valid_up_to() as u64).saturating_sub(self.added),
        })
    }

    pub(crate) fn is_lines(&self) -> bool {
        is_lines(&self.file)
    }

    pub(crate) fn empty(&self) -> ReadError {
        ReadError::Damaged { file: self.file.clone(), line: 1, column: 1, reason: "the file is empty".to_owned() }
    }

    /// As `damaged`, for an error inside one line of the chunk, counted from 0.
    pub(crate) fn damaged_in_line(&self, number: u64, error: &serde_json::Error) -> ReadError {
        match self.damaged(error) {
            ReadError::Damaged { file, line, column, reason } => {
                ReadError::Damaged { file, line: line + number, column, reason }
            }
            other => other,
        }
    }

    pub(crate) fn damaged(&self, error: &serde_json::Error) -> ReadError {
        let (line, column) = (error.line() as u64, error.column() as u64);
        let text = error.to_string();
        let reason = text.rsplit_once(" at line ").map_or(text.as_str(), |(reason, _)| reason).to_owned();
        let (file, line) = (self.file.clone(), self.start.1 + line.max(1));
        if cut::is_cut(&reason) {
            return ReadError::CutDepth { file, line, reason };
        }
        let column = if error.line() <= 1 { column.saturating_sub(self.added).max(1) } else { column };
        ReadError::Damaged { file, line, column, reason }
    }
}

/// The chunks of one file.
pub(crate) struct Chunks<R> {
    file: String,
    reader: R,
    buffer: Vec<u8>,
    sniffed: Sniffed,
    state: State,
    /// Bytes and lines that have left the buffer.
    passed: (u64, u64),
    at_end: bool,
}

enum State {
    Whole,
    /// In the middle of a list of elements; what stood before it, for an envelope.
    List {
        header: Vec<u8>,
    },
    Lines,
    Done,
}

impl<R: Read> Chunks<R> {
    /// Reads the beginning of a file.
    pub(crate) fn open(file: &str, reader: R, size: u64) -> Result<Self, ReadError> {
        let capacity = usize::try_from(size).unwrap_or(WHOLE).min(WHOLE) + 64;
        let mut chunks = Self {
            file: file.to_owned(),
            reader,
            buffer: Vec::with_capacity(capacity),
            sniffed: sniff(b""),
            state: State::Whole,
            passed: (0, 0),
            at_end: false,
        };
        chunks.fill(WHOLE)?;
        let head = chunks.buffer.get(..chunks.buffer.len().min(MARGIN)).unwrap_or_default();
        chunks.sniffed = sniff(head);
        if chunks.sniffed.shape == Shape::Single && !chunks.sniffed.closed && chunks.buffer.len() > MARGIN {
            chunks.sniffed = sniff(&chunks.buffer);
        }
        if !chunks.at_end {
            chunks.state = match chunks.sniffed.shape {
                Shape::Array => chunks.enter_list(),
                Shape::Envelope => chunks.enter_list(),
                Shape::Lines => State::Lines,
                Shape::Collapsed | Shape::Single | Shape::Empty => {
                    let limit = match first_byte(&chunks.buffer) {
                        Some(b'{') if is_lines(file) => ELEMENT,
                        Some(b'{') => SINGLE,
                        _ => WHOLE,
                    };
                    chunks.fill(limit + 1)?;
                    if !chunks.at_end {
                        return Err(chunks.endless(0, limit));
                    }
                    State::Whole
                }
            };
        }
        Ok(chunks)
    }

    /// What the first bytes tell.
    pub(crate) fn sniffed(&self) -> &Sniffed {
        &self.sniffed
    }

    /// The next chunk of whole elements.
    pub(crate) fn next_chunk(&mut self) -> Result<Option<Chunk>, ReadError> {
        match std::mem::replace(&mut self.state, State::Done) {
            State::Done => Ok(None),
            State::Whole => {
                let bytes = std::mem::take(&mut self.buffer);
                Ok(Some(self.chunk(self.sniffed.shape.clone(), bytes, (0, 0), 0)))
            }
            State::Lines => self.next_lines(),
            State::List { header } => self.next_items(header),
        }
    }

    fn chunk(&self, shape: Shape, bytes: Vec<u8>, start: (u64, u64), added: u64) -> Chunk {
        let ends_file = matches!(self.state, State::Done);
        Chunk { file: self.file.clone(), shape, page: PageFacts::default(), ends_file, bytes, start, added }
    }

    fn endless(&self, from: usize, limit: usize) -> ReadError {
        ReadError::Endless { file: self.file.clone(), byte: self.passed.0 + from as u64, limit: limit as u64 }
    }

    /// Reads until the buffer has `target` bytes or the file ends.
    fn fill(&mut self, target: usize) -> Result<(), ReadError> {
        while !self.at_end && self.buffer.len() < target {
            let missing = (target - self.buffer.len()) as u64;
            let read = (&mut self.reader)
                .take(missing)
                .read_to_end(&mut self.buffer)
                .map_err(|source| ReadError::Io { action: "read", path: self.file.clone(), source })?;
            self.at_end = (read as u64) < missing;
        }
        Ok(())
    }

    /// Removes the first bytes of the buffer and counts them.
    fn pass(&mut self, count: usize) {
        let lines = self.buffer.get(..count).unwrap_or_default().iter().filter(|byte| **byte == b'\n').count();
        self.buffer.drain(..count);
        self.passed.0 += count as u64;
        self.passed.1 += lines as u64;
    }

    /// Leaves the buffer at the first element of the outer list.
    fn enter_list(&mut self) -> State {
        let open = if self.sniffed.shape == Shape::Array {
            self.buffer.iter().position(|byte| *byte == b'[').unwrap_or(0)
        } else {
            value_bracket(&self.buffer).unwrap_or(0)
        };
        let header = self.buffer.get(..=open).unwrap_or_default().to_vec();
        self.pass(open + 1);
        State::List { header }
    }

    fn next_lines(&mut self) -> Result<Option<Chunk>, ReadError> {
        let mut target = PART;
        loop {
            self.fill(target)?;
            let cut = if self.at_end {
                self.buffer.len()
            } else {
                self.buffer.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1)
            };
            if cut > 0 || self.at_end {
                let bytes = self.buffer.get(..cut).unwrap_or_default().to_vec();
                let start = self.passed;
                self.pass(cut);
                if !(self.at_end && self.buffer.is_empty()) {
                    self.state = State::Lines;
                }
                return Ok(Some(self.chunk(Shape::Lines, bytes, start, 0)));
            }
            if target >= ELEMENT {
                return Err(self.endless(0, ELEMENT));
            }
            target *= 2;
        }
    }

    fn next_items(&mut self, header: Vec<u8>) -> Result<Option<Chunk>, ReadError> {
        let mut target = PART;
        loop {
            self.fill(target)?;
            let scan = scan_items(&self.buffer);
            if let Some(end) = scan.list_end {
                return self.last_items(&header, end).map(Some);
            }
            if let Some(comma) = scan.last_comma {
                let bytes = bracketed(self.buffer.get(..comma).unwrap_or_default());
                let start = self.passed;
                self.pass(comma + 1);
                self.state = State::List { header };
                return Ok(Some(self.chunk(Shape::Array, bytes, start, 1)));
            }
            if self.at_end {
                // Cut off: let the parser say where and why.
                let mut bytes = vec![b'['];
                bytes.append(&mut self.buffer);
                return Ok(Some(self.chunk(Shape::Array, bytes, self.passed, 1)));
            }
            if target >= ELEMENT {
                return Err(self.endless(0, ELEMENT));
            }
            target *= 2;
        }
    }

    /// The last elements, and what stands behind the list.
    fn last_items(&mut self, header: &[u8], end: usize) -> Result<Chunk, ReadError> {
        let bytes = bracketed(self.buffer.get(..end).unwrap_or_default());
        let start = self.passed;
        self.pass(end);
        self.fill(MARGIN)?;
        if !self.at_end {
            return Err(self.endless(0, MARGIN));
        }
        let header_length = header.len() as u64;
        let mut frame = header.to_vec();
        frame.append(&mut self.buffer);
        let shape = self.sniffed.shape.clone();
        let frame =
            self.chunk(shape, frame, (self.passed.0.saturating_sub(header_length), self.passed.1), header_length);
        let facts = super::read_chunk(&frame, &mut super::Counted)?;
        let mut chunk = self.chunk(Shape::Array, bytes, start, 1);
        chunk.page = PageFacts { rows: 0, ..facts };
        Ok(chunk)
    }
}

/// Whether the file's name says that every line is an object.
fn is_lines(file: &str) -> bool {
    let end = file.rsplit_once('.').map_or("", |(_, end)| end);
    end.eq_ignore_ascii_case("ndjson") || end.eq_ignore_ascii_case("jsonl")
}

fn first_byte(bytes: &[u8]) -> Option<u8> {
    bytes.iter().copied().find(|byte| !byte.is_ascii_whitespace())
}

fn bracketed(items: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(items.len() + 2);
    bytes.push(b'[');
    bytes.extend_from_slice(items);
    bytes.push(b']');
    bytes
}

struct Scanned {
    /// The last comma between two elements.
    last_comma: Option<usize>,
    /// The bracket that ends the list.
    list_end: Option<usize>,
}

/// Looks for the boundaries of elements in bytes that start inside a list.
fn scan_items(bytes: &[u8]) -> Scanned {
    let mut scanned = Scanned { last_comma: None, list_end: None };
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    for (at, byte) in bytes.iter().enumerate() {
        if in_text {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_text = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_text = true,
            b'{' | b'[' => depth += 1,
            b']' if depth == 0 => {
                scanned.list_end = Some(at);
                return scanned;
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => scanned.last_comma = Some(at),
            _ => {}
        }
    }
    scanned
}

/// Where the list of the top-level property `value` begins.
pub(super) fn value_bracket(bytes: &[u8]) -> Option<usize> {
    let (mut depth, mut in_text, mut escaped, mut text_from) = (0_usize, false, false, 0);
    let mut key: &[u8] = b"";
    for (at, byte) in bytes.iter().enumerate() {
        if in_text {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => {
                    in_text = false;
                    if depth == 1 {
                        key = bytes.get(text_from..at).unwrap_or_default();
                    }
                }
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => {
                in_text = true;
                text_from = at + 1;
            }
            b'[' if depth == 1 && key.eq_ignore_ascii_case(b"value") => return Some(at),
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}
