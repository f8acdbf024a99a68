//! The doctor before recorded computers: each folder of tests/hosts is one, with what its programs and files say and
//! with the ids that are to be found, those and no other. The program itself examines them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use kprov::doctor::{self, Depth, Recorded, Recorder};
use kprov::spec::{self, Computer};
use serde_json::Value;

use crate::place::{LAB, Place, Said};

const HOSTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/hosts");

fn host(name: &str) -> PathBuf {
    Path::new(HOSTS).join(name).join("host.toml")
}

fn hosts() -> Vec<(String, PathBuf)> {
    let entries = fs::read_dir(HOSTS).unwrap().map(|entry| entry.unwrap());
    let named = entries.map(|entry| {
        let name = entry.file_name().into_string().unwrap();
        let file = host(&name);
        (name, file)
    });
    let mut hosts: Vec<_> = named.collect();
    hosts.sort();
    hosts
}

fn read(file: &Path) -> Recorded {
    let text = fs::read_to_string(file).unwrap();
    Recorded::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// What `kprov doctor` says of a recorded computer.
fn examine(place: &Place, file: &Path, more: &[&str]) -> Said {
    let file = file.to_str().unwrap();
    place.kprov(&[&["doctor", "--recorded", file, "--lang", "en"], more].concat())
}

fn findings(place: &Place, file: &Path) -> (Option<i32>, Vec<BTreeMap<String, String>>) {
    let said = examine(place, file, &["--format", "json"]);
    let found = serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {said:?}"));
    (said.code, found)
}

#[test]
fn each_recorded_computer_has_what_was_planted_and_nothing_else() {
    let place = Place::with(LAB);
    let hosts = hosts();
    let (mut stopped, mut warned, mut healthy) = (0, 0, 0);
    for (name, file) in hosts {
        let (code, found) = findings(&place, &file);
        let ids: Vec<&str> = found.iter().map(|finding| finding["id"].as_str()).collect();
        assert_eq!(ids, read(&file).expected, "{name}: {found:#?}");
        let stops = found.iter().any(|finding| finding["severity"] == "stops");
        assert_eq!(code, Some(if stops { 3 } else { 0 }), "{name}: {found:#?}");
        let count = match (stops, found.is_empty()) {
            (true, _) => &mut stopped,
            (false, false) => &mut warned,
            (false, true) => &mut healthy,
        };
        *count += 1;
        for finding in found {
            for text in finding.values() {
                assert!(!text.is_empty() && !text.contains("doctor."), "{name}: {text:?}");
            }
            assert!(finding["do"].starts_with("1. "), "{name}: {}", finding["do"]);
            let left = finding["do"].split('{').skip(1);
            let mut left = left.filter_map(|rest| rest.split_once('}').map(|(name, _)| name));
            assert!(
                left.all(|name| !name.chars().all(|c| c.is_ascii_lowercase())),
                "{name}: {}",
                finding["do"]
            );
        }
    }
    assert!(
        stopped >= 30 && warned >= 10 && healthy >= 15,
        "{stopped} with errors, {warned} with warnings, {healthy} healthy"
    );
}

/// What `up` asks first is a part of it: it never finds what the whole does not.
#[test]
fn the_quick_part_finds_nothing_of_its_own() {
    for (name, file) in hosts() {
        let host = read(&file);
        let spec = spec::parse(&file, &host.cluster, &Computer::default())
            .unwrap_or_else(|problems| panic!("{}", problems.render(false)));
        for finding in doctor::examine(&host, &spec, Depth::Quick) {
            assert!(
                host.expected.iter().any(|id| id == finding.id),
                "{name}: {finding:?}"
            );
        }
    }
}

/// Every finding that the doctor can have is planted somewhere.
#[test]
fn every_id_with_a_text_is_seen_on_some_computer() {
    let known: Vec<String> = hosts().iter().flat_map(|(_, file)| read(file).expected).collect();
    for id in doctor::ids() {
        assert!(known.contains(&id), "no recorded computer has {id}");
    }
}

/// On which computer which finding says what to do in which words.
const ADVICE: &str = r"
kvm-holds-amd-v                 KP-VBOX-004    modprobe -r kvm_amd kvm
kvm-holds-vt-x                  KP-VBOX-004    modprobe -r kvm_intel kvm
vagrant-too-old-for-7-2         KP-VBOX-007    2.4.9
vagrant-too-old-for-7-1         KP-VBOX-007    2.4.2
vagrant-too-old-on-macos        KP-VBOX-007    2.3.3
virtualbox-newer-than-vagrant   KP-VBOX-014    VirtualBox 7.2,
course-range-not-allowed        KP-VBOX-008    * 192.168.56.0/21 192.168.1.0/24
range-not-allowed-on-old-macos  KP-VBOX-008    * 192.168.56.0/21 192.168.99.0/24
docker-down                     KP-DOCKER-002  systemctl
vpn-covers-it                   KP-NET-002     tun0
vpn-on-windows                  KP-NET-002     Cisco AnyConnect Virtual Miniport
host-switched-off               KP-SSH-001     ssh -p 2022 w1.class.example
port-kept-by-windows            KP-NET-003     netsh interface ipv4
no-port-left                    KP-NET-003     ss -ltnp
no-docker-on-fedora             KP-DOCKER-001  dnf install moby-engine
no-docker-on-arch               KP-DOCKER-001  pacman -S docker
no-libvirt-on-suse              KP-VIRT-001    zypper install libvirt
driver-not-loaded               KP-VBOX-002    apt install virtualbox-dkms
driver-not-loaded-on-rocky      KP-VBOX-002    dnf install kernel-devel
driver-not-loaded-on-arch       KP-VBOX-002    pacman -S virtualbox-host-modules-arch
clock-not-kept-on-windows       KP-HOST-008    w32tm
clock-wrong-on-macos            KP-HOST-008    System Settings
disk-full-on-windows            KP-HOST-004    Get-PSDrive
networks-conf-lost-the-default  KP-VBOX-008    '* 192.168.56.0/24' | sudo tee -a
secure-boot                     KP-VBOX-003    --import /var/lib/shim-signed/mok/MOK.der
orphaned-machine                KP-VBOX-012    `VBoxManage unregistervm lab-m-k8s --delete`
machine-deleted-by-hand         KP-VBOX-016    `VBoxManage unregistervm 0b1e7f3e-3f0e-4a53-9b4b-7b7e5d2f1a11`
machine-stuck                   KP-VBOX-017    `VBoxManage controlvm lab-w1-k8s poweroff`
machine-paused                  KP-VBOX-018    `VBoxManage controlvm lab-m-k8s resume`, `VBoxManage controlvm lab-w1-k8s resume`
lab-at-work                     KP-HOST-011    `kill 4711`
disk-full-for-docker            KP-DOCKER-009  docker system df
orphaned-container              KP-DOCKER-004  `docker rm --force --volumes lab-cp1 lab-w1`
orphaned-libvirt-machine        KP-VIRT-006    `virsh -c qemu:///system undefine lab-w1-k8s --remove-all-storage`
libvirt-machine-paused          KP-VIRT-007    `virsh -c qemu:///system resume lab-w1-k8s`
";

#[test]
fn advice_depends_on_what_was_seen_and_on_the_system() {
    let place = Place::with(LAB);
    for row in ADVICE.lines().skip(1) {
        let (name, rest) = row.split_once(' ').unwrap();
        let (id, words) = rest.trim_start().split_once(' ').unwrap();
        let (_, found) = findings(&place, &host(name));
        let found = found.iter().find(|finding| finding["id"] == id);
        let advice = &found.unwrap_or_else(|| panic!("{name} has no {id}"))["do"];
        assert!(advice.contains(words.trim_start()), "{name}: {advice}");
    }
}

#[test]
fn what_is_found_is_told_with_its_reason_and_a_count() {
    let place = Place::with(LAB);
    let said = examine(&place, &host("hyper-v-and-memory-integrity"), &[]).code(0);
    let said = said.says("be warned: KP-VBOX-009: Windows' hypervisor is on");
    said.says("seen: HypervisorPresent: True, vmms: Running, vmcompute: Running")
        .says("be warned: KP-VBOX-015")
        .says("0 to mend, 2 to know");
    let said = examine(&place, &host("secure-boot"), &[]).code(3);
    said.says("stops the lab: KP-VBOX-003")
        .says("1 to mend, 0 to know");
    // What was measured is told in the user's language, and to other programs in English.
    let little = host("too-little-memory");
    let little = little.to_str().unwrap();
    let korean =
        |more: &[&str]| place.kprov(&[&["--lang", "ko", "doctor", "--recorded", little], more].concat());
    korean(&[])
        .code(3)
        .says("확인한 것: 머신들에 필요한 메모리 4096 MiB, 이 컴퓨터의 메모리 3932 MiB");
    let json = korean(&["--format", "json"]).code(3).out;
    assert!(
        json.contains("the machines want 4096 MiB in all, and this computer has 3932 MiB"),
        "{json}"
    );
    examine(&place, &host("healthy-windows"), &[])
        .code(0)
        .says("nothing is wrong with this computer for the cluster lab");
}

/// A healthy computer with libvirt is done in less than a second, and Vagrant alone takes longer to tell its plugins.
#[test]
fn vagrant_is_asked_for_its_plugin_only_where_no_file_names_it() {
    for (name, asked) in [
        ("healthy-libvirt", true),
        ("no-libvirt-plugin", true),
        ("healthy-libvirt-of-debian", false),
        ("healthy-libvirt-own-plugin", false),
    ] {
        let file = host(name);
        let host = read(&file);
        let spec = spec::parse(&file, &host.cluster, &Computer::default()).unwrap();
        let recorder = Recorder::new(&host, &host.cluster);
        let findings = doctor::examine(&recorder, &spec, Depth::Full);
        let text = recorder.finish(&findings).to_text().unwrap();
        assert!(text.contains("call = \"virsh "), "{text}");
        assert_eq!(text.contains("vagrant plugin list"), asked, "{name}: {text}");
    }
}

/// By which machines boot side by side: on each system what it says itself.
#[test]
fn free_memory_is_known_on_every_system() {
    for (name, mib) in [
        ("healthy-linux", Some(11_839)),
        ("healthy-macos", Some(11_632)),
        ("healthy-windows", Some(11_262)),
        ("healthy-docker", None),
    ] {
        let host = read(&host(name));
        assert_eq!(doctor::available_memory(&host), mib, "{name}");
    }
}

/// What was seen here is found again elsewhere, whatever this computer is like.
#[test]
fn a_recording_of_this_computer_gives_the_same_findings() {
    let place = Place::with(LAB);
    let here = place.kprov(&["doctor", "--record", "seen.toml", "--format", "json"]);
    let seen = place.path("seen.toml");
    let again = examine(&place, &seen, &["--format", "json"]);
    assert_eq!((here.code, &here.out), (again.code, &again.out));
    let found: Value = serde_json::from_str(&again.out).unwrap();
    let ids: Vec<&str> = found
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["id"].as_str().unwrap())
        .collect();
    let recorded = read(&seen);
    assert_eq!(recorded.expected, ids);
    assert_eq!(recorded.cluster, LAB);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(&seen).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "names of networks are in it");
    }
    let broken = place.path("broken.toml");
    fs::write(&broken, "os = \"beos\"\n").unwrap();
    examine(&place, &broken, &[]).code(2).says("broken.toml");
}
