//! Programs between a mail client and its server that show certificates of their own.

use std::sync::LazyLock;

static ISSUERS: LazyLock<Vec<String>> = LazyLock::new(|| {
    serde_yaml::from_str(include_str!("../../assets/world/interceptors.yaml"))
        .expect("assets/world/interceptors.yaml is checked by a test")
});

/// The words by which the issuer of a certificate is known to be such a program.
pub fn of(issuer: &str) -> Option<&'static str> {
    let issuer = issuer.to_lowercase();
    ISSUERS
        .iter()
        .find(|words| issuer.contains(&words.to_lowercase()))
        .map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_shields_and_no_public_authority() {
        assert!(of("CN=Avast Web/Mail Shield Root, O=Avast").is_some());
        assert!(of("O=ESET, spol. s r. o., CN=ESET SSL Filter CA").is_some());
        for public in [
            "C=US, O=Let's Encrypt, CN=R11",
            "O=DigiCert Inc",
            "O=Private Office CA",
        ] {
            assert!(of(public).is_none(), "{public}");
        }
    }
}
