//! The affected addresses or domains, as they were typed.

use crate::case::{NotATarget, Target};

/// What is an address or a domain in `text`, and why the rest is not. Commas, semicolons,
/// spaces and line feeds stand between them.
pub(super) fn read(text: &str) -> (Vec<Target>, Vec<NotATarget>) {
    let mut targets = Vec::new();
    let mut wrong = Vec::new();
    for word in text.split(|c: char| c == ',' || c == ';' || c.is_whitespace()) {
        if word.is_empty() {
            continue;
        }
        match word.parse::<Target>() {
            Ok(target) if targets.contains(&target) => {}
            Ok(target) => targets.push(target),
            Err(error) => wrong.push(error),
        }
    }
    (targets, wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_stand_side_by_side() {
        let (targets, wrong) = read("a@example.org, bücher.example;c@example.org\nlocalhost");
        let names: Vec<_> = targets.iter().map(ToString::to_string).collect();
        assert_eq!(
            names,
            ["a@example.org", "xn--bcher-kva.example", "c@example.org"]
        );
        let said: Vec<_> = wrong.iter().map(ToString::to_string).collect();
        assert_eq!(
            said,
            ["`localhost` has no dot: a domain such as example.org is needed"]
        );
        assert_eq!(read(" , ;\n"), (Vec::new(), Vec::new()));
    }
}
