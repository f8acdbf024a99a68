//! Where and as whom the nodes of a lab are reached.

use crate::commands::lab::Lab;
use crate::provider::Vagrant;
use crate::spec::{Node, Provider};
use crate::t;
use crate::transport::{Credentials, Endpoint};

/// Vagrant in the lab's folder.
pub(in crate::commands) fn vagrant(lab: &Lab) -> Vagrant {
    Vagrant::new(
        lab.provider,
        &lab.spec.name,
        &lab.workdir.path("vagrant"),
        &lab.state_id(),
    )
}

/// Where and as whom a node is logged in to.
pub(in crate::commands) fn access(lab: &Lab, node: &Node) -> (Endpoint, Credentials) {
    let at_its_address = Endpoint {
        host: node.address.to_string(),
        port: 22,
    };
    let vagrant_user = |key| Credentials {
        user: "vagrant".to_owned(),
        keys: vec![key],
        agent: false,
    };
    match (&node.host, lab.provider) {
        (Some(host), Provider::Ssh) => {
            let home = std::env::home_dir().unwrap_or_default().join(".ssh");
            let usual = ["id_ed25519", "id_ecdsa", "id_rsa"].map(|name| home.join(name));
            let keys = host
                .identity
                .clone()
                .map_or_else(|| usual.to_vec(), |key| vec![key]);
            let endpoint = Endpoint {
                host: host.host.clone(),
                port: host.port,
            };
            (
                endpoint,
                Credentials {
                    user: host.user.clone(),
                    keys,
                    agent: host.identity.is_none(),
                },
            )
        }
        (_, Provider::Docker) => (at_its_address, vagrant_user(lab.workdir.path("id_ed25519"))),
        _ => (at_its_address, vagrant_user(vagrant(lab).private_key(&node.name))),
    }
}

/// What somebody does about a node whose machine runs and whose SSH server does not.
pub(in crate::commands) fn without_server(lab: &Lab, node: &Node) -> Vec<String> {
    match &node.host {
        Some(host) if lab.provider == Provider::Ssh => {
            vec![t!("refused.host", host = host.host, port = host.port)]
        }
        _ => vagrant(lab).without_server(&node.name),
    }
}
