//! MTA-STS records and policies (RFC 8461), and TLS reporting (RFC 8460).

use super::{Problem, tags};
use mail_auth::common::parse::TxtRecordParser as _;
use mail_auth::mta_sts::TlsRpt;

/// A policy file is small; section 3.2 lets senders stop at 64 KiB.
pub const MAX_POLICY: usize = 64 * 1024;
/// One year in seconds, the largest `max_age`.
const MAX_AGE: u64 = 31_557_600;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Enforce,
    Testing,
    None,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    pub mode: Mode,
    /// Names, or `*.` and what follows one label.
    pub mx: Vec<String>,
    /// For how many seconds senders may keep it.
    pub max_age: u64,
}

/// Whether a TXT record is one of MTA-STS (section 3.1).
pub fn is_record(text: &str) -> bool {
    text.split(';').next().map(str::trim) == Some("v=STSv1")
}

/// The id of the policy.
pub fn id(text: &str) -> Result<String, Problem> {
    let id = tags::value(text, "id").unwrap_or_default();
    if id.is_empty() {
        return Err(Problem::new("the record has no `id=`"));
    }
    if id.len() > 32 || !id.chars().all(|c| c.is_ascii_alphanumeric()) {
        return Err(Problem::new(format!(
            "`id={id}` is not up to 32 letters and digits"
        )));
    }
    Ok(id.to_owned())
}

/// Reads a policy file.
pub fn policy(body: &str) -> Result<Policy, Problem> {
    let mut version = None;
    let mut mode = None;
    let mut max_age = None;
    let mut mx = Vec::new();
    for line in body.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let Some((name, value)) = line.split_once(':') else {
            return Err(Problem::new(format!("the line `{line}` has no `:`")));
        };
        let value = value.trim();
        match name.trim() {
            "version" => version = Some(value.to_owned()),
            "mode" => {
                mode = Some(match value {
                    "enforce" => Mode::Enforce,
                    "testing" => Mode::Testing,
                    "none" => Mode::None,
                    _ => return Err(Problem::new(format!("`mode: {value}` is no mode"))),
                });
            }
            "max_age" => {
                let age = value.parse().ok().filter(|age| *age <= MAX_AGE);
                max_age = Some(age.ok_or_else(|| {
                    Problem::new(format!(
                        "`max_age: {value}` is no number of seconds up to a year"
                    ))
                })?);
            }
            "mx" => mx.push(value.to_ascii_lowercase()),
            _ => {}
        }
    }
    match version.as_deref() {
        Some("STSv1") => {}
        Some(other) => return Err(Problem::new(format!("`version: {other}` is not STSv1"))),
        None => return Err(Problem::new("the policy has no `version: STSv1`")),
    }
    let mode = mode.ok_or_else(|| Problem::new("the policy has no `mode:`"))?;
    let max_age = max_age.ok_or_else(|| Problem::new("the policy has no `max_age:`"))?;
    if mx.is_empty() && mode != Mode::None {
        return Err(Problem::new("the policy names no mail host (`mx:`)"));
    }
    Ok(Policy { mode, mx, max_age })
}

impl Policy {
    /// Whether mail may go to this host; a wildcard stands for one label (section 4.1).
    pub fn allows(&self, host: &str) -> bool {
        let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
        self.mx
            .iter()
            .any(|pattern| match pattern.strip_prefix("*.") {
                Some(rest) => host.split_once('.').is_some_and(|(_, below)| below == rest),
                None => *pattern == host,
            })
    }
}

/// Whether a TXT record of TLS reporting can be read.
pub fn is_tls_reporting(text: &str) -> bool {
    TlsRpt::parse(text.as_bytes()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: &str = "version: STSv1\r\nmode: enforce\r\nmx: mx1.example.org\r\nmx: *.example.net\r\nmax_age: 604800\r\n";

    #[test]
    fn reads_policies_and_matches_hosts() {
        let policy = policy(POLICY).unwrap();
        assert_eq!(policy.mode, Mode::Enforce);
        for host in ["mx1.example.org.", "MX1.example.org", "a.example.net"] {
            assert!(policy.allows(host), "{host}");
        }
        for host in ["mx2.example.org", "example.net", "a.b.example.net"] {
            assert!(!policy.allows(host), "{host}");
        }
    }

    #[test]
    fn says_what_is_wrong() {
        for (from, to) in [
            ("STSv1", "STSv2"),
            ("enforce", "enforced"),
            ("604800", "soon"),
            ("mode: enforce", ""),
            ("max_age: 604800", ""),
        ] {
            assert!(policy(&POLICY.replace(from, to)).is_err(), "{from} -> {to}");
        }
        assert!(policy("<html></html>").is_err());
        assert!(is_record("v=STSv1; id=1") && !is_record("v=STSv2; id=1"));
        assert_eq!(id("v=STSv1; id=20260101;").unwrap(), "20260101");
        assert!(id("v=STSv1;").is_err() && id("v=STSv1; id=a-b").is_err());
        assert!(is_tls_reporting("v=TLSRPTv1; rua=mailto:tls@example.org"));
    }
}
