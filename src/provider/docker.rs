//! What belongs to container nodes beside Vagrant: their image, and what a killed Vagrant left behind.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::tool::{self, ask, run};
use crate::error::{Error, Exit, Result};
use crate::names::ClusterName;
use crate::platform;
use crate::t;
use crate::transport::Cancel;
use crate::transport::local::{Ended, Program};

/// The recipe of the node image, in the order of `templates/docker/FILES`.
const RECIPE: &[(&str, &str)] = &[
    ("Dockerfile", include_str!("../../templates/docker/Dockerfile")),
    (
        "build-from-mirror.sh",
        include_str!("../../templates/docker/build-from-mirror.sh"),
    ),
    ("archive.sh", include_str!("../../templates/docker/archive.sh")),
    ("debian.sh", include_str!("../../templates/docker/debian.sh")),
    ("packages", include_str!("../../templates/docker/packages")),
    ("setup.sh", include_str!("../../templates/docker/setup.sh")),
    (
        "first-boot.sh",
        include_str!("../../templates/docker/first-boot.sh"),
    ),
    (
        "first-boot.service",
        include_str!("../../templates/docker/first-boot.service"),
    ),
];

/// Name and tag of the image that this recipe makes: another recipe is another image.
#[must_use]
pub fn image_tag() -> String {
    let mut hash = Sha256::new();
    for (_, text) in RECIPE {
        hash.update(text.as_bytes());
    }
    let hash = hash.finalize();
    let mut tag = String::from("kprov-node:");
    for byte in hash.iter().take(6) {
        let _ = write!(tag, "{byte:02x}");
    }
    tag
}

/// Whether this computer has an image.
///
/// # Errors
/// What docker says instead.
pub fn has_node_image(image: &str, cancel: &Cancel) -> Result<bool> {
    let inspect = docker()?.args(["image", "inspect", "--format", "{{.Id}}", image]);
    let ended = ask(&inspect, cancel)?;
    if ended.ok() || ended.last_lines.iter().any(|line| line.contains("No such image")) {
        return Ok(ended.ok());
    }
    Err(failed(&inspect, &ended))
}

/// Debian's own mirror: where nobody named another, a Debian computer's own sources stand before it.
pub const DEBIAN_MIRROR: &str = "http://deb.debian.org/debian";

/// What the node image can be made from.
#[derive(Debug, Clone, Copy)]
pub struct ImageSource<'a> {
    /// An archive for `docker load`; then nothing is built.
    pub archive: Option<&'a Path>,
    /// The image that it is built on.
    pub base: &'a str,
    /// The Debian mirror to build it from where no registry answers; `None` for this computer's own, if that
    /// is Debian, and Debian's otherwise.
    pub mirror: Option<&'a str>,
}

/// Makes sure that this computer has the node image: from an archive of a pack, else built on `base`, else from
/// a Debian mirror.
///
/// # Errors
/// When none of these ways works: with what each said.
pub fn ensure_node_image(
    image: &str,
    source: &ImageSource,
    cancel: &Cancel,
    say: &mut dyn FnMut(&str),
) -> Result<()> {
    if let Some(archive) = source.archive {
        return load(archive, cancel, say);
    }
    let scratch = tempfile::tempdir().map_err(|error| Error::host(t!("provider.no-room")).cause(&error))?;
    let recipe =
        write_recipe(scratch.path()).map_err(|error| Error::host(t!("provider.no-room")).cause(&error))?;
    let build = docker()?
        .args([
            "build",
            "--build-arg",
            &format!("BASE={}", source.base),
            "--tag",
            image,
        ])
        .args([&recipe])
        .timeout(Duration::from_secs(1800));
    say(&t!("provider.running", command = build.display()));
    let ended = run(&build, cancel, say)?;
    if ended.ok() {
        return Ok(());
    }
    if cancel.is_cancelled() || platform::program(&["mmdebstrap"]).is_none() {
        return Err(failed(&build, &ended).hint(t!("provider.image-hint", base = source.base)));
    }
    say(&t!("provider.image-from-mirror"));
    let file = scratch.path().join("image.tar");
    let bootstrap = Program::new("bash")
        .args([recipe.join("build-from-mirror.sh"), file.clone()])
        .args(std::iter::once(image).chain(source.mirror))
        .timeout(Duration::from_secs(1800));
    say(&t!("provider.running", command = bootstrap.display()));
    let made = run(&bootstrap, cancel, say)?;
    if !made.ok() {
        return Err(failed(&bootstrap, &made).hint(t!("provider.image-hint", base = source.base)));
    }
    load(&file, cancel, say)
}

/// Writes an image that this computer has to a file, for `docker load` elsewhere.
///
/// # Errors
/// What docker says instead.
pub fn save_node_image(image: &str, file: &Path, cancel: &Cancel) -> Result<()> {
    let save = docker()?
        .args(["save", "--output"])
        .args([file.as_os_str(), image.as_ref()])
        .timeout(Duration::from_secs(600));
    done(&save, cancel, &mut |_| {}).map(drop)
}

fn load(archive: &Path, cancel: &Cancel, say: &mut dyn FnMut(&str)) -> Result<()> {
    // Given as standard input, since the docker of another machine cannot open a file of this one.
    let load = docker()?
        .args(["load"])
        .input(archive)
        .timeout(Duration::from_secs(600));
    say(&t!("provider.running", command = load.display()));
    done(&load, cancel, say).map(drop)
}

fn write_recipe(dir: &Path) -> std::io::Result<PathBuf> {
    let recipe = dir.join("recipe");
    fs::create_dir(&recipe)?;
    for (name, text) in RECIPE {
        fs::write(recipe.join(name), text)?;
    }
    Ok(recipe)
}

/// A container that was found by its name.
pub(super) enum Found {
    /// It carries the mark of this folder's cluster.
    Ours {
        /// Its ID.
        id: String,
        /// Its addresses on all networks that it is connected to.
        addresses: Vec<String>,
    },
    /// It does not, or is not there any more.
    Foreign,
}

/// Looks at a container.
pub(super) fn find(name: &str, state_id: &str, cancel: &Cancel) -> Result<Found> {
    let format = "{{index .Config.Labels \"kprov.state\"}} {{.Id}} \
                  {{range .NetworkSettings.Networks}}{{.IPAddress}} {{.IPAMConfig}} {{end}}";
    let inspect = docker()?.args(["inspect", "--type", "container", "--format", format, name]);
    let ended = ask(&inspect, cancel)?;
    let mut words = ended
        .stdout
        .split([' ', '\n', '{', '}', ']', '[', ':', '<', '>'])
        .filter(|word| !word.is_empty());
    match (words.next(), words.next()) {
        (Some(mark), Some(id)) if ended.ok() && mark == state_id => Ok(Found::Ours {
            id: id.to_owned(),
            addresses: words.map(str::to_owned).collect(),
        }),
        _ => Ok(Found::Foreign),
    }
}

/// Lets a key log in to a container node, started if it is not running.
pub(super) fn authorize(id: &str, public_key: &str, cancel: &Cancel) -> Result<()> {
    let write = "umask 077; mkdir -p ~vagrant/.ssh && printf '%s\\n' \"$1\" > ~vagrant/.ssh/authorized_keys && \
                 chown -R vagrant: ~vagrant/.ssh";
    for command in [
        docker()?.args(["start", id]),
        docker()?.args(["exec", id, "sh", "-c", write, "sh", public_key]),
    ] {
        done(&command, cancel, &mut |_| {})?;
    }
    Ok(())
}

/// Removes a container by name if it carries this folder's mark. Returns whether it did.
pub(super) fn remove_container(name: &str, state_id: &str, cancel: &Cancel) -> Result<bool> {
    let label = docker()?.args([
        "inspect",
        "--format",
        "{{index .Config.Labels \"kprov.state\"}}",
        name,
    ]);
    let ended = ask(&label, cancel)?;
    if !ended.ok() || ended.stdout.trim() != state_id {
        return Ok(false);
    }
    let remove = docker()?.args(["rm", "--force", "--volumes", name]);
    done(&remove, cancel, &mut |_| {}).map(|_| true)
}

/// Removes containers and networks of a cluster that Vagrant does not know of, or the container `only`. Names what is
/// gone.
pub(super) fn remove_leftovers(
    cluster: &ClusterName,
    state_id: &str,
    only: Option<&str>,
    cancel: &Cancel,
) -> Result<Vec<String>> {
    let mut gone = Vec::new();
    let state = format!("label=kprov.state={state_id}");
    let list = docker()?.args(["ps", "--all", "--filter", &state, "--format", "{{.Names}}"]);
    for name in names(&list, cancel)? {
        if only.is_none_or(|only| name == only) && remove_container(&name, state_id, cancel)? {
            gone.push(t!("provider.container", name = name));
        }
    }
    if only.is_some() {
        return Ok(gone);
    }
    let cluster = format!("label=kprov.cluster={cluster}");
    let list = docker()?.args(["network", "ls", "--filter", &cluster, "--format", "{{.Name}}"]);
    for name in names(&list, cancel)? {
        // One that is in use belongs to a cluster of the same name in another folder.
        if ask(&docker()?.args(["network", "rm", &name]), cancel)?.ok() {
            gone.push(t!("provider.network", name = name));
        }
    }
    Ok(gone)
}

fn names(list: &Program, cancel: &Cancel) -> Result<Vec<String>> {
    let list = done(list, cancel, &mut |_| {})?;
    Ok(list.lines().map(str::to_owned).collect())
}

fn docker() -> Result<Program> {
    let path = platform::program(&["docker"])
        .ok_or_else(|| Error::host(t!("provider.no-docker")).hint(t!("provider.no-docker-hint")))?;
    Ok(Program::new(path).timeout(Duration::from_secs(120)))
}

fn done(program: &Program, cancel: &Cancel, say: &mut dyn FnMut(&str)) -> Result<String> {
    tool::done(program, cancel, say).map_err(of_this_computer)
}

fn failed(program: &Program, ended: &Ended) -> Error {
    of_this_computer(tool::failed(program, ended))
}

/// Without machines of their own, container nodes lack what this computer lacks.
fn of_this_computer(error: Error) -> Error {
    error.exits(Exit::Host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_recipe_is_what_the_list_of_files_says() {
        let listed: Vec<&str> = include_str!("../../templates/docker/FILES")
            .lines()
            .filter(|l| !l.starts_with('#') && !l.is_empty())
            .collect();
        let embedded: Vec<&str> = RECIPE.iter().map(|(name, _)| *name).collect();
        assert_eq!(listed, embedded);
    }
}
