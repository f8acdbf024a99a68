//! The plot of `kprov verify`: what the course teaches, done and looked at.
//!
//! A lane is a chain of checks that build on each other, or a node's own checks side by side. Nothing outside
//! of one namespace is touched.

use std::time::Duration;

use super::script::{self, Script};
use super::steps::known;
use super::{Action, Call, Fact, Lane, Plan, Source, Step, Value, Workstation};
use crate::error::Result;
use crate::event::StepId;
use crate::names::{LaneName, NodeName};
use crate::render;
use crate::spec::{Node, Spec};
use crate::t;

/// What the pods of the sample Deployment are scaled to.
const REPLICAS: usize = 3;
const NODE_PORT: &str = "node-port";
const POD_ADDRESSES: &str = "pod-addresses";
/// Words of nginx's welcome page.
const WELCOME: &str = "Welcome to";

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
        ("pod.yaml", include_str!("../../templates/manifests/pod.yaml")),
        (
            "service-nodeport.yaml",
            include_str!("../../templates/manifests/service-nodeport.yaml"),
        ),
        (
            "deployment.yaml",
            include_str!("../../templates/manifests/deployment.yaml"),
        ),
        (
            "service.yaml",
            include_str!("../../templates/manifests/service.yaml"),
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
    let manifests = manifests(spec)?;
    let manifest = |name: &str| {
        manifests
            .iter()
            .find(|(n, _)| *n == name)
            .map_or("", |(_, text)| text.as_str())
    };
    let namespace = || ("NAMESPACE", known(settings.namespace()));
    let on_first = |script, variables, seconds| check(settings, first, script, variables, seconds);

    let mut lanes = vec![chain(
        "nodes",
        vec![on_first(
            &script::VERIFY_NODES,
            vec![("NODES", known(nodes(spec)))],
            20,
        )],
    )];
    lanes.extend(
        spec.control_planes()
            .map(|node| control_plane(spec, node, settings)),
    );
    lanes.extend(spec.nodes.iter().map(|node| node_lane(spec, node, settings)));
    let domain = vec![("DNS_DOMAIN", known(&spec.network.dns_domain))];
    let mut dns = on_first(&script::VERIFY_DNS, domain, 90);
    // coredns takes a while after the nodes are Ready, and for ever when they are not.
    dns.after = vec![id("nodes", "nodes")];
    lanes.push(chain("dns", vec![dns]));
    lanes.push(chain(
        "pod",
        vec![
            on_first(
                &script::VERIFY_NAMESPACE,
                vec![namespace(), ("RUN", known(&settings.run))],
                30,
            ),
            on_first(
                &script::VERIFY_POD,
                vec![namespace(), ("MANIFEST", known(manifest("pod.yaml")))],
                120,
            ),
            on_first(
                &script::VERIFY_EXPOSE,
                vec![
                    namespace(),
                    ("MANIFEST", known(manifest("service-nodeport.yaml"))),
                ],
                30,
            ),
            from_workstation(spec, settings),
        ],
    ));
    let mut deployment = on_first(
        &script::VERIFY_DEPLOYMENT,
        vec![namespace(), ("MANIFEST", known(manifest("deployment.yaml")))],
        120,
    );
    deployment.after = vec![id("pod", "namespace")];
    let replicas = ("REPLICAS", known(REPLICAS.to_string()));
    let mut self_healing = on_first(&script::VERIFY_SELF_HEALING, vec![namespace()], 60);
    // It changes which pods there are, so whoever still looks at them comes first.
    self_healing.once_over = spec
        .nodes
        .iter()
        .map(|node| id(LaneName::from(&node.name), "cross-node"))
        .collect();
    lanes.push(chain(
        "deployment",
        vec![
            deployment,
            on_first(&script::VERIFY_SCALE, vec![namespace(), replicas], 60),
            on_first(
                &script::VERIFY_SPREAD,
                vec![namespace(), ("WORKERS", known(takers(spec)))],
                10,
            ),
            on_first(
                &script::VERIFY_BALANCE,
                vec![namespace(), ("MANIFEST", known(manifest("service.yaml")))],
                30,
            ),
            self_healing,
        ],
    ));
    let mut deleted = on_first(&script::VERIFY_DELETED, vec![namespace()], 60);
    // Without a namespace there is nothing to delete. One that was made and not seen is found by the next run.
    deleted.after = vec![id("pod", "namespace")];
    let deleted = chain("deletion", vec![deleted]);
    Ok(Plan {
        command: "verify",
        cluster: spec.name.clone(),
        exclusive: false,
        lanes,
        finally: if settings.keep { Vec::new() } else { vec![deleted] },
        facts: vec![
            Fact {
                name: NODE_PORT.into(),
                source: Source::Published(id("pod", "expose")),
            },
            Fact {
                name: POD_ADDRESSES.into(),
                source: Source::Published(id("deployment", "spread")),
            },
        ],
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

fn from_workstation(spec: &Spec, settings: &Settings) -> Step {
    let name = "workstation";
    let hosts = spec.nodes.iter().map(|node| node.address.to_string()).collect();
    Step {
        name: name.into(),
        title: words(name, "title", "", &settings.namespace()),
        action: Action::Workstation(Workstation::HttpGet {
            hosts,
            port: NODE_PORT.into(),
            expect: WELCOME.to_owned(),
        }),
        after: Vec::new(),
        once_over: Vec::new(),
        patience: Duration::from_secs(30),
        hints: vec![words(name, "try", "", &settings.namespace())],
    }
}

/// A check by the script `verify-NAME`, which becomes the step NAME.
fn check(
    settings: &Settings,
    node: &Node,
    script: &'static Script,
    variables: Vec<(&'static str, Value)>,
    seconds: u64,
) -> Step {
    let name = script.name.trim_start_matches("verify-");
    Step {
        name: name.into(),
        title: words(name, "title", node.name.as_str(), &settings.namespace()),
        action: Action::Script(
            node_name(node),
            Call {
                script,
                variables,
                payload: None,
            },
        ),
        after: Vec::new(),
        once_over: Vec::new(),
        patience: Duration::from_secs(seconds),
        hints: vec![words(name, "try", node.name.as_str(), &settings.namespace())],
    }
}

fn node_name(node: &Node) -> NodeName {
    node.name.clone()
}

/// A message about a check; `node` is where it runs.
fn words(name: &str, kind: &str, node: &str, namespace: &str) -> String {
    t!(
        &format!("verify.{name}-{kind}"),
        node = node,
        namespace = namespace
    )
    .trim()
    .to_owned()
}

fn id(lane: impl Into<LaneName>, step: &str) -> StepId {
    StepId {
        lane: lane.into(),
        step: step.into(),
    }
}

/// Checks that build on each other.
fn chain(name: &str, steps: Vec<Step>) -> Lane {
    Lane {
        name: name.into(),
        independent: false,
        steps,
    }
}

/// Checks that have nothing to do with each other.
fn side_by_side(name: impl Into<LaneName>, steps: Vec<Step>) -> Lane {
    Lane {
        name: name.into(),
        independent: true,
        steps,
    }
}

fn nodes(spec: &Spec) -> String {
    let nodes: Vec<String> = spec
        .nodes
        .iter()
        .map(|node| format!("{} {}", node.name, node.address))
        .collect();
    nodes.join("\n")
}

/// The nodes that take pods: workers, or everybody where there is no worker.
fn takers(spec: &Spec) -> String {
    let workers: Vec<&str> = spec.workers().map(|node| node.name.as_str()).collect();
    let all = || {
        spec.nodes
            .iter()
            .map(|node| node.name.as_str())
            .collect::<Vec<_>>()
            .join(" ")
    };
    if workers.is_empty() {
        all()
    } else {
        workers.join(" ")
    }
}
