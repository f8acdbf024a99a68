//! What the nodes get from this computer: out of the pack, or fetched once into the cache.

use std::path::Path;

use super::lab::{Lab, arch, store};
use super::needs::{add_on_images, needs, own_images, text_of};
use super::pack_lacks;
use crate::artifact::{Artifact, Entry, Image, Kind, Pack};
use crate::cli::{Global, Supply};
use crate::error::{Error, Result};
use crate::plan::up::{Supplies, Supply as PlanSupply};
use crate::spec::{Provider, Spec};
use crate::t;
use crate::transport::Cancel;
use crate::versions;

impl Lab {
    /// Opens the pack that the command line or the config names, and sees that it fits the cluster; what it lacks comes
    /// from the cache. Without a pack the programs come from their projects' releases.
    pub(super) fn open_pack(&mut self, supply: &Supply, cancel: &Cancel) -> Result<()> {
        let Some(path) = supply.pack.as_deref().or(self.spec.artifacts.pack.as_deref()) else {
            // The image of container nodes has a runtime.
            let runtime = self.provider != Provider::Docker;
            self.needs = needs(&self.spec, runtime, arch())?;
            return Ok(());
        };
        let pack = checked_pack(path, cancel)?;
        same_version(&pack, &self.spec)?;
        super::pack_fits::check(&pack, &self.spec)?;
        if pack.entries(Kind::Program, arch()).next().is_none() {
            return Err(Error::host(t!(
                "cli.pack-other-arch",
                pack = path.display(),
                arch = arch()
            )));
        }
        // From here on nobody is asked for anything but the pack.
        self.store = store(&self.spec).closed();
        let rest = pack_lacks::rest(&pack, &self.spec, self.provider, &self.workdir, &self.store)?;
        (self.needs, self.lacking) = (rest.needs, rest.lacking);
        self.pack = Some(pack);
        Ok(())
    }

    /// The same, for what cannot do with less than everything that the cluster needs.
    pub(super) fn open_whole_pack(
        &mut self,
        supply: &Supply,
        global: &Global,
        cancel: &Cancel,
    ) -> Result<()> {
        self.open_pack(supply, cancel)?;
        match &self.pack {
            Some(pack) if !self.lacking.is_empty() => {
                Err(pack_lacks::error(pack, &self.lacking, &global.file))
            }
            _ => Ok(()),
        }
    }

    /// Finds out the checksums of everything that the nodes get, so that a plan can be made which knows them.
    pub(super) fn learn_sums(&mut self, cancel: &Cancel) -> Result<()> {
        if self.pack.is_some() {
            return Ok(());
        }
        let stop = || cancel.is_cancelled();
        self.store.learn(&self.needs.files, &stop)?;
        let images = add_on_images(&self.spec, arch(), &|file| {
            text_of(&self.store.file(file, &stop)?)
        })?;
        self.needs.images.extend(images);
        Ok(())
    }

    /// The files of a served pack that this cluster gets; none of other packs.
    pub(super) fn served(&self) -> Vec<&Entry> {
        let pack = self.pack.as_ref().filter(|pack| pack.is_served());
        let kinds = [
            Kind::Program,
            Kind::Containerd,
            Kind::Docker,
            Kind::CniPlugins,
            Kind::Image,
            Kind::Manifest,
        ];
        pack.into_iter()
            .flat_map(|pack| kinds.into_iter().flat_map(|kind| pack.entries(kind, arch())))
            .collect()
    }

    /// What the nodes get from this computer. Sums that were not learned are empty.
    pub(super) fn supplies(&self) -> Supplies {
        let all = |kind| {
            let packed = self.pack.iter().flat_map(|pack| pack.entries(kind, arch()));
            let released = self.needs.files.iter().filter(|artifact| artifact.kind == kind);
            let released = released.map(|artifact| self.released(artifact));
            packed.map(supply).chain(released).collect::<Vec<_>>()
        };
        let fetched = |kind| self.needs.files.iter().any(|artifact| artifact.kind == kind);
        let pulled = self.needs.images.iter().map(pulled);
        let row = versions::row(self.spec.kubernetes.minor);
        Supplies {
            programs: all(Kind::Program),
            cni_plugins: all(Kind::CniPlugins).into_iter().next(),
            containerd: all(Kind::Containerd).into_iter().next(),
            docker: all(Kind::Docker).into_iter().next(),
            docker_range: row.docker_range.clone(),
            containerd_range: fetched(Kind::Containerd).then(|| row.containerd_range.clone()),
            images: all(Kind::Image).into_iter().chain(pulled).collect(),
            own_images: own_images(&self.spec, arch()).map(|image| image.name).collect(),
            manifests: all(Kind::Manifest),
            pause: row.pause.clone(),
            machine_box: self.packed_box().is_some(),
            downloads: (self.pack.is_none() && !self.needs.files.is_empty()) || !self.served().is_empty(),
        }
    }

    fn released(&self, artifact: &Artifact) -> PlanSupply {
        PlanSupply {
            name: artifact.name.to_owned(),
            path: artifact.key().to_owned(),
            sha256: self.store.sum(artifact).unwrap_or_default(),
            encoding: artifact.encoding.as_str(),
            images: Vec::new(),
            control_planes: true,
            workers: true,
        }
    }
}

/// Opens a pack and sees that every file of it is right, before anything is touched.
pub(super) fn checked_pack(path: &Path, cancel: &Cancel) -> Result<Pack> {
    let stop = || cancel.is_cancelled();
    let pack = Pack::open(path, &stop)?;
    pack.check(false, &stop)?;
    Ok(pack)
}

/// A pack is for one version of Kubernetes.
pub(super) fn same_version(pack: &Pack, spec: &Spec) -> Result<()> {
    if pack.kubernetes() == spec.kubernetes.to_string() {
        return Ok(());
    }
    Err(Error::usage(t!(
        "cli.pack-other-version",
        pack = pack.origin().display(),
        has = pack.kubernetes(),
        wanted = spec.kubernetes
    ))
    .hint(t!("cli.pack-other-version-hint", version = pack.kubernetes())))
}

fn pulled(image: &Image) -> PlanSupply {
    PlanSupply {
        name: image.reference().word(),
        path: image.key(),
        sha256: String::new(),
        encoding: "none",
        images: vec![image.name.clone()],
        control_planes: image.control_planes,
        workers: image.workers,
    }
}

fn supply(entry: &Entry) -> PlanSupply {
    let needed = |role: &str| entry.roles.is_empty() || entry.roles.iter().any(|r| r == role);
    PlanSupply {
        name: entry.name.clone(),
        path: entry.path.clone(),
        sha256: entry.content_sum().to_owned(),
        encoding: entry.encoding.as_str(),
        images: entry.images.clone(),
        control_planes: needed("control-plane"),
        workers: needed("worker"),
    }
}
