//! What a person orders: one thing after the other, but for the end of the connection.

use super::Order;
use std::collections::VecDeque;
use std::future::Future;
use tokio::sync::mpsc::UnboundedReceiver;

pub(super) struct Orders {
    inbox: UnboundedReceiver<Order>,
    /// Came while something else was under way.
    ahead: VecDeque<Order>,
}

/// The connection is to end before what was under way is done.
pub(super) enum Ended {
    Dropped,
    /// Nobody listens any more.
    Left,
}

impl Orders {
    pub(super) fn new(inbox: UnboundedReceiver<Order>) -> Self {
        Self {
            inbox,
            ahead: VecDeque::new(),
        }
    }

    /// The next; none once nobody gives any. May be dropped at any moment.
    pub(super) async fn next(&mut self) -> Option<Order> {
        match self.ahead.pop_front() {
            Some(order) => Some(order),
            None => self.inbox.recv().await,
        }
    }

    /// Does `work`, and gives it up where the connection is to end first: nobody waits for a
    /// server that does not shake hands or does not read. QUIT cannot be said meanwhile.
    pub(super) async fn unless_ended<T>(
        &mut self,
        work: impl Future<Output = T>,
    ) -> Result<T, Ended> {
        tokio::select! {
            biased;
            done = work => Ok(done),
            ended = self.end() => Err(ended),
        }
    }

    async fn end(&mut self) -> Ended {
        loop {
            match self.inbox.recv().await {
                None => return Ended::Left,
                Some(Order::Drop | Order::Disconnect) => return Ended::Dropped,
                Some(order) => self.ahead.push_back(order),
            }
        }
    }
}
