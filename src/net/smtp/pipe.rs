//! A command's standard streams as a connection.

use crate::text::SafeText;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::io;
use std::pin::Pin;
use std::process::Stdio;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{
    AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, BufReader, ReadBuf,
};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// Octets of a line of the standard error that are shown, and lines.
const LONGEST: u64 = 1_000;
const MOST: usize = 200;
/// How long a command whose output has ended may take to end itself.
const GRACE: Duration = Duration::from_secs(1);

/// The command, to be kept while its streams are used. With it goes the whole process group.
#[derive(Debug)]
pub(super) struct Running {
    child: Child,
    /// What it writes to its standard error, line by line.
    complaints: Receiver<SafeText>,
}

impl Running {
    /// Starts `sh -c COMMAND`. It is the user's own command line; nothing from the network gets
    /// into it. In a process group of its own it cannot take keys from the screen, and ends whole.
    pub(super) fn start(command: &str) -> io::Result<(Self, Streams)> {
        let mut child = Command::new("/bin/sh")
            .arg("-c")
            .arg(command)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        let missing = || io::Error::other("the command has no standard streams");
        let streams = Streams {
            input: child.stdin.take(),
            output: child.stdout.take().ok_or_else(missing)?,
        };
        let errors = child.stderr.take().ok_or_else(missing)?;
        let (tell, complaints) = channel(16);
        tokio::spawn(listen(errors, tell));
        Ok((Self { child, complaints }, streams))
    }

    /// The next line of its standard error; pending for ever once there is none any more.
    /// Nothing is lost when it is dropped.
    pub(super) async fn complaint(&mut self) -> SafeText {
        match self.complaints.recv().await {
            Some(line) => line,
            None => std::future::pending().await,
        }
    }

    /// What it still has to say, now that one of its streams is closed. May be dropped.
    pub(super) async fn rest(&mut self, into: &mut Vec<SafeText>) {
        let complaints = &mut self.complaints;
        let rest = async {
            while let Some(line) = complaints.recv().await {
                into.push(line);
            }
        };
        // One that stays is killed when the session is dropped. Real time: it is a real process.
        let _ = tokio::time::timeout(GRACE, rest).await;
    }

    /// The same, and how it ended, now that its output has.
    pub(super) async fn last_words(&mut self, into: &mut Vec<SafeText>) {
        self.rest(into).await;
        // The child is not reaped yet: its number, and that of its group, are still its own.
        self.end();
        if let Ok(Ok(status)) = tokio::time::timeout(GRACE, self.child.wait()).await
            && !status.success()
        {
            into.push(format!("the command ended: {status}").into());
        }
    }

    fn end(&self) {
        let group = self.child.id().and_then(|id| i32::try_from(id).ok());
        if let Some(group) = group {
            // It may have ended by itself.
            let _ = killpg(Pid::from_raw(group), Signal::SIGTERM);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let group = self.child.id().and_then(|id| i32::try_from(id).ok());
        if let Some(group) = group {
            // It may have ended by itself.
            let _ = killpg(Pid::from_raw(group), Signal::SIGKILL);
        }
    }
}

async fn listen(errors: ChildStderr, tell: Sender<SafeText>) {
    let mut errors = BufReader::new(errors);
    for _ in 0..MOST {
        let mut line = Vec::new();
        match (&mut errors)
            .take(LONGEST)
            .read_until(b'\n', &mut line)
            .await
        {
            Ok(octets) if octets > 0 => {}
            _ => return,
        }
        while line
            .last()
            .is_some_and(|last| matches!(last, b'\r' | b'\n'))
        {
            line.pop();
        }
        if tell.send(SafeText::from_bytes(&line)).await.is_err() {
            return;
        }
    }
    let _ = tell
        .send("the command writes more to its standard error than is shown".into())
        .await;
    // Read on, lest it stands still.
    let _ = tokio::io::copy(&mut errors, &mut tokio::io::sink()).await;
}

/// Both directions.
#[derive(Debug)]
pub(super) struct Streams {
    /// None once it is closed: that is how a command learns of the end.
    input: Option<ChildStdin>,
    output: ChildStdout,
}

impl AsyncRead for Streams {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.output).poll_read(context, buffer)
    }
}

impl AsyncWrite for Streams {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut self.input {
            Some(input) => Pin::new(input).poll_write(context, octets),
            None => Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.input {
            Some(input) => Pin::new(input).poll_flush(context),
            None => Poll::Ready(Ok(())),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.input = None;
        Poll::Ready(Ok(()))
    }
}
