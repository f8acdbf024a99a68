//! What the nodes get from this computer, as plans need to know it.

/// The programs and images that the nodes get from this computer; nothing of them is downloaded by a node.
#[derive(Debug, Clone, Default)]
pub struct Supplies {
    /// Programs for `/usr/bin`.
    pub programs: Vec<Supply>,
    /// CNI plugins; without them the distribution's are used.
    pub cni_plugins: Option<Supply>,
    /// containerd; without it the distribution's is used.
    pub containerd: Option<Supply>,
    /// The first containerd that fits and the first that does not any more: one in between that a node has already
    /// stays. Without a range the supplied one takes its place.
    pub containerd_range: Option<(String, String)>,
    /// Docker, for the runtime of that name; without it the distribution's is used.
    pub docker: Option<Supply>,
    /// The first Docker that fits and the first that does not any more.
    pub docker_range: (String, String),
    /// Archives of container images.
    pub images: Vec<Supply>,
    /// Those of the images that the config names, by their whole names.
    pub own_images: Vec<String>,
    /// Manifests of pod networks and load balancers, as far as they are not kprov's own.
    pub manifests: Vec<Supply>,
    /// The tag of the pause image that this Kubernetes asks for, where no supplied image is one.
    pub pause: String,
    /// Whether the box of the machines comes from this computer too.
    pub machine_box: bool,
    /// Whether the files have to be downloaded to this computer first.
    pub downloads: bool,
}

/// One artifact, as a step needs to know it.
#[derive(Debug, Clone)]
pub struct Supply {
    /// The program's name, or a word for people.
    pub name: String,
    /// Where it is found again when it is sent.
    pub path: String,
    /// SHA-256 of its content, uncompressed.
    pub sha256: String,
    /// `none`, `gzip` or `tar`.
    pub encoding: &'static str,
    /// The images in it, by their whole names.
    pub images: Vec<String>,
    /// Whether control planes need it.
    pub control_planes: bool,
    /// Whether workers need it.
    pub workers: bool,
}
