//! Reaching a host, knowing it by its key, and logging in.

use std::io::{self, ErrorKind};
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use ssh2::{MethodType, Session};

use super::{ConnectError, Credentials, Endpoint, SLICE, Ssh, reason};
use crate::t;
use crate::transport::known_hosts::{KnownHosts, Verdict};
use crate::transport::{Cancel, Transport, in_words, of};

/// How many bytes of a payload may be on their way to a host that is near.
const AHEAD: u32 = 256 * 1024;

/// Opens a session: TCP within `timeout`, then the handshake, the pinned host key, and a login by key.
///
/// Looking up a name, dialling, and waiting for a server or for an agent all hold whoever does them. So a thread of its
/// own does; after a stop was asked for nobody waits for it, and what it still gets it closes.
///
/// # Errors
/// See [`ConnectError`].
pub fn connect(
    endpoint: &Endpoint,
    credentials: &Credentials,
    known_hosts: &KnownHosts,
    timeout: Duration,
    cancel: &Cancel,
) -> Result<Box<dyn Transport>, ConnectError> {
    let (sender, made) = mpsc::channel();
    let (to, who, pinned) = (endpoint.clone(), credentials.clone(), known_hosts.clone());
    let no_answer = |error: io::Error| ConnectError::NoAnswer(of(endpoint, &in_words(&error)));
    let opening = thread::Builder::new()
        .spawn(move || {
            // Nobody takes it after a stop was asked for.
            let _ = sender.send(open(&to, &who, &pinned, timeout));
        })
        .map_err(no_answer)?;
    loop {
        match made.recv_timeout(SLICE) {
            Ok(session) => return session.map(|session| Box::new(session) as Box<dyn Transport>),
            Err(RecvTimeoutError::Timeout) if cancel.is_cancelled() => return Err(ConnectError::Cancelled),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => match opening.join() {
                Ok(()) => return Err(ConnectError::Cancelled),
                Err(panic) => std::panic::resume_unwind(panic),
            },
        }
    }
}

fn open(
    endpoint: &Endpoint,
    credentials: &Credentials,
    known_hosts: &KnownHosts,
    timeout: Duration,
) -> Result<Ssh, ConnectError> {
    let no_answer = |error: io::Error| ConnectError::NoAnswer(of(endpoint, &in_words(&error)));
    let dialled = Instant::now();
    let stream = dial(endpoint, timeout).map_err(|error| match error.kind() {
        ErrorKind::ConnectionRefused => ConnectError::NothingListens(endpoint.clone()),
        _ => no_answer(error),
    })?;
    let ahead = ahead(dialled.elapsed());
    let address = stream.peer_addr().map_err(no_answer)?;
    // A request and its answer are small; waiting to fill a packet would cost 40 ms each.
    stream.set_nodelay(true).map_err(no_answer)?;

    let protocol = |error: ssh2::Error| ConnectError::NoAnswer(of(endpoint, &reason(&error)));
    let mut session = Session::new().map_err(protocol)?;
    prefer(
        &session,
        known_hosts.kind(&endpoint.host, endpoint.port).as_deref(),
    );
    session.set_tcp_stream(stream.try_clone().map_err(no_answer)?);
    session.set_timeout(10_000);
    session.handshake().map_err(protocol)?;
    check_host_key(&session, endpoint, known_hosts)?;
    log_in(&session, endpoint, credentials)?;
    session.set_timeout(u32::try_from(SLICE.as_millis()).unwrap_or(250));
    Ok(Ssh {
        session,
        stream,
        address,
        ahead,
        root: credentials.user == "root",
    })
}

fn dial(endpoint: &Endpoint, timeout: Duration) -> io::Result<TcpStream> {
    let mut last = io::Error::new(io::ErrorKind::NotFound, t!("transport.no-address"));
    for address in (endpoint.host.as_str(), endpoint.port).to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, timeout) {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// How many bytes may be on their way to a host that takes so long to answer: enough for 64 MB in a second. On a computer
/// that has much else to do an answer from the next machine takes a few milliseconds as well.
fn ahead(answer: Duration) -> u32 {
    let times = u32::try_from(answer.as_millis() / 4).unwrap_or(u32::MAX);
    AHEAD.saturating_mul(times.max(1))
}

/// Ciphers that processors have instructions for, and the kind of host key that is pinned.
fn prefer(session: &Session, pinned: Option<&str>) {
    for method in [MethodType::CryptCs, MethodType::CryptSc] {
        // What this build of libssh2 does not know it passes over; with none left its own order stays.
        let _ = session.method_pref(
            method,
            "aes128-gcm@openssh.com,aes256-gcm@openssh.com,aes128-ctr,aes256-ctr",
        );
    }
    if let Some(kind) = pinned {
        // An RSA key signs with SHA-2 where both sides can.
        let kinds = if kind == "ssh-rsa" {
            "rsa-sha2-512,rsa-sha2-256,ssh-rsa"
        } else {
            kind
        };
        let _ = session.method_pref(MethodType::HostKey, kinds);
    }
}

fn check_host_key(
    session: &Session,
    endpoint: &Endpoint,
    known_hosts: &KnownHosts,
) -> Result<(), ConnectError> {
    let no_answer = |message: String| ConnectError::NoAnswer(of(endpoint, &message));
    let (key, _) = session
        .host_key()
        .ok_or_else(|| no_answer(t!("transport.no-host-key")))?;
    // A key begins with the length and the name of its kind (RFC 4253, section 6.6).
    let kind = key
        .get(..4)
        .and_then(|length| usize::try_from(u32::from_be_bytes(length.try_into().ok()?)).ok())
        .and_then(|length| std::str::from_utf8(key.get(4..4 + length)?).ok())
        .ok_or_else(|| no_answer(t!("transport.unknown-host-key")))?;
    match known_hosts.check(&endpoint.host, endpoint.port, kind, key) {
        Ok(Verdict::Trusted) => Ok(()),
        Ok(Verdict::Changed) => Err(ConnectError::HostKeyChanged {
            endpoint: endpoint.clone(),
            file: known_hosts.file().to_owned(),
        }),
        Err(error) => Err(no_answer(format!("{}: {error}", known_hosts.file().display()))),
    }
}

fn log_in(session: &Session, endpoint: &Endpoint, credentials: &Credentials) -> Result<(), ConnectError> {
    let mut tried = Vec::new();
    for key in credentials.keys.iter().filter(|key| key.is_file()) {
        match session.userauth_pubkey_file(&credentials.user, None, key, None) {
            Ok(()) => return Ok(()),
            Err(error) => tried.push(of(key.display(), &reason(&error))),
        }
    }
    if credentials.agent {
        match log_in_by_agent(session, &credentials.user) {
            Ok(()) => return Ok(()),
            Err(error) => tried.push(t!("transport.agent", reason = reason(&error))),
        }
    }
    if tried.is_empty() {
        tried.extend(
            credentials
                .keys
                .iter()
                .map(|key| t!("transport.no-such-file", path = key.display())),
        );
    }
    let both = |first, second| t!("transport.both", first = first, second = second);
    let tried = tried.into_iter().reduce(both).unwrap_or_default();
    let who = format!("{}@{endpoint}", credentials.user);
    Err(ConnectError::Refused(of(who, &tried)))
}

/// With the keys of the agent, one after the other: it may have some for other hosts, and those may come first.
fn log_in_by_agent(session: &Session, user: &str) -> Result<(), ssh2::Error> {
    let mut agent = session.agent()?;
    agent.connect()?;
    agent.list_identities()?;
    let mut refused = None;
    for identity in agent.identities()? {
        match agent.userauth(user, &identity) {
            Ok(()) => return Ok(()),
            Err(error) => refused = Some(error),
        }
    }
    // Without any this says so.
    refused.map_or_else(|| session.userauth_agent(user), Err)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::ahead;

    #[test]
    fn more_is_on_its_way_to_a_host_that_is_further_away() {
        let after = |micros| ahead(Duration::from_micros(micros));
        assert_eq!(
            [after(0), after(7900), after(12_000)],
            [262_144, 262_144, 786_432]
        );
        assert_eq!(ahead(Duration::from_secs(90)), u32::MAX);
    }
}
