//! An instructor's labs.toml, right and wrong.

use std::path::Path;

use kprov::spec::{Labs, Task, parse_labs};

fn read(text: &str) -> Result<Labs, String> {
    let names = ["dns", "ready"].map(str::to_owned);
    parse_labs(Path::new("labs.toml"), text, &names, &|name| {
        names.iter().any(|known| known == name)
    })
    .map_err(|problems| problems.render(false))
}

#[test]
fn the_example_is_right() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/grading/labs.toml");
    let labs = read(&std::fs::read_to_string(path).unwrap()).unwrap();
    let points: u32 = labs.checks.iter().map(|check| check.points).sum();
    assert_eq!((labs.checks.len(), points), (5, 100));
    let tasks: Vec<&Task> = labs.checks.iter().map(|check| &check.task).collect();
    assert!(matches!(tasks[0], Task::Verify(name) if name == "ready"));
    assert!(matches!(tasks[2], Task::Command { expect: Some(words), .. } if words == "namespace/team-a"));
    assert!(matches!(tasks[3], Task::Field { namespace, .. } if namespace == "team-a"));
    assert!(matches!(tasks[4], Task::Request { status: 200, .. }));
}

#[test]
fn defaults_are_one_point_and_ten_seconds() {
    let labs = read("[[check]]\nname = \"a\"\ncommand = \"true\"\n").unwrap();
    let check = &labs.checks[0];
    assert_eq!((check.points, check.seconds, check.title.as_str()), (1, 10, "a"));
    assert_eq!(labs.title, None);
}

#[test]
fn mistakes_are_told_with_their_lines() {
    let check = |rest: &str| format!("[[check]]\nname = \"a\"\n{rest}\n");
    let cases = [
        (String::new(), "the file ends without [[check]]", 1),
        (
            check(""),
            "it needs one of `verify`, `command`, `request` or `object`",
            1,
        ),
        (
            check("command = \"true\"\nrequest = \"http://a/\""),
            "only one of",
            4,
        ),
        (check("verify = \"dsn\""), "did you mean `dns`?", 3),
        (check("comand = \"true\""), "did you mean `command`?", 3),
        (check("command = 3"), "has to be a string", 3),
        (check("command = \"true\"\npoints = -1"), "between 0 and 1000", 4),
        (
            check("command = \"true\"\nfield = \"{.a}\""),
            "`field` means nothing beside `command`",
            4,
        ),
        (
            check("request = \"ftp://a/\""),
            "begins with http:// or https://",
            3,
        ),
        (
            check("object = \"deployment\"\nfield = \"{.a}\"\nexpect = \"1\""),
            "its kind and its name",
            3,
        ),
        (
            check("object = \"deployment/web\""),
            "a check of an object needs `field`",
            1,
        ),
        (
            check("command = \"a\"") + &check("command = \"b\""),
            "two checks have the name a",
            5,
        ),
        (
            "[[check]]\nname = \"A b\"\ncommand = \"a\"\n".to_owned(),
            "keep the sentence for `title`",
            2,
        ),
        ("[check]\nname = \"a\"\n".to_owned(), "too few brackets", 1),
        ("[[check]]\nname = a\n".to_owned(), "has no quotes", 2),
    ];
    for (text, words, line) in cases {
        let said = read(&text).expect_err(&text);
        assert!(said.contains(words), "{words:?} is not in\n{said}");
        assert!(
            said.contains(&format!("labs.toml:{line}")),
            "not line {line}:\n{said}"
        );
    }
}
