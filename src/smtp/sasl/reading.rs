//! The lines of an AUTH that somebody typed, in words: what a reader of base64 would like to
//! know. Here nobody knows the password, so nothing is verified; every part that is secret is
//! [`MASK`].

use super::SaslMechanism;
use crate::smtp::command::MASK;
use crate::text::SafeText;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// One AUTH as it is typed line by line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::smtp) struct Typed {
    /// None for one that is not spoken here: then only lengths are told.
    mechanism: Option<SaslMechanism>,
    /// Texts that said something, so far.
    sent: usize,
}

impl Typed {
    /// Reads `AUTH mechanism …`; none where no mechanism is named.
    pub(in crate::smtp) fn begun(line: &str) -> Option<Self> {
        let mechanism = line.split_whitespace().nth(1)?;
        Some(Self {
            mechanism: mechanism.parse().ok(),
            sent: 0,
        })
    }

    /// What the client's text says: the initial response, empty for none, or an answer to a 334.
    pub(in crate::smtp) fn sent(&mut self, text: &str) -> SafeText {
        let words = match text {
            "*" => "cancelled".to_owned(),
            "" if self.sent == 0 => "no initial response".to_owned(),
            "" => "an empty line".to_owned(),
            "=" => "an empty response".to_owned(),
            _ => match STANDARD.decode(text) {
                Ok(octets) => self.words(&octets),
                Err(_) => format!("{MASK}, which is no base64"),
            },
        };
        self.sent += usize::from(!text.is_empty());
        words.into()
    }

    /// What a challenge says.
    pub(in crate::smtp) fn heard(challenge: &str) -> SafeText {
        let decoded = STANDARD.decode(challenge.trim());
        let text = match &decoded {
            Ok(octets) => SafeText::from_bytes(octets),
            Err(_) => return format!("the server says, in no base64: {challenge}").into(),
        };
        if text.is_empty() {
            return "the server asks for the response".into();
        }
        // Salt, nonce and signature together let passwords be guessed at.
        if text.starts_with("v=") {
            return format!("server final: signature {MASK}").into();
        }
        format!("the server says: {text}").into()
    }

    fn words(&self, octets: &[u8]) -> String {
        let Ok(text) = std::str::from_utf8(octets) else {
            return format!("{} octets {MASK}, no UTF-8", octets.len());
        };
        self.mechanism
            .and_then(|mechanism| self.by_mechanism(mechanism, text))
            .unwrap_or_else(|| format!("{} octets {MASK}", octets.len()))
    }

    /// None where the text is not what the mechanism has in this place.
    fn by_mechanism(&self, mechanism: SaslMechanism, text: &str) -> Option<String> {
        match (mechanism, self.sent) {
            // A name has no control character; what has one is the response of another mechanism.
            (SaslMechanism::Login | SaslMechanism::External, _)
                if text.contains(char::is_control) =>
            {
                None
            }
            (SaslMechanism::Plain, _) => {
                let mut parts = text.split('\0');
                let (identity, user, _) = (parts.next()?, parts.next()?, parts.next()?);
                let identity = if identity.is_empty() {
                    "for no other identity".to_owned()
                } else {
                    format!("to act as {identity}")
                };
                let more = if parts.next().is_some() {
                    ", and a NUL too many"
                } else {
                    ""
                };
                Some(format!("user {user}, password {MASK}, {identity}{more}"))
            }
            (SaslMechanism::Login, 0) => Some(format!("user {text}")),
            (SaslMechanism::Login, _) => Some(format!("password {MASK}")),
            (SaslMechanism::CramMd5, _) => {
                let (user, _) = text.rsplit_once(' ')?;
                Some(format!("user {user}, digest {MASK}"))
            }
            (SaslMechanism::ScramSha1 | SaslMechanism::ScramSha256, _) => scram(text),
            (SaslMechanism::Xoauth2, _) => {
                let (user, _) = text.strip_prefix("user=")?.split_once('\x01')?;
                Some(format!("user {user}, bearer token {MASK}"))
            }
            (SaslMechanism::OauthBearer, 0) => {
                let (_, behind) = text.split_once("a=")?;
                let (user, _) = behind.split_once(',')?;
                Some(format!("user {user}, bearer token {MASK}"))
            }
            (SaslMechanism::OauthBearer, _) if text == "\x01" => {
                Some("^A alone: it is heard".to_owned())
            }
            (SaslMechanism::OauthBearer, _) => None,
            (SaslMechanism::External, _) => Some(format!("to act as {text}")),
        }
    }
}

/// `n,,n=user,r=nonce`, or `c=biws,r=nonce,p=proof` (RFC 5802 section 7).
fn scram(text: &str) -> Option<String> {
    let attribute = |name: &str| {
        text.split(',')
            .find_map(|part| part.strip_prefix(name)?.strip_prefix('='))
    };
    if let Some(user) = attribute("n") {
        let nonce = attribute("r").unwrap_or("missing");
        return Some(format!("client first: user {user}, nonce {nonce}"));
    }
    attribute("p").map(|_| {
        let nonce = attribute("r").unwrap_or("missing");
        format!("client final: nonce {nonce}, proof {MASK}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn typed_lines_are_told_without_their_secrets() {
        let told = |line: &str, texts: &[&str]| {
            let mut typed = Typed::begun(line).unwrap();
            let words = texts.iter().map(|text| {
                let coded = match *text {
                    "" | "*" | "=" | "?" => (*text).to_owned(),
                    text => STANDARD.encode(text),
                };
                typed.sent(&coded).into_string()
            });
            words.collect::<Vec<_>>().join("; ")
        };
        for (line, texts, words) in [
            (
                "AUTH PLAIN",
                &["\0ann\0pw"][..],
                "user ann, password ***, for no other identity",
            ),
            (
                "auth plain",
                &["root\0ann\0pw"],
                "user ann, password ***, to act as root",
            ),
            ("AUTH PLAIN", &["ann pw"], "6 octets ***"),
            (
                "AUTH LOGIN",
                &["", "ann", "pw"],
                "no initial response; user ann; password ***",
            ),
            ("AUTH LOGIN", &["", "*"], "no initial response; cancelled"),
            ("AUTH LOGIN", &["?"], "***, which is no base64"),
            (
                "AUTH CRAM-MD5",
                &["", "ann 0a1b"],
                "no initial response; user ann, digest ***",
            ),
            (
                "AUTH SCRAM-SHA-1",
                &["n,,n=ann,r=abc", "c=biws,r=abcdef,p=pw"],
                "client first: user ann, nonce abc; client final: nonce abcdef, proof ***",
            ),
            (
                "AUTH XOAUTH2",
                &["user=ann\x01auth=Bearer pw\x01\x01"],
                "user ann, bearer token ***",
            ),
            (
                "AUTH OAUTHBEARER",
                &["n,a=ann,\x01auth=Bearer pw\x01\x01", "\x01"],
                "user ann, bearer token ***; ^A alone: it is heard",
            ),
            ("AUTH EXTERNAL", &["="], "an empty response"),
            ("AUTH GSSAPI", &["pw"], "2 octets ***"),
        ] {
            assert_eq!(told(line, texts), words, "{line}");
        }
        assert_eq!(Typed::begun("AUTH"), None);
        assert_eq!(Typed::heard("VXNlcm5hbWU6"), "the server says: Username:");
        assert_eq!(Typed::heard(""), "the server asks for the response");
    }

    proptest! {
        #[test]
        fn a_password_is_in_no_words(mechanism in 0usize..8, password in "[a-zA-Z0-9]{12,30}", shape in 0usize..6) {
            let mechanism = SaslMechanism::all().nth(mechanism).unwrap();
            let text = match shape {
                0 => format!("\0ann\0{password}"),
                1 => format!("ann {password}"),
                2 => format!("c=biws,r=x,p={password}"),
                3 => format!("user=ann\x01auth=Bearer {password}\x01\x01"),
                4 => format!("n,a=ann,\x01auth=Bearer {password}\x01\x01"),
                _ => format!("\0\0{password}\0"),
            };
            // LOGIN's first line and EXTERNAL's only one are names, and told.
            prop_assume!(!matches!(mechanism, SaslMechanism::Login | SaslMechanism::External));
            let mut typed = Typed::begun(&format!("AUTH {mechanism}")).unwrap();
            let words = typed.sent(&STANDARD.encode(text));
            prop_assert!(!words.contains(&password), "{words}");
        }
    }
}
