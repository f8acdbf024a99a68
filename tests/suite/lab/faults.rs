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
    plant: &'static [Deed],
    heal: &'static [Deed],
    /// The checks that fail: these and no others. The first has to.
    found_by: &'static [&'static str],
    /// Words of the true cause.
    cause: &'static str,
}

/// What is done, and where.
enum Deed {
    /// Commands on a node, as root, without a single quote. They end once what they do is so.
    On(&'static str, &'static str),
    /// Commands on this computer, in the lab's network.
    Here(&'static str),
    /// What cluster.toml ends with.
    Config(&'static str),
}

use Deed::{Config, Here, On};

/// Functions for the commands on nodes.
const SHELL: &str = "export KUBECONFIG=/etc/kubernetes/admin.conf; \
    until_so() { for _ in $(seq 300); do eval \"$1\" >/dev/null 2>&1 && return; sleep 0.2; done; false; }; ";

const FAULTS: &[Fault] = &[
    Fault {
        name: "kube-proxy stopped on one node",
        plant: &[On(
            "w1-k8s",
            // A node that has just come back may not have started it, or not have its rules yet.
            "until_so \"curl -sf http://127.0.0.1:10256/healthz\"; kill -STOP $(pidof kube-proxy)",
        )],
        heal: &[On("w1-k8s", "kill -CONT $(pidof kube-proxy)")],
        found_by: &["w1-k8s/kube-proxy"],
        cause: "Its pod does not run",
    },
    Fault {
        name: "CoreDNS scaled to zero",
        plant: &[On(
            "m-k8s",
            "kubectl -n kube-system scale deployment coredns --replicas=0; \
             kubectl -n kube-system wait --for=delete pods -l k8s-app=kube-dns --timeout=90s",
        )],
        heal: &[On(
            "m-k8s",
            "kubectl -n kube-system scale deployment coredns --replicas=2; \
             kubectl -n kube-system rollout status deployment coredns --timeout=90s",
        )],
        found_by: &["dns/dns"],
        cause: "coredns pods are ready",
    },
    Fault {
        name: "a pod route missing on one node",
        plant: &[On(
            "w2-k8s",
            "ip -4 route del $(ip -4 route show proto 112 via 192.168.56.101)",
        )],
        heal: &[On("w2-k8s", "/usr/local/lib/kprov/pod-network")],
        found_by: &["w2-k8s/pod-network"],
        cause: "A route is missing",
    },
    Fault {
        name: "a cordoned node",
        plant: &[On("m-k8s", "kubectl cordon w1-k8s")],
        heal: &[On("m-k8s", "kubectl uncordon w1-k8s")],
        found_by: &["nodes/schedulable"],
        cause: "cordoned",
    },
    Fault {
        // The first card's address, which VirtualBox gives to every machine.
        name: "a wrong node-ip",
        plant: &[
            On(
                "w2-k8s",
                "wrong=$(ip -4 -o addr show dev eth0 | grep -o \"inet [0-9.]*\"); \
                 sed -i.before \"s/--node-ip=[0-9.]*/--node-ip=${wrong#inet }/\" /var/lib/kubelet/kubeadm-flags.env; \
                 systemctl restart kubelet",
            ),
            On(
                "m-k8s",
                "until_so \"! kubectl get node w2-k8s -o jsonpath={.status.addresses} | grep -qF 192.168.56.102\" && \
                 until_so \"kubectl wait --for=condition=Ready node/w2-k8s --timeout=1s\"",
            ),
        ],
        heal: &[
            On(
                "w2-k8s",
                "mv /var/lib/kubelet/kubeadm-flags.env.before /var/lib/kubelet/kubeadm-flags.env; \
                 systemctl restart kubelet",
            ),
            On(
                "m-k8s",
                "until_so \"kubectl get node w2-k8s -o jsonpath={.status.addresses} | grep -qF 192.168.56.102\"",
            ),
        ],
        found_by: &["nodes/addresses"],
        cause: "another network card",
    },
    Fault {
        name: "the scheduler's manifest moved away",
        plant: &[On(
            "m-k8s",
            "mv /etc/kubernetes/manifests/kube-scheduler.yaml /root/; until_so \"! pidof kube-scheduler\"",
        )],
        heal: &[On(
            "m-k8s",
            "mv /root/kube-scheduler.yaml /etc/kubernetes/manifests/; until_so \"pidof kube-scheduler\"",
        )],
        found_by: &["control-plane/scheduler"],
        cause: "The manifest is missing",
    },
    Fault {
        name: "an image that cannot be pulled",
        plant: &[Config("\n[verify]\nimage = \"nginx:no-such-tag\"\n")],
        heal: &[Config("")],
        found_by: &["pod/pod"],
        cause: "the node cannot fetch the image",
    },
    Fault {
        // The nodes share this computer's disk, so that the kubelet gets one of its own before it is filled. A kubelet
        // that is to keep a gigabyte free does not start on less than that.
        name: "a full disk on a worker",
        plant: &[
            On(
                "w2-k8s",
                "systemctl stop kubelet; mkdir /run/kept; cd /var/lib/kubelet; \
                 cp -a config.yaml kubeadm-flags.env pki /run/kept; cd /; \
                 mount -t tmpfs -o size=1200m,mode=755 small /var/lib/kubelet; cp -a /run/kept/. /var/lib/kubelet; \
                 head -c 400M /dev/zero >/var/lib/kubelet/full; systemctl start kubelet",
            ),
            On("m-k8s", "until_so \"kubectl get node w2-k8s -o jsonpath={.spec.taints} | grep disk-pressure\""),
        ],
        heal: &[
            On(
                "w2-k8s",
                "systemctl stop kubelet; umount -R /var/lib/kubelet || umount -l /var/lib/kubelet; \
                 rm -r /run/kept; systemctl start kubelet",
            ),
            On("m-k8s", "until_so \"! kubectl get node w2-k8s -o jsonpath={.spec.taints} | grep disk-pressure\""),
        ],
        found_by: &["nodes/pressure", "w2-k8s/disk"],
        cause: "The disk is full",
    },
    Fault {
        // One kernel, one clock: it is what the node says of it that is ten minutes ahead.
        name: "a clock 10 minutes off",
        plant: &[On(
            "w2-k8s",
            "printf \"#!/bin/sh\\nexec /usr/bin/date -d +10min \\\"\\$@\\\"\\n\" > /usr/local/bin/date; \
             chmod 755 /usr/local/bin/date",
        )],
        heal: &[On("w2-k8s", "rm /usr/local/bin/date")],
        found_by: &["nodes/clocks"],
        cause: "A clock is not kept",
    },
    Fault {
        name: "an expired certificate",
        plant: &[On(
            "m-k8s",
            "cd /etc/kubernetes/pki; cp apiserver-kubelet-client.crt /root/; \
             openssl req -new -key apiserver-kubelet-client.key -subj /O=system:masters/CN=kube-apiserver-kubelet-client \
             | openssl x509 -req -CA ca.crt -CAkey ca.key -set_serial 77 -days -1 -out apiserver-kubelet-client.crt",
        )],
        // The API server reads the file again every five minutes, so it may have seen the expired one.
        heal: &[On(
            "m-k8s",
            "mv /root/apiserver-kubelet-client.crt /etc/kubernetes/pki/; \
             for _ in 1 2 3 4 5 6; do until_so \"kubectl -n kube-system logs etcd-m-k8s --tail=1\" && break; done",
        )],
        found_by: &["m-k8s/certificates"],
        cause: "A certificate of the control plane has expired",
    },
    Fault {
        name: "a NodePort blocked by a firewall on one node",
        plant: &[On(
            "w1-k8s",
            "iptables -w -t raw -I PREROUTING -p tcp --dport 30000:32767 -j DROP",
        )],
        heal: &[On(
            "w1-k8s",
            "iptables -w -t raw -D PREROUTING -p tcp --dport 30000:32767 -j DROP",
        )],
        found_by: &["pod/workstation", "m-k8s/node-port", "w2-k8s/node-port"],
        cause: "a firewall on that node",
    },
    Fault {
        name: "a load balancer's address taken by another host",
        plant: &[Here(
            "docker rm -f -v kprov-intruder >/dev/null 2>&1
             set -e
             image=$(docker inspect --format '{{.Image}}' k8s-lab-w1-k8s)
             subnets='{{.Name}} {{range .IPAM.Config}}{{.Subnet}} {{end}}'
             network=$(docker network inspect --format \"$subnets\" $(docker network ls -q) | sed -n 's,^\\(.*\\) 192.168.56.0/24 .*,\\1,p')
             docker run -d --rm --name kprov-intruder --network \"$network\" --ip 192.168.56.11 --entrypoint sleep \"$image\" 3600",
        )],
        heal: &[Here("docker rm -f -v kprov-intruder")],
        found_by: &["load-balancer/pool"],
        cause: "Another host has taken the address",
    },
];

/// What every run of the lab's tests plants, on a cluster with `load_balancer` that another test has made anyway; those
/// of a group at the same time, as none of them hides the other.
const ALWAYS: &[&[&str]] = &[&["kube-proxy", "load balancer"], &["scheduler"]];

/// A few faults, which take little time.
pub(super) fn a_few(lab: &Folder) {
    let named = |word: &&str| FAULTS.iter().find(|fault| fault.name.contains(*word)).unwrap();
    for group in ALWAYS {
        let faults: Vec<&Fault> = group.iter().map(named).collect();
        let wrong = lab.finds(&faults);
        assert!(wrong.is_none(), "{}", wrong.unwrap_or_default());
    }
}

/// All of them; with `KPROV_FAULTS=backwards` in the other order, with `KPROV_FAULT=WORD` those with that word.
#[test]
fn planted_faults_are_found_by_their_checks() {
    let Ok(order) = std::env::var("KPROV_FAULTS") else {
        tools::skip("faults", "KPROV_FAULTS is not set (a quarter of an hour)");
        return;
    };
    let Some(lab) = Folder::new("k8s-lab", CONFIG) else {
        return;
    };
    let word = std::env::var("KPROV_FAULT").unwrap_or_default();
    let mut faults: Vec<&Fault> = FAULTS.iter().filter(|fault| fault.name.contains(&word)).collect();
    if order == "backwards" {
        faults.reverse();
    }
    assert!(!faults.is_empty(), "no fault has \"{word}\" in its name");

    lab.kprov(&["up", "--no-verify"]).exits(0);
    lab.kprov(&["verify"]).exits(0);
    let wrong: Vec<String> = faults
        .into_iter()
        .filter_map(|fault| lab.finds(&[fault]))
        .collect();
    let (found, healed) = (wrong.is_empty(), lab.kprov(&["verify"]));
    lab.kprov(&["destroy", "--yes"]).exits(0);
    assert!(found, "{}", wrong.join("\n\n"));
    healed.exits(0);
}

/// What is wrong with the last report: which check of the fault's did not fail, or which cause is not among the first
/// two, or who failed beside those of `all` faults.
fn judged(report: &Value, fault: &Fault, all: &[&Fault]) -> Option<String> {
    let rows = report["rows"].as_array().unwrap();
    let id = |row: &Value| {
        format!(
            "{}/{}",
            row["lane"].as_str().unwrap(),
            row["step"].as_str().unwrap()
        )
    };
    let failed: Vec<String> = rows.iter().filter(|row| row["mark"] == "fail").map(id).collect();
    let first = fault.found_by[0];
    if !failed.iter().any(|id| id == first) {
        return Some(format!("{first} does not fail; failed: {failed:?}"));
    }
    let expected = |id: &&String| all.iter().any(|fault| fault.found_by.contains(&id.as_str()));
    if let Some(other) = failed.iter().find(|id| !expected(id)) {
        return Some(format!("{other} fails too"));
    }
    let row = rows.iter().find(|row| id(row) == first).unwrap();
    let named = row["hints"].as_array().unwrap().iter().take(2);
    let cause = fault.cause;
    let is_named = named.filter_map(Value::as_str).any(|hint| hint.contains(cause));
    (!is_named).then(|| format!("\"{cause}\" is not among the first two causes: {}", row["hints"]))
}

impl Folder {
    /// Plants faults, verifies, and heals them. What is wrong with the verdict; `None` when it is exact.
    fn finds(&self, faults: &[&Fault]) -> Option<String> {
        let config = fs::read_to_string(self.dir.join("cluster.toml")).unwrap();
        for fault in faults {
            self.do_all(fault.plant, &config);
        }
        let said = self.kprov(&["verify"]);
        let report = self.report();
        let mut problems = Vec::new();
        for fault in faults {
            let problem = judged(&report, fault, faults);
            eprintln!("{}: {}", fault.name, problem.as_deref().unwrap_or("found"));
            problems.extend(problem.map(|problem| format!("{}: {problem}", fault.name)));
            self.do_all(fault.heal, &config);
        }
        self.heals(faults);
        (!problems.is_empty()).then(|| format!("{}\n{}", problems.join("\n"), said.text))
    }

    fn do_all(&self, deeds: &[Deed], config: &str) {
        for deed in deeds {
            match deed {
                On(node, commands) => {
                    self.on(node, &format!("{SHELL}{commands}"));
                }
                Here(commands) => {
                    let said = self.in_lab("bash", &["-c", commands]);
                    assert!(said.status.success(), "{commands}: {said:?}");
                }
                Config(end) => {
                    fs::write(self.dir.join("cluster.toml"), format!("{config}{end}")).unwrap();
                }
            }
        }
    }

    /// Waits until the checks that found the faults find them no more.
    fn heals(&self, faults: &[&Fault]) {
        let started = Instant::now();
        let checks: Vec<&str> = faults.iter().flat_map(|fault| fault.found_by).copied().collect();
        loop {
            let said = self.kprov(&["verify", "--only", &checks.join(",")]);
            if said.status == Some(0) {
                return;
            }
            let late = started.elapsed() > Duration::from_secs(180);
            assert!(!late, "{checks:?} still find something: {}", said.text);
        }
    }
}
