//! A box that is not to be had makes room for the next one of the guest, once for all machines and for good.

use crate::place::{LAB, Place};

/// All that the doctor asks before the first boot.
const VIRTUALBOX: &str = "echo 7.0.20r163906";

/// Vagrant that has no box but those in `$PLACE/there`, and fails in the words of `$PLACE/words`. With a box it goes on
/// to fail at something else.
const VAGRANT: &str = r#"
[ "$1" != --version ] || { echo "Vagrant 2.4.9"; exit; }
[ "$1" = up ] || exit 0
box=$(sed -n 's/^  config.vm.box = "\(.*\)"$/\1/p' Vagrantfile)
echo "$2 $box" >> "$PLACE/tried"
if grep -qxF "$box" "$PLACE/there"; then
  echo "Booting $2 from $box is not possible here" >&2
  exit 1
fi
echo "==> $2: Box '$box' could not be found. Attempting to find and install..."
sed "s,BOX,$box," "$PLACE/words" >&2
exit 1
"#;

/// Vagrant's words for a box that its catalogue does not have (`templates/locales/en.yml`).
const NOT_THERE: &str = "The box 'BOX' could not be found or
could not be accessed in the remote catalog. If this is a private
box on HashiCorp's Vagrant Cloud, please verify you're logged in via
`vagrant login`. Also, please double-check the name. The expanded
URL and error message are shown below:

URL: [\"https://vagrantcloud.com/BOX\"]
Error: The requested URL returned error: 404
";

/// The same where nobody could be asked.
const NO_NETWORK: &str = "The box 'BOX' could not be found or
could not be accessed in the remote catalog.

URL: [\"https://vagrantcloud.com/BOX\"]
Error: Could not resolve host: vagrantcloud.com
";

const OTHER_PROVIDER: &str = "The box you're attempting to add doesn't support the provider
you requested. Please find an alternate box or use an alternate
provider. Double-check your requested provider to verify you didn't
simply misspell it.
";

fn place(config: &str, there: &str, words: &str) -> Option<Place> {
    let place = Place::without_network(config)?;
    place.double("vagrant", VAGRANT);
    place.double("VBoxManage", VIRTUALBOX);
    std::fs::write(place.path("there"), there).unwrap();
    std::fs::write(place.path("words"), words).unwrap();
    Some(place)
}

/// The lab with a guest, so that what is tried first does not change with the default.
fn debian() -> String {
    LAB.replace(
        "provider = \"virtualbox\"",
        "provider = \"virtualbox\"\nguest = \"debian-12\"",
    )
}

fn tried(place: &Place) -> Vec<String> {
    let mut tried: Vec<String> = place.read("tried").lines().map(str::to_owned).collect();
    tried.sort();
    tried
}

#[cfg(target_arch = "x86_64")]
#[test]
fn the_next_box_is_taken_for_all_machines_and_for_good() {
    for words in [NOT_THERE, OTHER_PROVIDER] {
        let Some(place) = place(&debian(), "cloud-image/debian-12\n", words) else {
            return;
        };
        place.has_box("cloud-image/debian-12");
        let said = place.kprov(&["up"]).code(1);
        said.says("the box bento/debian-12 is not to be had, so cloud-image/debian-12 is taken")
            .says("Booting m-k8s from cloud-image/debian-12 is not possible here");
        let all = tried(&place);
        // Each machine that found out about the first has gone on to the second, and nobody went further.
        for machine in ["m-k8s", "w1-k8s", "w2-k8s"] {
            let own: Vec<_> = all.iter().filter(|line| line.starts_with(machine)).collect();
            assert_eq!(
                own.last().unwrap().as_str(),
                format!("{machine} cloud-image/debian-12"),
                "{all:?}"
            );
            assert!(own.len() <= 2, "{all:?}");
        }
        assert!(
            place
                .read(".kprov/lab/vagrant/Vagrantfile")
                .contains("\"cloud-image/debian-12\"")
        );

        // The next run does not try again what is not there.
        std::fs::remove_file(place.path("tried")).unwrap();
        place.kprov(&["up"]).code(1);
        let again = tried(&place);
        assert_eq!(again.len(), 3, "{again:?}");
        assert!(
            again.iter().all(|line| line.ends_with(" cloud-image/debian-12")),
            "{again:?}"
        );
    }
}

#[cfg(target_arch = "x86_64")]
#[test]
fn when_no_box_is_left_it_says_what_was_tried() {
    let Some(place) = place(&debian().replace("count = 2", "count = 1"), "", NOT_THERE) else {
        return;
    };
    let said = place.kprov(&["up"]).code(1);
    said.says("tried one after the other: bento/debian-12, cloud-image/debian-12, generic/debian12")
        .says("could not be accessed in the remote catalog")
        .says("KP-VAGRANT-101");
}

#[cfg(target_arch = "x86_64")]
#[test]
fn without_a_network_only_what_this_computer_has_is_tried() {
    let config = debian().replace("count = 2", "count = 1");
    let Some(place) = place(&config, "generic/debian12\n", NO_NETWORK) else {
        return;
    };
    let said = place.kprov(&["up"]).code(1);
    assert!(!said.err.contains("is not to be had"), "{}", said.err);
    assert!(
        tried(&place)
            .iter()
            .all(|line| line.ends_with(" bento/debian-12"))
    );

    place.has_box("generic/debian12");
    place
        .kprov(&["up"])
        .code(1)
        .says("the box bento/debian-12 is not to be had, so generic/debian12 is taken");
    assert!(tried(&place).iter().all(|line| !line.contains("cloud-image")));
}

#[cfg(target_arch = "x86_64")]
#[test]
fn with_a_pack_only_boxes_that_are_at_hand_are_taken() {
    let config = debian().replace("count = 2", "count = 1");
    let Some(place) = place(&config, "generic/debian12\n", NO_NETWORK) else {
        return;
    };
    let home = place.path("vagrant.d");
    let home = home.to_str().unwrap();
    let said = place.kprov_with(&["up"], &[("VAGRANT_HOME", home)]).code(3);
    said.says("a box for virtualbox on amd64, bento/debian-12, cloud-image/debian-12, generic/debian12")
        .says("nothing is fetched from the internet");
    let installed = place.path("vagrant.d/boxes/generic-VAGRANTSLASH-debian12/4.3.12/amd64/virtualbox");
    std::fs::create_dir_all(&installed).unwrap();
    std::fs::write(installed.join("metadata.json"), "{}").unwrap();
    place
        .kprov_with(&["up"], &[("VAGRANT_HOME", home)])
        .code(1)
        .says("the box bento/debian-12 is not to be had, so generic/debian12 is taken")
        .says("Booting m-k8s from generic/debian12 is not possible here");
    assert_eq!(
        tried(&place),
        ["m-k8s generic/debian12", "w1-k8s generic/debian12"]
    );
}

#[test]
fn a_box_of_ones_own_has_no_substitute() {
    let config = format!(
        "{}\n[virtualbox]\nbox = \"school/lab\"\nbox_url = \"boxes/a lab's.box\"\nbox_sha256 = \"{}\"\n",
        LAB.replace("count = 2", "count = 1"),
        "0a".repeat(32)
    );
    let Some(place) = place(&config, "", NOT_THERE) else {
        return;
    };
    // A file that is not there is said before any machine is begun.
    let said = place.kprov(&["up"]).code(2);
    said.says("the file of the box school/lab is not there");
    assert_eq!(tried(&place), Vec::<String>::new());

    std::fs::create_dir(place.path("boxes")).unwrap();
    std::fs::write(place.path("boxes/a lab's.box"), "").unwrap();
    place.kprov(&["up"]).code(1).says("school/lab");
    assert_eq!(tried(&place), ["m-k8s school/lab", "w1-k8s school/lab"]);
    let file = place.read(".kprov/lab/vagrant/Vagrantfile");
    let path = place.path("").canonicalize().unwrap().join("boxes/a lab's.box");
    let url = format!("  config.vm.box_url = \"{}\"", path.display());
    assert!(file.lines().any(|line| line == url), "{url}\n{file}");
    assert!(file.contains("config.vm.box_download_checksum_type = \"sha256\""));
    let said = place.kprov(&["check"]).code(0);
    said.says("school/lab (").says("boxes/a lab's.box)");
}

#[cfg(target_arch = "x86_64")]
#[test]
fn check_says_which_box_is_taken_and_what_comes_next() {
    let place = Place::with(&debian());
    let said = place.kprov(&["check"]).code(0);
    said.says("box for virtualbox on amd64: bento/debian-12; if it is not to be had: cloud-image/debian-12");
    let said = place.kprov(&["--format", "json", "check"]).code(0);
    let value: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(value["boxes"]["virtualbox"][0]["name"], "bento/debian-12");
    assert_eq!(value["boxes"].get("libvirt"), None);
}
