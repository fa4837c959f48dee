//! The logs of mail servers: who did not get what, and why.
//!
//! A [`Reader`] takes a line apart without copying it; a [`Joiner`] takes the [`Event`]s in the
//! order of the log, joins what belongs to one message by its queue id, and counts. Its memory
//! is bounded by the messages in flight, not by the log. Opening, unpacking and reading files
//! on several cores is `engine::maillog`.

mod ascii;
mod cause;
mod deliveries;
mod event;
mod exim;
mod filter;
mod join;
mod journal;
mod known;
mod messages;
mod opensmtpd;
mod postfix;
mod qmail;
mod reader;
mod refused;
mod sendmail;
mod series;
mod show;
mod stamp;
mod story;
mod summary;
mod tally;
mod words;

pub use cause::{Cause, CauseId, Causes};
pub use deliveries::{Action, Delivery, deliveries, is_log};
pub use event::{Arrival, Attempt, Event, Fate, Line, Refusal, Says, Software};
pub use filter::{Filter, NotAFilter, read_time};
pub use join::Joiner;
pub use journal::{Journal, JournalForm};
pub use messages::{Facet, Failing, Messages, Wanted};
pub use reader::Reader;
pub use series::{Series, Step};
pub use show::{Chart, ChartRow, minute};
pub use stamp::{Calendar, Stamps};
pub use story::{Stories, Story};
pub use summary::{Explained, Failed, FinalFate, Place, Queue, Ranked, Summary};
pub use tally::{Counts, Entry, Group, Later, Names, Tally};

#[cfg(test)]
mod tests;
