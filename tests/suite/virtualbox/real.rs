//! Real Vagrant over the pretend `VirtualBox`, by kprov and by hand, with two machines.

use super::host::Host;
use crate::place::Said;

const TWO: &str = r#"
[cluster]
name = "lab"
kubernetes = "1.20.2"
provider = "virtualbox"
boot_parallelism = 2

[network]
nodes = "192.168.59.0/24"

[workers]
count = 1

[virtualbox]
box = "kprov-tiny"
"#;

/// What Vagrant says of the machines, by its name and state.
pub fn states(host: &Host) -> Vec<String> {
    let said = host.says("vagrant", &["status", "--machine-readable"]);
    said.lines()
        .filter_map(|line| {
            let mut parts = line.split(',').skip(1);
            match (parts.next()?, parts.next()?, parts.next()?) {
                (name, "state", state) => Some(format!("{name} {state}")),
                _ => None,
            }
        })
        .collect()
}

/// The box and two boots are what there is to do: pretend machines have all else already.
fn all_but_three_steps_hold(said: &Said) {
    let steps = said.err.split(" steps").next();
    let steps = steps.and_then(|before| before.rsplit(' ').next());
    let steps: usize = steps.unwrap().parse().unwrap();
    let counts = format!("3 changed, {} unchanged", steps - 3);
    assert!(
        said.out.contains(&counts) || said.err.contains(&counts),
        "{said:?}"
    );
}

/// The whole life of a lab, in one test because each boot takes seconds.
#[test]
fn two_machines_live_and_die() {
    let Some(host) = Host::new(TWO) else { return };
    all_but_three_steps_hold(&host.kprov(&["up", "--no-verify"]).code(0));

    let state = host.state();
    let named = |name: &str| {
        state
            .machines
            .iter()
            .find(|machine| machine.name == name)
            .unwrap()
    };
    for (name, address) in [("lab-m-k8s", "192.168.59.10"), ("lab-w1-k8s", "192.168.59.101")] {
        let machine = named(name);
        assert_eq!(machine.settings["groups"], "/kprov-lab");
        assert_eq!(
            machine.description,
            format!("kprov: a node of the cluster lab, at {address}")
        );
        assert_eq!(machine.settings["audio-enabled"], "off");
        assert_eq!(machine.settings["vram"], "16");
        assert_eq!(machine.controller, "VirtIO Controller", "the box's own name");
        assert!(machine.is_cached(), "{machine:?}");
        if cfg!(target_arch = "x86_64") {
            assert_eq!(
                (&*machine.settings["usb"], &*machine.settings["hidkeyboard"]),
                ("off", "ps2")
            );
        }
        assert_eq!(machine.nics[&2].model, "virtio");
        assert_eq!(machine.extra["kprov/state"], host.read(".kprov/lab/state-id"));
        let seen = host.says("ip", &["neigh", "get", address, "dev", "vboxnet0"]);
        assert!(
            seen.to_uppercase()
                .replace(':', "")
                .contains(&machine.nics[&2].mac),
            "{address} is not {machine:?} but {seen}"
        );
    }
    assert_eq!(states(&host), ["m-k8s running", "w1-k8s running"]);
    let config = host.says("vagrant", &["ssh-config", "w1-k8s"]);
    assert!(
        config.contains("HostName 127.0.0.1") && config.contains("  Port 2200"),
        "{config}"
    );

    // Nothing to do: nobody is asked but the machines.
    let (vagrant, manage) = (host.vagrant_calls().len(), host.calls().len());
    host.kprov(&["up", "--no-verify"]).code(0).says("0 changed");
    assert_eq!(
        (host.vagrant_calls().len(), host.calls().len()),
        (vagrant, manage)
    );

    // Snapshots and power, by Vagrant alone.
    let marker = "/home/vagrant/marker";
    host.kprov(&["ssh", "w1-k8s", "--", "touch", marker]).code(0);
    host.says("vagrant", &["snapshot", "save", "w1-k8s", "before"]);
    assert!(
        host.says("vagrant", &["snapshot", "list", "w1-k8s"])
            .contains("before")
    );
    host.kprov(&["ssh", "w1-k8s", "--", "rm", marker]).code(0);
    host.says(
        "vagrant",
        &["snapshot", "restore", "w1-k8s", "before", "--no-provision"],
    );
    host.kprov(&["ssh", "w1-k8s", "--", "test", "-e", marker]).code(0);
    host.says("vagrant", &["snapshot", "delete", "w1-k8s", "before"]);
    host.says("vagrant", &["halt", "w1-k8s"]);
    assert_eq!(states(&host), ["m-k8s running", "w1-k8s poweroff"]);

    // The machine that is off is booted, and no other.
    let before = host.vagrant_calls().len();
    host.kprov(&["up", "--no-verify"]).code(0).says("1 changed");
    assert_eq!(
        host.vagrant_calls()[before..],
        ["up w1-k8s --no-provision --provider virtualbox"]
    );

    snapshots_by_kprov(&host, marker);
    let rendered = host.path(".kprov/lab/kubeadm/w1-k8s.yaml");
    assert!(rendered.exists());
    host.kprov(&["-y", "destroy", "w1-k8s"])
        .code(0)
        .says("removed virtual machine lab-w1-k8s")
        .says("still has w1-k8s");
    assert_eq!(states(&host), ["m-k8s running", "w1-k8s not_created"]);
    assert!(!rendered.exists());
    host.kprov(&["-y", "destroy"]).code(0).says("machine m-k8s");
    let left: Vec<String> = host
        .state()
        .machines
        .into_iter()
        .map(|machine| machine.name)
        .collect();
    assert_eq!(left.len(), 1, "only the box's master stays: {left:?}");
    assert!(!host.path(".kprov").exists());
}

/// The same by kprov: a snapshot of all machines, and back to it after they were off.
fn snapshots_by_kprov(host: &Host, marker: &str) {
    host.kprov(&["snapshot", "save", "monday"]).code(0);
    host.kprov(&["ssh", "w1-k8s", "--", "rm", marker]).code(0);
    host.kprov(&["halt"]).code(0).says("switched off: m-k8s, w1-k8s");
    assert_eq!(states(host), ["m-k8s poweroff", "w1-k8s poweroff"]);
    let listed = host.kprov(&["snapshot", "list"]).code(0);
    assert_eq!(listed.out, "monday  m-k8s, w1-k8s\n");
    host.kprov(&["snapshot", "restore", "--no-such"]).code(2);
    host.kprov(&["snapshot", "restore", "tuesday"])
        .code(2)
        .says("there are: monday");
    host.kprov(&["snapshot", "save", "monday"])
        .code(2)
        .says("kprov snapshot delete monday");
    host.kprov(&["snapshot", "restore", "monday"])
        .code(0)
        .says("2 changed");
    host.kprov(&["ssh", "w1-k8s", "--", "test", "-e", marker]).code(0);
    let events = host.events();
    let clocks = events
        .iter()
        .filter(|event| event["step"] == "clock" && event["event"] == "step-finished");
    assert_eq!(clocks.count(), 2, "each clock is looked at before anything else");
    // A worker without the snapshot stays as it is, and the others go back.
    host.says("vagrant", &["snapshot", "delete", "w1-k8s", "monday"]);
    host.kprov(&["snapshot", "restore", "monday"])
        .code(0)
        .says("left as they are: w1-k8s");
    host.kprov(&["snapshot", "delete", "monday"]).code(0);
}
