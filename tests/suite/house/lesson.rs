//! The pages of the lesson have their words in both languages, and name checks that there are.

use std::collections::BTreeSet;
use std::process::Command;

use kprov::plan;
use kprov::plan::lesson::{Action, pages, script};
use kprov::plan::verify::Subject;
use kprov::text::{Language, files};

use super::sources::root;
use crate::tools::require;

#[test]
fn every_page_has_its_words_and_no_words_are_left_over() {
    let spec = crate::render::specs::three_control_planes();
    let pages = pages(&Subject::of(&spec));
    assert!(pages.len() > 10, "only {} pages", pages.len());
    let wanted: BTreeSet<String> = pages
        .iter()
        .flat_map(|page| ["title", "text", "look"].map(|part| format!("{}-{part}", page.id)))
        .collect();
    for language in Language::ALL {
        let (_, text) = files(language)
            .iter()
            .find(|(name, _)| *name == "lesson")
            .unwrap();
        let table: toml::Table = toml::from_str(text).unwrap();
        let parts = ["-title", "-text", "-look"];
        let there: BTreeSet<String> = table
            .keys()
            .filter(|key| parts.iter().any(|part| key.ends_with(part)) && *key != "only-text")
            .cloned()
            .collect();
        assert_eq!(there, wanted, "{}", language.code());
        for key in &there {
            let words = table[key].as_str().unwrap();
            assert!(
                key.ends_with("-title") || words.len() > 100,
                "{key} says too little"
            );
        }
    }
    for page in &pages {
        for command in page.commands.iter().map(|it| &it.text).chain(&page.request) {
            assert!(
                !command.contains("{worker}") && !command.contains("{image}") && !command.contains("node$"),
                "{command}"
            );
        }
    }
}

#[test]
fn a_command_reaches_the_shell_as_it_was_typed() {
    let Some(bash) = require("bash") else { return };
    let typed = "echo \"$(printf %s 'a b')\" \"it's\" $NAMESPACE";
    let text = script(Action::Type(typed), "kprov-lesson-1");
    let (head, _) = text.split_once("# shellcheck").unwrap();
    let said = Command::new(bash)
        .args(["-c", &format!("{head}\nprintf '%s' \"$COMMAND\"")])
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&said.stdout), typed);
}

#[test]
fn the_lessons_shell_is_sound() {
    let Some(shellcheck) = require("shellcheck") else {
        return;
    };
    let said = Command::new(shellcheck)
        .arg(root().join("templates/lesson/run.sh"))
        .output()
        .unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stdout));
}

#[test]
fn the_checks_that_a_page_names_are_there() {
    let spec = crate::render::specs::three_control_planes();
    let plan = verification(&spec);
    for page in pages(&Subject::of(&spec)) {
        for check in &page.checks {
            assert!(
                plan::verify::knows(&plan, check),
                "{}: there is no check {check}",
                page.id
            );
        }
    }
}

fn verification(spec: &kprov::spec::Spec) -> plan::Plan {
    let subject = plan::verify::Subject::of(spec);
    let settings = plan::verify::Settings {
        disruptive: true,
        ..plan::verify::Settings::default()
    };
    plan::verify::plan(&subject, &settings).unwrap()
}
