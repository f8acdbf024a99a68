//! Linux and macOS. The functions are those of the other file.

use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io;
use std::net::TcpStream;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, kill_process_group};

/// Only the owner may read a file that these options make.
pub fn open_privately(options: &mut OpenOptions) {
    options.mode(0o600);
}

/// Everybody may read a file that was made privately.
///
/// # Errors
/// When the file system refuses.
pub fn open_to_all(file: &File) -> io::Result<()> {
    file.set_permissions(Permissions::from_mode(0o644))
}

/// Makes a directory and its parents, each readable by its owner only.
///
/// # Errors
/// When the file system refuses.
pub fn make_private_dir(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Puts a program into a process group of its own, so that Ctrl-C in a terminal does not reach it beside kprov.
pub fn apart(command: &mut Command) {
    command.process_group(0);
}

/// Asks a program that was put [apart], and its children, to stop as Ctrl-C does.
pub fn interrupt(child: &mut Child) {
    signal(child, Signal::INT);
}

/// Ends a program that was put [apart], and its children, at once.
pub fn end(child: &mut Child) {
    signal(child, Signal::KILL);
}

/// Waits until there is something to read, but not longer than so.
pub fn await_bytes(stream: &TcpStream, patience: Duration) {
    let mut wanted = [PollFd::new(stream, PollFlags::IN)];
    let patience = Timespec::try_from(patience).ok();
    // Whoever waits looks whether there is something; that this wait was cut short does no harm.
    let _ = poll(&mut wanted, patience.as_ref());
}

fn signal(child: &Child, signal: Signal) {
    let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    if let Some(group) = group {
        // A group that is gone needs no signal.
        let _ = kill_process_group(group, signal);
    }
}

/// The language that the system is set to, where that is not said by the environment.
pub(super) fn locale() -> Option<String> {
    // On Linux the environment is all there is.
    #[cfg(target_os = "macos")]
    return sys_locale::get_locale();
    #[cfg(not(target_os = "macos"))]
    None
}
