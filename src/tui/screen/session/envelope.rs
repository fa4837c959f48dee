//! The envelope that the session is after, where it was asked for here.

use super::guide::Step;
use super::{Mode, SessionOrder};
use crate::case::Target;
use crate::smtp::suggest::{Envelope, Plan};
use crate::smtp::{ForwardPath, Parameter, ReversePath};
use crate::tui::effect::Effect;
use crate::tui::state::State;

/// The rows of the form for parameters as they are to be sent.
pub const MORE_MAIL: &str = "more-mail";
pub const MORE_RCPT: &str = "more-rcpt";
/// Those of the way that it goes.
pub const PIPELINING: &str = "PIPELINING";

/// Sender and recipients as the session is after them: without brackets, with commas.
pub fn planned(state: &State) -> (String, String) {
    if let Some(envelope) = &state.session.envelope {
        return (bare(&envelope.from.to_string()), joined(&envelope.to));
    }
    let case = &state.case;
    let to = (case.to.clone()).or_else(|| case.target.as_ref().and_then(Target::address));
    let shown = |address: Option<String>| address.unwrap_or_default();
    (
        shown(case.from.as_ref().map(ToString::to_string)),
        shown(to.map(|to| to.to_string())),
    )
}

fn bare(path: &str) -> String {
    path.trim_matches(['<', '>']).to_owned()
}

fn joined(paths: &[ForwardPath]) -> String {
    let paths = paths.iter().map(|path| bare(&path.to_string()));
    paths.collect::<Vec<_>>().join(", ")
}

/// The form was taken: the connection is after this envelope from now on.
pub fn envelope_given(
    state: &mut State,
    envelope: Envelope,
    typed: Vec<(&'static str, String)>,
) -> Vec<Effect> {
    let session = &mut state.session;
    session.envelope = Some(envelope.clone());
    session.envelope_typed = typed;
    if !session.is_connected() {
        state.say("taken; connect to use it");
        return Vec::new();
    }
    if session.mode == Mode::Guided {
        session.command.set("");
        session.suggested.clear();
        session.step = Step::Line;
    }
    if session.in_transaction() {
        state.say(
            "the sender is taken already: RSET ends this transaction, then the new one counts",
        );
    } else {
        state.say("taken: the commands stand ready as their turn comes");
    }
    vec![Effect::Session(SessionOrder::Envelope(Box::new(envelope)))]
}

/// What the command line of the program asked for, as the form shows it.
pub fn given(plan: &Plan) -> Option<(Envelope, Vec<(&'static str, String)>)> {
    let envelope = Envelope {
        from: plan.from.clone().unwrap_or(ReversePath::Null),
        mail: plan.mail.clone(),
        to: plan.to.clone(),
        rcpt: plan.rcpt.clone(),
        pipelining: plan.pipelining,
        chunks: plan.chunks,
    };
    plan.from.as_ref()?;
    let words = |all: &[Parameter]| {
        let words: Vec<&str> = all.iter().map(Parameter::as_str).collect();
        words.join(" ")
    };
    let mut typed = vec![
        (MORE_MAIL, words(&plan.mail)),
        (MORE_RCPT, words(&plan.rcpt)),
    ];
    if plan.pipelining {
        typed.push((PIPELINING, crate::tui::overlay::IN_ONE_GO.to_owned()));
    }
    Some((envelope, typed))
}
