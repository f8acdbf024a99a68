//! Ten machines: one import, never more boots at once than allowed, and no time lost between them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::host::Host;
use super::real::states;
use super::state::Machine;

const TEN: &str = r#"
[cluster]
name = "lab"
kubernetes = "1.20.2"
provider = "virtualbox"
boot_parallelism = 2

[network]
nodes = "192.168.59.0/24"

[workers]
count = 9

[virtualbox]
box = "kprov-tiny"
"#;

/// From when to when each machine had its place to boot, by the events of which the timeline is made.
fn boots(events: &[Value]) -> Vec<(u64, u64)> {
    let mut begun: BTreeMap<&str, u64> = BTreeMap::new();
    let mut boots = Vec::new();
    for event in events.iter().filter(|event| event["step"] == "boot") {
        let lane = event["lane"].as_str().unwrap();
        let at = event["at_ms"].as_u64().unwrap();
        match event["event"].as_str().unwrap() {
            // Said again when the wait for a place is over.
            "step-started" => {
                begun.insert(lane, at);
            }
            "step-finished" => boots.push((begun[lane], at)),
            _ => {}
        }
    }
    boots
}

#[test]
fn ten_machines_come_up_as_quickly_as_their_places_allow() {
    let Some(host) = Host::new(TEN) else { return };
    std::fs::write(host.home.path("boot-seconds"), "2").unwrap();
    host.kprov(&["up", "--no-verify"]).code(0);

    let calls = host.calls();
    let imports = calls
        .iter()
        .filter(|call| call.starts_with("import ") && !call.contains(" -n "));
    assert_eq!(imports.count(), 1, "the box is imported once");
    let clones = calls.iter().filter(|call| call.starts_with("clonevm "));
    assert_eq!(clones.count(), 10);
    let networks = calls.iter().filter(|call| *call == "hostonlyif create");
    assert_eq!(networks.count(), 1, "the network is made once");
    assert_eq!(host.state().machines.len(), 11);

    let boots = boots(&host.events());
    assert_eq!(boots.len(), 10, "{boots:?}");
    let at_once = |at: u64| {
        boots
            .iter()
            .filter(|(begin, end)| *begin <= at && at < *end)
            .count()
    };
    let most = boots.iter().map(|(begin, _)| at_once(*begin)).max();
    assert_eq!(most, Some(2), "{boots:?}");

    let wall =
        boots.iter().map(|(_, end)| end).max().unwrap() - boots.iter().map(|(begin, _)| begin).min().unwrap();
    let sum: u64 = boots.iter().map(|(begin, end)| end - begin).sum();
    eprintln!("ten machines: {wall} ms for {sum} ms of boots, two at once: {boots:?}");
    assert!(
        wall * 10 <= sum / 2 * 12,
        "{wall} ms are more than 1.2 times half of {sum} ms: {boots:?}"
    );

    let (vagrant, manage) = (host.vagrant_calls().len(), calls.len());
    let nodes = (1..10).map(|n| format!("w{n}-k8s")).chain(["m-k8s".to_owned()]);
    let again: usize = nodes
        .map(|node| host.log(&node).matches("half of a file").count())
        .sum();
    assert_eq!(vagrant, 10 + again, "each machine was booted by one call");
    host.kprov(&["up", "--no-verify"]).code(0).says("0 changed");
    assert_eq!(
        (host.vagrant_calls().len(), host.calls().len()),
        (vagrant, manage)
    );
    what_is_done_with_two_is_done_with_ten(&host);
    host.kprov(&["-y", "destroy"]).code(0);
    assert_eq!(host.state().machines.len(), 1, "the box's master stays");
}

/// `status`, `ssh-config`, `halt` and snapshots, each for all of them by one call of Vagrant.
fn what_is_done_with_two_is_done_with_ten(host: &Host) {
    let all = |state: &str| states(host).iter().filter(|of| of.ends_with(state)).count();
    assert_eq!(all(" running"), 10);
    let config = host.says("vagrant", &["ssh-config"]);
    let ports: BTreeSet<&str> = config
        .lines()
        .filter_map(|line| line.trim().strip_prefix("Port "))
        .collect();
    assert_eq!(ports.len(), 10, "{config}");
    assert!(ports.iter().all(|port| port.starts_with("22")), "{ports:?}");

    let before = host.vagrant_calls().len();
    host.kprov(&["snapshot", "save", "monday"]).code(0);
    let machines = host.state().machines;
    let saved = |machine: &&Machine| machine.snapshots.iter().any(|saved| saved.name == "monday");
    assert_eq!(machines.iter().filter(saved).count(), 10);
    let listed = host.kprov(&["snapshot", "list"]).code(0);
    assert_eq!(
        listed.out,
        "monday  m-k8s, w1-k8s, w2-k8s, w3-k8s, w4-k8s, w5-k8s, w6-k8s, w7-k8s, w8-k8s, w9-k8s\n"
    );
    host.kprov(&["halt"]).code(0).says("w8-k8s, w9-k8s");
    assert_eq!(
        host.vagrant_calls()[before..],
        [
            // Whether there is one of that name.
            "snapshot list",
            "snapshot save monday",
            "snapshot list",
            "status --machine-readable",
            "halt"
        ]
    );
    assert_eq!(all(" poweroff"), 10);
    std::fs::write(host.home.path("boot-seconds"), "0.2").unwrap();
    host.kprov(&["snapshot", "restore", "monday"])
        .code(0)
        .says("10 changed");
    assert_eq!(all(" running"), 10);
}
