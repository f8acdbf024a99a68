//! Three control planes: made, proven, and one of them lost and brought back.

use super::Folder;

const CONFIG: &str = r#"
[cluster]
name = "three"
kubernetes = "1.20.2"
provider = "docker"

[network]
nodes = "192.168.56.0/24"

[control_plane]
count = 3

[workers]
count = 0
"#;

#[test]
fn three_control_planes_survive_the_loss_of_one() {
    let Some(lab) = Folder::new("three", CONFIG) else {
        return;
    };
    // The API server of the first one lived through an etcd without a leader; the samples' Services show it.
    lab.kprov(&["up"]).exits(0).says("api-server-watches: changed");
    lab.kprov(&["up", "--no-verify"]).exits(0).says("0 changed");

    assert!(
        lab.in_lab("docker", &["stop", "--time", "1", "three-m3-k8s"])
            .status
            .success()
    );
    // Two of three members are a majority: what is written is kept.
    lab.on(
        "m1-k8s",
        "kubectl --kubeconfig /etc/kubernetes/admin.conf create configmap written --from-literal=a=b",
    );
    lab.kprov(&["status"]).exits(1).says("m3-k8s");
    lab.kprov(&["up", "--no-verify"]).exits(0).says("boot: changed");
    let read = "kubectl --kubeconfig /etc/kubernetes/admin.conf -s https://192.168.56.12:6443 get configmap written \
                -o jsonpath={.data.a}";
    assert_eq!(lab.on("m3-k8s", read), "b");
    lab.kprov(&["destroy", "--yes"]).exits(0);
}
