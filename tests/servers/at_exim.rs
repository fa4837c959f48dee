//! Sessions that play themselves, and scripts, at Exim.

use super::exim::Exim;
use super::{
    PASSWORD, automatic, certificate_for, delivered, in_order, run, session, to_a_wide_address,
    to_jane,
};

#[test]
fn exim_takes_what_the_options_of_the_envelope_say() {
    let Some(exim) = Exim::start("message_size_limit = 50000") else {
        return;
    };
    let (port, mail) = (exim.port, exim.mail());

    let (code, text) = to_jane(port, "plain-one", &[]);
    assert_eq!(code, 0, "{text}");
    in_order(
        &text,
        &[
            "-> STARTTLS",
            "inside TLS now: TLS 1.3",
            "~> EHLO",
            "PRDR",
            "~> MAIL FROM:<me@example.net> SIZE=",
            "~> DATA",
            "OK id=",
        ],
    );
    delivered(&mail, "Subject: plain-one");
    exim.logs(&["P=esmtps", "X=TLS1.3"]);

    let (code, text) = to_jane(exim.wrapped, "wrapped", &["--tls", "on-connect"]);
    assert_eq!(code, 0, "{text}");
    in_order(&text, &["inside TLS now", "<~ 220 ", "~> EHLO", "~> MAIL"]);
    delivered(&mail, "Subject: wrapped");

    let several = "nobody@example.org,jane@example.org,bob@example.org";
    let (code, text) = automatic(port, &["--to", several, "--send", "--subject", "not-sent"]);
    assert_eq!(code, 1, "{text}");
    in_order(&text, &["550 Unrouteable address", "~> RSET"]);

    let group = ["--pipeline", "--some-recipients-ok", "--subject", "group"];
    let (code, text) = automatic(port, &[&["--to", several, "--send"], &group[..]].concat());
    assert_eq!(code, 0, "{text}");
    in_order(
        &text,
        &[
            "~> MAIL", "~> RCPT", "~> RCPT", "~> DATA", "<~ 250", "<~ 550", "<~ 354",
        ],
    );
    for user in ["jane", "bob"] {
        delivered(&mail.join(user), "Subject: group");
    }

    let long = "a line that is long enough\n".repeat(500);
    let (code, text) = to_jane(port, "chunked", &["--bdat=5000", "--body", &long]);
    assert_eq!(code, 0, "{text}");
    in_order(&text, &["~> BDAT 5000", "~> BDAT 5000", " LAST"]);
    let arrived = delivered(&mail, "Subject: chunked");
    assert_eq!(arrived.matches("long enough\n").count(), 500);

    let (code, text) = to_jane(port, "too-large", &["--body", &long.repeat(5)]);
    assert_eq!(code, 1, "{text}");
    in_order(&text, &["~> MAIL", "SIZE=", "<~ 552 ", "error: MAIL"]);

    let dsn = [
        "--dsn-ret",
        "hdrs",
        "--dsn-envid",
        "e+1",
        "--dsn-notify",
        "success",
    ];
    let to = ["--dsn-orcpt", "j@example.com"];
    let (code, text) = to_jane(port, "reported", &[&dsn[..], &to].concat());
    assert_eq!(code, 0, "{text}");
    in_order(
        &text,
        &[
            "RET=HDRS ENVID=e+2B1",
            "NOTIFY=SUCCESS ORCPT=rfc822;j@example.com",
        ],
    );
    let report = delivered(&mail.join("me"), "multipart/report");
    in_order(
        &report,
        &["e+2B1", "rfc822;j@example.com", "Action: delivered"],
    );

    to_a_wide_address(port);
    delivered(&mail, "Subject: wide-one");

    let (code, text) = to_jane(port, "eight-bit", &["--body", "Grüße\n"]);
    assert_eq!(code, 0, "{text}");
    delivered(&mail, "Subject: eight-bit");
}

/// PRDR (draft-hall-prdr): bob does not want what jane takes.
#[test]
fn exim_answers_for_each_recipient_where_that_is_asked_for() {
    let acl = "prdr:
  deny local_parts = bob : abuse
       message = 5.7.1 not for this one
  accept
";
    let setting = "acl_smtp_data_prdr = prdr\n";
    let Some(exim) = Exim::start_with(setting, acl) else {
        return;
    };
    let send = |subject: &str, to: &str, options: &[&str]| {
        let fixed = ["--to", to, "--send", "--prdr", "--subject", subject];
        automatic(exim.port, &[&fixed, options].concat())
    };
    let each = [
        "~> MAIL FROM:<me@example.net> SIZE=",
        " PRDR",
        "<~ 353 ",
        "about <jane@example.org>",
        "<~ 250 ",
        "about <bob@example.org>",
        "<~ 550 5.7.1 not for this one",
        "<~ 250 ",
        "~> QUIT",
    ];
    for (subject, way) in [
        ("some-data", &[][..]),
        ("some-bdat", &["--bdat=100"]),
        ("some-group", &["--pipeline"]),
    ] {
        let both = "jane@example.org,bob@example.org";
        let (code, text) = send(subject, both, way);
        assert_eq!(code, 1, "{text}");
        in_order(&text, &each);
        in_order(&text, &["error: the message", "not for this one"]);
        delivered(&exim.mail().join("jane"), &format!("Subject: {subject}"));
        let (code, text) = send("some", both, &[way, &["--some-recipients-ok"]].concat());
        assert_eq!(code, 0, "{text}");
    }
    let nobody = "bob@example.org,abuse@example.org";
    let (code, text) = send("none", nobody, &["--some-recipients-ok"]);
    assert_eq!(code, 1, "{text}");
    in_order(
        &text,
        &["<~ 353 ", "<~ 550 ", "<~ 550 ", "<~ 550 ", "~> QUIT"],
    );
    // For one recipient there is one answer, and nothing to ask for.
    let (code, text) = send("one", "jane@example.org", &[]);
    assert_eq!(code, 0, "{text}");
    assert!(
        !text.contains(" PRDR\n") && !text.contains("<~ 353"),
        "{text}"
    );
    // A script says MAIL itself; what counts is the answer about the whole message.
    let script = "
- {send: EHLO client.example.net, expect: 250}
- {send: 'MAIL FROM:<me@example.net> PRDR', expect: 250}
- {send: ['RCPT TO:<jane@example.org>', 'RCPT TO:<bob@example.org>', DATA], expect: [250, 250, 354]}
- {message: 'Subject: by-script', expect: 250, matches: some recipients}
- {quit: true, expect: 221}
";
    let (code, text) = session(exim.port, script);
    assert_eq!(code, 0, "{text}");
    delivered(&exim.mail().join("jane"), "Subject: by-script");
}

#[test]
fn exim_takes_logins_of_sessions_that_play_themselves() {
    let Some(exim) = Exim::start("") else {
        return;
    };
    let login = |subject: &str, password: &str, options: &[&str]| {
        let to = ["--to", "jane@example.org", "--send", "--subject", subject];
        let fixed = ["--from", "me@example.net", "--auth-user", "ann"];
        run(
            exim.port,
            &[&fixed, &to[..], options].concat(),
            "",
            password,
        )
    };
    for (mechanism, authenticator) in [
        ("plain", "A=plain:ann"),
        ("login", "A=login:ann"),
        ("cram-md5", "A=cram:ann"),
        ("auto", "A=plain:ann"),
    ] {
        for initial in [&[][..], &["--no-initial-response"]] {
            let options = [&["--auth", mechanism, "--unverified-login"], initial].concat();
            let subject = format!("by-{mechanism}-{}", initial.len());
            let (code, text) = login(&subject, PASSWORD, &options);
            assert_eq!(code, 0, "{mechanism}: {text}");
            in_order(&text, &["~> AUTH ", "<~ 235 ", "~> MAIL"]);
            assert!(!text.contains(PASSWORD), "{text}");
            exim.logs(&[authenticator, "P=esmtpsa"]);
            delivered(&exim.mail(), &format!("Subject: {subject}"));
        }
    }
    let (code, text) = login("wrong", "wrong-one-7", &["--unverified-login"]);
    assert_eq!(code, 1, "{text}");
    in_order(&text, &["<~ 535 ", "~> QUIT", "error: AUTH"]);
    assert!(!text.contains("wrong-one-7"), "{text}");
    // What protects the password has to be lifted by name.
    let (code, text) = login("unverified", PASSWORD, &[]);
    assert_ne!(code, 0, "{text}");
    assert!(text.contains("no login where the certificate does not verify"));
    assert!(
        !text.contains("AUTH ***") && !text.contains("> AUTH "),
        "{text}"
    );
    let (code, text) = login("clear", PASSWORD, &["--tls", "never"]);
    assert_ne!(code, 0, "{text}");
    assert!(text.contains("no login outside TLS"), "{text}");
    let (code, text) = login("clear", PASSWORD, &["--tls", "never", "--auth-in-clear"]);
    assert_eq!(code, 0, "{text}");
    // Outside TLS the challenge and response go before the password itself.
    exim.logs(&["A=cram:ann", "P=esmtpa "]);
}

/// RFC 4422 appendix A, over the certificate of TLS.
#[test]
fn exim_knows_a_client_by_its_certificate() {
    let Some(exim) = Exim::start("") else {
        return;
    };
    let external = |identity: &[&str], user: &str| {
        let as_user = [
            "--auth",
            "external",
            "--auth-user",
            user,
            "--unverified-login",
        ];
        to_jane(exim.port, "by-certificate", &[identity, &as_user].concat())
    };
    let (certificate, key) = (exim.file("client-cert.pem"), exim.file("client-key.pem"));
    let known = ["--client-cert", &certificate, "--client-key", &key];
    let (code, text) = external(&known, "ann");
    assert_eq!(code, 0, "{text}\n{}", exim.log());
    in_order(
        &text,
        &[
            "asked for a client certificate; it was shown",
            "EXTERNAL",
            "~> AUTH EXTERNAL",
            "<~ 235 ",
        ],
    );
    exim.logs(&["A=external:ann", "P=esmtpsa"]);
    delivered(&exim.mail(), "Subject: by-certificate");

    // It is not bob's, and without an initial response it is asked for.
    let (code, text) = external(&known, "bob");
    assert_eq!(code, 1, "{text}");
    in_order(&text, &["~> AUTH EXTERNAL", "<~ 535 ", "error: AUTH"]);
    let (code, text) = external(&[&known[..], &["--no-initial-response"]].concat(), "ann");
    assert_eq!(code, 0, "{text}");
    in_order(&text, &["~> AUTH EXTERNAL", "<~ 334", "<~ 235 "]);

    // By a script, that says itself whom it acts for.
    let script = "
- {send: EHLO client.example.net, expect: 250}
- {starttls: true, expect: 220}
- {send: EHLO client.example.net, matches: EXTERNAL}
- {auth: {mechanism: EXTERNAL, user: ann, unverified: true}, expect: 235}
- {quit: true, expect: 221}
";
    let (code, text) = run(
        exim.port,
        &[&["--script", "-"], &known[..]].concat(),
        script,
        "",
    );
    assert_eq!(code, 0, "{text}");

    // Whom it does not know it offers nothing, and nobody else gets in by trying.
    let folder = tempfile::tempdir().expect("a folder");
    let (stranger, key) = certificate_for("ann", folder.path(), "");
    let (stranger, key) = (stranger.display().to_string(), key.display().to_string());
    for identity in [&[][..], &["--client-cert", &stranger, "--client-key", &key]] {
        let (code, text) = external(identity, "ann");
        assert_eq!(code, 1, "{text}");
        assert!(!text.contains("<~ 235 "), "{text}");
        assert!(
            !text.contains("<~ 250-AUTH PLAIN LOGIN CRAM-MD5 EXTERNAL"),
            "{text}"
        );
    }
}

#[test]
fn exim_shows_the_certificate_of_the_name_in_sni() {
    let Some(exim) = Exim::start("") else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    for (options, file) in [
        (&["--no-sni"][..], "cert.pem"),
        (&["--sni", "mx.example.org"], "cert.pem"),
        (&["--sni", "other.example.org"], "other-cert.pem"),
    ] {
        let shown = exim.file(file);
        let name = if file == "cert.pem" {
            "mx.example.org"
        } else {
            "other.example.org"
        };
        let chain = folder.path().join(format!("{}.pem", options.join("")));
        let kept = chain.display().to_string();
        let fixed = [
            "--verify",
            "yes",
            "--ca-file",
            &shown,
            "--verify-name",
            name,
        ];
        let kept = ["--tls", "required", "--save-chain", &kept];
        let (code, text) = to_jane(exim.port, "by-name", &[&fixed[..], &kept, options].concat());
        assert_eq!(code, 0, "{text}");
        assert!(text.contains("the certificate verifies"), "{text}");
        let lines = |path: &std::path::Path| {
            let text = std::fs::read_to_string(path).expect("a chain");
            text.lines().map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(lines(&chain), lines(shown.as_ref()));
    }
    exim.logs(&["SNI=other.example.org"]);
}

#[test]
fn exim_answers_commands_beside_the_mail() {
    let asked = "acl_smtp_vrfy = accept
acl_smtp_expn = accept
acl_smtp_etrn = accept
smtp_etrn_command = /bin/true
";
    let Some(exim) = Exim::start(asked) else {
        return;
    };
    let script = "
- {send: EHLO client.example.net, matches: 'ETRN(.|\\n)*VRFY(.|\\n)*EXPN'}
- {send: VRFY jane@example.org, expect: 250, matches: deliverable}
- {send: EXPN list@example.org, expect: 250, matches: 'jane@example.org(.|\\n)*bob@example.org'}
- {send: HELP, expect: 214, matches: Commands supported}
- {send: ETRN example.org, expect: 250}
- {quit: true, expect: 221}
";
    let (code, text) = session(exim.port, script);
    assert_eq!(code, 0, "{text}\n{}", exim.log());
}
