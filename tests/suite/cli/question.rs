//! Questions, and Ctrl-C in place of an answer.

use std::fs;
use std::io::Read;
use std::process::Stdio;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::place::{LAB, Place};

/// What takes a moment, on a machine that has much else to do.
const PATIENCE: Duration = Duration::from_secs(30);

/// A student who reads what is going to be removed, and thinks better of it.
#[test]
fn ctrl_c_at_a_question_is_heard_at_once_and_is_a_no() {
    let place = Place::with(&LAB.replace("virtualbox", "ssh"));
    fs::create_dir_all(place.path(".kprov/lab")).unwrap();
    fs::write(place.path(".kprov/lab/provider"), "ssh").unwrap();
    let mut destroy = place
        .command(&["destroy"], &[])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Held open, as a terminal is.
    let _stdin = destroy.stdin.take().unwrap();
    let mut stderr = destroy.stderr.take().unwrap();
    let (sender, asked) = mpsc::channel();
    let reader = thread::spawn(move || {
        let (mut said, mut byte) = (String::new(), [0]);
        while stderr.read(&mut byte).unwrap() == 1 {
            said.push(char::from(byte[0]));
            if said.ends_with("[y/N] ") {
                let _ = sender.send(());
            }
        }
        said
    });
    let has_asked = asked.recv_timeout(PATIENCE).is_ok();
    let _ = kill_process(Pid::from_child(&destroy), Signal::INT);
    let deadline = Instant::now() + PATIENCE;
    while destroy.try_wait().unwrap().is_none() && Instant::now() < deadline {
        thread::sleep(Duration::from_millis(20));
    }
    // Where it has not ended by then.
    let _ = destroy.kill();
    let code = destroy.wait().unwrap().code();
    let said = reader.join().unwrap();
    assert_eq!((has_asked, code), (true, Some(130)), "{said}");
    assert!(said.contains("nothing was removed"), "{said}");
    assert!(place.path(".kprov/lab/provider").exists());
}
