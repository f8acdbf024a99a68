//! Programs on this computer. The only file that starts processes, but for Windows' own helpers in `platform`.
//!
//! On Linux and macOS a program runs in a process group of its own: Ctrl-C in a terminal would otherwise reach it
//! beside kprov, which would then not know how far it came.

use std::ffi::{OsStr, OsString};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use super::Cancel;
use super::last_lines::LastLines;
use crate::platform;

/// How long a program that was asked to stop may take before it is ended.
const GRACE: Duration = Duration::from_secs(15);
/// Between two looks whether a program has ended or is to end.
const LOOK: Duration = Duration::from_millis(100);
/// Between two looks whether a program that has closed its streams has ended.
const CLOSED: Duration = Duration::from_millis(5);
/// How many looks for the last lines of a program that has ended may be in vain.
const SILENT: u32 = 2;
/// How long a program that has ended is heard out while a process that it left behind talks on.
const HEARD_OUT: Duration = Duration::from_secs(5);

/// A program with its arguments.
#[derive(Debug, Clone)]
pub struct Program {
    path: PathBuf,
    arguments: Vec<OsString>,
    dir: Option<PathBuf>,
    environment: Vec<(String, OsString)>,
    input: Option<PathBuf>,
    timeout: Option<Duration>,
    live: bool,
}

/// How a program ended.
#[derive(Debug)]
pub struct Ended {
    /// Its exit status; `None` when it was ended by a signal.
    pub status: Option<i32>,
    /// Whether it ran into its time limit.
    pub timed_out: bool,
    /// Its standard output.
    pub stdout: String,
    /// The last lines of both streams, in the order in which they came, and of a trace its head.
    pub last_lines: Vec<String>,
}

impl Ended {
    /// Whether it ended by itself with exit status 0.
    #[must_use]
    pub fn ok(&self) -> bool {
        self.status == Some(0)
    }
}

impl Program {
    /// A program by its path, or by its name to be found on the `PATH`.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            arguments: Vec::new(),
            dir: None,
            environment: Vec::new(),
            input: None,
            timeout: None,
            live: false,
        }
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<S: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = S>) -> Self {
        self.arguments
            .extend(arguments.into_iter().map(|argument| argument.as_ref().to_owned()));
        self
    }

    /// Sets the directory that it runs in.
    #[must_use]
    pub fn dir(mut self, dir: &Path) -> Self {
        self.dir = Some(dir.to_owned());
        self
    }

    /// Sets a variable of its environment.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.environment
            .push((name.to_owned(), value.as_ref().to_owned()));
        self
    }

    /// Gives it a file as standard input; without one it reads an empty input.
    #[must_use]
    pub fn input(mut self, file: &Path) -> Self {
        self.input = Some(file.to_owned());
        self
    }

    /// Limits its time.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// How long it may take; `None` without a limit.
    #[must_use]
    pub fn time_limit(&self) -> Option<Duration> {
        self.timeout
    }

    /// Also hears lines that the program writes over at once, such as a percentage; they are kept nowhere.
    #[must_use]
    pub fn live(mut self) -> Self {
        self.live = true;
        self
    }

    /// How a person would type it.
    #[must_use]
    pub fn display(&self) -> String {
        let name = self.path.file_name().unwrap_or(self.path.as_os_str());
        std::iter::once(name)
            .chain(self.arguments.iter().map(OsString::as_os_str))
            .map(|word| {
                let word = word.to_string_lossy();
                shlex::try_quote(&word).map_or_else(|_| word.clone().into_owned(), Into::into)
            })
            .collect::<Vec<String>>()
            .join(" ")
    }

    /// Runs it to its end. A cancelled program is asked to stop as by Ctrl-C, and ended after 15 seconds.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn run(&self, cancel: &Cancel, on_line: &mut dyn FnMut(&str)) -> io::Result<Ended> {
        let mut child = self.spawn()?;
        let (sender, lines) = mpsc::channel();
        let readers = [
            reader(child.stdout.take(), Some(true), self.live, sender.clone()),
            reader(child.stderr.take(), Some(false), self.live, sender),
        ];
        let started = Instant::now();
        let mut ended = Ended {
            status: None,
            timed_out: false,
            stdout: String::new(),
            last_lines: Vec::new(),
        };
        let mut last = LastLines::default();
        let mut asked: Option<Instant> = None;
        let mut silent = 0;
        let mut looked = started;
        // When it was seen to have ended.
        let mut over: Option<Instant> = None;
        loop {
            match lines.recv_timeout(LOOK) {
                Ok((None, line)) => on_line(&line),
                Ok((Some(from_stdout), line)) => {
                    on_line(&line);
                    if from_stdout {
                        ended.stdout.push_str(&line);
                        ended.stdout.push('\n');
                    }
                    last.push(line);
                }
                // What it said last may still be on its way when this computer is busy.
                Err(RecvTimeoutError::Timeout) if over.is_some() => {
                    silent += 1;
                    if silent > SILENT {
                        break;
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    if child.try_wait()?.is_some() {
                        break;
                    }
                    thread::sleep(CLOSED);
                }
            }
            // A process that it left behind may hold the streams open; the program itself is what counts.
            if over.is_some_and(|at| at.elapsed() > HEARD_OUT) {
                break;
            }
            if over.is_none() && looked.elapsed() >= LOOK {
                looked = Instant::now();
                over = child.try_wait()?.map(|_| looked);
            }
            ended.timed_out |=
                over.is_none() && self.timeout.is_some_and(|timeout| started.elapsed() > timeout);
            if cancel.is_cancelled() || ended.timed_out {
                match asked {
                    None => {
                        platform::interrupt(&mut child);
                        asked = Some(Instant::now());
                    }
                    Some(at) if at.elapsed() > GRACE => platform::end(&mut child),
                    Some(_) => {}
                }
            }
        }
        let status: ExitStatus = child.wait()?;
        drop(readers);
        ended.status = status.code();
        ended.last_lines = last.into();
        Ok(ended)
    }

    /// Runs it with this terminal as its own until it ends, as for `kprov ssh`.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn hand_over(&self) -> io::Result<Option<i32>> {
        self.command().status().map(|status| status.code())
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
        command
            .args(&self.arguments)
            .envs(self.environment.iter().map(|(name, value)| (name, value)));
        if let Some(dir) = &self.dir {
            command.current_dir(dir);
        }
        command
    }

    fn spawn(&self) -> io::Result<Child> {
        let mut command = self.command();
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.stdin(match &self.input {
            Some(file) => Stdio::from(std::fs::File::open(file)?),
            None => Stdio::null(),
        });
        platform::apart(&mut command);
        command.spawn()
    }
}

/// Sends the lines of a stream with the word whose they are; lines that are written over come without one.
fn reader<R: Read + Send + 'static>(
    stream: Option<R>,
    is_stdout: Option<bool>,
    live: bool,
    lines: mpsc::Sender<(Option<bool>, String)>,
) -> Option<thread::JoinHandle<()>> {
    let mut stream = BufReader::new(stream?);
    Some(thread::spawn(move || {
        let mut piece = Vec::new();
        while next_piece(&mut stream, live, &mut piece).is_ok_and(|read| read > 0) {
            let text = String::from_utf8_lossy(&piece);
            let (whose, text) = match text.strip_suffix('\r') {
                Some(written_over) if live => (None, written_over),
                _ => (is_stdout, text.trim_end_matches(['\n', '\r'])),
            };
            let text = text.rsplit('\r').next().unwrap_or(text).to_owned();
            if lines.send((whose, text)).is_err() {
                break;
            }
            piece.clear();
        }
    }))
}

/// Reads a line with its end: `\n`, or where lines that are written over count, `\r` that no `\n` follows.
fn next_piece(from: &mut impl BufRead, live: bool, piece: &mut Vec<u8>) -> io::Result<usize> {
    if !live {
        return from.read_until(b'\n', piece);
    }
    loop {
        let there = from.fill_buf()?;
        let end = there.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
        let taken = end.map_or(there.len(), |end| end + 1);
        let at_end = there.is_empty() || end.is_some();
        piece.extend_from_slice(&there[..taken]);
        from.consume(taken);
        if piece.ends_with(b"\r") && from.fill_buf()?.first() == Some(&b'\n') {
            continue;
        }
        if at_end {
            return Ok(piece.len());
        }
    }
}

/// Writes `text` to a program's standard input through a file that only its owner may read, for programs that
/// must not be given a secret as an argument.
///
/// # Errors
/// When the file cannot be written.
pub fn private_input(text: &str) -> io::Result<tempfile::NamedTempFile> {
    let mut file = tempfile::NamedTempFile::new()?;
    file.write_all(text.as_bytes())?;
    Ok(file)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn output_and_status_come_back() {
        let mut lines = Vec::new();
        let ended = Program::new("sh")
            .args(["-c", "echo one; echo two >&2; exit 3"])
            .run(&Cancel::default(), &mut |line| lines.push(line.to_owned()))
            .unwrap();
        lines.sort();
        assert_eq!(lines, ["one", "two"]);
        assert_eq!((ended.status, ended.stdout.as_str()), (Some(3), "one\n"));
    }

    #[test]
    fn lines_that_are_written_over_are_heard_and_not_kept() {
        let mut lines = Vec::new();
        let ended = Program::new("printf")
            .args([r"one\r\n\rProgress: 10%%\rProgress: 20%%\rtwo\nthree"])
            .live()
            .run(&Cancel::default(), &mut |line| lines.push(line.to_owned()))
            .unwrap();
        assert_eq!(
            lines,
            ["one", "", "Progress: 10%", "Progress: 20%", "two", "three"]
        );
        assert_eq!(ended.stdout, "one\ntwo\nthree\n");
    }

    #[test]
    fn a_cancelled_program_ends_with_its_children() {
        let cancel = Cancel::default();
        let stop = cancel.clone();
        let ended = Program::new("sh")
            .args(["-c", "echo ready; sleep 600; echo never"])
            .run(&cancel, &mut |_| stop.cancel())
            .unwrap();
        assert!(!ended.ok() && ended.stdout == "ready\n", "{ended:?}");
    }

    #[test]
    fn a_program_that_takes_too_long_is_stopped() {
        let ended = Program::new("sleep")
            .args(["600"])
            .timeout(Duration::from_millis(50))
            .run(&Cancel::default(), &mut |_| {})
            .unwrap();
        assert!(ended.timed_out && !ended.ok());
    }

    #[test]
    fn a_program_has_ended_also_when_what_it_left_behind_talks_on() {
        let mut heard = 0;
        let ended = Program::new("bash")
            .args(["-c", "while echo on; do sleep 0.02; done & echo done"])
            .run(&Cancel::default(), &mut |_| heard += 1)
            .unwrap();
        // Nobody reads it any more, which ends what was left behind.
        assert!(
            ended.ok() && ended.stdout.contains("done\n") && heard > 2,
            "{ended:?}"
        );
    }

    #[test]
    fn a_program_that_has_closed_its_streams_hears_its_time_limit() {
        let ended = Program::new("sh")
            .args(["-c", "exec sleep 600 >&- 2>&-"])
            .timeout(Duration::from_millis(50))
            .run(&Cancel::default(), &mut |_| {})
            .unwrap();
        assert!(ended.timed_out && !ended.ok());
    }

    #[test]
    fn a_command_line_is_shown_as_one_types_it() {
        assert_eq!(
            Program::new("/usr/bin/vagrant").args(["up", "a b"]).display(),
            "vagrant up 'a b'"
        );
    }
}
