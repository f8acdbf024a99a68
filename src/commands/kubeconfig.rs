//! `kprov kubeconfig`: the way into the cluster for kubectl on this computer.
//!
//! kubeadm calls every cluster `kubernetes` and every user `kubernetes-admin`; here they carry the cluster's
//! name, so that several labs fit into one file.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use super::lab::{other_name, read_spec};
use crate::cli::{Global, Kubeconfig};
use crate::error::{Error, Exit, Result};
use crate::names::ClusterName;
use crate::platform;
use crate::t;
use crate::transport::Cancel;
use crate::transport::local::Program;
use crate::ui::Screen;
use crate::workdir::{self, Workdir};

/// The kubeconfig's name in the state directory.
pub(super) const FILE: &str = "kubeconfig";
/// The line that says which file of the control plane it was made from.
const SOURCE: &str = "# made by kprov from admin.conf with sha256 ";

/// The checksum of the control plane's file that the kubeconfig was made from.
pub(super) fn source_sum(workdir: &Workdir) -> Option<String> {
    let text = workdir.read(FILE)?;
    Some(text.lines().next()?.strip_prefix(SOURCE)?.to_owned())
}

/// Writes the kubeconfig: the control plane's own with names of this cluster.
pub(super) fn save(workdir: &Workdir, cluster: &ClusterName, admin_conf: &str, sum: &[u8]) -> Result<()> {
    let mut text = SOURCE.to_owned();
    for byte in sum {
        let _ = write!(text, "{byte:02x}");
    }
    text.push('\n');
    text.push_str(&renamed(admin_conf, cluster));
    workdir.write(FILE, &text).map(drop)
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
        let mine = merge(&path)?;
        workdir.write("merged-into", &mine.display().to_string())?;
        screen.say(&t!("cli.merged", cluster = spec.name, path = mine.display()));
    } else if options.path {
        screen.data(&format!("{}\n", path.display()))?;
    } else {
        screen.data(&text)?;
    }
    Ok(Exit::Done)
}

/// Merges a kubeconfig into the user's own, of which a copy is kept, by kubectl, which knows that file best.
fn merge(path: &PathBuf) -> Result<PathBuf> {
    let mine = own_file()?;
    let joined = std::env::join_paths([path, &mine])
        .map_err(|error| Error::host(t!("cli.cannot-write", path = mine.display())).cause(&error))?;
    let view = kubectl()?
        .args(["config", "view", "--flatten", "--raw"])
        .env("KUBECONFIG", joined);
    let ended = ran(&view)?;
    if mine.exists() {
        let copy = mine.with_file_name("config.before-kprov");
        fs::copy(&mine, &copy)
            .map_err(|error| Error::host(t!("cli.cannot-write", path = copy.display())).cause(&error))?;
    }
    workdir::write_private(&mine, ended.as_bytes())
        .map_err(|error| Error::host(t!("cli.cannot-write", path = mine.display())).cause(&error))?;
    Ok(mine)
}

/// Takes this cluster's entries out of the file that they were merged into. Returns whether there were any.
pub(super) fn unmerge(workdir: &Workdir, cluster: &ClusterName) -> Result<bool> {
    let Some(mine) = workdir.read("merged-into") else {
        return Ok(false);
    };
    if !PathBuf::from(&mine).is_file() {
        return Ok(false);
    }
    for arguments in [
        ["delete-context", cluster.as_str()],
        ["delete-cluster", cluster.as_str()],
        ["delete-user", &format!("{cluster}-admin")],
    ] {
        let delete = kubectl()?
            .args(["config"])
            .args(arguments)
            .env("KUBECONFIG", &mine);
        // An entry that the user has deleted already is as gone as it should be.
        let _ = delete.run(&Cancel::default(), &mut |_| {});
    }
    Ok(true)
}

fn own_file() -> Result<PathBuf> {
    std::env::var_os("KUBECONFIG")
        .and_then(|paths| std::env::split_paths(&paths).next())
        .filter(|path| !path.as_os_str().is_empty())
        .or_else(|| Some(std::env::home_dir()?.join(".kube").join("config")))
        .ok_or_else(|| Error::host(t!("cli.no-home")))
}

fn kubectl() -> Result<Program> {
    let path = platform::program(&["kubectl"])
        .ok_or_else(|| Error::host(t!("cli.no-kubectl")).hint(t!("cli.no-kubectl-hint")))?;
    Ok(Program::new(path))
}

fn ran(program: &Program) -> Result<String> {
    let ended = program.run(&Cancel::default(), &mut |_| {}).map_err(|error| {
        Error::host(t!("provider.not-started", command = program.display())).cause(&error)
    })?;
    if ended.ok() {
        return Ok(ended.stdout);
    }
    Err(Error::host(t!("provider.failed", command = program.display())).evidence(ended.last_lines))
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
