//! What the real tools say to rendered files: ruby, Vagrant and kubeadm.

use std::path::Path;
use std::process::{Command, Output};

use kprov::artifact;
use kprov::render;
use kprov::spec::{Provider, Spec};

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

#[test]
fn ruby_takes_every_vagrantfile() {
    let Some(ruby) = require("ruby") else { return };
    for (_, spec) in specs::examples()
        .into_iter()
        .filter(|(_, spec)| spec.provider.makes_machines())
    {
        let folder = tempfile::tempdir().unwrap();
        write(&spec, folder.path());
        let output = succeeds(
            Command::new(&ruby)
                .args(["-wc", "Vagrantfile"])
                .current_dir(folder.path()),
        );
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "a warning");
    }
}

#[test]
fn a_vagrantfile_runs_nothing_that_a_value_holds() {
    let Some(ruby) = require("ruby") else { return };
    let (spec, access) = specs::hostile();
    for (provider, times) in [
        (Provider::Virtualbox, 2),
        (Provider::Libvirt, 4),
        (Provider::Docker, 1),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let text = render::vagrantfile(&spec, provider, &access).unwrap();
        assert!(text.is_ascii());
        std::fs::write(folder.path().join("Vagrantfile"), text).unwrap();
        let output = succeeds(
            Command::new(&ruby)
                .args(["-e", RECORDER, specs::HOSTILE])
                .current_dir(folder.path()),
        );
        let seen: u32 = String::from_utf8(output.stdout)
            .unwrap()
            .strip_prefix("read to its end, ")
            .unwrap()
            .trim()
            .parse()
            .unwrap();
        assert!(seen >= times, "{provider:?}: seen whole {seen} times");
    }
}

/// Stands in for Vagrant: takes every setting, and counts those that are just the first argument.
const RECORDER: &str = r#"
$whole = 0
hostile = ARGV[0].dup.force_encoding("UTF-8")
class Any
  def self.hostile=(text); @@hostile = text; end
  def method_missing(_name, *values, **_named)
    $whole += values.count { |value| value == @@hostile }
    yield Any.new if block_given?
    Any.new
  end
  def respond_to_missing?(*) = true
end
Any.hostile = hostile
module Vagrant
  class Plugin
    def self.name(_) = nil
    def self.action_hook(*) = yield(Any.new)
  end
  def self.plugin(_) = Plugin
  def self.configure(_) = yield(Any.new)
end
module VagrantPlugins
  module ProviderVirtualBox
    module Action
      Boot = nil
    end
  end
end
load "./Vagrantfile"
puts "read to its end, #{$whole}"
"#;

#[test]
fn vagrant_validates_every_vagrantfile() {
    let Some(vagrant) = require("vagrant") else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    for (_, spec) in specs::examples()
        .into_iter()
        .filter(|(_, spec)| spec.provider.makes_machines())
    {
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
    let Some(kubeadm) = require_in("KPROV_LAB_DIR", "kubernetes/kubeadm") else {
        return;
    };
    // A patch whose kubeadm kprov does not know is told the tags of etcd and CoreDNS.
    let mut told = specs::course();
    told.kubernetes.patch = 99;
    told.artifacts.image_repository = "registry.example/mirror".to_owned();
    let text = render::kubeadm(&told, told.first_control_plane(), told.provider).unwrap();
    assert_eq!(text.matches("imageTag").count(), 2, "{text}");
    for spec in [specs::course(), specs::containers(), told] {
        let folder = tempfile::tempdir().unwrap();
        write(&spec, folder.path());
        let first = format!("kubeadm/{}.yaml", spec.first_control_plane().name);
        let output = succeeds(
            Command::new(&kubeadm)
                .args(["config", "images", "list", "--config", &first])
                .current_dir(folder.path()),
        );
        let mut asked: Vec<String> = String::from_utf8(output.stdout)
            .unwrap()
            .lines()
            .map(ToOwned::to_owned)
            .collect();
        let sent = artifact::images(spec.kubernetes, &spec.artifacts.image_repository, "amd64");
        let mut sent: Vec<String> = sent.into_iter().map(|image| image.name).collect();
        asked.sort();
        sent.sort();
        assert_eq!(asked, sent, "kubeadm asks for just the images that kprov brings");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!said.contains("strict decoding"), "{said}");
    }
}
