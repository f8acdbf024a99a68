//! What the real tools say to rendered files: ruby, Vagrant and kubeadm.

use std::path::Path;
use std::process::{Command, Output};

use kprov::render;
use kprov::spec::Spec;

use super::specs;
use crate::tools::{require, require_in};

fn write(spec: &Spec, folder: &Path) {
    for (path, text) in render::all(spec, spec.provider, &specs::access()).unwrap() {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

fn succeeds(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{command:?}\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

/// Names that the reader of a config would refuse, where the types leave room for them.
fn hostile() -> Spec {
    let mut spec = specs::libvirt();
    let text = "a'b\"c\\#{abort 'out'}\n# é".to_owned();
    spec.file = format!("/x/{text}").into();
    spec.libvirt.guest.clone_from(&text);
    spec.libvirt.box_name.clone_from(&text);
    spec.libvirt.cpu_mode = Some(text.clone());
    spec.network.dns_domain.clone_from(&text);
    spec.artifacts.image_repository = text;
    spec
}

#[test]
fn ruby_takes_every_vagrantfile() {
    let Some(ruby) = require("ruby") else { return };
    for (_, spec) in specs::examples().into_iter().chain([("hostile", hostile())]) {
        let folder = tempfile::tempdir().unwrap();
        write(&spec, folder.path());
        succeeds(
            Command::new(&ruby)
                .args(["-wc", "Vagrantfile"])
                .current_dir(folder.path()),
        );
    }
}

#[test]
fn vagrant_validates_every_vagrantfile() {
    let Some(vagrant) = require("vagrant") else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    for (_, spec) in specs::examples() {
        let folder = tempfile::tempdir().unwrap();
        write(&spec, folder.path());
        succeeds(
            Command::new(&vagrant)
                .args(["validate", "--ignore-provider"])
                .env("VAGRANT_HOME", home.path())
                .env("VAGRANT_CHECKPOINT_DISABLE", "1")
                .current_dir(folder.path()),
        );
    }
}

#[test]
fn kubeadm_1_20_takes_the_course_and_containers() {
    let Some(kubeadm) = require_in("KPROV_LAB_KUBERNETES", "kubeadm") else {
        return;
    };
    for spec in [specs::course(), specs::containers()] {
        let folder = tempfile::tempdir().unwrap();
        write(&spec, folder.path());
        let first = format!("kubeadm/{}.yaml", spec.first_control_plane().name);
        let output = succeeds(
            Command::new(&kubeadm)
                .args(["config", "images", "list", "--config", &first])
                .current_dir(folder.path()),
        );
        let images = String::from_utf8(output.stdout).unwrap();
        for image in ["k8s.gcr.io/kube-proxy:v1.20.2", "k8s.gcr.io/coredns:1.7.0"] {
            assert!(images.lines().any(|line| line == image), "{image} in {images}");
        }
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!said.contains("strict decoding"), "{said}");
    }
}
