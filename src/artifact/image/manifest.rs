//! The two documents that registries describe images with, in Docker's form and in that of the OCI.

use serde::{Deserialize, Serialize};

/// What a registry may answer with.
pub(in crate::artifact) const ACCEPTED: &str = "application/vnd.oci.image.index.v1+json, \
    application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.oci.image.manifest.v1+json, \
    application/vnd.docker.distribution.manifest.v2+json";
/// What a document is that does not say it.
const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// Names some bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::artifact) struct Descriptor {
    #[serde(rename = "mediaType", default)]
    pub media_type: String,
    pub digest: String,
    pub size: u64,
    #[serde(default, skip_serializing)]
    platform: Option<Platform>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Platform {
    architecture: String,
    os: String,
}

/// An image for one architecture, or the list of those for several.
#[derive(Debug, Deserialize)]
pub(in crate::artifact) struct Document {
    #[serde(rename = "mediaType")]
    media_type: Option<String>,
    #[serde(default)]
    manifests: Vec<Descriptor>,
    config: Option<Descriptor>,
    #[serde(default)]
    layers: Vec<Descriptor>,
}

/// What a document is.
pub(in crate::artifact) enum Form {
    /// An image.
    Image(Contents),
    /// A list; with the entry for the architecture that was asked for, if there is one.
    List(Option<Descriptor>),
    /// Neither.
    Foreign,
}

/// What an image is made of.
#[derive(Debug, Clone)]
pub(in crate::artifact) struct Contents {
    pub config: Descriptor,
    pub layers: Vec<Descriptor>,
}

impl Descriptor {
    pub(in crate::artifact) fn new(media_type: &str, sum: &str, size: u64) -> Self {
        Self {
            media_type: media_type.to_owned(),
            digest: format!("sha256:{sum}"),
            size,
            platform: None,
        }
    }

    /// The SHA-256; nothing for sums of other kinds.
    pub(in crate::artifact) fn sum(&self) -> Option<&str> {
        let sum = self.digest.strip_prefix("sha256:")?;
        crate::artifact::sum::is_sum(sum).then_some(sum)
    }
}

impl Document {
    pub(in crate::artifact) fn read(text: &[u8]) -> Option<Self> {
        serde_json::from_slice(text).ok()
    }

    pub(in crate::artifact) fn media_type(&self) -> &str {
        let silent = if self.config.is_some() {
            OCI_MANIFEST
        } else {
            OCI_INDEX
        };
        self.media_type.as_deref().unwrap_or(silent)
    }

    /// What it is for an architecture. Only sums of SHA-256 are known, so that all can be held against theirs.
    pub(in crate::artifact) fn form(&self, arch: &str) -> Form {
        if let Some(config) = &self.config {
            let whole = config.sum().is_some() && self.layers.iter().all(|layer| layer.sum().is_some());
            return if whole {
                Form::Image(Contents {
                    config: config.clone(),
                    layers: self.layers.clone(),
                })
            } else {
                Form::Foreign
            };
        }
        if self.manifests.is_empty() {
            return Form::Foreign;
        }
        let fits = |entry: &&Descriptor| {
            let platform = entry.platform.as_ref();
            platform.is_some_and(|p| p.os == "linux" && p.architecture == arch) && entry.sum().is_some()
        };
        Form::List(self.manifests.iter().find(fits).cloned())
    }
}

/// The architecture in an image's config.
pub(in crate::artifact) fn architecture(config: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Config {
        architecture: String,
    }
    let config: Config = serde_json::from_slice(config).ok()?;
    Some(config.architecture)
}
