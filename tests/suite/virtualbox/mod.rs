//! `VirtualBox` without `VirtualBox`: kprov and real Vagrant over a pretend `VBoxManage`, whose machines are real enough
//! to be logged in to.
//!
//! The pretend `VBoxManage` is this test program with another role, since nothing else starts as quickly: Vagrant
//! calls it some fifty times for each machine that boots. Its answers have the shape of recorded ones; see
//! `tests/data/virtualbox`.

use std::fs::File;
use std::io::Write as _;
use std::path::PathBuf;

use state::Home;

mod answer;
#[cfg(target_arch = "x86_64")]
mod boxes;
mod faults;
mod headless;
mod host;
mod info;
mod mac;
mod machines;
mod manage;
mod modify;
mod networks;
mod power;
mod real;
mod recorded;
mod snapshots;
mod state;
mod storage;
mod ten;

/// Not a test: the pretend `VBoxManage`, and the process of a machine.
#[test]
#[ignore = "it is a program that other tests call"]
fn program() {
    let variable = |name| std::env::var(name).unwrap_or_default();
    let role = variable("PRETEND_PROGRAM");
    let home = Home(PathBuf::from(variable("PRETEND_HOME")));
    let arguments = variable("PRETEND_ARGUMENTS");
    let arguments: Vec<&str> = arguments
        .split('\u{1f}')
        .filter(|_| !arguments.is_empty())
        .collect();
    if role == "VBoxHeadless" {
        headless::run(&home, arguments[1]);
        return;
    }
    if role != "VBoxManage" {
        return;
    }
    let mut calls = File::options()
        .append(true)
        .create(true)
        .open(home.path("calls"))
        .unwrap();
    calls
        .write_all(format!("{}\n", arguments.join(" ")).as_bytes())
        .unwrap();
    let answer = manage::answer(&home, &arguments);
    std::io::stderr().write_all(answer.err.as_bytes()).unwrap();
    // Standard output is the test harness's; what was it before has another number.
    let mut out = File::options().append(true).open("/proc/self/fd/3").unwrap();
    out.write_all(answer.out.as_bytes()).unwrap();
    std::process::exit(answer.status);
}
