//! Where logs come from: files, packed ones among them, and standard input.

use super::journal::Transcoded;
use super::scan::LONGEST;
use crate::maillog::{Calendar, JournalForm, Reader};
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Cursor, Read, Seek as _, SeekFrom};
use std::path::Path;
use std::time::UNIX_EPOCH;

/// A log that is ready to be read.
pub struct Log {
    pub source: Box<dyn Read + Send>,
    pub calendar: Calendar,
    /// When it begins, in seconds since 1970 UTC.
    pub begins: Option<i64>,
    /// How many octets there are to read, where it is a plain file.
    pub octets: Option<u64>,
}

impl Log {
    /// Reads no further than `octets`.
    pub fn limit(&mut self, octets: u64) {
        let source = std::mem::replace(&mut self.source, Box::new(io::empty()));
        self.source = Box::new(source.take(octets));
    }
}

/// Where the last whole line of a log ends; none for what is packed, and for a journal.
///
/// # Errors
/// What the system gives.
pub fn whole_lines(path: &Path) -> io::Result<Option<u64>> {
    let mut file = File::open(path)?;
    let mut head = Vec::new();
    (&mut file).take(SHOWN as u64).read_to_end(&mut head)?;
    let about = file.metadata()?;
    let plain = about.is_file() && !is_packed(&head) && JournalForm::of(&head).is_none();
    if !plain {
        return Ok(None);
    }
    let from = about.len().saturating_sub(LONGEST as u64);
    let mut tail = Vec::new();
    file.seek(SeekFrom::Start(from))?;
    file.take(LONGEST as u64).read_to_end(&mut tail)?;
    let end = memchr::memrchr(b'\n', &tail).map_or(0, |at| at as u64 + 1);
    Ok(Some(if end == 0 { 0 } else { from + end }))
}

fn is_packed(head: &[u8]) -> bool {
    let magics: [&[u8]; 4] = [b"\x1f\x8b", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd", b"BZh"];
    magics.iter().any(|magic| head.starts_with(magic))
}

/// Octets that tell what a file is packed with.
const MAGIC: u64 = 6;
/// Octets at the beginning and at the end in which the calendar is looked for.
const SHOWN: usize = 64 << 10;
/// Octets of memory that unpacking may take for what was written before.
const WINDOW_KIB: u32 = 40 << 10;

/// Opens a file. What it is packed with is seen from its first octets.
///
/// # Errors
/// What the system gives; `InvalidData` where a packed file is broken at its beginning.
pub fn open(path: &Path) -> io::Result<Log> {
    let mut file = File::open(path)?;
    let about = file.metadata()?;
    if about.is_dir() {
        return Err(io::Error::new(
            io::ErrorKind::IsADirectory,
            "a folder, not a file",
        ));
    }
    let changed = about
        .modified()
        .ok()
        .and_then(|at| at.duration_since(UNIX_EPOCH).ok())
        .and_then(|since| i64::try_from(since.as_secs()).ok());
    let mut shown = None;
    if about.is_file() && about.len() > SHOWN as u64 {
        let mut tail = Vec::new();
        file.seek(SeekFrom::Start(about.len() - SHOWN as u64))?;
        (&mut file).take(SHOWN as u64).read_to_end(&mut tail)?;
        shown = Calendar::shown_by(&tail);
        file.rewind()?;
    }
    let mut head = Vec::new();
    (&mut file).take(MAGIC).read_to_end(&mut head)?;
    let source = Cursor::new(head.clone()).chain(file);
    let mut log = from(source, changed)?;
    if about.is_file() && !is_packed(&head) {
        log.octets = Some(about.len());
    }
    if let Some(shown) = shown {
        log.calendar = shown;
    }
    Ok(log)
}

/// Makes a log of what can be read; `latest`: its lines are not later.
///
/// # Errors
/// As [`open`].
pub fn from(source: impl Read + Send + 'static, latest: Option<i64>) -> io::Result<Log> {
    let mut source = unpacked(Box::new(source))?;
    let mut head = vec![0; SHOWN];
    let mut length = 0;
    // Enough for one line: a pipe that is followed gives no more for now.
    while length < head.len() && memchr::memchr(b'\n', &head[..length]).is_none() {
        match source.read(&mut head[length..])? {
            0 => break,
            read => length += read,
        }
    }
    head.truncate(length);
    let form = JournalForm::of(&head);
    let source = Cursor::new(head).chain(source);
    let (source, head): (Box<dyn Read + Send>, Vec<u8>) = match form {
        None => {
            let (head, source) = source.into_inner();
            let head = head.into_inner();
            (Box::new(Cursor::new(head.clone()).chain(source)), head)
        }
        Some(form) => (Box::new(Transcoded::new(source, form)), Vec::new()),
    };
    let calendar = Calendar::shown_by(&head).unwrap_or(Calendar { latest, offset: 0 });
    let mut reader = Reader::new(calendar);
    let begins = head
        .split(|byte| *byte == b'\n')
        .find_map(|line| reader.time(line));
    Ok(Log {
        source,
        calendar,
        begins,
        octets: None,
    })
}

/// Unpacks gzip, xz, zstd and bzip2, several of them one behind the other, and nothing else.
fn unpacked(source: Box<dyn Read + Send>) -> io::Result<Box<dyn Read + Send>> {
    let mut source = BufReader::with_capacity(128 << 10, source);
    let magic = source.fill_buf()?;
    Ok(match magic {
        [0x1f, 0x8b, ..] => Box::new(flate2::bufread::MultiGzDecoder::new(source)),
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Box::new(lzma_rust2::XzReader::new_mem_limit(
            source, true, WINDOW_KIB,
        )),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Box::new(Frames::new(source)),
        [b'B', b'Z', b'h', b'1'..=b'9', ..] => {
            Box::new(bzip2::bufread::MultiBzDecoder::new(source))
        }
        // Already in blocks: no copy through a buffer.
        _ => {
            let head = source.buffer().to_vec();
            Box::new(Cursor::new(head).chain(source.into_inner()))
        }
    })
}

/// The frames of a zstd file, one behind the other.
struct Frames<R: io::BufRead> {
    frame: Option<Box<ruzstd::decoding::StreamingDecoder<R, ruzstd::decoding::FrameDecoder>>>,
    source: Option<R>,
}

impl<R: io::BufRead> Frames<R> {
    fn new(source: R) -> Self {
        Self {
            frame: None,
            source: Some(source),
        }
    }
}

impl<R: io::BufRead> Read for Frames<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some(frame) = &mut self.frame {
                let read = frame.read(out)?;
                if read > 0 || out.is_empty() {
                    return Ok(read);
                }
                self.source = self.frame.take().map(|frame| frame.into_inner());
            }
            let Some(mut source) = self.source.take() else {
                return Ok(0);
            };
            if source.fill_buf()?.is_empty() {
                return Ok(0);
            }
            let frame = ruzstd::decoding::StreamingDecoder::new(source)
                .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.to_string()))?;
            self.frame = Some(Box::new(frame));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    const TEXT: &[u8] = b"2025-03-03T09:12:44Z mx1 postfix/qmgr[1]: 3A1B2C3D4E: removed\n";

    fn text_of(packed: Vec<u8>) -> io::Result<Vec<u8>> {
        let mut log = from(Cursor::new(packed), None)?;
        let mut out = Vec::new();
        log.source.read_to_end(&mut out)?;
        assert_eq!(log.begins, Some(1_740_993_164));
        Ok(out)
    }

    fn gzip() -> Vec<u8> {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(TEXT).unwrap();
        packer.finish().unwrap()
    }

    fn bzip2() -> Vec<u8> {
        let mut packer = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
        packer.write_all(TEXT).unwrap();
        packer.finish().unwrap()
    }

    /// Made by `xz` and by `zstd` of [`TEXT`].
    const XZ: &[u8] = include_bytes!("../../../tests/data/maillog/one.log.xz");
    const ZSTD: &[u8] = include_bytes!("../../../tests/data/maillog/one.log.zst");

    #[test]
    fn packed_logs_are_known_by_their_first_octets() {
        for packed in [TEXT.to_vec(), gzip(), bzip2(), XZ.to_vec(), ZSTD.to_vec()] {
            assert_eq!(text_of(packed.clone()).unwrap(), TEXT);
            // Rotated logs are often put together.
            let twice = [packed.clone(), packed].concat();
            assert_eq!(text_of(twice).unwrap(), [TEXT, TEXT].concat());
        }
    }

    #[test]
    fn a_broken_file_is_an_error_and_no_panic() {
        for packed in [gzip(), bzip2(), XZ.to_vec(), ZSTD.to_vec()] {
            for end in 7..packed.len() {
                let cut = packed.get(..end).unwrap().to_vec();
                let read = from(Cursor::new(cut), None).and_then(|mut log| {
                    let mut out = Vec::new();
                    log.source.read_to_end(&mut out)
                });
                assert!(read.is_err(), "{end} of {packed:?}");
            }
        }
    }
}
