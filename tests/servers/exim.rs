//! Exim, with a spool and a configuration of its own.

use super::{
    BODY, DIALOGUE, PASSWORD, Server, auth_dialogue, certificate, certificate_for, delivered,
    free_port, installed, is_root, open_to_all, send_in_chunks, session, until,
};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// The mechanisms that every Exim has; Debian's light one has no SCRAM. EXTERNAL is for whom the
/// client's certificate is for, once it is verified.
const AUTHENTICATORS: &str = "begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${if and{{eq{$auth2}{ann}}{eq{$auth3}{orange-tree-9}}}}
  server_set_id = $auth2
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = ${if and{{eq{$auth1}{ann}}{eq{$auth2}{orange-tree-9}}}}
  server_set_id = $auth1
cram:
  driver = cram_md5
  public_name = CRAM-MD5
  server_secret = ${if eq{$auth1}{ann}{orange-tree-9}fail}
  server_set_id = $auth1
external:
  driver = external
  public_name = EXTERNAL
  server_advertise_condition = $tls_in_certificate_verified
  server_param2 = ${certextract{subj_altname,dns}{$tls_in_peercert}}
  server_condition = ${if and{{bool{$tls_in_certificate_verified}}{eq{$auth1}{$auth2}}}}
  server_set_id = $auth1
";

/// An Exim that runs; it ends with the test.
pub(super) struct Exim {
    program: PathBuf,
    folder: TempDir,
    pub(super) port: u16,
    /// With TLS from the first byte.
    pub(super) wrapped: u16,
    _server: Server,
}

impl Exim {
    /// Starts one with `settings` added to its main section; none where that is not possible.
    pub(super) fn start(settings: &str) -> Option<Self> {
        Self::start_with(settings, "")
    }

    /// The same with more ACLs.
    pub(super) fn start_with(settings: &str, acls: &str) -> Option<Self> {
        Self::start_by(settings, acls, |program| Command::new(program))
    }

    /// The same by a command that is made of its program.
    pub(super) fn start_by(
        settings: &str,
        acls: &str,
        command: impl FnOnce(&Path) -> Command,
    ) -> Option<Self> {
        let program = installed(&["exim4", "exim"])?;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path();
        open_to_all(path);
        for name in ["spool", "log", "mail"] {
            fs::create_dir(path.join(name)).expect("a folder");
            open_to_all(&path.join(name));
        }
        let (port, wrapped) = (free_port(), free_port());
        let config = configure(&program, path, wrapped, (settings, acls));
        let mut server = Server::start(
            command(&program)
                .arg("-C")
                .arg(&config)
                .arg("-bdf")
                .args(["-oX", &format!("127.0.0.1.{port} : 127.0.0.1.{wrapped}")])
                .arg("-oP")
                .arg(path.join("pid")),
        );
        server.listens(port);
        Some(Self {
            program,
            folder,
            port,
            wrapped,
            _server: server,
        })
    }

    /// The command that speaks SMTP on its standard streams.
    pub(super) fn on_standard_streams(&self) -> String {
        let config = self.file("exim.conf");
        format!("{} -C {config} -bs", self.program.display())
    }

    /// Where it delivers.
    pub(super) fn mail(&self) -> PathBuf {
        self.folder.path().join("mail")
    }

    /// One of its files: `cert.pem`, `other-cert.pem` (by SNI), `client-cert.pem` (whom it
    /// knows), each with its `key.pem`.
    pub(super) fn file(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    pub(super) fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log/mainlog")).unwrap_or_default()
    }

    /// Waits until a line of its log holds all of this.
    pub(super) fn logs(&self, words: &[&str]) {
        let there = until(|| {
            let log = self.log();
            let mut lines = log.lines();
            lines
                .any(|line| words.iter().all(|word| line.contains(word)))
                .then_some(())
        });
        let log = self.log();
        assert!(there.is_some(), "no line of the log has {words:?}: {log}");
    }
}

fn configure(program: &Path, path: &Path, wrapped: u16, (settings, acls): (&str, &str)) -> PathBuf {
    certificate(path);
    certificate_for("other.example.org", path, "other-");
    certificate_for("ann", path, "client-");
    for prefix in ["", "other-", "client-"] {
        for file in ["cert.pem", "key.pem"] {
            open_to_all(&path.join(format!("{prefix}{file}")));
        }
    }
    let dir = path.display();
    // Debian's Exim gives root up when it reads a configuration of our own.
    let named = nix::unistd::User::from_name("Debian-exim").is_ok_and(|user| user.is_some());
    let user = if is_root() && named {
        "user = Debian-exim"
    } else {
        ""
    };
    let by_name = format!("{dir}/${{if eq{{$tls_in_sni}}{{other.example.org}}{{other-}}}}");
    let config = path.join("exim.conf");
    let text = format!(
        "RELAYS = no
primary_hostname = mx.example.org
exim_path = {}
spool_directory = {dir}/spool
log_file_path = {dir}/log/%slog
log_selector = +tls_sni +smtp_connection +smtp_no_mail
domainlist local_domains = example.org : mx.example.org
acl_smtp_rcpt = rcpt
acl_smtp_data = accept
dsn_advertise_hosts = *
prdr_enable = true
tls_advertise_hosts = *
tls_on_connect_ports = {wrapped}
tls_certificate = {by_name}cert.pem
tls_privatekey = {by_name}key.pem
tls_verify_certificates = {dir}/client-cert.pem
tls_try_verify_hosts = *
host_lookup =
rfc1413_query_timeout = 0s
keep_environment =
{settings}
begin acl
rcpt:
  accept domains = +local_domains
         local_parts = jane : bob : list : jürgen : postmaster : abuse
  deny   domains = +local_domains
         message = Unrouteable address
  accept condition = ${{if bool{{RELAYS}}}}
  deny   message = relay not permitted
{acls}
begin routers
list:
  driver = redirect
  local_parts = list
  data = jane@example.org,bob@example.org
reports:
  driver = accept
  local_parts = me
  transport = file
local:
  driver = accept
  domains = +local_domains
  local_parts = jane : bob : jürgen : postmaster : abuse
  transport = file
begin transports
file:
  driver = appendfile
  directory = {dir}/mail/$local_part_data
  maildir_format
  create_directory
  {user}
{AUTHENTICATORS}",
        program.display(),
    );
    fs::write(&config, text).expect("written");
    config
}

#[test]
fn a_dialogue_with_exim_is_delivered_byte_for_byte() {
    let Some(exim) = Exim::start("") else {
        return;
    };
    let (code, text) = session(exim.port, DIALOGUE);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("~> MAIL FROM:<me@example.net>"), "{text}");
    assert!(text.contains("relay not permitted"), "{text}");
    let mail = delivered(&exim.mail(), "Subject: dots");
    assert!(mail.contains(BODY), "{mail}");
    send_in_chunks(exim.port, &exim.mail());
    for (mechanism, initial) in [
        ("PLAIN", true),
        ("PLAIN", false),
        ("LOGIN", true),
        ("CRAM-MD5", true),
        ("auto", true),
    ] {
        let (code, text) = session(exim.port, &auth_dialogue(mechanism, initial));
        assert_eq!(code, 0, "{mechanism}: {text}");
        assert!(!text.contains(PASSWORD), "{mechanism}: {text}");
    }
}
