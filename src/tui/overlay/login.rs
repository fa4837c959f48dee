//! Who logs in at the submission port, for a check. What is typed here lives as long as the
//! overlay and what uses it.

use crate::case::Target;
use crate::smtp::{LocalError, Login};
use crate::tui::state::{Pane, State};
use crate::tui::widget::{Field, SecretField};

#[derive(Clone, Debug)]
pub struct LogIn {
    pub user: Field,
    pub password: SecretField,
    pub on_password: bool,
}

impl LogIn {
    /// The address that the case is about is most often the user name.
    pub(super) fn new(state: &State) -> Self {
        let target = state.case.target.as_ref();
        let user = target
            .and_then(Target::address)
            .map(|address| address.to_string())
            .unwrap_or_default();
        Self {
            user: Field::line(&user),
            password: SecretField::default(),
            on_password: !user.is_empty(),
        }
    }

    pub(super) fn pane(&self) -> Pane {
        if self.on_password {
            Pane::LoginPassword
        } else {
            Pane::LoginUser
        }
    }

    /// Both are typed.
    pub(super) fn is_whole(&self) -> bool {
        !self.user.text().trim().is_empty() && !self.password.is_empty()
    }

    pub(super) fn login(&self) -> Result<Login, LocalError> {
        Login::new(self.user.text().trim(), self.password.secret())
    }
}

/// The key of the check that can be asked again with a login.
const CHECK: &str = "submission.ports";

/// Whether there is a submission port to log in to.
pub fn is_possible(state: &State) -> bool {
    state.case.checks.iter().any(|check| check.key.0 == CHECK)
}
