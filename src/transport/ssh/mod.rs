//! One SSH session with one node, by libssh2. Nobody outside of this folder says `ssh2`.

use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::time::Duration;

use ssh2::{ErrorCode, Session};

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
    /// Something answers there, and it is that no SSH server is at that port; may change while a machine boots.
    #[error("{}", t!("refused.nothing-listens", host = .0.host, port = .0.port))]
    NothingListens(Endpoint),
    /// The server does not take the key; may change while a machine boots.
    #[error("{0}")]
    Refused(String),
    /// The user asked to stop.
    #[error("{}", t!("transport.interrupted"))]
    Cancelled,
    /// The host shows another key than the pinned one.
    #[error("{}", t!("transport.host-key-changed", endpoint = endpoint, file = file.display()))]
    HostKeyChanged {
        /// The host.
        endpoint: Endpoint,
        /// The file with the pinned key.
        file: PathBuf,
    },
}

/// `LIBSSH2_ERROR_TIMEOUT`: nothing came within the session's time-out.
const TIMED_OUT: i32 = -9;
/// `LIBSSH2_ERROR_SOCKET_SEND`, `_SOCKET_DISCONNECT` and `_SOCKET_RECV`.
const CLOSED: [i32; 3] = [-7, -13, -43];

/// What libssh2 has to say, in words for people where they are known. Its codes are for nobody.
fn reason(error: &ssh2::Error) -> String {
    match error.code() {
        ErrorCode::Session(TIMED_OUT) => t!("transport.timed-out"),
        ErrorCode::Session(code) if CLOSED.contains(&code) => t!("transport.closed"),
        _ => error.message().to_owned(),
    }
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

#[cfg(test)]
mod tests {
    use ssh2::{Error, ErrorCode};

    use super::reason;

    #[test]
    fn nobody_reads_a_code_of_libssh2() {
        let said = |code| {
            reason(&Error::new(
                ErrorCode::Session(code),
                "Timed out waiting on socket",
            ))
        };
        assert_eq!(said(-9), "it does not answer in time");
        assert_eq!(said(-13), "it closed the connection");
        assert_eq!(said(-5), "Timed out waiting on socket");
    }
}
