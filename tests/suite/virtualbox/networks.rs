//! Host-only networks of the pretend `VirtualBox`: bridges of the namespace that it runs in.
//!
//! Those of a Mac (`hostonlynet`, from `VirtualBox` 7 on) are not recorded: they are as its manual and what Vagrant reads
//! of them say.

use std::process::Command;

use super::answer::{Answer, Result, failed, wrong};
use super::state::{Home, Interface};

/// An interface as `list hostonlyifs` shows it.
pub fn shown(interface: &Interface) -> String {
    let number: u8 = interface.name.trim_start_matches("vboxnet").parse().unwrap_or(0);
    format!(
        "Name:            {name}\nGUID:            786f6276-656e-4074-8000-0a00270000{number:02x}\n\
         DHCP:            Disabled\nIPAddress:       {address}\nNetworkMask:     {netmask}\n\
         IPV6Address:     \nIPV6NetworkMaskPrefixLength: 0\nHardwareAddress: 0a:00:27:00:00:{number:02x}\n\
         MediumType:      Ethernet\nWireless:        No\nStatus:          Up\n\
         VBoxNetworkName: HostInterfaceNetworking-{name}\n\n",
        name = interface.name,
        address = interface.address,
        netmask = interface.netmask,
    )
}

pub fn call(home: &Home, arguments: &[&str]) -> Result {
    match arguments {
        ["create"] => home.change(|state| {
            let number = (0..100)
                .find(|number| {
                    !state
                        .interfaces
                        .iter()
                        .any(|other| other.name == format!("vboxnet{number}"))
                })
                .unwrap_or(0);
            let name = format!("vboxnet{number}");
            ip(&["link", "add", "name", &name, "type", "bridge"]);
            ip(&["link", "set", &name, "up"]);
            let out = format!("Interface '{name}' was successfully created\n");
            state.interfaces.push(Interface {
                device: name.clone(),
                name,
                address: String::new(),
                netmask: String::new(),
            });
            Ok(Answer::done(out))
        }),
        ["ipconfig", name, "--ip", address, "--netmask", netmask] => home.change(|state| {
            let net: ipnet::Ipv4Net = "192.168.56.0/21".parse().unwrap();
            let parsed = address.parse().map_err(|_| wrong("Invalid IP address"))?;
            if !net.contains(&std::net::Ipv4Addr::clone(&parsed)) {
                return Err(failed(
                    "Code E_ACCESSDENIED (0x80070005) - Access denied (extended info not available)",
                    "E_ACCESSDENIED (0x80070005)",
                    "HostNetworkInterfaceWrap",
                ));
            }
            let mask = netmask.parse().map_err(|_| wrong("Invalid netmask"))?;
            let with_prefix =
                ipnet::Ipv4Net::with_netmask(parsed, mask).map_err(|_| wrong("Invalid netmask"))?;
            let interface = state.interfaces.iter_mut().find(|other| other.name == *name);
            let interface = interface.ok_or_else(|| wrong(&format!("Interface '{name}' was not found")))?;
            (*address).clone_into(&mut interface.address);
            (*netmask).clone_into(&mut interface.netmask);
            ip(&["addr", "replace", &with_prefix.to_string(), "dev", name]);
            Ok(Answer::default())
        }),
        ["remove", name] => home.change(|state| {
            state.interfaces.retain(|other| other.name != *name);
            ip(&["link", "del", name]);
            Ok(Answer::done(""))
        }),
        _ => Err(wrong("Invalid parameter")),
    }
}

/// A network as `list hostonlynets` shows it.
pub fn shown_on_a_mac(network: &Interface) -> String {
    let Interface {
        name,
        address,
        netmask,
        ..
    } = network;
    format!(
        "Name:            {name}\nGUID:            5a1d0c6e-1b1e-4f6f-8f5c-0c7e1a2b3c4d\nState:           Enabled\n\
         NetworkMask:     {netmask}\nLowerIP:         {address}\nUpperIP:         {address}\n\
         VBoxNetworkName: hostonly-{name}\n\n"
    )
}

/// `hostonlynet`, which a Mac has.
pub fn call_on_a_mac(home: &Home, arguments: &[&str]) -> Result {
    match arguments {
        [
            "add",
            "--name",
            name,
            "--netmask",
            netmask,
            "--lower-ip",
            lower,
            "--upper-ip",
            _,
        ] => home.change(|state| {
            let lower_ip = lower.parse().map_err(|_| wrong("Invalid IP address"))?;
            let mask = netmask.parse().map_err(|_| wrong("Invalid netmask"))?;
            let net = ipnet::Ipv4Net::with_netmask(lower_ip, mask).map_err(|_| wrong("Invalid netmask"))?;
            let device = format!("bridge1{:02}", state.interfaces.len());
            ip(&["link", "add", "name", &device, "type", "bridge"]);
            ip(&["link", "set", &device, "up"]);
            // The Mac itself has the first address.
            let own = net.hosts().next().unwrap_or(lower_ip);
            let own = format!("{own}/{}", net.prefix_len());
            ip(&["addr", "replace", &own, "dev", &device]);
            state.interfaces.push(Interface {
                name: (*name).to_owned(),
                device,
                address: (*lower).to_owned(),
                netmask: (*netmask).to_owned(),
            });
            Ok(Answer::default())
        }),
        ["remove", "--name", name] => home.change(|state| {
            if let Some(gone) = state.interfaces.iter().find(|other| other.name == *name) {
                ip(&["link", "del", &gone.device]);
            }
            state.interfaces.retain(|other| other.name != *name);
            Ok(Answer::default())
        }),
        _ => Err(wrong("Invalid parameter")),
    }
}

fn ip(arguments: &[&str]) {
    let done = Command::new("ip").args(arguments).status();
    assert!(done.is_ok_and(|done| done.success()), "ip {arguments:?}");
}
