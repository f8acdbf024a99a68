//! One command in a session: sent, fed, heard out.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use ssh2::{Channel, ErrorCode, ExtendedData, Session};

use super::SLICE;
use super::lines::Lines;
use crate::transport::{Cancel, Hearer, Lost, Payload};

/// `LIBSSH2_ERROR_TIMEOUT`: nothing came within the session's time-out, which is no failure here.
const TIMED_OUT: i32 = -9;
/// Silence after which the host is asked whether it still exists.
const SILENCE: Duration = Duration::from_secs(20);
/// The exit status of a command that a signal ended: a shell adds the signal's number, SSH knows only its name.
const KILLED: i32 = 128;
/// `LIBSSH2_CHANNEL_PACKET_DEFAULT` is 32768; larger writes are split anyway.
const CHUNK: usize = 32 * 1024;

/// One running command.
pub(super) struct Exec<'a> {
    session: &'a Session,
    channel: Channel,
    address: SocketAddr,
    cancel: &'a Cancel,
    lines: Lines,
    heard: Instant,
}

impl<'a> Exec<'a> {
    /// Starts a command.
    pub(super) fn begin(
        session: &'a Session,
        address: SocketAddr,
        command: &str,
        cancel: &'a Cancel,
    ) -> Result<Self, Lost> {
        let mut channel = patiently(cancel, || session.channel_session())?;
        patiently(cancel, || channel.handle_extended_data(ExtendedData::Merge))?;
        patiently(cancel, || channel.exec(command))?;
        Ok(Self {
            session,
            channel,
            address,
            cancel,
            lines: Lines::default(),
            heard: Instant::now(),
        })
    }

    /// Sends bytes; an end of the command before it took them all is no error, its exit status tells.
    pub(super) fn send(&mut self, mut bytes: &[u8], hearer: &mut dyn Hearer) -> Result<(), Lost> {
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

    pub(super) fn send_payload(&mut self, mut payload: Payload, hearer: &mut dyn Hearer) -> Result<(), Lost> {
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

    pub(super) fn finish(mut self, hearer: &mut dyn Hearer) -> Result<i32, Lost> {
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
