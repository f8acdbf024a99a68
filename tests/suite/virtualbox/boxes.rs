//! Real Vagrant takes the box from where kprov tells it to.

use std::fs;
use std::path::Path;
use std::process::Command;

use sha2::{Digest as _, Sha256};

use super::host::Host;

/// The box goes into a pack as Vagrant has it, and from there to a computer whose Vagrant has none: without a version,
/// and with one that the config asks for.
fn in_packs(host: &Host, installed: &Path) {
    let create = |pack: &str| {
        host.kprov(&["pack", "create", "--pack", "pack", "-o", pack])
            .code(0);
        host.kprov(&["pack", "verify", pack]).code(0);
        host.kprov(&["pack", "list", pack]).code(0)
    };
    fs::write(installed.join("0/virtualbox/master_id"), "of this computer alone").unwrap();
    create("lab.tar.zst").says("generic/debian12 (virtualbox)");
    let aside = host.path("aside");
    fs::rename(installed, &aside).unwrap();
    host.kprov(&["up", "--no-verify"])
        .code(3)
        .says("a box for virtualbox on amd64, bento/debian-12");
    host.kprov(&["up", "--no-verify", "--pack", "lab.tar.zst"])
        .code(0)
        .says("the box bento/debian-12 is not to be had, so generic/debian12 is taken");
    let added = |call: &String| call.starts_with("box add --provider virtualbox --name generic/debian12 ");
    assert!(
        host.vagrant_calls().iter().any(added),
        "{:?}",
        host.vagrant_calls()
    );
    assert!(installed.join("0/virtualbox/box.ovf").is_file());
    // What VirtualBox noted there since is this computer's own.
    let master = fs::read_to_string(installed.join("0/virtualbox/master_id")).unwrap_or_default();
    assert!(!master.contains("of this computer alone"));
    let calls = host.vagrant_calls().len();
    host.kprov(&["up", "--no-verify", "--pack", "lab.tar.zst"])
        .code(0)
        .says("0 changed");
    assert_eq!(host.vagrant_calls().len(), calls);
    host.kprov(&["-y", "destroy"]).code(0);

    let versioned = "[virtualbox]\nbox = \"school/lab\"\nbox_version = \"1.2.3\"\n";
    let before = host.read("cluster.toml");
    fs::write(host.path("cluster.toml"), config("", versioned)).unwrap();
    let school = host.path(".vagrant.d/boxes/school-VAGRANTSLASH-lab");
    fs::create_dir_all(school.join("1.2.3")).unwrap();
    fs::rename(aside.join("0/virtualbox"), school.join("1.2.3/virtualbox")).unwrap();
    create("school.tar.zst").says("school/lab 1.2.3 (virtualbox)");
    fs::remove_dir_all(&school).unwrap();
    host.kprov(&["up", "--no-verify", "--pack", "school.tar.zst"])
        .code(0);
    let boxes = host.says("vagrant", &["box", "list"]);
    assert!(boxes.contains("school/lab") && boxes.contains("1.2.3"), "{boxes}");
    host.kprov(&["-y", "destroy"]).code(0);
    fs::remove_dir_all(&school).unwrap();

    // For computers of another kind in the same room: the guest's box for them, as Vagrant has it; where it has none it
    // is asked for that kind.
    fs::write(host.path("cluster.toml"), config("guest = \"ubuntu-24.04\"", "")).unwrap();
    let both = |pack: &str| {
        host.kprov(&[
            "pack",
            "create",
            "--arch",
            "amd64,arm64",
            "--pack",
            "pack",
            "-o",
            pack,
        ])
        .code(0)
    };
    both("none.tar.zst").says("`vagrant box add --architecture arm64` brings one of bento/ubuntu-24.04");
    let asked =
        |call: &String| call == "box add --provider virtualbox --architecture arm64 bento/ubuntu-24.04";
    assert!(
        host.vagrant_calls().iter().any(asked),
        "{:?}",
        host.vagrant_calls()
    );
    let ubuntu = host.path(".vagrant.d/boxes/bento-VAGRANTSLASH-ubuntu-24.04/2026.1");
    for arch in ["amd64", "arm64"] {
        let own = ubuntu.join(arch).join("virtualbox");
        fs::create_dir_all(&own).unwrap();
        fs::write(own.join("metadata.json"), "{\"provider\":\"virtualbox\"}").unwrap();
        fs::write(own.join("box.ovf"), arch).unwrap();
    }
    both("both.tar.zst");
    let listed = host
        .kprov(&["pack", "list", "both.tar.zst", "--format", "json"])
        .code(0);
    let listed: serde_json::Value = serde_json::from_str(&listed.out).unwrap();
    let boxes = listed["files"].as_array().unwrap().iter();
    let boxes = boxes.filter(|file| file["kind"] == "box");
    let boxes: Vec<_> = boxes.map(|file| (&file["arch"], &file["sha256"])).collect();
    assert_eq!(boxes.len(), 2, "{listed}");
    assert!(
        boxes[0].0 == "amd64" && boxes[1].0 == "arm64" && boxes[0].1 != boxes[1].1,
        "{listed}"
    );
    fs::remove_dir_all(ubuntu.parent().unwrap()).unwrap();
    fs::write(host.path("cluster.toml"), before).unwrap();
}

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
    in_packs(&host, &installed);

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
