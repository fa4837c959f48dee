//! smtp-tui finds out why e-mail does not arrive, proves it, and says what to change.
//!
//! # Layout
//!
//! The modules stand in the order of the data's way. **The layer rule**: a module uses only
//! modules listed above it here; nothing above `net` does I/O; only `net` and `lab` open
//! sockets, only `engine` and `cli` touch files. `tests/layers.rs` holds the rule.
//!
//! Pure: no socket, no file, no clock, no async.
//!
//! * [`text`]: untrusted bytes to safe text, display width, redaction, secrets
//! * [`knowledge`]: the tables under `assets/` as types: codes, findings, questions
//! * [`policy`]: SPF, DKIM, DMARC, MTA-STS and TLSA records: read, judged, corrected
//! * [`trace`]: the way of a message by its headers, and who vouched for it
//! * [`smtp`]: the protocol, sans-IO: replies, commands, extensions, the session
//! * [`bounce`]: what mail systems wrote back: who did not get what, and why
//! * [`maillog`]: the logs of mail servers: lines read, joined to messages, counted
//! * [`case`]: one problem: its target, answers, checks, findings, transcripts, notes
//! * [`diagnosis`]: a case and the rules of `assets/verdict.yaml` make a verdict
//! * [`report`]: a case and its verdict as JSON, Markdown, HTML or plain text
//!
//! I/O:
//!
//! * [`net`]: the only sockets: routes, limits, cancellation, the clock; DNS, WHOIS, RDAP,
//!   HTTPS, TLS and the driver of an SMTP session
//! * [`check`]: a folder a family; `ask` turns questions into observations, `judge` turns
//!   observations into findings (pure); [`check::plan`] says what to ask next (pure)
//! * [`engine`]: runs the plan for a case and reports [`engine::Progress`]; saves the case
//! * [`lab`]: the practice world, real servers on loopback and the routes that lead to them
//!
//! People and scripts:
//!
//! * [`tui`]: `update(state, event) -> effects`, `view(&state)`; [`tui::run`] is the loop
//! * [`cli`]: a file a subcommand; the exit codes
//!
//! ```text
//! answers ───────────────┐
//! net ─► check ─ findings ┴─► case ─► diagnosis ─► verdict ─► report ─► file
//!                              └────────────────────────► tui, cli
//! ```
//!
//! Both front ends call the same [`engine`] and read the same progress. The lab gives `net`
//! a table from public addresses to loopback sockets; nothing else knows that it is a lab.
//!
//! # Words
//!
//! *Command* is SMTP's word (EHLO), so what `update` asks for is an *effect*, and a subcommand
//! is a file in `cli`. *Check*: a thing run. *Observation*: what came back. *Finding*: what a
//! check concludes, with an id of `assets/findings.yaml`. *Verdict*: the one cause.

pub mod text;

pub mod knowledge;

pub mod policy;

pub mod trace;

pub mod smtp;

pub mod bounce;

pub mod maillog;

pub mod case;

pub mod diagnosis;

pub mod report;

pub mod net;

pub mod check;

pub mod engine;

pub mod lab;

pub mod tui;

pub mod cli;
