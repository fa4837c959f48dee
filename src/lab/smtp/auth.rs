//! Logging in: AUTH PLAIN (RFC 4616) and LOGIN.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A login under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Login {
    /// The response of PLAIN is still to come.
    Plain,
    /// The user name of LOGIN is still to come.
    User,
    /// The password of this user is still to come.
    Password(String),
}

/// What follows from a line of the login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// A 334 with this text, and then the next line.
    Ask(&'static str, Login),
    Tried {
        user: String,
        password: String,
    },
    /// The client gave up, or sent what is no response.
    Broken(&'static str),
}

/// `AUTH` with its argument.
pub(super) fn begin(argument: &str) -> Progress {
    let mut words = argument.split_ascii_whitespace();
    let mechanism = words.next().unwrap_or_default().to_ascii_uppercase();
    match (mechanism.as_str(), words.next()) {
        ("PLAIN", None) => Progress::Ask("", Login::Plain),
        ("PLAIN", Some(response)) => go_on(Login::Plain, response),
        ("LOGIN", None) => Progress::Ask("VXNlcm5hbWU6", Login::User),
        ("LOGIN", Some(response)) => go_on(Login::User, response),
        _ => Progress::Broken("504 5.5.4 Unrecognised authentication type"),
    }
}

/// The client's answer to a 334.
pub(super) fn go_on(login: Login, line: &str) -> Progress {
    if line == "*" {
        return Progress::Broken("501 5.7.0 Authentication cancelled");
    }
    let decoded = STANDARD
        .decode(line)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok());
    let Some(text) = decoded else {
        return Progress::Broken("501 5.5.2 Cannot decode the response");
    };
    match login {
        Login::User => Progress::Ask("UGFzc3dvcmQ6", Login::Password(text)),
        Login::Password(user) => Progress::Tried {
            user,
            password: text,
        },
        Login::Plain => match text.split('\0').collect::<Vec<_>>()[..] {
            [_, user, password] => Progress::Tried {
                user: user.to_owned(),
                password: password.to_owned(),
            },
            _ => Progress::Broken("501 5.5.2 Cannot decode the response"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn understands_plain_and_login() {
        let tried = Progress::Tried {
            user: "ann".into(),
            password: "pw".into(),
        };
        assert_eq!(begin("PLAIN AGFubgBwdw=="), tried);
        assert_eq!(begin("plain"), Progress::Ask("", Login::Plain));
        assert_eq!(begin("LOGIN"), Progress::Ask("VXNlcm5hbWU6", Login::User));
        let Progress::Ask(_, login) = go_on(Login::User, "YW5u") else {
            panic!("the password is asked for");
        };
        assert_eq!(go_on(login, "cHc="), tried);
        assert!(matches!(go_on(Login::Plain, "*"), Progress::Broken(_)));
        assert!(matches!(begin("CRAM-MD5"), Progress::Broken(_)));
    }
}
