//! The programs that make machines, and their versions together.

use super::Severity::{Stops, Warns};
use super::together::{self, Verdict};
use super::{Examination, Host, containers, libvirt, release, virtualbox};
use crate::platform::System;
use crate::spec::Provider;

/// The provider that is settled on; for `auto` the first that answers, as for `up`. Of those that do not, what is wrong
/// with the first whose tool is installed is worth knowing.
pub(super) fn provider(host: &dyn Host, wanted: Provider) -> Option<Provider> {
    if wanted != Provider::Auto {
        return Some(wanted);
    }
    let candidates = [
        (Provider::Virtualbox, "VBoxManage", "--version"),
        (Provider::Libvirt, "virsh", "--version"),
        (Provider::Docker, "docker", "--version"),
    ];
    let installed = |tool: &&(Provider, &str, &str)| host.run(tool.1, &[tool.2]).is_some();
    let mut all = candidates.iter().filter(installed);
    let working = all.find(|(provider, ..)| answers(host, *provider));
    let found = working.or_else(|| candidates.iter().find(installed));
    found.map(|(provider, ..)| *provider)
}

/// Whether it is up, and Vagrant can drive it.
fn answers(host: &dyn Host, provider: Provider) -> bool {
    let said = |program: &str, arguments: &[&str]| host.run(program, arguments).filter(|said| said.ok);
    match provider {
        // Without its driver it warns, and exits with 0.
        Provider::Virtualbox => {
            said("VBoxManage", &["--version"]).is_some_and(|said| !said.text.contains("WARNING"))
        }
        Provider::Libvirt => said("virsh", &libvirt::LIST).is_some() && libvirt::has_plugin(host),
        Provider::Docker => said("docker", &containers::VERSION).is_some(),
        Provider::Auto | Provider::Ssh => false,
    }
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
