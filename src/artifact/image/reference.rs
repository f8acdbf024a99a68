//! Names of container images, taken apart as every container runtime does it.

use std::fmt;

/// The registry of names that have none.
const HUB: &str = "docker.io";
/// Where Docker Hub answers.
const HUB_HOST: &str = "registry-1.docker.io";
/// The registry of Kubernetes' images up to 1.24 got no image since April 2023 and is to end. All that it had is in the
/// one that took its place, under the same paths.
const FROZEN: &str = "k8s.gcr.io";
const IN_ITS_PLACE: &str = "registry.k8s.io";

/// The name of an image: which registry, which repository in it, and which of its images.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The host that the name has, such as `registry.k8s.io`.
    pub registry: String,
    /// The path on that host.
    pub repository: String,
    /// Its tag, or `sha256:…`.
    pub version: String,
}

impl Reference {
    /// Takes a name apart. One with a tag and a digest is what the digest says, and `latest` is what is meant by
    /// neither.
    #[must_use]
    pub fn parse(name: &str) -> Self {
        let (name, digest) = match name.split_once('@') {
            Some((name, digest)) => (name, Some(digest)),
            None => (name, None),
        };
        let slash = name.rfind('/').map_or(0, |slash| slash + 1);
        let (path, tag) = match name[slash..].split_once(':') {
            Some((last, tag)) => (&name[..slash + last.len()], Some(tag)),
            None => (name, None),
        };
        let (registry, path) = match path.split_once('/') {
            Some((host, rest)) if host == "localhost" || host.contains(['.', ':']) => (host, rest),
            _ => (HUB, path),
        };
        let repository = if registry == HUB && !path.contains('/') {
            format!("library/{path}")
        } else {
            path.to_owned()
        };
        Self {
            registry: registry.to_owned(),
            repository,
            version: digest.or(tag).unwrap_or("latest").to_owned(),
        }
    }

    /// The sum that the name itself holds.
    #[must_use]
    pub fn digest(&self) -> Option<&str> {
        self.version.strip_prefix("sha256:")
    }

    /// The host that answers for the registry.
    #[must_use]
    pub fn host(&self) -> &str {
        match self.registry.as_str() {
            HUB => HUB_HOST,
            FROZEN => IN_ITS_PLACE,
            own => own,
        }
    }

    /// A word for people and for names of files: `coredns-v1.8.0`.
    #[must_use]
    pub fn word(&self) -> String {
        let last = self.repository.rsplit('/').next().unwrap_or(&self.repository);
        let version = self
            .digest()
            .map_or(self.version.as_str(), |sum| sum.get(..12).unwrap_or(sum));
        format!("{last}-{version}")
    }
}

impl fmt::Display for Reference {
    /// The whole name, as containerd keeps it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.digest().is_some() { '@' } else { ':' };
        write!(f, "{}/{}{sign}{}", self.registry, self.repository, self.version)
    }
}

#[cfg(test)]
mod tests {
    use super::Reference;

    #[test]
    fn names_become_whole() {
        let sum = "0a".repeat(32);
        for (name, whole) in [
            ("nginx", "docker.io/library/nginx:latest"),
            ("nginx:1.27", "docker.io/library/nginx:1.27"),
            ("calico/node:v3", "docker.io/calico/node:v3"),
            ("k8s.gcr.io/pause:3.2", "k8s.gcr.io/pause:3.2"),
            ("localhost/a:1", "localhost/a:1"),
            ("10.0.0.1:5000/a/b", "10.0.0.1:5000/a/b:latest"),
        ] {
            assert_eq!(Reference::parse(name).to_string(), whole);
        }
        let both = Reference::parse(&format!("k8s.gcr.io/pause:3.2@sha256:{sum}"));
        assert_eq!(both.to_string(), format!("k8s.gcr.io/pause@sha256:{sum}"));
        assert_eq!(both.digest(), Some(sum.as_str()));
        assert_eq!(both.word(), "pause-0a0a0a0a0a0a");
        assert_eq!(Reference::parse("nginx").host(), "registry-1.docker.io");
        // Named as its kubeadm names it, asked for where it is alive.
        let old = Reference::parse("k8s.gcr.io/pause:3.2");
        assert_eq!(
            (old.registry.as_str(), old.host()),
            ("k8s.gcr.io", "registry.k8s.io")
        );
        assert_eq!(
            Reference::parse("k8s.gcr.io/coredns/coredns:v1.8.0").word(),
            "coredns-v1.8.0"
        );
    }
}
