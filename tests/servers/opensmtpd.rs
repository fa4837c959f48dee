//! `OpenSMTPD`. 6.8 as Debian 12 builds it, against OpenSSL 3, fails every handshake, that of
//! `openssl s_client` too (`missing private key`), and takes no login outside TLS; so what is seen
//! of its TLS is how a session ends with it.
//!
//! Its folders are fixed when it is compiled, so it runs in a mount namespace of its own, where
//! they are empty.

use super::{
    BODY, DIALOGUE, Server, automatic, certificate, delivered, free_port, in_order, installed,
    is_root, open_to_all, session, skipped, skipped_anywhere, to_jane,
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
    /// Where STARTTLS is offered, and where TLS is there from the first byte.
    offers_tls: u16,
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
        if !namespaces() {
            return None;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path();
        open_to_all(path);
        std::fs::create_dir(path.join("mail")).expect("a folder");
        open_to_all(&path.join("mail"));
        let [port, offers_tls, wrapped] = [free_port(), free_port(), free_port()];
        let config = configure(path, [port, offers_tls, wrapped]);
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

fn configure(path: &Path, [port, offers_tls, wrapped]: [u16; 3]) -> PathBuf {
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
table users {{ jane = nobody, bob = nobody, postmaster = nobody, abuse = nobody }}
{listen} {port} hostname mx.example.org
{listen} {offers_tls} tls {own}
{listen} {wrapped} smtps {own}
action "in" maildir "{}/mail" virtual <users>
match from any for domain "example.org" action "in"
"#,
        cert.display(),
        key.display(),
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
    let (code, text) = session(opensmtpd.port, &in_clear(DIALOGUE));
    assert_eq!(code, 0, "{text}");
    let mail = delivered(&opensmtpd.mail(), "Subject: dots");
    assert!(mail.contains(BODY), "{mail}");
}

/// The same steps without STARTTLS and the hello behind it.
fn in_clear(dialogue: &str) -> String {
    let mut lines: Vec<&str> = dialogue.lines().collect();
    let at = lines.iter().position(|line| line.contains("starttls"));
    let at = at.expect("STARTTLS");
    lines.drain(at..at + 2);
    lines.join("\n")
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
fn a_handshake_that_opensmtpd_breaks_off_ends_the_session_in_plain_words() {
    let Some(opensmtpd) = OpenSmtpd::start() else {
        return;
    };
    for (port, policy) in [
        (opensmtpd.offers_tls, "required"),
        (opensmtpd.offers_tls, "optional"),
        (opensmtpd.wrapped, "on-connect"),
    ] {
        let (code, text) = to_jane(port, "not-sent", &["--tls", policy]);
        assert_eq!(code, 69, "{policy}: {text}");
        assert!(text.contains("the TLS handshake failed"), "{text}");
        assert!(text.contains("the server broke it off"), "{text}");
        assert!(!text.contains("MAIL FROM"), "{text}");
    }
    // Without TLS the same port takes the mail.
    let (code, text) = to_jane(opensmtpd.offers_tls, "in-clear", &["--tls", "never"]);
    assert_eq!(code, 0, "{text}");
    in_order(&text, &["STARTTLS", "-> MAIL"]);
    delivered(&opensmtpd.mail(), "Subject: in-clear");
}
