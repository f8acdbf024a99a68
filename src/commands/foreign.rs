//! A cluster that kprov did not make, as far as its kubeconfig and kubectl tell of it.

use std::fs::File;
use std::net::Ipv4Addr;
use std::path::Path;
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::lab::{Lab, read_spec_text, store};
use crate::artifact::Needs;
use crate::error::{Error, Exit, Result};
use crate::names::{ClusterName, NodeName};
use crate::plan::verify::{Member, Subject};
use crate::platform;
use crate::spec::{Provider, Role, Spec};
use crate::t;
use crate::transport::local::Program;
use crate::transport::{Cancel, Shell};
use crate::workdir::Workdir;

/// What is asked of every node.
const FIELDS: &str = "{range .items[*]}{.metadata.name}|{.status.addresses[?(@.type==\"InternalIP\")].address}|\
                      {.status.nodeInfo.kubeletVersion}|{.metadata.labels}{\"\\n\"}{end}";

/// What is known of a cluster that kprov did not make: its Spec only stands for it.
#[derive(Debug)]
pub(super) struct Foreign {
    /// By which its checks are made.
    pub shell: Shell,
    /// The version of its kubelets; several, with commas between, where they differ.
    pub kubernetes: String,
    /// Whether its control planes are among its nodes. They are not where somebody else runs them.
    pub shows_control_planes: bool,
}

/// The cluster of this kubeconfig, and what is known of it for its checks.
pub(super) fn open(kubeconfig: &Path, cancel: &Cancel) -> Result<(Lab, Subject)> {
    // kubectl takes one that is not there for an empty one.
    File::open(kubeconfig).map_err(|error| Error::cannot_read(kubeconfig, &error).exits(Exit::Usage))?;
    let shell = Shell::find(kubeconfig)?;
    let kubectl = |arguments: &[&str]| {
        let program = Program::new("kubectl")
            .args(["--kubeconfig".as_ref(), kubeconfig.as_os_str()])
            .args(arguments)
            .timeout(Duration::from_secs(20));
        let ended = program.run(cancel, &mut |_| {}).map_err(|error| {
            Error::host(t!("provider.not-started", command = program.display())).cause(&error)
        })?;
        if ended.ok() {
            Ok(ended.stdout)
        } else {
            Err(Error::step(t!("provider.failed", command = program.display())).evidence(ended.last_lines))
        }
    };
    let one = "jsonpath={.contexts[0].name}|{.clusters[0].cluster.server}";
    let config = kubectl(&["config", "view", "--minify", "-o", one])?;
    let (context, server) = config.trim().split_once('|').unwrap_or((config.trim(), ""));
    let output = format!("jsonpath={FIELDS}");
    let nodes = kubectl(&["--request-timeout=10s", "get", "nodes", "-o", &output])?;
    let (mut members, versions): (Vec<Member>, Vec<String>) = nodes.lines().filter_map(member).unzip();
    members.sort_by_key(|member| !member.control_plane);
    let shows_control_planes = members.iter().any(|member| member.control_plane);
    let spec = spec(&label(context), &members)?;
    let workdir = Workdir::at(
        platform::cache()
            .join("clusters")
            .join(folder(&spec.name, server)),
    );
    workdir.create()?;
    let subject = Subject {
        nodes: members,
        kubectl: NodeName::new("this-computer").unwrap_or_else(|_| spec.first_control_plane().name.clone()),
        ssh: false,
        comeback: None,
        version: None,
        pool: None,
        pod_network: None,
        runtime: None,
        ..Subject::of(&spec)
    };
    let lab = Lab {
        file: "cluster.toml".into(),
        store: store(&spec),
        spec,
        provider: Provider::Ssh,
        workdir,
        pack: None,
        needs: Needs::default(),
        lacking: Vec::new(),
        foreign: Some(Foreign {
            shell,
            kubernetes: spread(versions),
            shows_control_planes,
        }),
    };
    Ok((lab, subject))
}

/// The versions of the nodes, each once.
fn spread(mut versions: Vec<String>) -> String {
    versions.sort_unstable();
    versions.dedup();
    versions.join(", ")
}

/// A node, and the version of its kubelet without the `v`.
fn member(line: &str) -> Option<(Member, String)> {
    let mut words = line.splitn(4, '|');
    let (name, address, version, labels) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let roles = [
        "node-role.kubernetes.io/control-plane",
        "node-role.kubernetes.io/master",
    ];
    let member = Member {
        name: name.to_owned(),
        // A node of two families has two addresses.
        address: address.split(' ').next()?.to_owned(),
        control_plane: roles.iter().any(|role| labels.contains(role)),
    };
    Some((member, version.trim_start_matches('v').to_owned()))
}

/// The folder of its logs, among what may be lost: whoever verifies somebody else's cluster has no folder of kprov's,
/// and wants none in the current one. Many clusters have contexts of the same name.
fn folder(name: &ClusterName, server: &str) -> String {
    let sum = Sha256::digest(server.as_bytes());
    format!("{name}-{:02x}{:02x}{:02x}{:02x}", sum[0], sum[1], sum[2], sum[3])
}

/// A context's name as that of a cluster, told apart from those that kprov made.
fn label(context: &str) -> ClusterName {
    let kept = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '-'
        }
    };
    let text: String = context.chars().take(40).map(kept).collect();
    let text = format!("of-{}", text.trim_matches('-'));
    ClusterName::new(text.trim_end_matches('-'))
        .unwrap_or_else(|_| ClusterName::new("of-kubeconfig").expect("a label"))
}

/// What a report draws: the nodes by name and address.
fn spec(name: &ClusterName, members: &[Member]) -> Result<Spec> {
    let text = format!(
        "[cluster]\nname = \"{name}\"\nkubernetes = \"1.20.2\"\nprovider = \"docker\"\n\
         [network]\nnodes = \"198.18.0.0/24\"\n"
    );
    let mut spec = read_spec_text(&text)?;
    let template = spec.first_control_plane().clone();
    let known = members.iter().map(|member| {
        let mut node = template.clone();
        let short = member.name.split('.').next().unwrap_or_default();
        node.name = NodeName::new(short).unwrap_or_else(|_| template.name.clone());
        node.address = member.address.parse().unwrap_or(Ipv4Addr::UNSPECIFIED);
        node.role = if member.control_plane {
            Role::ControlPlane
        } else {
            Role::Worker
        };
        node
    });
    let known: Vec<_> = known.collect();
    spec.nodes = known;
    if spec.control_planes().next().is_none() {
        // A cluster whose control plane is somebody else's: something has to stand for it.
        spec.nodes.insert(0, template);
    }
    Ok(spec)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contexts_become_names_of_clusters() {
        for (context, name) in [
            ("kubernetes-admin@kubernetes", "of-kubernetes-admin-kubernetes"),
            ("arn:aws:eks:x", "of-arn-aws-eks-x"),
            ("--", "of"),
            ("", "of"),
        ] {
            assert_eq!(label(context).as_str(), name);
        }
    }

    #[test]
    fn clusters_with_contexts_of_one_name_have_folders_of_their_own() {
        let name = label("kubernetes-admin@kubernetes");
        let one = folder(&name, "https://10.0.0.10:6443");
        assert_eq!(one, folder(&name, "https://10.0.0.10:6443"));
        assert_ne!(one, folder(&name, "https://10.0.0.11:6443"));
        assert!(one.starts_with("of-kubernetes-admin-kubernetes-"), "{one}");
    }

    #[test]
    fn nodes_are_told_by_their_labels() {
        let line = "a.b|10.0.0.1 fd00::1|v1.30.2+k3s1|{\"node-role.kubernetes.io/master\":\"\"}";
        let (node, version) = member(line).unwrap();
        assert_eq!(version, "1.30.2+k3s1");
        assert_eq!(
            (node.name.as_str(), node.address.as_str(), node.control_plane),
            ("a.b", "10.0.0.1", true)
        );
        assert!(!member("w|10.0.0.2|v1.20.2|{}").unwrap().0.control_plane);
    }

    #[test]
    fn any_number_of_nodes_makes_a_spec() {
        let worker = |at: usize| Member {
            name: format!("ip-10-0-0-{at}.internal"),
            address: format!("10.0.0.{at}"),
            control_plane: false,
        };
        for count in [0, 1, 3, 40] {
            let members: Vec<Member> = (0..count).map(worker).collect();
            let spec = spec(&label("x"), &members).unwrap();
            assert_eq!(
                spec.nodes.len(),
                count + 1,
                "the control plane that nobody sees, and {count}"
            );
        }
    }
}
