//! `kprov kubeconfig`: the way into the cluster for kubectl on this computer.
//!
//! kubeadm calls every cluster `kubernetes` and every user `kubernetes-admin`; here they carry the cluster's
//! name, so that several labs fit into one file.

use std::fmt::Write as _;

use super::lab::read_spec;
use super::merged;
use super::state::other_name;
use crate::cli::{Global, Kubeconfig};
use crate::error::{Error, Exit, Result};
use crate::names::ClusterName;
use crate::t;
use crate::ui::Screen;
use crate::workdir::Workdir;

/// The kubeconfig's name in the state directory.
pub(super) const FILE: &str = "kubeconfig";
/// The line that says which file of the control plane it was made from.
const SOURCE: &str = "# made by kprov from admin.conf with sha256 ";

/// The checksum of the control plane's file that the kubeconfig was made from.
pub(super) fn source_sum(workdir: &Workdir) -> Option<String> {
    let text = workdir.read(FILE)?;
    Some(text.lines().next()?.strip_prefix(SOURCE)?.to_owned())
}

/// Writes the kubeconfig, the control plane's own with names of this cluster, and returns it.
pub(super) fn save(workdir: &Workdir, cluster: &ClusterName, admin_conf: &str, sum: &[u8]) -> Result<String> {
    let mut text = SOURCE.to_owned();
    for byte in sum {
        let _ = write!(text, "{byte:02x}");
    }
    text.push('\n');
    text.push_str(&renamed(admin_conf, cluster));
    workdir.write(FILE, &text)?;
    Ok(text)
}

/// Gives cluster, user and context of kubeadm's file the cluster's name. Only whole values are replaced.
fn renamed(admin_conf: &str, cluster: &ClusterName) -> String {
    let mut text = String::with_capacity(admin_conf.len() + 64);
    for line in admin_conf.lines() {
        let name = line.trim_start_matches([' ', '-']);
        let value = name.split_once(": ").map_or("", |(_, value)| value);
        let is_name = ["name: ", "cluster: ", "user: ", "current-context: "]
            .iter()
            .any(|key| name.starts_with(key));
        if is_name
            && (value == cluster.as_str() || value == "kubernetes" || value.starts_with("kubernetes-admin"))
        {
            let kept = &line[..line.len() - value.len()];
            let new = match name.split_once(':').map(|(key, _)| key) {
                Some("user") => format!("{cluster}-admin"),
                Some("name") if value == "kubernetes-admin" => format!("{cluster}-admin"),
                _ => cluster.to_string(),
            };
            let _ = writeln!(text, "{kept}{new}");
        } else {
            let _ = writeln!(text, "{line}");
        }
    }
    text
}

/// Removes the kubeconfig of a cluster that is no more.
pub(super) fn remove(workdir: &Workdir) -> Result<()> {
    workdir.forget(FILE)
}

pub(super) fn run(global: &Global, options: &Kubeconfig, screen: &Screen) -> Result<Exit> {
    let spec = read_spec(&global.file, screen)?;
    let workdir = Workdir::of(&global.file, &spec.name);
    let path = workdir.path(FILE);
    let text = workdir.read(FILE).ok_or_else(|| {
        Error::new(
            Exit::StepFailed,
            t!("cli.kubeconfig-missing", path = path.display()),
        )
        .hint(other_name(&global.file, &workdir).unwrap_or_else(|| t!("cli.no-cluster-hint")))
    })?;
    if options.merge {
        let mine = merged::put(&workdir, &spec.name, &text)?;
        let path = mine.file.display();
        screen.say(&match mine.other_context {
            None => t!("merged.done", path = path),
            Some(other) => t!(
                "merged.done-beside",
                path = path,
                other = other,
                cluster = spec.name
            ),
        });
    } else if options.path {
        screen.data(&format!("{}\n", path.display()))?;
    } else {
        screen.data(&text)?;
    }
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_the_clusters_and_nothing_else_changes() {
        let admin_conf = "apiVersion: v1\nclusters:\n- cluster:\n    server: https://kubernetes:6443\n  name: kubernetes\n\
             contexts:\n- context:\n    cluster: kubernetes\n    user: kubernetes-admin\n  name: kubernetes-admin@kubernetes\n\
             current-context: kubernetes-admin@kubernetes\nusers:\n- name: kubernetes-admin\n  user:\n    x: y\n";
        let text = renamed(admin_conf, &ClusterName::new("lab").unwrap());
        assert!(
            text.contains("server: https://kubernetes:6443\n  name: lab\n"),
            "{text}"
        );
        assert!(
            text.contains("cluster: lab\n    user: lab-admin\n  name: lab\n"),
            "{text}"
        );
        assert!(
            text.contains("current-context: lab\nusers:\n- name: lab-admin\n  user:\n"),
            "{text}"
        );
    }

    #[test]
    fn the_source_is_remembered() {
        let dir = tempfile::tempdir().unwrap();
        let name = ClusterName::new("lab").unwrap();
        let workdir = Workdir::of(&dir.path().join("cluster.toml"), &name);
        assert_eq!(source_sum(&workdir), None);
        save(&workdir, &name, "apiVersion: v1\n", &[0xab, 1]).unwrap();
        assert_eq!(source_sum(&workdir).as_deref(), Some("ab01"));
    }
}
