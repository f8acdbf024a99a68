//! Virtual machines with a kernel, a disk and a clock of their own: emulated ones, through Vagrant and libvirt.

use std::path::Path;

use super::{Folder, Place};

const CONFIG: &str = include_str!("../../lab/libvirt/cluster.toml");

#[test]
fn virtual_machines_come_up_and_come_back_after_a_power_cut() {
    let Some(lab) = Folder::within(Place::VirtualMachines, "vms", CONFIG) else {
        return;
    };
    lab.kprov(&["up"]).exits(0);
    lab.verified(27);
    lab.kprov(&["up", "--no-verify"]).exits(0).says("0 changed");

    // What a beginner does to a cluster, and back to before that.
    lab.kprov(&["snapshot", "save", "good"]).exits(0);
    lab.on("m-k8s", "kubectl delete node w1-k8s --wait=false");
    lab.on(
        "w1-k8s",
        "systemctl disable --now kubelet; rm -rf /etc/kubernetes",
    );
    lab.kprov(&["status"])
        .exits(1)
        .says("the kubelet does not start at boot");
    lab.kprov(&["snapshot", "restore", "good"]).exits(0);
    lab.kprov(&["verify", "--only", "nodes"])
        .exits(0)
        .says("2 nodes are Ready");

    // The plug is pulled: what was not written to the disk yet is gone.
    assert!(lab.in_lab("virsh", &["destroy", "vms-w1-k8s"]).status.success());
    lab.kprov(&["status"]).exits(1).says("w1-k8s");
    lab.kprov(&["up"]).exits(0).says("boot: changed");
    lab.verified(27);

    lab.kprov(&["destroy", "--yes"]).exits(0).says("machine w1-k8s");
    let left = lab.in_lab("virsh", &["list", "--all", "--name"]);
    assert_eq!(
        String::from_utf8_lossy(&left.stdout).trim(),
        "",
        "machines are left"
    );
    assert!(!Path::new(&lab.dir).join(".kprov").exists());
}
