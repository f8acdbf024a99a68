//! The programs that make machines, and their versions together.

use super::Severity::{Stops, Warns};
use super::together::{self, Verdict};
use super::{Examination, Host, release, virtualbox};
use crate::platform::System;
use crate::spec::Provider;

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
    let seen = format!(
        "Vagrant {}, VirtualBox {}",
        release::text(&vagrant),
        release::text(&virtualbox)
    );
    match together::verdict(&vagrant, &virtualbox, examination.host.os()) {
        Verdict::Fits => {}
        Verdict::TooOld { needed } => {
            examination.find_with("KP-VBOX-007", Stops, seen, vec![("needed", needed)]);
        }
        Verdict::Unknown { newest } => {
            examination.find_with("KP-VBOX-014", Warns, seen, vec![("newest", newest)]);
        }
    }
}

/// Vagrant stumbles over letters that its code page does not know. Its own folder kprov keeps in another place then, if
/// there is one (`platform::vagrant_home`); the lab's folder and `VirtualBox`'s are the user's.
fn paths(examination: &mut Examination) {
    let host = examination.host;
    if host.os() != System::Windows || examination.provider == Some(Provider::Ssh) {
        return;
    }
    let profile = host.env("USERPROFILE");
    let elsewhere = host.env("ProgramData").is_some_and(|folder| folder.is_ascii());
    let vagrant = host.env("VAGRANT_HOME").or(profile.filter(|_| !elsewhere));
    let virtualbox = virtualbox::machine_folder(examination);
    let seen = [vagrant, Some(host.folder()), virtualbox];
    if let Some(path) = seen.into_iter().flatten().find(|path| !path.is_ascii()) {
        examination.find("KP-HOST-006", Warns, path);
    }
}
