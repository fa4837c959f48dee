//! The session so that it can be said again elsewhere: as a script of ours, or as swaks says it.

use crate::case::Transcript;
use crate::report::{script_of, swaks_of};
use crate::tui::effect::Effect;
use crate::tui::hits::Target;
use crate::tui::state::{Pane, State};
use crate::tui::theme::Role;
use crate::tui::widget::{Canvas, Doc, Spans};
use ratatui::layout::{Constraint, Layout, Rect};

const CHOICES: [&str; 3] = [
    "Script, into a file",
    "Script, to the clipboard",
    "Command line of swaks, to the clipboard",
];

pub(super) const COUNT: usize = CHOICES.len();

/// The transcript of the session that is shown, with something in it.
fn transcript(state: &State) -> Option<&Transcript> {
    let recorded = state.session.recorded?;
    let kept = state.case.sessions.get(recorded);
    kept.filter(|kept| !kept.transcript.is_empty())
}

pub fn is_possible(state: &State) -> bool {
    transcript(state).is_some()
}

pub(super) fn chosen(state: &mut State, at: usize) -> Vec<Effect> {
    let Some(transcript) = transcript(state) else {
        return Vec::new();
    };
    let (effect, words) = match at {
        0 => {
            let effect = Effect::Write {
                path: file_name(&transcript.host),
                text: script_of(transcript),
                overwrite: false,
            };
            return vec![effect];
        }
        1 => (Effect::Copy(script_of(transcript)), "copied the script"),
        _ => (
            Effect::Copy(swaks_of(transcript)),
            "copied the line for swaks",
        ),
    };
    state.say(words);
    vec![effect]
}

/// In the working directory, whatever the host is called.
fn file_name(host: &str) -> String {
    let is_plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    let host: String = host.chars().filter(is_plain).take(100).collect();
    format!("smtp-tui-session-{host}.yaml")
}

pub(super) fn view(canvas: &mut Canvas<'_>, body: Rect, selected: usize) {
    let rows = u16::try_from(COUNT).unwrap_or_default();
    let mut doc = Doc::default();
    doc.para(
        "`smtp-tui session HOST --script FILE` plays a script, and complains where an answer \
         differs. Passwords are in neither.",
    );
    let area = body.centered(
        Constraint::Length(66.min(body.width)),
        Constraint::Length(rows.saturating_add(6).min(body.height)),
    );
    canvas.cover(area);
    let inner = canvas.frame(Pane::Replay, area, "Say this session again elsewhere");
    canvas.hits.add(inner, Target::Nothing);
    let [list, _, below] = Layout::vertical([
        Constraint::Length(rows),
        Constraint::Length(1),
        Constraint::Min(0),
    ])
    .areas(inner);
    canvas.list(Pane::Replay, list, COUNT, Some(selected), row);
    canvas.doc(Pane::Notice, below, &doc);
}

fn row(at: usize) -> Spans {
    let words = CHOICES.get(at).copied().unwrap_or_default();
    vec![(Role::Text, format!(" {words}"))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_cannot_choose_the_folder() {
        for (host, name) in [
            ("mx.example.org", "smtp-tui-session-mx.example.org.yaml"),
            ("../../etc/a b", "smtp-tui-session-....etcab.yaml"),
            ("2001:db8::1", "smtp-tui-session-2001db81.yaml"),
        ] {
            assert_eq!(file_name(host), name);
        }
    }
}
