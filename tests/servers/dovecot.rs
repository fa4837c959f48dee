//! Dovecot: it verifies logins for Postfix, and takes mail by LMTP.

use super::{PASSWORD, Server, certificate, free_port, installed, is_root, open_to_all, skipped};
use std::path::PathBuf;
use std::process::Command;
use tempfile::TempDir;

/// A Dovecot that runs; it ends with the test.
pub(super) struct Dovecot {
    folder: TempDir,
    /// Where it takes mail by LMTP.
    pub(super) lmtp: u16,
    _server: Server,
}

impl Dovecot {
    /// Starts one; none where that is not possible here.
    pub(super) fn start() -> Option<Self> {
        let program = installed(&["dovecot"])?;
        if !is_root() {
            skipped("Dovecot can be started by root alone");
            return None;
        }
        let folder = tempfile::tempdir().expect("a folder");
        open_to_all(folder.path());
        let lmtp = free_port();
        let config = configure(&folder, lmtp);
        let mut server = Server::start(Command::new(program).arg("-F").arg("-c").arg(config));
        server.listens(lmtp);
        Some(Self {
            folder,
            lmtp,
            _server: server,
        })
    }

    /// The socket at which it verifies logins for other servers.
    pub(super) fn auth(&self) -> PathBuf {
        self.folder.path().join("auth")
    }

    /// The socket at which it takes mail by LMTP too.
    pub(super) fn socket(&self) -> String {
        self.folder.path().join("lmtp").display().to_string()
    }

    /// Its certificate.
    pub(super) fn certificate(&self) -> String {
        self.folder.path().join("cert.pem").display().to_string()
    }

    /// Where a user's mail is.
    pub(super) fn mail(&self, user: &str) -> PathBuf {
        self.folder.path().join("mail").join(user)
    }

    pub(super) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("dovecot.log")).unwrap_or_default()
    }
}

/// The key by which [`super::sasl`] signs tokens.
pub(super) const TOKEN_KEY: &[u8] = b"the key that tokens of the tests are signed with";

fn configure(folder: &TempDir, lmtp: u16) -> PathBuf {
    let path = folder.path();
    let dir = path.display();
    for name in [
        "run",
        "state",
        "mail",
        "keys",
        "keys/default",
        "keys/default/HS256",
    ] {
        std::fs::create_dir(path.join(name)).expect("a folder");
    }
    open_to_all(&path.join("mail"));
    let (cert, key) = certificate(path);
    // Name, password, user, group, comment, home.
    let users = format!(
        "ann:{{PLAIN}}{PASSWORD}:65534:65534::{dir}/mail/ann\n\
         jane:{{PLAIN}}none:65534:65534::{dir}/mail/jane\n\
         full:{{PLAIN}}none:65534:65534::{dir}/mail/full\n"
    );
    // Where this user's maildir would be is a file: known, and no mail can be stored.
    std::fs::write(path.join("mail/full"), "").expect("written");
    std::fs::write(path.join("users"), users).expect("written");
    let token_key = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, TOKEN_KEY);
    std::fs::write(path.join("keys/default/HS256/default"), token_key).expect("written");
    std::fs::write(
        path.join("oauth.conf"),
        format!(
            "introspection_mode = local
local_validation_key_dict = fs:posix:prefix={dir}/keys/
username_attribute = sub
"
        ),
    )
    .expect("written");
    let config = path.join("dovecot.conf");
    std::fs::write(
        &config,
        format!(
            "base_dir = {dir}/run
state_dir = {dir}/state
log_path = {dir}/dovecot.log
protocols = lmtp
ssl = yes
ssl_cert = <{}
ssl_key = <{}
auth_mechanisms = plain login cram-md5 scram-sha-1 scram-sha-256 xoauth2 oauthbearer
auth_failure_delay = 0
mail_location = maildir:{dir}/mail/%n
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {dir}/oauth.conf
}}
passdb {{
  driver = passwd-file
  mechanisms = plain login cram-md5 scram-sha-1 scram-sha-256
  args = {dir}/users
}}
userdb {{
  driver = passwd-file
  args = username_format=%n {dir}/users
}}
service auth {{
  unix_listener {dir}/auth {{
    mode = 0666
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
  unix_listener {dir}/lmtp {{
    mode = 0666
  }}
}}
# Whoever comes from here may say XCLIENT.
login_trusted_networks = 127.0.0.1/32
# No waits for who has failed before.
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
",
            cert.display(),
            key.display(),
        ),
    )
    .expect("written");
    config
}
