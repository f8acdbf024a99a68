//! `pack.toml`: what is in a pack.

use serde::{Deserialize, Serialize};

/// The whole list.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Contents {
    pub format: u32,
    pub kubernetes: String,
    #[serde(default, rename = "file")]
    pub files: Vec<Entry>,
}

/// A file of a pack.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// What it is.
    pub kind: Kind,
    /// A program's command name, otherwise a word for people.
    pub name: String,
    /// Its version, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The architecture as Go names it, such as `amd64`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arch: Option<String>,
    /// The provider whose machines a box is for, as Vagrant names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// Where it lies in the pack, with `/`.
    pub path: String,
    /// How it is compressed.
    #[serde(default)]
    pub encoding: Encoding,
    /// SHA-256 of the file as it lies in the pack, in hexadecimal.
    pub sha256: String,
    /// SHA-256 of what is in it once decompressed; absent when that is the file itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_sha256: Option<String>,
    /// Its size in bytes as it lies in the pack.
    pub size: u64,
    /// The images that it holds, by their whole names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<String>,
    /// The roles whose nodes need it; empty for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
}

/// What a file of a pack is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A program for `/usr/bin` of the nodes.
    Program,
    /// An archive of container images.
    Image,
    /// The nodes' own image for the `docker` provider, for `docker load`.
    NodeImage,
    /// A box, of which Vagrant makes virtual machines.
    Box,
    /// A tar of CNI plugins.
    CniPlugins,
    /// A tar of containerd and runc for `/usr/local` of the nodes.
    Containerd,
    /// A tar with the folder `docker`, as Docker's static archives are, for `/usr/local/bin` of the nodes.
    Docker,
    /// YAML of something that is put into the cluster: a pod network, a load balancer.
    Manifest,
}

/// How a file of a pack is compressed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    /// Not at all.
    #[default]
    None,
    /// By gzip, which every node can read.
    Gzip,
    /// A program is the file of its name in a tar archive, and sums are those of the archive.
    Tar,
}

impl Encoding {
    /// The word that node scripts take.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Tar => "tar",
        }
    }
}

impl Entry {
    /// SHA-256 of what is in it once decompressed.
    #[must_use]
    pub fn content_sum(&self) -> &str {
        self.content_sha256.as_deref().unwrap_or(&self.sha256)
    }
}

impl Kind {
    /// The word that the list has for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Program => "program",
            Self::Image => "image",
            Self::NodeImage => "node-image",
            Self::Box => "box",
            Self::CniPlugins => "cni-plugins",
            Self::Containerd => "containerd",
            Self::Docker => "docker",
            Self::Manifest => "manifest",
        }
    }
}
