//! The program itself, run in a folder of its own as a user would.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

#[cfg(target_os = "linux")]
use crate::tools::require;

/// The smallest lab that fits no network of this computer: nothing there answers.
pub const LAB: &str = r#"
[cluster]
name = "lab"
kubernetes = "1.20.2"
provider = "virtualbox"

[network]
nodes = "192.168.59.0/24"

[workers]
count = 2
"#;

/// A folder with a cluster.toml, and programs that stand first on the PATH.
pub struct Place {
    dir: TempDir,
    /// The command that runs kprov in namespaces of its own; empty for none.
    inside: Vec<OsString>,
}

/// How kprov ended and what it said.
#[derive(Debug)]
pub struct Said {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Place {
    /// A folder with that cluster.toml.
    pub fn with(config: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("cluster.toml"), config).unwrap();
        fs::create_dir(dir.path().join("bin")).unwrap();
        Self {
            dir,
            inside: Vec::new(),
        }
    }

    /// The same in a network namespace with nothing in it, so that no address of this computer's networks
    /// matters and none answers. `None` where the test is to end.
    #[cfg(target_os = "linux")]
    pub fn without_network(config: &str) -> Option<Self> {
        let unshare = require("unshare")?;
        let works = Command::new(&unshare).args(["-rn", "true"]).output();
        if !works.is_ok_and(|works| works.status.success()) {
            crate::tools::skip("unshare", "this user may not make a network namespace");
            return None;
        }
        let mut place = Self::with(config);
        place.inside = vec![unshare.into(), "-rn".into()];
        place.write_pack();
        let file = std::path::Path::new("cluster.toml");
        if let Ok(spec) = kprov::spec::parse(file, config, &kprov::spec::Computer::default()) {
            // With a pack nothing is fetched, boxes neither.
            let first = spec.boxes(kprov::spec::Provider::Virtualbox).first();
            if let Some(first) = first.filter(|first| first.url.is_none()) {
                place.has_box(&first.name);
            }
        }
        Some(place)
    }

    /// The same, run by that command and with a pack, since nothing can be downloaded there.
    #[cfg(target_os = "linux")]
    pub fn run_by(mut self, command: Vec<OsString>) -> Self {
        self.inside = command;
        self.write_pack();
        self
    }

    /// The same, in which that folder is a disk of its own with 1 MiB.
    #[cfg(target_os = "linux")]
    pub fn with_small_disk(mut self, folder: &str) -> Self {
        fs::create_dir(self.path(folder)).unwrap();
        let mount = format!("mount -t tmpfs -o size=1m small {folder} && exec \"$@\"");
        self.inside = ["unshare", "-rnm", "sh", "-c", &mount, "sh"]
            .map(OsString::from)
            .into();
        self
    }

    /// The same, in which what is sent to these addresses arrives on this computer, where nobody listens. `None` where the
    /// test is to end.
    #[cfg(target_os = "linux")]
    pub fn with_addresses(mut self, addresses: &[&str]) -> Option<Self> {
        use std::fmt::Write as _;

        require("ip")?;
        let mut begin = "ip link set lo up".to_owned();
        for address in addresses {
            let _ = write!(begin, " && ip route add local {address} dev lo");
        }
        let begin = format!("{begin} && exec \"$@\"");
        self.inside = ["unshare", "-rn", "sh", "-c", &begin, "sh"]
            .map(OsString::from)
            .into();
        Some(self)
    }

    /// Vagrant has that box for `VirtualBox`, as far as can be seen from outside.
    pub fn has_box(&self, name: &str) {
        self.has_box_for("virtualbox", name);
    }

    /// The same for another provider.
    pub fn has_box_for(&self, provider: &str, name: &str) {
        let folder = name.replace('/', "-VAGRANTSLASH-");
        let dir = self
            .path(".vagrant.d/boxes")
            .join(folder)
            .join("0")
            .join(provider);
        fs::create_dir_all(&dir).unwrap();
        fs::write(
            dir.join("metadata.json"),
            format!("{{\"provider\":\"{provider}\"}}"),
        )
        .unwrap();
    }

    /// A pack in which everything is the same few bytes, since nothing can be downloaded.
    #[cfg(target_os = "linux")]
    fn write_pack(&self) {
        use std::fmt::Write as _;

        use sha2::Digest;

        let program = b"#!/bin/sh\n";
        let sum = sha2::Sha256::digest(program);
        let sum = sum
            .iter()
            .fold(String::new(), |sum, byte| format!("{sum}{byte:02x}"));
        let mut list = "format = 1\nkubernetes = \"1.20.2\"\n".to_owned();
        fs::create_dir(self.path("pack")).unwrap();
        let version = kprov::spec::KubernetesVersion { minor: 20, patch: 2 };
        let samples = kprov::versions::samples();
        for arch in ["amd64", "arm64"] {
            let mut file = |kind: &str, name: &str, images: &[String]| {
                fs::write(self.path("pack").join(format!("{name}-{arch}")), program).unwrap();
                let _ = write!(
                    list,
                    "[[file]]\nkind = \"{kind}\"\nname = \"{name}\"\narch = \"{arch}\"\npath = \"{name}-{arch}\"\n\
                     sha256 = \"{sum}\"\nsize = {}\nimages = {images:?}\n",
                    program.len()
                );
            };
            for name in ["kubeadm", "kubelet", "kubectl", "crictl", "runc"] {
                file("program", name, &[]);
            }
            file("containerd", "containerd", &[]);
            file("cni-plugins", "cni-plugins", &[]);
            let own = kprov::artifact::images(version, "k8s.gcr.io", arch).into_iter();
            let mut images: Vec<String> = own.map(|image| image.name).collect();
            images.extend([samples.image.clone(), samples.next.clone()]);
            file("image", "all", &images);
        }
        fs::write(self.path("pack/pack.toml"), list).unwrap();
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The text of a file; nothing if there is none.
    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    /// A program that stands first on the PATH: a shell script that finds this folder in `$PLACE`.
    #[cfg(unix)]
    pub fn double(&self, name: &str, script: &str) {
        use std::os::unix::fs::PermissionsExt;
        let path = self.path("bin").join(name);
        let text = format!("#!/bin/sh\nPLACE='{}'\n{script}\n", self.dir.path().display());
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Runs `kprov` with these arguments.
    pub fn kprov(&self, arguments: &[&str]) -> Said {
        self.kprov_with(arguments, &[])
    }

    /// The same with variables of the environment.
    pub fn kprov_with(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Said {
        let said = self.command(arguments, environment).output().unwrap();
        Said {
            code: said.status.code(),
            out: String::from_utf8(said.stdout).unwrap(),
            err: String::from_utf8(said.stderr).unwrap(),
        }
    }

    /// The command that does so.
    pub fn command(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Command {
        let kprov = OsString::from(env!("CARGO_BIN_EXE_kprov"));
        let mut words = self.inside.iter().chain(std::iter::once(&kprov));
        let mut command = Command::new(words.next().unwrap());
        command.args(words);
        for name in ["KPROV_LANG", "LC_ALL", "LC_MESSAGES", "LANG"] {
            command.env_remove(name);
        }
        for name in ["KPROV_PACK", "NO_COLOR", "CLICOLOR_FORCE", "FORCE_COLOR"] {
            command.env_remove(name);
        }
        if !self.inside.is_empty() {
            command.env("KPROV_PACK", self.path("pack"));
        }
        let mut path = OsString::from(self.path("bin"));
        path.push(":/usr/bin:/bin");
        command
            .args(arguments)
            .current_dir(self.dir.path())
            .env("PATH", path)
            .env("HOME", self.dir.path())
            .envs(environment.iter().copied());
        command
    }
}

impl Said {
    /// Fails unless kprov ended with that status.
    pub fn code(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }

    /// Fails unless one of the streams has these words.
    pub fn says(self, words: &str) -> Self {
        assert!(
            self.out.contains(words) || self.err.contains(words),
            "{words:?} is not in {self:#?}"
        );
        self
    }
}
