//! Many verifications, a third of them killed at a random moment: nothing of them is left once a last one has ended.

use std::thread;
use std::time::Duration;

use super::{Folder, kprov};
use crate::tools;

#[test]
fn killed_verifications_leave_nothing_once_one_has_ended() {
    let runs = std::env::var("KPROV_KILLED_RUNS").ok();
    let Some(runs) = runs.and_then(|runs| runs.parse::<usize>().ok()) else {
        tools::skip(
            "killed",
            "KPROV_KILLED_RUNS is not set (a quarter of an hour for 50)",
        );
        return;
    };
    let Some(lab) = Folder::new("k8s-lab", include_str!("../../../cluster.toml")) else {
        return;
    };
    lab.kprov(&["up", "--no-verify"]).exits(0);
    a_third_is_killed(&lab, runs);
    lab.kprov(&["destroy", "--yes"]).exits(0);
}

/// Verifies so many times, kills every third run, and looks for what is left after one more.
pub(super) fn a_third_is_killed(lab: &Folder, runs: usize) {
    let mut dice = u64::from(std::process::id());
    for run in 0..runs {
        if run % 3 != 1 {
            lab.kprov(&["verify", "--only", "pod"]).exits(0);
            continue;
        }
        let mut child = lab
            .command(kprov(), &["verify", "--only", "pod,deployment,pods"])
            .spawn()
            .unwrap();
        // A linear congruential generator of Knuth's: random enough for a moment within 20 seconds.
        dice = dice
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let moment = Duration::from_millis(500 + (dice >> 33) % 20_000);
        thread::sleep(moment);
        let _ = child.kill();
        let status = child.wait().unwrap();
        eprintln!("run {run}: {status} at {:.1} s", moment.as_secs_f32());
    }
    lab.kprov(&["verify", "--only", "pod"]).exits(0);
    let left = lab.on(
        "m-k8s",
        "export KUBECONFIG=/etc/kubernetes/admin.conf; set -euo pipefail
        kubectl get namespaces -o name | { grep kprov- || true; }
        for kind in $(kubectl api-resources --verbs=list,delete -o name | grep -v ^events); do
            kubectl get $kind -A -l app.kubernetes.io/managed-by=kprov -o name
        done",
    );
    assert_eq!(left, "", "objects are left after {runs} runs");
}
