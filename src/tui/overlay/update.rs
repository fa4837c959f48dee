//! What the keys do in an overlay.

use super::stepping::{Stepping, Then};
use super::{
    Ask, Asked, Confirm, Envelope, Export, Find, Form, LogIn, Overlay, Palette, Purpose, ask,
    come_back, form, guess, letter, palette, relay_test,
};
use crate::engine::Change;
use crate::knowledge::question::QuestionId;
use crate::tui::effect::Effect;
use crate::tui::keys::Action;
use crate::tui::pane;
use crate::tui::screen::{checklist, logs, report, session};
use crate::tui::state::{Game, Pane, Screen, State};
use crate::tui::update::act as act_below;

/// Lays an overlay on top; one of its kind that lies there already goes.
fn push(state: &mut State, overlay: Overlay) {
    state.overlays.retain(|old| !old.is_like(&overlay));
    state.panes.scroll_to(overlay.pane(), 0);
    state.overlays.push(overlay);
}

/// Opens what `action` opens, and says whether it opens something. The same key closes it.
pub fn open(state: &mut State, action: Action) -> bool {
    let overlay = match action {
        Action::Help => Overlay::Help,
        Action::Newcomers => Overlay::Newcomers,
        Action::Palette => Overlay::Palette(Palette::new()),
        Action::Export => Overlay::Export(Export::new(state)),
        Action::LogIn => Overlay::LogIn(LogIn::new(state)),
        Action::LogInHere => Overlay::Form(Box::new(Form::log_in(state))),
        Action::EnvelopeHere => Overlay::Form(Box::new(Form::envelope(state))),
        Action::Letter => Overlay::Letter { selected: 0 },
        Action::Attach => Overlay::Ask(Box::new(Ask::file(Asked::Attachment))),
        Action::WaitBefore => Overlay::Ask(Box::new(Ask::seconds())),
        Action::Repeat => Overlay::Ask(Box::new(Ask::host(state))),
        Action::FilterLog => Overlay::Ask(Box::new(Ask::log_filter(state))),
        Action::FindMessage => Overlay::Ask(Box::new(Ask::message())),
        Action::SaveLog => Overlay::Ask(Box::new(Ask::log_file(state, false))),
        Action::SaveAccount => Overlay::Ask(Box::new(Ask::log_file(state, true))),
        Action::Envelope => Overlay::Envelope(Box::new(Envelope::new(state))),
        Action::Trials => Overlay::Trials { selected: 0 },
        Action::Replay => Overlay::Replay { selected: 0 },
        Action::ComeBack => Overlay::ComeBack {
            selected: come_back::USUAL,
        },
        Action::RelayTest => match relay_test::overlay(state) {
            Some(overlay) => overlay,
            None => return true,
        },
        Action::RoundTrip => Overlay::Stepping(Stepping::start()),
        Action::Find => match Find::new(state) {
            Some(find) => {
                state.needle.clear();
                Overlay::Find(find)
            }
            None => return true,
        },
        Action::Guess => {
            state.game = Game {
                hidden: true,
                ..Game::default()
            };
            Overlay::Guess { selected: 0 }
        }
        _ => return false,
    };
    if state
        .overlays
        .last()
        .is_some_and(|top| top.is_like(&overlay))
    {
        state.overlays.pop();
    } else {
        push(state, overlay);
    }
    true
}

/// Whether `action` would do something in the overlay on top.
pub fn offers(state: &State, action: Action) -> bool {
    let Some(top) = state.overlays.last() else {
        return false;
    };
    match action {
        Action::Close => !is_the_only_way_in(state),
        Action::Choose => match top {
            Overlay::Palette(_) => super::selected(state, Pane::Palette).is_some(),
            Overlay::Export(export) => !export.name.text().trim().is_empty(),
            Overlay::LogIn(login) => !login.on_password || login.is_whole(),
            Overlay::Ask(ask) => ask.may_be_empty() || !ask.line.text().trim().is_empty(),
            Overlay::OpenLog(open) => open.is_ready(),
            _ => true,
        },
        Action::Yes | Action::No => matches!(top, Overlay::Confirm(_) | Overlay::Stepping(_)),
        Action::NextChoice | Action::PreviousChoice => match top {
            Overlay::Form(form) => form.is_on_choice(),
            Overlay::Confirm(_) | Overlay::LogIn(_) | Overlay::Envelope(_) => {
                action == Action::NextChoice
            }
            _ => false,
        },
        Action::NextFormat | Action::PreviousFormat | Action::Redact => {
            matches!(top, Overlay::Export(_))
        }
        Action::Guess => matches!(top, Overlay::Scenarios { .. }),
        Action::Complete => match top {
            Overlay::OpenLog(_) => true,
            Overlay::Ask(ask) => ask.is_of_a_file(),
            _ => false,
        },
        Action::Up | Action::Down => {
            matches!(top, Overlay::OpenLog(open) if open.crosses(action))
        }
        Action::FindNext | Action::FindPrevious => {
            matches!(top, Overlay::Find(_)) && !state.needle.is_empty()
        }
        _ => false,
    }
}

/// The chooser of scenarios, while none is played: there is nothing under it yet.
fn is_the_only_way_in(state: &State) -> bool {
    state.overlays.len() == 1
        && matches!(state.overlays.last(), Some(Overlay::Scenarios { .. }))
        && state.scenario.is_none()
}

/// What `action` does in the overlay on top; none, where it means nothing there.
pub fn act(state: &mut State, action: Action) -> Option<Vec<Effect>> {
    if !offers(state, action) {
        return None;
    }
    let top = state.overlays.last().cloned()?;
    Some(match (action, top) {
        (Action::Close, top) => {
            state.overlays.pop();
            match top {
                Overlay::Find(_) => state.needle.clear(),
                Overlay::Form(form) if form.is_of(Purpose::LogIn) => {
                    return Some(session::leave_login_out(state));
                }
                _ => {}
            }
            Vec::new()
        }
        (Action::Choose, top) => choose(state, top),
        (Action::Yes | Action::No, Overlay::Confirm(confirm)) => {
            answer(state, confirm, action == Action::Yes)
        }
        (Action::Yes | Action::No, Overlay::Stepping(stepping)) => {
            step(state, stepping, action == Action::Yes)
        }
        (Action::NextChoice | Action::PreviousChoice, _) => {
            match state.overlays.last_mut() {
                Some(Overlay::Confirm(confirm)) => confirm.on_yes = !confirm.on_yes,
                Some(Overlay::LogIn(login)) => login.on_password = !login.on_password,
                Some(Overlay::Envelope(envelope)) => envelope.on_to = !envelope.on_to,
                Some(Overlay::Form(form)) => form.turn(action == Action::NextChoice),
                _ => {}
            }
            Vec::new()
        }
        (Action::NextFormat | Action::PreviousFormat | Action::Redact, _) => {
            report::adjust(state, action);
            let name = report::default_name(state);
            if let Some(Overlay::Export(export)) = state.overlays.last_mut() {
                export.propose(name);
            }
            Vec::new()
        }
        (Action::Up | Action::Down, _) => {
            if let Some(Overlay::OpenLog(open)) = state.overlays.last_mut() {
                open.cross(action);
            }
            Vec::new()
        }
        (Action::Complete, _) => match state.overlays.last_mut() {
            Some(Overlay::OpenLog(open)) => open.complete().into_iter().collect(),
            Some(Overlay::Ask(ask)) => vec![Effect::Complete(ask.line.text())],
            _ => Vec::new(),
        },
        (Action::Guess, Overlay::Scenarios { selected }) => {
            state.game = Game {
                hidden: true,
                ..Game::default()
            };
            play(state, selected)
        }
        (Action::FindNext | Action::FindPrevious, Overlay::Find(find)) => {
            pane::find(state, find.pane, action == Action::FindNext, false);
            Vec::new()
        }
        _ => Vec::new(),
    })
}

fn choose(state: &mut State, top: Overlay) -> Vec<Effect> {
    match top {
        Overlay::Palette(palette) => {
            let action = palette::matches(state, &palette)
                .get(palette.selected)
                .map(|command| command.action);
            state.overlays.clear();
            match action {
                Some(action) => act_below(state, action),
                None => Vec::new(),
            }
        }
        Overlay::Confirm(confirm) => {
            let yes = confirm.on_yes;
            answer(state, confirm, yes)
        }
        Overlay::Export(export) => export.effect(state).into_iter().collect(),
        Overlay::LogIn(login) => log_in(state, &login),
        Overlay::Form(form) => form::take(state, form),
        Overlay::Letter { selected } => letter::chosen(state, selected),
        Overlay::Templates { selected } => {
            letter::template_chosen(state, selected);
            Vec::new()
        }
        Overlay::Ask(ask) => ask::answer(state, ask),
        Overlay::OpenLog(open) => logs::taken(state, open),
        Overlay::Envelope(envelope) => name_envelope(state, envelope),
        Overlay::Trials { selected } => {
            state.overlays.pop();
            state
                .overlays
                .extend(super::trials::question(state, selected));
            Vec::new()
        }
        Overlay::Replay { selected } => {
            state.overlays.pop();
            super::replay::chosen(state, selected)
        }
        Overlay::ComeBack { selected } => {
            state.overlays.pop();
            state.running = true;
            vec![Effect::Change(come_back::change(selected))]
        }
        Overlay::Scenarios { selected } => {
            state.game = Game::default();
            play(state, selected)
        }
        Overlay::Guess { selected } => {
            state.game.guess = guess::all().get(selected).copied();
            state.game.revealed = true;
            state.overlays.clear();
            state.screen = Screen::Diagnosis;
            state.panes.scroll_to(Pane::Verdict, 0);
            Vec::new()
        }
        Overlay::Find(_) => {
            state.overlays.pop();
            Vec::new()
        }
        _ => Vec::new(),
    }
}

/// On to the password, or to the check.
fn log_in(state: &mut State, login: &LogIn) -> Vec<Effect> {
    if !login.is_whole() {
        if let Some(Overlay::LogIn(login)) = state.overlays.last_mut() {
            login.on_password = true;
        }
        return Vec::new();
    }
    state.overlays.pop();
    match login.login() {
        Ok(login) => {
            state.running = true;
            vec![Effect::Change(Change::LogIn(login))]
        }
        Err(error) => {
            state.complain(error.to_string());
            Vec::new()
        }
    }
}

/// A connection has ended: nobody can log in on it any more.
pub fn forget_login(state: &mut State) {
    let is_asked =
        |overlay: &Overlay| matches!(overlay, Overlay::Form(form) if form.is_of(Purpose::LogIn));
    state.overlays.retain(|overlay| !is_asked(overlay));
}

/// On to the recipient, or to the mail hosts. What was found of them stays until they answer.
fn name_envelope(state: &mut State, mut envelope: Box<Envelope>) -> Vec<Effect> {
    let was_on_to = envelope.on_to;
    let change = envelope.change();
    state.overlays.pop();
    let change = match change {
        Ok(change) if was_on_to => change,
        other => {
            match other {
                Ok(_) => envelope.on_to = true,
                Err(error) => envelope.complaint = Some(error.to_string()),
            }
            state.overlays.push(Overlay::Envelope(envelope));
            return Vec::new();
        }
    };
    if let Change::Envelope { from, to } = &change {
        state.case.from.clone_from(from);
        state.case.to.clone_from(to);
    }
    state.judge();
    state.running = true;
    state.say("asking the mail hosts about this mail, as far as RCPT TO");
    vec![Effect::Change(change), Effect::SaveCase]
}

fn play(state: &mut State, selected: usize) -> Vec<Effect> {
    let Some(scenario) = state.scenarios.get(selected) else {
        return Vec::new();
    };
    let scenario = scenario.name.clone();
    state.say("the practice world is coming up");
    vec![Effect::Play { scenario }]
}

fn answer(state: &mut State, confirm: Confirm, yes: bool) -> Vec<Effect> {
    state.overlays.pop();
    if !yes {
        return Vec::new();
    }
    if confirm
        .then
        .iter()
        .any(|effect| matches!(effect, Effect::Session(_)))
    {
        state.session.composing = false;
        state.session.focus = Pane::Command;
        state.session.waiting_since = Some(state.now.run_ms);
        state.session.command.set("");
        state.session.suggested.clear();
    }
    if confirm
        .then
        .iter()
        .any(|effect| matches!(effect, Effect::Try { .. }))
    {
        state.say("the test is under way; its outcome comes by itself");
    }
    let asks = |effect: &Effect| matches!(effect, Effect::Change(_));
    state.running |= confirm.then.iter().any(asks);
    confirm.then
}

fn step(state: &mut State, stepping: Stepping, yes: bool) -> Vec<Effect> {
    state.overlays.pop();
    match stepping.answered(yes) {
        Then::Next(next) => {
            state.overlays.push(Overlay::Stepping(next));
            Vec::new()
        }
        Then::Done(word) => {
            state
                .case
                .notes
                .push(format!("round trip through webmail, step by step: {word}").into());
            checklist::give(state, QuestionId::Webmail, word)
        }
    }
}

/// A click on a row of the overlay: it is taken.
pub fn click(state: &mut State, at: usize) -> Vec<Effect> {
    let was = super::selected(state, state.focus()).map(|(at, _)| at);
    super::select(state, at);
    // A form has a button; a second click on a row turns its word.
    if let Some(Overlay::Form(form)) = state.overlays.last_mut() {
        if was == Some(at) {
            form.turn(true);
        }
        return Vec::new();
    }
    let at_once = matches!(state.overlays.last(), Some(Overlay::Palette(_)));
    if at_once || was == Some(at) {
        return act(state, Action::Choose).unwrap_or_default();
    }
    Vec::new()
}
