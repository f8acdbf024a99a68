//! What somebody types at the terminal, for as long as they do not press Ctrl-C instead.

use std::io;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use crate::transport::Cancel;
use crate::ui::Screen;

/// How often it is looked whether somebody pressed Ctrl-C.
const SLICE: Duration = Duration::from_millis(50);

/// Asks a question. Ctrl-C is a no.
pub(super) fn confirms(screen: &Screen, question: &str, cancel: &Cancel) -> bool {
    screen.confirm(question, || line(cancel))
}

/// The next line; `None` when nobody is there any more, and after Ctrl-C.
pub(super) fn line(cancel: &Cancel) -> Option<String> {
    let (sender, typed) = mpsc::channel();
    // A signal ends no read of a terminal, so that waits by itself; after Ctrl-C until kprov ends.
    thread::spawn(move || {
        let mut line = String::new();
        let read = io::stdin().read_line(&mut line);
        // Nobody may be waiting for it any more.
        let _ = sender.send(read.is_ok_and(|bytes| bytes > 0).then_some(line));
    });
    loop {
        match typed.recv_timeout(SLICE) {
            Err(RecvTimeoutError::Timeout) if !cancel.is_cancelled() => {}
            other => return other.ok().flatten(),
        }
    }
}
