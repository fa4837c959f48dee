//! One line that is asked for.

use crate::engine::path::{self, Candidate};
use crate::maillog::NotAFilter;
use crate::tui::effect::{Effect, Look};
use crate::tui::screen::{logs, session};
use crate::tui::state::State;
use crate::tui::widget::Field;

/// Files that are named where several could be meant.
const NAMED: usize = 5;
/// Seconds that a command is held back at most.
const LONGEST: u64 = 3_600;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// After how many seconds the next command is sent.
    Seconds,
    /// What of the mail log is shown.
    LogFilter,
    /// Which message of the mail log is told.
    Message,
    /// Into which file what is shown of the mail log is written, or the whole account of it.
    LogFile {
        whole: bool,
    },
    /// To which host the last session is held again.
    Host,
    /// Which file goes along with the message.
    Attachment,
    /// Which file the text is taken from, or the template, or the whole message.
    Text,
    Template,
    Whole,
}

#[derive(Clone, Debug)]
pub struct Ask {
    pub asked: Asked,
    pub line: Field,
    pub complaint: Option<String>,
}

impl Ask {
    pub(super) fn seconds() -> Self {
        Self::new(Asked::Seconds, "10")
    }

    pub(super) fn host(state: &State) -> Self {
        Self::new(Asked::Host, &session::other_host(state))
    }

    pub(super) fn file(asked: Asked) -> Self {
        Self::new(asked, "")
    }

    pub(super) fn log_filter(state: &State) -> Self {
        Self::new(Asked::LogFilter, &state.logs.filter.to_string())
    }

    pub(super) fn message() -> Self {
        Self::new(Asked::Message, "")
    }

    pub(super) fn log_file(state: &State, whole: bool) -> Self {
        Self::new(Asked::LogFile { whole }, &logs::file_name(state, whole))
    }

    /// Whether a file that is there is asked for.
    pub(super) fn is_of_a_file(&self) -> bool {
        matches!(
            self.asked,
            Asked::Attachment | Asked::Text | Asked::Template | Asked::Whole
        )
    }

    /// Whether nothing is an answer too.
    pub(super) fn may_be_empty(&self) -> bool {
        self.asked == Asked::LogFilter
    }

    fn new(asked: Asked, text: &str) -> Self {
        let mut line = Field::line(text);
        line.to_end();
        Self {
            asked,
            line,
            complaint: None,
        }
    }

    pub(super) fn title(&self) -> &'static str {
        match self.asked {
            Asked::Seconds => "Wait before the next command",
            Asked::Host => "The same once more, to another host",
            Asked::Attachment => "Attach a file",
            Asked::Text => "Text from a file",
            Asked::Template => "Start from a template",
            Asked::Whole => "Send a whole message from a file",
            Asked::LogFilter => "Show only what fits",
            Asked::Message => "Find a message in the log",
            Asked::LogFile { whole: true } => "Write the whole account as Markdown",
            Asked::LogFile { whole: false } => "Write what is shown",
        }
    }

    pub(super) fn words(&self) -> &'static str {
        match self.asked {
            Asked::Seconds => {
                "What stands on the command line is sent by itself after so many seconds: some \
                 servers dislike a client that is too fast, others hang up on one that is slow."
            }
            Asked::Host => {
                "What was said in the last session is said to this host, step by step, a message \
                 that was sent included. Then the two are shown side by side. A password is asked \
                 for anew."
            }
            Asked::Attachment => {
                "It is read while it is sent. Its type goes by its name; FILE:TYPE says another, \
                 such as data:image/png."
            }
            Asked::Text => "UTF-8. It takes the place of what is written; the headers stay.",
            Asked::Template => {
                "Headers, an empty line, text, in UTF-8. Gaps are filled in when it is sent: \
                 {{from}}, {{to}}, {{date}}, {{message-id}}, {{helo}}."
            }
            Asked::Whole => {
                "A message with its headers, such as an .eml. It is sent as it is, and read while \
                 it is sent."
            }
            Asked::LogFilter => {
                "Words that the line of the log holds, and any of reason: domain: host: sender: \
                 since: until: with a value behind it, such as `reason:mailboxfull \
                 since:2025-03-03T09:00`. Times are UTC. Everything is counted anew; an empty line \
                 shows all."
            }
            Asked::Message => {
                "A queue id, a Message-ID or an address, as the log has it. Every message that it \
                 fits is told whole, whatever became of it."
            }
            Asked::LogFile { .. } => {
                "A file that is there already is not overwritten without a question."
            }
        }
    }

    pub(super) fn label(&self) -> &'static str {
        match self.asked {
            Asked::Seconds => "Seconds:",
            Asked::Host => "Host, or host:port:",
            Asked::LogFilter => "Only:",
            Asked::Message => "Message:",
            Asked::Attachment
            | Asked::Text
            | Asked::Template
            | Asked::Whole
            | Asked::LogFile { .. } => "File:",
        }
    }
}

/// The files that begin with what was typed, unless something else stands there by now.
pub fn completing(state: &mut State, typed: &str, candidates: &[Candidate]) {
    let Some(super::Overlay::Ask(ask)) = state.overlays.last_mut() else {
        return;
    };
    if !ask.is_of_a_file() || ask.line.text() != typed {
        return;
    }
    if let Some(common) = path::completed(typed, candidates) {
        ask.line.set(&common);
        ask.line.to_end();
        ask.complaint = None;
        return;
    }
    ask.complaint = match candidates {
        [] => Some("no file begins like that".to_owned()),
        [_] => None,
        several => {
            let names = several.iter().take(NAMED).map(Candidate::name);
            let names = names.collect::<Vec<_>>().join("  ");
            let more = several.len().saturating_sub(NAMED);
            let more = (more > 0).then(|| format!("  and {more} more"));
            let more = more.unwrap_or_default();
            Some(format!("several begin so: {names}{more}"))
        }
    };
}

/// Takes what was typed; the question stays open where it cannot be used.
pub(super) fn answer(state: &mut State, mut ask: Box<Ask>) -> Vec<Effect> {
    let text = ask.line.text();
    let text = text.trim();
    let path = text.to_owned();
    let look = match ask.asked {
        Asked::Attachment => Some(Look::Attachment(path)),
        Asked::Text => Some(Look::Text(path)),
        Asked::Template => Some(Look::Template(path)),
        Asked::Whole => Some(Look::Whole(path)),
        _ => None,
    };
    if let Some(look) = look {
        // The question stays until the file was looked at.
        return vec![Effect::Look(look)];
    }
    state.overlays.pop();
    match ask.asked {
        Asked::Host => session::host_chosen(state, text),
        Asked::LogFilter => match text.parse() {
            Ok(filter) => logs::filter_typed(state, filter),
            Err(error) => {
                let error: NotAFilter = error;
                ask.complaint = Some(error.to_string());
                state.overlays.push(super::Overlay::Ask(ask));
                Vec::new()
            }
        },
        Asked::Message => logs::find_message(state, text),
        Asked::LogFile { whole } => vec![Effect::Write {
            path: text.to_owned(),
            text: logs::saved(state, whole),
            overwrite: false,
        }],
        Asked::Seconds => {
            if let Some(count) = text.parse().ok().filter(|count| *count <= LONGEST) {
                session::hold(state, count);
            } else {
                ask.complaint = Some(format!("a number of seconds, up to {LONGEST}"));
                state.overlays.push(super::Overlay::Ask(ask));
            }
            Vec::new()
        }
        _ => Vec::new(),
    }
}
