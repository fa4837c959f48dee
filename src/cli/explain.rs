//! `smtp-tui explain` and `smtp-tui codes`: what a reply line or a code means.

use super::exit::{self, Failure};
use super::written;
use crate::knowledge::code::{EnhancedCode, ReplyCode};
use crate::knowledge::explain::{Explanation, Question, explain};
use crate::knowledge::finding::FindingId;
use crate::knowledge::reason::Reason;
use crate::knowledge::stage::Stage;
use crate::text::{SafeText, wrapped};
use clap::{Args, ValueEnum};
use serde::Serialize;
use std::fs;
use std::io::{self, Read as _};
use std::path::Path;
use std::process::ExitCode;

/// Octets of standard input that are read.
const MOST: u64 = 16 << 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
    Jsonl,
}

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Reply lines or codes, or a file with one a line; `-` reads lines from standard input
    #[arg(value_name = "TEXT or FILE", required = true)]
    texts: Vec<String>,
    /// How the explanation is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// One element of the answer, as the command-line contract has it.
#[derive(Serialize)]
struct Explained {
    file: Option<String>,
    kind: &'static str,
    deliveries: Vec<Delivery>,
}

#[derive(Serialize)]
struct Delivery {
    recipient: Option<SafeText>,
    action: Option<&'static str>,
    reply_code: Option<ReplyCode>,
    enhanced_code: Option<EnhancedCode>,
    reason: Option<Reason>,
    permanent: Option<bool>,
    finding: Option<FindingId>,
    remote_host: Option<SafeText>,
    diagnostic: SafeText,
    explanation: String,
    fix: String,
    source: String,
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let mut explained = Vec::new();
    for text in &arguments.texts {
        if text == "-" {
            for line in standard_input()?
                .lines()
                .filter(|line| !line.trim().is_empty())
            {
                explained.push(of(line, Some("-".to_owned())));
            }
        } else if Path::new(text).is_file() {
            for line in file(Path::new(text))?
                .lines()
                .filter(|line| !line.trim().is_empty())
            {
                explained.push(of(line, Some(text.clone())));
            }
        } else {
            explained.push(of(text, None));
        }
    }
    let json = |error: serde_json::Error| Failure::new(exit::IO, error.to_string());
    let out = match arguments.format {
        Format::Json => serde_json::to_string_pretty(&explained).map_err(json)? + "\n",
        Format::Jsonl => {
            let mut out = String::new();
            for element in &explained {
                out += &serde_json::to_string(element).map_err(json)?;
                out.push('\n');
            }
            out
        }
        Format::Text => text(&explained),
    };
    written(out.as_bytes())
}

fn file(path: &Path) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    fs::File::open(path)
        .and_then(|file| file.take(MOST).read_to_end(&mut bytes))
        .map_err(|error| {
            Failure::new(
                exit::NO_INPUT,
                format!("reading `{}`: {error}", path.display()),
            )
        })?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn standard_input() -> Result<String, Failure> {
    let mut bytes = Vec::new();
    io::stdin()
        .lock()
        .take(MOST)
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::new(exit::IO, format!("reading standard input: {error}")))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn of(line: &str, file: Option<String>) -> Explained {
    let (code, enhanced) = codes(line);
    let explanation = explain(&Question {
        text: line,
        code,
        enhanced,
        stage: Stage::Unknown,
    });
    let only_codes = line.split_whitespace().all(|word| {
        word.parse::<u16>().is_ok()
            || word
                .trim_matches(['(', ')', '#'])
                .parse::<EnhancedCode>()
                .is_ok()
    });
    Explained {
        file,
        kind: if only_codes { "code" } else { "reply" },
        deliveries: vec![delivery(line, code, enhanced, explanation)],
    }
}

/// The reply code and the enhanced code that a line begins with: `550 5.1.1 …`, `550-5.1.1 …`,
/// `5.1.1`, qmail's `(#5.1.1)`.
fn codes(line: &str) -> (Option<ReplyCode>, Option<EnhancedCode>) {
    let mut words = line
        .trim_start()
        .splitn(2, |c: char| c == '-' || c.is_whitespace());
    let first = words.next().unwrap_or_default();
    let code = (first.len() == 3)
        .then(|| first.parse().ok().and_then(ReplyCode::new))
        .flatten();
    let rest = if code.is_some() {
        words.next().unwrap_or_default()
    } else {
        line
    };
    let enhanced = rest.split_whitespace().find_map(|word| {
        word.trim_matches(['(', ')', '#', ':', ',', ';'])
            .parse()
            .ok()
    });
    (code, enhanced)
}

fn delivery(
    line: &str,
    code: Option<ReplyCode>,
    enhanced: Option<EnhancedCode>,
    explanation: Explanation,
) -> Delivery {
    let action = explanation
        .permanent
        .map(|permanent| if permanent { "failed" } else { "delayed" });
    Delivery {
        recipient: None,
        action,
        reply_code: code,
        enhanced_code: enhanced,
        reason: explanation.reason,
        permanent: explanation.permanent,
        finding: explanation.finding,
        remote_host: None,
        diagnostic: line.into(),
        fix: format!(
            "{} Whose move: {}.",
            explanation.fix,
            explanation.whose.words()
        ),
        explanation: explanation.meaning,
        source: explanation.source,
    }
}

fn text(explained: &[Explained]) -> String {
    let mut out = String::new();
    for delivery in explained.iter().flat_map(|element| &element.deliveries) {
        let parts = [
            delivery.diagnostic.to_string(),
            format!("  {}", delivery.explanation),
            format!("  {}", delivery.fix),
            format!("  ({})", delivery.source),
        ];
        for part in parts {
            for line in wrapped(&part, 80) {
                out.push_str(&line);
                out.push('\n');
            }
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::codes;

    #[test]
    fn finds_the_codes_at_the_beginning() {
        let found = |line| {
            let (code, enhanced) = codes(line);
            (code.map(u16::from), enhanced.map(|code| code.to_string()))
        };
        assert_eq!(
            found("550 5.1.1 no such user"),
            (Some(550), Some("5.1.1".into()))
        );
        assert_eq!(
            found("550-5.7.1 refused"),
            (Some(550), Some("5.7.1".into()))
        );
        assert_eq!(found("(#4.4.1)"), (None, Some("4.4.1".into())));
        assert_eq!(found("2.7.0"), (None, Some("2.7.0".into())));
        assert_eq!(found("hello"), (None, None));
    }
}
