//! `kprov init`: a first config file.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};

use super::next;
use crate::cli::{Global, Init, Profile};
use crate::error::{Error, Exit, Result};
use crate::names::{ClusterName, check_label};
use crate::spec::{self, Computer};
use crate::t;
use crate::text::spoken;
use crate::ui::{self, Screen};

pub(super) fn run(global: &Global, options: &Init, screen: &Screen) -> Result<Exit> {
    let name = match &options.name {
        Some(name) => ClusterName::new(name)
            .map_err(|_| Error::usage(t!("cli.bad-name", name = name)).hint(t!("cli.bad-name-hint")))?,
        None => match options.profile {
            Some(Profile::Course) => ClusterName::new("course").expect("a label"),
            Some(Profile::CourseDocker) => ClusterName::new("course-docker").expect("a label"),
            Some(Profile::CourseToday) => ClusterName::new("course-today").expect("a label"),
            Some(Profile::AllKeys) => ClusterName::new("all-keys").expect("a label"),
            None => folder_name(),
        },
    };
    let text = match options.profile {
        Some(profile) => spec::profile(profile, &name, spoken()),
        None => spec::init(&name, &Computer::this(), spoken()),
    };
    let path = &global.file;
    let mut file = match OpenOptions::new().write(true).create_new(true).open(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            return Err(Error::usage(t!("cli.exists", path = path.display())).hint(t!("cli.exists-hint")));
        }
        other => other.map_err(|error| Error::cannot_write(path, &error))?,
    };
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    written.map_err(|error| {
        // Half a file would only be in the way of the next try.
        let _ = fs::remove_file(path);
        Error::cannot_write(path, &error)
    })?;
    screen.say(&t!("cli.written", path = path.display()));
    // That one is to be read.
    if !matches!(options.profile, Some(Profile::AllKeys)) {
        screen.say(&ui::summary::next_steps(&next::after_init(global)));
    }
    Ok(Exit::Done)
}

/// The name of this folder, if it can be a cluster's.
fn folder_name() -> ClusterName {
    let folder = std::env::current_dir().ok();
    let folder = folder
        .as_deref()
        .and_then(|dir| dir.file_name()?.to_str())
        .unwrap_or_default()
        .to_lowercase();
    let name = if check_label(&folder).is_ok() {
        folder.as_str()
    } else {
        "k8s-lab"
    };
    ClusterName::new(name).expect("checked")
}
