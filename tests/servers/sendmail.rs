//! Sendmail, for what no other server here offers: DELIVERBY (RFC 2852), and VRFY and EXPN that
//! answer as RFC 5321 section 3.5 has it. MT-PRIORITY, REQUIRETLS and LIMITS none of them offers;
//! those are in `tests/automatic.rs`.
//!
//! It wants a name for this machine and folders that nobody else can write above its own, so it
//! runs in namespaces of its own, its folder mounted at `/mnt`.

use super::{
    Server, automatic, free_port, in_order, installed, is_root, session, skipped, to_jane,
};
use std::fs;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// `$1` is the folder, `$2` the program, `$3` where its m4 files are.
const IN_NAMESPACES: &str = "set -e
hostname mx.example.org
mount --bind \"$1\" /mnt
mount --bind /mnt/hosts /etc/hosts
mount --bind /mnt/nsswitch.conf /etc/nsswitch.conf
m4 -D_CF_DIR_=$3/ $3/m4/cf.m4 /mnt/sendmail.mc >/mnt/sendmail.cf
$2 -bi -C /mnt/sendmail.cf
exec $2 -bD -C /mnt/sendmail.cf";

struct Sendmail {
    port: u16,
    _folder: TempDir,
    _server: Server,
}

impl Sendmail {
    fn start() -> Option<Self> {
        let program = installed(&["libexec/sendmail/sendmail"])?;
        installed(&["m4"])?;
        if !is_root() {
            skipped("Sendmail can be started by root alone");
            return None;
        }
        if !super::opensmtpd::namespaces() {
            return None;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path();
        let port = free_port();
        fs::create_dir(path.join("queue")).expect("a folder");
        configure(path, port);
        let usr = program.ancestors().nth(3).expect("above libexec");
        let mut server = Server::start(
            Command::new("unshare")
                .args(["-mu", "sh", "-c", IN_NAMESPACES, "sh"])
                .arg(path)
                .arg(&program)
                .arg(usr.join("share/sendmail/cf")),
        );
        server.listens(port);
        Some(Self {
            port,
            _folder: folder,
            _server: server,
        })
    }
}

fn configure(path: &Path, port: u16) {
    let main = format!(
        "OSTYPE(`linux')dnl
define(`confDOMAIN_NAME', `mx.example.org')dnl
define(`QUEUE_DIR', `/mnt/queue')dnl
define(`confPID_FILE', `/mnt/pid')dnl
define(`STATUS_FILE', `/mnt/status')dnl
define(`ALIAS_FILE', `/mnt/aliases')dnl
define(`confPRIVACY_FLAGS', `')dnl
define(`confQUEUE_LA', `1000')dnl
define(`confREFUSE_LA', `1000')dnl
define(`confTO_IDENT', `0')dnl
define(`confDELIVERY_MODE', `queue')dnl
DAEMON_OPTIONS(`Port={port}, Addr=127.0.0.1, Name=MTA')dnl
FEATURE(`no_default_msa')dnl
FEATURE(`nocanonify')dnl
FEATURE(`accept_unresolvable_domains')dnl
MAILER(`local')dnl
MAILER(`smtp')dnl
LOCAL_CONFIG
Cw example.org
"
    );
    for (name, text) in [
        ("sendmail.mc", main.as_str()),
        ("hosts", "127.0.0.1 mx.example.org localhost\n"),
        ("nsswitch.conf", "hosts: files\npasswd: files\n"),
        (
            "aliases",
            "postmaster: root\njane: root\nbob: nobody\nlist: jane, bob\n",
        ),
    ] {
        fs::write(path.join(name), text).expect("written");
    }
}

#[test]
fn sendmail_takes_a_time_to_deliver_by_and_says_who_exists() {
    let Some(sendmail) = Sendmail::start() else {
        return;
    };
    let port = sendmail.port;
    let (code, text) = to_jane(port, "in-time", &["--deliver-by", "120;R"]);
    assert_eq!(code, 0, "{text}");
    in_order(
        &text,
        &[
            "<- 250-DELIVERBY",
            "-> MAIL FROM:<me@example.net> BY=120;R",
            "<- 250 ",
            "-> DATA",
            "<- 250 2.0.0",
        ],
    );
    // A time in the past is for notices only (section 4.1.2).
    let (code, text) = to_jane(port, "too-late", &["--deliver-by", "-5;R"]);
    assert_eq!(code, 1, "{text}");
    in_order(&text, &["BY=-5;R", "<- 501 5.5.4", "error: MAIL"]);
    let (code, text) = to_jane(port, "notice", &["--deliver-by", "-5;N"]);
    assert_eq!(code, 0, "{text}");

    let several = "nobody.here@example.org,jane@example.org,bob@example.org";
    let group = [
        "--to",
        several,
        "--send",
        "--pipeline",
        "--some-recipients-ok",
    ];
    let (code, text) = automatic(port, &[&group[..], &["--subject", "group"]].concat());
    assert_eq!(code, 0, "{text}");
    in_order(
        &text,
        &[
            "-> MAIL",
            "-> RCPT",
            "-> DATA",
            "<- 250 ",
            "<- 550 5.1.1",
            "<- 250 ",
            "<- 354 ",
        ],
    );

    let script = "
- {send: EHLO client.example.net, expect: 250}
- {send: VRFY jane, expect: 250, matches: '<.+@mx.example.org>'}
- {send: VRFY nobody.here, expect: 550}
- {send: EXPN list, expect: 250, matches: '(?s)<.+>.*<.+>'}
- {send: ETRN example.org, expect: 250}
- {quit: true, expect: 221}
";
    let (code, text) = session(port, script);
    assert_eq!(code, 0, "{text}");
}
