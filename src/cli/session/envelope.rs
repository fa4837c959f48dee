//! What is said in a session, as options: the protocol, the envelope with its parameters, the
//! login, and how far it goes.

use crate::cli::exit::{self, Failure};
use crate::cli::login;
use crate::cli::options::Options;
use crate::smtp::suggest::{Exposure, Plan};
use crate::smtp::{
    Attributes, Body, ForwardPath, HelloName, LocalError, Login, Notify, Parameter, Protocol, Ret,
    ReversePath, SaslMechanism, Stage, TlsPolicy,
};
use clap::Args;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::path::Path;
use std::time::Duration;

/// The stages that can be named, in their order.
const STAGES: [(&str, Stage); 8] = [
    ("connect", Stage::Connect),
    ("ehlo", Stage::Ehlo),
    ("starttls", Stage::StartTls),
    ("auth", Stage::Auth),
    ("mail", Stage::Mail),
    ("rcpt", Stage::Rcpt),
    ("data", Stage::Data),
    ("message", Stage::Message),
];

#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of the command line"
)]
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "What is said")]
pub(super) struct Envelope {
    /// esmtp (EHLO, else HELO), smtp (HELO alone), lmtp (LHLO)
    #[arg(long, value_name = "PROTOCOL", default_value_t, value_parser = read::<Protocol>)]
    protocol: Protocol,
    /// Parameter of MAIL as it is, such as HOLDFOR=60 (may be repeated)
    #[arg(long, value_name = "PARAMETER", value_parser = Parameter::new)]
    mail_param: Vec<Parameter>,
    /// Parameter of each RCPT as it is (may be repeated)
    #[arg(long, value_name = "PARAMETER", value_parser = Parameter::new)]
    rcpt_param: Vec<Parameter>,
    /// Announce this size, where it is not to be the message's own (SIZE)
    #[arg(long, value_name = "OCTETS")]
    size: Option<u64>,
    /// 7BIT, 8BITMIME or BINARYMIME
    #[arg(long = "mail-body", value_name = "BODY", value_parser = read::<Body>)]
    mail_body: Option<Body>,
    /// SMTPUTF8, where no address needs it
    #[arg(long)]
    smtputf8: bool,
    /// Refuse delivery where a hop has no verified TLS (REQUIRETLS)
    #[arg(long)]
    requiretls: bool,
    /// Deliver within so many seconds, else return (R) or tell (N)
    #[arg(long, value_name = "SECONDS;MODE", allow_hyphen_values = true)]
    deliver_by: Option<String>,
    /// From -9 to 9 (MT-PRIORITY)
    #[arg(long, value_name = "NUMBER", allow_hyphen_values = true)]
    priority: Option<i8>,
    /// Who wrote the mail, `<>` for nobody (AUTH= behind MAIL)
    #[arg(long, value_name = "IDENTITY")]
    mail_auth: Option<String>,
    /// When to report: never, or some of success,failure,delay
    #[arg(long, value_name = "WHEN", value_parser = read::<Notify>)]
    dsn_notify: Option<Notify>,
    /// What a report brings back: full or hdrs
    #[arg(long, value_name = "WHAT", value_parser = read::<Ret>)]
    dsn_ret: Option<Ret>,
    /// What reports call the message by
    #[arg(long, value_name = "ID")]
    dsn_envid: Option<String>,
    /// To whom the mail was first addressed
    #[arg(long, value_name = "ADDR")]
    dsn_orcpt: Option<String>,
    /// MAIL, RCPT and DATA in one go, where PIPELINING is offered
    #[arg(long)]
    pipeline: bool,
    /// An answer to the message for each recipient, where PRDR is offered and there are several
    #[arg(long)]
    prdr: bool,
    /// Whom the server is to take us for: "NAME=mx.example ADDR=192.0.2.1"
    #[arg(long, value_name = "ATTRIBUTES", value_parser = Attributes::new)]
    xclient: Option<Attributes>,
    /// Where the message is to have come from: "ADDR=192.0.2.1 HELO=a.example"
    #[arg(long, value_name = "ATTRIBUTES", value_parser = Attributes::new)]
    xforward: Option<Attributes>,
    /// Send the message also where some recipients are refused
    #[arg(long)]
    some_recipients_ok: bool,
    #[command(flatten)]
    login: LoginOptions,
    #[command(flatten)]
    extent: Extent,
}

#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "The login")]
struct LoginOptions {
    /// Log in by this mechanism, or by the best that is offered: auto
    #[arg(long, value_name = "MECHANISM", requires = "auth_user", value_parser = mechanism)]
    auth: Option<Wanted>,
    /// Log in as this user. The password, or token, comes from --password-file, the environment
    /// variable `SMTP_TUI_PASSWORD`, or is asked for
    #[arg(long, value_name = "USER")]
    auth_user: Option<String>,
    /// AUTH without an initial response
    #[arg(long, requires = "auth_user")]
    no_initial_response: bool,
    /// Log in also outside TLS
    #[arg(long, requires = "auth_user")]
    auth_in_clear: bool,
    /// Log in also where the certificate does not verify
    #[arg(long, requires = "auth_user")]
    unverified_login: bool,
}

/// How far the session goes, and whether it plays itself.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "How far it goes")]
struct Extent {
    /// Play the session to its end without a screen, with DATA and a message
    #[arg(long)]
    send: bool,
    /// Play it without a screen, as far as RCPT TO
    #[arg(long)]
    batch: bool,
    /// Play it, and say QUIT once this is answered: connect, ehlo, starttls, auth, mail, rcpt,
    /// data, message
    #[arg(long, value_name = "STAGE", value_parser = stage)]
    quit_after: Option<Stage>,
    /// Play it, and drop the connection without QUIT once this is answered
    #[arg(long, value_name = "STAGE", value_parser = stage, conflicts_with = "quit_after")]
    drop_after: Option<Stage>,
    /// Play it, and drop the connection once this is said, without hearing the answer
    #[arg(long, value_name = "STAGE", value_parser = stage, conflicts_with_all = ["quit_after", "drop_after"])]
    drop_after_send: Option<Stage>,
    /// Wait before this is said for the first time (may be repeated)
    #[arg(long, value_name = "STAGE=SECONDS", value_parser = wait)]
    wait: Vec<(Stage, Duration)>,
}

/// A mechanism; none for the best of those offered.
#[derive(Clone, Copy, Debug)]
struct Wanted(Option<SaslMechanism>);

fn read<T: std::str::FromStr>(text: &str) -> Result<T, String>
where
    T::Err: std::fmt::Display,
{
    text.parse().map_err(|error: T::Err| error.to_string())
}

fn mechanism(text: &str) -> Result<Wanted, String> {
    if text.eq_ignore_ascii_case("auto") {
        return Ok(Wanted(None));
    }
    read(text).map(|mechanism| Wanted(Some(mechanism)))
}

fn stage(text: &str) -> Result<Stage, String> {
    STAGES
        .iter()
        .find(|(word, _)| word.eq_ignore_ascii_case(text))
        .map(|(_, stage)| *stage)
        .ok_or_else(|| {
            let words: Vec<&str> = STAGES.iter().map(|(word, _)| *word).collect();
            format!("the stages are {}", words.join(", "))
        })
}

fn wait(text: &str) -> Result<(Stage, Duration), String> {
    let (word, seconds) = text
        .split_once('=')
        .ok_or("a stage, an = and seconds: mail=5")?;
    let seconds: u32 = seconds
        .parse()
        .map_err(|_| format!("`{seconds}` is no number of seconds"))?;
    Ok((stage(word)?, Duration::from_secs(u64::from(seconds))))
}

impl Envelope {
    /// Whether the session plays itself.
    pub(super) fn is_automatic(&self) -> bool {
        let extent = &self.extent;
        extent.send || extent.batch || self.last_stage().is_some()
    }

    /// Whether a password is needed, so that one may come from a file.
    pub(super) fn logs_in(&self) -> bool {
        self.login.auth_user.is_some()
    }

    pub(super) fn quit_after(&self) -> Option<Stage> {
        self.extent.quit_after
    }

    pub(super) fn drop_after(&self) -> Option<Stage> {
        self.extent.drop_after
    }

    pub(super) fn drop_after_send(&self) -> Option<Stage> {
        self.extent.drop_after_send
    }

    /// The stage that it is to go to, where one is named.
    fn last_stage(&self) -> Option<Stage> {
        let extent = &self.extent;
        let dropped = extent.drop_after.or(extent.drop_after_send);
        extent.quit_after.or(dropped)
    }

    pub(super) fn waits(&self) -> BTreeMap<Stage, Duration> {
        self.extent.wait.iter().copied().collect()
    }

    /// Whether a message is to be sent: what is asked for, or what the last stage needs.
    fn sends(&self) -> bool {
        self.extent.send || matches!(self.last_stage(), Some(Stage::Data | Stage::Message))
    }

    /// The plan of these options; the password is asked for here.
    pub(super) fn plan(
        &self,
        options: &Options,
        tls: TlsPolicy,
        password_file: Option<&Path>,
    ) -> Result<Plan, Failure> {
        let local = |error: LocalError| Failure::new(exit::DATA, error.to_string());
        let hello = match &options.ehlo {
            Some(name) => name.parse().map_err(local)?,
            None => own_name(),
        };
        let paths = |text: String| text.parse::<ForwardPath>();
        let to = options.to.iter().map(|to| paths(to.to_string()));
        let to: Vec<ForwardPath> = to.collect::<Result<_, _>>().map_err(local)?;
        let from = match &options.from {
            Some(from) => Some(from.path().map_err(local)?),
            // Mail from nobody is what a bounce is.
            None if !to.is_empty() => Some(ReversePath::Null),
            None => None,
        };
        if self.sends() && to.is_empty() {
            return Err(Failure::new(exit::USAGE, "a message needs a recipient")
                .hint("--to ADDR, several with a comma between them"));
        }
        Ok(Plan {
            protocol: self.protocol,
            tls,
            login: self.login(password_file)?,
            exposure: Exposure {
                in_clear: self.login.auth_in_clear,
                unverified: self.login.unverified_login,
            },
            xclient: self.xclient.clone(),
            xforward: self.xforward.clone(),
            from,
            mail: self.mail_parameters().map_err(local)?,
            to,
            rcpt: self.rcpt_parameters().map_err(local)?,
            // A person decides as they go.
            message: self.sends() || !self.is_automatic(),
            each_answered: self.prdr,
            pipelining: self.pipeline,
            every_recipient: !self.some_recipients_ok,
            ..Plan::new(hello)
        })
    }

    fn mail_parameters(&self) -> Result<Vec<Parameter>, LocalError> {
        let words = [(self.smtputf8, "SMTPUTF8"), (self.requiretls, "REQUIRETLS")];
        let words = words.into_iter().filter(|(wanted, _)| *wanted);
        let made = [
            self.size.map(Parameter::size),
            self.mail_body.map(Parameter::body),
            self.dsn_ret.map(Parameter::ret),
            self.dsn_envid.as_deref().map(Parameter::envid),
            self.mail_auth.as_deref().map(Parameter::auth),
            self.deliver_by.as_deref().map(Parameter::deliver_by),
            self.priority.map(Parameter::priority),
        ];
        made.into_iter()
            .flatten()
            .chain(words.map(|(_, word)| Parameter::new(word)))
            .chain(self.mail_param.iter().cloned().map(Ok))
            .collect()
    }

    fn rcpt_parameters(&self) -> Result<Vec<Parameter>, LocalError> {
        let made = [
            self.dsn_notify.map(Parameter::notify),
            self.dsn_orcpt.as_deref().map(Parameter::orcpt),
        ];
        made.into_iter()
            .flatten()
            .chain(self.rcpt_param.iter().cloned().map(Ok))
            .collect()
    }

    fn login(&self, password_file: Option<&Path>) -> Result<Option<Login>, Failure> {
        let Some(user) = &self.login.auth_user else {
            return Ok(None);
        };
        let local = |error| Failure::new(exit::DATA, format!("the login: {error}"));
        let asked = self.login.auth.and_then(|wanted| wanted.0);
        let login = if asked.is_none_or(SaslMechanism::needs_secret) {
            Login::new(user, login::password(user, password_file)?)
        } else {
            Login::external(user)
        };
        let login = login
            .map_err(local)?
            .with_initial(!self.login.no_initial_response);
        Ok(Some(match asked {
            Some(mechanism) => login.by(mechanism),
            None => login,
        }))
    }
}

/// This machine's name where it has a whole one; else the address, once it is known.
fn own_name() -> HelloName {
    gethostname::gethostname()
        .into_string()
        .ok()
        .filter(|name| name.contains('.'))
        .and_then(|name| name.parse().ok())
        .unwrap_or_else(|| HelloName::literal(Ipv4Addr::LOCALHOST.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser as _;

    #[derive(Debug, clap::Parser)]
    struct Line {
        #[command(flatten)]
        envelope: Envelope,
        #[command(flatten)]
        options: Options,
    }

    fn plan(arguments: &str) -> Result<Plan, String> {
        let words = std::iter::once("x").chain(arguments.split_whitespace());
        let line = Line::try_parse_from(words).map_err(|error| error.to_string())?;
        line.envelope
            .plan(&line.options, TlsPolicy::Optional, None)
            .map_err(|failure| failure.message)
    }

    #[test]
    fn options_become_parameters_in_their_form() {
        let plan = plan(
            "--from a@b.example --to c@d.example,e@d.example --size 9 --mail-body 8bitmime \
             --dsn-ret hdrs --dsn-envid a+b --mail-auth <> --deliver-by -5;N --priority -3 \
             --smtputf8 --requiretls --mail-param HOLDFOR=60 --dsn-notify never \
             --dsn-orcpt c@d.example --rcpt-param X=1 --send",
        )
        .unwrap();
        let words = |all: &[Parameter]| {
            let words: Vec<&str> = all.iter().map(Parameter::as_str).collect();
            words.join(" ")
        };
        assert_eq!(
            words(&plan.mail),
            "SIZE=9 BODY=8BITMIME RET=HDRS ENVID=a+2Bb AUTH=<> BY=-5;N MT-PRIORITY=-3 SMTPUTF8 \
             REQUIRETLS HOLDFOR=60"
        );
        assert_eq!(
            words(&plan.rcpt),
            "NOTIFY=NEVER ORCPT=rfc822;c@d.example X=1"
        );
        assert_eq!(plan.to.len(), 2);
        assert!(plan.message && plan.every_recipient);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for (arguments, words) in [
            ("--send", "needs a recipient"),
            ("--quit-after lunch", "the stages are connect"),
            ("--wait mail", "mail=5"),
            ("--protocol uucp", "esmtp, smtp or lmtp"),
            ("--auth PLAIN", "--auth-user"),
            ("--auth NTLM --auth-user a", "the mechanism is"),
            ("--mail-param a=b=c", "its value"),
            ("--xclient NAME", "a name in letters"),
            ("--quit-after mail --drop-after rcpt", "cannot be used"),
            ("--priority 10 --to a@b.example", "from -9 to 9"),
        ] {
            let said = plan(arguments).unwrap_err();
            assert!(said.contains(words), "{arguments}: {said}");
        }
    }

    #[test]
    fn without_a_sender_the_mail_is_nobodys_and_without_a_recipient_there_is_none() {
        assert_eq!(
            plan("--to a@b.example").unwrap().from,
            Some(ReversePath::Null)
        );
        assert_eq!(plan("").unwrap().from, None);
        assert_eq!(plan("--from <>").unwrap().from, Some(ReversePath::Null));
        assert!(!plan("--to a@b.example --batch").unwrap().message);
        assert!(plan("--to a@b.example --drop-after data").unwrap().message);
    }
}
