//! One command in a session: sent, fed, heard out.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use ssh2::{Channel, ErrorCode, ExtendedData, Session};

use super::lines::Lines;
use super::{SLICE, Ssh, TIMED_OUT, reason};
use crate::platform;
use crate::transport::{Cancel, Hearer, Lost, Payload, in_words, of};

/// Silence after which the host is asked whether it still exists.
const SILENCE: Duration = Duration::from_secs(20);
/// After so long a server that says nothing of what its command has read may only want more before it does.
const RELUCTANT: Duration = Duration::from_secs(2);
/// The exit status of a command that a signal ended: a shell adds the signal's number, SSH knows only its name.
const KILLED: i32 = 128;
/// What libssh2 takes for one packet at most. A chunk of 32 kB would go as two of them, one of 68 bytes.
const PACKET: usize = 32_700;
/// So much is read at once.
const CHUNK: usize = 8 * PACKET;

/// One running command.
pub(super) struct Exec<'a> {
    session: &'a Session,
    stream: &'a TcpStream,
    channel: Channel,
    /// The most that the server has ever been ready to take.
    window: u32,
    ahead: u32,
    lines: Lines,
    patience: Patience<'a>,
}

impl<'a> Exec<'a> {
    /// Starts a command.
    pub(super) fn begin(ssh: &'a Ssh, command: &str, cancel: &'a Cancel) -> Result<Self, Lost> {
        let session = &ssh.session;
        let mut patience = Patience::new(ssh.address, cancel);
        let mut channel = patience.during(|| session.channel_session())?;
        patience.during(|| channel.handle_extended_data(ExtendedData::Merge))?;
        patience.during(|| channel.exec(command))?;
        Ok(Self {
            session,
            stream: &ssh.stream,
            channel,
            window: 0,
            ahead: ssh.ahead,
            lines: Lines::default(),
            patience,
        })
    }

    /// Sends bytes; an end of the command before it took them all is no error, its exit status tells.
    pub(super) fn send(&mut self, mut bytes: &[u8], hearer: &mut dyn Hearer) -> Result<(), Lost> {
        while !bytes.is_empty() {
            match self.channel.write(bytes) {
                Ok(0) => return Ok(()),
                Ok(written) => {
                    bytes = &bytes[written..];
                    self.patience.renew();
                }
                Err(error) => {
                    let _ = self.hear_meanwhile(hearer);
                    if self.channel.eof() {
                        return Ok(());
                    }
                    if !is_timeout(&error) {
                        return Err(Lost::Connection(in_words(&error)));
                    }
                    self.patience.ask()?;
                }
            }
        }
        Ok(())
    }

    /// Takes what the command has said so far, but not longer than until a stop is asked for. One that says much before
    /// it reads would otherwise wait for ever, and libssh2 tells the end of a command only to those who have heard it
    /// out.
    fn hear_meanwhile(&mut self, hearer: &mut dyn Hearer) -> io::Result<()> {
        let mut buffer = vec![0; PACKET];
        self.session.set_blocking(false);
        let ended = loop {
            match self.channel.read(&mut buffer) {
                Ok(0) => break Ok(()),
                Ok(read) => {
                    self.patience.renew();
                    self.lines.take(&buffer[..read], |line| hearer.line(line));
                    if self.patience.is_over() {
                        break Ok(());
                    }
                }
                Err(error) if is_timeout(&error) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        self.session.set_blocking(true);
        ended
    }

    /// Waits while the command is too far behind what was sent. A server takes in all that its window allows, which
    /// is 2 MB, and OpenSSH moves the whole of what it keeps with every packet that makes it more: two fifths of
    /// what a payload costs a node.
    fn keep_pace(&mut self, hearer: &mut dyn Hearer) -> Result<(), Lost> {
        let mut waited = Instant::now();
        loop {
            let left = self.channel.write_window().remaining;
            self.window = self.window.max(left);
            if self.window - left < self.ahead || self.channel.eof() {
                return Ok(());
            }
            if waited.elapsed() > RELUCTANT {
                self.ahead = self.ahead.saturating_mul(2);
                waited = Instant::now();
            }
            self.patience.ask()?;
            platform::await_bytes(self.stream, SLICE);
            if self.hear_meanwhile(hearer).is_err() {
                // Sending says why.
                return Ok(());
            }
        }
    }

    pub(super) fn send_payload(&mut self, mut payload: Payload, hearer: &mut dyn Hearer) -> Result<(), Lost> {
        let mut buffer = vec![0; CHUNK];
        let (mut done, mut told) = (0, Instant::now());
        hearer.progress(0, payload.size);
        loop {
            let read = payload.reader.read(&mut buffer).map_err(Lost::Payload)?;
            if read == 0 || self.channel.eof() {
                break;
            }
            for packet in buffer[..read].chunks(PACKET) {
                self.keep_pace(hearer)?;
                self.send(packet, hearer)?;
            }
            done += read as u64;
            if told.elapsed() > SLICE {
                told = Instant::now();
                hearer.progress(done, payload.size);
            }
            if self.patience.is_over() {
                return Err(Lost::Cancelled);
            }
        }
        hearer.progress(done, payload.size);
        Ok(())
    }

    pub(super) fn finish(mut self, hearer: &mut dyn Hearer) -> Result<i32, Lost> {
        // The command may have closed its end already.
        let _ = self.channel.send_eof();
        let mut buffer = vec![0; PACKET];
        loop {
            match self.channel.read(&mut buffer) {
                Ok(0) if self.channel.eof() => break,
                Ok(read) => {
                    self.patience.renew();
                    self.lines.take(&buffer[..read], |line| hearer.line(line));
                    // One that talks all the time is never waited for.
                    if self.patience.is_over() {
                        return Err(Lost::Cancelled);
                    }
                }
                Err(error) if is_timeout(&error) => self.patience.ask()?,
                Err(error) => return Err(Lost::Connection(in_words(&error))),
            }
        }
        self.lines.end(|line| hearer.line(line));
        self.patience.during(|| self.channel.wait_close())?;
        let lost = |error: ssh2::Error| Lost::Connection(reason(&error));
        match self.channel.exit_signal().map_err(lost)?.exit_signal {
            // libssh2 gives 0 for the exit status of a command that was killed.
            Some(_) => Ok(KILLED),
            None => self.channel.exit_status().map_err(lost),
        }
    }
}

/// Waits for a host that says nothing, as long as it is there and nobody wants to stop.
struct Patience<'a> {
    address: SocketAddr,
    cancel: &'a Cancel,
    /// When something was heard of it last.
    heard: Instant,
}

impl<'a> Patience<'a> {
    fn new(address: SocketAddr, cancel: &'a Cancel) -> Self {
        Self {
            address,
            cancel,
            heard: Instant::now(),
        }
    }

    /// Something was heard.
    fn renew(&mut self) {
        self.heard = Instant::now();
    }

    /// Whether the user wants to stop.
    fn is_over(&self) -> bool {
        self.cancel.is_cancelled()
    }

    /// Called while nothing is heard: the user may want to stop, or the machine may be gone. A machine whose
    /// power was cut says nothing, and TCP alone would notice after a quarter of an hour.
    fn ask(&mut self) -> Result<(), Lost> {
        if self.is_over() {
            return Err(Lost::Cancelled);
        }
        if self.heard.elapsed() < SILENCE {
            return Ok(());
        }
        self.renew();
        TcpStream::connect_timeout(&self.address, SILENCE)
            .map(drop)
            .map_err(|error| Lost::Connection(of(self.address, &in_words(&error))))
    }

    /// Repeats a call that timed out until it gets through.
    fn during<T>(&mut self, mut call: impl FnMut() -> Result<T, ssh2::Error>) -> Result<T, Lost> {
        loop {
            match call() {
                // Nothing came within the session's time-out, which is no failure here.
                Err(error) if error.code() == ErrorCode::Session(TIMED_OUT) => self.ask()?,
                other => {
                    self.renew();
                    return other.map_err(|error| Lost::Connection(reason(&error)));
                }
            }
        }
    }
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock)
}
