//! `modifyvm`: the settings that it takes, and what they do.

use super::answer::{Refused, Result, wrong};
use super::state::{Machine, Nic};

/// A setting as it was said.
#[derive(Debug)]
pub enum Setting {
    Name(String),
    Description(String),
    /// What `showvminfo` shows, by its name there.
    Shown(&'static str, String),
    Nic(u8, Card, String),
    Forward(u8, String),
    NoForward(u8, String),
}

/// What is said of a network card.
#[derive(Debug, Clone, Copy)]
pub enum Card {
    Kind,
    Adapter,
    Mac,
    Model,
    Cable,
    DnsProxy,
}

const ON_OFF: &[&str] = &["on", "off"];
/// Options with values, and what `showvminfo` calls them.
const SHOWN: &[(&str, &str, Option<&[&str]>)] = &[
    ("--memory", "memory", None),
    ("--cpus", "cpus", None),
    ("--vram", "vram", None),
    ("--groups", "groups", None),
    ("--rtcuseutc", "rtcuseutc", Some(ON_OFF)),
    ("--audio-enabled", "audio-enabled", Some(ON_OFF)),
    ("--mouse", "hidpointing", Some(&["ps2", "usb", "usbtablet"])),
    ("--keyboard", "hidkeyboard", Some(&["ps2", "usb"])),
    ("--usb-ohci", "usb", Some(ON_OFF)),
    ("--usb-ehci", "ehci", Some(ON_OFF)),
    ("--usb-xhci", "xhci", Some(ON_OFF)),
];
const CARDS: &[(&str, Card, Option<&[&str]>)] = &[
    (
        "--nictype",
        Card::Model,
        Some(&["virtio", "82540EM", "82543GC", "82545EM", "Am79C973"]),
    ),
    (
        "--nic",
        Card::Kind,
        Some(&["none", "null", "nat", "hostonly", "hostonlynet"]),
    ),
    ("--hostonlyadapter", Card::Adapter, None),
    ("--host-only-net", Card::Adapter, None),
    ("--macaddress", Card::Mac, None),
    ("--cableconnected", Card::Cable, Some(ON_OFF)),
    ("--natdnsproxy", Card::DnsProxy, Some(ON_OFF)),
];

/// Reads the settings; one that the real program would refuse is an error.
pub fn parse(arguments: &[&str]) -> Result<Vec<Setting>> {
    let mut words = arguments.iter().copied();
    let mut settings = Vec::new();
    while let Some(option) = words.next() {
        let mut value = || {
            words
                .next()
                .ok_or_else(|| wrong(&format!("Missing argument to '{option}'")))
        };
        settings.push(match option {
            "--name" => Setting::Name(value()?.to_owned()),
            "--description" => Setting::Description(value()?.to_owned()),
            _ => {
                if let Some((_, shown, allowed)) = SHOWN.iter().find(|(name, ..)| *name == option) {
                    let value = value()?;
                    among(option, value, *allowed)?;
                    if ["memory", "cpus", "vram"].contains(shown) && value.parse::<u32>().is_err() {
                        return Err(invalid(option, value));
                    }
                    if *shown == "groups" && !value.split(',').all(|group| group.starts_with('/')) {
                        return Err(invalid(option, value));
                    }
                    Setting::Shown(shown, value.to_owned())
                } else if let Some(number) = numbered(option, "--natpf") {
                    match value()? {
                        "delete" => Setting::NoForward(
                            number,
                            words.next().ok_or_else(|| wrong("Missing rule name"))?.to_owned(),
                        ),
                        rule if rule.split(',').count() == 6 => Setting::Forward(number, rule.to_owned()),
                        rule => return Err(invalid(option, rule)),
                    }
                } else {
                    let known = CARDS
                        .iter()
                        .find_map(|(name, card, allowed)| Some((numbered(option, name)?, *card, *allowed)));
                    let (number, card, allowed) =
                        known.ok_or_else(|| wrong(&format!("Unknown option: {option}")))?;
                    let value = value()?;
                    among(option, value, allowed)?;
                    if matches!(card, Card::Mac) && value != "auto" && !is_mac(value) {
                        return Err(invalid(option, value));
                    }
                    Setting::Nic(number, card, value.to_owned())
                }
            }
        });
    }
    Ok(settings)
}

fn invalid(option: &str, value: &str) -> Refused {
    wrong(&format!("Invalid {option} argument '{value}'"))
}

fn among(option: &str, value: &str, allowed: Option<&[&str]>) -> Result<()> {
    match allowed {
        Some(allowed) if !allowed.contains(&value) => Err(invalid(option, value)),
        _ => Ok(()),
    }
}

/// The number of a card in an option such as `--nic2`.
fn numbered(option: &str, name: &str) -> Option<u8> {
    let number = option.strip_prefix(name)?.parse().ok()?;
    (1..=8).contains(&number).then_some(number)
}

/// Twelve digits without colons, as the real program takes them.
fn is_mac(value: &str) -> bool {
    value.len() == 12 && value.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Changes a machine. `mac` is for a card that has none.
pub fn apply(machine: &mut Machine, settings: Vec<Setting>, mac: &str) -> Result<()> {
    for setting in settings {
        match setting {
            Setting::Name(name) => machine.name = name,
            Setting::Description(text) => machine.description = text,
            Setting::Shown(name, value) => {
                machine.settings.insert(name.to_owned(), value);
            }
            Setting::Nic(number, Card::Kind, kind) if kind == "none" => {
                machine.nics.remove(&number);
            }
            Setting::Nic(number, card, value) => {
                let nic = machine.nics.entry(number).or_insert_with(|| Nic {
                    mac: mac.to_owned(),
                    model: "82540EM".to_owned(),
                    ..Nic::default()
                });
                match card {
                    Card::Kind if value == "hostonlynet" => "hostonlynetwork".clone_into(&mut nic.kind),
                    Card::Kind => nic.kind = value,
                    Card::Adapter => nic.adapter = value,
                    Card::Mac if value == "auto" => mac.clone_into(&mut nic.mac),
                    Card::Mac => nic.mac = value.to_uppercase(),
                    Card::Model => nic.model = value,
                    Card::Cable | Card::DnsProxy => {}
                }
            }
            Setting::Forward(number, rule) => {
                let nic = machine.nics.get_mut(&number);
                let nic = nic.ok_or_else(|| wrong("A NAT rule needs a card that is attached to NAT"))?;
                let name = rule.split(',').next().unwrap_or_default();
                if nic
                    .forwards
                    .iter()
                    .any(|other| other.split(',').next() == Some(name))
                {
                    return Err(wrong("A NAT rule of this name already exists"));
                }
                nic.forwards.push(rule);
            }
            Setting::NoForward(number, name) => {
                if let Some(nic) = machine.nics.get_mut(&number) {
                    nic.forwards
                        .retain(|rule| rule.split(',').next() != Some(name.as_str()));
                }
            }
        }
    }
    Ok(())
}

impl Nic {
    /// The first card of a machine.
    pub fn nat(mac: String) -> Self {
        Self {
            kind: "nat".to_owned(),
            mac,
            model: "virtio".to_owned(),
            ..Self::default()
        }
    }
}
