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

pub(super) fn check(examination: &mut Examination) {
    let host = examination.host;
    let list = ["--connect", "qemu:///system", "list", "--all", "--name"];
    match host.run("virsh", &list) {
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
        Some(said) => {
            let names = said.text.lines().map(str::trim);
            if let (Depth::Full, Some(names)) = (examination.depth, examination.left_over(names)) {
                examination.find("KP-VIRT-006", Warns, names);
            }
        }
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
        examination.find("KP-VIRT-004", Warns, "/proc/modules: kvm_intel, kvm_amd");
    }
}
