//! Specs to render, built in code: rendering is tested apart from reading.

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use ipnet::Ipv4Net;
use kprov::names::{ClusterName, NodeName};
use kprov::render::MachineAccess;
use kprov::spec::{
    self, Artifacts, Cni, Computer, Docker, KubernetesVersion, Libvirt, MachineBox, Network, Node, Provider,
    ProxyMode, Role, Runtime, Spec, Verify, VirtualBox,
};

/// The golden folders: one for each file of `examples/`, with `auto` resolved as on most laptops.
pub fn examples() -> Vec<(String, Spec)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .collect();
    files.sort();
    // The course's addresses are not among those that VirtualBox allows by itself.
    let computer = Computer {
        interfaces: Vec::new(),
        host_only_ranges: None,
        user: None,
        home: None,
        arch: None,
    };
    let example = |file: &PathBuf| {
        let text = std::fs::read_to_string(file).unwrap();
        let mut spec = spec::parse(file, &text, &computer).unwrap_or_else(|d| panic!("{}", d.render(false)));
        if spec.provider == Provider::Auto {
            spec.provider = Provider::Virtualbox;
        }
        (file.file_stem().unwrap().to_string_lossy().into_owned(), spec)
    };
    files.iter().map(example).collect()
}

/// The book's cluster: Kubernetes 1.20.2 on `VirtualBox`.
pub fn course() -> Spec {
    let network = Network {
        nodes: net("192.168.1.0/24"),
        pods: net("172.16.0.0/16"),
        ..network()
    };
    let nodes = [
        node("m-k8s", Role::ControlPlane, 10, 0),
        node("w1-k8s", Role::Worker, 101, 1),
        node("w2-k8s", Role::Worker, 102, 2),
        node("w3-k8s", Role::Worker, 103, 3),
    ];
    let nodes = nodes.into_iter().map(|node| Node {
        address: within(network.nodes, node.address.octets()[3]),
        pods: part(network.pods, node.pods.network().octets()[2]),
        ..node
    });
    Spec {
        nodes: nodes.collect(),
        network,
        ..spec("course", Provider::Virtualbox, 20)
    }
}

/// One and two container nodes.
pub fn containers() -> Spec {
    Spec {
        nodes: vec![
            node("cp1", Role::ControlPlane, 10, 0),
            node("w1", Role::Worker, 11, 1),
            node("w2", Role::Worker, 12, 2),
        ],
        ..spec("containers", Provider::Docker, 20)
    }
}

/// Three control planes that run pods, with a pod network of the user's.
pub fn three_control_planes() -> Spec {
    let mut spec = Spec {
        nodes: (1..=3)
            .map(|n| node(&format!("cp{n}"), Role::ControlPlane, 9 + n, n - 1))
            .collect(),
        ..spec("ha", Provider::Virtualbox, 36)
    };
    spec.network.cni = Cni::None;
    spec
}

/// What would end a string, or run, where it is not quoted.
pub const HOSTILE: &str = "a'b\"c\\#{abort 'out'}\n# é: {{ 1 }} *x";

/// Hostile text wherever the types leave room for it; a config with it would be refused.
pub fn hostile() -> (Spec, MachineAccess) {
    let text = HOSTILE.to_owned();
    let mut spec = libvirt();
    spec.file = format!("/x/{text}").into();
    let own = MachineBox {
        name: text.clone(),
        url: Some(text.clone()),
        version: Some(text.clone()),
        sha256: Some(text.clone()),
    };
    spec.virtualbox.boxes = vec![own.clone()];
    spec.libvirt = Libvirt {
        boxes: vec![own],
        driver: Some(text.clone()),
        cpu_mode: Some(text.clone()),
        cpu_model: Some(text.clone()),
        guest: text.clone(),
    };
    spec.network.dns_domain.clone_from(&text);
    spec.artifacts.image_repository.clone_from(&text);
    let access = MachineAccess {
        public_key: text.clone(),
        private_key_path: text.clone(),
        docker_image: text.clone(),
        state_id: text,
        box_number: 0,
    };
    (spec, access)
}

/// What container nodes are given.
pub fn access() -> MachineAccess {
    MachineAccess {
        public_key: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExample kprov".to_owned(),
        private_key_path: "id_ed25519".to_owned(),
        docker_image: "kprov-node:1".to_owned(),
        state_id: "0123456789abcdef".to_owned(),
        box_number: 0,
    }
}

fn ubuntu() -> MachineBox {
    MachineBox {
        name: "bento/ubuntu-24.04".to_owned(),
        ..MachineBox::default()
    }
}

fn spec(name: &str, provider: Provider, minor: u32) -> Spec {
    Spec {
        file: "/home/student/lab/cluster.toml".into(),
        name: ClusterName::new(name).unwrap(),
        kubernetes: KubernetesVersion { minor, patch: 2 },
        provider,
        runtime: Runtime::Containerd,
        boot_parallelism: None,
        network: network(),
        nodes: Vec::new(),
        virtualbox: VirtualBox {
            boxes: vec![ubuntu()],
        },
        libvirt: Libvirt {
            boxes: vec![ubuntu()],
            driver: None,
            cpu_mode: None,
            cpu_model: None,
            guest: "ubuntu".to_owned(),
        },
        docker: Docker {
            image: None,
            base_image: "debian:12".to_owned(),
            debian_mirror: "http://deb.debian.org/debian".to_owned(),
        },
        artifacts: Artifacts {
            pack: None,
            image_repository: if minor < 25 {
                "k8s.gcr.io"
            } else {
                "registry.k8s.io"
            }
            .to_owned(),
            registry_mirrors: Vec::new(),
            images: Vec::new(),
            pinned_images: true,
        },
        verify: Verify {
            image: "nginx:1.22".to_owned(),
        },
    }
}

fn network() -> Network {
    Network {
        nodes: net("192.168.56.0/24"),
        pods: net("10.244.0.0/16"),
        services: net("10.96.0.0/12"),
        cni: Cni::Bridge,
        load_balancer: None,
        kube_proxy: ProxyMode::Iptables,
        dns_domain: "cluster.local".to_owned(),
    }
}

fn node(name: &str, role: Role, host: u8, index: u8) -> Node {
    Node {
        name: NodeName::new(name).unwrap(),
        role,
        address: within(network().nodes, host),
        cpus: if role == Role::ControlPlane { 2 } else { 1 },
        memory_mib: if role == Role::ControlPlane { 2048 } else { 1024 },
        pods: part(network().pods, index),
        host: None,
    }
}

fn net(text: &str) -> Ipv4Net {
    text.parse().unwrap()
}

fn within(net: Ipv4Net, host: u8) -> Ipv4Addr {
    let [a, b, c, _] = net.network().octets();
    Ipv4Addr::new(a, b, c, host)
}

fn part(net: Ipv4Net, index: u8) -> Ipv4Net {
    let [a, b, ..] = net.network().octets();
    Ipv4Net::new(Ipv4Addr::new(a, b, index, 0), 24).unwrap()
}

/// One and one virtual machines under emulation, the box pinned.
pub fn libvirt() -> Spec {
    let mut spec = Spec {
        nodes: vec![
            node("cp1", Role::ControlPlane, 10, 0),
            node("w1", Role::Worker, 11, 1),
        ],
        ..spec("vms", Provider::Libvirt, 29)
    };
    spec.libvirt.boxes[0].version = Some("202510.26.0".to_owned());
    spec.libvirt.driver = Some("qemu".to_owned());
    spec.libvirt.cpu_mode = Some("custom".to_owned());
    spec.libvirt.cpu_model = Some("qemu64".to_owned());
    spec
}
