//! Vagrant is called once a machine, not more often at once than allowed, and its failures are shown.

use crate::place::{LAB, Place};

/// Notes how it is called, makes the machine's id as Vagrant does, and fails as it does without the driver
/// (recorded from Vagrant 2.3.7 with `VirtualBox` 7.0).
const FAILING: &str = r#"
[ "$1" != --version ] || { echo "Vagrant 2.4.9"; exit; }
echo "argv $*" >> "$PLACE/calls"
env | grep -E '^(VAGRANT_|KPROV_BOOT)' | sort > "$PLACE/environment"
pwd > "$PLACE/cwd"
if [ "$1" = destroy ]; then
  rm -r .vagrant/machines
fi
if [ "$1" = up ]; then
  echo "begin" >> "$PLACE/times"
  mkdir -p ".vagrant/machines/$2/$5"
  echo "id-of-$2" > ".vagrant/machines/$2/$5/id"
  sleep 0.4
  echo "end" >> "$PLACE/times"
  echo "Bringing machine '$2' up with '$5' provider..."
  echo "VBoxManage: error: Driverless mode (VERR_SUP_DRIVERLESS)" >&2
  exit 1
fi
"#;

/// The last two machines go on when two were there at once, however slow the other is to come.
const TOGETHER: &str = r#"
  for _ in $(seq 200); do
    [ "$2" != m-k8s ] || break
    ! awk '{now += /begin/ ? 1 : -1; if (now > 1) two = 1} END {exit !two}' "$PLACE/times" || break
    sleep 0.1
  done
  sleep 0.4
"#;

/// All that the doctor asks before the first boot.
const VIRTUALBOX: &str = "echo 7.0.20r163906";

fn up_calls(place: &Place) -> Vec<String> {
    let mut calls: Vec<String> = place.read("calls").lines().map(str::to_owned).collect();
    calls.sort();
    calls
}

#[test]
fn a_failing_vagrant_is_called_once_a_machine_and_shown() {
    let config = LAB.replace(
        "provider = \"virtualbox\"",
        "provider = \"virtualbox\"\nboot_parallelism = 2",
    );
    let Some(place) = Place::without_network(&config) else {
        return;
    };
    place.double("vagrant", &FAILING.replace("sleep 0.4", TOGETHER));
    place.double("VBoxManage", VIRTUALBOX);
    let said = place.kprov(&["up"]).code(1);
    let wanted = ["m-k8s", "w1-k8s", "w2-k8s"]
        .map(|node| format!("argv up {node} --no-provision --provider virtualbox"));
    assert_eq!(up_calls(&place), wanted);

    let folder = place.path(".kprov/lab/vagrant").canonicalize().unwrap();
    assert_eq!(place.read("cwd").trim(), folder.to_str().unwrap());
    assert!(folder.join("Vagrantfile").is_file());
    let environment = place.read("environment");
    for line in [
        "KPROV_BOOT=1",
        "VAGRANT_CHECKPOINT_DISABLE=1",
        "VAGRANT_NO_COLOR=1",
    ] {
        assert!(
            environment.lines().any(|own| own == line),
            "{line} is not in\n{environment}"
        );
    }
    assert!(environment.contains("VAGRANT_CWD="), "{environment}");

    let (mut now, mut most) = (0, 0);
    for line in place.read("times").lines() {
        now = if line == "begin" { now + 1 } else { now - 1 };
        most = most.max(now);
    }
    assert_eq!(most, 2, "this many machines booted at once");

    let said = said.says("`vagrant up m-k8s --no-provision --provider virtualbox` failed with exit status 1");
    let said = said.says("VBoxManage: error: Driverless mode (VERR_SUP_DRIVERLESS)");
    let said = said.says("to see more, run the same in");
    assert!(!said.err.contains('\x1b') && !said.out.contains('\x1b'));
}

#[test]
fn the_rendered_files_are_those_of_the_config_as_it_is_now() {
    let Some(place) = Place::without_network(LAB) else {
        return;
    };
    place.double("vagrant", FAILING);
    place.double("VBoxManage", VIRTUALBOX);
    let rendered = || {
        place.kprov(&["up"]).code(1);
        let files = std::fs::read_dir(place.path(".kprov/lab/kubeadm")).unwrap();
        let mut names: Vec<_> = files
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    assert_eq!(rendered(), ["m-k8s.yaml", "w1-k8s.yaml", "w2-k8s.yaml"]);
    std::fs::write(place.path(".kprov/lab/kubeadm/note"), "mine").unwrap();
    let smaller = LAB.replace("count = 2", "count = 1");
    std::fs::write(place.path("cluster.toml"), smaller).unwrap();
    assert_eq!(rendered(), ["m-k8s.yaml", "note", "w1-k8s.yaml"]);
}

#[test]
fn destroy_removes_the_machines_and_all_state() {
    let Some(place) = Place::without_network(LAB) else {
        return;
    };
    place.double("vagrant", FAILING);
    place.double("VBoxManage", VIRTUALBOX);
    place.kprov(&["up"]).code(1);
    std::fs::remove_file(place.path("calls")).unwrap();
    let said = place.kprov(&["-y", "destroy"]).code(0);
    assert_eq!(up_calls(&place), ["argv destroy --force"]);
    said.says("machine m-k8s").says("machine w2-k8s");
    assert!(!place.path(".kprov").exists());
}

#[test]
fn a_destroy_that_fails_keeps_the_state() {
    let Some(place) = Place::without_network(LAB) else {
        return;
    };
    place.double("vagrant", FAILING);
    place.double("VBoxManage", VIRTUALBOX);
    place.kprov(&["up"]).code(1);
    place.double("vagrant", "echo 'The machine is in use' >&2; exit 1");
    place
        .kprov(&["-y", "destroy"])
        .code(1)
        .says("The machine is in use");
    assert!(place.path(".kprov/lab/vagrant/.vagrant").exists());
}

/// Its words for a machine that another Vagrant works on (hashicorp/vagrant, `templates/locales/en.yml`).
const LOCKED: &str = r#"
[ "$1" != --version ] || { echo "Vagrant 2.4.9"; exit; }
echo "argv $*" >> "$PLACE/calls"
if [ ! -e "$PLACE/was-locked-$2" ]; then
  touch "$PLACE/was-locked-$2"
  echo "Vagrant can't use the requested machine because it is locked! This
means that another Vagrant process is currently reading or modifying
the machine. Please wait for that Vagrant process to end and try
again." >&2
  exit 1
fi
echo "the second time" >&2
exit 1
"#;

#[test]
fn a_locked_machine_is_waited_for() {
    let Some(place) = Place::without_network(&LAB.replace("count = 2", "count = 1")) else {
        return;
    };
    place.double("vagrant", LOCKED);
    place.double("VBoxManage", VIRTUALBOX);
    let said = place.kprov(&["up"]).code(1).says("the second time");
    assert_eq!(up_calls(&place).len(), 4, "{}", place.read("calls"));
    assert!(!said.err.contains("because it is locked"), "{}", said.err);
}

#[test]
fn without_vagrant_it_says_where_to_get_it() {
    let Some(place) = Place::without_network(LAB) else {
        return;
    };
    place
        .kprov_with(&["up"], &[("PATH", "/nowhere")])
        .code(3)
        .says("KP-HOST-001: Vagrant is not installed")
        .says("hashicorp.com");
}

/// Its words while it downloads and imports, and for a machine that never answers (hashicorp/vagrant,
/// `templates/locales/en.yml`); percentages are written over each other.
const SILENT: &str = r#"
printf '\r\033[K==> %s: Progress: 10%%\r\033[K==> %s: Progress: 55%% (Rate: 2000k/s)\r\033[K\n' "$2" "$2"
echo "==> $2: Booting VM..."
echo "Timed out while waiting for the machine to boot. This means that
Vagrant was unable to communicate with the guest machine within
the configured (\"config.vm.boot_timeout\" value) time period." >&2
exit 1
"#;

#[test]
fn progress_is_told_on_and_a_silent_machine_can_be_looked_at() {
    let Some(place) = Place::without_network(&LAB.replace("count = 2", "count = 1")) else {
        return;
    };
    place.double("vagrant", SILENT);
    place.double("VBoxManage", VIRTUALBOX);
    let said = place.kprov(&["up"]).code(1);
    let said = said.says("m-k8s was switched on, but did not answer within 10 minutes");
    let said = said.says("| Timed out while waiting for the machine to boot.");
    said.says("VBoxManage startvm lab-m-k8s --type separate")
        .says("VBoxManage controlvm lab-m-k8s screenshotpng lab-m-k8s.png");
    let runs = std::fs::read_dir(place.path(".kprov/lab/runs"))
        .unwrap()
        .flatten();
    let run = runs.map(|run| run.path()).next().unwrap();
    let events = std::fs::read_to_string(run.join("events.jsonl")).unwrap();
    for done in [10, 55] {
        let progress = format!(
            "\"event\":\"step-progress\",\"lane\":\"m-k8s\",\"step\":\"boot\",\"done\":{done},\"total\":100"
        );
        assert!(events.contains(&progress), "{progress} is not in\n{events}");
    }
    let log = std::fs::read_to_string(run.join("m-k8s.log")).unwrap();
    assert!(!log.contains("Progress"), "{log}");
}
