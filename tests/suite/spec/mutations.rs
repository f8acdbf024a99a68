//! Whatever a file looks like, there is an answer that can be shown.

use std::path::Path;

use kprov::spec;
use proptest::prelude::*;

use super::{computer, entries, examples};

/// All valid and invalid files of the repository.
fn files() -> Vec<String> {
    let folders = entries("tests/invalid")
        .into_iter()
        .map(|path| path.join("cluster.toml"));
    let paths = examples().into_iter().chain(folders);
    paths.map(|path| std::fs::read_to_string(path).unwrap()).collect()
}

/// A file from which pieces were cut out, into which others were put, at any place.
fn mutated() -> impl Strategy<Value = String> {
    let pieces = [
        "[",
        "]",
        "\"",
        "=",
        "\n",
        "#",
        "-1",
        "0",
        "99999999999",
        "1.20",
        "/",
        "-",
        "é",
        "\u{1b}[31m",
        "[[node]]\n",
        "role = \"worker\"\n",
        "count = 7\n",
        "255.255.255.255",
        "0.0.0.0/0",
        "{",
        "}",
        "'''",
        "\r\n",
        "\\",
    ];
    let change = (
        any::<prop::sample::Index>(),
        0..20_usize,
        prop::sample::select(pieces.to_vec()),
    );
    (prop::sample::select(files()), prop::collection::vec(change, 1..6)).prop_map(|(mut text, changes)| {
        for (place, cut, piece) in changes {
            let places: Vec<_> = text
                .char_indices()
                .map(|(at, _)| at)
                .chain([text.len()])
                .collect();
            let start = place.index(places.len());
            let end = (start + cut).min(places.len() - 1);
            text.replace_range(places[start]..places[end], piece);
        }
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn a_mutated_file_is_read_or_refused_with_places_inside_of_it(text in mutated()) {
        let parsed = spec::parse(Path::new("cluster.toml"), &text, &computer());
        if let Ok(spec) = &parsed {
            prop_assert_eq!(spec.first_control_plane().role, spec::Role::ControlPlane);
            for (index, node) in spec.nodes.iter().enumerate() {
                prop_assert!(spec.network.nodes.contains(&node.address));
                prop_assert!(spec.network.pods.contains(&node.pods));
                let twin = |other: &spec::Node| {
                    other.name == node.name || other.address == node.address || other.pods == node.pods
                };
                prop_assert!(!spec.nodes[..index].iter().any(twin), "{} has a twin", node.name);
            }
        }
        if let Err(problems) = parsed {
            prop_assert!(!problems.problems.is_empty());
            for color in [false, true] {
                let shown = problems.render(color);
                prop_assert!(color || !shown.contains('\u{1b}'), "{shown}");
                prop_assert!(!shown.contains("spec."), "a message is missing: {shown}");
            }
        }
    }
}
