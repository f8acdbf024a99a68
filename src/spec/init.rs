//! The config file that `kprov init` writes.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::Computer;
use super::computer::is_host_only;
use super::ranges::{LIBVIRT_MANAGEMENT, Purpose, VIRTUALBOX_NAT};
use crate::cli::Profile;
use crate::names::ClusterName;
use crate::text::Language;

/// The file's text with its comments in one language, and a mark for every value.
const fn template(language: Language) -> &'static str {
    match language {
        Language::En => include_str!("../../templates/init/cluster.en.toml"),
        Language::Ko => include_str!("../../templates/init/cluster.ko.toml"),
    }
}

/// The course's own cluster; in English it is the example.
const fn course(language: Language) -> &'static str {
    match language {
        Language::En => include_str!("../../examples/course.toml"),
        Language::Ko => include_str!("../../templates/init/course.ko.toml"),
    }
}

/// The same with Docker.
const fn course_docker(language: Language) -> &'static str {
    match language {
        Language::En => include_str!("../../examples/course-docker.toml"),
        Language::Ko => include_str!("../../templates/init/course-docker.ko.toml"),
    }
}

/// The same on a current Kubernetes.
const fn course_today(language: Language) -> &'static str {
    match language {
        Language::En => include_str!("../../examples/course-today.toml"),
        Language::Ko => include_str!("../../templates/init/course-today.ko.toml"),
    }
}

/// Every key, explained.
const fn all_keys(language: Language) -> &'static str {
    match language {
        Language::En => include_str!("../../examples/all-keys.toml"),
        Language::Ko => include_str!("../../templates/init/all-keys.ko.toml"),
    }
}

/// The config file of a profile: an example, with this name and with comments in this language. Its addresses are the
/// course's on every computer.
#[must_use]
pub fn profile(profile: Profile, name: &ClusterName, language: Language) -> String {
    let (text, own) = match profile {
        Profile::Course => (course(language), "name = \"course\""),
        Profile::CourseDocker => (course_docker(language), "name = \"course-docker\""),
        Profile::CourseToday => (course_today(language), "name = \"course-today\""),
        Profile::AllKeys => (all_keys(language), "name = \"all-keys\""),
    };
    text.replacen(own, &format!("name = \"{name}\""), 1)
}

/// The address of this number in a network.
fn host(net: Ipv4Net, number: u32) -> Ipv4Addr {
    Ipv4Addr::from(u32::from(net.network()) + number)
}

/// A config file for the smallest useful lab on this computer, with comments in this language.
///
/// Its ranges avoid every network that the computer is attached to, as far as there are free ones.
/// [`parse`](super::parse) accepts it on the same computer then.
#[must_use]
pub fn init(name: &ClusterName, computer: &Computer, language: Language) -> String {
    let mut taken = vec![VIRTUALBOX_NAT, LIBVIRT_MANAGEMENT];
    for interface in &computer.interfaces {
        // All labs of a computer may share a host-only network; other providers' networks are someone's own.
        let shared = is_host_only(&interface.name) && interface.net == Purpose::Nodes.default_range();
        if !shared {
            taken.push(interface.net);
        }
    }
    let mut pick = |purpose: Purpose| {
        let range = purpose.free(&taken).unwrap_or_else(|| purpose.default_range());
        taken.push(range);
        range
    };
    let nodes = pick(Purpose::Nodes);
    let pods = pick(Purpose::Pods);
    let services = pick(Purpose::Services);
    let pool = [11, 99].map(|number| host(nodes, number).to_string()).join("-");
    template(language)
        .replace("@NAME@", name.as_str())
        .replace("@POOL@", &pool)
        .replace("@NODES@", &nodes.to_string())
        .replace("@PODS@", &pods.to_string())
        .replace("@SERVICES@", &services.to_string())
}
