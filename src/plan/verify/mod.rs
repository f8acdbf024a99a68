//! The plot of `kprov verify`: what the course teaches, done and looked at.
//!
//! A lane is a chain of checks that build on each other, or a node's own checks side by side. Nothing outside
//! of one namespace is touched.

use super::script;
use super::steps::known;
use super::{Fact, Lane, Plan, Source, Value};
use crate::error::Result;
use crate::names::LaneName;
use crate::render;
use crate::spec::{Node, Spec};

mod checks;
mod load_balancer;
mod samples;

use checks::{chain, check, id, side_by_side};
use samples::Samples;

const NODE_PORT: &str = "node-port";
const POD_ADDRESSES: &str = "pod-addresses";

/// How one verification is done.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Names this run: an RFC 1123 label, unlike that of any other run.
    pub run: String,
    /// Whether the samples stay for a look.
    pub keep: bool,
}

impl Settings {
    /// The namespace that everything happens in.
    #[must_use]
    pub fn namespace(&self) -> String {
        format!("kprov-verify-{}", self.run)
    }
}

/// The sample manifests with the Spec's image filled in, by file name: what `verify` deploys and `render` writes.
///
/// # Errors
/// When a template does not fit, which is a mistake in kprov.
pub fn manifests(spec: &Spec) -> Result<Vec<(&'static str, String)>> {
    let mut context = tera::Context::new();
    context.insert("image", &spec.verify.image);
    [
        ("pod.yaml", include_str!("../../../templates/manifests/pod.yaml")),
        (
            "service-nodeport.yaml",
            include_str!("../../../templates/manifests/service-nodeport.yaml"),
        ),
        (
            "service-load-balancer.yaml",
            include_str!("../../../templates/manifests/service-load-balancer.yaml"),
        ),
        (
            "deployment.yaml",
            include_str!("../../../templates/manifests/deployment.yaml"),
        ),
        (
            "service.yaml",
            include_str!("../../../templates/manifests/service.yaml"),
        ),
    ]
    .into_iter()
    .map(|(name, template)| Ok((name, render::text(name, template, &context)?)))
    .collect()
}

/// Makes the plan of `kprov verify`.
///
/// # Errors
/// When a manifest cannot be rendered.
pub fn plan(spec: &Spec, settings: &Settings) -> Result<Plan> {
    let first = spec.first_control_plane();
    let samples = Samples {
        spec,
        settings,
        manifests: manifests(spec)?,
    };
    let nodes = vec![("NODES", known(nodes(spec)))];
    let mut lanes = vec![chain(
        "nodes",
        vec![check(settings, first, &script::VERIFY_NODES, nodes, 20)],
    )];
    lanes.extend(
        spec.control_planes()
            .map(|node| control_plane(spec, node, settings)),
    );
    lanes.extend(spec.nodes.iter().map(|node| node_lane(spec, node, settings)));
    let domain = vec![("DNS_DOMAIN", known(&spec.network.dns_domain))];
    let mut dns = check(settings, first, &script::VERIFY_DNS, domain, 90);
    // coredns takes a while after the nodes are Ready, and for ever when they are not.
    dns.after = vec![id("nodes", "nodes")];
    lanes.push(chain("dns", vec![dns]));
    lanes.push(samples.pod());
    lanes.push(samples.deployment());
    lanes.extend(load_balancer::lane(&samples));
    let mut facts = vec![
        Fact {
            name: NODE_PORT.into(),
            source: Source::Published(id("pod", "expose")),
        },
        Fact {
            name: POD_ADDRESSES.into(),
            source: Source::Published(id("deployment", "spread")),
        },
    ];
    facts.extend(load_balancer::fact(spec));
    Ok(Plan {
        command: "verify",
        cluster: spec.name.clone(),
        exclusive: false,
        lanes,
        finally: if settings.keep {
            Vec::new()
        } else {
            vec![samples.deletion()]
        },
        facts,
    })
}

fn control_plane(spec: &Spec, node: &Node, settings: &Settings) -> Lane {
    let check = |script, variables| check(settings, node, script, variables, 10);
    let address = || vec![("ADDRESS", known(node.address.to_string()))];
    let name = match spec.control_planes().nth(1) {
        None => "control-plane".to_owned(),
        Some(_) => format!("control-plane-{}", node.name),
    };
    side_by_side(
        name,
        vec![
            check(&script::VERIFY_ETCD, address()),
            check(&script::VERIFY_API_SERVER, address()),
            check(&script::VERIFY_SCHEDULER, Vec::new()),
            check(&script::VERIFY_CONTROLLER_MANAGER, Vec::new()),
        ],
    )
}

fn node_lane(spec: &Spec, node: &Node, settings: &Settings) -> Lane {
    let addresses: Vec<String> = spec.nodes.iter().map(|node| node.address.to_string()).collect();
    let mut node_port = check(
        settings,
        node,
        &script::VERIFY_NODE_PORT,
        vec![
            ("ADDRESSES", known(addresses.join(" "))),
            ("PORT", Value::Fact(NODE_PORT.into())),
        ],
        30,
    );
    node_port.after = vec![id("pod", "expose")];
    let mut cross_node = check(
        settings,
        node,
        &script::VERIFY_CROSS_NODE,
        vec![
            ("NAMESPACE", known(settings.namespace())),
            ("NODE", known(node.name.as_str())),
            ("TARGETS", Value::Fact(POD_ADDRESSES.into())),
        ],
        30,
    );
    cross_node.after = vec![id("deployment", "spread")];
    side_by_side(
        LaneName::from(&node.name),
        vec![
            check(settings, node, &script::VERIFY_KUBELET, Vec::new(), 10),
            check(settings, node, &script::VERIFY_RUNTIME, Vec::new(), 10),
            check(settings, node, &script::VERIFY_KUBE_PROXY, Vec::new(), 30),
            node_port,
            cross_node,
        ],
    )
}

fn nodes(spec: &Spec) -> String {
    let nodes: Vec<String> = spec
        .nodes
        .iter()
        .map(|node| format!("{} {}", node.name, node.address))
        .collect();
    nodes.join("\n")
}
