//! `kprov render`: every file that kprov makes of a config, for a look or for work by hand.

use std::fs;
use std::path::Path;

use super::boxes;
use super::lab::read_spec;
use crate::cli::{Format, Global, Render};
use crate::error::{Error, Exit, Result};
use crate::plan;
use crate::provider;
use crate::render::{self, MachineAccess};
use crate::spec::{Provider, Spec};
use crate::t;
use crate::transport::Cancel;
use crate::ui::Screen;
use crate::workdir::Workdir;

/// The files of a cluster by their paths, with `/`.
pub(super) fn files(
    spec: &Spec,
    provider: Provider,
    access: &MachineAccess,
) -> Result<Vec<(String, String)>> {
    let mut files: Vec<(String, String)> = render::all(spec, provider, access)?
        .into_iter()
        .map(|(path, text)| (path.to_string_lossy().replace('\\', "/"), text))
        .collect();
    let manifests = plan::verify::manifests(spec)?;
    files.extend(
        manifests
            .into_iter()
            .map(|(name, text)| (format!("manifests/{name}"), text)),
    );
    files.extend(
        plan::services(spec)
            .into_iter()
            .map(|(name, text)| (name.to_owned(), text.to_owned())),
    );
    Ok(files)
}

pub(super) fn run(global: &Global, options: &Render, screen: &Screen, cancel: &Cancel) -> Result<Exit> {
    let spec = read_spec(&global.file, screen)?;
    let workdir = Workdir::of(&global.file, &spec.name);
    let before = workdir.read("provider");
    let choice = provider::resolve(spec.provider, before.as_deref().map(str::trim), cancel);
    // A look at the files must be possible where no machine could be made.
    let provider = choice.map_or(Provider::Virtualbox, |choice| choice.provider);
    let access = MachineAccess {
        public_key: workdir
            .read("id_ed25519.pub")
            .unwrap_or_default()
            .trim()
            .to_owned(),
        private_key_path: "../id_ed25519".to_owned(),
        docker_image: spec.docker.image.clone().unwrap_or_else(provider::image_tag),
        state_id: workdir.read("state-id").unwrap_or_default().trim().to_owned(),
        box_number: boxes::chosen(&spec, provider, &workdir),
    };
    let mut written = Vec::new();
    for (path, text) in files(&spec, provider, &access)? {
        write(&options.output.join(&path), &text)?;
        written.push(path);
    }
    match global.format {
        Format::Json => screen.data(&format!("{}\n", serde_json::json!(written)))?,
        Format::Text => {
            for path in written {
                screen.say(&t!("cli.written", path = options.output.join(path).display()));
            }
        }
    }
    Ok(Exit::Done)
}

fn write(path: &Path, text: &str) -> Result<()> {
    let dir = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(dir)
        .and_then(|()| fs::write(path, text))
        .map_err(|error| Error::cannot_write(path, &error))
}
