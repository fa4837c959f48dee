//! The vectors of the RFCs, and servers that do not keep to them.

use super::*;
use crate::smtp::login::Login;
use crate::text::Secret;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rstest::rstest;

fn login(user: &str, password: &str) -> Login {
    Login::new(user, Secret::new(password.to_owned())).unwrap()
}

fn line(step: &Step) -> String {
    let command = step.command.as_ref().expect("something to say");
    String::from_utf8(command.encode())
        .unwrap()
        .trim_end_matches("\r\n")
        .to_owned()
}

fn plain(text: &str) -> String {
    String::from_utf8(STANDARD.decode(text).unwrap()).unwrap()
}

/// The responses to these challenges, decoded where they are base64.
fn played(exchange: Exchange, challenges: &[&str]) -> Vec<String> {
    let mut lines = vec![line(&exchange.begin().unwrap())];
    for count in 1..=challenges.len() {
        let step = exchange.answer(&challenges[..count]).unwrap();
        lines.push(line(&step));
    }
    lines
}

/// RFC 5802 section 5 and RFC 7677 section 3.
#[rstest]
#[case(
    SaslMechanism::ScramSha1,
    "fyko+d2lbbFgONRv9qkxdawL",
    "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
    "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
    "v=rmF9pqV8S7suAoZWja4dJRkFsKQ="
)]
#[case(
    SaslMechanism::ScramSha256,
    "rOprNGfwEbeRWgbNEkqO",
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
    "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="
)]
fn scram_speaks_as_the_rfcs_do(
    #[case] mechanism: SaslMechanism,
    #[case] nonce: &str,
    #[case] server_first: &str,
    #[case] client_final: &str,
    #[case] server_final: &str,
) {
    let (first, last) = (STANDARD.encode(server_first), STANDARD.encode(server_final));
    for initial in [true, false] {
        let login = login("user", "pencil")
            .with_nonce(nonce.to_owned())
            .with_initial(initial);
        let exchange = Exchange::new(&login, mechanism);
        let begun = line(&exchange.begin().unwrap());
        let mut challenges = Vec::new();
        let client_first = if initial {
            begun.rsplit_once(' ').unwrap().1.to_owned()
        } else {
            assert_eq!(begun, format!("AUTH {mechanism}"));
            challenges.push("");
            line(&exchange.answer(&challenges).unwrap())
        };
        assert_eq!(plain(&client_first), format!("n,,n=user,r={nonce}"));
        challenges.push(&first);
        let step = exchange.answer(&challenges).unwrap();
        assert_eq!(plain(&line(&step)), client_final);
        assert!(step.heard.unwrap().contains("4096 iterations"));
        assert!(!exchange.is_proven(&challenges));
        challenges.push(&last);
        assert_eq!(line(&exchange.answer(&challenges).unwrap()), "");
        assert!(exchange.is_proven(&challenges));
        challenges.pop();
        let wrong = STANDARD.encode(server_final.replace("v=r", "v=s").replace("v=6", "v=7"));
        challenges.push(&wrong);
        let step = exchange.answer(&challenges).unwrap();
        assert_eq!(
            (line(&step).as_str(), step.flaw),
            ("*", Some(Flaw::Signature))
        );
        assert!(!exchange.is_proven(&challenges));
    }
}

#[rstest]
#[case("r=other,s=QSXCR+Q6sek8bf92,i=4096", Flaw::Nonce)]
#[case("r=own,s=QSXCR+Q6sek8bf92,i=4096", Flaw::Nonce)]
#[case("r=own1,s=QSXCR+Q6sek8bf92,i=0", Flaw::Unreadable)]
#[case("r=own1,s=QSXCR+Q6sek8bf92,i=4294967295", Flaw::Iterations)]
#[case("r=own1,s=?,i=4096", Flaw::Unreadable)]
#[case("m=x,r=own1,s=QSXCR+Q6sek8bf92,i=4096", Flaw::Extension)]
#[case("", Flaw::Unreadable)]
fn a_bad_challenge_ends_scram(#[case] server_first: &str, #[case] flaw: Flaw) {
    let login = login("user", "pencil").with_nonce("own".to_owned());
    let exchange = Exchange::new(&login, SaslMechanism::ScramSha256);
    let first = STANDARD.encode(server_first);
    // An empty one asks for the first response again, and is bad only behind that.
    let challenges = ["", first.as_str()];
    let step = exchange.answer(&challenges).unwrap();
    assert_eq!((line(&step).as_str(), step.flaw), ("*", Some(flaw)));
    let again = ["", &first, "", ""];
    assert_eq!(exchange.answer(&again).unwrap().command, None);
}

#[test]
fn a_scram_error_is_heard_and_proves_nothing() {
    let login = login("user", "pencil").with_nonce("own".to_owned());
    let exchange = Exchange::new(&login, SaslMechanism::ScramSha1);
    let first = STANDARD.encode("r=own1,s=QSXCR+Q6sek8bf92,i=100");
    let last = STANDARD.encode("e=invalid-proof");
    let step = exchange.answer(&[&first]).unwrap();
    assert!(step.heard.unwrap().contains("fewer than the 4096"));
    let step = exchange.answer(&[&first, &last]).unwrap();
    assert_eq!((line(&step).as_str(), step.flaw), ("", None));
    assert_eq!(step.heard.unwrap(), "server final: e=invalid-proof");
    assert!(!exchange.is_proven(&[&first, &last]));
    assert!(!exchange.is_proven(&[]));
}

#[test]
fn a_user_name_cannot_break_out_of_its_attribute() {
    let login = login("a=b,c", "pencil").with_nonce("own".to_owned());
    let exchange = Exchange::new(&login, SaslMechanism::ScramSha1);
    let begun = line(&exchange.begin().unwrap());
    assert_eq!(
        plain(begun.rsplit_once(' ').unwrap().1),
        "n,,n=a=3Db=2Cc,r=own"
    );
    // Without a nonce there is no SCRAM.
    let bare = Login::new("a", Secret::new("b".to_owned())).unwrap();
    assert!(
        Exchange::new(&bare, SaslMechanism::ScramSha1)
            .begin()
            .is_err()
    );
}

/// RFC 2195 section 2.
#[test]
fn cram_md5_speaks_as_the_rfc_does() {
    let login = login("tim", "tanstaaftanstaaf");
    let exchange = Exchange::new(&login, SaslMechanism::CramMd5);
    let challenge = "PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+";
    assert_eq!(
        played(exchange, &[challenge]),
        [
            "AUTH CRAM-MD5",
            "dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw"
        ]
    );
    let step = exchange.answer(&[challenge]).unwrap();
    assert_eq!(
        step.heard.unwrap(),
        "challenge <1896.697170952@postoffice.reston.mci.net>"
    );
    assert!(!step.said.contains("b913"));
    let step = exchange.answer(&["not base64!"]).unwrap();
    assert_eq!(line(&step), "*");
}

#[test]
fn plain_and_login_send_the_password() {
    let login = login("ann", "pass");
    let plain = Exchange::new(&login, SaslMechanism::Plain);
    let begun = plain.begin().unwrap();
    assert_eq!(begun.command.as_ref().unwrap().shown(), "AUTH PLAIN ***");
    assert_eq!(played(plain, &[]), ["AUTH PLAIN AGFubgBwYXNz"]);
    let later = login.clone().with_initial(false);
    let later = Exchange::new(&later, SaslMechanism::Plain);
    let lines = ["AUTH PLAIN", "AGFubgBwYXNz", "*"];
    assert_eq!(played(later, &["", ""]), lines);
    let own = Exchange::new(&login, SaslMechanism::Login);
    let asked = ["VXNlcm5hbWU6", "go on", "more"];
    let lines = ["AUTH LOGIN", "YW5u", "cGFzcw==", "*"];
    assert_eq!(played(own, &asked), lines);
    assert_eq!(own.answer(&["x"; 4]).unwrap().command, None);
}

/// RFC 7628 section 4.1 and 4.3; the XOAUTH2 of Google's documentation.
#[test]
fn a_token_goes_as_the_rfc_has_it_and_a_refusal_is_answered() {
    let token = "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==";
    let bearer = login("user@example.com", token).at("server.example.com", 143);
    let bearer = Exchange::new(&bearer, SaslMechanism::OauthBearer);
    let refusal = "eyJzdGF0dXMiOiJpbnZhbGlkX3Rva2VuIiwic2NvcGUiOiJleGFtcGxlX3Njb3BlIiwib3BlbmlkLWNvbmZpZ3VyYXRpb24iOiJodHRwczovL2V4YW1wbGUuY29tLy53ZWxsLWtub3duL29wZW5pZC1jb25maWd1cmF0aW9uIn0=";
    let lines = played(bearer, &[refusal]);
    assert_eq!(
        lines,
        [
            "AUTH OAUTHBEARER bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9MTQzAWF1dGg9QmVhcmVyIHZGOWRmdDRxbVRjMk52YjNSbGNrQmhiSFJoZG1semRHRXVZMjl0Q2c9PQEB",
            "AQ=="
        ]
    );
    let heard = bearer.answer(&[refusal]).unwrap().heard.unwrap();
    assert!(heard.contains("invalid_token"), "{heard}");
    let own = login(
        "someuser@example.com",
        "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg",
    );
    let own = Exchange::new(&own, SaslMechanism::Xoauth2);
    let begun = "AUTH XOAUTH2 dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LnZGOWRmdDRxbVRjMk52YjNSbGNrQmhkSFJoZG1semRHRXVZMjl0Q2cBAQ==";
    assert_eq!(played(own, &[refusal]), [begun, ""]);
    let echo = STANDARD.encode("ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg is bad");
    let heard = own.answer(&[&echo]).unwrap().heard.unwrap();
    assert_eq!(heard, "the token is refused: *** is bad");
}

#[test]
fn an_initial_response_that_does_not_fit_the_line_comes_later() {
    let long = login("ann", &"t".repeat(400));
    let exchange = Exchange::new(&long, SaslMechanism::Xoauth2);
    let lines = played(exchange, &[""]);
    assert_eq!(lines[0], "AUTH XOAUTH2");
    assert!(lines[1].len() > 512);
}

#[test]
fn external_names_whom_to_act_for_or_nobody() {
    let nobody = Login::external("").unwrap();
    let nobody = Exchange::new(&nobody, SaslMechanism::External);
    assert_eq!(played(nobody, &[]), ["AUTH EXTERNAL ="]);
    let ann = Login::external("ann").unwrap().with_initial(false);
    let ann = Exchange::new(&ann, SaslMechanism::External);
    assert_eq!(played(ann, &[""]), ["AUTH EXTERNAL", "YW5u"]);
}

#[test]
fn no_step_tells_the_secret() {
    let login = login("ann", "orange-tree").with_nonce("own".to_owned());
    let first = STANDARD.encode("r=own1,s=QSXCR+Q6sek8bf92,i=4096");
    for mechanism in SaslMechanism::all() {
        let exchange = Exchange::new(&login, mechanism);
        let mut steps = vec![exchange.begin().unwrap()];
        for challenges in [&[""][..], &["", ""], &[first.as_str()]] {
            steps.push(exchange.answer(challenges).unwrap());
        }
        let told = format!("{exchange:?} {steps:?}");
        assert!(!told.contains("orange"), "{told}");
        assert!(!told.contains("b3Jhbmdl"), "{told}");
    }
}
