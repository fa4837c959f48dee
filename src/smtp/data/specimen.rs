//! Texts that filters agree to take for spam and for a virus, so that filters can be tried.
//!
//! They stand here backwards: a scanner that came upon them forwards would take this program
//! for what they stand for.

/// GTUBE, which every spam filter scores as spam (spamassassin.apache.org/gtube).
pub fn gtube() -> String {
    backwards("X43.C*LIAME-TSET-EBU-ITNA-DRADNATS-EBUTG*NENDI2*3NBSN.1NDAQBDJ4C*SJX")
}

/// EICAR, which every virus scanner takes for a virus (eicar.org).
pub fn eicar() -> String {
    backwards("*H+H$!ELIF-TSET-SURIVITNA-DRADNATS-RACIE$}7)CC7)^P(45XZP\\4[PA@%P!O5X")
}

fn backwards(text: &str) -> String {
    text.chars().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::digest::{SHA256, digest};

    fn sum(text: &str) -> String {
        let sum = digest(&SHA256, text.as_bytes());
        let octets: Vec<String> = sum.as_ref().iter().map(|b| format!("{b:02x}")).collect();
        octets.concat()
    }

    #[test]
    fn they_are_what_the_filters_know() {
        assert_eq!((gtube().len(), eicar().len()), (68, 68));
        // The published sum of eicar.com.
        assert_eq!(
            sum(&eicar()),
            "275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f"
        );
        let source = include_str!("specimen.rs");
        assert!(!source.contains(&gtube()) && !source.contains(&eicar()));
    }
}
