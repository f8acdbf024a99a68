//! Ten machines: one import, never more boots at once than allowed, and no time lost between them.

use std::collections::BTreeMap;

use serde_json::Value;

use super::host::Host;

const TEN: &str = r#"
[cluster]
name = "lab"
kubernetes = "1.20.2"
provider = "virtualbox"
boot_parallelism = 2

[network]
nodes = "192.168.59.0/24"

[workers]
count = 9

[virtualbox]
box = "kprov-tiny"
"#;

/// From when to when each machine had its place to boot, by the events of which the timeline is made.
fn boots(events: &[Value]) -> Vec<(u64, u64)> {
    let mut begun: BTreeMap<&str, u64> = BTreeMap::new();
    let mut boots = Vec::new();
    for event in events.iter().filter(|event| event["step"] == "boot") {
        let lane = event["lane"].as_str().unwrap();
        let at = event["at_ms"].as_u64().unwrap();
        match event["event"].as_str().unwrap() {
            // Said again when the wait for a place is over.
            "step-started" => {
                begun.insert(lane, at);
            }
            "step-finished" => boots.push((begun[lane], at)),
            _ => {}
        }
    }
    boots
}

#[test]
fn ten_machines_come_up_as_quickly_as_their_places_allow() {
    let Some(host) = Host::new(TEN) else { return };
    std::fs::write(host.home.path("boot-seconds"), "2").unwrap();
    host.kprov(&["up", "--no-verify"]).code(0);

    let calls = host.calls();
    let imports = calls
        .iter()
        .filter(|call| call.starts_with("import ") && !call.contains(" -n "));
    assert_eq!(imports.count(), 1, "the box is imported once");
    let clones = calls.iter().filter(|call| call.starts_with("clonevm "));
    assert_eq!(clones.count(), 10);
    let networks = calls.iter().filter(|call| *call == "hostonlyif create");
    assert_eq!(networks.count(), 1, "the network is made once");
    assert_eq!(host.state().machines.len(), 11);

    let boots = boots(&host.events());
    assert_eq!(boots.len(), 10, "{boots:?}");
    let at_once = |at: u64| {
        boots
            .iter()
            .filter(|(begin, end)| *begin <= at && at < *end)
            .count()
    };
    let most = boots.iter().map(|(begin, _)| at_once(*begin)).max();
    assert_eq!(most, Some(2), "{boots:?}");

    let wall =
        boots.iter().map(|(_, end)| end).max().unwrap() - boots.iter().map(|(begin, _)| begin).min().unwrap();
    let sum: u64 = boots.iter().map(|(begin, end)| end - begin).sum();
    eprintln!("ten machines: {wall} ms for {sum} ms of boots, two at once: {boots:?}");
    assert!(
        wall * 10 <= sum / 2 * 12,
        "{wall} ms are more than 1.2 times half of {sum} ms: {boots:?}"
    );

    let (vagrant, manage) = (host.vagrant_calls().len(), calls.len());
    assert_eq!(vagrant, 10, "each machine was booted by one call");
    host.kprov(&["up", "--no-verify"]).code(0).says("0 changed");
    assert_eq!(
        (host.vagrant_calls().len(), host.calls().len()),
        (vagrant, manage)
    );
    host.kprov(&["-y", "destroy"]).code(0);
    assert_eq!(host.state().machines.len(), 1, "the box's master stays");
}
