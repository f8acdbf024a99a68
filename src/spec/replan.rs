//! Moves a whole address plan to another node network, in the text of a config file.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use toml_edit::visit_mut::{VisitMut, visit_value_mut};
use toml_edit::{DocumentMut, Value};

use super::ranges::{LIBVIRT_MANAGEMENT, VIRTUALBOX_NAT, free_node_network, overlap};

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

/// A node network of the size of `size` that has no address in common with any of `taken`, nor with what providers have
/// for themselves, and that lies in one of the `allowed` ranges, where there are such.
#[must_use]
pub fn free_like(size: Ipv4Net, taken: &[Ipv4Net], allowed: Option<&[Ipv4Net]>) -> Option<Ipv4Net> {
    let taken = [taken, &[VIRTUALBOX_NAT, LIBVIRT_MANAGEMENT]].concat();
    let parts = |net: Ipv4Net| net.subnets(size.prefix_len()).into_iter().flatten();
    let usual = free_node_network(&taken).into_iter().flat_map(parts).take(1);
    let others = allowed.unwrap_or_default().iter().copied().flat_map(parts);
    usual.chain(others).find(|net| {
        let is_allowed = allowed.is_none_or(|ranges| ranges.iter().any(|range| range.contains(net)));
        is_allowed && !taken.iter().any(|other| overlap(*other, *net))
    })
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
    fn a_free_network_is_of_the_same_size_and_allowed() {
        let net = |text: &str| text.parse::<Ipv4Net>().unwrap();
        let free = |size, taken: &[&str], allowed: Option<&[&str]>| {
            let nets = |texts: &[&str]| texts.iter().map(|text| net(text)).collect::<Vec<_>>();
            let allowed = allowed.map(nets);
            free_like(net(size), &nets(taken), allowed.as_deref()).map(|net| net.to_string())
        };
        let found = |net: &str| Some(net.to_owned());
        assert_eq!(free("10.0.0.0/25", &[], None), found("192.168.56.0/25"));
        let home = ["192.168.56.0/24"];
        assert_eq!(free("10.0.0.0/24", &home, None), found("192.168.57.0/24"));
        assert_eq!(free("10.0.0.0/16", &[], None), None);
        // A networks.conf that allows something else only, in which VirtualBox has its own NAT.
        let school = ["10.0.0.0/22", "192.168.1.0/24"];
        let taken = ["10.0.0.0/24", "10.0.1.0/24"];
        assert_eq!(
            free("192.168.1.0/24", &taken, Some(&school)),
            found("10.0.3.0/24")
        );
        assert_eq!(
            free("192.168.1.0/24", &["10.0.0.0/8", "192.168.1.0/24"], Some(&school)),
            None
        );
    }
}
