//! What a cluster offers to its pods: a network, names, values, volumes, and ways to be run.

use super::checks::{Checks, after, id, side_by_side};
use super::script;
use crate::event::StepId;
use crate::plan::script::Script;
use crate::plan::steps::known;
use crate::plan::{Fact, Lane, Source, Step, Value};

/// The pods that later checks look from.
const PROBES: &str = "probes";
const SETTINGS: &str = "settings-address";

impl Checks<'_> {
    /// What these checks tell each other.
    pub(super) fn service_facts() -> [Fact; 2] {
        [
            Fact {
                name: PROBES.into(),
                source: Source::Published(id("pods", "daemonset")),
            },
            Fact {
                name: SETTINGS.into(),
                source: Source::Published(id("config", "configmap")),
            },
        ]
    }

    /// All of them, each lane for itself.
    pub(super) fn services(&self) -> Vec<Lane> {
        vec![
            self.pods(),
            self.dns(),
            self.config(),
            self.storage(),
            self.stateful(),
            self.jobs(),
            self.access(),
            side_by_side(
                "metrics",
                vec![self.after_api(self.cluster("metrics", &script::VERIFY_METRICS, Vec::new(), 15))],
            ),
        ]
    }

    /// A pod on every node, and the ways between them.
    fn pods(&self) -> Lane {
        let probes = || ("PROBES", Value::Fact(PROBES.into()));
        let ways = |check| after(check, self.after_traffic(id("pods", "daemonset")));
        // A node that is short of something takes no pod, not even of a DaemonSet: that is told once.
        let daemonset = self.with_image("daemonset", &script::VERIFY_DAEMONSET, 60);
        let daemonset = after(daemonset, [id("nodes", "pressure")]);
        let outside = vec![self.namespace(), probes()];
        let mut policy = vec![self.namespace(), self.image()];
        policy.push(probes());
        side_by_side(
            "pods",
            vec![
                daemonset,
                ways(self.sample("pod-to-pod", &script::VERIFY_POD_TO_POD, probes(), 15)),
                ways(self.sample("pod-to-service", &script::VERIFY_POD_TO_SERVICE, probes(), 15)),
                ways(self.on_first("outside", &script::VERIFY_OUTSIDE, outside, 15)),
                ways(self.cluster("network-policy", &script::VERIFY_NETWORK_POLICY, policy, 30)),
            ],
        )
    }

    /// Names.
    fn dns(&self) -> Lane {
        let domain = || vec![("DNS_DOMAIN", known(&self.subject.dns_domain))];
        // coredns takes a while after the nodes are Ready, and for ever when they are not.
        let answers = after(
            self.on_first("dns", &script::VERIFY_DNS, domain(), 60),
            [id("nodes", "ready")],
        );
        let full = |service: &str| format!("{service}.svc.{}", self.subject.dns_domain);
        let own = full(&format!("probe.{}", self.settings.namespace()));
        let name = |name: &str, host: &str, host_network: bool| {
            let mut variables = vec![self.namespace(), self.image(), ("HOST", known(host))];
            variables.push(("POD", known(format!("asks-{name}"))));
            variables.push(("HOST_NETWORK", known(host_network.to_string())));
            let check = self.cluster(name, &script::VERIFY_DNS_NAME, variables, 25);
            let gates = self.after_traffic(id("pods", "daemonset"));
            let answers = self.subject.ssh.then(|| id("dns", "dns"));
            after(check, gates.into_iter().chain(answers))
        };
        side_by_side(
            "dns",
            vec![
                answers,
                name("service-name", &own, false),
                name("short-name", "probe", false),
                name("host-network", &full("kubernetes.default"), true),
            ],
        )
    }

    fn config(&self) -> Lane {
        let run = || ("RUN", known(&self.settings.run));
        let configmap = self.cluster(
            "configmap",
            &script::VERIFY_CONFIGMAP,
            vec![self.namespace(), self.image(), run()],
            45,
        );
        let address = ("ADDRESS", Value::Fact(SETTINGS.into()));
        let secret = self.cluster(
            "secret",
            &script::VERIFY_SECRET,
            vec![self.namespace(), run(), address],
            10,
        );
        side_by_side(
            "config",
            vec![
                after(configmap, self.after_traffic(id("pod", "pod"))),
                after(secret, [id("config", "configmap")]),
            ],
        )
    }

    fn storage(&self) -> Lane {
        let volume = self.with_image("volume", &script::VERIFY_VOLUME, 45);
        side_by_side(
            "storage",
            vec![
                after(volume, self.traffic()),
                self.with_image("storage-class", &script::VERIFY_STORAGE_CLASS, 60),
            ],
        )
    }

    fn stateful(&self) -> Lane {
        let stable = self.cluster(
            "stable-name",
            &script::VERIFY_STABLE_NAME,
            vec![self.namespace()],
            // A busy kubelet takes half a minute to let the old pod go.
            90,
        );
        side_by_side(
            "stateful",
            vec![
                self.with_image("statefulset", &script::VERIFY_STATEFULSET, 60),
                after(stable, [id("stateful", "statefulset")]),
            ],
        )
    }

    fn jobs(&self) -> Lane {
        side_by_side(
            "jobs",
            vec![
                self.with_image("job", &script::VERIFY_JOB, 45),
                self.with_image("cron-job", &script::VERIFY_CRON_JOB, 10),
                self.with_image("limits", &script::VERIFY_LIMITS, 30),
            ],
        )
    }

    /// Ways into a pod that lead through the API server and the kubelet.
    fn access(&self) -> Lane {
        let step = |name, script| {
            let certificates = self.subject.control_planes().filter(|_| self.subject.ssh);
            let certificates = certificates.map(|node| id(node.name.as_str(), "certificates"));
            let check = self.cluster(name, script, vec![self.namespace()], 15);
            // The API server calls kubelets at the addresses that they are known by.
            let gates = [id("nodes", "addresses"), id("pod", "pod")];
            after(check, certificates.chain(gates))
        };
        side_by_side(
            "access",
            vec![
                step("logs", &script::VERIFY_LOGS),
                step("exec", &script::VERIFY_EXEC),
                step("port-forward", &script::VERIFY_PORT_FORWARD),
            ],
        )
    }

    /// A check that makes pods of the image; that the image runs at all was seen before.
    fn with_image(&self, name: &str, script: &'static Script, seconds: u64) -> Step {
        after(
            self.sample(name, script, self.image(), seconds),
            [id("pod", "pod")],
        )
    }

    fn image(&self) -> (&'static str, Value) {
        ("IMAGE", known(&self.subject.image))
    }

    fn after_traffic(&self, gate: StepId) -> Vec<StepId> {
        self.traffic().into_iter().chain([gate]).collect()
    }
}
