//! Which of a guest's boxes machines are made of: the first, until it turns out that it is not to be had.

use std::sync::{Mutex, PoisonError};

use super::lab::Lab;
use crate::error::{Error, Result};
use crate::provider::{self, BoxTrouble};
use crate::spec::{MachineBox, Provider, Spec};
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
