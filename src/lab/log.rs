//! A mail log of the practice world, so that there is something to read: of the server that
//! mail is sent from, over the last days, with what the scenario's fault does to it.

mod reply;
mod story;
mod write;

use super::plan::{self, PlanError};
use super::scenario::Scenario;
use jiff::Timestamp;
use std::net::IpAddr;
use story::{Mail, Practice, Step, Story};
use write::{Message, Writer};

/// A log that no file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailLog {
    /// Whose log it is.
    pub name: String,
    pub text: String,
}

/// A log that cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    #[error(transparent)]
    Plan(#[from] PlanError),
    #[error("assets/maillog/practice.yaml cannot be read: {0}")]
    Practice(#[from] serde_yaml::Error),
}

/// A host of the domain, as the world has it.
type Host = (String, IpAddr);

const DAY: i64 = 86_400;

/// Writes the log of a scenario as it stands at `now`. The same scenario at the same time gives
/// the same log.
///
/// # Errors
/// A scenario that makes no world.
pub fn mail_log(scenario: &Scenario, now: Timestamp) -> Result<MailLog, LogError> {
    let practice = Practice::read()?;
    let hosts = plan::mail_hosts(scenario)?;
    let story = practice.story(scenario);
    let is_own = story.as_ref().map_or_else(
        || story::is_about_sending(scenario),
        |story| story.mail == Mail::From,
    );
    let sender = if is_own {
        Sender::of_domain(scenario, &practice, &hosts)
    } else {
        Sender {
            name: practice.provider.name.clone(),
            address: practice.provider.address,
            people: practice.provider.people.clone(),
        }
    };
    let began = now.as_second() - practice.days * DAY;
    let mut writer = Writer::new(&sender.name, now.as_second());
    let scene = Scene {
        scenario,
        practice: &practice,
        story: story.as_ref(),
        sender: &sender,
        hosts: &hosts,
        began,
        until: now.as_second(),
    };
    scene.everyday(&mut writer);
    if is_own {
        scene.flood(&mut writer);
    } else {
        scene.to_domain(&mut writer);
    }
    scene.beside(&mut writer);
    Ok(MailLog {
        name: format!("the practice log of {}", sender.name),
        text: writer.written(),
    })
}

/// The server whose log it is.
struct Sender {
    name: String,
    address: IpAddr,
    /// Addresses of who sends.
    people: Vec<String>,
}

impl Sender {
    fn of_domain(scenario: &Scenario, practice: &Practice, hosts: &[Host]) -> Self {
        let domain = &scenario.domain;
        let provider = practice.provider.address;
        let (name, address) = hosts
            .first()
            .cloned()
            .unwrap_or_else(|| (format!("mail.{domain}"), provider));
        let people = practice.people.iter();
        Self {
            name,
            address: scenario.source_ip.unwrap_or(address),
            people: people.map(|who| format!("{who}@{domain}")).collect(),
        }
    }
}

struct Scene<'a> {
    scenario: &'a Scenario,
    practice: &'a Practice,
    story: Option<&'a Story>,
    sender: &'a Sender,
    hosts: &'a [Host],
    /// Seconds since 1970 UTC.
    began: i64,
    until: i64,
}

impl Scene<'_> {
    /// What goes on whatever the scenario is about; where the domain cannot send, its fault hits
    /// this mail.
    fn everyday(&self, writer: &mut Writer) {
        let every = self
            .story
            .filter(|story| story.mail == Mail::From && !story.way.is_empty());
        for (turn, at) in self.times(self.practice.gap) {
            let Some(mail) = round(&self.practice.everyday, turn) else {
                return;
            };
            let way = match every {
                Some(story) if turn % story.every == 0 => &story.way,
                _ => self.practice.way(&mail.way),
            };
            let from = round(&self.sender.people, turn).cloned();
            let host = (mail.host.clone(), mail.address);
            self.message(
                writer,
                at,
                (&from.unwrap_or_default(), &mail.to),
                &host,
                way,
            );
        }
        for (turn, at) in self.times(self.practice.gap * 7) {
            if let Some(stranger) = round(&self.practice.door, turn) {
                writer.turned_away(at + 71, stranger);
            }
        }
    }

    /// Mail to the domain, a few messages a day.
    fn to_domain(&self, writer: &mut Writer) {
        let scenario = self.scenario;
        let domain = &scenario.domain;
        let to = scenario.to.as_ref().map(ToString::to_string);
        let to = to.unwrap_or_else(|| format!("info@{domain}"));
        let from = scenario.from.as_ref().map(ToString::to_string);
        let (first, last) = (self.hosts.first(), self.hosts.last());
        let unknown = (domain.clone(), self.sender.address);
        for (turn, at) in self.times(self.practice.gap * 4) {
            let person = round(&self.sender.people, turn).cloned();
            let from = from.clone().or(person).unwrap_or_default();
            let (way, host) = match self.story {
                Some(story) if story.last_host => (&story.way[..], last),
                Some(story) if !story.way.is_empty() => (&story.way[..], first),
                _ => (self.practice.way("sent"), first),
            };
            let host = host.unwrap_or(&unknown);
            self.message(writer, at + 607, (&from, &to), host, way);
        }
    }

    /// What somebody sends who got at a password.
    fn flood(&self, writer: &mut Writer) {
        let Some(story) = self.story else { return };
        let from = self.sender.people.first().cloned().unwrap_or_default();
        let night = self.until - DAY / 2;
        for turn in 0..story.flood {
            let Some(mail) = round(&self.practice.everyday, turn) else {
                return;
            };
            let way = if turn % story.every == 0 {
                &story.way
            } else {
                self.practice.way("sent")
            };
            let domain = mail.to.rsplit('@').next().unwrap_or_default();
            let to = format!(
                "{}.{turn}@{domain}",
                ["sales", "j.miller", "contact"][turn % 3]
            );
            let at = night + i64::try_from(turn * 4).unwrap_or_default();
            let host = (mail.host.clone(), mail.address);
            self.message(writer, at, (&from, &to), &host, way);
        }
    }

    /// Lines that belong to no message.
    fn beside(&self, writer: &mut Writer) {
        let lines = self.story.map_or(&[][..], |story| &story.lines);
        let from = self.sender.people.first().cloned().unwrap_or_default();
        for line in lines {
            for (_, at) in self.times(self.practice.gap / 2) {
                writer.line(at + 13, &line.program, &line.says.replace("{from}", &from));
            }
        }
    }

    fn message(
        &self,
        writer: &mut Writer,
        at: i64,
        (from, to): (&str, &str),
        host: &Host,
        way: &[Step],
    ) {
        let reply = reply::to_rcpt(self.scenario, to).unwrap_or_default();
        let domain = to.rsplit('@').next().unwrap_or_default();
        let other = self.hosts.get(1).unwrap_or(host);
        let through = self.story.is_some_and(|story| story.other_host);
        let address = host.1.to_string();
        let own = self.sender.address.to_string();
        let code = reply.split(' ').nth(1).unwrap_or("5.0.0");
        let filled = |text: &str| {
            let places = [
                ("{host}", host.0.as_str()),
                ("{address}", &address),
                ("{domain}", &self.scenario.domain),
                ("{to_domain}", domain),
                ("{own}", &own),
                ("{from}", from),
                ("{reply}", &reply),
                ("{code}", code),
                // In the reply too.
                ("{to}", to),
            ];
            places.iter().fold(text.to_owned(), |text, (name, value)| {
                text.replace(name, value)
            })
        };
        let of_domain = self.hosts.contains(host);
        let relay = if through && of_domain { other } else { host };
        writer.message(
            &Message {
                at,
                from,
                to,
                relay,
            },
            way,
            &filled,
        );
    }

    /// Times over the whole of the log, about so many seconds apart.
    fn times(&self, gap: i64) -> impl Iterator<Item = (usize, i64)> {
        let count = usize::try_from((self.until - self.began) / gap.max(1)).unwrap_or_default();
        (0..count).map(move |turn| {
            let place = i64::try_from(turn).unwrap_or_default();
            // People do not write by the clock.
            let late = (place * 7919) % (gap / 2).max(1);
            (turn, self.began + place * gap + late)
        })
    }
}

/// One after the other, round and round.
fn round<T>(all: &[T], turn: usize) -> Option<&T> {
    all.get(turn.checked_rem(all.len())?)
}

#[cfg(test)]
mod tests;
