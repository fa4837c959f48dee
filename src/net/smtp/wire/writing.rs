//! Octets to the server, and what it said before it hung up.

use super::{BUFFER, Wire};
use crate::net::tls;
use crate::smtp::{How, Session};
use std::io;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// How long what a closing server still had to say is read.
pub(super) const LAST_WORDS: Duration = Duration::from_secs(2);

pub(super) enum Written {
    All,
    TooSlow,
    Failed(io::Error),
}

impl Wire {
    /// Gives the session the next block of the message, if it wants one.
    pub(super) async fn supply(&mut self) -> bool {
        if !self.session.is_supplied() {
            self.source = None;
        }
        let Some(source) = self.source.as_mut().filter(|_| self.session.wants_block()) else {
            return false;
        };
        match source.block().await {
            Ok(Some(block)) => self.say(|session, now| session.supply_block(&block, now)),
            Ok(None) => self.say(Session::end_message),
            Err(error) => {
                // Without its end the server throws the message away.
                self.stream = None;
                self.source = None;
                let why = format!("the message could not be read to its end: {error}");
                let now = self.now();
                self.session.handle_closed(now, How::Broken(why.into()));
                return false;
            }
        }
        true
    }

    pub(super) async fn write(&mut self, octets: &[u8], deadline: Duration) -> Written {
        let clock = *self.network.clock();
        let began = self.began;
        let Some(stream) = &mut self.stream else {
            return Written::Failed(io::ErrorKind::NotConnected.into());
        };
        let work = async {
            stream.write_all(octets).await?;
            stream.flush().await
        };
        tokio::select! {
            written = work => written.map_or_else(Written::Failed, |()| Written::All),
            () = clock.sleep_until(began + deadline) => Written::TooSlow,
        }
    }

    /// A write failed: what the server said before it hung up often says why.
    pub(super) async fn last_words(&mut self, error: &io::Error) {
        let until = self.clock().elapsed() + LAST_WORDS;
        let mut buffer = vec![0; BUFFER];
        let mut how = how(error);
        while let Some(stream) = &mut self.stream {
            let left = until.saturating_sub(self.network.clock().elapsed());
            let read = self
                .network
                .clock()
                .timeout(left, stream.read(&mut buffer))
                .await;
            match read {
                Ok(Ok(octets)) if octets > 0 => {
                    let now = self.now();
                    self.session
                        .receive(buffer.get(..octets).unwrap_or_default(), now);
                }
                read => {
                    // An alert of TLS says more than that nothing can be written any more.
                    if let Ok(Err(error)) = read
                        && let Some(why) = tls::alert(&error)
                    {
                        how = How::Broken(why.into());
                    }
                    self.stream = None;
                }
            }
        }
        self.command_ended().await;
        let now = self.now();
        self.session.handle_closed(now, how);
    }
}

pub(super) fn how(error: &io::Error) -> How {
    match error.kind() {
        // rustls' word for a close without close_notify: many servers do it.
        io::ErrorKind::UnexpectedEof => How::ByServer,
        _ => How::Broken(
            tls::alert(error)
                .unwrap_or_else(|| error.to_string())
                .into(),
        ),
    }
}
