//! The reader of bounces takes whatever comes.
#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| {
    let report = smtp_tui::bounce::read(octets);
    let _ = smtp_tui::bounce::lead(octets, &report);
    for delivery in &report.deliveries {
        assert!(!delivery.diagnostic.chars().any(|c| c.is_control() && c != '\t'));
    }
});
