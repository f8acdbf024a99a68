//! `kprov init`: a first config file.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};

use crate::cli::{Global, Init, Profile};
use crate::error::{Error, Exit, Result};
use crate::names::{ClusterName, check_label};
use crate::spec::{self, Computer};
use crate::t;
use crate::text::spoken;
use crate::ui::Screen;

pub(super) fn run(global: &Global, options: &Init, screen: &Screen) -> Result<Exit> {
    let name = match &options.name {
        Some(name) => ClusterName::new(name)
            .map_err(|_| Error::usage(t!("cli.bad-name", name = name)).hint(t!("cli.bad-name-hint")))?,
        None => match options.profile {
            Some(Profile::Course) => ClusterName::new("course").expect("a label"),
            Some(Profile::CourseDocker) => ClusterName::new("course-docker").expect("a label"),
            Some(Profile::CourseToday) => ClusterName::new("course-today").expect("a label"),
            None => folder_name(),
        },
    };
    let text = match options.profile {
        Some(profile) => spec::profile(profile, &name, spoken()),
        None => spec::init(&name, &Computer::this(), spoken()),
    };
    let mut file = match OpenOptions::new().write(true).create_new(true).open(&global.file) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            return Err(
                Error::usage(t!("cli.exists", path = global.file.display())).hint(t!("cli.exists-hint"))
            );
        }
        other => other,
    }
    .and_then(|mut file| file.write_all(text.as_bytes()).map(|()| file))
    .map_err(|error| Error::host(t!("cli.cannot-write", path = global.file.display())).cause(&error))?;
    file.flush()
        .map_err(|error| Error::host(t!("cli.cannot-write", path = global.file.display())).cause(&error))?;
    screen.say(&t!("cli.written", path = global.file.display()));
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
