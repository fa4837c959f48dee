//! A log that grows, is rotated, or is begun anew.

use super::scan::{LONGEST, Lines, Take};
use crate::maillog::{Calendar, Line, Reader};
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// The end of a log. Nothing here waits: who follows decides how often to look.
#[derive(Debug)]
pub struct Follow {
    path: PathBuf,
    file: File,
    /// Device and inode: another file may come to lie under the name.
    identity: (u64, u64),
    position: u64,
    /// The beginning of a line whose end is not written yet.
    part: Vec<u8>,
    /// Inside of a line that is too long.
    skipping: bool,
    reader: Reader,
    calendar: Calendar,
}

/// Octets of one look at a file. What is more comes with the next.
const AT_ONCE: u64 = 1 << 20;

impl Follow {
    /// Follows the file from `position` on, which is where a line begins.
    ///
    /// # Errors
    /// What the system gives.
    pub fn new(path: &Path, position: u64, calendar: Calendar) -> io::Result<Self> {
        let file = File::open(path)?;
        let about = file.metadata()?;
        Ok(Self {
            path: path.to_owned(),
            identity: (about.dev(), about.ino()),
            file,
            position,
            part: Vec::new(),
            skipping: false,
            reader: Reader::new(calendar),
            calendar,
        })
    }

    /// Gives what was written since the last look; whether there was anything. `now`, in
    /// seconds since 1970: no line is later.
    ///
    /// # Errors
    /// What the system gives. A name without a file is none: a rotation is under way.
    pub fn look(&mut self, now: i64, taker: &mut dyn Take) -> io::Result<bool> {
        // Asked before reading: what the old file still gets until then is not lost.
        let named = match std::fs::metadata(&self.path) {
            Ok(about) => Some((about.dev(), about.ino())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        self.set_calendar(now);
        if self.file.metadata()?.len() < self.position {
            // Cut (logrotate's copytruncate): it begins anew.
            self.restart();
        }
        if self.read(taker)? {
            return Ok(true);
        }
        if named.is_none_or(|named| named == self.identity) {
            return Ok(false);
        }
        self.file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error),
        };
        let about = self.file.metadata()?;
        self.identity = (about.dev(), about.ino());
        self.restart();
        self.read(taker)
    }

    fn restart(&mut self) {
        self.position = 0;
        self.part.clear();
        self.skipping = false;
    }

    /// Stamps without a year are of the last twelve months, also over New Year.
    fn set_calendar(&mut self, now: i64) {
        if self.calendar.latest.is_some_and(|latest| latest < now) {
            self.calendar.latest = Some(now);
            self.reader = Reader::new(self.calendar);
        }
    }

    fn read(&mut self, taker: &mut dyn Take) -> io::Result<bool> {
        self.file.seek(SeekFrom::Start(self.position))?;
        let before = self.part.len();
        (&mut self.file).take(AT_ONCE).read_to_end(&mut self.part)?;
        let new = self.part.len() - before;
        self.position += new as u64;
        let Some(end) = memchr::memrchr(b'\n', &self.part) else {
            if self.skipping || self.part.len() > LONGEST {
                self.part.clear();
                self.skipping = true;
            }
            return Ok(new > 0);
        };
        let lines = self.part.drain(..=end);
        let lines = lines.as_slice().strip_suffix(b"\n").unwrap_or_default();
        let mut count = Lines {
            bytes: new as u64,
            ..Lines::default()
        };
        for line in lines.split(|byte| *byte == b'\n') {
            if std::mem::take(&mut self.skipping) {
                count.lines += 1;
                count.too_long += 1;
                count.unread += 1;
                continue;
            }
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.is_empty() {
                continue;
            }
            count.lines += 1;
            match self.reader.read(line) {
                Line::Event(event) => taker.event(&event),
                Line::Other => {}
                Line::Foreign => count.foreign += 1,
                Line::Unread => {
                    count.unread += 1;
                    taker.unread(line);
                }
            }
        }
        taker.block(&count);
        Ok(new > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::maillog::{Event, Says};
    use std::fs::{self, OpenOptions};
    use std::io::Write as _;

    /// 2025-03-04
    const NOW: i64 = 1_741_046_400;

    fn line(id: u32) -> String {
        format!("Mar  3 09:12:41 mx1 postfix/qmgr[1]: {id:010X}: removed\n")
    }

    fn write(path: &Path, text: &str) {
        let mut file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(path)
            .unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    fn seen(follow: &mut Follow) -> Vec<u32> {
        struct Ids(Vec<u32>);
        impl Take for Ids {
            fn event(&mut self, event: &Event<'_>) {
                if let Says::Ended { id } = event.says {
                    let id = std::str::from_utf8(id).unwrap();
                    self.0.push(u32::from_str_radix(id, 16).unwrap());
                }
            }
        }
        let mut ids = Ids(Vec::new());
        while follow.look(NOW, &mut ids).unwrap() {}
        ids.0
    }

    #[test]
    fn what_is_written_later_is_given_once_and_in_whole_lines() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mail.log");
        write(&path, &line(1));
        let begin = fs::metadata(&path).unwrap().len();
        let mut follow = Follow::new(&path, begin, Calendar::default()).unwrap();
        assert!(seen(&mut follow).is_empty());
        let (two, three) = (line(2), line(3));
        let (half, rest) = three.split_at(30);
        write(&path, &[two.as_str(), half].concat());
        assert_eq!(seen(&mut follow), [2]);
        write(&path, rest);
        assert_eq!(seen(&mut follow), [3]);
    }

    #[test]
    fn a_rotated_and_a_cut_log_are_followed_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mail.log");
        write(&path, &line(1));
        let mut follow = Follow::new(&path, 0, Calendar::default()).unwrap();
        assert_eq!(seen(&mut follow), [1]);
        // Renamed; the server writes on into the old one for a while.
        let old = folder.path().join("mail.log.1");
        fs::rename(&path, &old).unwrap();
        write(&old, &line(2));
        assert_eq!(seen(&mut follow), [2]);
        write(&old, &line(3));
        write(&path, &line(4));
        assert_eq!(seen(&mut follow), [3, 4]);
        // Copied and cut.
        write(&path, &line(5));
        assert_eq!(seen(&mut follow), [5]);
        File::create(&path).unwrap();
        write(&path, &line(6));
        assert_eq!(seen(&mut follow), [6]);
    }

    #[test]
    fn a_line_without_end_takes_no_memory() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mail.log");
        write(&path, &"x".repeat(3 * LONGEST));
        let mut follow = Follow::new(&path, 0, Calendar::default()).unwrap();
        assert!(seen(&mut follow).is_empty());
        assert!(follow.part.is_empty());
        write(&path, &["x\n", &line(7)].concat());
        assert_eq!(seen(&mut follow), [7]);
    }
}
