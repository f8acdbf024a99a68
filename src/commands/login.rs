//! Logins that a credential helper keeps, as Docker Desktop does it: in the keychain and in no file.

use std::time::Duration;

use serde::Deserialize;

use crate::artifact::Login;
use crate::platform;
use crate::transport::Cancel;
use crate::transport::local::{self, Program};

/// A keychain may ask its user.
const PATIENCE: Duration = Duration::from_secs(60);

/// Asks `docker-credential-WHICH` for the login at a host. It says nothing of hosts that it does not know.
pub(super) fn ask(which: &str, host: &str) -> Option<Login> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Answer {
        username: String,
        secret: String,
    }
    let plain = which
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "-._".contains(c));
    let path = plain.then(|| platform::program(&[&format!("docker-credential-{which}")]))??;
    let input = local::private_input(host).ok()?;
    let helper = Program::new(path)
        .args(["get"])
        .input(input.path())
        .timeout(PATIENCE);
    let ended = helper.run(&Cancel::default(), &mut |_| {}).ok()?;
    if !ended.ok() {
        return None;
    }
    let answer: Answer = serde_json::from_str(&ended.stdout).ok()?;
    // Tokens of single sign-on are another protocol.
    (answer.username != "<token>").then_some(Login {
        user: answer.username,
        password: answer.secret,
    })
}
