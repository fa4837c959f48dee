//! Why a step is the next one, in a sentence of `assets/next.yaml`.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

macro_rules! reasons {
    ($($name:ident),+ $(,)?) => {
        /// What the replies so far mean for what comes next.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Reason {
            $($name,)+
        }

        impl Reason {
            #[cfg(test)]
            pub(super) const ALL: &'static [Self] = &[$(Self::$name,)+];
        }
    };
}

reasons!(
    Waiting,
    Handshake,
    Greeted,
    HelloAgain,
    HelloUnderstoodNot,
    HelloRefused,
    NoService,
    TlsOffered,
    TlsMissing,
    TlsRefused,
    Xclient,
    XclientRefused,
    Xforward,
    XforwardRefused,
    Login,
    Challenge,
    ChallengeByHand,
    LoginFlawed,
    LoginInClear,
    NoMechanism,
    LoginRefused,
    LoginUnproven,
    Sender,
    SenderRefused,
    Recipient,
    NextRecipient,
    Together,
    RecipientsRefused,
    RecipientRefused,
    Data,
    DataRefused,
    Message,
    NothingToSend,
    MessageRefused,
    EnvelopeOnly,
    Done,
    Ending,
);

static TEXTS: LazyLock<BTreeMap<Reason, String>> = LazyLock::new(|| {
    serde_yaml::from_str(include_str!("../../../assets/next.yaml"))
        .expect("assets/next.yaml is checked by a test")
});

impl Reason {
    /// The sentence, with its `{stage}` and `{code}`.
    pub fn text(self) -> &'static str {
        TEXTS.get(&self).map_or("", String::as_str)
    }

    /// Whether what the plan was after cannot be had any more.
    pub fn is_failure(self) -> bool {
        matches!(
            self,
            Self::HelloRefused
                | Self::NoService
                | Self::TlsMissing
                | Self::TlsRefused
                | Self::XclientRefused
                | Self::XforwardRefused
                | Self::LoginFlawed
                | Self::LoginInClear
                | Self::NoMechanism
                | Self::LoginRefused
                | Self::LoginUnproven
                | Self::SenderRefused
                | Self::RecipientsRefused
                | Self::RecipientRefused
                | Self::NothingToSend
                | Self::DataRefused
                | Self::MessageRefused
        )
    }
}
