//! The systemd journal, as `journalctl -o json` and `-o export` write it.

use serde::Deserialize;

/// How entries are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JournalForm {
    /// One JSON object a line.
    Json,
    /// `FIELD=value` lines, an empty line behind each entry; a value that is no plain text
    /// has its length in front (systemd: Journal Export Formats).
    Export,
}

impl JournalForm {
    /// The form that a log begins in, if it is a journal.
    pub fn of(head: &[u8]) -> Option<Self> {
        if head.starts_with(b"{\"") || head.starts_with(b"{ \"") {
            return Some(Self::Json);
        }
        let line = super::ascii::until(super::ascii::head(head, 64), b"=\n");
        let is_field = line.starts_with(b"_")
            && line
                .iter()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_');
        is_field.then_some(Self::Export)
    }
}

/// Octets of an entry that are kept; a longer one is cut.
const LONGEST: usize = 64 << 10;

/// One entry.
#[derive(Debug, Default)]
struct Entry {
    at: Option<i64>,
    host: Vec<u8>,
    program: Vec<u8>,
    pid: Vec<u8>,
    message: Vec<u8>,
}

/// Makes syslog lines of the entries of a journal, whatever pieces it comes in.
#[derive(Debug)]
pub struct Journal {
    form: JournalForm,
    /// Read, and not yet used.
    rest: Vec<u8>,
    /// Octets still to be skipped.
    skip: u64,
    /// Skipping to the end of a line.
    skip_line: bool,
    entry: Entry,
}

#[derive(Deserialize)]
struct Json {
    #[serde(rename = "__REALTIME_TIMESTAMP")]
    at: Option<String>,
    #[serde(rename = "_HOSTNAME")]
    host: Option<Text>,
    #[serde(rename = "SYSLOG_IDENTIFIER")]
    program: Option<Text>,
    #[serde(rename = "_PID")]
    pid: Option<Text>,
    #[serde(rename = "SYSLOG_PID")]
    syslog_pid: Option<Text>,
    #[serde(rename = "MESSAGE")]
    message: Option<Text>,
}

/// A value; one that is no UTF-8 is an array of octets.
#[derive(Deserialize)]
#[serde(untagged)]
enum Text {
    Plain(String),
    Octets(Vec<u8>),
    Other(serde::de::IgnoredAny),
}

impl Text {
    fn bytes(self) -> Vec<u8> {
        match self {
            Self::Plain(text) => text.into_bytes(),
            Self::Octets(bytes) => bytes,
            Self::Other(_) => Vec::new(),
        }
    }
}

impl Journal {
    pub fn new(form: JournalForm) -> Self {
        Self {
            form,
            rest: Vec::new(),
            skip: 0,
            skip_line: false,
            entry: Entry::default(),
        }
    }

    /// Takes the next piece, and appends the lines that it completes to `out`.
    pub fn push(&mut self, piece: &[u8], out: &mut Vec<u8>) {
        self.rest.extend_from_slice(piece);
        let rest = std::mem::take(&mut self.rest);
        let mut left = rest.as_slice();
        while let Some(after) = self.step(left, out) {
            left = after;
        }
        self.rest = left.to_vec();
    }

    /// The journal is at its end.
    pub fn end(&mut self, out: &mut Vec<u8>) {
        self.push(b"\n\n", out);
    }

    /// Uses one line, or one value with a length; none where more must come first.
    fn step<'a>(&mut self, bytes: &'a [u8], out: &mut Vec<u8>) -> Option<&'a [u8]> {
        if bytes.is_empty() {
            return None;
        }
        if self.skip > 0 {
            let now = usize::try_from(self.skip)
                .unwrap_or(usize::MAX)
                .min(bytes.len());
            self.skip -= now as u64;
            return bytes.get(now..);
        }
        let Some(end) = memchr::memchr(b'\n', bytes) else {
            if bytes.len() <= 4 * LONGEST {
                return None;
            }
            // Nobody logs that much in one field.
            self.skip_line = true;
            return bytes.get(bytes.len()..);
        };
        let line = super::ascii::head(bytes, end);
        let after = super::ascii::from(bytes, end + 1);
        if std::mem::take(&mut self.skip_line) {
            return Some(after);
        }
        match self.form {
            JournalForm::Json => {
                self.json(line);
                self.write(out);
                Some(after)
            }
            JournalForm::Export if line.is_empty() => {
                self.write(out);
                Some(after)
            }
            JournalForm::Export => match memchr::memchr(b'=', line) {
                Some(at) => {
                    let (name, value) = line.split_at(at);
                    self.field(name, super::ascii::from(value, 1));
                    Some(after)
                }
                None => self.with_length(line, after),
            },
        }
    }

    /// `MESSAGE`, a line feed, the length in eight octets, the value, a line feed.
    fn with_length<'a>(&mut self, name: &[u8], after: &'a [u8]) -> Option<&'a [u8]> {
        let (length, value) = after.split_first_chunk::<8>()?;
        let length = u64::from_le_bytes(*length);
        let kept = usize::try_from(length.min(LONGEST as u64)).unwrap_or(LONGEST);
        if value.len() < kept + 1 {
            return None;
        }
        self.field(name, super::ascii::head(value, kept));
        self.skip = (length - kept as u64).saturating_add(1);
        value.get(kept..)
    }

    fn field(&mut self, name: &[u8], value: &[u8]) {
        let value = super::ascii::head(value, LONGEST);
        let place = match name {
            b"__REALTIME_TIMESTAMP" => {
                self.entry.at = micros(value);
                return;
            }
            b"_HOSTNAME" => &mut self.entry.host,
            b"SYSLOG_IDENTIFIER" => &mut self.entry.program,
            b"_PID" | b"SYSLOG_PID" => &mut self.entry.pid,
            b"MESSAGE" => &mut self.entry.message,
            _ => return,
        };
        *place = value.to_vec();
    }

    fn json(&mut self, line: &[u8]) {
        let Ok(json) = serde_json::from_slice::<Json>(line) else {
            // Written as it is: it counts as unread.
            self.entry.message = super::ascii::head(line, LONGEST).to_vec();
            return;
        };
        let bytes = |text: Option<Text>| text.map(Text::bytes).unwrap_or_default();
        self.entry = Entry {
            at: json.at.and_then(|at| micros(at.as_bytes())),
            host: bytes(json.host),
            program: bytes(json.program),
            pid: bytes(json.pid.or(json.syslog_pid)),
            message: bytes(json.message),
        };
    }

    fn write(&mut self, out: &mut Vec<u8>) {
        let entry = std::mem::take(&mut self.entry);
        if entry.message.is_empty() && entry.at.is_none() {
            return;
        }
        let stamp = entry
            .at
            .and_then(|at| jiff::Timestamp::from_microsecond(at).ok())
            .map(|at| at.strftime("%Y-%m-%dT%H:%M:%S%.6f+00:00 ").to_string());
        if let Some(stamp) = stamp {
            out.extend_from_slice(stamp.as_bytes());
            let host = if entry.host.is_empty() {
                b"-"
            } else {
                entry.host.as_slice()
            };
            one_line(host, out);
            out.push(b' ');
            one_line(&entry.program, out);
            if !entry.pid.is_empty() {
                out.push(b'[');
                one_line(&entry.pid, out);
                out.push(b']');
            }
            out.extend_from_slice(b": ");
        }
        one_line(&entry.message, out);
        out.push(b'\n');
    }
}

fn micros(text: &[u8]) -> Option<i64> {
    super::ascii::number(text).and_then(|micros| i64::try_from(micros).ok())
}

fn one_line(text: &[u8], out: &mut Vec<u8>) {
    out.extend(text.iter().map(|byte| match byte {
        b'\n' | b'\r' => b' ',
        byte => *byte,
    }));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const EXPORT: &[u8] = b"__CURSOR=s=1;i=2\n__REALTIME_TIMESTAMP=1740993164123456\n_HOSTNAME=mx1\nSYSLOG_IDENTIFIER=postfix/smtp\n_PID=22\nMESSAGE\n\x05\0\0\0\0\0\0\0a\n\x80b!\n\n__REALTIME_TIMESTAMP=1740993165000000\n_HOSTNAME=mx1\nSYSLOG_IDENTIFIER=exim\nMESSAGE=x=y\n";
    const LINES: &[u8] = b"2025-03-03T09:12:44.123456+00:00 mx1 postfix/smtp[22]: a \x80b!\n2025-03-03T09:12:45.000000+00:00 mx1 exim: x=y\n";

    fn read(form: JournalForm, pieces: &[&[u8]]) -> Vec<u8> {
        let mut journal = Journal::new(form);
        let mut out = Vec::new();
        for piece in pieces {
            journal.push(piece, &mut out);
        }
        journal.end(&mut out);
        out
    }

    #[test]
    fn export_entries_become_lines_wherever_they_are_cut() {
        assert_eq!(JournalForm::of(EXPORT), Some(JournalForm::Export));
        for cut in 0..EXPORT.len() {
            let (a, b) = EXPORT.split_at(cut);
            assert_eq!(read(JournalForm::Export, &[a, b]), LINES, "cut at {cut}");
        }
    }

    #[test]
    fn json_entries_become_lines() {
        let json = br#"{"__REALTIME_TIMESTAMP":"1740993164123456","_HOSTNAME":"mx1","SYSLOG_IDENTIFIER":"postfix/smtp","_PID":"22","MESSAGE":[97,10,128,98,33]}
{"__REALTIME_TIMESTAMP":"1740993165000000","_HOSTNAME":"mx1","SYSLOG_IDENTIFIER":"exim","MESSAGE":"x=y","X":null}
"#;
        assert_eq!(JournalForm::of(json), Some(JournalForm::Json));
        assert_eq!(read(JournalForm::Json, &[json]), LINES);
        assert_eq!(read(JournalForm::Json, &[b"{\"a\n"]), b"{\"a\n");
    }

    #[test]
    fn a_syslog_line_is_no_journal() {
        assert_eq!(JournalForm::of(b"Mar  3 09:12:44 mx1 x: y=z\n"), None);
        assert_eq!(
            JournalForm::of(b"2025-03-03 09:12:44 1tp0Ab-000001-2x Completed\n"),
            None
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_taken(bytes: Vec<u8>, json: bool) {
            let form = if json { JournalForm::Json } else { JournalForm::Export };
            read(form, &[&bytes]);
        }
    }
}
