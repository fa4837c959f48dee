//! The parameters of MAIL and RCPT, and the extension that each belongs to.

use super::stage::Stage;
use serde::Deserialize;
use std::sync::LazyLock;

/// One row of `assets/parameters.yaml`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownParameter {
    /// In capitals.
    pub parameter: String,
    /// The row holds for this value alone.
    #[serde(default)]
    pub value: Option<String>,
    /// MAIL or RCPT.
    pub command: Stage,
    /// The EHLO keyword by which a server offers it.
    pub extension: String,
    pub source: String,
    /// As a line of a form.
    #[serde(default)]
    pub entry: Option<Entry>,
}

/// How a parameter is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    pub means: String,
    /// The whole parameters that can be chosen; none, where a value is typed.
    #[serde(default)]
    pub words: Vec<String>,
    /// What a value looks like.
    #[serde(default)]
    pub hint: String,
}

static ALL: LazyLock<Vec<KnownParameter>> = LazyLock::new(|| {
    serde_yaml::from_str(include_str!("../../assets/parameters.yaml"))
        .expect("assets/parameters.yaml is checked by a test")
});

/// What is known of `KEYWORD` or `KEYWORD=value`, in any case.
pub fn parameter(text: &str) -> Option<&'static KnownParameter> {
    let (keyword, value) = text.split_once('=').unwrap_or((text, ""));
    ALL.iter().find(|row| {
        row.parameter.eq_ignore_ascii_case(keyword)
            && row
                .value
                .as_ref()
                .is_none_or(|own| own.eq_ignore_ascii_case(value))
    })
}

/// The keywords that fit behind MAIL or RCPT.
pub fn parameters_of(command: Stage) -> impl Iterator<Item = &'static KnownParameter> {
    ALL.iter().filter(move |row| row.command == command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_parameter_has_an_extension_that_is_explained() {
        for row in ALL.iter() {
            assert!(matches!(row.command, Stage::Mail | Stage::Rcpt), "{row:?}");
            let known = ["RFC ", "draft-hall-prdr"];
            let source = known.iter().any(|from| row.source.starts_with(from));
            assert!(source, "{row:?}");
            let found = parameter(&format!(
                "{}={}",
                row.parameter,
                row.value.as_deref().unwrap_or("x")
            ));
            assert_eq!(found, Some(row), "hidden by another row");
            let explained = crate::knowledge::extension::extension(&row.extension);
            assert!(explained.is_some(), "{row:?}");
            let Some(entry) = &row.entry else { continue };
            assert!(entry.means.ends_with('.'), "{row:?}");
            assert_ne!(entry.words.is_empty(), entry.hint.is_empty(), "{row:?}");
            for word in &entry.words {
                let own = word.split('=').next();
                assert_eq!(own, Some(row.parameter.as_str()), "{row:?}");
            }
        }
        assert_eq!(parameter("body=8bitmime").unwrap().extension, "8BITMIME");
        assert_eq!(
            parameter("BODY=BINARYMIME").unwrap().extension,
            "BINARYMIME"
        );
        assert_eq!(parameter("X-OWN=1"), None);
    }
}
