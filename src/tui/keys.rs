//! The one table of keys, `assets/keys.yaml`: dispatch, key line, help and palette read it.

mod key;

pub use key::Key;

use serde::Deserialize;
use std::sync::LazyLock;

/// Everything that a key, a click or the palette can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    Checklist,
    Checks,
    Session,
    Diagnosis,
    Codes,
    Report,
    Logs,
    Help,
    Palette,
    Newcomers,
    Export,
    Leave,
    Suspend,
    NextPane,
    PreviousPane,
    Up,
    Down,
    PageUp,
    PageDown,
    First,
    Last,
    Find,
    FindNext,
    FindPrevious,
    /// Goes to where the domain or address is typed.
    Domain,
    Back,
    Open,
    Copy,
    CopyAll,
    CopyFix,
    Answer,
    NextChoice,
    PreviousChoice,
    NextQuestion,
    PreviousQuestion,
    TypeAnswer,
    Unknown,
    RoundTrip,
    /// Checks the domain that the pasted bounce names.
    FollowBounce,
    Fold,
    Unfold,
    Rerun,
    RunAll,
    CancelChecks,
    LogIn,
    Envelope,
    ComeBack,
    RelayTest,
    Trials,
    ToHost,
    Connect,
    NextHost,
    PreviousHost,
    TypeCommand,
    Send,
    OlderCommand,
    NewerCommand,
    Compose,
    SendMessage,
    StartTls,
    Disconnect,
    /// Between guided and free use.
    FreeMode,
    NextEnding,
    LogInHere,
    /// Sender, recipients and parameters of the live session.
    EnvelopeHere,
    Drop,
    WaitBefore,
    Repeat,
    Beside,
    /// The session as a script or as a line for swaks.
    Replay,
    /// What goes into the message beside what is typed.
    Letter,
    Attach,
    Guess,
    Reveal,
    NextFormat,
    PreviousFormat,
    Redact,
    OpenLog,
    /// The one of the practice world.
    PracticeLog,
    FilterLog,
    /// By its id, or an address.
    FindMessage,
    /// Only what the selected group holds.
    NarrowLog,
    ClearFilter,
    NextFacet,
    PreviousFacet,
    FollowLog,
    StopLog,
    UnreadLines,
    NoteLog,
    TargetOfLog,
    /// What is shown, into a file.
    SaveLog,
    SaveAccount,
    /// What was begun to be typed, typed on.
    Complete,
    Close,
    Choose,
    Yes,
    No,
}

/// Where a key means something. Several places are active at once, the innermost first; see
/// [`super::state::State::places`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    Everywhere,
    /// Outside a text field.
    Free,
    /// A list or a text that is longer than its pane.
    Rows,
    /// A question that is answered by a word of a list.
    Choices,
    /// A question that is answered by typing, while nobody types.
    Typed,
    AnswerLine,
    Bounces,
    Tree,
    Checks,
    Host,
    Command,
    Transcript,
    /// Two transcripts side by side.
    Beside,
    /// The session, whatever has the focus.
    Dialogue,
    DraftLine,
    Draft,
    Diagnosis,
    CodeSearch,
    Codes,
    Report,
    Logs,
    Overlay,
    /// An overlay in which something is typed.
    OverlayLine,
    Palette,
    Finding,
    Confirm,
    Exporting,
    LoggingIn,
    Enveloping,
    Asking,
    /// Lines to fill in.
    Form,
    /// A line of a form in which a word is chosen.
    FormChoice,
    /// Which log is read.
    Opening,
    /// A list in an overlay.
    Choosing,
    Scenarios,
    Stepping,
}

impl Place {
    /// For the help.
    pub fn title(self) -> &'static str {
        match self {
            Self::Everywhere => "Everywhere",
            Self::Free => "Outside a text field",
            Self::Rows => "In a list or a long text",
            Self::Choices => "At a question with choices",
            Self::Typed | Self::AnswerLine | Self::Bounces => "At a question that takes text",
            Self::Tree | Self::Checks => "Checks",
            Self::Host => "Where to connect to",
            Self::Command => "On the command line",
            Self::Transcript => "In the transcript",
            Self::Dialogue => "In the session",
            Self::Beside => "Side by side",
            Self::DraftLine | Self::Draft => "Writing the message",
            Self::Diagnosis => "Diagnosis",
            Self::CodeSearch | Self::Codes => "Codes",
            Self::Report => "Report",
            Self::Logs => "Logs",
            Self::Overlay
            | Self::OverlayLine
            | Self::Palette
            | Self::Finding
            | Self::Confirm
            | Self::Exporting
            | Self::LoggingIn
            | Self::Enveloping
            | Self::Asking
            | Self::Form
            | Self::FormChoice
            | Self::Opening
            | Self::Choosing
            | Self::Scenarios
            | Self::Stepping => "Here",
        }
    }
}

/// Whether the key line shows a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnLine {
    #[default]
    No,
    Yes,
    /// Room is kept for it.
    Always,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    #[serde(rename = "in")]
    pub place: Place,
    pub keys: Vec<Key>,
    #[serde(default)]
    pub shown: Option<String>,
    #[serde(rename = "do")]
    pub action: Action,
    pub words: String,
    #[serde(default)]
    pub line: OnLine,
}

impl Row {
    /// The key as people see it.
    pub fn shown(&self) -> String {
        self.shown.clone().unwrap_or_else(|| {
            self.keys
                .first()
                .map(ToString::to_string)
                .unwrap_or_default()
        })
    }
}

static TABLE: LazyLock<Vec<Row>> = LazyLock::new(|| {
    serde_yaml::from_str(include_str!("../../assets/keys.yaml"))
        .expect("assets/keys.yaml is checked by a test")
});

pub fn table() -> &'static [Row] {
    &TABLE
}

/// The rows of the active places, the innermost place first.
pub fn rows(places: &[Place]) -> impl Iterator<Item = &'static Row> {
    places
        .iter()
        .flat_map(|place| table().iter().filter(|row| row.place == *place))
}

/// What `key` means in these places.
pub fn action(places: &[Place], key: Key) -> Option<Action> {
    rows(places)
        .find(|row| row.keys.contains(&key))
        .map(|row| row.action)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_place_gives_a_key_two_meanings() {
        let mut seen = HashSet::new();
        for row in table() {
            assert!(!row.keys.is_empty(), "{row:?}");
            assert!(!row.words.is_empty(), "{row:?}");
            for key in &row.keys {
                assert!(seen.insert((row.place, *key)), "{key} in {:?}", row.place);
            }
        }
    }

    #[test]
    fn where_something_is_typed_no_letter_is_a_key() {
        let typing = [
            Place::Everywhere,
            Place::AnswerLine,
            Place::Bounces,
            Place::Host,
            Place::Command,
            Place::Dialogue,
            Place::Draft,
            Place::DraftLine,
            Place::CodeSearch,
            Place::OverlayLine,
            Place::Palette,
            Place::Finding,
            Place::Exporting,
            Place::LoggingIn,
            Place::Enveloping,
            Place::Asking,
            Place::Form,
            Place::Opening,
        ];
        for row in rows(&typing) {
            for key in &row.keys {
                assert!(!key.types_something(), "{key} in {:?}", row.place);
            }
        }
    }

    #[test]
    fn the_innermost_place_has_the_first_word() {
        let enter = Key::parse("Enter").unwrap();
        assert_eq!(
            action(&[Place::Command, Place::Everywhere], enter),
            Some(Action::Send)
        );
        assert_eq!(action(&[Place::Everywhere], enter), None);
    }
}
