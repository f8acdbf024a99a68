//! libvirt: its daemon, Vagrant's plugin for it, and KVM.

use super::Severity::{Stops, Warns};
use super::{Depth, Examination};

pub(super) fn check(examination: &mut Examination) {
    let host = examination.host;
    match host.run("virsh", &["--connect", "qemu:///system", "list"]) {
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
        Some(_) => {}
    }
    if let Some(plugins) = host.run("vagrant", &["plugin", "list"])
        && !plugins.text.contains("vagrant-libvirt")
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
