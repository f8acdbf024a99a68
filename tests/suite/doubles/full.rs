//! A disk that runs full while kprov is at work.

use crate::place::{LAB, Place};

/// Takes all the room that is left on the disk of the cluster's folder, and fails with its own reason.
const GREEDY: &str = r#"
[ "$1" != --version ] || { echo "Vagrant 2.4.9"; exit; }
cat /dev/zero > "$PLACE/.kprov/zeros" 2> /dev/null
echo "VBoxManage: error: Driverless mode (VERR_SUP_DRIVERLESS)" >&2
exit 1
"#;

#[test]
fn a_run_on_a_full_disk_tells_its_end_and_what_makes_room() {
    let Some(place) = Place::without_network(LAB) else {
        return;
    };
    let place = place.with_small_disk(".kprov");
    place.double("vagrant", GREEDY);
    place.double("VBoxManage", "echo 7.0.20r163906");
    let cache = place.path("cache");
    std::fs::create_dir_all(cache.join("blobs")).unwrap();
    std::fs::write(cache.join("blobs/kubelet"), vec![0; 3 << 20]).unwrap();
    let cache = cache.to_str().unwrap();
    let said = place.kprov_with(&["up"], &[("KPROV_CACHE", cache)]);
    // The status and the end are the run's own.
    let said = said.code(1).says("\n3 failed, ");
    assert!(!said.err.contains("\nerror: "), "{}", said.err);
    said.says("note: The log of this run is incomplete")
        .says("timeline.html cannot be written: its disk is full")
        .says("KP-HOST-101")
        .says("`kprov destroy`")
        .says(&format!("3 MiB in {cache}"));
}

#[test]
fn a_full_disk_that_lets_nothing_begin_is_named() {
    let Some(place) = Place::without_network(LAB) else {
        return;
    };
    let place = place.with_small_disk(".kprov");
    place.double("vagrant", "echo Vagrant 2.4.9");
    // The doctor asks it before the first boot, when little is written yet.
    place.double(
        "VBoxManage",
        "cat /dev/zero > \"$PLACE/.kprov/zeros\" 2> /dev/null; echo 7.0.20r163906",
    );
    let said = place.kprov(&["up"]).code(3);
    said.says("error: ")
        .says("cannot be written: its disk is full")
        .says("make room on that disk, for example with `kprov destroy`");
}

#[test]
fn what_a_pack_is_made_of_needs_no_room_in_the_systems_own_folder() {
    let Some(place) = Place::without_network(&LAB.replace(
        "provider = \"virtualbox\"",
        "provider = \"virtualbox\"\nguest = \"debian-12\"",
    )) else {
        return;
    };
    let place = place.with_small_disk("small");
    place.has_box("bento/debian-12");
    let disk = ".vagrant.d/boxes/bento-VAGRANTSLASH-debian-12/0/virtualbox/disk.vmdk";
    std::fs::write(place.path(disk), vec![7; 3 << 20]).unwrap();
    let (cache, small) = (place.path("cache"), place.path("small"));
    let environment = [("KPROV_CACHE", &cache), ("TMPDIR", &small)];
    let environment = environment.map(|(name, path)| (name, path.to_str().unwrap()));
    let create = ["pack", "create", "--pack", "pack", "-o", "lab.tar.zst"];
    place.kprov_with(&create, &environment).code(0);
    let listed = place.kprov_with(&["pack", "list", "lab.tar.zst"], &environment);
    listed.code(0).says("bento/debian-12 (virtualbox)");
    let left = std::fs::read_dir(cache.join("packs")).unwrap().flatten();
    let left: Vec<_> = left
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    assert!(!left.iter().any(|name| name.starts_with("making")), "{left:?}");
}
