//! The mail transaction: MAIL, RCPT, DATA (RFC 5321 section 3.3).

use super::dialogue::{Carriage, Dialogue};
use super::extension::is_binary;
use super::host::Role;
use super::replies;
use super::turn::{Next, Turn};
use crate::lab::setting::{Stage, Weakness};

/// Recipients of one message; RFC 5321 section 4.5.3.1.8 asks for a hundred at least.
const MAX_RECIPIENTS: usize = 100;

impl Dialogue<'_> {
    pub(super) fn mail(&mut self, argument: &str) -> Turn {
        if let Some(end) = self.ends_at(Stage::Mail) {
            return end;
        }
        if !self.greeted {
            return Turn::say("503 5.5.1 Send EHLO first");
        }
        if self.sender.is_some() {
            return Turn::say("503 5.5.1 A sender has been given already");
        }
        if matches!(self.host.role, Role::Submission { .. }) && !self.logged_in {
            return Turn::say(if self.tls {
                "530 5.7.0 Authentication required"
            } else {
                "530 5.7.0 Must issue a STARTTLS command first"
            });
        }
        let Some(sender) = path(argument, "FROM:") else {
            return Turn::say("501 5.5.4 Syntax: MAIL FROM:<address>");
        };
        if let Some(refused) = self.parameters_refused(argument) {
            return refused;
        }
        if self
            .limit_of("MAILMAX")
            .is_some_and(|max| self.messages >= max)
        {
            return Turn::say("421 4.5.3 As many messages as one connection may bring");
        }
        let script = self.host.script.mail.as_ref();
        let turn = self.script_or(script, &sender, || self.taken(argument));
        if turn.is_positive() {
            self.sender = Some(sender);
            self.carriage = if is_binary(argument) {
                Carriage::Binary
            } else {
                Carriage::Any
            };
        }
        turn
    }

    pub(super) fn rcpt(&mut self, argument: &str) -> Turn {
        if let Some(end) = self.ends_at(Stage::Rcpt) {
            return end;
        }
        if self.sender.is_none() {
            return Turn::say("503 5.5.1 Need MAIL command");
        }
        let max = self.limit_of("RCPTMAX").unwrap_or(MAX_RECIPIENTS);
        if self.recipients.len() >= max {
            return Turn::say("452 4.5.3 Too many recipients");
        }
        let recipient = match path(argument, "TO:") {
            Some(recipient) if !recipient.is_empty() => recipient,
            _ => return Turn::say("501 5.5.4 Syntax: RCPT TO:<address>"),
        };
        if let Some(refused) = self.parameters_refused(argument) {
            return refused;
        }
        let turn = self.recipient_turn(&recipient);
        if turn.is_positive() {
            self.recipients.push(recipient);
        }
        turn
    }

    fn recipient_turn(&self, recipient: &str) -> Turn {
        let lower = recipient.to_ascii_lowercase();
        // `<postmaster>` stands without a domain too (RFC 5321 section 4.1.1.3).
        let (local_part, domain) = lower.rsplit_once('@').unwrap_or((&lower, ""));
        let here = domain.is_empty() || self.host.accepts_domain(domain);
        if here && self.relays_hidden(local_part) {
            return Turn::say("250 2.1.5 Ok");
        }
        let script = &self.host.script.rcpt;
        let scripted = script
            .get(&lower)
            .or_else(|| script.get(local_part).filter(|_| here))
            .or_else(|| script.get("*").filter(|_| here));
        if let Some(lines) = scripted {
            return self.scripted(lines, recipient);
        }
        if !here && self.host.is_weak(Weakness::OpenRelay) {
            return Turn::say("250 2.1.5 Ok");
        }
        if !here && !self.logged_in {
            return Turn::say(replies::relaying_denied(recipient));
        }
        if here && !self.host.has_mailbox(local_part) {
            return Turn::say(replies::user_unknown(recipient));
        }
        let pair = (self.sender.as_deref().unwrap_or_default(), recipient);
        if let Some(seconds) = self.host.script.greylist
            && !self.host.greylist.lets_in(pair, seconds, self.now)
        {
            return Turn::say(replies::greylisted(recipient, seconds));
        }
        Turn::say("250 2.1.5 Ok")
    }

    pub(super) fn data(&mut self) -> Turn {
        if let Some(end) = self.ends_at(Stage::Data) {
            return end;
        }
        if self.recipients.is_empty() {
            return Turn::say("503 5.5.1 Need RCPT command");
        }
        if let Some(refused) = self.data_is_out_of_order() {
            return refused;
        }
        let script = self.host.script.data.as_ref();
        let turn = self.script_or(script, "", || "354 End data with <CR><LF>.<CR><LF>".into());
        let goes_on = turn.reply.last().is_some_and(|line| line.starts_with('3'));
        turn.then(if goes_on {
            Next::Message
        } else {
            Next::Command
        })
    }
}

/// The address in `FROM:<a@b> SIZE=1`, empty for the null sender. The brackets are required
/// and no space stands before them (RFC 5321 section 3.3).
fn path(argument: &str, word: &str) -> Option<String> {
    let rest = argument
        .get(..word.len())
        .filter(|start| start.eq_ignore_ascii_case(word))
        .and_then(|start| argument.get(start.len()..))?;
    let (address, _) = rest.strip_prefix('<')?.split_once('>')?;
    // A source route is taken and ignored (RFC 5321 appendix C).
    let address = match address.strip_prefix('@') {
        Some(route) => route.split_once(':')?.1,
        None => address,
    };
    Some(address.to_owned())
}
