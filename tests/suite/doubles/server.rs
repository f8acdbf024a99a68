//! Machines whose network answers and whose SSH server does not run.

use crate::place::{LAB, Place};

/// Boots nothing; all machines run.
const VAGRANT: &str = r#"
case "$1" in
  --version) echo "Vagrant 2.4.9" ;;
  up)
    echo "VBoxManage: error: Driverless mode (VERR_SUP_DRIVERLESS)" >&2
    exit 1 ;;
  status)
    for node in m-k8s w1-k8s w2-k8s; do
      echo "1790,$node,state,running"
    done ;;
esac
"#;

#[test]
fn status_tells_what_starts_the_server_of_a_machine_that_runs() {
    let Some(place) = Place::without_network(LAB) else {
        return;
    };
    place.double("vagrant", VAGRANT);
    place.double("VBoxManage", "echo 7.0.20r163906");
    place.kprov(&["up"]).code(1);
    // The third is silent: kprov waits for that one as long as a boot takes.
    let Some(place) = place.with_addresses(&["192.168.59.10", "192.168.59.101"]) else {
        return;
    };
    let said = place.kprov(&["status"]).code(1);
    let said = said
        .says("runs, but nothing listens on port 22 of 192.168.59.10\n")
        .says("runs, but nothing listens on port 22 of 192.168.59.101\n")
        .says("`kprov halt m-k8s`, then `kprov up`")
        .says("`kprov halt w1-k8s`, then `kprov up`")
        .says("`VBoxManage startvm lab-w1-k8s --type separate`")
        .says("runs, but does not answer: 192.168.59.102:22")
        .says("`kprov explain KP-SSH-101`")
        .says("kprov up mends what it can");
    assert!(!said.err.contains("halt w2-k8s"), "{}", said.err);
    let korean = place.kprov(&["--lang", "ko", "status"]).code(1);
    korean
        .says("SSH 서버가 꺼져 있음")
        .says("`kprov halt w1-k8s` 다음에 `kprov up`");
    let json = place
        .kprov(&["--lang", "ko", "--format", "json", "status"])
        .code(1);
    json.says("\"reason\": \"nothing listens on port 22 of 192.168.59.10\"");
}

#[test]
fn nobody_waits_for_the_server_of_a_host_that_exists_already() {
    let config = r#"
[cluster]
name = "lab"
kubernetes = "1.20.2"
provider = "ssh"

[network]
nodes = "192.168.59.0/24"

[[node]]
name = "teacher"
role = "control-plane"
address = "192.168.59.10"
port = 2022
"#;
    let place = Place::without_network(config).and_then(|place| place.with_addresses(&["192.168.59.10"]));
    let Some(place) = place else { return };
    let said = place.kprov(&["up"]).code(1);
    let said = said
        .says("nothing listens on port 2022 of 192.168.59.10")
        .says("KP-SSH-101")
        .says("on 192.168.59.10 itself: `sudo systemctl enable --now ssh`");
    assert!(!said.err.contains("kprov halt"), "{}", said.err);
    place
        .kprov(&["status"])
        .code(1)
        .says("runs, but nothing listens on port 2022 of 192.168.59.10")
        .says("listens on, now 2022");
    place
        .kprov(&["doctor"])
        .says("KP-SSH-001")
        .says("teacher (192.168.59.10:2022): nothing listens on port 2022 of 192.168.59.10");
}
