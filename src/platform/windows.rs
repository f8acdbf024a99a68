//! Windows. The functions are those of the other file.

use std::env;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

/// A new file has the access list of its directory, which [`make_private_dir`] has made.
pub fn open_privately(_: &mut OpenOptions) {}

/// A file has the access list of its directory, wherever it is.
///
/// # Errors
/// Never here.
#[expect(clippy::unnecessary_wraps, reason = "the same signature as elsewhere")]
pub fn open_to_all(_: &File) -> io::Result<()> {
    Ok(())
}

/// Makes a directory and its parents. A new one, with all that comes into it, is for its owner and the system only:
/// outside of the user's profile, folders are open to everybody on this computer.
///
/// # Errors
/// When the file system refuses.
pub fn make_private_dir(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(path)?;
    // What inherits nothing and grants only this. S-1-3-4 is whoever owns a file, S-1-5-18 the system itself.
    let _ = quietly(
        "icacls.exe",
        [
            path.as_os_str().to_owned(),
            "/inheritance:r".into(),
            "/grant:r".into(),
            user(),
            "/grant:r".into(),
            "*S-1-5-18:(OI)(CI)F".into(),
        ],
    );
    // A file system without access lists, such as that of a USB stick, cannot do better.
    Ok(())
}

/// Full rights for the user of this process, as icacls writes it.
fn user() -> OsString {
    let variable = |name| env::var_os(name).filter(|value| !value.is_empty());
    let Some(name) = variable("USERNAME") else {
        return "*S-1-3-4:(OI)(CI)F".into();
    };
    let mut user = variable("USERDOMAIN").unwrap_or_default();
    if !user.is_empty() {
        user.push("\\");
    }
    user.push(name);
    user.push(":(OI)(CI)F");
    user
}

/// A program stays in kprov's console, where Ctrl-C reaches both: there is no other way to send one to it.
pub fn apart(_: &mut Command) {}

/// Ctrl-C has reached the program already; one that does not heed it, or ran out of its time, is ended later.
pub fn interrupt(_: &mut Child) {}

/// Ends a program and its children at once: Vagrant is a Ruby below a launcher, which is all that `kill` would end.
pub fn end(child: &mut Child) {
    let tree = [
        "/T".into(),
        "/F".into(),
        "/PID".into(),
        child.id().to_string().into(),
    ];
    if !quietly("taskkill.exe", tree) {
        // It may be gone already.
        let _ = child.kill();
    }
}

/// Runs one of the system's own programs, not one of that name from somewhere on the `PATH`; whether it did its work.
fn quietly(program: &str, arguments: impl IntoIterator<Item = OsString>) -> bool {
    let root = env::var_os("SystemRoot").map_or_else(|| PathBuf::from("C:\\Windows"), PathBuf::from);
    let ended = Command::new(root.join("System32").join(program))
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    ended.is_ok_and(|status| status.success())
}

/// Waits a moment for something to read. The standard library has nothing that waits for a socket which others read.
pub fn await_bytes(_: &TcpStream, patience: Duration) {
    thread::sleep(patience.min(Duration::from_millis(1)));
}

/// The language that the system is set to, where that is not said by the environment.
pub(super) fn locale() -> Option<String> {
    sys_locale::get_locale()
}
