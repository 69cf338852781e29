//! Encodings: gzip, byte order marks, UTF-16.

use std::io::{self, Cursor, Read};

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
    for (mark, unit) in [([0xff, 0xfe], u16::from_le_bytes as fn([u8; 2]) -> u16), ([0xfe, 0xff], u16::from_be_bytes)] {
        if head.starts_with(&mark) {
            reader.read_exact(&mut [0; 2])?;
            return Ok(Box::new(Utf16 { reader, unit, waiting: Vec::new(), text: Cursor::new(Vec::new()) }));
        }
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

/// UTF-16 as UTF-8; a surrogate without its partner is an error.
struct Utf16<R> {
    reader: R,
    unit: fn([u8; 2]) -> u16,
    /// Bytes of a code point whose rest has not been read yet.
    waiting: Vec<u8>,
    text: Cursor<Vec<u8>>,
}

impl<R: Read> Utf16<R> {
    fn refill(&mut self) -> io::Result<()> {
        const PART: u64 = 64 << 10;
        let mut bytes = std::mem::take(&mut self.waiting);
        let at_end = ((&mut self.reader).take(PART).read_to_end(&mut bytes)? as u64) < PART;
        let mut units: Vec<u16> =
            bytes.chunks_exact(2).filter_map(|pair| Some((self.unit)(*pair.first_chunk()?))).collect();
        if !at_end && units.last().is_some_and(|unit| (0xd800..0xdc00).contains(unit)) {
            units.pop();
        }
        self.waiting = bytes.split_off(units.len() * 2);
        if at_end && !self.waiting.is_empty() {
            return Err(io::Error::other("not valid UTF-16: it ends within a character"));
        }
        let text = String::from_utf16(&units)
            .map_err(|_| io::Error::other("not valid UTF-16: half of a surrogate pair stands alone"))?;
        self.text = Cursor::new(text.into_bytes());
        Ok(())
    }
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.text.read(buffer)?;
        if read > 0 || buffer.is_empty() {
            return Ok(read);
        }
        self.refill()?;
        self.text.read(buffer)
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
    fn utf16_is_decoded_across_the_parts_in_which_it_is_read() {
        let text = "a".to_owned() + &"\u{1f511}".repeat(50_000);
        let big: Vec<u8> = [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect();
        assert_eq!(decoded(big).unwrap(), text);
    }

    #[test]
    fn half_a_character_of_utf16_is_refused() {
        for (units, odd, reason) in [
            (vec![0x61, 0xd83d, 0x61], vec![], "stands alone"),
            (vec![0xdd11], vec![], "stands alone"),
            (vec![0xd83d], vec![], "stands alone"),
            (vec![0x61], vec![0x62], "ends within"),
        ] {
            let bytes = [0xfeff].into_iter().chain(units).flat_map(u16::to_le_bytes).chain(odd).collect();
            let error = decoded(bytes).unwrap_err();
            assert!(error.to_string().contains(reason), "{error}");
        }
    }

    #[test]
    fn a_file_that_unpacks_to_far_more_than_it_weighs_is_refused() {
        let bomb = gz(&vec![b' '; 1 << 20]);
        let error = decoded(bomb).unwrap_err();
        assert!(error.to_string().contains("300 times"), "{error}");
    }
}
