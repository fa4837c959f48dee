//! `OpenSMTPD` from 7 on. 6.8 as Debian 12 builds it, against OpenSSL 3, fails every handshake,
//! that of `openssl s_client` too (`missing private key`).
//!
//! Its folders are fixed when it is compiled, so it runs in a mount namespace of its own, where
//! they are empty.

use super::{
    BODY, DIALOGUE, FROM_ME, PASSWORD, Server, auth_dialogue, automatic, certificate, delivered,
    free_port, in_order, installed, is_root, open_to_all, run, session, session_with, skipped,
    skipped_anywhere, to_jane,
};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// The folders that it wants: `$1` is where it is installed, `$2` its configuration.
const IN_A_NAMESPACE: &str = "set -e
mount -t tmpfs none /var/spool/smtpd
mount -t tmpfs none /var/lib/opensmtpd
mount -t tmpfs none /run
mkdir -m 755 /var/lib/opensmtpd/empty
chmod 711 /var/spool/smtpd
[ $1 = / ] || mount --bind $1/usr/libexec/opensmtpd /usr/libexec/opensmtpd
exec $1/usr/sbin/smtpd -d -f $2";

/// An `OpenSMTPD` that runs; it ends with the test.
pub(super) struct OpenSmtpd {
    folder: TempDir,
    pub(super) port: u16,
    /// Where STARTTLS is offered, where it comes before a login, and where TLS is there from the
    /// first byte.
    offers_tls: u16,
    submission: u16,
    wrapped: u16,
    _server: Server,
}

impl OpenSmtpd {
    /// Starts one; none where that is not possible here.
    pub(super) fn start() -> Option<Self> {
        let program = installed(&["smtpd"])?;
        if !is_root() {
            skipped("OpenSMTPD can be started by root alone");
            return None;
        }
        if !is_of_today(&program) {
            skipped_anywhere("OpenSMTPD before 7 shakes no hands; bookworm-backports has 7.4");
            return None;
        }
        if !namespaces() {
            return None;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path();
        open_to_all(path);
        std::fs::create_dir(path.join("mail")).expect("a folder");
        open_to_all(&path.join("mail"));
        let [port, offers_tls, submission, wrapped] = std::array::from_fn(|_| free_port());
        let config = configure(path, [port, offers_tls, submission, wrapped]);
        let installed_at = program.ancestors().nth(3).expect("above usr/sbin");
        let mut server = Server::start(
            Command::new("unshare")
                .args(["-m", "sh", "-c", IN_A_NAMESPACE, "sh"])
                .arg(installed_at)
                .arg(config),
        );
        server.listens(port);
        Some(Self {
            folder,
            port,
            offers_tls,
            submission,
            wrapped,
            _server: server,
        })
    }

    fn mail(&self) -> PathBuf {
        self.folder.path().join("mail")
    }
}

/// Whether a mount namespace can be made here; else that is told.
pub(super) fn namespaces() -> bool {
    let made = Command::new("unshare").args(["-m", "true"]).status();
    let can = made.is_ok_and(|status| status.success());
    if !can {
        skipped_anywhere("no mount namespace can be made here");
    }
    can
}

/// `version: OpenSMTPD 7.4.0-portable`.
fn is_of_today(program: &Path) -> bool {
    let asked = Command::new(program).arg("-h").output().expect("it runs");
    let said = String::from_utf8_lossy(&asked.stderr).into_owned();
    let version = said.split("OpenSMTPD ").nth(1).unwrap_or_default();
    let major = version.split('.').next().unwrap_or_default();
    major.parse().is_ok_and(|major: u32| major >= 7)
}

/// As crypt(3) has it.
fn hashed(password: &str) -> String {
    let made = Command::new("openssl")
        .args(["passwd", "-6", password])
        .output()
        .expect("openssl runs");
    String::from_utf8(made.stdout)
        .expect("ASCII")
        .trim()
        .to_owned()
}

fn configure(path: &Path, [port, offers_tls, submission, wrapped]: [u16; 4]) -> PathBuf {
    use std::os::unix::fs::PermissionsExt as _;
    let config = path.join("smtpd.conf");
    let (cert, key) = certificate(path);
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).expect("permissions");
    let listen = "listen on 127.0.0.1 port";
    let own = "pki mx.example.org hostname mx.example.org";
    let text = format!(
        r#"pki mx.example.org cert "{}"
pki mx.example.org key "{}"
smtp max-message-size "20K"
table logins {{ ann = "{}" }}
table users {{ jane = nobody, bob = nobody, postmaster = nobody, abuse = nobody }}
{listen} {port} hostname mx.example.org
{listen} {offers_tls} tls {own}
{listen} {submission} tls-require {own} auth <logins>
{listen} {wrapped} smtps {own} auth <logins>
action "in" maildir "{}/mail" virtual <users>
match from any for domain "example.org" action "in"
match auth from any for domain "example.net" action "in"
"#,
        cert.display(),
        key.display(),
        hashed(PASSWORD),
        path.display()
    );
    std::fs::write(&config, text).expect("written");
    config
}

#[test]
fn a_dialogue_with_opensmtpd_is_delivered_byte_for_byte() {
    let Some(opensmtpd) = OpenSmtpd::start() else {
        return;
    };
    let (code, text) = session(opensmtpd.offers_tls, DIALOGUE);
    assert_eq!(code, 0, "{text}");
    let mail = delivered(&opensmtpd.mail(), "Subject: dots");
    assert!(mail.contains(BODY), "{mail}");
}

#[test]
fn opensmtpd_takes_sessions_that_play_themselves() {
    let Some(opensmtpd) = OpenSmtpd::start() else {
        return;
    };
    let port = opensmtpd.port;

    let (code, text) = to_jane(port, "plain-one", &[]);
    assert_eq!(code, 0, "{text}");
    in_order(
        &text,
        &["-> EHLO", "DSN", "-> MAIL", " SIZE=", "-> DATA", "<- 250"],
    );
    delivered(&opensmtpd.mail(), "Subject: plain-one");

    let dsn = [
        "--dsn-ret",
        "full",
        "--dsn-envid",
        "e+1",
        "--dsn-notify",
        "failure",
    ];
    let (code, text) = to_jane(
        port,
        "reported",
        &[&dsn[..], &["--mail-body", "8bitmime"]].concat(),
    );
    assert_eq!(code, 0, "{text}");
    in_order(
        &text,
        &[
            "-> MAIL",
            "BODY=8BITMIME",
            "RET=FULL",
            "ENVID=e+2B1",
            "NOTIFY=FAILURE",
        ],
    );
    delivered(&opensmtpd.mail(), "Subject: reported");

    let (code, text) = to_jane(port, "old-hello", &["--protocol", "smtp"]);
    assert_eq!(code, 0, "{text}");
    assert!(
        text.contains("-> HELO ") && !text.contains("EHLO"),
        "{text}"
    );
    delivered(&opensmtpd.mail(), "Subject: old-hello");

    // It offers no PIPELINING and no CHUNKING: one command at a time, and DATA.
    let (code, text) = to_jane(port, "one-by-one", &["--pipeline", "--bdat"]);
    assert_eq!(code, 0, "{text}");
    in_order(
        &text,
        &["-> MAIL", "<- 250", "-> RCPT", "<- 250", "-> DATA"],
    );

    let large = "a line that is long enough\n".repeat(2_000);
    let (code, text) = to_jane(port, "too-large", &["--body", &large]);
    assert_eq!(code, 1, "{text}");
    // It tells a limit, and looks at it only when the message is there.
    in_order(
        &text,
        &["-> MAIL", "SIZE=", "<- 554 5.3.4", "error: the message"],
    );

    let several = ["--to", "nobody@example.org,jane@example.org", "--batch"];
    let (code, text) = automatic(port, &several);
    assert_eq!(code, 1, "{text}");
    in_order(&text, &["<- 5", "-> RCPT", "<- 250 ", "-> RSET", "-> QUIT"]);
}

#[test]
fn opensmtpd_shakes_hands_as_the_policy_asks() {
    let Some(opensmtpd) = OpenSmtpd::start() else {
        return;
    };
    for (port, policy, said) in [
        (
            opensmtpd.offers_tls,
            "required",
            &["-> STARTTLS", "inside TLS now", "~> MAIL"][..],
        ),
        (
            opensmtpd.offers_tls,
            "optional",
            &["-> STARTTLS", "inside TLS now", "~> MAIL"],
        ),
        (opensmtpd.offers_tls, "never", &["250-STARTTLS", "-> MAIL"]),
        (
            opensmtpd.wrapped,
            "on-connect",
            &["inside TLS now", "<~ 220 ", "~> EHLO"],
        ),
    ] {
        let subject = format!("tls-{policy}");
        let (code, text) = to_jane(port, &subject, &["--tls", policy]);
        // Nobody has logged in at the last one, which takes no mail without.
        assert_eq!(code, i32::from(policy == "on-connect"), "{policy}: {text}");
        in_order(&text, said);
        if policy == "on-connect" {
            in_order(&text, &["~> MAIL", "<~ 530 ", "error: "]);
        } else {
            delivered(&opensmtpd.mail(), &format!("Subject: {subject}"));
        }
    }
    // Its certificate is nobody's but its own.
    let (code, text) = to_jane(opensmtpd.offers_tls, "verified", &["--verify", "yes"]);
    assert_eq!(code, 69, "{text}");
    assert!(!text.contains("MAIL FROM"), "{text}");
    let own = opensmtpd.folder.path().join("cert.pem");
    let own = own.to_str().expect("UTF-8");
    let trusting = [
        "--verify",
        "yes",
        "--ca-file",
        own,
        "--verify-name",
        "mx.example.org",
    ];
    let (code, text) = to_jane(opensmtpd.offers_tls, "trusted", &trusting);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("the certificate verifies"), "{text}");
    // What asks for TLS first takes no mail without.
    let (code, text) = to_jane(opensmtpd.submission, "in-clear", &["--tls", "never"]);
    assert_eq!(code, 1, "{text}");
    in_order(&text, &["-> MAIL", "<- 5", "error: "]);
}

#[test]
fn opensmtpd_takes_logins_inside_tls() {
    let Some(opensmtpd) = OpenSmtpd::start() else {
        return;
    };
    for (mechanism, initial) in [("PLAIN", true), ("PLAIN", false), ("LOGIN", false)] {
        let steps = auth_dialogue(mechanism, initial);
        let (code, text) = session_with(opensmtpd.submission, &steps, PASSWORD);
        assert_eq!(code, 0, "{mechanism}: {text}");
        assert!(!text.contains(PASSWORD), "{mechanism}: {text}");
    }
    for (port, policy) in [
        (opensmtpd.submission, "required"),
        (opensmtpd.wrapped, "on-connect"),
    ] {
        for mechanism in ["plain", "login", "auto"] {
            let subject = format!("by-{mechanism}-{policy}");
            let login = [
                "--auth",
                mechanism,
                "--auth-user",
                "ann",
                "--unverified-login",
            ];
            let to = ["--to", "jane@example.net", "--tls", policy];
            let send = ["--send", "--subject", &subject];
            let options = [&FROM_ME[..], &login, &to, &send].concat();
            let (code, text) = run(port, &options, "", PASSWORD);
            assert_eq!(code, 0, "{mechanism}: {text}");
            in_order(&text, &["~> AUTH ", "<~ 235 ", "~> MAIL", "<~ 250 "]);
            assert!(!text.contains(PASSWORD), "{mechanism}: {text}");
            delivered(&opensmtpd.mail(), &format!("Subject: {subject}"));
        }
        let login = [
            "--auth",
            "plain",
            "--auth-user",
            "ann",
            "--unverified-login",
        ];
        let options = [
            &FROM_ME[..],
            &login,
            &["--tls", policy, "--quit-after", "auth"],
        ]
        .concat();
        let (code, text) = run(port, &options, "", "wrong-one-7");
        assert_eq!(code, 1, "{text}");
        in_order(&text, &["<~ 535 ", "error: AUTH"]);
        assert!(!text.contains("wrong-one-7"), "{text}");
    }
}
