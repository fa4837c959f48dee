//! The DKIM keys that are looked for.

use super::smtp::same_organisation;
use crate::policy::signature::signatures;
use std::fmt;

/// A DKIM selector at the domain of the case, or at another one of the same organisation that a
/// signature names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Selector {
    pub name: String,
    pub domain: Option<String>,
}

impl Selector {
    /// The selectors of the signatures in a pasted message that speak for `domain`: made by it,
    /// or by a domain above or below it.
    pub fn of_message(text: &str, domain: &str) -> Vec<Self> {
        let mut found: Vec<Self> = Vec::new();
        for signature in signatures(text) {
            if !same_organisation(&signature.domain, domain) {
                continue;
            }
            let selector = Self {
                name: signature.selector,
                domain: (!signature.domain.eq_ignore_ascii_case(domain))
                    .then_some(signature.domain),
            };
            if !found.contains(&selector) {
                found.push(selector);
            }
        }
        found
    }
}

impl From<String> for Selector {
    fn from(name: String) -> Self {
        Self { name, domain: None }
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        match &self.domain {
            Some(domain) => write!(f, " of {domain}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_speaks_for_its_own_organisation() {
        let text = "DKIM-Signature: v=1; d=example.org; s=s1; b=x\n\
                    DKIM-Signature: v=1; d=mail.example.org; s=s2; b=x\n\
                    DKIM-Signature: v=1; d=esp.example; s=s3; b=x\n\
                    DKIM-Signature: v=1; d=Example.ORG; s=s1; b=x\n";
        let shown = |domain| -> Vec<String> {
            let found = Selector::of_message(text, domain);
            found.iter().map(ToString::to_string).collect()
        };
        assert_eq!(shown("example.org"), ["s1", "s2 of mail.example.org"]);
        assert_eq!(shown("mail.example.org"), ["s1 of example.org", "s2"]);
        assert!(shown("example.com").is_empty());
    }
}
