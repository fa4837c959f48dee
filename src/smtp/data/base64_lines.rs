//! Octets as lines of base64 (RFC 2045 section 6.8), block by block.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Octets of one line: 76 letters.
const LINE: usize = 57;

/// Encodes what comes in blocks, cut anywhere.
#[derive(Clone, Debug, Default)]
pub struct Base64Lines {
    /// Less than a line.
    held: Vec<u8>,
}

impl Base64Lines {
    /// The lines that are whole with this block are added to `lines`.
    pub fn write(&mut self, block: &[u8], lines: &mut Vec<u8>) {
        self.held.extend_from_slice(block);
        let whole = self.held.len() / LINE * LINE;
        let rest = self.held.split_off(whole);
        let ready = std::mem::replace(&mut self.held, rest);
        encode(&ready, lines);
    }

    /// The last line.
    pub fn finish(&mut self, lines: &mut Vec<u8>) {
        encode(&std::mem::take(&mut self.held), lines);
    }
}

fn encode(octets: &[u8], lines: &mut Vec<u8>) {
    for line in octets.chunks(LINE) {
        lines.extend_from_slice(STANDARD.encode(line).as_bytes());
        lines.extend_from_slice(b"\r\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn wherever_it_is_cut_the_same_octets_arrive(blocks in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..150), 0..6)) {
            let (mut encoder, mut lines) = (Base64Lines::default(), Vec::new());
            for block in &blocks {
                encoder.write(block, &mut lines);
            }
            encoder.finish(&mut lines);
            let text = String::from_utf8(lines).unwrap();
            prop_assert!(text.lines().all(|line| line.len() <= 76));
            prop_assert_eq!(STANDARD.decode(text.replace("\r\n", "")).unwrap(), blocks.concat());
        }
    }
}
