//! `box_meta`, where Vagrant keeps which box a machine was made of: it reads those of all machines whenever it starts,
//! and writes them in place. A Vagrant that starts while another one writes finds half a file and ends before it has
//! done anything; half a file that a power cut left behind would stop every Vagrant from then on.

use std::fs;
use std::time::Duration;

use super::tool;
use super::vagrant::Vagrant;
use crate::error::Result;
use crate::t;
use crate::transport::Cancel;
use crate::transport::local::{Ended, Program};

/// How often Vagrant is started anew. Each of some machines that boot at once may be in the way one time.
const AGAIN: u32 = 5;
/// By then whoever writes has written.
const PAUSE: Duration = Duration::from_millis(300);

impl Vagrant {
    /// Runs Vagrant, and again where it stumbled over half a file.
    pub(super) fn run(&self, program: &Program, cancel: &Cancel, say: &mut dyn FnMut(&str)) -> Result<Ended> {
        for _ in 0..AGAIN {
            let ended = tool::run(program, cancel, say)?;
            if ended.ok() || !stumbled(&ended.last_lines) || cancel.sleep(PAUSE) {
                return Ok(ended);
            }
            self.remove_torn();
            say(&t!("provider.torn"));
        }
        tool::run(program, cancel, say)
    }

    /// Vagrant takes the box that the Vagrantfile names where there is no such file, and writes it again.
    fn remove_torn(&self) {
        let machines = fs::read_dir(self.dir.join(".vagrant").join("machines"));
        for machine in machines.into_iter().flatten().flatten() {
            let path = machine.path().join(self.provider.name()).join("box_meta");
            let bytes = fs::read(&path);
            if bytes.is_ok_and(|bytes| serde_json::from_slice::<serde_json::Value>(&bytes).is_err()) {
                // If it stays, Vagrant says so once more.
                let _ = fs::remove_file(&path);
            }
        }
    }
}

/// Vagrant's own trace: its loader of a machine's settings met what is no JSON.
fn stumbled(said: &[String]) -> bool {
    let has = |what: &str| said.iter().any(|line| line.contains(what));
    has("JSON::ParserError") && has("machine_config")
}
