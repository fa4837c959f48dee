//! The words of an outcome: whose they are, and the codes in them.

use super::ascii::{from, head, number};
use crate::knowledge::code::{EnhancedCode, ReplyCode};
use crate::knowledge::stage::Stage;

/// An outcome taken apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Words<'a> {
    /// What was said, without what the log puts around it, with its codes.
    pub(super) said: &'a [u8],
    /// The remote server said it; else they are the words of the server that wrote the log.
    pub(super) quoted: bool,
    /// The other side, `name[address]` or as the log has it.
    pub(super) host: Option<&'a [u8]>,
    /// The command that it answers, as the log names it.
    pub(super) command: &'a [u8],
    /// The enhanced code that the log gives in a field of its own.
    pub(super) enhanced: &'a [u8],
}

impl<'a> Words<'a> {
    pub(super) fn own(said: &'a [u8]) -> Self {
        Self {
            said,
            quoted: false,
            host: None,
            command: b"",
            enhanced: b"",
        }
    }

    pub(super) fn quote(&mut self, said: &'a [u8]) {
        self.said = said;
        self.quoted = true;
    }

    /// The reply code that the words begin with.
    pub(super) fn reply_code(&self) -> Option<ReplyCode> {
        reply_code(self.said)
    }

    /// The field of its own, else the code that follows the reply code, else one anywhere in
    /// brackets as qmail writes it.
    pub(super) fn enhanced_code(&self) -> Option<EnhancedCode> {
        parse(self.enhanced).or_else(|| {
            let text = if self.reply_code().is_some() {
                from(self.said, 4)
            } else {
                self.said
            };
            enhanced_at_start(text).or_else(|| in_brackets(self.said))
        })
    }

    pub(super) fn stage(&self) -> Stage {
        let command = self.command;
        let begins = |word: &[u8]| {
            command
                .get(..word.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(word))
        };
        if begins(b"end of data") {
            Stage::Message
        } else if begins(b"initial connection") {
            Stage::Connect
        } else {
            let word = head(command, 12);
            std::str::from_utf8(word).map_or(Stage::Unknown, Stage::of_line)
        }
    }
}

pub(super) fn reply_code(text: &[u8]) -> Option<ReplyCode> {
    if text.get(3).is_some_and(|next| !matches!(next, b' ' | b'-')) {
        return None;
    }
    let code = number(text.get(..3)?)?;
    u16::try_from(code).ok().and_then(ReplyCode::new)
}

fn parse(text: &[u8]) -> Option<EnhancedCode> {
    std::str::from_utf8(head(text, 12)).ok()?.parse().ok()
}

fn enhanced_at_start(text: &[u8]) -> Option<EnhancedCode> {
    parse(super::ascii::until(head(text, 13), b" \t:;,"))
}

/// `(#5.1.1)`
fn in_brackets(text: &[u8]) -> Option<EnhancedCode> {
    let rest = super::ascii::split(text, b"(#")?.1;
    parse(super::ascii::until(head(rest, 13), b")"))
}
