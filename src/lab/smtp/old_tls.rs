//! A server that has TLS 1.1 and nothing newer. No library here speaks that any more, so the
//! few bytes that show it are written by hand.

/// Octets of a record's content at most (RFC 4346 section 6.2.1).
pub(super) const MAX_RECORD: usize = 1 << 14;
/// Octets before a record's content: its type, its version, its length.
pub(super) const HEADER: usize = 5;
const TLS_1_1: [u8; 2] = [3, 2];

/// Octets that follow the header of a record.
pub(super) fn length(header: [u8; HEADER]) -> usize {
    usize::from(u16::from_be_bytes([header[3], header[4]]))
}

/// What goes back to the content of the first record: a `ServerHello` that chooses TLS 1.1,
/// where the client has that; else the alert `protocol_version`.
pub(super) fn answer(hello: &[u8]) -> Vec<u8> {
    choose(hello).map_or_else(
        || vec![21, TLS_1_1[0], TLS_1_1[1], 0, 2, 2, 70],
        server_hello,
    )
}

/// The first suite of a client that has nothing newer than TLS 1.1 (RFC 4346 section 7.4.1.2):
/// after type and length of the message come version, random, session id, suites.
fn choose(hello: &[u8]) -> Option<[u8; 2]> {
    let (kind, rest) = hello.split_at_checked(4)?;
    let (version, rest) = rest.split_at_checked(2)?;
    if kind.first() != Some(&1) || version > &TLS_1_1[..] {
        return None;
    }
    let (_random, rest) = rest.split_at_checked(32)?;
    let (session, rest) = rest.split_first()?;
    let (_session, rest) = rest.split_at_checked(usize::from(*session))?;
    let suites = rest.get(2..4)?;
    suites.try_into().ok()
}

fn server_hello(suite: [u8; 2]) -> Vec<u8> {
    let mut hello = TLS_1_1.to_vec();
    // The random: nothing is ever encrypted with it.
    hello.extend([0xa5; 32]);
    // No session id, no compression.
    hello.push(0);
    hello.extend(suite);
    hello.push(0);
    let length = u8::try_from(hello.len()).unwrap_or(u8::MAX);
    let mut record = vec![22, TLS_1_1[0], TLS_1_1[1], 0, length + 4, 2, 0, 0, length];
    record.extend(hello);
    record
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hello(version: [u8; 2]) -> Vec<u8> {
        let mut hello = vec![1, 0, 0, 41];
        hello.extend(version);
        hello.extend([7; 32]);
        hello.extend([0, 0, 2, 0xc0, 0x14, 1, 0]);
        hello
    }

    #[test]
    fn chooses_its_version_or_refuses() {
        for old in [[3, 1], [3, 2]] {
            let answer = answer(&hello(old));
            assert_eq!(answer.len(), 5 + usize::from(answer[4]));
            assert_eq!(answer[5..11], [2, 0, 0, 38, 3, 2]);
            assert_eq!(answer[44..46], [0xc0, 0x14]);
        }
        let alert = [21, 3, 2, 0, 2, 2, 70];
        assert_eq!(answer(&hello([3, 3])), alert);
        for length in 0..43 {
            // Whatever is cut short gets the alert too.
            assert_eq!(answer(&hello([3, 2])[..length]), alert);
        }
    }
}
