//! Whatever a value holds, Ruby and YAML read it back as it was and as nothing else.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use kprov::render;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::tools::require;

/// Strings with a leaning towards what ends strings, starts code or looks like another type.
fn hostile() -> impl Strategy<Value = String> {
    let pieces = prop_oneof![
        any::<String>(),
        "[0-9a-zA-Z~:.-]{0,9}",
        proptest::sample::select(vec![
            "\"", "'", "\\", "#{exit}", "#$0", "#@a", "\n", "\r", "\0", "\u{85}", "\u{2028}", "\u{feff}",
            "\u{7f}", "🦀", "---\n", ": ", " #", "{{ a }}", "{% b %}", "yes", "null", "1e3", "0x1f", "`id`",
            "__END__", "=begin\n", "*a", "&a", "!!", "%{x}",
        ])
        .prop_map(str::to_owned),
    ];
    vec(pieces, 0..5).prop_map(|pieces| pieces.concat())
}

#[test]
fn ruby_reads_back_what_was_quoted() {
    let Some(ruby) = require("ruby") else { return };
    // One Ruby for many strings, because its start is what takes time. It writes each back in hex.
    let mut runner = TestRunner::new(ProptestConfig {
        cases: 16,
        ..ProptestConfig::default()
    });
    let strategy = vec(hostile(), 1..64);
    runner
        .run(&strategy, |texts| {
            let mut script = String::from("$stdout.sync = true\n");
            for text in &texts {
                script += "puts ";
                script += &render::ruby(text);
                script += ".unpack1('H*')\n";
            }
            prop_assert!(script.is_ascii());
            let mut child = Command::new(&ruby)
                .args(["-W0", "--external-encoding=US-ASCII", "-"])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            child.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
            let output = child.wait_with_output().unwrap();
            prop_assert!(output.status.success());
            let read = String::from_utf8(output.stdout).unwrap();
            let expected: Vec<_> = texts.iter().map(|text| hex(text)).collect();
            prop_assert_eq!(read.split_terminator('\n').collect::<Vec<_>>(), expected);
            Ok(())
        })
        .unwrap();
}

fn hex(text: &str) -> String {
    text.bytes()
        .fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

proptest! {
    #[test]
    fn yaml_reads_back_what_was_quoted(text in hostile(), key in "[a-z]{1,5}") {
        let document = format!("before: 1\n{key}-: {}\nafter: 2\n", render::yaml(&text));
        prop_assert!(document.is_ascii());
        let read: serde_json::Value = serde_saphyr::from_str(&document).unwrap();
        let expected = serde_json::json!({ "before": 1, format!("{key}-"): text, "after": 2 });
        prop_assert_eq!(read, expected);
    }
}

#[test]
fn no_template_marks_a_value_as_safe() {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("templates")];
    let mut templates = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "tera") {
                let text = std::fs::read_to_string(&path).unwrap();
                for filters in text
                    .split("{{")
                    .skip(1)
                    .map(|rest| rest.split("}}").next().unwrap())
                {
                    assert!(!filters.contains("safe"), "{}: {filters}", path.display());
                }
                templates += 1;
            }
        }
    }
    assert!(templates >= 4, "only {templates} templates found");
}
