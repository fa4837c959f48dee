//! Ways to a server: a chosen source, IPv6, a command, a SOCKS proxy.

use super::exim::Exim;
use super::postfix::Postfix;
use super::{
    FROM_ME, PASSWORD, Server, automatic_at, delivered, free_port, in_order, installed, run_at,
    to_jane,
};
use std::net::{Ipv6Addr, TcpListener};
use std::process::Command;

#[test]
fn postfix_sees_the_address_and_port_that_were_chosen() {
    let Some(postfix) = Postfix::start("smtpd_client_port_logging = yes\n") else {
        return;
    };
    let port = free_port().to_string();
    let options = ["--source-ip", "127.0.0.23", "--source-port", &port];
    let (code, text) = to_jane(postfix.port, "from-there", &options);
    assert_eq!(code, 0, "{text}");
    postfix.logs(&format!("client=unknown[127.0.0.23]:{port}"));
    delivered(&postfix.mail(), "Subject: from-there");
    // This machine has no such address.
    let options = ["--source-ip", "192.0.2.1"];
    let (code, text) = to_jane(postfix.port, "from-nowhere", &options);
    assert_eq!(code, 69, "{text}");
    assert!(text.contains("it cannot be from 192.0.2.1"), "{text}");
}

#[test]
fn postfix_is_reached_over_ipv6_and_as_localhost() {
    if TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_err() {
        super::skipped_anywhere("there is no IPv6 on loopback here");
        return;
    }
    let Some(postfix) = Postfix::start_at("[::1]", "inet_protocols = all\n") else {
        return;
    };
    let port = postfix.port;
    for (place, option, subject) in [
        (format!("[::1]:{port}"), &[][..], "by-address"),
        (format!("localhost:{port}"), &["-6"], "by-family"),
        (format!("localhost:{port}"), &[], "by-falling-back"),
    ] {
        let send = ["--to", "jane@example.org", "--send", "--subject", subject];
        let (code, text) = automatic_at(&place, &[&send, option].concat());
        assert_eq!(code, 0, "{text}");
        delivered(&postfix.mail(), &format!("Subject: {subject}"));
    }
    postfix.logs("client=unknown[::1]");
    let (code, text) = automatic_at(&format!("localhost:{port}"), &["-4", "--batch"]);
    assert_eq!(code, 69, "{text}");
}

#[test]
fn exim_is_reached_by_the_streams_of_a_command() {
    let Some(exim) = Exim::start("") else {
        return;
    };
    let command = exim.on_standard_streams();
    // Its TLS wants a socket.
    let send = [
        "--to",
        "jane@example.org",
        "--send",
        "--subject",
        "by-streams",
        "--tls",
        "never",
    ];
    let (code, text) = automatic_at(
        "mx.example.org",
        &[&["--pipe", &command], &send[..]].concat(),
    );
    assert_eq!(code, 0, "{text}\n{}", exim.log());
    in_order(
        &text,
        &[
            "<- 220 mx.example.org",
            "-> EHLO",
            "-> MAIL",
            "-> QUIT",
            "<- 221",
        ],
    );
    delivered(&exim.mail(), "Subject: by-streams");
    exim.logs(&["P=local-esmtp"]);
    // A command that complains and ends.
    let gone = command.replace("exim.conf", "none.conf");
    let (code, text) = automatic_at("mx.example.org", &["--pipe", &gone, "--batch"]);
    assert_eq!(code, 69, "{text}");
    assert!(text.contains("none.conf"), "{text}");
}

#[test]
fn postfix_is_reached_through_a_socks_proxy() {
    let Some(program) = installed(&["microsocks"]) else {
        return;
    };
    let Some(postfix) = Postfix::start("") else {
        return;
    };
    let (open, guarded) = (free_port(), free_port());
    let proxy = |port: u16, login: &[&str]| {
        let mut server = Server::start(
            Command::new(&program)
                .args(["-i", "127.0.0.1", "-p", &port.to_string()])
                .args(login),
        );
        server.listens(port);
        server
    };
    let _open = proxy(open, &[]);
    let _guarded = proxy(guarded, &["-u", "m@e", "-P", PASSWORD]);

    let place = format!("127.0.0.1:{}", postfix.port);
    let through = |subject: &str, url: &str, options: &[&str]| {
        let send = ["--to", "jane@example.org", "--send", "--subject", subject];
        let fixed = [&FROM_ME[..], &send, &["--proxy", url]].concat();
        run_at(&place, &[&fixed, options].concat(), "", PASSWORD)
    };
    let login = format!(
        "socks5://m%40e:{}@127.0.0.1:{guarded}",
        PASSWORD.replace('-', "%2d")
    );
    for (subject, url) in [
        ("by-proxy", format!("socks5://127.0.0.1:{open}")),
        ("by-login", login),
    ] {
        let (code, text) = through(subject, &url, &[]);
        assert_eq!(code, 0, "{text}");
        in_order(&text, &["inside TLS now", "~> MAIL", "queued as"]);
        assert!(!text.contains(PASSWORD), "{text}");
        delivered(&postfix.mail(), &format!("Subject: {subject}"));
    }
    let wrong = format!("socks5://m%40e:wrong-one-7@127.0.0.1:{guarded}");
    let none = format!("socks5://127.0.0.1:{guarded}");
    for (url, words) in [
        (wrong, "the proxy does not take the login"),
        (none, "the proxy wants another login"),
        (
            format!("socks5://127.0.0.1:{}", postfix.port),
            "no SOCKS5 proxy",
        ),
    ] {
        let (code, text) = through("not-sent", &url, &[]);
        assert_eq!(code, 69, "{text}");
        assert!(text.contains(words), "{text}");
        assert!(!text.contains("wrong-one-7"), "{text}");
    }
    // Behind the proxy nobody listens.
    let nobody = format!("127.0.0.1:{}", free_port());
    let url = format!("socks5://127.0.0.1:{open}");
    let (code, text) = automatic_at(&nobody, &["--proxy", &url, "--batch"]);
    assert_eq!(code, 69, "{text}");
    assert!(text.contains("the proxy says: "), "{text}");
}
