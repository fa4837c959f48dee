//! Who logs in, and how. What is typed here lives as long as the form and the connection.

use super::{Entry, Form, Purpose, Row};
use crate::case::Target;
use crate::knowledge::mechanism::mechanism;
use crate::smtp::suggest::Exposure;
use crate::smtp::{Extensions, Login, SaslMechanism};
use crate::text::Secret;
use crate::tui::effect::Effect;
use crate::tui::overlay::Overlay;
use crate::tui::screen::session;
use crate::tui::state::State;
use crate::tui::widget::SecretField;

const MECHANISM: &str = "mechanism";
const USER: &str = "user";
const SECRET: &str = "secret";
const INITIAL: &str = "initial";
const PLACE: &str = "place";

/// The mechanisms in the order of the row, those that are offered first.
fn mechanisms(state: &State) -> (Vec<SaslMechanism>, usize) {
    let offered = state.session.standing.extensions.as_ref();
    let offered = offered.map(Extensions::mechanisms).unwrap_or_default();
    let is_offered = |own: &SaslMechanism| offered.iter().any(|offer| *offer == own.name());
    let (mut first, mut rest): (Vec<_>, Vec<_>) = SaslMechanism::all().partition(is_offered);
    let count = first.len();
    first.append(&mut rest);
    (first, count)
}

pub(super) fn form(state: &State) -> Form {
    // The address that the case is about is most often the user name.
    let target = state.case.target.as_ref().and_then(Target::address);
    let user = target.map_or_else(String::new, |address| address.to_string());
    let (mechanisms, offered) = mechanisms(state);
    let words = mechanisms.iter().enumerate().map(|(at, own)| {
        let beside = if at < offered {
            "offered"
        } else {
            "not offered"
        };
        format!("{own} ({beside})")
    });
    let words = std::iter::once("the best that is offered".to_owned()).chain(words);
    let rows = vec![
        Row::choice(MECHANISM, "Mechanism", words.collect(), 0, ""),
        Row::text(
            USER,
            "User name",
            &user,
            "often the whole address",
            "As the server knows the account; often the whole address.",
        ),
        Row {
            key: SECRET,
            label: "Password",
            help: String::new(),
            entry: Entry::Secret(SecretField::default()),
        },
        Row::choice(
            INITIAL,
            "Initial response",
            vec![
                "sent with AUTH".to_owned(),
                "left out: AUTH alone".to_owned(),
            ],
            0,
            "With it the first answer stands in AUTH itself (RFC 4954 section 4). Some old servers understand \
             only AUTH alone. LOGIN and CRAM-MD5 have none: there the server speaks first.",
        ),
        Row::choice(
            PLACE,
            "It may go",
            vec![
                "through TLS that verifies".to_owned(),
                "through TLS, verified or not".to_owned(),
                "anywhere, also in clear".to_owned(),
            ],
            0,
            "Where the password may go. A certificate that does not verify may be somebody else's; \
             in clear everybody on the way can read along. In clear and by default, only mechanisms \
             that do not show the password are used.",
        ),
    ];
    let mut form = Form::new(Purpose::LogIn, rows);
    form.select(if user.is_empty() { USER } else { SECRET });
    explain(&mut form);
    form
}

/// The mechanism that is chosen; none for the best.
fn asked(form: &Form) -> Option<SaslMechanism> {
    let word = form.value(MECHANISM);
    word.split(' ').next()?.parse().ok()
}

/// What depends on the mechanism.
pub(super) fn explain(form: &mut Form) {
    let asked = asked(form);
    let known = asked.and_then(|own| mechanism(own.name()));
    let about = known.map_or_else(
        || {
            "Of those that take a password: SCRAM-SHA-256, SCRAM-SHA-1, PLAIN, LOGIN, CRAM-MD5, in \
             this order. One that is not offered is sent all the same when it is chosen."
                .to_owned()
        },
        |known| format!("{} ({})", known.means, known.source),
    );
    let (label, help) = match asked {
        Some(SaslMechanism::External) => (
            "No password",
            "EXTERNAL takes none. The user name may be empty too: then the certificate names it.",
        ),
        Some(SaslMechanism::Xoauth2 | SaslMechanism::OauthBearer) => (
            "Token",
            "The access token that the provider gave out for this account. It is not shown, and \
             kept nowhere.",
        ),
        _ => (
            "Password",
            "It is not shown, and kept nowhere. Ctrl-U takes it all back.",
        ),
    };
    for row in &mut form.rows {
        match row.key {
            MECHANISM => row.help.clone_from(&about),
            SECRET => {
                row.label = label;
                help.clone_into(&mut row.help);
            }
            _ => {}
        }
    }
}

fn secret(form: &Form) -> Secret {
    match form.row(SECRET).map(|row| &row.entry) {
        Some(Entry::Secret(secret)) => secret.secret(),
        _ => Secret::new(String::new()),
    }
}

pub(super) fn take(state: &mut State, mut form: Box<Form>) -> Vec<Effect> {
    let asked = asked(&form);
    let user = form.value(USER);
    let secret = secret(&form);
    let needs = asked.is_none_or(SaslMechanism::needs_secret);
    // On to what is missing; Enter in a whole form takes it.
    let missing = match (user.is_empty(), secret.expose().is_empty()) {
        (true, _) => Some(USER),
        (_, true) => Some(SECRET),
        _ => None,
    };
    if let Some(key) = missing.filter(|_| needs) {
        form.complaint = None;
        form.select(key);
        state.overlays.push(Overlay::Form(form));
        return Vec::new();
    }
    let login = if needs {
        Login::new(&user, secret)
    } else {
        Login::external(&user)
    };
    let login = match login {
        Ok(login) => login.with_initial(form.chosen(INITIAL) == 0),
        Err(error) => {
            form.complain(USER, error.to_string());
            state.overlays.push(Overlay::Form(form));
            return Vec::new();
        }
    };
    let login = match asked {
        Some(mechanism) => login.by(mechanism),
        None => login,
    };
    let exposure = Exposure {
        unverified: form.chosen(PLACE) > 0,
        in_clear: form.chosen(PLACE) > 1,
    };
    session::log_in(state, login, exposure)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mechanism_is_explained() {
        for own in SaslMechanism::all() {
            let known = mechanism(own.name()).unwrap_or_else(|| panic!("{own}"));
            assert!(known.means.ends_with('.'), "{known:?}");
        }
    }
}
