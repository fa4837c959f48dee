//! TEMP stand-in until branch codes lands.
use super::code::{EnhancedCode, ReplyCode};
use super::finding::FindingId;
use super::stage::Stage;
pub struct Question<'a> {
    pub text: &'a str,
    pub code: Option<ReplyCode>,
    pub enhanced: Option<EnhancedCode>,
    pub stage: Stage,
}
pub struct Explanation {
    pub finding: Option<FindingId>,
}
pub fn explain(q: &Question) -> Explanation {
    let e = q.enhanced.map(|e| (e.subject, e.detail));
    let id = match e {
        Some((1, 1)) => Some("rcpt.user-unknown"),
        Some((2, 2)) => Some("rcpt.mailbox-full"),
        Some((7, 1)) => Some("rcpt.relay-denied"),
        Some((2, 0)) => Some("rcpt.greylisted"),
        _ => None,
    };
    Explanation {
        finding: id.and_then(FindingId::find),
    }
}
