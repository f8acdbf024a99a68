//! `kprov verify` of some checks, from one side, again and again, with an instructor's own, two at a time, interrupted,
//! and killed while a node stops.

use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::{Folder, kprov};

/// All of it.
pub(super) fn in_parts(lab: &Folder) {
    some_checks_from_one_side(lab);
    two_at_once(lab);
    interrupted(lab);
    watched(lab);
    graded(lab);
    killed_while_a_node_stops(lab);
}

fn some_checks_from_one_side(lab: &Folder) {
    let only = "pod/workstation,w1-k8s/node-port,w1-k8s/disk,nodes/ready";
    lab.kprov(&[
        "verify",
        "--only",
        only,
        "--skip",
        "disk",
        "--from",
        "workstation",
        "--timeout",
        "60",
    ])
    .exits(0);
    let report = lab.report();
    assert_eq!(mark(&report, "pod/workstation"), ("ok", String::new()));
    assert_eq!(mark(&report, "pod/namespace").0, "ok", "what it needs");
    assert_eq!(mark(&report, "w1-k8s/disk").1, "left out by --skip");
    assert!(mark(&report, "w1-k8s/node-port").1.contains("--from workstation"));
    assert!(find(&report, "dns/dns").is_none() && find(&report, "w2-k8s/disk").is_none());

    lab.kprov(&["verify", "--only", only, "--from", "nodes"]).exits(0);
    let report = lab.report();
    assert_eq!(mark(&report, "w1-k8s/node-port").0, "ok");
    assert!(mark(&report, "pod/workstation").1.contains("--from nodes"));
}

/// Two verifications leave each other alone, and remove what nobody has said a word of for a while.
fn two_at_once(lab: &Folder) {
    let kubectl = |arguments: &str| {
        lab.on(
            "m-k8s",
            &format!("kubectl --kubeconfig /etc/kubernetes/admin.conf {arguments}"),
        )
    };
    kubectl("create namespace kprov-verify-left");
    kubectl("label namespace kprov-verify-left app.kubernetes.io/managed-by=kprov kprov.io/verify=left");
    let runs = [(); 2].map(|()| {
        let mut run = lab.command(kprov(), &["verify", "--only", "pod,jobs"]);
        run.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
    });
    for run in runs {
        let said = run.wait_with_output().unwrap();
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    }
    let left = kubectl("get namespaces -o name");
    assert!(!left.contains("kprov"), "{left}");
}

/// Ctrl-C while the samples run: they are deleted all the same.
fn interrupted(lab: &Folder) {
    let mut run = lab
        .command(kprov(), &["verify", "--only", "pod,deployment"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let kubectl = "kubectl --kubeconfig /etc/kubernetes/admin.conf";
    wait("a pod of the samples", 60, || {
        let pods = lab.on(
            "m-k8s",
            &format!("{kubectl} get pods -A -o name --field-selector metadata.name=nginx"),
        );
        !pods.is_empty()
    });
    let _ = kill_process(Pid::from_child(&run), Signal::INT);
    wait("its end", 90, || run.try_wait().unwrap().is_some());
    assert_eq!(run.wait().unwrap().code(), Some(130));
    let left = lab.on("m-k8s", &format!("{kubectl} get namespaces -o name"));
    assert!(!left.contains("kprov"), "{left}");
}

/// Again every second, until somebody closes a node, and until Ctrl-C.
fn watched(lab: &Folder) {
    let said = lab.dir.join("watch");
    let mut watch = lab
        .command(
            kprov(),
            &["verify", "--only", "nodes/schedulable", "--watch", "1"],
        )
        .stdout(Stdio::null())
        .stderr(fs::File::create(&said).unwrap())
        .spawn()
        .unwrap();
    let kubectl = "kubectl --kubeconfig /etc/kubernetes/admin.conf";
    let changes = |words: &str| {
        let text = fs::read_to_string(&said).unwrap();
        text.lines().filter(|line| line.contains(words)).count()
    };
    wait("the first time", 60, || changes("nothing changed") > 0);
    lab.on("m-k8s", &format!("{kubectl} cordon w1-k8s"));
    wait("the node that is closed", 60, || {
        changes("nodes/schedulable: ok -> ") == 1
    });
    lab.on("m-k8s", &format!("{kubectl} uncordon w1-k8s"));
    wait("the node that is open again", 60, || {
        changes(" -> ok (2 nodes take pods)") == 1
    });
    let _ = kill_process(Pid::from_child(&watch), Signal::INT);
    wait("its end", 60, || watch.try_wait().unwrap().is_some());
    fs::remove_file(&said).unwrap();
}

const LABS: &str = r#"
[[check]]
name = "nodes"
verify = "nodes/ready"
points = 10

[[check]]
name = "command"
command = "kubectl get nodes -o name"
expect = "node/w2-k8s"
points = 20

[[check]]
name = "field"
object = "deployment/coredns"
namespace = "kube-system"
field = "{.spec.replicas}"
expect = "2"
points = 30

[[check]]
name = "wrong-field"
object = "deployment/coredns"
namespace = "kube-system"
field = "{.spec.replicas}"
expect = "77"
seconds = 1
points = 3

[[check]]
name = "request"
request = "http://192.168.56.10:10249/"
seconds = 1
points = 4
"#;

fn graded(lab: &Folder) {
    let file = lab.dir.join("labs.toml");
    fs::write(&file, LABS).unwrap();
    lab.kprov(&["verify", "--only", "nodes/ready", "--grade", "labs.toml"])
        .exits(4);
    let report = lab.report();
    assert_eq!(
        (&report["score"]["earned"], &report["score"]["of"]),
        (&60.into(), &67.into())
    );
    assert_eq!(mark(&report, "labs/wrong-field").0, "fail");

    let good = LABS.split("[[check]]\nname = \"wrong-field\"").next().unwrap();
    fs::write(&file, good).unwrap();
    lab.kprov(&["verify", "--only", "nodes/ready", "--grade", "labs.toml"])
        .exits(0);
    let report = lab.report();
    assert_eq!(
        (&report["score"]["earned"], &report["score"]["of"]),
        (&60.into(), &60.into())
    );
    fs::remove_file(&file).unwrap();
}

/// kprov is killed while it stops a node, and Vagrant goes on with that; the next verification starts the node before
/// anything else.
fn killed_while_a_node_stops(lab: &Folder) {
    let disruptive = ["verify", "--disruptive", "--only", "disruptive"];
    let mut first = lab.command(kprov(), &disruptive).spawn().unwrap();
    let note = lab.state("stopped-by-verify");
    wait("the node is about to stop", 120, || note.exists());
    std::thread::sleep(Duration::from_millis(500));
    first.kill().unwrap();
    first.wait().unwrap();
    assert!(note.exists());
    lab.kprov(&["verify", "--only", "w2-k8s/kubelet,pod/namespace"])
        .exits(0)
        .says("stopped w2-k8s and was killed");
    assert!(!note.exists());
    assert_eq!(mark(&lab.report(), "w2-k8s/kubelet").0, "ok");
}

fn find<'a>(report: &'a Value, check: &str) -> Option<&'a Value> {
    let (lane, step) = check.split_once('/').unwrap();
    let mut rows = report["rows"].as_array().unwrap().iter();
    rows.find(|row| row["lane"] == lane && row["step"] == step)
}

/// How a check came out, and why it was skipped.
#[track_caller]
fn mark<'a>(report: &'a Value, check: &str) -> (&'a str, String) {
    let row = find(report, check).unwrap_or_else(|| panic!("no {check} in {report:#}"));
    let mark = row["mark"].as_str().unwrap();
    let seen = row["seen"].as_str().unwrap_or_default();
    (
        mark,
        if mark == "skip" {
            seen.to_owned()
        } else {
            String::new()
        },
    )
}

#[track_caller]
fn wait(what: &str, seconds: u64, mut is_so: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(
            started.elapsed() < Duration::from_secs(seconds),
            "not within {seconds} s: {what}"
        );
        std::thread::sleep(Duration::from_millis(200));
    }
}
