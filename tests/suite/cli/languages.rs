//! kprov in Korean: all that people read, and nothing that programs read.

use std::fs;

use crate::place::{LAB, Place};

fn is_korean(text: &str) -> bool {
    text.chars().any(|c| ('\u{ac00}'..='\u{d7a3}').contains(&c))
}

#[test]
fn the_language_is_that_of_the_command_line_or_the_environment() {
    let place = Place::with(LAB);
    let korean = "잘못이 없습니다";
    place.kprov(&["check", "--lang", "ko"]).code(0).says(korean);
    place.kprov(&["--lang=ko", "check"]).code(0).says(korean);
    place
        .kprov_with(&["check"], &[("LANG", "ko_KR.UTF-8")])
        .code(0)
        .says(korean);
    let both = [("KPROV_LANG", "en"), ("LANG", "ko_KR.UTF-8")];
    place.kprov_with(&["check"], &both).code(0).says("is fine");
    place
        .kprov(&["check", "--lang", "fr"])
        .code(2)
        .says("possible values: en, ko");
}

#[test]
fn no_word_of_claps_own_is_left_in_korean_help() {
    let place = Place::with(LAB);
    let commands: &[&[&str]] = &[
        &[],
        &["up"],
        &["ssh"],
        &["snapshot"],
        &["pack", "serve"],
        &["completions"],
        &["help", "up"],
    ];
    for command in commands {
        let flags: &[&[&str]] = if command.first() == Some(&"help") {
            &[&[]]
        } else {
            &[&["-h"], &["--help"]]
        };
        for flag in flags {
            let said = place
                .kprov(&[&["--lang", "ko"], *command, *flag].concat())
                .code(0);
            for word in [
                "Usage",
                "Options:",
                "Commands:",
                "Arguments:",
                "Print ",
                "default:",
                "possible",
                "env:",
                "[OPTIONS]",
                "<FILE>",
                "<WHEN>",
                "[NODE]",
                "<ADDRESS:PORT>",
            ] {
                assert!(!said.out.contains(word), "{word}: {}", said.out);
            }
            for line in said
                .out
                .lines()
                .filter(|line| line.starts_with("  -") || line.starts_with("      --"))
            {
                assert!(is_korean(line), "{line}");
            }
        }
    }
}

#[test]
fn mistakes_of_the_command_line_are_told_in_korean() {
    let place = Place::with(LAB);
    for (arguments, words) in [
        (&["frobnicate"][..], "frobnicate라는 명령이 없습니다"),
        (&["upp"], "혹시 up입니까?"),
        (&["up", "--frob"], "--frob이라는 옵션"),
        (&["kubeconfig", "--path", "--merge"], "함께 쓸 수 없습니다"),
        (&["render"], "--output <폴더>"),
        (&["up", "--yes", "--yes"], "--yes가 두 번 이상 나옵니다"),
        (&["up", "--dry-run=later"], "later가 붙어 있습니다"),
        (&["verify", "--timeout", "0"], "1부터 86400까지의 정수"),
        (&["verify", "--timeout", "ten"], "1부터 86400까지의 정수"),
        (&["verify", "--watch", "-3"], "1부터 86400까지의 정수"),
        (&["pack", "serve", "a", "--listen", "8000"], "0.0.0.0:8000은"),
        (&["render", "-o"], "값이 필요합니다"),
        (&["completions", "tcsh"], "쓸 수 있는 값: bash"),
        (&["-q"], "명령이 빠졌습니다"),
    ] {
        let said = place
            .kprov_with(arguments, &[("KPROV_LANG", "ko")])
            .code(2)
            .says(words);
        assert!(
            said.err.starts_with("오류: ") && said.out.is_empty(),
            "{}",
            said.err
        );
        for line in said.err.lines() {
            assert!(is_korean(line), "{line}");
        }
    }
}

#[test]
fn mistakes_of_a_config_are_told_in_korean_at_the_same_place() {
    let place = Place::with(&LAB.replace("count = 2", "coutn = 2"));
    let english = place.kprov(&["check"]).code(2);
    let korean = place
        .kprov(&["check", "--lang", "ko"])
        .code(2)
        .says("혹시 `count`입니까?");
    assert!(korean.err.starts_with("오류: "), "{}", korean.err);
    let place_of = |said: &str| said.lines().find(|line| line.contains("-->")).map(str::to_owned);
    assert_eq!(place_of(&korean.err), place_of(&english.err));
    assert!(place_of(&english.err).is_some(), "{}", english.err);
}

#[test]
#[cfg(target_os = "linux")]
fn files_and_json_are_english_whatever_is_read() {
    let Some(place) = Place::without_network(LAB) else {
        return;
    };
    place.double(
        "vagrant",
        "case \"$1\" in\n--version) echo Vagrant 2.3.4 ;;\n*) echo no luck; exit 1 ;;\nesac",
    );
    place.double("VBoxManage", "echo 7.0.1");
    let said = place.kprov(&["up", "--lang", "ko"]).code(1).says("실패");
    assert!(said.err.contains("머신이 실행됨"), "{}", said.err);
    let mut read = 0;
    let runs = place.path(".kprov/lab/runs");
    for run in fs::read_dir(runs).unwrap() {
        for file in fs::read_dir(run.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_some_and(|it| it == "jsonl" || it == "log") {
                let text = fs::read_to_string(&path).unwrap();
                for line in text.lines() {
                    assert!(!is_korean(line), "{}: {line}", path.display());
                }
                read += usize::from(text.contains("the machine runs"));
            }
        }
    }
    assert!(read > 1, "only {read} files speak of the step that failed");
    let said = place.kprov(&["up", "--lang", "ko", "--format", "json"]).code(1);
    assert!(
        !is_korean(&said.out) && said.out.contains("the machine runs"),
        "{}",
        said.out
    );
}
