//! `kprov versions`: what goes with each version of Kubernetes.

use crate::cli::{Format, Global};
use crate::error::{Exit, Result};
use crate::platform;
use crate::render;
use crate::spec::{self, KubernetesVersion, Provider};
use crate::t;
use crate::ui::Screen;
use crate::ui::width::{left, width};
use crate::versions::{self, CgroupV1, Row};

pub(super) fn run(global: &Global, screen: &Screen) -> Result<Exit> {
    let text = match global.format {
        Format::Text => text(),
        Format::Json => {
            let rows: Vec<_> = versions::rows().iter().map(json).collect();
            format!("{:#}\n", serde_json::Value::from(rows))
        }
    };
    screen.data(&text)?;
    Ok(Exit::Done)
}

fn version(row: &Row) -> KubernetesVersion {
    KubernetesVersion {
        minor: row.minor,
        patch: row.patch,
    }
}

/// The versions, and below them the guests.
fn text() -> String {
    let head = vec![
        "kubernetes".to_owned(),
        "kubeadm".to_owned(),
        "containerd".to_owned(),
        "docker".to_owned(),
        "cri-dockerd".to_owned(),
        t!("cli.versions-cgroup"),
        t!("boxes.kernel"),
        "kube-proxy".to_owned(),
        "images".to_owned(),
        "pause".to_owned(),
        "etcd".to_owned(),
        "coredns".to_owned(),
        "flannel".to_owned(),
        "calico".to_owned(),
        "cilium".to_owned(),
        "metallb".to_owned(),
    ];
    let mut lines = vec![head];
    lines.extend(versions::rows().iter().map(cells));
    format!("{}\n{}", table(&lines), table(&systems()))
}

/// The guests, a line each: what they start, and the boxes that are taken for them on this computer.
fn systems() -> Vec<Vec<String>> {
    let arch = platform::arch();
    let boxes = [Provider::Virtualbox, Provider::Libvirt];
    let mut lines = vec![vec![
        t!("boxes.guest"),
        "cgroup".to_owned(),
        t!("boxes.kernel"),
        "kubernetes".to_owned(),
    ]];
    lines[0].extend(boxes.map(|provider| format!("{} ({arch})", provider.name())));
    for guest in spec::guests() {
        let runs: Vec<u32> = versions::rows()
            .iter()
            .filter(|row| guest.runs(row))
            .map(|row| row.minor)
            .collect();
        let newest = versions::rows().last().map(|row| row.minor);
        let range = match runs[..] {
            // So that a new Kubernetes is no new line for every guest.
            [first, ..] if runs.last().copied() == newest => format!("1.{first}+"),
            [first, .., last] => format!("1.{first}-1.{last}"),
            [only] => format!("1.{only}"),
            [] => String::new(),
        };
        let mut line = vec![
            guest.name.clone(),
            format!("v{}", guest.cgroup),
            guest.kernel.clone(),
            range,
        ];
        for provider in boxes {
            let names: Vec<_> = guest
                .boxes(provider, arch)
                .into_iter()
                .map(|own| own.name)
                .collect();
            line.push(if names.is_empty() {
                "-".to_owned()
            } else {
                names.join(", ")
            });
        }
        lines.push(line);
    }
    lines
}

/// Columns as wide as their widest word.
fn table(lines: &[Vec<String>]) -> String {
    let columns = lines.first().map_or(0, Vec::len);
    let widest = |column: usize| lines.iter().map(|line| width(&line[column])).max();
    let widths: Vec<usize> = (0..columns).filter_map(widest).collect();
    let mut text = String::new();
    for line in lines {
        let cells = line.iter().zip(&widths).map(|(cell, width)| left(cell, *width));
        let line: Vec<_> = cells.collect();
        text.push_str(line.join("  ").trim_end());
        text.push('\n');
    }
    text
}

fn cells(row: &Row) -> Vec<String> {
    let add_ons = render::releases(version(row));
    let (from, below) = &row.containerd_range;
    let (docker_from, docker_below) = &row.docker_range;
    let cgroup = match row.cgroup_v1 {
        CgroupV1::Runs => t!("cli.versions-cgroup-runs"),
        CgroupV1::Old => t!("cli.versions-cgroup-old"),
        CgroupV1::Refused => t!("cli.versions-cgroup-refused"),
    };
    vec![
        version(row).to_string(),
        format!("{:?}", row.kubeadm).to_lowercase(),
        format!("{} (>={from} <{below})", row.containerd),
        format!("{} (>={docker_from} <{docker_below})", row.docker),
        // Before, the kubelet itself speaks to Docker.
        row.cri_dockerd.clone().unwrap_or_else(|| "-".to_owned()),
        cgroup,
        format!(">={}", row.kernel),
        row.kube_proxy.join(","),
        row.repository.clone(),
        row.pause.clone(),
        row.etcd.clone(),
        row.coredns.clone(),
        add_ons.flannel.to_owned(),
        add_ons.calico.to_owned(),
        add_ons.cilium.to_owned(),
        add_ons.metallb.to_owned(),
    ]
}

fn json(row: &Row) -> serde_json::Value {
    let mut value = serde_json::json!(row);
    let add_ons = render::releases(version(row));
    let guests = spec::guests().iter().filter(|guest| guest.runs(row));
    value["guests"] = guests.map(|guest| guest.name.as_str()).collect();
    value["kubernetes"] = version(row).to_string().into();
    value["flannel"] = add_ons.flannel.into();
    value["calico"] = add_ons.calico.into();
    value["cilium"] = add_ons.cilium.into();
    value["metallb"] = add_ons.metallb.into();
    value
}
