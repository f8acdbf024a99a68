//! The course's last step: a Service with an address of the pool, reached from this computer.

use super::checks::{Checks, after, id, side_by_side};
use super::samples::{Manifests, WELCOME, file};
use super::{From, script};
use crate::names::FactName;
use crate::plan::steps::known;
use crate::plan::{Fact, Lane, Source, Workstation};
use crate::t;

const LANE: &str = "load-balancer";
const POOL: &str = "pool";
const GIVEN: &str = "load-balancer";
const ADDRESS: &str = "load-balancer-address";

impl Checks<'_> {
    /// The address that the sample's Service has.
    pub(super) fn load_balancer_address(&self) -> Option<Fact> {
        self.subject.pool.as_ref().map(|_| Fact {
            name: ADDRESS.into(),
            source: Source::Published(id(LANE, GIVEN)),
        })
    }

    /// Nobody else has the addresses, the Service gets one of them, and it answers.
    pub(super) fn load_balancer(&self, manifests: &Manifests) -> Option<Lane> {
        let (first, last) = self.subject.pool.as_ref()?;
        let pool = || vec![("FIRST", known(first)), ("LAST", known(last))];
        let mut network = pool();
        network.push(("NODES", known(self.subject.lines())));
        let address = self.subject.nodes.first().map(|node| node.address.as_str());
        network.push(("ADDRESS", known(address.unwrap_or_default())));
        let alone = self.on_first(POOL, &script::VERIFY_POOL, network, 6);
        let mut variables = vec![
            self.namespace(),
            ("MANIFEST", file(manifests, "service-load-balancer.yaml")),
        ];
        variables.extend(pool());
        let given = self.cluster(GIVEN, &script::VERIFY_LOAD_BALANCER, variables, 60);
        let get = Workstation::HttpGetAt {
            address: FactName::from(ADDRESS),
            expect: WELCOME.to_owned(),
        };
        let reached = if self.settings.from == Some(From::Nodes) {
            self.not_here("load-balancer-reached", t!("verify.skip-from-nodes"))
        } else {
            self.here("load-balancer-reached", get, 20)
        };
        let free = self.subject.ssh.then(|| id(LANE, POOL));
        let given = after(given, free.into_iter().chain([id("pod", "pod")]));
        let gates = self.traffic().into_iter().chain([id(LANE, GIVEN)]);
        Some(side_by_side(LANE, vec![alone, given, after(reached, gates)]))
    }
}
