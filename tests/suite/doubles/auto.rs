//! `provider = "auto"` takes the first provider that works, and stays with it.

use crate::place::{LAB, Place};

/// As Debian's wrapper answers without the kernel driver: the warning on standard output, exit status 0.
const NO_DRIVER: &str = r#"
echo "VBoxManage $*" >> "$PLACE/asked"
echo "WARNING: The character device /dev/vboxdrv does not exist.
	 Please install the virtualbox-dkms package and the appropriate
	 headers, most likely linux-headers-amd64.

	 You will not be able to start VMs until this problem is fixed.
7.2.22_Debianr175245"
"#;
const WITH_DRIVER: &str = "echo \"VBoxManage $*\" >> \"$PLACE/asked\"\necho 7.2.22_Debianr175245";
const NO_LIBVIRT: &str = "echo 'error: failed to connect to the hypervisor' >&2\nexit 1";
const DOCKER: &str = r#"
echo "docker $*" >> "$PLACE/asked"
case "$1 $2" in
  "version --format") echo 20.10.24 ;;
  "image inspect") echo sha256:0123 ;;
esac
"#;
const VAGRANT: &str = "echo \"vagrant $*\" >> \"$PLACE/asked\"\necho 'not today' >&2\nexit 1";

fn place() -> Option<Place> {
    let config = LAB.replace("provider = \"virtualbox\"", "provider = \"auto\"");
    let place = Place::without_network(&config)?;
    place.double("virsh", NO_LIBVIRT);
    place.double("docker", DOCKER);
    place.double("vagrant", VAGRANT);
    Some(place)
}

#[test]
fn virtualbox_without_its_driver_is_passed_over_and_the_choice_sticks() {
    let Some(place) = place() else { return };
    place.double("VBoxManage", NO_DRIVER);
    let said = place.kprov(&["up"]).code(1);
    let said = said.says("provider: docker (the first that works on this computer)");
    said.says("privileged containers").says("not today");
    assert_eq!(place.read(".kprov/lab/provider").trim(), "docker");
    assert!(
        place
            .read("asked")
            .contains("vagrant up m-k8s --no-provision --provider docker")
    );

    std::fs::remove_file(place.path("asked")).unwrap();
    place.double("VBoxManage", WITH_DRIVER);
    let again = place.kprov(&["up"]).code(1);
    assert!(!again.err.contains("the first that works"), "{}", again.err);
    assert!(
        !place.read("asked").contains("VBoxManage"),
        "{}",
        place.read("asked")
    );
}

#[test]
fn virtualbox_with_its_driver_comes_first() {
    let Some(place) = place() else { return };
    place.double("VBoxManage", WITH_DRIVER);
    place.kprov(&["plan"]).code(0).says("provider: virtualbox");
    assert_eq!(
        place.read("asked"),
        "VBoxManage --version\n",
        "others were asked as well"
    );
}

#[test]
fn where_nothing_works_each_says_why() {
    let Some(place) = place() else { return };
    place.double("VBoxManage", NO_DRIVER);
    place.double("docker", "echo 'Cannot connect to the Docker daemon' >&2\nexit 1");
    let said = place
        .kprov(&["up"])
        .code(3)
        .says("no provider works on this computer");
    let said = said.says("virtualbox: VirtualBox's kernel driver is not loaded");
    // Each reason names its own explanation; the first of them is not the explanation of all.
    let said =
        said.says("libvirt: error: failed to connect to the hypervisor (see `kprov explain KP-VIRT-101`)");
    let said = said
        .says("docker: Cannot connect to the Docker daemon (see `kprov explain KP-DOCKER-101`)")
        .says("hint: `kprov doctor` says");
    assert!(!said.err.contains("1. "), "{}", said.err);
    assert!(!place.path(".kprov").exists());
}
