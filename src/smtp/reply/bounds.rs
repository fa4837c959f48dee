//! How much of a server's talk is taken in. Past a bound comes a
//! [`RemoteError`](crate::smtp::RemoteError) and nothing more is read.

/// Octets of a reply line with its CRLF that RFC 5321 section 4.5.3.1.5 allows. A longer one
/// is read and marked.
pub const LINE_ALLOWED: usize = 512;

/// Bytes of one line. Real servers overrun 512 with long explanations and links, never by more
/// than a few thousand; 64 KiB is far beyond every one of them and still nothing to a machine.
pub const LINE: usize = 64 * 1024;

/// Lines of one reply. Legal notices in greetings and HELP run to some dozens.
pub const LINES: usize = 1000;

/// Bytes of one reply with its line ends: a thousand lines of nearly the allowed length.
pub const REPLY: usize = 512 * 1024;

/// Replies without a command. One 421 is usual; an HTTP server that was greeted by mistake
/// sends some dozens of lines, each of which counts as one.
pub const UNSOLICITED: usize = 200;

/// Bytes of one session: room for a long working session, and an end to a server that never
/// stops.
pub const SESSION: usize = 16 * 1024 * 1024;
