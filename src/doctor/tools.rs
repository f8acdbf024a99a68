//! The programs that make machines, and their versions together.

use super::Severity::{Stops, Warns};
use super::{Examination, Host, Os, release};
use crate::spec::Provider;

/// The first Vagrant that takes a `VirtualBox`: Vagrant's CHANGELOG, GH-13513 and GH-13709.
const NEEDS: &[([u32; 2], [u32; 3])] = &[([7, 2], [2, 4, 9]), ([7, 1], [2, 4, 2]), ([7, 0], [2, 3, 3])];

/// The provider that is settled on; for `auto` the first whose tool is installed.
pub(super) fn provider(host: &dyn Host, wanted: Provider) -> Option<Provider> {
    if wanted != Provider::Auto {
        return Some(wanted);
    }
    let candidates = [
        (Provider::Virtualbox, "VBoxManage", "--version"),
        (Provider::Libvirt, "virsh", "--version"),
        (Provider::Docker, "docker", "--version"),
    ];
    candidates
        .into_iter()
        .find(|(_, program, argument)| host.run(program, &[argument]).is_some())
        .map(|(provider, ..)| provider)
}

pub(super) fn check(examination: &mut Examination) {
    match examination.provider {
        None => examination.find("KP-HOST-002", Stops, "VBoxManage, virsh, docker"),
        Some(Provider::Ssh) => {}
        Some(_) => vagrant(examination),
    }
    if examination.provider == Some(Provider::Virtualbox)
        && examination
            .host
            .read("/proc/sys/kernel/osrelease")
            .is_some_and(|release| release.to_lowercase().contains("microsoft"))
    {
        examination.find("KP-HOST-007", Stops, "WSL");
    }
    paths(examination);
}

fn vagrant(examination: &mut Examination) {
    let Some(said) = examination.host.run("vagrant", &["--version"]) else {
        examination.find("KP-HOST-001", Stops, "vagrant");
        return;
    };
    if examination.provider != Some(Provider::Virtualbox) {
        return;
    }
    let virtualbox = examination.host.run("VBoxManage", &["--version"]);
    // The version is the last line; without its driver VirtualBox writes a warning before it.
    let virtualbox = virtualbox.and_then(|said| release::numbers(said.text.trim().lines().last()?));
    let (Some(vagrant), Some(virtualbox)) = (release::numbers(&said.text), virtualbox) else {
        return;
    };
    let needed = NEEDS
        .iter()
        .find(|(from, _)| virtualbox.as_slice() >= from.as_slice());
    if let Some((_, needed)) = needed.filter(|(_, needed)| vagrant.as_slice() < needed.as_slice()) {
        let seen = format!(
            "Vagrant {}, VirtualBox {}",
            release::text(&vagrant),
            release::text(&virtualbox)
        );
        examination.find_with(
            "KP-VBOX-007",
            Stops,
            seen,
            vec![("needed", release::text(needed))],
        );
    }
}

/// Vagrant stumbles over letters that its code page does not know.
fn paths(examination: &mut Examination) {
    if examination.host.os() != Os::Windows || examination.provider == Some(Provider::Ssh) {
        return;
    }
    let home = examination
        .host
        .env("VAGRANT_HOME")
        .or_else(|| examination.host.env("USERPROFILE"));
    let seen = [home, Some(examination.host.folder())]
        .into_iter()
        .flatten()
        .find(|path| !path.is_ascii());
    if let Some(path) = seen {
        examination.find("KP-HOST-006", Warns, path);
    }
}
