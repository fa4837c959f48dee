//! The tests that have names: what each will do is read before it is agreed to.

use super::{Confirm, Overlay};
use crate::engine::trial::{Outcome, Ran};
use crate::knowledge::trial::{Need, Trial, trials};
use crate::tui::effect::Effect;
use crate::tui::hits::Target;
use crate::tui::state::{Pane, State};
use crate::tui::theme::Role;
use crate::tui::widget::{Canvas, Doc, Spans};
use ratatui::layout::{Constraint, Layout, Rect};

/// Whether there is a host to test.
pub fn is_possible(state: &State) -> bool {
    !state.session.host.text().trim().is_empty()
}

pub(super) fn count() -> usize {
    trials().len()
}

fn row(at: usize) -> Spans {
    let title = trials().get(at).map_or("", |trial| trial.title.as_str());
    vec![(Role::Text, format!(" {title}"))]
}

/// What the selected test will do.
fn doc(at: usize) -> Doc {
    let mut doc = Doc::default();
    if let Some(trial) = trials().get(at) {
        doc.para(&trial.does);
        doc.para(&trial.source);
    }
    doc
}

pub(super) fn view(canvas: &mut Canvas<'_>, body: Rect, selected: usize) {
    let rows = u16::try_from(count()).unwrap_or(u16::MAX);
    let area = body.centered(
        Constraint::Length(72.min(body.width)),
        Constraint::Length(rows.saturating_add(10).min(body.height)),
    );
    canvas.cover(area);
    let inner = canvas.frame(Pane::Trials, area, "Test the host: for what?");
    canvas.hits.add(inner, Target::Nothing);
    let [list, rule, below] = Layout::vertical([
        Constraint::Length(rows.min(inner.height.saturating_sub(5))),
        Constraint::Length(1),
        Constraint::Min(0),
    ])
    .areas(inner);
    canvas.list(Pane::Trials, list, count(), Some(selected), row);
    canvas.text(rule, Role::Border, &"─".repeat(usize::from(rule.width)));
    canvas.doc(Pane::Notice, below, &doc(selected));
}

/// The question before the test, or why it cannot be made.
pub(super) fn question(state: &State, selected: usize) -> Option<Overlay> {
    let trial = trials().get(selected)?;
    let host = state.session.host.text().trim().to_owned();
    let Ok(port) = state.session.port.text().trim().parse() else {
        return Some(refused(
            trial,
            "The port on the session's screen is no number.",
        ));
    };
    for need in &trial.needs {
        let missing = match need {
            Need::From => state.case.from.is_none(),
            Need::To => state.case.to.is_none(),
        };
        if missing {
            return Some(refused(
                trial,
                "It needs a sender of another domain and a recipient: name them with `m` on the \
                 screen of the checks.",
            ));
        }
    }
    Some(Overlay::Confirm(Confirm {
        title: format!("{}?", trial.title),
        text: vec![
            format!("Of {host}, port {port}, and of nobody else."),
            trial.does.clone(),
            "Do it where you answer for the host: the other side may log it.".to_owned(),
        ],
        yes: "Test it".to_owned(),
        no: "Leave it".to_owned(),
        on_yes: false,
        then: vec![Effect::Try {
            trial: trial.id.clone(),
            host,
            port,
        }],
    }))
}

fn refused(trial: &Trial, why: &str) -> Overlay {
    Overlay::Notice {
        title: format!("{}: not possible", trial.title),
        text: why.to_owned(),
    }
}

/// A test has ended: its sessions become part of the case, and the outcome is shown.
pub fn ended(state: &mut State, ran: Ran) -> Vec<Effect> {
    let word = match ran.judged.outcome {
        Outcome::Fine => "fine",
        Outcome::Warning => "a warning",
        Outcome::Bad => "BAD",
        Outcome::Unclear => "unclear",
    };
    let mut text = ran.means.to_owned();
    if let Some(fix) = ran.fix {
        text.push_str("\nTo mend it: ");
        text.push_str(fix);
    }
    for line in &ran.judged.evidence {
        text.push('\n');
        text.push_str(line);
    }
    let title = format!("{}: {word}", ran.title);
    // In the report the transcripts alone would not say it.
    state
        .case
        .notes
        .push(format!("{title}. {}", ran.means).into());
    state.case.sessions.extend(ran.sessions);
    state.panes.scroll_to(Pane::Notice, 0);
    state.overlays.push(Overlay::Notice { title, text });
    state.judge();
    vec![Effect::SaveCase]
}
