//! Fixed hardware addresses for the node network.

use sha2::{Digest, Sha256};

use crate::spec::{Node, Provider, Spec};

/// The hardware address of a node's card in the node network, such as `08:00:27:1f:00:aa`.
///
/// It is derived from the names of the cluster and the node, so a machine that is made again keeps it and
/// its neighbours' ARP entries stay true. `VirtualBox` machines have `VirtualBox`'s own prefix, others a
/// locally administered address (the bit 0x02 of the first byte; IEEE 802, section 8.4).
#[must_use]
pub fn mac(spec: &Spec, node: &Node, provider: Provider) -> String {
    let digest = Sha256::digest(format!("{}/{}", spec.name, node.name));
    let bytes = match provider {
        Provider::Virtualbox => [0x08, 0x00, 0x27, digest[0], digest[1], digest[2]],
        _ => [0x02, digest[4], digest[3], digest[0], digest[1], digest[2]],
    };
    bytes.map(|byte| format!("{byte:02x}")).join(":")
}
