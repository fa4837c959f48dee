//! The readers of what somebody pastes take whatever comes: a bounce with its path and its
//! lead, lines of a log, replies. What they say is safe to show.
#![no_main]

use smtp_tui::report::CameBack;
use smtp_tui::text::SafeText;
use smtp_tui::trace::{Trace, plain};
use smtp_tui::{bounce, case};

libfuzzer_sys::fuzz_target!(|octets: &[u8]| {
    let report = bounce::read(octets);
    for delivery in &report.deliveries {
        let shown = [&delivery.recipient, &delivery.original, &delivery.remote_host];
        shown.into_iter().flatten().chain([&delivery.diagnostic]).for_each(safe);
        line(&delivery.explanation);
        line(&delivery.fix);
    }
    if let Some(lead) = bounce::lead(octets, &report) {
        [&lead.recipient, &lead.sender, &lead.host].into_iter().flatten().for_each(safe);
        // What the program would go on with is a name or an address, or is refused.
        let _ = lead.target().map(|target| target.parse::<case::Target>());
    }
    let told = CameBack::read(octets);
    for delivery in &told.deliveries {
        let _ = told.headline(delivery);
        line(&delivery.why());
        delivery.said().iter().for_each(|said| line(said));
    }
    if let Some(trace) = Trace::of(&String::from_utf8_lossy(octets)) {
        plain(&trace, 80).iter().for_each(|shown| line(shown));
    }
});

fn safe(text: &SafeText) {
    line(text);
}

/// Nothing in it moves a cursor or turns a direction.
fn line(text: &str) {
    let is_unsafe = |c: char| {
        (c.is_control() && c != '\t')
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    assert!(!text.chars().any(is_unsafe), "{text:?}");
}
