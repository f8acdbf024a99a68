//! Machines that an earlier run left behind: half made, or lost from sight.

use std::fs;

use super::docker::{self, Found};
use super::heard::Heard;
use super::vagrant::{BOOT, Vagrant};
use super::{libvirt, virtualbox};
use crate::error::{Error, Result};
use crate::names::NodeName;
use crate::spec::Provider;
use crate::t;
use crate::transport::Cancel;

impl Vagrant {
    /// A VM whose first boot was interrupted may run without the key that Vagrant makes for it, and Vagrant makes one
    /// only while it boots: such a machine is switched off first.
    pub(super) fn switch_off_half_made(
        &self,
        node: &NodeName,
        cancel: &Cancel,
        hear: &mut dyn FnMut(Heard),
    ) -> Result<()> {
        let has_key = self.provider == Provider::Docker || self.private_key(node).is_file();
        if self.id(node).is_none() || has_key {
            return Ok(());
        }
        let halt = self
            .vagrant()?
            .args(["halt", "--force", node.as_str()])
            .timeout(BOOT);
        hear(Heard::Line(&t!("provider.running", command = halt.display())));
        // One that is gone or off already is as well; what is wrong otherwise, the boot finds out and says.
        self.run(&halt, cancel, &mut |line| hear(Heard::Line(line)))
            .map(drop)
    }

    /// A machine that exists though Vagrant does not know it here: the state directory was lost, or an earlier
    /// Vagrant was killed between making the machine and noting that. A whole one is taken back, half a one is
    /// removed; one that does not carry this folder's mark is left alone. Returns whether to try again.
    pub(super) fn settle_orphan(
        &self,
        node: &NodeName,
        address: &str,
        said: &str,
        cancel: &Cancel,
        say: &mut dyn FnMut(&str),
    ) -> Result<bool> {
        let name = self.title(node);
        match self.provider {
            Provider::Docker if said.contains("is already in use by container") => {
                self.settle_container(node, &name, address, cancel, say)
            }
            Provider::Virtualbox
                if said.contains("A VirtualBox machine with the name") && said.contains("already exists") =>
            {
                Err(self.refuse_vm(&name, cancel))
            }
            Provider::Libvirt if said.contains("of domain about to create is already taken") => {
                Err(self.refuse_vm(&name, cancel))
            }
            _ => Ok(false),
        }
    }

    fn settle_container(
        &self,
        node: &NodeName,
        name: &str,
        address: &str,
        cancel: &Cancel,
        say: &mut dyn FnMut(&str),
    ) -> Result<bool> {
        match docker::find(name, &self.state_id, cancel)? {
            Found::Foreign => Err(Error::step(t!("provider.foreign-container", name = name))
                .hint(t!("provider.foreign-container-hint", name = name))),
            Found::Ours { id, addresses } if addresses.iter().any(|own| own == address) => {
                docker::authorize(&id, self.public_key().trim(), cancel)?;
                self.adopt(node, &id)?;
                say(&t!("provider.orphan-adopted", name = name));
                Ok(true)
            }
            Found::Ours { .. } => {
                docker::remove_container(name, &self.state_id, cancel)?;
                say(&t!("provider.orphan-removed", name = name));
                Ok(true)
            }
        }
    }

    /// The identity of the VM of this name, if it carries this folder's mark.
    fn marked_vm(&self, name: &str, cancel: &Cancel) -> Result<Option<String>> {
        match self.provider {
            Provider::Virtualbox => virtualbox::find(name, &self.state_id, cancel),
            Provider::Libvirt => libvirt::find(name, &self.state_id, cancel),
            Provider::Auto | Provider::Docker | Provider::Ssh => Ok(None),
        }
    }

    /// A VM of this name whose key is not here: nobody can log in to it.
    fn refuse_vm(&self, name: &str, cancel: &Cancel) -> Error {
        match self.marked_vm(name, cancel) {
            Ok(None) => {
                let remove = match self.provider {
                    Provider::Libvirt => libvirt::removal(name),
                    _ => virtualbox::removal(name),
                };
                Error::step(t!("virtualbox.foreign", name = name))
                    .hint(t!("virtualbox.foreign-hint", command = remove))
            }
            Ok(Some(_)) => {
                Error::step(t!("virtualbox.keyless", name = name)).hint(t!("virtualbox.keyless-hint"))
            }
            Err(error) => error,
        }
    }

    /// Takes a VM back that carries this folder's mark and whose key is here, though Vagrant lost sight of it. It has
    /// to be done before Vagrant is asked: that would remove the key with the machine which it tries to make instead.
    pub(super) fn take_back(
        &self,
        node: &NodeName,
        cancel: &Cancel,
        hear: &mut dyn FnMut(Heard),
    ) -> Result<()> {
        if self.id(node).is_some() || !self.private_key(node).is_file() {
            return Ok(());
        }
        let name = self.title(node);
        if let Some(id) = self.marked_vm(&name, cancel)? {
            self.adopt(node, &id)?;
            hear(Heard::Line(&t!("virtualbox.orphan-adopted", name = name)));
        }
        Ok(())
    }

    /// Lets Vagrant know a machine.
    fn adopt(&self, node: &NodeName, id: &str) -> Result<()> {
        crate::workdir::write_private(&self.machine(node).join("id"), id.as_bytes())
            .map_err(|error| Error::cannot_write(&self.dir, &error))
    }

    /// The key that may log in to container nodes, beside the folder of the Vagrantfile.
    fn public_key(&self) -> String {
        fs::read_to_string(self.dir.join("..").join("id_ed25519.pub")).unwrap_or_default()
    }
}
