//! Every table and key that `cluster.toml` may have.

use super::Provider;
use Kind::{Flag, Text, TextOrFalse, Texts, Whole};

/// What a value has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A string.
    Text,
    /// A whole number.
    Whole,
    /// A list of strings.
    Texts,
    /// A string, or `false` for none.
    TextOrFalse,
    /// `true` or `false`.
    Flag,
}

/// A key of a table.
#[derive(Debug)]
pub(super) struct Key {
    pub name: &'static str,
    pub kind: Kind,
    pub required: bool,
    /// The providers that it makes sense with.
    pub only: &'static [Provider],
    /// A value as it is written in a file.
    pub example: &'static str,
}

/// A table.
#[derive(Debug)]
pub(super) struct Table {
    pub name: &'static str,
    /// Whether it stands in double brackets and may be repeated.
    pub repeated: bool,
    /// The providers that it makes sense with.
    pub only: &'static [Provider],
    pub keys: &'static [Key],
}

impl Table {
    /// Its header as a file has it.
    pub fn header(&self) -> String {
        if self.repeated {
            format!("[[{}]]", self.name)
        } else {
            format!("[{}]", self.name)
        }
    }
}

const MACHINES: &[Provider] = &[
    Provider::Auto,
    Provider::Virtualbox,
    Provider::Libvirt,
    Provider::Docker,
];
const BOXES: &[Provider] = &[Provider::Auto, Provider::Virtualbox, Provider::Libvirt];
const SSH: &[Provider] = &[Provider::Ssh];

const fn key(name: &'static str, kind: Kind, example: &'static str) -> Key {
    Key {
        name,
        kind,
        required: false,
        only: Provider::ALL,
        example,
    }
}

impl Key {
    const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    const fn only(mut self, only: &'static [Provider]) -> Self {
        self.only = only;
        self
    }
}

const fn table(name: &'static str, only: &'static [Provider], keys: &'static [Key]) -> Table {
    Table {
        name,
        repeated: false,
        only,
        keys,
    }
}

/// Every table, in the order in which a file has them.
pub(super) const TABLES: &[Table] = &[
    table(
        "cluster",
        Provider::ALL,
        &[
            key("name", Text, "\"k8s-lab\"").required(),
            key("kubernetes", Text, "\"1.20.2\"").required(),
            key("provider", Text, "\"auto\""),
            key("runtime", Text, "\"containerd\""),
            key("guest", Text, "\"ubuntu-24.04\"").only(BOXES),
            key("boot_parallelism", Whole, "2").only(MACHINES),
        ],
    ),
    table(
        "network",
        Provider::ALL,
        &[
            key("nodes", Text, "\"192.168.56.0/24\"").required(),
            key("pods", Text, "\"172.16.0.0/16\""),
            key("services", Text, "\"10.96.0.0/12\""),
            key("cni", Text, "\"bridge\""),
            key("kube_proxy", Text, "\"iptables\""),
            key("load_balancer", TextOrFalse, "\"192.168.56.11-192.168.56.99\""),
            key("dns_domain", Text, "\"cluster.local\""),
        ],
    ),
    table(
        "load_balancer",
        Provider::ALL,
        &[
            key("addresses", Text, "\"192.168.56.11-192.168.56.99\""),
            key("implementation", Text, "\"kprov\""),
        ],
    ),
    table(
        "control_plane",
        Provider::ALL,
        &[
            key("count", Whole, "1"),
            key("cpus", Whole, "2").only(MACHINES),
            key("memory", Text, "\"2GiB\"").only(MACHINES),
        ],
    ),
    table(
        "workers",
        Provider::ALL,
        &[
            key("count", Whole, "2"),
            key("cpus", Whole, "1").only(MACHINES),
            key("memory", Text, "\"1GiB\"").only(MACHINES),
        ],
    ),
    Table {
        name: "node",
        repeated: true,
        only: Provider::ALL,
        keys: &[
            key("name", Text, "\"w1-k8s\"").required(),
            key("role", Text, "\"worker\""),
            key("address", Text, "\"192.168.56.101\""),
            key("cpus", Whole, "1").only(MACHINES),
            key("memory", Text, "\"1GiB\"").only(MACHINES),
            key("host", Text, "\"192.168.56.101\"").only(SSH),
            key("port", Whole, "22").only(SSH),
            key("user", Text, "\"student\"").only(SSH),
            key("identity_file", Text, "\"~/.ssh/id_ed25519\"").only(SSH),
        ],
    },
    table(
        "virtualbox",
        &[Provider::Auto, Provider::Virtualbox],
        &[
            key("box", Text, "\"bento/ubuntu-24.04\""),
            key("box_version", Text, "\"202510.26.0\""),
            key("box_url", Text, "\"boxes/lab.box\""),
            key(
                "box_sha256",
                Text,
                "\"0000000000000000000000000000000000000000000000000000000000000000\"",
            ),
        ],
    ),
    table(
        "libvirt",
        &[Provider::Auto, Provider::Libvirt],
        &[
            key("box", Text, "\"debian/bookworm64\""),
            key("box_version", Text, "\"12.20250126.1\""),
            key("box_url", Text, "\"boxes/lab.box\""),
            key(
                "box_sha256",
                Text,
                "\"0000000000000000000000000000000000000000000000000000000000000000\"",
            ),
            key("driver", Text, "\"kvm\""),
            key("cpu_mode", Text, "\"host-passthrough\""),
            key("cpu_model", Text, "\"qemu64\""),
            key("guest", Text, "\"debian\""),
        ],
    ),
    table(
        "docker",
        &[Provider::Auto, Provider::Docker],
        &[
            key("image", Text, "\"registry.example/k8s-node:1\""),
            key("base_image", Text, "\"debian:12-slim\""),
            key("debian_mirror", Text, "\"http://deb.debian.org/debian\""),
        ],
    ),
    table(
        "ssh",
        SSH,
        &[
            key("user", Text, "\"student\""),
            key("port", Whole, "22"),
            key("identity_file", Text, "\"~/.ssh/id_ed25519\""),
        ],
    ),
    table(
        "artifacts",
        Provider::ALL,
        &[
            key("pack", Text, "\"pack.tar.zst\""),
            key("image_repository", Text, "\"registry.k8s.io\""),
            key("registry_mirrors", Texts, "[\"http://192.168.56.1:5000\"]"),
            key("pinned_images", Flag, "false"),
            key("images", Texts, "[\"nginx\", \"busybox:1.36\"]"),
        ],
    ),
    table(
        "verify",
        Provider::ALL,
        &[key("image", Text, "\"docker.io/library/nginx:latest\"")],
    ),
];

/// The tables of an instructor's `labs.toml`.
pub(super) const LAB_TABLES: &[Table] = &[
    table("lab", Provider::ALL, &[key("title", Text, "\"Week 3\"")]),
    Table {
        name: "check",
        repeated: true,
        only: Provider::ALL,
        keys: &[
            key("name", Text, "\"web-replicas\"").required(),
            key("title", Text, "\"Three pods\""),
            key("points", Whole, "10"),
            key("seconds", Whole, "30"),
            key("hint", Text, "\"kubectl scale\""),
            key("verify", Text, "\"dns\""),
            key("command", Text, "\"kubectl get namespace team-a -o name\""),
            key("request", Text, "\"http://192.168.56.101:30080/\""),
            key("status", Whole, "200"),
            key("object", Text, "\"deployment/web\""),
            key("namespace", Text, "\"default\""),
            key("field", Text, "\"{.spec.replicas}\""),
            key("expect", Text, "\"3\""),
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_file_names_every_key() {
        let text = include_str!("../../examples/all-keys.toml");
        let lines: Vec<_> = text.lines().map(|line| line.trim_start_matches("# ")).collect();
        for table in TABLES {
            let header = table.header();
            let start = lines
                .iter()
                .position(|line| *line == header)
                .unwrap_or_else(|| panic!("{header} is missing"));
            let section = lines[start + 1..]
                .iter()
                .take_while(|line| !line.starts_with("-----"));
            let section: Vec<_> = section.collect();
            for key in table.keys {
                let start = format!("{} = ", key.name);
                let named = section
                    .iter()
                    .filter(|line| line.starts_with(start.as_str()))
                    .count();
                assert_eq!(named, 1, "{} in {header}", key.name);
            }
        }
    }
}
