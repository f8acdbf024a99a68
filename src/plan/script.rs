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
        /// The files of all steps and facts.
        pub static ALL: &[&Script] = &[$(&$constant),*];
    };
}

scripts! {
    CLOCK = "clock";
    GUEST = "guest";
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
    DOCKER = "docker";
    DOCKER_CONFIG = "docker-config";
    CRI_DOCKERD = "cri-dockerd";
    POD_NETWORK = "pod-network";
    KUBELET = "kubelet";
    IMAGE = "image";
    DOCKER_IMAGE = "docker-image";
    LOCAL_REGISTRY = "local-registry";
    KUBEADM_INIT = "kubeadm-init";
    KUBEADM_JOIN = "kubeadm-join";
    NODE_READY = "node-ready";
    KUBECTL_CONFIG = "kubectl-config";
    TOKENS_REMOVED = "tokens-removed";
    TAINT = "taint";
    API_SERVER_WATCHES = "api-server-watches";
    ADD_ON = "add-on";
    GIVE_ADDRESSES = "give-addresses";
    HOLD_ADDRESSES = "hold-addresses";
    FACT_DISCOVERY = "fact-discovery";
    FACT_PKI = "fact-pki";
    FACT_ADMIN_CONF = "fact-admin-conf";
    FORGET = "forget";
    LEAVE = "leave";
    RESET = "reset";
    VERIFY_READY = "verify-ready";
    VERIFY_ADDRESSES = "verify-addresses";
    VERIFY_VERSIONS = "verify-versions";
    VERIFY_RUNTIMES = "verify-runtimes";
    VERIFY_PRESSURE = "verify-pressure";
    VERIFY_SCHEDULABLE = "verify-schedulable";
    VERIFY_ETCD = "verify-etcd";
    VERIFY_API_SERVER = "verify-api-server";
    VERIFY_SCHEDULER = "verify-scheduler";
    VERIFY_CONTROLLER_MANAGER = "verify-controller-manager";
    VERIFY_KUBELET = "verify-kubelet";
    VERIFY_RUNTIME = "verify-runtime";
    VERIFY_CERTIFICATES = "verify-certificates";
    VERIFY_DISK = "verify-disk";
    VERIFY_POD_NETWORK = "verify-pod-network";
    VERIFY_KUBE_PROXY = "verify-kube-proxy";
    VERIFY_NODE_PORT = "verify-node-port";
    VERIFY_NAMESPACE = "verify-namespace";
    VERIFY_POD = "verify-pod";
    VERIFY_POD_ADDRESS = "verify-pod-address";
    VERIFY_EXPOSE = "verify-expose";
    VERIFY_LOAD_BALANCER = "verify-load-balancer";
    VERIFY_POOL = "verify-pool";
    VERIFY_DEPLOYMENT = "verify-deployment";
    VERIFY_SCALE = "verify-scale";
    VERIFY_SPREAD = "verify-spread";
    VERIFY_BALANCE = "verify-balance";
    VERIFY_SELF_HEALING = "verify-self-healing";
    VERIFY_ROLLOUT = "verify-rollout";
    VERIFY_ROLLBACK = "verify-rollback";
    VERIFY_ANONYMOUS = "verify-anonymous";
    VERIFY_UNPRIVILEGED = "verify-unprivileged";
    VERIFY_WRITE = "verify-write";
    VERIFY_CONTROLLER = "verify-controller";
    VERIFY_PLACEMENT = "verify-placement";
    VERIFY_DNS = "verify-dns";
    VERIFY_DAEMONSET = "verify-daemonset";
    VERIFY_POD_TO_POD = "verify-pod-to-pod";
    VERIFY_POD_TO_SERVICE = "verify-pod-to-service";
    VERIFY_OUTSIDE = "verify-outside";
    VERIFY_NETWORK_POLICY = "verify-network-policy";
    VERIFY_DNS_NAME = "verify-dns-name";
    VERIFY_CONFIGMAP = "verify-configmap";
    VERIFY_SECRET = "verify-secret";
    VERIFY_VOLUME = "verify-volume";
    VERIFY_STORAGE_CLASS = "verify-storage-class";
    VERIFY_STATEFULSET = "verify-statefulset";
    VERIFY_STABLE_NAME = "verify-stable-name";
    VERIFY_JOB = "verify-job";
    VERIFY_CRON_JOB = "verify-cron-job";
    VERIFY_LIMITS = "verify-limits";
    VERIFY_LOGS = "verify-logs";
    VERIFY_EXEC = "verify-exec";
    VERIFY_PORT_FORWARD = "verify-port-forward";
    VERIFY_METRICS = "verify-metrics";
    VERIFY_KUBELET_STOPPED = "verify-kubelet-stopped";
    VERIFY_KUBELET_STARTED = "verify-kubelet-started";
    VERIFY_RESIDENT = "verify-resident";
    VERIFY_NOTICED = "verify-noticed";
    VERIFY_REPLACED = "verify-replaced";
    VERIFY_REJOINED = "verify-rejoined";
    VERIFY_DELETED = "verify-deleted";
    VERIFY_LAB_COMMAND = "verify-lab-command";
    VERIFY_LAB_FIELD = "verify-lab-field";
}
