//! Bounces a second on one core, reading the files included: `cargo bench --bench bounces`.
//! The messages are made here; `cargo bench --bench bounces -- FOLDER` takes those of a folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Messages of a made corpus.
const MESSAGES: usize = 20_000;

#[expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark measures time and says it"
)]
fn main() -> std::io::Result<()> {
    let folder = std::env::args()
        .skip(1)
        .find(|argument| !argument.starts_with('-'));
    let made = tempfile::tempdir()?;
    let files = match folder {
        Some(folder) => listed(Path::new(&folder))?,
        None => make(made.path())?,
    };
    // Tables are read and expressions compiled by the first message that needs them.
    let start = Instant::now();
    for file in &files {
        smtp_tui::bounce::read(&fs::read(file)?);
    }
    println!(
        "{} messages for the first time: {:.2?}",
        files.len(),
        start.elapsed()
    );
    let rounds = MESSAGES.div_ceil(files.len().max(1)).max(1);
    let start = Instant::now();
    let (mut messages, mut deliveries, mut octets) = (0_usize, 0_usize, 0_usize);
    for file in (0..rounds).flat_map(|_| &files) {
        let message = fs::read(file)?;
        octets += message.len();
        messages += 1;
        deliveries += smtp_tui::bounce::read(&message).deliveries.len();
    }
    let elapsed = start.elapsed();
    let a_second = messages as u128 * 1_000_000 / elapsed.as_micros().max(1);
    println!(
        "{messages} messages, {octets} octets, {deliveries} deliveries in {elapsed:.2?}: \
         {a_second} messages a second"
    );
    Ok(())
}

fn listed(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_file() {
            files.push(path);
        }
    }
    Ok(files)
}

/// The samples of `tests/data/bounces`, each many times with other names in it.
fn make(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let samples = listed(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/bounces"))?;
    let mut texts = Vec::new();
    for sample in &samples {
        texts.push(String::from_utf8_lossy(&fs::read(sample)?).into_owned());
    }
    let mut files = Vec::new();
    for (number, text) in (0..MESSAGES).zip(texts.iter().cycle()) {
        let path = folder.join(format!("{number}.eml"));
        fs::write(&path, text.replace("nobody", &format!("nobody{number}")))?;
        files.push(path);
    }
    Ok(files)
}
