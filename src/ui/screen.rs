//! The terminal or pipe that kprov writes to: the one place that decides about colour and loudness.

use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anstream::AutoStream;
use clap::ColorChoice;
use console::{Term, strip_ansi_codes};
use indicatif::{MultiProgress, ProgressDrawTarget};

use super::failure::{evidence, explanation, hints};
use super::style::Tone;
use crate::error::{Error, Result};
use crate::problems;
use crate::t;

/// What the command line says about looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Look {
    /// Colour; `Auto` heeds the terminal, `NO_COLOR`, `CLICOLOR` and `CLICOLOR_FORCE`.
    pub color: ColorChoice,
    /// Whether only errors and data are written.
    pub quiet: bool,
    /// How often `-v` was given.
    pub verbose: u8,
}

type Stream = Box<dyn Write + Send>;

/// Where kprov writes: data to standard output, all else to standard error. Clones are the same screen.
#[derive(Clone)]
pub struct Screen(Arc<Inner>);

struct Inner {
    out: Mutex<Stream>,
    err: Mutex<Stream>,
    /// The bars that have to make room while something is written.
    bars: Mutex<Option<MultiProgress>>,
    look: Look,
    colored: bool,
    terminal: bool,
    talks: bool,
}

impl Screen {
    /// The standard streams of this process.
    #[must_use]
    pub fn std(look: Look) -> Self {
        let err = AutoStream::new(io::stderr(), choice(look));
        Self(Arc::new(Inner {
            colored: err.current_choice() != anstream::ColorChoice::Never,
            err: Mutex::new(Box::new(err)),
            out: Mutex::new(Box::new(AutoStream::new(io::stdout(), choice(look)))),
            bars: Mutex::default(),
            // Asks indicatif, which draws nothing in a pipe and on a terminal that cannot move its cursor.
            terminal: !ProgressDrawTarget::stderr().is_hidden(),
            talks: io::stdin().is_terminal() && io::stdout().is_terminal(),
            look,
        }))
    }

    /// Streams that are no terminal: without colour unless `look` wants it always.
    #[must_use]
    pub fn captured(out: Stream, err: Stream, look: Look) -> Self {
        let colored = look.color == ColorChoice::Always;
        let choice = if colored {
            anstream::ColorChoice::AlwaysAnsi
        } else {
            anstream::ColorChoice::Never
        };
        Self(Arc::new(Inner {
            out: Mutex::new(Box::new(AutoStream::new(out, choice))),
            err: Mutex::new(Box::new(AutoStream::new(err, choice))),
            bars: Mutex::default(),
            look,
            colored,
            terminal: false,
            talks: false,
        }))
    }

    /// Writes data: what a pipe after kprov reads. Ends it with a line end.
    ///
    /// # Errors
    /// When it cannot be written; but a reader that wants no more, such as `head`, is no error.
    pub fn data(&self, text: &str) -> Result<()> {
        match self.write(&self.0.out, text) {
            Err(problem) if problem.kind() != io::ErrorKind::BrokenPipe => {
                let message = t!("ui.cannot-write-data", problem = problem);
                Err(Error::host(message).hint(t!("ui.cannot-write-data-hint")))
            }
            _ => Ok(()),
        }
    }

    /// Writes a line for the reader, unless kprov is to be quiet.
    pub fn say(&self, text: &str) {
        if !self.0.look.quiet {
            self.insist(text);
        }
    }

    /// Writes a line for the reader, also when kprov is to be quiet.
    pub fn insist(&self, text: &str) {
        // There is nowhere to report that standard error is gone.
        let _ = self.write(&self.0.err, text);
    }

    /// Writes `note: text`, unless kprov is to be quiet.
    pub fn note(&self, text: &str) {
        self.say(&format!("{} {text}", Tone::Warn.paint(&t!("ui.note"))));
    }

    /// Writes an error with its causes, evidence and hints.
    pub fn error(&self, error: &Error) {
        self.insist(&error_text(error, Tone::Bad, &t!("ui.error")));
    }

    /// Writes the same as a note, of an error that stops nothing, unless kprov is to be quiet.
    pub fn warn(&self, error: &Error) {
        self.say(&error_text(error, Tone::Warn, &t!("ui.note")));
    }

    /// Asks a question and has the answer read, with its line end; anything but a yes in English or the user's language
    /// is no, and so is no answer.
    pub fn confirm(&self, question: &str, read: impl FnOnce() -> Option<String>) -> bool {
        let asked = t!("ui.question", question = question);
        {
            // Not for as long as it is waited for the answer: others may have something to say.
            let mut err = lock(&self.0.err);
            let _ = write!(err, "{asked}").and_then(|()| err.flush());
        }
        let answer = read().unwrap_or_default();
        if !answer.ends_with('\n') {
            // Nobody pressed Enter: what comes next has a line of its own all the same.
            let _ = writeln!(lock(&self.0.err));
        }
        let answer = answer.trim().to_lowercase();
        t!("ui.yes").split(' ').any(|yes| yes == answer)
    }

    /// Whether bars can be drawn: there is a terminal, and kprov is not to be quiet.
    #[must_use]
    pub fn has_bars(&self) -> bool {
        self.0.terminal && !self.0.look.quiet
    }

    /// Whether somebody reads what kprov writes and can press Enter.
    #[must_use]
    pub fn talks(&self) -> bool {
        self.0.talks
    }

    /// How often `-v` was given.
    #[must_use]
    pub fn verbosity(&self) -> u8 {
        self.0.look.verbose
    }

    /// How many columns a drawing may take: the terminal's, or 100 where there is none.
    #[must_use]
    pub fn columns(&self) -> usize {
        let size = self.0.terminal.then(|| Term::stderr().size_checked());
        size.flatten().map_or(100, |(_, columns)| usize::from(columns))
    }

    /// `text` as standard error shows it, for bars, which write by themselves.
    pub(super) fn tint(&self, text: String) -> String {
        if self.0.colored {
            text
        } else {
            strip_ansi_codes(&text).into_owned()
        }
    }

    /// Lets `bars` make room for whatever is written from now on; `None` when they are gone.
    pub(super) fn attach(&self, bars: Option<MultiProgress>) {
        *lock(&self.0.bars) = bars;
    }

    fn write(&self, stream: &Mutex<Stream>, text: &str) -> io::Result<()> {
        let write = || {
            let mut stream = lock(stream);
            let end = if text.ends_with('\n') { "" } else { "\n" };
            // In one piece, so that lines of several processes do not mix.
            stream.write_all(format!("{text}{end}").as_bytes())?;
            stream.flush()
        };
        let bars = lock(&self.0.bars).clone();
        match bars {
            Some(bars) => bars.suspend(write),
            None => write(),
        }
    }
}

/// A panic elsewhere leaves a stream that can still say so.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

const fn choice(look: Look) -> anstream::ColorChoice {
    match look.color {
        ColorChoice::Auto => anstream::ColorChoice::Auto,
        ColorChoice::Always => anstream::ColorChoice::Always,
        ColorChoice::Never => anstream::ColorChoice::Never,
    }
}

/// A line with the id under which it is explained, if it is a known problem.
fn with_its_problem(line: &str) -> String {
    match problems::in_text(line).first() {
        Some(problem) => t!("ui.explained-by", line = line, id = problem.id),
        None => line.to_owned(),
    }
}

fn error_text(error: &Error, tone: Tone, word: &str) -> String {
    // Diagnostics of a config file are drawn whole already, each beginning with the word.
    let drawn = strip_ansi_codes(&error.message).starts_with(word);
    let mut lines = vec![if drawn {
        error.message.clone()
    } else {
        format!("{} {}", tone.paint(word), error.message)
    }];
    for (number, cause) in error.causes.iter().enumerate() {
        lines.push(format!("  {}: {cause}", number + 1));
    }
    if error.several {
        let each: Vec<String> = error.evidence.iter().map(|line| with_its_problem(line)).collect();
        lines.extend(evidence(&each, "  "));
    } else {
        let said = [&error.message]
            .into_iter()
            .chain(&error.causes)
            .chain(&error.evidence);
        let said: Vec<&str> = said.map(String::as_str).collect();
        let known = problems::in_text(&said.join("\n"));
        let first = known.first().into_iter();
        lines.extend(first.flat_map(|problem| explanation(problem, "  ")));
        lines.extend(evidence(&error.evidence, "  "));
    }
    lines.extend(hints(&error.hints, ""));
    lines.join("\n")
}
