//! DNS questions: to the configured resolver, and to one nameserver directly.

mod answer;
mod ask;
mod delegation;
mod resolver;
mod runtime;

pub use answer::{Answer, Failure, Outcome};
pub(crate) use answer::{code_word, record_line};
pub use ask::{Ask, Flags};
pub use delegation::{Delegation, NotFound, ParentNs};
pub use hickory_resolver::proto::op::ResponseCode;
pub use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
pub use resolver::{Addresses, Dns, ResolverConfigError};
