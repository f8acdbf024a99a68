//! Faults, one at a time on one real cluster: each is found by the check that should find it and by no unrelated one,
//! and its true cause is among the first two that are named.

use std::fs;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::Folder;
use crate::tools;

/// Addresses for Services too, so that one of them can be taken away.
const CONFIG: &str = concat!(
    include_str!("../../../cluster.toml"),
    "\n[load_balancer]\naddresses = \"192.168.56.11-192.168.56.99\"\n"
);

/// A fault: how it is planted and taken away, and what has to be said of it.
struct Fault {
    name: &'static str,
    /// The node, or `here` for this computer, and the commands.
    at: &'static str,
    plant: &'static str,
    heal: &'static str,
    /// The checks that fail: these and no others. The first has to.
    found_by: &'static [&'static str],
    /// Words of the true cause.
    cause: &'static str,
}

const KUBECTL: &str = "export KUBECONFIG=/etc/kubernetes/admin.conf; ";

const FAULTS: &[Fault] = &[
    Fault {
        name: "kube-proxy stopped on one node",
        at: "w1-k8s",
        plant: "kill -STOP $(pidof kube-proxy)",
        heal: "kill -CONT $(pidof kube-proxy)",
        found_by: &["w1-k8s/kube-proxy"],
        cause: "Its pod does not run",
    },
    Fault {
        name: "CoreDNS scaled to zero",
        at: "m-k8s",
        plant: "kubectl -n kube-system scale deployment coredns --replicas=0; \
                kubectl -n kube-system wait --for=delete pods -l k8s-app=kube-dns --timeout=60s",
        heal: "kubectl -n kube-system scale deployment coredns --replicas=2; \
               kubectl -n kube-system rollout status deployment coredns --timeout=60s",
        found_by: &["dns/dns"],
        cause: "coredns pods are ready",
    },
    Fault {
        name: "a pod route missing on one node",
        at: "w2-k8s",
        plant: "ip -4 route del $(ip -4 route show proto 112 via 192.168.56.101)",
        heal: "/usr/local/lib/kprov/pod-network",
        found_by: &["w2-k8s/pod-network"],
        cause: "A route is missing",
    },
    Fault {
        name: "a cordoned node",
        at: "m-k8s",
        plant: "kubectl cordon w1-k8s",
        heal: "kubectl uncordon w1-k8s",
        found_by: &["nodes/schedulable"],
        cause: "cordoned",
    },
    Fault {
        name: "a wrong node-ip",
        at: "w2-k8s",
        plant: "sed -i.before s/--node-ip=[0-9.]*// /var/lib/kubelet/kubeadm-flags.env; systemctl restart kubelet; sleep 4",
        heal: "mv /var/lib/kubelet/kubeadm-flags.env.before /var/lib/kubelet/kubeadm-flags.env; \
               systemctl restart kubelet; sleep 4",
        found_by: &["nodes/addresses"],
        cause: "another network card",
    },
    Fault {
        name: "the scheduler's manifest moved away",
        at: "m-k8s",
        plant: "mv /etc/kubernetes/manifests/kube-scheduler.yaml /root/; \
                for i in $(seq 300); do pidof kube-scheduler >/dev/null || break; sleep 0.1; done",
        heal: "mv /root/kube-scheduler.yaml /etc/kubernetes/manifests/; \
               for i in $(seq 600); do pidof kube-scheduler >/dev/null && break; sleep 0.1; done; sleep 3",
        found_by: &["control-plane/scheduler"],
        cause: "The manifest is missing",
    },
    Fault {
        // The nodes share this computer's disk, so that it is the kubelet's limit that is moved: the condition is real.
        name: "a full disk on a worker",
        at: "w2-k8s",
        plant: "cp /var/lib/kubelet/config.yaml /root/; \
                printf \"evictionSoft: {nodefs.available: 99%%}\\nevictionSoftGracePeriod: {nodefs.available: 1h}\\n\" \
                >> /var/lib/kubelet/config.yaml; systemctl restart kubelet; sleep 14",
        heal: "mv /root/config.yaml /var/lib/kubelet/config.yaml; systemctl restart kubelet; sleep 14",
        found_by: &["nodes/pressure"],
        cause: "The disk is full",
    },
    Fault {
        // One kernel, one clock: it is what the node says of it that is ten minutes ahead.
        name: "a clock 10 minutes off",
        at: "w2-k8s",
        plant: "printf \"#!/bin/sh\\nexec /usr/bin/date -d +10min \\\"\\$@\\\"\\n\" > /usr/local/bin/date; \
                chmod 755 /usr/local/bin/date",
        heal: "rm /usr/local/bin/date",
        found_by: &["nodes/clocks"],
        cause: "A clock is not kept",
    },
    Fault {
        name: "an expired certificate",
        at: "m-k8s",
        plant: "cd /etc/kubernetes/pki; cp apiserver-kubelet-client.crt /root/; \
                openssl req -new -key apiserver-kubelet-client.key -subj /O=system:masters/CN=kube-apiserver-kubelet-client \
                | openssl x509 -req -CA ca.crt -CAkey ca.key -set_serial 77 -days -1 -out apiserver-kubelet-client.crt",
        heal: "mv /root/apiserver-kubelet-client.crt /etc/kubernetes/pki/",
        found_by: &["m-k8s/certificates"],
        cause: "A certificate of the control plane has expired",
    },
    Fault {
        name: "a NodePort blocked by a firewall on one node",
        at: "w1-k8s",
        plant: "iptables -t raw -I PREROUTING -p tcp --dport 30000:32767 -j DROP",
        heal: "iptables -t raw -D PREROUTING -p tcp --dport 30000:32767 -j DROP",
        found_by: &["pod/workstation", "m-k8s/node-port", "w2-k8s/node-port"],
        cause: "a firewall on that node",
    },
    Fault {
        // The other host is this computer, which then asks itself.
        name: "a load balancer's address taken by another host",
        at: "here",
        plant: "ip address add 192.168.56.11/32 dev lo",
        heal: "ip address del 192.168.56.11/32 dev lo",
        found_by: &["load-balancer/load-balancer-reached"],
        cause: "Another host has taken the address",
    },
];

#[test]
fn planted_faults_are_found_by_their_checks() {
    if std::env::var_os("KPROV_FAULTS").is_none() {
        tools::skip("faults", "KPROV_FAULTS is not set (a quarter of an hour)");
        return;
    }
    let Some(lab) = Folder::new("k8s-lab", CONFIG) else {
        return;
    };
    lab.kprov(&["up", "--no-verify"]).exits(0);
    let (mut wrong, mut times) = (Vec::new(), Vec::new());
    let started = Instant::now();
    let status = lab.kprov(&["verify", "--timeout", "30"]);
    times.push(started.elapsed());
    if status.status != Some(0) {
        wrong.push(format!("without a fault: {}", status.text));
    }
    let chosen = std::env::var("KPROV_FAULT").unwrap_or_default();
    for fault in FAULTS.iter().filter(|fault| fault.name.contains(&chosen)) {
        lab.planted(fault.at, fault.plant);
        let said = lab.kprov(&["verify", "--timeout", "30"]);
        lab.planted(fault.at, fault.heal);
        let problem = judged(&lab, fault.found_by, fault.cause);
        eprintln!("{}: {}", fault.name, problem.as_deref().unwrap_or("found"));
        if let Some(problem) = problem {
            wrong.push(format!("{}: {problem}\n{}", fault.name, said.text));
        }
    }
    wrong.extend(an_image_that_cannot_be_pulled(&lab));
    eprintln!("verify without a fault: {times:?}");
    lab.kprov(&["destroy", "--yes"]).exits(0);
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

fn an_image_that_cannot_be_pulled(lab: &Folder) -> Option<String> {
    let image = "\n[verify]\nimage = \"nginx:no-such-tag\"\n";
    fs::write(lab.dir.join("cluster.toml"), format!("{CONFIG}{image}")).unwrap();
    let said = lab.kprov(&["verify", "--timeout", "30"]);
    fs::write(lab.dir.join("cluster.toml"), CONFIG).unwrap();
    let problem = judged(lab, &["pod/pod"], "the node cannot fetch the image");
    eprintln!(
        "an image that cannot be pulled: {}",
        problem.as_deref().unwrap_or("found")
    );
    problem.map(|problem| format!("an image that cannot be pulled: {problem}\n{}", said.text))
}

/// What is wrong with the last report: who else failed, who did not, or which cause is not among the first two.
fn judged(lab: &Folder, found_by: &[&str], cause: &str) -> Option<String> {
    let report: Value = serde_json::from_str(&fs::read_to_string(lab.state("verify.json")).unwrap()).unwrap();
    let rows = report["rows"].as_array().unwrap();
    let id = |row: &Value| {
        format!(
            "{}/{}",
            row["lane"].as_str().unwrap(),
            row["step"].as_str().unwrap()
        )
    };
    let failed: Vec<String> = rows.iter().filter(|row| row["mark"] == "fail").map(id).collect();
    if !failed.iter().any(|id| id == found_by[0]) {
        return Some(format!("{} does not fail; failed: {failed:?}", found_by[0]));
    }
    if let Some(other) = failed.iter().find(|id| !found_by.contains(&id.as_str())) {
        return Some(format!("{other} fails too"));
    }
    let row = rows.iter().find(|row| id(row) == found_by[0]).unwrap();
    let named = row["hints"].as_array().unwrap().iter().take(2);
    let is_named = named.filter_map(Value::as_str).any(|hint| hint.contains(cause));
    (!is_named).then(|| format!("\"{cause}\" is not among the first two causes: {}", row["hints"]))
}

impl Folder {
    /// Runs commands on a node, or here in the lab's network.
    fn planted(&self, at: &str, commands: &str) {
        if at == "here" {
            let said = self.in_lab("bash", &["-c", commands]);
            assert!(said.status.success(), "{commands}: {said:?}");
        } else {
            self.on(at, &format!("{KUBECTL}{commands}"));
        }
        // What an answer is kept for.
        std::thread::sleep(Duration::from_millis(500));
    }
}
