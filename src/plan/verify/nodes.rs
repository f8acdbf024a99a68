//! What each node and each control plane is asked.

use super::checks::{Checks, after, id, side_by_side};
use super::{From, Member, NODE_PORT, script};
use crate::event::StepId;
use crate::names::NodeName;
use crate::plan::steps::known;
use crate::plan::{Action, Lane, Step, Value, Workstation};
use crate::spec::Runtime;
use crate::t;

impl Checks<'_> {
    /// All nodes, as the API server knows them.
    pub(super) fn nodes(&self) -> Lane {
        let version = self.subject.version.clone().unwrap_or_default();
        let clocks = if self.subject.ssh {
            let nodes = self
                .subject
                .nodes
                .iter()
                .filter_map(|node| NodeName::new(&node.name).ok());
            self.here(
                "clocks",
                Workstation::Clocks {
                    nodes: nodes.collect(),
                },
                5,
            )
        } else {
            self.not_here("clocks", t!("verify.skip-ssh-all"))
        };
        let takers = self.subject.takers().join(" ");
        let runtime = self.subject.runtime.as_ref().map(|(runtime, _)| *runtime);
        let checks = vec![
            self.cluster(
                "ready",
                &script::VERIFY_READY,
                vec![("NODES", known(self.subject.lines()))],
                20,
            ),
            self.cluster(
                "addresses",
                &script::VERIFY_ADDRESSES,
                vec![("NODES", known(self.subject.lines()))],
                5,
            ),
            self.cluster(
                "versions",
                &script::VERIFY_VERSIONS,
                vec![("VERSION", known(version))],
                5,
            ),
            self.cluster(
                "runtimes",
                &script::VERIFY_RUNTIMES,
                vec![("RUNTIME", known(runtime.map_or("", Runtime::name)))],
                5,
            ),
            self.cluster("pressure", &script::VERIFY_PRESSURE, Vec::new(), 5),
            self.cluster(
                "schedulable",
                &script::VERIFY_SCHEDULABLE,
                vec![("TAKERS", known(takers))],
                5,
            ),
            clocks,
        ];
        let mut checks: Vec<Step> = checks.into_iter().map(|check| self.after_api(check)).collect();
        // A node that is short of something closes itself: that is told once.
        for check in checks
            .iter_mut()
            .filter(|check| check.name.as_str() == "schedulable")
        {
            check.after.push(id("nodes", "pressure"));
        }
        side_by_side("nodes", checks)
    }

    /// The programs of a control plane.
    pub(super) fn control_plane(&self, node: &Member) -> Lane {
        let address = || vec![("ADDRESS", known(&node.address))];
        let members = self.subject.control_planes().count().to_string();
        let api_server = if self.subject.ssh {
            self.on(node, "api-server", &script::VERIFY_API_SERVER, address(), 15)
        } else {
            let anywhere = vec![("ADDRESS", known(""))];
            self.cluster("api-server", &script::VERIFY_API_SERVER, anywhere, 15)
        };
        let mut etcd = address();
        etcd.push(("MEMBERS", known(members)));
        let checks = vec![
            api_server,
            self.on(node, "etcd", &script::VERIFY_ETCD, etcd, 10),
            self.on(node, "scheduler", &script::VERIFY_SCHEDULER, Vec::new(), 10),
            self.on(
                node,
                "controller-manager",
                &script::VERIFY_CONTROLLER_MANAGER,
                Vec::new(),
                10,
            ),
        ];
        side_by_side(self.control_plane_lane(node), checks)
    }

    /// What runs on a node, and what it reaches.
    pub(super) fn node(&self, node: &Member) -> Lane {
        let addresses: Vec<&str> = self
            .subject
            .nodes
            .iter()
            .map(|node| node.address.as_str())
            .collect();
        let ports = vec![
            ("ADDRESSES", known(addresses.join(" "))),
            ("PORT", Value::Fact(NODE_PORT.into())),
        ];
        let node_port = if self.settings.from == Some(From::Workstation) {
            self.not_here("node-port", t!("verify.skip-from-workstation"))
        } else {
            self.on(node, "node-port", &script::VERIFY_NODE_PORT, ports, 10)
        };
        let network = self.subject.pod_network.clone().unwrap_or_default();
        let checks = vec![
            self.on(node, "kubelet", &script::VERIFY_KUBELET, Vec::new(), 10),
            self.on(node, "runtime", &script::VERIFY_RUNTIME, self.runtime(), 10),
            self.on(node, "certificates", &script::VERIFY_CERTIFICATES, Vec::new(), 5),
            self.on(node, "disk", &script::VERIFY_DISK, Vec::new(), 5),
            self.on(
                node,
                "pod-network",
                &script::VERIFY_POD_NETWORK,
                vec![
                    ("NODE", known(&node.name)),
                    ("NODES", known(self.subject.lines())),
                    ("NETWORK", known(network)),
                ],
                10,
            ),
            self.on(node, "kube-proxy", &script::VERIFY_KUBE_PROXY, Vec::new(), 20),
            after(node_port, self.traffic().into_iter().chain([id("pod", "expose")])),
        ];
        side_by_side(node.name.as_str(), checks)
    }

    /// The runtime and where it is asked; nodes that are reached are of a cluster that kprov made.
    fn runtime(&self) -> Vec<(&'static str, Value)> {
        let runtime = self.subject.runtime.as_ref();
        let (name, socket) = runtime.map_or(("", ""), |(runtime, socket)| (runtime.name(), socket.as_str()));
        vec![("RUNTIME", known(name)), ("SOCKET", known(socket))]
    }

    /// What has to hold before packets can find their way: what fails there is not blamed on anything else.
    pub(super) fn traffic(&self) -> Vec<StepId> {
        if !self.subject.ssh {
            return Vec::new();
        }
        let both = |node: &Member| ["pod-network", "kube-proxy"].map(|step| id(node.name.as_str(), step));
        self.subject.nodes.iter().flat_map(both).collect()
    }

    /// A check that needs the API server.
    pub(super) fn after_api(&self, check: Step) -> Step {
        let api = |node| id(self.control_plane_lane(node), "api-server");
        after(check, self.only_control_plane().map(api))
    }

    /// A check that needs the scheduler and the controller manager.
    pub(super) fn after_control_plane(&self, check: Step) -> Step {
        let node = self.only_control_plane();
        let lane = node.map(|node| self.control_plane_lane(node));
        let both = |lane: String| ["scheduler", "controller-manager"].map(|step| id(&lane, step));
        let gates = lane.filter(|_| self.subject.ssh).map(both).into_iter().flatten();
        self.after_api(after(check, gates))
    }

    /// The control plane, if there is one only: of several the others do the work of one that is down.
    fn only_control_plane(&self) -> Option<&Member> {
        let mut all = self.subject.control_planes();
        all.next().filter(|_| all.next().is_none())
    }

    fn control_plane_lane(&self, node: &Member) -> String {
        match self.only_control_plane() {
            Some(_) => "control-plane".to_owned(),
            None => format!("control-plane-{}", node.name),
        }
    }

    /// A check that cannot be made, and why.
    pub(super) fn not_here(&self, name: &str, why: String) -> Step {
        self.with(name, Action::Skip(why))
    }
}
