//! libvirt: its daemon, Vagrant's plugin for it, and KVM.

use super::Severity::{Stops, Warns};
use super::{Depth, Examination, Host};
use crate::platform;

const PLUGIN: &str = "vagrant-libvirt";

/// Whether a file that Vagrant itself reads names the plugin. Vagrant takes a second or two to say so.
fn has_plugin_file(host: &dyn Host) -> bool {
    let files = platform::vagrant_plugin_files(PLUGIN, &|name| host.env(name));
    let named = format!("\"{PLUGIN}\"");
    files
        .iter()
        .filter_map(|file| host.read(file))
        .any(|text| text.contains(&named))
}

/// What only a daemon can answer.
pub(super) const LIST: [&str; 5] = ["--connect", "qemu:///system", "list", "--all", "--name"];

/// Whether Vagrant has its plugin for libvirt, as far as it says.
pub(super) fn has_plugin(host: &dyn Host) -> bool {
    has_plugin_file(host)
        || host
            .run("vagrant", &["plugin", "list"])
            .is_none_or(|plugins| plugins.text.contains(PLUGIN))
}

pub(super) fn check(examination: &mut Examination) {
    let host = examination.host;
    match host.run("virsh", &LIST) {
        None => return examination.find("KP-VIRT-001", Stops, "virsh"),
        Some(said) if !said.ok => {
            let line = said.text.lines().rev().find(|line| !line.trim().is_empty());
            // A socket of the group libvirt, or polkit in its place.
            let refused = [
                "Permission denied",
                "authentication unavailable",
                "authentication failed",
            ];
            let id = if refused.iter().any(|words| said.text.contains(words)) {
                "KP-VIRT-005"
            } else {
                "KP-VIRT-002"
            };
            examination.find(id, Stops, line.unwrap_or_default().trim());
        }
        Some(said) if examination.depth == Depth::Full => machines(examination, &said.text),
        Some(_) => {}
    }
    if !has_plugin_file(host)
        && let Some(plugins) = host.run("vagrant", &["plugin", "list"])
        && !plugins.text.contains(PLUGIN)
    {
        examination.find("KP-VIRT-003", Stops, plugins.text.trim());
    }
    if examination.depth == Depth::Full
        && host
            .read("/proc/modules")
            .is_some_and(|modules| !modules.contains("kvm_"))
        && examination.spec.libvirt.driver.as_deref() != Some("qemu")
    {
        let cpu = host.read("/proc/cpuinfo").unwrap_or_default();
        let amd = cpu.split_whitespace().any(|word| word == "svm");
        let module = if amd { "kvm_amd" } else { "kvm_intel" };
        let values = vec![("module", module.to_owned())];
        examination.find_with("KP-VIRT-004", Warns, format!("/proc/modules: {module}"), values);
    }
}

/// Machines with the lab's names that its state does not know, and those of a lab that was made which do not go on.
fn machines(examination: &mut Examination, list: &str) {
    let names = list.lines().map(str::trim).filter(|name| !name.is_empty());
    let left = examination.left_over(names.clone());
    if !left.is_empty() {
        examination.find_named("KP-VIRT-006", Warns, left.join(", "), &left);
    }
    if !examination.is_known() {
        return;
    }
    let mut paused = Vec::new();
    let mut seen = Vec::new();
    for name in names.filter(|name| examination.has_own_name(name)) {
        let state = ["--connect", "qemu:///system", "domstate", name, "--reason"];
        let said = examination.host.run("virsh", &state).filter(|said| said.ok);
        let said = said.unwrap_or_default();
        if said.text.starts_with("paused") {
            paused.push(name);
            seen.push(format!("{name}: {}", said.text.trim()));
        }
    }
    if !paused.is_empty() {
        examination.find_named("KP-VIRT-007", Warns, seen.join(", "), &paused);
    }
}
