//! The steps of `kprov up`, one function each: which script, which variables, after what.

use std::fmt::Write as _;
use std::time::Duration;

use super::script::{self, Script};
use super::up::{Supplies, Supply};
use super::{Action, Call, Fact, Lane, Source, Step, Value, Workstation};
use crate::error::Result;
use crate::event::StepId;
use crate::names::StepName;
use crate::render;
use crate::spec::{Node, Provider, Role, Spec};
use crate::t;
use crate::text;

/// The name of the step that downloads, and of its lane.
const DOWNLOADS: &str = "downloads";
const INIT: &str = "kubeadm-init";
const JOIN: &str = "kubeadm-join";
const ADMIN_CONF: &str = "admin-conf";
const ADMIN_CONF_SUM: &str = "admin-conf-sum";
const DISCOVERY: &str = "discovery";
const PKI: &str = "pki";

/// Most checks hold as soon as `apply` is through; a service may take a moment.
const SOON: Duration = Duration::from_secs(30);
/// Packages from a slow mirror, `kubeadm` on a weak laptop: what the programs themselves give up after.
const LONG: Duration = Duration::from_secs(300);
/// Until a machine that boots answers; Vagrant's own `boot_timeout` in the Vagrantfile.
const BOOT: Duration = Duration::from_secs(600);

/// What the steps are made from.
pub(super) struct Build<'a> {
    pub spec: &'a Spec,
    pub provider: Provider,
    pub supplies: &'a Supplies,
}

/// A step by a script: titles and hints come from the messages under the step's name.
pub(super) fn step(
    name: &str,
    node: &Node,
    script: &'static Script,
    variables: Vec<(&'static str, Value)>,
) -> Step {
    Step {
        name: name.into(),
        title: title(script.name, name),
        action: Action::Script(
            node.name.clone(),
            Call {
                script,
                variables,
                payload: None,
            },
        ),
        after: Vec::new(),
        once_over: Vec::new(),
        patience: SOON,
        hints: hints(script.name),
    }
}

/// A step whose script needs no variables.
pub(super) fn plain(node: &Node, script: &'static Script) -> Step {
    let mut step = step(script.name, node, script, Vec::new());
    step.patience = LONG;
    step
}

fn title(key: &str, name: &str) -> String {
    t!(&format!("plan.{key}-title"), name = name)
}

fn hints(key: &str) -> Vec<String> {
    text::optional(&format!("plan.{key}-try")).into_iter().collect()
}

/// A value that is known when the plan is made.
pub(super) fn known(text: impl Into<String>) -> Value {
    Value::Text(text.into())
}

/// The values that are made on the first control plane.
pub(super) fn facts(spec: &Spec) -> Vec<Fact> {
    let first = &spec.first_control_plane().name;
    let from = |script, variables| {
        Source::Script(
            first.clone(),
            Call {
                script,
                variables,
                payload: None,
            },
        )
    };
    let init = StepId {
        lane: first.into(),
        step: INIT.into(),
    };
    vec![
        Fact {
            name: ADMIN_CONF_SUM.into(),
            source: Source::Published(init),
        },
        Fact {
            name: ADMIN_CONF.into(),
            source: from(&script::FACT_ADMIN_CONF, Vec::new()),
        },
        Fact {
            name: DISCOVERY.into(),
            source: from(&script::FACT_DISCOVERY, vec![("API", known(api(spec)))]),
        },
        Fact {
            name: PKI.into(),
            source: from(&script::FACT_PKI, Vec::new()),
        },
    ]
}

/// The address of the API server as all nodes use it.
fn api(spec: &Spec) -> String {
    let (host, port) = spec.api_endpoint();
    format!("https://{host}:{port}")
}

impl Build<'_> {
    fn first_init(&self) -> StepId {
        StepId {
            lane: (&self.spec.first_control_plane().name).into(),
            step: INIT.into(),
        }
    }

    /// What happens on this computer.
    pub(super) fn workstation(&self) -> Lane {
        let local = |name: &str, work, after| Step {
            name: name.into(),
            title: title(name, name),
            action: Action::Workstation(work),
            after,
            once_over: Vec::new(),
            patience: SOON,
            hints: hints(name),
        };
        let mut steps = Vec::new();
        if self.provider == Provider::Docker {
            steps.push(local("node-image", Workstation::NodeImage, Vec::new()));
        }
        let kubeconfig = Workstation::Kubeconfig {
            sum: ADMIN_CONF_SUM.into(),
            content: ADMIN_CONF.into(),
        };
        steps.push(local("kubeconfig", kubeconfig, vec![self.first_init()]));
        Lane {
            name: "workstation".into(),
            independent: false,
            steps,
        }
    }

    /// The lane that downloads what the nodes get, beside everything that needs nothing of it.
    pub(super) fn downloads(&self) -> Option<Lane> {
        let step = Step {
            name: DOWNLOADS.into(),
            title: title(DOWNLOADS, DOWNLOADS),
            action: Action::Workstation(Workstation::Downloads),
            after: Vec::new(),
            once_over: Vec::new(),
            patience: SOON,
            hints: hints(DOWNLOADS),
        };
        self.supplies.downloads.then(|| Lane {
            name: DOWNLOADS.into(),
            independent: false,
            steps: vec![step],
        })
    }

    /// Gives a step its artifact; a step without one uses what the node or its distribution has.
    fn supply(&self, step: &mut Step, supply: Option<&Supply>) {
        let Action::Script(_, call) = &mut step.action else {
            return;
        };
        let (sum, encoding) = supply.map_or(("", ""), |supply| (supply.sha256.as_str(), supply.encoding));
        call.variables
            .extend([("SHA256", known(sum)), ("ENCODING", known(encoding))]);
        call.payload = supply.map(|supply| supply.path.clone());
        if call.payload.is_some() && self.supplies.downloads {
            step.after.push(StepId {
                lane: DOWNLOADS.into(),
                step: DOWNLOADS.into(),
            });
        }
    }

    pub(super) fn boot(&self, node: &Node) -> Step {
        let after = match self.provider {
            Provider::Docker => vec![StepId {
                lane: "workstation".into(),
                step: "node-image".into(),
            }],
            _ => Vec::new(),
        };
        self.machine("boot", Action::Boot(node.name.clone()), after)
    }

    pub(super) fn connect(&self, node: &Node) -> Step {
        self.machine("connect", Action::Connect(node.name.clone()), Vec::new())
    }

    fn machine(&self, name: &str, action: Action, after: Vec<StepId>) -> Step {
        let patience = if self.provider == Provider::Ssh {
            SOON
        } else {
            BOOT
        };
        Step {
            name: name.into(),
            title: title(name, name),
            action,
            after,
            once_over: Vec::new(),
            patience,
            hints: hints(name),
        }
    }

    pub(super) fn kubelet(&self, node: &Node) -> Step {
        // Hosts that exist already may be in a cloud.
        let metadata = if self.provider == Provider::Ssh {
            ""
        } else {
            "unreachable"
        };
        step(
            script::KUBELET.name,
            node,
            &script::KUBELET,
            vec![("METADATA", known(metadata))],
        )
    }

    pub(super) fn address(&self, node: &Node) -> Step {
        let mac = match self.provider {
            Provider::Virtualbox | Provider::Libvirt => render::mac(self.spec, node, self.provider),
            // Docker and hosts that exist choose their own.
            _ => String::new(),
        };
        step(
            script::ADDRESS.name,
            node,
            &script::ADDRESS,
            vec![
                ("ADDRESS", known(node.address.to_string())),
                ("PREFIX", known(self.spec.network.nodes.prefix_len().to_string())),
                ("MAC", known(mac)),
            ],
        )
    }

    pub(super) fn hosts(&self, node: &Node) -> Step {
        let mut hosts = String::new();
        for other in &self.spec.nodes {
            let _ = writeln!(hosts, "{} {}", other.address, other.name);
        }
        if self.spec.control_planes().nth(1).is_some() {
            // The same name once for each control plane: clients try one after the other. A control plane asks
            // itself first.
            let own = self.spec.control_planes().filter(|other| other.name == node.name);
            let others = self.spec.control_planes().filter(|other| other.name != node.name);
            for control_plane in own.chain(others) {
                let _ = writeln!(hosts, "{} {}", control_plane.address, self.spec.api_host());
            }
        }
        step(
            script::HOSTS.name,
            node,
            &script::HOSTS,
            vec![
                ("NAME", known(node.name.as_str())),
                ("HOSTS", known(hosts.trim_end())),
            ],
        )
    }

    pub(super) fn containerd(&self, node: &Node) -> Step {
        let mut step = step(script::CONTAINERD.name, node, &script::CONTAINERD, Vec::new());
        self.supply(&mut step, self.supplies.containerd.as_ref());
        let (from, below) = self.supplies.containerd_range.clone().unwrap_or_default();
        if let Action::Script(_, call) = &mut step.action {
            call.variables
                .extend([("FROM", known(from)), ("BELOW", known(below))]);
        }
        step.patience = LONG;
        step
    }

    pub(super) fn cni_plugins(&self, node: &Node) -> Step {
        let mut step = step(script::CNI_PLUGINS.name, node, &script::CNI_PLUGINS, Vec::new());
        self.supply(&mut step, self.supplies.cni_plugins.as_ref());
        step
    }

    pub(super) fn containerd_config(&self, node: &Node) -> Step {
        step(
            script::CONTAINERD_CONFIG.name,
            node,
            &script::CONTAINERD_CONFIG,
            vec![
                ("SANDBOX_IMAGE", known(self.sandbox_image())),
                ("MIRRORS", known(self.spec.artifacts.registry_mirrors.join("\n"))),
            ],
        )
    }

    /// The image of the process that holds a pod's namespaces: the one that was supplied, or the one that this
    /// version of kubeadm asks for.
    fn sandbox_image(&self) -> String {
        let supplied = self.supplies.images.iter().flat_map(|supply| &supply.images);
        supplied
            .into_iter()
            .find(|image| {
                image
                    .rsplit('/')
                    .next()
                    .is_some_and(|name| name.starts_with("pause:"))
            })
            .cloned()
            .unwrap_or_else(|| {
                format!(
                    "{}/pause:{}",
                    self.spec.artifacts.image_repository, self.supplies.pause
                )
            })
    }

    /// The programs whose names are wanted.
    pub(super) fn programs(&self, node: &Node, wanted: impl Fn(&str) -> bool) -> Vec<Step> {
        let program = |supply: &Supply| {
            let name = format!("program-{}", supply.name);
            let mut step = step(&name, node, &script::PROGRAM, vec![("NAME", known(&supply.name))]);
            step.title = title(script::PROGRAM.name, &supply.name);
            self.supply(&mut step, Some(supply));
            step
        };
        let programs = self.supplies.programs.iter();
        programs
            .filter(|supply| wanted(&supply.name))
            .map(program)
            .collect()
    }

    pub(super) fn pod_network(&self, node: &Node) -> Step {
        let peers = self.spec.nodes.iter().filter(|peer| peer.name != node.name);
        let peers: Vec<String> = peers
            .map(|peer| format!("{} {}", peer.pods, peer.address))
            .collect();
        step(
            script::POD_NETWORK.name,
            node,
            &script::POD_NETWORK,
            vec![
                ("PODS", known(node.pods.to_string())),
                ("CLUSTER_PODS", known(self.spec.network.pods.to_string())),
                ("PEERS", known(peers.join("\n"))),
            ],
        )
    }

    /// The images that this node needs; with no worker in the cluster a control plane runs everybody's.
    pub(super) fn images(&self, node: &Node) -> Vec<Step> {
        let everything = self.spec.workers().next().is_none();
        let needed = |supply: &&Supply| match node.role {
            Role::ControlPlane => supply.control_planes || everything,
            Role::Worker => supply.workers,
        };
        let image = |supply: &Supply| {
            let name = format!("image-{}", supply.name);
            let mut step = step(
                &name,
                node,
                &script::IMAGE,
                vec![("IMAGES", known(supply.images.join("\n")))],
            );
            step.title = title(script::IMAGE.name, &supply.name);
            self.supply(&mut step, Some(supply));
            step
        };
        let mut steps: Vec<Step> = self.supplies.images.iter().filter(needed).map(image).collect();
        // Everybody waits for the first control plane, so its images go ahead of all others.
        let first = self.spec.first_control_plane();
        if let (Some(step), false) = (steps.first_mut(), node.name == first.name) {
            let last = self.images(first).pop();
            step.after.extend(last.map(|last| last.id(&(&first.name).into())));
        }
        steps
    }

    pub(super) fn init(&self, node: &Node) -> Result<Step> {
        let config = render::kubeadm(self.spec, node, self.provider)?;
        let mut step = step(
            INIT,
            node,
            &script::KUBEADM_INIT,
            vec![
                ("CONFIG", known(config)),
                ("ADDRESS", known(node.address.to_string())),
            ],
        );
        step.patience = LONG;
        Ok(step)
    }

    /// Joins come after the cluster's beginning; control planes one after another, because each changes etcd's
    /// members.
    pub(super) fn join(&self, node: &Node) -> Result<Step> {
        let config = render::kubeadm(self.spec, node, self.provider)?;
        let pki = match node.role {
            Role::ControlPlane => Value::Fact(PKI.into()),
            Role::Worker => known(""),
        };
        let mut step = step(
            JOIN,
            node,
            &script::KUBEADM_JOIN,
            vec![
                ("CONFIG", known(config)),
                ("DISCOVERY", Value::Fact(DISCOVERY.into())),
                ("PKI", pki),
            ],
        );
        step.patience = LONG;
        step.after = vec![self.first_init()];
        if node.role == Role::ControlPlane {
            let before = self
                .spec
                .control_planes()
                .skip(1)
                .take_while(|other| other.name != node.name)
                .last();
            step.after.extend(before.map(|other| StepId {
                lane: (&other.name).into(),
                step: JOIN.into(),
            }));
        }
        Ok(step)
    }

    pub(super) fn node_ready(&self, node: &Node) -> Step {
        let mut step = step(
            script::NODE_READY.name,
            node,
            &script::NODE_READY,
            vec![
                ("NAME", known(node.name.as_str())),
                ("ADDRESS", known(node.address.to_string())),
                ("API", known(api(self.spec))),
            ],
        );
        step.patience = LONG;
        step
    }

    pub(super) fn tokens_removed(&self, node: &Node) -> Step {
        let address = ("ADDRESS", known(node.address.to_string()));
        let mut step = step(
            script::TOKENS_REMOVED.name,
            node,
            &script::TOKENS_REMOVED,
            vec![address],
        );
        let joined = self.spec.nodes.iter().filter(|other| other.name != node.name);
        // Also when a join failed: its token must not stay.
        step.once_over = joined
            .map(|other| StepId {
                lane: (&other.name).into(),
                step: StepName::from(JOIN),
            })
            .collect();
        step
    }
}
