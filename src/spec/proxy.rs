//! How kube-proxy works, and what it does not go together with.

use super::diagnostic::Diagnostic;
use super::document::{At, Section};
use super::words::one_of;
use super::{Implementation, KubernetesVersion, LoadBalancer, ProxyMode};
use crate::{t, versions};

pub(super) fn read(section: &Section<'_>, problems: &mut Vec<Diagnostic>) -> Option<At<ProxyMode>> {
    if !section.has("kube_proxy") {
        return Some(At::default_of(ProxyMode::Iptables));
    }
    let written = section.text("kube_proxy")?;
    let mode = match one_of(
        "kube_proxy",
        &written,
        &["iptables", "nftables", "ipvs"],
        problems,
    )? {
        "nftables" => ProxyMode::Nftables,
        "ipvs" => ProxyMode::Ipvs,
        _ => ProxyMode::Iptables,
    };
    Some(written.with(mode))
}

/// What the mode needs of the rest of the file.
pub(super) fn check(
    mode: &At<ProxyMode>,
    kubernetes: Option<KubernetesVersion>,
    pool: Option<LoadBalancer>,
    problems: &mut Vec<Diagnostic>,
) {
    let help = t!("spec.write", line = "kube_proxy = \"iptables\"");
    let place = mode.place_or(&(0..0));
    let finished = |row: &versions::Row| row.kube_proxy.iter().any(|mode| mode == "nftables");
    let old = kubernetes.filter(|version| !finished(versions::row(version.minor)));
    if let (ProxyMode::Nftables, Some(version)) = (mode.value, old) {
        let message = t!("spec.nftables", version = version);
        let first = versions::rows().iter().find(|row| finished(row));
        let first = first.map(|row| format!("1.{}", row.minor));
        let label = t!("spec.nftables-here", first = first.unwrap_or_default());
        problems.push(
            Diagnostic::new(place, message, label)
                .why(t!("spec.nftables-why"))
                .help(help),
        );
    } else if mode.value == ProxyMode::Ipvs
        && pool.is_some_and(|pool| pool.implementation == Implementation::Kprov)
    {
        let label = t!("spec.ipvs-here");
        problems.push(
            Diagnostic::new(place, t!("spec.ipvs"), label)
                .why(t!("spec.ipvs-why"))
                .help(help),
        );
    }
}
