//! Exim.

use super::{
    BODY, DIALOGUE, PASSWORD, Server, auth_dialogue, certificate, delivered, free_port, installed,
    is_root, open_to_all, send_in_chunks, session,
};
use std::process::Command;

/// The mechanisms that every Exim has; Debian's light one has no SCRAM.
const AUTHENTICATORS: &str = "begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${if and{{eq{$auth2}{ann}}{eq{$auth3}{orange-tree-9}}}}
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = ${if and{{eq{$auth1}{ann}}{eq{$auth2}{orange-tree-9}}}}
cram:
  driver = cram_md5
  public_name = CRAM-MD5
  server_secret = ${if eq{$auth1}{ann}{orange-tree-9}fail}
";

#[test]
fn a_dialogue_with_exim_is_delivered_byte_for_byte() {
    let Some(exim) = installed(&["exim4", "exim"]) else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path();
    open_to_all(path);
    for name in ["spool", "log", "mail"] {
        std::fs::create_dir(path.join(name)).expect("a folder");
        open_to_all(&path.join(name));
    }
    let (cert, key) = certificate(path);
    for file in [&cert, &key] {
        open_to_all(file);
    }
    let port = free_port();
    let dir = path.display();
    // Debian's Exim gives root up when it reads a configuration of our own.
    let named = nix::unistd::User::from_name("Debian-exim").is_ok_and(|user| user.is_some());
    let user = if is_root() && named {
        "user = Debian-exim"
    } else {
        ""
    };
    let config = path.join("exim.conf");
    std::fs::write(
        &config,
        format!(
            "primary_hostname = mx.example.org
exim_path = {}
spool_directory = {dir}/spool
log_file_path = {dir}/log/%slog
domainlist local_domains = example.org
acl_smtp_rcpt = rcpt
acl_smtp_data = accept
tls_advertise_hosts = *
tls_certificate = {}
tls_privatekey = {}
host_lookup =
rfc1413_query_timeout = 0s
keep_environment =
begin acl
rcpt:
  accept domains = +local_domains
         local_parts = jane
  deny   domains = +local_domains
         message = Unrouteable address
  deny   message = relay not permitted
begin routers
local:
  driver = accept
  transport = file
begin transports
file:
  driver = appendfile
  file = {dir}/mail/jane
  {user}
{AUTHENTICATORS}",
            exim.display(),
            cert.display(),
            key.display()
        ),
    )
    .expect("written");
    let mut server = Server::start(
        Command::new(exim)
            .arg("-C")
            .arg(&config)
            .args(["-bdf", "-oX", &format!("127.0.0.1.{port}"), "-oP"])
            .arg(path.join("pid")),
    );
    server.listens(port);
    let (code, text) = session(port, DIALOGUE);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("~> MAIL FROM:<me@example.net>"), "{text}");
    assert!(text.contains("relay not permitted"), "{text}");
    let mail = delivered(&path.join("mail"), "Subject: dots");
    assert!(mail.contains(BODY), "{mail}");
    send_in_chunks(port, &path.join("mail"));
    for (mechanism, initial) in [
        ("PLAIN", true),
        ("PLAIN", false),
        ("LOGIN", true),
        ("CRAM-MD5", true),
        ("auto", true),
    ] {
        let (code, text) = session(port, &auth_dialogue(mechanism, initial));
        assert_eq!(code, 0, "{mechanism}: {text}");
        assert!(!text.contains(PASSWORD), "{mechanism}: {text}");
    }
}
