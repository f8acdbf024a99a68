//! Golden files: real ones, that an editor, ruby and kubeadm can read. `SNAPSHOTS=overwrite` renews them.

use std::path::{Path, PathBuf};

use kprov::cli::Profile;
use kprov::names::ClusterName;
use kprov::plan::{self, up::Supplies};
use kprov::render;
use kprov::spec::{self, Computer, Provider};
use kprov::text::Language;
use snapbox::{Assert, Data};

use super::specs;

fn golden(example: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(example)
}

#[test]
fn every_example_renders_as_its_golden_files() {
    for (example, spec) in specs::examples() {
        for (path, text) in render::all(&spec, spec.provider, &specs::access()).unwrap() {
            let expected = Data::read_from(&golden(&example).join(path), None).raw();
            Assert::new().action_env("SNAPSHOTS").eq(text, expected);
        }
    }
}

#[test]
fn every_example_has_the_plan_of_its_golden_file() {
    for (example, spec) in specs::examples() {
        let supplies = Supplies {
            pause: "3.2".to_owned(),
            own_images: spec.artifacts.images.clone(),
            ..Supplies::default()
        };
        let plan = plan::up::plan(&spec, spec.provider, &supplies).unwrap();
        assert_eq!(plan.dangling(), Vec::<String>::new(), "{example}");
        let expected = Data::read_from(&golden(&example).join("plan.txt"), None).raw();
        Assert::new()
            .action_env("SNAPSHOTS")
            .eq(plan::to_text(&plan), expected);
    }
}

#[test]
fn init_says_the_same_in_every_language() {
    let written = |language| {
        let name = ClusterName::new("my-lab").unwrap();
        [
            ("cluster", spec::init(&name, &Computer::default(), language)),
            ("course", spec::profile(Profile::Course, &name, language)),
            (
                "course-docker",
                spec::profile(Profile::CourseDocker, &name, language),
            ),
            (
                "course-today",
                spec::profile(Profile::CourseToday, &name, language),
            ),
        ]
    };
    let english = written(Language::En);
    for language in Language::ALL {
        for ((name, text), (_, english)) in written(language).iter().zip(&english) {
            let file = format!("{name}.{}.toml", language.code());
            let expected = Data::read_from(&golden("init").join(&file), None).raw();
            Assert::new().action_env("SNAPSHOTS").eq(text, expected);
            let values: [toml::Table; 2] = [text, english].map(|text| toml::from_str(text).unwrap());
            assert_eq!(values[0], values[1], "{file}");
            assert_eq!(values[0]["cluster"]["name"].as_str(), Some("my-lab"), "{file}");
            let comments: String = text.lines().filter(|line| line.starts_with('#')).collect();
            let korean = comments.chars().any(|c| ('\u{ac00}'..='\u{d7a3}').contains(&c));
            assert_eq!(korean, language == Language::Ko, "{file}: {comments}");
        }
    }
}

#[test]
fn every_golden_file_is_rendered() {
    for (example, spec) in specs::examples() {
        let mut rendered: Vec<_> = render::all(&spec, spec.provider, &specs::access())
            .unwrap()
            .into_iter()
            .map(|(path, _)| golden(&example).join(path))
            .collect();
        rendered.push(golden(&example).join("plan.txt"));
        let mut found: Vec<PathBuf> = ["", "kubeadm", "manifests"]
            .into_iter()
            .filter_map(|folder| std::fs::read_dir(golden(&example).join(folder)).ok())
            .flatten()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.is_file())
            .collect();
        rendered.sort();
        found.sort();
        assert_eq!(found, rendered, "{example}");
    }
}

#[test]
fn every_text_is_ascii_and_ends_as_a_line() {
    for (example, spec) in specs::examples() {
        for (path, text) in render::all(&spec, spec.provider, &specs::access()).unwrap() {
            let place = format!("{example}/{}", path.display());
            assert!(text.is_ascii(), "{place}");
            assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{place}");
            for line in text.lines() {
                assert_eq!(line, line.trim_end(), "{place}");
                assert!(!line.is_empty() || path.ends_with("Vagrantfile"), "{place}");
            }
        }
    }
}

#[test]
fn existing_hosts_have_no_vagrantfile() {
    let spec = specs::containers();
    let files = render::all(&spec, Provider::Ssh, &specs::access()).unwrap();
    assert!(
        files.iter().all(|(path, _)| path.starts_with("kubeadm")),
        "{files:?}"
    );
    assert_eq!(files.len(), spec.nodes.len());
    for provider in [Provider::Ssh, Provider::Auto] {
        assert!(render::vagrantfile(&spec, provider, &specs::access()).is_err());
    }
}

#[test]
fn hardware_addresses_are_fixed_and_differ() {
    let spec = specs::course();
    for provider in [Provider::Virtualbox, Provider::Libvirt] {
        let macs: Vec<_> = spec
            .nodes
            .iter()
            .map(|node| render::mac(&spec, node, provider))
            .collect();
        for (index, mac) in macs.iter().enumerate() {
            assert!(!macs[..index].contains(mac), "{macs:?}");
            let first = u8::from_str_radix(&mac[..2], 16).unwrap();
            assert_eq!(first & 1, 0, "{mac} is a group's address");
            assert_eq!(mac.starts_with("08:00:27:"), provider == Provider::Virtualbox);
            assert_eq!(mac.len(), 17);
        }
    }
}
