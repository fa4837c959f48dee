//! The way as lines of text: hop by hop with its delay as a bar, then the results.

use super::hop::span;
use super::{Hop, Lag, Trace};
use crate::text::{self, SafeText};

/// How a piece of a line is meant, for whoever colours it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Plain,
    Dim,
    Good,
    Bad,
    Warn,
}

/// Longer than this between two servers is remarked upon: greylisting, a queue, a filter.
const SLOW: u64 = 60;
/// Columns of the longest bar.
const BAR: u64 = 20;

/// One line of at most so many columns: a tab, which safe text may have, is none in a cell.
fn truncated(text: &str, columns: usize) -> String {
    text::truncated(&text.replace(['\t', '\n'], " "), columns)
}

/// The trace for `columns`, each line in pieces.
pub fn lines(trace: &Trace, columns: usize) -> Vec<Vec<(Tone, String)>> {
    let mut lines = Vec::new();
    let longest = trace.longest();
    for (index, hop) in trace.hops.iter().enumerate() {
        lines.push(route(index, hop, columns));
        lines.push(timing(hop, longest));
    }
    if let Some(took) = trace.took().filter(|_| trace.hops.len() > 1) {
        lines.push(vec![(Tone::Dim, format!("    {} in all", span(took)))]);
    }
    for results in &trace.authentication {
        lines.push(vec![(
            Tone::Dim,
            truncated(&format!("{} says:", results.by), columns),
        )]);
        for method in &results.methods {
            let (tone, mark) = match method.speaks() {
                Some(true) => (Tone::Good, "✓"),
                Some(false) => (Tone::Bad, "✗"),
                None => (Tone::Dim, "-"),
            };
            let about: Vec<&str> = method.properties.iter().map(SafeText::as_str).collect();
            let why = method.reason.as_ref().or(method.comment.as_ref());
            let mut line = format!("  {mark} {:<6} {}", method.method.as_str(), method.result);
            for more in about.into_iter().chain(why.map(SafeText::as_str)) {
                line.push_str("  ");
                line.push_str(more);
            }
            lines.push(vec![(tone, truncated(&line, columns))]);
        }
    }
    lines
}

/// The same without tones, for a file.
pub fn plain(trace: &Trace, columns: usize) -> Vec<String> {
    let text = |line: Vec<(Tone, String)>| {
        let line: String = line.into_iter().map(|(_, text)| text).collect();
        line.trim_end().to_owned()
    };
    lines(trace, columns).into_iter().map(text).collect()
}

fn route(index: usize, hop: &Hop, columns: usize) -> Vec<(Tone, String)> {
    let unknown = "?";
    let from = hop.from.as_ref().map_or(unknown, |from| from.as_str());
    let address = hop.address.map(|address| format!(" [{address}]"));
    let by = hop.by.as_ref().map_or(unknown, |by| by.as_str());
    let line = format!(
        "{:>2}. {from}{} → {by}",
        index + 1,
        address.unwrap_or_default()
    );
    vec![(Tone::Plain, truncated(&line, columns))]
}

fn timing(hop: &Hop, longest: u64) -> Vec<(Tone, String)> {
    let stamp = hop.stamp.as_deref().unwrap_or("no time");
    let with = hop.with.as_ref().map_or("", |with| with.as_str());
    let tls = if hop.encrypted { ", TLS" } else { "" };
    let mut line = vec![(Tone::Dim, format!("    {stamp}  {with}{tls}  "))];
    let tone = match hop.lag {
        Some(Lag::Seconds(seconds)) if seconds <= SLOW => Tone::Dim,
        _ => Tone::Warn,
    };
    let cells = usize::try_from(hop.seconds() * BAR / longest).unwrap_or(0);
    line.push((tone, format!("{} {}", hop.after(), "█".repeat(cells))));
    line
}
