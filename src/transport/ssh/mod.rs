//! One SSH session with one node, by libssh2. Nobody outside of this folder says `ssh2`.

use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::time::Duration;

use ssh2::Session;

use super::{Cancel, Hearer, Lost, Payload, Transport};
use crate::t;

mod connect;
mod exec;
mod lines;

pub use connect::connect;
use exec::Exec;

/// How long a call into libssh2 may take before cancellation is looked at.
const SLICE: Duration = Duration::from_millis(250);

/// Where a node listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
}

impl std::fmt::Display for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// Who logs in, and with what.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The user; anybody but root uses `sudo` without a password.
    pub user: String,
    /// Private keys to try, in order; files that do not exist are passed over.
    pub keys: Vec<PathBuf>,
    /// Whether to try the SSH agent as well.
    pub agent: bool,
}

/// Why there is no session.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// Nothing answers there, or not as an SSH server; may change while a machine boots.
    #[error("{0}")]
    NoAnswer(String),
    /// The server does not take the key; may change while a machine boots.
    #[error("{0}")]
    Refused(String),
    /// The host shows another key than the pinned one.
    #[error("{}", t!("transport.host-key-changed", endpoint = endpoint, file = file.display()))]
    HostKeyChanged {
        /// The host.
        endpoint: Endpoint,
        /// The file with the pinned key.
        file: PathBuf,
    },
}

struct Ssh {
    session: Session,
    /// The one that the session uses, to wait for what comes.
    stream: TcpStream,
    address: SocketAddr,
    /// How many bytes of a payload may be on their way.
    ahead: u32,
    root: bool,
}

impl Transport for Ssh {
    fn exec(
        &mut self,
        script: &str,
        payload: Option<Payload>,
        hearer: &mut dyn Hearer,
        cancel: &Cancel,
    ) -> Result<i32, Lost> {
        // bash would read a script on its standard input byte by byte, so as not to take what comes after it;
        // `head` takes it at once and just as exactly. The script is in no argument list either way.
        let bash = format!("bash -c 'eval \"$(head -c {})\"' kprov", script.len());
        let command = if self.root {
            bash
        } else {
            format!("sudo -n {bash}")
        };
        let mut exec = Exec::begin(self, &command, cancel)?;
        exec.send(script.as_bytes(), hearer)?;
        if let Some(payload) = payload {
            exec.send_payload(payload, hearer)?;
        }
        exec.finish(hearer)
    }
}
