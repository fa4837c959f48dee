//! What a reply means: by its wording, else by its enhanced code, else by its reply code.

use super::code::{EnhancedCode, ReplyClass, ReplyCode};
use super::finding::FindingId;
use super::reason::Reason;
use super::stage::Stage;
use super::wording::{self, Said};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

/// Whose move it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Whose {
    Sender,
    Recipient,
    SenderAdmin,
    ReceiverAdmin,
    Network,
    Nobody,
}

impl Whose {
    /// For people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Sender => "the sender",
            Self::Recipient => "the recipient",
            Self::SenderAdmin => "the administrator of the sending side",
            Self::ReceiverAdmin => "the administrator of the receiving side",
            Self::Network => "whoever runs the network between",
            Self::Nobody => "nobody",
        }
    }
}

/// A reply, and what it answers.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    pub text: &'a str,
    pub code: Option<ReplyCode>,
    pub enhanced: Option<EnhancedCode>,
    pub stage: Stage,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    pub meaning: String,
    pub whose: Whose,
    pub fix: String,
    /// Whether the same again will fail again; none for what is no failure or not known.
    pub permanent: Option<bool>,
    pub reason: Option<Reason>,
    pub finding: Option<FindingId>,
    pub source: String,
}

/// One code of the reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// `550`, or `X.1.1`.
    pub code: String,
    pub title: String,
    pub meaning: String,
    pub whose: Option<Whose>,
    pub fix: String,
    pub source: String,
}

/// The whole reference: reply codes, then classes, subjects and enhanced codes.
pub fn listed() -> Vec<Listed> {
    let tables = &*TABLES;
    let replies = tables.replies.values().map(|entry| Listed {
        code: entry.code.to_string(),
        title: entry.meaning.clone(),
        meaning: entry.meaning.clone(),
        whose: Some(entry.whose),
        fix: entry.fix.clone(),
        source: entry.source.clone(),
    });
    let heading = |code: String, heading: &Heading, source: &str| Listed {
        code,
        title: heading.title.clone(),
        meaning: heading.meaning.clone(),
        whose: None,
        fix: String::new(),
        source: source.to_owned(),
    };
    let classes = tables.registry.classes.iter().map(|(class, entry)| {
        heading(
            format!("{class}.X.X"),
            entry,
            "RFC 3463 section 2: the first number, the outcome",
        )
    });
    let subjects = tables.registry.subjects.iter().map(|(subject, entry)| {
        heading(
            format!("X.{subject}.X"),
            entry,
            "RFC 3463 section 2: the second number, the subject. Many guides list these as \"general classes\".",
        )
    });
    let codes = tables.registry.codes.iter().map(|entry| Listed {
        code: format!("X.{}", entry.code),
        title: entry.title.clone(),
        meaning: entry.meaning.clone(),
        whose: Some(entry.whose),
        fix: entry.fix.clone(),
        source: entry.source.clone(),
    });
    replies
        .chain(classes)
        .chain(subjects)
        .chain(codes)
        .collect()
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReplyEntry {
    code: u16,
    meaning: String,
    whose: Whose,
    fix: String,
    source: String,
}

/// What a code says in answer to some commands.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StageEntry {
    code: u16,
    at: Vec<Stage>,
    meaning: String,
    whose: Whose,
    fix: String,
    #[serde(default)]
    reason: Option<Reason>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct EnhancedEntry {
    /// `subject.detail`
    code: String,
    title: String,
    meaning: String,
    whose: Whose,
    fix: String,
    source: String,
    #[serde(default)]
    reason: Option<Reason>,
    #[serde(default)]
    finding: Option<FindingId>,
    /// It goes before weak wordings.
    #[serde(default)]
    firm: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Heading {
    title: String,
    meaning: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Registry {
    classes: BTreeMap<u8, Heading>,
    subjects: BTreeMap<u16, Heading>,
    codes: Vec<EnhancedEntry>,
}

struct Tables {
    replies: BTreeMap<u16, ReplyEntry>,
    stages: BTreeMap<(u16, Stage), StageEntry>,
    registry: Registry,
    enhanced: BTreeMap<String, usize>,
}

static TABLES: LazyLock<Tables> =
    LazyLock::new(|| Tables::read().expect("the tables of assets/codes are checked by a test"));

impl Tables {
    fn read() -> anyhow::Result<Self> {
        let replies: Vec<ReplyEntry> =
            serde_yaml::from_str(include_str!("../../assets/codes/reply.yaml"))?;
        let stages: Vec<StageEntry> =
            serde_yaml::from_str(include_str!("../../assets/codes/stages.yaml"))?;
        let mut by_stage = BTreeMap::new();
        for entry in &stages {
            for stage in &entry.at {
                let twice = by_stage.insert((entry.code, *stage), entry.clone());
                anyhow::ensure!(twice.is_none(), "{} at {stage} stands twice", entry.code);
            }
        }
        let registry: Registry =
            serde_yaml::from_str(include_str!("../../assets/codes/enhanced.yaml"))?;
        Ok(Self {
            replies: replies
                .into_iter()
                .map(|entry| (entry.code, entry))
                .collect(),
            stages: by_stage,
            enhanced: registry
                .codes
                .iter()
                .enumerate()
                .map(|(place, entry)| (entry.code.clone(), place))
                .collect(),
            registry,
        })
    }
}

/// What a reply means, and what to do about it.
pub fn explain(question: &Question<'_>) -> Explanation {
    explain_from(question, None)
}

/// What a reply of a known host means: some words say something else from one provider than
/// from all others.
pub fn explain_from(question: &Question<'_>, host: Option<&str>) -> Explanation {
    explain_any(question, &[], &[], host)
}

/// What several texts about one failure mean together: the words of the first of them that
/// says something that is known, else the codes. `question.text` goes before `further`, and
/// codes that say something go before `behind`, which holds what is said of several failures.
pub fn explain_any(
    question: &Question<'_>,
    further: &[&str],
    behind: &[&str],
    host: Option<&str>,
) -> Explanation {
    let class = question
        .code
        .map(ReplyCode::class)
        .or(question.enhanced.map(EnhancedCode::reply_class));
    let permanent = match class {
        Some(ReplyClass::Permanent) => Some(true),
        Some(ReplyClass::Transient) => Some(false),
        _ => None,
    };
    // Words of trouble in a positive reply are somebody's small talk; a masked banner is not.
    let failed = permanent.is_some() || class.is_none() || question.text.contains("**********");
    let words = |text: &str, weak| {
        let question = Question { text, ..*question };
        by_wording(&question, host, weak)
    };
    let own = |weak| {
        let texts = std::iter::once(&question.text).chain(further);
        texts.into_iter().find_map(|text| words(text, weak))
    };
    let firm = question.enhanced.is_some_and(is_firm);
    let told = if failed { own(false) } else { None }
        .or_else(|| {
            let mut behind = behind.iter().filter(|_| failed && !firm);
            behind.find_map(|text| words(text, false))
        })
        .or_else(|| if failed && !firm { own(true) } else { None });
    let by_words = told.is_some();
    let mut explanation = told
        // A positive enhanced code says less than the step that was taken.
        .or_else(|| (!failed).then(|| by_stage(question)).flatten())
        .or_else(|| question.enhanced.and_then(by_enhanced))
        .or_else(|| by_stage(question))
        .or_else(|| question.code.map(by_reply))
        .or_else(|| question.enhanced.and_then(by_class))
        .unwrap_or_else(unexplained);
    if by_words || explanation.source == UNREGISTERED {
        let told = explanation.reason;
        add_codes(&mut explanation.meaning, question, told);
    }
    contradictions(&mut explanation.meaning, question);
    explanation.permanent = permanent;
    explanation
}

/// The source of what is said about a detail that nobody registered.
const UNREGISTERED: &str = "RFC 3463 section 3";

/// Whether a code says more than words that many failures have in common.
fn is_firm(code: EnhancedCode) -> bool {
    let tables = &*TABLES;
    tables
        .enhanced
        .get(&format!("{}.{}", code.subject, code.detail))
        .and_then(|place| tables.registry.codes.get(*place))
        .is_some_and(|entry| entry.firm)
}

fn by_wording(question: &Question<'_>, host: Option<&str>, weak: bool) -> Option<Explanation> {
    let code = question
        .enhanced
        .map(|code| code.to_string())
        .or_else(|| question.code.map(|code| code.to_string()))
        .unwrap_or_default();
    let wording = wording::first(&Said {
        text: question.text,
        host,
        stage: question.stage,
        code: &code,
        weak,
    })?;
    Some(Explanation {
        meaning: wording.meaning().to_owned(),
        whose: wording.whose(),
        fix: wording.fix().to_owned(),
        permanent: None,
        reason: Some(wording.reason),
        finding: wording.finding(),
        source: wording.source.clone(),
    })
}

/// An unregistered detail falls back to its subject. `X.0.0` says nothing, so the reply code
/// is left to speak.
fn by_enhanced(code: EnhancedCode) -> Option<Explanation> {
    let tables = &*TABLES;
    let key = format!("{}.{}", code.subject, code.detail);
    if key == "0.0" {
        return None;
    }
    if let Some(entry) = tables
        .enhanced
        .get(&key)
        .and_then(|place| tables.registry.codes.get(*place))
    {
        return Some(Explanation {
            meaning: format!("{}. {}", entry.title, entry.meaning),
            whose: entry.whose,
            fix: entry.fix.clone(),
            permanent: None,
            reason: entry.reason,
            finding: entry.finding,
            source: format!("{} (X.{key})", entry.source),
        });
    }
    let subject = tables.registry.subjects.get(&code.subject)?;
    let class = tables.registry.classes.get(&code.class)?;
    Some(Explanation {
        meaning: format!("{} ({}): {}", subject.title, class.title, subject.meaning),
        whose: Whose::Sender,
        fix: "Read the text: the detail is not registered, so only its subject is known.".into(),
        permanent: None,
        reason: None,
        finding: None,
        source: UNREGISTERED.into(),
    })
}

/// `X.0.0` and nothing else: its class is all there is.
fn by_class(code: EnhancedCode) -> Option<Explanation> {
    let class = TABLES.registry.classes.get(&code.class)?;
    Some(Explanation {
        meaning: format!("{}: {}", class.title, class.meaning),
        whose: Whose::Nobody,
        fix: "Read the text, it may say more.".into(),
        permanent: None,
        reason: None,
        finding: None,
        source: "RFC 3463 section 2".into(),
    })
}

/// Adds what the code says to what the words said, which go before it.
fn add_codes(meaning: &mut String, question: &Question<'_>, told: Option<Reason>) {
    let tables = &*TABLES;
    let enhanced = question.enhanced.and_then(|code| {
        let key = format!("{}.{}", code.subject, code.detail);
        let place = *tables.enhanced.get(&key).filter(|_| key != "0.0")?;
        Some((code, tables.registry.codes.get(place)?))
    });
    if let Some((code, entry)) = enhanced {
        let other = entry.reason.is_some() && entry.reason != told;
        let but = if other {
            "; the words go before it"
        } else {
            ""
        };
        // Writing to a String cannot fail.
        let _ = write!(meaning, " (The code {code} says: {}{but}.)", entry.title);
    } else if let Some(entry) = question
        .code
        .and_then(|code| tables.replies.get(&code.get()))
    {
        let says = entry.meaning.trim_end_matches('.');
        let _ = write!(meaning, " (The code {} says: {says}.)", entry.code);
    }
}

/// Says where the codes, or the words and the codes, contradict each other.
fn contradictions(meaning: &mut String, question: &Question<'_>) {
    let reply = question.code.map(ReplyCode::class);
    let enhanced = question.enhanced.map(EnhancedCode::reply_class);
    if let (Some(reply), Some(enhanced)) = (reply, enhanced)
        && reply != enhanced
    {
        meaning.push_str(
            " The reply code and the enhanced code contradict each other about whether it is \
             permanent; mail servers go by the reply code.",
        );
        return;
    }
    let text = question.text.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    match reply.or(enhanced) {
        Some(ReplyClass::Permanent) if says(&["temporar", "try again later"]) => {
            meaning.push_str(
                " The words speak of something temporary and contradict the code, by which mail \
                 servers give up: try again later by hand.",
            );
        }
        Some(ReplyClass::Transient) if says(&["permanent"]) => {
            meaning.push_str(
                " The words speak of something permanent and contradict the code, by which mail \
                 servers try again.",
            );
        }
        _ => {}
    }
}

fn by_stage(question: &Question<'_>) -> Option<Explanation> {
    let code = question.code?.get();
    let entry = TABLES.stages.get(&(code, question.stage))?;
    Some(Explanation {
        meaning: entry.meaning.clone(),
        whose: entry.whose,
        fix: entry.fix.clone(),
        permanent: None,
        reason: entry.reason,
        finding: None,
        source: TABLES.replies.get(&code).map_or_else(
            || "RFC 5321 section 4.3.2".to_owned(),
            |reply| reply.source.clone(),
        ),
    })
}

fn by_reply(code: ReplyCode) -> Explanation {
    if let Some(entry) = TABLES.replies.get(&code.get()) {
        return Explanation {
            meaning: entry.meaning.clone(),
            whose: entry.whose,
            fix: entry.fix.clone(),
            permanent: None,
            reason: None,
            finding: None,
            source: entry.source.clone(),
        };
    }
    let (meaning, fix) = match code.class() {
        ReplyClass::Positive => ("An unlisted positive reply: done.", "Nothing to do."),
        ReplyClass::Intermediate => ("An unlisted reply: the server waits for more.", "Go on."),
        ReplyClass::Transient => (
            "An unlisted temporary refusal: the same again later may work.",
            "Wait and try again.",
        ),
        ReplyClass::Permanent => (
            "An unlisted permanent refusal: the same again will fail again.",
            "Read the text for the reason.",
        ),
    };
    Explanation {
        meaning: meaning.into(),
        whose: Whose::Sender,
        fix: fix.into(),
        permanent: None,
        reason: None,
        finding: None,
        source: "RFC 5321 section 4.2.1".into(),
    }
}

fn unexplained() -> Explanation {
    Explanation {
        meaning: "There is no code in it, and no wording that is known.".into(),
        whose: Whose::Nobody,
        fix: "Show the whole line to the administrator of the server that said it.".into(),
        permanent: None,
        reason: None,
        finding: None,
        source: "RFC 5321 section 4.2".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[test]
    fn every_registered_enhanced_code_is_explained_with_its_source() {
        let registry = include_str!("../../tests/data/iana-enhanced-codes.tsv");
        let tables = Tables::read().unwrap();
        let mut registered = 0;
        for line in registry.lines().filter(|line| !line.starts_with('#')) {
            let [code, title, reference] = line.split('\t').collect::<Vec<_>>()[..] else {
                panic!("{line}");
            };
            let place = tables.enhanced[code];
            let entry = &tables.registry.codes[place];
            assert!(entry.title.eq_ignore_ascii_case(title), "X.{code}");
            assert!(entry.source.contains(reference), "X.{code}");
            assert!(!entry.meaning.is_empty() && !entry.fix.is_empty());
            registered += 1;
        }
        assert_eq!(registered, 81);
        assert_eq!(tables.enhanced.len(), registered, "none is made up");
    }

    #[test]
    fn every_reply_code_of_smtp_and_its_extensions_is_explained_with_its_source() {
        let tables = Tables::read().unwrap();
        let by_document: [(&str, &[u16]); 8] = [
            (
                "5321",
                &[
                    211, 214, 220, 221, 250, 251, 252, 354, 421, 450, 451, 452, 455, 500, 501, 502,
                    503, 504, 550, 551, 552, 553, 554, 555,
                ],
            ),
            ("4954", &[235, 334, 432, 454, 530, 534, 535, 538]),
            ("3207", &[220, 454, 530]),
            ("1985", &[253, 458, 459]),
            ("7504", &[521, 556]),
            ("5248", &[523, 525]),
            ("3030", &[503]),
            ("6531", &[550, 553]),
        ];
        for (document, codes) in by_document {
            for code in codes {
                let entry = &tables.replies[code];
                assert!(!entry.meaning.is_empty() && !entry.fix.is_empty());
                // What several documents define is listed under one of them.
                assert!(
                    ["RFC", "observed", "draft"]
                        .iter()
                        .any(|word| entry.source.contains(word)),
                    "{code} of RFC {document}"
                );
            }
        }
    }

    #[rstest]
    #[case(
        "550 5.1.1 <a@b.example>: Recipient address rejected: User unknown",
        "rcpt.user-unknown"
    )]
    #[case("550 Unrouteable address", "rcpt.user-unknown")]
    #[case("554 5.7.1 <a@b.example>: Relay access denied", "rcpt.relay-denied")]
    #[case("550 relay not permitted", "rcpt.relay-denied")]
    #[case(
        "550-5.7.1 Client host [192.0.2.1] blocked using zen.spamhaus.org",
        "rcpt.client-blocked"
    )]
    #[case("452 4.2.2 Mailbox full", "rcpt.mailbox-full")]
    #[case(
        "450 4.2.0 Greylisted, see http://postgrey.example/help",
        "rcpt.greylisted"
    )]
    #[case(
        "450 4.7.25 Client host rejected: cannot find your hostname",
        "rcpt.client-no-ptr"
    )]
    #[case(
        "550 5.7.23 The message was rejected because of Sender Policy Framework violation",
        "rcpt.authentication-failed"
    )]
    #[case(
        "450 4.1.8 <a@b.example>: Sender address rejected: Domain not found",
        "rcpt.sender-rejected"
    )]
    #[case("530 5.7.0 Must issue a STARTTLS command first", "rcpt.tls-required")]
    #[case("530 5.7.0 Authentication required", "rcpt.auth-required")]
    #[case("550 5.2.1 The account is disabled", "rcpt.mailbox-disabled")]
    fn words_say_more_than_codes(#[case] line: &str, #[case] finding: &str) {
        let (code, text) = line.split_at(3);
        let explanation = explain(&Question {
            text,
            code: ReplyCode::new(code.parse().unwrap()),
            enhanced: EnhancedCode::at_start_of(text.trim_start_matches([' ', '-'])),
            stage: Stage::Rcpt,
        });
        assert_eq!(
            explanation.finding.map(FindingId::as_str),
            Some(finding),
            "{explanation:?}"
        );
        assert_eq!(explanation.permanent, Some(code.starts_with('5')));
    }

    #[test]
    fn the_same_code_means_another_thing_at_another_step() {
        let meaning = |stage| {
            explain(&Question {
                text: "250 2.1.0 Ok",
                code: ReplyCode::new(250),
                enhanced: "2.1.0".parse().ok(),
                stage,
            })
            .meaning
        };
        assert!(meaning(Stage::Ehlo).contains("keyword"));
        assert!(meaning(Stage::Mail).contains("sender"));
        assert!(meaning(Stage::Message).contains("responsible"));
        let tables = Tables::read().unwrap();
        for (code, stage) in tables.stages.keys() {
            assert!(tables.replies.contains_key(code), "{code} at {stage}");
        }
    }
}
