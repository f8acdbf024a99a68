//! Questions, and Ctrl-C in place of an answer.

use std::fs;
use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::place::{LAB, Place};
use crate::tools::require;

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

/// A cluster of one node, in which everything is done at once and nothing is there.
const KUBECTL: &str = r#"echo "$*" >> "$PLACE/calls"
case "$*" in
*"config view --minify"*) echo "lab|https://127.0.0.1:1" ;;
*"get nodes"*) echo 'm-k8s|192.168.59.10|v1.20.2|{"node-role.kubernetes.io/master":""}' ;;
esac"#;

/// A student at a terminal who has seen enough; on a Korean keyboard the same key types another letter.
#[test]
fn q_ends_the_lesson_and_what_it_made_goes() {
    let Some(script) = require("script") else {
        return;
    };
    for (typed, last) in [("q\n", 1), ("\nㅂ\n", 2)] {
        let place = Place::with(LAB);
        place.double("kubectl", KUBECTL);
        fs::write(place.path("a.conf"), "").unwrap();
        let kprov = place.command(&["verify", "--explain", "--kubeconfig", "a.conf"], &[]);
        let words = std::iter::once(kprov.get_program()).chain(kprov.get_args());
        let words: Vec<String> = words.map(|word| format!("'{}'", word.display())).collect();
        // Only at a terminal anybody is asked.
        let mut terminal = Command::new(&script);
        terminal.args(["-qec", &words.join(" "), "/dev/null"]);
        for (name, value) in kprov.get_envs() {
            match value {
                Some(value) => terminal.env(name, value),
                None => terminal.env_remove(name),
            };
        }
        let mut lesson = terminal
            .env("SHELL", "/bin/sh")
            .current_dir(place.path("."))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        // Held open, as a terminal is.
        let mut stdin = lesson.stdin.take().unwrap();
        stdin.write_all(typed.as_bytes()).unwrap();
        let mut stdout = lesson.stdout.take().unwrap();
        let reader = thread::spawn(move || {
            let mut said = Vec::new();
            let _ = stdout.read_to_end(&mut said);
            String::from_utf8_lossy(&said).into_owned()
        });
        let deadline = Instant::now() + PATIENCE;
        while lesson.try_wait().unwrap().is_none() && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(20));
        }
        let _ = lesson.kill();
        let code = lesson.wait().unwrap().code();
        let said = reader.join().unwrap();
        assert_eq!(code, Some(0), "{said}");
        let has_page = |page: usize| said.contains(&format!("{page} of 14: "));
        assert!(has_page(last) && !has_page(last + 1), "{said}");
        let calls = place.read("calls");
        assert!(calls.contains("delete namespace kprov-lesson-"), "{calls}");
    }
}
