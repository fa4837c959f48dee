//! Slices of bytes that cannot fail, and the few patterns that log lines are made of.

/// Bytes from `from` to `to`, if there are as many.
pub(super) fn slice(bytes: &[u8], from: usize, to: usize) -> Option<&[u8]> {
    bytes.get(from..to)
}

/// The bytes from `from` on, none beyond the end.
pub(super) fn from(bytes: &[u8], from: usize) -> &[u8] {
    bytes.get(from..).unwrap_or_default()
}

/// The first `most` bytes, or all.
pub(super) fn head(bytes: &[u8], most: usize) -> &[u8] {
    bytes.get(..most).unwrap_or(bytes)
}

/// A decimal number of at most eighteen digits, and nothing else.
pub(super) fn number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || digits.len() > 18 {
        return None;
    }
    digits.iter().try_fold(0, |value: u64, digit| {
        let digit = digit.wrapping_sub(b'0');
        (digit < 10).then(|| value * 10 + u64::from(digit))
    })
}

/// What stands before the first `needle`, and what behind it.
pub(super) fn split<'a>(bytes: &'a [u8], needle: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = find(bytes, needle)?;
    Some((bytes.get(..at)?, bytes.get(at + needle.len()..)?))
}

/// The same from the end.
pub(super) fn split_last<'a>(bytes: &'a [u8], needle: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = memchr::memmem::rfind(bytes, needle)?;
    Some((bytes.get(..at)?, bytes.get(at + needle.len()..)?))
}

pub(super) fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    match needle {
        [one] => memchr::memchr(*one, bytes),
        _ => memchr::memmem::find(bytes, needle),
    }
}

pub(super) fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    find(bytes, needle).is_some()
}

/// What stands between `open` and the next `close`.
pub(super) fn between<'a>(bytes: &'a [u8], open: &[u8], close: u8) -> Option<&'a [u8]> {
    let (_, rest) = split(bytes, open)?;
    let end = memchr::memchr(close, rest)?;
    rest.get(..end)
}

/// What stands up to the first of the bytes in `ends`, or to the end.
pub(super) fn until<'a>(bytes: &'a [u8], ends: &[u8]) -> &'a [u8] {
    let end = bytes.iter().position(|byte| ends.contains(byte));
    head(bytes, end.unwrap_or(bytes.len()))
}

/// The domain behind the last @, if there is one.
pub(super) fn domain(address: &[u8]) -> Option<&[u8]> {
    let at = memchr::memrchr(b'@', address)?;
    address.get(at + 1..).filter(|domain| !domain.is_empty())
}

/// The address without the angle brackets around it.
pub(super) fn bare(address: &[u8]) -> &[u8] {
    let address = address.trim_ascii();
    address
        .strip_prefix(b"<")
        .and_then(|rest| rest.strip_suffix(b">"))
        .unwrap_or(address)
}
