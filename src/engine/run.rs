//! One run: plan, ask, record, judge, until nothing is due.

use super::Progress;
use crate::case::{CheckKey, CheckRecord, CheckState};
use crate::check::{self, Check, Context, Observation, Observations, Request};
use crate::net::dns::Dns;
use crate::smtp::Login;
use crate::text::SafeText;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;

/// Steers a run. Dropping it cancels the run.
#[derive(Debug)]
pub struct Handle {
    orders: UnboundedSender<Order>,
    network: crate::net::Network,
}

#[derive(Debug)]
enum Order {
    /// Ask this check again, with nothing remembered.
    Again(CheckKey),
    /// Ask the submission ports again, with this login.
    LogIn(Login),
    Cancel,
}

impl Handle {
    /// Asks one check again, and whatever its answer makes necessary.
    pub fn again(&self, check: CheckKey) {
        // A run that has ended takes no orders.
        let _ = self.orders.send(Order::Again(check));
    }

    /// Asks the submission ports again and logs in there.
    pub fn log_in(&self, login: Login) {
        let _ = self.orders.send(Order::LogIn(login));
    }

    /// Ends what is running; what has settled stays.
    pub fn cancel(&self) {
        let _ = self.orders.send(Order::Cancel);
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.network.cancel();
    }
}

/// Starts the checks for `request`. What happens comes through the receiver, which ends when
/// the handle is dropped.
pub fn start(request: Request, dns: &Dns) -> (Handle, UnboundedReceiver<Progress>) {
    let (orders, inbox) = unbounded_channel();
    let (outbox, progress) = unbounded_channel();
    let network = dns.network().child();
    let run = Run {
        request: Arc::new(request),
        dns: dns.forgetful(network.clone()),
        seen: Arc::default(),
        started: BTreeMap::new(),
        asking: JoinSet::new(),
        outbox,
    };
    tokio::spawn(run.until_dropped(inbox, network.cancelled().clone()));
    (Handle { orders, network }, progress)
}

struct Run {
    request: Arc<Request>,
    dns: Dns,
    seen: Arc<Observations>,
    /// Every check that was started, with the time of that and whether it has settled.
    started: BTreeMap<Check, Started>,
    asking: JoinSet<(Check, u64, Observation)>,
    outbox: UnboundedSender<Progress>,
}

#[derive(Clone, Copy)]
struct Started {
    at_ms: u64,
    settled: bool,
}

impl Run {
    async fn until_dropped(
        mut self,
        mut inbox: UnboundedReceiver<Order>,
        dropped: tokio_util::sync::CancellationToken,
    ) {
        self.plan();
        let mut finished = false;
        loop {
            if self.asking.is_empty() && !finished {
                finished = true;
                self.tell(Progress::Finished {
                    elapsed_ms: self.dns.network().clock().elapsed_ms(),
                    cancelled: false,
                });
            }
            tokio::select! {
                () = dropped.cancelled() => return,
                Some(done) = self.asking.join_next() => {
                    if let Ok((check, at_ms, observation)) = done {
                        self.record(&check, at_ms, observation);
                        self.plan();
                    }
                    // A check that panicked is a bug; the run goes on without it, and says so.
                    if self.asking.is_empty() {
                        self.give_up_unsettled("it stopped by a fault of smtp-tui");
                    }
                }
                order = inbox.recv() => match order {
                    None => return,
                    Some(Order::Cancel) => {
                        self.cancel();
                        finished = true;
                    }
                    Some(Order::LogIn(login)) => {
                        Arc::make_mut(&mut self.request).login = Some(login);
                        finished = !self.again(&Check::Submission.key()) && finished;
                    }
                    Some(Order::Again(key)) => finished = !self.again(&key) && finished,
                },
            }
        }
    }

    fn tell(&self, progress: Progress) {
        // Nobody listens any more when the front end is leaving.
        let _ = self.outbox.send(progress);
    }

    fn plan(&mut self) {
        for check in check::plan::due(&self.request, &self.seen) {
            if !self.started.contains_key(&check) {
                self.begin(check);
            }
        }
    }

    fn begin(&mut self, check: Check) {
        let at_ms = self.dns.network().clock().elapsed_ms();
        let settled = false;
        self.started
            .insert(check.clone(), Started { at_ms, settled });
        self.tell(Progress::Check(running(
            &check,
            &self.request,
            at_ms,
            SafeText::default(),
        )));
        let context = Context {
            request: Arc::clone(&self.request),
            dns: self.dns.clone(),
            note: self.note(at_ms),
        };
        let seen = Arc::clone(&self.seen);
        self.asking.spawn(async move {
            let observation = check::ask(&check, &context, &seen).await;
            (check, at_ms, observation)
        });
    }

    fn note(&self, at_ms: u64) -> check::Note {
        let outbox = self.outbox.clone();
        let request = Arc::clone(&self.request);
        Arc::new(move |check, detail| {
            let _ = outbox.send(Progress::Check(running(check, &request, at_ms, detail)));
        })
    }

    fn record(&mut self, check: &Check, at_ms: u64, observation: Observation) {
        for transcript in observation.transcripts() {
            self.tell(Progress::Session(transcript.clone()));
        }
        Arc::make_mut(&mut self.seen).record(check, observation);
        self.started.insert(
            check.clone(),
            Started {
                at_ms,
                settled: true,
            },
        );
        let now = Timestamp::now();
        let elapsed = self
            .dns
            .network()
            .clock()
            .elapsed_ms()
            .saturating_sub(at_ms);
        if let Some(record) = settled(check, &self.request, &self.seen, at_ms, elapsed, now) {
            self.tell(Progress::Check(record));
        }
        self.tell(Progress::Judged {
            findings: check::judge(&self.request, &self.seen, now),
            measured: check::measure(&self.request, &self.seen, now),
        });
    }

    fn cancel(&mut self) {
        self.asking.abort_all();
        self.asking = JoinSet::new();
        self.give_up_unsettled("cancelled");
        self.tell(Progress::Finished {
            elapsed_ms: self.dns.network().clock().elapsed_ms(),
            cancelled: true,
        });
    }

    /// What has not settled by now was not checked.
    fn give_up_unsettled(&mut self, why: &str) {
        let now = self.dns.network().clock().elapsed_ms();
        let unsettled: Vec<_> = self
            .started
            .iter()
            .filter(|(_, started)| !started.settled)
            .map(|(check, started)| (check.clone(), started.at_ms))
            .collect();
        for (check, at_ms) in unsettled {
            let mut record = running(&check, &self.request, at_ms, why.into());
            record.state = CheckState::NotPossible;
            record.elapsed_ms = now.saturating_sub(at_ms);
            self.tell(Progress::Check(record));
            self.started.insert(
                check,
                Started {
                    at_ms,
                    settled: true,
                },
            );
        }
    }

    /// Whether there was such a check.
    fn again(&mut self, key: &CheckKey) -> bool {
        let Some(check) = self
            .started
            .keys()
            .find(|check| check.key() == *key)
            .cloned()
        else {
            return false;
        };
        // What was remembered is what the user doubts.
        self.dns = self.dns.forgetful(self.dns.network().clone());
        self.begin(check);
        true
    }
}

fn running(check: &Check, request: &Request, at_ms: u64, detail: SafeText) -> CheckRecord {
    CheckRecord {
        key: check.key(),
        group: check.group(),
        parent: check.parent().map(|parent| parent.key()),
        subject: check.subject(request),
        state: CheckState::Running,
        started_ms: at_ms,
        elapsed_ms: 0,
        detail,
        exchanges: Vec::new(),
        meaning: SafeText::default(),
        by_hand: Vec::new(),
    }
}

fn settled(
    check: &Check,
    request: &Request,
    seen: &Observations,
    at_ms: u64,
    elapsed_ms: u64,
    now: Timestamp,
) -> Option<CheckRecord> {
    let row = check::row(check, request, seen, now)?;
    Some(CheckRecord {
        state: row.state,
        elapsed_ms,
        detail: row.detail,
        exchanges: row.exchanges,
        meaning: row.meaning,
        by_hand: row.by_hand,
        ..running(check, request, at_ms, SafeText::default())
    })
}
