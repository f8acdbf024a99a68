//! Every sentence a user can read is in the message files: none is missing, none is left over, and each
//! placeholder gets its value.

use std::collections::{BTreeMap, BTreeSet};

use kprov::plan;
use kprov::plan::verify::{Settings, Subject};
use kprov::text::ENGLISH;

use super::lexer::Token;
use super::sources::{Source, sources};

/// A use of `t!`, of `text::optional`, or of a key that is passed on to one of them.
struct Use {
    place: String,
    /// A key; `*` stands for a part that is only known when kprov runs.
    key: String,
    /// The names of the values; `None` where they are given elsewhere.
    names: Option<BTreeSet<String>>,
}

fn messages() -> BTreeMap<String, String> {
    let mut messages = BTreeMap::new();
    for (file, text) in ENGLISH {
        let table: BTreeMap<String, String> = toml::from_str(text).unwrap();
        messages.extend(
            table
                .into_iter()
                .map(|(name, text)| (format!("{file}.{name}"), text)),
        );
    }
    messages
}

/// The names in braces.
pub fn placeholders(text: &str) -> BTreeSet<String> {
    let is_name = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    text.split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| name.to_owned())
        .filter(|name| is_name(name))
        .collect()
}

/// Whether a string of the sources has the form of a key.
fn is_key(text: &str) -> bool {
    let Some((file, name)) = text.split_once('.') else {
        return false;
    };
    ENGLISH.iter().any(|(known, _)| *known == file)
        && !name.is_empty()
        // Files have such names as well.
        && !["html", "json"].contains(&name)
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_{}".contains(c))
}

/// `plan.{key}-title` as `plan.*-title`.
fn pattern(text: &str) -> String {
    let mut pattern = String::new();
    let mut inside = false;
    for character in text.chars() {
        match character {
            '{' => {
                inside = true;
                pattern.push('*');
            }
            '}' => inside = false,
            _ if inside => {}
            _ => pattern.push(character),
        }
    }
    pattern
}

fn matches(pattern: &str, key: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == key,
        Some((head, tail)) => key.strip_prefix(head).is_some_and(|rest| {
            (0..=rest.len()).any(|skip| rest.is_char_boundary(skip) && matches(tail, &rest[skip..]))
        }),
    }
}

fn uses() -> Vec<Use> {
    let mut uses = Vec::new();
    for source in sources() {
        let mut told = BTreeSet::new();
        for (index, two) in source.tokens.windows(3).enumerate() {
            if two[0].1.is_word("t") && two[1].1.is_sign('!') && two[2].1.is_sign('(') {
                call(&source, index, &mut told, &mut uses);
            }
        }
        for (index, (_, token)) in source.tokens.iter().enumerate() {
            if let Token::Text(text) = token
                && is_key(text)
                && !told.contains(&index)
            {
                uses.push(Use {
                    place: source.at(index),
                    key: pattern(text),
                    names: None,
                });
            }
        }
    }
    uses
}

/// Reads `t!(key, name = value, …)`, whose `t` is at `index`.
fn call(source: &Source, index: usize, told: &mut BTreeSet<usize>, uses: &mut Vec<Use>) {
    let mut depth = 0;
    let mut argument = 0;
    let (mut keys, mut names) = (Vec::new(), BTreeSet::new());
    for (at, (_, token)) in source.tokens.iter().enumerate().skip(index + 2) {
        let next = |offset: usize| source.tokens.get(at + offset).map(|(_, token)| token);
        match token {
            Token::Sign('(' | '[' | '{') => depth += 1,
            Token::Sign(')' | ']' | '}') => depth -= 1,
            Token::Sign(',') if depth == 1 => {
                argument += 1;
                if let (Some(Token::Word(name)), Some(Token::Sign('='))) = (next(1), next(2)) {
                    names.insert(name.clone());
                }
            }
            Token::Text(text) if argument == 0 && is_key(text) => keys.push((at, pattern(text))),
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    for (at, key) in keys {
        told.insert(at);
        uses.push(Use {
            place: source.at(at),
            key,
            names: Some(names.clone()),
        });
    }
}

#[test]
fn every_key_that_is_used_exists() {
    let messages = messages();
    let uses = uses();
    assert!(uses.len() > 200, "only {} uses were found", uses.len());
    let missing: Vec<String> = uses
        .iter()
        .filter(|used| !messages.keys().any(|key| matches(&used.key, key)))
        .map(|used| format!("{}: {}", used.place, used.key))
        .collect();
    assert!(missing.is_empty(), "\n{}", missing.join("\n"));
}

#[test]
fn every_message_is_used() {
    let uses = uses();
    let left_over: Vec<String> = messages()
        .into_keys()
        .filter(|key| !uses.iter().any(|used| matches(&used.key, key)))
        .collect();
    assert!(left_over.is_empty(), "nobody uses\n{}", left_over.join("\n"));
}

#[test]
fn every_placeholder_gets_its_value_and_no_value_is_lost() {
    let messages = messages();
    let mut wrong = Vec::new();
    for used in uses() {
        let Some(names) = &used.names else { continue };
        let family = used.key.contains('*');
        for (key, text) in messages.iter().filter(|(key, _)| matches(&used.key, key)) {
            let wanted = placeholders(text);
            // What a whole family is given, not each of it has to say.
            let fits = if family {
                wanted.is_subset(names)
            } else {
                wanted == *names
            };
            if !fits {
                wrong.push(format!(
                    "{}: {key} has {wanted:?} and is given {names:?}",
                    used.place
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn a_hint_that_gets_no_values_has_no_placeholders() {
    for (key, text) in messages() {
        if key.starts_with("plan.") && key.ends_with("-try") {
            assert!(placeholders(&text).is_empty(), "{key} is given no values: {text}");
        }
    }
}

#[test]
fn every_step_of_every_plan_has_its_title() {
    let mut titled = BTreeSet::new();
    for plan in plans() {
        for lane in plan.lanes.iter().chain(&plan.finally) {
            for step in &lane.steps {
                let texts = std::iter::once(&step.title).chain(&step.hints);
                for text in texts {
                    assert!(
                        !is_key(text),
                        "{} {}: there is no message {text}",
                        plan.command,
                        step.name
                    );
                    assert!(
                        !text.is_empty() && !text.contains("{name}"),
                        "{}: {text:?}",
                        step.name
                    );
                }
                titled.insert(step.title.clone());
            }
        }
        assert_eq!(plan.dangling(), Vec::<String>::new());
    }
    // Titles and hints of steps that are no more would stay for ever: their families match any name.
    let names: BTreeSet<&str> = plan::SCRIPTS.iter().map(|script| script.name).collect();
    let others = [
        "node-image",
        "box",
        "downloads",
        "kubeconfig",
        "boot",
        "connect",
        "workstation",
        "load-balancer-reached",
        "clocks",
        "service-name",
        "short-name",
        "host-network",
        "stopped",
        "started",
        // By the script of `up` of another name.
        "host-names",
    ];
    for key in messages().keys() {
        let (file, name) = key.split_once('.').unwrap();
        let Some(step) = name.strip_suffix("-title").or_else(|| name.strip_suffix("-try")) else {
            continue;
        };
        let script = match file {
            "plan" => step.to_owned(),
            "verify" => format!("verify-{step}"),
            _ => continue,
        };
        assert!(
            names.contains(script.as_str()) || others.contains(&step),
            "{key} is of no step"
        );
    }
    assert!(titled.len() > 40, "only {} titles: {titled:?}", titled.len());
}

#[test]
fn every_check_has_its_causes_and_the_commands_of_a_student() {
    for plan in plans().iter().filter(|plan| plan.proves) {
        for lane in plan.lanes.iter().chain(&plan.finally) {
            for step in &lane.steps {
                let id = step.id(&lane.name);
                assert!(!step.hints.is_empty(), "{id} has no causes");
                assert!(!step.commands.is_empty(), "{id} has no commands");
                let texts = step.hints.iter().chain(&step.commands);
                let left = |text: &&String| text.contains("{node}") || text.contains("{namespace}");
                assert_eq!(texts.clone().find(left), None, "{id}");
            }
        }
    }
}

#[test]
fn no_node_can_have_the_name_of_a_lane() {
    let mut found = BTreeSet::new();
    for plan in plans() {
        for lane in plan.lanes.iter().chain(&plan.finally) {
            found.insert(lane.name.to_string());
        }
    }
    let nodes = [
        crate::render::specs::three_control_planes(),
        crate::render::specs::containers(),
    ]
    .map(|spec| spec.nodes)
    .into_iter()
    .flatten();
    for node in nodes {
        found.remove(node.name.as_str());
        found.remove(&format!("control-plane-{}", node.name));
    }
    // Of one control plane, of a pool of addresses, and of an instructor's checks: no plan here has them.
    found.extend(["control-plane", "load-balancer", plan::verify::LABS].map(str::to_owned));
    let known: BTreeSet<String> = kprov::names::LANES.map(str::to_owned).into();
    assert_eq!(found, known);
}

/// Every plan of a cluster that has everything a plan can have.
fn plans() -> Vec<plan::Plan> {
    let spec = crate::render::specs::three_control_planes();
    let mut bridge = crate::render::specs::containers();
    bridge.network.cni = kprov::spec::Cni::Bridge;
    let supply = |name: &str| plan::up::Supply {
        name: name.to_owned(),
        path: format!("files/{name}"),
        sha256: "00".to_owned(),
        encoding: "none",
        images: vec![format!("registry.example/{name}:1")],
        control_planes: true,
        workers: true,
    };
    let supplies = plan::up::Supplies {
        programs: vec![supply("kubelet")],
        cni_plugins: Some(supply("cni-plugins")),
        containerd: Some(supply("containerd")),
        images: vec![supply("pause")],
        own_images: vec!["registry.example/own:1".to_owned()],
        downloads: true,
        ..plan::up::Supplies::default()
    };
    let settings = Settings {
        run: "0".to_owned(),
        disruptive: true,
        ..Settings::default()
    };
    let mut plans = Vec::new();
    let mut docker = bridge.clone();
    docker.runtime = kprov::spec::Runtime::Docker;
    let mut cri_dockerd = docker.clone();
    cri_dockerd.kubernetes.minor = 30;
    let mut hosts = bridge.clone();
    hosts.provider = kprov::spec::Provider::Ssh;
    for spec in [&spec, &bridge, &docker, &cri_dockerd, &hosts] {
        let provider = spec.provider;
        plans.push(plan::up::plan(spec, provider, &supplies).unwrap());
        plans.push(plan::verify::plan(&Subject::of(spec), &settings).unwrap());
        plans.push(plan::reset::plan(spec));
        for only in [None, spec.nodes.last()] {
            plans.push(plan::resume::plan(spec, provider, &supplies, only).unwrap());
            plans.push(plan::forget::plan(spec, provider, only));
        }
    }
    plans
}
