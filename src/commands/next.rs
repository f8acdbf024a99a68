//! What a user does next, as commands to type.

use super::kubeconfig;
use super::lab::Lab;
use crate::cli::Global;
use crate::platform;
use crate::t;

/// With a file that was just written.
pub(super) fn after_init(global: &Global) -> Vec<String> {
    vec![
        t!("next.doctor", command = typed(global, "doctor")),
        t!("next.up", command = typed(global, "up")),
    ]
}

/// With a finished cluster.
pub(super) fn after_up(lab: &Lab, global: &Global) -> Vec<String> {
    let path = lab.workdir.path(kubeconfig::FILE).display().to_string();
    let login = format!("ssh {}", lab.spec.first_control_plane().name);
    let mut next = vec![
        t!("next.login", command = typed(global, &login)),
        t!("next.explain", command = typed(global, "verify --explain")),
    ];
    if let Some(image) = lab.spec.artifacts.images.first() {
        next.push(t!("next.own-image", image = image));
    } else if lab.pack.is_some() {
        // Without the internet `kubectl run nginx --image=nginx` waits for a registry.
        next.push(t!("next.image", image = lab.spec.verify.image));
    }
    // Of no use without one.
    if platform::program(&["kubectl"]).is_some() {
        next.insert(
            0,
            t!(
                "next.kubectl",
                command = platform::set_variable("KUBECONFIG", &path)
            ),
        );
    }
    next
}

/// With a cluster that is up and does not work.
pub(super) fn after_failed_proof(global: &Global) -> Vec<String> {
    vec![
        t!("next.mend", command = typed(global, "up")),
        t!("next.anew", command = typed(global, "reset")),
    ]
}

/// A command of kprov for this config file.
pub(super) fn typed(global: &Global, what: &str) -> String {
    match global.file.to_str() {
        Some("cluster.toml") => format!("kprov {what}"),
        _ => format!(
            "kprov -f {} {what}",
            platform::word(&global.file.display().to_string())
        ),
    }
}
