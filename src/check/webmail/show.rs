//! The row of the webmail page.

use super::judge::Webmail;
use super::{Page, Pages, Sign};
use crate::case::{CheckState, Exchange};
use crate::check::{Observations, Row};
use crate::text::SafeText;
use std::time::Duration;

pub fn row(seen: &Observations) -> Option<Row> {
    Some(pages(seen.webmail.pages.as_ref()?))
}

fn milliseconds(took: Duration) -> u64 {
    u64::try_from(took.as_millis()).unwrap_or(u64::MAX)
}

fn pages(pages: &Pages) -> Row {
    let (state, detail, meaning): (_, SafeText, _) = match pages.webmail() {
        Webmail::Answers(page) => answers(page),
        Webmail::Down(page) => (
            CheckState::Failed,
            page.line(),
            "There is a host for webmail, and no page comes from it. Mail programs may work all \
             the same: they use other ports.",
        ),
        Webmail::Unknown => (
            CheckState::NotPossible,
            unknown(pages),
            "Where webmail is, nothing publishes. If there is some, open it in a browser.",
        ),
    };
    // Places whose host does not exist were not asked for anything.
    let looked = pages.0.iter().filter(|page| page.exists());
    Row {
        state,
        detail,
        exchanges: looked
            .clone()
            .map(|page| Exchange {
                asked: format!("GET {} ({})", page.url, page.what).into(),
                answered: page.answered(),
                took_ms: milliseconds(page.took),
            })
            .collect(),
        meaning: meaning.into(),
        by_hand: looked
            .filter(|page| page.sign != Sign::None)
            .map(|page| format!("curl -I {}", page.url).into())
            .collect(),
    }
}

fn answers(page: &Page) -> (CheckState, SafeText, &'static str) {
    let bad = page
        .answers()
        .and_then(|shown| shown.certificate.as_ref().err());
    if let Some(why) = bad {
        return (
            CheckState::Warned,
            format!(
                "{} answers, and its certificate is not good: {why}",
                page.url
            )
            .into(),
            "Browsers will warn of this page or refuse it.",
        );
    }
    (
        CheckState::Passed,
        format!("{} answers ({})", page.url, page.what).into(),
        "The page answers. Whether mail goes in and out there shows only by sending some: to a \
         working address elsewhere, and a reply from there.",
    )
}

fn unknown(pages: &Pages) -> SafeText {
    let trouble = pages
        .0
        .iter()
        .find(|page| page.sign == Sign::Name && page.exists() && page.answers().is_none());
    match trouble {
        Some(page) => page.line(),
        None => "no webmail address is known".into(),
    }
}

impl Page {
    fn answered(&self) -> Vec<SafeText> {
        match &self.result {
            Err(error) => vec![error.to_string().into()],
            Ok(page) => {
                let mut lines = vec![SafeText::from(format!(
                    "HTTP status {} from {}",
                    page.status, page.address
                ))];
                lines.extend(
                    page.location
                        .as_ref()
                        .map(|location| format!("Location: {location}").into()),
                );
                lines.push(match &page.certificate {
                    Ok(()) => "certificate: good".into(),
                    Err(why) => format!("certificate: {why}").into(),
                });
                lines
            }
        }
    }
}
