//! What the server does about a line.

/// What the server does about a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Turn {
    /// Lines without their CRLF.
    pub(super) reply: Vec<String>,
    pub(super) next: Next,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    Command,
    /// The message follows, up to the dot.
    Message,
    /// So many octets of the message follow (RFC 3030 section 2).
    Chunk {
        octets: u64,
        last: bool,
    },
    /// The TLS handshake follows.
    Handshake,
    /// The TLS handshake follows, and then the lines that were sent before it in clear.
    HandshakeWithRest,
    /// A handshake follows for which this server is too old.
    OldHandshake,
    /// Bytes follow that are no handshake.
    Garbage,
    /// The connection is closed.
    Close,
}

impl Turn {
    pub(super) fn say(line: impl Into<String>) -> Self {
        Self::lines(vec![line.into()])
    }

    pub(super) fn lines(reply: Vec<String>) -> Self {
        // 421 announces that the connection will be closed (RFC 5321 section 3.8).
        let closes = reply.iter().any(|line| line.starts_with("421"));
        Self {
            next: if closes { Next::Close } else { Next::Command },
            reply,
        }
    }

    /// The same reply, and this next, unless the reply closes the connection.
    pub(super) fn then(mut self, next: Next) -> Self {
        if self.next == Next::Command {
            self.next = next;
        }
        self
    }

    pub(super) fn hang_up() -> Self {
        Self {
            reply: Vec::new(),
            next: Next::Close,
        }
    }

    /// Whether the reply says yes.
    pub(super) fn is_positive(&self) -> bool {
        self.reply.last().is_some_and(|line| line.starts_with('2'))
    }
}
