//! What makes labs like these fail most often, by what is reported of them: each is recognised by what is said or by
//! what the computer is like.

use std::path::Path;

use kprov::doctor::Recorded;
use kprov::problems;

/// How many kinds there are, and the one that is nothing to recognise: that machines boot one after the other.
const KINDS: u8 = 25;
const SLOWNESS: u8 = 21;

/// Of which kind it is, what was said, and what it is recognised as.
const SAID: &[(u8, &str, &str)] = &[
    (
        1,
        "Command: [\"hostonlyif\", \"ipconfig\", \"vboxnet0\", \"--ip\", \"192.168.1.1\", \"--netmask\", \"255.255.255.0\"]\n\n\
         Stderr: VBoxManage: error: Code E_ACCESSDENIED (0x80070005) - Access denied (extended info not available)",
        "KP-VBOX-101",
    ),
    (
        2,
        "The specified host network collides with a non-hostonly network!",
        "KP-VBOX-102",
    ),
    (
        3,
        "Stderr: VBoxManage: error: VirtualBox can't operate in VMX root mode.",
        "KP-VBOX-103",
    ),
    (
        4,
        "Kernel driver not installed (rc=-1908)\n\nMake sure the kernel module has been loaded successfully.",
        "KP-VBOX-106",
    ),
    (
        4,
        include_str!("../data/virtualbox/startvm-without-driver.err"),
        "KP-VBOX-106",
    ),
    (
        5,
        "VBoxManage.exe: error: Not in a hypervisor partition (HVP=0) (VERR_NEM_NOT_AVAILABLE).",
        "KP-VBOX-107",
    ),
    (
        6,
        "VBoxManage.exe: error: Failed to attach the network LUN (VERR_INTNET_FLT_IF_NOT_FOUND)",
        "KP-VBOX-108",
    ),
    (
        7,
        "encode': \"\\xC8\\xAB\" from CP949 to UTF-8 (Encoding::UndefinedConversionError)",
        "KP-VAGRANT-104",
    ),
    (
        7,
        "The home directory you specified is not accessible. The home\ndirectory that Vagrant uses must be both",
        "KP-VAGRANT-112",
    ),
    (
        8,
        "Cannot run the machine because its platform architecture x86 is not supported on ARM",
        "KP-VBOX-111",
    ),
    (
        9,
        "Vagrant has detected that you have a version of VirtualBox installed\nthat is not supported by this version",
        "KP-VBOX-114",
    ),
    (
        10,
        "The metadata for the box was malformed. The exact error\nis shown below.\n\nunexpected token at '<!DOCTYPE html>'",
        "KP-VAGRANT-101",
    ),
    (
        11,
        "Error from server (NotFound): the server could not find the requested resource ( pods/log nginx)",
        "KP-KUBELET-105",
    ),
    (
        12,
        "startup/autodetection_methods.go 103: Using autodetected IPv4 address on interface enp0s3: 10.0.2.15/24",
        "KP-NET-109",
    ),
    (
        13,
        "Err:6 https://packages.cloud.google.com/apt kubernetes-xenial Release\n  404  Not Found",
        "KP-PKG-102",
    ),
    (
        14,
        "Cannot find a valid baseurl for repo: base/7/x86_64",
        "KP-PKG-101",
    ),
    (
        15,
        "[ERROR ImagePull]: failed to pull image registry.k8s.io/coredns:v1.8.0: output: not found",
        "KP-KUBEADM-109",
    ),
    (
        16,
        "rpc error: code = Unimplemented desc = unknown service runtime.v1.RuntimeService",
        "KP-CRI-101",
    ),
    (
        17,
        "\t[ERROR SystemVerification]: cgroups v1 support is deprecated and will be removed in a future release.",
        "KP-KUBELET-101",
    ),
    (
        18,
        "your configuration file uses an old API spec: \"kubeadm.k8s.io/v1beta3\" (kind: \"InitConfiguration\")",
        "KP-KUBEADM-101",
    ),
    (
        19,
        "toomanyrequests: You have reached your unauthenticated pull rate limit.",
        "KP-IMAGE-101",
    ),
    (
        20,
        "could not find a JWS signature in the cluster-info ConfigMap for token ID \"9a8b7c\"",
        "KP-KUBEADM-102",
    ),
    (
        22,
        "A VirtualBox machine with the name 'lab-m-k8s' already exists.",
        "KP-VBOX-109",
    ),
    (
        22,
        "VBoxManage.exe: error: The object functionality is limited\nVBoxManage.exe: error: Details: code E_ACCESSDENIED (0x80070005), component MachineWrap, interface IMachine",
        "KP-VBOX-121",
    ),
    (
        23,
        "error getting ClusterInformation: connection is unauthorized: Unauthorized",
        "KP-NET-104",
    ),
    (
        24,
        "no endpoints available for service \"metallb-webhook-service\"",
        "KP-NET-105",
    ),
    (
        25,
        "x509: certificate signed by unknown authority (possibly because of \"crypto/rsa: verification error\"",
        "KP-KUBEADM-115",
    ),
];

/// Of which kind it is, a recorded computer that is so, and what the doctor finds there.
const SEEN: &[(u8, &str, &str)] = &[
    (1, "course-range-not-allowed", "KP-VBOX-008"),
    (2, "home-router", "KP-NET-001"),
    (3, "kvm-holds-amd-v", "KP-VBOX-004"),
    (3, "kvm-kept-off", "KP-VBOX-005"),
    (4, "driver-not-loaded", "KP-VBOX-002"),
    (4, "secure-boot", "KP-VBOX-003"),
    (5, "hyper-v", "KP-VBOX-009"),
    (5, "memory-integrity", "KP-VBOX-015"),
    (5, "inside-wsl", "KP-HOST-007"),
    (7, "korean-user-name", "KP-HOST-006"),
    (8, "box-without-arm", "KP-VBOX-011"),
    (9, "vagrant-too-old-for-7-2", "KP-VBOX-007"),
    (17, "cgroup-v1", "KP-DOCKER-005"),
    (22, "orphaned-machine", "KP-VBOX-012"),
    (22, "machine-deleted-by-hand", "KP-VBOX-016"),
    (22, "orphaned-container", "KP-DOCKER-004"),
    (22, "orphaned-libvirt-machine", "KP-VIRT-006"),
    (23, "clock-not-kept", "KP-HOST-008"),
];

#[test]
fn each_of_the_usual_failures_is_recognised() {
    for (kind, said, id) in SAID {
        let found: Vec<&str> = problems::in_text(said).iter().map(|it| it.id.as_str()).collect();
        assert_eq!(found, [*id], "{kind}: {said}");
    }
    for (kind, host, id) in SEEN {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/hosts/{host}/host.toml"));
        let host = Recorded::parse(&std::fs::read_to_string(&file).unwrap()).unwrap();
        assert!(
            host.expected.iter().any(|found| found == id),
            "{kind}: {}",
            file.display()
        );
    }
    let known = |kind: u8| SAID.iter().chain(SEEN).any(|(of, ..)| *of == kind);
    for kind in (1..=KINDS).filter(|kind| *kind != SLOWNESS) {
        assert!(known(kind), "nothing recognises {kind}");
    }
}
