//! Every field of every rendered document exists, with its type, in the release that reads it.
//!
//! kubeadm itself only warns about an unknown field and drops one in the wrong case without a word, so
//! this is stricter. `tests/data/kubeadm-api.json` says where its lists come from.

use std::path::Path;
use std::sync::LazyLock;

use kprov::plan;
use kprov::render::{self, ApiVersion};
use kprov::spec::{self, Computer, KubernetesVersion, Provider, Runtime, Spec};
use kprov::versions;
use serde_json::{Map, Value};

use super::{specs, yaml};

static API: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../data/kubeadm-api.json")).unwrap());

#[test]
fn every_field_is_known_to_every_minor() {
    for minor in versions::rows().iter().map(|row| row.minor) {
        for (example, mut spec) in specs::examples() {
            spec.kubernetes = KubernetesVersion { minor, patch: 0 };
            for node in &spec.nodes {
                // Docker, because its documents have the most fields.
                for document in yaml::documents(&spec, node.name.as_str(), Provider::Docker) {
                    let problems = problems(&document, minor);
                    assert!(problems.is_empty(), "{example}, 1.{minor}: {problems:#?}");
                }
            }
        }
    }
}

/// Every row of the table with every network, load balancer and mode of kube-proxy that a file can ask for: each is
/// read and rendered without an unknown field, or refused with a reason and what to write.
#[test]
fn every_row_is_rendered_or_refused_with_a_reason() {
    let computer = Computer {
        interfaces: Vec::new(),
        host_only_ranges: None,
        user: None,
        home: None,
        arch: None,
    };
    let (mut rendered, mut refused) = (0, 0);
    for row in versions::rows() {
        for cni in ["bridge", "flannel", "calico", "cilium", "none"] {
            for load_balancer in ["none", "metallb", "kprov"] {
                for mode in ["iptables", "nftables", "ipvs"] {
                    for (guest, runtime) in [
                        ("debian-12", "containerd"),
                        ("debian-12", "docker"),
                        ("centos-7", "containerd"),
                        ("centos-7", "docker"),
                    ] {
                        let text = format!(
                            "[cluster]\nname = \"lab\"\nkubernetes = \"1.{}\"\nprovider = \"virtualbox\"\nguest = \"{guest}\"\nruntime = \"{runtime}\"\n\
                             [network]\nnodes = \"192.168.56.0/24\"\ncni = \"{cni}\"\nkube_proxy = \"{mode}\"\n\
                             [load_balancer]\nimplementation = \"{load_balancer}\"\naddresses = \"192.168.56.11-192.168.56.99\"\n",
                            row.minor
                        );
                        let known_reason = (mode == "nftables" && row.minor < 33)
                            || (mode == "ipvs" && load_balancer == "kprov")
                            || (guest == "centos-7" && (row.minor >= 32 || cni == "cilium"));
                        match spec::parse(Path::new("cluster.toml"), &text, &computer) {
                            Ok(spec) => {
                                assert!(!known_reason, "{text}");
                                every_file_is_known(&spec, row.minor);
                                rendered += 1;
                            }
                            Err(problems) => {
                                let said = problems.render(false);
                                assert!(
                                    known_reason && said.contains("= note: ") && said.contains("= help: "),
                                    "{said}"
                                );
                                refused += 1;
                            }
                        }
                    }
                }
            }
        }
    }
    eprintln!("{rendered} rendered, {refused} refused with a reason");
    assert_eq!(rendered + refused, versions::rows().len() * 5 * 3 * 3 * 2 * 2);
}

fn every_file_is_known(spec: &Spec, minor: u32) {
    the_runtime_is_named(spec, minor);
    for node in &spec.nodes {
        for document in yaml::documents(spec, node.name.as_str(), spec.provider) {
            let problems = problems(&document, minor);
            assert!(problems.is_empty(), "1.{minor}: {problems:#?}");
        }
    }
    for add_on in render::add_ons(spec).unwrap() {
        let own = match &add_on.manifest {
            render::Manifest::Own(text) => text.as_str(),
            render::Manifest::Released { .. } => "",
        };
        for text in [own, &add_on.after] {
            let read = serde_saphyr::from_multiple::<Value>(text);
            assert!(read.is_ok(), "1.{minor}, {}: {read:?}", add_on.name);
            assert!(minor > 20 || !text.contains("policy/v1\n"), "{}", add_on.name);
            assert!(
                minor < 25 || !text.contains("PodSecurityPolicy"),
                "{}",
                add_on.name
            );
        }
    }
}

/// kubeadm is told the socket of the runtime that the Spec names, and the plan makes it be there.
fn the_runtime_is_named(spec: &Spec, minor: u32) {
    let socket = match (spec.runtime, minor) {
        (Runtime::Containerd, ..=23) => "/run/containerd/containerd.sock",
        (Runtime::Containerd, _) => "unix:///run/containerd/containerd.sock",
        (Runtime::Docker, ..=23) => "/var/run/dockershim.sock",
        (Runtime::Docker, _) => "unix:///var/run/cri-dockerd.sock",
    };
    for (node, kind) in [("m-k8s", "InitConfiguration"), ("w1-k8s", "JoinConfiguration")] {
        let document = yaml::document(spec, node, spec.provider, kind);
        assert_eq!(
            document["nodeRegistration"]["criSocket"], socket,
            "1.{minor} {node}"
        );
    }
    let plan = plan::up::plan(spec, spec.provider, &plan::up::Supplies::default()).unwrap();
    let has = |name: &str| plan.lanes[1].steps.iter().any(|step| step.name.as_str() == name);
    let docker = spec.runtime == Runtime::Docker;
    assert_eq!(has("docker") && has("docker-config"), docker, "1.{minor}");
    assert_eq!(
        has("containerd") && has("containerd-config"),
        !docker,
        "1.{minor}"
    );
    assert_eq!(has("cri-dockerd"), docker && minor >= 24, "1.{minor}");
}

#[test]
fn every_minor_has_the_api_version_that_it_reads() {
    for (minor, expected) in [
        (20, ApiVersion::V1beta2),
        (21, ApiVersion::V1beta2),
        (22, ApiVersion::V1beta3),
        (30, ApiVersion::V1beta3),
        (31, ApiVersion::V1beta4),
        (37, ApiVersion::V1beta4),
    ] {
        let version = KubernetesVersion { minor, patch: 0 };
        assert_eq!(ApiVersion::of(version), expected);
        let mut spec = specs::course();
        spec.kubernetes = version;
        let first = &yaml::documents(&spec, "m-k8s", Provider::Docker)[0];
        let name = format!("kubeadm.k8s.io/{expected:?}").to_lowercase();
        assert_eq!(first["apiVersion"], name);
    }
}

#[test]
fn a_wrong_document_has_problems() {
    let wrong = |text: &str, minor| problems(&serde_saphyr::from_str(text).unwrap(), minor);
    let head = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: JoinConfiguration\n";
    assert_eq!(wrong(head, 31), Vec::<String>::new());
    assert_eq!(
        wrong(&format!("{head}cacertPath: /ca.crt\n"), 31),
        ["JoinConfiguration.cacertPath: unknown"]
    );
    let map = format!("{head}nodeRegistration: {{ kubeletExtraArgs: {{ node-ip: \"10.0.0.1\" }} }}\n");
    assert_eq!(wrong(&map, 31).len(), 1, "a map where v1beta4 has a list");
    let number = format!("{head}nodeRegistration: {{ name: 7 }}\n");
    assert_eq!(
        wrong(&number, 31),
        ["JoinConfiguration.nodeRegistration.name: 7 is no string"]
    );
    let late =
        "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nudpIdleTimeout: 1s\n";
    assert_eq!(wrong(late, 25), Vec::<String>::new());
    assert_eq!(wrong(late, 26).len(), 1);
}

/// What is wrong with a document, for the kubeadm of Kubernetes 1.`minor`.
fn problems(document: &Value, minor: u32) -> Vec<String> {
    let (api, kind) = (
        document["apiVersion"].as_str().unwrap(),
        document["kind"].as_str().unwrap(),
    );
    let lists = API["apis"][api]["lists"]
        .as_object()
        .unwrap_or_else(|| panic!("{api}"));
    let mut fields = document.as_object().unwrap().clone();
    fields.remove("apiVersion");
    fields.remove("kind");
    // Where there are two lists, a field is in either; its notes say from when and until when.
    let mut found: Vec<_> = lists
        .values()
        .filter_map(|list| list["structs"].get(kind).map(|_| &list["structs"]))
        .map(|structs| Reader { structs, minor }.object(kind, &fields, kind))
        .collect();
    found.sort_by_key(Vec::len);
    found
        .into_iter()
        .next()
        .unwrap_or_else(|| vec![format!("{kind}: unknown")])
}

struct Reader<'a> {
    structs: &'a Value,
    minor: u32,
}

impl Reader<'_> {
    fn object(&self, name: &str, fields: &Map<String, Value>, path: &str) -> Vec<String> {
        let known = &self.structs[name];
        assert!(known.is_object(), "{name} is not in the list");
        let mut problems = Vec::new();
        for (field, value) in fields {
            let path = format!("{path}.{field}");
            match known.get(field) {
                None => problems.push(format!("{path}: unknown")),
                Some(Value::String(of)) => problems.extend(self.value(of, value, &path)),
                Some(notes) => {
                    if !self.exists(notes) {
                        problems.push(format!("{path}: not in 1.{}", self.minor));
                    }
                    problems.extend(self.value(notes["type"].as_str().unwrap(), value, &path));
                }
            }
        }
        problems
    }

    fn exists(&self, notes: &Value) -> bool {
        let minor = |key: &str| {
            notes[key]
                .as_str()
                .map(|version| version.strip_prefix("1.").unwrap().parse().unwrap())
        };
        minor("since").is_none_or(|since: u32| since <= self.minor)
            && minor("until").is_none_or(|until: u32| self.minor <= until)
    }

    fn value(&self, of: &str, value: &Value, path: &str) -> Vec<String> {
        if let Some(element) = of.strip_prefix("list of ") {
            return match value {
                Value::Array(values) => values
                    .iter()
                    .flat_map(|value| self.value(element, value, path))
                    .collect(),
                _ => vec![format!("{path}: {value} is no list")],
            };
        }
        if let Some(element) = of.strip_prefix("map of ") {
            return match value {
                Value::Object(values) => values
                    .values()
                    .flat_map(|value| self.value(element, value, path))
                    .collect(),
                _ => vec![format!("{path}: {value} is no map")],
            };
        }
        if let Some(name) = of.strip_prefix("object ") {
            return match value {
                Value::Object(fields) => self.object(name, fields, path),
                _ => vec![format!("{path}: {value} is no object")],
            };
        }
        let fits = match of {
            "string" | "duration" | "time" => value.is_string(),
            "bool" => value.is_boolean(),
            "int" => value.is_i64(),
            _ => panic!("{path}: kprov writes no {of}; say here what one looks like"),
        };
        if fits {
            Vec::new()
        } else {
            vec![format!("{path}: {value} is no {of}")]
        }
    }
}
