//! The user's own kubeconfig: this cluster's entries put into it and taken out again, by kubectl, which knows that file
//! best.
//!
//! Only entries with the cluster's name are touched. Whatever else is in the file stays as it is, certificates that it
//! refers to and the chosen context included.

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::error::{Error, Result};
use crate::names::ClusterName;
use crate::platform;
use crate::spec::Spec;
use crate::t;
use crate::transport::Cancel;
use crate::transport::local::{Ended, Program, private_input};
use crate::workdir::Workdir;

/// The file of the state directory that says which file the cluster's entries were put into.
const NOTE: &str = "merged-into";

/// The user's file as it is now.
pub(super) struct Mine {
    pub file: PathBuf,
    /// The context that kubectl takes by itself, if that is another cluster's.
    pub other_context: Option<String>,
}

/// Puts the cluster of a kubeconfig of kprov's into the user's own file, of which a copy is kept.
pub(super) fn put(workdir: &Workdir, cluster: &ClusterName, kubeconfig: &str) -> Result<Mine> {
    // Without it nothing is touched.
    kubectl()?;
    let file = own_file()?;
    // Once it was put there, the file is not any more what it was before kprov.
    if file.exists() && noted(workdir).as_ref() != Some(&file) {
        let copy = file.with_file_name("config.before-kprov");
        fs::copy(&file, &copy).map_err(|error| Error::cannot_write(&copy, &error))?;
    }
    // Noted before, so that `destroy` also takes out what was put in by half.
    workdir.write(NOTE, &file.display().to_string())?;
    let other_context = put_into(&file, cluster, kubeconfig)?;
    Ok(Mine { file, other_context })
}

/// Puts the cluster's new certificates where its old ones were put.
pub(super) fn put_again(workdir: &Workdir, cluster: &ClusterName, kubeconfig: &str) -> Result<()> {
    match noted(workdir) {
        Some(file) => put_into(&file, cluster, kubeconfig).map(drop),
        None => Ok(()),
    }
}

/// Takes the cluster out of the file that it was put into. Returns whether there was one.
pub(super) fn take_out(workdir: &Workdir, cluster: &ClusterName) -> Result<bool> {
    let Some(file) = noted(workdir) else {
        return Ok(false);
    };
    let user = user_of(cluster);
    if current_context(&file)?.as_deref() == Some(cluster.as_str()) {
        config(&file, &["unset", "current-context"])?;
    }
    for arguments in [
        ["delete-context", cluster.as_str()],
        ["delete-cluster", cluster.as_str()],
        ["delete-user", &user],
    ] {
        // An entry that the user has deleted already is as gone as it should be.
        run(&file, &arguments)?;
    }
    Ok(true)
}

/// What to type when a context of the user's own still leads to a cluster that is gone: where the state directory was lost,
/// nothing says whether kprov put it there, so kprov leaves it.
pub(super) fn left(spec: &Spec) -> Option<String> {
    let file = own_file().ok().filter(|file| file.is_file())?;
    let cluster = spec.name.as_str();
    // A label, so that it needs no quotes.
    let of_context = format!("jsonpath={{.contexts[?(@.name==\"{cluster}\")].context.cluster}}");
    let server = format!("jsonpath={{.clusters[?(@.name==\"{cluster}\")].cluster.server}}");
    let view = |what: &str| {
        let (_, ended) = run(&file, &["view", "-o", what]).ok()?;
        ended.ok().then(|| ended.stdout.trim().to_owned())
    };
    let server = (view(&of_context)? == cluster).then(|| view(&server)).flatten()?;
    let addresses = spec.control_planes().map(|node| node.address.to_string());
    let mut hosts = addresses.chain([spec.api_host()]);
    hosts.any(|host| server == format!("https://{host}:6443")).then(|| {
        let user = user_of(&spec.name);
        let command = format!(
            "kubectl config delete-context {cluster}; kubectl config delete-cluster {cluster}; kubectl config delete-user {user}"
        );
        let file = file.display();
        t!("merged.left-behind", file = file, cluster = cluster, server = server, command = command)
    })
}

/// Returns the context that is chosen in the file, if it is not the cluster's.
fn put_into(file: &Path, cluster: &ClusterName, kubeconfig: &str) -> Result<Option<String>> {
    let value = |key: &str| {
        let mut lines = kubeconfig.lines().map(str::trim);
        let found = lines.find_map(|line| line.strip_prefix(key)?.strip_prefix(": "));
        found.ok_or_else(|| Error::host(t!("merged.unreadable", key = key)))
    };
    // By files, as everybody can read the arguments of a program.
    let decoded = |key: &str| {
        let bytes = BASE64_STANDARD.decode(value(key)?).unwrap_or_default();
        private_input(&String::from_utf8_lossy(&bytes))
            .map_err(|error| Error::host(t!("provider.no-room")).cause(&error))
    };
    let (authority, certificate, key) = (
        decoded("certificate-authority-data")?,
        decoded("client-certificate-data")?,
        decoded("client-key-data")?,
    );
    let option = |name: &str, value: &Path| format!("--{name}={}", value.display());
    let (name, user) = (cluster.as_str(), user_of(cluster));
    let embed = "--embed-certs=true";
    config(
        file,
        &[
            "set-cluster",
            name,
            &format!("--server={}", value("server")?),
            &option("certificate-authority", authority.path()),
            embed,
        ],
    )?;
    config(
        file,
        &[
            "set-credentials",
            &user,
            &option("client-certificate", certificate.path()),
            &option("client-key", key.path()),
            embed,
        ],
    )?;
    let of = [format!("--cluster={name}"), format!("--user={user}")];
    config(file, &["set-context", name, &of[0], &of[1]])?;
    let current = current_context(file)?;
    if current.is_none() {
        config(file, &["use-context", name])?;
    }
    Ok(current.filter(|current| current != name))
}

fn user_of(cluster: &ClusterName) -> String {
    format!("{cluster}-admin")
}

fn noted(workdir: &Workdir) -> Option<PathBuf> {
    let file = PathBuf::from(workdir.read(NOTE)?);
    file.is_file().then_some(file)
}

fn current_context(file: &Path) -> Result<Option<String>> {
    let (_, ended) = run(file, &["current-context"])?;
    let name = ended.stdout.trim();
    Ok((ended.ok() && !name.is_empty()).then(|| name.to_owned()))
}

fn config(file: &Path, arguments: &[&str]) -> Result<()> {
    let (program, ended) = run(file, arguments)?;
    if ended.ok() {
        return Ok(());
    }
    Err(Error::host(t!("provider.failed", command = program.display())).evidence(ended.last_lines))
}

fn run(file: &Path, arguments: &[&str]) -> Result<(Program, Ended)> {
    let program = kubectl()?
        .args(["config", "--kubeconfig"])
        .args([file])
        .args(arguments);
    let ended = program.run(&Cancel::default(), &mut |_| {}).map_err(|error| {
        Error::host(t!("provider.not-started", command = program.display())).cause(&error)
    })?;
    Ok((program, ended))
}

fn kubectl() -> Result<Program> {
    let path = platform::program(&["kubectl"])
        .ok_or_else(|| Error::host(t!("cli.no-kubectl")).hint(t!("cli.no-kubectl-hint")))?;
    Ok(Program::new(path))
}

fn own_file() -> Result<PathBuf> {
    std::env::var_os("KUBECONFIG")
        .and_then(|paths| std::env::split_paths(&paths).next())
        .filter(|path| !path.as_os_str().is_empty())
        .or_else(|| Some(std::env::home_dir()?.join(".kube").join("config")))
        .ok_or_else(|| Error::host(t!("cli.no-home")))
}
