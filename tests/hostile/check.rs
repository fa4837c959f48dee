//! A check of a domain whose mail host is hostile.

use super::{Place, places, scenario};
use crate::passes::by_passes;
use crate::scenarios::played;
use futures_util::StreamExt as _;
use futures_util::stream;
use smtp_tui::lab::Stage;

#[test]
fn a_check_finds_what_answers() {
    by_passes(found());
}

async fn found() {
    let all = places(&[Stage::Connect, Stage::Banner, Stage::Ehlo, Stage::Starttls]);
    let first = |place: &&Place| place.behaviour.at.as_slice().first() == Some(&place.stage);
    let places: Vec<&Place> = all.iter().filter(first).collect();
    let failures: Vec<String> = stream::iter(places)
        .filter_map(|place| async move { Some((place, place.behaviour.finding?)) })
        .map(|(place, id)| async move {
            let (case, diagnosis) = Box::pin(played(&scenario(&[place]))).await;
            let found: Vec<_> = diagnosis.findings.iter().map(|found| found.id).collect();
            drop(case);
            (!found.contains(&id)).then(|| format!("{}: no {id} in {found:?}", place.script))
        })
        .buffer_unordered(6)
        .filter_map(async |failure| failure)
        .collect()
        .await;
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
