//! What goes wrong between kprov, Vagrant and `VirtualBox`, and how it is set right.

use std::fs;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use super::host::Host;
use super::manage;

pub const ONE: &str = r#"
[cluster]
name = "lab"
kubernetes = "1.20.2"
provider = "virtualbox"

[network]
nodes = "192.168.59.0/24"

[workers]
count = 0

[virtualbox]
box = "kprov-tiny"
"#;

const NO_DRIVER: &str = include_str!("../../data/virtualbox/hostonlyif-create-without-driver.err");
const NO_START: &str = include_str!("../../data/virtualbox/startvm-without-driver.err");

fn names(host: &Host) -> Vec<String> {
    let machines = host.state().machines.into_iter().map(|machine| machine.name);
    machines.filter(|name| name.starts_with("lab-")).collect()
}

/// A machine of that name which belongs to nobody here.
fn make_foreign(host: &Host, name: &str) {
    let ovf = host.path(".vagrant.d/boxes/kprov-tiny/0/virtualbox/box.ovf");
    let call = ["import", ovf.to_str().unwrap(), "--vsys", "0", "--vmname", name];
    assert_eq!(manage::answer(&host.home, &call).status, 0);
}

#[test]
fn machines_are_known_by_their_mark_and_never_by_their_name() {
    let Some(host) = Host::new(ONE) else { return };
    make_foreign(&host, "lab-m-k8s");
    let said = host.kprov(&["up", "--no-verify"]).code(1);
    said.says("there is a virtual machine lab-m-k8s already, and it was not made from this folder");
    assert_eq!(
        names(&host),
        ["lab-m-k8s"],
        "the other's machine is left alone, and no half one stays"
    );
    host.kprov(&["-y", "destroy"]).code(0);
    assert_eq!(names(&host), ["lab-m-k8s"]);
    host.says("VBoxManage", &["unregistervm", "lab-m-k8s", "--delete"]);

    // Vagrant was killed before it noted what it had made.
    host.kprov(&["up", "--no-verify"]).code(0);
    let id = host.state().find("lab-m-k8s").unwrap().id.clone();
    host.says("VBoxManage", &["controlvm", "lab-m-k8s", "poweroff"]);
    fs::remove_file(host.path(".kprov/lab/vagrant/.vagrant/machines/m-k8s/virtualbox/id")).unwrap();
    host.kprov(&["up", "--no-verify"]).code(0);
    assert_eq!(
        host.state().find("lab-m-k8s").unwrap().id,
        id,
        "the machine was taken back"
    );

    // The whole state directory is lost, and with it the key.
    fs::remove_dir_all(host.path(".kprov")).unwrap();
    let said = host.kprov(&["up", "--no-verify"]).code(1);
    said.says("the key to log in to it was lost with .kprov");
    assert!(host.state().find("lab-m-k8s").unwrap().is_on());
    fs::remove_dir_all(host.path(".kprov")).unwrap();
    make_foreign(&host, "lab-w9-k8s");
    host.kprov(&["-y", "destroy"])
        .code(0)
        .says("virtual machine lab-m-k8s");
    assert_eq!(names(&host), ["lab-w9-k8s"]);
}

#[test]
fn what_virtualbox_says_is_shown_and_the_next_run_goes_on() {
    let Some(host) = Host::new(ONE) else { return };
    // What makes disks quicker keeps no machine from booting.
    host.plant(
        "storagectl",
        1,
        "VBoxManage: error: Could not find a storage controller named 'SATA'\n",
    );
    host.plant("hostonlyif", 1, NO_DRIVER);
    let said = host.kprov(&["up", "--no-verify"]).code(1);
    said.says("failed to open /dev/vboxnetctl").says("KP-VBOX-119");
    host.mend("hostonlyif");
    host.plant("startvm", 1, NO_START);
    let said = host.kprov(&["up", "--no-verify"]).code(1);
    said.says("VBoxManage: error: Driverless mode (VERR_SUP_DRIVERLESS)")
        .says("KP-VBOX-106");
    host.mend("startvm");

    // Ctrl-C while the machine boots.
    fs::write(host.home.path("boot-seconds"), "4").unwrap();
    let mut interrupted = host
        .kprov_command(&["up", "--no-verify"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let deadline = Instant::now() + Duration::from_secs(120);
    while !host
        .state()
        .find("lab-m-k8s")
        .is_some_and(|machine| machine.is_on())
    {
        assert!(Instant::now() < deadline && interrupted.try_wait().unwrap().is_none());
        thread::sleep(Duration::from_millis(50));
    }
    let kill =
        "for entry in /proc/[0-9]*; do if grep -qx kprov $entry/comm; then kill -INT ${entry##*/}; fi; done";
    host.says("bash", &["-c", kill]);
    let _ = interrupted.wait();
    let events = host.events();
    let last = events.last().unwrap();
    assert_eq!(
        (&last["event"], &last["interrupted"]),
        (&"run-finished".into(), &true.into())
    );
    host.kprov(&["up", "--no-verify"]).code(0).says("2 changed");
    let machine = host.state().find("lab-m-k8s").cloned().unwrap();
    assert!(machine.is_on() && !machine.is_cached(), "{machine:?}");

    // The power went while Vagrant noted of which box the machine is.
    let box_meta = host.path(".kprov/lab/vagrant/.vagrant/machines/m-k8s/virtualbox/box_meta");
    host.says("VBoxManage", &["controlvm", "lab-m-k8s", "poweroff"]);
    fs::write(&box_meta, "").unwrap();
    host.kprov(&["up", "--no-verify"]).code(0).says("1 changed");
    assert!(host.log("m-k8s").contains("half of a file"));
    assert!(
        !fs::read_to_string(&box_meta).unwrap().is_empty(),
        "Vagrant wrote it again"
    );

    // VirtualBox went away under a lab that was made: an update that failed, say.
    host.says("VBoxManage", &["controlvm", "lab-m-k8s", "poweroff"]);
    let (here, away) = (host.path("bin/VBoxManage"), host.path("VBoxManage"));
    fs::rename(&here, &away).unwrap();
    let calls = host.vagrant_calls();
    let said = host.kprov(&["up", "--no-verify"]).code(3);
    said.says("KP-VBOX-001").says("nothing was touched");
    assert_eq!(host.vagrant_calls(), calls);
    fs::rename(&away, &here).unwrap();
    host.kprov(&["-y", "destroy"]).code(0);
    assert!(names(&host).is_empty());
}
