//! The config file that `kprov init` writes.

use super::Computer;
use super::computer::is_host_only;
use super::ranges::{LIBVIRT_MANAGEMENT, Purpose, VIRTUALBOX_NAT};
use crate::cli::Profile;
use crate::names::ClusterName;

/// The file's text, with a mark for every value.
const TEMPLATE: &str = include_str!("../../templates/init/cluster.toml");

/// The course's own cluster.
const COURSE: &str = include_str!("../../examples/course.toml");
/// The same with Docker.
const COURSE_DOCKER: &str = include_str!("../../examples/course-docker.toml");
/// The same on a current Kubernetes.
const COURSE_TODAY: &str = include_str!("../../examples/course-today.toml");

/// The config file of a profile: an example, with this name. Its addresses are the course's on every computer.
#[must_use]
pub fn profile(profile: Profile, name: &ClusterName) -> String {
    let (text, own) = match profile {
        Profile::Course => (COURSE, "name = \"course\""),
        Profile::CourseDocker => (COURSE_DOCKER, "name = \"course-docker\""),
        Profile::CourseToday => (COURSE_TODAY, "name = \"course-today\""),
    };
    text.replacen(own, &format!("name = \"{name}\""), 1)
}

/// A config file for the smallest useful lab on this computer, with comments.
///
/// Its ranges avoid every network that the computer is attached to, as far as there are free ones.
/// [`parse`](super::parse) accepts it on the same computer then.
#[must_use]
pub fn init(name: &ClusterName, computer: &Computer) -> String {
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
    TEMPLATE
        .replace("@NAME@", name.as_str())
        .replace("@NODES@", &nodes.to_string())
        .replace("@PODS@", &pods.to_string())
        .replace("@SERVICES@", &services.to_string())
}
