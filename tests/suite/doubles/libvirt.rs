//! libvirt's machines are known by the mark in their descriptions, and never by their names.

use crate::place::{LAB, Place};

/// A libvirt with a folder of machines: a file each, with its description. Its network is there until it is undefined,
/// and one that is in use says by how many.
const VIRSH: &str = r#"
shift 2
machines=$PLACE/machines
case "$1 $2" in
  "list --all") ls "$machines" ;;
  desc*) cat "$machines/$2" ;;
  domuuid*) [ -e "$machines/$2" ] && echo "uuid-of-$2" ;;
  destroy*) exit 1 ;;
  "net-dumpxml kprov-lab") [ -e "$PLACE/network" ] && cat "$PLACE/network" ;;
  "net-destroy kprov-lab") exit 1 ;;
  "net-undefine kprov-lab") rm "$PLACE/network" ;;
  undefine*) echo "$*" >> "$PLACE/undefined"; rm "$machines/$2" ;;
  *) exit 1 ;;
esac
"#;

const NETWORK: &str = "<network>\n  <name>kprov-lab</name>\n</network>\n";

/// Makes a machine with the description of its Vagrantfile, which nobody ever reaches, as there is no network, and
/// destroys those that its Vagrantfile still has.
const VAGRANT: &str = r#"
case "$1" in
  --version) echo "Vagrant 2.4.9" ;;
  plugin) echo "vagrant-libvirt (0.12.2, global)" ;;
  up)
    if [ -e "$PLACE/machines/lab-$2" ] && [ ! -e ".vagrant/machines/$2/libvirt/id" ]; then
      echo "Name \`lab-$2\` of domain about to create is already taken. Please try to run" >&2
      exit 1
    fi
    mkdir -p ".vagrant/machines/$2/libvirt"
    echo "uuid-of-lab-$2" > ".vagrant/machines/$2/libvirt/id"
    sed -n 's/ *libvirt.description = "\(.*\)"/\1/p' Vagrantfile > "$PLACE/machines/lab-$2"
    echo "==> $2: Waiting for domain to get an IP address..."
    exit 1 ;;
  destroy)
    for machine in .vagrant/machines/*; do
      name=${machine##*/}
      ! grep -q "name: \"$name\"" Vagrantfile || rm -r "$PLACE/machines/lab-$name" "$machine"
    done ;;
esac
"#;

fn place() -> Option<Place> {
    let place = Place::without_network(&LAB.replace("virtualbox", "libvirt"))?;
    std::fs::create_dir(place.path("machines")).unwrap();
    place.has_box_for("libvirt", "debian/bookworm64");
    place.double("vagrant", VAGRANT);
    place.double("virsh", VIRSH);
    std::fs::write(place.path("network"), NETWORK).unwrap();
    Some(place)
}

fn machines(place: &Place) -> Vec<String> {
    let entries = std::fs::read_dir(place.path("machines")).unwrap().flatten();
    let mut names: Vec<_> = entries
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn destroy_removes_a_machine_that_the_config_has_no_more() {
    let Some(place) = place() else { return };
    let said = place.kprov(&["up"]).code(1);
    said.says("was switched on, but did not answer")
        .says("virsh -c qemu:///system console lab-m-k8s");
    let other = "kprov: a node of the cluster lab (kprov/state 0123456789abcdef)\n";
    std::fs::write(place.path("machines/lab-w9-k8s"), other).unwrap();
    let fewer = place.read("cluster.toml").replace("count = 2", "count = 1");
    std::fs::write(place.path("cluster.toml"), fewer).unwrap();
    place.kprov(&["up"]).code(1).says("w2-k8s");
    let said = place.kprov(&["-y", "destroy"]).code(0);
    // Each is named once.
    said.says("removed the cluster lab: machine m-k8s, machine w1-k8s, virtual machine lab-w2-k8s, /");
    assert_eq!(machines(&place), ["lab-w9-k8s"], "another folder's is left alone");
    let undefined = place.read("undefined");
    assert_eq!(undefined.lines().count(), 1, "{undefined}");
    assert!(undefined.contains("--remove-all-storage"), "{undefined}");
    assert!(
        place.path("network").exists(),
        "another folder's machine may be on it"
    );
}

#[test]
fn destroy_removes_the_network_that_such_a_machine_kept() {
    let Some(place) = place() else { return };
    for (network, stays) in [
        (NETWORK, false),
        ("<network connections='1'>\n</network>\n", true),
    ] {
        std::fs::write(place.path("network"), network).unwrap();
        place.kprov(&["up"]).code(1);
        let all = place.read("cluster.toml");
        std::fs::write(place.path("cluster.toml"), all.replace("count = 2", "count = 1")).unwrap();
        place.kprov(&["up"]).code(1);
        let said = place.kprov(&["-y", "destroy"]).code(0);
        said.says("virtual machine lab-w2-k8s");
        assert_eq!(place.path("network").exists(), stays, "{network}");
        std::fs::write(place.path("cluster.toml"), all).unwrap();
    }
}

#[test]
fn an_orphan_is_taken_back_or_named() {
    let Some(place) = place() else { return };
    place.kprov(&["up"]).code(1);
    // Vagrant was killed before it noted what it had made: with its key the machine is taken back, without it is named.
    let of = |node: &str| place.path(&format!(".kprov/lab/vagrant/.vagrant/machines/{node}/libvirt"));
    std::fs::write(of("m-k8s").join("private_key"), "a key").unwrap();
    for node in ["m-k8s", "w1-k8s"] {
        std::fs::remove_file(of(node).join("id")).unwrap();
    }
    // Somebody else's.
    std::fs::write(place.path("machines/lab-w2-k8s"), "win11\n").unwrap();
    std::fs::remove_file(of("w2-k8s").join("id")).unwrap();
    let said = place.kprov(&["up"]).code(1);
    // A machine that Vagrant knows again boots; that it then answers nobody is this double's own.
    let said = said.says("m-k8s was switched on, but did not answer");
    let said = said.says("lab-w1-k8s was made from this folder, but the key to log in to it was lost");
    said.says("there is a virtual machine lab-w2-k8s already, and it was not made from this folder")
        .says("virsh -c qemu:///system undefine lab-w2-k8s --remove-all-storage");
    let id = std::fs::read_to_string(of("m-k8s").join("id")).unwrap();
    assert_eq!(id.trim(), "uuid-of-lab-m-k8s");
}
