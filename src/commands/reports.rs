//! The files of a verification: where its reports go, and in which form.

use std::path::PathBuf;

use super::lab::Lab;
use super::runner::Ran;
use crate::error::{Error, Result};
use crate::t;
use crate::ui::report::{About, Form, Picture, Proof, Report};
use crate::ui::{Screen, Timeline};
use crate::workdir::write_private;

/// The files that the command line asks for.
#[derive(Debug, Default)]
pub(super) struct Wanted(Vec<(PathBuf, Form)>);

impl Wanted {
    /// Looks at the names before anything is done, so that a verification is not made for nothing.
    pub(super) fn new(paths: &[PathBuf]) -> Result<Self> {
        let form = |path: &PathBuf| {
            let form = Form::of(path).ok_or_else(|| {
                Error::usage(t!("report.unknown-form", path = path.display()))
                    .hint(t!("report.unknown-form-hint"))
            })?;
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
                return Err(Error::usage(t!(
                    "report.no-folder",
                    path = path.display(),
                    folder = folder.display()
                )));
            }
            Ok((path.clone(), form))
        };
        paths.iter().map(form).collect::<Result<_>>().map(Self)
    }

    /// Writes them, and those that always stay with the cluster's state.
    pub(super) fn write(&self, proof: &Proof, lab: &Lab, ran: &Ran, screen: &Screen) -> Result<()> {
        let kept = [
            (lab.workdir.path("verify.json"), Form::Json),
            (ran.logs.join("report.html"), Form::Html),
        ];
        for (path, form) in &kept {
            write_private(path, proof.to(*form).as_bytes())
                .map_err(|error| Error::cannot_write(path, &error))?;
        }
        for (path, form) in &self.0 {
            std::fs::write(path, proof.to(*form)).map_err(|error| Error::cannot_write(path, &error))?;
            screen.say(&t!("report.written", path = path.display()));
        }
        Ok(())
    }
}

/// All that is known of a verification.
pub(super) fn proof(lab: &Lab, ran: &Ran, report: Report) -> Proof {
    let spec = &lab.spec;
    let published = |name: &str| {
        let found = ran.report.published.iter().find(|(own, _)| own.as_str() == name);
        found.map(|(_, value)| value.clone())
    };
    let mut proof = Proof {
        about: About {
            format: 1,
            kprov: env!("CARGO_PKG_VERSION").to_owned(),
            cluster: spec.name.to_string(),
            kubernetes: spec.kubernetes.to_string(),
            provider: lab.provider.name().to_owned(),
            began: ran.began.clone(),
        },
        report,
        picture: Picture::of(spec, &published),
        timeline: Timeline::from_events(&ran.events),
    };
    if let Some(foreign) = &lab.foreign {
        // The Spec only stands for a cluster of somebody else: nobody knows its networks, nor what made its machines.
        proof.about.kubernetes.clone_from(&foreign.kubernetes);
        proof.about.provider.clear();
        proof.picture.node_network.clear();
        proof.picture.pod_network.clear();
        if !foreign.shows_control_planes {
            proof.picture.nodes.remove(0);
        }
    }
    proof
}
