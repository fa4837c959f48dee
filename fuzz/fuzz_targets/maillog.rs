//! The readers of mail logs take whatever comes, and what they say is safe to show.
#![no_main]

use smtp_tui::engine::maillog::{self as files, Take};
use smtp_tui::maillog::{Event, Filter, Joiner, Stories, Summary, deliveries};

struct Both {
    joiner: Joiner,
    stories: Stories,
}

impl Take for Both {
    fn event(&mut self, event: &Event<'_>) {
        self.joiner.take(event);
        self.stories.take(event);
    }
}

libfuzzer_sys::fuzz_target!(|octets: &[u8]| {
    // Packed logs and journals are known by their first octets.
    let Ok(log) = files::from(std::io::Cursor::new(octets.to_vec()), Some(1_741_046_400)) else {
        return;
    };
    let mut both = Both {
        joiner: Joiner::new(Filter::default()),
        stories: Stories::of("anna@example.org"),
    };
    // A packed input may stand for very much.
    let mut log = log;
    log.limit(1 << 20);
    let _ = files::scan(log.source, log.calendar, 1, &mut both);
    let summary = Summary::of(&both.joiner, 10);
    let shown = [
        summary.text(1, 0, 5),
        summary.markdown(1, 0, 10),
        both.stories.told().iter().flat_map(|story| &story.lines).map(|line| line.as_str()).collect(),
        deliveries(&String::from_utf8_lossy(octets)).iter().map(|told| told.diagnostic.as_str()).collect(),
    ];
    for text in shown {
        assert!(!text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t')));
    }
});
