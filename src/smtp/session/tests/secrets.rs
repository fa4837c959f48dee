//! What AUTH sent is told by nobody.

use super::*;

#[test]
fn what_answers_a_334_is_masked() {
    let mut wire = Wire::ready("AUTH LOGIN PLAIN");
    wire.says("AUTH LOGIN", "334 VXNlcm5hbWU6\r\n");
    assert!(matches!(wire.refusal("NOOP"), LocalError::NotNow { .. }));
    for (secret, answer) in [
        ("Ym9i", "334 UGFzc3dvcmQ6\r\n"),
        ("aHVudGVyMg==", "535 5.7.8 no\r\n"),
    ] {
        wire.session.send_free(secret, wire.now).unwrap();
        wire.poll();
        let line = SafeText::from("***");
        let sent = EventKind::Sent {
            stage: Stage::Auth,
            line,
        };
        assert!(wire.told.contains(&sent));
        assert!(wire.sent.ends_with(format!("{secret}\r\n").as_bytes()));
        wire.hears(answer);
    }
    assert_eq!(wire.state(), State::Ready);
    // Typed on before the 334 came: still a secret.
    wire.session.send_free("AUTH PLAIN Ym9i", wire.now).unwrap();
    wire.session.send_free("aHVudGVyMg==", wire.now).unwrap();
    assert!(!format!("{:?}", wire.session).contains("Ym9i"));
    wire.poll();
    let told = format!("{:?}", wire.told);
    assert!(
        !told.contains("aHVudGVyMg") && !told.contains("Ym9i"),
        "{told}"
    );
}

/// Some servers repeat in their refusal what they were sent.
#[test]
fn what_auth_sent_is_told_by_nobody() {
    // ann, and orange-tree as her password.
    let plain = "AGFubgBvcmFuZ2UtdHJlZQ==";
    let mut wire = Wire::ready("AUTH PLAIN LOGIN");
    wire.says(
        &format!("AUTH PLAIN {plain}"),
        &format!("535-5.7.8 ann: bad response {plain}\r\n535 5.7.8 orange-tree is wrong\r\n"),
    );
    let told = format!("{:?}", wire.told);
    assert!(told.contains("535-5.7.8 ann: bad response ***"), "{told}");
    assert!(told.contains("*** is wrong"), "{told}");
    assert!(
        !told.contains("orange-tree") && !told.contains(plain),
        "{told}"
    );

    // LOGIN, typed: the user name may be told, the password not.
    let mut wire = Wire::ready("AUTH PLAIN LOGIN");
    for (line, answer) in [
        ("AUTH LOGIN", "334 VXNlcm5hbWU6\r\n"),
        ("YW5uLXVzZXI=", "334 UGFzc3dvcmQ6\r\n"),
        ("b3JhbmdlLXRyZWU=", "535 ann-user/orange-tree\r\n"),
    ] {
        wire.session.send_free(line, wire.now).unwrap();
        wire.poll();
        wire.hears(answer);
    }
    let told = format!("{:?}", wire.told);
    assert!(told.contains("535 ann-user/***"), "{told}");
    assert!(!told.contains("orange-tree"), "{told}");
}

#[test]
fn what_the_other_mechanisms_sent_is_told_by_nobody() {
    let coded = |text: &str| STANDARD.encode(text);
    let proof = "v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=";
    let digest = "b913a602c7eda7a495b4e6e7334d3890";
    for (secret, sent, answer, shown) in [
        (
            "orange-token",
            "n,a=ann,\x01auth=Bearer orange-token\x01\x01".to_owned(),
            format!("334 {}", coded("{\"token\":\"orange-token\"}")),
            "334 ***",
        ),
        (
            proof,
            format!("c=biws,r=own1,p={proof}"),
            format!("535 5.7.8 {proof} is wrong"),
            "535 5.7.8 *** is wrong",
        ),
        (
            "dj1ybUY",
            format!("c=biws,r=own1,p={proof}"),
            "334 dj1ybUY5cHFWOFM3c3VBb1pXamE0ZEpSa0ZzS1E9".to_owned(),
            "334 ***",
        ),
        (
            digest,
            format!("ann {digest}"),
            format!("535 {digest}"),
            "535 ***",
        ),
    ] {
        let mut wire = Wire::ready("AUTH CRAM-MD5");
        let (sent, answer) = (coded(&sent), format!("{answer}\r\n"));
        for (line, answer) in [("AUTH X", "334 cj1vd24x\r\n"), (&sent, &answer)] {
            wire.session.send_free(line, wire.now).unwrap();
            wire.poll();
            wire.hears(answer);
        }
        let told = format!("{:?}", wire.told);
        assert!(told.contains(shown) && told.contains("cj1vd24x"), "{told}");
        assert!(!told.contains(secret) && !told.contains(&sent), "{told}");
    }
}

#[test]
fn raw_secrets_are_shown_to_nobody() {
    let secret = STANDARD.encode("\0ann\0orange-tree");
    for texts in [
        vec![format!(r"AUTH PLAIN {secret}\r\n")],
        vec!["AUTH PLAIN ".to_owned(), format!(r"{secret}\r\n")],
        vec!["AU".to_owned(), format!(r"TH PLAIN {secret}\r\n")],
        vec![
            r"AUTH PLAIN\r\n".to_owned(),
            format!(r"{secret}\n"),
            r"\r\n".to_owned(),
        ],
        vec![format!(r"NOOP\nAUTH PLAIN {secret}\n")],
    ] {
        let mut wire = Wire::ready("AUTH PLAIN");
        for text in &texts {
            wire.session.send_raw(&raw(text), wire.now).unwrap();
            wire.poll();
        }
        wire.hears(format!("535 {secret} is orange-tree\r\n"));
        let told = format!("{:?} {:?}", wire.told, wire.session);
        assert!(
            !told.contains(&secret) && !told.contains("orange-tree"),
            "{texts:?}: {told}"
        );
    }
}

#[test]
fn a_typed_login_is_told_in_words() {
    let mut wire = Wire::ready("AUTH LOGIN");
    wire.says("AUTH LOGIN", "334 VXNlcm5hbWU6\r\n");
    for (line, answer) in [
        ("YW5u", "334 UGFzc3dvcmQ6\r\n"),
        ("b3JhbmdlLXRyZWU=", "235 ok\r\n"),
    ] {
        wire.session.send_free(line, wire.now).unwrap();
        wire.poll();
        wire.hears(answer);
    }
    let words: Vec<String> = wire
        .told
        .iter()
        .filter_map(|kind| match kind {
            EventKind::AuthRead { by_us, words } => Some(format!("{by_us} {words}")),
            _ => None,
        })
        .collect();
    assert_eq!(
        words,
        [
            "true no initial response",
            "false the server says: Username:",
            "true user ann",
            "false the server says: Password:",
            "true password ***",
        ]
    );
}

/// A server that wants the password seen has more ways than to repeat it.
#[test]
fn a_piece_of_what_auth_sent_is_told_by_nobody() {
    let plain = STANDARD.encode("\0ann\0orange-tree");
    let login = STANDARD.encode("orange-tree");
    for (answer, shown) in [
        ("535 eert-egnaro", "535 ***"),
        ("535-orange\r\n535 e-tree", "535 ***"),
        ("535 ORANGE-TREE", "535 ***"),
        (&format!("535 {login} is wrong"), "535 *** is wrong"),
        (
            &format!("535 <{}>", STANDARD.encode("it was orange-tree!")),
            "535 <***>",
        ),
        ("220 go\r\norange-tree", "text: \"***"),
    ] {
        let mut wire = Wire::ready("AUTH PLAIN");
        wire.says(&format!("AUTH PLAIN {plain}"), "535 5.7.8 no\r\n");
        let line = if answer.starts_with("220") {
            "STARTTLS"
        } else {
            "NOOP"
        };
        wire.says(line, &format!("{answer}\r\n"));
        let told = format!("{:?}", wire.told);
        assert!(told.contains(shown), "{told}");
        for secret in ["orange-t", "eert-e", "orange", &login] {
            assert!(!told.contains(secret), "{told}");
        }
    }
    let mut wire = Wire::ready("AUTH PLAIN");
    wire.says(&format!("AUTH PLAIN {plain}"), "535 5.7.8 no\r\n");
    wire.says("STARTTLS", "220 go\r\n");
    let why = "certificate for orange-tree.example";
    wire.session.tls_failed(wire.now, why);
    wire.poll();
    let told = format!("{:?}", wire.last());
    assert!(told.contains("for ***.example"), "{told}");
}

/// Found by fuzzing: a second AUTH, typed where the first one waits for its answer.
#[test]
fn an_auth_within_an_auth_is_hidden_too() {
    let mut wire = Wire::ready("AUTH PLAIN LOGIN");
    let plain = STANDARD.encode("\0ann\0orange-tree");
    let login = STANDARD.encode("orange-tree");
    for (line, answer) in [
        ("AUTH LOGIN".to_owned(), "334 \r\n".to_owned()),
        (format!("AUTH PLAIN {plain}"), format!("334 {login}\r\n")),
    ] {
        wire.session.send_free(&line, wire.now).unwrap();
        wire.poll();
        wire.hears(answer);
    }
    let told = format!("{:?}", wire.told);
    assert!(told.contains("334 ***") && !told.contains(&login), "{told}");
}

/// Found by fuzzing: a password typed once more, where no AUTH asks for it.
#[test]
fn a_secret_that_is_typed_again_is_hidden_too() {
    let mut wire = Wire::ready("AUTH PLAIN");
    let plain = STANDARD.encode("\0ann\0orange-tree");
    wire.says(&format!("AUTH PLAIN {plain}"), "535 5.7.8 no\r\n");
    wire.says("oh orange-tree of orange", "500 what\r\n");
    let told = format!("{:?}", wire.told);
    assert!(told.contains("oh *** of orange"), "{told}");
}
