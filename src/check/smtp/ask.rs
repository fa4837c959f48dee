//! Talking to a mail host, as far as is needed and no further.

use super::dialogue::{Dialogue, Said};
use super::fault::ended_words;
use super::hello::hello;
use super::recipients::{Asked, Envelope, is_elsewhere};
use super::starttls::{self, Try};
use super::{Observation, OtherPort, envelope};
use crate::check::{self, Check, Context, Observations};
use crate::net::certificate::Certificate;
use crate::net::dns::Name;
use crate::net::smtp::{Options, Recorder, Wire};
use crate::net::tls;
use crate::smtp::suggest::{self, Plan, Suggestion};
use crate::smtp::{EventKind, Stage, Timeouts, TlsPolicy};
use futures_util::future::join_all;
use jiff::Timestamp;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use tokio::sync::oneshot;

/// Ports that many mail hosts have open beside 25.
const OTHER_PORTS: [u16; 4] = [587, 465, 443, 80];
/// How often who watches is told how long a wait still is.
const COUNT: Duration = Duration::from_secs(5);
/// How the word to who watches begins while a host keeps its greeting back.
pub const WAITS_FOR_GREETING: &str = "connected, waiting for the greeting";
/// After how long a greeting is worth a word to who watches.
const PATIENCE: Duration = Duration::from_secs(5);

pub async fn ask(check: &Check, context: &Context, seen: &Observations) -> check::Observation {
    check::Observation::Smtp(match check {
        Check::Port25(host, address) => {
            let to = SocketAddr::new(*address, 25);
            Observation::Port25(Box::new(port25(check, context, host, to).await))
        }
        Check::StartTls(host, address) => {
            let place = (host.clone(), *address);
            let dialogue = seen.smtp.port25.get(&place);
            let to = SocketAddr::new(*address, 25);
            let failed = dialogue.is_some_and(|dialogue| dialogue.tls_failed.is_some());
            Observation::StartTls(if failed {
                starttls::ask(context, host, to, Try::OldVersion).await
            } else {
                dialogue.and_then(|dialogue| dialogue.injection.clone())
            })
        }
        Check::OtherPort(_, address) => Observation::OtherPort(other_port(context, *address).await),
        _ => Observation::OtherPort(OtherPort { tried: Vec::new() }),
    })
}

/// The session; and where only TLS failed and an envelope is wanted, a second one in clear,
/// as a sender with opportunistic TLS would do it.
async fn port25(check: &Check, context: &Context, host: &Name, to: SocketAddr) -> Dialogue {
    // Only once the session stands, so that a host that allows one connection at a time turns
    // the other one away.
    let (offers, offered) = oneshot::channel();
    let beside = Box::pin(async {
        offered.await.ok()?;
        starttls::ask(context, host, to, Try::Injection).await
    });
    let session_with = Box::pin(session(check, context, host, to, true, Some(offers)));
    let (mut dialogue, injection) = tokio::join!(session_with, beside);
    dialogue.injection = injection;
    if dialogue.tls_failed.is_some() && context.request.to.is_some() {
        let mut clear = session(check, context, host, to, false, None).await;
        clear.tls_failed = dialogue.tls_failed.take();
        clear.tls_obsolete = dialogue.tls_obsolete;
        dialogue
            .transcript
            .transcript
            .append(&mut clear.transcript.transcript);
        clear.transcript = dialogue.transcript;
        dialogue = clear;
    }
    dialogue.recipient_elsewhere = is_elsewhere(&context.request, &context.dns, host).await;
    if let Some(after) = context.request.come_back
        && envelope::is_put_off(&dialogue)
    {
        come_back(check, context, host, to, after, &mut dialogue).await;
    }
    dialogue
}

/// Greylisting takes the same sender, recipient and address when they come again.
async fn come_back(
    check: &Check,
    context: &Context,
    host: &Name,
    to: SocketAddr,
    after: Duration,
    dialogue: &mut Dialogue,
) {
    let mut left = after;
    while !left.is_zero() {
        let (minutes, seconds) = (left.as_secs() / 60, left.as_secs() % 60);
        let words = format!("once more in {minutes} min {seconds:02} s; the mail was put off");
        (context.note)(check, words.into());
        let step = left.min(COUNT);
        context.dns.network().clock().sleep(step).await;
        left -= step;
    }
    let tls = dialogue.tls_failed.is_none();
    let mut second = session(check, context, host, to, tls, None).await;
    dialogue.later = Some((after, second.rcpt(Asked::Recipient).cloned()));
    dialogue
        .transcript
        .transcript
        .append(&mut second.transcript.transcript);
}

async fn session(
    check: &Check,
    context: &Context,
    host: &Name,
    to: SocketAddr,
    tls: bool,
    mut offers: Option<oneshot::Sender<()>>,
) -> Dialogue {
    let request = &context.request;
    let name = request.shown(host);
    let network = context.dns.network();
    let limits = network.limits();
    let mut recorder = Recorder::new(name.clone(), to);
    let options = Options {
        name: host.to_ascii(),
        timeouts: Timeouts {
            greeting: limits.greeting,
            ..Timeouts::STANDARD.at_most(limits.command)
        },
        ..Options::default()
    };
    let began = network.clock().elapsed();
    let mut wire = match Wire::open(network, to, options).await {
        Ok(wire) => wire,
        Err(error) => {
            let took = network.clock().elapsed().saturating_sub(began);
            recorder.note(took, error.to_string());
            return Dialogue::new(Err(error), recorder.into_transcript());
        }
    };
    let mut dialogue = Dialogue::new(Ok(wire.now()), crate::case::Transcript::default());
    let plan = plan(context, &mut dialogue, wire.local_address(), tls).await;
    let patience = async {
        network.clock().sleep(PATIENCE).await;
        (context.note)(
            check,
            format!("{WAITS_FOR_GREETING}; a minute or two is normal, five are allowed").into(),
        );
        std::future::pending::<()>().await;
    };
    tokio::pin!(patience);
    loop {
        wire.flush().await;
        let ended = heard(&mut wire, &mut dialogue, &mut recorder);
        if dialogue
            .offered
            .as_ref()
            .is_some_and(|offered| offered.has("STARTTLS"))
            && context.request.wants(crate::case::Group::Tls)
            && let Some(offers) = offers.take()
        {
            // Nobody waits for it any more when the run is cancelled.
            let _ = offers.send(());
        }
        if ended || !wire.is_open() {
            break;
        }
        // The handshake of STARTTLS is due only now that its event was taken.
        if wire.session().state() == crate::smtp::state::State::TlsHandshake {
            continue;
        }
        match suggest::next(wire.session(), &plan) {
            Suggestion::Close if dialogue.reply(Stage::Quit).is_some() || quits(&wire) => {
                wire.close().await;
            }
            Suggestion::SendMessage | Suggestion::SendEmpty => wire.close().await,
            Suggestion::Wait(Stage::Connect) => tokio::select! {
                () = wire.wait() => {}
                () = &mut patience => {}
            },
            Suggestion::Wait(_) | Suggestion::Close => wire.wait().await,
            what => {
                if wire
                    .say(|session, now| suggest::follow(session, &what, now))
                    .is_err()
                {
                    wire.close().await;
                }
            }
        }
        if network.cancelled().is_cancelled() {
            break;
        }
    }
    heard(&mut wire, &mut dialogue, &mut recorder);
    dialogue.certificate = wire
        .observed()
        .and_then(|observed| Certificate::of(observed, &host.to_ascii(), Timestamp::now()));
    dialogue.chain = wire
        .observed()
        .map(|observed| observed.chain.clone())
        .unwrap_or_default();
    dialogue.tls_obsolete = wire.tls_error().is_some_and(tls::Error::is_obsolete);
    dialogue.transcript = recorder.into_transcript();
    dialogue
}

/// Up to RCPT where the case names a recipient; else hello and goodbye.
async fn plan(context: &Context, dialogue: &mut Dialogue, here: Option<IpAddr>, tls: bool) -> Plan {
    let (from, recipients) = match Envelope::of(&context.request) {
        Some(envelope) => (Some(envelope.from), envelope.to),
        None => (None, Vec::new()),
    };
    let (asked, to) = recipients.into_iter().unzip();
    dialogue.asked = asked;
    Plan {
        from,
        to,
        tls: if tls {
            TlsPolicy::Optional
        } else {
            TlsPolicy::Never
        },
        ..Plan::new(hello(context, here).await)
    }
}

/// The session is at its end and waits for nothing.
fn quits(wire: &Wire) -> bool {
    wire.session().awaited().is_none() || wire.session().wants_close()
}

/// Takes in what happened. Says whether the session is over.
pub(in crate::check) fn heard(
    wire: &mut Wire,
    dialogue: &mut Dialogue,
    recorder: &mut Recorder,
) -> bool {
    let mut over = false;
    while let Some(event) = wire.event() {
        recorder.event(&event);
        let encrypted = event.encrypted;
        match event.kind {
            EventKind::Greeting { reply, took } => dialogue.greeting = Some((reply, took)),
            EventKind::Reply { stage, reply, took } => {
                if stage == Stage::Ehlo && dialogue.offered.is_none() && reply.is_positive() {
                    dialogue.offered = wire.session().extensions().cloned();
                }
                dialogue.said.push(Said {
                    stage,
                    reply,
                    took,
                    encrypted,
                });
            }
            EventKind::Unsolicited(reply) => dialogue.said.push(Said {
                stage: Stage::Unknown,
                reply,
                took: Duration::ZERO,
                encrypted,
            }),
            EventKind::ClearBehindStartTls { text, .. } => {
                dialogue.clear_behind_starttls = Some(text);
            }
            EventKind::TlsFailed { what } => {
                dialogue.tls_failed = Some(what);
                over = true;
            }
            // No answer to STARTTLS is no TLS; whether mail goes in clear is another question.
            ref kind @ (EventKind::TimedOut {
                stage: Stage::StartTls,
                ..
            }
            | EventKind::Closed {
                during: Some(Stage::StartTls),
                ..
            }) => {
                dialogue.tls_failed = Some(ended_words(kind).into());
                over = true;
            }
            kind if kind.is_end() => {
                over = true;
                let expected = matches!(
                    kind,
                    EventKind::Closed { expected: true, .. }
                        | EventKind::Closed {
                            how: crate::smtp::How::ByUs,
                            ..
                        }
                );
                if !expected {
                    dialogue.ended = Some(kind);
                }
            }
            _ => {}
        }
    }
    over
}

async fn other_port(context: &Context, address: IpAddr) -> OtherPort {
    let network = context.dns.network();
    let tries = OTHER_PORTS.map(|port| async move {
        let to = SocketAddr::new(address, port);
        (to, network.connect(to).await.map(drop))
    });
    OtherPort {
        tried: join_all(tries).await,
    }
}
