//! The words of a refusal at the door.

use super::cause::permanent;
use super::event::{Fate, Refusal, Software};
use super::words::Words;

/// The reply of a refusal; one with a code is explained as a remote server's would be.
pub(super) fn refused_words<'a>(software: Software, refusal: &Refusal<'a>) -> Words<'a> {
    let mut words = Words {
        command: if refusal.recipient.is_some() {
            b"RCPT"
        } else if refusal.sender.is_some() {
            b"MAIL"
        } else {
            b""
        },
        ..Words::own(refusal.text)
    };
    if software != Software::Exim && words.reply_code().is_some() {
        words.quote(refusal.text);
    }
    words
}

/// Whether it will fail again; see [`permanent`].
pub(super) fn refused_for_good(words: &Words<'_>, refusal: &Refusal<'_>) -> bool {
    permanent(words, Fate::Rejected, refusal.temporary)
}
