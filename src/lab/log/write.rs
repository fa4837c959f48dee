//! The lines, as Postfix writes them.

use super::story::{Step, Stranger};
use jiff::Timestamp;
use std::net::IpAddr;

/// A message with one recipient.
pub(super) struct Message<'a> {
    /// When it comes in, in seconds since 1970 UTC.
    pub(super) at: i64,
    pub(super) from: &'a str,
    pub(super) to: &'a str,
    /// Who takes it, or turns it away.
    pub(super) relay: &'a (String, IpAddr),
}

/// Collects lines, and gives those of the past in their order.
pub(super) struct Writer {
    /// The server's name, as syslog has it.
    server: String,
    until: i64,
    lines: Vec<(i64, String)>,
    messages: u64,
}

impl Writer {
    pub(super) fn new(server: &str, until: i64) -> Self {
        let server = server.split('.').next().unwrap_or(server);
        Self {
            server: server.to_owned(),
            until,
            lines: Vec::new(),
            messages: 0,
        }
    }

    pub(super) fn line(&mut self, at: i64, program: &str, text: &str) {
        // What is still to come stands in no log.
        if at > self.until {
            return;
        }
        let stamp = Timestamp::from_second(at).unwrap_or_default();
        let pid = 1900 + program.len();
        let line = format!(
            "{} {} postfix/{program}[{pid}]: {text}\n",
            stamp.strftime("%Y-%m-%dT%H:%M:%S+00:00"),
            self.server
        );
        self.lines.push((at, line));
    }

    /// An id that no other message has.
    fn id(&mut self) -> String {
        self.messages += 1;
        format!("{:010X}", 0x3A_0000_0000 + self.messages * 0x1_D2F7)
    }

    pub(super) fn turned_away(&mut self, at: i64, stranger: &Stranger) {
        let Stranger {
            client, from, to, ..
        } = stranger;
        let says = stranger.says.replace("{to}", to);
        self.line(
            at,
            "smtpd",
            &format!(
                "NOQUEUE: reject: RCPT from {client}: {says}; from=<{from}> to=<{to}> proto=ESMTP \
                 helo=<localhost>"
            ),
        );
    }

    /// A message from its arrival to where its way ends; `filled` puts names into its words.
    pub(super) fn message(
        &mut self,
        message: &Message<'_>,
        way: &[Step],
        filled: &dyn Fn(&str) -> String,
    ) {
        let Message { at, from, to, .. } = *message;
        let id = self.id();
        let arrived = [
            ("smtpd", "client=pc7.office.lan[192.168.1.17]".to_owned()),
            ("cleanup", format!("message-id=<{id}.{at}@{}>", self.server)),
            (
                "qmgr",
                format!("from=<{from}>, size=2314, nrcpt=1 (queue active)"),
            ),
        ];
        for (program, text) in arrived {
            self.line(at, program, &format!("{id}: {text}"));
        }
        for step in way {
            let relay = if step.relay {
                format!("{}[{}]:25", message.relay.0, message.relay.1)
            } else {
                "none".to_owned()
            };
            // The other server's queue id.
            let says = filled(&step.says).replace("{id}", "4Xq1Zk9");
            let (status, dsn) = (&step.status, filled(&step.dsn));
            let times = std::iter::once(step.after).chain(step.again.iter().copied());
            for after in times {
                if let Some(before) = &step.before {
                    self.line(at + after, "smtp", &filled(before));
                }
                self.line(
                    at + after + 1,
                    "smtp",
                    &format!(
                        "{id}: to=<{to}>, relay={relay}, delay={}, delays=0.1/0/0.6/0.3, dsn={dsn}, \
                         status={status} ({says})",
                        after + 1
                    ),
                );
            }
            if let Some(after) = step.expires {
                let given_up = format!("{id}: from=<{from}>, status=expired, returned to sender");
                self.line(at + after, "qmgr", &given_up);
                self.notice(at + after, &id, from);
                self.line(at + after, "qmgr", &format!("{id}: removed"));
            }
            if step.status == "bounced" {
                self.notice(at + step.after + 1, &id, from);
            }
            if step.status != "deferred" {
                self.line(at + step.after + 1, "qmgr", &format!("{id}: removed"));
            }
        }
    }

    /// The sender is told.
    fn notice(&mut self, at: i64, id: &str, sender: &str) {
        let notice = self.id();
        let told = format!("{id}: sender non-delivery notification: {notice}");
        self.line(at, "bounce", &told);
        for (program, text) in [
            (
                "qmgr",
                "from=<>, size=4102, nrcpt=1 (queue active)".to_owned(),
            ),
            (
                "virtual",
                format!(
                    "to=<{sender}>, relay=virtual, delay=0.1, delays=0/0/0/0.1, dsn=2.0.0, \
                     status=sent (delivered to maildir)"
                ),
            ),
            ("qmgr", "removed".to_owned()),
        ] {
            self.line(at, program, &format!("{notice}: {text}"));
        }
    }

    pub(super) fn written(mut self) -> String {
        // Lines of one second stay in the order in which they were said.
        self.lines.sort_by_key(|(at, _)| *at);
        self.lines.into_iter().map(|(_, line)| line).collect()
    }
}
