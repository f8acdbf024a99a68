//! Tables of single providers, of artifacts and of `verify`.

use toml::de::DeTable;

use super::boxes;
use super::diagnostic::{Diagnostic, shown};
use super::document::{At, Section};
use super::guests::{self, Guest};
use super::read::Base;
use super::references::{base_address, is_image, is_repository, is_word};
use super::words::one_of;
use super::{Artifacts, Docker, KubernetesVersion, Libvirt, Provider, Verify, VirtualBox};
use crate::{t, versions};

/// All of these tables; defaults stand in for what `problems` refuse.
pub(super) struct Settings {
    pub virtualbox: VirtualBox,
    pub libvirt: Libvirt,
    pub docker: Docker,
    pub artifacts: Artifacts,
    pub verify: Verify,
}

/// Reads the tables.
pub(super) fn read<'a>(
    root: &'a DeTable<'a>,
    base: &Base<'_>,
    provider: Option<Provider>,
    kubernetes: Option<KubernetesVersion>,
    problems: &mut Vec<Diagnostic>,
) -> Settings {
    let table = |name| Section::named(root, name);
    let guest = guests::read(&table("cluster"), provider, base.arch(), problems);
    let virtualbox = VirtualBox {
        boxes: boxes::read(&table("virtualbox"), Provider::Virtualbox, guest, base, problems),
    };
    let libvirt = libvirt(&table("libvirt"), guest, base, problems);
    for (own, first) in [
        (Provider::Virtualbox, virtualbox.boxes.first()),
        (Provider::Libvirt, libvirt.boxes.first()),
    ] {
        if let Some(first) = first.filter(|_| provider == Some(own) || provider == Some(Provider::Auto)) {
            let section = table(own.name());
            let written = section.text("box").or_else(|| table("cluster").text("guest"));
            let at = written.map_or(At::default_of(()), |written| written.with(()));
            let problem = guests::check(&first.name, &at, kubernetes)
                .or_else(|| guests::check_network(&first.name, &table("network"), &at));
            // Under `auto` a guest has a box for each; one word about it is enough.
            problems.extend(problem.filter(|new| problems.iter().all(|old| old.place != new.place)));
        }
    }
    Settings {
        virtualbox,
        libvirt,
        docker: docker(&table("docker"), problems),
        artifacts: artifacts(&table("artifacts"), base, kubernetes, problems),
        verify: Verify {
            image: checked(
                &table("verify"),
                "image",
                Form::Image,
                "docker.io/library/nginx:latest",
                problems,
            )
            .unwrap_or_else(|| versions::samples().image.clone()),
        },
    }
}

fn libvirt(
    section: &Section<'_>,
    guest: Option<&Guest>,
    base: &Base<'_>,
    problems: &mut Vec<Diagnostic>,
) -> Libvirt {
    let boxes = boxes::read(section, Provider::Libvirt, guest, base, problems);
    let usual = guest.or_else(|| guests::usual(Provider::Libvirt));
    let vagrant = usual.map_or("debian", |guest| &guest.vagrant);
    let mut chosen = |key, known: &[&str]| {
        let written = section.text(key)?;
        one_of(key, &written, known, problems).map(str::to_owned)
    };
    let driver = chosen("driver", &["kvm", "qemu"]);
    let cpu_mode = chosen("cpu_mode", &["host-model", "host-passthrough", "custom"]);
    problems.extend(cpu_model_alone(section, cpu_mode.as_deref()));
    let mut word = |key, example| checked(section, key, Form::Word, example, problems);
    Libvirt {
        boxes,
        cpu_model: word("cpu_model", "qemu64"),
        guest: word("guest", "debian").unwrap_or_else(|| vagrant.to_owned()),
        driver,
        cpu_mode,
    }
}

/// libvirt takes a CPU model only with the mode `custom`.
fn cpu_model_alone(section: &Section<'_>, mode: Option<&str>) -> Option<Diagnostic> {
    let model = section.text("cpu_model")?;
    // A mode that is wrong has its own diagnostic.
    if mode == Some("custom") || (mode.is_none() && section.has("cpu_mode")) {
        return None;
    }
    let written = section.text("cpu_mode").and_then(|mode| mode.at);
    Some(
        Diagnostic::new(
            model.place_or(&section.header),
            t!("spec.cpu-model", model = shown(model.value)),
            t!("spec.cpu-model-here"),
        )
        .also(written, t!("spec.cpu-mode-is", mode = mode.unwrap_or_default()))
        .help(t!("spec.write", line = "cpu_mode = \"custom\"")),
    )
}

fn docker(section: &Section<'_>, problems: &mut Vec<Diagnostic>) -> Docker {
    let (base_image, mirror) = ("debian:12-slim", "http://deb.debian.org/debian");
    let mut value = |key, form, example| checked(section, key, form, example, problems);
    Docker {
        image: value("image", Form::Image, "registry.example/k8s-node:1"),
        base_image: value("base_image", Form::Image, base_image).unwrap_or_else(|| base_image.to_owned()),
        debian_mirror: value("debian_mirror", Form::Address, mirror).unwrap_or_else(|| mirror.to_owned()),
    }
}

fn artifacts(
    section: &Section<'_>,
    base: &Base<'_>,
    kubernetes: Option<KubernetesVersion>,
    problems: &mut Vec<Diagnostic>,
) -> Artifacts {
    // kubeadm's own default changed with 1.25; images in packs and on mirrors carry these names.
    let repository = kubernetes.map_or("registry.k8s.io", |version| {
        &versions::row(version.minor).repository
    });
    let pack = section.text("pack").and_then(|pack| {
        let empty = pack.value.trim().is_empty();
        problems.extend(empty.then(|| wrong(&pack, section, "pack", Form::Path, "pack.tar.zst")));
        let is_served = pack.value.starts_with("http://") || pack.value.starts_with("https://");
        if is_served {
            return Some(pack.value.into());
        }
        (!empty).then(|| base.path(pack.value))
    });
    let mut mirrors = Vec::new();
    for mirror in section.texts("registry_mirrors") {
        match base_address(mirror.value) {
            Some(address) => mirrors.push(address.to_owned()),
            None => problems.push(
                wrong(&mirror, section, "registry_mirrors", Form::Address, "").help(t!(
                    "spec.write",
                    line = "registry_mirrors = [\"http://192.168.56.1:5000\"]"
                )),
            ),
        }
    }
    let mut images = Vec::new();
    for image in section.texts("images") {
        if is_image(image.value) {
            images.push(image.value.to_owned());
        } else {
            let line = t!("spec.write", line = "images = [\"nginx\", \"busybox:1.36\"]");
            problems.push(wrong(&image, section, "images", Form::Image, "").help(line));
        }
    }
    Artifacts {
        pack,
        image_repository: checked(
            section,
            "image_repository",
            Form::Repository,
            repository,
            problems,
        )
        .unwrap_or_else(|| repository.to_owned()),
        registry_mirrors: mirrors,
        images,
        pinned_images: section.flag("pinned_images").unwrap_or(true),
    }
}

/// The form that a text has to have.
#[derive(Clone, Copy)]
enum Form {
    Word,
    Image,
    Repository,
    Address,
    Path,
}

/// The text of a key in its right form; `None` where it is absent or wrong.
fn checked(
    section: &Section<'_>,
    key: &str,
    form: Form,
    example: &str,
    problems: &mut Vec<Diagnostic>,
) -> Option<String> {
    let written = section.text(key)?;
    let right = match form {
        Form::Word => is_word(written.value),
        Form::Image => is_image(written.value),
        Form::Repository => is_repository(written.value),
        Form::Address => base_address(written.value).is_some(),
        Form::Path => !written.value.is_empty(),
    };
    if right {
        return Some(written.value.trim_end_matches('/').to_owned());
    }
    problems.push(wrong(&written, section, key, form, example));
    None
}

fn wrong(written: &At<&str>, section: &Section<'_>, key: &str, form: Form, example: &str) -> Diagnostic {
    let label = match form {
        Form::Word => t!("spec.form-word"),
        Form::Image => t!("spec.form-image"),
        Form::Repository => t!("spec.form-repository"),
        Form::Address => t!("spec.form-address"),
        Form::Path => t!("spec.form-path"),
    };
    let message = t!("spec.form", key = key, value = shown(written.value));
    Diagnostic::new(written.place_or(&section.header), message, label)
        .help(t!("spec.write", line = format!("{key} = \"{example}\"")))
}
