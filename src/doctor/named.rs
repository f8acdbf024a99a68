//! Advice about machines by their names: a command for each of them, ready to be typed.

/// Of which finding, the name in its advice, and the command; NAME is a machine's name or what stands for it.
const COMMANDS: &[(&str, &str, &str)] = &[
    ("KP-VBOX-012", "look", "VBoxManage showvminfo NAME"),
    ("KP-VBOX-012", "remove", "VBoxManage unregistervm NAME --delete"),
    ("KP-VBOX-016", "forget", "VBoxManage unregistervm NAME"),
    ("KP-VBOX-017", "off", "VBoxManage controlvm NAME poweroff"),
    ("KP-VBOX-017", "end", "pkill -f 'VBoxHeadless.*NAME'"),
    ("KP-VBOX-018", "resume", "VBoxManage controlvm NAME resume"),
    ("KP-VIRT-006", "look", "virsh -c qemu:///system dominfo NAME"),
    ("KP-VIRT-006", "off", "virsh -c qemu:///system destroy NAME"),
    (
        "KP-VIRT-006",
        "remove",
        "virsh -c qemu:///system undefine NAME --remove-all-storage",
    ),
    ("KP-VIRT-007", "resume", "virsh -c qemu:///system resume NAME"),
];

/// What the advice of a finding about these machines is filled with.
pub(super) fn commands(id: &str, names: &[&str]) -> Vec<(&'static str, String)> {
    let own = COMMANDS.iter().filter(|(of, ..)| *of == id);
    own.map(|(_, value, command)| {
        let each = names
            .iter()
            .map(|name| format!("`{}`", command.replace("NAME", name)));
        (*value, each.collect::<Vec<_>>().join(", "))
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_machine_has_its_command() {
        let found = commands("KP-VBOX-018", &["lab-m-k8s", "lab-w1-k8s"]);
        let typed = "`VBoxManage controlvm lab-m-k8s resume`, `VBoxManage controlvm lab-w1-k8s resume`";
        assert_eq!(found, [("resume", typed.to_owned())]);
        assert!(commands("KP-VBOX-001", &["lab-m-k8s"]).is_empty());
    }
}
