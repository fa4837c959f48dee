//! What a line that is being typed could become.

use crate::knowledge::parameter::parameters_of;
use crate::smtp::sasl::SaslMechanism;
use crate::smtp::session::Session;
use crate::smtp::stage::Stage;

/// Whole lines that go on from what was typed, in the order of use: the verbs that are legal
/// here, the mechanisms behind AUTH, the parameters behind an address. Empty where nothing is
/// known to follow.
pub fn completions(session: &Session, typed: &str) -> Vec<String> {
    let Some((verb, rest)) = typed.split_once(' ') else {
        return begun_with(typed, permitted(session));
    };
    match Stage::of_line(verb) {
        Stage::Auth if !rest.contains(' ') => {
            let all = SaslMechanism::all().map(|mechanism| mechanism.name().to_owned());
            let lines = match session.extensions() {
                Some(offered) => offered
                    .mechanisms()
                    .into_iter()
                    .map(crate::text::SafeText::into_string)
                    .collect(),
                None => all.collect::<Vec<_>>(),
            };
            begun_with(
                typed,
                lines.into_iter().map(|name| format!("{verb} {name}")),
            )
        }
        Stage::Help if !rest.contains(' ') => {
            let verbs = Stage::verbs().map(|known| format!("{verb} {known}"));
            begun_with(typed, verbs)
        }
        stage @ (Stage::Mail | Stage::Rcpt) => path_or_parameter(session, stage, typed),
        stage @ (Stage::Xclient | Stage::Xforward) => {
            let offered = stage
                .verb()
                .and_then(|name| session.extensions()?.get(name));
            let names = offered.map_or(&[][..], |keyword| &keyword.parameters);
            with_last_word(typed, names.iter().map(|name| format!("{name}=")))
        }
        _ => Vec::new(),
    }
}

/// The verbs that the state permits and, where an extension is needed, the server offers.
pub(in crate::smtp) fn permitted(session: &Session) -> impl Iterator<Item = String> {
    let offered = |stage: Stage| {
        let name = match stage {
            Stage::StartTls | Stage::Auth | Stage::Etrn | Stage::Xclient | Stage::Xforward => {
                stage.verb().unwrap_or_default()
            }
            _ => return true,
        };
        session.extensions().is_some_and(|all| all.has(name))
    };
    session
        .state()
        .permitted()
        .iter()
        .filter(move |stage| {
            offered(**stage) && !(**stage == Stage::StartTls && session.is_encrypted())
        })
        .filter_map(|stage| stage.verb())
        .map(str::to_owned)
}

fn path_or_parameter(session: &Session, stage: Stage, typed: &str) -> Vec<String> {
    let label = if stage == Stage::Mail {
        "MAIL FROM:<"
    } else {
        "RCPT TO:<"
    };
    if typed.contains("> ") {
        let known = parameters_of(stage).filter(|row| {
            session
                .extensions()
                .is_some_and(|offered| offered.has(&row.extension))
        });
        let words = known.map(|row| match (row.value.as_deref(), row.parameter.as_str()) {
            (_, bare @ ("SMTPUTF8" | "REQUIRETLS")) => bare.to_owned(),
            (Some(value), name) => format!("{name}={value}"),
            (None, name) => format!("{name}="),
        });
        return with_last_word(typed, words);
    }
    begun_with(typed, std::iter::once(label.to_owned()))
}

fn with_last_word(typed: &str, words: impl Iterator<Item = String>) -> Vec<String> {
    let (before, _) = typed.rsplit_once(' ').unwrap_or(("", typed));
    begun_with(typed, words.map(|word| format!("{before} {word}")))
}

fn begun_with(typed: &str, lines: impl Iterator<Item = String>) -> Vec<String> {
    let begins = |line: &String| {
        line.get(..typed.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(typed))
    };
    lines
        .filter(|line| line.len() > typed.len())
        .filter(begins)
        .collect()
}
