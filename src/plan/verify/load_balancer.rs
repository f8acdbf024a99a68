//! The course's last step: a Service with an address of the pool, reached from this computer.

use std::time::Duration;

use super::checks::{chain, check, id, words};
use super::samples::{Samples, WELCOME};
use crate::names::FactName;
use crate::plan::script;
use crate::plan::steps::known;
use crate::plan::{Action, Fact, Lane, Source, Step, Workstation};
use crate::spec::{Implementation, LoadBalancer, Spec};

const LANE: &str = "load-balancer";
const GIVEN: &str = "load-balancer";
const ADDRESS: &str = "load-balancer-address";

/// The pool that something gives addresses of.
fn pool(spec: &Spec) -> Option<LoadBalancer> {
    let pool = spec.network.load_balancer?;
    (pool.implementation != Implementation::None).then_some(pool)
}

/// The address that the sample's Service has.
pub(super) fn fact(spec: &Spec) -> Option<Fact> {
    pool(spec).map(|_| Fact {
        name: ADDRESS.into(),
        source: Source::Published(id(LANE, GIVEN)),
    })
}

/// The Service gets an address, and the address answers.
pub(super) fn lane(samples: &Samples<'_>) -> Option<Lane> {
    let pool = pool(samples.spec)?;
    let mut given = check(
        samples.settings,
        samples.spec.first_control_plane(),
        &script::VERIFY_LOAD_BALANCER,
        vec![
            ("NAMESPACE", known(samples.settings.namespace())),
            ("MANIFEST", known(samples.manifest("service-load-balancer.yaml"))),
            ("FIRST", known(pool.first.to_string())),
            ("LAST", known(pool.last.to_string())),
        ],
        60,
    );
    given.after = vec![id("pod", "pod")];
    Some(chain(LANE, vec![given, reached(samples)]))
}

fn reached(samples: &Samples<'_>) -> Step {
    let name = "load-balancer-reached";
    let namespace = samples.settings.namespace();
    Step {
        name: name.into(),
        title: words(name, "title", "", &namespace),
        action: Action::Workstation(Workstation::HttpGetAt {
            address: FactName::from(ADDRESS),
            expect: WELCOME.to_owned(),
        }),
        after: Vec::new(),
        once_over: Vec::new(),
        patience: Duration::from_secs(30),
        hints: vec![words(name, "try", "", &namespace)],
    }
}
