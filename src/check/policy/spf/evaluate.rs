//! What a receiver concludes from a tree of SPF records (RFC 7208 section 4). Pure.

use super::tree::{Found, Node, State};
use crate::policy::spf::{self, Kind, MAX_LOOKUPS, MAX_MX, MAX_VOID};
use mail_auth::SpfResult;
use mail_auth::spf::{Mechanism, Qualifier};
use std::net::IpAddr;

/// The result, and the term by which it was reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Evaluated {
    pub(super) result: SpfResult,
    pub(super) by: String,
}

/// The word of the result, as in `Received-SPF` (section 2.6).
pub(super) fn word(result: SpfResult) -> &'static str {
    match result {
        SpfResult::Pass => "pass",
        SpfResult::Fail => "fail",
        SpfResult::SoftFail => "softfail",
        SpfResult::Neutral => "neutral",
        SpfResult::TempError => "temperror",
        SpfResult::PermError => "permerror",
        SpfResult::None => "none",
    }
}

/// The result for mail from this address.
pub(super) fn evaluate(tree: &Node, address: IpAddr) -> Evaluated {
    let mut used = Used::default();
    node(tree, address, &mut used)
}

#[derive(Default)]
struct Used {
    lookups: usize,
    void: usize,
}

fn node(tree: &Node, address: IpAddr, used: &mut Used) -> Evaluated {
    let ends = |result, by: &str| Evaluated {
        result,
        by: by.to_owned(),
    };
    let record = match &tree.state {
        State::Read(record) => record,
        State::Missing(_) => return ends(SpfResult::None, "no record"),
        State::Multiple(_) => return ends(SpfResult::PermError, "several records"),
        State::Unreadable(_, problem) => return ends(SpfResult::PermError, &problem.what),
        State::Unknown => return ends(SpfResult::TempError, "no answer"),
    };
    for branch in &tree.branches {
        let Kind::Mechanism(qualifier, mechanism) = &branch.term.kind else {
            continue;
        };
        let by = &branch.term.text;
        if branch.term.looks_up() {
            used.lookups += 1;
        }
        if let Found::Addresses { void, hosts, .. } = &branch.found {
            used.void += usize::from(*void);
            if *hosts > MAX_MX {
                return ends(SpfResult::PermError, by);
            }
        }
        if used.lookups > MAX_LOOKUPS || used.void > MAX_VOID {
            return ends(SpfResult::PermError, by);
        }
        let matched = match (mechanism, &branch.found) {
            (Mechanism::All, _) => true,
            (Mechanism::Ip4 { addr, mask }, _) => {
                spf::in_network(address, (*addr).into(), *mask, 0)
            }
            (Mechanism::Ip6 { addr, mask }, _) => {
                spf::in_network(address, (*addr).into(), 0, *mask)
            }
            (Mechanism::Exists { .. }, Found::Addresses { addresses, .. }) => {
                addresses.iter().any(IpAddr::is_ipv4)
            }
            (
                Mechanism::A {
                    ip4_mask, ip6_mask, ..
                }
                | Mechanism::Mx {
                    ip4_mask, ip6_mask, ..
                },
                Found::Addresses { addresses, .. },
            ) => addresses
                .iter()
                .any(|network| spf::in_network(address, *network, *ip4_mask, *ip6_mask)),
            (Mechanism::Include { .. }, Found::Record(below)) => {
                let inner = node(below, address, used);
                match inner.result {
                    SpfResult::Pass => true,
                    SpfResult::Fail | SpfResult::SoftFail | SpfResult::Neutral => false,
                    SpfResult::TempError => return ends(SpfResult::TempError, by),
                    SpfResult::PermError | SpfResult::None => {
                        return ends(SpfResult::PermError, by);
                    }
                }
            }
            (_, Found::TooMany) => return ends(SpfResult::PermError, by),
            (_, Found::Unknown) => return ends(SpfResult::TempError, by),
            // `ptr` is not to be used (section 5.5), and here matches nobody.
            _ => false,
        };
        if matched {
            return ends(result(qualifier), by);
        }
    }
    let redirect = tree
        .branches
        .iter()
        .find(|branch| matches!(branch.term.kind, Kind::Redirect(_)));
    match redirect {
        Some(branch) if record.redirect().is_some() => {
            used.lookups += 1;
            match &branch.found {
                _ if used.lookups > MAX_LOOKUPS => ends(SpfResult::PermError, &branch.term.text),
                Found::Record(below) => {
                    let inner = node(below, address, used);
                    match inner.result {
                        SpfResult::None => ends(SpfResult::PermError, &branch.term.text),
                        _ => inner,
                    }
                }
                Found::TooMany => ends(SpfResult::PermError, &branch.term.text),
                _ => ends(SpfResult::TempError, &branch.term.text),
            }
        }
        _ => ends(SpfResult::Neutral, "the end of the record"),
    }
}

fn result(qualifier: &Qualifier) -> SpfResult {
    match qualifier {
        Qualifier::Pass => SpfResult::Pass,
        Qualifier::Fail => SpfResult::Fail,
        Qualifier::SoftFail => SpfResult::SoftFail,
        Qualifier::Neutral => SpfResult::Neutral,
    }
}
