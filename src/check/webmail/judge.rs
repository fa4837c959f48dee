//! What the page means.

use super::{Page, Pages, Sign};
use crate::case::{Answer, Finding};
use crate::check::{Observations, Request};
use crate::knowledge::finding::id;
use crate::knowledge::question::QuestionId;
use crate::text::SafeText;

/// Whether webmail is there.
#[derive(Debug)]
pub(super) enum Webmail<'a> {
    /// A page that is certainly webmail, or at least a page.
    Answers(&'a Page),
    /// There is a host for it, and nothing comes.
    Down(&'a Page),
    /// No page was found, and nothing says that there is one.
    Unknown,
}

impl Pages {
    pub(super) fn webmail(&self) -> Webmail<'_> {
        let first = |wanted: &dyn Fn(&&Page) -> bool| self.0.iter().find(wanted);
        let sure = |page: &&Page| page.sign != Sign::None;
        if let Some(page) = first(&|page| sure(page) && page.answers().is_some()) {
            return Webmail::Answers(page);
        }
        // A host that is there for webmail alone outweighs a page that may be any page.
        if let Some(page) = first(&|page| page.sign == Sign::Name && page.is_down()) {
            return Webmail::Down(page);
        }
        first(&|page| page.answers().is_some()).map_or(Webmail::Unknown, Webmail::Answers)
    }
}

pub fn judge(request: &Request, seen: &Observations) -> Vec<Finding> {
    let pages = seen.webmail.pages.as_ref();
    pages
        .and_then(|pages| down(request, pages))
        .into_iter()
        .collect()
}

fn down(request: &Request, pages: &Pages) -> Option<Finding> {
    let Webmail::Down(page) = pages.webmail() else {
        return None;
    };
    let domain = request.domain_shown();
    let address = match &page.result {
        Ok(shown) => shown.address.ip().to_string(),
        Err(_) => String::new(),
    };
    let mut finding = Finding::new(
        id::WEBMAIL_UNREACHABLE,
        page.url.clone(),
        &[
            ("domain", &domain),
            ("host", page.host()),
            ("what", &page.url),
            ("address", &address),
            ("expected", "443, 2096"),
        ],
    );
    if finding.reproduce.is_empty() {
        finding.reproduce = format!("curl -I {}", page.url).into();
    }
    let down = pages
        .0
        .iter()
        .filter(|page| page.sign != Sign::None && page.is_down());
    finding.evidence = down.map(Page::line).collect();
    Some(finding)
}

impl Page {
    /// What was asked and what came of it.
    pub(super) fn line(&self) -> SafeText {
        match &self.result {
            Ok(shown) => format!("GET {}: status {}", self.url, shown.status),
            Err(error) => format!("GET {}: {error}", self.url),
        }
        .into()
    }
}

/// A page that answers does not prove that mail goes in and out, so only its absence is an
/// answer.
pub fn measure(_request: &Request, seen: &Observations) -> Vec<(QuestionId, Answer)> {
    let mut answers = Vec::new();
    if let Some(pages) = &seen.webmail.pages
        && let Webmail::Down(page) = pages.webmail()
    {
        answers.push((QuestionId::Webmail, Answer::measured("no", page.line())));
    }
    answers
}
