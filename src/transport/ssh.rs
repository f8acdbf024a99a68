//! One SSH session with one node, by libssh2. The only file that says `ssh2`.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use ssh2::{Channel, ErrorCode, ExtendedData, MethodType, Session};

use super::known_hosts::{KnownHosts, Verdict};
use super::{Cancel, Hearer, Lost, Payload, Transport};

/// `LIBSSH2_ERROR_TIMEOUT`: nothing came within the session's time-out, which is no failure here.
const TIMED_OUT: i32 = -9;
/// How long a call into libssh2 may take before cancellation is looked at.
const SLICE: Duration = Duration::from_millis(250);
/// Silence after which the host is asked whether it still exists.
const SILENCE: Duration = Duration::from_secs(20);
/// The exit status of a command that a signal ended: a shell adds the signal's number, SSH knows only its name.
const KILLED: i32 = 128;
/// `LIBSSH2_CHANNEL_PACKET_DEFAULT` is 32768; larger writes are split anyway.
const CHUNK: usize = 32 * 1024;

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
    #[error("the host key of {endpoint} is not the one pinned in {file}")]
    HostKeyChanged {
        /// The host.
        endpoint: Endpoint,
        /// The file with the pinned key.
        file: PathBuf,
    },
}

/// Opens a session: TCP within `timeout`, then the handshake, the pinned host key, and a login by key.
///
/// # Errors
/// See [`ConnectError`].
pub fn connect(
    endpoint: &Endpoint,
    credentials: &Credentials,
    known_hosts: &KnownHosts,
    timeout: Duration,
) -> Result<Box<dyn Transport>, ConnectError> {
    let no_answer = |error: io::Error| ConnectError::NoAnswer(format!("{endpoint}: {error}"));
    let stream = dial(endpoint, timeout).map_err(no_answer)?;
    let address = stream.peer_addr().map_err(no_answer)?;
    // A request and its answer are small; waiting to fill a packet would cost 40 ms each.
    stream.set_nodelay(true).map_err(no_answer)?;

    let protocol = |error: ssh2::Error| ConnectError::NoAnswer(format!("{endpoint}: {error}"));
    let mut session = Session::new().map_err(protocol)?;
    prefer(
        &session,
        known_hosts.kind(&endpoint.host, endpoint.port).as_deref(),
    );
    session.set_tcp_stream(stream);
    session.set_timeout(10_000);
    session.handshake().map_err(protocol)?;
    check_host_key(&session, endpoint, known_hosts)?;
    log_in(&session, endpoint, credentials)?;
    session.set_timeout(u32::try_from(SLICE.as_millis()).unwrap_or(250));
    Ok(Box::new(Ssh {
        session,
        address,
        root: credentials.user == "root",
    }))
}

fn dial(endpoint: &Endpoint, timeout: Duration) -> io::Result<TcpStream> {
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for address in (endpoint.host.as_str(), endpoint.port).to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, timeout) {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
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
    let no_answer = |message: String| ConnectError::NoAnswer(format!("{endpoint}: {message}"));
    let (key, _) = session
        .host_key()
        .ok_or_else(|| no_answer("no host key".to_owned()))?;
    // A key begins with the length and the name of its kind (RFC 4253, section 6.6).
    let kind = key
        .get(..4)
        .and_then(|length| usize::try_from(u32::from_be_bytes(length.try_into().ok()?)).ok())
        .and_then(|length| std::str::from_utf8(key.get(4..4 + length)?).ok())
        .ok_or_else(|| no_answer("a host key of no known form".to_owned()))?;
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
            Err(error) => tried.push(format!("{}: {}", key.display(), error.message())),
        }
    }
    if credentials.agent {
        match session.userauth_agent(&credentials.user) {
            Ok(()) => return Ok(()),
            Err(error) => tried.push(format!("SSH agent: {}", error.message())),
        }
    }
    if tried.is_empty() {
        tried.extend(
            credentials
                .keys
                .iter()
                .map(|key| format!("{}: no such file", key.display())),
        );
    }
    Err(ConnectError::Refused(format!(
        "{}@{endpoint}: {}",
        credentials.user,
        tried.join("; ")
    )))
}

struct Ssh {
    session: Session,
    address: SocketAddr,
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
        let mut channel = patiently(cancel, || self.session.channel_session())?;
        patiently(cancel, || channel.handle_extended_data(ExtendedData::Merge))?;
        patiently(cancel, || channel.exec(&command))?;
        let mut exec = Exec {
            session: &self.session,
            channel,
            address: self.address,
            cancel,
            lines: Lines::default(),
            heard: Instant::now(),
        };
        exec.send(script.as_bytes(), hearer)?;
        if let Some(payload) = payload {
            exec.send_payload(payload, hearer)?;
        }
        exec.finish(hearer)
    }
}

/// Repeats a call that timed out until it gets through or the user asks to stop.
fn patiently<T>(cancel: &Cancel, mut call: impl FnMut() -> Result<T, ssh2::Error>) -> Result<T, Lost> {
    loop {
        match call() {
            Err(error) if error.code() == ErrorCode::Session(TIMED_OUT) => {
                if cancel.is_cancelled() {
                    return Err(Lost::Cancelled);
                }
            }
            other => return other.map_err(|error| Lost::Connection(error.to_string())),
        }
    }
}

/// One running command.
struct Exec<'a> {
    session: &'a Session,
    channel: Channel,
    address: SocketAddr,
    cancel: &'a Cancel,
    lines: Lines,
    heard: Instant,
}

impl Exec<'_> {
    /// Sends bytes; an end of the command before it took them all is no error, its exit status tells.
    fn send(&mut self, mut bytes: &[u8], hearer: &mut dyn Hearer) -> Result<(), Lost> {
        while !bytes.is_empty() {
            match self.channel.write(bytes) {
                Ok(0) => return Ok(()),
                Ok(written) => {
                    bytes = &bytes[written..];
                    self.heard = Instant::now();
                }
                Err(error) => {
                    self.hear_meanwhile(hearer);
                    if self.channel.eof() {
                        return Ok(());
                    }
                    if !is_timeout(&error) {
                        return Err(Lost::Connection(error.to_string()));
                    }
                    self.still_there()?;
                }
            }
        }
        Ok(())
    }

    /// Takes what the command has said so far. One that says much before it reads would otherwise wait for ever,
    /// and libssh2 tells the end of a command only to those who have heard it out.
    fn hear_meanwhile(&mut self, hearer: &mut dyn Hearer) {
        let mut buffer = vec![0; CHUNK];
        self.session.set_blocking(false);
        while let Ok(read @ 1..) = self.channel.read(&mut buffer) {
            self.heard = Instant::now();
            self.lines.take(&buffer[..read], |line| hearer.line(line));
        }
        self.session.set_blocking(true);
    }

    fn send_payload(&mut self, mut payload: Payload, hearer: &mut dyn Hearer) -> Result<(), Lost> {
        let mut buffer = vec![0; CHUNK];
        let (mut done, mut told) = (0, Instant::now());
        hearer.progress(0, payload.size);
        loop {
            let read = payload.reader.read(&mut buffer).map_err(Lost::Payload)?;
            if read == 0 || self.channel.eof() {
                break;
            }
            self.send(&buffer[..read], hearer)?;
            done += read as u64;
            if told.elapsed() > SLICE {
                told = Instant::now();
                hearer.progress(done, payload.size);
            }
            if self.cancel.is_cancelled() {
                return Err(Lost::Cancelled);
            }
        }
        hearer.progress(done, payload.size);
        Ok(())
    }

    fn finish(mut self, hearer: &mut dyn Hearer) -> Result<i32, Lost> {
        // The command may have closed its end already.
        let _ = self.channel.send_eof();
        let mut buffer = vec![0; CHUNK];
        loop {
            match self.channel.read(&mut buffer) {
                Ok(0) if self.channel.eof() => break,
                Ok(read) => {
                    self.heard = Instant::now();
                    self.lines.take(&buffer[..read], |line| hearer.line(line));
                }
                Err(error) if is_timeout(&error) => self.still_there()?,
                Err(error) => return Err(Lost::Connection(error.to_string())),
            }
        }
        self.lines.end(|line| hearer.line(line));
        let cancel = self.cancel;
        patiently(cancel, || self.channel.wait_close())?;
        let lost = |error: ssh2::Error| Lost::Connection(error.to_string());
        match self.channel.exit_signal().map_err(lost)?.exit_signal {
            // libssh2 gives 0 for the exit status of a command that was killed.
            Some(_) => Ok(KILLED),
            None => self.channel.exit_status().map_err(lost),
        }
    }

    /// Called while nothing is heard: the user may want to stop, or the machine may be gone. A machine whose
    /// power was cut says nothing, and TCP alone would notice after a quarter of an hour.
    fn still_there(&mut self) -> Result<(), Lost> {
        if self.cancel.is_cancelled() {
            return Err(Lost::Cancelled);
        }
        if self.heard.elapsed() < SILENCE {
            return Ok(());
        }
        self.heard = Instant::now();
        TcpStream::connect_timeout(&self.address, SILENCE)
            .map(drop)
            .map_err(|error| Lost::Connection(format!("{}: {error}", self.address)))
    }
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock)
}

/// Cuts a stream of bytes into lines.
#[derive(Default)]
struct Lines {
    rest: Vec<u8>,
}

impl Lines {
    fn take(&mut self, bytes: &[u8], mut on_line: impl FnMut(&str)) {
        self.rest.extend_from_slice(bytes);
        let mut start = 0;
        while let Some(length) = self.rest[start..].iter().position(|byte| *byte == b'\n') {
            emit(&self.rest[start..start + length], &mut on_line);
            start += length + 1;
        }
        self.rest.drain(..start);
    }

    fn end(&mut self, mut on_line: impl FnMut(&str)) {
        if !self.rest.is_empty() {
            emit(&std::mem::take(&mut self.rest), &mut on_line);
        }
    }
}

/// Of a line that a program wrote over with carriage returns, only what was last to be seen counts.
fn emit(line: &[u8], on_line: &mut impl FnMut(&str)) {
    let text = String::from_utf8_lossy(line);
    let text = text.trim_end_matches('\r');
    on_line(text.rsplit('\r').next().unwrap_or(text));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_may_come_in_pieces_and_end_without_a_newline() {
        let mut lines = Lines::default();
        let mut seen = Vec::new();
        for piece in ["on", "e\ntwo\r\n10%\r20%\nth", "ree"] {
            lines.take(piece.as_bytes(), |line| seen.push(line.to_owned()));
        }
        lines.end(|line| seen.push(line.to_owned()));
        assert_eq!(seen, ["one", "two", "20%", "three"]);
    }
}
