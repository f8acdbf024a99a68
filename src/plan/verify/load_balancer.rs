//! The course's last step: a Service with an address of the pool, reached from this computer.

use super::checks::{Checks, after, id, side_by_side};
use super::samples::{Manifests, WELCOME, file};
use super::{From, script};
use crate::names::FactName;
use crate::plan::steps::known;
use crate::plan::{Fact, Lane, Source, Workstation};
use crate::t;

const LANE: &str = "load-balancer";
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

    /// The Service gets an address, and the address answers.
    pub(super) fn load_balancer(&self, manifests: &Manifests) -> Option<Lane> {
        let (first, last) = self.subject.pool.as_ref()?;
        let variables = vec![
            self.namespace(),
            ("MANIFEST", file(manifests, "service-load-balancer.yaml")),
            ("FIRST", known(first)),
            ("LAST", known(last)),
        ];
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
        let gates = self.traffic().into_iter().chain([id(LANE, GIVEN)]);
        Some(side_by_side(
            LANE,
            vec![after(given, [id("pod", "pod")]), after(reached, gates)],
        ))
    }
}
