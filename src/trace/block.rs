//! Where in a text the headers of the message stand that it is about.

/// Octets of headers that are read.
const MOST: usize = 1 << 20;

/// The last run of header lines with trace information in it, without the marks of quoting.
pub(super) fn last_traced(text: &str) -> Option<String> {
    let mut found = None;
    let mut block = String::new();
    let mut quoted = 0;
    let text = text.replace("\r\n", "\n");
    for line in text.split(['\n', '\r']).chain([""]) {
        let (marks, line) = unquoted(line);
        let continues = line.starts_with([' ', '\t']) && !line.trim().is_empty();
        let goes_on = !block.is_empty() && marks == quoted && (continues || is_field(line));
        if !goes_on {
            if is_traced(&block) {
                found = Some(std::mem::take(&mut block));
            }
            block.clear();
            quoted = marks;
            if !is_field(line) {
                continue;
            }
        }
        if block.len() + line.len() < MOST {
            block.push_str(line);
            block.push_str("\r\n");
        }
    }
    found
}

fn is_traced(block: &str) -> bool {
    block.lines().any(|line| {
        let name = line.split(':').next().unwrap_or_default();
        name.eq_ignore_ascii_case("Received") || name.eq_ignore_ascii_case("Authentication-Results")
    })
}

/// The marks of a reply in front of a line, `> ` and `| `, and how many they are.
fn unquoted(line: &str) -> (usize, &str) {
    let mut marks = 0;
    let mut line = line;
    while let Some(behind) = line.strip_prefix(['>', '|']) {
        marks += 1;
        line = behind.strip_prefix(' ').unwrap_or(behind);
    }
    (marks, line)
}

/// `field-name ":"` (RFC 5322 section 2.2).
fn is_field(line: &str) -> bool {
    line.split_once(':').is_some_and(|(name, _)| {
        let name = name.trim_end_matches([' ', '\t']);
        !name.is_empty() && name.len() < 100 && name.bytes().all(|b| b.is_ascii_graphic())
    })
}
