//! DMARC records (RFC 9989, before that RFC 7489).

use super::{Problem, tags};
use mail_auth::common::parse::TxtRecordParser as _;
use mail_auth::dmarc::Dmarc;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// `none`, `quarantine` or `reject`.
    pub policy: String,
    /// The same for subdomains, where it differs.
    pub subdomains: Option<String>,
    /// Domains that reports go to.
    pub report_domains: Vec<String>,
}

/// Whether receivers take a TXT record for DMARC (RFC 9989 section 4.7).
pub fn is_dmarc(text: &str) -> bool {
    let mut parts = text.splitn(2, ';');
    parts.next().is_some_and(|first| {
        let mut tag = first.splitn(2, '=').map(str::trim);
        tag.next() == Some("v") && tag.next() == Some("DMARC1")
    })
}

/// Whether it was meant to be one.
pub fn was_meant_to_be_dmarc(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    !is_dmarc(text) && (lower.contains("dmarc") || lower.trim_start().starts_with("p="))
}

/// Reads a record that is, or was meant to be, one of DMARC.
pub fn parse(text: &str) -> Result<Policy, Problem> {
    let wrong = |what: String| Problem {
        what,
        corrected: Some(meant(text)),
    };
    if !is_dmarc(text) {
        return Err(wrong("it does not begin with `v=DMARC1;`".to_owned()));
    }
    let policy_of = |name: &str| match tags::value(text, name) {
        None => Ok(None),
        Some(value) => match word(value) {
            Some(policy) => Ok(Some(policy.to_owned())),
            None => Err(wrong(format!("`{name}={value}` is no policy"))),
        },
    };
    for (name, value) in tags::tags(text) {
        if value.is_none() {
            return Err(wrong(format!("`{name}` is no tag with a value")));
        }
    }
    let Some(policy) = policy_of("p")? else {
        return Err(wrong("there is no `p=`, which says the policy".to_owned()));
    };
    let subdomains = policy_of("sp")?.filter(|other| *other != policy);
    let mut report_domains = Vec::new();
    for name in ["rua", "ruf"] {
        for uri in tags::value(text, name).unwrap_or_default().split(',') {
            let uri = uri.trim();
            // Schemes that receivers do not know are passed over.
            if uri.is_empty() || uri.contains("://") {
                continue;
            }
            let Some(domain) = report_domain(uri) else {
                return Err(wrong(format!("`{name}={uri}` is no `mailto:` address")));
            };
            if !report_domains.contains(&domain) {
                report_domains.push(domain);
            }
        }
    }
    Dmarc::parse(text.as_bytes()).map_err(|error| wrong(error.to_string()))?;
    Ok(Policy {
        policy,
        subdomains,
        report_domains,
    })
}

fn word(value: &str) -> Option<&'static str> {
    ["none", "quarantine", "reject"]
        .into_iter()
        .find(|word| word.eq_ignore_ascii_case(value))
}

/// The domain of `mailto:someone@domain!10m`.
fn report_domain(uri: &str) -> Option<String> {
    let (scheme, rest) = uri.split_once(':')?;
    if !scheme.eq_ignore_ascii_case("mailto") {
        return None;
    }
    let address = rest.split('!').next()?;
    let (_, domain) = address.rsplit_once('@')?;
    let good = !domain.is_empty()
        && domain
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_'));
    good.then(|| domain.to_ascii_lowercase())
}

/// The record as it was probably meant: every tag that can be saved, `p=none` where the policy
/// cannot.
fn meant(text: &str) -> String {
    let spaced = text.replace(',', ", ");
    let mut found: Vec<(String, String)> = vec![("v".into(), "DMARC1".into())];
    let mut policy = "none".to_owned();
    let mut reports = Vec::new();
    for part in spaced.split([';', ' ']).map(str::trim) {
        let Some((name, value)) = part.split_once('=') else {
            if report_domain(part.trim_end_matches(',')).is_some() {
                reports.push(part.trim_end_matches(',').to_owned());
            }
            continue;
        };
        let value = value.trim().trim_end_matches(',');
        match name.trim().to_ascii_lowercase().as_str() {
            "p" => {
                let nearest = ["none", "quarantine", "reject"]
                    .into_iter()
                    .find(|word| strsim::jaro_winkler(word, &value.to_ascii_lowercase()) > 0.8);
                nearest.unwrap_or("none").clone_into(&mut policy);
            }
            "rua" if report_domain(value).is_some() => reports.push(value.to_owned()),
            "rua" if value.contains('@') => reports.push(format!("mailto:{value}")),
            name @ ("sp" | "np") if word(value).is_some() => {
                found.push((name.to_owned(), value.to_ascii_lowercase()));
            }
            name @ ("adkim" | "aspf") if matches!(value, "r" | "s") => {
                found.push((name.to_owned(), value.to_owned()));
            }
            _ => {}
        }
    }
    found.insert(1, ("p".into(), policy));
    if !reports.is_empty() {
        found.push(("rua".into(), reports.join(",")));
    }
    tags::joined(&found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_records() {
        let policy = parse(
            "v=DMARC1; p=quarantine; sp=reject; rua=mailto:a@Example.org!10m,mailto:b@example.net; pct=50",
        )
        .unwrap();
        assert_eq!(policy.policy, "quarantine");
        assert_eq!(policy.subdomains.as_deref(), Some("reject"));
        assert_eq!(policy.report_domains, ["example.org", "example.net"]);
        assert!(parse("v=DMARC1;p=none").is_ok());
        assert!(parse("v=DMARC1; p=reject;").is_ok());
    }

    #[test]
    fn corrects_records() {
        for (wrong, corrected) in [
            ("v=DMARC1; p=quarantene", "v=DMARC1; p=quarantine"),
            ("v=DMARC1 p=reject", "v=DMARC1; p=reject"),
            ("v=dmarc1; p=reject", "v=DMARC1; p=reject"),
            ("p=reject; v=DMARC1", "v=DMARC1; p=reject"),
            (
                "v=DMARC1; p=none; rua=dmarc@example.org",
                "v=DMARC1; p=none; rua=mailto:dmarc@example.org",
            ),
            (
                "v=DMARC1; rua=mailto:a@example.org",
                "v=DMARC1; p=none; rua=mailto:a@example.org",
            ),
            ("v=DMARC1; p=none; garbage", "v=DMARC1; p=none"),
        ] {
            let problem = parse(wrong).unwrap_err();
            assert_eq!(
                problem.corrected.as_deref(),
                Some(corrected),
                "{wrong}: {problem}"
            );
            assert!(parse(corrected).is_ok(), "{corrected}");
        }
        assert!(was_meant_to_be_dmarc("v=dmarc1; p=none"));
        assert!(!was_meant_to_be_dmarc("v=spf1 -all"));
    }
}
