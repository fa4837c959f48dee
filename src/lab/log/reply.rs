//! What the scenario's host answers to RCPT TO.

use crate::lab::scenario::Scenario;
use crate::lab::smtp::replies;

/// The refusal of a recipient; none where the first mail host takes it.
pub(super) fn to_rcpt(scenario: &Scenario, recipient: &str) -> Option<String> {
    let world = &scenario.world;
    let host = world.mail_hosts.first()?;
    let (local_part, domain) = recipient.rsplit_once('@')?;
    let script = &host.smtp.rcpt;
    let scripted = [recipient, local_part, "*"]
        .iter()
        .find_map(|name| script.get(*name))
        .and_then(|lines| lines.as_slice().first());
    if let Some(line) = scripted.filter(|_| domain == scenario.domain) {
        let line = line.replace("{host}", &host.name);
        return Some(line.replace("{to}", recipient));
    }
    if domain != scenario.domain || host.accepts.as_ref().is_some_and(Vec::is_empty) {
        return Some(replies::relaying_denied(recipient));
    }
    let exists = |mailboxes: &Vec<String>| mailboxes.iter().any(|name| name == local_part);
    if world.mailboxes.as_ref().is_some_and(|known| !exists(known)) {
        return Some(replies::user_unknown(recipient));
    }
    let seconds = host.smtp.greylist?;
    Some(replies::greylisted(recipient, seconds))
}
