//! The whole life of a cluster: killed in the middle of its making, continued, proven, broken, healed, removed.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use kprov::render::{self, Manifest};
use kprov::spec::{self, Computer};

use super::{Folder, faults, kprov, offers, partly, verification};

/// The project's own config, untouched.
const CONFIG: &str = include_str!("../../../cluster.toml");

#[test]
fn a_cluster_lives_and_leaves_nothing_behind() {
    let Some(lab) = Folder::new("k8s-lab", CONFIG) else {
        return;
    };
    lab.kprov(&["check"]).exits(0);

    // Killed while the control plane is made, so with two machines booting and images on their way.
    let mut first = lab.command(kprov(), &["up"]).spawn().unwrap();
    lab.wait_for_event(
        &["step-started", "m-k8s", "kubeadm-init"],
        Duration::from_secs(300),
    );
    thread::sleep(Duration::from_secs(3));
    first.kill().unwrap();
    first.wait().unwrap();
    lab.kprov(&["verify"]).exits(4);

    lab.kprov(&["up"]).exits(0).says("changed");
    lab.verified(31);
    lab.no_secret_in_logs();
    nothing_changes_and_vagrant_sleeps(&lab);
    the_course_by_hand(&lab);
    the_api_server_takes_kprov_s_manifests(&lab);
    a_lost_state_directory_loses_no_cluster(&lab);
    a_broken_worker_is_healed(&lab);
    a_ruined_cluster_is_made_anew(&lab);
    the_last_step_of_the_course(&lab);
    faults::a_few(&lab);
    a_lab_sleeps_over_the_weekend(&lab);
    verification::has_many_forms(&lab);
    offers::are_seen(&lab);
    partly::in_parts(&lab);
    verification::stops_a_worker(&lab);
    lab.kprov(&["status"]).exits(0);

    lab.kprov(&["destroy", "w2-k8s", "--yes"])
        .exits(0)
        .says("leave: changed (the cluster has no node w2-k8s)")
        .says("-w2-k8s\n");
    let left = lab.in_lab("docker", &["ps", "--all", "--quiet"]).stdout;
    assert_eq!(String::from_utf8(left).unwrap().lines().count(), 2);
    lab.kprov(&["destroy", "--yes"]).exits(0).says("machine w1-k8s");
    for list in [&["ps", "--all", "--quiet"][..], &["volume", "ls", "--quiet"]] {
        assert_eq!(lab.in_lab("docker", list).stdout, b"", "docker {list:?}");
    }
    let networks = lab
        .in_lab("docker", &["network", "ls", "--format", "{{.Name}}"])
        .stdout;
    assert_eq!(
        String::from_utf8(networks).unwrap().lines().count(),
        3,
        "docker's own three"
    );
    let left: Vec<_> = fs::read_dir(&lab.dir)
        .unwrap()
        .flatten()
        .map(|entry| entry.file_name())
        .collect();
    assert_eq!(left, ["cluster.toml"]);
    lab.kprov(&["destroy", "--yes"])
        .exits(0)
        .says("nothing to remove");
}

/// A second `up` reports every step unchanged, mints no token, and runs no Vagrant: the one on the PATH would tell.
fn nothing_changes_and_vagrant_sleeps(lab: &Folder) {
    let tools = lab.dir.join("tools");
    fs::create_dir_all(&tools).unwrap();
    let vagrant = tools.join("vagrant");
    fs::write(
        &vagrant,
        format!(
            "#!/bin/sh\necho \"$@\" >> {}\nexit 1\n",
            lab.dir.join("vagrant-called").display()
        ),
    )
    .unwrap();
    fs::set_permissions(&vagrant, fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("PATH={}:{}", tools.display(), std::env::var("PATH").unwrap());
    let again = lab
        .command("env", &[&path, &kprov().display().to_string(), "up"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&again.stderr);
    assert!(
        again.status.success() && said.contains("0 changed, 82 unchanged"),
        "{said}"
    );
    assert!(!lab.dir.join("vagrant-called").exists(), "{said}");
    fs::remove_dir_all(tools).unwrap();
    let tokens = lab.on("m-k8s", "kubeadm token list -o json");
    assert_eq!(tokens.trim(), "", "join tokens are left");
}

/// Those of pod networks and of `MetalLB` that come from no release: the API server knows every object and every field.
fn the_api_server_takes_kprov_s_manifests(lab: &Folder) {
    for cni in ["flannel", "calico"] {
        let config = format!(
            "[cluster]\nname = \"k8s-lab\"\nkubernetes = \"1.20.2\"\nprovider = \"docker\"\n\
             [network]\nnodes = \"192.168.56.0/24\"\ncni = \"{cni}\"\n\
             [load_balancer]\nimplementation = \"metallb\"\naddresses = \"192.168.56.11-192.168.56.20\"\n"
        );
        let spec = spec::parse(Path::new("cluster.toml"), &config, &Computer::default());
        let spec = spec.unwrap_or_else(|problems| panic!("{}", problems.render(false)));
        for add_on in render::add_ons(&spec).unwrap() {
            let Manifest::Own(text) = &add_on.manifest else {
                panic!("{} is a release's", add_on.name);
            };
            let kubectl = "kubectl --kubeconfig /etc/kubernetes/admin.conf";
            let (namespace, _) = add_on.workload.split_once(' ').unwrap();
            let own = namespace != "kube-system";
            if own {
                lab.on("m-k8s", &format!("{kubectl} create namespace {namespace}"));
            }
            let text = BASE64_STANDARD.encode(text);
            let taken = lab.on(
                "m-k8s",
                &format!("base64 -d <<< {text} | {kubectl} apply --dry-run=server -f -"),
            );
            assert!(taken.lines().count() > 5, "{taken}");
            if own {
                lab.on("m-k8s", &format!("{kubectl} delete namespace {namespace}"));
            }
        }
    }
}

/// What no two clusters have in common.
const UID: &str =
    "kubectl --kubeconfig /etc/kubernetes/admin.conf get namespace kube-system -o jsonpath={.metadata.uid}";

/// Without `.kprov` the machines are found again, and the cluster in them is as it was.
fn a_lost_state_directory_loses_no_cluster(lab: &Folder) {
    let before = lab.on("m-k8s", UID);
    fs::remove_dir_all(lab.dir.join(".kprov")).unwrap();
    lab.kprov(&["up", "--no-verify"])
        .exits(0)
        .says("kubeconfig: changed");
    assert_eq!(lab.on("m-k8s", UID), before, "another cluster");
}

/// What a class does to a cluster. The same machines have a new one, and nobody asks what was in the old one; then one
/// worker begins anew.
fn a_ruined_cluster_is_made_anew(lab: &Folder) {
    let before = lab.on("m-k8s", UID);
    lab.on("m-k8s", "rm -rf /etc/kubernetes");
    lab.on(
        "w1-k8s",
        "rm /var/lib/kubelet/config.yaml; systemctl stop kubelet containerd",
    );
    let machines = lab.in_lab("docker", &["ps", "--quiet"]).stdout;
    lab.kprov(&["up", "--no-verify"]).exits(1).says("`kprov reset`");
    lab.kprov(&["reset"]).exits(130).says("nothing was changed");
    lab.kprov(&["reset", "--yes"]).exits(0).says("forget: changed");
    lab.kprov(&["up", "--no-verify"])
        .exits(0)
        .says("kubeadm-init: changed");
    assert_ne!(lab.on("m-k8s", UID), before, "the old cluster");
    assert_eq!(lab.in_lab("docker", &["ps", "--quiet"]).stdout, machines);

    lab.kprov(&["reset", "w2-k8s", "--yes"])
        .exits(0)
        .says("leave: changed (the cluster has no node w2-k8s)");
    lab.kprov(&["up", "--no-verify"])
        .exits(0)
        .says("kubeadm-join: changed");
}

/// What the course types, with the kubectl and the kubeconfig that `up` names.
fn the_course_by_hand(lab: &Folder) {
    let kubectl = |arguments: &str| {
        let command = format!("kubectl --kubeconfig /etc/kubernetes/admin.conf {arguments}");
        lab.on("m-k8s", &command)
    };
    kubectl("run nginx --image=nginx:1.22-next");
    kubectl("expose pod nginx --type=NodePort --port=80");
    kubectl("wait --for=condition=Ready pod/nginx --timeout=60s");
    let port = kubectl("get service nginx -o jsonpath={.spec.ports[0].nodePort}");
    for address in ["192.168.56.10", "192.168.56.101", "192.168.56.102"] {
        let url = format!("http://{address}:{port}/");
        let page = lab.in_lab(
            "curl",
            &[
                "-sS",
                "--max-time",
                "5",
                "--retry",
                "20",
                "--retry-connrefused",
                "--retry-delay",
                "1",
                &url,
            ],
        );
        let page = String::from_utf8_lossy(&page.stdout).into_owned();
        assert!(page.contains("nginx"), "{url}: {page}");
    }
    kubectl("create deployment web --image=nginx:1.22-next");
    kubectl("scale deployment web --replicas=3");
    kubectl("rollout status deployment web --timeout=60s");
    kubectl("delete deployment/web service/nginx pod/nginx");
}

fn a_broken_worker_is_healed(lab: &Folder) {
    lab.on("w1-k8s", "systemctl stop kubelet");
    lab.on(
        "w1-k8s",
        "kubeadm reset -f >/dev/null 2>&1; rm -rf /etc/cni/net.d/*",
    );
    lab.kprov(&["status"]).exits(1).says("w1-k8s");
    lab.kprov(&["up"]).exits(0).says("kubeadm-join: changed");
    lab.verified(31);
    verification::in_korean(lab);
    let left = lab.on(
        "m-k8s",
        "kubectl --kubeconfig /etc/kubernetes/admin.conf get namespaces -o name",
    );
    assert!(!left.contains("kprov"), "{left}");
}

/// A load balancer is added to the cluster. Services answer at addresses of the pool, also when the node that
/// answered for one is gone, and no longer when they are deleted.
fn the_last_step_of_the_course(lab: &Folder) {
    let pool = "\n[load_balancer]\naddresses = \"192.168.56.11-192.168.56.99\"\n";
    fs::write(lab.dir.join("cluster.toml"), format!("{CONFIG}{pool}")).unwrap();
    lab.kprov(&["up"]).exits(0).says("4 changed, 82 unchanged");
    lab.verified(33);
    lab.kprov(&["up"]).exits(0).says("0 changed, 86 unchanged");

    let kubectl = |arguments: &str| {
        let command = format!("kubectl --kubeconfig /etc/kubernetes/admin.conf {arguments}");
        lab.on("m-k8s", &command)
    };
    kubectl("create deployment web --image=nginx:1.22-next --replicas=4");
    kubectl("rollout status deployment web --timeout=60s");
    kubectl("expose deployment web --name=one --type=LoadBalancer --port=80");
    within(10, "one has the first address", || {
        kubectl("get service one -o jsonpath={.status.loadBalancer.ingress[*].ip}") == "192.168.56.11"
    });
    kubectl(
        "expose deployment web --name=two --type=LoadBalancer --port=80 --load-balancer-ip=192.168.56.40",
    );
    kubectl("expose deployment web --name=three --type=LoadBalancer --port=80");
    for (service, address) in [("two", "192.168.56.40"), ("three", "192.168.56.12")] {
        let ask = format!("get service {service} -o jsonpath={{.status.loadBalancer.ingress[*].ip}}");
        within(10, service, || kubectl(&ask) == address);
        within(10, address, || answers(lab, address));
    }
    within(10, "192.168.56.11", || answers(lab, "192.168.56.11"));

    let holder = kubectl("get service one -o jsonpath={.metadata.labels.kprov\\\\.io/answered-by}");
    let machine = format!("k8s-lab-{holder}");
    assert!(holder.starts_with('w'), "{holder}");
    assert!(
        lab.in_lab("docker", &["stop", "--time", "1", &machine])
            .status
            .success()
    );
    within(15, "another node answers", || answers(lab, "192.168.56.11"));

    kubectl("delete service one");
    // Of the node that holds it now nothing else is asked for, and so its kernel says that nobody has it.
    within(10, "192.168.56.11 is gone", || {
        let held = |node: &&str| lab.on(node, "ip -4 -o addr").contains("192.168.56.11/32");
        !["m-k8s", "w1-k8s", "w2-k8s"]
            .iter()
            .filter(|node| **node != holder)
            .any(held)
    });
    assert!(!answers(lab, "192.168.56.11"));
    kubectl("delete service/two service/three deployment/web");
    lab.kprov(&["up", "--no-verify"]).exits(0).says("boot: changed");
}

/// All machines off on Friday, on again on Monday with the cluster that was in them and what ran there.
fn a_lab_sleeps_over_the_weekend(lab: &Folder) {
    let before = lab.on("m-k8s", UID);
    let kubectl = |arguments: &str| {
        let command = format!("kubectl --kubeconfig /etc/kubernetes/admin.conf {arguments}");
        lab.on("m-k8s", &command)
    };
    kubectl("create deployment web --image=nginx:1.22-next --replicas=2");
    kubectl("rollout status deployment web --timeout=60s");
    kubectl("expose deployment web --type=LoadBalancer --port=80");
    within(10, "192.168.56.11", || answers(lab, "192.168.56.11"));
    lab.kprov(&["halt"]).exits(0).says("m-k8s, w1-k8s, w2-k8s");
    let running = lab.in_lab("docker", &["ps", "--quiet"]).stdout;
    assert_eq!(running, b"", "machines run");
    lab.kprov(&["status"])
        .exits(1)
        .says("switched off")
        .says("kprov resume switches m-k8s, w1-k8s, w2-k8s on");

    lab.kprov(&["resume"]).exits(0);
    lab.kprov(&["status"]).exits(0);
    assert_eq!(lab.on("m-k8s", UID), before, "another cluster");
    within(60, "192.168.56.11 again", || answers(lab, "192.168.56.11"));
    kubectl("delete deployment/web service/web");
}

/// Whether nginx's page comes from an address, asked for from this computer.
fn answers(lab: &Folder, address: &str) -> bool {
    let url = format!("http://{address}/");
    let page = lab.in_lab("curl", &["-sS", "--max-time", "1", &url]);
    String::from_utf8_lossy(&page.stdout).contains("Welcome to")
}

/// Waits until something is so.
#[track_caller]
fn within(seconds: u64, what: &str, mut is_so: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(
            started.elapsed() < Duration::from_secs(seconds),
            "not within {seconds} s: {what}"
        );
        thread::sleep(Duration::from_millis(200));
    }
    eprintln!("{what}: {:.1} s", started.elapsed().as_secs_f32());
}
