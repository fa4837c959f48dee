//! Faults of a mail host that the tests with names look for.

use serde::Deserialize;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Weakness {
    /// It takes mail from anyone to anyone.
    OpenRelay,
    /// It relays for `user%elsewhere@here`, `elsewhere!user@here` and the like.
    PercentHack,
    /// VRFY tells who exists.
    Vrfy,
    /// EXPN tells who exists.
    Expn,
    /// The limit of SIZE is told and not kept.
    Size,
    /// 8BITMIME is offered and then refused.
    EightBit,
    /// A line feed alone ends a line of a message (CVE-2023-51764).
    SmugglingLf,
    /// A carriage return alone ends a line of a message.
    SmugglingCr,
}
