//! Who signs the message in the editor.

use super::{Form, Purpose, Row};
use crate::engine::message::Signature;
use crate::tui::effect::{Effect, Look};
use crate::tui::overlay::Overlay;
use crate::tui::state::State;
use std::path::PathBuf;

const KEY: &str = "key";
const SELECTOR: &str = "selector";
const DOMAIN: &str = "domain";

pub(super) fn form(state: &State) -> Form {
    let draft = &state.session.draft;
    let before = draft.signature.as_ref();
    let key = before.map_or_else(String::new, |own| own.key.display().to_string());
    let selector = before.map_or("", |own| &own.selector);
    let from = draft.from.text();
    let own = from
        .rsplit_once('@')
        .map(|(_, domain)| domain.trim_end_matches(['>', ' ']).to_owned());
    let domain = before.and_then(|own| own.domain.clone()).or(own);
    Form::new(
        Purpose::Signature,
        vec![
            Row::text(
                KEY,
                "Private key",
                &key,
                "a file in PEM",
                "The file with the private key: PEM, RSA of 2048 bits or more, or Ed25519.",
            ),
            Row::text(
                SELECTOR,
                "Selector",
                selector,
                "s1",
                "The name under which the public half is published: SELECTOR._domainkey.DOMAIN.",
            ),
            Row::text(
                DOMAIN,
                "Domain",
                &domain.unwrap_or_default(),
                "that of From",
                "Who signs. For DMARC it has to be the domain of From, or one that belongs to it.",
            ),
        ],
    )
}

pub(super) fn take(state: &mut State, mut form: Box<Form>) -> Vec<Effect> {
    form.complaint = None;
    let (key, selector, domain) = (form.value(KEY), form.value(SELECTOR), form.value(DOMAIN));
    let missing = [(KEY, &key), (SELECTOR, &selector), (DOMAIN, &domain)];
    let missing = missing.iter().find(|(_, text)| text.is_empty());
    if let Some((row, _)) = missing {
        form.select(row);
        state.overlays.push(Overlay::Form(form));
        return Vec::new();
    }
    // The form stays until the key has been read.
    state.overlays.push(Overlay::Form(form));
    vec![Effect::Look(Look::Key(Signature {
        key: PathBuf::from(key),
        selector,
        domain: Some(domain),
    }))]
}
