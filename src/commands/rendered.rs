//! The rendered files of the state directory: what the config file says now, and nothing of what it said before.
//!
//! A list of them with the sum of each makes it certain that a file which goes is one that kprov wrote, and as kprov
//! wrote it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path};

use crate::artifact::sum_of_text;
use crate::error::Result;
use crate::workdir::Workdir;

/// The list's name in the state directory.
const LIST: &str = "rendered";

/// Writes these files, by their paths with `/`, and removes those of an earlier time.
pub(super) fn write(workdir: &Workdir, files: &[(String, String)]) -> Result<()> {
    let mut now = BTreeMap::new();
    for (path, text) in files {
        workdir.write(path, text)?;
        now.insert(path.clone(), sum_of_text(text));
    }
    for (path, sum) in list(workdir) {
        if !now.contains_key(&path) {
            remove(workdir, &path, &sum)?;
        }
    }
    note(workdir, &now)
}

/// Removes one of them, that of a node which is no more.
pub(super) fn forget(workdir: &Workdir, path: &str) -> Result<()> {
    let mut list = list(workdir);
    let Some(sum) = list.remove(path) else {
        return Ok(());
    };
    remove(workdir, path, &sum)?;
    note(workdir, &list)
}

/// Paths with the sums of what was written there.
fn list(workdir: &Workdir) -> BTreeMap<String, String> {
    let text = workdir.read(LIST).unwrap_or_default();
    text.lines()
        .filter_map(|line| line.split_once("  "))
        .map(|(sum, path)| (path.to_owned(), sum.to_owned()))
        .collect()
}

fn note(workdir: &Workdir, list: &BTreeMap<String, String>) -> Result<()> {
    let lines: Vec<String> = list.iter().map(|(path, sum)| format!("{sum}  {path}")).collect();
    workdir.write(LIST, &(lines.join("\n") + "\n")).map(drop)
}

fn remove(workdir: &Workdir, path: &str, sum: &str) -> Result<()> {
    let mut parts = Path::new(path).components();
    let inside = parts.all(|part| matches!(part, Component::Normal(_)));
    // What somebody changed since is theirs.
    if !inside || workdir.read(path).is_none_or(|text| sum_of_text(&text) != sum) {
        return Ok(());
    }
    workdir.forget(path)?;
    let folder = workdir.path(path).parent().map(Path::to_owned);
    if let Some(folder) = folder.filter(|folder| folder != workdir.root()) {
        // Others may be in it.
        let _ = fs::remove_dir(folder);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(names: &[&str]) -> Vec<(String, String)> {
        let file = |name: &&str| ((*name).to_owned(), format!("of {name}\n"));
        names.iter().map(file).collect()
    }

    #[test]
    fn what_is_rendered_no_more_goes_and_what_kprov_did_not_write_stays() {
        let dir = tempfile::tempdir().unwrap();
        let workdir = Workdir::at(dir.path().join("state"));
        let all = [
            "Vagrantfile",
            "kubeadm/m.yaml",
            "kubeadm/w1.yaml",
            "kubeadm/w2.yaml",
            "pool/a.yaml",
        ];
        write(&workdir, &files(&all)).unwrap();
        // Somebody's own beside them, and one that somebody changed.
        fs::write(workdir.path("kubeadm/w9.yaml"), "mine").unwrap();
        fs::write(workdir.path("kubeadm/w2.yaml"), "changed").unwrap();
        write(&workdir, &files(&all[..2])).unwrap();
        let is_there = |path: &str| workdir.path(path).exists();
        assert!(is_there("Vagrantfile") && is_there("kubeadm/m.yaml"));
        assert!(!is_there("kubeadm/w1.yaml") && !is_there("pool"));
        assert_eq!(workdir.read("kubeadm/w9.yaml").as_deref(), Some("mine"));
        assert_eq!(workdir.read("kubeadm/w2.yaml").as_deref(), Some("changed"));
    }

    #[test]
    fn one_goes_by_its_path_and_none_outside() {
        let dir = tempfile::tempdir().unwrap();
        let workdir = Workdir::at(dir.path().join("state"));
        write(&workdir, &files(&["kubeadm/m.yaml", "kubeadm/w1.yaml"])).unwrap();
        forget(&workdir, "kubeadm/w1.yaml").unwrap();
        assert!(!workdir.path("kubeadm/w1.yaml").exists() && workdir.path("kubeadm/m.yaml").exists());
        let outside = dir.path().join("outside");
        fs::write(&outside, "x").unwrap();
        for path in ["../outside".to_owned(), outside.display().to_string()] {
            workdir
                .write(LIST, &format!("{}  {path}\n", sum_of_text("x")))
                .unwrap();
            forget(&workdir, &path).unwrap();
            write(&workdir, &files(&["kubeadm/m.yaml"])).unwrap();
            assert!(outside.exists(), "{path}");
        }
    }
}
