//! Which rule a typed line breaks, said before it is sent. Sending it is still allowed.

use super::mask::is_mechanism;
use crate::smtp::path::{DOMAIN, LOCAL_PART, PATH};
use crate::smtp::stage::Stage;

/// Octets of a command line with CRLF (RFC 5321 section 4.5.3.1.4).
const COMMAND_LINE: usize = 512;
/// The same for AUTH and its answers (RFC 4954 section 4).
const AUTH_LINE: usize = 12288;

/// The first rule that a typed command line breaks, as a clause with its source; none when it
/// can be sent with a good conscience.
pub fn rule_broken(line: &str) -> Option<String> {
    let stage = Stage::of_line(line);
    let limit = if stage == Stage::Auth {
        AUTH_LINE
    } else {
        COMMAND_LINE
    };
    let octets = line.len() + 2;
    if octets > limit {
        return Some(format!(
            "the line has {octets} octets with CRLF, {limit} are allowed (RFC 5321, 4.5.3.1.4)"
        ));
    }
    let fixed = if line.contains(['\r', '\n']) {
        Some("a line break in it would begin a second command")
    } else if line.contains(char::is_control) {
        Some("a control character is in it (RFC 5321, 4.1.2)")
    } else if line.starts_with(' ') {
        Some("a space stands before the verb (RFC 5321, 4.1.1)")
    } else if line.trim().is_empty() {
        Some("the line is empty")
    } else {
        by_stage(stage, line)
    };
    fixed.map(str::to_owned).or_else(|| {
        // The parameter stands behind MAIL, for the recipients too.
        let may_carry = stage != Stage::Rcpt;
        let needs_utf8 = may_carry && !line.is_ascii() && !has_word(line, "SMTPUTF8");
        needs_utf8.then(|| {
            "characters beyond ASCII need the parameter SMTPUTF8, if the server offers it \
             (RFC 6531)"
                .to_owned()
        })
    })
}

fn has_word(line: &str, word: &str) -> bool {
    line.split(' ').any(|own| own.eq_ignore_ascii_case(word))
}

fn by_stage(stage: Stage, line: &str) -> Option<&'static str> {
    let rest = line
        .split_once(' ')
        .map(|(_, rest)| rest)
        .unwrap_or_default();
    match stage {
        Stage::Ehlo | Stage::Helo => hello(rest),
        Stage::Mail => path(rest, "FROM:", true),
        Stage::Rcpt => path(rest, "TO:", false),
        Stage::Data | Stage::Rset | Stage::Quit | Stage::StartTls if !rest.is_empty() => {
            Some("nothing may stand behind this verb (RFC 5321, 4.1.1)")
        }
        Stage::Vrfy | Stage::Expn | Stage::Etrn if rest.is_empty() => {
            Some("this verb needs something behind it (RFC 5321, 4.1.1)")
        }
        Stage::Auth if !rest.split(' ').next().is_some_and(is_mechanism) => {
            Some("AUTH needs the name of a mechanism behind it (RFC 4954, 4)")
        }
        _ => None,
    }
}

fn hello(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        Some("the client's own name is missing (RFC 5321, 4.1.1.1)")
    } else if name.parse::<std::net::IpAddr>().is_ok() {
        Some("an address stands in brackets: [192.0.2.1], [IPv6:2001:db8::1] (RFC 5321, 4.1.3)")
    } else if name.contains(' ') {
        Some("only one name may stand behind it (RFC 5321, 4.1.1.1)")
    } else {
        None
    }
}

fn path(rest: &str, label: &str, null_allowed: bool) -> Option<&'static str> {
    let missing = if null_allowed {
        "FROM: is missing, as in MAIL FROM:<a@b.example> (RFC 5321, 4.1.1.2)"
    } else {
        "TO: is missing, as in RCPT TO:<a@b.example> (RFC 5321, 4.1.1.3)"
    };
    let word = label.trim_end_matches(':');
    let Some((own, behind)) = rest.split_at_checked(word.len()) else {
        return Some(missing);
    };
    if !own.eq_ignore_ascii_case(word) || !behind.trim_start().starts_with(':') {
        return Some(missing);
    }
    let Some(behind) = behind.strip_prefix(':') else {
        return Some("a space stands before the colon (RFC 5321, 3.3)");
    };
    if behind.starts_with(' ') {
        return Some("a space stands behind the colon; strict servers refuse it (RFC 5321, 3.3)");
    }
    let Some(inner) = behind.strip_prefix('<') else {
        return Some("the angle brackets around the address are missing (RFC 5321, 3.3)");
    };
    let end = inner.find("> ").or_else(|| inner.rfind('>'));
    let Some((address, _)) = end.and_then(|end| inner.split_at_checked(end)) else {
        return Some("the closing angle bracket is missing (RFC 5321, 3.3)");
    };
    if address.is_empty() {
        return (!null_allowed)
            .then_some("<> is a sender only, never a recipient (RFC 5321, 4.1.1.3)");
    }
    if address.len() + 2 > PATH {
        return Some("the path has more than 256 octets (RFC 5321, 4.5.3.1.3)");
    }
    let Some((local_part, domain)) = address.rsplit_once('@') else {
        let postmaster = !null_allowed && address.eq_ignore_ascii_case("postmaster");
        return (!postmaster).then_some("the address has no @domain (RFC 5321, 4.1.2)");
    };
    if local_part.len() > LOCAL_PART {
        return Some("more than 64 octets stand before the @ (RFC 5321, 4.5.3.1.1)");
    }
    if domain.len() > DOMAIN {
        return Some("more than 255 octets stand behind the @ (RFC 5321, 4.5.3.1.2)");
    }
    if domain.is_empty() || local_part.is_empty() {
        return Some("one side of the @ is empty (RFC 5321, 4.1.2)");
    }
    if address.contains(' ') && !local_part.starts_with('"') {
        return Some("a space stands in the address (RFC 5321, 4.1.2)");
    }
    None
}
