//! The course's own runtime: Docker, which Kubernetes 1.20 reaches by the kubelet's dockershim.

use super::Folder;

const CONFIG: &str = r#"
[cluster]
name = "with-docker"
kubernetes = "1.20.2"
provider = "docker"
runtime = "docker"

[network]
nodes = "192.168.56.0/24"

[workers]
count = 1
"#;

#[test]
fn a_cluster_runs_on_docker_as_in_the_course() {
    let Some(lab) = Folder::new("with-docker", CONFIG) else {
        return;
    };
    lab.kprov(&["up"]).exits(0).says("docker-config: changed");
    lab.verified(30);
    let runtimes = lab.on(
        "m-k8s",
        "kubectl --kubeconfig /etc/kubernetes/admin.conf get nodes -o wide --no-headers",
    );
    eprint!("{runtimes}");
    assert_eq!(runtimes.matches("docker://20.10.").count(), 2, "{runtimes}");
    // What Kubernetes runs is in Docker, and nothing of it in the containerd beside it.
    let containers = lab.on("w1-k8s", "docker ps --format {{.Names}}");
    assert!(containers.contains("k8s_kube-proxy_"), "{containers}");
    assert_eq!(lab.on("w1-k8s", "ctr -n k8s.io containers ls -q"), "");
    lab.kprov(&["up", "--no-verify"]).exits(0).says("0 changed");
    // A Docker that stopped is started again, and what ran in it runs again.
    lab.on("w1-k8s", "systemctl stop kubelet docker");
    lab.kprov(&["up", "--no-verify"])
        .exits(0)
        .says("docker-config: changed");
    lab.kprov(&["destroy", "--yes"]).exits(0);
}
