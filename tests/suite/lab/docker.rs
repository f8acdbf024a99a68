//! The course's own runtime: Docker, which Kubernetes 1.20 reaches by the kubelet's dockershim. On existing hosts, so
//! that what is left of it afterwards can be looked at.

use std::process::Command;

use super::{Folder, Place, lab};

const CONFIG: &str = r#"
[cluster]
name = "with-docker"
kubernetes = "1.20.2"
provider = "ssh"
runtime = "docker"

[network]
nodes = "10.212.0.0/24"

[artifacts]
images = ["nginx"]

[ssh]
user = "vagrant"
identity_file = "key"

[[node]]
name = "teacher"
role = "control-plane"
address = "10.212.0.10"

[[node]]
name = "seat-1"
role = "worker"
address = "10.212.0.11"
"#;

/// What Docker and Kubernetes could leave on a host.
const LEFT: &str = "sudo sh -c 'ls -d /usr/local/bin/* /etc/systemd/system/* /etc/docker /etc/crictl.yaml \
                    /var/lib/docker /var/lib/dockershim /var/lib/kubelet /run/docker /var/lib/kprov 2>/dev/null; \
                    grep -c docker/ /proc/mounts; ip -o link | cut -d: -f2; iptables -S; iptables -t nat -S'";

#[test]
fn hosts_run_on_docker_as_in_the_course_and_are_themselves_again() {
    let Some(folder) = Folder::new("with-docker", CONFIG) else {
        return;
    };
    let key = folder.dir.join("key");
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-f"])
        .arg(&key)
        .status();
    assert!(made.unwrap().success());
    let public = folder.dir.join("key.pub");
    hosts(&[
        "--key",
        public.to_str().unwrap(),
        "teacher=10.212.0.10",
        "seat-1=10.212.0.11",
    ]);
    let before = left(&folder);
    assert!(before.contains("eth1") && !before.contains("docker0"), "{before}");

    folder.kprov(&["up"]).exits(0).says("docker-config: changed");
    folder.verified(26);
    let nodes = folder.on(
        "teacher",
        "kubectl --kubeconfig /etc/kubernetes/admin.conf get nodes -o wide --no-headers",
    );
    eprint!("{nodes}");
    assert_eq!(nodes.matches("docker://20.10.").count(), 2, "{nodes}");
    // What Kubernetes runs is in Docker, and nothing of it in the containerd beside it.
    let containers = folder.on("seat-1", "docker ps --format {{.Names}}");
    assert!(containers.contains("k8s_kube-proxy_"), "{containers}");
    assert_eq!(folder.on("seat-1", "ctr -n k8s.io containers ls -q"), "");
    folder.runs_always("teacher", "nginx");
    folder.kprov(&["up", "--no-verify"]).exits(0).says("0 changed");
    folder.on("seat-1", "systemctl stop kubelet docker");
    folder
        .kprov(&["up", "--no-verify"])
        .exits(0)
        .says("docker-config: changed");
    folder
        .kprov(&["reset", "seat-1", "--yes"])
        .exits(0)
        .says("leave: changed")
        .says("forget: changed");
    assert_eq!(folder.on("seat-1", "docker ps --all --quiet"), "");
    folder
        .kprov(&["up", "--no-verify"])
        .exits(0)
        .says("kubeadm-join: changed");

    folder.kprov(&["destroy", "--yes"]).exits(0);
    assert_eq!(left(&folder), before);
    hosts(&["--remove"]);
}

fn hosts(arguments: &[&str]) {
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
}

fn left(folder: &Folder) -> String {
    let options = [
        "-i",
        "key",
        "-o",
        "StrictHostKeyChecking=no",
        "-o",
        "UserKnownHostsFile=/dev/null",
        "-o",
        "LogLevel=ERROR",
        "vagrant@10.212.0.11",
        LEFT,
    ];
    let said = folder.in_lab("ssh", &options);
    String::from_utf8(said.stdout).unwrap()
}
