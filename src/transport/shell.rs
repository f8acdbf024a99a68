//! The scripts of checks on this computer: bash and kubectl instead of SSH.

use std::path::{Path, PathBuf};

use super::local::{Program, private_input};
use super::{Cancel, Hearer, Lost, Payload, Transport};
use crate::error::{Error, Result};
use crate::t;

/// bash on this computer, whose kubectl goes to the cluster of one kubeconfig.
#[derive(Debug, Clone)]
pub struct Shell {
    bash: PathBuf,
    kubeconfig: PathBuf,
}

impl Shell {
    /// Finds bash, curl and kubectl on this computer.
    ///
    /// # Errors
    /// When one of them is missing, or bash is older than 4.2.
    pub fn find(kubeconfig: &Path) -> Result<Self> {
        let find = |program: &str| {
            which::which(program).map_err(|_| {
                Error::host(t!("transport.no-program", program = program))
                    .hint(t!("transport.no-program-hint", program = program))
            })
        };
        find("kubectl")?;
        find("curl")?;
        let bash = find("bash")?;
        let recent = Program::new(&bash)
            .args(["-c", "((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 402))"])
            .run(&Cancel::default(), &mut |_| {});
        if !recent.is_ok_and(|ended| ended.ok()) {
            return Err(Error::host(t!("transport.old-bash", path = bash.display()))
                .hint(t!("transport.old-bash-hint")));
        }
        let kubeconfig = std::path::absolute(kubeconfig).unwrap_or_else(|_| kubeconfig.to_owned());
        Ok(Self { bash, kubeconfig })
    }
}

impl Transport for Shell {
    fn exec(
        &mut self,
        script: &str,
        _: Option<Payload>,
        hearer: &mut dyn Hearer,
        cancel: &Cancel,
    ) -> Result<i32, Lost> {
        let file = private_input(script).map_err(|error| Lost::Connection(error.to_string()))?;
        let ended = Program::new(&self.bash)
            .args([file.path()])
            .env("KPROV_LOCAL", "1")
            .env("KPROV_KUBECONFIG", &self.kubeconfig)
            .run(cancel, &mut |line| hearer.line(line))
            .map_err(|error| Lost::Connection(error.to_string()))?;
        if cancel.is_cancelled() {
            return Err(Lost::Cancelled);
        }
        Ok(ended.status.unwrap_or(1))
    }
}
