use super::*;
use proptest::prelude::*;
use std::fmt::Write as _;

const HEADERS: &str = "\
Return-Path: <ann@client.example>
Authentication-Results: mx.example.org;
 spf=fail (sender IP is 192.0.2.9) smtp.mailfrom=client.example;
 dkim=pass header.d=client.example header.s=s1;
 dmarc = fail reason=\"no; alignment\" header.from=client.example
Received: from mx.example.org (mx.example.org [198.51.100.3])
 by store.example.org (Dovecot) with LMTP id AbC
 for <info@example.org>; Tue, 24 Nov 2026 10:12:03 +0000
Received: from out.client.example (out.client.example [192.0.2.9])
 (using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))
 by mx.example.org (Postfix) with ESMTPS id 4F1B2
 for <info@example.org>; Tue, 24 Nov 2026 11:12:00 +0100
Received: from [10.0.0.5] (unknown [10.0.0.5]) by out.client.example
 with ESMTPSA id 77; Tue, 24 Nov 2026 10:02:00 +0000
Message-ID: <1@client.example>
From: Ann <ann@client.example>
Subject: Hello

body: of it
";

#[test]
fn the_way_is_read_from_the_first_server_on() {
    let trace = Trace::of(HEADERS).unwrap();
    let by: Vec<_> = trace
        .hops
        .iter()
        .map(|hop| hop.by.as_deref().unwrap())
        .collect();
    assert_eq!(
        by,
        ["out.client.example", "mx.example.org", "store.example.org"]
    );
    assert_eq!(trace.hops[1].lag, Some(Lag::Seconds(600)));
    assert_eq!(trace.hops[2].lag, Some(Lag::Seconds(3)));
    assert!(trace.hops[1].encrypted && !trace.hops[2].encrypted);
    assert_eq!(trace.hops[1].address, "192.0.2.9".parse().ok());
    assert_eq!(trace.took(), Some(603));
    assert_eq!(trace.from.as_deref(), Some("ann@client.example"));

    let results = &trace.authentication[0];
    assert_eq!(&*results.by, "mx.example.org");
    let told: Vec<_> = results
        .methods
        .iter()
        .map(|m| (m.method.as_str(), m.result.as_str(), m.speaks()))
        .collect();
    assert_eq!(
        told,
        [
            ("spf", "fail", Some(false)),
            ("dkim", "pass", Some(true)),
            ("dmarc", "fail", Some(false))
        ]
    );
    assert_eq!(results.methods[2].reason.as_deref(), Some("no; alignment"));
    assert_eq!(results.methods[1].properties.len(), 2);
}

#[test]
fn in_a_bounce_it_is_the_returned_message_that_counts_quoted_or_not() {
    let bounce = |inner: &str| {
        format!(
            "Received: from a by b; Tue, 24 Nov 2026 12:00:00 +0000\nSubject: Undelivered\n\n\
             I am sorry: it failed.\n\n{inner}"
        )
    };
    let quoted = HEADERS.lines().fold(String::new(), |mut text, line| {
        let _ = writeln!(text, "> {line}");
        text
    });
    for text in [
        bounce(HEADERS),
        bounce(&quoted),
        bounce(HEADERS).replace('\n', "\r\n"),
    ] {
        let trace = Trace::of(&text).unwrap();
        assert_eq!(trace.hops.len(), 3, "{text}");
        assert_eq!(trace.message_id.as_deref(), Some("1@client.example"));
    }
    assert_eq!(
        Trace::of("From: a@b.example\n\nReceived your mail: thanks"),
        None
    );
}

#[test]
fn a_clock_that_goes_back_is_told_as_such() {
    let text = "Received: from a by b; Tue, 24 Nov 2026 10:00:00 +0000\n\
                Received: from c by a; Tue, 24 Nov 2026 10:00:30 +0000\n";
    let trace = Trace::of(text).unwrap();
    assert_eq!(trace.hops[1].lag, Some(Lag::ClockBack(30)));
    assert_eq!(trace.took(), None);
}

#[test]
fn the_picture_has_a_bar_for_each_delay() {
    let trace = Trace::of(HEADERS).unwrap();
    let text = plain(&trace, 80).join("\n");
    insta::assert_snapshot!(text);
}

proptest! {
    #[test]
    fn nothing_breaks_it_and_nothing_unsafe_comes_out(
        text in "(Received|Authentication-Results|X)?: ?(\\PC|[\\s\u{1b};=(\"\\\\]){0,200}", columns in 0usize..90,
    ) {
        if let Some(trace) = Trace::of(&text) {
            for line in lines(&trace, columns) {
                for (_, piece) in line {
                    prop_assert!(!piece.chars().any(char::is_control), "{piece:?}");
                }
            }
        }
    }
}
