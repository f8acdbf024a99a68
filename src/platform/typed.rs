//! What people type into the shell of their system: `PowerShell` on Windows, one of `sh`'s family elsewhere.

use super::System;

/// A text as one word.
pub(super) fn word(system: System, text: &str) -> String {
    let is_plain = |c: char| {
        c.is_alphanumeric() || "/:.-_+=@%\\".contains(c) && !(c == '\\' && system != System::Windows)
    };
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    match system {
        System::Windows => format!("'{}'", text.replace('\'', "''")),
        System::Linux | System::Mac => format!("'{}'", text.replace('\'', "'\\''")),
    }
}

/// The command that sets a variable of the environment.
pub(super) fn set_variable(system: System, name: &str, value: &str) -> String {
    match system {
        System::Windows => format!("$env:{name} = '{}'", value.replace('\'', "''")),
        System::Linux | System::Mac => format!("export {name}={}", word(system, value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stays_one_word() {
        for (system, text, typed) in [
            (
                System::Linux,
                "/home/kim/lab/kubeconfig",
                "/home/kim/lab/kubeconfig",
            ),
            (
                System::Linux,
                "/home/kim/실습/kubeconfig",
                "/home/kim/실습/kubeconfig",
            ),
            (
                System::Linux,
                "/home/kim/my lab/it's",
                "'/home/kim/my lab/it'\\''s'",
            ),
            (System::Mac, "a\\b", "'a\\b'"),
            (System::Windows, "C:\\lab\\cluster.toml", "C:\\lab\\cluster.toml"),
            (System::Windows, "C:\\my lab\\it's", "'C:\\my lab\\it''s'"),
            (System::Linux, "", "''"),
            (System::Linux, "$(reboot)", "'$(reboot)'"),
        ] {
            assert_eq!(word(system, text), typed);
        }
    }

    #[test]
    fn a_variable_is_set_as_the_shell_wants_it() {
        let set = |system| set_variable(system, "KUBECONFIG", "/my lab/config");
        assert_eq!(set(System::Linux), "export KUBECONFIG='/my lab/config'");
        assert_eq!(set(System::Windows), "$env:KUBECONFIG = '/my lab/config'");
    }
}
