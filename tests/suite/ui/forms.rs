//! The report in every form that it is written in.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use kprov::text::{Language, in_language};
use kprov::ui::Timeline;
use kprov::ui::report::picture::{Node, Picture, Pod, Service};
use kprov::ui::report::{About, Form, Points, Proof, Report, SCHEMA, Score};
use serde_json::Value;

use super::stage::Story;

/// Everything that means something to HTML, XML, Markdown or a terminal.
const HOSTILE: &str = "</script></svg><img src=x onerror=\"alert(1)\"> ' & | `code` ]]> \u{1b}[31mred\u{0} {{ 7 * 7 }} \u{ffff}";

fn proof() -> Proof {
    let story = Story::of(&[
        "nodes/nodes=Every node is Ready",
        "control-plane/etcd=etcd is healthy",
        "pod/pod=A pod with nginx runs",
        "pod/workstation=The NodePort of every node answers from this computer",
        "w1-k8s/node-port=w1-k8s: the NodePort of every node answers from here",
        "w1-k8s/pod-network=w1-k8s: pods reach pods on other nodes",
        "w2-k8s/node-port=w2-k8s: the NodePort of every node answers from here",
        "w2-k8s/pod-network=w2-k8s: pods reach pods on other nodes",
        &format!("dns/dns={HOSTILE}"),
    ])
    .start(0, "nodes/nodes")
    .unchanged(400, "nodes/nodes", "3 nodes are Ready")
    .start(10, "control-plane/etcd")
    .unchanged(300, "control-plane/etcd", "etcd 3.4.13 is healthy")
    .start(400, "pod/pod")
    .output(500, "pod/pod", "pod/nginx created")
    .changed(4_400, "pod/pod", "nginx runs on w1-k8s at 172.16.1.2")
    .start(4_400, "pod/workstation")
    .unchanged(
        4_500,
        "pod/workstation",
        "nginx's page from 192.168.1.10, 192.168.1.101 on port 31234",
    )
    .start(4_400, "w1-k8s/node-port")
    .unchanged(4_700, "w1-k8s/node-port", "3 of 3 nodes answer on port 31234")
    .start(4_400, "w2-k8s/node-port")
    .unchanged(4_700, "w2-k8s/node-port", "3 of 3 nodes answer on port 31234")
    .start(4_400, "w1-k8s/pod-network")
    .unchanged(4_900, "w1-k8s/pod-network", "w1-k8s reaches 3 pods")
    .start(4_400, "w2-k8s/pod-network")
    .failed(9_900, "w2-k8s/pod-network")
    .not_reached(9_900, "dns/dns", HOSTILE)
    .over(10_000);
    let mut report = Report::from_events(&story.events);
    for row in &mut report.rows {
        row.commands = vec![format!("kubectl get pods -o wide  # {}", row.check)];
    }
    report.rows[0].points = Some(Points::new(report.rows[0].mark, 10));
    report.score = Score::of(&report.rows);
    Proof {
        about: About {
            format: 1,
            kprov: "0.1.0".into(),
            cluster: format!("lab {HOSTILE}"),
            kubernetes: "1.20.2".into(),
            provider: "virtualbox".into(),
            began: "2026-11-25T20:30:00Z".into(),
        },
        timeline: Timeline::from_events(&story.events),
        report,
        picture: picture(),
    }
}

fn picture() -> Picture {
    let node = |name: &str, address: &str, role, pods: &[(&str, &str)]| Node {
        name: name.into(),
        address: address.into(),
        role,
        pods: pods
            .iter()
            .map(|(name, address)| Pod {
                name: (*name).into(),
                address: (*address).into(),
            })
            .collect(),
    };
    Picture {
        node_network: "192.168.1.0/24".into(),
        pod_network: "172.16.0.0/16".into(),
        nodes: vec![
            node("m-k8s", "192.168.1.10", "control-plane", &[]),
            node(
                "w1-k8s",
                "192.168.1.101",
                "worker",
                &[("nginx", "172.16.1.2"), ("web-6c9f-xv8r", "172.16.1.3")],
            ),
            node(
                "w2-k8s",
                "192.168.1.102",
                "worker",
                &[("web-6c9f-abcd", "172.16.2.2"), (HOSTILE, "172.16.2.3")],
            ),
        ],
        services: vec![Service {
            kind: "NodePort",
            name: "nginx".into(),
            at: "31234".into(),
        }],
    }
}

/// A file of the build's own folder, where a person can look at it as well.
fn file(name: &str, text: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("reports");
    fs::create_dir_all(&dir).unwrap();
    let path = dir.join(name);
    fs::write(&path, text).unwrap();
    path
}

fn everywhere(form: Form) -> [(Language, String); 2] {
    Language::ALL.map(|language| (language, in_language(language, || proof().to(form))))
}

#[test]
fn the_way_to_a_service_ends_on_the_line_of_the_nodes() {
    let mut proof = proof();
    proof.picture.nodes.truncate(1);
    let page = proof.to(Form::Html);
    // Of the first path of that class, which is a service's.
    let numbers = |class: &str| {
        let path = page.split(&format!("<path class=\"{class}")).nth(1).unwrap();
        let drawn = path.split("d=\"").nth(1).unwrap().split('"').next().unwrap();
        drawn
            .split([' ', 'M', 'H', 'V'])
            .filter_map(|word| word.parse::<usize>().ok())
            .collect::<Vec<_>>()
    };
    // From x and y down to y; from x at y to x.
    let way = numbers("way ");
    let line = numbers("bus");
    assert_eq!(way[2], line[1]);
    assert!(line[0] < way[0] && way[0] < line[2], "{way:?} {line:?}");
}

#[test]
fn html_is_one_page_in_which_no_value_is_code() {
    for (language, text) in everywhere(Form::Html) {
        file(&format!("{}.html", language.code()), &text);
        assert!(text.contains(&format!("<html lang=\"{}\">", language.code())));
        assert!(
            !text.contains("<img") && !text.contains("</script"),
            "a value became a tag"
        );
        assert!(!text.contains("49 "), "a value became a template");
        for outside in [
            "http://", "https://", " src=\"", "href=", "url(", "@import", "<link", "<script",
        ] {
            assert!(!text.contains(outside), "{outside}");
        }
        assert!(text.contains("w1-k8s/pod-network") && text.contains("pod/nginx created"));
        assert!(text.contains("E: Could not get lock") && text.contains("kubectl get pods -o wide"));
        for part in [
            "172.16.1.2",
            "192.168.1.102",
            "NodePort nginx",
            "class=\"way bad\"",
        ] {
            assert!(text.contains(part), "the picture lacks {part}");
        }
        let failed = text.matches("<details open>").count();
        assert_eq!(failed, 1, "the failed check, and only it, is open");
    }
    let korean = in_language(Language::Ko, || proof().to(Form::Html));
    for word in ["이 컴퓨터", "점검", "타임라인", "실패"] {
        assert!(korean.contains(word), "{word}");
    }
}

#[test]
#[cfg(unix)]
fn a_browser_shows_the_page_and_complains_of_nothing() {
    let Some(chromium) = crate::tools::require("chromium") else {
        return;
    };
    for (language, text) in everywhere(Form::Html) {
        page_is_sound(
            &chromium,
            &file(&format!("browser-{}.html", language.code()), &text),
        );
    }
    let profile = tempfile::tempdir().unwrap();
    // What the browser would say and note of a page that is wrong.
    let wrong = "<html><body><img src=\"http://127.0.0.1:9/x.png\"><script>wrong()</script></body></html>";
    let log = profile.path().join("wrong.json");
    let (_, errors) = browse(
        &chromium,
        profile.path(),
        &file("browser-wrong.html", wrong),
        &log,
    );
    assert!(errors.contains("CONSOLE") && requests(&log) > 0, "{errors}");
}

/// A browser shows the page and its picture, says nothing against it, and asks nobody for anything.
#[cfg(unix)]
pub fn page_is_sound(chromium: &Path, page: &Path) {
    let profile = tempfile::tempdir().unwrap();
    let log = profile.path().join("net.json");
    let (shown, errors) = browse(chromium, profile.path(), page, &log);
    assert!(shown.contains("<svg") && shown.contains("</html>"), "{errors}");
    assert!(!shown.contains("<img"), "a value became a tag");
    let complaints: Vec<&str> = errors.lines().filter(|line| line.contains("CONSOLE")).collect();
    assert!(complaints.is_empty(), "{complaints:?}");
    assert_eq!(requests(&log), 0, "the page asked for something");
}

/// Shows a page; what it became, and what the browser said. Notes in `log` what it asked for.
#[cfg(unix)]
fn browse(chromium: &Path, profile: &Path, page: &Path, log: &Path) -> (String, String) {
    let said = Command::new(chromium)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
        ])
        .args([
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ])
        .args(["--enable-logging=stderr", "--dump-dom"])
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg(format!("--log-net-log={}", log.display()))
        .arg(format!("file://{}", page.display()))
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&said.stdout), text(&said.stderr))
}

/// How often the log has a web address that a page from a file asked for.
#[cfg(unix)]
fn requests(log: &Path) -> usize {
    let text = fs::read_to_string(log).unwrap();
    assert!(text.contains("constants"), "the browser kept no log");
    let lines = text.lines();
    lines
        .filter(|line| line.contains("site=file://") && line.contains("\"url\":\"http"))
        .count()
}

/// A report in JSON, if it is as its schema says.
#[track_caller]
pub fn valid(text: &str) -> Value {
    let value: Value = serde_json::from_str(text).unwrap();
    let problems = schema_problems(&value);
    assert!(problems.is_empty(), "{problems:?}: {text}");
    value
}

fn schema_problems(value: &Value) -> Vec<String> {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    validator.iter_errors(value).map(|it| it.to_string()).collect()
}

#[test]
fn json_is_as_its_schema_says() {
    for (_, text) in everywhere(Form::Json) {
        assert_eq!(valid(&text)["score"]["earned"], 10);
    }
    let wrong = serde_json::json!({ "format": 1, "rows": "none" });
    assert!(!schema_problems(&wrong).is_empty(), "the schema takes anything");
}

/// Whether a file is as the common schema of `JUnit`'s reports says, and what xmllint says of it.
pub fn junit(xmllint: &Path, path: &Path) -> (bool, String) {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/junit.xsd");
    let said = Command::new(xmllint)
        .args(["--nonet", "--noout", "--schema"])
        .args([&schema, path])
        .output()
        .unwrap();
    (
        said.status.success(),
        String::from_utf8_lossy(&said.stderr).into_owned(),
    )
}

#[test]
fn junit_is_as_its_schema_says() {
    let Some(xmllint) = crate::tools::require("xmllint") else {
        return;
    };
    let good = everywhere(Form::Junit);
    let validate = |path: &Path| junit(&xmllint, path);
    for (language, text) in &good {
        let (holds, said) = validate(&file(&format!("{}.xml", language.code()), text));
        assert!(holds, "{said}");
        assert!(
            text.contains("tests=\"2\" failures=\"1\"") && text.contains("<skipped message="),
            "{text}"
        );
        assert!(text.contains("classname=\"kprov.w2-k8s\""), "{text}");
    }
    let (_, text) = &good[0];
    for (right, wrong) in [
        ("tests=", "test="),
        ("<failure ", "<failed "),
        ("time=\"", "time=\"x"),
    ] {
        let (holds, _) = validate(&file(
            "wrong.xml",
            &text.replace(right, wrong).replace(
                "</failure>",
                if wrong == "<failed " {
                    "</failed>"
                } else {
                    "</failure>"
                },
            ),
        ));
        assert!(!holds, "the schema takes {wrong}");
    }
}

#[test]
fn markdown_keeps_its_table_whatever_a_value_holds() {
    for (language, text) in everywhere(Form::Markdown) {
        file(&format!("{}.md", language.code()), &text);
        let rows: Vec<&str> = text.lines().filter(|line| line.starts_with('|')).collect();
        assert_eq!(rows.len(), 2 + 9);
        for row in rows {
            let cells = row.replace("\\|", "").matches('|').count();
            assert_eq!(cells, 5, "{row}");
        }
        assert!(!text.contains("<img") && !text.contains('\u{1b}'), "{text}");
        assert_eq!(text.matches("<details>").count(), 1);
        assert!(text.contains("```\nkubectl get pods"), "{text}");
    }
}

#[test]
fn a_files_ending_says_the_form() {
    for (name, form) in [
        ("a.html", Some(Form::Html)),
        ("a.HTM", Some(Form::Html)),
        ("junit.xml", Some(Form::Junit)),
        ("x.y.json", Some(Form::Json)),
        ("a.md", Some(Form::Markdown)),
        ("a.txt", None),
        ("html", None),
    ] {
        assert_eq!(Form::of(Path::new(name)), form, "{name}");
    }
}
