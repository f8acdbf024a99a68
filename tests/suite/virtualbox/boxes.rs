//! Real Vagrant takes the box from where kprov tells it to.

use std::fs;
use std::process::Command;

use sha2::{Digest as _, Sha256};

use super::host::Host;

/// One machine, of the box that the rest says.
fn config(guest: &str, own: &str) -> String {
    format!(
        "[cluster]\nname = \"lab\"\nkubernetes = \"1.20.2\"\nprovider = \"virtualbox\"\n{guest}\n\
         [network]\nnodes = \"192.168.59.0/24\"\n[workers]\ncount = 0\n{own}\n"
    )
}

/// Without a network the catalogue cannot be asked, and a later box of the guest is on this computer. Then the lab gets
/// a box file of its own: a damaged one is refused, the right one is used. In one test because each boot takes seconds.
#[test]
fn a_box_is_taken_from_where_it_is() {
    let Some(host) = Host::new(&config("guest = \"debian-12\"", "")) else {
        return;
    };
    let installed = host.path(".vagrant.d/boxes/generic-VAGRANTSLASH-debian12");
    fs::rename(host.path(".vagrant.d/boxes/kprov-tiny"), &installed).unwrap();
    host.kprov(&["up", "--no-verify"])
        .code(0)
        .says("the box bento/debian-12 is not to be had, so generic/debian12 is taken");
    assert!(
        host.read(".kprov/lab/vagrant/Vagrantfile")
            .contains("\"generic/debian12\"")
    );
    host.kprov(&["-y", "destroy"]).code(0);

    let file = host.path("lab.box");
    let packed = Command::new("tar")
        .arg("-czf")
        .arg(&file)
        .arg("-C")
        .arg(installed.join("0/virtualbox"))
        .arg(".")
        .status()
        .unwrap();
    assert!(packed.success());
    let sum = Sha256::digest(fs::read(&file).unwrap());
    let sum = sum
        .iter()
        .fold(String::new(), |sum, byte| format!("{sum}{byte:02x}"));
    let own = |sum: &str| {
        format!("[virtualbox]\nbox = \"school/lab\"\nbox_url = \"lab.box\"\nbox_sha256 = \"{sum}\"\n")
    };
    fs::write(host.path("cluster.toml"), config("", &own(&"0".repeat(64)))).unwrap();
    host.kprov(&["up", "--no-verify"])
        .code(1)
        .says("KP-VAGRANT-109")
        .says("did not match the expected");
    fs::write(host.path("cluster.toml"), config("", &own(&sum))).unwrap();
    host.kprov(&["up", "--no-verify"]).code(0);
    let boxes = host.says("vagrant", &["box", "list"]);
    assert!(boxes.contains("school/lab"), "{boxes}");
}
