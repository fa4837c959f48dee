//! A message that was put together in an editor.

use super::dialogue::Live;
use crate::engine::message::{Error, Outline};
use crate::net::smtp::Source;
use crate::smtp::state::State;
use crate::smtp::{Command, ForwardPath, ReversePath, Transfer};

impl Live<'_> {
    /// Opens it before anything is said: a file that cannot be read stops nothing half way.
    pub(super) async fn send(&mut self, outline: &Outline) {
        let (from, to) = self.envelope();
        let hello = self.plan.hello.as_str().to_owned();
        let done = match opened(outline, &hello, &from, &to).await {
            Ok(source) => self.begin(source),
            Err(error) => Err(error.to_string()),
        };
        if let Err(why) = done {
            self.refuse(&why);
            self.ready();
        }
    }

    /// What the server has taken counts, whoever said it.
    fn envelope(&self) -> (ReversePath, Vec<ForwardPath>) {
        let given = self.plan.from.clone().unwrap_or(ReversePath::Null);
        let from = match self.sender.as_str() {
            "" => given,
            taken => taken.parse().unwrap_or(given),
        };
        let taken = self.wire.session().recipients().iter();
        (from, taken.filter_map(|path| path.parse().ok()).collect())
    }

    fn begin(&mut self, source: Source) -> Result<(), String> {
        let session = self.wire.session();
        let offered = session.extensions();
        if let Some(keyword) = source.lacks(offered) {
            return Err(format!(
                "this message needs {keyword}, which is not offered"
            ));
        }
        let by_chunks = source.transfer(offered) != Transfer::Data;
        let done = if session.state() == State::AwaitData || by_chunks {
            self.wire.send_message(source)
        } else {
            self.waiting = Some(source);
            self.wire
                .say(|session, now| session.send(&Command::Data, now))
                .inspect_err(|_| self.waiting = None)
        };
        done.map_err(|error| error.to_string())
    }
}

async fn opened(
    outline: &Outline,
    hello: &str,
    from: &ReversePath,
    to: &[ForwardPath],
) -> Result<Source, Error> {
    outline.letter(from)?.stamped(hello, from, to).await
}
