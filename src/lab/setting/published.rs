//! What the domain publishes about itself beside its records: signatures, the policy of MTA-STS.

use serde::Deserialize;

/// Whether the zone is signed, and what is wrong with that. The root and the registries' zones
/// always are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dnssec {
    /// Neither signatures in the zone nor a DS record above it.
    #[default]
    None,
    Signed,
    /// Nobody has signed it anew: the signatures ended five days ago.
    SignatureExpired,
    /// The DS record above is that of a key which the zone no longer has.
    DsMismatch,
    /// The DS record above has stayed, and the zone is no longer signed.
    DsLeftBehind,
}

impl Dnssec {
    pub(in crate::lab) fn has_ds(self) -> bool {
        self != Self::None
    }

    pub(in crate::lab) fn has_signatures(self) -> bool {
        !matches!(self, Self::None | Self::DsLeftBehind)
    }
}

/// MTA-STS (RFC 8461): the record, and the policy that is served at `mta-sts.`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MtaSts {
    #[serde(default = "record")]
    pub record: String,
    /// The text of `mta-sts.txt`.
    pub policy: String,
}

fn record() -> String {
    "v=STSv1; id=20260401T000000".to_owned()
}
