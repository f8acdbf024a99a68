//! A Mac, as Vagrant sees it: from `VirtualBox` 7 on it has host-only networks in the place of interfaces.

use std::fs;

use super::faults::ONE;
use super::host::Host;

/// Real Vagrant takes this computer for a Mac where it asks for the kind of networks, and nowhere else.
const TAKEN_FOR_A_MAC: &str = "class VagrantPlugins::ProviderVirtualBox::Driver::Version_7_0\n  \
                               def use_host_only_nets?\n    true\n  end\nend\n";

#[test]
fn a_lab_on_a_mac_is_in_a_host_only_network() {
    let Some(host) = Host::new(ONE) else { return };
    fs::write(host.home.path("macos"), "").unwrap();
    fs::write(host.path(".vagrant.d/Vagrantfile"), TAKEN_FOR_A_MAC).unwrap();
    host.kprov(&["up", "--no-verify"]).code(0);
    let calls = host.calls();
    let made = "hostonlynet add --name vagrantnet-vbox1 --netmask 255.255.255.0 --lower-ip 192.168.59.0 --upper-ip 192.168.59.0";
    assert!(calls.iter().any(|call| call == made), "{calls:?}");
    assert!(
        !calls.iter().any(|call| call.starts_with("hostonlyif ")),
        "{calls:?}"
    );
    let machine = host.state().find("lab-m-k8s").cloned().unwrap();
    let card = &machine.nics[&2];
    assert_eq!(
        (&*card.kind, &*card.adapter, &*card.model),
        ("hostonlynetwork", "vagrantnet-vbox1", "virtio")
    );
    let seen = host.says("ip", &["neigh", "get", "192.168.59.10", "dev", "bridge100"]);
    assert!(
        seen.to_uppercase().replace(':', "").contains(&card.mac),
        "{machine:?} is not {seen}"
    );
    // The network is found again when the machine boots again.
    host.kprov(&["halt"]).code(0);
    host.kprov(&["halt"]).code(0).says("no machine is switched on");
    host.kprov(&["resume"]).code(0).says("boot: changed");
    assert_eq!(host.state().interfaces.len(), 1);
    host.kprov(&["-y", "destroy"]).code(0).says("machine m-k8s");
}
