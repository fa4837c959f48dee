//! What is wrong with a reply, in a line of its own: of a reply that can be read all the same,
//! nothing else in a transcript says so.

use crate::case::{From, Line};
use crate::smtp::reply::Reply;
use crate::smtp::{Event, EventKind, Extensions, Stage};

/// The remark that an event calls for, if it does. It belongs behind the lines of the reply.
pub fn remark(event: &Event) -> Option<Line> {
    let remarks = match &event.kind {
        EventKind::Greeting { reply, .. } => of_reply(Stage::Connect, reply),
        EventKind::Reply { stage, reply, .. } => of_reply(*stage, reply),
        EventKind::Unsolicited(reply) => {
            let mut remarks = defects(reply);
            // A server that shuts down says so unasked (RFC 5321 section 3.8).
            if !reply.is(421) {
                remarks.push("no command was open that this could answer".to_owned());
            }
            remarks
        }
        _ => return None,
    };
    (!remarks.is_empty()).then(|| Line {
        at_ms: u64::try_from(event.at.as_millis()).unwrap_or(u64::MAX),
        from: From::Event,
        line: format!("this breaks the protocol: {}", remarks.join("; ")).into(),
        code: None,
        enhanced: None,
        encrypted: event.encrypted,
    })
}

fn of_reply(stage: Stage, reply: &Reply) -> Vec<String> {
    let mut remarks = defects(reply);
    remarks.extend(out_of_place(stage, reply));
    if stage == Stage::Ehlo && reply.is_positive() {
        remarks.extend(Extensions::of(reply).oddities());
    }
    remarks
}

fn defects(reply: &Reply) -> Vec<String> {
    reply.defects.iter().map(ToString::to_string).collect()
}

/// A 3yz asks for more, and only three things have more to send; 2yz to DATA has no message.
fn out_of_place(stage: Stage, reply: &Reply) -> Option<String> {
    let code = reply.code?.get();
    let fits = match (stage, code) {
        (Stage::Auth, 334) | (Stage::Data, 354) | (Stage::Unknown, _) => true,
        (Stage::Data, 200..300) => false,
        _ => !(300..400).contains(&code),
    };
    (!fits).then(|| format!("{code} stands where {stage} belongs"))
}
