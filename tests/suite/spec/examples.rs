//! The files that a user starts from.

use std::path::Path;

use kprov::cli::Profile;
use kprov::names::ClusterName;
use kprov::spec::{self, Computer, Provider, ReadError, Role, Spec};
use kprov::text::Language;

use super::{computer, examples, interface};

/// The computer of a student who has allowed the course's range once.
fn lifted() -> Computer {
    let mut computer = computer();
    let ranges = computer.host_only_ranges.as_mut().unwrap();
    ranges.push("192.168.1.0/24".parse().unwrap());
    computer
}

fn read(path: &Path) -> Spec {
    match spec::read(path, &lifted()) {
        Ok(spec) => spec,
        Err(ReadError::Diagnostics(problems)) => panic!("{}", problems.render(false)),
        Err(ReadError::File(error)) => panic!("{error}"),
    }
}

fn example(name: &str) -> Spec {
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name))
}

fn example_text(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name);
    std::fs::read_to_string(path).unwrap()
}

fn outline(spec: &Spec) -> Vec<String> {
    let node = |node: &spec::Node| {
        let role = if node.role == Role::ControlPlane {
            "cp"
        } else {
            "w"
        };
        let (name, address, cpus, mib, pods) =
            (&node.name, node.address, node.cpus, node.memory_mib, node.pods);
        format!("{name} {role} {address} {cpus} {mib} {pods}")
    };
    spec.nodes.iter().map(node).collect()
}

#[test]
fn every_example_is_right() {
    let examples = examples();
    assert!(examples.len() >= 9, "{examples:?}");
    for path in examples {
        let spec = read(&path);
        assert!(spec.control_planes().count() >= 1, "{}", path.display());
    }
}

#[test]
fn the_file_at_the_top_is_the_smallest_useful_lab() {
    let spec = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("cluster.toml"));
    assert_eq!(spec.provider, Provider::Auto);
    assert_eq!(spec.kubernetes.to_string(), "1.20.2");
    assert_eq!(
        outline(&spec),
        [
            "m-k8s cp 192.168.56.10 2 2048 172.16.10.0/24",
            "w1-k8s w 192.168.56.101 1 1024 172.16.101.0/24",
            "w2-k8s w 192.168.56.102 1 1024 172.16.102.0/24",
        ]
    );
}

#[test]
fn the_course_has_its_own_addresses() {
    let spec = example("course.toml");
    assert_eq!(spec.provider, Provider::Virtualbox);
    assert_eq!(
        outline(&spec),
        [
            "m-k8s cp 192.168.1.10 2 2048 172.16.10.0/24",
            "w1-k8s w 192.168.1.101 1 1024 172.16.101.0/24",
            "w2-k8s w 192.168.1.102 1 1024 172.16.102.0/24",
            "w3-k8s w 192.168.1.103 1 1024 172.16.103.0/24",
        ]
    );
    let pool = spec::LoadBalancer {
        first: "192.168.1.11".parse().unwrap(),
        last: "192.168.1.99".parse().unwrap(),
        implementation: spec::Implementation::Metallb,
    };
    assert_eq!(spec.network.load_balancer, Some(pool));
    assert_eq!(spec.artifacts.image_repository, "k8s.gcr.io");

    let today = example("course-today.toml");
    let place = |spec: &Spec| -> Vec<_> {
        let nodes = spec.nodes.iter();
        nodes.map(|node| (node.name.clone(), node.address)).collect()
    };
    assert_eq!(place(&today), place(&spec));
    assert_eq!(today.network.load_balancer, spec.network.load_balancer);
    assert!(today.kubernetes.minor >= 36);
}

#[test]
fn a_profile_is_its_example_with_another_name() {
    for (profile, file, own) in [
        (Profile::Course, "course.toml", "course"),
        (Profile::CourseDocker, "course-docker.toml", "course-docker"),
        (Profile::CourseToday, "course-today.toml", "course-today"),
        (Profile::AllKeys, "all-keys.toml", "all-keys"),
    ] {
        let room = ClusterName::new("room-3").unwrap();
        let text = spec::profile(profile, &room, Language::En);
        let spec = spec::parse(Path::new("cluster.toml"), &text, &lifted()).unwrap();
        assert_eq!(spec.name.as_str(), "room-3");
        assert_eq!(outline(&spec), outline(&example(file)));
        assert_eq!(
            text.replace("\"room-3\"", &format!("\"{own}\"")),
            example_text(file)
        );
        let korean = spec::profile(profile, &room, Language::Ko);
        assert_eq!(without_comments(&korean), without_comments(&text), "{file}");
        assert_ne!(korean, text);
    }
}

/// What a config file says to kprov; comments say the rest to people.
fn without_comments(text: &str) -> Vec<&str> {
    let lines = text
        .lines()
        .map(|line| line.split(" #").next().unwrap_or(line).trim_end());
    lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect()
}

#[test]
fn what_init_writes_differs_between_languages_in_its_comments_alone() {
    let name = ClusterName::new("my-lab").unwrap();
    let [english, korean] =
        [Language::En, Language::Ko].map(|language| spec::init(&name, &computer(), language));
    assert_eq!(without_comments(&korean), without_comments(&english));
    assert_eq!(korean.lines().count(), english.lines().count());
    let comment = korean.lines().find(|line| line.starts_with('#')).unwrap();
    assert!(!comment.is_ascii(), "{comment}");
}

#[test]
fn several_control_planes_are_numbered() {
    let spec = example("three-control-planes.toml");
    let names: Vec<_> = spec.control_planes().map(|node| node.name.as_str()).collect();
    assert_eq!(names, ["m1-k8s", "m2-k8s", "m3-k8s"]);
    assert_eq!(spec.api_endpoint().0, "api.three-control-planes.internal");
}

#[test]
fn a_node_without_a_role_changes_a_generated_one() {
    let spec = example("three-workers.toml");
    let w1 = spec.node("w1-k8s").unwrap();
    let w2 = spec.node("w2-k8s").unwrap();
    assert_eq!((w1.cpus, w1.memory_mib), (2, 2048));
    assert_eq!((w2.cpus, w2.memory_mib), (1, 1024));
    assert_eq!(spec.boot_parallelism, Some(2));
}

#[test]
fn existing_hosts_share_what_the_ssh_table_says() {
    let spec = example("existing-hosts.toml");
    let host = |name: &str| spec.node(name).unwrap().host.clone().unwrap();
    let (first, third) = (host("desk1"), host("desk3"));
    assert_eq!(
        (first.host.as_str(), first.port, first.user.as_str()),
        ("10.20.30.21", 22, "student")
    );
    assert_eq!(
        first.identity.unwrap(),
        Path::new("/home/student").join(".ssh/id_ed25519")
    );
    assert_eq!(
        (third.host.as_str(), third.port, third.user.as_str()),
        ("desk3.classroom.example", 2222, "teacher")
    );
}

#[test]
fn a_pack_lies_beside_the_config_file() {
    let spec = example("offline-pack.toml");
    let pack = spec.artifacts.pack.unwrap();
    assert_eq!(
        pack,
        Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/pack.tar.zst")
    );
    assert!(pack.is_absolute());
}

#[test]
fn what_init_writes_is_right_on_the_computer_it_was_written_on() {
    let mut computer = computer();
    let name = ClusterName::new("my-lab").unwrap();
    let write = |computer: &Computer| {
        let text = spec::init(&name, computer, Language::En);
        match spec::parse(Path::new("cluster.toml"), &text, computer) {
            Ok(spec) => spec,
            Err(problems) => panic!("{}", problems.render(false)),
        }
    };
    let spec = write(&computer);
    assert_eq!(spec.network.nodes.to_string(), "192.168.56.0/24");
    assert_eq!(spec.name.as_str(), "my-lab");

    computer
        .interfaces
        .push(interface("vboxnet0", "192.168.56.1", "192.168.56.0/24"));
    assert_eq!(write(&computer).network.nodes.to_string(), "192.168.56.0/24");

    computer
        .interfaces
        .push(interface("eth1", "192.168.56.9", "192.168.56.0/23"));
    computer
        .interfaces
        .push(interface("tun0", "10.100.0.7", "10.100.0.0/16"));
    computer
        .interfaces
        .push(interface("br-1", "172.16.0.1", "172.16.0.0/16"));
    let spec = write(&computer);
    assert_eq!(spec.network.nodes.to_string(), "192.168.58.0/24");
    assert_eq!(spec.network.pods.to_string(), "172.17.0.0/16");
    assert_eq!(spec.network.services.to_string(), "10.112.0.0/12");
}

#[test]
fn a_missing_file_says_how_to_write_one() {
    let Err(ReadError::File(error)) = spec::read(Path::new("no/such/cluster.toml"), &computer()) else {
        panic!("there is no such file");
    };
    assert!(
        error.hints.iter().any(|hint| hint.contains("kprov init")),
        "{error:?}"
    );
}

#[test]
fn only_virtualbox_itself_is_bound_to_the_host_only_ranges() {
    let text = |provider: &str| {
        format!(
            "[cluster]\nname = \"lab\"\nkubernetes = \"1.20\"\nprovider = \"{provider}\"\n\
             [network]\nnodes = \"10.20.30.0/24\"\n"
        )
    };
    let file = Path::new("cluster.toml");
    let problems = |provider, computer: &Computer| {
        spec::parse(file, &text(provider), computer).map_or_else(|error| error.problems.len(), |_| 0)
    };
    let mut computer = computer();
    assert_eq!(problems("virtualbox", &computer), 1);
    for provider in ["auto", "libvirt", "docker", "ssh"] {
        assert_eq!(problems(provider, &computer), 0, "{provider}");
    }
    computer.host_only_ranges = None;
    assert_eq!(problems("virtualbox", &computer), 0);
}

#[test]
fn a_computer_may_be_in_the_network_of_hosts_that_exist_already() {
    let mut computer = computer();
    computer
        .interfaces
        .push(interface("eth1", "10.20.30.99", "10.20.30.0/24"));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/existing-hosts.toml");
    assert!(spec::read(&path, &computer).is_ok());
}

/// What a pack for several architectures has of boxes.
#[test]
fn another_architecture_has_the_boxes_of_the_same_guest() {
    let file = Path::new("cluster.toml");
    let boxes = |cluster: &str, tables: &str| {
        let text = format!(
            "[cluster]\nname = \"lab\"\nkubernetes = \"1.30\"\nprovider = \"virtualbox\"\n{cluster}\n\
             [network]\nnodes = \"192.168.56.0/24\"\n{tables}\n"
        );
        let spec =
            spec::parse(file, &text, &computer()).unwrap_or_else(|error| panic!("{}", error.render(false)));
        let boxes = spec.boxes_for(Provider::Virtualbox, "arm64");
        boxes.into_iter().map(|own| own.name).collect::<Vec<_>>()
    };
    assert_eq!(boxes("guest = \"ubuntu-24.04\"", ""), ["bento/ubuntu-24.04"]);
    assert_eq!(boxes("guest = \"debian-12\"", ""), [""; 0]);
    assert_eq!(boxes("", "[virtualbox]\nbox = \"school/lab\""), ["school/lab"]);
    let file = "[virtualbox]\nbox = \"school/lab\"\nbox_url = \"https://boxes.example/lab.box\"";
    assert_eq!(boxes("", file), [""; 0]);
}
