//! What the keys of the checklist do.

use super::{Kind, question, targets};
use crate::case::Answer;
use crate::knowledge::question::QuestionId;
use crate::tui::effect::Effect;
use crate::tui::keys::{Action, Key};
use crate::tui::screen::checks;
use crate::tui::state::{Pane, Screen, State};

pub fn selected(state: &State) -> (usize, usize) {
    (state.checklist.at, QuestionId::ALL.len())
}

/// Shows a question, with its answer ready to be changed.
pub fn select(state: &mut State, at: usize) {
    let at = at.min(QuestionId::ALL.len() - 1);
    state.checklist.at = at;
    state.checklist.focus = Pane::Questions;
    let id = state.checklist.question();
    let answer = state.case.answers.get(id).map(Answer::joined);
    let choices = state.checklist.choices();
    state.checklist.choice = answer
        .as_ref()
        .and_then(|answer| choices.iter().position(|word| word == answer))
        .unwrap_or(0);
    if question::kind(id) != Kind::Bounces && choices.is_empty() {
        let text = answer.unwrap_or_default().replace('\n', " ");
        state.checklist.line.set(&text);
        state.checklist.line.to_end();
    }
    state.panes.scroll_to(Pane::Explained, 0);
}

pub fn row_text(_state: &State, at: usize) -> String {
    QuestionId::ALL
        .get(at)
        .map(|id| format!("{} {}", question::label(*id), question::asks(*id)))
        .unwrap_or_default()
}

fn field_pane(id: QuestionId) -> Option<Pane> {
    match question::kind(id) {
        Kind::Choice(_) => None,
        Kind::Bounces => Some(Pane::Bounces),
        Kind::Targets | Kind::Text => Some(Pane::AnswerLine),
    }
}

pub fn stops(state: &State) -> Vec<Pane> {
    let id = state.checklist.question();
    let mut stops = vec![Pane::Questions];
    stops.extend(field_pane(id));
    if question::kind(id) == Kind::Bounces && !super::explained(state).is_empty() {
        stops.push(Pane::Explained);
    }
    stops
}

pub fn set_focus(state: &mut State, pane: Pane) {
    let usable = stops(state);
    state.checklist.focus = match pane {
        // The pane of the question itself stands for its field.
        Pane::Question => field_pane(state.checklist.question()).unwrap_or(Pane::Questions),
        pane if usable.contains(&pane) => pane,
        _ => Pane::Questions,
    };
}

/// The letter with which an answer of the question that is shown begins.
pub fn letter(state: &mut State, key: Key) -> Option<Vec<Effect>> {
    let here = state.overlays.is_empty()
        && state.screen == Screen::Checklist
        && matches!(state.checklist.focus, Pane::Questions | Pane::Question);
    if !here {
        return None;
    }
    let at = state.checklist.choices().iter().position(|word| {
        word.chars()
            .next()
            .is_some_and(|first| Key::parse(first.encode_utf8(&mut [0; 4])) == Some(key))
    })?;
    Some(choose(state, at))
}

/// Takes an answer of the list, and goes on.
pub fn choose(state: &mut State, at: usize) -> Vec<Effect> {
    let id = state.checklist.question();
    let Some(word) = state.checklist.choices().get(at).copied() else {
        return Vec::new();
    };
    let effects = give(state, id, word);
    go_on(state);
    effects
}

/// Takes a person's answer.
pub fn give(state: &mut State, id: QuestionId, text: &str) -> Vec<Effect> {
    state.case.answers.give(id, text);
    if state.checklist.question() == id {
        let choices = state.checklist.choices();
        if let Some(at) = choices.iter().position(|word| *word == text) {
            state.checklist.choice = at;
        }
    }
    state.judge();
    vec![Effect::SaveCase]
}

/// Enters what the checks found, where nobody has answered.
pub fn measure(state: &mut State) {
    let found = state.checklist.measured.clone();
    for (id, answer) in found {
        state.case.answers.measure(id, answer);
    }
}

/// The next question; where it takes a line and has none, typing begins.
fn go_on(state: &mut State) {
    let at = state.checklist.at;
    if at + 1 >= QuestionId::ALL.len() {
        state.checklist.focus = Pane::Questions;
        if state.case.target.is_none() {
            state.say("that was the last question; `d` names the domain, and the checks start");
        } else {
            state.say("that was the last question; 4 shows the diagnosis");
        }
        return;
    }
    select(state, at + 1);
    let id = state.checklist.question();
    if field_pane(id) == Some(Pane::AnswerLine) && state.case.answers.get(id).is_none() {
        state.checklist.focus = Pane::AnswerLine;
    }
}

pub fn begin_typing(state: &mut State) {
    if let Some(pane) = field_pane(state.checklist.question()) {
        state.checklist.focus = pane;
    }
}

/// Goes to where the domain or the addresses are typed.
pub fn type_domain(state: &mut State) {
    let at = QuestionId::ALL
        .iter()
        .position(|id| *id == QuestionId::Affected)
        .unwrap_or(0);
    select(state, at);
    begin_typing(state);
}

/// What is typed is the answer, from the first letter on.
pub fn typed(state: &mut State) -> Vec<Effect> {
    let id = state.checklist.question();
    let text = match question::kind(id) {
        Kind::Bounces => state.checklist.bounces.text(),
        _ => state.checklist.line.text(),
    };
    if question::kind(id) == Kind::Bounces {
        super::pasted::read_again(state);
    }
    if text.trim().is_empty() {
        return unknown(state);
    }
    give(state, id, text.trim_end())
}

/// The line is left: the first address or domain in it is the target of the case.
pub fn leave_line(state: &mut State) -> Vec<Effect> {
    if state.checklist.focus != Pane::AnswerLine {
        return Vec::new();
    }
    state.checklist.focus = Pane::Questions;
    if question::kind(state.checklist.question()) != Kind::Targets {
        return Vec::new();
    }
    let (targets, _) = targets::read(&state.checklist.line.text());
    match targets.into_iter().next() {
        Some(target) if state.case.target.as_ref() != Some(&target) => {
            state.say(format!("checking {}", target.unicode_domain()));
            checks::start(state, target)
        }
        _ => Vec::new(),
    }
}

fn unknown(state: &mut State) -> Vec<Effect> {
    let id = state.checklist.question();
    state.case.answers.forget(id);
    measure(state);
    state.judge();
    vec![Effect::SaveCase]
}

pub fn offers(state: &State, action: Action) -> bool {
    let checklist = &state.checklist;
    let typing = matches!(checklist.focus, Pane::AnswerLine | Pane::Bounces);
    match action {
        Action::Answer => typing || !checklist.choices().is_empty(),
        Action::NextChoice | Action::PreviousChoice => checklist.choices().len() > 1 && !typing,
        Action::Unknown => !typing,
        Action::TypeAnswer => checklist.choices().is_empty() && !typing,
        Action::FollowBounce => {
            !typing
                && super::target_of(state).is_some()
                && question::kind(checklist.question()) == Kind::Bounces
        }
        Action::RoundTrip => checklist.question() == QuestionId::Webmail,
        Action::NextQuestion => checklist.at + 1 < QuestionId::ALL.len(),
        Action::PreviousQuestion => checklist.at > 0,
        Action::Back => typing,
        _ => false,
    }
}

pub fn act(state: &mut State, action: Action) -> Vec<Effect> {
    let count = state.checklist.choices().len();
    match action {
        Action::Open => {
            // A second click on a question: its field, where it has one.
            begin_typing(state);
            Vec::new()
        }
        Action::Answer if state.checklist.focus == Pane::AnswerLine => {
            let complaint = complaint(state);
            let effects = leave_line(state);
            match complaint {
                Some(complaint) => {
                    state.checklist.focus = Pane::AnswerLine;
                    state.complain(complaint);
                }
                None => go_on(state),
            }
            effects
        }
        Action::Answer => choose(state, state.checklist.choice),
        Action::NextChoice if count > 0 => {
            state.checklist.choice = (state.checklist.choice + 1) % count;
            Vec::new()
        }
        Action::PreviousChoice if count > 0 => {
            state.checklist.choice = (state.checklist.choice + count - 1) % count;
            Vec::new()
        }
        Action::NextQuestion | Action::PreviousQuestion => {
            let effects = leave_line(state);
            let at = state.checklist.at;
            let next = if action == Action::NextQuestion {
                at + 1
            } else {
                at.saturating_sub(1)
            };
            select(state, next);
            effects
        }
        Action::FollowBounce => super::follow(state),
        Action::TypeAnswer => {
            begin_typing(state);
            Vec::new()
        }
        Action::Unknown => {
            let effects = unknown(state);
            match question::kind(state.checklist.question()) {
                Kind::Bounces => {
                    state.checklist.bounces.set("");
                    super::pasted::read_again(state);
                }
                Kind::Targets | Kind::Text => state.checklist.line.set(""),
                Kind::Choice(_) => {}
            }
            let at = state.checklist.at;
            if at + 1 < QuestionId::ALL.len() {
                select(state, at + 1);
            }
            effects
        }
        Action::Back => {
            let effects = leave_line(state);
            state.checklist.focus = Pane::Questions;
            effects
        }
        _ => Vec::new(),
    }
}

/// Why the line cannot be taken as it stands: nothing in it is an address or a domain.
fn complaint(state: &State) -> Option<String> {
    if question::kind(state.checklist.question()) != Kind::Targets {
        return None;
    }
    let (targets, wrong) = targets::read(&state.checklist.line.text());
    if targets.is_empty() {
        wrong.first().map(ToString::to_string)
    } else {
        None
    }
}
