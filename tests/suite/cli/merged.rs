//! The cluster in a user's own kubeconfig, by a real kubectl: put in beside others, replaced, and taken out again.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::place::{LAB, Place};
use crate::tools::require;

/// As Minikube and a company's login leave it: certificates in files, of which one is gone, and a program that logs in.
const MINE: &str = "\
apiVersion: v1
kind: Config
preferences: {}
current-context: work
clusters:
- cluster:
    certificate-authority: /nowhere/.minikube/ca.crt
    server: https://192.168.49.2:8443
  name: minikube
- cluster:
    insecure-skip-tls-verify: true
    server: https://work.example:6443
  name: work
contexts:
- context:
    cluster: minikube
    namespace: default
    user: minikube
  name: minikube
- context:
    cluster: work
    user: me
  name: work
users:
- name: minikube
  user:
    client-certificate: client.crt
    client-key: client.key
- name: me
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1beta1
      args:
      - get-token
      command: company-login
      env: null
      provideClusterInfo: false
";

/// What kprov keeps; the certificates are "authority", WHO and "key".
fn own(place: &Place, certificate: &str) {
    let text = format!(
        "# made by kprov from admin.conf with sha256 00\napiVersion: v1\nclusters:\n- cluster:\n    \
         certificate-authority-data: YXV0aG9yaXR5\n    server: https://192.168.59.10:6443\n  name: lab\n\
         contexts:\n- context:\n    cluster: lab\n    user: lab-admin\n  name: lab\ncurrent-context: lab\n\
         kind: Config\npreferences: {{}}\nusers:\n- name: lab-admin\n  user:\n    \
         client-certificate-data: {certificate}\n    client-key-data: a2V5\n"
    );
    fs::create_dir_all(place.path(".kprov/lab")).unwrap();
    fs::write(place.path(".kprov/lab/kubeconfig"), text).unwrap();
}

fn kubectl(file: &Path, arguments: &[&str]) -> String {
    let said = Command::new("kubectl")
        .arg("--kubeconfig")
        .arg(file)
        .args(arguments)
        .output();
    String::from_utf8(said.unwrap().stdout).unwrap()
}

/// A place whose kprov finds kubectl, and its kubeconfig of that text.
fn place(mine: Option<&str>) -> Option<(Place, String)> {
    let kubectl = require("kubectl")?;
    let place = Place::with(LAB);
    if let Some(text) = mine {
        fs::create_dir(place.path(".kube")).unwrap();
        fs::write(place.path(".kube/config"), text).unwrap();
    }
    let path = format!("{}:/usr/bin:/bin", kubectl.parent().unwrap().display());
    Some((place, path))
}

#[test]
fn a_cluster_comes_beside_others_and_goes_again() {
    let Some((place, path)) = place(Some(MINE)) else {
        return;
    };
    let file = place.path(".kube/config");
    // kubectl's own form of it.
    kubectl(&file, &["config", "use-context", "minikube"]);
    kubectl(&file, &["config", "use-context", "work"]);
    let before = fs::read_to_string(&file).unwrap();
    assert!(
        before.contains("certificate-authority: /nowhere/.minikube/ca.crt"),
        "{before}"
    );
    let merge = |words: &[&str]| {
        let said = place.kprov_with(&["kubeconfig", "--merge"], &[("PATH", &path), ("KUBECONFIG", "")]);
        words.iter().fold(said.code(0), |said, words| said.says(words))
    };
    own(&place, "b25l");
    merge(&[
        "where work stays the current context",
        "kubectl --context lab get nodes",
    ]);
    assert_eq!(
        fs::read_to_string(place.path(".kube/config.before-kprov")).unwrap(),
        before
    );

    // Another namespace is chosen, and the cluster is made anew with other certificates.
    kubectl(&file, &["config", "set-context", "lab", "--namespace=mine"]);
    own(&place, "dHdv");
    merge(&[]);
    let raw = kubectl(
        &file,
        &["config", "view", "--raw", "--context", "lab", "--minify"],
    );
    for line in [
        "server: https://192.168.59.10:6443",
        "certificate-authority-data: YXV0aG9yaXR5",
        "client-certificate-data: dHdv",
        "client-key-data: a2V5",
        "namespace: mine",
    ] {
        assert!(raw.contains(line), "no {line} in\n{raw}");
    }
    kubectl(&file, &["config", "use-context", "lab"]);
    merge(&["now: kubectl get nodes"]);
    assert_eq!(
        fs::read_to_string(place.path(".kube/config.before-kprov")).unwrap(),
        before,
        "the copy is of what was there before kprov"
    );

    let environment = [("PATH", path.as_str()), ("KUBECONFIG", "")];
    place
        .kprov_with(&["-y", "destroy"], &environment)
        .code(0)
        .says("the context lab in your kubeconfig");
    let after = fs::read_to_string(&file).unwrap();
    assert_eq!(
        after,
        before.replace("current-context: work", "current-context: \"\"")
    );
}

#[test]
fn the_first_cluster_of_a_computer_is_chosen() {
    let Some((place, path)) = place(None) else {
        return;
    };
    own(&place, "b25l");
    let mine = place.path("new/config");
    let environment = [("PATH", path.as_str()), ("KUBECONFIG", mine.to_str().unwrap())];
    place
        .kprov_with(&["kubeconfig", "--merge"], &environment)
        .code(0)
        .says("now: kubectl get nodes");
    assert_eq!(kubectl(&mine, &["config", "current-context"]), "lab\n");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(&mine).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let left = fs::read_dir(place.path("new")).unwrap().count();
    assert_eq!(left, 1, "a copy of what was not there");
}

#[test]
fn an_entry_that_nothing_is_known_of_stays_and_the_way_out_is_said() {
    let Some((place, path)) = place(Some(MINE)) else {
        return;
    };
    let environment = [("PATH", path.as_str()), ("KUBECONFIG", "")];
    let destroy = || place.kprov_with(&["-y", "destroy"], &environment).code(0);
    let file = place.path(".kube/config");
    own(&place, "b25l");
    assert!(!destroy().err.contains("delete-context"), "there is none");
    own(&place, "b25l");
    place.kprov_with(&["kubeconfig", "--merge"], &environment).code(0);
    // The state directory was lost, and made anew by `up`.
    fs::remove_file(place.path(".kprov/lab/merged-into")).unwrap();
    let before = fs::read_to_string(&file).unwrap();
    destroy()
        .says("has a context lab that leads to https://192.168.59.10:6443")
        .says("kubectl config delete-context lab; kubectl config delete-cluster lab; kubectl config delete-user lab-admin");
    assert_eq!(fs::read_to_string(&file).unwrap(), before);
    // One of that name that leads elsewhere is another cluster's.
    own(&place, "b25l");
    kubectl(
        &file,
        &["config", "set-cluster", "lab", "--server=https://10.0.0.1:6443"],
    );
    assert!(!destroy().err.contains("delete-context"));
}

#[test]
fn without_kubectl_nothing_is_touched_and_destroy_says_what_stays() {
    let place = Place::with(LAB);
    own(&place, "b25l");
    fs::write(place.path("config"), MINE).unwrap();
    let mine = place.path("config");
    let nowhere = [("PATH", "/nowhere"), ("KUBECONFIG", mine.to_str().unwrap())];
    place
        .kprov_with(&["kubeconfig", "--merge"], &nowhere)
        .code(3)
        .says("kubectl is not installed");
    assert!(!place.path("config.before-kprov").exists());
    assert_eq!(fs::read_to_string(&mine).unwrap(), MINE);
    assert!(
        !place.path(".kprov/lab/merged-into").exists(),
        "destroy would look for it"
    );
    fs::write(place.path(".kprov/lab/merged-into"), mine.to_str().unwrap()).unwrap();
    place
        .kprov_with(&["-y", "destroy"], &nowhere)
        .code(0)
        .says("the context lab stays in your kubeconfig: kubectl is not installed");
}
