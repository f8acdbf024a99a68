//! What most commands begin with: the Spec, the provider that was settled on, the state directory, the pack.

use std::path::{Path, PathBuf};

use super::boxes;
use super::foreign::Foreign;
use crate::artifact::{Logins, Needs, Pack, Store};
use crate::cli::Global;
use crate::error::{Error, Exit, Result};
use crate::platform;
use crate::provider;
use crate::spec::{self, Computer, Node, Provider, ProxyMode, ReadError, Spec};
use crate::t;
use crate::transport::Cancel;
use crate::ui::Screen;
use crate::workdir::Workdir;

/// The architecture of the nodes: that of this computer, as Go names it.
pub(super) fn arch() -> &'static str {
    platform::arch()
}

/// A cluster as it is meant to be, and where its state is.
pub(super) struct Lab {
    /// The config file.
    pub file: PathBuf,
    pub spec: Spec,
    /// The provider that was settled on; never `Auto`.
    pub provider: Provider,
    pub workdir: Workdir,
    pub pack: Option<Pack>,
    /// What is fetched without a pack; with one what it lacks and the cache has.
    pub needs: Needs,
    /// What neither the pack nor the cache has, in words.
    pub lacking: Vec<String>,
    pub store: Store,
    /// For a cluster that kprov did not make: what is known of it.
    pub foreign: Option<Foreign>,
}

/// Reads and checks the config file. All its problems are the message of the error.
pub(super) fn read_spec(file: &Path, screen: &Screen) -> Result<Spec> {
    match spec::read(file, &Computer::this()) {
        Ok(spec) => {
            if spec.network.kube_proxy == ProxyMode::Ipvs {
                screen.note(&t!("cli.ipvs-deprecated"));
            }
            Ok(spec)
        }
        Err(ReadError::File(error)) => Err(error),
        Err(ReadError::Diagnostics(problems)) => {
            // The screen takes the colour away where it does not belong.
            Err(Error::new(Exit::Usage, problems.render(true)))
        }
    }
}

/// The Spec of a config that kprov wrote itself.
pub(super) fn read_spec_text(text: &str) -> Result<Spec> {
    spec::parse(Path::new("cluster.toml"), text, &Computer::default())
        .map_err(|problems| Error::new(Exit::Usage, problems.render(true)))
}

impl Lab {
    /// Reads the config, settles on a provider and says so when it was found out now.
    pub(super) fn open(global: &Global, screen: &Screen, cancel: &Cancel) -> Result<Self> {
        let spec = read_spec(&global.file, screen)?;
        let workdir = Workdir::of(&global.file, &spec.name);
        let before = workdir.read("provider");
        let choice = provider::resolve(spec.provider, before.as_deref().map(str::trim), cancel)?;
        if choice.found {
            screen.note(&t!("cli.provider-found", provider = choice.provider.name()));
        }
        boxes::check(&spec, choice.provider)?;
        let store = store(&spec);
        Ok(Self {
            file: global.file.clone(),
            spec,
            provider: choice.provider,
            workdir,
            pack: None,
            needs: Needs::default(),
            lacking: Vec::new(),
            store,
            foreign: None,
        })
    }

    /// The node that somebody names.
    pub(super) fn node(&self, name: &str) -> Result<&Node> {
        self.spec.node(name).ok_or_else(|| {
            let nodes: Vec<&str> = self.spec.nodes.iter().map(|node| node.name.as_str()).collect();
            Error::usage(t!("cli.no-such-node", node = name, nodes = nodes.join(", ")))
        })
    }
}

/// The store of this computer, as the config wants registries asked.
pub(super) fn store(spec: &Spec) -> Store {
    let logins = Logins::of_this_user(super::login::ask);
    let store = Store::of_this_computer().with_registries(&spec.artifacts.registry_mirrors, logins);
    if spec.artifacts.pinned_images {
        store
    } else {
        store.unpinned()
    }
}

/// A number that no other run has: enough to tell folders and runs apart, not for secrets.
pub(super) fn random() -> u64 {
    use std::hash::{BuildHasher, Hasher};
    let mut hasher = std::collections::hash_map::RandomState::new().build_hasher();
    hasher.write_u128(
        std::time::SystemTime::UNIX_EPOCH
            .elapsed()
            .map_or(0, |time| time.as_nanos()),
    );
    hasher.write_u32(std::process::id());
    hasher.finish()
}
