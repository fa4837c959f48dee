//! Sessions that say they come from somewhere else: XCLIENT, XFORWARD, the PROXY protocol.

use super::postfix::Postfix;
use super::{delivered, in_order, to_jane};

#[test]
fn postfix_takes_the_client_that_is_named_for_the_one_that_connects() {
    let settings = "smtpd_authorized_xclient_hosts = 127.0.0.1
smtpd_authorized_xforward_hosts = 127.0.0.1
";
    let proxied = ["smtpd_upstream_proxy_protocol=haproxy"];
    let Some(postfix) = Postfix::start_with(settings, &proxied) else {
        return;
    };

    let client = "NAME=mx.elsewhere.example ADDR=192.0.2.77";
    let (code, text) = to_jane(postfix.port, "as-another", &["--xclient", client]);
    assert_eq!(code, 0, "{text}");
    in_order(&text, &["~> XCLIENT", "<~ 220 ", "~> EHLO", "~> MAIL"]);
    postfix.logs("client=mx.elsewhere.example[192.0.2.77]");
    delivered(&postfix.mail(), "Subject: as-another");

    let origin = "NAME=a.example ADDR=192.0.2.78 HELO=a.example";
    let (code, text) = to_jane(postfix.port, "forwarded", &["--xforward", origin]);
    assert_eq!(code, 0, "{text}");
    in_order(&text, &["~> XFORWARD", "<~ 250 ", "~> MAIL"]);
    postfix.logs("orig_client=a.example[192.0.2.78]");
    delivered(&postfix.mail(), "Subject: forwarded");

    for (version, source) in [("v1", "192.0.2.79"), ("v2", "192.0.2.80")] {
        let at = format!("{source}:4711");
        let options = [
            "--proxy-protocol",
            version,
            "--proxy-source",
            &at,
            "--proxy-dest",
            "192.0.2.1:25",
        ];
        let (code, text) = to_jane(postfix.more[0], version, &options);
        assert_eq!(code, 0, "{version}: {text}\n{}", postfix.log());
        postfix.logs(&format!("client=unknown[{source}]"));
        delivered(&postfix.mail(), &format!("Subject: {version}"));
    }
}
