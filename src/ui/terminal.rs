//! The terminal that bars are drawn on.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};

use console::{Term, measure_text_width};
use indicatif::{ProgressDrawTarget, TermLike};

/// How wide `^C` is.
const ECHO: u16 = 2;

/// A terminal with room left at the end of each line for what it writes by itself when somebody presses Ctrl-C. At the
/// end of a full line that would begin another, of which indicatif knows nothing: it would leave a line behind.
#[derive(Debug)]
pub struct Roomy<T> {
    terminal: T,
    /// How much of a line was written.
    column: AtomicUsize,
}

impl<T> Roomy<T> {
    /// That terminal, less the room.
    pub const fn new(terminal: T) -> Self {
        Self {
            terminal,
            column: AtomicUsize::new(0),
        }
    }

    /// The terminal itself, where something else happens now than that a line is written on.
    fn elsewhere(&self) -> &T {
        self.column.store(0, Ordering::Relaxed);
        &self.terminal
    }
}

impl<T: TermLike> TermLike for Roomy<T> {
    fn width(&self) -> u16 {
        self.terminal.width().saturating_sub(ECHO).max(1)
    }

    fn height(&self) -> u16 {
        self.terminal.height()
    }

    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        self.elsewhere().move_cursor_up(n)
    }

    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        self.elsewhere().move_cursor_down(n)
    }

    fn move_cursor_right(&self, n: usize) -> io::Result<()> {
        self.elsewhere().move_cursor_right(n)
    }

    fn move_cursor_left(&self, n: usize) -> io::Result<()> {
        self.elsewhere().move_cursor_left(n)
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.elsewhere().write_line(text)
    }

    /// indicatif fills each line to its end, where a terminal begins another when more comes.
    fn write_str(&self, text: &str) -> io::Result<()> {
        let is_full = self.column.load(Ordering::Relaxed) >= usize::from(self.width());
        if is_full && !text.is_empty() {
            self.elsewhere().write_str("\n")?;
        }
        self.column.fetch_add(measure_text_width(text), Ordering::Relaxed);
        self.terminal.write_str(text)
    }

    fn clear_line(&self) -> io::Result<()> {
        self.elsewhere().clear_line()
    }

    fn flush(&self) -> io::Result<()> {
        self.terminal.flush()
    }
}

/// Standard error, drawn as often as indicatif does by itself.
pub fn stderr() -> ProgressDrawTarget {
    ProgressDrawTarget::term_like_with_hz(Box::new(Roomy::new(Term::buffered_stderr())), 20)
}
