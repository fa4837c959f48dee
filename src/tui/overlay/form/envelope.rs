//! The envelope of the live session: sender, recipients, and the parameters of MAIL and RCPT.

use super::{Form, Purpose, Row};
use crate::knowledge::parameter::{KnownParameter, parameters_of};
use crate::knowledge::stage::Stage;
use crate::smtp::suggest::Envelope;
use crate::smtp::{ForwardPath, LocalError, Parameter, ReversePath};
use crate::tui::effect::Effect;
use crate::tui::overlay::Overlay;
use crate::tui::screen::session::{self, MORE_MAIL, MORE_RCPT, PIPELINING};
use crate::tui::state::State;

const FROM: &str = "from";
const TO: &str = "to";
const CHUNKING: &str = "CHUNKING";
/// What is chosen for PIPELINING.
pub const IN_ONE_GO: &str = "all in one go";
/// What is chosen where a parameter is left out.
const NONE: &str = "-";

pub(super) fn form(state: &State) -> Form {
    let (from, to) = session::planned(state);
    let mut rows = vec![
        Row::text(
            FROM,
            "MAIL FROM",
            &from,
            "<>",
            "The sender: bounces go to this address. Empty, or <>, is the sender of bounces \
             themselves, which nobody is to answer (RFC 5321 section 4.5.5).",
        ),
        Row::text(
            TO,
            "RCPT TO",
            &to,
            "somebody@the-domain",
            "The recipients, with a comma between them; each is asked for by an RCPT TO of its own.",
        ),
    ];
    for (key, words, about) in [
        (
            PIPELINING,
            ["one after another", IN_ONE_GO],
            "Whether MAIL and every RCPT go at once, and the replies are read behind them (RFC \
             2920).",
        ),
        (
            CHUNKING,
            ["DATA", "BDAT, in chunks"],
            "How the message goes: DATA up to a dot, or BDAT with its size told before (RFC 3030).",
        ),
    ] {
        let help = format!("{about} {}", offered(state, key));
        let words = words.map(str::to_owned).to_vec();
        rows.push(Row::choice(key, key, words, 0, &help));
    }
    for stage in [Stage::Rcpt, Stage::Mail] {
        rows.extend(parameters_of(stage).filter_map(|known| row(state, known)));
    }
    for (key, label, verb) in [
        (MORE_MAIL, "other, MAIL", "MAIL FROM"),
        (MORE_RCPT, "other, RCPT", "each RCPT TO"),
    ] {
        let help = format!(
            "Any other parameter behind {verb}, as it is to be sent: KEYWORD or KEYWORD=value, \
             with a space between two."
        );
        rows.push(Row::text(key, label, "", "KEYWORD=value", &help));
    }
    let mut form = Form::new(Purpose::Envelope, rows);
    for (key, value) in &state.session.envelope_typed {
        put(&mut form, key, value);
    }
    form
}

/// What was filled in before.
fn put(form: &mut Form, key: &str, value: &str) {
    let Some(row) = form.rows.iter_mut().find(|row| row.key == key) else {
        return;
    };
    match &mut row.entry {
        super::Entry::Text { field, .. } => {
            field.set(value);
            field.to_end();
        }
        super::Entry::Choice { words, at } => {
            *at = words.iter().position(|own| own == value).unwrap_or(*at);
        }
        super::Entry::Secret(_) => {}
    }
}

fn row(state: &State, known: &'static KnownParameter) -> Option<Row> {
    let entry = known.entry.as_ref()?;
    let key = known.parameter.as_str();
    let help = format!(
        "{} ({}) {}",
        entry.means,
        known.source,
        offered(state, &known.extension)
    );
    if entry.words.is_empty() {
        return Some(Row::text(key, key, "", "", &help)).map(|mut row| {
            if let super::Entry::Text { hint, .. } = &mut row.entry {
                *hint = format!("{NONE}   such as {}", entry.hint);
            }
            row
        });
    }
    // The keyword stands beside it already.
    let shown = entry.words.iter().map(|word| match word.split_once('=') {
        Some((_, value)) => value.to_owned(),
        None => "yes".to_owned(),
    });
    let words = std::iter::once(NONE.to_owned()).chain(shown);
    Some(Row::choice(key, key, words.collect(), 0, &help))
}

/// Whether this server has it.
fn offered(state: &State, extension: &str) -> String {
    match &state.session.standing.extensions {
        Some(offered) if offered.has(extension) => format!("{extension} is offered here."),
        Some(_) => format!("{extension} is not offered here: it breaks a rule to use it."),
        None => format!("Whether {extension} is offered, the answer to EHLO tells."),
    }
}

/// The parameters of a command, from their rows; the key of the row that is wrong, and why.
fn parameters(
    form: &Form,
    stage: Stage,
    more: &'static str,
) -> Result<Vec<Parameter>, (&'static str, LocalError)> {
    let mut all = Vec::new();
    for known in parameters_of(stage) {
        let Some(entry) = &known.entry else { continue };
        let key = known.parameter.as_str();
        let value = form.value(key);
        if value.is_empty() || value == NONE {
            continue;
        }
        let chosen = form.chosen(key).checked_sub(1);
        let made = match chosen.and_then(|at| entry.words.get(at)) {
            Some(whole) => Parameter::new(whole),
            None => Parameter::typed(key, &value),
        };
        all.push(made.map_err(|error| (key, error))?);
    }
    for word in form.value(more).split_whitespace() {
        all.push(Parameter::new(word).map_err(|error| (more, error))?);
    }
    Ok(all)
}

fn envelope(form: &Form) -> Result<Envelope, (&'static str, LocalError)> {
    let from: ReversePath = form.value(FROM).parse().map_err(|error| (FROM, error))?;
    let to = form.value(TO);
    let to = to.split(',').map(str::trim).filter(|path| !path.is_empty());
    let to: Result<Vec<ForwardPath>, _> = to.map(str::parse).collect();
    Ok(Envelope {
        from,
        mail: parameters(form, Stage::Mail, MORE_MAIL)?,
        to: to.map_err(|error| (TO, error))?,
        rcpt: parameters(form, Stage::Rcpt, MORE_RCPT)?,
        pipelining: form.chosen(PIPELINING) > 0,
        chunks: form.chosen(CHUNKING) > 0,
    })
}

pub(super) fn take(state: &mut State, mut form: Box<Form>) -> Vec<Effect> {
    match envelope(&form) {
        Ok(envelope) => {
            let rows = form
                .rows
                .iter()
                .filter(|row| ![FROM, TO].contains(&row.key));
            let typed = rows.map(|row| (row.key, form.value(row.key))).collect();
            session::envelope_given(state, envelope, typed)
        }
        Err((key, error)) => {
            form.complain(key, error.to_string());
            state.overlays.push(Overlay::Form(form));
            Vec::new()
        }
    }
}
