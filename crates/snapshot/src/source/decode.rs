//! Encodings: gzip, byte order marks, UTF-16.

use std::io::{self, Cursor, Read};

use encoding_rs_io::DecodeReaderBytesBuilder;
use flate2::read::MultiGzDecoder;

/// The most that one compressed byte may become, and the size from which that is looked at.
const MAX_RATIO: u64 = 300;
const RATIO_FREE: u64 = if cfg!(test) { 1 << 18 } else { 64 << 20 };

/// The content as UTF-8 without a byte order mark. UTF-8 itself is passed on unchecked, so that its errors get a place.
pub(super) fn decode(reader: impl Read + Send + 'static) -> io::Result<Box<dyn Read + Send>> {
    let (head, reader) = peek(reader, 2)?;
    if head == [0x1f, 0x8b] {
        let counted = Bounded { packed: MultiGzDecoder::new(CountingReader { reader, count: 0 }), unpacked: 0 };
        return unmark(counted);
    }
    unmark(reader)
}

fn unmark(reader: impl Read + Send + 'static) -> io::Result<Box<dyn Read + Send>> {
    let (head, mut reader) = peek(reader, 3)?;
    if head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]) {
        return Ok(Box::new(DecodeReaderBytesBuilder::new().bom_sniffing(true).strip_bom(true).build(reader)));
    }
    if head == [0xef, 0xbb, 0xbf] {
        reader.read_exact(&mut [0; 3])?;
    }
    Ok(Box::new(reader))
}

type Peeked<R> = io::Chain<Cursor<Vec<u8>>, R>;

fn peek<R: Read>(mut reader: R, count: u64) -> io::Result<(Vec<u8>, Peeked<R>)> {
    let mut head = Vec::new();
    (&mut reader).take(count).read_to_end(&mut head)?;
    Ok((head.clone(), Cursor::new(head).chain(reader)))
}

struct CountingReader<R> {
    reader: R,
    count: u64,
}

impl<R: Read> Read for CountingReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.count += read as u64;
        Ok(read)
    }
}

/// Stops where a file unpacks to far more than it weighs.
struct Bounded<R> {
    packed: MultiGzDecoder<CountingReader<R>>,
    unpacked: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.packed.read(buffer)?;
        self.unpacked += read as u64;
        let packed = self.packed.get_ref().count;
        if self.unpacked > RATIO_FREE && self.unpacked / MAX_RATIO > packed {
            return Err(io::Error::other(format!("it unpacks to more than {MAX_RATIO} times its size")));
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn decoded(bytes: Vec<u8>) -> io::Result<String> {
        let mut text = String::new();
        decode(Cursor::new(bytes))?.read_to_string(&mut text)?;
        Ok(text)
    }

    fn gz(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn marks_utf16_and_gzip_are_undone() {
        let text = r#"{"displayName":"Zoë"}"#;
        let marked = [b"\xef\xbb\xbf", text.as_bytes()].concat();
        let little: Vec<u8> = [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect();
        for bytes in [text.as_bytes().to_vec(), marked, little, big] {
            assert_eq!(decoded(gz(&bytes)).unwrap(), text);
            assert_eq!(decoded(bytes).unwrap(), text);
        }
        assert_eq!(decoded(Vec::new()).unwrap(), "");
        assert_eq!(decoded(vec![b'{']).unwrap(), "{");
    }

    #[test]
    fn a_file_that_unpacks_to_far_more_than_it_weighs_is_refused() {
        let bomb = gz(&vec![b' '; 1 << 20]);
        let error = decoded(bomb).unwrap_err();
        assert!(error.to_string().contains("300 times"), "{error}");
    }
}
