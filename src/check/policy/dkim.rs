//! DKIM keys: of the selectors that were given, and of those that are common.

use super::txt::{self, Txt};
use crate::case::{CheckState, Finding};
use crate::check::{Context, Request, Row, Selector};
use crate::knowledge::finding::{FindingId, Severity, id};
use crate::net::dns::{Name, Outcome};
use crate::policy::dkim::{self, Key, Kind, LEAST_BITS};
use crate::text::SafeText;
use futures_util::future::join_all;
use std::sync::{Arc, LazyLock};

/// Selectors that mail services and programs use; selectors cannot be listed (RFC 6376).
static COMMON: LazyLock<Vec<String>> = LazyLock::new(|| {
    serde_yaml::from_str(include_str!("../../../assets/world/dkim-selectors.yaml"))
        .expect("assets/world/dkim-selectors.yaml is checked by a test")
});

/// Where the key is; `domain` is that of the case.
fn owner(selector: &Selector, domain: &Name) -> Option<Name> {
    let labels = Name::from_ascii(format!("{}._domainkey", selector.name)).ok()?;
    match &selector.domain {
        Some(other) => labels.append_domain(&Name::from_ascii(other).ok()?).ok(),
        None => labels.append_domain(domain).ok(),
    }
}

pub(super) async fn ask(context: &Context, selector: &Selector) -> Option<Arc<Outcome>> {
    let name = owner(selector, &context.request.domain)?;
    Some(txt::ask(&context.dns, name).await)
}

/// The common selectors that have a record.
pub(super) async fn ask_common(context: &Context) -> Vec<(Selector, Arc<Outcome>)> {
    let asked = COMMON.iter().map(|name| async move {
        let selector = Selector::from(name.clone());
        let outcome = ask(context, &selector).await?;
        Some((selector, outcome))
    });
    let found = join_all(asked).await.into_iter().flatten();
    found
        .filter(|(_, outcome)| matches!(txt::texts(outcome), Txt::Records(_)))
        .collect()
}

enum Seen {
    Unknown,
    Missing,
    Unreadable(String),
    Key(Key),
}

fn read(outcome: &Outcome) -> Seen {
    let Some(records) = txt::chosen(outcome, dkim::is_key) else {
        return Seen::Unknown;
    };
    match &records[..] {
        [] => match txt::texts(outcome) {
            Txt::Records(others) => Seen::Unreadable(format!("`{}` is no key", others.join("` `"))),
            _ => Seen::Missing,
        },
        [one] => match dkim::parse(one) {
            Ok(key) => Seen::Key(key),
            Err(problem) => Seen::Unreadable(problem.what),
        },
        many => Seen::Unreadable(format!(
            "there are {} key records, and one is allowed",
            many.len()
        )),
    }
}

/// Of a selector that was given all is said; of one that was found, only what is worth mending.
pub(super) fn judge(
    request: &Request,
    selector: &Selector,
    outcome: &Outcome,
    given: bool,
) -> Option<Finding> {
    let finding = |id: FindingId, what: &str| {
        let domain = match &selector.domain {
            Some(other) => other.as_str().into(),
            None => request.domain_shown(),
        };
        let name = selector.name.as_str();
        let subject = format!("{name}._domainkey.{domain}");
        Finding::new(
            id,
            subject,
            &[("domain", &domain), ("selector", name), ("what", what)],
        )
        .evidence(outcome.evidence())
    };
    let found = match read(outcome) {
        Seen::Missing => return given.then(|| finding(id::DKIM_MISSING, "")),
        Seen::Unreadable(what) => finding(id::DKIM_SYNTAX, &what),
        Seen::Key(Key {
            kind: Kind::Revoked,
            ..
        }) => finding(id::DKIM_SYNTAX, "the key was withdrawn: `p=` is empty"),
        Seen::Key(Key {
            kind: Kind::Rsa { bits },
            ..
        }) if bits < LEAST_BITS => finding(id::DKIM_WEAK_KEY, &format!("RSA of {bits} bits")),
        Seen::Key(_) | Seen::Unknown => return None,
    };
    // Nobody may sign with a selector that was only found.
    Some(if given {
        found
    } else {
        found.severity(Severity::Notice)
    })
}

pub(super) fn row(request: &Request, selector: &Selector, outcome: &Outcome) -> Row {
    let state = match read(outcome) {
        Seen::Unknown => CheckState::NotPossible,
        _ => CheckState::of(judge(request, selector, outcome, true).map(|found| found.severity)),
    };
    Row {
        state,
        detail: words(outcome),
        exchanges: vec![outcome.exchange()],
        meaning: "The public key by which receivers verify the signatures that name this \
                  selector (RFC 6376)."
            .into(),
        by_hand: vec![outcome.ask.dig(None).into()],
    }
}

fn words(outcome: &Outcome) -> SafeText {
    match read(outcome) {
        Seen::Unknown => "the question was not answered".into(),
        Seen::Missing => "no key".into(),
        Seen::Unreadable(what) => what.into(),
        Seen::Key(key) => {
            let kind = match key.kind {
                Kind::Rsa { bits } => format!("RSA, {bits} bits"),
                Kind::Ed25519 => "Ed25519".to_owned(),
                Kind::Revoked => "withdrawn".to_owned(),
            };
            let testing = if key.testing { ", testing" } else { "" };
            format!("{kind}{testing}").into()
        }
    }
}

pub(super) fn common_row(request: &Request, found: &[(Selector, Arc<Outcome>)]) -> Row {
    let worst = found
        .iter()
        .filter_map(|(selector, outcome)| judge(request, selector, outcome, false))
        .map(|finding| finding.severity)
        .max();
    let (state, detail) = if found.is_empty() && !request.selectors.is_empty() {
        let words = "none of the common selectors has a key; the real one is known";
        (CheckState::Skipped, words.to_owned())
    } else if found.is_empty() {
        (
            CheckState::NotPossible,
            "none of the common selectors has a key; the real one stands in a signature (`s=`)"
                .to_owned(),
        )
    } else {
        let each = found
            .iter()
            .map(|(selector, outcome)| format!("{selector}: {}", words(outcome)));
        (CheckState::of(worst), each.collect::<Vec<_>>().join("; "))
    };
    Row {
        state,
        detail: detail.into(),
        exchanges: found
            .iter()
            .map(|(_, outcome)| outcome.exchange())
            .collect(),
        meaning: "Selectors cannot be listed. These are the ones that mail services commonly use; \
                  `--selector NAME` checks another, and a message pasted in the checklist those \
                  of its signatures."
            .into(),
        by_hand: vec![format!("dig SELECTOR._domainkey.{} TXT", request.domain_shown()).into()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_selectors_are_names() {
        let domain = Name::from_ascii("example.org.").unwrap();
        assert!(COMMON.len() >= 20);
        for selector in COMMON.iter() {
            assert!(
                owner(&selector.clone().into(), &domain).is_some(),
                "{selector}"
            );
        }
    }
}
