//! One run: plan, ask, record, judge, until nothing is due.

use super::{Change, Progress};
use crate::case::{CheckKey, CheckRecord, CheckState};
use crate::check::{self, Check, Context, Observation, Observations, Request};
use crate::net::dns::Dns;
use crate::text::SafeText;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::{AbortHandle, JoinSet};

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
    Change(Change),
    Cancel,
}

impl Handle {
    /// Asks one check again, and whatever its answer makes necessary.
    pub fn again(&self, check: CheckKey) {
        // A run that has ended takes no orders.
        let _ = self.orders.send(Order::Again(check));
    }

    /// Asks for more, or for something else.
    pub fn change(&self, change: Change) {
        let _ = self.orders.send(Order::Change(change));
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
    /// Every check that was started.
    started: BTreeMap<Check, Started>,
    asking: JoinSet<(Check, u64, Observation)>,
    outbox: UnboundedSender<Progress>,
}

struct Started {
    at_ms: u64,
    /// Ends the asking, as long as it goes on.
    asking: Option<AbortHandle>,
    /// How long it took the last time that it settled.
    took_ms: Option<u64>,
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
                    // One that had ended when it was asked again says nothing any more.
                    if let Ok((check, at_ms, observation)) = done
                        && self.started.get(&check).is_some_and(|it| it.at_ms == at_ms)
                    {
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
                    // Also where there is nothing to ask: who gave the order waits for the end.
                    Some(Order::Change(change)) => {
                        self.change(&change);
                        finished = false;
                    }
                    Some(Order::Again(key)) => {
                        self.again(&key);
                        finished = false;
                    }
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
        let before = self.started.remove(&check);
        // An answer to the question before would come after the one to this.
        if let Some(asking) = before.as_ref().and_then(|it| it.asking.as_ref()) {
            asking.abort();
        }
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
        let asked = check.clone();
        let asking = self.asking.spawn(async move {
            let observation = check::ask(&asked, &context, &seen).await;
            (asked, at_ms, observation)
        });
        let started = Started {
            at_ms,
            asking: Some(asking),
            took_ms: before.and_then(|it| it.took_ms),
        };
        self.started.insert(check, started);
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
        let clock = self.dns.network().clock();
        let took_ms = Some(clock.elapsed_ms().saturating_sub(at_ms));
        let started = Started {
            at_ms,
            asking: None,
            took_ms,
        };
        self.started.insert(check.clone(), started);
        self.tell_settled(check);
        let now = Timestamp::now();
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
            .iter_mut()
            .filter_map(|(check, started)| started.asking.take().map(|_| check.clone()))
            .collect();
        for check in unsettled {
            // What it had answered before still holds.
            if self.tell_settled(&check) {
                continue;
            }
            let at_ms = self.started.get(&check).map_or(now, |it| it.at_ms);
            let mut record = running(&check, &self.request, at_ms, why.into());
            record.state = CheckState::NotPossible;
            record.elapsed_ms = now.saturating_sub(at_ms);
            self.tell(Progress::Check(record));
        }
    }

    fn is_settled(&self, check: &Check) -> bool {
        let started = self.started.get(check);
        started.is_some_and(|started| started.asking.is_none())
    }

    /// Tells how a check stands by what it has answered, if it has.
    fn tell_settled(&self, check: &Check) -> bool {
        let record = self.started.get(check).and_then(|started| {
            let (at_ms, took_ms) = (started.at_ms, started.took_ms?);
            let now = Timestamp::now();
            settled(check, &self.request, &self.seen, at_ms, took_ms, now)
        });
        match record {
            Some(record) => {
                self.tell(Progress::Check(record));
                true
            }
            None => false,
        }
    }

    fn again(&mut self, key: &CheckKey) {
        let check = self.started.keys().find(|check| check.key() == *key);
        if let Some(check) = check.cloned() {
            // What was remembered is what the user doubts.
            self.dns = self.dns.forgetful(self.dns.network().clone());
            self.begin(check);
        }
    }

    fn change(&mut self, change: &Change) {
        change.enter(Arc::make_mut(&mut self.request));
        for check in change.concerns(&self.seen) {
            self.begin(check);
        }
        self.plan();
        // It was agreed to once; who asks again later is not kept waiting.
        Arc::make_mut(&mut self.request).come_back = None;
        if matches!(change, Change::Selectors(_)) && self.is_settled(&Check::CommonKeys) {
            // What it means that none of the common ones is there hangs on these.
            self.tell_settled(&Check::CommonKeys);
        }
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
