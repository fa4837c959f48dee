//! Postfix, with a queue and a configuration of its own. Only root can start it.

use super::{
    BODY, DIALOGUE, certificate, delivered, free_port, installed, is_open, is_root, open_to_all,
    send_in_chunks, session, skipped, until,
};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// A Postfix that runs; it ends with the test.
pub(super) struct Postfix {
    program: PathBuf,
    config: PathBuf,
    folder: TempDir,
    pub(super) port: u16,
    /// Its further ports.
    pub(super) more: Vec<u16>,
}

impl Postfix {
    /// Starts one with `settings` added to its main.cf; none where that is not possible here.
    pub(super) fn start(settings: &str) -> Option<Self> {
        Self::start_with(settings, &[])
    }

    /// The same with a further port for each of `services`, a setting that holds there alone.
    pub(super) fn start_with(settings: &str, services: &[&str]) -> Option<Self> {
        Self::start_on("127.0.0.1", settings, services)
    }

    /// The same at another address, as master.cf writes it.
    pub(super) fn start_at(at: &str, settings: &str) -> Option<Self> {
        Self::start_on(at, settings, &[])
    }

    fn start_on(at: &str, settings: &str, services: &[&str]) -> Option<Self> {
        let program = installed(&["postfix"])?;
        if !is_root() {
            skipped("Postfix can be started by root alone");
            return None;
        }
        let folder = tempfile::tempdir().expect("a folder");
        // Its unprivileged parts go through it.
        open_to_all(folder.path());
        let port = free_port();
        let more: Vec<(u16, &str)> = services
            .iter()
            .map(|setting| (free_port(), *setting))
            .collect();
        let config = configure(folder.path(), (at, port), settings, &more);
        let postfix = Self {
            program,
            config,
            folder,
            port,
            more: more.into_iter().map(|(port, _)| port).collect(),
        };
        let said = postfix.run("start");
        let listening = until(|| is_open(at.trim_matches(['[', ']']), port).then_some(()));
        let log = postfix.log();
        assert!(
            listening.is_some(),
            "Postfix does not listen: {said}\n{log}"
        );
        Some(postfix)
    }

    pub(super) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("postfix.log")).unwrap_or_default()
    }

    /// Waits until its log holds this.
    pub(super) fn logs(&self, words: &str) {
        let there = until(|| self.log().contains(words).then_some(()));
        let log = self.log();
        assert!(there.is_some(), "`{words}` is not in the log: {log}");
    }

    /// Its certificate.
    pub(super) fn certificate(&self) -> PathBuf {
        self.folder.path().join("cert.pem")
    }

    /// Where it delivers.
    pub(super) fn mail(&self) -> PathBuf {
        self.folder.path().join("mail")
    }

    fn run(&self, verb: &str) -> String {
        let output = Command::new(&self.program)
            .arg("-c")
            .arg(&self.config)
            .arg(verb)
            .output()
            .expect("postfix runs");
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        self.run("stop");
    }
}

/// Each with a maildir.
const USERS: &str = "{ jane@example.org = jane/ } { bob@example.org = bob/ } \
    { jürgen@example.org = bob/ } { postmaster@example.org = bob/ } { abuse@example.org = bob/ }";

fn configure(
    path: &Path,
    (at, port): (&str, u16),
    settings: &str,
    more: &[(u16, &str)],
) -> PathBuf {
    let (config, queue, data, mail) = (
        path.join("etc"),
        path.join("queue"),
        path.join("data"),
        path.join("mail"),
    );
    for folder in [&config, &queue, &data, &mail] {
        std::fs::create_dir(folder).expect("a folder");
    }
    open_to_all(&mail);
    let owner = nix::unistd::User::from_name("postfix")
        .expect("users")
        .expect("the user that Postfix runs as");
    nix::unistd::chown(&data, Some(owner.uid), None).expect("its data");
    let (cert, key) = certificate(path);
    let main = format!(
        "compatibility_level = 3.6
queue_directory = {}
data_directory = {}
maillog_file = {}/postfix.log
maillog_file_prefixes = {}
myhostname = mx.example.org
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 192.0.2.1/32
virtual_mailbox_domains = example.org
virtual_mailbox_base = {}
virtual_mailbox_maps = inline:{{ {USERS} }}
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
alias_maps =
local_recipient_maps =
smtpd_relay_restrictions = reject_unauth_destination
smtpd_tls_security_level = may
smtpd_tls_cert_file = {}
smtpd_tls_key_file = {}
smtpd_peername_lookup = no
notify_classes =
{settings}",
        queue.display(),
        data.display(),
        path.display(),
        path.display(),
        mail.display(),
        cert.display(),
        key.display(),
    );
    std::fs::write(config.join("main.cf"), main).expect("written");
    // Name, type, private, unprivileged, chroot, wake-up, most processes, program.
    let services = [
        (&*format!("{at}:{port}"), "inet", "n - n - - smtpd"),
        ("postlog", "unix-dgram", "n - n - 1 postlogd"),
        ("pickup", "unix", "n - n 60 1 pickup"),
        ("cleanup", "unix", "n - n - 0 cleanup"),
        ("qmgr", "unix", "n - n 300 1 qmgr"),
        ("flush", "unix", "n - n 1000? 0 flush"),
        ("showq", "unix", "n - n - - showq"),
        ("rewrite", "unix", "- - n - - trivial-rewrite"),
        ("tlsmgr", "unix", "- - n 1000? 1 tlsmgr"),
        ("bounce", "unix", "- - n - 0 bounce"),
        ("defer", "unix", "- - n - 0 bounce"),
        ("trace", "unix", "- - n - 0 bounce"),
        ("proxymap", "unix", "- - n - - proxymap"),
        ("anvil", "unix", "- - n - 1 anvil"),
        ("scache", "unix", "- - n - 1 scache"),
        ("error", "unix", "- - n - - error"),
        ("virtual", "unix", "- n n - - virtual"),
    ];
    let master = services
        .iter()
        .fold(String::new(), |all, (name, kind, rest)| {
            all + &format!("{name} {kind} {rest}\n")
        });
    let master = more.iter().fold(master, |all, (port, setting)| {
        all + &format!("127.0.0.1:{port} inet n - n - - smtpd -o {setting}\n")
    });
    std::fs::write(config.join("master.cf"), master).expect("written");
    config
}

#[test]
fn a_dialogue_with_postfix_is_delivered_byte_for_byte() {
    let Some(postfix) = Postfix::start("") else {
        return;
    };
    let (code, text) = session(postfix.port, DIALOGUE);
    assert_eq!(code, 0, "{text}\n{}", postfix.log());
    assert!(text.contains("5.1.1"), "{text}");
    assert!(text.contains("Relay access denied"), "{text}");
    let mail = delivered(&postfix.mail(), "Subject: dots");
    assert!(mail.contains(BODY), "{mail}");
    send_in_chunks(postfix.port, &postfix.mail());
}
