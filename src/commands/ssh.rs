//! `kprov ssh`: a shell on a node, by the OpenSSH client, with kprov's keys and pinned host keys.

use super::lab::Lab;
use super::world;
use crate::cli::{Global, Ssh};
use crate::error::{Error, Exit, Result};
use crate::platform;
use crate::t;
use crate::transport::Cancel;
use crate::transport::local::Program;
use crate::ui::Screen;

/// How OpenSSH's client ends when it did not come to run anything.
const NOT_REACHED: i32 = 255;

pub(super) fn run(global: &Global, options: &Ssh, screen: &Screen, cancel: &Cancel) -> Result<Exit> {
    let lab = Lab::open(global, screen, cancel)?;
    lab.need_state()?;
    let node = match &options.node {
        None => lab.spec.first_control_plane(),
        Some(name) => lab.node(name)?,
    };
    let (endpoint, credentials) = world::access(&lab, node);
    let ssh = platform::program(&["ssh"]).ok_or_else(|| Error::host(t!("cli.no-ssh")))?;
    // A percent sign would begin a word that ssh puts something in place of.
    let known_hosts = lab
        .workdir
        .path("known_hosts")
        .display()
        .to_string()
        .replace('%', "%%");
    let mut client = Program::new(ssh)
        .args(["-p", &endpoint.port.to_string()])
        .args(["-o", &format!("UserKnownHostsFile=\"{known_hosts}\"")])
        .args(["-o", "StrictHostKeyChecking=yes", "-o", "LogLevel=ERROR"])
        // A machine that is off answers nothing, for two minutes.
        .args(["-o", "ConnectTimeout=10"]);
    for key in credentials.keys.iter().filter(|key| key.is_file()) {
        client = client.args(["-i".as_ref(), key.as_os_str()]);
    }
    if !credentials.agent {
        client = client.args(["-o", "IdentitiesOnly=yes"]);
    }
    let client = client
        .args([format!("{}@{}", credentials.user, endpoint.host)])
        .args(&options.command);
    let status = client
        .hand_over()
        .map_err(|error| Error::host(t!("provider.not-started", command = client.display())).cause(&error))?;
    if status == Some(NOT_REACHED) {
        screen.note(&t!("cli.ssh-not-reached", node = node.name));
    }
    // The remote command's own success or failure is kprov's.
    Ok(if status == Some(0) {
        Exit::Done
    } else {
        Exit::StepFailed
    })
}
