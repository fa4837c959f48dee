//! Has mail logs read.

use super::Work;
use crate::engine::maillog::reading::{self, Reading};
use crate::tui::event::Event;
use crate::tui::screen::logs::{LogEvent, LogOrder};

impl Work {
    pub(super) fn log(&mut self, order: LogOrder) {
        match order {
            LogOrder::Read { number, order } => {
                // What was read before is not wanted any more.
                self.look = None;
                let (reading, told) = reading::start(order);
                self.log = Some(reading);
                self.forward(told, move |told| {
                    Event::Log(LogEvent::Read { number, told })
                });
            }
            LogOrder::LookUp { number, order } => {
                let (reading, told) = reading::start(order);
                self.look = Some(reading);
                self.forward(told, move |told| {
                    Event::Log(LogEvent::Found { number, told })
                });
            }
            LogOrder::Stop => self.log.iter().for_each(Reading::stop),
            LogOrder::List(typed) => {
                let outbox = self.outbox.clone();
                // A folder on a slow disk holds nobody up.
                tokio::task::spawn_blocking(move || {
                    let candidates = reading::candidates(&typed);
                    let listed = LogEvent::Listed { typed, candidates };
                    // The loop has ended when nobody takes it.
                    let _ = outbox.send(Event::Log(listed));
                });
            }
        }
    }
}
