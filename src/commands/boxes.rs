//! Which of a guest's boxes machines are made of: the first, until it turns out that it is not to be had.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::lab::Lab;
use crate::artifact::{Entry, Kind, Pack};
use crate::error::{Error, Result};
use crate::provider::{self, BoxTrouble};
use crate::spec::{MachineBox, Node, Provider, Spec};
use crate::t;
use crate::workdir::Workdir;

/// The file of the state directory that has the name of the box which was settled on.
pub(super) const CHOICE: &str = "box";

/// The number of the box that was settled on among the Spec's; the first where none was.
pub(super) fn chosen(spec: &Spec, provider: Provider, workdir: &Workdir) -> usize {
    let before = workdir.read(CHOICE).unwrap_or_default();
    let boxes = spec.boxes(provider);
    let known = boxes.iter().position(|own| own.name == before.trim());
    known.unwrap_or(0)
}

/// Whether the guest has a box for the provider that was settled on. Where `auto` chose it, the file could not know.
pub(super) fn check(spec: &Spec, provider: Provider) -> Result<()> {
    let needs = matches!(provider, Provider::Virtualbox | Provider::Libvirt);
    if needs && spec.boxes(provider).is_empty() {
        return Err(Error::usage(t!(
            "boxes.none",
            provider = provider.name(),
            arch = crate::platform::arch()
        ))
        .hint(t!("boxes.none-hint", provider = provider.name())));
    }
    Ok(())
}

/// Whether a box file of this computer is there, before Vagrant is asked to boot from it. One that Vagrant has already
/// may be gone.
pub(super) fn check_file(spec: &Spec, provider: Provider) -> Result<()> {
    let first = spec.boxes(provider).first();
    let Some((own, url)) = first.and_then(|own| Some((own, own.url.as_ref()?))) else {
        return Ok(());
    };
    let path = std::path::Path::new(url);
    if !path.is_absolute() || path.is_file() || provider::is_installed(&own.name) {
        return Ok(());
    }
    Err(Error::usage(t!("boxes.no-file", name = own.name, path = url)).hint(t!("boxes.no-file-hint")))
}

/// A pack's box for the machines of a computer of that architecture.
pub(super) fn in_pack<'a>(
    pack: &'a Pack,
    own: &MachineBox,
    provider: Provider,
    arch: &'a str,
) -> Option<&'a Entry> {
    let fits = |entry: &&Entry| {
        let version = own.version.is_none() || own.version == entry.version;
        entry.name == own.name && version && entry.provider.as_deref() == Some(provider.name())
    };
    pack.entries(Kind::Box, arch).find(fits)
}

/// Whether a box is there without the internet: in the pack, in Vagrant, or a file of this computer, of which `check_file`
/// says whether it is there.
fn is_at_hand(pack: &Pack, own: &MachineBox, provider: Provider) -> bool {
    let is_file = |url: &String| Path::new(url).is_absolute();
    in_pack(pack, own, provider, crate::platform::arch()).is_some()
        || is_in_vagrant(own, provider)
        || own.url.as_ref().is_some_and(is_file)
}

/// Whether Vagrant has a box for the machines of this computer.
pub(super) fn is_in_vagrant(own: &MachineBox, provider: Provider) -> bool {
    let arch = crate::platform::arch();
    provider::installed_box(&own.name, own.version.as_deref(), provider, arch).is_some()
}

/// With a pack: the number of the box that machines are made of. The one that was settled on, where that is there without
/// the internet, else the first that is. Where every machine is made already it is none of the pack's business.
pub(super) fn settled(pack: &Pack, spec: &Spec, provider: Provider, workdir: &Workdir) -> Option<usize> {
    let boxes = spec.boxes(provider);
    let now = chosen(spec, provider, workdir);
    let machines = workdir.path("vagrant/.vagrant/machines");
    let is_made = |node: &Node| {
        let machine = machines.join(node.name.as_str()).join(provider.name());
        machine.join("id").is_file()
    };
    let at_hand = |number: &usize| is_at_hand(pack, &boxes[*number], provider);
    if spec.nodes.iter().all(is_made) {
        return Some(now);
    }
    std::iter::once(now)
        .filter(|now| *now < boxes.len())
        .chain(0..boxes.len())
        .find(at_hand)
}

/// A box for people: its name, its version, and where it comes from.
pub(super) fn shown(own: &MachineBox) -> String {
    let version = own.version.as_ref().map(|version| format!(" {version}"));
    let url = own.url.as_ref().map(|url| format!(" ({url})"));
    format!(
        "{}{}{}",
        own.name,
        version.unwrap_or_default(),
        url.unwrap_or_default()
    )
}

/// The boxes of one run, which several machines make use of at once.
#[derive(Default)]
pub(super) struct Boxes {
    /// Held while another is taken.
    changing: Mutex<()>,
}

impl Boxes {
    /// The number of the box that machines are made of now.
    pub(super) fn number(&self, lab: &Lab) -> usize {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        chosen(&lab.spec, lab.provider, &lab.workdir)
    }

    /// Settles on the next box that a machine which failed with `error` can be tried with. `tried` is the number of
    /// the one that it was tried with. The sentence says what was taken instead of what.
    ///
    /// # Errors
    /// When there is no other: `error` itself, and what was tried.
    pub(super) fn next(&self, lab: &Lab, tried: usize, error: Error) -> Result<String> {
        let boxes = lab.spec.boxes(lab.provider);
        let trouble = provider::box_trouble(&error.evidence.join("\n"));
        let (Some(trouble), Some(old)) = (trouble, boxes.get(tried)) else {
            return Err(error);
        };
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let now = chosen(&lab.spec, lab.provider, &lab.workdir);
        let usable = |own: &&MachineBox| trouble == BoxTrouble::NotThere || provider::is_installed(&own.name);
        let next = if now > tried {
            // Another machine found out first.
            boxes.get(now)
        } else {
            boxes.iter().skip(tried + 1).find(usable)
        };
        let Some(next) = next else {
            let names: Vec<String> = boxes.iter().map(shown).collect();
            let several = boxes.len() > 1 && trouble == BoxTrouble::NotThere;
            return Err(if several {
                error.hint(t!("boxes.tried", boxes = names.join(", ")))
            } else {
                error
            });
        };
        if now <= tried {
            lab.take_box(next)?;
        }
        Ok(t!("boxes.next", old = shown(old), next = shown(next)))
    }
}
