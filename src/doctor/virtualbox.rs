//! `VirtualBox`: its driver, the processor that others hold, and what is left of earlier labs.

use super::Severity::{Stops, Warns};
use super::{Depth, Examination, release};
use crate::platform::System;
use crate::spec::{self, Provider};

pub(super) fn check(examination: &mut Examination) {
    let Some(said) = examination.host.run("VBoxManage", &["--version"]) else {
        let id = if examination.host.os() == System::Linux && examination.host.arch() == "aarch64" {
            "KP-VBOX-010"
        } else {
            "KP-VBOX-001"
        };
        examination.find(id, Stops, "VBoxManage");
        return;
    };
    let version = said
        .text
        .trim()
        .lines()
        .last()
        .and_then(release::numbers)
        .unwrap_or_default();
    driver(examination, &said.text);
    processor(examination, &version);
    if examination.host.arch() == "aarch64" {
        apple_silicon(examination, &version);
        boxes(examination);
    }
    if examination.host.os() == System::Windows {
        hyper_v(examination);
    }
    leftovers(examination);
}

/// Without its kernel driver `VBoxManage` warns on standard output, before the version, and exits with 0.
fn driver(examination: &mut Examination, said: &str) {
    if !said.contains("WARNING") {
        return;
    }
    let seen = said
        .lines()
        .find(|line| line.contains("WARNING"))
        .unwrap_or_default()
        .trim()
        .to_owned();
    let secure_boot = examination
        .host
        .run("mokutil", &["--sb-state"])
        .is_some_and(|said| said.text.contains("SecureBoot enabled"));
    if secure_boot {
        let release = examination.host.read("/etc/os-release").unwrap_or_default();
        // Where DKMS has the key with which it signs what it builds (VirtualBox/virtualbox#472).
        let key = if release.contains("ubuntu") {
            "/var/lib/shim-signed/mok/MOK.der"
        } else {
            "/var/lib/dkms/mok.pub"
        };
        let seen = format!("{seen} SecureBoot enabled");
        examination.find_with("KP-VBOX-003", Stops, seen, vec![("key", key.to_owned())]);
    } else {
        examination.find("KP-VBOX-002", Stops, seen);
    }
}

/// From Linux 6.12 KVM takes the processor when its module is loaded, and `VirtualBox` up to 7.2.8 wants it for
/// itself; 7.2.10 wants KVM to have switched it on (VirtualBox/virtualbox#141, #711).
fn processor(examination: &mut Examination, version: &[u32]) {
    let host = examination.host;
    if host.os() != System::Linux {
        return;
    }
    let cpu = host.read("/proc/cpuinfo").unwrap_or_default();
    let virtualises = cpu.split_whitespace().any(|word| word == "vmx" || word == "svm");
    if host.arch() == "x86_64" && !cpu.is_empty() && !virtualises && examination.depth == Depth::Full {
        examination.find("KP-VBOX-013", Stops, "/proc/cpuinfo: vmx, svm");
        return;
    }
    let modules = host.read("/proc/modules").unwrap_or_default();
    let module = |name: &str| {
        modules
            .lines()
            .find(|line| line.split(' ').next() == Some(name))
            .map(str::to_owned)
    };
    let at_load = host.read("/sys/module/kvm/parameters/enable_virt_at_load");
    let off = at_load.as_deref().map(str::trim) == Some("N");
    if version >= [7, 2, 10].as_slice() {
        if off {
            examination.find(
                "KP-VBOX-005",
                Stops,
                "/sys/module/kvm/parameters/enable_virt_at_load: N",
            );
        }
        return;
    }
    let Some(holder) = module("kvm_intel").or_else(|| module("kvm_amd")) else {
        return;
    };
    let mut words = holder.split(' ');
    let (name, users) = (words.next().unwrap_or_default(), words.nth(1).unwrap_or("0"));
    if users != "0" {
        examination.find("KP-VBOX-006", Stops, format!("{name}: {users}"));
        return;
    }
    let kernel = host.read("/proc/sys/kernel/osrelease").unwrap_or_default();
    let takes_at_load =
        release::numbers(&kernel).is_some_and(|numbers| numbers.as_slice() >= [6, 12].as_slice());
    if takes_at_load && !off {
        let seen = format!(
            "Linux {}, {name}, VirtualBox {}",
            kernel.trim(),
            release::text(version)
        );
        examination.find_with("KP-VBOX-004", Stops, seen, vec![("module", name.to_owned())]);
    }
}

/// `VirtualBox` runs on Apple silicon from 7.1 on, and only what was made for it.
fn apple_silicon(examination: &mut Examination, version: &[u32]) {
    if version < [7, 1].as_slice() {
        examination.find(
            "KP-VBOX-010",
            Stops,
            format!("aarch64, VirtualBox {}", release::text(version)),
        );
    }
}

/// A box of the user's own choice that is known and not built for ARM. The table of guests names none for it.
fn boxes(examination: &mut Examination) {
    let first = examination.spec.virtualbox.boxes.first();
    let names = first.map(|first| first.name.as_str());
    // Canonical's are amd64 from the first to the last: ubuntu/focal64.
    let canonical = |name: &str| name.starts_with("ubuntu/") && name.ends_with("64");
    let other = |name: &&str| canonical(name) || spec::is_for_others(name, Provider::Virtualbox, "arm64");
    if let Some(name) = names.filter(other) {
        examination.find("KP-VBOX-011", Stops, format!("aarch64, {name}"));
    }
}

/// Windows runs on top of its own hypervisor when a feature wants machines, or when its security does.
fn hyper_v(examination: &mut Examination) {
    let windows = &examination.windows;
    let present = windows.get("hypervisor") == Some("True");
    if !present {
        return;
    }
    // 2: runs. Of the services 2 is memory integrity, 1 what guards passwords.
    let status = windows.get("virtualisation-based-security");
    let services = windows.get("security-services").unwrap_or_default();
    let secure = (status == Some("2") || services.split(',').any(|service| service == "2"))
        .then(|| format!("SecurityServicesRunning: {services}"));
    let features: Vec<String> = ["vmms", "vmcompute"]
        .into_iter()
        .filter_map(|name| Some(format!("{name}: {}", windows.get(&format!("service-{name}"))?)))
        .collect();
    if secure.is_none() || !features.is_empty() {
        let seen = [vec!["HypervisorPresent: True".to_owned()], features].concat();
        examination.find("KP-VBOX-009", Warns, seen.join(", "));
    }
    if let Some(seen) = secure {
        examination.find("KP-VBOX-015", Warns, seen);
    }
}

/// Machines with the lab's names that its state does not know, any whose files are gone, and those that are in a bad way.
fn leftovers(examination: &mut Examination) {
    let Some(said) = examination.host.run("VBoxManage", &["list", "vms"]) else {
        return;
    };
    let machines: Vec<(&str, &str)> = said.text.lines().filter_map(name_and_id).collect();
    if examination.depth == Depth::Full {
        let names = machines.iter().map(|(name, _)| *name);
        let names = examination.left_over(names);
        if !names.is_empty() {
            examination.find_named("KP-VBOX-012", Warns, names.join(", "), &names);
        }
        states(examination, &machines);
    }
    // Vagrant stops at any of these, whoever made it (hashicorp/vagrant#13741).
    let gone = machines.iter().filter(|(name, _)| *name == "<inaccessible>");
    let gone: Vec<&str> = gone.map(|(_, id)| *id).collect();
    if !gone.is_empty() {
        let seen = gone.iter().map(|id| format!("\"<inaccessible>\" {{{id}}}"));
        let seen = seen.collect::<Vec<_>>().join(", ");
        examination.find_named("KP-VBOX-016", Warns, seen, &gone);
    }
}

/// What has become of the machines of a lab that was made: of one that is just off, `up` knows what to do.
fn states(examination: &mut Examination, machines: &[(&str, &str)]) {
    if !examination.is_known() {
        return;
    }
    let own = machines.iter().filter(|(name, _)| examination.has_own_name(name));
    let (mut stuck, mut paused, mut cut_off) = (Vec::new(), Vec::new(), Vec::new());
    for (name, id) in own {
        let said = examination
            .host
            .run("VBoxManage", &["showvminfo", id, "--machinereadable"]);
        let said = said.filter(|said| said.ok).unwrap_or_default();
        let state = said.text.lines().find_map(|line| line.strip_prefix("VMState="));
        match state.unwrap_or_default().trim().trim_matches('"') {
            "gurumeditation" | "stuck" => stuck.push(*name),
            "paused" => paused.push(*name),
            "aborted" | "aborted-saved" => cut_off.push(*name),
            _ => {}
        }
    }
    for (id, severity, names) in [
        ("KP-VBOX-017", Stops, stuck),
        ("KP-VBOX-018", Warns, paused),
        ("KP-VBOX-019", Warns, cut_off),
    ] {
        if !names.is_empty() {
            examination.find_named(id, severity, names.join(", "), &names);
        }
    }
}

/// A line as `"lab-m-k8s" {896bb70a-7412-4f0b-a077-a19761148abb}`.
fn name_and_id(line: &str) -> Option<(&str, &str)> {
    let (name, id) = line.trim().strip_suffix('}')?.rsplit_once(" {")?;
    Some((name.strip_prefix('"')?.strip_suffix('"')?, id))
}

/// Where `VirtualBox` puts its machines: in the user's profile, if nobody chose another folder.
pub(super) fn machine_folder(examination: &Examination) -> Option<String> {
    if examination.provider != Some(Provider::Virtualbox) {
        return None;
    }
    let said = examination
        .host
        .run("VBoxManage", &["list", "systemproperties"])?;
    let line = said
        .text
        .lines()
        .find_map(|line| line.strip_prefix("Default machine folder:"))?;
    Some(line.trim().to_owned())
}
