//! Commands that need a cluster, or the right to change it.

use std::fs::{self, File};
use std::io::Write;

use crate::place::{LAB, Place};

#[test]
fn without_a_cluster_they_say_so_and_what_to_do() {
    let place = Place::with(LAB);
    for command in [
        &["verify"][..],
        &["ssh"],
        &["ssh", "w1-k8s"],
        &["kubeconfig"],
        &["kubeconfig", "--path"],
        &["status"],
        &["reset"],
        &["reset", "w1-k8s"],
    ] {
        let said = place.kprov(command).code(1).says("hint: make it with `kprov up`");
        assert!(
            said.err.starts_with("error: ") && said.err.contains(".kprov"),
            "{}",
            said.err
        );
        assert_eq!(said.out, "", "{command:?}");
    }
    assert!(!place.path(".kprov").exists(), "they made state");
}

#[test]
fn destroy_of_nothing_is_done_at_once() {
    let place = Place::with(LAB);
    place.kprov(&["destroy"]).code(0).says("nothing to remove");
    assert!(!place.path(".kprov").exists());
}

#[test]
fn a_name_that_was_changed_in_the_file_makes_no_second_cluster() {
    let place = Place::with(LAB);
    fs::create_dir_all(place.path(".kprov/before")).unwrap();
    fs::write(place.path(".kprov/before/provider"), "ssh").unwrap();
    fs::write(place.path(".kprov/before/config-file"), "cluster.toml").unwrap();
    place
        .kprov(&["up"])
        .code(2)
        .says("now names the cluster lab, but it made before")
        .says("write name = \"before\"");
    assert!(!place.path(".kprov/lab").exists());
    for command in ["status", "ssh", "verify", "kubeconfig"] {
        place
            .kprov(&[command])
            .code(1)
            .says("this folder has another cluster: before");
    }
    place
        .kprov(&["destroy"])
        .code(0)
        .says("this folder has another cluster: before");
    assert!(place.path(".kprov/before/provider").exists());
    // Another file beside it may have made it.
    fs::write(place.path(".kprov/before/config-file"), "other.toml").unwrap();
    let said = place.kprov(&["up", "--pack", "nowhere"]).says("nowhere");
    assert!(!said.err.contains("now names"), "{}", said.err);
}

#[test]
fn what_a_finished_cluster_was_made_with_is_not_changed_under_it() {
    let place = Place::with(&LAB.replace("virtualbox", "ssh"));
    let files = [(".kprov/lab/kubeconfig", ""), (".kprov/lab/provider", "ssh")];
    for (file, text) in files {
        fs::create_dir_all(place.path(".kprov/lab")).unwrap();
        fs::write(place.path(file), text).unwrap();
    }
    let made = "kubernetes = 1.21.14\ncni = calico\npods = 172.16.0.0/16\nw1-k8s address = 192.168.59.7\n";
    fs::write(place.path(".kprov/lab/made-with"), made).unwrap();
    let said = place
        .kprov(&["up", "--dry-run"])
        .code(2)
        .says("kubernetes: the cluster has 1.21.14, the file says 1.20.2")
        .says("cni: the cluster has calico, the file says bridge")
        .says("w1-k8s address: the cluster has 192.168.59.7, the file says 192.168.59.101");
    assert!(!said.err.contains("pods:"), "{}", said.err);
    // Whatever the other cluster would lack.
    for command in ["up", "plan", "resume"] {
        let said = place.kprov(&[command, "--pack", "nowhere"]).code(2);
        said.says("kubernetes: the cluster has 1.21.14");
    }
    assert_eq!(place.read(".kprov/lab/made-with"), made);
}

#[test]
fn a_machine_that_the_file_has_no_more_is_told_of() {
    let place = Place::with(LAB);
    for node in ["w1-k8s", "w9-k8s"] {
        let machine = place.path(&format!(".kprov/lab/vagrant/.vagrant/machines/{node}/virtualbox"));
        fs::create_dir_all(&machine).unwrap();
        fs::write(machine.join("id"), "1").unwrap();
    }
    let said = place.kprov(&["up"]).says("w9-k8s is no longer in cluster.toml");
    assert!(!said.err.contains("w1-k8s is no longer"), "{}", said.err);
}

#[test]
fn one_machine_is_removed_by_name_and_a_control_plane_is_not() {
    let place = Place::with(LAB);
    fs::create_dir_all(place.path(".kprov/lab")).unwrap();
    fs::write(place.path(".kprov/lab/provider"), "virtualbox").unwrap();
    let destroy = |node| place.kprov(&["-y", "destroy", node]).code(2);
    destroy("m-k8s").says("m-k8s is a control plane, which is not removed by itself");
    destroy("w9-k8s").says("m-k8s, w1-k8s");
    let hosts = Place::with(&LAB.replace("\"virtualbox\"", "\"ssh\""));
    fs::create_dir_all(hosts.path(".kprov/lab")).unwrap();
    fs::write(hosts.path(".kprov/lab/provider"), "ssh").unwrap();
    hosts
        .kprov(&["-y", "destroy", "w1-k8s"])
        .code(2)
        .says("kprov reset w1-k8s");
}

#[test]
fn a_second_kprov_names_the_first() {
    let place = Place::with(LAB);
    fs::create_dir_all(place.path(".kprov/lab")).unwrap();
    fs::write(place.path(".kprov/lab/provider"), "virtualbox").unwrap();
    let mut lock = File::create(place.path(".kprov/lab/lock")).unwrap();
    lock.lock().unwrap();
    writeln!(lock, "kprov up, pid 4711, since yesterday").unwrap();
    for command in [&["up"][..], &["-y", "destroy"], &["-y", "reset"]] {
        let said = place.kprov(command).code(1);
        if cfg!(unix) {
            assert!(
                said.err.contains("kprov up, pid 4711, since yesterday"),
                "{}",
                said.err
            );
        }
        assert!(said.err.contains("hint: wait until it ends"), "{}", said.err);
    }
    assert!(
        place.path(".kprov/lab").exists(),
        "destroy removed what another kprov works on"
    );
}

#[test]
fn an_unanswered_question_destroys_nothing() {
    let place = Place::with(LAB);
    fs::create_dir_all(place.path(".kprov/lab")).unwrap();
    place.kprov(&["destroy"]).code(130).says("nothing was removed");
    assert!(place.path(".kprov/lab").exists());
    place
        .kprov(&["-y", "destroy"])
        .code(0)
        .says("removed the cluster lab");
    assert!(!place.path(".kprov").exists());
}

#[test]
fn an_unanswered_question_resets_nothing_and_a_control_plane_does_not_go_alone() {
    let place = Place::with(LAB);
    fs::create_dir_all(place.path(".kprov/lab")).unwrap();
    fs::write(place.path(".kprov/lab/provider"), "virtualbox").unwrap();
    fs::write(place.path(".kprov/lab/kubeconfig"), "").unwrap();
    place
        .kprov(&["reset"])
        .code(130)
        .says("Take the cluster lab off its 3 nodes?")
        .says("nothing was changed");
    place
        .kprov(&["reset", "w2-k8s"])
        .code(130)
        .says("Take w2-k8s out");
    place
        .kprov(&["-y", "reset", "m-k8s"])
        .code(2)
        .says("m-k8s is a control plane")
        .says("hint: `kprov reset` without a name");
    place
        .kprov(&["-y", "reset", "w9-k8s"])
        .code(2)
        .says("there is no node w9-k8s");
    assert!(!place.path(".kprov/lab/runs").exists(), "something was done");
    assert!(place.path(".kprov/lab/kubeconfig").exists());
}

#[test]
fn a_pack_that_is_not_there_is_said_before_anything_is_made() {
    let place = Place::with(LAB);
    place
        .kprov(&["up", "--pack", "nowhere"])
        .says("nowhere")
        .says("KPROV_PACK");
    place
        .kprov_with(&["plan"], &[("KPROV_PACK", "elsewhere")])
        .says("elsewhere");
    assert!(!place.path(".kprov").exists());
}
