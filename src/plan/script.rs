//! The shell files that run on nodes, embedded.

/// A shell file of `templates/node/` that defines `check` and, unless it only waits, `apply`; a fact's file
/// defines `fact`.
#[derive(Debug)]
pub struct Script {
    /// The file's name without `.sh`.
    pub name: &'static str,
    /// Its text.
    pub source: &'static str,
}

impl Script {
    /// Whether there is something to do when the check is false.
    #[must_use]
    pub fn applies(&self) -> bool {
        self.source.contains("\napply() {")
    }
}

/// Walks over the steps of one exec; goes after the steps.
pub const RUNNER: &str = include_str!("../../templates/node/run.sh");
/// Functions that several scripts need; goes before the steps.
pub const LIBRARY: &str = include_str!("../../templates/node/lib.sh");

macro_rules! scripts {
    ($($constant:ident = $name:literal;)*) => {
        $(
            #[doc = concat!("`templates/node/", $name, ".sh`")]
            pub static $constant: Script = Script {
                name: $name,
                source: include_str!(concat!("../../templates/node/", $name, ".sh")),
            };
        )*
        /// All of them.
        pub static ALL: &[&Script] = &[$(&$constant),*];
    };
}

scripts! {
    ADDRESS = "address";
    HOSTS = "hosts";
    PACKAGES = "packages";
    FIREWALL = "firewall";
    SWAP = "swap";
    KERNEL = "kernel";
    PROGRAM = "program";
    CNI_PLUGINS = "cni-plugins";
    CONTAINERD = "containerd";
    CONTAINERD_CONFIG = "containerd-config";
    POD_NETWORK = "pod-network";
    KUBELET = "kubelet";
    IMAGE = "image";
    KUBEADM_INIT = "kubeadm-init";
    KUBEADM_JOIN = "kubeadm-join";
    NODE_READY = "node-ready";
    TOKENS_REMOVED = "tokens-removed";
    FACT_DISCOVERY = "fact-discovery";
    FACT_PKI = "fact-pki";
    FACT_ADMIN_CONF = "fact-admin-conf";
    RESET = "reset";
}
