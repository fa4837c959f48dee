//! What the user is after.

use crate::smtp::command::{Attributes, Body, Command, Parameter};
use crate::smtp::extension::Extensions;
use crate::smtp::login::Login;
use crate::smtp::name::HelloName;
use crate::smtp::path::{ForwardPath, Mailbox, ReversePath};
use crate::smtp::protocol::Protocol;
use crate::smtp::tls::Policy as TlsPolicy;

/// What the user is after. [`Plan::new`] is a hello and a goodbye; the rest is set.
#[expect(clippy::struct_excessive_bools, reason = "each is a wish of its own")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub hello: HelloName,
    pub protocol: Protocol,
    pub tls: TlsPolicy,
    /// Who logs in, inside TLS unless `exposure` says otherwise. A mechanism that is named is
    /// tried whether it is offered or not.
    pub login: Option<Login>,
    pub exposure: Exposure,
    /// Whom the server is to take us for.
    pub xclient: Option<Attributes>,
    /// Where the message is to have come from.
    pub xforward: Option<Attributes>,
    /// None: no envelope is sent.
    pub from: Option<ReversePath>,
    /// Parameters of MAIL, as they are, whatever is offered. SIZE, BODY and SMTPUTF8 are added
    /// by themselves where they are needed, offered, and not among these.
    pub mail: Vec<Parameter>,
    pub to: Vec<ForwardPath>,
    /// Parameters of each RCPT, as they are.
    pub rcpt: Vec<Parameter>,
    pub needs: Needs,
    /// Go on to DATA; else the transaction ends with RSET once the recipients are answered.
    pub message: bool,
    /// The message by BDAT, where CHUNKING is offered (RFC 3030).
    pub chunks: bool,
    /// An answer to the message for each of several recipients, where PRDR is offered
    /// (draft-hall-prdr).
    pub each_answered: bool,
    /// MAIL, RCPT and DATA in one go, where PIPELINING is offered.
    pub pipelining: bool,
    /// Send nothing unless every recipient was accepted.
    pub every_recipient: bool,
}

/// The part of a plan that MAIL, RCPT and the way of the message are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    pub from: ReversePath,
    /// Parameters of MAIL.
    pub mail: Vec<Parameter>,
    pub to: Vec<ForwardPath>,
    /// Parameters of each RCPT.
    pub rcpt: Vec<Parameter>,
    pub pipelining: bool,
    pub chunks: bool,
}

/// Where a password may go beside TLS with a certificate that verifies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exposure {
    pub in_clear: bool,
    /// Held by whoever drives the session: they saw the certificate.
    pub unverified: bool,
}

/// What the message asks of the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Its size; none where it is not known yet.
    pub octets: Option<u64>,
    /// Octets above 127 are in it.
    pub eight_bit: bool,
    /// It is no lines of text (RFC 3030 section 3); by BDAT alone.
    pub binary: bool,
}

impl Plan {
    pub fn new(hello: HelloName) -> Self {
        Self {
            hello,
            protocol: Protocol::default(),
            tls: TlsPolicy::default(),
            login: None,
            exposure: Exposure::default(),
            xclient: None,
            xforward: None,
            from: None,
            mail: Vec::new(),
            to: Vec::new(),
            rcpt: Vec::new(),
            needs: Needs::default(),
            message: false,
            chunks: false,
            each_answered: false,
            pipelining: false,
            every_recipient: false,
        }
    }

    /// Takes another envelope.
    pub fn envelope(&mut self, envelope: Envelope) {
        self.from = Some(envelope.from);
        self.mail = envelope.mail;
        self.to = envelope.to;
        self.rcpt = envelope.rcpt;
        self.pipelining = envelope.pipelining;
        self.chunks = envelope.chunks;
    }

    pub(crate) fn mail_command(&self, from: &ReversePath, offered: Option<&Extensions>) -> Command {
        let mut parameters = self.mail.clone();
        let has = |keyword| self.mail.iter().any(|own| own.is(keyword));
        let offers = |keyword| offered.is_some_and(|all| all.has(keyword)) && !has(keyword);
        if let Some(octets) = self.needs.octets.filter(|_| offers("SIZE")) {
            parameters.extend(Parameter::size(octets));
        }
        if self.needs.binary && self.goes_by_chunks(offered) && offers("BINARYMIME") {
            parameters.extend(Parameter::body(Body::BinaryMime));
        } else if self.needs.eight_bit && offers("8BITMIME") && !has("BODY") {
            parameters.extend(Parameter::body(Body::EightBitMime));
        }
        if self.needs_smtputf8() && offers("SMTPUTF8") {
            parameters.extend(Parameter::new("SMTPUTF8"));
        }
        if self.each_answered && self.message && self.to.len() > 1 && offers("PRDR") {
            parameters.extend(Parameter::new("PRDR"));
        }
        Command::Mail {
            from: from.clone(),
            parameters,
        }
    }

    pub(super) fn rcpt_command(&self, to: &ForwardPath) -> Command {
        Command::Rcpt {
            to: to.clone(),
            parameters: self.rcpt.clone(),
        }
    }

    /// Whether the message goes by BDAT to a server that offers as much.
    pub(super) fn goes_by_chunks(&self, offered: Option<&Extensions>) -> bool {
        self.chunks && offered.is_some_and(|all| all.has("CHUNKING"))
    }

    fn needs_smtputf8(&self) -> bool {
        let from = self.from.iter().filter_map(ReversePath::mailbox);
        let to = self.to.iter().filter_map(ForwardPath::mailbox);
        from.chain(to).any(Mailbox::needs_smtputf8)
    }
}
