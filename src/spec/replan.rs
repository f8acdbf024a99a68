//! Moves a whole address plan to another node network, in the text of a config file.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use toml_edit::visit_mut::{VisitMut, visit_value_mut};
use toml_edit::{DocumentMut, Value};

/// The text of a config file whose node network `from` is moved to `to`, of the same size: the network itself, the
/// nodes' addresses, the load balancer's pool and whatever else is an address in it keep their host parts. Comments
/// and formatting stay. `None` where the text is no TOML, or the networks differ in size.
#[must_use]
pub fn replan(text: &str, from: Ipv4Net, to: Ipv4Net) -> Option<String> {
    if from.prefix_len() != to.prefix_len() {
        return None;
    }
    let mut document: DocumentMut = text.parse().ok()?;
    Mover { from, to }.visit_document_mut(&mut document);
    Some(document.to_string())
}

/// A node network of the size of `size` that has no address in common with any of `taken`.
#[must_use]
pub fn free_like(size: Ipv4Net, taken: &[Ipv4Net]) -> Option<Ipv4Net> {
    let free = super::ranges::free_node_network(taken)?;
    free.subnets(size.prefix_len()).ok()?.next()
}

struct Mover {
    from: Ipv4Net,
    to: Ipv4Net,
}

impl Mover {
    fn address(&self, address: Ipv4Addr) -> Option<Ipv4Addr> {
        let host = u32::from(address) - u32::from(self.from.network());
        self.from
            .contains(&address)
            .then(|| Ipv4Addr::from(u32::from(self.to.network()) + host))
    }

    /// A string with every address of the old network in it moved; `None` when there is none.
    fn moved(&self, text: &str) -> Option<String> {
        if text.parse() == Ok(self.from) {
            return Some(self.to.to_string());
        }
        let is_part = |c: char| c.is_ascii_digit() || c == '.';
        let mut moved = String::new();
        let mut rest = text;
        let mut any = false;
        while !rest.is_empty() {
            let start = rest.find(is_part).unwrap_or(rest.len());
            moved.push_str(&rest[..start]);
            rest = &rest[start..];
            let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
            let word = &rest[..end];
            match word
                .parse()
                .ok()
                .filter(|it| self.from.contains(it))
                .and_then(|it| self.address(it))
            {
                Some(address) => {
                    any = true;
                    moved.push_str(&address.to_string());
                }
                None => moved.push_str(word),
            }
            rest = &rest[end..];
        }
        any.then_some(moved)
    }
}

impl VisitMut for Mover {
    fn visit_value_mut(&mut self, value: &mut Value) {
        if let Some(moved) = value.as_str().and_then(|text| self.moved(text)) {
            let decor = value.decor().clone();
            *value = Value::from(moved);
            *value.decor_mut() = decor;
        }
        visit_value_mut(self, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_parts_comments_and_formatting_stay() {
        let before = "# The course's cluster.\n[network]\nnodes   = \"192.168.1.0/24\" # the router's!\npods = \"172.16.0.0/16\"\n\
                      load_balancer = \"192.168.1.11 - 192.168.1.99\"\n\n[[node]]\nname = \"m-k8s\"   # one\naddress = \"192.168.1.10\"\n\
                      [artifacts]\nregistry_mirrors = [ \"http://192.168.1.1:5000\", \"http://192.168.2.1:5000\" ]\n";
        let after = "# The course's cluster.\n[network]\nnodes   = \"192.168.56.0/24\" # the router's!\npods = \"172.16.0.0/16\"\n\
                      load_balancer = \"192.168.56.11 - 192.168.56.99\"\n\n[[node]]\nname = \"m-k8s\"   # one\naddress = \"192.168.56.10\"\n\
                      [artifacts]\nregistry_mirrors = [ \"http://192.168.56.1:5000\", \"http://192.168.2.1:5000\" ]\n";
        let moved = replan(
            before,
            "192.168.1.0/24".parse().unwrap(),
            "192.168.56.0/24".parse().unwrap(),
        );
        assert_eq!(moved.as_deref(), Some(after));
    }

    #[test]
    fn a_free_network_is_of_the_same_size() {
        let net = |text: &str| text.parse::<Ipv4Net>().unwrap();
        assert_eq!(free_like(net("10.0.0.0/25"), &[]), Some(net("192.168.56.0/25")));
        assert_eq!(
            free_like(net("10.0.0.0/24"), &[net("192.168.56.0/24")]),
            Some(net("192.168.57.0/24"))
        );
        assert_eq!(free_like(net("10.0.0.0/16"), &[]), None);
    }
}
