//! A session once more: what the client said in a transcript, to be said to another host.

use crate::case::{From, Line};
use crate::smtp::{MASK, Stage};
use std::collections::VecDeque;

/// What is said in one go; then a reply is awaited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Lines that went out without a reply between them.
    Lines(Vec<String>),
    StartTls,
    /// AUTH and its answers. Its secrets are in no transcript.
    LogIn,
    /// DATA and the message, which a transcript does not hold.
    Message,
}

/// The steps that are still to be played.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Repeat {
    steps: VecDeque<Step>,
}

impl Repeat {
    /// The client's side of `lines`.
    pub fn of(lines: &[Line]) -> Self {
        let mut repeat = Self::default();
        let mut in_one_go = false;
        let mut in_message = false;
        for (at, line) in lines.iter().enumerate() {
            match line.from {
                // The dot goes with the message.
                From::Client if in_message && &*line.line == "." => in_message = false,
                From::Client => {
                    let step = step(&line.line, lines.get(at + 1..).unwrap_or_default());
                    in_message = step == Step::Message;
                    repeat.push(step, in_one_go);
                    in_one_go = true;
                }
                From::Server => in_one_go = false,
                From::Event => {}
            }
        }
        repeat
    }

    fn push(&mut self, step: Step, in_one_go: bool) {
        match (self.steps.back_mut(), step) {
            (Some(Step::LogIn), Step::LogIn) => {}
            (Some(Step::Lines(before)), Step::Lines(mut more)) if in_one_go => {
                before.append(&mut more);
            }
            (_, step) => self.steps.push_back(step),
        }
    }

    pub fn take_next(&mut self) -> Option<Step> {
        self.steps.pop_front()
    }

    pub fn left(&self) -> usize {
        self.steps.len()
    }
}

fn step(text: &str, behind: &[Line]) -> Step {
    match Stage::of_line(text) {
        Stage::Auth => Step::LogIn,
        _ if text.contains(MASK) => Step::LogIn,
        Stage::StartTls => Step::StartTls,
        Stage::Data if leads_to_message(behind) => Step::Message,
        _ => Step::Lines(vec![text.to_owned()]),
    }
}

/// The program tells of a message that it sends; one that was typed, it does not.
fn leads_to_message(behind: &[Line]) -> bool {
    let next = behind.iter().find(|line| line.from != From::Server);
    next.is_some_and(|line| {
        line.from == From::Event && line.line.starts_with("sending the message")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transcript(text: &str) -> Vec<Line> {
        text.lines()
            .map(|line| {
                let (mark, text) = line.split_once(' ').unwrap();
                Line {
                    at_ms: 0,
                    from: match mark {
                        "C" => From::Client,
                        "S" => From::Server,
                        _ => From::Event,
                    },
                    line: text.into(),
                    code: None,
                    enhanced: None,
                    encrypted: false,
                }
            })
            .collect()
    }

    fn played(text: &str) -> Vec<Step> {
        let mut repeat = Repeat::of(&transcript(text));
        std::iter::from_fn(|| repeat.take_next()).collect()
    }

    fn lines(all: &[&str]) -> Step {
        Step::Lines(all.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn the_clients_side_is_said_again() {
        let steps = played(
            "E connected\nS 220 x\nC EHLO me\nS 250 STARTTLS\nC STARTTLS\nS 220 x\n\
             E inside TLS now: TLS 1.3\nC MAIL FROM:<a@b.example>\nC RCPT TO:<c@d.example>\n\
             S 250 x\nS 250 x\nC DATA\nS 354 x\nE sending the message: 3 lines, 9 octets\nC .\n\
             S 250 x\nC QUIT\nS 221 x",
        );
        assert_eq!(
            steps,
            [
                lines(&["EHLO me"]),
                Step::StartTls,
                lines(&["MAIL FROM:<a@b.example>", "RCPT TO:<c@d.example>"]),
                Step::Message,
                lines(&["QUIT"]),
            ]
        );
    }

    #[test]
    fn a_secret_is_one_step_without_it() {
        let steps = played("C AUTH LOGIN\nS 334 x\nC ***\nS 334 x\nC ***\nS 235 x\nC QUIT");
        assert_eq!(steps, [Step::LogIn, lines(&["QUIT"])]);
        let steps = played("C XCLIENT LOGIN=***\nS 220 x\nC QUIT");
        assert_eq!(steps, [Step::LogIn, lines(&["QUIT"])]);
    }

    #[test]
    fn a_message_that_was_typed_is_typed_again() {
        let steps = played("C DATA\nS 354 x\nC one\nC .\nS 250 x");
        assert_eq!(steps, [lines(&["DATA"]), lines(&["one", "."])]);
        let steps = played("C DATA\nS 554 x\nC QUIT");
        assert_eq!(steps, [lines(&["DATA"]), lines(&["QUIT"])]);
    }
}
