//! DKIM, as Exim verifies it: with the key that NSD publishes.

use super::exim::Exim;
use super::{delivered, free_port, installed, is_root, skipped, to_jane};
use std::path::Path;
use std::process::Command;

/// A new key, in a file; and its public half, as DNS has it.
fn key(kind: &[&str], folder: &Path, name: &str) -> (String, String) {
    let file = folder.join(name).display().to_string();
    let openssl = |arguments: &[&str]| {
        let ran = Command::new("openssl").args(arguments).output();
        let ran = ran.expect("openssl");
        assert!(ran.status.success(), "{arguments:?}");
        ran.stdout
    };
    openssl(&[&["genpkey", "-out", &file], kind].concat());
    let public = openssl(&["pkey", "-in", &file, "-pubout", "-outform", "DER"]);
    // Of an Ed25519 key the last 32 octets are published (RFC 8463 section 4).
    let published = if name == "ed25519" {
        &public[public.len() - 32..]
    } else {
        &public[..]
    };
    let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, published);
    (file, encoded)
}

/// A TXT record; a string of one has at most 255 octets.
fn txt(name: &str, value: &str) -> String {
    let strings: Vec<String> = value
        .as_bytes()
        .chunks(200)
        .map(|part| format!("\"{}\"", String::from_utf8_lossy(part)))
        .collect();
    format!("{name} TXT {}\n", strings.join(" "))
}

#[test]
fn exim_verifies_what_was_signed() {
    let Some(nsd) = installed(&["nsd"]) else {
        return;
    };
    if !is_root() {
        skipped("port 53 is root's alone");
        return;
    }
    if !super::opensmtpd::namespaces() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path();
    super::open_to_all(path);
    let (rsa, rsa_public) = key(
        &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
        path,
        "rsa",
    );
    let (other, _) = key(
        &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
        path,
        "other",
    );
    let (ed25519, ed_public) = key(&["-algorithm", "ED25519"], path, "ed25519");
    // What is in `resolv.conf` has port 53, so the address is one that nobody else has.
    let [high, low] = free_port().to_be_bytes();
    let nameserver = format!("127.53.{high}.{low}");
    let zone = [
        "$ORIGIN example.net.\n$TTL 60\n@ SOA ns1 hostmaster 1 7200 3600 1209600 3600\n@ NS ns1\n"
            .to_owned(),
        format!("ns1 A {nameserver}\n"),
        txt("rsa._domainkey", &format!("v=DKIM1; k=rsa; p={rsa_public}")),
        txt(
            "ed._domainkey",
            &format!("v=DKIM1; k=ed25519; p={ed_public}"),
        ),
    ];
    let _nameserver = super::nsd::start(
        &nsd,
        path,
        ("example.net", &zone.concat()),
        (nameserver.as_str(), 53),
    );
    let resolv = path.join("resolv.conf");
    std::fs::write(&resolv, format!("nameserver {nameserver}\n")).expect("written");

    let checks = "acl_smtp_dkim = dkim\ndkim_verify_signers = $dkim_signers\n";
    let acl = "dkim:
  accept logwrite = dkim=$dkim_verify_status by $dkim_cur_signer/$dkim_selector $dkim_verify_reason
";
    let exim = Exim::start_by(checks, acl, |program| {
        let mut command = Command::new("unshare");
        command
            .args([
                "-m",
                "sh",
                "-c",
                "mount --bind \"$0\" /etc/resolv.conf && exec \"$@\"",
            ])
            .arg(&resolv)
            .arg(program);
        command
    });
    let Some(exim) = exim else {
        return;
    };
    let attached = path.join("attached.bin");
    std::fs::write(&attached, [0, 255, b'.', b'\n'].repeat(20_000)).expect("written");
    let attach = ["--attach", attached.to_str().expect("a path")];
    for (subject, key, selector, verdict) in [
        ("rsa", &rsa, "rsa", "dkim=pass by example.net/rsa"),
        ("ed", &ed25519, "ed", "dkim=pass by example.net/ed"),
        ("another", &other, "rsa", "dkim=fail by example.net/rsa"),
        ("none", &rsa, "none", "dkim=invalid by example.net/none"),
    ] {
        let dkim = [
            "--dkim-domain",
            "example.net",
            "--dkim-selector",
            selector,
            "--dkim-key",
            key,
        ];
        for (number, more) in [
            &["--body", ".\n..\n\nGrüße \n\n\n"][..],
            &attach,
            &["--html", "<p>x</p>"],
            &[&attach[..], &["--bdat=3000"]].concat(),
        ]
        .into_iter()
        .enumerate()
        {
            let subject = format!("{subject}-{number}");
            let (code, text) = to_jane(exim.port, &subject, &[&dkim[..], more].concat());
            assert_eq!(code, 0, "{text}");
            delivered(&exim.mail(), &format!("Subject: {subject}"));
        }
        exim.logs(&[verdict]);
        let verdicts = exim.log().matches(verdict).count();
        assert_eq!(verdicts, 4, "{subject}: {}", exim.log());
    }
}
