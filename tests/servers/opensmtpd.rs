//! `OpenSMTPD`, in clear: 6.8 as Debian 12 builds it, against OpenSSL 3, fails every handshake,
//! that of `openssl s_client` too (`missing private key`).
//!
//! Its folders are fixed when it is compiled, so it runs in a mount namespace of its own, where
//! they are empty.

use super::{
    BODY, DIALOGUE, Server, delivered, free_port, installed, is_root, open_to_all, session,
    skipped, skipped_anywhere,
};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folders that it wants: `$1` is where it is installed, `$2` its configuration.
const IN_A_NAMESPACE: &str = "set -e
mount -t tmpfs none /var/spool/smtpd
mount -t tmpfs none /var/lib/opensmtpd
mount -t tmpfs none /run
mkdir -m 755 /var/lib/opensmtpd/empty
chmod 711 /var/spool/smtpd
[ $1 = / ] || mount --bind $1/usr/libexec/opensmtpd /usr/libexec/opensmtpd
exec $1/usr/sbin/smtpd -d -f $2";

#[test]
fn a_dialogue_with_opensmtpd_is_delivered_byte_for_byte() {
    let Some(program) = installed(&["smtpd"]) else {
        return;
    };
    if !is_root() {
        skipped("OpenSMTPD can be started by root alone");
        return;
    }
    let namespace = Command::new("unshare").args(["-m", "true"]).status();
    if !namespace.is_ok_and(|status| status.success()) {
        skipped_anywhere("no mount namespace can be made here");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path();
    open_to_all(path);
    std::fs::create_dir(path.join("mail")).expect("a folder");
    open_to_all(&path.join("mail"));
    let port = free_port();
    let config = configure(path, port);
    let installed_at = program.ancestors().nth(3).expect("above usr/sbin");
    let mut server = Server::start(
        Command::new("unshare")
            .args(["-m", "sh", "-c", IN_A_NAMESPACE, "sh"])
            .arg(installed_at)
            .arg(config),
    );
    server.listens(port);
    let (code, text) = session(port, &in_clear(DIALOGUE));
    assert_eq!(code, 0, "{text}");
    let mail = delivered(&path.join("mail"), "Subject: dots");
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

fn configure(path: &Path, port: u16) -> PathBuf {
    let config = path.join("smtpd.conf");
    let text = format!(
        r#"table users {{ jane = nobody }}
listen on 127.0.0.1 port {port} hostname mx.example.org
action "in" mda "cat > {}/mail/jane" virtual <users>
match from any for domain "example.org" action "in"
"#,
        path.display()
    );
    std::fs::write(&config, text).expect("written");
    config
}
