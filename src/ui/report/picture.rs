//! The cluster as a drawing: where things are, and which request went which way.

use serde::Serialize;

use super::{Mark, Report, Row};
use crate::plan::verify::LABS;
use crate::spec::{Role, Spec};
use crate::t;
use crate::ui::width::{cut, harmless};

/// What of a cluster is drawn.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Picture {
    /// The network of the nodes and of this computer.
    pub node_network: String,
    /// The network of the pods.
    pub pod_network: String,
    /// The nodes, control planes first.
    pub nodes: Vec<Node>,
    /// The services that the samples were reached by.
    pub services: Vec<Service>,
}

/// A node with the sample pods that ran on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Node {
    /// Its name.
    pub name: String,
    /// Its address in the node network.
    pub address: String,
    /// `control-plane` or `worker`.
    pub role: &'static str,
    /// The sample pods on it.
    pub pods: Vec<Pod>,
}

/// A sample pod.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pod {
    /// Its name.
    pub name: String,
    /// Its address in the pod network.
    pub address: String,
}

/// A service of the samples.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Service {
    /// Its type, such as `NodePort`.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// Where it is reached.
    pub at: String,
}

/// The facts that the checks publish for it: words `node/pod/address`.
const PODS: [&str; 2] = ["sample-pod", "pod-addresses"];

impl Picture {
    /// The cluster of a Spec, with what the checks published.
    #[must_use]
    pub fn of(spec: &Spec, fact: &dyn Fn(&str) -> Option<String>) -> Self {
        let pods: Vec<String> = PODS
            .into_iter()
            .filter_map(fact)
            .flat_map(|words| words.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
            .collect();
        let on = |node: &str| {
            pods.iter()
                .filter_map(|word| {
                    let mut parts = word.splitn(3, '/');
                    (parts.next() == Some(node)).then_some(())?;
                    Some(Pod {
                        name: parts.next()?.to_owned(),
                        address: parts.next()?.to_owned(),
                    })
                })
                .collect()
        };
        let nodes = spec.nodes.iter().map(|node| Node {
            name: node.name.to_string(),
            address: node.address.to_string(),
            role: match node.role {
                Role::ControlPlane => "control-plane",
                Role::Worker => "worker",
            },
            pods: on(node.name.as_str()),
        });
        let service = |kind, name: &str, fact_name: &str| {
            fact(fact_name).map(|at| Service {
                kind,
                name: name.to_owned(),
                at,
            })
        };
        Self {
            node_network: spec.network.nodes.to_string(),
            pod_network: spec.network.pods.to_string(),
            nodes: nodes.collect(),
            services: [
                service("NodePort", "nginx", "node-port"),
                service("LoadBalancer", "nginx-external", "load-balancer-address"),
            ]
            .into_iter()
            .flatten()
            .collect(),
        }
    }
}

/// The checks that are requests, in the order of the course, with the key of their way.
const WAYS: &[&str] = &[
    "workstation",
    "node-port",
    "load-balancer-reached",
    "pod-address",
    "balance",
    "pod-network",
    "dns",
];

/// A kind of request and what came of it.
#[derive(Serialize)]
struct Way {
    number: usize,
    step: &'static str,
    path: String,
    look: &'static str,
    sign: &'static str,
    seen: Vec<String>,
}

/// A box, in the units of the drawing.
#[derive(Serialize)]
struct Place {
    x: usize,
    y: usize,
    height: usize,
    middle: usize,
    bottom: usize,
    name: String,
    address: String,
    role: String,
    pods: Vec<PodPlace>,
    /// How its line to the node network and to the pod network looks.
    above: &'static str,
    below: &'static str,
}

#[derive(Serialize)]
struct PodPlace {
    x: usize,
    y: usize,
    name: String,
    address: String,
}

#[derive(Serialize)]
struct Bus {
    y: usize,
    from: usize,
    to: usize,
    /// The line of pods ends with the last node; that of nodes below the last service, where that is further.
    pods_to: usize,
    pods_y: usize,
}

#[derive(Serialize)]
struct ServicePlace {
    x: usize,
    middle: usize,
    kind: &'static str,
    name: String,
    at: String,
    look: &'static str,
    number: usize,
}

/// All that the template needs; in the user's language.
#[derive(Serialize)]
pub(super) struct Drawing {
    width: usize,
    height: usize,
    node_network: String,
    pod_network: String,
    here: &'static str,
    /// The numbers of the ways that its lines stand for; 0 for none.
    here_number: usize,
    above_number: usize,
    below_number: usize,
    buses: Vec<Bus>,
    nodes: Vec<Place>,
    services: Vec<ServicePlace>,
    ways: Vec<Way>,
}

const BOX: usize = 214;
const GAP: usize = 22;
const LEFT: usize = 36;
const IN_A_ROW: usize = 4;
const HEAD: usize = 62;
const POD: usize = 40;
/// From the top of the drawing to the first node network.
const TOP: usize = 112;

/// How a line looks: what came of the requests over it.
const fn look(mark: Option<Mark>) -> &'static str {
    match mark {
        Some(Mark::Ok) => "good",
        Some(Mark::Fail) => "bad",
        Some(Mark::Skip) | None => "unknown",
    }
}

/// The checks of a name; an instructor's own may have it as well, and are no requests that are drawn.
fn requests<'a>(report: &'a Report, step: &'a str) -> impl Iterator<Item = &'a Row> {
    let rows = report.rows.iter();
    rows.filter(move |row| row.check.step.as_str() == step && row.check.lane.as_str() != LABS)
}

/// What came of several checks together: one that failed makes it a failure, one that held counts before the skipped.
fn sum<'a>(rows: impl Iterator<Item = &'a Row>) -> Option<Mark> {
    let marks: Vec<Mark> = rows.map(|row| row.mark).collect();
    [Mark::Fail, Mark::Ok, Mark::Skip]
        .into_iter()
        .find(|mark| marks.contains(mark))
}

pub(super) fn draw(picture: &Picture, report: &Report) -> Drawing {
    let of = |step: &'static str| requests(report, step);
    let on = |node: &str, step: &'static str| {
        let node = node.to_owned();
        look(sum(of(step).filter(move |row| row.check.lane.as_str() == node)))
    };
    let mut places = Vec::new();
    let mut buses = Vec::new();
    let mut y = TOP;
    for row in picture.nodes.chunks(IN_A_ROW) {
        let most = row.iter().map(|node| node.pods.len()).max().unwrap_or_default();
        let height = HEAD + 10 + most * (POD + 6);
        for (column, node) in row.iter().enumerate() {
            places.push(place(node, column, y + 30, height, &on));
        }
        let end = |columns: usize| LEFT + columns * (BOX + GAP) - GAP / 2;
        // The services stand in the first row, beside this computer.
        let above = if buses.is_empty() {
            picture.services.len() + 1
        } else {
            0
        };
        let bus = Bus {
            y,
            from: LEFT / 2,
            to: end(row.len().max(above)),
            pods_to: end(row.len()),
            pods_y: y + 30 + height + 24,
        };
        y = bus.pods_y + 60;
        buses.push(bus);
    }
    let ways = ways(report);
    let number = |step: &str| {
        let found = ways.iter().find(|way| way.step == step);
        found.map_or(0, |way| way.number)
    };
    let columns = picture.nodes.len().clamp(3, IN_A_ROW);
    Drawing {
        width: LEFT + columns * (BOX + GAP),
        height: y.saturating_sub(24),
        node_network: picture.node_network.clone(),
        pod_network: picture.pod_network.clone(),
        here: look(sum(of("workstation"))),
        here_number: number("workstation"),
        above_number: number("node-port"),
        below_number: number("pod-network"),
        buses,
        nodes: places,
        services: picture
            .services
            .iter()
            .enumerate()
            .map(|(index, service)| {
                let x = LEFT + (index + 1) * (BOX + GAP);
                ServicePlace {
                    x,
                    middle: x + BOX / 2,
                    kind: service.kind,
                    name: service.name.clone(),
                    at: service.at.clone(),
                    look: look(sum(of(step_of(service)))),
                    number: if service.kind == "NodePort" {
                        0
                    } else {
                        number(step_of(service))
                    },
                }
            })
            .collect(),
        ways,
    }
}

/// The check that reaches a service from this computer.
fn step_of(service: &Service) -> &'static str {
    if service.kind == "NodePort" {
        "workstation"
    } else {
        "load-balancer-reached"
    }
}

fn place(
    node: &Node,
    column: usize,
    y: usize,
    height: usize,
    on: &dyn Fn(&str, &'static str) -> &'static str,
) -> Place {
    let x = LEFT + column * (BOX + GAP);
    let pods = node.pods.iter().enumerate().map(|(index, pod)| PodPlace {
        x: x + 12,
        y: y + HEAD + index * (POD + 6),
        name: cut(&harmless(&pod.name), 24).into_owned(),
        address: pod.address.clone(),
    });
    Place {
        x,
        y,
        height,
        middle: x + BOX / 2,
        bottom: y + height,
        name: cut(&harmless(&node.name), 24).into_owned(),
        address: node.address.clone(),
        role: match node.role {
            "control-plane" => t!("report.control-plane"),
            _ => t!("report.worker"),
        },
        pods: pods.collect(),
        above: on(&node.name, "node-port"),
        below: on(&node.name, "pod-network"),
    }
}

fn ways(report: &Report) -> Vec<Way> {
    let known = WAYS.iter().filter_map(|step| {
        let rows: Vec<&Row> = requests(report, step).collect();
        let mark = sum(rows.iter().copied())?;
        let mut seen: Vec<String> = rows
            .iter()
            .filter(|row| row.mark == mark)
            .map(|row| row.seen.clone())
            .collect();
        seen.dedup();
        Some((*step, mark, seen))
    });
    known
        .enumerate()
        .map(|(index, (step, mark, seen))| Way {
            number: index + 1,
            step,
            path: t!(&format!("report.way-{step}")),
            look: look(Some(mark)),
            sign: mark.sign(),
            seen,
        })
        .collect()
}
