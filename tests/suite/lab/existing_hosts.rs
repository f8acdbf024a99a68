//! The provider `ssh`: hosts that Vagrant does not know become a cluster, and are themselves again afterwards.

use std::process::Command;

use super::{Folder, Place, lab};

const CONFIG: &str = r#"
[cluster]
name = "classroom"
kubernetes = "1.20.2"
provider = "ssh"

[network]
nodes = "10.211.0.0/24"

[ssh]
user = "vagrant"
identity_file = "key"

[[node]]
name = "teacher"
role = "control-plane"
address = "10.211.0.10"

[[node]]
name = "seat-1"
role = "worker"
address = "10.211.0.11"
"#;

#[test]
fn existing_hosts_become_a_cluster_and_are_themselves_again() {
    let Some(folder) = Folder::new("classroom", CONFIG) else {
        return;
    };
    let key = folder.dir.join("key");
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-f"])
        .arg(&key)
        .status();
    assert!(made.unwrap().success());
    let hosts = |arguments: &[&str]| {
        let output = Command::new(lab(Place::Containers))
            .arg("hosts")
            .args(arguments)
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    };
    let public = folder.dir.join("key.pub");
    hosts(&[
        "--key",
        public.to_str().unwrap(),
        "teacher=10.211.0.10",
        "seat-1=10.211.0.11",
    ]);

    folder.kprov(&["up"]).exits(0);
    folder.verified(26);
    folder.kprov(&["up"]).exits(0).says("0 changed");
    folder.no_secret_in_logs();

    folder
        .kprov(&["destroy", "--yes"])
        .exits(0)
        .says("Kubernetes on seat-1");
    for address in ["10.211.0.10", "10.211.0.11"] {
        let look = "ls -d /etc/kubernetes /var/lib/etcd /var/lib/kubelet /etc/cni/net.d/10-kprov.conflist \
                    /usr/bin/kubeadm /usr/bin/kubelet /var/lib/kprov 2>/dev/null; ip route show proto 112";
        let login = format!("vagrant@{address}");
        let options = [
            "-i",
            "key",
            "-o",
            "StrictHostKeyChecking=no",
            "-o",
            "UserKnownHostsFile=/dev/null",
            "-o",
            "LogLevel=ERROR",
        ];
        let left = folder.in_lab("ssh", &[&options[..], &[&login, look]].concat());
        assert_eq!(String::from_utf8_lossy(&left.stdout), "", "{address}");
    }
    hosts(&["--remove"]);
}
