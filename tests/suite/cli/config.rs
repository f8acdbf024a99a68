//! `init`, `check`, `render` and `plan`: commands that touch nothing but files.

use std::fs;
use std::path::Path;

use crate::place::{LAB, Place, Said};

const FIVE_MISTAKES: &str = r#"[cluster]
name = "Lab_1"
kubernetes = "1.99"
provider = "virtualbux"

[network]
nodes = "192.168.59.0/24"
podz = "172.16.0.0/16"

[control_plane]
count = 2
"#;

#[test]
fn five_mistakes_are_five_errors_with_their_lines() {
    let said = Place::with(FIVE_MISTAKES).kprov(&["check"]).code(2);
    assert_eq!(said.out, "");
    let errors = said
        .err
        .lines()
        .filter(|line| line.starts_with("error: "))
        .count();
    assert_eq!(errors, 5, "{}", said.err);
    let places: Vec<&str> = said
        .err
        .lines()
        .filter_map(|line| line.trim().strip_prefix("--> cluster.toml:"))
        .collect();
    let lines: Vec<&str> = places
        .iter()
        .filter_map(|place| place.split(':').next())
        .collect();
    assert_eq!(lines, ["2", "3", "4", "8", "11"]);
    assert!(
        said.err
            .trim_end()
            .ends_with("cluster.toml: 5 problems. Nothing was changed."),
        "{}",
        said.err
    );
    // Every command refuses such a file in the same words.
    let up = Place::with(FIVE_MISTAKES).kprov(&["up"]).code(2);
    assert_eq!(up.err, said.err);
}

#[test]
fn a_config_that_is_not_there_is_said_with_what_to_do() {
    let place = Place::with(LAB);
    place
        .kprov(&["-f", "other.toml", "check"])
        .code(2)
        .says("other.toml")
        .says("kprov init");
}

/// What editors, Korean ones among them, make of a file: two of these are as good as what kprov writes itself.
#[test]
fn a_file_of_another_encoding_is_named_as_such() {
    let place = Place::with(LAB);
    let commented = LAB.replace("[network]", "# 네트워크\n[network]");
    let utf_16: Vec<u8> = commented.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let marked = [&[0xff, 0xfe][..], &utf_16].concat();
    // The same comment in CP949.
    let network = [
        &b"# "[..],
        &[0xb3, 0xd7, 0xc6, 0xae, 0xbf, 0xf6, 0xc5, 0xa9],
        b"\n[network]",
    ]
    .concat();
    let at = LAB.find("[network]").unwrap();
    let cp949 = [
        &LAB.as_bytes()[..at],
        &network,
        &LAB.as_bytes()[at + "[network]".len()..],
    ]
    .concat();
    let line = LAB[..at].lines().count() + 1;
    for (bytes, words) in [
        (utf_16, "cluster.toml is saved as UTF-16".to_owned()),
        (marked, "cluster.toml is saved as UTF-16".to_owned()),
        (cp949, format!("Line {line} of cluster.toml is not UTF-8")),
    ] {
        fs::write(place.path("cluster.toml"), bytes).unwrap();
        place.kprov(&["check"]).code(2).says(&words).says("Notepad");
    }
    for text in [
        format!("\u{feff}{commented}"),
        commented.replace('\n', "\r\n"),
        commented.replace(" = ", "\t=\t"),
    ] {
        fs::write(place.path("cluster.toml"), text).unwrap();
        place.kprov(&["check"]).code(0);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn every_example_is_right() {
    let Some(place) = Place::without_network("") else {
        return;
    };
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut checked = 0;
    for entry in fs::read_dir(examples).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            continue;
        }
        let said = place.kprov(&["-f", path.to_str().unwrap(), "check"]);
        // VirtualBox of this computer may not allow the course's own range; the message says how to.
        let of_the_course = ["course.toml", "course-docker.toml", "course-today.toml"];
        let course = of_the_course.iter().any(|name| path.ends_with(name))
            && said.err.contains("/etc/vbox/networks.conf");
        assert!(said.code == Some(0) || course, "{}: {said:#?}", path.display());
        checked += 1;
    }
    assert!(checked >= 8, "only {checked} examples");
}

#[test]
fn check_tells_programs_the_nodes() {
    let said = Place::with(LAB).kprov(&["--format", "json", "check"]).code(0);
    let value: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(value["cluster"], "lab");
    assert_eq!(value["nodes"][0]["address"], "192.168.59.10");
    assert_eq!(value["nodes"].as_array().unwrap().len(), 3);
    assert_eq!(said.err, "");
}

fn files(dir: &Path) -> Vec<(String, String)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else {
            files.push((path.display().to_string(), fs::read_to_string(&path).unwrap()));
        }
    }
    files.sort();
    files
}

#[test]
fn render_writes_the_same_files_every_time() {
    let place = Place::with(LAB);
    place.kprov(&["render", "-o", "out"]).code(0).says("Vagrantfile");
    let first = files(&place.path("out"));
    let names = |wanted: &str| first.iter().filter(|(path, _)| path.contains(wanted)).count();
    assert_eq!(
        (names("Vagrantfile"), names("kubeadm"), names("manifests")),
        (1, 3, 5),
        "{first:?}"
    );
    place.kprov(&["render", "-o", "out"]).code(0);
    assert_eq!(files(&place.path("out")), first);
    assert!(!place.path(".kprov").exists(), "render made state");
}

#[test]
fn plan_shows_the_lanes_and_makes_nothing() {
    let place = Place::with(LAB);
    let said = place.kprov(&["plan"]).code(0);
    let lanes: Vec<&str> = said.out.lines().filter(|line| !line.starts_with(' ')).collect();
    assert_eq!(lanes, ["workstation", "downloads", "m-k8s", "w1-k8s", "w2-k8s"]);
    assert!(
        said.out.contains("<- m-k8s/kubeadm-init, the value discovery"),
        "{}",
        said.out
    );
    assert_eq!(place.kprov(&["plan"]).out, said.out);
    let json = place.kprov(&["plan", "--format", "json"]).code(0);
    let value: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(value[2]["lane"], "m-k8s");
    assert!(!place.path(".kprov").exists(), "plan made state");
}

#[test]
fn init_writes_a_file_that_is_right_and_overwrites_none() {
    let place = Place::with(LAB);
    place.kprov(&["init"]).code(2).says("cluster.toml exists already");
    assert_eq!(place.read("cluster.toml"), LAB);
    place
        .kprov(&["-f", "new.toml", "init", "--name", "course"])
        .code(0)
        .says("wrote new.toml")
        .says("kprov -f new.toml up");
    place
        .kprov(&["-f", "new.toml", "check"])
        .code(0)
        .says("cluster course");
    place
        .kprov(&["-f", "bad.toml", "init", "--name", "No_Name"])
        .code(2)
        .says("No_Name");
    assert!(!place.path("bad.toml").exists());
}

#[test]
fn init_writes_the_course_s_cluster() {
    let place = Place::with(LAB);
    for profile in ["course", "course-docker", "course-today"] {
        let file = format!("{profile}.toml");
        place.kprov(&["-f", &file, "init", "--profile", profile]).code(0);
        let text = place.read(&file);
        assert!(
            text.contains(&format!("name = \"{profile}\"")) && text.contains("192.168.1.11"),
            "{text}"
        );
    }
    place
        .kprov(&["-f", "x.toml", "init", "--profile", "cours"])
        .code(2)
        .says("cours");
}

/// The README's tables are what `kprov versions` prints, the second one on this kind of processor.
#[test]
fn versions_are_those_of_the_readme() {
    let place = Place::with(LAB);
    let said = place.kprov(&["versions"]).code(0);
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let (versions, guests) = said.out.split_once("\n\n").expect("two tables");
    let readme_has = |text: &str| assert!(readme.contains(text), "{text}");
    readme_has(&format!("```\n$ kprov versions\n{versions}\n\n"));
    if cfg!(target_arch = "x86_64") {
        readme_has(&format!("\n{guests}```\n"));
    }
    let json = place.kprov(&["--format", "json", "versions"]).code(0);
    let rows: Vec<serde_json::Value> = serde_json::from_str(&json.out).unwrap();
    assert_eq!(rows.len(), versions.lines().count() - 1);
    for (row, line) in rows.iter().zip(versions.lines().skip(1)) {
        let words: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(row["kubernetes"], words[0]);
        for key in [
            "kubeadm",
            "containerd",
            "docker",
            "pause",
            "etcd",
            "coredns",
            "flannel",
            "calico",
            "cilium",
            "metallb",
        ] {
            assert!(words.contains(&row[key].as_str().unwrap()), "{key} of {line}");
        }
        // The second table says the same of each guest by its range of versions.
        let runs = |guest: &&str| {
            let line = guests
                .lines()
                .find(|line| line.starts_with(&format!("{guest} ")))
                .unwrap();
            let range = line.split_whitespace().nth(3).unwrap();
            let minor = words[0].split('.').nth(1).unwrap();
            // One without an end is for every version, and for all that come.
            let Some((_, last)) = range.split_once("-1.") else {
                assert_eq!(range, "1.20+", "{line}");
                return true;
            };
            minor.parse::<u32>().unwrap() <= last.parse::<u32>().unwrap()
        };
        let named: Vec<&str> = guests
            .lines()
            .skip(1)
            .filter_map(|line| line.split(' ').next())
            .collect();
        let expected: Vec<&str> = named.into_iter().filter(runs).collect();
        assert_eq!(row["guests"], serde_json::json!(expected));
    }
}

fn escapes(said: &Said) -> bool {
    said.out.contains('\x1b') || said.err.contains('\x1b')
}

#[test]
fn colour_is_for_terminals_and_for_those_who_ask() {
    let place = Place::with(FIVE_MISTAKES);
    for arguments in [
        &["check"][..],
        &["--color", "never", "check"],
        &["--help"],
        &["frobnicate"],
    ] {
        let said = place.kprov(arguments);
        assert!(!escapes(&said), "{arguments:?}: {said:?}");
    }
    assert!(escapes(&place.kprov(&["--color", "always", "check"])));
    assert!(!escapes(&place.kprov_with(&["check"], &[("NO_COLOR", "1")])));
}
