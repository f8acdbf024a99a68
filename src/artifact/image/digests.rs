//! The digests that images have in their own registries, as far as they are known: `templates/images.toml`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::Reference;

/// The table, as it is embedded.
const SOURCE: &str = include_str!("../../../templates/images.toml");

/// By registry and repository, then by tag.
static TABLE: LazyLock<BTreeMap<String, BTreeMap<String, String>>> =
    LazyLock::new(|| toml::from_str(SOURCE).expect("templates/images.toml is read by a test"));

/// The SHA-256 of what a name stands for, for all architectures.
pub(super) fn known(image: &Reference) -> Option<&'static str> {
    let repository = format!("{}/{}", image.host(), image.repository);
    Some(TABLE.get(&repository)?.get(&image.version)?.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::artifact::{Image, images};
    use crate::spec::KubernetesVersion;
    use crate::versions;

    #[test]
    fn sums_are_whole_and_no_two_images_have_the_same() {
        let all: Vec<&String> = TABLE.values().flat_map(BTreeMap::values).collect();
        for sum in &all {
            let hexadecimal = sum.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
            assert!(sum.len() == 64 && hexadecimal, "{sum}");
        }
        let mut distinct = all.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), all.len());
    }

    #[test]
    fn kubernetes_own_images_are_known_under_both_names_of_its_registry() {
        let unknown = |repository: &str| -> Vec<String> {
            let all = versions::rows().iter().flat_map(|row| {
                let version = KubernetesVersion {
                    minor: row.minor,
                    patch: row.patch,
                };
                images(version, repository, "arm64")
            });
            all.filter(|image| image.digest.is_none())
                .map(|image| image.name.replacen(&format!("{repository}/"), "", 1))
                .collect()
        };
        assert_eq!(unknown("registry.k8s.io"), [""; 0]);
        assert_eq!(unknown("k8s.gcr.io"), [""; 0]);
        assert_eq!(unknown("registry.example/k8s").len(), versions::rows().len() * 7);
        let course = KubernetesVersion { minor: 20, patch: 2 };
        assert!(
            images(course, "k8s.gcr.io", "amd64")
                .iter()
                .all(|image| image.digest.is_some())
        );
    }

    #[test]
    fn what_verify_deploys_is_known() {
        let samples = versions::samples();
        for name in [&samples.image, &samples.next] {
            assert!(Image::new(name, "amd64").digest.is_some(), "{name}");
        }
    }
}
