//! A stand-in for registries of container images, on top of the stand-in for hosts.

use serde_json::{Value, json};

use super::host::{Host, sum_of};

const MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
const LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";

/// Puts images into a host.
pub struct Registry<'a> {
    pub host: &'a Host,
    /// Blobs come from there instead, as big registries do it.
    pub elsewhere: Option<&'a Host>,
}

/// An image that was put there: the sums of its documents and parts.
pub struct Pushed {
    pub list: String,
    pub manifest: String,
    pub config: String,
    pub layers: Vec<String>,
}

impl Registry<'_> {
    /// An image for amd64 and arm64; what is returned is the one for amd64.
    pub fn push(&self, repository: &str, tag: &str, layers: &[&[u8]]) -> Pushed {
        let mut entries = Vec::new();
        let mut first = None;
        for arch in ["amd64", "arm64"] {
            let config = json!({ "architecture": arch, "os": "linux", "of": repository }).to_string();
            let config_sum = self.blob(repository, config.as_bytes());
            let layer_sums: Vec<String> = layers.iter().map(|layer| self.blob(repository, layer)).collect();
            let layer = |(sum, content): (&String, &&[u8])| -> Value {
                json!({ "mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip",
                        "digest": format!("sha256:{sum}"), "size": content.len() })
            };
            let manifest = json!({
                "schemaVersion": 2,
                "mediaType": MANIFEST,
                "config": { "mediaType": "application/vnd.docker.container.image.v1+json",
                            "digest": format!("sha256:{config_sum}"), "size": config.len() },
                "layers": layer_sums.iter().zip(layers).map(layer).collect::<Vec<_>>(),
            })
            .to_string();
            let sum = self.document(repository, &manifest);
            entries.push(json!({
                "mediaType": MANIFEST, "digest": format!("sha256:{sum}"), "size": manifest.len(),
                "platform": { "architecture": arch, "os": "linux" },
            }));
            first.get_or_insert((sum, config_sum, layer_sums));
        }
        let list = json!({ "schemaVersion": 2, "mediaType": LIST, "manifests": entries }).to_string();
        let list_sum = self.document(repository, &list);
        self.host
            .serve_plain(&format!("v2/{repository}/manifests/{tag}"), list.as_bytes());
        let (manifest, config, layers) = first.unwrap();
        Pushed {
            list: list_sum,
            manifest,
            config,
            layers,
        }
    }

    fn document(&self, repository: &str, text: &str) -> String {
        let sum = sum_of(text.as_bytes());
        self.host.serve_plain(
            &format!("v2/{repository}/manifests/sha256:{sum}"),
            text.as_bytes(),
        );
        sum
    }

    fn blob(&self, repository: &str, content: &[u8]) -> String {
        let sum = sum_of(content);
        let key = format!("v2/{repository}/blobs/sha256:{sum}");
        match self.elsewhere {
            Some(other) => {
                other.serve_plain(&format!("store/{sum}"), content);
                self.host.redirect(&key, &format!("{}/store/{sum}", other.base));
            }
            None => self.host.serve_plain(&key, content),
        }
        sum
    }
}
